//! Counts that what they count does not bear out: names after a colon, a list or a table below, the
//! endpoints, states, sections of the document.

use std::collections::BTreeSet;

use model::claim::Purpose;
use model::{Machine, Spec};
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Applicability, Edit, Level, Span};
use syntax::document::{Document, Section};
use syntax::family::{normal, singular};
use syntax::inline::{Inline, MarkKind, Slice};
use syntax::page::{Block, BlockKind, Fence, Item};
use syntax::quantity::figure;

use crate::count::{Count, counts};
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "miscounted",
    summary: "a count is not that of what it counts",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/miscounted.md"),
    check: Check::Review(miscounted),
};

fn miscounted(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let mut things = Things { spec, numbered: None, titled: None };
    let texts = review.texts();
    for section in &spec.document().sections {
        if texts.heading(section.id).any(Holds::EQUALITY)
            && let Some((count, announced)) = rider(section)
        {
            below(sink, &count, announced, &section.blocks, Some(section), spec);
        }
        let counted = texts.section(section.id).any(Holds::COUNT);
        for (index, block) in section.blocks.iter().enumerate().filter(|_| counted) {
            if let BlockKind::Paragraph(text) = &block.kind
                && let Some(last) = text.all().lines().last().filter(|it| it.as_str().trim_end().ends_with([':', '*']))
                && let Some(count) = announcement(last)
            {
                let following = section.blocks.get(index + 1..).unwrap_or(&[]);
                below(sink, &count, last, following, None, spec);
            }
        }
        for fence in texts.fences_of(section.id) {
            printed(sink, &mut things, section, fence);
        }
        for text in texts.texts_of(section.id).iter().filter(|it| it.holds.any(Holds::COUNT)) {
            let text = text.inline.all();
            for count in counts(text) {
                if text.in_mark(count.digits.offset_in(text), MarkKind::Strike) {
                    continue;
                }
                match list(&count) {
                    Some((names, place)) => named(sink, &count, &names, place),
                    None => of_document(sink, &mut things, section, &count),
                }
            }
        }
    }
}

/// `✓ 14 statuses defined`, in what a command prints.
fn printed(sink: &mut Sink<'_>, things: &mut Things<'_>, section: &Section, fence: &Fence) {
    let text = fence.content.as_str();
    let shown = matches!(fence.lang.as_str(), "" | "text" | "bash" | "sh" | "shell" | "console" | "output");
    if !shown || !["statuses defined", "states defined"].iter().any(|it| text.contains(it)) {
        return;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_end().ends_with("defined") {
            let text = fence.content.slice(start..start + line.trim_end().len());
            let own = Inline { text, marks: Box::default() };
            counts(own.all()).iter().for_each(|it| of_document(sink, things, section, it));
        }
    }
}

fn tell<'s, 'a>(sink: &'s mut Sink<'a>, count: &Count<'_>, found: usize, message: String) -> crate::Finding<'s, 'a> {
    let written = count.written(found);
    sink.report(count.whole.span(), message).fix(
        format!("write `{written}`"),
        Applicability::Unsafe,
        vec![Edit { span: count.digits.span(), text: written }],
    )
}

/// `five roles: a, b, c, d`.
fn named(sink: &mut Sink<'_>, count: &Count<'_>, names: &[&str], place: Span) {
    // What names far fewer explains or shows some.
    let near = names.len().abs_diff(count.number) <= NEAR && names.len() * 2 >= count.number;
    if names.len() != count.number && near && !count.is_limit() {
        let message = format!("{} are announced, {} are named", count.number, names.len());
        drop(tell(sink, count, names.len(), message).label(place, "the names"));
    }
}

/// The count of a heading's rider, and the rider: `Stories (7)`, `Priority Order (6 tiers)`.
fn rider(section: &Section) -> Option<(Count<'_>, Slice<'_>)> {
    let heading = section.heading.all();
    let text = heading.as_str().trim_end_matches([':', ' ', '*']);
    let open = if text.ends_with(')') { text.rfind('(')? } else { return None };
    let inner = heading.get(open + 1..text.len() - 1);
    if let Some(count) = counts(inner).into_iter().next() {
        let alone = count.digits.offset_in(inner) == 0 && count.after.is_blank();
        return alone.then_some((count, inner));
    }
    let number: usize = inner.as_str().trim().parse().ok().filter(|it| (2..=60).contains(it))?;
    let name = heading.get(0..open).trim();
    let noun = name.as_str().rsplit(' ').next()?.to_lowercase();
    let plural = noun.len() > 3 && noun.ends_with('s') && !noun.ends_with("ss") && !noun.ends_with("us");
    plural.then(|| {
        let digits = inner.trim();
        let count = Count {
            number,
            digits,
            whole: digits,
            kind: Vec::new(),
            noun,
            after: inner.from(inner.as_str().len()),
            before: Vec::new(),
        };
        (count, inner)
    })
}

/// The count that a line announces as what follows: `the following three roles:`, `There are four modes:`,
/// `Three modes are supported:`.
fn announcement(line: Slice<'_>) -> Option<Count<'_>> {
    let mut all = counts(line);
    let following = |it: &Count<'_>| {
        let said = |word: Option<&String>| word.is_some_and(|it| it == "following" || it == "these");
        said(it.before.first()) || it.after.as_str().starts_with(" below")
    };
    let single = all.len() == 1;
    if let Some(at) = all.iter().position(following) {
        return Some(all.swap_remove(at));
    }
    let count = all.pop().filter(|_| single)?;
    if ["least", "most", "to", "than", "or", "about", "over", "first", "last", "other", "next", "these", "those", "any"]
        .contains(&count.before.first().map_or("", String::as_str))
    {
        return None;
    }
    let rest = count.after.as_str().trim().trim_end_matches(['*', '_']);
    let ends = rest == ":" || rest == ", as follows:" || rest == " as follows:" || rest == "as follows:";
    let mut words = rest.trim_end_matches(':').split_whitespace();
    let begins = count.before.is_empty();
    let passive =
        begins && words.next().is_some_and(|it| matches!(it, "are" | "exist" | "apply" | "will")) && words.count() <= 2;
    (ends || passive).then_some(count)
}

/// A count is nearly right, or counts something else.
const NEAR: usize = 3;

/// Compares a count with the list, the table or the sections below it.
fn below(
    sink: &mut Sink<'_>,
    count: &Count<'_>,
    announced: Slice<'_>,
    following: &[Block],
    section: Option<&Section>,
    spec: &Spec,
) {
    let doc = spec.document();
    let under = |it: &Section| doc.children(it.id).filter(|inner| inner.level == 1 + it.level).collect::<Vec<_>>();
    let sections = section.map(under).unwrap_or_default();
    let children = sections.len();
    let mut found = None;
    let mut total = 0;
    let mut others = false;
    for (index, block) in following.iter().enumerate() {
        let size = match &block.kind {
            BlockKind::List(list) => {
                let open = list.items.iter().any(|it| is_open_ended(it.text.as_str()));
                // An item that announces others is a remark, and so are those beside it.
                let remarks = |it: &Item| !it.children.is_empty() && it.text.as_str().trim_end().ends_with(':');
                // Items with lists of their own group what is counted.
                let groups = list.items.iter().filter(|it| !it.children.is_empty()).count() * 2 > list.items.len();
                let open = open || section.is_some() && (groups || list.items.iter().any(remarks));
                if open { None } else { Some((list.items.len(), block.span)) }
            }
            BlockKind::Table(table) => Some((table.rows.len(), table.header_span)),
            // A line of its own says what follows it.
            BlockKind::Paragraph(text) if section.is_some() && text.as_str().trim_end().ends_with(':') => None,
            BlockKind::Paragraph(_) | BlockKind::Fence(_) if section.is_some() || index > 0 => continue,
            _ => None,
        };
        let Some(size) = size else { break };
        total += size.0;
        // Several lists make one where their items are interrupted.
        if total == count.number {
            return;
        }
        others |= found.is_some();
        found = found.or(Some(size));
    }
    if children == count.number || section.is_some_and(|_| children > 0 && found.is_some()) {
        return;
    }
    // Other headings are steps, remarks, parts of one of them.
    let alike = sections.iter().filter(|it| is_one_of(it, &count.noun)).count();
    let (size, place) = match (found, section) {
        (None, Some(section)) if alike >= 2 && section.level > 1 => (alike, section.span),
        (Some(found), _) if !others => found,
        _ => return,
    };
    if size == count.number
        || size < 2
        || size.abs_diff(count.number) > NEAR
        || size * 2 < count.number
        || is_open_ended(announced.as_str())
    {
        return;
    }
    let what = if found.is_some() { "the list has" } else { "the section has" };
    let message = format!("{} {} are announced, {what} {size}", count.number, count.noun);
    let finding = tell(sink, count, size, message);
    drop(match place {
        place if found.is_some() => finding.label(place.head(), "the list"),
        _ => finding,
    });
}

/// Whether a heading says that its section is one of what a noun counts: `Route 3: …`, `The Drivers' Route`.
fn is_one_of(section: &Section, noun: &str) -> bool {
    let one = noun.strip_suffix("ies").map_or_else(|| singular(noun).to_owned(), |it| format!("{it}y"));
    section.heading.as_str().split(|it: char| !it.is_alphanumeric()).any(|it| it.to_lowercase() == one)
}

fn is_open_ended(text: &str) -> bool {
    let lower = text.to_lowercase();
    ["etc", "...", "…", "such as", "including", "for example", "e.g", "at least", "up to", "and more", "and so on"]
        .iter()
        .any(|it| lower.contains(it))
}

/// What the document has many of, by noun; found when it is first asked for.
struct Things<'a> {
    spec: &'a Spec,
    /// Places of numbered headings by their kind word: `story`, `phase`.
    numbered: Option<FxHashMap<String, Vec<Span>>>,
    /// What stands in sections whose title is a plural, by its last word.
    titled: Option<FxHashMap<String, Option<Vec<Span>>>>,
}

impl Things<'_> {
    /// The states of the machine that a number must be of: the largest, if none has just so many.
    fn states(&self, number: usize) -> Option<Vec<Span>> {
        let all = |machine: &Machine| machine.states.iter().map(|it| it.name.span).collect::<Vec<_>>();
        // A state that is led to and never described may be misspelt.
        let described = |machine: &Machine| {
            let left: FxHashSet<&str> = machine.transitions.iter().map(|it| it.from.as_str()).collect();
            let own = machine.states.iter().filter(|it| it.final_at.is_some() || left.contains(it.key.as_str()));
            own.map(|it| it.name.span).collect::<Vec<_>>()
        };
        let machines = &self.spec.machines;
        let fits = |it: &&Machine| it.states.len() == number || described(it).len() == number;
        if let Some(machine) = machines.iter().find(fits) {
            return Some(all(machine)).filter(|it| it.len() == number);
        }
        let largest = machines.iter().max_by_key(|it| it.states.len())?;
        let final_states = largest.states.iter().any(|it| it.final_at.is_some());
        Some(if final_states { described(largest) } else { all(largest) })
    }

    /// The places of all things of a noun, where the document has them once.
    fn of(&mut self, noun: &str, kind: &[String], number: usize) -> Option<Vec<Span>> {
        let spec = self.spec;
        let own = singular(noun).to_owned();
        if matches!(noun, "states" | "statuses") && kind.is_empty() {
            return self.states(number);
        }
        if matches!(noun, "services" | "components" | "modules") && kind.is_empty() {
            let places: Vec<Span> = spec
                .claims()
                .subjects_of("component")
                .filter_map(|it| spec.claims().about(it).next().map(|it| it.span))
                .collect();
            if places.len() >= 2 {
                return Some(places);
            }
        }
        if matches!(noun, "tables" | "entities") && kind.is_empty() {
            let kept = spec.entities.iter().filter(|it| it.kept && it.purpose == Purpose::Whole);
            return Some(kept.map(|it| it.name.span).collect());
        }
        let numbered = self.numbered.get_or_insert_with(|| numbered(spec));
        if kind.is_empty()
            && let Some(places) = numbered.get(&own)
        {
            return Some(places.clone());
        }
        let titled = self.titled.get_or_insert_with(|| titled(spec));
        let key = kind.iter().map(String::as_str).chain([own.as_str()]).collect::<Vec<_>>().join(" ");
        titled.get(&normal(&key)).cloned().flatten()
    }
}

/// Headings such as `Story 3: …` and `### Phase 2`, by kind word; a kind that is numbered anew in another
/// section is not counted.
fn numbered(spec: &Spec) -> FxHashMap<String, Vec<Span>> {
    let mut found: FxHashMap<String, (BTreeSet<String>, Vec<Span>, bool)> = FxHashMap::default();
    for section in spec.document().sections.iter().filter(|it| it.level > 0) {
        let text = section.heading.as_str().trim_start_matches(|it: char| !it.is_alphanumeric());
        let Some((kind, rest)) = text.split_once(' ') else { continue };
        let end = rest.find(|it: char| !it.is_ascii_alphanumeric() && it != '.').unwrap_or(rest.len());
        let ordinal = rest.get(..end).unwrap_or("").trim_end_matches('.');
        if kind.len() < 4
            || !ordinal.starts_with(|it: char| it.is_ascii_digit())
            || !kind.chars().all(char::is_alphabetic)
        {
            continue;
        }
        let entry = found.entry(kind.to_lowercase()).or_default();
        if !entry.0.insert(ordinal.to_owned()) {
            entry.2 = true;
        }
        entry.1.push(section.span);
    }
    found.into_iter().filter(|(_, it)| !it.2 && it.1.len() >= 2).map(|(kind, it)| (kind, it.1)).collect()
}

/// Sections whose heading is what they list: `Roles`, `Environments`. `None` for a heading that two have.
fn titled(spec: &Spec) -> FxHashMap<String, Option<Vec<Span>>> {
    let doc = spec.document();
    let mut found: FxHashMap<String, Option<Vec<Span>>> = FxHashMap::default();
    for section in doc.sections.iter().filter(|it| it.level > 1) {
        let heading = section.name();
        let plural = heading.as_str().trim_end_matches([':', ' ']).ends_with(['s', 'S']);
        if !plural || section.title.key().is_empty() {
            continue;
        }
        let children: Vec<Span> =
            doc.children(section.id).filter(|it| it.level == section.level + 1).map(|it| it.span).collect();
        let mut lists = section.blocks.iter().filter_map(|block| match &block.kind {
            BlockKind::Table(table) => Some(table.rows.iter().map(|it| it.span).collect::<Vec<_>>()),
            BlockKind::List(list) => Some(list.items.iter().map(|it| it.span).collect()),
            _ => None,
        });
        let places = match (lists.next(), lists.next(), children.len()) {
            (Some(list), None, 0) => list,
            (None, None, 2..) => children,
            _ => continue,
        };
        let entry = found.entry(section.title.key().to_owned());
        entry.and_modify(|it| *it = None).or_insert(Some(places));
    }
    found
}

/// Compares a count with what the whole document has.
fn of_document(sink: &mut Sink<'_>, things: &mut Things<'_>, section: &Section, count: &Count<'_>) {
    if count.noun == "endpoints" {
        return endpoints(sink, things.spec, section, count);
    }
    let (all, whole) = (count.is_of_all(), count.is_of_whole());
    let declared = is_verdict(count.after.as_str()) || matches!(count.after.as_str().trim(), "defined" | "in total");
    let after = count.after.as_str();
    if !(all || whole || declared) || count.number < 2 || is_narrowed(after) || is_of_present(after) {
        return;
    }
    let Some(places) = things.of(&count.noun, &count.kind, count.number) else { return };
    let found = places.len();
    if found == count.number
        || found < 2
        || found.abs_diff(count.number) > NEAR
        || is_of_part(things.spec, section, &places, count)
    {
        return;
    }
    let message = format!("{} {} are counted, the document has {found}", count.number, count.noun);
    let first = places.first().copied().unwrap_or_default();
    // A document may show some of its tables.
    let level = if matches!(count.noun.as_str(), "tables" | "entities") { Level::Info } else { Level::Warning };
    drop(
        tell(sink, count, found, message)
            .label(first, "the first of them")
            .help("add what is missing, or correct the number")
            .level(level),
    );
}

/// `14 statuses defined`.
fn is_verdict(after: &str) -> bool {
    let mut words = after.split_whitespace();
    let first = words.next().unwrap_or("").trim_end_matches(['.', ',', ';']);
    matches!(first, "defined" | "declared" | "specified" | "described") && words.next().is_none()
}

/// Whether the words after a noun speak of what is there already: `all 43 endpoints currently return …`.
fn is_of_present(after: &str) -> bool {
    let mut words = after.split(['.', ';']).next().unwrap_or("").split_whitespace();
    words.any(|it| matches!(it, "currently" | "already" | "today" | "existing"))
}

/// Whether the words after a noun say which of them are meant.
fn is_narrowed(after: &str) -> bool {
    let first = after.split_whitespace().next().unwrap_or("");
    matches!(
        first,
        "for"
            | "of"
            | "that"
            | "which"
            | "with"
            | "in"
            | "under"
            | "above"
            | "below"
            | "from"
            | "to"
            | "on"
            | "used"
            | "at"
            | "by"
            | "and"
            | "or"
            | "("
            | "per"
            | "whose"
            | "after"
            | "before"
            | "without"
            | "into"
    ) || after.starts_with([',', '/', '-'])
}

/// Whether some section holds just so many of the things: they are meant.
fn is_of_part(spec: &Spec, section: &Section, places: &[Span], count: &Count<'_>) -> bool {
    let doc = spec.document();
    let within = |extent: Span| places.iter().filter(|it| extent.contains(**it)).count();
    let own = doc.ancestors(section.id).filter(|it| it.level > 1).map(|it| within(it.extent));
    own.filter(|it| *it > 0).any(|it| it < places.len())
        || doc.sections.iter().take(MAX_SECTIONS).any(|it| it.level > 1 && within(it.extent) == count.number)
}

/// Sections that are looked at for a part.
const MAX_SECTIONS: usize = 400;

/// Larger APIs are not counted in words.
const MAX_ENDPOINTS: usize = 100;

/// Whether a place stands in a step of a plan, which names what is to be done in it, not all that there is.
fn is_planned(doc: &Document, span: Span) -> bool {
    const WORDS: [&str; 6] = ["phase", "task", "sprint", "step", "week", "milestone"];
    let above = doc.section_at(span).into_iter().flat_map(|it| doc.ancestors(it.id));
    above.into_iter().any(|it| it.title.whole.split(' ').next().is_some_and(|it| WORDS.contains(&it)))
}

/// `all six endpoints` against those of the API.
fn endpoints(sink: &mut Sink<'_>, spec: &Spec, section: &Section, count: &Count<'_>) {
    let size = spec.endpoints.len();
    let said = count.is_of_all() || count.is_of_whole();
    if !said || is_of_present(count.after.as_str()) || count.number < 3 || !(2..=MAX_ENDPOINTS).contains(&size) {
        return;
    }
    if spec.endpoints.first().is_some_and(|it| is_planned(spec.document(), it.span)) {
        return;
    }
    let plain = |it: &&String| !matches!(it.as_str(), "api" | "rest" | "restful" | "http" | "public" | "these");
    let words: Vec<&String> = count.kind.iter().filter(plain).collect();
    let stem = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let with =
        |stem: &str| spec.endpoints.iter().filter(|it| it.path.to_lowercase().contains(stem)).collect::<Vec<_>>();
    let own = |word: &str| with(&stem(word)).len();
    let found = match words.as_slice() {
        [] => size,
        [word] if own(word) >= 2 => own(word),
        _ => return,
    };
    // The API may be named after one of its resources, but not if the others tell of its health.
    let operational =
        |path: &str| ["health", "ready", "metrics", "status", "version"].iter().any(|it| path.contains(it));
    let served = spec.endpoints.iter().filter(|it| !operational(&it.path)).count();
    let counted = with(&words.first().map(|it| stem(it)).unwrap_or_default());
    let places: Vec<Span> = counted.iter().map(|it| it.span).collect();
    if count.number == found || count.number == served || (size == count.number && served != found) {
        return;
    }
    // Many more are those of another API. Fewer may be those of one section.
    if count.number > found + NEAR {
        return;
    }
    if count.number < found
        && (!count.is_of_all() || !words.is_empty() || found - count.number > NEAR || is_narrowed(count.after.as_str()))
    {
        return;
    }
    if count.number < found && is_of_part(spec, section, &places, count) {
        return;
    }
    let message = format!("{} are announced, the API has {found}", count.number);
    let mut finding = tell(sink, count, found, message);
    if let Some(first) = places.first() {
        finding = finding.label(*first, "the first of them");
    }
    drop(finding.help("add what is missing, or correct the number"));
}

/// Whether a name stands for more than one thing: `CRUD`, `0–3`, `read/write`, `a or b`.
fn is_several(name: &str) -> bool {
    let lower = name.to_lowercase();
    let range = |dash: char| {
        let mut around = name.split(dash).map(|it| it.ends_with(|it: char| it.is_ascii_digit()));
        around.next() == Some(true) && around.next().is_some()
    };
    lower.split_whitespace().any(|it| matches!(it, "crud" | "or" | "others"))
        || name.contains('/')
        || range('-')
        || range('–')
}

/// `PickStatus`, `pick_status`, `` `pick` ``: a name that somebody gave, and not a word.
fn is_identifier(name: &str) -> bool {
    let name = name.trim_matches('`');
    let inner = name.chars().skip(1).any(|it| it.is_uppercase() || it == '_');
    !name.contains(' ') && inner && name.chars().any(char::is_lowercase)
}

/// A longer list is no list of names.
const MAX_LIST: usize = 600;

/// The names after `five roles: a, b` or `(five roles: a, b)`, if each is a name and they are all. What stands in
/// brackets, as in `six tests (sizes, colours)`, is what they are about, unless the count is that of all or
/// each is the name of a thing.
fn list<'a>(count: &Count<'a>) -> Option<(Vec<&'a str>, Span)> {
    let after = count.after;
    let rest = after.as_str();
    let skipped = rest.len() - rest.trim_start_matches(['*', ' ']).len();
    let rest = rest.get(skipped..)?;
    let open = rest.chars().next().filter(|it| matches!(it, ':' | '('))?;
    let body = figure::head(rest.get(1..)?, MAX_LIST);
    let end = match open {
        '(' => body.find(')')?,
        _ => body.find(['\n', ')', ';']).unwrap_or(body.len()),
    };
    let body = body.get(..end)?;
    let trimmed = body.trim().trim_matches('*').trim_end_matches('.');
    // `e.g.`, a sentence, or a list in a list.
    if !trimmed.contains(',') || trimmed.contains([':', '.', '(', ';', '=', '\u{2192}', '+', '?', '!']) {
        return None;
    }
    let lower = trimmed.to_lowercase();
    if ["etc", "such as", "including", "for example", "eg ", "other", "more", "…", "incl"]
        .iter()
        .any(|it| lower.contains(it))
    {
        return None;
    }
    let parts: Vec<&str> = trimmed.split(',').map(str::trim).collect();
    let mut names = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let part = if at + 1 == parts.len() { part.trim_start_matches("and ").trim_start_matches("& ") } else { part };
        match part.split_once(" and ").filter(|_| at + 1 == parts.len()) {
            Some((one, two)) => names.extend([one, two]),
            None => names.push(part),
        }
    }
    let is_name = |it: &&str| {
        let count = it.split_whitespace().count();
        // `L278`, `§4`: places and no names.
        let place = it.len() > 2 && it.chars().skip(1).all(|it| it.is_ascii_digit());
        (1..=3).contains(&count) && !place && !it.starts_with(|it: char| it.is_ascii_digit())
    };
    let plain = names.len() >= 2 && names.iter().all(is_name) && !names.iter().any(|it| is_several(it));
    let all = || count.is_of_all() || count.is_of_whole() || count.before.first().is_some_and(|it| it == "the");
    let things = || names.iter().all(|it| is_identifier(it));
    if open == '(' && !all() && !things() {
        return None;
    }
    let start = skipped + 1;
    plain.then(|| (names, after.get(start..start + end).span()))
}

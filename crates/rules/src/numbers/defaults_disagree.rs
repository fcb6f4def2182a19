//! Defaults of one option, variable or parameter that differ.

use model::Spec;
use model::claim::{Form, Property, Purpose};
use model::names::key;
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};
use syntax::columns::is_nothing;
use syntax::document::Section;
use syntax::inline::{Inline, Slice};
use syntax::page::{Block, BlockKind, Row};
use syntax::quantity::figure::{self, CONVENTIONS};
use syntax::{Document, Family};

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "defaults-disagree",
    summary: "one option or parameter has two defaults",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/defaults-disagree.md"),
    check: Check::Review(defaults_disagree),
};

/// A default, where it is said.
#[derive(Clone)]
struct Default {
    /// As it is written where it is declared.
    name: String,
    value: String,
    span: Span,
    /// A fence shows what may be set, and not always what is set where nothing is.
    shown: bool,
}

fn defaults_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let mut known: FxHashMap<String, Default> = FxHashMap::default();
    let mut told: Vec<Span> = Vec::new();
    let claims = spec.claims();
    for kind in ["config", "env"] {
        for subject in claims.subjects_of(kind) {
            let mut first: Option<Default> = None;
            let declared = claims.of(subject, Property::Declared).find_map(|it| it.value.as_text());
            let name = declared.unwrap_or(subject.as_str());
            for claim in claims.of(subject, Property::Default) {
                let Some(value) = claim.value.as_text().filter(|it| !is_nothing(it)) else { continue };
                let shown = claim.form == Form::Fence;
                let own = Default { name: name.to_owned(), value: value.to_owned(), span: claim.span, shown };
                match &first {
                    Some(other) => compare(sink, &mut told, other, &own),
                    None => first = Some(own),
                }
            }
            if let Some(first) = first {
                known.insert(key(name), first);
            }
        }
    }
    fields(sink, &mut told, spec);
    // A parameter of many endpoints has a default of its own in each, unless they all have one.
    let mut shared: FxHashMap<String, Option<Default>> = FxHashMap::default();
    let mut order: Vec<String> = Vec::new();
    for endpoint in &spec.endpoints {
        for parameter in &endpoint.parameters {
            let Some(value) = &parameter.value.default else { continue };
            let own = Default {
                name: parameter.value.name.clone(),
                value: value.clone(),
                span: parameter.span,
                shown: false,
            };
            let name = key(&parameter.value.name);
            if !shared.contains_key(&name) {
                order.push(name.clone());
            }
            let entry = shared.entry(name).or_insert_with(|| Some(own.clone()));
            if entry.as_ref().is_some_and(|it| differ(&it.value, &own.value) != Some(false)) {
                *entry = None;
            }
        }
    }
    for name in order {
        if let Some(Some(default)) = shared.remove(&name) {
            known.entry(name).or_insert(default);
        }
    }
    stated(review, &mut known);
    if known.is_empty() {
        return;
    }
    let texts = review.texts();
    let endpoints = Endpoints::of(spec);
    for section in spec.document().sections.iter().filter(|it| texts.section(it.id).any(Holds::DEFAULT)) {
        let tables = texts.tables_of(section.id);
        let cells = tables.iter().flat_map(|it| &it.rows).flat_map(|it| &it.cells);
        let cells: FxHashSet<Span> =
            cells.filter(|it| it.as_str().contains("efault")).map(|it| it.all().span()).collect();
        for text in texts.texts_of(section.id).iter().filter(|it| it.holds.any(Holds::DEFAULT)) {
            let all = text.inline.all();
            let place = Place { section, endpoints: &endpoints, cell: cells.contains(&all.span()) };
            all.lines().for_each(|it| line(sink, &mut told, &place, it, &mut known));
        }
        for table in tables {
            let of_fields = table.keys.first().is_some_and(|it| FIELDS.contains(&it.as_str()));
            let place = Place { section, endpoints: &endpoints, cell: true };
            table.rows.iter().for_each(|it| row(sink, &mut told, &place, (it, of_fields), &known));
        }
    }
}

/// What the first column of a table of fields is called.
const FIELDS: [&str; 6] = ["field", "column", "attribute", "property", "field name", "column name"];

/// Where a text stands.
struct Place<'a> {
    section: &'a Section,
    endpoints: &'a Endpoints<'a>,
    /// It is a cell: its row is about something.
    cell: bool,
}

impl Place<'_> {
    /// Whether what is said at one place is said of one endpoint, and what is known is not said of it.
    fn is_apart(&self, own: Span, known: Span) -> bool {
        self.endpoints.document.ancestors(self.section.id).any(|it| {
            it.level > 1 && it.extent.contains(known) != it.extent.contains(own) && self.endpoints.is_of_one(it)
        })
    }
}

/// Where the endpoints stand.
struct Endpoints<'a> {
    document: &'a Document,
    /// The routes, in order.
    starts: Vec<u32>,
}

impl Endpoints<'_> {
    fn of(spec: &Spec) -> Endpoints<'_> {
        let document = spec.document();
        let own = spec.endpoints.iter().filter(|it| it.span.file == document.file);
        let mut starts: Vec<u32> = own.map(|it| it.span.start).collect();
        starts.sort_unstable();
        Endpoints { document, starts }
    }

    /// Whether a section is about one endpoint of several.
    fn is_of_one(&self, section: &Section) -> bool {
        let from = self.starts.partition_point(|it| *it < section.extent.start);
        let to = self.starts.partition_point(|it| *it < section.extent.end);
        section.own == Some(Family::Endpoint)
            || !syntax::route::find(section.heading.as_str()).is_empty()
            || to - from == 1 && self.starts.len() > 1
    }
}

/// The defaults that the declarations of one record give a field: literals only, as a call in one language is
/// written differently in another.
fn fields(sink: &mut Sink<'_>, told: &mut Vec<Span>, spec: &Spec) {
    let claims = spec.claims();
    for entity in spec.entities.iter().filter(|it| it.is_record() && it.sources.len() > 1) {
        for field in entity.fields.iter().filter(|it| it.default.is_some()) {
            let mut first: Option<Default> = None;
            for claim in claims.of(&field.subject, Property::Default) {
                let whole = claims.source_of(claim).is_none_or(|it| it.purpose == Purpose::Whole);
                let Some(value) = claim.value.as_text().filter(|it| whole && is_literal(it) && !is_nothing(it)) else {
                    continue;
                };
                let name = field.name.value.clone();
                let own = Default { name, value: value.to_owned(), span: claim.span, shown: false };
                match &first {
                    Some(other) if !same_word(&other.value, value) => compare(sink, told, other, &own),
                    Some(_) => {}
                    None => first = Some(own),
                }
            }
        }
    }
}

/// `now()` and `CURRENT_TIMESTAMP` are computed.
fn is_literal(value: &str) -> bool {
    !value.contains('(') && !value.to_ascii_lowercase().starts_with("current_")
}

/// `IN_PROGRESS`, `in-progress` and the constant `StatusInProgress` are one value.
fn same_word(a: &str, b: &str) -> bool {
    let (a, b) = (key(bare(a)), key(bare(b)));
    let named = |it: &str| it.starts_with(char::is_alphabetic);
    a == b || named(&a) && named(&b) && (a.ends_with(&b) || b.ends_with(&a))
}

/// The first statement of the default of each option or variable that is declared without one, and of
/// parameters in rows: `limit | integer | default 20`.
fn stated(review: &Review<'_>, known: &mut FxHashMap<String, Default>) {
    let (spec, texts) = (review.spec, review.texts());
    let claims = spec.claims();
    for kind in ["config", "env"] {
        for subject in claims.subjects_of(kind) {
            let name = claims.of(subject, Property::Declared).find_map(|it| it.value.as_text());
            let Some(name) = name.filter(|it| !known.contains_key(&key(it))) else { continue };
            let own = claims.of(subject, Property::Description).find_map(|it| it.value.as_text());
            if own.is_some_and(|it| it.contains("efault")) {
                let unsaid =
                    Default { name: name.to_owned(), value: String::new(), span: Span::default(), shown: false };
                known.insert(key(name), unsaid);
            }
        }
    }
    let mut rows: FxHashMap<String, Vec<Default>> = FxHashMap::default();
    let mut order = Vec::new();
    let speaks = |it: &&Section| texts.section(it.id).any(Holds::DEFAULT);
    for section in spec.document().sections.iter().filter(speaks) {
        for table in texts.tables_of(section.id) {
            let named = table
                .keys
                .first()
                .is_some_and(|it| matches!(it.as_str(), "name" | "parameter" | "param" | "query parameter"));
            for row in table.rows.iter().filter(|_| named) {
                let Some(name) = row.cells.first().map(|it| it.as_str().trim()) else { continue };
                for value in row.cells.iter().skip(1).filter_map(|it| said(it.all())) {
                    let own = Default {
                        name: name.to_owned(),
                        value: value.as_str().to_owned(),
                        span: value.span(),
                        shown: false,
                    };
                    let all = rows.entry(key(name)).or_default();
                    if all.is_empty() {
                        order.push(key(name));
                    }
                    all.push(own);
                }
            }
        }
    }
    for section in spec.document().sections.iter().filter(speaks) {
        items(&section.blocks, &mut |text: &Inline| {
            for (name, value) in text.all().lines().flat_map(paired) {
                let own = Default {
                    name: name.as_str().to_owned(),
                    value: value.as_str().to_owned(),
                    span: value.span(),
                    shown: false,
                };
                let named = rows.entry(key(name.as_str())).or_default();
                if named.is_empty() {
                    order.push(key(name.as_str()));
                }
                named.push(own);
            }
        });
    }
    for name in order {
        if let Some([one]) = rows.get(&name).map(Vec::as_slice) {
            known.entry(name).or_insert_with(|| one.clone());
        }
    }
}

/// The defaults of a line that are said of names in code, each with its own.
fn paired(line: Slice<'_>) -> Vec<(Slice<'_>, Slice<'_>)> {
    let starts = starts(line.as_str());
    let pairs = starts.filter_map(|(start, end)| {
        let name = coded(line, start).filter(|it| is_name(it.as_str()))?;
        let after = line.get(end..clause_end(line.as_str(), end));
        Some((name, value(line, end + behind(after.as_str())?)?))
    });
    pairs.collect()
}

/// The name in code that a default at a place is said of: the one that it stands in the rider of, else the one
/// that its line begins with.
fn coded(line: Slice<'_>, start: usize) -> Option<Slice<'_>> {
    nearest(line, start).or_else(|| line.leading_code().filter(|it| it.offset_in(line) < start))
}

/// The code span that a place stands directly behind, or in brackets after.
fn nearest(line: Slice<'_>, start: usize) -> Option<Slice<'_>> {
    let last = line.get(0..start).codes().last()?;
    let between = line.as_str().get(last.offset_in(line) + last.as_str().len()..start)?.trim();
    let opened = between.starts_with(['(', '[']) && !between.contains([')', ']']);
    (opened || between.chars().all(|it| !it.is_alphanumeric() && !matches!(it, ')' | ']' | ';' | '.'))).then_some(last)
}

/// The items that speak of a default.
fn items(blocks: &[Block], visit: &mut impl FnMut(&Inline)) {
    for block in blocks {
        let BlockKind::List(list) = &block.kind else { continue };
        for item in &list.items {
            if item.text.as_str().contains("efault") {
                visit(&item.text);
            }
            items(&item.children, visit);
        }
    }
}

/// `MAX_AMOUNT`, `cache.ttl`, `pageSize`.
fn is_name(word: &str) -> bool {
    word.len() > 2 && word.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '.' | '-'))
}

/// The value after `default` in a cell.
fn said(cell: Slice<'_>) -> Option<Slice<'_>> {
    let lower = cell.as_str().to_ascii_lowercase();
    let found = |words: &str| Some(lower.find(words)? + words.len());
    let at = ["defaults to ", "default: ", "default is ", "default = "].iter().find_map(|it| found(it));
    let at = at.or_else(|| {
        found("default ").filter(|it| lower.get(*it..).is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit())))
    })?;
    value(cell, at)
}

/// Tells two defaults of one thing that differ, once for each place.
fn compare(sink: &mut Sink<'_>, told: &mut Vec<Span>, first: &Default, own: &Default) {
    if told.iter().any(|it| it.contains(own.span) || own.span.contains(*it)) {
        return;
    }
    let name = &first.name;
    if first.value.is_empty() || differ(&first.value, &own.value) != Some(true) || first.span == own.span {
        return;
    }
    told.push(own.span);
    let level = if first.shown || own.shown { Level::Info } else { Level::Warning };
    let (here, there) = (bare(&own.value), bare(&first.value));
    drop(
        sink.report(own.span, format!("the default of `{name}` is `{here}` here, `{there}` there"))
            .label(first.span, format!("`{there}` here"))
            .level(level),
    );
}

fn bare(value: &str) -> &str {
    value.trim().trim_matches(['`', '"', '\'', '*', '.', ',', ')', '(']).trim()
}

/// Whether two values differ; `None` where that cannot be told.
fn differ(a: &str, b: &str) -> Option<bool> {
    let (a, b) = (bare(a), bare(b));
    if a.eq_ignore_ascii_case(b) {
        return Some(false);
    }
    match (figure::only(a), figure::only(b)) {
        (Some(x), Some(y)) if x.high.is_none() && y.high.is_none() => {
            if x.dimension() != y.dimension()
                || x.is_percent() != y.is_percent()
                || x.unit.is_empty() != y.unit.is_empty()
            {
                return None;
            }
            let same = CONVENTIONS.iter().any(|it| {
                let (x, y) = (x.low * x.factor(*it), y.low * y.factor(*it));
                (x - y).abs() <= 1e-9 * x.abs().max(y.abs())
            });
            Some(!same)
        }
        (None, None) => {
            // Words: only plain ones can be told apart.
            let word =
                |it: &str| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
            (word(a) && word(b) && !is_prose(a) && !is_prose(b)).then_some(true)
        }
        _ => None,
    }
}

/// Words that stand for no value.
fn is_prose(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "required"
            | "generated"
            | "random"
            | "auto"
            | "unset"
            | "empty"
            | "none"
            | "optional"
            | "yes"
            | "no"
            | "see"
            | "a"
            | "the"
            | "value"
            | "values"
            | "all"
            | "any"
            | "null"
            | "same"
            | "current"
            | "is"
            | "your"
            | "varies"
            | "platform"
    )
}

/// Defaults that are looked at in one line.
const MAX_STATEMENTS: usize = 16;

/// Where the word `default` begins and ends in a text.
fn starts(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let found = text.match_indices("efault").take(MAX_STATEMENTS);
    found.filter_map(|(at, _)| {
        let start = at.checked_sub(1)?;
        let begins = text.get(start..)?.starts_with(['d', 'D'])
            && !text.get(..start)?.ends_with(|it: char| it.is_alphanumeric() || it == '_' || it == '-');
        let end = start + text.get(start..)?.find(|it: char| !it.is_alphabetic())?;
        begins.then_some((start, end))
    })
}

/// `limit` defaults to 25; the default page size is 20; page size (default: 20).
fn line(
    sink: &mut Sink<'_>,
    told: &mut Vec<Span>,
    place: &Place<'_>,
    line: Slice<'_>,
    known: &mut FxHashMap<String, Default>,
) {
    for at in starts(line.as_str()) {
        let Some((name, value)) = statement(line, at, place.cell, known) else { continue };
        let Some(default) = known.get_mut(&name) else { continue };
        if default.value.is_empty() {
            (default.value, default.span) = (value.as_str().to_owned(), value.span());
            continue;
        }
        let own = Default { name: name.clone(), value: value.as_str().to_owned(), span: value.span(), shown: false };
        // What stands with one endpoint is said of its parameter.
        if !place.is_apart(own.span, default.span) {
            compare(sink, told, default, &own);
        }
    }
}

/// A default in the description of a row that begins with a name.
fn row(
    sink: &mut Sink<'_>,
    told: &mut Vec<Span>,
    place: &Place<'_>,
    (row, of_fields): (&Row, bool),
    known: &FxHashMap<String, Default>,
) {
    let mut cells = row.cells.iter();
    let Some(default) = cells.next().and_then(|it| known.get(&key(it.as_str().trim()))) else { return };
    // A field of a record is no parameter or option of its name.
    if of_fields && !row.span.contains(default.span) {
        return;
    }
    for value in cells.filter(|it| it.as_str().contains("efault")).filter_map(|it| said(it.all())) {
        let own =
            Default { name: default.name.clone(), value: value.as_str().to_owned(), span: value.span(), shown: false };
        let same = own.span.contains(default.span) || default.span.contains(own.span);
        if !same && !place.is_apart(own.span, default.span) {
            compare(sink, told, default, &own);
        }
    }
}

/// The name and the value of a default whose word begins and ends at places. In a cell, whose row may be about
/// anything, the name is one in code.
fn statement<'a>(
    line: Slice<'a>,
    (start, word_end): (usize, usize),
    cell: bool,
    known: &FxHashMap<String, Default>,
) -> Option<(String, Slice<'a>)> {
    let text = line.as_str();
    let after = text.get(word_end..clause_end(text, word_end))?;
    let before = text.get(..start)?;
    let clause_start = before.rfind(['.', ';', '\n', '|']).map_or(0, |it| it + 1);
    let clause = before.get(clause_start..)?;
    if is_elsewhere(clause) || is_elsewhere(after) {
        return None;
    }
    if let Some(size) = behind(after) {
        // `limit` defaults to 25; page size (default: 20): the name stands before.
        let coded = if cell { nearest(line, start) } else { coded(line, start) };
        let name = match coded.filter(|it| is_name(it.as_str())) {
            Some(name) => Some(key(name.as_str())).filter(|it| known.contains_key(it)),
            None if cell => None,
            None => name_before(line.get(0..start).as_str(), clause, known),
        };
        return Some((name?, value(line, word_end + size)?));
    }
    // The default limit is 25; a default page size of 20: the name stands between.
    let (end, size) = [" is ", " of ", ": ", " = "].iter().filter_map(|it| Some((after.find(it)?, it.len()))).min()?;
    let name = key(after.get(..end)?);
    known.contains_key(&name).then_some(())?;
    // A plain word after it is part of a sentence: `the default level is shown`.
    let value = value(line, word_end + end + size)?;
    let plain = value.as_str().starts_with(char::is_alphabetic) && line.codes().all(|it| it.span() != value.span());
    (!plain).then_some((name, value))
}

/// How much stands between the word `default` and its value.
fn behind(after: &str) -> Option<usize> {
    let trimmed = after.trim_start();
    let gap = after.len() - trimmed.len();
    ["to ", "is ", "of ", "value is ", "= ", ": ", ":", "=", "value: "]
        .iter()
        .find_map(|it| trimmed.strip_prefix(it).map(|_| gap + it.len()))
        .or_else(|| trimmed.starts_with(|it: char| it.is_ascii_digit() || it == '`').then_some(gap))
}

/// Whether a clause speaks of one environment.
fn is_elsewhere(clause: &str) -> bool {
    const WORDS: [&str; 10] =
        ["test", "tests", "production", "prod", "staging", "development", "dev", "local", "ci", "locally"];
    clause.split(|it: char| !it.is_alphabetic()).any(|word| WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

/// Where the clause ends that a place stands in.
fn clause_end(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let end = rest.find([',', ';', ')', '\n', '|']).unwrap_or(rest.len());
    from + end.min(rest.find(". ").unwrap_or(rest.len()))
}

/// The value that begins at a place: code, a figure with its unit, a word.
fn value(line: Slice<'_>, from: usize) -> Option<Slice<'_>> {
    let rest = line.get(from..clause_end(line.as_str(), from)).trim();
    let own = rest.leading_code().unwrap_or_else(|| {
        let words = rest.as_str();
        let end = words.find(' ').unwrap_or(words.len());
        rest.get(0..figure::at(words, 0).filter(|it| it.end > end).map_or(end, |it| it.end))
    });
    (!own.is_blank()).then_some(own)
}

/// The known name that the line is about, or that a clause ends with, riders in brackets and a dash aside.
fn name_before(line: &str, clause: &str, known: &FxHashMap<String, Default>) -> Option<String> {
    let named = |words: &str| Some(key(words)).filter(|it| known.contains_key(it));
    // `limit (integer): items per page (default: 20)`: what stands before the colon is what the line is about.
    let label = [": ", " - ", " — ", " – "].iter().filter_map(|it| line.find(it)).min();
    if let Some(label) = label.and_then(|it| line.get(..it)) {
        let label = label.split('(').next().unwrap_or(label).trim();
        if let Some(name) = named(label) {
            return Some(name);
        }
        if !label.contains(char::is_whitespace) {
            return None;
        }
    }
    let head = clause.trim_end().trim_end_matches(['(', ',', '—', '–', '-', ':', '[', ' ', '*']);
    let parts: Vec<&str> = head.split_whitespace().collect();
    // `limit (integer, optional, default: 20)`: the first word of an item is its name.
    let first = parts.first().and_then(|it| named(it.trim_matches([':', ','])));
    let mut longest = (1..=3).rev().filter_map(|count| {
        let from = parts.len().checked_sub(count)?;
        // `items per page` is no `page`.
        let before = from.checked_sub(1).and_then(|it| parts.get(it));
        let stands =
            count > 1 || before.is_none_or(|it| ["the", "a", "its"].iter().any(|word| word.eq_ignore_ascii_case(it)));
        stands.then_some(())?;
        named(&parts.get(from..)?.concat().replace(',', ""))
    });
    longest.next().or(first)
}

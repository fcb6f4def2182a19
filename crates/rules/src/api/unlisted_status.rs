//! Statuses that criteria, tests and flows require of an endpoint that does not list them.

use std::ops::Range;

use model::claim::Subject;
use model::{Endpoint, Spec};
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};
use syntax::SectionId;
use syntax::inline::{Inline, Slice};
use syntax::page::{Block, BlockKind};
use syntax::route::{self, Path};

use crate::codes::is_elsewhere;
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unlisted-status",
    summary: "a status is required of an endpoint that does not list it",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unlisted-status.md"),
    check: Check::Review(unlisted_status),
};

fn unlisted_status(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let doc = spec.document();
    let lists: Vec<List<'_>> = spec.endpoints.iter().map(List::of).collect();
    if lists.iter().all(|it| it.errors.is_empty() && it.answers.is_empty()) {
        return;
    }
    let mut sections: FxHashMap<SectionId, usize> = FxHashMap::default();
    for (index, endpoint) in spec.endpoints.iter().enumerate() {
        for section in endpoint.details.iter().filter_map(|it| doc.section_at(*it)) {
            // A section of several endpoints says of none of them.
            sections.entry(section.id).and_modify(|it| *it = usize::MAX).or_insert(index);
        }
    }
    let mut by_subject: FxHashMap<&Subject, usize> = FxHashMap::default();
    for (index, endpoint) in spec.endpoints.iter().enumerate() {
        by_subject.entry(&endpoint.subject).or_insert(index);
    }
    let mut stated = Vec::new();
    for section in doc.sections.iter().filter(|it| review.texts().section(it.id).any(Holds::STATUS)) {
        if is_elsewhere(doc, section) {
            continue;
        }
        let own = doc.ancestors(section.id).find_map(|it| sections.get(&it.id).copied());
        let mut reader = Reader { spec, by_subject: &by_subject, found: &mut stated };
        for block in &section.blocks {
            reader.block(block, own);
        }
    }
    let mut told: FxHashSet<(usize, u16)> = FxHashSet::default();
    for it in &stated {
        let Some(index) = it.endpoint else { continue };
        let (Some(list), Some(endpoint)) = (lists.get(index), spec.endpoints.get(index)) else { continue };
        if list.has(it.status) || !told.insert((index, it.status)) {
            continue;
        }
        let Some(level) = list.level(spec, it.status) else { continue };
        let route = format!("{} {}", endpoint.method, endpoint.path);
        drop(
            sink.report(it.span, format!("`{route}` does not list {}", it.status))
                .level(level)
                .about(&endpoint.subject)
                .label(list.at.unwrap_or(endpoint.span), "what it lists")
                .help(format!("add {} to the endpoint, or correct the status here", it.status)),
        );
    }
    of_all(sink, &lists, &stated);
}

/// A status that all endpoints are said to answer, and none lists.
fn of_all(sink: &mut Sink<'_>, lists: &[List<'_>], stated: &[Stated]) {
    let mut told: FxHashSet<u16> = FxHashSet::default();
    for it in stated.iter().filter(|it| it.all && it.status >= 400) {
        // Lists of the endpoint's own errors leave out what all have.
        let general = |list: &&List<'_>| list.errors.iter().filter(|it| is_cross_cutting(it.0)).count() >= 2;
        let Some(list) = lists.iter().find(general) else { continue };
        if lists.iter().any(|list| list.has(it.status)) || !told.insert(it.status) {
            continue;
        }
        drop(
            sink.report(it.span, format!("no endpoint lists {}", it.status))
                .label(list.errors.first().map_or(it.span, |it| it.1), "an endpoint's list")
                .help(format!("add {} to the endpoints that answer it", it.status)),
        );
    }
}

/// What an endpoint lists.
struct List<'a> {
    errors: Vec<(u16, Span)>,
    answers: Vec<(u16, Span)>,
    at: Option<Span>,
    endpoint: &'a Endpoint,
}

impl List<'_> {
    fn of(endpoint: &Endpoint) -> List<'_> {
        let rows = endpoint.errors.iter().filter_map(|it| Some((it.status?, it.span)));
        let shown = endpoint.responses.iter().filter(|it| !it.inferred).map(|it| (it.status, it.span));
        let (errors, answers): (Vec<_>, Vec<_>) = rows.chain(shown).partition(|it| it.0 >= 400);
        let at = errors.first().or(answers.first()).map(|it| it.1);
        List { errors, answers, at, endpoint }
    }

    fn has(&self, status: u16) -> bool {
        self.errors.iter().chain(&self.answers).any(|it| it.0 == status)
    }

    /// How sure it is that the list should have a status.
    fn level(&self, spec: &Spec, status: u16) -> Option<Level> {
        if status < 400 {
            // A second success is that of another outcome, as often as it is a mistake.
            let inferred = self.answers.is_empty() || !(200..300).contains(&status);
            return (!inferred).then_some(Level::Warning);
        }
        if self.errors.is_empty() {
            return (!self.answers.is_empty() && !is_cross_cutting(status)).then_some(Level::Info);
        }
        let whole = !is_cross_cutting(status)
            || self.errors.iter().any(|it| is_cross_cutting(it.0))
                && !spec.errors.iter().any(|it| it.status == Some(status));
        // Examples of some errors are no list.
        let listed = self.endpoint.error_table.is_some() || !self.endpoint.errors.is_empty();
        whole.then_some(if listed { Level::Warning } else { Level::Info })
    }
}

/// Statuses that every endpoint of a service has for the same reason.
fn is_cross_cutting(status: u16) -> bool {
    matches!(status, 401 | 403 | 415 | 429 | 500..)
}

/// A status that a sentence states.
struct Stated {
    status: u16,
    span: Span,
    /// Of which endpoint.
    endpoint: Option<usize>,
    /// Whether it is stated of all.
    all: bool,
}

struct Reader<'a> {
    spec: &'a Spec,
    by_subject: &'a FxHashMap<&'a Subject, usize>,
    found: &'a mut Vec<Stated>,
}

impl Reader<'_> {
    fn block(&mut self, block: &Block, own: Option<usize>) {
        match &block.kind {
            BlockKind::Paragraph(text) => self.text(text, own.filter(|it| *it != usize::MAX), own.is_some()),
            BlockKind::Quote(inner) => inner.iter().for_each(|it| self.block(it, own)),
            BlockKind::List(list) => {
                // What one list says of one endpoint may stand in several of its items.
                let mut routes: Vec<(&'static str, String)> = Vec::new();
                for item in &list.items {
                    routes_of(item.text.as_str(), &mut routes);
                }
                // Below an endpoint, the others of an item are compared with it.
                let shared = match routes.as_slice() {
                    [(method, path)] if own.is_none() => self.resolve(method, path),
                    _ => None,
                };
                for item in &list.items {
                    self.text(&item.text, shared.or(own.filter(|it| *it != usize::MAX)), own.is_some());
                    let mut inner = Vec::new();
                    routes_of(item.text.as_str(), &mut inner);
                    let nearer = match inner.as_slice() {
                        [(method, path)] => self.resolve(method, path),
                        _ => None,
                    };
                    item.children.iter().for_each(|it| self.block(it, nearer.or(shared).or(own)));
                }
            }
            BlockKind::Table(table) if own.is_none() => {
                let outcome = |it: &String| {
                    ["expected", "result", "response", "outcome", "status", "criterion", "criteria"]
                        .iter()
                        .any(|word| it.contains(word))
                };
                for row in &table.rows {
                    let mut routes = Vec::new();
                    row.cells.iter().for_each(|it| routes_of(it.as_str(), &mut routes));
                    let [(method, path)] = routes.as_slice() else { continue };
                    let Some(endpoint) = self.resolve(method, path) else { continue };
                    for (key, cell) in table.keys.iter().zip(&row.cells).filter(|it| !is_fault(it.0)) {
                        let leads = outcome(key);
                        for (status, at) in statuses(cell.as_str()) {
                            if (leads && at.start <= 6 && ends(cell.as_str(), at.end)) || is_stated(cell.as_str(), &at)
                            {
                                let span = cell.all().span_of(at);
                                self.found.push(Stated { status, span, endpoint: Some(endpoint), all: false });
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// The statuses that the sentences of a text state of the endpoint that they name, else of `around`.
    fn text(&mut self, text: &Inline, around: Option<usize>, within: bool) {
        if statuses(text.as_str()).is_empty() {
            return;
        }
        for sentence in sentences(text.all()) {
            let words = sentence.as_str();
            let mut routes = Vec::new();
            routes_of(words, &mut routes);
            let endpoint = match routes.as_slice() {
                [] => around,
                [(method, path)] => self.resolve(method, path),
                _ => None,
            };
            let all = routes.is_empty() && !within && is_of_all(words);
            if endpoint.is_none() && !all {
                continue;
            }
            let route = routes.first().and_then(|_| route::find(words).first().map(|it| it.method_at.start));
            for (status, at) in statuses(words).into_iter().filter(|it| is_stated(words, &it.1)) {
                // `answers 202, and lists what was sent at GET /history`: the route is another clause's.
                if route.is_some_and(|it| words.get(at.end..it).is_some_and(ends_clause)) {
                    continue;
                }
                // What is said without naming an endpoint may be what another system answers.
                if routes.is_empty() && is_of_others(words, at.start) {
                    continue;
                }
                self.found.push(Stated { status, span: sentence.span_of(at), endpoint, all });
            }
        }
    }

    /// The endpoint of a route: the same path, an example of it, or the path under its prefix.
    fn resolve(&self, method: &str, path: &str) -> Option<usize> {
        let key = Path::read(path)?.key();
        let subject = Subject::endpoint(method, &key);
        if let Some(index) = self.by_subject.get(&subject) {
            return Some(*index);
        }
        let own = |it: &Endpoint| it.subject.as_str().splitn(3, '.').nth(2).map(str::to_owned);
        let mut fitting = self.spec.endpoints.iter().enumerate().filter(|it| {
            it.1.method == method
                && own(it.1).is_some_and(|own| fits(&own, &key) || (own.len() > key.len() && own.ends_with(&key)))
        });
        match (fitting.next(), fitting.next()) {
            (Some((index, _)), None) => Some(index),
            _ => None,
        }
    }
}

/// Whether a path may be an example of one with parameters.
fn fits(own: &str, key: &str) -> bool {
    let (a, b) = (own.split('/'), key.split('/'));
    a.clone().count() == b.clone().count() && a.zip(b).all(|(a, b)| a == b || a == "{}")
}

/// The distinct routes of a text, at most two: what is said beside several is said of none of them.
fn routes_of(text: &str, found: &mut Vec<(&'static str, String)>) {
    if found.len() > 1 || !text.contains('/') {
        return;
    }
    for route in route::find(text) {
        if found.len() > 1 {
            return;
        }
        let key = (route.method, route.path);
        if !found.contains(&key) {
            found.push(key);
        }
    }
}

/// The sentences of a text, and their halves beside a semicolon.
fn sentences(text: Slice<'_>) -> impl Iterator<Item = Slice<'_>> {
    text.sentences().flat_map(|it| it.split_outside(&[';']))
}

/// Numbers that may be statuses, with where they stand.
fn statuses(text: &str) -> Vec<(u16, Range<usize>)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
            continue;
        }
        let len = bytes.iter().skip(at).take_while(|it| it.is_ascii_digit()).count();
        let beside = |it: Option<&u8>| {
            it.is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'%' | b'$' | b'/' | b'#'))
        };
        let before = at.checked_sub(1).and_then(|it| bytes.get(it));
        let after = bytes.get(at + len);
        let decimal = matches!(after, Some(b'.' | b',')) && bytes.get(at + len + 1).is_some_and(u8::is_ascii_digit);
        let known = text.get(at..at + len).and_then(|it| it.parse::<u16>().ok()).filter(|it| is_status(*it));
        if let Some(status) = known.filter(|_| len == 3 && !beside(before) && !beside(after) && !decimal) {
            found.push((status, at..at + len));
        }
        at += len;
    }
    found
}

/// The statuses that services answer; other numbers of three digits are quantities.
fn is_status(number: u16) -> bool {
    matches!(number, 200..=208 | 301..=308 | 400..=418 | 421..=431 | 451 | 500..=511)
}

/// Whether words say that a number is a status that is answered.
fn is_stated(text: &str, at: &Range<usize>) -> bool {
    let lower = text.to_ascii_lowercase();
    let before = lower.get(..at.start).unwrap_or("");
    // `never 404`, `409 instead of 500`
    if ["not ", "never ", "instead of ", "rather than ", "no longer ", "without "].iter().any(|it| near_end(before, it))
    {
        return false;
    }
    if !ends(text, at.end) {
        return false;
    }
    let lead = before.trim_end_matches(['`', '*', '(', '"', ' ']);
    if lead.ends_with(['→', ':', '>']) && before.contains('/') {
        return true;
    }
    // `returns 404`, `responds with a 404`, `rejected with HTTP 409`
    let mut words = lead.rsplit(|it: char| !it.is_ascii_alphabetic()).filter(|it| !it.is_empty());
    if words.find(|it| !FILLERS.contains(it)).is_some_and(|it| VERBS.contains(&it)) {
        return true;
    }
    let after = lower.get(at.end..).unwrap_or("").trim_start_matches(['`', '*', ' ', ')']);
    ["returned", "is returned", "response", "error is returned", "error returned"]
        .iter()
        .any(|it| after.starts_with(it))
}

/// Words between a verb and a status.
const FILLERS: [&str; 10] = ["with", "a", "an", "the", "http", "status", "code", "error", "is", "in"];

/// Words that say that something is answered.
const VERBS: [&str; 28] = [
    "return",
    "returns",
    "returned",
    "returning",
    "respond",
    "responds",
    "responding",
    "answer",
    "answers",
    "answered",
    "give",
    "gives",
    "get",
    "gets",
    "yield",
    "yields",
    "receive",
    "receives",
    "expect",
    "expects",
    "reject",
    "rejects",
    "rejected",
    "fail",
    "fails",
    "failed",
    "refuses",
    "refused",
];

/// Whether a negation stands shortly before the end of a text.
fn near_end(before: &str, word: &str) -> bool {
    before.rfind(word).is_some_and(|it| before.len() - it <= word.len() + 14)
}

/// Whether what follows a number is not what it counts (`404 requests`).
fn ends(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or("");
    let trimmed = rest.trim_start_matches(['`', '*', '"']);
    let Some(next) = trimmed.chars().next() else { return true };
    if !next.is_whitespace() {
        return matches!(next, '.' | ',' | ';' | ':' | ')' | '(' | '—' | '–' | '-' | '!' | '?' | '|' | '→' | '/');
    }
    let word = trimmed.split_whitespace().next().unwrap_or("").trim_matches(|it: char| !it.is_alphanumeric());
    if word.is_empty() || word.starts_with(|it: char| it.is_uppercase()) {
        return true;
    }
    matches!(
        word,
        "when"
            | "if"
            | "for"
            | "on"
            | "with"
            | "and"
            | "or"
            | "to"
            | "error"
            | "errors"
            | "status"
            | "response"
            | "code"
            | "until"
            | "unless"
            | "as"
            | "after"
            | "because"
            | "is"
            | "returned"
            | "the"
            | "instead"
            | "rather"
            | "not"
            | "in"
            | "by"
            | "from"
            | "before"
            | "without"
            | "while"
    )
}

/// Whether a clause ends in a text: at a comma outside of brackets.
fn ends_clause(text: &str) -> bool {
    let mut depth = 0i32;
    text.bytes().any(|it| {
        depth += i32::from(it == b'(') - i32::from(it == b')');
        it == b',' && depth <= 0
    })
}

/// Whether a column tells what is wrong, or was.
fn is_fault(key: &str) -> bool {
    key.split(|it: char| !it.is_alphanumeric()).any(|it| {
        matches!(
            it,
            "pattern"
                | "antipattern"
                | "issue"
                | "problem"
                | "finding"
                | "fault"
                | "bug"
                | "defect"
                | "gap"
                | "current"
                | "currently"
                | "before"
                | "old"
                | "was"
                | "today"
        )
    })
}

/// Whether a sentence speaks of all endpoints.
fn is_of_all(words: &str) -> bool {
    let lower = words.to_ascii_lowercase();
    ["always return", "always respond", "all endpoints", "every endpoint", "all requests", "every request"]
        .iter()
        .any(|it| lower.contains(it))
}

/// Whether the clause before a status is a condition or speaks of another system.
fn is_of_others(words: &str, at: usize) -> bool {
    let before = words.get(..at).unwrap_or("").to_ascii_lowercase();
    let clause = before.rsplit([',', ';', ':']).next().unwrap_or("");
    let mut words = clause.split(|it: char| !it.is_ascii_alphabetic()).filter(|it| !it.is_empty());
    words.any(|it| {
        matches!(
            it,
            "if" | "when"
                | "on"
                | "retry"
                | "retries"
                | "retried"
                | "upstream"
                | "provider"
                | "external"
                | "gateway"
                | "client"
                | "clients"
                | "handle"
                | "handles"
                | "treat"
                | "unless"
                | "they"
                | "server"
                | "caught"
        )
    })
}

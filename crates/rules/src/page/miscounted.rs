//! Counts in words that the list beside them does not bear out.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::Spec;
use source::{Level, Span};
use syntax::inline::{Inline, Slice};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "miscounted",
    summary: "a count is not that of what it counts",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/miscounted.md"),
    check: Check::Spec(miscounted),
};

fn miscounted(sink: &mut Sink<'_>, spec: &Spec) {
    let mut counts = Vec::new();
    for section in &spec.document().sections {
        syntax::document::inlines(&section.blocks, &mut |text: &Inline| counts_of(text.all(), &mut counts));
    }
    for count in counts {
        match &count.listed {
            Some(names) if names.len() != count.number => {
                drop(
                    sink.report(count.span, format!("{} are announced, {} are named", count.number, names.len()))
                        .label(count.list, "the names"),
                );
            }
            None => endpoints(sink, spec, &count),
            Some(_) => {}
        }
    }
}

/// A number of things: `all six widget endpoints`, `five roles: a, b, c, d, e`.
struct Count {
    number: usize,
    /// The number and its noun.
    span: Span,
    /// The words between the number and the noun's last word, lower case.
    kind: Vec<String>,
    noun: String,
    /// Whether all of them are meant.
    all: bool,
    /// What is listed after it.
    listed: Option<Vec<String>>,
    list: Span,
}

/// Larger APIs are not counted in words.
const MAX_ENDPOINTS: usize = 100;

/// `all six endpoints` against those of the API.
fn endpoints(sink: &mut Sink<'_>, spec: &Spec, count: &Count) {
    let size = spec.endpoints.len();
    if !count.all || count.noun != "endpoints" || count.number < 3 || !(2..=MAX_ENDPOINTS).contains(&size) {
        return;
    }
    let plain = |it: &&String| !matches!(it.as_str(), "api" | "rest" | "restful" | "http" | "public" | "these");
    let words: Vec<&String> = count.kind.iter().filter(plain).collect();
    let stem = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let named =
        |stem: &str| spec.endpoints.iter().filter(|it| it.path.to_lowercase().contains(stem)).collect::<Vec<_>>();
    let own = |word: &str| named(&stem(word)).len();
    let found = match words.as_slice() {
        [] => size,
        [word] if own(word) >= 2 => own(word),
        _ => return,
    };
    // The API may be named after one of its resources, but not if the others tell of its health.
    let operational =
        |path: &str| ["health", "ready", "metrics", "status", "version"].iter().any(|it| path.contains(it));
    let served = spec.endpoints.iter().filter(|it| !operational(&it.path)).count();
    // Fewer may be those of one section.
    if count.number <= found || (size == count.number && served != found) {
        return;
    }
    let counted = named(&words.first().map(|it| stem(it)).unwrap_or_default());
    let mut finding = sink.report(count.span, format!("{} are announced, the API has {found}", count.number));
    if let Some(first) = counted.first() {
        finding = finding.label(first.span, "the first of them");
    }
    drop(finding.help("add what is missing, or correct the number"));
}

const NUMBERS: [&str; 11] =
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

static ENDPOINTS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("endpoints"));

/// The counts in a text.
fn counts_of(text: Slice<'_>, found: &mut Vec<Count>) {
    let whole = text.as_str();
    // Nothing is counted without a list or an endpoint: what stands before those is looked at.
    let comma = whole.rfind(',').unwrap_or(0);
    let bytes = whole.as_bytes();
    let mut words: Vec<(usize, &str)> = Vec::new();
    let mut done = 0;
    let lists = bytes.iter().take(comma).enumerate().filter(|it| matches!(it.1, b':' | b'(')).map(|it| it.0);
    let ends = ENDPOINTS.find(bytes).map(|it| it + ENDPOINTS.needle().len());
    let mut stops: Vec<usize> = lists.chain(ends).collect();
    if stops.is_empty() {
        return;
    }
    stops.sort_unstable();
    for stop in stops {
        let mut from = stop.saturating_sub(LOOK_BACK).max(done);
        while !whole.is_char_boundary(from) {
            from += 1;
        }
        words.extend(self::words(whole.get(from..stop).unwrap_or("")).into_iter().map(|it| (from + it.0, it.1)));
        done = stop;
    }
    for (index, (at, word)) in words.iter().enumerate() {
        let Some(number) = number(word) else { continue };
        let before = |back: usize| index.checked_sub(back).and_then(|it| words.get(it));
        // `Epic 2 metrics`, `1.10 protections`, `10-12 stories`.
        let joined = whole.get(..*at).and_then(|it| it.chars().next_back());
        if joined.is_some_and(|it| !it.is_whitespace() && !matches!(it, '(' | '*' | '`'))
            || before(1).is_some_and(|it| it.1.starts_with(char::is_uppercase) && *at > it.0 + it.1.len() && index > 1)
                && word.starts_with(|it: char| it.is_ascii_digit())
        {
            continue;
        }
        // Up to three words, of which the last is the noun.
        let mut end = index + 1;
        let mut from = at + word.len();
        let mut noun = None;
        while let Some((at, word)) = words.get(end).filter(|_| end <= index + 3) {
            let gap = whole.get(from..*at).unwrap_or("");
            if !gap.chars().all(|it| it == ' ' || it == '*') || !word.chars().all(|it| it.is_alphabetic() || it == '-')
            {
                break;
            }
            from = at + word.len();
            if word.ends_with('s') && !word.ends_with("ss") {
                noun = Some((end, from));
                if *word == "endpoints" {
                    break;
                }
            }
            end += 1;
        }
        let Some((noun_at, noun_end)) = noun else { continue };
        let name = words.get(noun_at).map_or("", |it| it.1).to_lowercase();
        if is_measure(&name) {
            continue;
        }
        let lower = |it: &(usize, &str)| it.1.to_lowercase();
        let all = before(1).is_some_and(|it| lower(it) == "all")
            || before(1).is_some_and(|it| lower(it) == "the")
                && before(2).is_some_and(|it| matches!(lower(it).as_str(), "of" | "all"));
        let (listed, list) = match list(whole, noun_end) {
            Some((names, range)) => (Some(names), text.get(range.0..range.1).span()),
            None => (None, text.span()),
        };
        found.push(Count {
            number,
            span: text.get(*at..noun_end).span(),
            kind: words.get(index + 1..noun_at).unwrap_or(&[]).iter().map(lower).collect(),
            noun: name,
            all,
            listed,
            list,
        });
    }
}

/// A number and its noun stand within so many bytes before the list.
const LOOK_BACK: usize = 60;

/// Words with where they start: letters, digits, `-`, `.` and `_` within them.
fn words(text: &str) -> Vec<(usize, &str)> {
    let is_part = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_');
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_part(c), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                found.extend(text.get(from..at).map(|it| (from, it)));
                start = None;
            }
            _ => {}
        }
    }
    found
}

fn number(word: &str) -> Option<usize> {
    if word.starts_with(char::is_alphabetic) {
        return NUMBERS.iter().position(|it| word.eq_ignore_ascii_case(it)).map(|at| at + 2);
    }
    word.parse().ok().filter(|it| (2..=40).contains(it) && !word.starts_with('0'))
}

/// Nouns of measures, which name no things.
fn is_measure(noun: &str) -> bool {
    matches!(
        noun,
        "seconds"
            | "minutes"
            | "hours"
            | "days"
            | "weeks"
            | "months"
            | "years"
            | "times"
            | "percents"
            | "points"
            | "characters"
            | "bytes"
            | "digits"
            | "retries"
            | "attempts"
            | "lines"
            | "is"
            | "has"
            | "was"
            | "as"
    )
}

/// The names after `five roles: a, b` or `(five roles: a, b)` or `five roles (a, b)`, if each is a name and
/// they are all.
fn list(text: &str, from: usize) -> Option<(Vec<String>, (usize, usize))> {
    let rest = text.get(from..)?;
    let skipped = rest.len() - rest.trim_start_matches(['*', ' ']).len();
    let rest = rest.get(skipped..)?;
    let open = rest.chars().next().filter(|it| matches!(it, ':' | '('))?;
    let body = rest.get(1..)?;
    let end = match open {
        '(' => body.find(')')?,
        _ => body.find(['\n', ')', ';']).unwrap_or(body.len()),
    };
    let body = body.get(..end)?;
    let trimmed = body.trim().trim_matches('*').trim_end_matches('.');
    // `e.g.`, a sentence, or a list in a list.
    if trimmed.contains([':', '.', '(', ';', '=', '\u{2192}', '+', '?', '!']) {
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
        (1..=3).contains(&count) && !it.starts_with(|it: char| it.is_ascii_digit())
    };
    let plain = names.len() >= 2 && names.iter().all(is_name) && !names.iter().any(|it| it.contains(" or "));
    let start = from + skipped + 1;
    plain.then(|| (names.iter().map(|it| (*it).to_owned()).collect(), (start, start + end)))
}

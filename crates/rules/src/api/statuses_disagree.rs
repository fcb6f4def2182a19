//! Error codes that are answered with one HTTP status here and with another there.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

use model::claim::Subject;
use model::{ErrorRow, Shape, Spec};
use source::{Level, Span};

use crate::codes::{code_in, is_symbol};
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "statuses-disagree",
    summary: "an error code has two HTTP statuses",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/statuses-disagree.md"),
    check: Check::Review(statuses_disagree),
};

/// A place that gives a code a status.
struct Said<'a> {
    code: &'a str,
    status: u16,
    span: Span,
    endpoint: Option<&'a Subject>,
}

fn statuses_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let mut said: Vec<Said<'_>> = spec.errors.iter().filter_map(|it| row(sink, it, None)).collect();
    for endpoint in &spec.endpoints {
        let subject = Some(&endpoint.subject);
        said.extend(endpoint.errors.iter().filter_map(|it| row(sink, it, subject)));
        for response in endpoint.responses.iter().filter(|it| it.status >= 400 && !it.inferred) {
            if let Some(Shape::Body(body, true)) = &response.body
                && let Some(value) = &body.value
                && let Some((code, span)) = code_in(&value.value)
            {
                said.push(Said { code, status: response.status, span, endpoint: subject });
            }
        }
    }
    if !said.is_empty() {
        let listed = |it: &Said<'_>| (it.span.start, it.span.end);
        let places: FxHashSet<(u32, u32)> = said.iter().map(listed).collect();
        let prose = review.codes().used.iter().filter(|it| !places.contains(&(it.span.start, it.span.end)));
        said.extend(prose.filter_map(|it| {
            let status = it.status.filter(|_| is_symbol(it.code))?;
            Some(Said { code: it.code, status, span: it.span, endpoint: None })
        }));
    }
    // In the order of the document; a row may belong to an endpoint and to the whole document.
    said.sort_by_key(|it| (it.span.start, it.endpoint.is_none()));
    said.dedup_by_key(|it| it.span.start);
    let mut codes: BTreeMap<&str, Vec<&Said<'_>>> = BTreeMap::new();
    for it in &said {
        codes.entry(it.code).or_default().push(it);
    }
    for (code, all) in codes {
        let statuses: BTreeSet<u16> = all.iter().map(|it| it.status).collect();
        // A code with many statuses is a class of errors.
        if statuses.len() != 2 || is_chosen(spec, &all) || is_class(spec, code, &all) {
            continue;
        }
        let Some((first, others)) = all.split_first() else { continue };
        for other in others.iter().filter(|it| it.status != first.status) {
            let mut finding = sink
                .report(other.span, format!("`{code}` is {} here and {} elsewhere", other.status, first.status))
                .label(first.span, format!("here it is {}", first.status))
                .note("a client that tells errors apart by their status handles only one of them")
                .help("give the code one status, or the second error a code of its own");
            if let Some(subject) = other.endpoint {
                finding = finding.about(subject);
            }
            drop(finding);
        }
    }
}

/// Whether one list gives the code two statuses, where its author saw both.
fn is_chosen(spec: &Spec, all: &[&Said<'_>]) -> bool {
    let mut lists = FxHashMap::default();
    all.iter().any(|it| {
        let section = spec.document().section_at(it.span).map(|it| it.span);
        *lists.entry((it.endpoint, section)).or_insert(it.status) != it.status
    })
}

/// Whether a code that no list gives a status has each of its two at several places: a class of errors.
fn is_class(spec: &Spec, code: &str, all: &[&Said<'_>]) -> bool {
    let first = all.first().map(|it| it.status);
    let count = all.iter().filter(|it| Some(it.status) == first).count();
    let listed = spec.errors.iter().any(|it| it.code.as_deref() == Some(code) && it.status.is_some());
    !listed && count >= 2 && all.len() - count >= 2
}

/// What a row of an error table says, if it names one code and one status.
fn row<'a>(sink: &Sink<'_>, row: &'a ErrorRow, endpoint: Option<&'a Subject>) -> Option<Said<'a>> {
    let (code, status) = (row.code.as_deref()?, row.status?);
    let words = sink.snippet(row.span);
    let start = row.span.range().start + words.find(code)?;
    (is_symbol(code) && has_one_status(words)).then(|| Said {
        code,
        status,
        span: Span::new(row.span.file, start..start + code.len()),
        endpoint,
    })
}

/// Whether a row says no second status (`400 / 422`).
fn has_one_status(words: &str) -> bool {
    let numbers = words.split(|it: char| !it.is_ascii_alphanumeric());
    numbers.filter(|it| it.len() == 3 && it.parse().is_ok_and(|it: u16| (400..600).contains(&it))).count() == 1
}

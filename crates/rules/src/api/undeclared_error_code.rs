//! Error codes in bodies, flows and tests that the document's list of error codes does not have.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;
use source::Level;

use crate::codes::{Codes, Said, kin};
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "undeclared-error-code",
    summary: "an error code is used that the list of error codes does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/undeclared-error-code.md"),
    check: Check::Review(undeclared_error_code),
};

fn undeclared_error_code(sink: &mut Sink<'_>, review: &Review<'_>) {
    let codes = review.codes();
    exceptions(sink, codes);
    let explicit = codes.listed.len() >= MIN_LISTED;
    // Without a list, the endpoints' own errors are one for all other places.
    let (own, other): (Vec<Said<'_>>, Vec<Said<'_>>) = codes.used.iter().partition(|it| it.endpoint);
    let (listed, used) = if explicit { (&codes.listed, &codes.used) } else { (&own, &other) };
    let known: FxHashSet<&str> = listed.iter().map(|it| it.code).collect();
    let Some(first) = listed.first().filter(|_| known.len() >= MIN_LISTED) else { return };
    let mut unknown: BTreeMap<&str, &Said<'_>> = BTreeMap::new();
    let mut met: FxHashSet<&str> = FxHashSet::default();
    for said in used {
        if known.contains(said.code) {
            met.insert(said.code);
        } else {
            unknown.entry(said.code).or_insert(said);
        }
    }
    // A list of the common codes leaves those of each endpoint to it.
    let all = explicit && met.len() >= 2 && unknown.len() * 2 <= met.len() + 1;
    for (code, said) in unknown {
        let near = kin(said, listed);
        let tested = !explicit && said.status.is_some_and(|it| !matches!(it, 401 | 403 | 429 | 500..));
        if near.is_none() && !all && !tested {
            continue;
        }
        let place = if explicit { "the error codes are listed here" } else { "the endpoints list theirs from here on" };
        drop(
            sink.report(said.span, format!("`{code}` is not among the error codes"))
                .label(first.span, place)
                .instead_of(code, near),
        );
    }
}

/// Fewer codes are no list.
const MIN_LISTED: usize = 3;

/// Exceptions that the table of exceptions does not have.
fn exceptions(sink: &mut Sink<'_>, codes: &Codes<'_>) {
    let known: FxHashSet<&str> = codes.exceptions.iter().map(|it| it.code).collect();
    let Some(first) = codes.exceptions.first().filter(|_| known.len() >= MIN_LISTED) else { return };
    let (met, unknown): (Vec<&Said<'_>>, Vec<&Said<'_>>) = codes.thrown.iter().partition(|it| known.contains(it.code));
    let mut told: FxHashSet<&str> = met.iter().map(|it| it.code).collect();
    let (met, other) = (told.len(), unknown.iter().map(|it| it.code).collect::<FxHashSet<_>>().len());
    for said in unknown.into_iter().filter(|_| met >= 2 && other * 2 <= met + 1) {
        if told.insert(said.code) {
            drop(
                sink.report(said.span, format!("`{}` is not among the exceptions", said.code))
                    .label(first.span, "the exceptions are listed here")
                    .instead_of(said.code, kin(said, &codes.exceptions)),
            );
        }
    }
}

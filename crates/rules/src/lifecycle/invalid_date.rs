//! Dates of the header, of approvals and of the history that no calendar has.

use model::Spec;
use model::claim::Property;
use model::date::{self, Reading};
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "invalid-date",
    summary: "a date that does not exist",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/invalid-date.md"),
    check: Check::Spec(invalid_date),
};

fn invalid_date(sink: &mut Sink<'_>, spec: &Spec) {
    for claim in &spec.claims().all {
        if !matches!(claim.property, Property::Date | Property::Updated) {
            continue;
        }
        let Some(text) = claim.value.as_text() else { continue };
        if let Some((Reading::Impossible, len)) = date::read(text) {
            let span = Span { end: claim.span.start + len as u32, ..claim.span };
            let words = text.get(..len).unwrap_or(text);
            drop(sink.report(span, format!("there is no such day as `{words}`")).about(&claim.subject));
        }
    }
}

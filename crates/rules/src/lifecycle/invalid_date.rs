//! Dates of the header, of approvals and of the history that no calendar has.

use jiff::civil::Date;
use model::Spec;
use model::claim::Property;
use model::date::{self, Reading};
use source::{Applicability, Edit, Level, Span};

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
            let finding = sink.report(span, format!("there is no such day as `{words}`")).about(&claim.subject);
            drop(match swapped(words) {
                // Only one order of the numbers is a day.
                Some(day) => finding.help(format!("write `{day}`")).fix(
                    format!("write `{day}`"),
                    Applicability::Safe,
                    vec![Edit { span, text: day.to_string() }],
                ),
                None => finding,
            });
        }
    }
}

/// The day that `2026-31-12` means: the month and the day in the other order.
fn swapped(words: &str) -> Option<Date> {
    let mut parts = words.split('-').map(|it| it.parse::<i16>().ok());
    let (Some(Some(year)), Some(Some(day)), Some(Some(month)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

//! Dates of the header, of approvals and of the history after today.

use model::Spec;
use model::claim::Property;
use model::date::{self, Reading};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "date-in-future",
    summary: "a date of the document lies in the future",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/date-in-future.md"),
    check: Check::Spec(date_in_future),
};

fn date_in_future(sink: &mut Sink<'_>, spec: &Spec) {
    let today = sink.context.today;
    for claim in &spec.claims().all {
        if !matches!(claim.property, Property::Date | Property::Updated) {
            continue;
        }
        let Some((Reading::Day(day), _)) = claim.value.as_text().and_then(date::read) else { continue };
        if day > today {
            drop(
                sink.report(claim.span, format!("`{day}` lies in the future"))
                    .about(&claim.subject)
                    .note(format!("today is {today}")),
            );
        }
    }
}

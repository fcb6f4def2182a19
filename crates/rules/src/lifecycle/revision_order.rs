//! Revision histories whose dates have no direction.

use jiff::civil::Date;
use model::Spec;
use model::claim::Property;
use model::date::{self, Reading};
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "revision-order",
    summary: "the dates of the revision history go back and forth",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/revision-order.md"),
    check: Check::Spec(revision_order),
};

fn revision_order(sink: &mut Sink<'_>, spec: &Spec) {
    let mut histories: Vec<(&str, Vec<(Date, Span)>)> = Vec::new();
    for claim in spec.claims().all.iter().filter(|it| it.property == Property::Date) {
        let Some(name) = claim.subject.as_str().strip_prefix("revision.") else { continue };
        let Some((Reading::Day(day), _)) = claim.value.as_text().and_then(date::read) else { continue };
        // The table's number and the row's were written as one word: the first digit run is the table's.
        let table = name.get(..1).unwrap_or("");
        match histories.last_mut() {
            Some((known, rows)) if *known == table => rows.push((day, claim.span)),
            _ => histories.push((table, vec![(day, claim.span)])),
        }
    }
    for (_, rows) in histories {
        let steps = rows.windows(2).filter_map(|it| match it {
            [a, b] => Some((a, b, b.0.cmp(&a.0))),
            _ => None,
        });
        let steps: Vec<_> = steps.filter(|it| it.2.is_ne()).collect();
        let up = steps.iter().filter(|it| it.2.is_gt()).count();
        let down = steps.len() - up;
        if up == 0 || down == 0 {
            continue;
        }
        // The direction of most rows is the intended one.
        let wrong = if up >= down { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
        for (before, after, _) in steps.iter().filter(|it| it.2 == wrong) {
            drop(
                sink.report(after.1, format!("{} stands after {}", after.0, before.0))
                    .label(before.1, "the row before")
                    .note(if up >= down {
                        "the other rows go from old to new"
                    } else {
                        "the other rows go from new to old"
                    }),
            );
        }
    }
}

//! Figures for one rate in goals, load and targets that differ.

use model::{Spec, Target};
use source::Level;
use syntax::quantity::{Bound, Quantity, Unit};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "quantities-disagree",
    summary: "two figures for one thing contradict each other",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/quantities-disagree.md"),
    check: Check::Spec(quantities_disagree),
};

fn quantities_disagree(sink: &mut Sink<'_>, spec: &Spec) {
    let rates: Vec<(&Target, &Quantity, &str)> = spec
        .targets
        .iter()
        .flat_map(|target| target.quantities.iter().map(move |it| (target, it)))
        .filter_map(|(target, it)| match &it.unit {
            Unit::PerSecond(noun) if it.upper.is_none() && it.percentile.is_none() => Some((target, it, noun.as_str())),
            _ => None,
        })
        .collect();
    for (index, (second, b, noun)) in rates.iter().enumerate() {
        for (first, a, other) in rates.iter().take(index) {
            if first.kind == second.kind
                || !same_thing(first, second, noun, other)
                || !same_conditions((first, a), (second, b))
            {
                continue;
            }
            // The words around the numbers show whether they were meant exactly.
            if a.bound == Bound::About || b.bound == Bound::About || nearly(a.value, b.value) {
                continue;
            }
            let (here, there) = (sink.snippet(b.span), sink.snippet(a.span));
            drop(
                sink.report(b.number, format!("`{here}` here, `{there}` as the {}", first.kind))
                    .about(&second.subject)
                    .label(a.number, format!("the {} says {there}", first.kind))
                    .note("both speak of the same rate under the same conditions"),
            );
            break;
        }
    }
}

fn nearly(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Whether two rates count the same thing: the same noun, or a part (writes of orders) and the whole
/// (requests) where each side has only one rate.
fn same_thing(first: &Target, second: &Target, noun: &str, other: &str) -> bool {
    let general = |it: &str| matches!(it, "request" | "req" | "call" | "operation" | "transaction" | "");
    let part = |it: &str| matches!(it, "write" | "read" | "post" | "insert");
    noun == other || (general(noun) && part(other) || general(other) && part(noun)) && single(first) && single(second)
}

fn single(target: &Target) -> bool {
    target.quantities.iter().filter(|it| matches!(it.unit, Unit::PerSecond(_))).count() == 1
}

/// Peak is not sustained; a rate "for one node" is not that of the whole.
fn same_conditions(a: (&Target, &Quantity), b: (&Target, &Quantity)) -> bool {
    let (a, b) = (scale(a.0, a.1), scale(b.0, b.1));
    a == b || a.is_empty() || b.is_empty()
}

/// The words for the scale of a rate, of its conditions and, where it is the target's only rate, of the
/// target's text: `Average: 15 cars/second`.
fn scale(target: &Target, quantity: &Quantity) -> Vec<&'static str> {
    let text = if single(target) { target.text.value.to_lowercase() } else { String::new() };
    let said = |kind: &str| {
        quantity.conditions.iter().any(|it| it.contains(kind))
            || kind != "per" && text.split(|it: char| !it.is_alphabetic()).any(|it| it == kind)
    };
    let kinds = ["peak", "sustained", "average", "typical", "burst", "normal", "maximum", "minimum", "per"];
    kinds.into_iter().filter(|it| said(it)).collect()
}

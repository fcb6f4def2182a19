//! Availabilities that the dependencies do not allow.

use source::{Level, Span};
use syntax::Family;
use syntax::inline::Slice;
use syntax::quantity::figure::figures;

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unattainable-availability",
    summary: "the dependencies together are less available than the target",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/unattainable-availability.md"),
    check: Check::Review(unattainable_availability),
};

fn unattainable_availability(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let mut targets: Vec<(f64, Span)> = Vec::new();
    for target in spec.targets.iter().filter(|it| it.kind != "load") {
        let own = sink.snippet(target.text.span);
        if own.contains('%') && speaks(own) {
            targets.extend(shares(own).map(|it| (it.0, target.text.span)));
        }
    }
    // Two targets are told by `quantities-disagree`.
    let [(target, place)] = targets.as_slice() else { return };
    let mut given: Vec<(f64, Span)> = Vec::new();
    for section in &spec.document().sections {
        let dependencies = section.family == Some(Family::Dependencies);
        let mut soft = false;
        let mut own: Vec<(f64, Span)> = Vec::new();
        let texts = review.texts().texts_of(section.id).iter();
        for text in texts.filter(|it| it.holds.all(Holds::PERCENT.and(Holds::AVAILABILITY))) {
            for line in text.inline.all().lines().filter(|it| it.as_str().contains('%') && speaks(it.as_str())) {
                let words = line.as_str();
                let hard = dependencies || words.contains("depends on") || words.contains("relies on");
                if hard && !place.contains(line.span()) {
                    own.extend(shares_of(line));
                    soft |= ["cache", "fallback", "queue", "async", "optional", "degrad"]
                        .iter()
                        .any(|it| words.contains(it));
                }
            }
        }
        if !soft {
            given.append(&mut own);
        }
    }
    let together = given.iter().map(|it| it.0 / 100.0).product::<f64>() * 100.0;
    if given.is_empty() || together >= target - 1e-9 {
        return;
    }
    let message = format!("the dependencies are available for {} % together", (together * 1000.0).round() / 1000.0);
    let mut finding =
        sink.report(*place, message).note("each outage of one of them is one of the whole, unless it is bridged");
    for (_, span) in given.iter().take(4) {
        finding = finding.label(*span, "a dependency");
    }
    drop(finding);
}

fn speaks(text: &str) -> bool {
    ["vailab", "ptime", "SLA"].iter().any(|it| text.contains(it))
}

/// The percentages of a text that can be availabilities.
fn shares(text: &str) -> impl Iterator<Item = (f64, std::ops::Range<usize>)> {
    let all =
        figures(text).into_iter().filter(|it| it.is_percent() && it.high.is_none() && (90.0..100.0).contains(&it.low));
    all.map(|it| (it.low, it.start..it.end)).collect::<Vec<_>>().into_iter()
}

fn shares_of(line: Slice<'_>) -> Vec<(f64, Span)> {
    shares(line.as_str()).map(|it| (it.0, line.get(it.1).span())).collect()
}

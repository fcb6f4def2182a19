//! High risks without mitigation in documents that are Approved.

use model::claim::Property;
use model::{Spec, Status};
use source::Level;
use syntax::columns::is_nothing;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unmitigated-risk-in-approved",
    summary: "an Approved document has a high risk without mitigation",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unmitigated-risk-in-approved.md"),
    check: Check::Spec(unmitigated_risk_in_approved),
};

fn unmitigated_risk_in_approved(sink: &mut Sink<'_>, spec: &Spec) {
    let Some((status @ (Status::Approved | Status::Implemented), at)) = spec.status() else { return };
    let claims = spec.claims();
    for subject in claims.subjects_of("risk") {
        let text = |property| claims.of(subject, property).next().and_then(|it| it.value.as_text());
        let high = [Property::Likelihood, Property::Impact].into_iter().any(|it| text(it).is_some_and(is_high));
        let Some(mitigation) = claims.of(subject, Property::Mitigation).next() else { continue };
        if high && is_nothing(mitigation.value.as_text().unwrap_or("")) {
            drop(
                sink.report(mitigation.span, "a high risk without mitigation")
                    .about(subject)
                    .label(at, format!("the status says {}", status.as_str()))
                    .help("say what is done about it, or why it is accepted"),
            );
        }
    }
}

fn is_high(text: &str) -> bool {
    let word: String = text.chars().skip_while(|it| !it.is_alphabetic()).take_while(|it| it.is_alphabetic()).collect();
    matches!(word.to_lowercase().as_str(), "h" | "high" | "critical" | "severe")
}

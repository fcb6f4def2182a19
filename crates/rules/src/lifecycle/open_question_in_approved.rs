//! Open questions in documents that are Approved.

use model::claim::{Property, Value};
use model::{Spec, Status};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "open-question-in-approved",
    summary: "an Approved document has an open question",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/open-question-in-approved.md"),
    check: Check::Spec(open_question_in_approved),
};

fn open_question_in_approved(sink: &mut Sink<'_>, spec: &Spec) {
    let Some((status @ (Status::Approved | Status::Implemented), at)) = spec.status() else { return };
    let claims = spec.claims();
    for subject in claims.subjects_of("question") {
        let open = claims.of(subject, Property::Open).find(|it| it.value == Value::Flag(true));
        if let Some(open) = open {
            drop(
                sink.report(open.span, "this question is still open")
                    .about(subject)
                    .label(at, format!("the status says {}", status.as_str()))
                    .help("answer it and tick it, or set the status back to Review"),
            );
        }
    }
}

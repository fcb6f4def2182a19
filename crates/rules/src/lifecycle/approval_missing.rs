//! Approved documents that nobody has signed.

use model::claim::{Property, Subject};
use model::{Spec, Status};
use source::{Level, Span};
use syntax::Family;
use syntax::columns::is_nothing;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "approval-missing",
    summary: "the document is Approved without a name, date or signature",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/approval-missing.md"),
    check: Check::Spec(approval_missing),
};

fn approval_missing(sink: &mut Sink<'_>, spec: &Spec) {
    let Some((Status::Approved, status)) = spec.status() else { return };
    let doc = spec.document();
    let Some(section) = doc.of_family(Family::Approval).next() else { return };
    let claims = spec.claims();
    let roles: Vec<&Subject> = claims.subjects_of("approval").collect();
    for subject in &roles {
        let Some(row) = claims.of(subject, Property::Role).next() else { continue };
        let role = row.value.as_text().unwrap_or("");
        let said = |property| claims.of(subject, property).next();
        let columns = [(Property::Author, "name"), (Property::Date, "date"), (Property::Signature, "signature")];
        let missing: Vec<&str> = columns
            .iter()
            .filter(|(property, _)| said(*property).is_some_and(|it| is_pending(it.value.as_text().unwrap_or(""))))
            .map(|it| it.1)
            .collect();
        if !missing.is_empty() {
            report(sink, row.span, status, role, &missing, subject);
        }
    }
    if roles.is_empty() && section.blocks.is_empty() {
        drop(
            sink.report(section.heading.all().span(), "nobody has approved this document")
                .label(status, "the status says Approved"),
        );
    }
}

fn report(sink: &mut Sink<'_>, row: Span, status: Span, role: &str, missing: &[&str], subject: &Subject) {
    let role = if role.is_empty() { "this row".to_owned() } else { format!("`{role}`") };
    drop(
        sink.report(row, format!("{role} has not approved: no {}", missing.join(", no ")))
            .about(subject)
            .label(status, "the status says Approved")
            .help("sign the row, or set the status back to Review"),
    );
}

/// Empty, `TBD`, `[Pending]`, `_draft -- not signed_`.
fn is_pending(text: &str) -> bool {
    let lower = text.to_lowercase();
    is_nothing(text)
        || ["pending", "not signed", "unsigned", "awaiting", "[name]", "[date]", "yyyy"]
            .iter()
            .any(|it| lower.contains(it))
}

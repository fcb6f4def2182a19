//! Error examples that no error table lists.

use model::{Endpoint, Spec};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "undocumented-error",
    summary: "an error response is shown that no error table lists",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/undocumented-error.md"),
    check: Check::Spec(undocumented_error),
};

fn undocumented_error(sink: &mut Sink<'_>, spec: &Spec) {
    for endpoint in &spec.endpoints {
        let Some(table) = endpoint.error_table.filter(|_| !endpoint.errors.is_empty()) else { continue };
        for response in endpoint.responses.iter().filter(|it| it.status >= 400 && !it.inferred) {
            if lists(endpoint, response.status) || spec.errors.iter().any(|it| it.status == Some(response.status)) {
                continue;
            }
            drop(
                sink.report(
                    response.span,
                    format!(
                        "{} is shown, but the errors of `{} {}` do not list it",
                        response.status, endpoint.method, endpoint.path
                    ),
                )
                .about(&endpoint.subject)
                .label(table, "the errors that are listed")
                .help(format!("add {} with its reason", response.status)),
            );
        }
    }
}

fn lists(endpoint: &Endpoint, status: u16) -> bool {
    endpoint.errors.iter().any(|it| it.status == Some(status))
}

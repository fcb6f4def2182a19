//! Error examples that no error table lists.

use model::Spec;
use source::Level;
use syntax::Family;

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
    let doc = spec.document();
    let general = spec.errors.iter().filter(|it| it.status.is_some()).map(|it| it.span).next();
    for endpoint in &spec.endpoints {
        // The endpoint's own errors, else those of the whole document.
        let own = endpoint.error_table.filter(|_| endpoint.errors.iter().any(|it| it.status.is_some()));
        let Some(table) = own.or(general) else { continue };
        let rows = if own.is_some() { &endpoint.errors } else { &spec.errors };
        let mut told: Vec<u16> = Vec::new();
        for response in endpoint.responses.iter().filter(|it| it.status >= 400 && !it.inferred) {
            let status = response.status;
            if rows.iter().any(|it| it.status == Some(status)) || told.contains(&status) {
                continue;
            }
            told.push(status);
            let heading = doc.section_at(response.span).filter(|it| it.own == Some(Family::Response));
            let at = heading.map_or(response.span, |it| it.span);
            let route = format!("{} {}", endpoint.method, endpoint.path);
            drop(
                sink.report(at, format!("{status} is shown, but the errors of `{route}` do not list it"))
                    .about(&endpoint.subject)
                    .label(table, "the errors that are listed")
                    .help(format!("add {status} with its reason")),
            );
        }
    }
}

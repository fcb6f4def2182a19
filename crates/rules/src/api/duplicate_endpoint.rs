//! Routes that are specified twice, in one document or in two that belong together.

use model::Spec;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "duplicate-endpoint",
    summary: "one route is specified twice",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/duplicate-endpoint.md"),
    check: Check::Spec(duplicate_endpoint),
};

fn duplicate_endpoint(sink: &mut Sink<'_>, spec: &Spec) {
    for endpoint in &spec.endpoints {
        let route = format!("{} {}", endpoint.method, endpoint.path);
        if let Some((first, others)) = endpoint.details.split_first() {
            for other in others {
                drop(
                    sink.report(*other, format!("`{route}` is specified twice"))
                        .about(&endpoint.subject)
                        .label(*first, "first specified here")
                        .note("a router serves only one of them")
                        .help("merge the two, or change the path of one"),
                );
            }
        }
    }
    // Between documents that belong together, the later path is told.
    let workspace = sink.context.workspace;
    for endpoint in &spec.endpoints {
        for (index, at) in workspace.routes(&endpoint.subject) {
            let Some(other) = workspace.specs.get(*index) else { continue };
            let later = (other.path.as_str(), *index) < (spec.path.as_str(), sink.index);
            if !later || !workspace.are_together(*index, sink.index) {
                continue;
            }
            let Some(same) = other.endpoints.get(*at) else { continue };
            drop(
                sink.report(
                    endpoint.span,
                    format!("`{} {}` is also specified in {}", endpoint.method, endpoint.path, other.path),
                )
                .about(&endpoint.subject)
                .label(same.span, "the other document's")
                .help("let one document own the route and the other refer to it"),
            );
        }
    }
}

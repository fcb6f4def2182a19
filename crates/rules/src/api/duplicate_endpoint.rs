//! Routes that are specified twice, in one document or in two that belong together.

use model::Spec;
use source::{Level, Span};
use syntax::Family;

use crate::{Check, Place, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "duplicate-endpoint",
    summary: "one route is specified twice",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/duplicate-endpoint.md"),
    check: Check::Both(within, between),
};

fn within(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    for endpoint in spec.endpoints.iter().filter(|it| it.details.len() > 1) {
        let route = format!("{} {}", endpoint.method, endpoint.path);
        // A requirement asks for what the API specifies, and a plan for another time changes it.
        let asks = |it: &&Span| {
            doc.section_at(**it).is_some_and(|section| {
                doc.ancestors(section.id).any(|it| {
                    it.own == Some(Family::Acceptance)
                        || it.level > 1 && it.title.whole.ends_with("requirement")
                        || it.level > 1 && is_of_another_time(it.heading.as_str())
                })
            })
        };
        let details: Vec<&Span> = endpoint.details.iter().filter(|it| !asks(it)).collect();
        if let Some((first, others)) = details.split_first() {
            for other in others {
                drop(
                    sink.report(**other, format!("`{route}` is specified twice"))
                        .about(&endpoint.subject)
                        .label(**first, "first specified here")
                        .note("a router serves only one of them")
                        .help("merge the two, or change the path of one"),
                );
            }
        }
    }
}

/// Whether a heading says that it tells of what was, or of what is to be.
fn is_of_another_time(heading: &str) -> bool {
    const WORDS: [&str; 13] = [
        "proposed",
        "redesign",
        "redesigned",
        "current",
        "existing",
        "legacy",
        "old",
        "before",
        "after",
        "planned",
        "deprecated",
        "alternative",
        "option",
    ];
    heading.split(|it: char| !it.is_alphabetic()).any(|word| WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

/// Between documents that belong together, the later path is told.
fn between(sink: &mut Sink<'_>, place: &Place<'_>) {
    let (workspace, document) = (place.workspace, place.document);
    for route in &document.routes {
        for (index, at) in workspace.routes(&route.subject) {
            let Some(other) = workspace.documents().get(*index) else { continue };
            let later = (other.path.as_str(), *index) < (document.path.as_str(), place.index);
            if !later || !workspace.are_together(*index, place.index) {
                continue;
            }
            let Some(same) = other.routes.get(*at) else { continue };
            drop(
                sink.report(route.span, format!("`{}` is also specified in {}", route.words, other.path))
                    .about(&route.subject)
                    .label(same.span, "the other document's")
                    .help("let one document own the route and the other refer to it"),
            );
        }
    }
}

//! Descriptions of an API that the document links to and that are not YAML.

use model::Spec;
use model::read::ProblemKind;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "invalid-openapi",
    summary: "a linked OpenAPI file is not YAML",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/invalid-openapi.md"),
    check: Check::Spec(invalid_openapi),
};

fn invalid_openapi(sink: &mut Sink<'_>, spec: &Spec) {
    for problem in spec.facts.problems.iter().filter(|it| it.kind == ProblemKind::Linked) {
        let mut finding = sink.report(problem.span, format!("the linked file is not YAML: {}", problem.message));
        if let Some(cause) = problem.cause {
            finding = finding.label(cause, "here");
        }
        drop(finding.note("what it declares is not compared with this document"));
    }
}

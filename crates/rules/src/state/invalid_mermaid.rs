//! Diagrams that Mermaid does not parse.

use model::Spec;
use model::read::ProblemKind;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "invalid-mermaid",
    summary: "a Mermaid diagram that Mermaid rejects",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/invalid-mermaid.md"),
    check: Check::Spec(invalid_mermaid),
};

fn invalid_mermaid(sink: &mut Sink<'_>, spec: &Spec) {
    for problem in spec.facts.problems.iter().filter(|it| it.kind == ProblemKind::Mermaid) {
        let mut finding = sink.report(problem.span, problem.message.clone());
        if let Some(help) = &problem.help {
            finding = finding.help(help.clone());
        }
        drop(finding);
    }
}

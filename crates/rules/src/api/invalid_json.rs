//! Bodies that are not even lenient JSON.

use model::Spec;
use model::read::ProblemKind;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "invalid-json",
    summary: "a body is not JSON, not even leniently read",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/invalid-json.md"),
    check: Check::Spec(invalid_json),
};

fn invalid_json(sink: &mut Sink<'_>, spec: &Spec) {
    for problem in spec.facts.problems.iter().filter(|it| it.kind == ProblemKind::Json) {
        drop(
            sink.report(problem.span, problem.message.clone())
                .note("comments, `...` and trailing commas are accepted; this is not JSON even so"),
        );
    }
}

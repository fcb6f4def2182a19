//! Blocks that look like structure but could not be read.

use model::Spec;
use model::read::ProblemKind;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unread-block",
    summary: "a block looks like structure but could not be read",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/unread-block.md"),
    check: Check::Spec(unread_block),
};

fn unread_block(sink: &mut Sink<'_>, spec: &Spec) {
    for problem in
        spec.facts.problems.iter().filter(|it| matches!(it.kind, ProblemKind::Declaration | ProblemKind::Unread))
    {
        drop(sink.report(problem.span, format!("not read: {}", problem.message)).note("the rest of the block is read"));
    }
}

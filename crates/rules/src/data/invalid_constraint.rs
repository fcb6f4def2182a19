//! Constraints and guards that do not parse or do not type-check as CEL.

use model::{Meaning, Spec};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "invalid-constraint",
    summary: "a constraint or guard is not a valid expression",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/invalid-constraint.md"),
    check: Check::Spec(invalid_constraint),
};

fn invalid_constraint(sink: &mut Sink<'_>, spec: &Spec) {
    let constraints = spec.entities.iter().flat_map(|it| &it.constraints).map(|it| (&it.subject, &it.meaning));
    let guards =
        spec.machines.iter().flat_map(|it| it.transitions.iter().map(move |transition| (&it.subject, transition)));
    let guards = guards.filter_map(|(subject, it)| Some((subject, &it.guard.as_ref()?.1)));
    for (subject, meaning) in constraints.chain(guards) {
        let Meaning::Broken(problems) = meaning else { continue };
        for problem in problems {
            let mut finding = sink.report(problem.span, problem.message.clone()).about(subject);
            if let Some(help) = &problem.help {
                finding = finding.help(help.clone());
            }
            drop(finding);
        }
    }
}

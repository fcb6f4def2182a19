//! Silences of rules that do not exist.

use source::Level;

use crate::{Allowed, RULES};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-rule",
    summary: "a silence names a rule that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-rule.md"),
    check: Check::Silences(unknown_rule),
};

fn unknown_rule(sink: &mut Sink<'_>, allowed: &[Allowed<'_>]) {
    for it in allowed.iter().filter(|it| crate::rule(&it.allow.rule).is_none()) {
        let near = source::nearest(&it.allow.rule, RULES.iter().map(|it| it.name));
        drop(
            sink.report(it.allow.span, format!("there is no rule `{}`", it.allow.rule))
                .instead_of(&it.allow.rule, near),
        );
    }
}

//! Silences that silence nothing.

use source::{Applicability, Edit, Level};

use crate::Allowed;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unused-allow",
    summary: "a silence silences nothing",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unused-allow.md"),
    check: Check::Silences(unused_allow),
};

fn unused_allow(sink: &mut Sink<'_>, allowed: &[Allowed<'_>]) {
    for it in allowed.iter().filter(|it| !it.used && !it.allow.reason.is_empty()) {
        // A rule that is not run cannot be silenced.
        let Some(rule) = sink.context.rules.iter().find(|rule| rule.name == it.allow.rule) else { continue };
        drop(
            sink.report(it.allow.span, format!("nothing here breaks `{}`", rule.name)).help("remove the silence").fix(
                "remove the silence",
                Applicability::Safe,
                vec![Edit { span: it.allow.span, text: String::new() }],
            ),
        );
    }
}

//! Silences without a reason.

use source::Level;

use crate::Allowed;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "allow-without-reason",
    summary: "a silence gives no reason",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/allow-without-reason.md"),
    check: Check::Silences(allow_without_reason),
};

fn allow_without_reason(sink: &mut Sink<'_>, allowed: &[Allowed<'_>]) {
    for it in allowed.iter().filter(|it| it.allow.reason.is_empty()) {
        drop(
            sink.report(it.allow.span, format!("no reason is given for allowing `{}`", it.allow.rule))
                .note("a silence without a reason is not honoured")
                .help(format!("write `<!-- allow({}): why -->`", it.allow.rule)),
        );
    }
}

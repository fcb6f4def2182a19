//! Code fences that are never closed, or only by the end of a later one.

use model::Spec;
use source::Level;
use syntax::document::fences;
use syntax::page::Fence;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unclosed-fence",
    summary: "a code fence is never closed",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/unclosed-fence.md"),
    check: Check::Spec(unclosed_fence),
};

fn unclosed_fence(sink: &mut Sink<'_>, spec: &Spec) {
    for section in &spec.document().sections {
        fences(&section.blocks, &mut |fence, _| {
            if !fence.closed {
                drop(
                    sink.report(fence.open, "this fence is never closed")
                        .note("everything after it is read as code")
                        .help("add the closing fence"),
                );
            } else if let Some(second) = opening_within(fence) {
                let span = fence.content.span(second.0..second.1);
                drop(
                    sink.report(fence.open, "this fence is not closed before the next one opens")
                        .label(span, "opened within it")
                        .note("what stands between them is read as code")
                        .help("add the closing fence"),
                );
            }
        });
    }
}

/// A line inside a fence that opens one of the same kind with a language: the first was meant to be
/// closed before.
fn opening_within(fence: &Fence) -> Option<(usize, usize)> {
    if matches!(fence.lang.as_str(), "markdown" | "md" | "mdx" | "") || !fence.marker.starts_with("```") {
        return None;
    }
    let mut at = 0;
    for line in fence.content.as_str().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let info = line.trim().strip_prefix(fence.marker.as_str()).unwrap_or("");
        if !info.is_empty() && info.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '+' | '_')) {
            return Some((start, start + line.trim_end().len()));
        }
    }
    None
}

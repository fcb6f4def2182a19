//! Code fences that are never closed, or only by the end of a later one.

use memchr::memmem;
use source::{Applicability, Edit, Level};
use syntax::page::Fence;

use crate::{Check, Finding, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unclosed-fence",
    summary: "a code fence is never closed",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/unclosed-fence.md"),
    check: Check::Review(unclosed_fence),
};

fn unclosed_fence(sink: &mut Sink<'_>, review: &Review<'_>) {
    for fence in review.texts().fences() {
        if !fence.closed {
            let finding = sink
                .report(fence.open, "this fence is never closed")
                .note("everything after it is read as code")
                .help("add the closing fence");
            drop(closed(finding, fence));
        } else if let Some(second) = opening_within(fence) {
            let span = fence.content.span(second.0..second.1);
            let finding = sink
                .report(fence.open, "this fence is not closed before the next one opens")
                .label(span, "opened within it")
                .note("what stands between them is read as code")
                .help("add the closing fence");
            drop(closed(finding, fence));
        }
    }
}

/// A line inside a fence that opens one of the same kind with a language: the first was meant to be
/// closed before.
fn opening_within(fence: &Fence) -> Option<(usize, usize)> {
    let text = fence.content.as_str();
    let shown = matches!(fence.lang.as_str(), "markdown" | "md" | "mdx" | "");
    if shown || !fence.marker.starts_with("```") || memmem::find(text.as_bytes(), fence.marker.as_bytes()).is_none() {
        return None;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        // Indented further, it neither opens nor closes.
        if line.starts_with("    ") || line.trim_start_matches(' ').starts_with('\t') {
            continue;
        }
        let info = line.trim().strip_prefix(fence.marker.as_str()).unwrap_or("");
        if !info.is_empty() && info.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '-' | '+' | '_')) {
            return Some((start, start + line.trim_end().len()));
        }
    }
    None
}

/// Closes a fence before the first heading or bold line after an empty line in it, where there is one.
fn closed<'s, 'a>(finding: Finding<'s, 'a>, fence: &Fence) -> Finding<'s, 'a> {
    let text = fence.content.as_str();
    let (mut at, mut blank, mut end) = (0usize, false, 0usize);
    for line in text.split_inclusive('\n') {
        let plain = line.trim();
        // One `#` begins a comment in many languages.
        let heading = plain.starts_with("##") && plain.trim_start_matches('#').starts_with(' ');
        if blank && at > 0 && (heading || plain.starts_with("**")) {
            let place = fence.content.span(end.saturating_sub(1)..end).tail();
            let edit = Edit { span: place, text: format!("{}\n", fence.marker) };
            return finding.fix("close it before the heading", Applicability::Unsafe, vec![edit]);
        }
        at += line.len();
        blank = plain.is_empty();
        if !blank {
            end = at;
        }
    }
    finding
}

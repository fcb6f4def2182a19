//! `check --format github`: workflow commands of GitHub Actions, one line for each finding.

use std::fmt::Write;

use source::{Diagnostic, Level, Sources, Span};

/// A line for each finding. What a command keeps for itself is escaped as GitHub's runner reads it.
pub(crate) fn findings<'a>(diagnostics: impl Iterator<Item = &'a Diagnostic>, sources: &Sources) -> String {
    let mut out = String::new();
    for it in diagnostics {
        let command = match it.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Info => "notice",
        };
        let span = it.primary.span;
        let at = |offset: u32| sources.position(Span { start: offset, end: offset, ..span });
        let (start, end) = (at(span.start), at(span.end));
        let mut text = it.message.clone();
        for note in &it.notes {
            let _ = write!(text, "\n{note}");
        }
        if let Some(help) = &it.help {
            let _ = write!(text, "\nhelp: {help}");
        }
        let _ = write!(out, "::{command} file={},line={}", property(sources.path(span.file)), start.line);
        // Columns are shown only for what stands on one line.
        if start.line == end.line {
            let _ = write!(out, ",col={},endColumn={}", start.column, end.column.max(start.column));
        } else {
            let _ = write!(out, ",endLine={}", end.line);
        }
        let _ = writeln!(out, ",title={}::{}", property(it.rule), data(&text));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

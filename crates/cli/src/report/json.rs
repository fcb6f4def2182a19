//! `check --format json`: an interface, described by `docs/schemas/check.json`. It changes only by
//! addition.

use serde::Serialize;
use source::{Applicability, Diagnostic, Level, Sources, Span};

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    diagnostics: Vec<Finding<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    specs: usize,
    errors: usize,
    warnings: usize,
    infos: usize,
}

#[derive(Serialize)]
struct Finding<'a> {
    rule: &'a str,
    level: &'a str,
    message: &'a str,
    path: &'a str,
    address: &'a str,
    start: Place,
    end: Place,
    labels: Vec<Label<'a>>,
    notes: &'a [String],
    help: Option<&'a str>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

#[derive(Serialize)]
struct Label<'a> {
    message: &'a str,
    path: &'a str,
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<Edit<'a>>,
}

#[derive(Serialize)]
struct Edit<'a> {
    path: &'a str,
    start: Place,
    end: Place,
    text: &'a str,
}

/// The findings as one JSON object, indented, with a line break at its end.
pub(crate) fn findings(diagnostics: &[Diagnostic], sources: &Sources, specs: usize) -> String {
    let count = |level| diagnostics.iter().filter(|it| it.level == level).count();
    let summary =
        Summary { specs, errors: count(Level::Error), warnings: count(Level::Warning), infos: count(Level::Info) };
    let report =
        Report { version: 1, diagnostics: diagnostics.iter().map(|it| finding(it, sources)).collect(), summary };
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn place(sources: &Sources, span: Span, offset: u32) -> Place {
    let at = sources.position(Span { start: offset, end: offset, ..span });
    Place { line: at.line, column: at.column, offset: offset as usize }
}

fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    let span = diagnostic.primary.span;
    let label = |it: &'a source::Label| Label {
        message: &it.message,
        path: sources.path(it.span.file),
        start: place(sources, it.span, it.span.start),
        end: place(sources, it.span, it.span.end),
    };
    let fix = diagnostic.fix.as_ref().map(|fix| Fix {
        title: &fix.title,
        applicability: match fix.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::Display => "display",
        },
        edits: fix
            .edits
            .iter()
            .map(|it| Edit {
                path: sources.path(it.span.file),
                start: place(sources, it.span, it.span.start),
                end: place(sources, it.span, it.span.end),
                text: &it.text,
            })
            .collect(),
    });
    Finding {
        rule: diagnostic.rule,
        level: diagnostic.level.as_str(),
        message: &diagnostic.message,
        path: sources.path(span.file),
        address: &diagnostic.address,
        start: place(sources, span, span.start),
        end: place(sources, span, span.end),
        labels: diagnostic.labels.iter().map(label).collect(),
        notes: &diagnostic.notes,
        help: diagnostic.help.as_deref(),
        fix,
    }
}

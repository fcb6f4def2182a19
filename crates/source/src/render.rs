//! Findings as text, as rustc renders them, and one per line.

use annotate_snippets::{AnnotationKind, Group, Level as Title, Renderer, Snippet};

use crate::file::floor_boundary;
use crate::{Diagnostic, FileId, Level, SourceFile, Sources, Span};

/// How to render.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without colours, Unicode lines.
    Plain,
    /// With colours.
    Coloured,
}

/// The finding with its source lines. Ends without a line break.
pub fn text(diagnostic: &Diagnostic, sources: &Sources, style: Style) -> String {
    let title = match diagnostic.level {
        Level::Error => Title::ERROR,
        Level::Warning => Title::WARNING,
        Level::Info => Title::INFO,
    };
    let mut group = Group::with_title(title.primary_title(&diagnostic.message).id(diagnostic.rule));
    let mut files: Vec<FileId> = vec![diagnostic.primary.span.file];
    for label in &diagnostic.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    for id in files {
        let Some(file) = sources.get(id) else { continue };
        let mut snippet = Snippet::source(file.text.as_str()).path(file.path.as_str());
        if diagnostic.primary.span.file == id {
            let mut mark = AnnotationKind::Primary.span(visible(file, diagnostic.primary.span));
            if !diagnostic.primary.message.is_empty() {
                mark = mark.label(diagnostic.primary.message.as_str());
            }
            snippet = snippet.annotation(mark);
        }
        for label in diagnostic.labels.iter().filter(|it| it.span.file == id) {
            let mut mark = AnnotationKind::Context.span(visible(file, label.span));
            if !label.message.is_empty() {
                mark = mark.label(label.message.as_str());
            }
            snippet = snippet.annotation(mark);
        }
        group = group.element(snippet);
    }
    for note in &diagnostic.notes {
        group = group.element(Title::NOTE.message(note.as_str()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Title::HELP.message(help.as_str()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.decor_style(annotate_snippets::renderer::DecorStyle::Unicode).render(&[group])
}

/// The finding on one line: `path:line:column: level[rule]: message`.
pub fn concise(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let span = diagnostic.primary.span;
    let at = sources.position(span);
    let (level, rule, message) = (diagnostic.level.as_str(), diagnostic.rule, &diagnostic.message);
    format!("{}:{}:{}: {level}[{rule}]: {message}", sources.path(span.file), at.line, at.column)
}

/// A range that the renderer can show: within the text, on character boundaries, at most the rest of
/// its first line. (A finding on a whole section would print the section.)
fn visible(file: &SourceFile, span: Span) -> std::ops::Range<usize> {
    let start = floor_boundary(&file.text, span.start as usize);
    let end = floor_boundary(&file.text, span.end as usize).max(start);
    let rest = file.text.get(start..end).unwrap_or("");
    let line = rest.find('\n').map_or(rest, |at| rest.get(..at).unwrap_or(""));
    start..start + line.trim_end().len()
}

//! Findings as text, as rustc renders them, and one per line.

use std::ops::Range;

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
        let primary = std::iter::once((AnnotationKind::Primary, &diagnostic.primary));
        let labels = primary.chain(diagnostic.labels.iter().map(|it| (AnnotationKind::Context, it)));
        let labels = labels.filter(|it| it.1.span.file == id);
        let labels: Vec<_> = labels.map(|(kind, it)| (kind, visible(file, it.span), it.message.as_str())).collect();
        // Only these lines are shown, and the renderer looks at each line that it is given.
        let lines = lines_around(&file.text, labels.iter().map(|it| &it.1));
        let from = lines.start;
        let snippet = Snippet::source(file.text.get(lines).unwrap_or("")).path(file.path.as_str());
        let marks = labels.into_iter().map(|(kind, range, message)| {
            let mark = kind.span(range.start - from..range.end - from);
            if message.is_empty() { mark } else { mark.label(message) }
        });
        group = group.element(snippet.line_start(file.position(from).line).annotations(marks));
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
fn visible(file: &SourceFile, span: Span) -> Range<usize> {
    let start = floor_boundary(&file.text, span.start as usize);
    let end = floor_boundary(&file.text, span.end as usize).max(start);
    let rest = file.text.get(start..end).unwrap_or("");
    let line = rest.find('\n').map_or(rest, |at| rest.get(..at).unwrap_or(""));
    start..start + line.trim_end().len()
}

/// From the first to the last line of some ranges. What follows the last line break is no line.
fn lines_around<'a>(text: &str, ranges: impl Iterator<Item = &'a Range<usize>>) -> Range<usize> {
    let (first, last) = ranges.fold((text.len(), 0), |(first, last), it| (first.min(it.start), last.max(it.end)));
    let whole = text.strip_suffix('\n').unwrap_or(text);
    let before = whole.get(..first.min(whole.len())).unwrap_or("");
    let start = before.rfind('\n').map_or(0, |it| it + 1);
    let end = text.get(last..).and_then(|it| it.find('\n')).map_or(text.len(), |it| last + it + 1);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The finding, rendered with the whole file at hand.
    fn with_all(diagnostic: &Diagnostic, file: &SourceFile) -> String {
        let mut snippet = Snippet::source(file.text.as_str()).path(file.path.as_str());
        snippet = snippet.annotation(AnnotationKind::Primary.span(visible(file, diagnostic.primary.span)));
        for label in &diagnostic.labels {
            let mark = AnnotationKind::Context.span(visible(file, label.span));
            snippet = snippet.annotation(mark.label(label.message.as_str()));
        }
        let title = Title::WARNING.primary_title(&diagnostic.message).id(diagnostic.rule);
        let renderer = Renderer::plain().decor_style(annotate_snippets::renderer::DecorStyle::Unicode);
        renderer.render(&[Group::with_title(title).element(snippet)])
    }

    #[test]
    fn lines_that_are_not_shown_change_nothing() {
        for text in [
            "",
            "one",
            "one\n",
            "\n",
            "\n\n",
            "one\ntwo\n\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven",
            "one\r\ntwo\r\n\r\nfour é 字\r\n",
            "one\ntwo\n\n",
        ] {
            let mut sources = Sources::default();
            let id = sources.add(SourceFile::new("a.md", text));
            let file = sources.get(id).unwrap();
            let places: Vec<usize> = (0..=text.len()).filter(|it| text.is_char_boundary(*it)).collect();
            for from in &places {
                // Given all lines, the renderer counts one too few before an empty place where a line begins.
                for len in [2, 5, 100] {
                    let span = |at: usize| Span::new(id, at..(at + len).min(text.len()));
                    let mut finding = Diagnostic::new("some-rule", Level::Warning, span(*from), "it is wrong");
                    assert_eq!(super::text(&finding, &sources, Style::Plain), with_all(&finding, file), "{text:?}");
                    for other in places.iter().step_by(3) {
                        finding.labels.clear();
                        finding = finding.label(span(*other), "because of this");
                        let whole = with_all(&finding, file);
                        assert_eq!(super::text(&finding, &sources, Style::Plain), whole, "{text:?}");
                    }
                }
            }
        }
    }
}

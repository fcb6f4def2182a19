//! `check --format junit`: JUnit's XML, a suite for each document and a case for each finding; a document
//! without findings is a case that passes.

use std::collections::HashMap;
use std::fmt::Write;

use source::render::{Style, text};
use source::{Diagnostic, Level, Sources};

/// The report. Findings of level info pass, with what they say as output.
pub(crate) fn findings<'a>(
    diagnostics: impl Iterator<Item = &'a Diagnostic>,
    sources: &Sources,
    paths: &[&str],
) -> String {
    let all: Vec<&Diagnostic> = diagnostics.collect();
    let mut by_path: HashMap<&str, Vec<&Diagnostic>> = HashMap::new();
    for it in &all {
        by_path.entry(sources.path(it.primary.span.file)).or_default().push(it);
    }
    let of = |path: &str| by_path.get(path).map_or(&[][..], Vec::as_slice);
    let fails = |it: &&&Diagnostic| it.level > Level::Info;
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let cases: usize = paths.iter().map(|path| of(path).len().max(1)).sum();
    let _ = writeln!(
        out,
        "<testsuites name=\"truespec\" tests=\"{cases}\" failures=\"{}\" errors=\"0\">",
        all.iter().filter(fails).count()
    );
    for path in paths {
        let own = of(path);
        let failures = own.iter().filter(fails).count();
        let name = escaped(path);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\">",
            own.len().max(1)
        );
        if own.is_empty() {
            let _ = writeln!(out, "    <testcase classname=\"{name}\" name=\"check\"/>");
        }
        for it in own {
            let at = sources.position(it.primary.span);
            let place = format!("{}:{}:{}", path, at.line, at.column);
            let case = escaped(&format!("{} at {}:{}", it.rule, at.line, at.column));
            let shown = escaped(&format!("{place}\n{}", text(it, sources, Style::Plain)));
            let _ = write!(out, "    <testcase classname=\"{name}\" name=\"{case}\">");
            if it.level > Level::Info {
                let (message, kind) = (escaped(&it.message), it.level.as_str());
                let _ = write!(out, "<failure message=\"{message}\" type=\"{kind}\">{shown}</failure>");
            } else {
                let _ = write!(out, "<system-out>{shown}</system-out>");
            }
            out.push_str("</testcase>\n");
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

/// As text and attributes of XML 1.0 take it: characters that it forbids become U+FFFD.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

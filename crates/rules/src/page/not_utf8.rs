//! Files that are not UTF-8.

use model::Spec;
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "not-utf8",
    summary: "the file is not UTF-8",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/not-utf8.md"),
    check: Check::Spec(not_utf8),
};

/// What bytes that are no UTF-8 are read as.
const REPLACEMENT: &str = "\u{fffd}";

fn not_utf8(sink: &mut Sink<'_>, spec: &Spec) {
    let file = spec.document().file;
    let text = sink.sources.get(file).map_or("", |it| it.text.as_str());
    let Some(at) = memchr::memmem::find(text.as_bytes(), REPLACEMENT.as_bytes()) else { return };
    let span = Span::new(file, at..at + REPLACEMENT.len());
    drop(
        sink.report(span, "this is not UTF-8")
            .note("such bytes are read as `\u{fffd}`; the rest of the file is read as it is")
            .help("save the file as UTF-8"),
    );
}

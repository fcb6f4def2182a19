//! Files that are not UTF-8, or were not when they were converted.

use model::Spec;
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "not-utf8",
    summary: "a character is lost: the file is not UTF-8, or was made from one that was not",
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
        sink.report(span, "a character is lost here")
            .note("`\u{fffd}` stands for bytes that are not UTF-8, here or in the file that this was made from")
            .help("write the character again, and save the file as UTF-8"),
    );
}

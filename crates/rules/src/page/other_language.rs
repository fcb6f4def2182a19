//! Documents in another language than English.

use model::Spec;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "other-language",
    summary: "the document is not in English",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/other-language.md"),
    check: Check::Spec(other_language),
};

fn other_language(sink: &mut Sink<'_>, spec: &Spec) {
    if !is_foreign(spec) {
        return;
    }
    let Some(title) = spec.document().title() else { return };
    drop(
        sink.report(title.heading.all().span(), "this document is not in English")
            .note("only rules that read no prose apply to it"),
    );
}

/// Whether the headings are mostly in another language: in another script, or hardly any of many has a
/// family or an English word.
pub(crate) fn is_foreign(spec: &Spec) -> bool {
    let sections = &spec.document().sections;
    if sections.iter().all(|it| it.heading.as_str().is_ascii()) {
        return false;
    }
    let (mut latin, mut other) = (0usize, 0usize);
    for section in sections {
        let heading = section.heading.as_str();
        if heading.is_ascii() {
            latin += heading.bytes().filter(u8::is_ascii_alphabetic).count();
            continue;
        }
        for c in heading.chars().filter(|it| it.is_alphabetic()) {
            let foreign = !c.is_ascii() && !matches!(c, '\u{00c0}'..='\u{00ff}');
            if foreign { other += 1 } else { latin += 1 }
        }
    }
    other * 4 > latin + other
}

//! What sentences say of states: where a record begins and ends, and what is possible only where.

use source::{Spanned, Text, TextBuilder};
use syntax::Family;
use syntax::document::Section;
use syntax::english::{self, Lifecycle};
use syntax::family::normal;
use syntax::inline::{Inline, Slice};
use syntax::needles::Needles;
use syntax::page::{Block, BlockKind};
use syntax::types::Type;

use super::{in_state, machine};
use crate::claim::{Form, Property, Subject, Value};
use crate::names::is_of_states;
use crate::read::{Entry, Reader, entries};

/// Sections whose sentences may be about states, by a word of their heading.
static ABOUT: Needles = Needles::new(&[
    "rule",
    "invariant",
    "constraint",
    "lifecycle",
    "state",
    "status",
    "transition",
    "validation",
    "logic",
    "limitation",
]);

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let machines = reader.claims.subjects_of("machine").next().is_some();
    if !machines && !lists_states(reader) {
        return;
    }
    for section in &doc.sections {
        let state = in_state(reader, section);
        let about = || ABOUT.are_in(section.title.key());
        let endpoint = section.within.contains(Family::Endpoint) || section.within.contains(Family::Api);
        if !state && !endpoint && !about() {
            continue;
        }
        if state {
            terminal(reader, section, &entries(&section.blocks), machines);
        }
        let mut texts = Vec::new();
        entered(&section.blocks, &mut texts);
        for text in texts.into_iter().filter(|it| english::may_be_of_states(it.as_str())) {
            for sentence in text.all().sentences() {
                if !english::may_be_of_states(sentence.as_str()) {
                    continue;
                }
                if let Some(said) = english::of_states(&quoted(sentence)) {
                    let subject = Subject::of("lifecycle", "rule");
                    let value = Value::Lifecycle(Box::new(said));
                    reader.say(&subject, Property::Rule, value, sentence.span(), Form::Prose);
                }
            }
        }
    }
}

/// Whether a type lists states: those of a field or an enumeration with such a name.
fn lists_states(reader: &Reader<'_>) -> bool {
    reader.claims.all.iter().filter(|it| it.property == Property::Type).any(|it| {
        let words = matches!(&it.value, Value::Type(ty) if matches!(ty.bare(), Type::Enum(_)));
        words && is_of_states(it.subject.as_str())
    })
}

/// The words with their code spans in backticks: that is what names of states are told by.
fn quoted(words: Slice<'_>) -> Text {
    let mut builder = TextBuilder::new(words.span().file);
    let mut at = 0;
    for code in words.codes() {
        let (from, span) = (code.offset_in(words), code.span());
        let plain = words.get(at..from);
        builder.push_mapped(plain.as_str(), plain.span().range());
        builder.push_mapped("`", span.range().start..span.range().start);
        builder.push_mapped(code.as_str(), span.range());
        builder.push_mapped("`", span.range().end..span.range().end);
        at = from + code.as_str().len();
    }
    let plain = words.from(at);
    builder.push_mapped(plain.as_str(), plain.span().range());
    builder.finish()
}

/// The texts of paragraphs and list items, not of tables and of what is nested.
fn entered<'a>(blocks: &'a [Block], found: &mut Vec<&'a Inline>) {
    for block in blocks {
        match &block.kind {
            BlockKind::Paragraph(text) => found.push(text),
            BlockKind::List(list) => found.extend(list.items.iter().map(|it| &it.text)),
            BlockKind::Quote(inner) => entered(inner, found),
            _ => {}
        }
    }
}

/// `Terminal states: Completed, Cancelled`, as a label, an item, a sentence or a section.
fn terminal(reader: &mut Reader<'_>, section: &Section, entries: &[Entry<'_>], machines: bool) {
    let mut names: Vec<Slice<'_>> = Vec::new();
    for entry in entries {
        let text = entry.whole.as_str();
        let lower = text.to_lowercase();
        let key = entry.label().map(|it| normal(it.key.as_str()));
        let labelled =
            key.as_deref().is_some_and(|it| matches!(it, "terminal state" | "final state" | "end state" | "terminal"));
        if labelled {
            if let Some(label) = entry.label() {
                names.extend(label.value.split_outside(&[',', ';', '.']));
            }
        } else if section.own == Some(Family::TerminalStates) && entry.form == Form::Item {
            names.push(entry.name().unwrap_or(entry.whole));
        } else if lower.contains("terminal") && lower.contains(" are ") | lower.contains(" is ") {
            names.extend(entry.whole.codes());
        }
    }
    if names.is_empty() {
        return;
    }
    let subject = machines.then(|| machine(reader, section, names.iter().map(|it| it.as_str())));
    let mut states = Vec::new();
    for name in names {
        let name =
            name.as_code().unwrap_or(name).trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | '*' | '`'));
        let text = name.as_str();
        let start = if text.starts_with("and ") { 4 } else { 0 };
        let name = name.from(start);
        if name.is_blank() || name.as_str().split_whitespace().count() > 3 {
            continue;
        }
        match &subject {
            Some(subject) => reader.say_text(subject, Property::Final, name, Form::Item),
            None => states.push(Spanned::new(name.as_str().to_owned(), name.span())),
        }
    }
    // Where nothing has transitions, a list of ends is a sentence like others.
    if let (Some(first), Some(last)) = (states.first(), states.last()) {
        let span = first.span.to(last.span);
        let value = Value::Lifecycle(Box::new(Lifecycle::Final { states }));
        reader.say(&Subject::of("lifecycle", "rule"), Property::Rule, value, span, Form::Item);
    }
}

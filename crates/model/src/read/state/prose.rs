//! What sentences say of states: where a record begins and ends, and what is possible only where.

use source::{Text, TextBuilder};
use syntax::Family;
use syntax::document::Section;
use syntax::english;
use syntax::family::normal;
use syntax::inline::{Inline, Slice};
use syntax::needles::Needles;
use syntax::page::{Block, BlockKind};

use super::{in_state, machine};
use crate::claim::{Form, Property, Subject, Value};
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
    if reader.claims.subjects_of("machine").next().is_none() {
        return;
    }
    for section in &doc.sections {
        let state = in_state(reader, section);
        let about = || ABOUT.are_in(&section.title.key);
        let endpoint = doc.ancestors(section.id).any(|it| matches!(it.own, Some(Family::Endpoint | Family::Api)));
        if !state && !endpoint && !about() {
            continue;
        }
        if state {
            terminal(reader, section, &entries(&section.blocks));
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
fn terminal(reader: &mut Reader<'_>, section: &Section, entries: &[Entry<'_>]) {
    let mut names: Vec<Slice<'_>> = Vec::new();
    for entry in entries {
        let text = entry.whole.as_str();
        let lower = text.to_lowercase();
        let key = entry.label.map(|it| normal(it.key.as_str()));
        let labelled =
            key.as_deref().is_some_and(|it| matches!(it, "terminal state" | "final state" | "end state" | "terminal"));
        if labelled {
            if let Some(label) = entry.label {
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
    let subject = machine(reader, section, names.iter().map(|it| it.as_str()));
    for name in names {
        let name =
            name.as_code().unwrap_or(name).trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | '*' | '`'));
        let text = name.as_str();
        let start = if text.starts_with("and ") { 4 } else { 0 };
        let name = name.from(start);
        if !name.is_blank() && name.as_str().split_whitespace().count() <= 3 {
            reader.say_text(&subject, Property::Final, name, Form::Item);
        }
    }
}

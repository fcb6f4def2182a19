//! What sentences say of states: where a record begins and ends, and what is possible only where.

use syntax::Family;
use syntax::document::Section;
use syntax::english;
use syntax::family::normal;
use syntax::inline::Slice;

use super::{in_state, machine};
use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Entry, Reader, entries};

/// Sections whose sentences may be about states, by a word of their heading.
const ABOUT: [&str; 10] = [
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
];

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    if reader.claims.subjects_of("machine").next().is_none() {
        return;
    }
    for section in &doc.sections {
        let state = in_state(reader, section);
        let about = || ABOUT.iter().any(|it| section.title.key.contains(it));
        let endpoint = doc.ancestors(section.id).any(|it| matches!(it.own, Some(Family::Endpoint | Family::Api)));
        if !state && !endpoint && !about() {
            continue;
        }
        let entries = entries(&section.blocks);
        if state {
            terminal(reader, section, &entries);
        }
        for entry in &entries {
            for sentence in sentences(entry.whole) {
                if let Some(said) = english::of_states(&sentence.to_text()) {
                    let subject = Subject::of("lifecycle", "rule");
                    let value = Value::Lifecycle(Box::new(said));
                    reader.say(&subject, Property::Rule, value, sentence.span(), Form::Prose);
                }
            }
        }
    }
}

/// The sentences of an entry, without what it is labelled with.
fn sentences(whole: Slice<'_>) -> Vec<Slice<'_>> {
    let text = whole.as_str();
    let mut found = Vec::new();
    let mut from = 0;
    for (at, _) in text.match_indices(['.', '\n']) {
        let ends = text.get(at + 1..).is_none_or(|it| it.is_empty() || it.starts_with([' ', '\n']))
            || text.get(at..).is_some_and(|it| it.starts_with('\n'));
        if ends {
            found.push(whole.get(from..at).trim());
            from = at + 1;
        }
    }
    found.push(whole.from(from).trim());
    found.retain(|it| !it.is_blank());
    found
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

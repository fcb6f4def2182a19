//! Goals, dependencies and dependents, technology choices, alternatives, components.

use source::Span;
use syntax::Family;
use syntax::columns::{cell, column, is_nothing};
use syntax::inline::{MarkKind, Slice};

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Reader, entries, first_words, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    goals(reader);
    dependencies(reader, Family::Dependencies, "dependency");
    dependencies(reader, Family::Dependents, "dependent");
    technologies(reader);
    alternatives(reader);
    components(reader);
}

fn goals(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in doc.of_family(Family::Goals) {
        for entry in entries(doc.blocks_of(section.id)) {
            if entry.form != Form::Item {
                continue;
            }
            let subject = Subject::of("goal", &first_words(entry.whole.as_str()));
            reader.say_text(&subject, Property::Declared, entry.whole, Form::Item);
            quantities(reader, &subject, None, entry.whole, Form::Item);
        }
    }
}

/// Says the quantities of a text, under the label that it stands beside.
pub(super) fn quantities(
    reader: &mut Reader<'_>,
    subject: &Subject,
    label: Option<Slice<'_>>,
    words: Slice<'_>,
    form: Form,
) {
    if !words.as_str().bytes().any(|it| it.is_ascii_digit()) {
        return;
    }
    let text = words.to_text();
    let found = match label {
        Some(label) => syntax::quantity::read_under(label.as_str(), &text),
        None => syntax::quantity::read(&text),
    };
    for quantity in found {
        let span = quantity.span;
        reader.say(subject, Property::Quantity, Value::Quantity(Box::new(quantity)), span, form);
    }
}

fn dependencies(reader: &mut Reader<'_>, family: Family, kind: &str) {
    let doc = reader.doc;
    for section in doc.of_family(family) {
        for entry in entries(doc.blocks_of(section.id)) {
            if entry.form != Form::Item {
                continue;
            }
            let name = entry.name().unwrap_or(entry.whole);
            dependency(reader, kind, name, entry.whole);
        }
        for (table, _) in tables(doc, section) {
            let names = column(
                table,
                &[
                    "dependency",
                    "dependent",
                    "service",
                    "component",
                    "name",
                    "system",
                    "package",
                    "library",
                    "spec",
                    "specification",
                    "consumer",
                ],
            );
            for row in &table.rows {
                if let Some(name) = cell(row, names.or(Some(0))) {
                    dependency(reader, kind, name, name);
                }
            }
        }
    }
}

/// Says one dependency or dependent, and the link that names it.
pub(super) fn dependency(reader: &mut Reader<'_>, kind: &str, name: Slice<'_>, whole: Slice<'_>) {
    let name = name.trim_matches(|it| it.is_whitespace() || it == ':');
    if is_nothing(name.as_str()) {
        return;
    }
    let subject = Subject::of(kind, name.as_str());
    reader.say_text(&subject, Property::Declared, name, Form::Item);
    if let Some(text) = whole.marked(MarkKind::Link).next()
        && let Some(dest) = link_at(reader, text.span())
    {
        reader.say(&subject, Property::Link, Value::Text(dest.0), dest.1, Form::Item);
    }
}

fn link_at(reader: &Reader<'_>, text: Span) -> Option<(String, Span)> {
    let link = reader.doc.links.iter().find(|it| it.span.contains(text))?;
    Some((link.dest.clone(), link.dest_span))
}

fn technologies(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in doc.of_family(Family::Technology) {
        for (table, _) in tables(doc, section) {
            let name = column(table, &["decision", "layer", "category", "component", "concern", "area"]);
            let choice = column(table, &["choice", "technology", "tool", "decision", "selected", "library"]);
            for row in &table.rows {
                let (Some(name), Some(choice)) = (cell(row, name), cell(row, choice)) else { continue };
                let subject = Subject::of("technology", name.as_str());
                reader.say_text(&subject, Property::Choice, choice, Form::Table);
            }
        }
    }
}

fn alternatives(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in doc.of_family(Family::Alternative) {
        let subject = Subject::of("alternative", section.name().as_str());
        reader.say_text(&subject, Property::Declared, section.name(), Form::Heading);
    }
}

fn components(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in doc.of_family(Family::Components) {
        for child in doc.children(section.id).filter(|it| it.own.is_none() || it.own == Some(Family::Component)) {
            let subject = Subject::of("component", child.name().as_str());
            reader.say_text(&subject, Property::Declared, child.name(), Form::Heading);
        }
        for (table, _) in tables(doc, section) {
            let name = column(table, &["component", "service module", "module", "service", "name", "class"]);
            for row in &table.rows {
                if let Some(name) = cell(row, name) {
                    let subject = Subject::of("component", name.as_str());
                    reader.say_text(&subject, Property::Declared, name, Form::Table);
                }
            }
        }
    }
}

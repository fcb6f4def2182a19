//! Load and targets, metrics, risks, open questions, approval, revision history.

use syntax::Family;
use syntax::columns::{cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::{MarkKind, Slice};
use syntax::page::BlockKind;

use crate::claim::{Form, Property, Subject, Value};
use crate::date;
use crate::read::context::quantities;
use crate::read::{Entry, Reader, entries, first_line, first_words, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        match section.own {
            Some(Family::Load) => targets(reader, section, "load"),
            Some(Family::Targets) => targets(reader, section, "target"),
            Some(Family::Metrics) => metrics(reader, section),
            Some(Family::Risks) => risks(reader, section),
            Some(Family::Questions) => questions(reader, section),
            Some(Family::Approval) => approvals(reader, section),
            Some(Family::Revisions) => revisions(reader, section),
            _ => {}
        }
    }
}

/// The cell's text; `None` if it says nothing.
pub(super) fn said<'a>(cell: Option<Slice<'a>>) -> Option<Slice<'a>> {
    cell.filter(|it| !is_nothing(it.as_str()))
}

fn targets(reader: &mut Reader<'_>, section: &Section, kind: &str) {
    let doc = reader.doc;
    for entry in entries(doc.blocks_of(section.id)) {
        let name = entry.label.map_or_else(|| first_words(entry.whole.as_str()), |it| it.key.as_str().to_owned());
        let subject = Subject::of(kind, &name);
        if entry.form == Form::Item || entry.label.is_some() {
            reader.say_text(&subject, Property::Declared, entry.whole, entry.form);
        }
        let words = entry.label.map_or(entry.whole, |it| it.value);
        quantities(reader, &subject, entry.label.map(|it| it.key), words, entry.form);
    }
    for (table, _) in tables(doc, section) {
        let target = column(
            table,
            &["target", "value", "requirement", "goal", "limit", "expected", "threshold", "volume", "load", "slo"],
        );
        for row in &table.rows {
            let Some(name) = said(cell(row, Some(0))) else { continue };
            let subject = Subject::of(kind, name.as_str());
            reader.say_text(&subject, Property::Declared, name, Form::Table);
            if let Some(words) = cell(row, target.or(Some(1))) {
                quantities(reader, &subject, Some(name), words, Form::Table);
            }
        }
    }
}

fn metrics(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    let mut say = |name: Slice<'_>, form| {
        let name = name.trim_matches(|it: char| it.is_whitespace() || it == ':' || it == '*');
        if !is_nothing(name.as_str()) {
            let subject = Subject::of("metric", name.as_str());
            reader.say_text(&subject, Property::Declared, name, form);
        }
    };
    fn nested<'a>(entry: &Entry<'a>, say: &mut impl FnMut(Slice<'a>, Form)) {
        for code in entry.whole.codes() {
            say(code, Form::Item);
        }
        if let Some(name) = entry.name() {
            say(name, Form::Item);
        } else if entry.form == Form::Item {
            say(entry.whole, Form::Item);
        }
        entries(entry.children).iter().for_each(|it| nested(it, say));
    }
    for entry in entries(doc.blocks_of(section.id)) {
        nested(&entry, &mut say);
    }
    for (table, _) in tables(doc, section) {
        let name = column(table, &["metric", "name", "metric name"]);
        for row in &table.rows {
            for code in row.cells.iter().flat_map(|it| it.all().codes()) {
                say(code, Form::Table);
            }
            if let Some(name) = cell(row, name.or(Some(0))) {
                say(name, Form::Table);
            }
        }
    }
}

fn risks(reader: &mut Reader<'_>, section: &Section) {
    for (table, _) in tables(reader.doc, section) {
        let name = column(table, &["risk", "description", "risk description", "threat"]);
        let columns = [
            (Property::Likelihood, column(table, &["likelihood", "probability"])),
            (Property::Impact, column(table, &["impact", "severity"])),
            (
                Property::Mitigation,
                column(
                    table,
                    &["mitigation", "mitigation strategy", "response", "mitigation plan", "mitigation action"],
                ),
            ),
        ];
        if columns.iter().all(|it| it.1.is_none()) {
            continue;
        }
        for row in &table.rows {
            let Some(name) = said(cell(row, name.or(Some(0)))) else { continue };
            let subject = Subject::of("risk", &first_words(name.as_str()));
            reader.say_text(&subject, Property::Declared, name, Form::Table);
            for (property, column) in columns {
                if let Some(words) = cell(row, column) {
                    let span = if words.is_blank() { row.span } else { words.span() };
                    reader.say(&subject, property, Value::Text(words.as_str().to_owned()), span, Form::Table);
                }
            }
        }
    }
}

fn questions(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    // `Risks, Assumptions, Open Questions` holds other lists too.
    for entry in entries(doc.blocks_of(section.id)) {
        if entry.form != Form::Item || is_nothing(entry.whole.as_str()) {
            continue;
        }
        let subject = Subject::of("question", &first_words(entry.whole.as_str()));
        let open = entry.task != Some(true)
            && !is_settled(entry.whole)
            && !entries(entry.children).iter().any(|it| is_settled(it.whole));
        reader.say_text(&subject, Property::Declared, entry.whole, Form::Item);
        reader.say(&subject, Property::Open, Value::Flag(open), entry.whole.span(), Form::Item);
    }
}

/// Struck through or marked as answered.
fn is_settled(words: Slice<'_>) -> bool {
    let lower = words.as_str().to_lowercase();
    words.is_all(MarkKind::Strike)
        || words.as_str().contains('✅')
        || ["resolved", "answered", "decided", "decision:", "answer:", "closed", "resolution:", "none"]
            .iter()
            .any(|it| lower.contains(it))
        || words.marked(MarkKind::Strike).any(|it| it.as_str().len() * 2 > words.as_str().len())
}

fn approvals(reader: &mut Reader<'_>, section: &Section) {
    for (table, _) in tables(reader.doc, section) {
        let role = column(table, &["role", "approver", "reviewer", "title"]);
        let columns = [
            (Property::Author, column(table, &["name", "approver", "approved by"])),
            (Property::Date, column(table, &["date", "approval date"])),
            (Property::Signature, column(table, &["signature", "status", "approved", "sign off", "decision"])),
        ];
        let Some(role) = role.or(Some(0)) else { continue };
        if columns.iter().all(|it| it.1.is_none()) {
            continue;
        }
        for row in &table.rows {
            let Some(role) = cell(row, Some(role)) else { continue };
            let subject = Subject::of("approval", role.as_str());
            reader.say(&subject, Property::Role, Value::Text(role.as_str().to_owned()), row.span, Form::Table);
            for (property, column) in columns {
                if let Some(words) = cell(row, column) {
                    reader.say_text(&subject, property, words, Form::Table);
                }
            }
        }
    }
}

fn revisions(reader: &mut Reader<'_>, section: &Section) {
    for (index, (table, _)) in tables(reader.doc, section).into_iter().enumerate() {
        let date = column(table, &["date"]);
        let columns = [
            (Property::Author, column(table, &["author", "by", "editor"])),
            (Property::Version, column(table, &["version", "revision", "rev"])),
            (Property::Change, column(table, &["change", "description", "summary", "note"])),
        ];
        for (row_index, row) in table.rows.iter().enumerate() {
            let Some(when) = cell(row, date).filter(|it| !it.is_blank()) else { continue };
            let subject = Subject::of("revision", &format!("{index}-{row_index}"));
            reader.say_text(&subject, Property::Date, when, Form::Table);
            for (property, column) in columns {
                if let Some(words) = said(cell(row, column)) {
                    reader.say_text(&subject, property, words, Form::Table);
                }
            }
        }
    }
    for block in reader.doc.blocks_of(section.id) {
        let BlockKind::List(list) = &block.kind else { continue };
        for (index, item) in list.items.iter().enumerate() {
            revision(reader, first_line(item.text.all()), &format!("{LISTED}-{index}"));
        }
    }
}

/// The number of the histories that are lists; tables have lower ones.
const LISTED: u8 = 9;

/// `v1.2.0 (2026-01-12): Lamps`, `2026-01-12 - 1.2: Lamps`.
fn revision(reader: &mut Reader<'_>, line: Slice<'_>, name: &str) {
    let text = line.as_str();
    let words = |from: usize, to: usize| line.get(from..to).trim_matches(|it: char| !it.is_alphanumeric());
    // What precedes the date is the version alone.
    let Some(at) = (0..text.len().min(REVISION_HEAD)).find(|at| {
        text.get(at.saturating_sub(1)..*at).is_none_or(|it| !it.starts_with(char::is_alphanumeric))
            && text.get(*at..).is_some_and(|it| date::read(it).is_some())
    }) else {
        return;
    };
    let Some((_, len)) = text.get(at..).and_then(date::read) else { return };
    let version = words(0, at);
    let plain = version.as_str().trim_start_matches(['v', 'V']);
    let is_version = plain.starts_with(|it: char| it.is_ascii_digit()) && !plain.contains(char::is_whitespace);
    if !version.is_blank() && !is_version {
        return;
    }
    let subject = Subject::of("revision", name);
    reader.say_text(&subject, Property::Date, line.get(at..at + len), Form::Item);
    if is_version {
        reader.say_text(&subject, Property::Version, version, Form::Item);
    }
    let change = words(at + len, text.len());
    if !change.is_blank() {
        reader.say_text(&subject, Property::Change, change, Form::Item);
    }
}

/// The date of a listed revision begins within so many bytes.
const REVISION_HEAD: usize = 24;

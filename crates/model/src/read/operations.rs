//! Load and targets, metrics.

use syntax::Family;
use syntax::columns::{cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::page::Table;

use crate::claim::{Form, Property, Subject};

use crate::read::context::quantities;
use crate::read::{Entry, Reader, entries, first_words, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        match section.own {
            Some(Family::Load) => targets(reader, section, "load"),
            Some(Family::Targets) => targets(reader, section, "target"),
            Some(Family::Metrics) => metrics(reader, section),
            // Directly below `## Performance` a table with such a column says what its own section would.
            Some(Family::Performance) => syntax::document::tables(&section.blocks, &mut |table, _| {
                if column(table, &["target", "goal", "slo"]).is_some() {
                    rows(reader, table, "target");
                }
            }),
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
        let label = entry.label();
        let name = label.map_or_else(|| first_words(entry.whole.as_str()), |it| it.key.as_str().to_owned());
        let subject = Subject::of(kind, &name);
        if entry.form == Form::Item || label.is_some() {
            reader.say_text(&subject, Property::Declared, entry.whole, entry.form);
        }
        let words = label.map_or(entry.whole, |it| it.value);
        quantities(reader, &subject, label.map(|it| it.key), words, entry.form);
    }
    for (table, _) in tables(doc, section) {
        rows(reader, table, kind);
    }
}

/// The rows of a table of figures.
fn rows(reader: &mut Reader<'_>, table: &Table, kind: &str) {
    let target = column(
        table,
        &["target", "value", "requirement", "goal", "limit", "expected", "threshold", "volume", "load", "slo"],
    );
    // Numbers in the first column name nothing.
    let numbered = table.keys.first().is_some_and(|it| matches!(it.as_str(), "id" | "#" | "no" | "ref"));
    let name = usize::from(numbered && target.is_some_and(|it| it > 1));
    for row in &table.rows {
        let Some(name) = said(cell(row, Some(name))) else { continue };
        let subject = Subject::of(kind, name.as_str());
        reader.say_text(&subject, Property::Declared, name, Form::Table);
        if let Some(words) = cell(row, target.or(Some(1))) {
            quantities(reader, &subject, Some(name), words, Form::Table);
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

#[cfg(test)]
mod tests {
    use source::FileId;

    /// Tables, and the targets that they name.
    #[test]
    fn a_table_below_performance_holds_targets() {
        for (heading, table, expected) in [
            ("Performance", "| Metric | Target |\n|---|---|\n| Dimming | < 200 ms |", "Dimming"),
            ("Performance", "| ID | Requirement | Target |\n|---|---|---|\n| NFR-1 | Dimming | < 200 ms |", "Dimming"),
            ("Performance Targets", "| What | How fast |\n|---|---|\n| Dimming | < 200 ms |", "Dimming"),
            ("Performance", "| Query | Measured |\n|---|---|\n| Dimming | 200 ms |", ""),
        ] {
            let text = format!("# Technical Specification: Lamps\n\n## {heading}\n\n{table}\n");
            let spec = crate::workspace::read(FileId(0), "spec.md", &text);
            let names = spec.targets.iter().map(|it| it.text.value.as_str()).collect::<Vec<_>>();
            assert_eq!(names.join(", "), expected, "{text}");
        }
    }
}

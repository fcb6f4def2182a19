//! Config options and environment variables: tables, bullets, `KEY=value` fences.

use syntax::Family;
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::page::Table;
use syntax::types;

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Reader, entries, fences, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        match section.own {
            Some(Family::ConfigOptions | Family::Configuration) => {
                for (table, _) in tables(doc, section) {
                    // Variables often stand in a table right under Configuration.
                    let variables =
                        column(table, &["variable", "environment variable", "env var", "env variable"]).is_some();
                    rows(reader, table, if variables { "env" } else { "config" });
                }
                if section.own == Some(Family::ConfigOptions) {
                    bullets(reader, section, "config");
                }
                variables_in_fences(reader, section);
            }
            Some(Family::EnvVars) => {
                for (table, _) in tables(doc, section) {
                    rows(reader, table, "env");
                }
                bullets(reader, section, "env");
                variables_in_fences(reader, section);
            }
            _ => {}
        }
    }
}

fn rows(reader: &mut Reader<'_>, table: &Table, kind: &str) {
    let name = column(
        table,
        &[
            "option",
            "variable",
            "environment variable",
            "env var",
            "name",
            "key",
            "property",
            "setting",
            "parameter",
            "flag",
            "config",
        ],
    );
    let ty = column(table, &["type", "data type"]);
    let default = column(table, &["default", "default value"]);
    let required = column(table, &["required", "mandatory"]);
    let description = column(table, &["description", "purpose", "note", "meaning"]);
    if name.is_none() || (ty, default, required, description) == (None, None, None, None) {
        return;
    }
    for row in &table.rows {
        let Some(name) = cell(row, name).map(bare).filter(|it| !is_nothing(it.as_str())) else { continue };
        let subject = Subject::of(kind, name.as_str());
        reader.say_text(&subject, Property::Declared, name, Form::Table);
        if let Some(cell) = cell(row, ty).filter(|it| !is_nothing(it.as_str()))
            && let Some(words) = types::read_words(&cell.to_text())
        {
            reader.say(&subject, Property::Type, Value::Type(words.ty), cell.span(), Form::Table);
        }
        if let Some(cell) = cell(row, default).filter(|it| !it.is_blank()) {
            reader.say_text(&subject, Property::Default, cell, Form::Table);
        }
        if let Some(cell) = cell(row, required)
            && let Some(flag) = boolean(cell.as_str())
        {
            reader.say(&subject, Property::Required, Value::Flag(flag), cell.span(), Form::Table);
        }
        if let Some(cell) = cell(row, description).filter(|it| !it.is_blank()) {
            reader.say_text(&subject, Property::Description, cell, Form::Table);
        }
    }
}

/// A name without its code marks.
fn bare(name: Slice<'_>) -> Slice<'_> {
    name.codes().next().unwrap_or(name).trim_matches(|it| it.is_whitespace() || it == '$')
}

fn bullets(reader: &mut Reader<'_>, section: &Section, kind: &str) {
    for entry in entries(reader.doc.blocks_of(section.id)) {
        if entry.form != Form::Item {
            continue;
        }
        let Some(name) = entry.name().map(bare) else { continue };
        let plain = name.as_str();
        let shaped = match kind {
            "env" => is_variable(plain),
            _ => !plain.is_empty() && !plain.contains(char::is_whitespace),
        };
        if !shaped {
            continue;
        }
        let subject = Subject::of(kind, plain);
        reader.say_text(&subject, Property::Declared, name, Form::Item);
        reader.say_text(&subject, Property::Description, entry.whole, Form::Item);
    }
}

/// `DATABASE_URL`.
fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|it: char| it.is_ascii_uppercase() || it == '_')
        && name.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
}

fn variables_in_fences(reader: &mut Reader<'_>, section: &Section) {
    for (fence, _) in fences(reader.doc.blocks_of(section.id)) {
        if !matches!(
            fence.lang.as_str(),
            "" | "bash" | "sh" | "shell" | "env" | "dotenv" | "ini" | "properties" | "text"
        ) {
            continue;
        }
        let mut at = 0;
        for line in fence.content.as_str().split_inclusive('\n') {
            let start = at;
            at += line.len();
            let declared = line.trim_start().strip_prefix("export ").unwrap_or(line.trim_start());
            let Some((name, value)) = declared.split_once('=') else { continue };
            if !is_variable(name) {
                continue;
            }
            let offset = start + line.len() - line.trim_start().len() + (line.trim_start().len() - declared.len());
            let span = fence.content.span(offset..offset + name.len());
            let subject = Subject::of("env", name);
            reader.say(&subject, Property::Declared, Value::Text(name.to_owned()), span, Form::Fence);
            let value = value.split(" #").next().unwrap_or(value).trim();
            reader.say(&subject, Property::Default, Value::Text(value.to_owned()), span, Form::Fence);
        }
    }
}

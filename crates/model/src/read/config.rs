//! Config options and environment variables: tables, bullets, `KEY=value` fences.

use syntax::Family;
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::page::Table;
use syntax::types;

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Reader, coded_default, entries, fences, tables};

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
        let given = cell(row, default).filter(|it| !it.is_blank());
        let hidden = || cell(row, description).and_then(hidden_default);
        // `(required)` in the place of a default says that there is none.
        match given {
            Some(words) if is_demand(words.as_str()) => {
                reader.say(&subject, Property::Required, Value::Flag(true), words.span(), Form::Table);
            }
            Some(words) => reader.say_text(&subject, Property::Default, words, Form::Table),
            None => {
                if let Some(words) = hidden() {
                    reader.say_text(&subject, Property::Default, words, Form::Table);
                }
            }
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

fn is_demand(words: &str) -> bool {
    let bare = words.trim_matches(['(', ')', '*', '_', ' ', '`']);
    bare.eq_ignore_ascii_case("required") || bare.eq_ignore_ascii_case("mandatory")
}

/// A default within a description: `Port (default: 8080)`, ``Defaults to `small` ``.
fn hidden_default(words: Slice<'_>) -> Option<Slice<'_>> {
    if let Some(code) = coded_default(words) {
        return Some(code);
    }
    let text = words.as_str();
    let lower = text.to_ascii_lowercase();
    let (at, mark) =
        ["(default: ", "(default ", "(defaults to "].iter().find_map(|it| Some((lower.find(it)?, it.len())))?;
    let rest = text.get(at + mark..)?;
    let end = rest.find([')', ',', ';'])?;
    Some(words.get(at + mark..at + mark + end).trim()).filter(|it| !it.is_blank())
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
        if let Some(words) = hidden_default(entry.whole) {
            reader.say_text(&subject, Property::Default, words, Form::Item);
        }
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

#[cfg(test)]
mod tests {
    use source::FileId;

    /// A text, and the settings that it declares: name, type, default, whether required.
    #[test]
    fn all_forms_are_read() {
        for (text, expected) in [
            (
                "### Config Options\n\n| Option | Type | Default | Description |\n|---|---|---|---|\n| `mode` | `'query' \\| 'hash'` | `hash` | How |",
                "mode: one of `query`, `hash` = hash",
            ),
            (
                "### Config Options\n\n| Property | Description | Default |\n|---|---|---|\n| `ttl` | How long | `300` |",
                "ttl = 300",
            ),
            (
                "### Config Options\n\n| Flag | Key | Default | Purpose |\n|---|---|---|---|\n| --ttl | ttl | 300 | How long |",
                "ttl = 300",
            ),
            (
                "### Config Options\n\n| Option | Type | Default |\n|---|---|---|\n| `id` | `string` | (required) |",
                "id: string required",
            ),
            (
                "### Environment Variables\n\n| Variable | Description | Default | Required |\n|---|---|---|---|\n| `PORT` | The port | 8080 | ⚠️ Optional |",
                "PORT = 8080 optional",
            ),
            (
                "### Environment Variables\n\n| Variable | Required | Description |\n|---|---|---|\n| `PORT` | ✅ Yes | Server port (default: 8080) |",
                "PORT = 8080 required",
            ),
            (
                "### Environment Variables\n\n| Variable | Required | Description |\n|---|---|---|\n| `MODEL` | Yes* | Defaults to `small`. |",
                "MODEL = small required",
            ),
            (
                "### Environment Variables\n\n| Name | Required | Notes |\n|---|---|---|\n| `A_KEY` | optional | x |",
                "A_KEY optional",
            ),
            ("### Environment Variables\n\n- `PORT`: the port (default: 8080)\n- `HOST` - where", "PORT = 8080; HOST"),
            (
                "### Environment Variables\n\n```bash\n# Server\nPORT=8080\nexport HOST=localhost # here\n```",
                "PORT = 8080; HOST = localhost",
            ),
            ("### Environment Variables\n\n```env\nPORT=8080\n```", "PORT = 8080"),
            ("### Environment Variables\n\n```\nPORT=8080\n```", "PORT = 8080"),
            ("## Configuration\n\n```dotenv\nPORT=8080\n```", "PORT = 8080"),
            ("### Environment Variables\n\n**Required:**\n\n- `PORT`", "PORT"),
        ] {
            let text = format!("# Technical Specification: Lamps\n\n{text}\n");
            let spec = crate::workspace::read(FileId(0), "spec.md", &text);
            let told = |it: &crate::spec::Setting| {
                let ty = it.ty.as_ref().map_or(String::new(), |it| format!(": {}", it.value.describe()));
                let default =
                    it.default.as_ref().map_or(String::new(), |it| format!(" = {}", it.value.trim_matches('`')));
                let required = it.required.map_or("", |it| if it { " required" } else { " optional" });
                format!("{}{ty}{default}{required}", it.name.value)
            };
            let found: Vec<String> = spec.options.iter().chain(&spec.variables).map(told).collect();
            assert_eq!(found.join("; "), expected, "{text}");
        }
    }
}

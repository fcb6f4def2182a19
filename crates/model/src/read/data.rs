//! The data model: entities by their headings, Fields tables, constraint lists. What code declares is
//! said in [`declared`].

use rustc_hash::{FxHashMap, FxHashSet};
use source::{Spanned, Text};
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::document::{BOLD_LINE, Document, Section};
use syntax::inline::Slice;
use syntax::json;
use syntax::page::{Block, BlockKind, Fence, Table};
use syntax::types::{self, Type};
use syntax::{Family, SectionId};

use crate::claim::{Clause, Form, Property, Purpose, Source, Subject, Value};
use crate::names::entity_key;
use crate::read::declared::{self, comment_text, rules_of};
use crate::read::tables::{TableNames, field_name};
use crate::read::{Reader, entries};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let declared = declared::say(reader);
    let records: FxHashSet<String> = declared.values().flatten().map(|it| entity_key(it)).collect();
    let tables = TableNames::of(doc, |it| records.contains(&entity_key(it)));
    let groups: Vec<bool> = doc.sections.iter().map(|it| is_group(doc, &tables, it)).collect();
    let names = Names { declared, tables, groups };
    for section in &doc.sections {
        if !in_data(reader, section) {
            continue;
        }
        let name = entity_of(reader, section, &names);
        let subject = name.as_ref().map(|it| Subject::entity(&it.value));
        if let (Some(name), Some(subject)) = (&name, &subject)
            && (section.own == Some(Family::Entity)
                || is_entity_heading(doc, &names, section)
                || names.tables.of_section(section.id).is_some())
        {
            let span = section.name().span();
            reader.say(subject, Property::Declared, Value::Text(name.value.clone()), span, Form::Heading);
        }
        if let Some(subject) = subject.as_ref().filter(|_| section.own == Some(Family::Constraints)) {
            constraints(reader, section, subject);
            continue;
        }
        for block in &section.blocks {
            match (&block.kind, &subject) {
                (BlockKind::Table(table), _) => of_table(reader, &names, table, subject.as_ref()),
                (BlockKind::Fence(fence), Some(subject)) => shape(reader, fence, subject),
                _ => {}
            }
        }
    }
}

/// What names the entities that sections and tables speak of.
struct Names {
    /// The records that are declared in each section.
    declared: FxHashMap<SectionId, Vec<String>>,
    tables: TableNames,
    /// Whether each section collects entities.
    groups: Vec<bool>,
}

impl Names {
    fn is_group(&self, section: &Section) -> bool {
        self.groups.get(section.id.0 as usize).copied().unwrap_or_default()
    }
}

/// Reads a table of fields, of the entity that it names itself or of that of its section.
fn of_table(reader: &mut Reader<'_>, names: &Names, table: &Table, section: Option<&Subject>) {
    if names.tables.is_unknown(table) {
        return;
    }
    let Some(own) = names.tables.of_table(table) else {
        if let Some(subject) = section {
            fields(reader, table, subject);
        }
        return;
    };
    let subject = Subject::entity(&own.value);
    if Some(&subject) != section {
        reader.say(&subject, Property::Declared, Value::Text(own.value.clone()), own.span, Form::Heading);
    }
    fields(reader, table, &subject);
}

fn in_data(reader: &Reader<'_>, section: &Section) -> bool {
    for ancestor in reader.doc.ancestors(section.id) {
        match ancestor.own {
            Some(Family::DataModel | Family::Entity) => return true,
            Some(Family::Fields | Family::Constraints | Family::Indexes) | None => {}
            Some(_) => return false,
        }
    }
    false
}

/// Whether a section is named after an entity: it stands directly under the data model, or in a group of it.
fn is_entity_heading(doc: &Document, names: &Names, section: &Section) -> bool {
    section.own.is_none()
        && section.level < BOLD_LINE
        && !names.is_group(section)
        && doc
            .ancestors(section.id)
            .skip(1)
            .find(|it| !names.is_group(it))
            .is_some_and(|it| it.own == Some(Family::DataModel))
}

/// Whether a section collects entities: it has no table of fields of its own, and there are two with names of
/// their own in it or below it.
fn is_group(doc: &Document, tables: &TableNames, section: &Section) -> bool {
    let fields = |it: &Section| -> (usize, usize) {
        let all = it.blocks.iter().filter_map(|it| match &it.kind {
            BlockKind::Table(table) if columns(table).is_some() => Some(usize::from(tables.of_table(table).is_some())),
            _ => None,
        });
        all.fold((0, 0), |(all, named), it| (all + 1, named + it))
    };
    let foreign = |it: &Block| match &it.kind {
        BlockKind::Table(table) => tables.of_table(table).is_none(),
        BlockKind::Fence(_) => true,
        _ => false,
    };
    if section.own.is_some() || section.blocks.iter().any(foreign) {
        return false;
    }
    let entity = |it: &&Section| {
        let named = it.level < BOLD_LINE || tables.of_section(it.id).is_some();
        it.own.is_none() && named && fields(it).0 > 0
    };
    fields(section).1 + doc.children(section.id).filter(entity).take(2).count() > 1
}

/// The columns of the names and of the types, if a table is one of fields.
pub(super) fn columns(table: &Table) -> Option<(usize, usize)> {
    let name = column(table, &["field", "column", "attribute", "property", "field name", "column name", "name"])?;
    Some((name, column(table, &["type", "data type", "field type"])?))
}

/// The entity that a section speaks of: the one record declared in it, else its heading's name.
fn entity_of(reader: &Reader<'_>, section: &Section, of: &Names) -> Option<Spanned<String>> {
    for ancestor in reader.doc.ancestors(section.id) {
        if let Some(own) = of.tables.of_section(ancestor.id) {
            return Some(own.clone());
        }
        let names = of.declared.get(&ancestor.id).map_or(&[][..], Vec::as_slice);
        let heading = entity_name(ancestor.name());
        let entity = ancestor.own == Some(Family::Entity) || is_entity_heading(reader.doc, of, ancestor);
        if entity || ancestor.own.is_none() {
            if let Some(heading) = &heading
                && let Some(same) = names.iter().find(|it| entity_key(it) == entity_key(&heading.value))
            {
                return Some(Spanned::new(same.clone(), heading.span));
            }
            if let [only] = names
                && entity
            {
                return Some(Spanned::new(only.clone(), ancestor.name().span()));
            }
        }
        if entity {
            return heading;
        }
        if ancestor.own == Some(Family::DataModel) {
            let unique = names.iter().all(|it| Some(it) == names.first());
            return names.first().filter(|_| unique).map(|it| Spanned::new(it.clone(), ancestor.span));
        }
    }
    None
}

/// The entity's name in a heading: `Order`, `orders table`, `` `Order` entity ``.
pub(super) fn entity_name(heading: Slice<'_>) -> Option<Spanned<String>> {
    let code = heading.codes().next();
    let text = heading.as_str();
    let cut = text.find(['(', '—', '–', ':', '/', '&', '+']).unwrap_or(text.len());
    let name = code.unwrap_or_else(|| heading.get(0..cut).trim());
    let noise = ["entity", "table", "model", "schema", "interface", "collection", "type", "the", "document", "record"];
    let kept: Vec<&str> =
        name.as_str().split_whitespace().filter(|it| !noise.contains(&it.to_lowercase().as_str())).collect();
    let plain = kept.iter().all(|it| it.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.'));
    let ok = !kept.is_empty() && kept.len() <= 3 && plain;
    ok.then(|| Spanned::new(kept.join(" "), name.span()))
}

fn fields(reader: &mut Reader<'_>, table: &Table, subject: &Subject) {
    let Some((name, ty)) = columns(table) else { return };
    let ty = Some(ty);
    let required = column(table, &["required", "mandatory"]);
    let optional = column(table, &["optional", "nullable", "null"]);
    let default = column(table, &["default", "default value"]);
    let words: Vec<usize> = table
        .keys
        .iter()
        .enumerate()
        .filter(|(_, it)| {
            matches!(
                it.as_str(),
                "description"
                    | "note"
                    | "constraint"
                    | "validation"
                    | "comment"
                    | "purpose"
                    | "rule"
                    | "validation rule"
                    | "meaning"
                    | "detail"
            )
        })
        .map(|it| it.0)
        .collect();
    let complete = !table.rows.iter().any(|row| row.cells.iter().any(|it| matches!(it.as_str().trim(), "..." | "…")));
    let source = reader.claims.source(Source {
        subject: subject.clone(),
        form: Form::Table,
        span: table.header_span,
        stored: false,
        complete,
        purpose: Purpose::Whole,
    });
    for row in &table.rows {
        let Some(name) = field_name(row, name) else { continue };
        // `address.city`, `items[].price` describe nested objects.
        if name.as_str().contains(['.', '[']) {
            continue;
        }
        let field = subject.part("field", name.as_str());
        let values = cell(row, ty).and_then(alternatives);
        let records = values.as_ref().is_some_and(|it| are_types(reader, &it.value));
        let mut say =
            |property, value, span, form| reader.claims.say_in(Some(source), &field, property, value, span, form);
        say(Property::Declared, Value::Text(name.as_str().to_owned()), name.span(), Form::Table);
        if let Some(words) = values.filter(|_| !records) {
            say(Property::Type, Value::Type(Type::Enum(words.value)), words.span, Form::Table);
        } else if let Some(cell) = cell(row, ty).filter(|it| !is_nothing(it.as_str()))
            && let Some(found) = types::read_words(&cell.to_text())
        {
            if let Some(flag) = found.required.filter(|_| required.is_none()) {
                say(Property::Required, Value::Flag(flag), cell.span(), Form::Table);
            }
            if !matches!(found.ty, Type::Opaque(_)) && !records {
                say(Property::Type, Value::Type(found.ty), found.span, Form::Table);
            }
            for rest in &found.rest {
                rules_of(&comment_text(rest), &mut say, Form::Table);
            }
        }
        let flag = |column, sign: bool| {
            let cell = cell(row, column)?;
            boolean(cell.as_str()).map(|it| (it == sign, cell.span()))
        };
        if let Some((flag, span)) = flag(required, true).or_else(|| flag(optional, false)) {
            say(Property::Required, Value::Flag(flag), span, Form::Table);
        }
        if let Some(cell) = cell(row, default).filter(|it| !is_nothing(it.as_str())) {
            let value = cell.codes().next().unwrap_or(cell);
            let text = value.as_str().trim_matches(['"', '\'']).to_owned();
            say(Property::Default, Value::Text(text), value.span(), Form::Table);
        }
        for column in &words {
            if let Some(cell) = cell(row, Some(*column)) {
                if !cell.is_blank() {
                    say(Property::Description, Value::Text(cell.as_str().to_owned()), cell.span(), Form::Table);
                }
                rules_of(&cell.to_text(), &mut say, Form::Table);
                if let Some(value) = super::coded_default(cell) {
                    say(Property::Default, Value::Text(value.as_str().to_owned()), value.span(), Form::Table);
                }
            }
        }
    }
}

/// An entity as a JSON object that has types in the place of values: `"name": "string (required, max 80)"`.
fn shape(reader: &mut Reader<'_>, fence: &Fence, subject: &Subject) {
    let json = matches!(fence.lang.as_str(), "json" | "jsonc" | "json5" | "");
    if !json || !fence.content.as_str().trim_start().starts_with('{') {
        return;
    }
    let (bodies, _) = json::read(&fence.content);
    let object = bodies.iter().find_map(|it| Some((it, it.value.as_ref()?)));
    let Some((body, object)) = object.filter(|it| !it.1.value.properties().is_empty()) else { return };
    let mut known = 0;
    let mut read: Vec<(&json::Property, Option<types::TypeWords>)> = Vec::new();
    for property in object.value.properties() {
        let words = property.value.value.as_str().and_then(|it| {
            let start = property.value.span.start as usize + 1;
            types::read_words(&Text::verbatim(it, property.value.span.file, start))
        });
        let words = words.filter(|it| !matches!(it.ty, Type::Opaque(_) | Type::Named(_) | Type::Literals(_)));
        known += usize::from(words.is_some());
        read.push((property, words));
    }
    let texts = read.iter().filter(|it| it.0.value.value.as_str().is_some()).count();
    // Values that are no types are an example.
    if known == 0 || known * 3 < texts * 2 {
        return;
    }
    let source = reader.claims.source(Source {
        subject: subject.clone(),
        form: Form::Fence,
        span: object.span.head(),
        stored: false,
        complete: !body.elided,
        purpose: Purpose::Whole,
    });
    for (property, words) in read {
        let field = subject.part("field", &property.key.value);
        let mut say =
            |property, value, span, form| reader.claims.say_in(Some(source), &field, property, value, span, form);
        say(Property::Declared, Value::Text(property.key.value.clone()), property.key.span, Form::Fence);
        let Some(words) = words else { continue };
        if let Some(flag) = words.required {
            say(Property::Required, Value::Flag(flag), property.value.span, Form::Fence);
        }
        for rest in &words.rest {
            rules_of(&comment_text(rest), &mut say, Form::Fence);
        }
        say(Property::Type, Value::Type(words.ty), words.span, Form::Fence);
    }
}

/// Whether all of the words are names of what the document declares: then a value is one of several records.
fn are_types(reader: &Reader<'_>, words: &[Spanned<String>]) -> bool {
    let declared = |subject| reader.claims.of(&subject, Property::Declared).next().is_some();
    words.iter().all(|it| declared(Subject::entity(&it.value)) || declared(Subject::of("type", &it.value)))
}

/// The values of a cell that holds several code spans and nothing else but commas, strokes and `or`, none
/// of which is a type.
fn alternatives(cell: Slice<'_>) -> Option<Spanned<Vec<Spanned<String>>>> {
    let mut values: Vec<Spanned<String>> = Vec::new();
    let mut between = String::new();
    let mut at = 0;
    for code in cell.codes() {
        let value = code.trim_matches(|it| it.is_whitespace() || matches!(it, '"' | '\''));
        let plain = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-');
        if value.is_blank() || !value.as_str().chars().all(plain) {
            return None;
        }
        let is_type = types::read_words(&value.to_text())
            .is_some_and(|it| !matches!(it.ty, Type::Opaque(_) | Type::Named(_) | Type::Enum(_)));
        if is_type {
            return None;
        }
        between.push_str(cell.as_str().get(at..code.offset_in(cell)).unwrap_or(""));
        between.push(' ');
        at = code.offset_in(cell) + code.as_str().len();
        values.push(Spanned::new(value.as_str().to_owned(), value.span()));
    }
    between.push_str(cell.as_str().get(at..).unwrap_or(""));
    let joins = between
        .split(|it: char| it.is_whitespace() || matches!(it, ',' | '/' | '|' | ';' | '.'))
        .all(|it| matches!(it, "" | "or" | "and"));
    (values.len() > 1 && joins).then(|| Spanned::new(values, cell.span()))
}

/// Says the items of a constraint list; what they mean is decided when the entity's fields are known.
fn constraints(reader: &mut Reader<'_>, section: &Section, subject: &Subject) {
    for entry in entries(reader.doc.blocks_of(section.id)) {
        if is_nothing(entry.whole.as_str()) || (entry.form != Form::Item && section.blocks.len() > 1) {
            continue;
        }
        let constraint = subject.part("constraint", &super::first_words(entry.whole.as_str()));
        let clause = Clause { words: entry.whole.to_text(), code: entry.whole.leading_code().map(|it| it.to_text()) };
        reader.say(&constraint, Property::Constraint, Value::Clause(Box::new(clause)), entry.whole.span(), Form::Item);
    }
}

//! The data model: TypeScript and SQL declarations, Fields tables, constraint lists.

use rustc_hash::FxHashMap;
use source::{Span, Spanned, Text};
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::decl::{self, Body, Declaration, Language, Member, TableConstraint};
use syntax::document::Section;
use syntax::english::{self, Rule};
use syntax::inline::Slice;
use syntax::page::{Fence, Table};
use syntax::types::{self, Type};
use syntax::{Family, SectionId};

use crate::claim::{Clause, Form, Property, Purpose, Source, SourceId, Subject, Value};
use crate::names::{entity_key, words};
use crate::read::{ProblemKind, Reader, entries, fences};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let mut declared: FxHashMap<SectionId, Vec<String>> = FxHashMap::default();
    for section in &doc.sections {
        if standing(reader, section) != Standing::Data {
            continue;
        }
        for (fence, _) in fences(&section.blocks) {
            let found = decl::read(fence);
            for unread in found.unread {
                reader.problem(ProblemKind::Declaration, unread.span, unread.why, None);
            }
            for declaration in &found.items {
                if record(reader, declaration, fence, None) {
                    for ancestor in doc.ancestors(section.id) {
                        declared.entry(ancestor.id).or_default().push(declaration.name.value.clone());
                    }
                }
            }
        }
    }
    for section in &doc.sections {
        match standing(reader, section) {
            Standing::Data | Standing::Tried => {}
            other => asides(reader, section, other),
        }
    }
    for section in &doc.sections {
        if !in_data(reader, section) {
            continue;
        }
        let Some(name) = entity_of(reader, section, &declared) else { continue };
        let subject = Subject::entity(&name.value);
        if section.own == Some(Family::Entity) || is_entity_heading(reader, section) {
            let span = section.name().span();
            reader.say(&subject, Property::Declared, Value::Text(name.value.clone()), span, Form::Heading);
        }
        if section.own == Some(Family::Constraints) {
            constraints(reader, section, &subject);
        } else {
            for block in &section.blocks {
                if let syntax::page::BlockKind::Table(table) = &block.kind {
                    fields(reader, table, &subject);
                }
            }
        }
    }
}

/// What stands outside of the data model: repetitions of what it declares, and shapes of its own.
fn asides(reader: &mut Reader<'_>, section: &Section, standing: Standing) {
    for (fence, _) in fences(&section.blocks) {
        for declaration in &decl::read(fence).items {
            // A class of a program holds more than data.
            if declaration.language == Language::TypeScript && matches!(declaration.body, Body::Class(_)) {
                continue;
            }
            let (kind, subject) = match declaration.body {
                Body::Alias(_) => ("type", Subject::of("type", &declaration.name.value)),
                _ => ("entity", Subject::entity(&declaration.name.value)),
            };
            let known = reader.claims.of(&subject, Property::Declared).next().is_some();
            let purpose = match (kind, known) {
                ("type", true) => continue,
                ("type", false) => None,
                (_, true) => Some(Purpose::Aside),
                _ if declaration.stored && standing == Standing::Free => None,
                _ if purpose(&declaration.name.value).is_some_and(|it| it.0 == Purpose::Whole) => Some(Purpose::Local),
                _ => None,
            };
            record(reader, declaration, fence, purpose);
        }
    }
}

/// What code in a section declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Data: it stands in the data or API families, nearest first.
    Data,
    /// Shapes that a part of the system works with, and what is kept of them.
    Free,
    /// Shapes that a part of the system works with.
    Part,
    /// What is only tried, or was not chosen.
    Tried,
}

fn standing(reader: &Reader<'_>, section: &Section) -> Standing {
    for ancestor in reader.doc.ancestors(section.id) {
        match ancestor.own {
            Some(
                Family::DataModel
                | Family::Entity
                | Family::Fields
                | Family::Api
                | Family::Endpoint
                | Family::Request
                | Family::Response
                | Family::QueryParameters,
            ) => return Standing::Data,
            Some(
                Family::Testing
                | Family::UnitTests
                | Family::IntegrationTests
                | Family::EndToEndTests
                | Family::Future
                | Family::Alternatives,
            ) => return Standing::Tried,
            Some(
                Family::KeyClasses
                | Family::Implementation
                | Family::Components
                | Family::Component
                | Family::Algorithms
                | Family::Algorithm
                | Family::State
                | Family::Migration
                | Family::DataMigration
                | Family::Optimization
                | Family::ErrorHandling
                | Family::Configuration
                | Family::Files
                | Family::Security
                | Family::Deployment
                | Family::Interfaces,
            ) => return Standing::Part,
            _ => {}
        }
    }
    Standing::Free
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

/// What a name says that a record is for, and the entity that it belongs to. `None`: it is no data.
pub(crate) fn purpose(name: &str) -> Option<(Purpose, String)> {
    let words = words(name);
    let first = words.first().map_or("", String::as_str);
    let last = words.last().map_or("", String::as_str);
    let join = |from: usize, to: usize| words.get(from..to).unwrap_or(&[]).join("_");
    let count = words.len();
    if count == 1 {
        return Some((Purpose::Whole, name.to_owned()));
    }
    match last {
        "props" | "state" | "store" | "hook" | "context" | "service" | "repository" | "controller" | "provider"
        | "handler" | "actions" | "client" | "manager" | "return" | "component" | "ref" | "slice" | "middleware"
        | "adapter" => return None,
        _ => {}
    }
    let request_prefix =
        matches!(first, "create" | "update" | "new" | "patch" | "delete" | "upsert" | "add" | "edit" | "save" | "set");
    let request_suffix = matches!(
        last,
        "request"
            | "input"
            | "payload"
            | "params"
            | "query"
            | "form"
            | "command"
            | "args"
            | "body"
            | "filter"
            | "filters"
            | "options"
            | "criteria"
    );
    let dto = matches!(last, "dto" | "data");
    let view_suffix = matches!(
        last,
        "response"
            | "summary"
            | "view"
            | "result"
            | "detail"
            | "details"
            | "info"
            | "preview"
            | "output"
            | "resource"
            | "item"
            | "record"
            | "row"
            | "page"
            | "list"
            | "stats"
            | "event"
            | "reply"
    );
    let from = usize::from(request_prefix);
    if request_prefix || request_suffix {
        let to = if request_suffix || dto { count - 1 } else { count };
        return Some((Purpose::Request, join(from, to.max(from))));
    }
    if dto || view_suffix {
        let list = matches!(last, "item") && words.get(count - 2).is_some_and(|it| it == "list");
        return Some((Purpose::View, join(0, count - 1 - usize::from(list))));
    }
    Some((Purpose::Whole, name.to_owned()))
}

/// Says a declaration; whether it declares a record of the data model.
fn record(reader: &mut Reader<'_>, declaration: &Declaration, fence: &Fence, standing: Option<Purpose>) -> bool {
    let name = &declaration.name;
    let form = match declaration.language {
        Language::TypeScript => Form::TypeScript,
        Language::Sql => Form::Sql,
        other => Form::Code(other),
    };
    let members = match &declaration.body {
        Body::Alias(ty) => {
            let subject = Subject::of("type", &name.value);
            reader.say(&subject, Property::Declared, Value::Text(name.value.clone()), name.span, form);
            reader.say(&subject, Property::Type, Value::Type(ty.clone()), name.span, form);
            return false;
        }
        Body::Record(members) | Body::Class(members) => members,
    };
    let whole = (Purpose::Whole, name.value.clone());
    let Some((purpose, _)) = (if declaration.stored { Some(whole) } else { purpose(&name.value) }) else {
        return false;
    };
    if members.is_empty() {
        return false;
    }
    let purpose = standing.unwrap_or(purpose);
    let subject = Subject::entity(&name.value);
    // A diagram shows what matters to it.
    let complete = declaration.extends.is_empty()
        && declaration.language != Language::EntityDiagram
        && !is_elided(fence, declaration.span);
    let source = reader.claims.source(Source {
        subject: subject.clone(),
        form,
        span: name.span,
        stored: declaration.stored,
        complete,
        purpose,
    });
    reader.claims.say_in(Some(source), &subject, Property::Declared, Value::Text(name.value.clone()), name.span, form);
    for member in members {
        member_claims(reader, &subject, member, source, form);
    }
    for constraint in &declaration.table {
        table_constraint(reader, &subject, constraint, source);
    }
    purpose == Purpose::Whole
}

/// Whether a declaration says that it leaves members out (`// ... other fields`).
fn is_elided(fence: &Fence, span: Span) -> bool {
    let content = fence.content.as_str();
    let whole = fence.content.whole();
    let from = (span.start.saturating_sub(whole.start)) as usize;
    let to = (span.end.saturating_sub(whole.start)) as usize;
    let text = content.get(from..to.min(content.len())).unwrap_or(content);
    // `Field(...)` leaves nothing out.
    let dots = text.match_indices("...").any(|(at, _)| text.get(..at).is_some_and(|it| !it.ends_with('(')));
    dots || text.contains('…') || text.contains("other fields") || text.contains("etc.")
}

fn member_claims(reader: &mut Reader<'_>, subject: &Subject, member: &Member, source: SourceId, form: Form) {
    let stored = reader.claims.sources.get(source.0 as usize).is_some_and(|it| it.stored);
    let field = subject.part("field", &member.name.value);
    let mut say = |property, value, span, form| reader.claims.say_in(Some(source), &field, property, value, span, form);
    say(Property::Declared, Value::Text(member.name.value.clone()), member.name.span, form);
    say(Property::Type, Value::Type(member.ty.value.clone()), member.ty.span, form);
    let required = match member.not_null {
        Some(flag) => Some(flag),
        None if form == Form::Code(Language::EntityDiagram) => member.primary_key.then_some(true),
        None if stored => Some(member.primary_key),
        None => Some(!member.optional),
    };
    if let Some(required) = required {
        say(Property::Required, Value::Flag(required), member.name.span, form);
    }
    if member.primary_key {
        say(Property::Key, Value::Flag(true), member.name.span, form);
    }
    if member.unique {
        say(Property::Rule, Value::Rule(Rule::Unique(Vec::new())), member.name.span, form);
    }
    if member.generated {
        say(Property::Rule, Value::Rule(Rule::ServerSet), member.name.span, form);
    }
    if let Some(default) = &member.default {
        say(Property::Default, Value::Text(default.value.clone()), default.span, form);
    }
    if let Some(reference) = &member.references {
        let rule = Rule::References(reference.table.clone(), reference.on_delete.clone());
        say(Property::Rule, Value::Rule(rule), reference.table.span, form);
    }
    for rule in &member.rules {
        say(Property::Rule, Value::Rule(rule.value.clone()), rule.span, form);
    }
    for comment in &member.comments {
        rules_of(&comment_text(comment), &mut say, Form::Comment);
    }
    for check in &member.checks {
        let constraint = subject.part("constraint", &check.value);
        reader.claims.say_in(Some(source), &constraint, Property::Constraint, sql_clause(check), check.span, Form::Sql);
    }
}

fn sql_clause(condition: &Spanned<String>) -> Value {
    Value::Clause(Box::new(Clause { words: comment_text(condition), code: None }))
}

fn comment_text(comment: &Spanned<String>) -> Text {
    Text::verbatim(comment.value.clone(), comment.span.file, comment.span.start as usize)
}

/// Says what the small English grammar finds in a text about one field.
fn rules_of(text: &Text, say: &mut impl FnMut(Property, Value, Span, Form), form: Form) {
    for phrase in english::of_field(text) {
        match phrase.rule {
            Rule::Default(value) => say(Property::Default, Value::Text(value.value), value.span, form),
            Rule::Required(flag) => say(Property::Required, Value::Flag(flag), phrase.span, form),
            rule => say(Property::Rule, Value::Rule(rule), phrase.span, form),
        }
    }
}

fn table_constraint(reader: &mut Reader<'_>, subject: &Subject, constraint: &TableConstraint, source: SourceId) {
    let mut on = |field: &str, property, value, span| {
        let field = subject.part("field", field);
        reader.claims.say_in(Some(source), &field, property, value, span, Form::Sql);
    };
    match constraint {
        TableConstraint::Unique(columns, span) => {
            let Some((first, rest)) = columns.split_first() else { return };
            on(&first.value, Property::Rule, Value::Rule(Rule::Unique(rest.to_vec())), *span);
        }
        TableConstraint::PrimaryKey(columns, span) => {
            if let [only] = columns.as_slice() {
                on(&only.value, Property::Key, Value::Flag(true), *span);
            } else if let Some((first, rest)) = columns.split_first() {
                on(&first.value, Property::Rule, Value::Rule(Rule::Unique(rest.to_vec())), *span);
            }
        }
        TableConstraint::ForeignKey(columns, reference, span) => {
            if let [only] = columns.as_slice() {
                let rule = Rule::References(reference.table.clone(), reference.on_delete.clone());
                on(&only.value, Property::Rule, Value::Rule(rule), *span);
            }
        }
        TableConstraint::Check(condition) => {
            let constraint = subject.part("constraint", &condition.value);
            reader.claims.say_in(
                Some(source),
                &constraint,
                Property::Constraint,
                sql_clause(condition),
                condition.span,
                Form::Sql,
            );
        }
    }
}

/// Whether a section is named after an entity: it stands directly under the data model.
fn is_entity_heading(reader: &Reader<'_>, section: &Section) -> bool {
    section.own.is_none()
        && section.level < syntax::document::BOLD_LINE
        && section.parent.and_then(|it| reader.doc.section(it)).is_some_and(|it| it.own == Some(Family::DataModel))
}

/// The entity that a section speaks of: the one record declared in it, else its heading's name.
fn entity_of(
    reader: &Reader<'_>,
    section: &Section,
    declared: &FxHashMap<SectionId, Vec<String>>,
) -> Option<Spanned<String>> {
    for ancestor in reader.doc.ancestors(section.id) {
        let names = declared.get(&ancestor.id).map_or(&[][..], Vec::as_slice);
        let heading = entity_name(ancestor.name());
        let entity = ancestor.own == Some(Family::Entity) || is_entity_heading(reader, ancestor);
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
fn entity_name(heading: Slice<'_>) -> Option<Spanned<String>> {
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
    let name = column(table, &["field", "column", "attribute", "property", "field name", "column name", "name"]);
    let ty = column(table, &["type", "data type", "field type"]);
    if name.is_none() || ty.is_none() {
        return;
    }
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
        let Some(name) = cell(row, name).filter(|it| !is_nothing(it.as_str())) else { continue };
        let name =
            name.codes().next().unwrap_or(name).trim_matches(|it: char| it.is_whitespace() || matches!(it, '*' | '?'));
        let shaped = name
            .as_str()
            .chars()
            .all(|it| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '[' | ']' | '$' | ' '));
        if !shaped || name.as_str().split_whitespace().count() > 3 {
            continue;
        }
        // `address.city`, `items[].price` describe nested objects.
        if name.as_str().contains(['.', '[']) {
            continue;
        }
        let field = subject.part("field", name.as_str());
        let mut say =
            |property, value, span, form| reader.claims.say_in(Some(source), &field, property, value, span, form);
        say(Property::Declared, Value::Text(name.as_str().to_owned()), name.span(), Form::Table);
        if let Some(words) = cell(row, ty).and_then(alternatives) {
            say(Property::Type, Value::Type(Type::Enum(words.value)), words.span, Form::Table);
        } else if let Some(cell) = cell(row, ty).filter(|it| !is_nothing(it.as_str()))
            && let Some(found) = types::read_words(&cell.to_text())
        {
            if let Some(flag) = found.required.filter(|_| required.is_none()) {
                say(Property::Required, Value::Flag(flag), cell.span(), Form::Table);
            }
            if !matches!(found.ty, Type::Opaque(_)) {
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

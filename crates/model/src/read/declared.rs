//! What code declares: records, shapes and names for types, from all the fences of a document.

use std::borrow::Cow;
use std::collections::HashSet;

use rustc_hash::FxHashMap;
use source::{Span, Spanned, Text};
use syntax::decl::{self, Body, Declaration, Declarations, Language, Member, Part, TableConstraint};
use syntax::document::Section;
use syntax::english::{self, Rule};
use syntax::page::Fence;
use syntax::types::Type;
use syntax::{Document, Family, SectionId};

use crate::claim::{Clause, Form, Property, Purpose, Source, SourceId, Subject, Value};
use crate::names::{key, words};
use crate::read::linked::Linked;
use crate::read::{ProblemKind, Reader, fences};

/// Declarations are built on others to this depth.
const MAX_DEPTH: u8 = 8;

/// Members that a declaration takes from others at most: with more, nothing is taken.
const MAX_INHERITED: usize = 400;

/// The declarations of a document, each fence read once.
#[derive(Default)]
pub(super) struct Declared<'a> {
    parts: Vec<Found<'a>>,
    /// Index in `parts` by the start of the text.
    by_start: FxHashMap<u32, usize>,
    /// Part and item of the first record under each name.
    by_name: FxHashMap<String, (usize, usize)>,
}

/// The declarations of one fence.
struct Found<'a> {
    section: SectionId,
    standing: Standing,
    /// It is a file of its own.
    linked: bool,
    text: &'a Text,
    read: Cow<'a, Declarations>,
}

impl<'a> Declared<'a> {
    /// Reads the fences of a document and the files that it links to.
    pub(super) fn read(doc: &'a Document, linked: &'a [Linked]) -> Declared<'a> {
        let mut found = Declared::default();
        for section in &doc.sections {
            let fences = fences(&section.blocks);
            if fences.is_empty() {
                continue;
            }
            let standing = standing(doc, section);
            for (fence, _) in fences.into_iter().filter(|_| standing != Standing::Tried) {
                let data = standing == Standing::Data;
                let read = if data { decl::read(fence) } else { decl::read_shapes(fence) };
                if !read.items.is_empty() || !read.unread.is_empty() {
                    let read = Cow::Owned(read);
                    found.add(Found { section: section.id, standing, linked: false, text: &fence.content, read });
                }
            }
        }
        for file in linked {
            let read = Cow::Borrowed(&file.read);
            found.add(Found { section: file.section, standing: Standing::Data, linked: true, text: &file.text, read });
        }
        found
    }

    fn add(&mut self, part: Found<'a>) {
        let index = self.parts.len();
        for (at, item) in part.read.items.iter().enumerate() {
            if !matches!(item.body, Body::Alias(_)) && !self.by_name.contains_key(&item.name.value) {
                self.by_name.insert(item.name.value.clone(), (index, at));
            }
        }
        if !part.linked {
            self.by_start.insert(part.text.whole().start, index);
        }
        self.parts.push(part);
    }

    /// The declarations of a fence.
    pub(super) fn of(&self, fence: &Fence) -> &[Declaration] {
        let index = self.by_start.get(&fence.content.whole().start);
        index.and_then(|it| self.parts.get(*it)).map_or(&[], |it| it.read.items.as_slice())
    }

    fn named(&self, name: &str) -> Option<&Declaration> {
        let (part, item) = self.by_name.get(name)?;
        self.parts.get(*part)?.read.items.get(*item)
    }

    /// The members of a record with those that it takes from others, which come first, and whether all of
    /// those others are known.
    fn members(&self, item: &Declaration) -> (Vec<Member>, bool) {
        let mut taken = Vec::new();
        let mut known = self.inherit(item, MAX_DEPTH, &mut taken);
        if taken.len() > MAX_INHERITED {
            taken.clear();
            known = false;
        }
        let own = match &item.body {
            Body::Record(members) | Body::Class(members) => members.as_slice(),
            Body::Alias(_) => &[],
        };
        let names: HashSet<String> = own.iter().map(|it| key(&it.name.value)).collect();
        taken.retain(|it| !names.contains(&key(&it.name.value)));
        taken.extend(own.iter().cloned());
        (taken, known)
    }

    fn inherit(&self, item: &Declaration, depth: u8, taken: &mut Vec<Member>) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let mut known = true;
        for base in &item.extends {
            let Some(found) = self.named(&base.name.value).filter(|it| it.name.span != item.name.span) else {
                known = false;
                continue;
            };
            let mut members = Vec::new();
            known &= self.inherit(found, depth, &mut members);
            if let Body::Record(own) | Body::Class(own) = &found.body {
                members.extend(own.iter().cloned());
            }
            let is = |names: &[String], it: &Member| names.contains(&it.name.value);
            match &base.part {
                Part::All => {}
                Part::Optional => members.iter_mut().for_each(|it| it.optional = true),
                Part::Required => members.iter_mut().for_each(|it| it.optional = false),
                Part::Only(names) => members.retain(|it| is(names, it)),
                Part::Without(names) => members.retain(|it| !is(names, it)),
            }
            taken.extend(members);
            if taken.len() > MAX_INHERITED {
                return false;
            }
        }
        known
    }
}

/// Says what the data model declares, then what stands beside it; gives the records that are declared in
/// each section of the data model.
pub(super) fn say(reader: &mut Reader<'_>) -> FxHashMap<SectionId, Vec<String>> {
    let doc = reader.doc;
    let declared = reader.declared;
    let mut records: FxHashMap<SectionId, Vec<String>> = FxHashMap::default();
    for part in declared.parts.iter().filter(|it| it.standing == Standing::Data) {
        for unread in &part.read.unread {
            reader.problem(ProblemKind::Declaration, unread.span, unread.why.clone(), None);
        }
        for declaration in &part.read.items {
            if record(reader, declaration, part.text, None) {
                for ancestor in doc.ancestors(part.section) {
                    records.entry(ancestor.id).or_default().push(declaration.name.value.clone());
                }
            }
        }
    }
    for part in declared.parts.iter().filter(|it| it.standing != Standing::Data) {
        part.read.items.iter().for_each(|it| aside(reader, it, part));
    }
    records
}

/// What stands outside of the data model: a repetition of what it declares, or a shape of its own.
fn aside(reader: &mut Reader<'_>, declaration: &Declaration, part: &Found<'_>) {
    let subject = match declaration.body {
        Body::Alias(_) => Subject::of("type", &declaration.name.value),
        _ => Subject::entity(&declaration.name.value),
    };
    let known = reader.claims.of(&subject, Property::Declared).next().is_some();
    let purpose = match declaration.body {
        Body::Alias(_) if known => return,
        Body::Alias(_) => None,
        _ if known => Some(Purpose::Aside),
        _ if declaration.stored && part.standing == Standing::Free => None,
        _ if purpose(&declaration.name.value, form_of(declaration)).is_some_and(|it| it.0 == Purpose::Whole) => {
            Some(Purpose::Local)
        }
        _ => None,
    };
    record(reader, declaration, part.text, purpose);
}

/// What code in a section declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Data: it stands in the data or API families, nearest first.
    Data,
    /// Shapes that a part of the system works with, and what is kept of them.
    Free,
    /// Shapes that a part of the system works with.
    Part,
    /// What is only tried, or was not chosen.
    Tried,
}

pub(super) fn standing(doc: &Document, section: &Section) -> Standing {
    for ancestor in doc.ancestors(section.id) {
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

/// What a name says that a record is for, and the entity that it belongs to. `None`: it is no data.
pub(crate) fn purpose(name: &str, form: Form) -> Option<(Purpose, String)> {
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
    // As Pydantic's documentation names them; elsewhere an update may be a thing of its own.
    let python = form == Form::Code(Language::Python) && matches!(last, "create" | "update" | "patch");
    let request_suffix = request_suffix || python;
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
fn record(reader: &mut Reader<'_>, declaration: &Declaration, text: &Text, standing: Option<Purpose>) -> bool {
    let name = &declaration.name;
    let form = form_of(declaration);
    let (members, known) = match &declaration.body {
        Body::Alias(ty) => {
            let subject = Subject::of("type", &name.value);
            reader.say(&subject, Property::Declared, Value::Text(name.value.clone()), name.span, form);
            reader.say(&subject, Property::Type, Value::Type(ty.clone()), name.span, form);
            return false;
        }
        Body::Record(_) | Body::Class(_) => reader.declared.members(declaration),
    };
    let whole = (Purpose::Whole, name.value.clone());
    let Some((purpose, _)) = (if declaration.stored { Some(whole) } else { purpose(&name.value, form) }) else {
        return false;
    };
    if members.is_empty() {
        // What it holds is not said; that it is, is.
        if matches!(declaration.body, Body::Record(_)) {
            let subject = Subject::of("type", &name.value);
            reader.say(&subject, Property::Declared, Value::Text(name.value.clone()), name.span, form);
            reader.say(&subject, Property::Type, Value::Type(Type::Json), name.span, form);
        }
        return false;
    }
    let purpose = standing.unwrap_or(purpose);
    let subject = Subject::entity(&name.value);
    // A diagram shows what matters to it.
    let complete = known && declaration.language != Language::EntityDiagram && !is_elided(text, declaration.span);
    let source = reader.claims.source(Source {
        subject: subject.clone(),
        form,
        span: name.span,
        stored: declaration.stored,
        complete,
        purpose,
    });
    reader.claims.say_in(Some(source), &subject, Property::Declared, Value::Text(name.value.clone()), name.span, form);
    for member in &members {
        member_claims(reader, &subject, member, source, form);
    }
    for constraint in &declaration.table {
        table_constraint(reader, &subject, constraint, source);
    }
    purpose == Purpose::Whole
}

fn form_of(declaration: &Declaration) -> Form {
    match declaration.language {
        Language::TypeScript => Form::TypeScript,
        Language::Sql => Form::Sql,
        other => Form::Code(other),
    }
}

/// Whether a declaration says that it leaves members out (`// ... other fields`).
fn is_elided(text: &Text, span: Span) -> bool {
    let content = text.as_str();
    let whole = text.whole();
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
    for other in member.also.iter().filter(|it| key(it) != key(&member.name.value)) {
        say(Property::Called, Value::Text(other.clone()), member.name.span, form);
    }
    say(Property::Type, Value::Type(member.ty.value.clone()), member.ty.span, form);
    let required = match member.not_null {
        Some(flag) => Some(flag),
        None if form == Form::Code(Language::EntityDiagram) => member.primary_key.then_some(true),
        None if form == Form::Code(Language::OpenApi) => None,
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
        let mut say = |property, value, span, form| say(property, with_default(value, member, comment), span, form);
        rules_of(&comment_text(comment), &mut say, Form::Comment);
    }
    for check in &member.checks {
        let constraint = subject.part("constraint", &check.value);
        reader.claims.say_in(Some(source), &constraint, Property::Constraint, sql_clause(check), check.span, Form::Sql);
    }
}

/// `DEFAULT 'low', -- 'high', 'off'`: what stands behind a default may be the other values.
fn with_default(value: Value, member: &Member, comment: &Spanned<String>) -> Value {
    let Value::Rule(Rule::OneOf(mut words)) = value else { return value };
    let continues = comment.value.starts_with(['\'', '"']) && !comment.value.contains('|');
    let default = member.default.as_ref().filter(|it| continues && it.span.end <= comment.span.start);
    if let Some(default) = default
        && default.value.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'))
        // A value that is nearly among them is written wrong.
        && source::nearest(&default.value, words.iter().map(|it| it.value.as_str())).is_none()
    {
        words.insert(0, default.clone());
    }
    Value::Rule(Rule::OneOf(words))
}

fn sql_clause(condition: &Spanned<String>) -> Value {
    Value::Clause(Box::new(Clause { words: comment_text(condition), code: None }))
}

pub(super) fn comment_text(comment: &Spanned<String>) -> Text {
    Text::verbatim(comment.value.clone(), comment.span.file, comment.span.start as usize)
}

/// Says what the small English grammar finds in a text about one field.
pub(super) fn rules_of(text: &Text, say: &mut impl FnMut(Property, Value, Span, Form), form: Form) {
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

#[cfg(test)]
mod tests;

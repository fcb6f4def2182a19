//! Declarations of one entity that contradict each other: a field on one side only, another type,
//! another set of values, another requiredness.

use std::collections::{BTreeMap, HashMap};

use model::claim::{Claim, Claims, Form, Property, Purpose, Source, Subject, Value};
use model::names::{entity_key, key};
use model::{Entity, Field, Spec};
use source::{Level, Span};
use syntax::Document;
use syntax::decl::Language;
use syntax::types::{self, Compatibility, Type};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "declarations-disagree",
    summary: "two declarations of one thing contradict each other",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/declarations-disagree.md"),
    check: Check::Spec(declarations_disagree),
};

fn declarations_disagree(sink: &mut Sink<'_>, spec: &Spec) {
    for entity in &spec.entities {
        let sources: Vec<(u32, &Source)> =
            entity.sources.iter().filter_map(|it| Some((it.0, spec.claims().sources.get(it.0 as usize)?))).collect();
        // `struct A` is a name of examples.
        if sources.len() < 2 || entity.name.value.len() < 2 {
            continue;
        }
        members(sink, spec, entity, &sources);
        for field in &entity.fields {
            types_agree(sink, spec, &field.subject);
            requiredness_agrees(sink, spec, &field.subject);
        }
    }
    shapes_agree(sink, spec);
}

/// Types of a shape of a request or response against those of the record that its name says it is one of.
fn shapes_agree(sink: &mut Sink<'_>, spec: &Spec) {
    let shapes = spec.entities.iter().filter(|it| it.base.is_some() && carries(&it.name.value));
    let shapes: Vec<&Entity> = shapes.collect();
    if shapes.is_empty() {
        return;
    }
    let mut records: HashMap<String, &Entity> = HashMap::new();
    for entity in spec.entities.iter().filter(|it| it.is_record()) {
        records.entry(entity_key(&entity.name.value)).or_insert(entity);
    }
    let mut found: BTreeMap<(&str, &str), Vec<Other<'_>>> = BTreeMap::new();
    for shape in shapes {
        let base = shape.base.as_deref().map(entity_key);
        let Some(record) = base.and_then(|it| records.get(&it)) else { continue };
        let of_record: HashMap<&str, &Field> = record.fields.iter().map(|it| (it.key.as_str(), it)).collect();
        let shared: Vec<(&Field, &Field)> =
            shape.fields.iter().filter_map(|it| Some((it, *of_record.get(it.key.as_str())?))).collect();
        // What shares little is named after the record and holds something else.
        if shared.len() < 2 || shared.len() * 2 < shape.fields.len() {
            continue;
        }
        for (own, theirs) in shared {
            if let Some(other) = disagreement(spec, (shape, own), theirs) {
                found.entry((record.subject.as_str(), theirs.key.as_str())).or_default().push(other);
            }
        }
    }
    // One finding for a field, whichever shapes have it otherwise.
    for others in found.values() {
        let Some((first, more)) = others.split_first() else { continue };
        let Other { shape, field, claim, says, kept, kept_says } = first;
        let message = format!("`{}` is {kept_says} in {} and {says} in `{shape}`", field.name.value, form(kept.form));
        let mut finding = sink.report(claim.span, message).about(&field.subject).here(format!("`{shape}` says {says}"));
        finding = finding.label(kept.span, format!("{} says {kept_says}", form(kept.form)));
        for other in more.iter().take(MAX_LABELS) {
            finding = finding.label(other.claim.span, format!("`{}` says {}", other.shape, other.says));
        }
        drop(finding);
    }
}

/// A field that a shape has otherwise than the record.
struct Other<'a> {
    shape: &'a str,
    field: &'a Field,
    claim: &'a Claim,
    says: String,
    kept: &'a Claim,
    kept_says: String,
}

/// Whether a shape of this name carries the record itself, and no figures about it.
fn carries(name: &str) -> bool {
    let words = model::names::words(name);
    let first = words.first().map_or("", String::as_str);
    let last = words.last().map_or("", String::as_str);
    matches!(first, "create" | "update" | "new" | "patch" | "upsert")
        || matches!(
            last,
            "dto"
                | "response"
                | "request"
                | "input"
                | "create"
                | "update"
                | "patch"
                | "read"
                | "out"
                | "detail"
                | "details"
        )
}

fn disagreement<'a>(spec: &'a Spec, own: (&'a Entity, &'a Field), theirs: &'a Field) -> Option<Other<'a>> {
    let claims = spec.claims();
    let said = |field: &Field| {
        claims.of(&field.subject, Property::Type).find_map(|it| match &it.value {
            Value::Type(ty) => Some((it, ty)),
            _ => None,
        })
    };
    let ((kept, first), (claim, second)) = (said(theirs)?, said(own.1)?);
    // A shape may show a part of what is kept, or a count of it.
    let nested = |ty: &Type| match ty.bare() {
        Type::Array(_) | Type::Map(_) | Type::Object(_) | Type::Json | Type::Opaque(_) => true,
        Type::Named(name) => !matches!(
            spec.resolve(&name.value),
            Some(Type::Enum(_) | Type::Text(_) | Type::Integer | Type::Number | Type::Uuid | Type::Literals(_))
        ),
        _ => false,
    };
    let disagree = !nested(first)
        && !nested(second)
        && conflict(spec, kept, claim, first, second)
        && !is_narrowed(spec, claims, kept, claim, first, second);
    let (says, kept_says) = (second.describe(), first.describe());
    disagree.then(|| Other { shape: &own.0.name.value, field: own.1, claim, says, kept, kept_says })
}

/// A field as one declaration has it.
struct Declared<'a> {
    subject: &'a Subject,
    key: String,
    name: &'a str,
    span: Span,
}

/// Fields of one complete declaration that another complete one lacks.
fn members(sink: &mut Sink<'_>, spec: &Spec, entity: &Entity, sources: &[(u32, &Source)]) {
    let prefix = format!("{}.field.", entity.subject);
    let about = spec.claims().all.iter().filter(|it| matches!(it.property, Property::Declared | Property::Called));
    let about = about.filter(|it| it.subject.as_str().starts_with(&prefix));
    let (claims, names): (Vec<&Claim>, Vec<&Claim>) = about.partition(|it| it.property == Property::Declared);
    // `Kind string `json:"type"``: a declaration may have it by either name.
    let mut called: HashMap<String, String> = HashMap::new();
    for claim in names {
        let (Some(own), Some(other)) = (claim.subject.as_str().strip_prefix(&prefix), claim.value.as_text()) else {
            continue;
        };
        called.insert(key(other), key(own));
    }
    let key = |name: &str| {
        let own = key(name);
        called.get(&own).cloned().unwrap_or(own)
    };
    let fields = |source: u32| -> Vec<Declared<'_>> {
        let own = claims.iter().filter(|it| it.source.map(|it| it.0) == Some(source));
        own.filter_map(|it| {
            let name = it.value.as_text()?;
            Some(Declared { subject: &it.subject, key: key(name), name, span: it.span })
        })
        .collect()
    };
    let all: Vec<Vec<Declared<'_>>> = sources.iter().map(|it| fields(it.0)).collect();
    for (index, ((_, lacking), own)) in sources.iter().zip(&all).enumerate() {
        for ((_, having), theirs) in sources.iter().zip(&all).enumerate().filter(|it| it.0 != index).map(|it| it.1) {
            // A declaration that leaves fields out lacks none; and a repetition elsewhere may be an extract:
            // what it has in addition is told.
            let lists_all = lacking.complete && lacking.purpose == Purpose::Whole;
            // What a diagram shows and the declaration lacks is told by `unknown-diagram-field`.
            let drawn = having.form == Form::Code(Language::EntityDiagram);
            if lists_all && !drawn && matches!(having.purpose, Purpose::Whole | Purpose::Aside) {
                compare(sink, spec, (lacking, own), (having, theirs));
            }
        }
    }
}

fn compare(sink: &mut Sink<'_>, spec: &Spec, lacking: (&Source, &[Declared<'_>]), having: (&Source, &[Declared<'_>])) {
    let (own, theirs) = (lacking.1, having.1);
    let has = |fields: &[Declared<'_>], key: &str| fields.iter().any(|it| it.key == key);
    let layers = lacking.0.stored != having.0.stored;
    let shared = theirs.iter().filter(|it| has(own, &it.key)).count();
    let missing: Vec<&Declared<'_>> = theirs.iter().filter(|it| !has(own, &it.key)).collect();
    // Two declarations that share little describe two things of one name, or two layers.
    if shared == 0 || missing.len() > shared.max(2) || (layers && own.len() < theirs.len() / 2) {
        return;
    }
    // `address` on one side may be `address_street` and `address_city` on the other.
    let flattened = |field: &Declared<'_>| {
        own.iter().any(|it| (it.key.starts_with(&field.key) || field.key.starts_with(&it.key)) && !has(theirs, &it.key))
    };
    let told = missing.into_iter().filter(|it| !layers || !(is_bookkeeping(&it.key) || flattened(it)));
    let told: Vec<&Declared<'_>> = told.collect();
    let Some(first) = told.first() else { return };
    let names: Vec<String> = told.iter().map(|it| format!("`{}`", it.name)).collect();
    let (here, there) = if lacking.0.form == having.0.form {
        ("this declaration".to_owned(), "another of the same name".to_owned())
    } else {
        (form(lacking.0.form).to_owned(), form(having.0.form).to_owned())
    };
    let message = format!("{here} lacks {}, which {there} has", names.join(", "));
    // What the document says itself stands first.
    let linked = lacking.0.span.file != spec.document().file;
    let tables = lacking.0.stored && lacking.0.form == having.0.form;
    let variants = tables && !are_one_table(sink, spec, lacking.0, having.0);
    let level = if layers || variants { Level::Info } else { Level::Warning };
    let mut finding = sink.report(if linked { first.span } else { lacking.0.span }, message).about(first.subject);
    for field in told.iter().skip(usize::from(linked)).take(MAX_LABELS) {
        finding = finding.label(field.span, format!("{there} has it here"));
    }
    if linked {
        finding = finding.label(lacking.0.span, format!("{here} is here"));
    }
    let them = if told.len() == 1 { names.concat() } else { "them".to_owned() };
    drop(finding.level(level).help(format!("add {them}, or say that the list is not complete")));
}

/// Whether a table is created twice: of one name it may be that of two databases, or of two times.
fn are_one_table(sink: &Sink<'_>, spec: &Spec, first: &Source, second: &Source) -> bool {
    let doc = spec.document();
    let whole = |it: &Source| it.form == Form::Sql && it.purpose == Purpose::Whole && it.span.file == doc.file;
    let plain = |it: &Source| {
        let section = doc.section_at(it.span);
        let around = section.into_iter().flat_map(|it| doc.ancestors(it.id)).filter(|it| it.level > 1);
        let headings = around.map(|it| it.heading.as_str());
        let own = section.map(|it| it.heading.as_str());
        !headings.chain(comment_above(sink, doc, it.span)).any(|it| has_word(it, &APART))
            && !own.is_some_and(|it| has_word(it, &MORE))
    };
    let name = |it: &Source| sink.snippet(it.span).trim_matches(['"', '`', '[', ']']).to_lowercase();
    whole(first) && whole(second) && name(first) == name(second) && plain(first) && plain(second)
}

/// The comment on the line above the one that a place stands in.
fn comment_above<'a>(sink: &Sink<'a>, doc: &Document, place: Span) -> Option<&'a str> {
    let before = sink.snippet(Span::new(doc.file, 0..place.start as usize));
    before.rsplit('\n').nth(1).filter(|it| it.trim_start().starts_with("--"))
}

fn has_word(text: &str, words: &[&str]) -> bool {
    text.split(|it: char| !it.is_alphanumeric()).any(|own| words.iter().any(|it| own.eq_ignore_ascii_case(it)))
}

/// Words of databases, and of times: what stands under them is one of several.
const APART: [&str; 57] = [
    "sqlite",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "oracle",
    "mssql",
    "sqlserver",
    "clickhouse",
    "bigquery",
    "snowflake",
    "redshift",
    "duckdb",
    "timescaledb",
    "cockroachdb",
    "d1",
    "warehouse",
    "analytics",
    "archive",
    "cache",
    "migration",
    "migrations",
    "before",
    "after",
    "old",
    "new",
    "current",
    "existing",
    "legacy",
    "proposed",
    "target",
    "future",
    "previous",
    "original",
    "final",
    "phase",
    "version",
    "v1",
    "v2",
    "v3",
    "step",
    "option",
    "alternative",
    "approach",
    "upgrade",
    "change",
    "changes",
    "update",
    "updates",
    "updated",
    "modified",
    "rollback",
    "test",
    "example",
    "local",
    "client",
    "simplified",
];

/// Words of a heading by which its table is a longer one.
const MORE: [&str; 5] = ["enhanced", "extended", "extension", "full", "complete"];

/// Fields of the other side that are shown.
const MAX_LABELS: usize = 4;

/// Columns that storage adds.
fn is_bookkeeping(name: &str) -> bool {
    matches!(
        name,
        "id" | "createdat"
            | "updatedat"
            | "deletedat"
            | "createdby"
            | "updatedby"
            | "version"
            | "tenantid"
            | "passwordhash"
            | "password"
            | "metadata"
            | "organizationid"
            | "userid"
            | "embedding"
            | "rowversion"
    )
}

/// How a declaration is called in a sentence.
fn form(form: Form) -> &'static str {
    match form {
        Form::TypeScript => "the interface",
        Form::Sql => "the SQL table",
        Form::Table => "the Fields table",
        Form::Comment => "the comment",
        Form::Fence => "the JSON shape",
        Form::Code(language) => match language {
            Language::TypeScript => "the interface",
            Language::Sql => "the SQL table",
            Language::Prisma => "the Prisma model",
            Language::Python => "the Python class",
            Language::Go => "the Go struct",
            Language::Zod => "the Zod schema",
            Language::CSharp => "the C# class",
            Language::Java => "the Java class",
            Language::Rust => "the Rust struct",
            Language::EntityDiagram => "the entity diagram",
            Language::OpenApi => "the OpenAPI schema",
        },
        _ => "the text",
    }
}

fn types_agree(sink: &mut Sink<'_>, spec: &Spec, subject: &Subject) {
    let claims = spec.claims();
    let said: Vec<(&Claim, &Type)> = claims
        .of(subject, Property::Type)
        .filter_map(|it| match &it.value {
            Value::Type(ty) => Some((it, ty)),
            _ => None,
        })
        .collect();
    for (index, (b, second)) in said.iter().enumerate() {
        for (a, first) in said.iter().take(index) {
            if a.source == b.source {
                continue;
            }
            if !conflict(spec, a, b, first, second) || is_narrowed(spec, claims, a, b, first, second) {
                continue;
            }
            let name = claims.of(subject, Property::Declared).find_map(|it| it.value.as_text()).unwrap_or("");
            // What the document says itself stands first.
            let linked = b.span.file != spec.document().file;
            let ((a, first), (b, second)) =
                if linked { ((*b, *second), (*a, *first)) } else { ((*a, *first), (*b, *second)) };
            let (first, second) = (first.describe(), second.describe());
            drop(
                sink.report(
                    b.span,
                    format!("`{name}` is {first} in {} and {second} in {}", form(a.form), form(b.form)),
                )
                .about(subject)
                .here(format!("{} says {second}", form(b.form)))
                .label(a.span, format!("{} says {first}", form(a.form))),
            );
            return;
        }
    }
}

/// Whether no value is of both types. A database without booleans keeps them as numbers.
fn conflict(spec: &Spec, a: &Claim, b: &Claim, first: &Type, second: &Type) -> bool {
    let flag = |ty: &Type| matches!(ty.bare(), Type::Boolean);
    let number = |ty: &Type| matches!(ty.bare(), Type::Integer);
    let stored = |it: &Claim| spec.claims().source_of(it).is_some_and(|it| it.stored);
    let stored = stored(a) || stored(b);
    if !stored && (flag(first) && number(second) || number(first) && flag(second)) {
        return true;
    }
    types::compatible(first, second, &|name| resolve(spec, name)) == Compatibility::Conflict
}

/// A name stands for its alias, else for a record.
fn resolve(spec: &Spec, name: &str) -> Option<Type> {
    spec.resolve(name)
}

/// Storage writes enums, lists and objects in columns of text or JSON; a request or view may narrow.
fn is_narrowed(spec: &Spec, claims: &Claims, a: &Claim, b: &Claim, first: &Type, second: &Type) -> bool {
    let purpose = |it: &Claim| claims.source_of(it).map(|it| it.purpose);
    let part = [a, b].iter().any(|it| purpose(it) != Some(Purpose::Whole));
    let words = |ty: &Type| match ty.bare() {
        Type::Enum(words) => Some(words.iter().map(|it| key(&it.value)).collect::<Vec<_>>()),
        Type::Named(name) => match spec.resolve(&name.value) {
            Some(Type::Enum(words)) => Some(words.iter().map(|it| key(&it.value)).collect()),
            _ => None,
        },
        _ => None,
    };
    if let (Some(x), Some(y)) = (words(first), words(second)) {
        return part && (x.iter().all(|it| y.contains(it)) || y.iter().all(|it| x.contains(it)));
    }
    // A storage declaration and an application's: each may have what is no concern of the other.
    let stored = |it: &Claim| claims.source_of(it).is_some_and(|it| it.stored);
    if stored(a) != stored(b) {
        let structured = |ty: &Type| {
            matches!(ty.bare(), Type::Object(_) | Type::Array(_) | Type::Map(_) | Type::Json | Type::Named(_))
        };
        let flag = |ty: &Type| matches!(ty.bare(), Type::Boolean | Type::Integer | Type::Literals(_));
        let stored_time =
            |ty: &Type| matches!(ty.bare(), Type::DateTime | Type::Date | Type::Integer | Type::Number | Type::Time);
        return structured(first)
            || structured(second)
            || (flag(first) && flag(second))
            || (stored_time(first) && stored_time(second));
    }
    false
}

fn requiredness_agrees(sink: &mut Sink<'_>, spec: &Spec, subject: &Subject) {
    let claims = spec.claims();
    let whole = |it: &&Claim| claims.source_of(it).is_some_and(|it| it.purpose == Purpose::Whole);
    let said = |form: Form, flag: bool| {
        claims.of(subject, Property::Required).filter(whole).find(|it| it.form == form && it.value == Value::Flag(flag))
    };
    // `?` in the interface against `Yes` in the table. The other way round the table may speak of requests.
    let (Some(optional), Some(required)) = (said(Form::TypeScript, false), said(Form::Table, true)) else { return };
    let name = claims.of(subject, Property::Declared).find_map(|it| it.value.as_text()).unwrap_or("");
    drop(
        sink.report(required.span, format!("`{name}` is required in the Fields table and optional in the interface"))
            .about(subject)
            .label(optional.span, "optional here"),
    );
}

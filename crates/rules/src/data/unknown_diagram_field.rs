//! Fields that a class or entity diagram shows and the declarations of the same name lack.

use std::collections::{BTreeMap, HashSet};

use model::Spec;
use model::names::{entity_key, key};
use source::{Level, Span};
use syntax::decl::{Body, Declaration, sql, typescript};
use syntax::page::Fence;

use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-diagram-field",
    summary: "a diagram shows a field that the declaration lacks",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-diagram-field.md"),
    check: Check::Review(unknown_diagram_field),
};

fn unknown_diagram_field(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let fences: Vec<&Fence> = review.texts().fences().to_vec();
    let shown: Vec<Shown<'_>> = fences.iter().filter(|it| it.lang == "mermaid").flat_map(|it| records(it)).collect();
    if shown.is_empty() {
        return;
    }
    let declared = declarations(spec, &fences);
    for record in shown {
        let Some(known) = declared.get(&entity_key(record.name)) else { continue };
        let has = |it: &Field<'_>| it.names.iter().any(|it| known.fields.contains(&key(it)));
        let (shared, unknown): (Vec<&Field<'_>>, Vec<&Field<'_>>) = record.fields.iter().partition(|it| has(it));
        // What shares little is another thing of that name; `address` may be `address_street` on the other side.
        if !known.complete || record.fields.len() > MAX_FIELDS || shared.len() < 2 || unknown.len() > shared.len() {
            continue;
        }
        let part = |it: &&&Field<'_>| {
            let own = key(it.name);
            !known.fields.iter().any(|it| it.starts_with(&own) || own.starts_with(it.as_str()))
        };
        for field in unknown.iter().filter(part) {
            drop(
                sink.report(field.span, format!("`{}` is not in the declaration of `{}`", field.name, known.name))
                    .label(known.at, "the declaration")
                    .instead_of(field.name, source::nearest(field.name, known.names.iter().map(String::as_str))),
            );
        }
    }
}

/// What has more is no picture.
const MAX_FIELDS: usize = 200;

/// What the code of a document declares under one name.
struct Known {
    name: String,
    at: Span,
    names: Vec<String>,
    fields: HashSet<String>,
    complete: bool,
}

fn declarations(spec: &Spec, fences: &[&Fence]) -> BTreeMap<String, Known> {
    let mut found: BTreeMap<String, Known> = BTreeMap::new();
    let mut add = |name: &str, at: Span, fields: Vec<String>, complete: bool| {
        let known = found.entry(entity_key(name)).or_insert_with(|| Known {
            name: name.to_owned(),
            at,
            names: Vec::new(),
            fields: HashSet::new(),
            complete: true,
        });
        known.fields.extend(fields.iter().map(|it| key(it)));
        known.names.extend(fields);
        known.complete &= complete;
    };
    for fence in fences {
        let read = match fence.lang.as_str() {
            "typescript" | "ts" | "tsx" => typescript::read(&fence.content),
            "sql" | "postgresql" | "postgres" | "mysql" | "sqlite" => sql::read(&fence.content),
            _ => continue,
        };
        for Declaration { name, body, extends, .. } in &read.items {
            let (Body::Record(members) | Body::Class(members)) = body else { continue };
            let elided = fence.content.as_str().contains("...");
            let fields = members.iter().map(|it| it.name.value.clone()).collect();
            add(&name.value, name.span, fields, extends.is_empty() && !elided && matches!(body, Body::Record(_)));
        }
    }
    for entity in &spec.entities {
        let fields = entity.fields.iter().map(|it| it.name.value.clone()).collect();
        add(&entity.name.value, entity.name.span, fields, true);
    }
    found
}

/// A record of a diagram.
struct Shown<'a> {
    name: &'a str,
    fields: Vec<Field<'a>>,
}

/// A field of it.
struct Field<'a> {
    name: &'a str,
    /// In `+string title` either word may be the name.
    names: Vec<&'a str>,
    span: Span,
}

/// The records of a `classDiagram` or an `erDiagram`.
fn records(fence: &Fence) -> Vec<Shown<'_>> {
    let text = fence.content.as_str();
    let first = text.trim_start();
    let classes = first.starts_with("classDiagram");
    if !classes && !first.starts_with("erDiagram") {
        return Vec::new();
    }
    let mut found: Vec<Shown<'_>> = Vec::new();
    let mut open = false;
    let mut at = 0;
    for whole in text.split_inclusive('\n') {
        let start = at;
        at += whole.len();
        let line = whole.trim();
        if line.starts_with('}') {
            open = false;
        } else if let Some(head) = line.strip_suffix('{') {
            let head = head.trim();
            let name = head.strip_prefix("class ").unwrap_or(head).trim().trim_matches('"');
            open = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
            if open {
                found.push(Shown { name, fields: Vec::new() });
            }
        } else if open && let Some(field) = field(line, classes) {
            let offset = start + whole.find(field.0).unwrap_or(0);
            let span = fence.content.span(offset..offset + field.0.len());
            if let Some(record) = found.last_mut() {
                record.fields.push(Field { name: field.0, names: field.1, span });
            }
        }
    }
    found
}

/// The name of a field: `+title: string`, `+string title`, `string title UK "comment"`.
fn field(line: &str, classes: bool) -> Option<(&str, Vec<&str>)> {
    if line.contains('(') || line.starts_with("%%") || line.starts_with("<<") {
        return None;
    }
    let line = line.trim_start_matches(['+', '-', '#', '~', ' ']);
    let is_name = |it: &&str| it.chars().all(|it| it.is_alphanumeric() || it == '_') && !it.is_empty();
    if let Some((name, _)) = line.split_once(':').filter(|_| classes) {
        let name = name.trim();
        return Some((name, vec![name])).filter(|it| is_name(&it.0));
    }
    let mut words = line.split_whitespace();
    let (ty, name) = (words.next()?, words.next().filter(is_name)?);
    Some((name, if classes { vec![name, ty] } else { vec![name] }))
}

//! Bodies of answers as schemas: the plan's templates with what fills their slots.

use export::{Body, Response};
use model::Spec;
use serde_json::{Map, Value, json};

use crate::contract::example;
use crate::shape::{Side, nullable, set, with_members};
use crate::{Action, Page, Part, Plan, Route, Table, phrase};

/// The success of a route.
pub(super) fn success(spec: &Spec, plan: &Plan, route: &Route, names: &[String]) -> Response {
    let answer = &route.answer;
    let table = route.table.and_then(|it| plan.tables.get(it));
    let endpoint = spec.endpoints.get(route.endpoint);
    let body = answer.body.as_ref().map(|parts| {
        let record = || match (table, route.table.and_then(|it| names.get(it))) {
            (Some(table), Some(name)) if shows_all(table, &answer.view) => export::reference(name),
            (Some(table), _) => self::record(table, &answer.view),
            _ => json!({}),
        };
        let list = route.action == Action::List;
        let pieces = parts.iter().map(|part| match part {
            Part::Raw(bytes) => Piece::Raw(bytes),
            Part::Record if !list => Piece::Hole(if table.is_some() { record() } else { json!({ "type": "null" }) }),
            Part::Record | Part::Records => Piece::Hole(json!({ "type": "array", "items": record() })),
            Part::Field(index) => Piece::Hole(table.map_or(json!({}), |it| field(it, *index))),
            Part::Page(page) => Piece::Hole(about(*page)),
        });
        // What an endpoint that only answers its example says is one of many things that it could say.
        let schema = body(pieces, route.action == Action::Example);
        let shown = endpoint.iter().flat_map(|it| &it.responses).filter(|it| it.status == answer.status);
        let example = shown.filter_map(|it| it.body.as_ref()).find_map(example);
        Body { media: "application/json", schema, example }
    });
    let follows = route.action == Action::List && !answer.leads_on;
    Response {
        status: answer.status,
        description: phrase(answer.status).to_owned(),
        body,
        headers: if follows { vec![("Link", "Where the list goes on, if it does (RFC 8288)")] } else { Vec::new() },
    }
}

/// A record as answers show it.
pub(super) fn record(table: &Table, view: &[usize]) -> Value {
    let members = view.iter().filter_map(|index| {
        let own = table.field(*index)?;
        let mut schema = field(table, *index);
        if own.server_set {
            set(&mut schema, "readOnly", json!(true));
        }
        Some((own.member.name.clone(), schema, !own.omitted))
    });
    with_members(members)
}

fn shows_all(table: &Table, view: &[usize]) -> bool {
    (0..table.fields.len()).all(|it| view.contains(&it) || table.field(it).is_none_or(|it| it.hidden))
}

/// One field as answers show it.
fn field(table: &Table, index: usize) -> Value {
    let Some(field) = table.field(index) else { return json!({}) };
    let mut member = field.member.clone();
    member.nullable = false;
    let mut schema = member.schema(Side::Answer);
    restrict(table, index, &mut schema);
    if !field.present && !field.omitted { nullable(schema) } else { schema }
}

/// Adds what conditions ask of one field.
pub(super) fn restrict(table: &Table, index: usize, schema: &mut Value) {
    let declared = table.field(index).map_or("", |it| it.declared.as_str());
    for restriction in table.restrictions.iter().filter(|it| it.field == declared) {
        restriction.apply(schema);
    }
}

fn about(page: Page) -> Value {
    match page {
        Page::Next => json!({ "type": ["string", "null"] }),
        Page::More => json!({ "type": "boolean" }),
        Page::Total | Page::Count | Page::Limit | Page::Number | Page::Pages | Page::Offset => {
            json!({ "type": "integer", "minimum": 0 })
        }
    }
}

/// A piece of a body.
pub(super) enum Piece<'a> {
    /// As it is sent.
    Raw(&'a [u8]),
    /// Something with this schema.
    Hole(Value),
}

/// Stands for a hole while a template is read; no document holds it in a text.
const MARK: char = '\u{1}';

/// The schema of a template. In a `loose` one constants stand for their types.
pub(super) fn body<'a>(pieces: impl Iterator<Item = Piece<'a>>, loose: bool) -> Value {
    let (mut text, mut holes) = (Vec::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Raw(bytes) => text.extend_from_slice(bytes),
            Piece::Hole(schema) => {
                text.extend_from_slice(format!("\"\\u0001{}\"", holes.len()).as_bytes());
                holes.push(schema);
            }
        }
    }
    serde_json::from_slice(&text).map_or_else(|_| json!({}), |it| shape(&it, &holes, loose))
}

fn shape(value: &Value, holes: &[Value], loose: bool) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix(MARK).and_then(|it| it.parse::<usize>().ok()) {
            Some(index) => holes.get(index).cloned().unwrap_or(json!({})),
            None if loose => json!({ "type": "string" }),
            None => json!({ "type": "string", "const": text }),
        },
        Value::Object(members) => {
            with_members(members.iter().map(|(name, it)| (name.clone(), shape(it, holes, loose), true)))
        }
        Value::Array(items) => match items.split_first() {
            Some((first, rest)) => {
                let item = rest.iter().fold(shape(first, holes, true), |all, it| either(&all, &shape(it, holes, true)));
                json!({ "type": "array", "items": item })
            }
            None => json!({ "type": "array" }),
        },
        Value::Null => json!({}),
        Value::Bool(_) if loose => json!({ "type": "boolean" }),
        Value::Number(_) if loose => json!({ "type": "number" }),
        constant => json!({ "const": constant }),
    }
}

/// A schema that what satisfies one of two satisfies.
pub(super) fn either(one: &Value, other: &Value) -> Value {
    if one == other {
        return one.clone();
    }
    let properties = |it: &Value| it.get("properties").and_then(Value::as_object).cloned();
    let same =
        |a: &Map<String, Value>, b: &Map<String, Value>| a.len() == b.len() && a.keys().all(|it| b.contains_key(it));
    if let (Some(a), Some(b)) = (properties(one), properties(other))
        && same(&a, &b)
        && one.get("required") == other.get("required")
    {
        let merged: Map<String, Value> = a
            .iter()
            .map(|(name, it)| (name.clone(), b.get(name).map_or_else(|| it.clone(), |b| either(it, b))))
            .collect();
        let mut schema = one.clone();
        set(&mut schema, "properties", Value::Object(merged));
        return schema;
    }
    if let (Some(mut a), Some(b)) = (constants(one), constants(other)) {
        let text = [one, other].iter().all(|it| it.get("type") == Some(&json!("string")));
        a.extend(b.into_iter().filter(|it| !constants(one).is_some_and(|own| own.contains(it))));
        return if text { json!({ "type": "string", "enum": a }) } else { json!({ "enum": a }) };
    }
    let mut choices = one.get("anyOf").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![one.clone()]);
    if !choices.contains(other) {
        choices.push(other.clone());
    }
    json!({ "anyOf": choices })
}

fn constants(schema: &Value) -> Option<Vec<Value>> {
    let one = schema.get("const").map(|it| vec![it.clone()]);
    one.or_else(|| schema.get("enum").and_then(Value::as_array).cloned())
}

//! Bodies of requests as schemas: what [`crate::change`] accepts of each field, by what the route does.

use export::Request;
use model::Spec;
use model::names::key;
use serde_json::{Map, Value, json};

use crate::change::stays;
use crate::contract::{answers, example};
use crate::shape::{Side, nullable, set, with_members};
use crate::{Action, Field, Fill, MakeKey, Plan, Relation, Route, Table};

/// The body of a route's requests, if it reads one.
pub(super) fn body(spec: &Spec, plan: &Plan, route: &Route) -> Option<Request> {
    let endpoint = spec.endpoints.get(route.endpoint);
    let shown = endpoint.iter().flat_map(|it| &it.requests).find_map(|it| example(&it.value));
    let Some(table) = route.table.and_then(|it| plan.tables.get(it)) else {
        // An endpoint that only answers its example reads no body.
        let carries = !matches!(route.method.as_str(), "GET" | "HEAD" | "DELETE");
        return shown.filter(|_| carries).map(|it| Request { required: false, schema: json!({}), example: Some(it) });
    };
    let mut schema = match &route.action {
        Action::Create => created(route, table),
        Action::Put => put(route, table),
        Action::Replace => replaced(route, table),
        Action::Update => updated(route, table),
        Action::Transition(event) => fired(route, table, event.is_none()),
        Action::List | Action::Read | Action::Delete | Action::Example => return None,
    };
    set(&mut schema, "additionalProperties", json!(false));
    for name in route.drawn.iter().flat_map(|it| &it.path).rev() {
        let wrapped = with_members(std::iter::once((name.clone(), schema.clone(), true)));
        schema = json!({ "anyOf": [wrapped, schema] });
    }
    let required = !matches!(&route.action, Action::Transition(Some(_)));
    Some(Request { required, schema, example: shown })
}

fn created(route: &Route, table: &Table) -> Value {
    let members = table.fields.iter().enumerate().filter_map(|(index, field)| {
        let made = index == table.key && table.make_key != MakeKey::Given;
        let above = route.parents.iter().any(|it| it.field == index) && !draws(route, field);
        if made || field.server_set || above {
            return None;
        }
        let mut schema = own(table, index, field, Side::Request);
        if let Some(machine) = table.machine.as_ref().filter(|it| it.field == index)
            && let Some(initial) = &machine.initial
        {
            schema = json!({ "type": "string", "enum": [initial] });
            if field.member.nullable {
                schema = nullable(schema);
            }
        }
        if let Fill::Value(cell) = &field.fill {
            set(&mut schema, "default", cell.to_json());
        }
        let above = route.parents.iter().any(|it| it.field == index);
        Some((field.member.name.clone(), schema, field.member.required && !above))
    });
    let mut schema = with_members(members.chain(others(route, table)));
    relate(table, &mut schema);
    schema
}

/// The one record: what is needed where there is none yet.
fn put(route: &Route, table: &Table) -> Value {
    let members = table.fields.iter().enumerate().filter(|(index, _)| *index != table.key).map(|(index, field)| {
        let schema = fixed(field, own(table, index, field, Side::Request));
        (field.member.name.clone(), schema, field.member.required && !field.server_set)
    });
    let mut schema = with_members(members.chain(others(route, table)));
    relate(table, &mut schema);
    schema
}

fn replaced(route: &Route, table: &Table) -> Value {
    let members = each(table).map(|(index, field)| {
        let schema = fixed(field, own(table, index, field, Side::Request));
        let free = is_fixed(field) || stays(route, table, index, field);
        (field.member.name.clone(), schema, field.member.required && !free)
    });
    with_members(members.chain(others(route, table)))
}

fn updated(route: &Route, table: &Table) -> Value {
    let members = each(table).map(|(index, field)| (field.member.name.clone(), changed(table, index, field), false));
    with_members(members.chain(others(route, table)))
}

/// What an event may bring: what the request draws, and where the route has no event of its own, the state
/// or the event that is meant.
fn fired(route: &Route, table: &Table, by_state: bool) -> Value {
    let mut members = Map::new();
    for (name, _) in route.drawn.iter().flat_map(|it| &it.names) {
        let own = each(table).find(|(_, it)| it.member.name == *name);
        members.insert(name.clone(), own.map_or(json!({}), |(index, field)| changed(table, index, field)));
    }
    let Some(machine) = table.machine.as_ref().filter(|_| by_state) else {
        return with_members(members.into_iter().map(|(name, schema)| (name, schema, false)));
    };
    let mut words: Vec<&str> = machine.states.iter().map(|it| it.1.as_str()).collect();
    words.extend(machine.steps.iter().map(|it| it.name.as_str()).filter(|it| !it.is_empty()));
    let mut seen = Vec::new();
    words.retain(|it| {
        !seen.contains(&key(it)) && {
            seen.push(key(it));
            true
        }
    });
    let own = table.field(machine.field).map_or("", |it| it.member.name.as_str());
    let choice = crate::change::target_names(own);
    let drawn: Vec<&str> = choice.iter().copied().filter(|it| members.contains_key(*it)).collect();
    let named: Vec<&str> = if drawn.is_empty() { choice.to_vec() } else { drawn };
    for name in &named {
        members.insert((*name).to_owned(), json!({ "type": "string", "enum": words }));
    }
    let mut schema = with_members(members.into_iter().map(|(name, schema)| (name, schema, false)));
    match named.as_slice() {
        [only] => set(&mut schema, "required", json!([only])),
        several => {
            let choices: Vec<Value> = several.iter().map(|it| json!({ "required": [it] })).collect();
            set(&mut schema, "anyOf", Value::Array(choices));
        }
    }
    schema
}

/// The fields that a request about a record may name.
fn each(table: &Table) -> impl Iterator<Item = (usize, &Field)> {
    table.fields.iter().enumerate().filter(|(index, field)| !(field.hidden && *index == table.key))
}

fn own(table: &Table, index: usize, field: &Field, side: Side) -> Value {
    let mut schema = field.member.schema(side);
    answers::restrict(table, index, &mut schema);
    if field.hidden {
        set(&mut schema, "writeOnly", json!(true));
    }
    schema
}

fn changed(table: &Table, index: usize, field: &Field) -> Value {
    let schema = own(table, index, field, Side::Patch);
    let schema = if field.omitted && !is_fixed(field) { nullable(schema) } else { schema };
    fixed(field, schema)
}

fn is_fixed(field: &Field) -> bool {
    field.server_set || field.immutable
}

/// A field that no request changes may be sent as it is.
fn fixed(field: &Field, mut schema: Value) -> Value {
    if is_fixed(field) {
        if !field.present {
            schema = nullable(schema);
        }
        set(&mut schema, "readOnly", json!(true));
    }
    schema
}

fn draws(route: &Route, field: &Field) -> bool {
    let named = |it: &str| it == field.member.name || key(it) == key(&field.declared);
    route.drawn.iter().flat_map(|it| &it.names).any(|it| named(&it.0))
}

/// What the document draws in the request and no field keeps.
fn others<'a>(route: &'a Route, table: &'a Table) -> impl Iterator<Item = (String, Value, bool)> + 'a {
    let names = route.drawn.iter().flat_map(|it| &it.names).map(|it| &it.0);
    names
        .filter(|it| !table.fields.iter().any(|field| field.member.name == **it))
        .map(|it| (it.clone(), json!({}), false))
}

/// Constraints between fields, as far as a schema can say them.
fn relate(table: &Table, schema: &mut Value) {
    let name = |it: usize| table.field(it).map_or("", |it| it.member.name.as_str());
    let mut all = Vec::new();
    for (relation, _) in &table.relations {
        match relation {
            Relation::RequiredWhen { field, other, value } => {
                let mut given = Map::new();
                given.insert(name(*other).to_owned(), json!({ "const": value }));
                let mut there = Map::new();
                there.insert(name(*field).to_owned(), json!({ "not": { "type": "null" } }));
                all.push(json!({
                    "if": { "properties": given, "required": [name(*other)] },
                    "then": { "properties": there, "required": [name(*field)] },
                }));
            }
            Relation::AtLeastOneOf(fields) => {
                let choices = fields.iter().map(|it| {
                    let mut there = Map::new();
                    there.insert(name(*it).to_owned(), json!({ "not": { "type": "null" } }));
                    json!({ "properties": there, "required": [name(*it)] })
                });
                all.push(json!({ "anyOf": choices.collect::<Vec<_>>() }));
            }
            Relation::Compared { .. } => {}
        }
    }
    if !all.is_empty() {
        set(schema, "allOf", Value::Array(all));
    }
}

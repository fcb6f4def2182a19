//! `outline --format json`: an interface, described by `docs/schemas/outline.json`. It changes only by
//! addition.

use model::clause::{Standing, clauses, count};
use model::names::entity_key;
use model::{Endpoint, Entity, ErrorRow, Machine, Meaning, Spec};
use runtime::{Preview, RouteLine};
use serde_json::{Value, json};
use source::{Sources, Span};

use crate::report::outline_text::served_as;

/// The outline as one JSON object, indented, with a line break at its end.
pub(crate) fn outline(spec: &Spec, sources: &Sources, served: &Preview) -> String {
    let line = |span: Span| sources.position(span).line;
    let all = clauses(spec);
    let counts = count(&all);
    let of = |standing| counts.get(&standing).copied().unwrap_or(0);
    let sections: Vec<Value> = spec
        .document()
        .sections
        .iter()
        .filter(|it| it.level > 0)
        .map(|it| {
            json!({
                "heading": it.heading.as_str(),
                "level": it.level,
                "family": it.own.map(|it| format!("{it:?}")),
                "line": line(it.span),
            })
        })
        .collect();
    let targets: Vec<Value> = spec
        .targets
        .iter()
        .map(|it| json!({ "kind": it.kind, "text": it.text.value, "address": spec.address(&it.subject), "line": line(it.text.span), "measurable": !it.quantities.is_empty() }))
        .collect();
    let value = json!({
        "version": 1,
        "specs": [{
            "path": spec.path,
            "title": spec.title,
            "status": spec.status().map(|it| it.0.as_str()),
            "sections": sections,
            "entities": spec.entities.iter().map(|it| entity(spec, it, served, &line)).collect::<Vec<_>>(),
            "endpoints": spec.endpoints.iter().map(|it| endpoint(spec, it, &served.routes, &line)).collect::<Vec<_>>(),
            "mentions": spec.mentions().iter().map(|it| json!({ "method": it.method, "path": it.path, "called": it.called, "line": line(it.span) })).collect::<Vec<_>>(),
            "machines": spec.machines.iter().map(|it| machine(spec, it, &line)).collect::<Vec<_>>(),
            "targets": targets,
            "clauses": {
                "enforced": of(Standing::Enforced),
                "testable": of(Standing::Testable),
                "text": of(Standing::Text),
                "unread": of(Standing::Unread),
            },
        }],
    });
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

fn entity(spec: &Spec, entity: &Entity, served: &Preview, line: &dyn Fn(Span) -> usize) -> Value {
    let fields: Vec<Value> = entity
        .fields
        .iter()
        .map(|field| {
            let said = spec.claims().about(&field.subject).filter(|it| it.property == model::claim::Property::Declared);
            let sources: Vec<Value> =
                said.map(|it| json!({ "form": format!("{:?}", it.form), "line": line(it.span) })).collect();
            json!({
                "name": field.name.value,
                "address": spec.address(&field.subject),
                "type": field.ty.as_ref().map(|it| it.value.describe()),
                "required": field.required,
                "nullable": field.nullable,
                "default": field.default.as_ref().map(|it| &it.value),
                "sources": sources,
            })
        })
        .collect();
    let constraints: Vec<Value> = entity
        .constraints
        .iter()
        .map(|it| {
            let meaning = match &it.meaning {
                Meaning::Cel(_) => "cel",
                Meaning::English(_) => "english",
                Meaning::Broken(_) => "broken",
                Meaning::Text => "text",
            };
            let enforced = matches!(it.meaning, Meaning::Cel(_) | Meaning::English(_));
            json!({ "text": it.text.value, "meaning": meaning, "enforced": enforced, "line": line(it.text.span) })
        })
        .collect();
    let held = served
        .database
        .iter()
        .find(|it| entity_key(&it.0) == entity_key(&entity.name.value))
        .map_or(&[][..], |it| &it.1);
    json!({
        "name": entity.name.value,
        "address": spec.address(&entity.subject),
        "kept": entity.kept,
        "fields": fields,
        "constraints": constraints,
        "database": held,
    })
}

fn endpoint(spec: &Spec, endpoint: &Endpoint, served: &[RouteLine], line: &dyn Fn(Span) -> usize) -> Value {
    let behaviour = &endpoint.behaviour;
    let route = served_as(served, endpoint);
    let provoked = |error: &ErrorRow| !route.is_some_and(|it| it.unprovoked.iter().any(|it| it.span == error.span));
    let entity = behaviour.entity.and_then(|it| spec.entities.get(it)).map(|it| it.name.value.as_str());
    let responses: Vec<Value> = endpoint
        .responses
        .iter()
        .map(|it| json!({ "status": it.status, "inferred": it.inferred, "line": line(it.span) }))
        .collect();
    json!({
        "name": endpoint.name,
        "method": endpoint.method,
        "path": endpoint.written_path(),
        "address": spec.address(&endpoint.subject),
        "line": line(endpoint.span),
        "behaviour": {
            "kind": behaviour.kind.as_str(),
            "entity": entity,
            "event": behaviour.event,
            "inferred": route.map_or(&behaviour.inferred, |it| &it.inferred),
        },
        "responses": responses,
        "errors": endpoint.errors.iter().map(|it| json!({ "status": it.status, "code": it.code, "reason": it.reason, "line": line(it.span), "provoked": provoked(it) })).collect::<Vec<_>>(),
    })
}

fn machine(spec: &Spec, machine: &Machine, line: &dyn Fn(Span) -> usize) -> Value {
    let name =
        |key: &str| machine.states.iter().find(|it| it.key == key).map_or(key.to_owned(), |it| it.name.value.clone());
    let bound = machine.bound.as_ref().and_then(|it| {
        let entity = spec.entities.get(it.entity)?;
        let field = entity.fields.iter().find(|field| field.key == it.field)?;
        Some(json!({ "entity": entity.name.value, "field": field.name.value }))
    });
    let states: Vec<Value> =
        machine.states.iter().map(|it| json!({ "name": it.name.value, "final": it.final_at.is_some() })).collect();
    let transitions: Vec<Value> = machine
        .transitions
        .iter()
        .map(|it| {
            json!({
                "from": name(&it.from),
                "event": it.event.as_ref().map(|it| &it.value),
                "to": name(&it.to),
                "guard": it.guard.as_ref().map(|it| &it.0.value),
                "lines": it.said.iter().map(|it| line(it.span)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "name": machine.name.value,
        "address": spec.address(&machine.subject),
        "bound": bound,
        "initial": machine.initial.as_ref().map(|it| name(&it.value)),
        "states": states,
        "transitions": transitions,
    })
}

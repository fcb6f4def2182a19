//! Resources that no declaration describes: their fields are those of the examples.

use model::claim::{Purpose, Subject};
use model::names::key;
use model::{BehaviourKind, Endpoint, Entity, Field, Shape, Spec};
use source::{Spanned, Text};
use syntax::english::{self, Rule};
use syntax::json::{Json, Property};
use syntax::route::{Path, Segment};
use syntax::types::{Type, TypeWords, read_words};

use crate::examples::{slot, value};
use crate::types::type_of;

/// An entity made from examples, and the endpoints that work on it.
pub(super) struct Implicit {
    pub(super) entity: Entity,
    pub(super) endpoints: Vec<usize>,
}

/// The implicit resources of a document, one per collection path.
pub(super) fn resources(spec: &Spec) -> Vec<Implicit> {
    let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, endpoint) in spec.endpoints.iter().enumerate() {
        let stateful = !matches!(endpoint.behaviour.kind, BehaviourKind::Example | BehaviourKind::Transition);
        if endpoint.behaviour.entity.is_some() || !stateful {
            continue;
        }
        let Some(path) = Path::read(&endpoint.path) else { continue };
        let mut segments = path.segments;
        if matches!(segments.last(), Some(Segment::Parameter(_))) {
            segments.pop();
        }
        let collection = Path { segments, query: Vec::new() }.key();
        match groups.iter_mut().find(|it| it.0 == collection) {
            Some(group) => group.1.push(index),
            None => groups.push((collection, vec![index])),
        }
    }
    groups.into_iter().filter_map(|(collection, endpoints)| resource(spec, &collection, endpoints)).collect()
}

fn resource(spec: &Spec, collection: &str, indices: Vec<usize>) -> Option<Implicit> {
    let endpoints: Vec<&Endpoint> = indices.iter().filter_map(|it| spec.endpoints.get(*it)).collect();
    let name = collection.rsplit('/').find(|it| !it.is_empty() && *it != "{}").unwrap_or("resource");
    let span = endpoints.first()?.span;
    let mut entity = Entity {
        subject: Subject::of("implicit", collection),
        name: Spanned::new(name.to_owned(), span),
        purpose: Purpose::Whole,
        base: None,
        kept: true,
        fields: Vec::new(),
        constraints: Vec::new(),
        sources: Vec::new(),
    };
    let drawn = endpoints.iter().flat_map(|it| &it.requests).filter_map(|it| Some((&it.value, value(&it.value)?.1)));
    let drawn: Vec<(&Property, bool)> =
        drawn.flat_map(|(shape, json)| json.value.properties().iter().map(|it| (it, names_types(shape)))).collect();
    let requests: Vec<&Property> = drawn.iter().map(|it| it.0).collect();
    for (property, types) in &drawn {
        add(&mut entity, property, *types);
    }
    let asked = !requests.is_empty();
    let answers: Vec<&Shape> = endpoints
        .iter()
        .flat_map(|it| &it.responses)
        .filter(|it| it.status < 300)
        .filter_map(|it| it.body.as_ref())
        .collect();
    let mut shown: Vec<Vec<(&Property, bool)>> = Vec::new();
    for shape in &answers {
        let Some((_, json)) = value(shape) else { continue };
        let records =
            slot(shape, &entity).filter(|it| it.known > 0).map_or_else(|| usual(&json.value), |it| it.records);
        shown.push(records.into_iter().flatten().map(|it| (it, names_types(shape))).collect());
    }
    // `/uploads/{uploadId}`: the parameter names the key.
    let paths = endpoints.iter().filter_map(|it| Path::read(&it.path));
    let named: Vec<String> = paths.filter_map(|it| it.parameters().last().map(key)).collect();
    let required: Vec<String> = entity.fields.iter().map(|it| it.key.clone()).collect();
    for (property, types) in shown.iter().flatten() {
        let own = key(&property.key.value);
        if entity.fields.iter().any(|it| it.key == own) {
            continue;
        }
        add(&mut entity, property, *types);
        if let Some(field) = entity.fields.last_mut() {
            // What answers show and no request carries is set by the service.
            field.required = true;
            field.is_key = own == "id" || named.contains(&own) && own.ends_with("id");
            field.server_set = field.is_key || (asked && matches!(own.as_str(), "createdat" | "updatedat"));
        }
    }
    let shown: Vec<Vec<&Property>> = shown.into_iter().map(|it| it.into_iter().map(|it| it.0).collect()).collect();
    for field in &mut entity.fields {
        let said = |it: &&(&Property, bool)| it.1 && key(&it.0.key.value) == field.key;
        if let Some(flag) = drawn.iter().find(said).and_then(|it| words_of(it.0)).and_then(|it| it.required) {
            field.required = flag;
        } else if required.contains(&field.key) {
            // Every answer shows it and only a request can bring it.
            let seen = |it: &Vec<&Property>| {
                it.iter().any(|it| key(&it.key.value) == field.key && it.value.value != Json::Null)
            };
            field.required = !shown.is_empty() && shown.iter().filter(|it| !it.is_empty()).all(seen);
        }
        field.nullable |= shown
            .iter()
            .flatten()
            .chain(&requests)
            .any(|it| key(&it.key.value) == field.key && it.value.value == Json::Null);
    }
    if entity.fields.is_empty() {
        return None;
    }
    // What nothing creates could only ever be missing: its example says more.
    if !endpoints.iter().any(|it| matches!(it.behaviour.kind, BehaviourKind::Create | BehaviourKind::Singleton)) {
        return None;
    }
    Some(Implicit { entity, endpoints: indices })
}

/// Whether the strings of a body name types.
fn names_types(shape: &Shape) -> bool {
    matches!(shape, Shape::Body(_, false))
}

/// What the string of a property says of its type.
fn words_of(property: &Property) -> Option<TypeWords> {
    let Json::String(text) = &property.value.value else { return None };
    let span = property.value.span;
    read_words(&Text::verbatim(text.clone(), span.file, span.start as usize + 1))
}

fn add(entity: &mut Entity, property: &Property, types: bool) {
    let own = key(&property.key.value);
    if entity.fields.iter().any(|it| it.key == own) {
        return;
    }
    let words = if types { words_of(property) } else { None };
    let known = words.as_ref().filter(|it| !matches!(it.ty, Type::Opaque(_) | Type::Named(_)));
    let ty = known.map_or_else(|| type_of(&property.value.value), |it| it.ty.clone());
    let rests = words.iter().flat_map(|it| &it.rest);
    let rules = rests
        .flat_map(|it| english::of_field(&Text::verbatim(it.value.clone(), it.span.file, it.span.start as usize)))
        .filter(|it| !matches!(it.rule, Rule::Default(_) | Rule::Required(_)))
        .map(|it| Spanned::new(it.rule, it.span))
        .collect();
    entity.fields.push(Field {
        subject: entity.subject.part("field", &property.key.value),
        name: property.key.clone(),
        key: own,
        nullable: ty.is_nullable(),
        ty: Some(Spanned::new(ty, property.value.span)),
        required: false,
        default: None,
        is_key: false,
        server_set: false,
        rules,
    });
}

/// The records under the usual keys of an envelope, else of the body itself.
fn usual(json: &Json) -> Vec<&[Property]> {
    let inner = json.properties().iter().find(|it| {
        matches!(key(&it.key.value).as_str(), "data" | "item" | "items" | "result" | "results" | "record" | "records")
    });
    let json = inner.map_or(json, |it| &it.value.value);
    match json {
        Json::Object(properties) => vec![properties],
        Json::Array(items) => items.iter().map(|it| it.value.properties()).filter(|it| !it.is_empty()).collect(),
        _ => Vec::new(),
    }
}

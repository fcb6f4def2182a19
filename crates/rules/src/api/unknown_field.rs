//! Fields in examples that the entity does not have.

use model::claim::Purpose;
use model::names::words;
use model::{BehaviourKind, Endpoint, Entity, Shape, Spec};
use source::Level;
use syntax::json::{Json, Property};
use syntax::types::Type;

use crate::review::Example;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-field",
    summary: "an example has a field that the entity does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-field.md"),
    check: Check::Review(unknown_field),
};

fn unknown_field(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    for Example { endpoint, entity, request, slot } in review.examples().iter().filter(|it| is_whole(spec, it.entity)) {
        let kind = endpoint.behaviour.kind;
        let writes = matches!(kind, BehaviourKind::Create | BehaviourKind::Update | BehaviourKind::Replace);
        let reads = matches!(kind, BehaviourKind::Read | BehaviourKind::List | BehaviourKind::Transition);
        if !(writes || reads && !request) {
            continue;
        }
        // A change may send one field only.
        let least = if kind == BehaviourKind::Update { 1 } else { 2 };
        for record in slot.records.iter().take(MAX_RECORDS) {
            record_fields(sink, &Body { spec, endpoint, request: *request }, entity, record, least, 0);
        }
    }
}

/// Whether the entity's declarations mean to list all fields.
fn is_whole(spec: &Spec, entity: &Entity) -> bool {
    entity.sources.iter().filter_map(|it| spec.claims().sources.get(it.0 as usize)).any(|it| it.complete)
}

/// Where a body stands.
struct Body<'a> {
    spec: &'a Spec,
    endpoint: &'a Endpoint,
    request: bool,
}

/// Records of one list that are judged.
const MAX_RECORDS: usize = 20;

/// Types may refer to each other in a circle.
const MAX_DEPTH: usize = 4;

fn record_fields(
    sink: &mut Sink<'_>,
    body: &Body<'_>,
    entity: &Entity,
    record: &[Property],
    least: usize,
    depth: usize,
) {
    if depth > MAX_DEPTH {
        return;
    }
    for property in record {
        let ty = entity.field(&property.key.value).and_then(|it| it.ty.as_ref());
        let inner = ty.and_then(|it| named(body.spec, &it.value));
        let Some(inner) = inner.filter(|it| is_whole(body.spec, it)) else { continue };
        for nested in objects(&property.value.value) {
            record_fields(sink, body, inner, nested, 2, depth + 1);
        }
    }
    let unknown: Vec<_> = record.iter().filter(|it| entity.field(&it.key.value).is_none()).collect();
    let known = record.len() - unknown.len();
    // An answer that joins other records, or a request of another shape, shares only some fields.
    if unknown.is_empty() || unknown.len() > MAX_UNKNOWN || known < least || known < unknown.len() * least {
        return;
    }
    for property in unknown {
        let name = &property.key.value;
        if matches!(property.value.value, Json::Hole(_))
            || is_joined(name, &property.value.value)
            || declared_elsewhere(body.spec, entity, body.endpoint, name)
        {
            continue;
        }
        let near = source::nearest(name, entity.fields.iter().map(|it| it.name.value.as_str())).map(str::to_owned);
        // A table of a database says what is stored, not what answers hold; and what one declares under
        // `position_id` and `rate_override` answers show as `position_name` and `rate`.
        let stored = is_storage(body.spec, entity);
        let derived = (stored || !body.request) && is_derived(entity, name);
        if near.is_none() && (derived || stored && !body.request) {
            continue;
        }
        drop(
            sink.report(property.key.span, format!("`{name}` is no field of `{}`", entity.name.value))
                .about(&body.endpoint.subject)
                .label(entity.name.span, format!("the fields of `{}`", entity.name.value))
                .instead_of(name, near.as_deref()),
        );
    }
}

/// Whether a name may be computed from a field or looked up by one: it begins with the words of a
/// reference, or a field begins with its words.
fn is_derived(entity: &Entity, name: &str) -> bool {
    let own = words(name);
    entity.fields.iter().any(|it| {
        let mut field = words(&it.name.value);
        let reference = field.len() > 1 && field.last().is_some_and(|it| it == "id");
        if reference {
            field.pop();
            return own.starts_with(&field);
        }
        field.starts_with(&own)
    })
}

/// Whether an entity is declared as a table of a database only.
fn is_storage(spec: &Spec, entity: &Entity) -> bool {
    let sources = entity.sources.iter().filter_map(|it| spec.claims().sources.get(it.0 as usize));
    sources.filter(|it| it.purpose != Purpose::Aside).all(|it| it.stored)
}

/// The record that a type names, through lists and null.
fn named<'a>(spec: &'a Spec, ty: &Type) -> Option<&'a Entity> {
    match ty {
        Type::Named(name) => spec.entity(&name.value),
        Type::Array(inner) | Type::Nullable(inner) => named(spec, inner),
        _ => None,
    }
}

/// The object that a value is, or the objects of a list.
fn objects(json: &Json) -> Vec<&[Property]> {
    match json {
        Json::Object(properties) => vec![properties],
        Json::Array(items) => items.iter().take(MAX_RECORDS).flat_map(|it| objects(&it.value)).collect(),
        _ => Vec::new(),
    }
}

/// More unknown fields than this are another shape, not a mistake.
const MAX_UNKNOWN: usize = 2;

/// Links, counts and nested records are joined to an answer; they are not fields.
fn is_joined(name: &str, value: &Json) -> bool {
    matches!(value, Json::Object(_) | Json::Array(_))
        || name.starts_with(['_', '$', '@'])
        || name.to_lowercase().ends_with("count")
}

/// Whether a request or view of the entity, or a nested type, declares the field.
fn declared_elsewhere(spec: &Spec, entity: &Entity, endpoint: &Endpoint, name: &str) -> bool {
    let base = |it: &&Entity| {
        it.base
            .as_deref()
            .is_some_and(|base| model::names::entity_key(base) == model::names::entity_key(&entity.name.value))
    };
    let typed =
        endpoint.requests.iter().map(|it| &it.value).chain(endpoint.responses.iter().filter_map(|it| it.body.as_ref()));
    let aside = spec.claims().about(&entity.subject.part("field", name)).next().is_some();
    aside
        || spec.entities.iter().filter(base).any(|it| it.field(name).is_some())
        || typed.into_iter().any(|it| match it {
            Shape::Type(Type::Object(members)) => {
                members.iter().any(|it| model::names::key(&it.name.value) == model::names::key(name))
            }
            _ => false,
        })
        || endpoint.parameters.iter().any(|it| model::names::key(&it.value.name) == model::names::key(name))
}

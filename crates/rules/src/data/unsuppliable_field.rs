//! Columns that need a value, have no default, and are in no request that creates the record.

use model::claim::{Property, Purpose, Value};
use model::names::{entity_key, key, words};
use model::{BehaviourKind, Endpoint, Entity, Field, Shape, Spec, envelope};
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};
use syntax::types::Type;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unsuppliable-field",
    summary: "a column needs a value that the request that creates the record does not carry",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unsuppliable-field.md"),
    check: Check::Spec(unsuppliable_field),
};

fn unsuppliable_field(sink: &mut Sink<'_>, spec: &Spec) {
    let requests = requests(spec);
    if requests.is_empty() {
        return;
    }
    for entity in spec.entities.iter().filter(|it| is_stored(spec, it)) {
        let Some(own) = requests.get(&entity_key(&entity.name.value)) else { continue };
        let carried: FxHashSet<&str> = own.iter().flat_map(|it| &it.keys).map(String::as_str).collect();
        let known = carried.iter().filter(|it| entity.fields.iter().any(|field| field.key == **it)).count();
        if known < MIN_SHARED || own.iter().any(|it| it.open) {
            continue;
        }
        // What has no column of its name may be stored under another.
        let renamed = carried.len() - known;
        let lacking: Vec<&Field> = entity
            .fields
            .iter()
            .filter(|it| !carried.contains(it.key.as_str()) && needs_value(spec, it) && !is_set_by_system(spec, it))
            .filter(|it| !carried.iter().any(|own| own.len() > 3 && (it.key.contains(own) || own.contains(&it.key))))
            .collect();
        // A record of which most is computed is not created from that request alone.
        if lacking.len() > known {
            continue;
        }
        let answered = if lacking.is_empty() { FxHashSet::default() } else { answered(spec, entity) };
        for field in lacking {
            let Some(request) = own.first() else { continue };
            let sure = renamed == 0 && !is_state(&field.key) && !answered.contains(&field.key);
            let name = &field.name.value;
            drop(
                sink.report(
                    field.name.span,
                    format!("`{name}` needs a value, and the request to create does not carry it"),
                )
                .level(if sure { Level::Warning } else { Level::Info })
                .about(&field.subject)
                .label(request.span, "the request")
                .help("give the column a default, or the request the field; or say who sets it"),
            );
        }
    }
}

/// A request with fewer fields of the record is one of something else.
const MIN_SHARED: usize = 2;

/// What a request carries.
struct Request {
    keys: FxHashSet<String>,
    span: Span,
    /// Whether it may carry more.
    open: bool,
}

/// The requests that create each record.
fn requests(spec: &Spec) -> FxHashMap<String, Vec<Request>> {
    let mut found: FxHashMap<String, Vec<Request>> = FxHashMap::default();
    for entity in &spec.entities {
        if let Some(base) = created(&entity.name.value) {
            let keys = entity.fields.iter().map(|it| it.key.clone()).collect();
            let sources = entity.sources.iter().filter_map(|it| spec.claims().sources.get(it.0 as usize));
            let open = !sources.into_iter().all(|it| it.complete);
            found.entry(entity_key(&base)).or_default().push(Request { keys, span: entity.name.span, open });
        }
    }
    for endpoint in spec.endpoints.iter().filter(|it| it.behaviour.kind == BehaviourKind::Create) {
        let Some(entity) = endpoint.behaviour.entity.and_then(|it| spec.entities.get(it)) else { continue };
        // What the path names is not in the body.
        let path: FxHashSet<String> = endpoint.parameters.iter().map(|it| key(&it.value.name)).collect();
        for request in &endpoint.requests {
            let (mut keys, open): (FxHashSet<String>, bool) = match &request.value {
                Shape::Body(body, _) => {
                    let Some(value) = &body.value else { continue };
                    (value.value.properties().iter().map(|it| key(&it.key.value)).collect(), body.elided)
                }
                Shape::Type(Type::Object(members)) => (members.iter().map(|it| key(&it.name.value)).collect(), false),
                Shape::Type(_) => continue,
            };
            keys.extend(path.iter().cloned());
            let name = entity_key(&entity.name.value);
            found.entry(name).or_default().push(Request { keys, span: request.span, open });
        }
    }
    found
}

/// The fields that answers to a create show: the service has filled those that the request lacks.
fn answered(spec: &Spec, entity: &Entity) -> FxHashSet<String> {
    let own = |it: &&Endpoint| {
        let of = it.behaviour.entity.and_then(|it| spec.entities.get(it));
        it.behaviour.kind == BehaviourKind::Create && of.is_some_and(|it| it.subject == entity.subject)
    };
    let answers = spec.endpoints.iter().filter(own).flat_map(|it| &it.responses).filter(|it| it.status < 300);
    let bodies = answers.filter_map(|it| match &it.body {
        Some(Shape::Body(body, _)) => body.value.as_ref(),
        _ => None,
    });
    let slots = bodies.filter_map(|it| envelope::slot(&it.value, it.span, entity));
    slots.flat_map(|it| it.records.into_iter().flatten().map(|it| key(&it.key.value)).collect::<Vec<_>>()).collect()
}

/// The record that a request of this name creates.
fn created(name: &str) -> Option<String> {
    let all = words(name);
    let creates = |it: &str| matches!(it, "create" | "new" | "insert" | "add" | "register");
    if !all.iter().any(|it| creates(it)) {
        return None;
    }
    let part = |it: &str| {
        matches!(
            it,
            "request"
                | "input"
                | "dto"
                | "schema"
                | "payload"
                | "body"
                | "in"
                | "command"
                | "data"
                | "params"
                | "form"
                | "model"
                | "api"
        )
    };
    let rest: Vec<String> = all.into_iter().filter(|it| !creates(it) && !part(it)).collect();
    (!rest.is_empty()).then(|| rest.concat())
}

fn is_stored(spec: &Spec, entity: &Entity) -> bool {
    let mut sources = entity.sources.iter().filter_map(|it| spec.claims().sources.get(it.0 as usize));
    sources.any(|it| it.stored && it.purpose == Purpose::Whole)
}

/// Whether the column is said to be required and nothing is said that would fill it.
fn needs_value(spec: &Spec, field: &Field) -> bool {
    let claims = spec.claims();
    let stored = claims.of(&field.subject, Property::Required).any(|it| {
        it.value == Value::Flag(true)
            && claims.source_of(it).is_some_and(|it| it.stored && it.purpose == Purpose::Whole)
    });
    let list = matches!(
        field.ty.as_ref().map(|it| it.value.bare()),
        Some(Type::Array(_) | Type::Object(_) | Type::Json | Type::Map(_))
    );
    stored && !field.nullable && field.default.is_none() && !field.is_key && !field.server_set && !list
}

/// Whether a column is of the kind that the service fills: who and where the caller is, when it was, what it
/// counted, computed or was given by another system.
fn is_set_by_system(spec: &Spec, field: &Field) -> bool {
    let all = words(&field.name.value);
    let callers = |it: &String| {
        matches!(
            it.as_str(),
            "user"
                | "tenant"
                | "company"
                | "organization"
                | "organisation"
                | "org"
                | "account"
                | "owner"
                | "author"
                | "creator"
                | "workspace"
                | "team"
                | "customer"
                | "member"
                | "client"
                | "by"
                | "session"
                | "parent"
                | "requester"
                | "sender"
                | "actor"
                | "admin"
        )
    };
    let computed = |it: &String| {
        matches!(
            it.as_str(),
            "hash"
                | "hashed"
                | "slug"
                | "number"
                | "no"
                | "token"
                | "secret"
                | "version"
                | "checksum"
                | "key"
                | "count"
                | "total"
                | "subtotal"
                | "balance"
                | "amount"
                | "sum"
                | "score"
                | "sequence"
                | "seq"
                | "index"
                | "position"
                | "order"
                | "at"
                | "on"
                | "date"
                | "time"
                | "timestamp"
                | "created"
                | "updated"
                | "deleted"
                | "generated"
                | "uuid"
                | "ulid"
                | "etag"
                | "size"
                | "path"
                | "url"
                | "encrypted"
                | "ciphertext"
                | "nonce"
                | "salt"
                | "expires"
                | "ip"
                | "level"
                | "rank"
                | "attempt"
                | "attempts"
        )
    };
    let booleans = matches!(field.ty.as_ref().map(|it| it.value.bare()), Some(Type::Boolean));
    let refers_to_caller = field.reference().is_some_and(|it| words(&it.0.value).iter().any(callers));
    // The record above is named by the path.
    let in_path = spec.endpoints.iter().flat_map(|it| &it.parameters).any(|it| key(&it.value.name) == field.key);
    booleans
        || in_path
        || refers_to_caller
        || names_caller(spec, &all)
        || all.iter().any(callers)
        || all.iter().any(computed)
        || all.len() == 1 && field.key == "id"
}

/// Whether a column is that of a role, which may be the caller's: `residentId` where residents book.
fn names_caller(spec: &Spec, name: &[String]) -> bool {
    let Some((last, [role])) = name.split_last() else { return false };
    let is_role = |it: &str| entity_key(it) == entity_key(role);
    let roles = || spec.claims().all.iter().filter(|it| it.subject.as_str().starts_with("role."));
    last == "id" && roles().filter_map(|it| it.value.as_text()).any(is_role)
}

/// Whether a column says in which state the record is, which the service may set at first.
fn is_state(key: &str) -> bool {
    ["status", "state", "stage", "phase", "type", "kind"].iter().any(|it| key.contains(it))
}

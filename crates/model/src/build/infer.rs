//! What an endpoint does: from its method, its path, the entities, the machines, and the words that
//! override all of these.

use rustc_hash::{FxHashMap, FxHashSet};
use syntax::route::{Path, Segment};

use crate::claim::{Claims, Property, Subject};
use crate::envelope;
use crate::names::{entity_key, key, words};
use crate::spec::{Behaviour, BehaviourKind, Endpoint, Entity, Machine, Shape, Spec};

pub(super) fn behaviours(spec: &mut Spec) {
    let paths: Vec<Option<Path>> = spec.endpoints.iter().map(|it| Path::read(&it.path)).collect();
    let routes = Routes::new(spec, &paths);
    let mut found: Vec<Behaviour> =
        spec.endpoints.iter().zip(&paths).map(|(it, path)| behaviour(spec, it, path.as_ref(), &routes)).collect();
    follow(&paths, &mut found);
    for (endpoint, behaviour) in spec.endpoints.iter_mut().zip(found) {
        if let Some(entity) = behaviour.entity.and_then(|it| spec.entities.get_mut(it))
            && matches!(behaviour.kind, BehaviourKind::Create | BehaviourKind::List | BehaviourKind::Read)
        {
            entity.kept = true;
        }
        endpoint.behaviour = behaviour;
        let status = endpoint.default_status();
        endpoint.responses.iter_mut().filter(|it| it.inferred && it.status < 400).for_each(|it| it.status = status);
    }
}

/// What an endpoint takes away is what others read and change at the same path, whatever its answer shows.
fn follow(paths: &[Option<Path>], found: &mut [Behaviour]) {
    if !found.iter().any(|it| it.kind == BehaviourKind::Delete && it.entity.is_none()) {
        return;
    }
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    for (path, behaviour) in paths.iter().zip(found.iter()) {
        let member = matches!(behaviour.kind, BehaviourKind::Read | BehaviourKind::Update | BehaviourKind::Replace);
        if let (Some(path), Some(entity), true) = (path, behaviour.entity, member) {
            known.entry(path.key()).or_insert(entity);
        }
    }
    for (path, behaviour) in paths.iter().zip(found) {
        let Some(path) = path.as_ref().filter(|_| behaviour.kind == BehaviourKind::Delete) else { continue };
        if behaviour.entity.is_none()
            && let Some(entity) = known.get(&path.key())
        {
            behaviour.entity = Some(*entity);
            behaviour.inferred.clear();
        }
    }
}

fn behaviour(spec: &Spec, endpoint: &Endpoint, path: Option<&Path>, routes: &Routes<'_>) -> Behaviour {
    let Some(path) = path else { return Behaviour::default() };
    let stated = stated(&spec.facts.claims, &endpoint.subject, Property::Event);
    let collection = |text: &str| {
        spec.entities.iter().position(|it| it.is_record() && entity_key(&it.name.value) == entity_key(text))
    };
    let last = path.segments.last();
    let before = path.segments.iter().rev().nth(1);
    let third = path.segments.iter().rev().nth(2);
    let mut found = Behaviour::default();
    match (third, before, last) {
        // /orders/{id}
        (_, Some(Segment::Fixed(name)), Some(Segment::Parameter(_))) => {
            found.entity = collection(name).or_else(|| by_example(spec, endpoint));
            found.kind = member(&endpoint.method);
        }
        // /orders/{id}/pay, /customers/{id}/orders, /orders/{id}/status
        (Some(Segment::Fixed(owner)), Some(Segment::Parameter(_)), Some(Segment::Fixed(name))) => {
            let owner_index = collection(owner);
            if let Some(inner) = collection(name).filter(|_| owner_index != collection(name)) {
                found.entity = Some(inner);
                found.parent = owner_index.and_then(|it| reference(spec.entities.get(inner)?, spec.entities.get(it)?));
                found.kind = set(&endpoint.method);
                if found.parent.is_none() {
                    found.inferred.push(format!("which field of {name} refers to {owner}"));
                }
            } else {
                found.entity = owner_index;
                fire(spec, &mut found, &endpoint.method, name, stated.as_deref());
            }
        }
        (_, _, Some(Segment::Fixed(name))) => {
            found.entity = collection(name).or_else(|| by_example(spec, endpoint));
            let singleton = matches!(endpoint.method.as_str(), "PUT" | "DELETE" | "GET" | "POST")
                && is_single(endpoint, path, routes);
            found.kind = if singleton { BehaviourKind::Singleton } else { set(&endpoint.method) };
            // `GET /version` shows one thing that nothing makes: its example is all there is to say.
            let lone = found.entity.is_none()
                && found.kind == BehaviourKind::List
                && shows_object(endpoint)
                && routes.methods(path).iter().all(|it| *it == "GET");
            if lone {
                found.kind = BehaviourKind::Example;
            }
        }
        _ => {}
    }
    if let Some(event) = stated
        && found.kind != BehaviourKind::Transition
    {
        fire(spec, &mut found, &endpoint.method, &event, Some(&event));
    }
    override_by_words(spec, endpoint, &mut found);
    if found.entity.is_none() && !matches!(found.kind, BehaviourKind::Example | BehaviourKind::Transition) {
        if shows(endpoint) || routes.shows(path) {
            found.inferred.push("a resource with the fields of the examples".to_owned());
        } else if matches!(found.kind, BehaviourKind::Create | BehaviourKind::Update | BehaviourKind::Replace) {
            found.kind = BehaviourKind::Example;
        }
    }
    found
}

/// Whether an endpoint shows what it takes or gives.
fn shows(endpoint: &Endpoint) -> bool {
    endpoint.responses.iter().any(|it| it.status < 300 && it.body.is_some()) || !endpoint.requests.is_empty()
}

/// The collection that a path belongs to: without the parameter at its end.
fn collection_key(path: &Path) -> String {
    let key = path.key();
    key.strip_suffix("/{}").map_or(key.clone(), str::to_owned)
}

/// What is said of a property, in the first words.
fn stated(claims: &Claims, subject: &Subject, property: Property) -> Option<String> {
    claims.of(subject, property).find_map(|it| it.value.as_text()).map(str::to_owned)
}

fn member(method: &str) -> BehaviourKind {
    match method {
        "GET" | "HEAD" => BehaviourKind::Read,
        "PUT" => BehaviourKind::Replace,
        "PATCH" => BehaviourKind::Update,
        "DELETE" => BehaviourKind::Delete,
        _ => BehaviourKind::Example,
    }
}

fn set(method: &str) -> BehaviourKind {
    match method {
        "POST" => BehaviourKind::Create,
        "GET" | "HEAD" => BehaviourKind::List,
        _ => BehaviourKind::Example,
    }
}

/// The entity that the bodies of an endpoint show, if they show one clearly.
fn by_example(spec: &Spec, endpoint: &Endpoint) -> Option<usize> {
    let bodies = endpoint.responses.iter().filter(|it| it.status < 300).filter_map(|it| it.body.as_ref());
    let bodies = bodies.chain(endpoint.requests.iter().map(|it| &it.value));
    let mut best: Option<(usize, usize)> = None;
    for body in bodies {
        let Shape::Body(body, _) = body else { continue };
        let Some(value) = &body.value else { continue };
        for (index, entity) in spec.entities.iter().enumerate().filter(|(_, it)| it.is_record()) {
            if let Some(slot) = envelope::slot(&value.value, value.span, entity)
                && slot.known >= 2
                && best.is_none_or(|it| slot.known > it.0)
            {
                best = Some((slot.known, index));
            }
        }
    }
    best.map(|it| it.1)
}

/// The field of `inner` that refers to `owner`.
fn reference(inner: &Entity, owner: &Entity) -> Option<String> {
    let target = entity_key(&owner.name.value);
    let said = inner.fields.iter().find(|it| it.reference().is_some_and(|(name, _)| entity_key(&name.value) == target));
    let by_name = || inner.fields.iter().find(|it| it.key == format!("{target}id") || it.key == target);
    said.or_else(by_name).map(|it| it.key.clone())
}

/// Makes it fire the event that a path's last word names, or leave it an example.
fn fire(spec: &Spec, found: &mut Behaviour, method: &str, word: &str, stated: Option<&str>) {
    let bound = |it: &&Machine| found.entity.is_none() || it.bound.as_ref().map(|it| it.entity) == found.entity;
    let wanted = stated.unwrap_or(word);
    for (index, machine) in spec.machines.iter().enumerate().filter(|(_, it)| bound(it)) {
        if let Some(event) = event_of(machine, wanted) {
            found.kind = BehaviourKind::Transition;
            found.machine = Some(index);
            found.event = Some(event);
            found.entity = found.entity.or(machine.bound.as_ref().map(|it| it.entity));
            return;
        }
    }
    // `PUT /orders/{id}/status`: the event that leads to the given state.
    let machine = spec.machines.iter().position(|it| {
        it.bound.as_ref().is_some_and(|bound| {
            Some(bound.entity) == found.entity
                && (bound.field == key(word)
                    || matches!(key(word).as_str(), "status" | "state" | "transition" | "transitions"))
        })
    });
    if let Some(machine) = machine.filter(|_| matches!(method, "PUT" | "PATCH" | "POST")) {
        found.kind = BehaviourKind::Transition;
        found.machine = Some(machine);
        found.inferred.push("the event from the state that the request names".to_owned());
        return;
    }
    // `PATCH /tasks/{id}/status`, where nothing restricts it.
    let field = found.entity.and_then(|it| spec.entities.get(it)).and_then(|it| it.field(word));
    if let Some(field) = field.filter(|it| matches!(method, "PUT" | "PATCH") && !it.is_key && !it.server_set) {
        found.kind = BehaviourKind::Update;
        found.inferred.push(format!("the request brings {}", field.name.value));
        return;
    }
    found.kind = BehaviourKind::Example;
}

/// The event of a machine that a word names: equal, or one begins with the other (`cancel` and `cancel
/// order`), or the state that it leads to (`cancelled`).
pub(crate) fn event_of(machine: &Machine, word: &str) -> Option<String> {
    let own = key(word);
    let events = || machine.transitions.iter().filter_map(|it| it.event.as_ref()).map(|it| &it.value);
    let equal = events().find(|it| key(it) == own);
    let first_word = || {
        events().find(|it| {
            words(it).first().is_some_and(|it| *it == own) || words(word).first().is_some_and(|first| *first == key(it))
        })
    };
    let state = || {
        let to = machine
            .transitions
            .iter()
            .find(|it| it.to == own || it.to == format!("{own}ed") || it.to == format!("{own}d"))?;
        to.event.as_ref().map(|it| &it.value)
    };
    equal.or_else(first_word).or_else(state).cloned()
}

/// The routes of a document by path.
struct Routes<'a> {
    methods: FxHashMap<String, Vec<&'a str>>,
    /// Paths that have a parameter right below them.
    parents: FxHashSet<String>,
    /// Collections of which an endpoint shows a record.
    shown: FxHashSet<String>,
}

impl<'a> Routes<'a> {
    fn new(spec: &'a Spec, paths: &[Option<Path>]) -> Routes<'a> {
        let mut routes =
            Routes { methods: FxHashMap::default(), parents: FxHashSet::default(), shown: FxHashSet::default() };
        for (endpoint, path) in spec.endpoints.iter().zip(paths) {
            let Some(path) = path else { continue };
            let key = path.key();
            let parameters = key.match_indices("/{}").map(|it| it.0);
            routes.parents.extend(parameters.filter_map(|at| key.get(..at).map(str::to_owned)));
            if shows(endpoint) {
                routes.shown.insert(collection_key(path));
            }
            routes.methods.entry(key).or_default().push(&endpoint.method);
        }
        routes
    }

    fn shows(&self, path: &Path) -> bool {
        self.shown.contains(&collection_key(path))
    }

    fn methods(&self, path: &Path) -> &[&'a str] {
        self.methods.get(&path.key()).map_or(&[], Vec::as_slice)
    }
}

/// One record: no parameter, one object in the example, several of GET, PUT, DELETE on the same path.
fn is_single(endpoint: &Endpoint, path: &Path, routes: &Routes<'_>) -> bool {
    let methods = routes.methods(path);
    let below = routes.parents.contains(&path.key());
    let list = endpoint.responses.iter().any(|it| matches!(&it.body, Some(Shape::Body(body, _)) if body.value.as_ref().is_some_and(|it| shows_list(&it.value))));
    !below && !list && (methods.contains(&"PUT") || methods.contains(&"DELETE"))
}

/// Whether a success shows one object and no list.
fn shows_object(endpoint: &Endpoint) -> bool {
    endpoint.responses.iter().filter(|it| it.status < 300).any(|it| {
        let Some(Shape::Body(body, _)) = &it.body else { return false };
        body.value
            .as_ref()
            .is_some_and(|it| matches!(it.value, syntax::json::Json::Object(_)) && !shows_list(&it.value))
    })
}

fn shows_list(json: &syntax::json::Json) -> bool {
    match json {
        syntax::json::Json::Array(_) => true,
        syntax::json::Json::Object(properties) => properties.iter().any(|it| {
            matches!(it.value.value, syntax::json::Json::Array(_))
                && matches!(key(&it.key.value).as_str(), "data" | "items" | "results" | "records")
        }),
        _ => false,
    }
}

/// `Behavior: creates an Order`.
fn override_by_words(spec: &Spec, endpoint: &Endpoint, found: &mut Behaviour) {
    let Some(text) = stated(&spec.facts.claims, &endpoint.subject, Property::Behaviour) else { return };
    let words = words(&text);
    let kind = words.iter().find_map(|it| {
        Some(match syntax::family::singular(it) {
            "create" => BehaviourKind::Create,
            "list" => BehaviourKind::List,
            "read" => BehaviourKind::Read,
            "replace" => BehaviourKind::Replace,
            "update" => BehaviourKind::Update,
            "delete" => BehaviourKind::Delete,
            "example" => BehaviourKind::Example,
            _ => return None,
        })
    });
    if let Some(kind) = kind {
        found.kind = kind;
        found.machine = None;
        found.event = None;
        found.inferred.clear();
    }
    if let Some(entity) = spec
        .entities
        .iter()
        .position(|it| it.is_resource() && words.iter().any(|word| entity_key(word) == entity_key(&it.name.value)))
    {
        found.entity = Some(entity);
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn statuses_that_are_not_stated_follow_what_an_endpoint_does() {
        let text = "# Technical Specification: Parcels\n\n## Data Model\n\n```typescript\ninterface Parcel {\n  id: string;\n  state: 'open' | 'sent';\n}\n```\n\n## State Machine\n\n- open → sent (send)\n\n## API\n\n### POST /parcels\n\n**Response:**\n\n```json\n{ \"id\": \"a\", \"state\": \"open\" }\n```\n\n### POST /parcels/{id}/send\n\n**Response:**\n\n```json\n{ \"id\": \"a\", \"state\": \"sent\" }\n```\n";
        let spec = crate::workspace::read(source::FileId(0), "parcels.md", text);
        let statuses: Vec<Vec<u16>> =
            spec.endpoints.iter().map(|it| it.responses.iter().map(|it| it.status).collect()).collect();
        assert_eq!(statuses, [[201], [200]]);
    }

    #[test]
    fn what_is_deleted_is_what_the_same_path_shows() {
        let text = "# Technical Specification: Staff\n\n## Data Model\n\n### Entity: Person\n\n| Field | Type | Required |\n|---|---|---|\n| id | integer | Yes |\n| name | string | Yes |\n\n## API\n\n### GET /people/{person_id}\n\n**Response (200):**\n\n```json\n{ \"id\": 1, \"name\": \"Ada\" }\n```\n\n### DELETE /people/{person_id}\n\n**Response (200):**\n\n```json\n{ \"ok\": true }\n```\n";
        let spec = crate::workspace::read(source::FileId(0), "staff.md", text);
        let entities: Vec<_> = spec.endpoints.iter().map(|it| it.behaviour.entity).collect();
        assert_eq!(entities, [Some(0), Some(0)]);
        assert!(spec.endpoints.iter().all(|it| it.behaviour.inferred.is_empty()));
    }
}

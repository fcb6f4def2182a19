//! Which endpoints the words of a clause mean.
//!
//! A clause that speaks of something else than requests, or of requests that no endpoint is known for, means
//! none: a figure of the wrong requests would be worse than none.

use model::names;
use model::{BehaviourKind, Spec};

use super::words::{self, Word};

const READS: &[&str] =
    &["read", "reads", "reading", "get", "gets", "fetch", "fetches", "retrieval", "lookup", "retrieve"];
const WRITES: &[&str] =
    &["write", "writes", "writing", "mutation", "mutations", "post", "put", "patch", "update", "updates"];

/// Words of what an endpoint does.
const VERBS: &[(&[&str], &[BehaviourKind])] = &[
    (&["create", "creates", "creating", "creation", "add", "adding", "placement"], &[BehaviourKind::Create]),
    (&["list", "lists", "listing", "search", "browse"], &[BehaviourKind::List]),
    (READS, &[BehaviourKind::Read, BehaviourKind::List]),
    (&["update", "updates", "updating", "edit", "editing", "change"], &[BehaviourKind::Update, BehaviourKind::Replace]),
    (&["delete", "deletes", "deleting", "deletion", "remove", "removal"], &[BehaviourKind::Delete]),
];

/// The endpoints, by index, that a clause means.
pub(super) fn of(spec: &Spec, text: &str, own: &[Word]) -> Result<Vec<usize>, String> {
    let named = routes(spec, text);
    if !named.is_empty() {
        return Ok(named);
    }
    let named = titles(spec, own);
    if !named.is_empty() {
        return Ok(named);
    }
    let named = actions(spec, own);
    if !named.is_empty() {
        return Ok(named);
    }
    let entities: Vec<usize> = (0..spec.entities.len()).filter(|it| mentions(spec, *it, own).is_some()).collect();
    let unknown: Vec<&Word> = own
        .iter()
        .filter(|word| {
            let verb = VERBS.iter().any(|it| word.is(it.0)) || word.is(WRITES);
            let entity = entities
                .iter()
                .any(|it| mentions(spec, *it, std::slice::from_ref(word)).is_some() || part(spec, *it, word));
            !word.is_plain() && !verb && !entity
        })
        .collect();
    if let Some(first) = unknown.first() {
        return Err(format!("it is not clear which endpoint is meant by `{}`", first.text));
    }
    let kinds: Vec<BehaviourKind> =
        VERBS.iter().filter(|it| words::says(own, it.0)).flat_map(|it| it.1).copied().collect();
    let found = if entities.is_empty() {
        of_kind(spec, own, &kinds)
    } else {
        let fits = |kind: BehaviourKind| kinds.contains(&kind) || kinds.is_empty();
        let of = |index: &usize| {
            let it = spec.endpoints.get(*index);
            it.is_some_and(|it| fits(it.behaviour.kind) && it.behaviour.entity.is_some_and(|it| entities.contains(&it)))
        };
        let all: Vec<usize> = (0..spec.endpoints.len()).filter(of).collect();
        // `Orders: p95 < 50 ms`: nothing said of writing.
        let reads: Vec<usize> = all.iter().copied().filter(|it| is_read(spec, *it)).collect();
        if kinds.is_empty() && !reads.is_empty() { reads } else { all }
    };
    if found.is_empty() { Err("no endpoint of this kind is declared".to_owned()) } else { Ok(found) }
}

/// Endpoints that make records of an entity with this name.
pub(super) fn makers(spec: &Spec, noun: &str) -> Vec<usize> {
    let key = names::entity_key(noun);
    let makes = |index: &usize| {
        spec.endpoints.get(*index).is_some_and(|it| {
            it.behaviour.kind == BehaviourKind::Create
                && it
                    .behaviour
                    .entity
                    .and_then(|it| spec.entities.get(it))
                    .is_some_and(|it| names::entity_key(&it.name.value) == key)
        })
    };
    (0..spec.endpoints.len()).filter(makes).collect()
}

/// Whether an endpoint changes nothing.
pub(super) fn is_read(spec: &Spec, endpoint: usize) -> bool {
    spec.endpoints.get(endpoint).is_some_and(|it| matches!(it.method.as_str(), "GET" | "HEAD"))
}

/// Whether an endpoint is for those who operate the system: no clause means it unless it names it.
pub(super) fn is_operational(spec: &Spec, endpoint: usize) -> bool {
    let path = spec.endpoints.get(endpoint).map_or("", |it| it.path.as_str());
    let end = path.rsplit('/').next().unwrap_or("").to_ascii_lowercase();
    ["health", "healthz", "ready", "readyz", "live", "livez", "metrics", "ping", "version"].contains(&end.as_str())
}

/// Kinds of requests without an entity: reads, writes, a verb, or all that read.
fn of_kind(spec: &Spec, own: &[Word], kinds: &[BehaviourKind]) -> Vec<usize> {
    let methods: Vec<&str> = ["get", "post", "put", "patch", "delete"]
        .into_iter()
        .filter(|it| own.iter().any(|word| word.text == *it))
        .collect();
    let reads = words::says(own, READS);
    let writes = words::says(own, WRITES);
    let fits = |index: &usize| {
        let Some(endpoint) = spec.endpoints.get(*index) else { return false };
        let read = is_read(spec, *index);
        if is_operational(spec, *index) {
            return false;
        }
        if !methods.is_empty() {
            return methods.iter().any(|it| endpoint.method.eq_ignore_ascii_case(it));
        }
        match (reads, writes) {
            (true, true) => true,
            (true, false) => read,
            (false, true) => !read,
            _ if kinds.is_empty() => read,
            _ => kinds.contains(&endpoint.behaviour.kind),
        }
    };
    (0..spec.endpoints.len()).filter(fits).collect()
}

/// Endpoints whose route stands in a text, with its method if one stands before it.
fn routes(spec: &Spec, text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let pieces: Vec<&str> = text
        .split(|it: char| it.is_whitespace() || matches!(it, '`' | '(' | ')' | ',' | '*' | '"'))
        .filter(|it| !it.is_empty())
        .collect();
    for (at, piece) in pieces.iter().enumerate().filter(|it| it.1.starts_with('/') && it.1.len() > 1) {
        let path = parts(piece.trim_end_matches([':', '.', ';']));
        let method = at
            .checked_sub(1)
            .and_then(|it| pieces.get(it))
            .filter(|it| ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(it));
        for (index, endpoint) in spec.endpoints.iter().enumerate() {
            let own = parts(&endpoint.path);
            // The base path is often left out, here or there.
            let same = !path.is_empty() && own.iter().rev().zip(path.iter().rev()).all(|it| it.0 == it.1);
            let (longer, rest) =
                if own.len() > path.len() { (&own, own.len() - path.len()) } else { (&path, path.len() - own.len()) };
            let base = longer.iter().take(rest).all(|it| *it == "api" || it.starts_with('v') && it.len() < 4);
            let meant = method.map_or(endpoint.method == "GET", |it| endpoint.method == **it);
            if same && base && meant && !found.contains(&index) {
                found.push(index);
            }
        }
    }
    found
}

/// The segments of a path; those that are parameters are equal.
fn parts(path: &str) -> Vec<&str> {
    path.split('?')
        .next()
        .unwrap_or("")
        .split('/')
        .filter(|it| !it.is_empty())
        .map(|it| if it.starts_with([':', '{', '<']) { "{}" } else { it })
        .collect()
}

/// Endpoints whose name of two words or more stands in a text.
fn titles(spec: &Spec, own: &[Word]) -> Vec<usize> {
    let keys: Vec<&str> = own.iter().map(|it| it.key.as_str()).collect();
    let meant = |index: &usize| {
        let Some(name) = spec.endpoints.get(*index).and_then(|it| it.name.as_deref()) else { return false };
        let name = words::of(name);
        let name: Vec<&str> = name.iter().map(|it| it.key.as_str()).collect();
        name.len() > 1 && keys.windows(name.len()).any(|it| it == name.as_slice())
    };
    (0..spec.endpoints.len()).filter(meant).collect()
}

/// Endpoints that do something to a record of an entity that a text names, by the word of their event or of the
/// end of their path.
fn actions(spec: &Spec, own: &[Word]) -> Vec<usize> {
    let meant = |index: &usize| {
        let Some(endpoint) = spec.endpoints.get(*index).filter(|it| it.method != "GET") else { return false };
        let entity = endpoint.behaviour.entity.filter(|it| mentions(spec, *it, own).is_some());
        let Some(entity) = entity else { return false };
        let path = parts(&endpoint.path);
        let end = path.last().filter(|it| **it != "{}" && path.contains(&"{}"));
        let action = endpoint.behaviour.event.as_deref().or(end.copied()).map(words::of).unwrap_or_default();
        let says = |word: &Word| action.iter().any(|it| it.key == word.key);
        !action.is_empty()
            && action.iter().all(|it| own.iter().any(|word| word.key == it.key))
            && own.iter().all(|it| it.is_plain() || says(it) || part(spec, entity, it))
    };
    (0..spec.endpoints.len()).filter(meant).collect()
}

/// Where the name of an entity stands in a text.
fn mentions(spec: &Spec, entity: usize, own: &[Word]) -> Option<usize> {
    let entity = spec.entities.get(entity)?;
    let name: Vec<String> = names::words(&entity.name.value).iter().map(|it| names::entity_key(it)).collect();
    if name.is_empty() || name.len() > own.len() {
        return None;
    }
    own.windows(name.len()).position(|it| it.iter().zip(&name).all(|it| it.0.key == *it.1))
}

/// Whether a word is one of the name of an entity.
fn part(spec: &Spec, entity: usize, word: &Word) -> bool {
    let name = spec.entities.get(entity).map_or("", |it| &it.name.value);
    names::words(name).iter().any(|it| names::entity_key(it) == word.key)
}

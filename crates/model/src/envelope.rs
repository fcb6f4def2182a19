//! Which part of a body is the data: the object, or the list of objects, that matches an entity best.

use source::Span;
use syntax::json::{Json, Property};

use crate::names::key;
use crate::spec::Entity;

/// The data of a body.
#[derive(Debug, Clone)]
pub struct Slot<'a> {
    /// Keys that lead to it, outermost first; empty if the body is the data.
    pub path: Vec<&'a str>,
    /// The records: one, or those of a list.
    pub records: Vec<&'a [Property]>,
    /// Whether it is a list.
    pub list: bool,
    /// How many of the first record's keys are fields of the entity.
    pub known: usize,
    /// Where it stands.
    pub span: Span,
}

/// Finds the data for an entity: the outermost place at which most keys are fields. `None` if no object
/// has as many known keys as unknown ones.
pub fn slot<'a>(body: &'a Json, span: Span, entity: &Entity) -> Option<Slot<'a>> {
    let mut best: Option<Slot<'a>> = None;
    visit(body, span, entity, &mut Vec::new(), &mut best);
    best
}

/// Data stands at most this many keys below the root.
const MAX_DEPTH: usize = 3;

fn visit<'a>(json: &'a Json, span: Span, entity: &Entity, path: &mut Vec<&'a str>, best: &mut Option<Slot<'a>>) {
    let (records, list): (Vec<&'a [Property]>, bool) = match json {
        Json::Object(properties) => (vec![properties], false),
        Json::Array(items) => (
            items
                .iter()
                .filter_map(|it| match &it.value {
                    Json::Object(properties) => Some(properties.as_slice()),
                    _ => None,
                })
                .collect(),
            true,
        ),
        _ => return,
    };
    if let Some(first) = records.first() {
        let known = first.iter().filter(|it| entity.field(&it.key.value).is_some()).count();
        let better = best.as_ref().is_none_or(|it| known > it.known);
        if known > 0 && known * 2 >= first.len() && better {
            *best = Some(Slot { path: path.clone(), records, list, known, span });
        }
    } else if list
        && best.is_none()
        && path.last().is_some_and(|it| matches!(key(it).as_str(), "data" | "items" | "results" | "records"))
    {
        // An empty list under the usual key.
        *best = Some(Slot { path: path.clone(), records, list, known: 0, span });
    }
    if let Json::Object(properties) = json
        && path.len() < MAX_DEPTH
    {
        for property in properties {
            path.push(&property.key.value);
            visit(&property.value.value, property.value.span, entity, path, best);
            path.pop();
        }
    }
}

//! Examples of records that stand beside their declarations, and not with an endpoint.

use model::build::is_example;
use model::names::key;
use model::{Entity, Shape, Spec};
use rustc_hash::FxHashMap;
use source::Span;
use syntax::Family;
use syntax::json::{self, Json, Property};
use syntax::page::Fence;

/// Calls for each JSON object of the data model and the API that is an example of one record: every key of
/// it is a field of that record, and of no other.
pub(crate) fn records(spec: &Spec, mut visit: impl FnMut(&Entity, &[Property])) {
    if spec.entities.is_empty() {
        return;
    }
    let mut fences: Vec<(&Fence, Span)> = Vec::new();
    for section in &spec.document().sections {
        if matches!(section.family, Some(Family::DataModel | Family::Entity | Family::Api)) {
            syntax::document::fences(&section.blocks, &mut |fence, whole| {
                if matches!(fence.lang.as_str(), "json" | "jsonc" | "json5") {
                    fences.push((fence, whole));
                }
            });
        }
    }
    if fences.is_empty() {
        return;
    }
    let mut shown: Vec<u32> = Vec::new();
    for endpoint in &spec.endpoints {
        shown.extend(endpoint.requests.iter().map(|it| it.span.start));
        let bodies = endpoint.responses.iter().filter_map(|it| match &it.body {
            Some(Shape::Body(body, _)) => body.value.as_ref(),
            _ => None,
        });
        shown.extend(bodies.map(|it| it.span.start));
    }
    shown.sort_unstable();
    let mut having: FxHashMap<&str, Vec<&Entity>> = FxHashMap::default();
    for entity in spec.entities.iter().filter(|it| it.is_record()) {
        entity.fields.iter().for_each(|it| having.entry(&it.key).or_default().push(entity));
    }
    for (fence, whole) in fences {
        // What an endpoint shows is judged with it.
        let next = shown.get(shown.partition_point(|it| *it < whole.start));
        if next.is_some_and(|it| *it < whole.end) {
            continue;
        }
        for body in json::read(&fence.content).0 {
            let Some(value) = body.value.as_ref().filter(|it| is_example(&it.value)) else { continue };
            let Json::Object(record) = &value.value else { continue };
            if let Some(entity) = of(&having, record) {
                visit(entity, record);
            }
        }
    }
}

/// Fewer keys may be those of anything.
const MIN_KEYS: usize = 3;

/// The one record that has all of the keys.
fn of<'a>(having: &FxHashMap<&str, Vec<&'a Entity>>, record: &[Property]) -> Option<&'a Entity> {
    if record.len() < MIN_KEYS {
        return None;
    }
    let having: Option<Vec<&Vec<&Entity>>> = record.iter().map(|it| having.get(&*key(&it.key.value))).collect();
    let rarest = having?.into_iter().min_by_key(|it| it.len()).filter(|it| it.len() <= MAX_RECORDS)?;
    let has_all = |it: &&&Entity| record.iter().all(|key| it.field(&key.key.value).is_some());
    let mut found = rarest.iter().filter(has_all);
    found.next().filter(|_| found.next().is_none()).copied()
}

/// Keys that more records have do not tell them apart.
const MAX_RECORDS: usize = 64;

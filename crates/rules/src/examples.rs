//! Examples of records that stand beside their declarations, and not with an endpoint.

use model::build::is_example;
use model::{Entity, Shape, Spec};
use source::{Span, Spanned};
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
    for (fence, whole) in fences {
        // What an endpoint shows is judged with it.
        let shown = |it: &Spanned<Shape>| whole.contains(it.span);
        let of_endpoint = spec.endpoints.iter().any(|it| {
            it.requests.iter().any(shown)
                || it.responses.iter().any(|it| match &it.body {
                    Some(Shape::Body(body, _)) => body.value.as_ref().is_some_and(|it| whole.contains(it.span)),
                    _ => false,
                })
        });
        if of_endpoint {
            continue;
        }
        for body in json::read(&fence.content).0 {
            let Some(value) = body.value.as_ref().filter(|it| is_example(&it.value)) else { continue };
            let Json::Object(record) = &value.value else { continue };
            if let Some(entity) = of(spec, record) {
                visit(entity, record);
            }
        }
    }
}

/// Fewer keys may be those of anything.
const MIN_KEYS: usize = 3;

/// The one record that has all of the keys.
fn of<'a>(spec: &'a Spec, record: &[Property]) -> Option<&'a Entity> {
    let has_all = |it: &&Entity| it.is_record() && record.iter().all(|key| it.field(&key.key.value).is_some());
    let mut found = spec.entities.iter().filter(|_| record.len() >= MIN_KEYS).filter(has_all);
    found.next().filter(|_| found.next().is_none())
}

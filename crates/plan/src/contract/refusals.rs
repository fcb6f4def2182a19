//! Refusals of a route by status: those that its plan can give, and those that only the document lists.

use export::{Body, Response};
use model::Spec;
use serde_json::{Value, json};

use crate::contract::answers::{self, Piece};
use crate::contract::example;
use crate::{Details, Plan, Refusal, Route, Slot, Why, kinds, phrase};

/// All refusals of a route.
pub(super) fn all(spec: &Spec, plan: &Plan, route: &Route) -> Vec<Response> {
    let endpoint = spec.endpoints.get(route.endpoint);
    let rows = |status: u16| {
        let own = endpoint.iter().flat_map(|it| &it.errors).filter(move |it| it.status == Some(status));
        own.map(|it| it.reason.replace('`', "").trim_end_matches('.').to_owned()).filter(|it| !it.is_empty())
    };
    let shown = |status: u16| {
        let own = endpoint.iter().flat_map(|it| &it.responses).filter(move |it| it.status == status);
        own.filter_map(|it| it.body.as_ref()).find_map(example)
    };
    let mut found: Vec<Response> = Vec::new();
    for why in kinds(route, &plan.tables) {
        let how = route.refusals.get(why);
        let schema = schema(how, false);
        if let Some(before) = found.iter_mut().find(|it| it.status == how.status) {
            if let Some(body) = &mut before.body {
                body.schema = answers::either(&body.schema, &schema);
            }
            if let Some(message) = &how.message
                && rows(how.status).next().is_none()
                && !before.description.contains(message.as_str())
            {
                before.description = format!("{}; {message}", before.description);
            }
            continue;
        }
        let documented: Vec<String> = rows(how.status).collect();
        let description = if documented.is_empty() { how.message.clone() } else { Some(documented.join("; ")) };
        found.push(Response {
            status: how.status,
            description: description.unwrap_or_else(|| phrase(how.status).to_owned()),
            body: Some(Body { media: media(how), schema, example: shown(how.status) }),
            headers: Vec::new(),
        });
    }
    // What only the document says of, in the shape of its other refusals.
    let listed = endpoint.iter().flat_map(|it| &it.errors).filter_map(|it| it.status);
    let drawn = endpoint.iter().flat_map(|it| &it.responses).map(|it| it.status).filter(|it| *it >= 400);
    for status in listed.chain(drawn).filter(|it| (400..600).contains(it)) {
        if found.iter().any(|it| it.status == status) {
            continue;
        }
        let how = route.refusals.get(Why::NotFound);
        let documented: Vec<String> = rows(status).collect();
        let description = if documented.is_empty() { phrase(status).to_owned() } else { documented.join("; ") };
        found.push(Response {
            status,
            description,
            body: Some(Body { media: media(how), schema: schema(how, true), example: shown(status) }),
            headers: Vec::new(),
        });
    }
    found
}

fn media(how: &Refusal) -> &'static str {
    if how.problem { "application/problem+json" } else { "application/json" }
}

/// The shape of a refusal's body.
fn schema(how: &Refusal, loose: bool) -> Value {
    let text = || json!({ "type": "string" });
    let pieces = how.body.iter().map(|slot| match slot {
        Slot::Raw(bytes) => Piece::Raw(bytes),
        Slot::Message | Slot::Path | Slot::RequestId => Piece::Hole(text()),
        Slot::Time => Piece::Hole(json!({ "type": "string", "format": "date-time" })),
        Slot::Details(Details::Objects(field, message)) => {
            let members = [field, message].into_iter().map(|it| (it.clone(), text(), true));
            Piece::Hole(json!({ "type": "array", "items": crate::shape::with_members(members) }))
        }
        Slot::Details(Details::Sentences) => Piece::Hole(json!({ "type": "array", "items": text() })),
        Slot::Details(Details::ByField) => Piece::Hole(json!({ "type": "object", "additionalProperties": text() })),
    });
    answers::body(pieces, loose)
}

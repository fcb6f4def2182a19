//! Fences that list endpoints: what stands between one route and the next.

use syntax::decl::{self, Body};
use syntax::page::Fence;
use syntax::types::Type;

use crate::claim::{Form, Parameter, Place, Property, Purpose, Subject, Value};
use crate::read::Reader;
use crate::read::api::Route;
use crate::read::declared::purpose;
use crate::read::errors::statuses_in;

/// The route below which a place of the fence stands.
fn above(routes: &[Route], at: u32) -> Option<&Route> {
    routes.iter().rfind(|it| it.span.start < at)
}

/// `Response: 201 Created`, `Errors: 404 Not Found, 409 Conflict` on lines below a route.
pub(super) fn statuses(reader: &mut Reader<'_>, fence: &Fence, routes: &[Route]) {
    let mut at = 0;
    for line in fence.content.as_str().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let Some((key, value)) = line.split_once(':') else { continue };
        let key = key.trim().to_lowercase();
        let errors = key.starts_with("error");
        if !errors && !matches!(key.as_str(), "response" | "responses" | "returns" | "success" | "success response") {
            continue;
        }
        let Some(route) = above(routes, fence.content.span(start..start + 1).start) else { continue };
        let from = start + line.len() - value.len();
        let found = statuses_in(value);
        // What a body holds is no status.
        let body = value.find('{').unwrap_or(value.len());
        for (index, (status, place)) in found.iter().copied().enumerate().filter(|(_, it)| it.1 < body) {
            let span = fence.content.span(from + place..from + place + 3);
            let end = found.get(index + 1).map_or(value.len(), |it| it.1);
            let words = value.get(place + 3..end).unwrap_or("").trim().trim_end_matches([',', ';', '|', '/']);
            if status < 400 && !errors {
                reader.say(&route.subject, Property::Response, Value::Answer(Some(status)), span, Form::Fence);
            } else if status >= 400 {
                let row = Value::Error(Some(status), None, words.trim().to_owned());
                reader.say(&route.subject, Property::ErrorRow, row, span, Form::Fence);
            }
        }
    }
}

/// `interface CreateOrderRequest { … }` below `// POST /orders` is what the endpoint takes.
pub(super) fn requests(reader: &mut Reader<'_>, fence: &Fence, routes: &[Route]) {
    if routes.is_empty() || !matches!(fence.lang.as_str(), "typescript" | "ts") {
        return;
    }
    for declaration in reader.declared.of(fence) {
        let name = &declaration.name;
        let Some(route) = above(routes, name.span.start) else { continue };
        let requests = purpose(&name.value, Form::TypeScript).is_some_and(|it| it.0 == Purpose::Request);
        let (Body::Record(members), true) = (&declaration.body, requests) else { continue };
        match route.method {
            "POST" | "PUT" | "PATCH" => {
                let shape = Value::Shape(None, Type::Object(members.clone()));
                reader.say(&route.subject, Property::Request, shape, name.span, Form::TypeScript);
            }
            "GET" => members.iter().for_each(|it| query(reader, &route.subject, it)),
            _ => {}
        }
    }
}

fn query(reader: &mut Reader<'_>, subject: &Subject, member: &decl::Member) {
    let parameter = Parameter {
        place: Place::Query,
        name: member.name.value.clone(),
        ty: Some(member.ty.value.clone()),
        required: Some(!member.optional),
        default: None,
        rules: Vec::new(),
    };
    reader.say(subject, Property::Parameter, Value::Parameter(Box::new(parameter)), member.name.span, Form::TypeScript);
}

//! Endpoints: summary rows and detailed sections of one route merged.

use source::Spanned;
use syntax::json::Json;
use syntax::needles::Needles;
use syntax::route::Path;
use syntax::types::{self, Type};

use crate::build::settings::error_row;
use crate::claim::{Claim, Claims, Form, Parameter, Place, Property, Subject, Value};
use crate::spec::{Behaviour, Endpoint, Response, Shape, Spec};

pub(super) fn build(spec: &mut Spec) {
    let claims = &spec.facts.claims;
    let mut endpoints: Vec<Endpoint> = claims.subjects_of("endpoint").filter_map(|it| endpoint(claims, it)).collect();
    endpoints.sort_by_key(|it| it.span);
    spec.endpoints = endpoints;
}

fn endpoint(claims: &Claims, subject: &Subject) -> Option<Endpoint> {
    let declared: Vec<&Claim> = claims.of(subject, Property::Declared).collect();
    let details: Vec<&Claim> = claims.of(subject, Property::Title).collect();
    let first = declared.first()?;
    // A detailed section is named by its heading or label.
    let main = declared.iter().find(|it| matches!(it.form, Form::Heading | Form::Label)).unwrap_or(first);
    let (method, written) = main.value.as_text()?.split_once(' ')?;
    let path = written.strip_suffix('/').filter(|it| !it.is_empty()).unwrap_or(written);
    let name = details.iter().filter_map(|it| it.value.as_text()).find(|it| !it.is_empty()).map(str::to_owned);
    let description = claims.of(subject, Property::Description).find_map(|it| it.value.as_text()).map(str::to_owned);
    let mut endpoint = Endpoint {
        subject: subject.clone(),
        method: method.to_owned(),
        path: path.to_owned(),
        slashed: path != written,
        name,
        description,
        span: main.span,
        details: details.iter().map(|it| it.span).collect(),
        parameters: Vec::new(),
        requests: Vec::new(),
        responses: Vec::new(),
        errors: Vec::new(),
        error_table: None,
        auth: Vec::new(),
        access: None,
        behaviour: Behaviour::default(),
    };
    for parameter in Path::read(path).iter().flat_map(Path::parameters) {
        merge(
            &mut endpoint.parameters,
            Parameter {
                place: Place::Path,
                name: parameter.to_owned(),
                ty: None,
                required: Some(true),
                default: None,
                rules: Vec::new(),
            },
            main.span,
        );
    }
    for claim in claims.about(subject) {
        match (&claim.property, &claim.value) {
            (Property::Parameter, Value::Parameter(parameter)) => {
                merge(&mut endpoint.parameters, (**parameter).clone(), claim.span);
            }
            (Property::Request, Value::Body(_, body)) => {
                let example = body.value.as_ref().is_none_or(|it| is_example(&it.value));
                endpoint.requests.push(Spanned::new(Shape::Body((**body).clone(), example), claim.span));
            }
            (Property::Request, Value::Shape(_, ty)) => {
                endpoint.requests.push(Spanned::new(Shape::Type(ty.clone()), claim.span));
            }
            (Property::Response, Value::Body(status, body)) => {
                let example = body.value.as_ref().is_none_or(|it| is_example(&it.value));
                respond(&mut endpoint, *status, Some(Shape::Body((**body).clone(), example)), claim);
            }
            (Property::Response, Value::Shape(status, ty)) => {
                respond(&mut endpoint, *status, Some(Shape::Type(ty.clone())), claim);
            }
            (Property::Response, Value::Answer(status)) => respond(&mut endpoint, *status, None, claim),
            (Property::ErrorRow, Value::Body(_, body)) => {
                // The body of an error of which no status is said.
                let status = endpoint.errors.iter().find_map(|it| it.status).unwrap_or(400);
                let body = Some(Shape::Body((**body).clone(), true));
                endpoint.responses.push(Response { status, inferred: true, body, span: claim.span });
            }
            (Property::ErrorRow, value) => endpoint.errors.extend(error_row(value, claim.span)),
            (Property::Choice, _) if claim.form == Form::Label => {
                endpoint.error_table.get_or_insert(claim.span);
            }
            (Property::Access, Value::Access(access)) => {
                endpoint.access.get_or_insert_with(|| Spanned::new((**access).clone(), claim.span));
            }
            (Property::Auth, Value::Text(words)) => endpoint.auth.push(Spanned::new(words.clone(), claim.span)),
            _ => {}
        }
    }
    Some(endpoint)
}

fn merge(parameters: &mut Vec<Spanned<Parameter>>, mut parameter: Parameter, span: source::Span) {
    // A table of parameters that does not say where they stand is also about those of the path.
    let of_path = |it: &Spanned<Parameter>| it.value.place == Place::Path && it.value.name == parameter.name;
    if parameter.place == Place::Query && parameters.iter().any(of_path) {
        parameter.place = Place::Path;
    }
    let same = |it: &&mut Spanned<Parameter>| it.value.place == parameter.place && it.value.name == parameter.name;
    let Some(known) = parameters.iter_mut().find(same) else {
        parameters.push(Spanned::new(parameter, span));
        return;
    };
    let known = &mut known.value;
    known.ty = known.ty.take().or(parameter.ty);
    known.required = known.required.or(parameter.required);
    known.default = known.default.take().or(parameter.default);
    known.rules.extend(parameter.rules);
}

fn respond(endpoint: &mut Endpoint, status: Option<u16>, body: Option<Shape>, claim: &Claim) {
    let inferred = status.is_none();
    // What the endpoint does decides on a status that the document does not state.
    let status = status.unwrap_or(200);
    // A status that a table names and a section shows is one response.
    if body.is_none() && endpoint.responses.iter().any(|it| it.status == status || inferred) {
        return;
    }
    endpoint.responses.push(Response { status, inferred, body, span: claim.span });
}

/// Whether a body shows values; else its strings name types (`"string (required)"`, `"a | b"`).
pub fn is_example(json: &Json) -> bool {
    let (mut strings, mut typed) = (0usize, 0usize);
    count(json, &mut strings, &mut typed);
    strings == 0 || typed * 2 < strings
}

fn count(json: &Json, strings: &mut usize, typed: &mut usize) {
    match json {
        Json::String(text) => {
            *strings += 1;
            *typed += usize::from(names_a_type(text));
        }
        Json::Array(items) => items.iter().for_each(|it| count(&it.value, strings, typed)),
        Json::Object(properties) => properties.iter().for_each(|it| count(&it.value.value, strings, typed)),
        _ => {}
    }
}

/// What stands in the place of an example's value where that is a type.
static MARKS: Needles = Needles::folded(&[" | ", "(required", "(optional"]);

fn names_a_type(text: &str) -> bool {
    if MARKS.are_in(text.trim()) {
        return true;
    }
    let lower = text.to_lowercase();
    let lower = lower.trim();
    if matches!(lower, "required" | "optional") {
        return true;
    }
    let first = lower.split(|it: char| !it.is_alphanumeric()).next().unwrap_or("");
    let word = matches!(
        first,
        "string"
            | "number"
            | "integer"
            | "int"
            | "boolean"
            | "bool"
            | "uuid"
            | "guid"
            | "datetime"
            | "timestamp"
            | "float"
            | "decimal"
            | "object"
            | "array"
            | "any"
    );
    let iso = lower.starts_with("iso 8601") || lower.starts_with("iso8601") || lower == "iso-8601" || lower == "date";
    (word && (lower.len() == first.len() || lower.contains(['(', '[', '?', '<'])))
        || iso
        || lower.ends_with("[]")
            && types::read_words(&source::Text::verbatim(text, source::FileId(0), 0))
                .is_some_and(|it| matches!(it.ty, Type::Array(_)))
}

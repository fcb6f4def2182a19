//! What the examples of endpoints show of an entity: spellings and values of its fields.

use model::envelope::{self, Slot};
use model::names::key;
use model::{BehaviourKind, Endpoint, Entity, Shape, Spec};
use syntax::json::{self, Json, Property};

/// What a request is drawn with.
#[derive(Debug, Default, Clone)]
pub struct Drawn {
    /// Keys that lead to the record; empty if the body is the record.
    pub path: Vec<String>,
    /// Names and whether each is required, where that is said.
    pub names: Vec<(String, Option<bool>)>,
    /// Whether it means to show everything.
    pub complete: bool,
}

/// The value of a body that is an example, or a shape.
pub(super) fn value(shape: &Shape) -> Option<(&json::Body, &source::Spanned<Json>)> {
    match shape {
        Shape::Body(body, _) => body.value.as_ref().map(|it| (body, it)),
        Shape::Type(_) => None,
    }
}

/// The data of a shape's body.
pub(super) fn slot<'a>(shape: &'a Shape, entity: &Entity) -> Option<Slot<'a>> {
    let (_, value) = value(shape)?;
    envelope::slot(&value.value, value.span, entity)
}

/// The properties that examples show of an entity, those of answers first.
pub(super) fn shown<'a>(endpoints: &[&'a Endpoint], entity: &Entity) -> Vec<&'a Property> {
    let answers =
        endpoints.iter().flat_map(|it| &it.responses).filter(|it| it.status < 300).filter_map(|it| it.body.as_ref());
    let requests = endpoints.iter().flat_map(|it| &it.requests).map(|it| &it.value);
    let examples = answers.chain(requests).filter(|it| matches!(it, Shape::Body(_, true)));
    examples.filter_map(|it| slot(it, entity)).flat_map(|it| it.records).flatten().collect()
}

/// The first value that examples show for a field, null only if there is no other.
pub(super) fn example<'a>(shown: &[&'a Property], field: &str) -> Option<&'a Property> {
    let own = || shown.iter().filter(|it| key(&it.key.value) == field);
    own().find(|it| it.value.value != Json::Null).or_else(|| own().next()).copied()
}

/// The properties that requests bring, answers show, and the declaration of the entity lacks.
pub(super) fn undeclared<'a>(endpoints: &[&'a Endpoint], entity: &Entity) -> Vec<&'a Property> {
    let answers = endpoints.iter().flat_map(|it| &it.responses).filter(|it| it.status < 300);
    let answers = answers.filter_map(|it| it.body.as_ref()).filter(|it| matches!(it, Shape::Body(_, true)));
    let answers: Vec<&Property> =
        answers.filter_map(|it| slot(it, entity)).flat_map(|it| it.records).flatten().collect();
    let creates = endpoints.iter().filter(|it| it.behaviour.kind == BehaviourKind::Create);
    let requests = creates.flat_map(|it| &it.requests).filter(|it| matches!(it.value, Shape::Body(_, true)));
    let brought = requests.filter_map(|it| slot(&it.value, entity)).flat_map(|it| it.records).flatten();
    let mut found: Vec<&Property> = Vec::new();
    for property in brought {
        let own = key(&property.key.value);
        let shown = answers.iter().any(|it| key(&it.key.value) == own);
        let known = entity.fields.iter().any(|it| it.key == own) || found.iter().any(|it| key(&it.key.value) == own);
        if shown && !known {
            found.push(property);
        }
    }
    found
}

/// A declared name as it is spelt where bodies are: in camel case if they show it of two fields at least
/// that are declared otherwise, and nothing else.
pub(super) fn spelling(declared: &str, bodies: &[(&str, &str)]) -> String {
    let camel = |it: &str| {
        let mut words = model::names::words(it).into_iter();
        let first = words.next().unwrap_or_default();
        words.fold(first, |name, word| {
            let mut letters = word.chars();
            letters.next().map_or(name.clone(), |it| format!("{name}{}{}", it.to_uppercase(), letters.as_str()))
        })
    };
    let all = bodies.iter().all(|(declared, shown)| camel(declared) == *shown);
    let other = bodies.iter().filter(|(declared, shown)| declared != shown).count();
    if all && other > 1 { camel(declared) } else { declared.to_owned() }
}

/// What the requests of an endpoint are drawn with; `None` if none is drawn.
pub(super) fn drawn(spec: &Spec, endpoint: &Endpoint, entity: Option<&Entity>) -> Option<Drawn> {
    let mut found: Option<Drawn> = None;
    for request in &endpoint.requests {
        let one = match &request.value {
            Shape::Body(body, example) => {
                let Some(value) = &body.value else { continue };
                let at = entity.and_then(|it| envelope::slot(&value.value, value.span, it));
                let wrapped =
                    at.as_ref().filter(|it| !it.list && it.path.len() == 1 && value.value.properties().len() == 1);
                let path: Vec<String> =
                    wrapped.map_or(Vec::new(), |it| it.path.iter().map(|it| (*it).to_owned()).collect());
                let properties = wrapped.and_then(|it| it.records.first().copied()).unwrap_or(value.value.properties());
                let said = |it: &Property| match (&it.value.value, example) {
                    (Json::String(text), false) => {
                        let lower = text.to_lowercase();
                        if lower.contains("optional") {
                            Some(false)
                        } else {
                            lower.contains("required").then_some(true)
                        }
                    }
                    _ => None,
                };
                Drawn {
                    path,
                    names: properties.iter().map(|it| (it.key.value.clone(), said(it))).collect(),
                    complete: !body.elided,
                }
            }
            Shape::Type(ty) => Drawn { path: Vec::new(), names: members(spec, ty), complete: true },
        };
        if one.names.is_empty() {
            continue;
        }
        match &mut found {
            None => found = Some(one),
            Some(found) => {
                found.complete &= one.complete;
                for (name, said) in one.names {
                    if !found.names.iter().any(|it| it.0 == name) {
                        found.names.push((name, said));
                    }
                }
            }
        }
    }
    found
}

fn members(spec: &Spec, ty: &syntax::types::Type) -> Vec<(String, Option<bool>)> {
    use syntax::types::Type;
    match ty.bare() {
        Type::Object(members) => members.iter().map(|it| (it.name.value.clone(), Some(!it.optional))).collect(),
        Type::Named(name) => match spec.entity(&name.value) {
            Some(entity) if entity.purpose == model::claim::Purpose::Request => {
                entity.fields.iter().map(|it| (it.name.value.clone(), Some(it.required))).collect()
            }
            _ => spec.resolve(&name.value).map_or(Vec::new(), |it| members(spec, &it)),
        },
        _ => Vec::new(),
    }
}

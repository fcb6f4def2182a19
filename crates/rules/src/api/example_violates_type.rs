//! Values in examples that the type of their field forbids.

use model::claim;
use model::names::key;
use model::{Entity, Field, Spec};
use source::{Level, Span, Spanned};
use syntax::json::{Json, Property};
use syntax::types::Type;

use crate::{Check, Review, Rule, Sink, examples};

pub(crate) static RULE: Rule = Rule {
    name: "example-violates-type",
    summary: "an example has a value that the type of its field forbids",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/example-violates-type.md"),
    check: Check::Review(example_violates_type),
};

fn example_violates_type(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    for example in review.examples() {
        for record in example.slot.records.iter().take(MAX_RECORDS) {
            fields(sink, spec, example.entity, record);
        }
    }
    examples::records(spec, |entity, record| fields(sink, spec, entity, record));
}

/// Records of one list that are judged.
const MAX_RECORDS: usize = 50;

fn fields(sink: &mut Sink<'_>, spec: &Spec, entity: &Entity, record: &[Property]) {
    for property in record {
        let Some(field) = entity.field(&property.key.value) else { continue };
        if let Some(ty) = &field.ty {
            value(sink, spec, field, &ty.value, &property.value, 0);
        }
    }
}

/// Types may refer to each other in a circle.
const MAX_DEPTH: usize = 8;

fn value(sink: &mut Sink<'_>, spec: &Spec, field: &Field, ty: &Type, json: &Spanned<Json>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let nested = |sink: &mut Sink<'_>, ty: &Type, json: &Spanned<Json>| value(sink, spec, field, ty, json, depth + 1);
    match (ty.bare(), &json.value) {
        (_, Json::Hole(_)) => {}
        (_, Json::Null) => {
            if !ty.is_nullable() && !field.nullable && field.required && depth == 0 {
                tell(sink, field, json.span, "null", "not nullable");
            }
        }
        (Type::Named(name), _) => {
            if let Some(resolved) = spec.resolve(&name.value) {
                nested(sink, &resolved, json);
            } else if let (Some(record), Json::Object(properties)) = (spec.entity(&name.value), &json.value) {
                for property in properties {
                    if let Some(own) = record.field(&property.key.value)
                        && let Some(ty) = &own.ty
                    {
                        value(sink, spec, own, &ty.value, &property.value, depth + 1);
                    }
                }
            }
        }
        (Type::Array(item), Json::Array(items)) => items.iter().take(MAX_RECORDS).for_each(|it| nested(sink, item, it)),
        (Type::Map(item), Json::Object(properties)) => properties.iter().for_each(|it| nested(sink, item, &it.value)),
        (Type::Object(members), Json::Object(properties)) => {
            for property in properties {
                if let Some(member) = members.iter().find(|it| key(&it.name.value) == key(&property.key.value)) {
                    nested(sink, &member.ty.value, &property.value);
                }
            }
        }
        (Type::Date | Type::DateTime, Json::String(text)) if impossible_date(text) => {
            let words = text.get(..10).unwrap_or(text);
            drop(sink.report(json.span, format!("there is no such day as `{words}`")).about(&field.subject));
        }
        (bare, json_value) => {
            if let Some(found) = mismatch(bare, json_value)
                && !(stores(bare, json_value) && is_stored(spec, field))
            {
                tell(sink, field, json.span, &found, &bare.describe());
            }
        }
    }
}

fn tell(sink: &mut Sink<'_>, field: &Field, span: Span, found: &str, expected: &str) {
    let name = &field.name.value;
    let at = field.ty.as_ref().map_or(field.name.span, |it| it.span);
    drop(
        sink.report(span, format!("`{name}` is {found} here, but its type is {expected}"))
            .about(&field.subject)
            .label(at, "the type"),
    );
}

/// Whether a column of this type may hold such a value in another form: a flag or a time as a number, a list as
/// text.
fn stores(ty: &Type, json: &Json) -> bool {
    match (ty, json) {
        (Type::Integer, Json::Bool(_)) | (Type::Text(_), Json::Array(_) | Json::Object(_)) => true,
        (Type::Integer, Json::String(text)) => model::date::read(text).is_some(),
        _ => false,
    }
}

/// Whether only a column of a database gives a field its type.
fn is_stored(spec: &Spec, field: &Field) -> bool {
    let claims = spec.claims();
    claims.of(&field.subject, claim::Property::Type).all(|it| claims.source_of(it).is_some_and(|it| it.stored))
}

/// What a value is, if its type forbids it.
fn mismatch(ty: &Type, json: &Json) -> Option<String> {
    let kind = || Some(json.kind_name().to_owned());
    match (ty, json) {
        (Type::Enum(words), Json::String(text)) => {
            let known = words.iter().any(|it| key(&it.value) == key(text));
            (!known).then(|| format!("`{text}`"))
        }
        (Type::Enum(_), _) => kind(),
        (Type::Uuid, Json::String(text)) => (!is_uuid(text)).then(|| format!("`{text}`")),
        (Type::Integer, Json::Number(text)) => {
            let whole = text.parse::<f64>().is_ok_and(|it| it.fract() == 0.0);
            (!whole).then(|| format!("`{text}`"))
        }
        (Type::Number, Json::Number(_)) | (Type::Boolean, Json::Bool(_)) => None,
        (Type::Decimal(_), Json::Number(_) | Json::String(_)) => None,
        (Type::Number | Type::Integer | Type::Boolean, _) => kind(),
        // Times are often written as numbers.
        (Type::DateTime | Type::Date | Type::Time | Type::Duration, Json::Number(_)) => None,
        (
            Type::Text(_) | Type::Uuid | Type::Email | Type::Url | Type::Date | Type::DateTime,
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_),
        ) => kind(),
        (Type::Array(_), Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Object(_)) => kind(),
        (Type::Object(_) | Type::Map(_), Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) => kind(),
        _ => None,
    }
}

/// 8-4-4-4-12 digits; placeholders (`uuid`, `abc-123`, `550e…`) show that a UUID stands here.
fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    let shaped = groups == [8, 4, 4, 4, 12];
    !shaped
        || text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
        || text.chars().any(|it| !it.is_ascii_alphanumeric() && it != '-')
        || !text.chars().any(|it| it.is_ascii_digit())
}

fn impossible_date(text: &str) -> bool {
    matches!(model::date::read(text), Some((model::date::Reading::Impossible, _)))
}

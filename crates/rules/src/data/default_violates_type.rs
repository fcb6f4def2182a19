//! Defaults of fields, options and variables that their type forbids.

use model::Spec;
use model::claim::Subject;
use model::names::key;
use source::{Level, Span};
use syntax::columns::is_nothing;
use syntax::types::Type;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "default-violates-type",
    summary: "a default is not a value of its type",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/default-violates-type.md"),
    check: Check::Spec(default_violates_type),
};

fn default_violates_type(sink: &mut Sink<'_>, spec: &Spec) {
    for setting in spec.options.iter().chain(&spec.variables) {
        let (Some(ty), Some(default)) = (&setting.ty, &setting.default) else { continue };
        let resolved = resolve(spec, &ty.value);
        judge(sink, &setting.subject, &resolved, ty.span, &default.value, default.span);
    }
    for field in spec.entities.iter().flat_map(|it| &it.fields) {
        let (Some(ty), Some(default)) = (&field.ty, &field.default) else { continue };
        let resolved = resolve(spec, &ty.value);
        judge(sink, &field.subject, &resolved, ty.span, &default.value, default.span);
    }
    for endpoint in &spec.endpoints {
        for parameter in &endpoint.parameters {
            let (Some(ty), Some(default)) = (&parameter.value.ty, &parameter.value.default) else { continue };
            let resolved = resolve(spec, ty);
            judge(sink, &endpoint.subject, &resolved, parameter.span, default, parameter.span);
        }
    }
}

fn resolve(spec: &Spec, ty: &Type) -> Type {
    match ty.bare() {
        Type::Named(name) => spec.resolve(&name.value).unwrap_or_else(|| ty.clone()),
        _ => ty.clone(),
    }
}

fn judge(sink: &mut Sink<'_>, subject: &Subject, ty: &Type, ty_span: Span, default: &str, span: Span) {
    let value = default.trim().trim_matches('`').trim();
    if says_nothing(value) || is_computed(value) {
        return;
    }
    let Some(expected) = mismatch(ty, value) else { return };
    drop(
        sink.report(span, format!("the default `{value}` is not {expected}"))
            .about(subject)
            .label(ty_span, format!("the type is {}", ty.describe())),
    );
}

/// There is no default; `pending` is a word like another here.
fn says_nothing(value: &str) -> bool {
    value.eq_ignore_ascii_case("null") || (is_nothing(value) && !value.eq_ignore_ascii_case("pending"))
}

/// A call, a name of a constant, a sentence, a reference to another setting.
fn is_computed(value: &str) -> bool {
    value.contains(['(', '$', '{', '<'])
        || value.starts_with('[')
        || value.to_uppercase().starts_with("CURRENT_")
        || value.eq_ignore_ascii_case("now")
}

/// What a default should be and is not.
fn mismatch(ty: &Type, value: &str) -> Option<String> {
    let quoted = value.len() >= 2
        && (value.starts_with('"') && value.ends_with('"') || value.starts_with('\'') && value.ends_with('\''));
    let inner = value.trim_matches(['"', '\'']);
    let number = |it: &str| it.replace('_', "").parse::<f64>().is_ok();
    match ty.bare() {
        // `100 ms`, `10,000` and `5MB` are numbers as people write them.
        Type::Number | Type::Decimal(_) if quoted || !starts_as_number(value) => Some("a number".to_owned()),
        Type::Integer if quoted || !starts_as_number(value) => Some("a whole number".to_owned()),
        Type::Integer if number(value) && value.contains('.') && !value.trim_end_matches('0').ends_with('.') => {
            Some("a whole number".to_owned())
        }
        Type::Boolean if quoted || !is_boolean(value) => Some("`true` or `false`".to_owned()),
        Type::Enum(words) if !words.iter().any(|it| key(&it.value) == key(inner)) => {
            let list: Vec<String> = words.iter().map(|it| format!("`{}`", it.value)).collect();
            Some(format!("one of {}", list.join(", ")))
        }
        _ => None,
    }
}

fn starts_as_number(value: &str) -> bool {
    let rest = value.trim_start_matches(['-', '+', '~', '.', '∞', '≤', '<', '≥', '>', ' ']);
    rest.starts_with(|it: char| it.is_ascii_digit())
        || value == "∞"
        || matches!(value.to_lowercase().as_str(), "unlimited" | "infinity" | "auto")
}

fn is_boolean(value: &str) -> bool {
    let word = value.to_lowercase();
    matches!(word.as_str(), "true" | "false" | "0" | "1" | "yes" | "no" | "on" | "off" | "enabled" | "disabled")
        || value.contains(['✅', '❌'])
        || word.starts_with("true ")
        || word.starts_with("false ")
}

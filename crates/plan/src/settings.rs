//! Config options: their values at run time.

use std::collections::HashMap;

use cel::Value;
use model::Spec;
use syntax::types::Type;

use crate::Error;

/// The value of each option that has one.
///
/// # Errors
/// A name that is no option, a value that does not fit, an option that a condition needs without a value.
pub(super) fn values(spec: &Spec, settings: &[(String, String)]) -> Result<HashMap<String, Value>, Error> {
    let own = |name: &str| spec.options.iter().find(|it| model::names::key(&it.name.value) == model::names::key(name));
    let mut values = HashMap::new();
    for option in &spec.options {
        if let Some(default) = &option.default
            && let Some(value) = value(option.ty.as_ref().map(|it| &it.value), &default.value)
        {
            values.insert(option.name.value.clone(), value);
        }
    }
    for (name, text) in settings {
        let Some(option) = own(name) else {
            let nearest = source::nearest(name, spec.options.iter().map(|it| it.name.value.as_str()));
            return Err(Error::UnknownSetting { name: name.clone(), nearest: nearest.map(str::to_owned) });
        };
        let ty = option.ty.as_ref().map(|it| &it.value);
        let Some(value) = value(ty, text) else {
            let expected = ty.map_or_else(|| "a value".to_owned(), Type::describe);
            return Err(Error::BadSetting { name: name.clone(), value: text.clone(), expected });
        };
        values.insert(option.name.value.clone(), value);
    }
    let missing: Vec<String> = used(spec).into_iter().filter(|it| !values.contains_key(it)).collect();
    if missing.is_empty() { Ok(values) } else { Err(Error::Missing(missing)) }
}

fn value(ty: Option<&Type>, text: &str) -> Option<Value> {
    let text = text.trim().trim_matches(['`', '"', '\'']);
    match ty.map(Type::bare) {
        Some(Type::Integer) => text.replace('_', "").parse().ok().map(Value::Int),
        Some(Type::Number | Type::Decimal(_)) => text.replace('_', "").parse().ok().map(Value::Float),
        Some(Type::Boolean) => text.to_lowercase().parse().ok().map(Value::Bool),
        Some(Type::Enum(words)) => {
            words.iter().any(|it| it.value == text).then(|| Value::String(text.to_owned().into()))
        }
        _ => Some(Value::String(text.to_owned().into())),
    }
}

/// The options that conditions, guards and assignments name.
fn used(spec: &Spec) -> Vec<String> {
    let cel = |it: &model::Meaning| match it {
        model::Meaning::Cel(checked) => Some(checked.source.clone()),
        _ => None,
    };
    let mut sources: Vec<String> =
        spec.entities.iter().flat_map(|it| &it.constraints).filter_map(|it| cel(&it.meaning)).collect();
    for transition in spec.machines.iter().flat_map(|it| &it.transitions) {
        sources.extend(transition.guard.as_ref().and_then(|it| cel(&it.1)));
        sources.extend(transition.assignments.iter().map(|it| it.1.source.clone()));
    }
    let mut names: Vec<String> = Vec::new();
    for source in &sources {
        for part in source.split("config.").skip(1) {
            let name: String = part.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

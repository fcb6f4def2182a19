//! Schemas in words and as samples.

use serde_json::{Map, Value, json};

use crate::contract::{Contract, RECORDS};

/// A member of a shape, members of members among them.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) required: bool,
    /// `integer or null`.
    pub(crate) kind: String,
    /// `1 to 80 characters`, `set by the service`.
    pub(crate) notes: Vec<String>,
    /// What its values must match.
    pub(crate) pattern: Option<String>,
    /// How deep it stands.
    pub(crate) depth: usize,
}

/// The record that a schema stands for, if it is a reference.
pub(crate) fn target<'a>(contract: &'a Contract, schema: &Value) -> Option<&'a crate::contract::Record> {
    contract.record(schema.get("$ref")?.as_str()?.strip_prefix(RECORDS)?)
}

/// The members of a shape, in order.
pub(crate) fn rows(schema: &Value) -> Vec<Row> {
    let mut found = Vec::new();
    members(schema, 0, &mut found);
    found
}

/// Shapes stand in shapes at most so deep.
const MAX_DEPTH: usize = 6;

fn members(schema: &Value, depth: usize, found: &mut Vec<Row>) {
    // Of a body that may be wrapped, the first form is shown.
    let schema = match schema.get("anyOf").and_then(Value::as_array).and_then(|it| it.first()) {
        Some(first) if schema.get("properties").is_none() && first.get("properties").is_some() => first,
        _ => schema,
    };
    let required: Vec<&str> =
        schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, own) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        found.push(Row {
            name: name.clone(),
            required: required.contains(&name.as_str()),
            kind: kind(own),
            notes: notes(own),
            pattern: own.get("pattern").and_then(Value::as_str).map(str::to_owned),
            depth,
        });
        if depth < MAX_DEPTH {
            members(own, depth + 1, found);
            if let Some(items) = own.get("items") {
                members(items, depth + 1, found);
            }
        }
    }
}

/// A type in words.
pub(crate) fn kind(schema: &Value) -> String {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return name.trim_start_matches(RECORDS).to_owned();
    }
    let null = |it: &Value| it.is_null() || it == "null" || it == &json!({ "type": "null" });
    let nullable = ["type", "enum", "anyOf"]
        .iter()
        .any(|it| schema.get(it).and_then(Value::as_array).is_some_and(|it| it.iter().any(null)));
    let own = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|it| *it != "null"),
        _ => None,
    };
    let format = schema.get("format").and_then(Value::as_str);
    let words = |values: &[Value]| {
        let values = values.iter().filter(|it| !it.is_null());
        values.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned)).collect::<Vec<_>>().join(" | ")
    };
    let mut kind = match (schema.get("enum"), schema.get("const"), own) {
        (Some(Value::Array(values)), _, _) => words(values),
        (_, Some(value), _) => words(std::slice::from_ref(value)),
        (_, _, Some("array")) => format!("list of {}", schema.get("items").map_or("anything".to_owned(), kind)),
        (_, _, Some("string")) => match format {
            Some("date-time") => "date and time".to_owned(),
            Some(format) => format.to_owned(),
            None => "string".to_owned(),
        },
        (_, _, Some(name)) => name.to_owned(),
        _ => match schema.get("anyOf").and_then(Value::as_array) {
            Some(choices) => choices.iter().filter(|it| !null(it)).map(kind).collect::<Vec<_>>().join(" or "),
            None => "anything".to_owned(),
        },
    };
    if nullable {
        kind.push_str(" or null");
    }
    kind
}

/// What limits values, in words.
pub(crate) fn notes(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> =
        schema.get("description").and_then(Value::as_str).map(str::to_owned).into_iter().collect();
    // Addresses have a longest length of their own.
    let email = schema.get("format").is_some_and(|it| it == "email");
    let number = |name: &str| schema.get(name).filter(|it| it.is_number()).map(Value::to_string);
    for (low, high, unit) in [("minLength", "maxLength", "character"), ("minItems", "maxItems", "item")] {
        let plural = |count: &str| if count == "1" { unit.to_owned() } else { format!("{unit}s") };
        match (number(low).filter(|it| it != "0"), number(high).filter(|it| !email || it != "254")) {
            (Some(least), Some(most)) if least == most => found.push(format!("{most} {}", plural(&most))),
            (Some(least), Some(most)) => found.push(format!("{least} to {most} {unit}s")),
            (Some(least), None) if least == "1" => found.push("not empty".to_owned()),
            (Some(least), None) => found.push(format!("at least {least} {}", plural(&least))),
            (None, Some(most)) => found.push(format!("at most {most} {}", plural(&most))),
            (None, None) => {}
        }
    }
    // What only says that a number is kept in 64 bits limits nothing that people send.
    let bound = |name: &str| number(name).filter(|it| *it != i64::MIN.to_string() && *it != i64::MAX.to_string());
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => found.push(format!("{least} to {most}")),
        (Some(least), None) => found.push(format!("at least {least}")),
        (None, Some(most)) => found.push(format!("at most {most}")),
        (None, None) => {}
    }
    found.extend(bound("exclusiveMinimum").map(|it| format!("greater than {it}")));
    found.extend(bound("exclusiveMaximum").map(|it| format!("less than {it}")));
    found.extend(number("multipleOf").map(|it| format!("a multiple of {it}")));
    if let Some(default) = schema.get("default") {
        found.push(format!("default {}", default.as_str().map_or_else(|| default.to_string(), str::to_owned)));
    }
    let says = found.iter().any(|it| it.to_lowercase().contains("set by the"));
    if schema.get("readOnly") == Some(&Value::Bool(true)) && !says {
        found.push("set by the service".to_owned());
    }
    if schema.get("writeOnly") == Some(&Value::Bool(true)) {
        found.push("never shown".to_owned());
    }
    found
}

/// A value that has the shape, for want of an example.
pub(crate) fn sample(contract: &Contract, schema: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(record) = target(contract, schema) {
        return shown(contract, &record.name).unwrap_or_else(|| sample(contract, &record.schema, depth + 1));
    }
    for name in ["const", "default"] {
        if let Some(value) = schema.get(name) {
            return value.clone();
        }
    }
    if let Some(first) = schema.get("enum").and_then(Value::as_array).and_then(|it| it.first()) {
        return first.clone();
    }
    if let Some(first) = schema.get("anyOf").and_then(Value::as_array).and_then(|it| it.first())
        && schema.get("type").is_none()
    {
        return sample(contract, first, depth + 1);
    }
    let kind = match schema.get("type") {
        Some(Value::Array(names)) => names.first().and_then(Value::as_str),
        it => it.and_then(Value::as_str),
    };
    match kind {
        Some("object") => {
            let each = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let members: Map<String, Value> =
                each.map(|(name, it)| (name.clone(), sample(contract, it, depth + 1))).collect();
            Value::Object(members)
        }
        Some("array") => json!([schema.get("items").map_or(Value::Null, |it| sample(contract, it, depth + 1))]),
        Some("integer" | "number") => {
            schema.get("minimum").filter(|it| it.as_i64() != Some(i64::MIN)).cloned().unwrap_or(json!(1))
        }
        Some("boolean") => json!(true),
        Some("string") => json!(match schema.get("format").and_then(Value::as_str) {
            Some("uuid") => "01a1e403-8b80-7235-ada7-280f1decc3ac",
            Some("date-time") => "2026-11-16T11:00:00Z",
            Some("date") => "2026-11-16",
            Some("email") => "ada@example.org",
            Some("uri") => "https://example.org/",
            _ => "…",
        }),
        _ => Value::Null,
    }
}

/// A record as an example of the document shows it.
fn shown(contract: &Contract, name: &str) -> Option<Value> {
    contract
        .operations
        .iter()
        .flat_map(|it| &it.responses)
        .filter_map(|it| it.body.as_ref())
        .find_map(|body| within(&body.schema, body.example.as_ref()?, name).filter(Value::is_object))
}

fn within(schema: &Value, example: &Value, name: &str) -> Option<Value> {
    if schema.get("$ref").and_then(Value::as_str).and_then(|it| it.strip_prefix(RECORDS)) == Some(name) {
        return Some(example.clone());
    }
    if let Some(items) = schema.get("items") {
        return within(items, example.as_array()?.first()?, name);
    }
    let mut each = schema.get("properties")?.as_object()?.iter();
    each.find_map(|(key, it)| within(it, example.get(key)?, name))
}

//! Types and limits as JSON Schema: what [`Member::accept`] takes, said to others.

use serde_json::{Map, Value, json};

use crate::shape::{Kind, Limit, Member};

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// In a request, as a whole.
    Request,
    /// In a request that changes a part: objects are merged.
    Patch,
    /// In an answer.
    Answer,
    /// In a path or a query, as text.
    Text,
}

impl Member {
    /// The schema of its values.
    pub fn schema(&self, side: Side) -> Value {
        let mut schema = self.kind.schema(side);
        for (limit, _) in &self.limits {
            limit.restrict(&mut schema, &self.kind);
        }
        if self.nullable { nullable(schema) } else { schema }
    }
}

impl Kind {
    /// The schema of values of this type.
    pub fn schema(&self, side: Side) -> Value {
        match self {
            Kind::Text(limit) => {
                let mut schema = json!({ "type": "string" });
                if let Some(limit) = limit {
                    set(&mut schema, "maxLength", json!(limit));
                }
                schema
            }
            // Whole numbers are kept as 64 bits, and a request with a larger one is refused.
            Kind::Integer if side == Side::Answer => json!({ "type": "integer", "format": "int64" }),
            Kind::Integer => {
                json!({ "type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX })
            }
            Kind::Number => json!({ "type": "number" }),
            Kind::Decimal(limit, as_text) => decimal(*limit, *as_text, side),
            Kind::Boolean => json!({ "type": "boolean" }),
            Kind::Date => json!({ "type": "string", "format": "date" }),
            Kind::Time => json!({
                "type": "string",
                "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?(Z|\\+.*)?$"
            }),
            Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
            Kind::Duration => json!({ "type": "string", "minLength": 1 }),
            Kind::Uuid => json!({ "type": "string", "format": "uuid" }),
            Kind::Email => json!({ "type": "string", "format": "email", "maxLength": 254 }),
            Kind::Url => json!({ "type": "string", "format": "uri" }),
            Kind::Ip => {
                json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
            }
            Kind::Any => json!({}),
            Kind::Enum(words) => json!({ "type": "string", "enum": words }),
            Kind::Literals(values) => json!({ "enum": values }),
            Kind::List(item) => {
                let side = if side == Side::Patch { Side::Request } else { side };
                json!({ "type": "array", "items": item.schema(side) })
            }
            Kind::Map(item) if side == Side::Patch => {
                json!({ "type": "object", "additionalProperties": nullable(item.schema(side)) })
            }
            Kind::Map(item) => json!({ "type": "object", "additionalProperties": item.schema(side) }),
            Kind::Object(members) => {
                let each = members.iter().map(|it| {
                    let schema = it.schema(side);
                    let optional = side == Side::Patch && !it.required;
                    (it.name.clone(), if optional { nullable(schema) } else { schema }, it.required)
                });
                let mut schema = with_members(each.map(|(name, schema, required)| {
                    let required = required && side != Side::Patch;
                    (name, schema, required)
                }));
                if side != Side::Answer {
                    set(&mut schema, "additionalProperties", json!(false));
                }
                schema
            }
        }
    }
}

/// An object with members, each with its schema and whether it is required.
pub fn with_members(members: impl Iterator<Item = (String, Value, bool)>) -> Value {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for (name, schema, needed) in members {
        if needed {
            required.push(Value::String(name.clone()));
        }
        properties.insert(name, schema);
    }
    let mut schema = json!({ "type": "object", "properties": properties });
    if !required.is_empty() {
        set(&mut schema, "required", Value::Array(required));
    }
    schema
}

/// A schema that null satisfies too.
pub fn nullable(mut schema: Value) -> Value {
    let Some(members) = schema.as_object_mut() else { return schema };
    if members.is_empty() {
        return schema;
    }
    if let Some(choices) = members.get_mut("anyOf").and_then(Value::as_array_mut)
        && !choices.iter().any(|it| it == &json!({ "type": "null" }))
    {
        choices.push(json!({ "type": "null" }));
    }
    if let Some(words) = members.get_mut("enum").and_then(Value::as_array_mut)
        && !words.contains(&Value::Null)
    {
        words.push(Value::Null);
    }
    if let Some(own) = members.get_mut("type").filter(|it| it.is_string()) {
        let before = own.take();
        *own = json!([before, "null"]);
    }
    schema
}

/// Sets a keyword.
pub fn set(schema: &mut Value, name: &str, value: Value) {
    if let Some(members) = schema.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

/// Requests may carry a decimal as a number or as a text; answers have one form.
fn decimal(limit: Option<(u32, u32)>, as_text: bool, side: Side) -> Value {
    let pattern = match limit {
        Some((all, 0)) => format!("^-?[0-9]{{1,{}}}$", all.max(1)),
        Some((all, scale)) => {
            format!("^-?[0-9]{{1,{}}}(\\.[0-9]{{1,{scale}}})?$", all.saturating_sub(scale).max(1))
        }
        None => "^-?[0-9]{1,30}(\\.[0-9]{1,30})?$".to_owned(),
    };
    let text = json!({ "type": "string", "pattern": pattern });
    let mut number = json!({ "type": "number" });
    if let Some((all, scale)) = limit {
        let most = format!("1e{}", all.saturating_sub(scale));
        let step = if scale == 0 { "1".to_owned() } else { format!("0.{}1", "0".repeat(scale as usize - 1)) };
        if let (Ok(most), Ok(least), Ok(step)) = (
            most.parse::<serde_json::Number>(),
            format!("-{most}").parse::<serde_json::Number>(),
            step.parse::<serde_json::Number>(),
        ) {
            set(&mut number, "exclusiveMinimum", Value::Number(least));
            set(&mut number, "exclusiveMaximum", Value::Number(most));
            set(&mut number, "multipleOf", Value::Number(step));
        }
    }
    match side {
        Side::Answer | Side::Text if as_text => text,
        Side::Answer | Side::Text => number,
        Side::Request | Side::Patch => json!({ "anyOf": if as_text { [text, number] } else { [number, text] } }),
    }
}

impl Limit {
    /// Adds the keywords that say the same.
    fn restrict(&self, schema: &mut Value, kind: &Kind) {
        match self {
            Limit::Length(least, most) => {
                let unit = if matches!(kind, Kind::List(_)) { "Items" } else { "Length" };
                if let Some(least) = least {
                    bound(schema, &format!("min{unit}"), &json!(least), true);
                }
                if let Some(most) = most {
                    bound(schema, &format!("max{unit}"), &json!(most), false);
                }
            }
            Limit::Range(least, most) => {
                between(schema, least.as_ref(), most.as_ref());
            }
            Limit::Pattern(pattern) => match schema.get("pattern") {
                None => set(schema, "pattern", json!(pattern.as_str())),
                Some(_) => set(schema, "allOf", json!([{ "pattern": pattern.as_str() }])),
            },
            Limit::OneOf(words) => {
                let number = matches!(kind, Kind::Integer | Kind::Number | Kind::Boolean);
                let values = words.iter().map(|it| match serde_json::from_str(it) {
                    Ok(value) if number => value,
                    _ => json!(it),
                });
                let values: Vec<Value> = values.collect();
                set(schema, "enum", Value::Array(values));
            }
        }
    }
}

/// Adds a range, each bound with whether it is allowed itself. Of a schema with a choice of forms, the
/// number is restricted.
fn between(schema: &mut Value, least: Option<&(String, bool)>, most: Option<&(String, bool)>) {
    if let Some(choices) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        for choice in choices.iter_mut().filter(|it| it.get("type") == Some(&json!("number"))) {
            between(choice, least, most);
        }
        return;
    }
    for (at, low) in [(least, true), (most, false)] {
        let Some((text, equal)) = at else { continue };
        let Ok(number) = text.parse::<serde_json::Number>() else { continue };
        let name = match (low, *equal) {
            (true, true) => "minimum",
            (true, false) => "exclusiveMinimum",
            (false, true) => "maximum",
            (false, false) => "exclusiveMaximum",
        };
        bound(schema, name, &Value::Number(number), low);
    }
}

/// Sets a bound unless a tighter one is there.
fn bound(schema: &mut Value, name: &str, value: &Value, low: bool) {
    let own = schema.get(name).and_then(Value::as_f64);
    let tighter = own.zip(value.as_f64()).is_none_or(|(own, new)| if low { new > own } else { new < own });
    if tighter {
        set(schema, name, value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(kind: Kind, nullable: bool, limits: Vec<Limit>) -> Member {
        let limits = limits.into_iter().map(|it| (it, 0)).collect();
        Member { name: "a".to_owned(), kind, nullable, required: true, limits, refers: None, line: 0 }
    }

    #[test]
    fn members_are_schemas() {
        let range = Limit::Range(Some(("0".to_owned(), false)), Some(("9".to_owned(), true)));
        let inner = member(Kind::Text(Some(3)), false, vec![Limit::Length(Some(1), Some(5))]);
        for (member, side, expected) in [
            (
                member(Kind::Integer, true, vec![range.clone()]),
                Side::Answer,
                r#"{"type":["integer","null"],"format":"int64","exclusiveMinimum":0,"maximum":9}"#,
            ),
            (
                member(Kind::Enum(vec!["x".to_owned()]), true, vec![]),
                Side::Request,
                r#"{"type":["string","null"],"enum":["x",null]}"#,
            ),
            (
                member(Kind::Decimal(Some((6, 2)), false), false, vec![range]),
                Side::Answer,
                r#"{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1e+4,"multipleOf":0.01,"maximum":9}"#,
            ),
            (
                member(Kind::Object(vec![inner.clone()]), false, vec![]),
                Side::Request,
                r#"{"type":"object","properties":{"a":{"type":"string","maxLength":3,"minLength":1}},"required":["a"],"additionalProperties":false}"#,
            ),
            (
                member(Kind::List(Box::new(inner)), false, vec![Limit::Length(Some(1), None)]),
                Side::Answer,
                r#"{"type":"array","items":{"type":"string","maxLength":3,"minLength":1},"minItems":1}"#,
            ),
        ] {
            assert_eq!(member.schema(side).to_string(), expected);
        }
    }
}

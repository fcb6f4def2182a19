//! Holds each exchange to the OpenAPI that the service gives of itself: an answer has a documented status,
//! media type and body without members that are not documented, and a body that is accepted satisfies the
//! documented shape.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::client::Response;

/// What a service says of itself.
pub(crate) struct Contract {
    whole: Value,
    /// The same with closed objects.
    strict: Value,
}

impl Contract {
    pub(crate) fn read(text: &str) -> Contract {
        let whole: Value = serde_json::from_str(text).unwrap();
        let mut strict = whole.clone();
        close(&mut strict);
        Contract { whole, strict }
    }

    /// What is wrong with an exchange.
    pub(crate) fn check(&self, method: &str, target: &str, body: &[u8], answer: &Response) -> Vec<String> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let own = if method == "HEAD" { "GET" } else { method };
        // What is too long is refused before it reaches an operation, and 501 is what a strict service refuses.
        let operation = self.operation(own, path).filter(|_| !matches!(answer.status, 414 | 431 | 501));
        let Some(pointer) = operation else { return Vec::new() };
        let mut wrong = Vec::new();
        let operation = self.whole.pointer(&pointer).unwrap();
        let success = (200..300).contains(&answer.status);
        let response = format!("{pointer}/responses/{}", answer.status);
        match self.whole.pointer(&response) {
            None => wrong.push(format!("status {} is not documented", answer.status)),
            Some(response_of) if !answer.body.is_empty() => {
                let media = answer.header("content-type").unwrap_or("");
                match response_of.pointer(&format!("/content/{}", media.replace('/', "~1"))) {
                    None => wrong.push(format!("a body of type {media} is not documented for {}", answer.status)),
                    Some(_) => {
                        let schema = format!("{response}/content/{}/schema", media.replace('/', "~1"));
                        let found: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
                        wrong.extend(errors(&self.strict, &schema, &found, "the answer"));
                    }
                }
            }
            Some(_) => {}
        }
        if success {
            for name in query.split('&').filter(|it| !it.is_empty()).filter_map(|it| it.split('=').next()) {
                let all = operation["parameters"].as_array().into_iter().flatten();
                if !all.clone().any(|it| it["in"] == "query" && it["name"] == name) {
                    wrong.push(format!("the query parameter {name} is accepted and not documented"));
                }
            }
            let schema = format!("{pointer}/requestBody/content/application~1json/schema");
            if let Ok(sent) = serde_json::from_slice::<Value>(body)
                && self.whole.pointer(&schema).is_some()
            {
                wrong.extend(errors(&self.whole, &schema, &sent, "the request, which is accepted,"));
            }
        }
        wrong
    }

    /// Where the operation stands that a request means: one with more fixed segments first.
    fn operation(&self, method: &str, path: &str) -> Option<String> {
        let segments = |it: &str| it.strip_suffix('/').unwrap_or(it).split('/').map(str::to_owned).collect::<Vec<_>>();
        let given = segments(path);
        let fits = |template: &str| {
            let own = segments(template);
            let same = |(a, b): (&String, &String)| (a.starts_with('{') && !b.is_empty()) || a == b;
            own.len() == given.len() && own.iter().zip(&given).all(same)
        };
        let paths = self.whole["paths"].as_object().unwrap();
        let mut found: Vec<&String> = paths.keys().filter(|it| fits(it)).collect();
        found.sort_by_key(|it| it.matches('{').count());
        let method = method.to_lowercase();
        let own = found.into_iter().find(|it| paths[*it].get(&method).is_some())?;
        Some(format!("/paths/{}/{method}", own.replace('~', "~0").replace('/', "~1")))
    }
}

fn errors(whole: &Value, pointer: &str, value: &Value, what: &str) -> Vec<String> {
    let schema = json!({
        "$ref": format!("#{}", pointer.replace('{', "%7B").replace('}', "%7D")),
        "paths": whole["paths"],
        "components": whole["components"],
    });
    let validator: Validator = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
    let found = validator.iter_errors(value);
    found.map(|it| format!("{what} breaks its schema at {}: {it}", it.instance_path())).collect()
}

/// Allows no members of objects but those that are described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(close);
            let described = members.get("properties").is_some_and(Value::is_object);
            if described && members.get("type") == Some(&json!("object")) {
                members.entry("additionalProperties").or_insert(json!(false));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}

#[test]
fn contracts_are_broken() {
    let mut schema = Map::new();
    schema.insert("a".to_owned(), json!({ "type": "integer" }));
    let content = json!({ "application/json": { "schema": { "type": "object", "properties": schema } } });
    let contract = Contract::read(
        &json!({ "paths": { "/a/{id}": { "get": { "responses": { "200": { "content": content } } } } } }).to_string(),
    );
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    for (target, status, body, expected) in [
        ("/a/1", 200, r#"{"a":1}"#, ""),
        ("/a/1", 200, r#"{"a":"1"}"#, "the answer breaks its schema at /a: \"1\" is not of type \"integer\""),
        ("/a/1", 404, "{}", "status 404 is not documented"),
        ("/a/1?x=2", 200, "{}", "the query parameter x is accepted and not documented"),
        ("/b", 404, "{}", ""),
    ] {
        let answer = Response { status, headers: headers.clone(), body: body.to_owned() };
        assert_eq!(contract.check("GET", target, b"", &answer).join("; "), expected, "{target} {body}");
    }
}

//! A contract as OpenAPI 3.1, in one order: info, tags, paths as the document has them, components.

use model::names::words;
use serde_json::{Map, Value, json};

use crate::contract::{Body, Contract, Credential, Operation, Parameter, Record, Response, reference};
use crate::names::{camel, distinct, upper_first};

/// Methods that OpenAPI can describe.
const METHODS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"];

/// Writes a contract as an OpenAPI 3.1 document.
pub fn openapi(contract: &Contract) -> Value {
    let mut taken: Vec<String> = contract.records.iter().map(|it| it.name.clone()).collect();
    let mut schemas: Map<String, Value> =
        contract.records.iter().map(|it| (it.name.clone(), record(contract, it))).collect();
    let errors = Errors::of(contract, &mut taken);
    let mut paths: Vec<(String, String, Map<String, Value>)> = Vec::new();
    for operation in contract.operations.iter().filter(|it| METHODS.contains(&it.method.as_str())) {
        let (shape, path, names) = template(&operation.path);
        let index = paths.iter().position(|it| it.0 == shape).unwrap_or_else(|| {
            paths.push((shape, path, Map::new()));
            paths.len() - 1
        });
        let Some((_, path, methods)) = paths.get_mut(index) else { continue };
        // One path has one set of names for its parameters.
        let names = if *path == operation.path { names } else { template(path).2 };
        let method = operation.method.to_lowercase();
        if methods.contains_key(&method) {
            continue;
        }
        let body = operation.request.as_ref().map(|request| {
            let name = distinct(format!("{}Request", upper_first(&operation.id)), &mut taken);
            schemas.insert(name.clone(), request.schema.clone());
            let mut media = json!({ "schema": reference(&name) });
            put(&mut media, "example", request.example.clone());
            json!({ "required": request.required, "content": { "application/json": media } })
        });
        methods.insert(method, written(contract, operation, &names, body, &errors));
    }
    schemas.extend(errors.shapes.iter().map(|(name, shape, _)| (name.clone(), shape.clone())));
    let mut info = json!({ "title": contract.title });
    put(&mut info, "description", contract.description.clone().map(Value::String));
    put(&mut info, "version", Some(json!(contract.version.as_deref().unwrap_or("0"))));
    let tags: Vec<Value> = tags(contract).into_iter().map(|it| json!({ "name": it })).collect();
    let paths: Map<String, Value> = paths.into_iter().map(|(_, path, it)| (path, Value::Object(it))).collect();
    let mut whole = json!({ "openapi": "3.1.0", "info": info });
    put(&mut whole, "tags", (!tags.is_empty()).then_some(Value::Array(tags)));
    put(&mut whole, "paths", Some(Value::Object(paths)));
    let mut components = json!({});
    put(&mut components, "schemas", (!schemas.is_empty()).then_some(Value::Object(schemas)));
    let schemes = schemes(contract);
    put(&mut components, "securitySchemes", (!schemes.is_empty()).then_some(Value::Object(schemes)));
    put(&mut whole, "components", components.as_object().is_some_and(|it| !it.is_empty()).then_some(components));
    whole
}

/// The ways in which callers say who they are, by name.
fn schemes(contract: &Contract) -> Map<String, Value> {
    let credentials = contract.operations.iter().filter_map(|it| it.credential.as_ref());
    let each = credentials.map(|it| {
        let scheme = match it {
            Credential::Token => json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT" }),
            Credential::Key(header) => json!({ "type": "apiKey", "in": "header", "name": header }),
        };
        (scheme_name(it), scheme)
    });
    each.collect()
}

fn scheme_name(credential: &Credential) -> String {
    match credential {
        Credential::Token => "token".to_owned(),
        Credential::Key(header) => camel(&format!("key {header}")),
    }
}

/// The records that operations work on, in the order of the records.
pub(crate) fn tags(contract: &Contract) -> Vec<&str> {
    let used = |name: &str| contract.operations.iter().any(|it| it.record.as_deref() == Some(name));
    contract.records.iter().map(|it| it.name.as_str()).filter(|it| used(it)).collect()
}

fn record(contract: &Contract, record: &Record) -> Value {
    let mut schema = record.schema.clone();
    let texts: Vec<&str> = record.constraints.iter().map(|it| it.text.as_str()).collect();
    if !texts.is_empty() {
        let list: String = texts.iter().map(|it| format!("- {it}\n")).collect();
        put(&mut schema, "description", Some(json!(list.trim_end())));
    }
    if let Some(machine) = &record.machine {
        let steps: Vec<Value> = machine
            .transitions
            .iter()
            .map(|it| {
                let mut step = json!({ "from": it.from.as_deref().unwrap_or("*"), "to": it.to });
                put(&mut step, "event", (!it.event.is_empty()).then(|| json!(it.event)));
                put(&mut step, "guard", it.guard.as_ref().map(|it| json!(it)));
                step
            })
            .collect();
        let machine = json!({
            "field": machine.field, "initial": machine.initial, "states": machine.states, "transitions": steps,
        });
        put(&mut schema, "x-state-machine", Some(machine));
    }
    put(&mut schema, "x-truespec-line", line(contract, record.line));
    schema
}

fn written(
    contract: &Contract,
    operation: &Operation,
    names: &[String],
    body: Option<Value>,
    errors: &Errors,
) -> Value {
    let mut out = json!({ "operationId": operation.id, "summary": summary(operation) });
    put(&mut out, "description", description(operation).map(Value::String));
    put(&mut out, "tags", operation.record.as_ref().map(|it| json!([it])));
    let mut place = 0;
    let parameters = operation.parameters.iter().map(|it| {
        let name = if it.place == "path" {
            place += 1;
            names.get(place - 1).unwrap_or(&it.name)
        } else {
            &it.name
        };
        parameter(it, name)
    });
    let parameters: Vec<Value> = parameters.collect();
    put(&mut out, "parameters", (!parameters.is_empty()).then_some(Value::Array(parameters)));
    put(&mut out, "requestBody", body);
    let responses: Map<String, Value> =
        operation.responses.iter().map(|it| (it.status.to_string(), response(it, errors))).collect();
    put(&mut out, "responses", Some(Value::Object(responses)));
    put(&mut out, "security", operation.credential.as_ref().map(|it| json!([{ scheme_name(it): [] }])));
    put(&mut out, "x-truespec-line", line(contract, operation.line));
    out
}

/// The document's name for an operation, else what it does.
pub(crate) fn summary(operation: &Operation) -> String {
    let of = operation.does.contains(" of ");
    let verb = || {
        let record = words(operation.record.as_deref()?).join(" ");
        let plural = if operation.verb == "list" { "s" } else { "" };
        (!operation.verb.is_empty() && !of).then(|| upper_first(&format!("{} {record}{plural}", operation.verb)))
    };
    let does = || upper_first(operation.does.split("   ").next().unwrap_or(""));
    operation.name.clone().or_else(verb).unwrap_or_else(does)
}

fn description(operation: &Operation) -> Option<String> {
    let inferred = (!operation.inferred.is_empty()).then(|| format!("Inferred: {}.", operation.inferred.join("; ")));
    let parts: Vec<String> = operation.description.clone().into_iter().chain(inferred).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn parameter(parameter: &Parameter, name: &str) -> Value {
    let mut out = json!({ "name": name, "in": parameter.place });
    put(&mut out, "description", parameter.description.clone().map(Value::String));
    put(&mut out, "required", parameter.required.then_some(Value::Bool(true)));
    put(&mut out, "schema", Some(parameter.schema.clone()));
    out
}

fn response(response: &Response, errors: &Errors) -> Value {
    let mut out = json!({ "description": response.description });
    if !response.headers.is_empty() {
        let headers: Map<String, Value> = response
            .headers
            .iter()
            .map(|(name, says)| ((*name).to_owned(), json!({ "description": says, "schema": { "type": "string" } })))
            .collect();
        put(&mut out, "headers", Some(Value::Object(headers)));
    }
    if let Some(body) = &response.body {
        let schema = if response.status < 400 { body.schema.clone() } else { errors.name(body) };
        let mut media = json!({ "schema": schema });
        put(&mut media, "example", body.example.clone());
        put(&mut out, "content", Some(json!({ body.media: media })));
    }
    out
}

/// The shapes of refusals, each once, with the statuses that have it.
struct Errors {
    shapes: Vec<(String, Value, Vec<u16>)>,
}

impl Errors {
    fn of(contract: &Contract, taken: &mut Vec<String>) -> Errors {
        let mut shapes: Vec<(String, Value, Vec<u16>)> = Vec::new();
        for response in contract.operations.iter().flat_map(|it| &it.responses).filter(|it| it.status >= 400) {
            let Some(body) = &response.body else { continue };
            match shapes.iter_mut().find(|it| it.1 == body.schema) {
                Some(shape) if shape.2.contains(&response.status) => {}
                Some(shape) => shape.2.push(response.status),
                None => shapes.push((String::new(), body.schema.clone(), vec![response.status])),
            }
        }
        let alone = shapes.len() == 1;
        for (name, _, statuses) in &mut shapes {
            let own = match statuses.as_slice() {
                [status] if !alone => format!("Error{status}"),
                _ => "Error".to_owned(),
            };
            *name = distinct(own, taken);
        }
        Errors { shapes }
    }

    fn name(&self, body: &Body) -> Value {
        self.shapes.iter().find(|it| it.1 == body.schema).map_or_else(|| body.schema.clone(), |it| reference(&it.0))
    }
}

/// A path in the form in which two that differ only in names are equal, the path with each name once, and
/// the names.
fn template(path: &str) -> (String, String, Vec<String>) {
    let (mut shape, mut own, mut names) = (String::new(), String::new(), Vec::new());
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            shape.push('/');
            own.push('/');
        }
        match segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) {
            Some(name) => {
                let name = distinct(name.to_owned(), &mut names);
                shape.push_str("{}");
                own.push_str(&format!("{{{name}}}"));
            }
            None => {
                shape.push_str(segment);
                own.push_str(segment);
            }
        }
    }
    (shape, own, names)
}

fn line(contract: &Contract, line: u32) -> Option<Value> {
    (line > 0).then(|| json!(format!("{}:{line}", contract.file)))
}

/// Sets a member that has a value.
fn put(object: &mut Value, name: &str, value: Option<Value>) {
    if let (Some(members), Some(value)) = (object.as_object_mut(), value) {
        members.insert(name.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(method: &str, path: &str, credential: Option<Credential>) -> Operation {
        let parameters = path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
        let parameters = parameters.map(|name| Parameter {
            place: "path",
            name: name.to_owned(),
            required: true,
            schema: json!({}),
            description: None,
        });
        Operation {
            id: String::new(),
            method: method.to_owned(),
            path: path.to_owned(),
            name: None,
            description: None,
            verb: String::new(),
            does: "answers its example".to_owned(),
            inferred: Vec::new(),
            record: None,
            credential,
            parameters: parameters.collect(),
            request: None,
            responses: Vec::new(),
            line: 0,
        }
    }

    #[test]
    fn paths_that_differ_in_names_are_one_and_names_are_distinct() {
        let mut contract = Contract {
            operations: vec![
                operation("GET", "/a/{id}/b/{id}", Some(Credential::Key("X-API-Key".to_owned()))),
                operation("PUT", "/a/{a}/b/{b}", Some(Credential::Token)),
                operation("GET", "/a/{x}/b/{y}", None),
                operation("LINK", "/a", None),
            ],
            ..Contract::default()
        };
        contract.identify();
        let ids: Vec<&str> = contract.operations.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["getAByIdBById", "putAByABByB", "getAByXBByY", "linkA"]);
        let found = openapi(&contract);
        let paths: Vec<&String> = found["paths"].as_object().unwrap().keys().collect();
        assert_eq!(paths, ["/a/{id}/b/{id2}"]);
        let methods = found["paths"]["/a/{id}/b/{id2}"].as_object().unwrap();
        for (method, scheme) in [("get", "keyXApiKey"), ("put", "token")] {
            let names: Vec<&Value> =
                methods[method]["parameters"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
            assert_eq!(names, ["id", "id2"], "{method}");
            assert_eq!(methods[method]["security"], json!([{ scheme: [] }]));
            assert!(found["components"]["securitySchemes"][scheme].is_object());
        }
        assert_eq!(openapi(&contract).to_string(), found.to_string());
    }
}

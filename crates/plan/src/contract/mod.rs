//! The plan as a contract: what is enforced, said in the terms of JSON Schema and HTTP.
//!
//! Everything comes from the compiled plan, so that what is exported is what a request meets; the document
//! is asked only for words and examples.

mod answers;
mod refusals;
mod requests;

use export::{Clause, Contract, Credential, Machine, Operation, Parameter, Record, Transition};
use http::header::AUTHORIZATION;
use model::claim::{Place, Property, Subject};
use model::names::key;
use model::{Shape, Spec};
use serde_json::{Value, json};
use source::Sources;
use syntax::family::Family;

use crate::asks::Asks;
use crate::shape::{Kind, Member, Side, set};
use crate::{Action, Lines, Order, Plan, Route, Table};

/// The contract of a document that was compiled.
pub fn of(spec: &Spec, sources: &Sources, plan: &Plan) -> Contract {
    let lines = Lines { sources };
    let names = names(&plan.tables);
    let records = plan.tables.iter().zip(&names).map(|(table, name)| record(spec, &lines, table, name)).collect();
    let operations = plan.routes.iter().zip(&plan.lines).map(|(route, line)| {
        let endpoint = spec.endpoints.get(route.endpoint);
        Operation {
            id: String::new(),
            method: route.method.clone(),
            path: line.path.clone(),
            name: endpoint.and_then(|it| it.name.clone()),
            description: endpoint.and_then(|it| it.description.clone()),
            verb: verb(plan, route),
            does: line.does.clone(),
            inferred: route.inferred.clone(),
            record: route.table.and_then(|it| names.get(it).cloned()),
            credential: match &route.asks {
                Asks::Nothing => None,
                // A key after `Bearer` is sent as a token is.
                Asks::Key(name) if *name != AUTHORIZATION => Some(Credential::Key(name.to_string())),
                _ => Some(Credential::Token),
            },
            parameters: parameters(spec, plan, route),
            request: requests::body(spec, plan, route),
            responses: responses(spec, plan, route, &names),
            line: route.line,
        }
    });
    let mut contract = Contract {
        title: plan.title.clone(),
        version: said(spec, Property::Version),
        description: purpose(spec),
        file: plan.file.clone(),
        records,
        operations: operations.collect(),
    };
    contract.identify();
    contract
}

fn verb(plan: &Plan, route: &Route) -> String {
    let event = |event: &str| {
        let machine = plan.tables.get(route.table?)?.machine.as_ref()?;
        Some(machine.steps.iter().find(|it| it.event.as_deref() == Some(event))?.name.clone())
    };
    match &route.action {
        Action::Create => "create".to_owned(),
        Action::List => "list".to_owned(),
        Action::Read => "get".to_owned(),
        Action::Replace => "replace".to_owned(),
        Action::Update => "update".to_owned(),
        Action::Delete => "delete".to_owned(),
        Action::Put => "put".to_owned(),
        Action::Transition(Some(own)) => event(own).unwrap_or_default(),
        Action::Transition(None) => "move".to_owned(),
        Action::Example => String::new(),
    }
}

fn said(spec: &Spec, property: Property) -> Option<String> {
    spec.claims().of(&Subject::document(), property).find_map(|it| it.value.as_text()).map(str::to_owned)
}

/// The first paragraph of the purpose, else of the overview.
fn purpose(spec: &Spec) -> Option<String> {
    let document = spec.document();
    let sections = [Family::Purpose, Family::Overview].into_iter().flat_map(|it| document.of_family(it));
    sections.flat_map(|it| document.blocks_of(it.id)).find_map(|block| match &block.kind {
        syntax::page::BlockKind::Paragraph(inline) => {
            let text = inline.as_str().trim().to_owned();
            (!text.is_empty() && !text.starts_with('[')).then_some(text)
        }
        _ => None,
    })
}

/// What a table's records are called: in upper camel case, each name once.
fn names(tables: &[Table]) -> Vec<String> {
    let mut taken: Vec<String> = Vec::new();
    for table in tables {
        let mut name = String::new();
        for word in model::names::words(&table.name) {
            let mut letters = word.chars().filter(char::is_ascii_alphanumeric);
            name.extend(letters.next().map(|it| it.to_ascii_uppercase()));
            name.extend(letters);
        }
        let name = if name.is_empty() { "Record".to_owned() } else { name };
        let mut own = name.clone();
        let mut number = 2;
        while taken.contains(&own) {
            own = format!("{name}{number}");
            number += 1;
        }
        taken.push(own);
    }
    taken
}

fn record(spec: &Spec, lines: &Lines, table: &Table, name: &str) -> Record {
    let view: Vec<usize> = (0..table.fields.len()).filter(|it| table.field(*it).is_some_and(|it| !it.hidden)).collect();
    let entity = table.entity.and_then(|it| spec.entities.get(it));
    let constraints = entity.map_or_else(Vec::new, |it| {
        it.constraints.iter().map(|it| Clause { text: clause(it), line: lines.of(it.text.span) }).collect()
    });
    let mut schema = answers::record(table, &view);
    for field in entity.iter().flat_map(|it| &it.fields) {
        let words = spec.claims().of(&field.subject, Property::Description).find_map(|it| it.value.as_text());
        let own = table.fields.iter().find(|it| it.declared == field.name.value).map(|it| &it.member.name);
        if let (Some(words), Some(name)) = (words.map(str::trim).filter(|it| !it.is_empty() && *it != "-"), own)
            && let Some(member) =
                schema.pointer_mut(&format!("/properties/{}", name.replace('~', "~0").replace('/', "~1")))
        {
            set(member, "description", json!(words));
        }
    }
    Record {
        name: name.to_owned(),
        schema,
        constraints,
        machine: table.machine.as_ref().map(|machine| Machine {
            field: table.field(machine.field).map_or_else(String::new, |it| it.member.name.clone()),
            initial: machine.initial.clone(),
            states: machine.states.iter().map(|it| it.1.clone()).collect(),
            transitions: machine
                .steps
                .iter()
                .map(|it| Transition {
                    from: it.from.clone(),
                    to: it.to.clone(),
                    event: it.name.clone(),
                    guard: it.guard.as_ref().map(|it| it.words.clone()),
                    line: it.line,
                })
                .collect(),
        }),
        line: table.line,
    }
}

/// A constraint's words, its expression between backticks.
fn clause(constraint: &model::Constraint) -> String {
    let text = &constraint.text.value;
    match (&constraint.meaning, text.rsplit_once(": ")) {
        (model::Meaning::Cel(_), _) if text.contains('`') => text.clone(),
        (model::Meaning::Cel(_), Some((code, words))) => format!("`{code}`: {words}"),
        (model::Meaning::Cel(_), None) => format!("`{text}`"),
        _ => text.clone(),
    }
}

fn parameters(spec: &Spec, plan: &Plan, route: &Route) -> Vec<Parameter> {
    let mut found: Vec<Parameter> = route
        .path
        .parameters()
        .enumerate()
        .map(|(index, name)| Parameter {
            place: "path",
            name: name.to_owned(),
            required: true,
            schema: path_parameter(plan, route, index),
            description: None,
        })
        .collect();
    found.extend(query(plan, route));
    // Headers that the document lists are not checked.
    for parameter in spec.endpoints.get(route.endpoint).iter().flat_map(|it| &it.parameters) {
        let one = &parameter.value;
        let reserved = ["accept", "contenttype", "authorization"].contains(&key(&one.name).as_str());
        if one.place == Place::Header && !reserved && !found.iter().any(|it| it.name == one.name) {
            let (place, schema) = ("header", json!({ "type": "string" }));
            found.push(Parameter { place, name: one.name.clone(), required: false, schema, description: None });
        }
    }
    found
}

/// What the query may say.
fn query(plan: &Plan, route: &Route) -> Vec<Parameter> {
    let parameter = |name: &str, schema: Value, description: &str| Parameter {
        place: "query",
        name: name.to_owned(),
        required: false,
        schema,
        description: Some(description.to_owned()),
    };
    let mut found = Vec::new();
    let table = route.table.and_then(|it| plan.tables.get(it));
    if let (Some(page), Some(table)) = (&route.query.page, table) {
        let limit = json!({ "type": "integer", "minimum": 1, "maximum": page.most, "default": page.default });
        found.push(parameter(&page.limit, limit, "How many records at most"));
        let key = if route.query.sort.is_some() {
            json!({})
        } else {
            table.key_field().map_or(json!({}), |it| it.member.kind.schema(Side::Text))
        };
        found.push(parameter(&page.cursor, named(key), "Where the list goes on: what the page before says is next"));
        if let Some(number) = &page.number {
            let schema =
                json!({ "type": "integer", "minimum": page.first, "maximum": i64::MAX, "default": page.first });
            found.push(parameter(number, schema, "The number of the page"));
        }
        if let Some(offset) = &page.offset {
            let schema = json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX, "default": 0 });
            found.push(parameter(offset, schema, "How many records to pass over"));
        }
        if let Some(sort) = &route.query.sort {
            if let Some(name) = &sort.field {
                found.push(parameter(
                    name,
                    json!({ "type": "string", "enum": orders(table, &sort.words) }),
                    "The order",
                ));
            }
            if let Some(name) = &sort.direction {
                found.push(parameter(name, json!({ "type": "string", "enum": ["asc", "desc"] }), "The direction"));
            }
        }
    }
    for one in &route.query.parameters {
        let words = match one.field.and_then(|it| table?.field(it)) {
            Some(field) => format!("Only records with this {}", field.member.name),
            None => "Read, and without effect here".to_owned(),
        };
        let kind = match &one.member.kind {
            // Of these the query holds a text.
            Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Any => Kind::Text(None),
            kind => kind.clone(),
        };
        let mut schema = Member { nullable: false, kind, ..one.member.clone() }.schema(Side::Text);
        if let Some(default) = &one.default {
            set(&mut schema, "default", default.to_json());
        }
        found.push(Parameter { required: one.required, ..parameter(&one.name, schema, &words) });
    }
    found
}

/// The words that name an order.
fn orders(table: &Table, said: &[String]) -> Vec<String> {
    if !said.is_empty() {
        return said.to_vec();
    }
    let fields = table.fields.iter().map(|it| it.member.name.clone()).filter(|it| Order::read(table, it).is_some());
    fields.flat_map(|it| [it.clone(), format!("-{it}")]).collect()
}

fn path_parameter(plan: &Plan, route: &Route, index: usize) -> Value {
    let own = || {
        let (_, field) = route.record.filter(|it| it.0 == index)?;
        plan.tables.get(route.table?)?.field(field)
    };
    let parent = || {
        let parent = route.parents.iter().find(|it| it.parameter == index)?;
        plan.tables.get(parent.table)?.key_field()
    };
    named(own().or_else(parent).map_or(json!({}), |it| it.member.kind.schema(Side::Text)))
}

/// The schema of a text that names a record: not empty.
fn named(schema: Value) -> Value {
    let text = schema.as_object().is_some_and(serde_json::Map::is_empty);
    let mut schema = if text { json!({ "type": "string" }) } else { schema };
    if schema.get("type") == Some(&json!("string"))
        && schema.get("minLength").is_none()
        && schema.get("format").is_none()
    {
        set(&mut schema, "minLength", json!(1));
    }
    schema
}

fn responses(spec: &Spec, plan: &Plan, route: &Route, names: &[String]) -> Vec<export::Response> {
    let mut found = vec![answers::success(spec, plan, route, names)];
    found.extend(refusals::all(spec, plan, route));
    found.sort_by_key(|it| it.status);
    found.dedup_by_key(|it| it.status);
    found
}

/// An example body of the document as JSON.
fn example(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Body(body, true) if !body.elided => crate::json(&body.value.as_ref()?.value),
        _ => None,
    }
}

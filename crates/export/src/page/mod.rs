//! A contract as one page for people: HTML with its style inside, which loads nothing and runs nothing.
//!
//! All words are the document's and are escaped: nothing that a document says becomes markup.

mod shape;

use std::fmt::Write;

use serde_json::Value;

use crate::contract::{Contract, Credential, Operation, Record, Response};
use crate::diagram;
use crate::openapi::{summary, tags};
use crate::page::shape::{Row, kind, notes, rows, sample, target};

/// How our pages look.
pub const STYLE: &str = include_str!("style.css");

/// Writes a contract as a page. `openapi` is where its OpenAPI can be had, if it can.
pub fn page(contract: &Contract, openapi: Option<&str>) -> String {
    let mut out = String::with_capacity(64 * 1024);
    let title = escape(&contract.title);
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><link rel=\"icon\" href=\"data:,\">\
         <title>{title}</title><style>{STYLE}</style></head><body>"
    );
    contents(contract, &mut out);
    let _ = write!(out, "<main><header><h1>{title}</h1>");
    if let Some(description) = &contract.description {
        let _ = write!(out, "<p class=\"lead\">{}</p>", prose(description));
    }
    out.push_str("<p class=\"facts\">");
    if let Some(version) = &contract.version {
        let _ = write!(out, "<span>Version {}</span>", escape(version));
    }
    let _ = write!(out, "<span>from <code>{}</code></span>", escape(&contract.file));
    if let Some(path) = openapi {
        let _ = write!(out, "<span><a href=\"{}\">OpenAPI</a></span>", escape(path));
    }
    out.push_str("</p></header>");
    for name in tags(contract) {
        let Some(record) = contract.record(name) else { continue };
        let _ = write!(out, "<section class=\"group\"><h2 id=\"{0}\">{0}</h2>", escape(name));
        self::record(contract, record, &mut out);
        for operation in of(contract, Some(name)) {
            self::operation(contract, operation, &mut out);
        }
        out.push_str("</section>");
    }
    if of(contract, None).next().is_some() {
        out.push_str("<section class=\"group\"><h2 id=\"other\">Other</h2>");
        for operation in of(contract, None) {
            self::operation(contract, operation, &mut out);
        }
        out.push_str("</section>");
    }
    errors(contract, &mut out);
    out.push_str("</main></body></html>\n");
    out
}

/// Text as HTML shows it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            letter => out.push(letter),
        }
    }
    out
}

/// Text with what stands between backticks as code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let paired = parts.len() % 2 == 1;
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        match (paired, at % 2) {
            (true, 1) => {
                let _ = write!(out, "<code>{}</code>", escape(part));
            }
            (false, _) if at > 0 => {
                let _ = write!(out, "`{}", escape(part));
            }
            _ => out.push_str(&escape(part)),
        }
    }
    out
}

fn of<'a>(contract: &'a Contract, record: Option<&'a str>) -> impl Iterator<Item = &'a Operation> {
    contract.operations.iter().filter(move |it| it.record.as_deref() == record)
}

fn contents(contract: &Contract, out: &mut String) {
    out.push_str("<nav aria-label=\"Contents\">");
    let _ = write!(out, "<p class=\"brand\">{}</p>", escape(&contract.title));
    let mut list = |id: &str, name: &str, operations: &mut dyn Iterator<Item = &Operation>| {
        let _ = write!(out, "<p><a href=\"#{id}\">{name}</a></p><ul>");
        for operation in operations {
            let method = escape(&operation.method);
            let _ = write!(
                out,
                "<li><a href=\"#{}\"><span class=\"method {1}\">{1}</span> {2}</a></li>",
                escape(&operation.id),
                method,
                escape(&summary(operation))
            );
        }
        out.push_str("</ul>");
    };
    for name in tags(contract) {
        let name_of = escape(name);
        list(&name_of, &name_of, &mut of(contract, Some(name)));
    }
    if of(contract, None).next().is_some() {
        list("other", "Other", &mut of(contract, None));
    }
    out.push_str("<p><a href=\"#errors\">Errors</a></p></nav>");
}

fn record(contract: &Contract, record: &Record, out: &mut String) {
    table(&rows(&record.schema), "Field", out);
    if !record.constraints.is_empty() {
        out.push_str("<h3>Constraints</h3><ul class=\"clauses\">");
        for clause in &record.constraints {
            let _ = write!(out, "<li>{}{}</li>", prose(&clause.text), place(contract, clause.line));
        }
        out.push_str("</ul>");
    }
    if let Some(machine) = record.machine.as_ref().filter(|it| !it.transitions.is_empty()) {
        let _ = write!(
            out,
            "<h3>States of <code>{}</code></h3><div class=\"drawing\" tabindex=\"0\">{}</div>",
            escape(&machine.field),
            diagram::svg(machine)
        );
        let guarded: Vec<_> = machine.transitions.iter().filter(|it| it.guard.is_some()).collect();
        if !guarded.is_empty() {
            out.push_str("<ul class=\"clauses\">");
            for step in guarded {
                let _ = write!(
                    out,
                    "<li><b>{}</b> only if <code>{}</code>{}</li>",
                    escape(if step.event.is_empty() { &step.to } else { &step.event }),
                    escape(step.guard.as_deref().unwrap_or("").trim_matches('`')),
                    place(contract, step.line)
                );
            }
            out.push_str("</ul>");
        }
    }
}

fn operation(contract: &Contract, operation: &Operation, out: &mut String) {
    let method = escape(&operation.method);
    let _ = write!(
        out,
        "<article id=\"{}\"><div class=\"words\"><h3><span class=\"method {method}\">{method}</span> <code class=\"path\">{}</code></h3>\
         <p class=\"name\">{}{}</p>",
        escape(&operation.id),
        path(&operation.path),
        escape(&summary(operation)),
        place(contract, operation.line)
    );
    if let Some(description) = &operation.description {
        let _ = write!(out, "<p>{}</p>", prose(description));
    }
    // What the others do, their method and their record say.
    if moves(operation) {
        let _ = write!(out, "<p class=\"does\">{}</p>", escape(&operation.does.replace("   ", ", ")));
    }
    if !operation.inferred.is_empty() {
        let _ = write!(out, "<p class=\"inferred\">Inferred: {}</p>", escape(&operation.inferred.join("; ")));
    }
    match &operation.credential {
        Some(Credential::Token) => out.push_str("<p>Needs a token after <code>Authorization: Bearer</code>.</p>"),
        Some(Credential::Key(header)) => {
            let _ = write!(out, "<p>Needs a key in the header <code>{}</code>.</p>", escape(header));
        }
        None => {}
    }
    for (place, title) in [("path", "Path"), ("query", "Query"), ("header", "Headers")] {
        let own = operation.parameters.iter().filter(|it| it.place == place);
        let rows: Vec<Row> = own
            .map(|it| Row {
                name: it.name.clone(),
                required: it.required,
                kind: kind(&it.schema),
                notes: it.description.iter().cloned().chain(notes(&it.schema)).collect(),
                pattern: it.schema.get("pattern").and_then(Value::as_str).map(str::to_owned),
                depth: 0,
            })
            .collect();
        if rows.len() > 6 {
            let _ = write!(out, "<details><summary>{title}: {} parameters</summary>", rows.len());
            table(&rows, title, out);
            out.push_str("</details>");
        } else {
            table(&rows, title, out);
        }
    }
    if let Some(request) = &operation.request {
        table(&rows(&request.schema), "Body", out);
    }
    let refusals: Vec<&Response> = operation.responses.iter().filter(|it| it.status >= 400).collect();
    out.push_str("<table class=\"statuses\"><thead><tr><th>Status</th><th>When</th></tr></thead><tbody>");
    for response in operation.responses.iter().filter(|it| it.status < 400).chain(refusals) {
        let says = response.body.as_ref().filter(|_| response.status < 400).map(|it| answer(contract, &it.schema));
        let _ = write!(
            out,
            "<tr><td><span class=\"status s{}\">{}</span></td><td>{}{}</td></tr>",
            response.status / 100,
            response.status,
            prose(&response.description),
            says.flatten().map(|it| format!(": {it}")).unwrap_or_default()
        );
    }
    out.push_str("</tbody></table></div><div class=\"examples\">");
    examples(contract, operation, out);
    out.push_str("</div></article>");
}

/// Whether it changes a state.
fn moves(operation: &Operation) -> bool {
    !["create", "list", "get", "replace", "update", "delete", "put", ""].contains(&operation.verb.as_str())
}

/// The record that an answer holds, with a link to it.
fn answer(contract: &Contract, schema: &Value) -> Option<String> {
    let own = |it: &Value| target(contract, it).map(|it| format!("<a href=\"#{0}\">{0}</a>", escape(&it.name)));
    if let Some(one) = own(schema) {
        return Some(one);
    }
    if let Some(items) = schema.get("items") {
        return own(items).map(|it| format!("list of {it}"));
    }
    schema.get("properties")?.as_object()?.values().find_map(|it| answer(contract, it))
}

fn examples(contract: &Contract, operation: &Operation, out: &mut String) {
    let needed: Vec<String> = operation
        .parameters
        .iter()
        .filter(|it| it.place == "query" && it.required)
        .map(|it| format!("{}={}", it.name, sample(contract, &it.schema, 0).to_string().trim_matches('"')))
        .collect();
    let query = if needed.is_empty() { String::new() } else { format!("?{}", needed.join("&")) };
    let _ = write!(
        out,
        "<figure><figcaption>Request</figcaption><pre tabindex=\"0\"><b>{}</b> {}{}",
        escape(&operation.method),
        path(&operation.path),
        escape(&query)
    );
    match &operation.credential {
        Some(Credential::Token) => out.push_str("\nauthorization: Bearer …"),
        Some(Credential::Key(header)) => {
            let _ = write!(out, "\n{}: …", escape(&header.to_lowercase()));
        }
        None => {}
    }
    if let Some(request) = operation.request.as_ref().filter(|it| it.required || it.example.is_some()) {
        out.push_str("\ncontent-type: application/json\n\n");
        let body = request.example.clone().unwrap_or_else(|| sample(contract, &request.schema, 0));
        json(&body, 0, out);
    }
    out.push_str("</pre></figure>");
    for response in operation.responses.iter().filter(|it| it.status < 400) {
        let _ = write!(
            out,
            "<figure><figcaption>Answer <span class=\"status s{}\">{}</span></figcaption>",
            response.status / 100,
            response.status
        );
        match &response.body {
            Some(body) => {
                out.push_str("<pre tabindex=\"0\">");
                let example = body.example.clone().unwrap_or_else(|| sample(contract, &body.schema, 0));
                json(&example, 0, out);
                out.push_str("</pre>");
            }
            None => out.push_str("<p>no body</p>"),
        }
        out.push_str("</figure>");
    }
}

/// The shapes of refusals, each once.
fn errors(contract: &Contract, out: &mut String) {
    let mut shapes: Vec<(&Value, &Value, Vec<u16>)> = Vec::new();
    for response in contract.operations.iter().flat_map(|it| &it.responses).filter(|it| it.status >= 400) {
        let Some(body) = &response.body else { continue };
        match shapes.iter_mut().find(|it| *it.0 == body.schema) {
            Some(shape) => {
                shape.2.push(response.status);
                if shape.1.is_null() {
                    shape.1 = body.example.as_ref().unwrap_or(&Value::Null);
                }
            }
            None => shapes.push((&body.schema, body.example.as_ref().unwrap_or(&Value::Null), vec![response.status])),
        }
    }
    if shapes.is_empty() {
        return;
    }
    out.push_str("<section class=\"group\"><h2 id=\"errors\">Errors</h2>");
    for (schema, example, mut statuses) in shapes {
        statuses.sort_unstable();
        statuses.dedup();
        out.push_str("<article><div class=\"words\"><p class=\"name\">");
        for status in statuses {
            let _ = write!(out, "<span class=\"status s{}\">{status}</span> ", status / 100);
        }
        out.push_str("</p>");
        table(&rows(schema), "Member", out);
        out.push_str("</div><div class=\"examples\"><figure><figcaption>Answer</figcaption><pre tabindex=\"0\">");
        let own = sample(contract, schema, 0);
        json(if example.is_null() { &own } else { example }, 0, out);
        out.push_str("</pre></figure></div></article>");
    }
    out.push_str("</section>");
}

fn table(rows: &[Row], title: &str, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "<table><thead><tr><th>{title}</th><th>Type</th><th>Notes</th></tr></thead><tbody>");
    for row in rows {
        let required = if row.required { "<span class=\"required\" title=\"required\">*</span>" } else { "" };
        let notes: Vec<String> = row.notes.iter().map(|it| escape(it)).collect();
        let pattern = row.pattern.as_ref().map(|it| format!("matches <code>{}</code>", escape(it)));
        let notes: Vec<String> = notes.into_iter().chain(pattern).collect();
        let _ = write!(
            out,
            "<tr><td class=\"d{}\"><code>{}</code>{required}</td><td>{}</td><td>{}</td></tr>",
            row.depth.min(3),
            escape(&row.name),
            escape(&row.kind),
            notes.join(" · ")
        );
    }
    out.push_str("</tbody></table>");
}

fn path(path: &str) -> String {
    let parts = path.split('/').map(|it| match it.starts_with('{') {
        true => format!("<i>{}</i>", escape(it)),
        false => escape(it),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The line of the document that says it.
fn place(contract: &Contract, line: u32) -> String {
    if line == 0 { String::new() } else { format!(" <span class=\"place\">{}:{line}</span>", escape(&contract.file)) }
}

/// JSON with its parts marked.
fn json(value: &Value, indent: usize, out: &mut String) {
    let space = "  ".repeat(indent + 1);
    let end = "  ".repeat(indent);
    match value {
        Value::Object(members) if !members.is_empty() => {
            out.push_str("{\n");
            for (at, (name, it)) in members.iter().enumerate() {
                let _ = write!(
                    out,
                    "{space}<span class=\"k\">{}</span>: ",
                    escape(&Value::from(name.as_str()).to_string())
                );
                json(it, indent + 1, out);
                out.push_str(if at + 1 < members.len() { ",\n" } else { "\n" });
            }
            let _ = write!(out, "{end}}}");
        }
        Value::Array(items) if !items.is_empty() => {
            out.push_str("[\n");
            for (at, it) in items.iter().enumerate() {
                out.push_str(&space);
                json(it, indent + 1, out);
                out.push_str(if at + 1 < items.len() { ",\n" } else { "\n" });
            }
            let _ = write!(out, "{end}]");
        }
        Value::String(_) => {
            let _ = write!(out, "<span class=\"s\">{}</span>", escape(&value.to_string()));
        }
        other => {
            let _ = write!(out, "<span class=\"n\">{}</span>", escape(&other.to_string()));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::contract::{Body, Clause, Machine, Parameter, Request, Transition};

    const EVIL: &str = "</style><script>alert('x')</script>\"><img src=x onerror=alert(1)>&`";

    /// A contract in which every text is an attack.
    fn evil() -> Contract {
        let text = || EVIL.to_owned();
        let schema = json!({
            "type": "object",
            "properties": { EVIL: { "enum": [EVIL], "default": EVIL, "pattern": EVIL } },
            "required": [EVIL],
        });
        let body =
            || Some(Body { media: "application/json", schema: schema.clone(), example: Some(json!({ EVIL: EVIL })) });
        let response = |status| Response { status, description: text(), body: body(), headers: Vec::new() };
        let mut contract = Contract {
            title: text(),
            version: Some(text()),
            description: Some(text()),
            file: text(),
            records: vec![Record {
                name: text(),
                schema: schema.clone(),
                constraints: vec![Clause { text: text(), line: 1 }],
                machine: Some(Machine {
                    field: text(),
                    initial: Some(text()),
                    states: vec![text(), "b".to_owned()],
                    transitions: vec![Transition {
                        from: Some(text()),
                        to: "b".to_owned(),
                        event: text(),
                        guard: Some(text()),
                        line: 1,
                    }],
                }),
                line: 1,
            }],
            operations: vec![Operation {
                id: String::new(),
                method: text(),
                path: format!("/{EVIL}/{{{EVIL}}}"),
                name: Some(text()),
                description: Some(text()),
                verb: text(),
                does: text(),
                inferred: vec![text()],
                record: Some(text()),
                credential: Some(crate::contract::Credential::Key(text())),
                parameters: vec![Parameter {
                    place: "query",
                    name: text(),
                    required: true,
                    schema: json!({ "enum": [EVIL] }),
                    description: Some(text()),
                }],
                request: Some(Request { required: true, schema: schema.clone(), example: None }),
                responses: vec![response(200), response(400)],
                line: 1,
            }],
        };
        contract.identify();
        contract
    }

    #[test]
    fn no_text_becomes_markup() {
        let page = page(&evil(), Some(EVIL));
        assert!(!page.contains("<script"), "{page}");
        assert!(!page.contains("<img"), "{page}");
        assert_eq!(page.matches("</style>").count(), 1);
        for tag in page.split('<').skip(1).filter_map(|it| it.split('>').next()) {
            let outside: String = tag.split('"').step_by(2).collect();
            assert!(tag.matches('"').count() % 2 == 0 && !outside.contains("alert"), "{tag}");
        }
    }

    #[test]
    fn what_is_between_backticks_is_code() {
        assert_eq!(prose("`a < b`: c"), "<code>a &lt; b</code>: c");
        assert_eq!(prose("it`s"), "it`s");
    }
}

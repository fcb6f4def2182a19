//! `check --format sarif` and `verify --format sarif`: SARIF 2.1.0 (OASIS), as code scanning and editors take it.
//!
//! Columns count Unicode scalar values, and paths are relative to where the command runs.

use rules::RULES;
use serde_json::{Value, json};
use source::{Applicability, Diagnostic, Level, Sources, Span};

/// What can be found: a rule, or a probe.
pub(crate) struct Kind<'a> {
    pub(crate) name: &'a str,
    pub(crate) summary: &'a str,
    /// All that there is to say of it, in Markdown.
    pub(crate) page: &'a str,
    pub(crate) level: Level,
}

/// The findings of `check`.
pub(crate) fn findings(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let kinds: Vec<Kind<'_>> =
        RULES.iter().map(|it| Kind { name: it.name, summary: it.summary, page: it.doc, level: it.level }).collect();
    log(diagnostics, sources, &kinds)
}

/// Findings as one SARIF log, with a line break at its end. Of the kinds it has those that were found.
pub(crate) fn log(diagnostics: &[Diagnostic], sources: &Sources, kinds: &[Kind<'_>]) -> String {
    let mut named: Vec<&Kind<'_>> =
        kinds.iter().filter(|it| diagnostics.iter().any(|one| one.rule == it.name)).collect();
    named.sort_by_key(|it| it.name);
    let rules: Vec<Value> = named.iter().map(|it| rule(it)).collect();
    let results: Vec<Value> =
        diagnostics.iter().map(|it| result(it, named.iter().position(|rule| rule.name == it.rule), sources)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "truespec", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn rule(kind: &Kind<'_>) -> Value {
    json!({
        "id": kind.name,
        "shortDescription": { "text": kind.summary },
        "help": { "text": kind.summary, "markdown": kind.page },
        "defaultConfiguration": { "level": level(kind.level) },
    })
}

/// SARIF's word for a level.
fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info => "note",
    }
}

fn result(diagnostic: &Diagnostic, rule: Option<usize>, sources: &Sources) -> Value {
    let mut text = diagnostic.message.clone();
    for note in &diagnostic.notes {
        text.push_str(&format!("\n{note}"));
    }
    if let Some(help) = &diagnostic.help {
        text.push_str(&format!("\nhelp: {help}"));
    }
    let mut location = place(diagnostic.primary.span, sources);
    location["logicalLocations"] = json!([{ "fullyQualifiedName": diagnostic.address }]);
    let mut result = json!({
        "ruleId": diagnostic.rule,
        "level": level(diagnostic.level),
        "message": { "text": text },
        "locations": [location],
        // Stable when lines move; consumers tell a known finding by it.
        "partialFingerprints": { "truespecAddress/v1": format!("{}:{}", diagnostic.rule, diagnostic.address) },
    });
    if let Some(index) = rule {
        result["ruleIndex"] = json!(index);
    }
    let related: Vec<Value> = diagnostic
        .labels
        .iter()
        .enumerate()
        .map(|(id, it)| {
            let mut location = place(it.span, sources);
            location["id"] = json!(id + 1);
            if !it.message.is_empty() {
                location["message"] = json!({ "text": it.message });
            }
            location
        })
        .collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if let Some(fix) = diagnostic.fix.as_ref().filter(|it| it.applicability != Applicability::Display) {
        let change = |it: &source::Edit| {
            json!({
                "artifactLocation": artifact(it.span, sources),
                "replacements": [{ "deletedRegion": region(it.span, sources), "insertedContent": { "text": it.text } }],
            })
        };
        let changes: Vec<Value> = fix.edits.iter().map(change).collect();
        result["fixes"] = json!([{ "description": { "text": fix.title }, "artifactChanges": changes }]);
    }
    result
}

fn place(span: Span, sources: &Sources) -> Value {
    json!({ "physicalLocation": { "artifactLocation": artifact(span, sources), "region": region(span, sources) } })
}

/// A path as a URI, relative where the path is: what a URI keeps for itself is escaped.
fn artifact(span: Span, sources: &Sources) -> Value {
    let path = sources.path(span.file);
    let mut uri = if path.starts_with('/') { "file://".to_owned() } else { String::new() };
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    json!({ "uri": uri })
}

fn region(span: Span, sources: &Sources) -> Value {
    let at = |offset: u32| sources.position(Span { start: offset, end: offset, ..span });
    let (start, end) = (at(span.start), at(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": span.start,
        "byteLength": span.end - span.start,
    })
}

//! Error categories, and tables of error codes outside endpoints.

use rustc_hash::FxHashSet;
use source::Span;
use syntax::Family;
use syntax::columns::{cell, column, is_nothing};
use syntax::document::Section;
use syntax::family::normal;
use syntax::json::Json;

use crate::claim::{Form, Property, Subject, Value};
use crate::names::key;
use crate::read::{Reader, entries, fences_of, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    // What endpoints have read is theirs alone.
    let rows = reader.claims.all.iter().filter(|it| matches!(it.property, Property::ErrorRow | Property::Response));
    let taken: FxHashSet<Span> = rows.map(|it| it.span).collect();
    for section in &doc.sections {
        let handling = doc.is_within(section.id, Family::ErrorHandling);
        let categories = || handling || doc.is_within(section.id, Family::ErrorCategories);
        let named = section.own == Some(Family::ErrorCategory);
        if (named || section.own.is_none()) && categories() && (named || describes(section)) {
            category(reader, section);
        }
        if matches!(
            section.own,
            Some(Family::ErrorHandling | Family::ErrorCategories | Family::Errors | Family::Response)
        ) {
            codes(reader, section, &taken);
        }
        let errors = matches!(section.own, Some(Family::Errors | Family::Response));
        if errors || handling {
            examples(reader, section);
        }
    }
}

/// What a label of an error category says.
fn said(label: &str) -> Option<Property> {
    Some(match normal(label).as_str() {
        "when" | "cause" | "trigger" => Property::When,
        "handling" | "recovery" => Property::Handling,
        "user message" | "message" => Property::UserMessage,
        "logging" | "log" => Property::Logging,
        _ => return None,
    })
}

/// Whether a section has the labels of an error category, whatever its heading.
fn describes(section: &Section) -> bool {
    let labels = entries(&section.blocks).into_iter().filter_map(|it| said(it.label()?.key.as_str()));
    labels.count() >= 2
}

/// Bodies of errors that are shown for the whole document.
fn examples(reader: &mut Reader<'_>, section: &Section) {
    let heading = section.heading.all();
    let headed = section.own != Some(Family::Response) || heading.as_str().to_lowercase().contains("error");
    for fence in fences_of(section) {
        if !matches!(fence.lang.as_str(), "json" | "jsonc" | "json5") || reader.bodies.contains(&fence.open) {
            continue;
        }
        reader.bodies.push(fence.open);
        for body in syntax::json::read(&fence.content).0 {
            let Some(value) = body.value.as_ref().filter(|it| matches!(it.value, Json::Object(_))) else { continue };
            let titled = body.title.as_ref().and_then(|it| status_in(&it.value));
            let status = body.status.as_ref().map(|it| it.value).or(titled).or_else(|| status_in(heading.as_str()));
            let status = status.or_else(|| shown_status(&value.value));
            let told = headed || tells_of_error(&value.value);
            if status.map_or(told && !is_success(&value.value), |it| it >= 400) {
                let span = value.span;
                let subject = Subject::of("error", "example");
                let body = Value::Body(status, Box::new(body));
                reader.say(&subject, Property::Response, body, span, Form::Example);
            }
        }
    }
}

/// Whether a body says that all went well: `"success": true`, or it has `data` and says nothing of an error.
fn is_success(json: &Json) -> bool {
    let properties = json.properties();
    let has = |names: &[&str], holds: &dyn Fn(&Json) -> bool| {
        properties.iter().any(|it| names.contains(&key(&it.key.value).as_str()) && holds(&it.value.value))
    };
    let well = |it: &Json| match it {
        Json::Bool(value) => *value,
        Json::String(text) => matches!(text.to_lowercase().as_str(), "success" | "ok"),
        _ => false,
    };
    has(&["success", "ok", "status"], &well) || has(&["data"], &|it| !matches!(it, Json::Null)) && !tells_of_error(json)
}

/// Whether a body has what only those of errors have.
fn tells_of_error(json: &Json) -> bool {
    json.properties().iter().any(|it| match key(&it.key.value).as_str() {
        "error" | "errors" | "errorcode" | "errormessage" => !matches!(it.value.value, Json::Null),
        "success" | "ok" => matches!(it.value.value, Json::Bool(false)),
        "status" => matches!(&it.value.value, Json::String(text) if matches!(text.as_str(), "error" | "fail")),
        "code" => matches!(it.value.value, Json::String(_)),
        "detail" => true,
        _ => false,
    })
}

/// The status that a body repeats.
fn shown_status(json: &Json) -> Option<u16> {
    json.properties().iter().find_map(|it| match &it.value.value {
        Json::Number(text) => text.parse().ok().filter(|it| (200..600).contains(it)),
        Json::Object(_) => shown_status(&it.value.value),
        _ => None,
    })
}

fn category(reader: &mut Reader<'_>, section: &Section) {
    let name = section.name();
    let subject = Subject::of("error-category", name.as_str());
    reader.say_text(&subject, Property::Declared, name, Form::Heading);
    for entry in entries(reader.doc.blocks_of(section.id)) {
        let Some(label) = entry.label() else { continue };
        let Some(property) = said(label.key.as_str()) else { continue };
        reader.say_text(&subject, property, label.value, entry.form);
    }
}

/// Rows of a table with a status or a code column.
fn codes(reader: &mut Reader<'_>, section: &Section, taken: &FxHashSet<Span>) {
    for (table, _) in tables(reader.doc, section) {
        let status =
            column(table, &["http status", "http", "status code", "status", "http code", "http status code", "code"]);
        let code = column(table, &["error code", "code", "error", "exception", "type"]);
        let reason = column(
            table,
            &["reason", "description", "meaning", "condition", "message", "error message", "cause", "usage", "when"],
        );
        for row in table.rows.iter().filter(|it| !taken.contains(&it.span)) {
            let number = cell(row, status).and_then(|it| status_in(it.as_str()));
            let word = cell(row, code)
                .filter(|it| !is_nothing(it.as_str()))
                .map(|it| it.as_str().trim_matches('`').to_owned());
            let word = word.filter(|it| status_in(it).is_none());
            let reason = cell(row, reason).map_or(String::new(), |it| it.as_str().to_owned());
            if number.is_none() && word.is_none() {
                continue;
            }
            let name = word.clone().or(number.map(|it| it.to_string())).unwrap_or_default();
            let subject = Subject::of("error", &name);
            reader.say(&subject, Property::ErrorRow, Value::Error(number, word, reason), row.span, Form::Table);
        }
    }
}

/// The first HTTP status in a text.
pub(super) fn status_in(text: &str) -> Option<u16> {
    statuses_in(text).into_iter().next().map(|it| it.0)
}

/// All HTTP statuses in a text with where they stand: three digits from 100 to 599 by themselves.
pub(super) fn statuses_in(text: &str) -> Vec<(u16, usize)> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let word = |at: usize| bytes.get(at).is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_');
    let mut at = 0;
    while at < bytes.len() {
        if digit(at) {
            let len = bytes.iter().skip(at).take_while(|it| it.is_ascii_digit()).count();
            let alone = (at == 0 || !word(at - 1)) && !word(at + len);
            let decimal = bytes.get(at + len) == Some(&b'.') && digit(at + len + 1);
            if len == 3
                && alone
                && !decimal
                && let Some(status) = text.get(at..at + 3).and_then(|it| it.parse::<u16>().ok())
                && (100..600).contains(&status)
            {
                found.push((status, at));
            }
            at += len;
        } else {
            at += 1;
        }
    }
    found
}

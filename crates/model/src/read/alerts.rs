//! Alerts: tables, lists, and the rules that Prometheus reads.

use syntax::Family;
use syntax::alert::Trigger;
use syntax::columns::{cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::{Inline, Slice};
use syntax::page::Fence;

use crate::claim::{Form, Property, Subject, Value};
use crate::read::context::quantities;
use crate::read::operations::said;
use crate::read::{Reader, entries, fences_of, first_words, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        if section.own == Some(Family::Alerts) {
            alerts(reader, section);
        }
        for fence in fences_of(section) {
            if matches!(fence.lang.as_str(), "yaml" | "yml") && fence.content.as_str().contains("alert:") {
                rules(reader, fence);
            }
        }
    }
}

/// `- alert: Name` with its `expr:` in a fence of rules; lines that are neither are skipped.
fn rules(reader: &mut Reader<'_>, fence: &Fence) {
    let text = Inline { text: fence.content.clone(), marks: Box::default() };
    let mut current: Option<Subject> = None;
    // The indentation of a key whose value stands on the lines below it.
    let mut block: Option<usize> = None;
    for line in text.all().lines() {
        let bare = line.trim();
        let words = bare.as_str();
        let indent = line.as_str().len() - line.as_str().trim_start().len();
        if let Some(own) = block {
            if indent > own || bare.is_blank() {
                if let Some(subject) = current.as_ref().filter(|_| !bare.is_blank()) {
                    condition_of(reader, subject, bare, Form::Fence);
                }
                continue;
            }
            block = None;
        }
        let from = words.len() - words.trim_start_matches(['-', ' ']).len();
        let Some((key, _)) = bare.from(from).as_str().split_once(':') else { continue };
        let value = bare.from(from + key.len() + 1).trim();
        match key {
            "alert" if !value.is_blank() => {
                let subject = Subject::of("alert", value.as_str());
                reader.say_text(&subject, Property::Declared, value, Form::Fence);
                current = Some(subject);
            }
            "expr" if value.as_str().starts_with(['|', '>']) || value.is_blank() => block = Some(indent),
            "expr" => {
                let value = value.trim_matches(|it| matches!(it, '"' | '\''));
                if let Some(subject) = &current {
                    condition_of(reader, subject, value, Form::Fence);
                }
            }
            _ => {}
        }
    }
}

fn alerts(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    for (table, _) in tables(doc, section) {
        let name = column(table, &["alert", "name", "alert name", "metric"]);
        let condition = column(table, &["condition", "threshold", "trigger", "when", "rule", "expression"]);
        let action = column(table, &["action", "response", "notification", "severity", "priority"]);
        for row in &table.rows {
            let Some(name) = said(cell(row, name.or(Some(0)))) else { continue };
            let subject = Subject::of("alert", name.as_str());
            reader.say_text(&subject, Property::Declared, name, Form::Table);
            if let Some(words) = said(cell(row, condition)) {
                condition_of(reader, &subject, words, Form::Table);
            }
            if let Some(words) = said(cell(row, action)) {
                reader.say_text(&subject, Property::Action, words, Form::Table);
            }
        }
    }
    for entry in entries(doc.blocks_of(section.id)) {
        if entry.form != Form::Item || is_nothing(entry.whole.as_str()) {
            continue;
        }
        let label = entry.label();
        let name = label.map_or_else(|| first_words(entry.whole.as_str()), |it| it.key.as_str().to_owned());
        let subject = Subject::of("alert", &name);
        reader.say_text(&subject, Property::Declared, entry.name().unwrap_or(entry.whole), Form::Item);
        condition_of(reader, &subject, label.map_or(entry.whole, |it| it.value), Form::Item);
    }
}

/// Says a condition and the metrics that its code spans refer to.
fn condition_of(reader: &mut Reader<'_>, subject: &Subject, words: Slice<'_>, form: Form) {
    reader.say_text(subject, Property::Condition, words, form);
    for name in metric_names(words) {
        reader.say_text(subject, Property::Referenced, name, form);
    }
    if !words.as_str().contains(|it: char| it.is_ascii_digit()) {
        return;
    }
    let text = words.to_text();
    let Some(alert) = syntax::alert::read(&text) else {
        quantities(reader, subject, None, words, form);
        return;
    };
    for condition in alert.conditions {
        if let Trigger::Limit(quantity) | Trigger::Change(quantity) | Trigger::Remaining(quantity) = condition.trigger {
            let span = quantity.span;
            reader.say(subject, Property::Quantity, Value::Quantity(Box::new(quantity)), span, form);
        }
    }
}

/// Names in snake case that a condition mentions, in code or in plain words: `order_errors_total`.
fn metric_names(words: Slice<'_>) -> Vec<Slice<'_>> {
    let text = words.as_str();
    let mut found = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.') {
            continue;
        }
        let word = text.get(from..at).unwrap_or("").trim_end_matches(['.', ':']);
        let called = c == '(';
        let string = matches!(c, '"' | '\'');
        if word.contains('_')
            && word.starts_with(|it: char| it.is_ascii_lowercase())
            && !called
            && !string
            && !in_labels(text, from)
        {
            found.push(words.get(from..from + word.len()));
        }
        from = at + c.len_utf8();
    }
    found.retain(|it| !is_promql_word(it.as_str()));
    found
}

/// Whether a place stands inside `{…}` or after `by (` / `on (`, where PromQL has label names.
fn in_labels(text: &str, at: usize) -> bool {
    let before = text.get(..at).unwrap_or("");
    if before.matches('{').count() > before.matches('}').count() {
        return true;
    }
    let open = before.rfind('(').filter(|it| !before.get(*it..).unwrap_or("").contains(')'));
    open.is_some_and(|it| {
        let head = before.get(..it).unwrap_or("").trim_end();
        ["by", "without", "on", "ignoring", "group_left", "group_right"].iter().any(|word| head.ends_with(word))
    })
}

fn is_promql_word(word: &str) -> bool {
    matches!(word, "histogram_quantile" | "group_left" | "group_right" | "count_values")
        || word.ends_with("_over_time")
        || ["label_", "sort_", "predict_", "days_in_", "day_of_"].iter().any(|it| word.starts_with(it))
}

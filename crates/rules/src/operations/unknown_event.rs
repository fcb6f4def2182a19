//! Events that flows and examples name and that the catalogue of events does not have.

use model::Spec;
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};
use syntax::inline::{Inline, Slice};
use syntax::needles::Needles;
use syntax::page::{BlockKind, Fence, Table};

use crate::codes::is_elsewhere;
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-event",
    summary: "an event is named that the catalogue of events does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-event.md"),
    check: Check::Spec(unknown_event),
};

/// Fewer events are no catalogue.
const MIN_LISTED: usize = 3;

/// Words of a heading above a catalogue.
static TITLE: Needles = Needles::new(&["event", "webhook", "topic"]);

fn unknown_event(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    let mut listed: Vec<(&str, Span)> = Vec::new();
    for section in doc.sections.iter().filter(|it| !it.blocks.is_empty()) {
        let titled = || TITLE.are_in(&section.title.whole);
        for block in &section.blocks {
            match &block.kind {
                BlockKind::Table(table) => catalogue(table, &mut listed),
                BlockKind::List(list) if titled() => {
                    let leading: Vec<(&str, Span)> =
                        list.items.iter().filter_map(|it| event(it.text.all().leading_code()?)).collect();
                    if leading.len() >= MIN_LISTED && leading.len() == list.items.len() {
                        listed.extend(leading);
                    }
                }
                _ => {}
            }
        }
    }
    let known: FxHashSet<&str> = listed.iter().map(|it| it.0).collect();
    if known.len() < MIN_LISTED {
        return;
    }
    let mut subjects: FxHashMap<&str, (&str, Span)> = FxHashMap::default();
    for own in &listed {
        subjects.entry(subject(own.0)).or_insert(*own);
    }
    let mut used: Vec<(&str, Span)> = Vec::new();
    for section in doc.sections.iter().filter(|it| !it.blocks.is_empty() && !is_elsewhere(doc, it)) {
        syntax::document::inlines(&section.blocks, &mut |text: &Inline| {
            used.extend(text.all().codes().filter_map(event));
        });
        syntax::document::fences(&section.blocks, &mut |fence, _| in_fence(fence, &mut used));
    }
    let mut told: FxHashSet<&str> = FxHashSet::default();
    for (name, span) in used.into_iter().filter(|it| !known.contains(it.0)) {
        // An event of something that has none in the catalogue is another system's.
        let Some((_, first)) = subjects.get(subject(name)).filter(|_| told.insert(name)) else { continue };
        let near = source::nearest(name, listed.iter().map(|it| it.0));
        drop(
            sink.report(span, format!("`{name}` is not among the events"))
                .label(*first, "the events are listed here")
                .did_you_mean(near),
        );
    }
}

/// The events that a table lists in its first column.
fn catalogue<'a>(table: &'a Table, listed: &mut Vec<(&'a str, Span)>) {
    let named = |it: &String| matches!(it.as_str(), "event" | "event name" | "event type" | "topic" | "webhook");
    if !table.keys.first().is_some_and(named) {
        return;
    }
    let bare = |it: Slice<'a>| it.trim_matches(|it| matches!(it, '`' | '*' | ' '));
    let names: Vec<(&str, Span)> = table.rows.iter().filter_map(|it| event(bare(it.cells.first()?.all()))).collect();
    if names.len() >= MIN_LISTED && names.len() * 4 >= table.rows.len() * 3 {
        listed.extend(names);
    }
}

/// `order.placed`: a name in parts that says what has happened.
fn event(word: Slice<'_>) -> Option<(&str, Span)> {
    is_event(word.as_str()).then(|| (word.as_str(), word.span()))
}

fn is_event(text: &str) -> bool {
    let Some((subject, what)) = text.rsplit_once('.') else { return false };
    let part = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase() || matches!(it, b'_' | b'-'));
    let happened =
        what.ends_with("ed") || ["paid", "sent", "lost", "won", "begun", "shown"].iter().any(|it| what.ends_with(it));
    subject.split('.').all(part) && part(what) && happened
}

/// What an event is of.
fn subject(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |it| it.0)
}

/// The events in the messages of a diagram and in the strings of an example.
fn in_fence<'a>(fence: &'a Fence, used: &mut Vec<(&'a str, Span)>) {
    if !matches!(fence.lang.as_str(), "mermaid" | "json" | "jsonc" | "yaml" | "yml") {
        return;
    }
    let text = fence.content.as_str();
    let word = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
    let mut at = 0;
    for part in text.split_inclusive(|it| !word(it)) {
        let name = part.trim_end_matches(|it| !word(it)).trim_end_matches('.');
        if name.contains('.') && is_event(name) {
            used.push((name, fence.content.span(at..at + name.len())));
        }
        at += part.len();
    }
}

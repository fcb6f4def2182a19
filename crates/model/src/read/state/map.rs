//! Maps from each state to those that follow it, in JSON and in code.

use rustc_hash::FxHashSet;
use syntax::document::Section;
use syntax::maps::{self, Map, Word};
use syntax::needles::Needles;
use syntax::page::Fence;

use super::{machine, say, source};
use crate::claim::{Form, Property, Subject, Transition, Value};
use crate::names::key;
use crate::read::Reader;

/// Maps with fewer states are lists of something else.
const MIN_STATES: usize = 3;

/// Words without which a fence outside of a section about states holds no map of them.
static ABOUT: Needles =
    Needles::new(&["ransition", "RANSITION", "tatus", "TATUS", "tate", "STATE", "low\"", "_start_", "next"]);

/// How a list of next states begins.
static LISTS: Needles = Needles::new(&[": [", ": {", ":[", ": new Set", ": (", ": set(", ": frozenset("]);

/// A key that is no state: where a record begins, or where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Start,
    End,
}

pub(super) fn read(reader: &mut Reader<'_>, section: &Section, fence: &Fence, state: bool) {
    let text = fence.content.as_str();
    if LISTS.places(text).count() < MIN_STATES || !state && !ABOUT.are_in(text) {
        return;
    }
    let found: Vec<Map<'_>> = maps::read(fence).into_iter().filter(|it| is_machine(it, state)).collect();
    for map in found {
        let names = map.entries.iter().map(|it| it.0.text).filter(|it| mark(it).is_none());
        let subject = machine(reader, section, names);
        transitions(reader, &subject, &map, fence);
    }
}

fn transitions(reader: &mut Reader<'_>, subject: &Subject, map: &Map<'_>, fence: &Fence) {
    let id = source(reader, subject, Form::Map, map.name.map_or(fence.open, |it| it.span));
    let marked = map.entries.iter().any(|it| mark(it.0.text) == Some(Mark::End));
    for (name, list) in &map.entries {
        if mark(name.text) == Some(Mark::End) {
            for state in list {
                reader.say(subject, Property::Final, Value::Text(state.text.to_owned()), state.span, Form::Map);
            }
            continue;
        }
        if list.is_empty() && !marked {
            reader.say(subject, Property::Final, Value::Text(name.text.to_owned()), name.span, Form::Map);
        }
        let start = mark(name.text) == Some(Mark::Start);
        for to in list {
            let transition = Transition {
                from: (!start).then(|| name.text.to_owned()),
                to: Some(to.text.to_owned()),
                event: None,
                guard: None,
                action: None,
                from_span: name.span,
                to_span: to.span,
                event_span: None,
            };
            say(reader, id, subject, transition, to.span, Form::Map);
        }
    }
}

fn mark(word: &str) -> Option<Mark> {
    let inner = word.trim_start_matches(['_', '$', '@']).trim_end_matches('_');
    if inner.len() == word.len() {
        return None;
    }
    match inner.to_ascii_lowercase().as_str() {
        "start" | "initial" | "begin" | "entry" => Some(Mark::Start),
        "complete" | "end" | "final" | "terminal" | "done" => Some(Mark::End),
        _ => None,
    }
}

/// Whether a map leads from states to states: nearly all that it leads to has a key of its own.
fn is_machine(map: &Map<'_>, state: bool) -> bool {
    let word = |it: &Word<'_>| key(it.text);
    let states: FxHashSet<String> =
        map.entries.iter().filter(|it| mark(it.0.text).is_none()).map(|it| word(&it.0)).collect();
    let mut known = FxHashSet::default();
    let mut unknown = FxHashSet::default();
    for target in map.entries.iter().flat_map(|it| &it.1) {
        let target = word(target);
        if states.contains(&target) {
            known.insert(target)
        } else {
            unknown.insert(target)
        };
    }
    let named = map.name.is_some_and(|it| {
        let name = it.text.to_ascii_lowercase();
        ["transition", "state", "status", "flow", "next", "machine"].iter().any(|it| name.contains(it))
    });
    let least = if state || named { 1 } else { 3 };
    states.len() >= MIN_STATES && known.len() >= least && unknown.len() * 3 <= known.len().max(2)
}

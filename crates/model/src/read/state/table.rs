//! Tables of transitions, and the cells that name states.

use syntax::columns::{Names, cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::needles::Needles;
use syntax::page::Table;

use super::{machine, say, source};
use crate::claim::{Clause, Form, Transition};
use crate::read::Reader;

const FROM: Names = &[
    "from state",
    "from",
    "current state",
    "source state",
    "source",
    "from status",
    "current status",
    "current",
    "state",
    "status",
    "old status",
    "start state",
];
const TO: Names = &[
    "to state",
    "to",
    "target state",
    "next state",
    "new state",
    "target",
    "destination",
    "to status",
    "new status",
    "next",
    "next status",
    "allowed next state",
    "next allowed state",
    "allowed next",
    "valid next",
    "possible next",
    "can go to",
    "can move to",
    "can become",
    "may become",
    "leads to",
    "valid next state",
    "possible next state",
    "allowed next status",
    "valid next status",
    "allowed transition",
    "valid transition",
    "allowed target",
    "can transition to",
    "transition to",
    "end state",
];
const EVENT: Names = &[
    "event",
    "trigger",
    "operation",
    "transition",
    "trigger action",
    "trigger event",
    "command",
    "trigger action precondition",
    "action",
];
const GUARD: Names =
    &["guard", "guard condition", "condition", "precondition", "guard/condition", "guard condition", "rule"];
const ACTION: Names =
    &["action", "side effect", "effect", "required side effect", "db side effect", "actions", "result"];

pub(super) fn read(reader: &mut Reader<'_>, section: &Section, table: &Table, state: bool) {
    let Some(from) = column(table, FROM) else { return };
    let Some(to) = column(table, TO) else { return };
    let event = column(table, EVENT).filter(|it| *it != from && *it != to);
    let guard = column(table, GUARD).filter(|it| Some(*it) != event);
    let action = column(table, ACTION).filter(|it| Some(*it) != event);
    // `From | To` alone also heads tables of mappings and of dates.
    if from == to || !(state || event.is_some() || guard.is_some()) {
        return;
    }
    let explicit = table.keys.iter().any(|it| it.contains("state") || it.contains("status"));
    // A table of messages between services has no row that begins nowhere.
    let begins = || {
        let mut firsts = table.rows.iter().filter_map(|row| cell(row, Some(from)));
        event.is_some() && firsts.any(|it| is_nothing(it.as_str()) || matches!(it.as_str().trim(), "[*]" | "(none)"))
    };
    if !state && !explicit && !begins() {
        return;
    }
    let cells = table.rows.iter().flat_map(|row| [cell(row, Some(from)), cell(row, Some(to))]).flatten();
    let names: Vec<String> = cells.flat_map(states).filter_map(|it| it.0).filter(|it| it != "*").collect();
    let subject = machine(reader, section, names.iter().map(String::as_str));
    let source = source(reader, &subject, Form::Table, table.header_span);
    for row in &table.rows {
        let (Some(from), Some(to)) = (cell(row, Some(from)), cell(row, Some(to))) else { continue };
        let event = cell(row, event).filter(|it| !is_nothing(it.as_str()));
        let (event, when) = event.map_or((None, None), |it| {
            let (event, when) = conditioned(it.as_code().unwrap_or(it));
            (Some(event), when)
        });
        let guard_cell = cell(row, guard).filter(|it| !is_nothing(it.as_str()));
        let action = cell(row, action).filter(|it| !is_nothing(it.as_str()));
        for (from, from_slice, inline_guard) in states(from) {
            for (to, to_slice, _) in states(to) {
                let stays = to.as_deref().is_some_and(|it| SAME.contains(&it.to_ascii_lowercase().as_str()));
                let plain = |it: Slice<'_>| Clause { words: it.to_text(), code: None };
                let guard = guard_cell
                    .map(|it| Clause { words: it.to_text(), code: it.leading_code().map(|it| it.to_text()) })
                    .or_else(|| inline_guard.or(when).map(plain));
                let transition = Transition {
                    from: from.clone(),
                    to: if stays { from.clone() } else { to },
                    event: event.map(|it| it.as_str().to_owned()),
                    guard,
                    action: action.map(|it| (it.to_text(), it.codes().map(|code| code.to_text()).collect())),
                    from_span: from_slice.span(),
                    to_span: to_slice.span(),
                    event_span: event.map(|it| it.span()),
                };
                say(reader, source, &subject, transition, row.span, Form::Table);
            }
        }
    }
}

/// Words for the state that a record is in already.
const SAME: [&str; 6] = ["same", "same state", "unchanged", "self", "no change", "(same)"];

/// What stands between an event and its condition.
const CONDITIONS: [&str; 3] = [", when ", ", if ", " when "];

static CONDITIONED: Needles = Needles::new(&CONDITIONS);

/// `Claim, when available_at <= now()` taken apart.
fn conditioned(event: Slice<'_>) -> (Slice<'_>, Option<Slice<'_>>) {
    let found = CONDITIONED.at(event.as_str()).and_then(|(word, at)| Some((at, CONDITIONS.get(word)?.len())));
    match found {
        Some((at, len)) if at > 0 => (event.get(0..at).trim(), Some(event.from(at + len).trim())),
        _ => (event, None),
    }
}

/// Words that may be something else than the name of a state.
const SPECIAL: [&str; 15] =
    ["or", "initial", "start", "none", "new", "end", "final", "any", "all", "na", "nil", "null", "tba", "tbd", "todo"];

/// A state in a cell: name (`None`: initial or final), where, and a guard in parentheses.
pub(super) type Cell<'a> = (Option<String>, Slice<'a>, Option<Slice<'a>>);

/// The states of a cell.
pub(super) fn states(cell: Slice<'_>) -> Vec<Cell<'_>> {
    // As most cells are, it is one word.
    let text = cell.as_str();
    let word = !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphanumeric()) && cell.codes().next().is_none();
    if word && !SPECIAL.iter().any(|it| it.eq_ignore_ascii_case(text)) {
        return vec![(Some(text.to_owned()), cell, None)];
    }
    // `N/A` is one word.
    if is_nothing(text) {
        return vec![state_of(cell)];
    }
    let parts = cell.split_outside(&[',', '/', '\n', '|']);
    let parts = if parts.is_empty() { vec![cell] } else { parts };
    parts.into_iter().flat_map(either).map(state_of).collect()
}

/// `Draft or Planned` taken apart.
fn either(part: Slice<'_>) -> Vec<Slice<'_>> {
    let text = part.as_str();
    let first = if text.starts_with("or ") { 3 } else { 0 };
    let part = part.from(first);
    match [" or ", " OR "].iter().find_map(|it| Some((part.as_str().find(it)?, it.len()))) {
        Some((at, len)) if !part.get(0..at).as_str().contains('(') => {
            let mut found = vec![part.get(0..at).trim()];
            found.extend(either(part.from(at + len).trim()));
            found
        }
        _ => vec![part],
    }
}

fn state_of(part: Slice<'_>) -> Cell<'_> {
    let code = part.codes().next();
    let slice = code.unwrap_or(part);
    let text = part.as_str();
    let guard_at = match code {
        Some(code) => Some(code.offset_in(part) + code.as_str().len()),
        None => [" (", " {", ": "].iter().filter_map(|it| text.find(it)).min().filter(|it| *it > 0),
    };
    let around: &[char] = &['(', ')', '{', '}', ':', ' ', '`', '[', ']'];
    let guard = guard_at.map(|it| part.from(it).trim_matches(|c| around.contains(&c))).filter(|it| !it.is_blank());
    let name = match (code, guard_at) {
        (None, Some(at)) => part.get(0..at).trim(),
        _ => slice,
    };
    // `RESUMED(0)`: the number that stands for the state elsewhere.
    let name = match name.as_str().find('(').filter(|at| *at > 0) {
        Some(at) if name.as_str().ends_with(')') => name.get(0..at),
        _ => name,
    };
    let lower = name.as_str().trim_matches(['_', '*', '(', ')']).trim().to_lowercase();
    // `todo` is the state of many a task before it is a word for what is missing.
    let initial = (is_nothing(name.as_str()) && lower != "todo")
        || name.as_str() == "[*]"
        || matches!(
            lower.as_str(),
            "initial"
                | "[initial]"
                | "start"
                | "[none]"
                | "none"
                | "[start]"
                | "new"
                | "(new)"
                | "*none*"
                | "null"
                | "end"
                | "final"
                | "[end]"
        ) && lower != "new";
    let any = name.as_str().trim() == "*"
        || matches!(lower.as_str(), "any" | "any state" | "any status" | "all" | "all states");
    if any || lower.starts_with("any ") && lower.ends_with(" state") {
        return (Some("*".to_owned()), name, guard);
    }
    if initial {
        return (None, name, guard);
    }
    // `(new)`, `[created]`: there is no record yet, or none any more.
    let within = |open, close| name.as_str().starts_with(open) && name.as_str().ends_with(close);
    if within('[', ']') || within('(', ')') && !SAME.contains(&name.as_str().to_ascii_lowercase().as_str()) {
        return (None, name, guard);
    }
    (Some(name.as_str().trim_matches(['*', '`', '"']).to_owned()), name, guard)
}

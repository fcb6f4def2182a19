//! Guards: records for which one holds, and records for which it does not, as near to the border as can be.

use plan::cell::{Cell, Record};
use plan::condition::Condition;
use plan::{Machine, Table, Why};
use serde_json::{Value, json};

use crate::probes::transitions::{Move, fired, lead, moves, push, varied};
use crate::probes::{Group, Probe};
use crate::records::Draft;
use crate::session::Session;

pub(super) static PROBE: Probe = Probe {
    name: "guards",
    group: Group::States,
    summary: "An event with a guard is refused where the guard does not hold, and only there",
    safe: false,
    run,
};

/// So often a number is put somewhere else, and so many other fields are changed with it.
const PLACES: usize = 8;

/// So many records are looked for at both sides of one guard.
const SIDES: usize = 24;

fn run(session: &mut Session) {
    let plan = session.plan;
    for table in &plan.tables {
        let Some(machine) = &table.machine else { continue };
        let all = moves(session, table, machine);
        let Some(creator) = session.creator(table.index) else { continue };
        'steps: for step in &machine.steps {
            let Some(guard) = &step.guard else { continue };
            let states: Vec<String> = match &step.from {
                Some(state) => vec![state.clone()],
                None => machine.states.iter().map(|it| it.1.clone()).collect(),
            };
            let own = |it: &&Move| it.name == step.name || it.name == step.to;
            let Some(one) = all.iter().find(own).cloned() else { continue };
            let label = format!("{} {} × {}", table.name, step.from.as_deref().unwrap_or("any"), step.name);
            let mut tried = 0;
            for state in states.iter().take(2) {
                for other in bodies(table, &one, guard) {
                    if session.over() {
                        return;
                    }
                    by_body(session, table, machine, &all, state, &other, guard, creator, &label);
                }
                // What is not met in all that was drawn will not be met in as much again.
                let mut hopeless = [false, false];
                for number in near(&guard.words).into_iter().map(Some).chain([None, None]) {
                    for holds in [false, true] {
                        if hopeless.get(usize::from(holds)) == Some(&true) {
                            continue;
                        }
                        if session.over() {
                            return;
                        }
                        if tried == SIDES {
                            continue 'steps;
                        }
                        tried += 1;
                        let place = (number, holds);
                        let met = side(session, table, machine, &all, state, &one, guard, creator, place, &label);
                        if let Some(hopeless) = hopeless.get_mut(usize::from(holds)) {
                            *hopeless = number.is_none() && !met;
                        }
                    }
                }
            }
        }
    }
}

/// An event whose request brings what the guard reads, with other values and without.
fn bodies(table: &Table, one: &Move, guard: &Condition) -> Vec<Move> {
    let mut found = Vec::new();
    for at in &guard.reads {
        let Some(field) = table.field(*at).filter(|it| one.body.contains_key(&it.member.name)) else { continue };
        let mut with = |value: Option<Value>| {
            let mut other = one.clone();
            match value {
                Some(value) => other.body.insert(field.member.name.clone(), value),
                None => other.body.shift_remove(&field.member.name),
            };
            found.push(other);
        };
        with(None);
        for number in near(&guard.words) {
            match field.member.kind {
                plan::shape::Kind::Integer | plan::shape::Kind::Number => with(Some(json!(number))),
                plan::shape::Kind::Decimal(_, true) => with(Some(json!(number.to_string()))),
                _ => {}
            }
        }
    }
    found
}

/// Fires an event with a body of its own, where the document is clear about it.
#[expect(clippy::too_many_arguments, reason = "all that one case is made of")]
fn by_body(
    session: &mut Session,
    table: &Table,
    machine: &Machine,
    all: &[Move],
    state: &str,
    one: &Move,
    guard: &Condition,
    creator: usize,
    label: &str,
) {
    let mut draw = |session: &mut Session, _: usize| session.draft(creator, 0).ok();
    let clear = |session: &Session, record: &Record| match fired(session, table, record, one) {
        Ok(_) => true,
        Err(refused) => refused.why == Why::Transition && refused.line == guard.line,
    };
    let Some(known) = lead(session, table, machine, all, state, &mut draw, &clear) else { return };
    push(session, table, machine, known, one, label, guard.line);
}

/// Numbers at and beside those that words name.
pub(super) fn near(words: &str) -> Vec<i64> {
    let mut found = Vec::new();
    for word in words.split(|it: char| !it.is_ascii_digit()) {
        if let Ok(number) = word.parse::<i64>() {
            found.extend([number - 1, number, number.saturating_add(1)]);
        }
    }
    found.dedup();
    found.truncate(9);
    found
}

/// Fires an event on a record for which its guard holds, or does not, with a number where there is one. Whether there
/// was such a record.
#[expect(clippy::too_many_arguments, reason = "all that one case is made of")]
fn side(
    session: &mut Session,
    table: &Table,
    machine: &Machine,
    all: &[Move],
    state: &str,
    one: &Move,
    guard: &Condition,
    creator: usize,
    (number, holds): (Option<i64>, bool),
    label: &str,
) -> bool {
    let mut draw = |session: &mut Session, attempt: usize| -> Option<Draft> {
        let Some(number) = number else { return varied(session, creator, table, true) };
        // There are few places for a number.
        if attempt >= PLACES {
            return None;
        }
        let mut draft = session.draft(creator, 0).ok()?;
        // Where the number may stand depends on what the guard does with it.
        let route = session.route(creator)?;
        let mut choices = Vec::new();
        for at in &guard.reads {
            let field = table.field(*at)?;
            if !session.takes(creator, *at) {
                continue;
            }
            let own = draft.body.get(&field.member.name).cloned();
            let fitting = match (&field.member.kind, own) {
                (plan::shape::Kind::Integer | plan::shape::Kind::Number, _) => Some(json!(number)),
                (plan::shape::Kind::Decimal(_, true), _) => Some(json!(number.to_string())),
                (plan::shape::Kind::Decimal(_, false), _) => Some(json!(number)),
                (plan::shape::Kind::List(_), Some(Value::Array(items))) => {
                    let first = items.first().cloned()?;
                    Some(Value::Array(vec![first; usize::try_from(number).ok().filter(|it| *it < 300)?]))
                }
                (plan::shape::Kind::Text(_), _) => {
                    Some(json!("x".repeat(usize::try_from(number).ok().filter(|it| *it < 3000)?)))
                }
                _ => None,
            };
            choices.extend(fitting.map(|it| (field.member.name.clone(), it)));
        }
        let (name, value) = session.draw.rng.choice(&choices).cloned()?;
        draft.body.insert(name.clone(), value);
        // Other fields may be tied to it.
        for _ in 0..PLACES {
            if let Ok((record, _)) = session.drafted(route, table, &draft.body, &draft.parents) {
                draft.record = record;
                return Some(draft);
            }
            let others: Vec<_> = table
                .fields
                .iter()
                .filter(|it| it.member.name != name && draft.body.contains_key(&it.member.name))
                .collect();
            let other = session.draw.rng.choice(&others).copied()?;
            let own = session.draw.rng.u8(0..3);
            match (own, &other.member.kind) {
                (0, plan::shape::Kind::Integer | plan::shape::Kind::Number) => {
                    draft.body.insert(other.member.name.clone(), json!(0));
                }
                (1, _) if !other.member.required => {
                    draft.body.shift_remove(&other.member.name);
                }
                (2, plan::shape::Kind::Integer | plan::shape::Kind::Number) => {
                    draft.body.insert(other.member.name.clone(), json!(number));
                }
                _ => {}
            }
        }
        None
    };
    let fits = |session: &Session, record: &Record| {
        let outcome = fired(session, table, record, one);
        match outcome {
            Ok(_) => holds,
            Err(refused) => {
                !holds && refused.why == Why::Transition && refused.line == guard.line && has(guard, record)
            }
        }
    };
    let Some(known) = lead(session, table, machine, all, state, &mut draw, &fits) else { return false };
    push(session, table, machine, known, one, label, guard.line);
    true
}

/// Whether what a guard reads is there: what cannot be decided is a matter of opinion.
fn has(guard: &Condition, record: &Record) -> bool {
    !guard.reads.iter().all(|it| record.get(*it).is_none_or(Cell::is_null)) || guard.reads.len() == 1
}

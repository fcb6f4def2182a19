//! Random sequences of requests, each held to what the document says of the one before.

use std::rc::Rc;

use plan::cell::Record;
use plan::{Machine, MakeKey, Table, Why};

use crate::probes::fields::same;
use crate::probes::transitions::{Move, fired, lead, legal, moves, refresh, state_of, varied, way};
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Known, Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "walk",
    group: Group::States,
    summary: "After any sequence of requests the records are what the document makes of them",
    safe: false,
    run,
};

/// Sequences for each table, and requests in each.
const WALKS: usize = 14;
const LENGTH: usize = 24;

/// A step of a sequence. The number chooses among what is there.
#[derive(Debug, Clone, Copy)]
enum Op {
    Create(u64),
    Read(u64),
    Change(u64),
    Fire(u64),
    Delete(u64),
}

fn run(session: &mut Session) {
    let plan = session.plan;
    for table in &plan.tables {
        if session.creator(table.index).is_none() {
            continue;
        }
        let all = table.machine.as_ref().map_or_else(Vec::new, |it| moves(session, table, it));
        if let Some(machine) = &table.machine {
            to_the_ends(session, table, machine, &all);
        }
        for _ in 0..WALKS {
            if session.over() {
                return;
            }
            let mut ops = vec![Op::Create(session.draw.rng.u64(..))];
            for _ in 0..LENGTH {
                let number = session.draw.rng.u64(..);
                ops.push(match session.draw.rng.u8(0..12) {
                    0 | 1 => Op::Create(number),
                    2..=4 => Op::Read(number),
                    5..=7 => Op::Change(number),
                    8..=10 => Op::Fire(number),
                    _ => Op::Delete(number),
                });
            }
            let before = session.failures();
            walk(session, table, &all, &ops);
            if session.failures() > before {
                shrink(session, table, &all, ops);
                // One such sequence is enough for a table.
                break;
            }
        }
    }
}

/// After each transition, on to each state in which nothing can be done any more.
fn to_the_ends(session: &mut Session, table: &Table, machine: &Machine, all: &[Move]) {
    let creator = session.creator(table.index).unwrap_or(0);
    let leads = |state: &str| machine.steps.iter().any(|it| it.from.as_deref().is_none_or(|it| it == state));
    let ends: Vec<&str> = machine.states.iter().map(|it| it.1.as_str()).filter(|it| !leads(it)).collect();
    for (_, state) in &machine.states {
        for one in all {
            let Some(step) = legal(machine, state, one) else { continue };
            for end in ends.iter().filter(|it| **it != step.to && leads_to(machine, &step.to, it)) {
                if session.over() {
                    return;
                }
                let mut draw = |session: &mut Session, attempt: usize| varied(session, creator, table, attempt > 3);
                let fits = |session: &Session, record: &Record| {
                    let after = fired(session, table, record, one);
                    after.is_ok_and(|it| way(session, table, machine, all, &it, end).is_some_and(|it| !it.0.is_empty()))
                };
                let Some(mut known) = lead(session, table, machine, all, state, &mut draw, &fits) else { continue };
                let before = session.failures();
                fire(session, table, &mut known, one);
                let path = way(session, table, machine, all, &known.record, end).map(|it| it.0).unwrap_or_default();
                for next in path.into_iter().filter_map(|it| all.get(it)) {
                    if session.failures() > before {
                        break;
                    }
                    fire(session, table, &mut known, next);
                }
            }
        }
    }
}

/// Whether transitions lead from one state to another.
fn leads_to(machine: &Machine, from: &str, to: &str) -> bool {
    let mut reached = vec![from];
    let mut at = 0;
    while let Some(state) = reached.get(at).copied() {
        if state == to {
            return true;
        }
        for step in machine.steps.iter().filter(|it| it.from.as_deref().is_none_or(|it| it == state)) {
            if !reached.contains(&step.to.as_str()) {
                reached.push(&step.to);
            }
        }
        at += 1;
    }
    false
}

/// Leaves out what is not needed to fail.
fn shrink(session: &mut Session, table: &Table, all: &[Move], mut ops: Vec<Op>) {
    let mut at = ops.len();
    while at > 1 && !session.over() {
        at -= 1;
        let mut fewer = ops.clone();
        fewer.remove(at);
        let before = session.failures();
        walk(session, table, all, &fewer);
        if session.failures() > before {
            ops = fewer;
        }
    }
}

fn walk(session: &mut Session, table: &Table, all: &[Move], ops: &[Op]) {
    let mut records: Vec<Option<Known>> = Vec::new();
    let mut trace = Vec::new();
    let failures = session.failures();
    for op in ops {
        if session.over() || session.failures() > failures {
            return;
        }
        let rng = std::mem::replace(&mut session.draw.rng, fastrand::Rng::with_seed(number(*op)));
        session.trace.clone_from(&trace);
        one(session, table, all, *op, &mut records);
        trace.clone_from(&session.trace);
        session.draw.rng = rng;
    }
}

fn number(op: Op) -> u64 {
    match op {
        Op::Create(it) | Op::Read(it) | Op::Change(it) | Op::Fire(it) | Op::Delete(it) => it,
    }
}

fn one(session: &mut Session, table: &Table, all: &[Move], op: Op, records: &mut Vec<Option<Known>>) {
    if let Op::Create(_) = op {
        let mut before = session.trace.clone();
        session.begin();
        let made = session.create(table.index, 0);
        if let Some(known) = made {
            // Of what there is only one, the new one is the old one.
            if table.make_key == MakeKey::Single {
                records.clear();
            }
            before.extend(known.steps.iter().cloned());
            records.extend(Rc::into_inner(known).map(Some));
        }
        session.trace = before;
        return;
    }
    if records.is_empty() {
        return;
    }
    let at = number(op) as usize % records.len();
    let Some(slot) = records.get_mut(at) else { return };
    let Some(known) = slot.as_mut() else { return };
    match op {
        Op::Read(_) => read(session, table, known),
        Op::Change(seed) => change_one(session, table, known, seed),
        Op::Fire(seed) => {
            // Most events are ones that the state allows, so that a walk comes far.
            let state = table.machine.as_ref().map(|it| state_of(it, &known.record)).unwrap_or_default();
            let may = |it: &&Move| {
                table.machine.as_ref().is_some_and(|machine| legal(machine, &state, it).is_some())
                    && fired(session, table, &known.record, it).is_ok()
            };
            let allowed: Vec<&Move> = if seed % 4 == 0 { Vec::new() } else { all.iter().filter(may).collect() };
            let choices = if allowed.is_empty() { all.iter().collect() } else { allowed };
            if let Some(one) = choices.get((seed >> 8) as usize % choices.len().max(1)) {
                fire(session, table, known, one);
            }
        }
        Op::Delete(_) => {
            let Some((index, route)) = session.deleter(table.index) else { return };
            let request = session.about(route, known);
            let Some(answer) = session.send(Some(index), request) else { return };
            // Others may name it.
            if (200..300).contains(&answer.status) {
                *slot = None;
            }
        }
        Op::Create(_) => {}
    }
    // Without an answer it is not known what became of the record.
    if session.trace.last().is_some_and(|it| it.answer.is_err())
        && let Some(slot) = records.get_mut(at)
    {
        *slot = None;
    }
}

fn read(session: &mut Session, table: &Table, known: &Known) {
    let Some((index, answer)) = session.reread(known) else { return };
    let Some(route) = session.route(index) else { return };
    let before = session.failures();
    let what = format!("reading a {} that is there", table.name);
    if let Some(record) = session.expect(index, &answer, &what).and_then(|it| it.record) {
        for (field, cell) in table.fields.iter().zip(&known.record) {
            let Some(read) = record.get(&field.member.name).filter(|_| !field.hidden && !field.touched) else {
                continue;
            };
            let own = cell.to_json();
            if known.json.contains_key(&field.member.name) && !same(&field.member, &own, read) {
                let line = if field.member.line > 0 { field.member.line } else { route.line };
                let message = format!("`{}` is not what it was made", field.member.name);
                session.fail(Some(index), line, &message, own.to_string(), read.to_string());
            }
        }
    }
    let good = session.failures() == before;
    session.tested(Area::Endpoint, &name(route), route.line, good);
}

fn change_one(session: &mut Session, table: &Table, known: &mut Known, seed: u64) {
    let routes = session.changers(table.index);
    let Some(index) = routes.get((seed >> 16) as usize % routes.len().max(1)).copied() else { return };
    let Some(route) = session.route(index) else { return };
    let mut body = session.base(route, table, known);
    let fields: Vec<_> = table
        .fields
        .iter()
        .enumerate()
        .filter(|(at, it)| {
            !it.server_set
                && !it.immutable
                && *at != table.key
                && !session.is_unique(table, *at, &[])
                && !table.references.iter().any(|reference| reference.field == *at)
                && table.machine.as_ref().is_none_or(|it| it.field != *at)
                && known.json.contains_key(&it.member.name)
        })
        .collect();
    let fields: Vec<_> = fields.into_iter().filter(|it| session.takes(index, it.0)).map(|it| it.1).collect();
    let Some(field) = session.draw.rng.choice(&fields).copied() else { return };
    body.insert(field.member.name.clone(), session.value(&field.member, known.json.get(&field.member.name)));
    let outcome = session.changed(route, table, &known.record, &body);
    let request = session.alter(route, known, body);
    let Ok((wanted, mentions)) = outcome else { return };
    if !mentions.is_empty() {
        return;
    }
    let Some(answer) = session.send(Some(index), request) else { return };
    let before = session.failures();
    if session.expect(index, &answer, "a change that the document allows").is_some() {
        compare(session, index, table, known, &answer, &wanted, "the change");
        learn(session, table, known, index, &answer, &wanted);
    }
    let good = session.failures() == before;
    session.tested(Area::Endpoint, &name(route), route.line, good);
}

/// Compares what an answer shows of a record with what the document makes of it.
fn compare(
    session: &mut Session,
    index: usize,
    table: &Table,
    known: &Known,
    answer: &crate::client::Answer,
    wanted: &Record,
    what: &str,
) {
    let Some(route) = session.route(index) else { return };
    let Some(shown) = session.read(index, answer).and_then(|it| it.record) else { return };
    for (field, cell) in table.fields.iter().zip(wanted) {
        let timed = matches!(
            field.member.kind,
            plan::shape::Kind::DateTime | plan::shape::Kind::Date | plan::shape::Kind::Time
        );
        let told = !field.touched
            && !field.hidden
            && !matches!(field.fill, plan::Fill::Now | plan::Fill::Id | plan::Fill::Example(_));
        let Some(read) = shown.get(&field.member.name).filter(|_| told && !(timed && field.server_set)) else {
            continue;
        };
        let own = cell.to_json();
        // What the service sets by itself it may set now.
        if known.json.contains_key(&field.member.name)
            && !same(&field.member, &own, read)
            && !(timed && own.is_string())
        {
            let line = if field.member.line > 0 { field.member.line } else { route.line };
            let message = format!("`{}` is not what {what} makes it", field.member.name);
            session.fail(Some(index), line, &message, own.to_string(), read.to_string());
        }
    }
}

fn learn(
    session: &mut Session,
    table: &Table,
    known: &mut Known,
    index: usize,
    answer: &crate::client::Answer,
    wanted: &Record,
) {
    let trace = session.trace.clone();
    refresh(session, table, known, index, answer, wanted);
    session.trace = trace;
}

fn fire(session: &mut Session, table: &Table, known: &mut Known, one: &Move) {
    let Some(machine) = &table.machine else { return };
    let Some(route) = session.route(one.route) else { return };
    let state = state_of(machine, &known.record);
    let outcome = fired(session, table, &known.record, one);
    let request = one.request(session, route, known);
    let what = format!("`{}` of a {} that is {state}", one.name, table.name);
    let before = session.failures();
    match outcome {
        Ok(wanted) => {
            let Some(answer) = session.send(Some(one.route), request) else { return };
            let line = legal(machine, &state, one).map_or(route.line, |it| it.line);
            if session.expect_at(one.route, &answer, &what, line).is_some() {
                compare(session, one.route, table, known, &answer, &wanted, &format!("`{}`", one.name));
                learn(session, table, known, one.route, &answer, &wanted);
            }
        }
        Err(refused) if refused.why == Why::Transition => {
            let Some(answer) = session.send(Some(one.route), request) else { return };
            session.refused(one.route, Why::Transition, &answer, refused.line, &what);
        }
        Err(_) => return,
    }
    let good = session.failures() == before;
    session.tested(Area::Endpoint, &name(route), route.line, good);
}

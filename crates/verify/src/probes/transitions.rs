//! State machines: each state with each event, those that are allowed and those that are not.

use std::collections::VecDeque;
use std::rc::Rc;

use plan::cell::{Cell, Record};
use plan::change;
use plan::refused::Refused;
use plan::shape::Kind;
use plan::{Action, Machine, Route, Step, Table, Why};
use serde_json::{Map, Value};

use crate::client::{Answer, Request};
use crate::probes::{Group, Probe};
use crate::records::{Draft, Made, now};
use crate::report::Area;
use crate::session::{Known, Session, told};

pub(super) static PROBE: Probe = Probe {
    name: "transitions",
    group: Group::States,
    summary: "From each state each event that is allowed leads where the document says, and each other is refused and changes nothing",
    safe: false,
    run,
};

/// So many bodies are drawn for one that is to be led to a state.
const ATTEMPTS: usize = 30;

/// A request that fires an event.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub(super) route: usize,
    pub(super) body: Map<String, Value>,
    /// The event, or the state that is asked for.
    pub(super) name: String,
}

impl Move {
    /// The request that fires it on a record.
    pub(super) fn request(&self, session: &Session, route: &Route, known: &Known) -> Request {
        if self.body.is_empty() { session.about(route, known) } else { session.alter(route, known, self.body.clone()) }
    }
}

fn run(session: &mut Session) {
    let plan = session.plan;
    for table in &plan.tables {
        let Some(machine) = &table.machine else { continue };
        let moves = moves(session, table, machine);
        if session.creator(table.index).is_none() {
            continue;
        }
        created(session, table, machine);
        for (_, state) in &machine.states {
            for one in &moves {
                if session.over() {
                    return;
                }
                fire(session, table, machine, &moves, state, one);
            }
            by_change(session, table, machine, &moves, state);
        }
    }
}

/// A record that a request would make in another state than the first.
fn created(session: &mut Session, table: &Table, machine: &Machine) {
    let Some((index, route)) = session.creator(table.index).and_then(|it| Some((it, session.route(it)?))) else {
        return;
    };
    let (Some(field), Some(initial)) = (table.field(machine.field), &machine.initial) else { return };
    for (_, state) in machine.states.iter().filter(|it| it.1 != *initial) {
        let Ok(mut draft) = session.draft(index, 0) else { return };
        draft.body.insert(field.member.name.clone(), Value::String(state.clone()));
        session.trace.clone_from(&draft.steps);
        let request = session.submit(route, &draft);
        let Some(answer) = session.send(Some(index), request) else { return };
        let mut good = true;
        if answer.status < 300
            && let Some(success) = session.read(index, &answer)
        {
            // It may well be taken no notice of.
            let at = success.record.as_ref().and_then(|it| it.get(&field.member.name)).and_then(Value::as_str);
            good = at != Some(state);
            super::fields::keep(session, route, table, &success, &answer, &draft.above);
        }
        if !good {
            let message = format!("a {} is created as {state}", table.name);
            let said = super::defaults::default_line(session, table, field);
            let line = said.unwrap_or(if machine.line > 0 { machine.line } else { route.line });
            session.fail(
                Some(index),
                line,
                &message,
                format!("it begins as {initial}"),
                format!("`{}` is {state}", field.member.name),
            );
        }
        session.tested(Area::Transition, &format!("{} begins as {initial}", table.name), machine.line, good);
    }
}

/// The requests that fire the events of a machine.
pub(super) fn moves(session: &mut Session, table: &Table, machine: &Machine) -> Vec<Move> {
    let mut found = Vec::new();
    for (index, route) in session.serving(table.index) {
        match &route.action {
            Action::Transition(Some(event)) => {
                let name = machine.steps.iter().find(|it| it.event.as_ref() == Some(event));
                let name = name.map_or_else(|| event.clone(), |it| it.name.clone());
                found.push(Move { route: index, body: session.event_body(index), name });
            }
            Action::Transition(None) => {
                let field = table.field(machine.field).map_or("status", |it| it.member.name.as_str());
                let names = change::target_names(field);
                let drawn = route.drawn.iter().flat_map(|it| &it.names).find(|it| names.contains(&it.0.as_str()));
                let name = drawn.map_or(field, |it| it.0.as_str()).to_owned();
                let event = matches!(name.as_str(), "event" | "action" | "transition");
                let words: Vec<String> = if event {
                    machine.steps.iter().map(|it| it.name.clone()).filter(|it| !it.is_empty()).collect()
                } else {
                    machine.states.iter().map(|it| it.1.clone()).collect()
                };
                for word in words {
                    if found.iter().any(|it: &Move| it.route == index && it.name == word) {
                        continue;
                    }
                    let mut body = session.event_body(index);
                    body.insert(name.clone(), Value::String(word.clone()));
                    found.push(Move { route: index, body, name: word });
                }
            }
            _ => {}
        }
    }
    found
}

/// What the document would make of an event.
pub(super) fn fired(session: &Session, table: &Table, record: &Record, one: &Move) -> Result<Record, Refused> {
    let Some(route) = session.route(one.route) else { return Err(Refused::internal("")) };
    change::fired(session.plan, now(), route, table, record, one.body.clone()).map(|it| it.0)
}

pub(super) fn state_of(machine: &Machine, record: &[Cell]) -> String {
    record.get(machine.field).map(Cell::plain).unwrap_or_default()
}

/// Events that lead a record to a state, the fewest, and what becomes of it.
pub(super) fn way(
    session: &Session,
    table: &Table,
    machine: &Machine,
    moves: &[Move],
    begin: &Record,
    state: &str,
) -> Option<(Vec<usize>, Record)> {
    let mut queue: VecDeque<(Record, Vec<usize>)> = VecDeque::from([(begin.clone(), Vec::new())]);
    let mut seen: Vec<String> = vec![state_of(machine, begin)];
    while let Some((record, path)) = queue.pop_front() {
        if state_of(machine, &record) == state {
            return Some((path, record));
        }
        let from = state_of(machine, &record);
        for (index, one) in moves.iter().enumerate().filter(|it| legal(machine, &from, it.1).is_some()) {
            let Ok(next) = fired(session, table, &record, one) else { continue };
            let at = state_of(machine, &next);
            if !seen.contains(&at) {
                seen.push(at);
                let path = path.iter().copied().chain([index]).collect();
                queue.push_back((next, path));
            }
        }
    }
    None
}

/// A record that is led to a state. Bodies are drawn, each with the record that the document makes of it, until
/// `fits` holds of what becomes of one.
pub(super) fn lead(
    session: &mut Session,
    table: &Table,
    machine: &Machine,
    moves: &[Move],
    state: &str,
    draw: &mut dyn FnMut(&mut Session, usize) -> Option<Draft>,
    fits: &dyn Fn(&Session, &Record) -> bool,
) -> Option<Known> {
    let creator = session.creator(table.index)?;
    let mut found = None;
    // The way of one record is most often that of another.
    let mut known: Option<Vec<usize>> = None;
    for attempt in 0..ATTEMPTS {
        let Some(draft) = draw(session, attempt) else { continue };
        let record = &draft.record;
        let go = |path: &Vec<usize>| {
            let mut each = path.iter().filter_map(|it| moves.get(*it));
            let end = each.try_fold(record.clone(), |record, one| fired(session, table, &record, one).ok())?;
            (state_of(machine, &end) == state).then(|| (path.clone(), end))
        };
        let led = known.as_ref().and_then(go);
        let Some((path, end)) = led.or_else(|| way(session, table, machine, moves, record, state)) else { continue };
        known = Some(path.clone());
        if fits(session, &end) {
            found = Some((draft, path));
            break;
        }
    }
    let (draft, path) = found?;
    session.begin();
    let Made::Known(made) = session.make(creator, &draft, true) else { return None };
    session.trace.clone_from(&made.steps);
    let mut known = Rc::into_inner(made)?;
    for one in path.into_iter().filter_map(|it| moves.get(it)) {
        let route = session.route(one.route)?;
        let request = one.request(session, route, &known);
        let wanted = fired(session, table, &known.record, one).ok()?;
        let answer = session.send(Some(one.route), request)?;
        if !(200..300).contains(&answer.status) {
            return None;
        }
        refresh(session, table, &mut known, one.route, &answer, &wanted);
        if state_of(machine, &known.record) != state_of(machine, &wanted) {
            return None;
        }
    }
    known.steps.clone_from(&session.trace);
    Some(known)
}

/// Learns from an answer what a record is now.
pub(super) fn refresh(
    session: &mut Session,
    table: &Table,
    known: &mut Known,
    route: usize,
    answer: &Answer,
    wanted: &Record,
) {
    let shown = session.read(route, answer).and_then(|it| it.record);
    let shown = shown.or_else(|| {
        let (index, answer) = session.reread(known)?;
        session.read(index, &answer)?.record
    });
    match shown {
        Some(json) => {
            let mut record = session.cells(table, &json, None);
            // What it hides, and what it does not show, is as the document would have it.
            for ((field, cell), own) in table.fields.iter().zip(record.iter_mut()).zip(wanted) {
                if !json.contains_key(&field.member.name) {
                    cell.clone_from(own);
                }
            }
            known.record = record;
            known.json = json;
        }
        None => known.record.clone_from(wanted),
    }
}

/// The transition that an event is in a state.
pub(super) fn legal<'a>(machine: &'a Machine, state: &str, one: &Move) -> Option<&'a Step> {
    let named = |it: &&Step| {
        it.from.as_deref().is_none_or(|it| it == state)
            && (it.name == one.name || it.to == one.name || it.event.as_deref() == Some(&model::names::key(&one.name)))
    };
    machine.steps.iter().find(named)
}

fn fire(session: &mut Session, table: &Table, machine: &Machine, moves: &[Move], state: &str, one: &Move) {
    let step = legal(machine, state, one);
    let label = match step {
        Some(step) => format!("{} {} × {}", table.name, step.from.as_deref().unwrap_or("any"), step.name),
        None => format!("{} {state} × {} (not allowed)", table.name, one.name),
    };
    let line = step.map_or(machine.line, |it| it.line);
    let creator = session.creator(table.index).unwrap_or(0);
    let guarded = step.is_some_and(|it| it.guard.is_some());
    let mut draw = |session: &mut Session, attempt: usize| varied(session, creator, table, attempt > 3);
    let fits = |session: &Session, record: &Record| !guarded || fired(session, table, record, one).is_ok();
    let Some(known) = lead(session, table, machine, moves, state, &mut draw, &fits) else {
        session.untested(Area::Transition, &label, line, &format!("no {} could be led to {state}", table.name));
        return;
    };
    push(session, table, machine, known, one, &label, line);
}

/// A draft, its fields with other values if so wanted.
pub(super) fn varied(session: &mut Session, creator: usize, table: &Table, other: bool) -> Option<Draft> {
    let mut draft = session.draft(creator, 0).ok()?;
    if other {
        vary(session, creator, table, &mut draft);
    }
    Some(draft)
}

/// Gives optional and other fields of a draft other values.
fn vary(session: &mut Session, creator: usize, table: &Table, draft: &mut Draft) {
    let Some(route) = session.route(creator) else { return };
    for (at, field) in table.fields.iter().enumerate() {
        let free = !field.server_set
            && at != table.key
            && !table.references.iter().any(|it| it.field == at)
            && table.machine.as_ref().is_none_or(|it| it.field != at)
            && !draft.parents.iter().any(|it| it.0 == at);
        if !free || session.draw.rng.bool() || !session.takes(creator, at) {
            continue;
        }
        let like = draft.body.get(&field.member.name).cloned();
        let mut body = draft.body.clone();
        body.insert(field.member.name.clone(), session.value(&field.member, like.as_ref()));
        if let Ok((record, _)) = session.drafted(route, table, &body, &draft.parents) {
            (draft.body, draft.record) = (body, record);
        }
    }
}

/// Fires an event on a record, and compares what becomes of it.
pub(super) fn push(
    session: &mut Session,
    table: &Table,
    machine: &Machine,
    mut known: Known,
    one: &Move,
    label: &str,
    line: u32,
) -> bool {
    let Some(route) = session.route(one.route) else { return true };
    let state = state_of(machine, &known.record);
    let outcome = fired(session, table, &known.record, one);
    let request = one.request(session, route, &known);
    let field = table.field(machine.field).map_or("status", |it| it.member.name.as_str());
    let before = session.failures();
    match outcome {
        Ok(wanted) => {
            let Some(answer) = session.send(Some(one.route), request) else { return true };
            let to = state_of(machine, &wanted);
            let what = format!("`{}` of a {} that is {state}", one.name, table.name);
            if session.expect_at(one.route, &answer, &what, line).is_some() {
                refresh(session, table, &mut known, one.route, &answer, &wanted);
                let at = state_of(machine, &known.record);
                if at != to {
                    let message = format!("`{}` of a {} that is {state} leads to another state", one.name, table.name);
                    session.fail(
                        Some(one.route),
                        line,
                        &message,
                        format!("`{field}` is {to}"),
                        format!("`{field}` is {at}"),
                    );
                } else {
                    stays(session, table, machine, &known, one, &to, line);
                    assigned(session, table, machine, &known, &wanted, one, &state, line);
                }
            }
        }
        Err(refused) if refused.why == Why::Transition => {
            let Some(answer) = session.send(Some(one.route), request) else { return true };
            let line = if refused.line > 0 { refused.line } else { line };
            let what = format!("`{}` of a {} that is {state}", one.name, table.name);
            if session.refused(one.route, Why::Transition, &answer, line, &what) {
                stays(session, table, machine, &known, one, &state, line);
            }
        }
        Err(_) => return true,
    }
    let good = session.failures() == before;
    session.tested(Area::Transition, label, line, good);
    good
}

/// Whether a record that is read again is in a state.
fn stays(session: &mut Session, table: &Table, machine: &Machine, known: &Known, one: &Move, state: &str, line: u32) {
    let field = table.field(machine.field).map_or("status", |it| it.member.name.as_str());
    let Some((index, answer)) = session.reread(known) else { return };
    let Some(record) = session.read(index, &answer).and_then(|it| it.record) else {
        if answer.status >= 400 {
            session.fail(
                Some(index),
                line,
                &format!("a {} cannot be read after `{}`", table.name, one.name),
                "the record".to_owned(),
                told(&answer),
            );
        }
        return;
    };
    if let Some(at) = record.get(field).and_then(Value::as_str)
        && at != state
    {
        let message = format!("a {} that is read after `{}` is in another state", table.name, one.name);
        session.fail(Some(one.route), line, &message, format!("`{field}` is {state}"), format!("`{field}` is {at}"));
    }
}

/// Holds what a transition sets to what the document says.
#[expect(clippy::too_many_arguments, reason = "all that one case is made of")]
fn assigned(
    session: &mut Session,
    table: &Table,
    machine: &Machine,
    known: &Known,
    wanted: &Record,
    one: &Move,
    state: &str,
    line: u32,
) {
    let Some(step) = legal(machine, state, one) else { return };
    for (at, _) in &step.assignments {
        let (Some(field), Some(cell)) = (table.field(*at), wanted.get(*at)) else { continue };
        let Some(value) = known.json.get(&field.member.name) else { continue };
        let timed = matches!(field.member.kind, Kind::DateTime | Kind::Date | Kind::Time);
        let right = if timed {
            value.is_null() == cell.is_null()
        } else {
            super::fields::same(&field.member, &cell.to_json(), value)
        };
        if !right {
            let message = format!("`{}` does not set `{}`", one.name, field.member.name);
            let expected = if timed { "the time of the event".to_owned() } else { cell.to_json().to_string() };
            session.fail(Some(one.route), line, &message, expected, value.to_string());
        }
    }
}

/// A change of the field itself must not do what no event does.
fn by_change(session: &mut Session, table: &Table, machine: &Machine, moves: &[Move], state: &str) {
    let Some(field) = table.field(machine.field) else { return };
    let creator = session.creator(table.index).unwrap_or(0);
    for index in session.changers(table.index) {
        let Some(route) = session.route(index) else { continue };
        let forbidden = machine.states.iter().map(|it| &it.1).find(|to| {
            *to != state
                && !machine.steps.iter().any(|it| it.to == **to && it.from.as_deref().is_none_or(|it| it == state))
        });
        let Some(to) = forbidden.cloned() else { continue };
        let mut draw = |session: &mut Session, _: usize| session.draft(creator, 0).ok();
        let Some(known) = lead(session, table, machine, moves, state, &mut draw, &|_, _| true) else { return };
        let mut body = session.base(route, table, &known);
        body.insert(field.member.name.clone(), Value::String(to.clone()));
        session.trace.clone_from(&known.steps);
        let request = session.alter(route, &known, body);
        let Some(answer) = session.send(Some(index), request) else { return };
        let shown = session.reread(&known).and_then(|(index, answer)| session.read(index, &answer)?.record);
        let shown = shown.or_else(|| if answer.status < 300 { session.read(index, &answer)?.record } else { None });
        let at = shown.and_then(|it| it.get(&field.member.name)?.as_str().map(str::to_owned));
        let good = at.as_ref() != Some(&to);
        if !good {
            let message = format!(
                "a change of `{}` leads a {} from {state} to {to}, which no transition does",
                field.member.name, table.name
            );
            session.fail(Some(index), machine.line, &message, format!("it stays {state}"), format!("it is {to}"));
        }
        session.tested(
            Area::Transition,
            &format!("{} {state} to {to} by a change (not allowed)", table.name),
            machine.line,
            good,
        );
    }
}

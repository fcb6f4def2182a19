//! Two clients at once.

use std::sync::Barrier;

use plan::shape::Kind;
use plan::{Action, Table, Why};
use serde_json::{Map, Value};

use crate::client::{Answer, Request, Trouble};
use crate::probes::fields::same;
use crate::probes::transitions::{fired, lead, legal, moves};
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "race",
    group: Group::States,
    summary: "Of two clients that fire one transition, or take one unique value, at most one succeeds, and no change is lost",
    safe: false,
    run,
};

/// How often each race is run.
const ROUNDS: usize = 8;

fn run(session: &mut Session) {
    let plan = session.plan;
    for table in &plan.tables {
        if session.creator(table.index).is_none() {
            continue;
        }
        transitions(session, table);
        uniques(session, table);
        updates(session, table);
        if session.over() {
            return;
        }
    }
}

/// Sends all requests at the same moment.
fn together(session: &mut Session, requests: Vec<Request>) -> Vec<Option<Answer>> {
    let barrier = Barrier::new(requests.len());
    let client = &session.client;
    let answers: Vec<Result<Answer, Trouble>> = std::thread::scope(|scope| {
        let running: Vec<_> = requests
            .iter()
            .map(|request| {
                let (client, barrier) = (client.clone(), &barrier);
                scope.spawn(move || {
                    barrier.wait();
                    client.send(request)
                })
            })
            .collect();
        let broken = || Err(Trouble::Broken("a thread ended".to_owned()));
        running.into_iter().map(|it| it.join().unwrap_or_else(|_| broken())).collect()
    });
    session.requests += requests.len() as u64;
    for (request, answer) in requests.into_iter().zip(&answers) {
        session.record(request, answer.clone());
    }
    answers.into_iter().map(|it| session.take(None, it)).collect()
}

fn won(answers: &[Option<Answer>]) -> usize {
    answers.iter().flatten().filter(|it| (200..300).contains(&it.status)).count()
}

fn transitions(session: &mut Session, table: &Table) {
    let Some(machine) = &table.machine else { return };
    let all = moves(session, table, machine);
    let creator = session.creator(table.index).unwrap_or(0);
    for one in &all {
        let Some(route) = session.route(one.route) else { continue };
        // An event that is legal once, and not again.
        let state = machine.states.iter().map(|it| it.1.clone()).find(|state| {
            machine.steps.iter().any(|it| it.from.as_ref() == Some(state) && (it.name == one.name || it.to == one.name))
        });
        let Some(state) = state else { continue };
        for _ in 0..ROUNDS {
            if session.over() {
                return;
            }
            let mut draw = |session: &mut Session, _: usize| session.draft(creator, 0).ok();
            let fits = |session: &Session, record: &plan::cell::Record| {
                let Ok(after) = fired(session, table, record, one) else { return false };
                fired(session, table, &after, one).is_err_and(|it| it.why == Why::Transition)
            };
            let Some(known) = lead(session, table, machine, &all, &state, &mut draw, &fits) else { break };
            let request = one.request(session, route, &known);
            session.trace.clone_from(&known.steps);
            let answers = together(session, vec![request.clone(), request]);
            let won = won(&answers);
            let step = legal(machine, &state, one);
            let line = step.map_or(machine.line, |it| it.line);
            let label = format!("{} {state} × {}", table.name, step.map_or(one.name.as_str(), |it| it.name.as_str()));
            if won > 1 {
                let message = format!("two clients both fire `{}` on one {}", one.name, table.name);
                session.fail(
                    Some(one.route),
                    line,
                    &message,
                    "one success and one refusal".to_owned(),
                    "two successes".to_owned(),
                );
            }
            session.tested(Area::Transition, &label, line, won < 2);
            if won > 1 {
                break;
            }
        }
    }
}

fn uniques(session: &mut Session, table: &Table) {
    for unique in &table.uniques {
        for _ in 0..ROUNDS {
            if session.over() {
                return;
            }
            let Some((index, route)) = session.creator(table.index).and_then(|it| Some((it, session.route(it)?)))
            else {
                return;
            };
            session.begin();
            let Ok(first) = session.draft(index, 0) else { return };
            let mut requests = Vec::new();
            session.trace.clone_from(&first.steps);
            for _ in 0..4 {
                let Ok(mut other) = session.draft(index, 0) else { return };
                for field in unique.fields.iter().filter_map(|it| table.field(*it)) {
                    match first.body.get(&field.member.name).filter(|it| !it.is_null()) {
                        Some(value) => other.body.insert(field.member.name.clone(), value.clone()),
                        None if first
                            .parents
                            .iter()
                            .any(|it| table.field(it.0).is_some_and(|it| it.member.name == field.member.name)) =>
                        {
                            None
                        }
                        None => return,
                    };
                }
                requests.push(session.bring(route, &first.parameters, other.body.clone()));
            }
            let answers = together(session, requests);
            for answer in answers.iter().flatten().filter(|it| it.status < 300) {
                if let Some(success) = session.read(index, answer) {
                    super::fields::keep(session, route, table, &success, answer, &first.above);
                }
            }
            let won = won(&answers);
            let names: Vec<&str> =
                unique.fields.iter().filter_map(|it| table.field(*it)).map(|it| it.member.name.as_str()).collect();
            if won > 1 {
                let message =
                    format!("several clients at once make {}s with the same {}", table.name, names.join(" and "));
                session.fail(
                    Some(index),
                    unique.line,
                    &message,
                    "at most one success".to_owned(),
                    format!("{won} successes"),
                );
            }
            session.tested(
                Area::Constraint,
                &format!("{} unique {}", table.name, names.join(", ")),
                unique.line,
                won < 2,
            );
            if won > 1 {
                break;
            }
        }
    }
}

/// Two clients change two fields of one record.
fn updates(session: &mut Session, table: &Table) {
    let Some((index, route)) = session.serving(table.index).find(|it| it.1.action == Action::Update) else { return };
    for round in 0..ROUNDS {
        if session.over() {
            return;
        }
        session.begin();
        let Some(known) = session.create(table.index, 0) else { return };
        let mut changes: Vec<(usize, Map<String, Value>)> = Vec::new();
        for (at, field) in table.fields.iter().enumerate() {
            let free = !field.server_set
                && !field.immutable
                && !field.hidden
                && at != table.key
                && !table.references.iter().any(|it| it.field == at)
                && table.machine.as_ref().is_none_or(|it| it.field != at)
                && !matches!(field.member.kind, Kind::Map(_) | Kind::Object(_))
                && known.json.contains_key(&field.member.name);
            if !free || !session.takes(index, at) {
                continue;
            }
            let other = session.value(&field.member, known.json.get(&field.member.name));
            let mut body = Map::new();
            body.insert(field.member.name.clone(), other.clone());
            let differs = known.json.get(&field.member.name).is_some_and(|it| !same(&field.member, it, &other));
            if differs && session.changed(route, table, &known.record, &body).is_ok() {
                changes.push((at, body));
            }
        }
        // Each round takes another pair.
        let len = changes.len();
        if len < 2 {
            return;
        }
        changes.rotate_left(round % len);
        changes.truncate(2);
        let requests = changes.iter().map(|it| session.alter(route, &known, it.1.clone()));
        let requests = requests.collect();
        session.trace.clone_from(&known.steps);
        let answers = together(session, requests);
        if won(&answers) < 2 {
            continue;
        }
        let Some((reading, answer)) = session.reread(&known) else { return };
        let Some(record) = session.read(reading, &answer).and_then(|it| it.record) else { return };
        let mut good = true;
        for (at, body) in &changes {
            let Some(field) = table.field(*at) else { continue };
            let (own, read) = (body.get(&field.member.name), record.get(&field.member.name));
            if let (Some(own), Some(read)) = (own, read)
                && !same(&field.member, own, read)
            {
                good = false;
                let said = [["at once", "at the same time", "concurrent"].as_slice(), &["kept", "lost", "lose"]];
                let line = session.sentence(&said).unwrap_or(route.line);
                let message = format!("of two changes of one {} at once, one is lost", table.name);
                let found = format!("`{}` is {read}, as before", field.member.name);
                session.fail(Some(index), line, &message, format!("`{}` is {own}", field.member.name), found);
            }
        }
        session.tested(Area::Endpoint, &name(route), route.line, good);
        if !good {
            return;
        }
    }
}

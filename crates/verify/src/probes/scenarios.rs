//! The scenarios of the document, step by step.
//!
//! A step names an endpoint by its name, its route, or what it does; what stands in brackets behind it is held
//! to the answer: `Get order (status is paid)`, `Pay order again (409)`.

use std::rc::Rc;

use model::claim::Property;
use model::names::{entity_key, key};
use plan::change::{self};
use plan::{Action, Route, Table};
use serde_json::{Map, Value};

use crate::client::Answer;
use crate::probes::transitions::refresh;
use crate::probes::{Group, Probe};
use crate::records::{Made, now};
use crate::report::Area;
use crate::session::{Known, Session, told};

pub(super) static PROBE: Probe = Probe {
    name: "scenarios",
    group: Group::Scenarios,
    summary: "The scenarios of the document work, step by step, and end as it says",
    safe: false,
    run,
};

/// A scenario, as the document tells it.
struct Scenario {
    name: String,
    line: u32,
    steps: Vec<Step>,
}

struct Step {
    words: String,
    /// What stands in brackets behind it.
    condition: Option<String>,
    line: u32,
    route: Option<usize>,
}

fn run(session: &mut Session) {
    for scenario in scenarios(session) {
        if session.over() {
            return;
        }
        if let Some(step) = scenario.steps.iter().find(|it| it.route.is_none()) {
            let why = format!("the step `{}` names no endpoint", step.words);
            session.untested(Area::Scenario, &scenario.name, scenario.line, &why);
            continue;
        }
        // Each scenario makes its own records.
        let kept = session.fixtures.clone();
        session.fixtures.iter_mut().for_each(|it| *it = None);
        session.begin();
        play(session, &scenario);
        session.fixtures = kept;
    }
}

fn scenarios(session: &Session) -> Vec<Scenario> {
    let claims = session.spec.claims();
    let lines = session.lines();
    let mut found = Vec::new();
    for subject in claims.subjects_of("scenario") {
        let mut steps = Vec::new();
        for claim in claims.of(subject, Property::Step) {
            let Some(text) = claim.value.as_text() else { continue };
            let text = text.trim().trim_matches(['.', ',', ';']).trim();
            let (words, condition) = match text.split_once('(') {
                Some((words, rest)) => (words.trim(), Some(rest.trim_end_matches([')', '.']).trim().to_owned())),
                None => (text, None),
            };
            let route = named(session, words);
            steps.push(Step { words: words.to_owned(), condition, line: lines.of(claim.span), route });
        }
        if steps.is_empty() {
            continue;
        }
        let own = claims.of(subject, Property::Declared).next();
        let name = own.and_then(|it| it.value.as_text()).unwrap_or_default();
        let name = name.split(['→', '(']).next().unwrap_or_default().trim();
        let line = own.map_or(0, |it| lines.of(it.span));
        let first = steps.first().map_or("", |it| it.words.as_str());
        let last = steps.last().map_or("", |it| it.words.as_str());
        let name =
            if name.is_empty() || key(name) == key(first) { format!("{first} … {last}") } else { name.to_owned() };
        found.push(Scenario { name, line, steps });
    }
    found
}

/// The route that a step names.
fn named(session: &Session, words: &str) -> Option<usize> {
    let own = key(words);
    let endpoint = |it: &Route| session.spec.endpoints.get(it.endpoint);
    let by_name =
        session.routes().find(|it| endpoint(it.1).and_then(|it| it.name.as_deref()).is_some_and(|it| key(it) == own));
    let by_route = || {
        let text = words.replace('`', "");
        let (method, path) = text.split_once(' ')?;
        let plain = |it: &str| -> String {
            it.split('/').map(|it| if it.starts_with(['{', ':']) { "{}" } else { it }).collect::<Vec<_>>().join("/")
        };
        session.routes().find(|it| {
            it.1.method.eq_ignore_ascii_case(method) && plain(&crate::session::path(it.1)) == plain(path.trim())
        })
    };
    let by_verb = || {
        let mut parts = words
            .split_whitespace()
            .filter(|it| !matches!(it.to_lowercase().as_str(), "the" | "a" | "an" | "this" | "that" | "new"));
        let verb = key(parts.next()?);
        let thing = entity_key(&parts.collect::<Vec<_>>().join(" "));
        session.routes().find(|(_, route)| {
            let Some(table) = route.table.and_then(|it| session.table(it)).filter(|it| entity_key(&it.name) == thing)
            else {
                return false;
            };
            match &route.action {
                Action::Create | Action::Put => {
                    matches!(verb.as_str(), "create" | "add" | "register" | "make" | "post" | "open")
                }
                Action::Read => matches!(verb.as_str(), "get" | "read" | "fetch" | "show" | "view" | "retrieve"),
                Action::List => verb == "list",
                Action::Update | Action::Replace => matches!(verb.as_str(), "update" | "change" | "edit" | "replace"),
                Action::Delete => matches!(verb.as_str(), "delete" | "remove"),
                Action::Transition(Some(event)) => {
                    *event == verb
                        || table.machine.as_ref().is_some_and(|it| {
                            it.steps.iter().any(|it| it.event.as_ref() == Some(event) && key(&it.name) == verb)
                        })
                }
                _ => false,
            }
        })
    };
    let found = by_name.or_else(by_route).or_else(by_verb)?;
    session.may_call(found.1).then_some(found.0)
}

fn play(session: &mut Session, scenario: &Scenario) {
    // The record of each table that a scenario is about: the one it made last.
    let mut records: Vec<Option<Rc<Known>>> = vec![None; session.plan.tables.len()];
    let mut trace = Vec::new();
    for step in &scenario.steps {
        let Some((index, route)) = step.route.and_then(|it| Some((it, session.route(it)?))) else { return };
        session.trace.clone_from(&trace);
        let before = session.failures();
        let outcome = one(session, index, route, step, &mut records);
        trace.clone_from(&session.trace);
        match outcome {
            Ok(()) => {
                let good = session.failures() == before;
                session.tested(Area::Scenario, &scenario.name, step.line, good);
                if !good {
                    return;
                }
            }
            Err(why) => {
                let why = format!("the step `{}` cannot be made: {why}", step.words);
                session.untested(Area::Scenario, &scenario.name, step.line, &why);
                return;
            }
        }
    }
}

/// Makes one step.
///
/// # Errors
/// Why no request is known for it, in words.
fn one(
    session: &mut Session,
    index: usize,
    route: &Route,
    step: &Step,
    records: &mut [Option<Rc<Known>>],
) -> Result<(), String> {
    let wanted = step.condition.as_deref().and_then(status);
    let what = format!("the step `{}`", step.words);
    let table = route.table.and_then(|it| session.table(it));
    if let (Action::Create | Action::Put, Some(table)) = (&route.action, table) {
        let draft = session.draft(index, 0)?;
        if wanted.is_none_or(|it| it < 300) {
            let own = session.trace.clone();
            let made = session.make(index, &draft, true);
            session.trace = own;
            let Made::Known(known) = made else {
                let line = step.line;
                session.trace.clone_from(&draft.steps);
                session.fail(
                    Some(index),
                    line,
                    &format!("{what} fails"),
                    "a success".to_owned(),
                    "a refusal".to_owned(),
                );
                return Ok(());
            };
            session.trace.extend(known.steps.last().cloned());
            if let Some(place) = session.fixtures.get_mut(table.index) {
                *place = Some(Rc::clone(&known));
            }
            holds(session, index, step, &known.json);
            if let Some(place) = records.get_mut(table.index) {
                *place = Some(known);
            }
        }
        return Ok(());
    }
    let known = match table {
        Some(table) => match records.get(table.index).cloned().flatten() {
            Some(known) => Some(known),
            None => session.fixture(table.index, 0),
        },
        None => None,
    };
    let parameters = known.as_ref().map_or_else(Vec::new, |it| session.parameters(route, it));
    if parameters.len() < route.path.parameters().count() {
        return Err("there is no record for it".to_owned());
    }
    let mut body = Map::new();
    let mut after = None;
    if let (Some(table), Some(known)) = (table, &known) {
        match &route.action {
            Action::Update | Action::Replace => {
                (body, after) = change_of(session, index, table, known)?;
            }
            Action::Transition(_) => {
                body = session.event_body(index);
                after =
                    change::fired(session.plan, now(), route, table, &known.record, body.clone()).ok().map(|it| it.0);
            }
            _ => {}
        }
    }
    let request = session.ask(route, &parameters, "");
    let request = if body.is_empty() { request } else { request.json(&session.wrap(route, Value::Object(body))) };
    let Some(answer) = session.send(Some(index), request) else { return Ok(()) };
    let right = match wanted {
        Some(status) => answer.status == status,
        None => (200..300).contains(&answer.status),
    };
    if !right {
        let expected = wanted.map_or_else(|| "a success".to_owned(), |it| it.to_string());
        session.fail(Some(index), step.line, &format!("{what} fails"), expected, told(&answer));
        return Ok(());
    }
    learn(session, index, step, table, known, after, &answer, records);
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "all that one step is made of")]
fn learn(
    session: &mut Session,
    index: usize,
    step: &Step,
    table: Option<&Table>,
    known: Option<Rc<Known>>,
    after: Option<plan::cell::Record>,
    answer: &Answer,
    records: &mut [Option<Rc<Known>>],
) {
    let shown = session.read(index, answer).and_then(|it| it.record);
    if let Some(shown) = &shown {
        holds(session, index, step, shown);
    }
    let (Some(table), Some(known)) = (table, known) else { return };
    let mut own = Known {
        table: known.table,
        json: known.json.clone(),
        record: known.record.clone(),
        key: known.key.clone(),
        above: known.above.clone(),
        steps: known.steps.clone(),
    };
    if let Some(after) = after {
        let trace = session.trace.clone();
        refresh(session, table, &mut own, index, answer, &after);
        session.trace = trace;
    }
    if let Some(place) = records.get_mut(table.index) {
        *place = Some(Rc::new(own));
    }
}

/// A change that the document allows: what its example sends, else one field.
type Change = (Map<String, Value>, Option<plan::cell::Record>);

fn change_of(session: &mut Session, index: usize, table: &Table, known: &Rc<Known>) -> Result<Change, String> {
    let Some(route) = session.route(index) else { return Err(String::new()) };
    let example = session.example(route);
    let try_one = |session: &Session, body: &Map<String, Value>| {
        session.changed(route, table, &known.record, body).ok().map(|it| it.0)
    };
    let mut body = session.base(route, table, known);
    for (name, value) in &example {
        let refers = table.references.iter().any(|it| table.field(it.field).is_some_and(|it| it.member.name == *name));
        if !refers {
            body.insert(name.clone(), value.clone());
        }
    }
    if let Some(record) = try_one(session, &body) {
        return Ok((body, Some(record)));
    }
    // What the example names may be of another record.
    for (name, value) in &example {
        let mut one = session.base(route, table, known);
        one.insert(name.clone(), value.clone());
        if let Some(record) = try_one(session, &one) {
            return Ok((one, Some(record)));
        }
    }
    Err("the example of the endpoint does not fit the record".to_owned())
}

/// `409`, `fails with 409`, `returns 404`.
fn status(condition: &str) -> Option<u16> {
    let words = condition.split(|it: char| !it.is_ascii_digit()).filter(|it| it.len() == 3);
    let mut found = words.filter_map(|it| it.parse::<u16>().ok()).filter(|it| (200..600).contains(it));
    found.next().filter(|_| found.next().is_none())
}

/// Holds a record to a condition: `status is paid`, `total = 5`.
fn holds(session: &mut Session, index: usize, step: &Step, record: &Map<String, Value>) {
    let Some(condition) = &step.condition else { return };
    for part in condition.split([',', ';']).flat_map(|it| it.split(" and ")) {
        let Some((name, value)) = [" is ", " = ", " == ", ": "].iter().find_map(|it| part.split_once(it)) else {
            continue;
        };
        let own = key(name);
        let Some((field, read)) = record.iter().find(|it| key(it.0) == own) else { continue };
        let value = value.trim().trim_matches(['`', '"', '\'', '.']);
        let text = read.as_str().map_or_else(|| read.to_string(), str::to_owned);
        if key(&text) != key(value) {
            let message = format!("after the step `{}` `{field}` is not {value}", step.words);
            session.fail(
                Some(index),
                step.line,
                &message,
                format!("`{field}` is {value}"),
                format!("`{field}` is {text}"),
            );
        }
    }
}

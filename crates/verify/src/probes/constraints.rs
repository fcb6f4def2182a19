//! Conditions and constraints between fields: records that break just one of them.

use std::rc::Rc;

use plan::refused::Refused;
use plan::{Action, Table, Why};
use serde_json::{Map, Value, json};

use crate::probes::fields::keep;
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Known, Session};
use crate::values::{Candidate, Step, candidates, place};

pub(super) static PROBE: Probe = Probe {
    name: "constraints",
    group: Group::Contract,
    summary: "A record that breaks one constraint between its fields is refused, on creation and on change",
    safe: false,
    run,
};

/// So many bodies are drawn for one constraint.
const ATTEMPTS: usize = 400;

/// A constraint: its line, its words, and the fields that it reads.
struct Constraint {
    line: u32,
    words: String,
    fields: Vec<usize>,
}

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        if !matches!(route.action, Action::Create | Action::Update | Action::Replace) {
            continue;
        }
        for constraint in constraints(table) {
            if session.over() {
                return;
            }
            let creates = route.action == Action::Create;
            if creates {
                one(session, index, table, &constraint, None);
                continue;
            }
            let Some(known) = session.create(table.index, 0) else { continue };
            let found = one(session, index, table, &constraint, Some(known));
            // What a constraint forbids may depend on the state.
            if !found && let Some(machine) = &table.machine {
                let moves = super::transitions::moves(session, table, machine);
                let creator = session.creator(table.index).unwrap_or(0);
                for (_, state) in &machine.states {
                    let mut draw = |session: &mut Session, attempt: usize| {
                        super::transitions::varied(session, creator, table, attempt > 0)
                    };
                    let led = super::transitions::lead(session, table, machine, &moves, state, &mut draw, &|_, _| true);
                    let Some(known) = led else { continue };
                    if one(session, index, table, &constraint, Some(Rc::new(known))) {
                        break;
                    }
                }
            }
        }
    }
}

fn constraints(table: &Table) -> Vec<Constraint> {
    use plan::Relation;
    let mut found: Vec<Constraint> = table
        .conditions
        .iter()
        .map(|it| Constraint {
            line: it.line,
            words: format!("{}: {}", table.name, it.words),
            fields: it.reads.clone(),
        })
        .collect();
    for (relation, line) in &table.relations {
        let fields = match relation {
            Relation::Compared { field, other, .. } | Relation::RequiredWhen { field, other, .. } => {
                vec![*field, *other]
            }
            Relation::AtLeastOneOf(fields) => fields.clone(),
        };
        let names: Vec<&str> =
            fields.iter().filter_map(|it| table.field(*it)).map(|it| it.member.name.as_str()).collect();
        found.push(Constraint { line: *line, words: format!("{} {}", table.name, names.join(", ")), fields });
    }
    found
}

/// Whether only this constraint is broken.
fn only(outcome: Result<(), Refused>, line: u32) -> bool {
    outcome.is_err_and(|it| {
        it.why == Why::Validation && !it.problems.is_empty() && it.problems.iter().all(|it| it.line == line)
    })
}

/// Sends what breaks one constraint, and what just keeps it. Whether something was found to send.
fn one(session: &mut Session, index: usize, table: &Table, constraint: &Constraint, known: Option<Rc<Known>>) -> bool {
    let Some(route) = session.route(index) else { return false };
    let creates = known.is_none();
    let what = format!("a {} that breaks `{}`", table.name, constraint.words);
    let mut sent = 0;
    for attempt in 0..ATTEMPTS {
        // Most of what is tried can be judged without the target: a draft is made once for many.
        let (mut body, parents, parameters, above, steps) = match &known {
            None => {
                let Ok(draft) = session.draft(index, 0) else { return false };
                (draft.body, draft.parents, draft.parameters, draft.above, draft.steps)
            }
            Some(known) => {
                let body = session.base(route, table, known);
                (body, Vec::new(), session.parameters(route, known), Vec::new(), known.steps.clone())
            }
        };
        let outcome = |session: &Session, body: &Map<String, Value>| match &known {
            None => session.drafted(route, table, body, &parents).map(|_| ()),
            Some(known) => session.changed(route, table, &known.record, body).map(|_| ()),
        };
        let mut fitting = None;
        for _ in 0..40 {
            let mut tried = body.clone();
            bend(session, table, constraint, known.as_deref(), &mut tried, attempt);
            if only(outcome(session, &tried), constraint.line) {
                fitting = Some(tried);
                break;
            }
        }
        let Some(found) = fitting else {
            if attempt >= 9 {
                return sent > 0;
            }
            continue;
        };
        let edge =
            edge(session, table, known.as_deref(), &body, &found, &|session, body| outcome(session, body).is_ok());
        let (kept, broken) = match edge {
            Some((kept, broken)) if only(outcome(session, &broken), constraint.line) => (Some(kept), broken),
            _ => (None, found),
        };
        body = broken;
        session.trace.clone_from(&steps);
        let request = session.bring(route, &parameters, body);
        let Some(answer) = session.send(Some(index), request) else { return true };
        let good = session.refused(index, Why::Validation, &answer, constraint.line, &what);
        session.tested(Area::Constraint, &constraint.words, constraint.line, good);
        if !good
            && creates
            && let Some(success) = session.read(index, &answer)
        {
            keep(session, route, table, &success, &answer, &above);
        }
        // What is just allowed comes second: it changes the record.
        if let Some(kept) = kept.filter(|_| good) {
            session.trace.clone_from(&steps);
            let request = session.bring(route, &parameters, kept);
            let Some(answer) = session.send(Some(index), request) else { return true };
            let before = session.failures();
            let what = format!("a {} that just keeps `{}`", table.name, constraint.words);
            // Of a change, the record before is what it is compared with again.
            if let Some(success) = session.expect_at(index, &answer, &what, constraint.line) {
                keep(session, route, table, &success, &answer, &above);
            }
            let good = session.failures() == before;
            session.tested(Area::Constraint, &constraint.words, constraint.line, good);
            if !creates {
                // The record is another one now.
                return true;
            }
        }
        sent += 1;
        if sent == 4 || !good {
            return true;
        }
    }
    sent > 0
}

/// Two bodies on both sides of a border, as near as their values can be, between one that is allowed and one
/// that is not, which differ in one number or one date.
fn edge(
    session: &Session,
    table: &Table,
    known: Option<&Known>,
    good: &Map<String, Value>,
    bad: &Map<String, Value>,
    allowed: &dyn Fn(&Session, &Map<String, Value>) -> bool,
) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let differs =
        |it: &&plan::Field| bad.get(&it.member.name).is_some() && bad.get(&it.member.name) != good.get(&it.member.name);
    let mut fields = table.fields.iter().filter(differs);
    let field = fields.next().filter(|_| fields.next().is_none())?;
    let name = &field.member.name;
    let own = good.get(name).or_else(|| known?.json.get(name))?;
    let scale = Scale::of(own)?;
    let (mut near, mut far) = (scale.read(own)?, scale.read(bad.get(name)?)?);
    let with = |at: i64| {
        let mut body = good.clone();
        body.insert(name.clone(), scale.write(at));
        body
    };
    if !allowed(session, &with(near)) {
        return None;
    }
    while (far - near).abs() > 1 {
        let middle = near + (far - near) / 2;
        if allowed(session, &with(middle)) {
            near = middle;
        } else {
            far = middle;
        }
    }
    Some((with(near), with(far)))
}

/// How a value is counted in steps of its smallest part.
enum Scale {
    /// So many digits after the point; whether it is a text.
    Decimal(u32, bool),
    Days,
}

impl Scale {
    fn of(value: &Value) -> Option<Scale> {
        let places = |it: &str| it.split_once('.').map_or(0, |it| it.1.len() as u32);
        match value {
            Value::Number(number) => Some(Scale::Decimal(places(&number.to_string()), false)),
            Value::String(text) if text.len() == 10 && plan::shape::moment_of_date(text).is_some() => Some(Scale::Days),
            Value::String(text) if text.parse::<f64>().is_ok() => Some(Scale::Decimal(places(text), true)),
            _ => None,
        }
    }

    fn read(&self, value: &Value) -> Option<i64> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self {
            Scale::Decimal(places, _) => {
                let number = text.parse::<f64>().ok()? * 10_f64.powi(*places as i32);
                (number.abs() < 9e15).then_some(number.round() as i64)
            }
            Scale::Days => Some(plan::shape::moment_of_date(&text)?.timestamp() / 86_400),
        }
    }

    fn write(&self, at: i64) -> Value {
        match self {
            Scale::Decimal(places, as_text) => {
                let unit = 10_i64.pow(*places);
                let sign = if at < 0 { "-" } else { "" };
                let text = match *places {
                    0 => at.to_string(),
                    places => format!("{sign}{}.{:0width$}", at.abs() / unit, at.abs() % unit, width = places as usize),
                };
                if *as_text { Value::String(text) } else { text.parse().map_or(Value::Null, Value::Number) }
            }
            Scale::Days => Value::String(plan::shape::rfc3339(at * 86_400_000).chars().take(10).collect()),
        }
    }
}

/// Changes something that a constraint reads.
fn bend(
    session: &mut Session,
    table: &Table,
    constraint: &Constraint,
    known: Option<&Known>,
    body: &mut Map<String, Value>,
    attempt: usize,
) {
    let Some(at) = session.draw.rng.choice(&constraint.fields).copied() else { return };
    let Some(field) = table.field(at) else { return };
    let name = &field.member.name;
    let own = body.get(name).cloned().or_else(|| known?.json.get(name).cloned()).filter(|it| !it.is_null());
    let own = own.unwrap_or_else(|| session.value(&field.member, None));
    let mut choices: Vec<Candidate> = Vec::new();
    let path = [Step::Name(name.clone())];
    candidates(&field.member, &own, &path, &mut session.draw, &mut choices);
    numbers(&constraint.words, &own, &path, &mut choices);
    choices.push(Candidate { path: path.to_vec(), value: None, what: String::new() });
    for _ in 0..3 {
        let drawn = session.value(&field.member, if attempt.is_multiple_of(2) { Some(&own) } else { None });
        choices.push(Candidate { path: path.to_vec(), value: Some(drawn), what: String::new() });
    }
    if let Some(first) = own.as_array().and_then(|it| it.first()) {
        for len in [2_usize, 3, 6, 11, 21, 51, 101, 201] {
            let many = Value::Array(vec![first.clone(); len]);
            choices.push(Candidate { path: path.to_vec(), value: Some(many), what: String::new() });
        }
    }
    let Some(choice) = session.draw.rng.choice(&choices).cloned() else { return };
    let mut whole = Value::Object(std::mem::take(body));
    if whole.get(name).is_none() {
        place(&mut whole, &path, Some(own));
    }
    place(&mut whole, &choice.path, choice.value);
    if let Value::Object(members) = whole {
        *body = members;
    }
}

/// Numbers beside those that a constraint names, in each place of a value that holds a number.
fn numbers(words: &str, own: &Value, path: &[Step], found: &mut Vec<Candidate>) {
    match own {
        Value::Number(number) => {
            let mut near: Vec<i64> = vec![0, -1, 1];
            for word in words.split(|it: char| !it.is_ascii_digit()) {
                if let Ok(number) = word.parse::<i64>() {
                    near.extend([number - 1, number, number.saturating_add(1)]);
                }
            }
            if let Some(number) = number.as_i64() {
                near.extend([number - 1, number.saturating_add(1), number.saturating_mul(10)]);
            }
            found.extend(near.into_iter().map(|it| Candidate {
                path: path.to_vec(),
                value: Some(json!(it)),
                what: String::new(),
            }));
        }
        Value::String(text) if text.parse::<f64>().is_ok() => {
            let places = text.split_once('.').map_or(0, |it| it.1.len());
            for number in [-1.0_f64, 0.0, 1.0, 1e6] {
                let value = Some(json!(format!("{number:.places$}")));
                found.push(Candidate { path: path.to_vec(), value, what: String::new() });
            }
        }
        Value::String(text) if text.len() == 10 && plan::shape::moment_of_date(text).is_some() => {
            for day in ["1990-01-01", "2090-01-01"] {
                found.push(Candidate { path: path.to_vec(), value: Some(json!(day)), what: String::new() });
            }
        }
        Value::Array(items) => {
            if let Some(first) = items.first() {
                let mut path = path.to_vec();
                path.push(Step::Index(0));
                numbers(words, first, &path, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let mut path = path.to_vec();
                path.push(Step::Name(name.clone()));
                numbers(words, value, &path, found);
            }
        }
        _ => {}
    }
}

//! Conditions and constraints between fields: records that break just one of them.

use plan::change::{self, Style};
use plan::refused::Refused;
use plan::{Action, Table, Why};
use serde_json::{Map, Value, json};

use crate::probes::fields::{keep, whole};
use crate::probes::{Group, Probe};
use crate::records::now;
use crate::report::Area;
use crate::session::Session;
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
    for (index, route) in session.routes() {
        let Some(table) = route.table.and_then(|it| session.table(it)).filter(|_| session.may_call(route)) else {
            continue;
        };
        if !matches!(route.action, Action::Create | Action::Update | Action::Replace) {
            continue;
        }
        for constraint in constraints(table) {
            if session.over() {
                return;
            }
            one(session, index, table, &constraint);
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

fn one(session: &mut Session, index: usize, table: &Table, constraint: &Constraint) {
    let Some(route) = session.route(index) else { return };
    let creates = route.action == Action::Create;
    let style = if route.action == Action::Replace { Style::Replace } else { Style::Merge };
    let known = if creates { None } else { session.create(route.table.unwrap_or(0), 0) };
    if !creates && known.is_none() {
        return;
    }
    let what = format!("a {} that breaks `{}`", table.name, constraint.words);
    let mut sent = 0;
    for attempt in 0..ATTEMPTS {
        // Most of what is tried can be judged without the target: a draft is made once for many.
        let (mut body, parents, parameters, above, steps) = match &known {
            None => {
                let Ok(draft) = session.draft(index, 0) else { return };
                (draft.body, draft.parents, draft.parameters, draft.above, draft.steps)
            }
            Some(known) => {
                let body = match style {
                    Style::Replace => whole(session, route, table, known),
                    Style::Merge => Map::new(),
                };
                (body, Vec::new(), session.parameters(route, known), Vec::new(), known.steps.clone())
            }
        };
        let mut fitting = None;
        for _ in 0..40 {
            let mut tried = body.clone();
            bend(session, table, constraint, known.as_deref(), &mut tried, attempt);
            let outcome = match &known {
                None => session.drafted(route, table, tried.clone(), &parents).map(|_| ()),
                Some(known) => {
                    change::changed(session.plan, now(), route, table, &known.record, tried.clone(), style).map(|_| ())
                }
            };
            if only(outcome, constraint.line) {
                fitting = Some(tried);
                break;
            }
        }
        let Some(found) = fitting else {
            if attempt >= 9 {
                return;
            }
            continue;
        };
        body = found;
        let wrapped = session.wrap(route, Value::Object(body));
        session.trace = steps;
        let request = session.ask(route, &parameters, "").json(&wrapped);
        let Some(answer) = session.send(Some(index), request) else { return };
        let good = session.refused(index, Why::Validation, &answer, constraint.line, &what);
        session.tested(Area::Constraint, &constraint.words, constraint.line, good);
        if !good
            && creates
            && let Some(success) = session.read(index, &answer)
        {
            keep(session, route, table, &success, &answer, &above);
        }
        sent += 1;
        if sent == 4 || !good {
            return;
        }
    }
}

/// Changes something that a constraint reads.
fn bend(
    session: &mut Session,
    table: &Table,
    constraint: &Constraint,
    known: Option<&crate::session::Known>,
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

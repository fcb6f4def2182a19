//! Conditions and constraints between fields: records that break just one of them.

use std::rc::Rc;

use plan::cell::Cell;
use plan::refused::Refused;
use plan::shape::Found;
use plan::{Action, Route, Table, Why};
use serde_json::{Map, Value, json};

use crate::probes::fields::keep;
use crate::probes::guards::near;
use crate::probes::transitions::{lead, moves, varied};
use crate::probes::{Group, Probe};
use crate::records::Draft;
use crate::report::Area;
use crate::session::{Known, Session, Steps};
use crate::values::{Candidate, Step, candidates, place};

pub(super) static PROBE: Probe = Probe {
    name: "constraints",
    group: Group::Contract,
    summary: "A record that breaks one constraint between its fields is refused, on creation and on change",
    safe: false,
    run,
};

/// So many bodies are drawn for one constraint.
const ATTEMPTS: usize = 40;

/// After so many new records in which nothing breaks it, it is given up; a change is drawn twice.
const DRAFTS: usize = 6;

/// So many bodies that break a constraint are sent.
const SENT: usize = 4;

/// The longest list that is tried.
const LONG: usize = 201;

/// A constraint: its line, its words, and the fields that it reads.
struct Constraint {
    line: u32,
    words: String,
    fields: Vec<usize>,
    /// Whether it reads the state, or what was before.
    by_state: bool,
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
            let ground = |known| Ground { index, route, table, known };
            if route.action == Action::Create {
                one(session, &ground(None), &constraint);
                continue;
            }
            let Some(known) = session.create(table.index, 0) else { continue };
            let found = one(session, &ground(Some(known)), &constraint);
            // What it forbids may depend on the state.
            if !found && let Some(machine) = table.machine.as_ref().filter(|_| constraint.by_state) {
                let moves = moves(session, table, machine);
                let creator = session.creator(table.index).unwrap_or(0);
                for (_, state) in &machine.states {
                    let mut draw = |session: &mut Session, attempt: usize| varied(session, creator, table, attempt > 0);
                    let led = lead(session, table, machine, &moves, state, &mut draw, &|_, _| true);
                    let Some(known) = led else { continue };
                    if one(session, &ground(Some(Rc::new(known))), &constraint) {
                        break;
                    }
                }
            }
        }
    }
}

fn constraints(table: &Table) -> Vec<Constraint> {
    use plan::Relation;
    let reads_state = |fields: &[usize]| table.machine.as_ref().is_some_and(|it| fields.contains(&it.field));
    let mut found: Vec<Constraint> = table
        .conditions
        .iter()
        .map(|it| Constraint {
            line: it.line,
            words: format!("{}: {}", table.name, it.words),
            fields: it.reads.clone(),
            by_state: it.compares_old || reads_state(&it.reads),
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
        let words = format!("{} {}", table.name, names.join(", "));
        found.push(Constraint { line: *line, words, by_state: reads_state(&fields), fields });
    }
    found
}

/// A request that makes or changes a record, before anything in it is broken.
struct Base {
    body: Map<String, Value>,
    parents: Vec<(usize, Cell)>,
    parameters: Vec<String>,
    above: Vec<(String, String)>,
    steps: Steps,
}

/// Where a constraint is put to the test: a route, and the record that it changes if it makes none.
struct Ground<'a> {
    index: usize,
    route: &'a Route,
    table: &'a Table,
    known: Option<Rc<Known>>,
}

impl Ground<'_> {
    fn base(&self, session: &mut Session) -> Option<Base> {
        let Some(known) = &self.known else {
            let draft = session.draft(self.index, 0).ok()?;
            let Draft { body, parents, parameters, above, steps, .. } = draft;
            return Some(Base { body, parents, parameters, above, steps });
        };
        Some(Base {
            body: session.base(self.route, self.table, known),
            parents: Vec::new(),
            parameters: session.parameters(self.route, known),
            above: Vec::new(),
            steps: known.steps.clone(),
        })
    }

    /// What the document makes of a body.
    fn outcome(&self, session: &Session, base: &Base, body: &Map<String, Value>) -> Result<(), Refused> {
        match &self.known {
            None => session.drafted(self.route, self.table, body, &base.parents).map(|_| ()),
            Some(known) => session.changed(self.route, self.table, &known.record, body).map(|_| ()),
        }
    }

    /// Whether a body breaks a constraint and nothing else.
    fn breaks(&self, session: &Session, base: &Base, body: &Map<String, Value>, line: u32) -> bool {
        self.outcome(session, base, body).is_err_and(|it| {
            it.why == Why::Validation && !it.problems.is_empty() && it.problems.iter().all(|it| it.line == line)
        })
    }
}

/// Sends what breaks one constraint, and what just keeps it. Whether something was found to send.
fn one(session: &mut Session, ground: &Ground, constraint: &Constraint) -> bool {
    let Ground { index, route, table, .. } = *ground;
    let creates = ground.known.is_none();
    let what = format!("a {} that breaks `{}`", table.name, constraint.words);
    let mut sent = 0;
    // What broke it once does so again, in another body.
    let mut ways: Vec<Candidate> = Vec::new();
    for attempt in 0..ATTEMPTS {
        let Some(base) = ground.base(session) else { return false };
        if ways.is_empty() {
            ways = bends(session, ground, constraint, &base, attempt);
            session.draw.rng.shuffle(&mut ways);
            // The last is tried first: long lists take long to look at.
            ways.sort_by_key(|it| it.value.as_ref().and_then(Value::as_array).is_none_or(|it| it.len() < LONG));
        }
        let mut found = None;
        while let Some(way) = ways.pop() {
            let body = bent(ground, &base, &way);
            if ground.breaks(session, &base, &body, constraint.line) {
                found = Some(body);
                break;
            }
        }
        let Some(found) = found else {
            if attempt + 1 >= if creates { DRAFTS } else { 2 } {
                return sent > 0;
            }
            continue;
        };
        let edge =
            edge(session, ground, &base, &found).filter(|it| ground.breaks(session, &base, &it.1, constraint.line));
        let (kept, broken) = edge.map_or((None, found), |it| (Some(it.0), it.1));
        // How long a list may be is one number, whatever else is drawn, and long lists take long to look at.
        sent += if broken.values().any(|it| it.as_array().is_some_and(|it| it.len() >= LONG / 10)) { SENT } else { 1 };
        session.trace.clone_from(&base.steps);
        let request = session.bring(route, &base.parameters, broken);
        let Some(answer) = session.send(Some(index), request) else { return true };
        let good = session.refused(index, Why::Validation, &answer, constraint.line, &what);
        session.tested(Area::Constraint, &constraint.words, constraint.line, good);
        if !good
            && creates
            && let Some(success) = session.read(index, &answer)
        {
            keep(session, route, table, &success, &answer, &base.above);
        }
        // What is just allowed comes second: it changes the record.
        if let Some(kept) = kept.filter(|_| good) {
            session.trace.clone_from(&base.steps);
            let request = session.bring(route, &base.parameters, kept);
            let Some(answer) = session.send(Some(index), request) else { return true };
            let before = session.failures();
            let what = format!("a {} that just keeps `{}`", table.name, constraint.words);
            // Of a change, the record before is what it is compared with again.
            if let Some(success) = session.expect_at(index, &answer, &what, constraint.line) {
                keep(session, route, table, &success, &answer, &base.above);
            }
            let good = session.failures() == before;
            session.tested(Area::Constraint, &constraint.words, constraint.line, good);
            if !creates {
                // The record is another one now.
                return true;
            }
        }
        if sent >= SENT || !good {
            return true;
        }
    }
    sent > 0
}

/// Two bodies on both sides of a border, as near as their values can be, between one that is allowed and one
/// that is not, which differ in one number, one date or how long one list is.
fn edge(
    session: &Session,
    ground: &Ground,
    base: &Base,
    bad: &Map<String, Value>,
) -> Option<(Map<String, Value>, Map<String, Value>)> {
    let good = &base.body;
    let differs =
        |it: &&plan::Field| bad.get(&it.member.name).is_some() && bad.get(&it.member.name) != good.get(&it.member.name);
    let mut fields = ground.table.fields.iter().filter(differs);
    let field = fields.next().filter(|_| fields.next().is_none())?;
    let name = &field.member.name;
    let own = good.get(name).or_else(|| ground.known.as_ref()?.json.get(name))?;
    let scale = Scale::of(own)?;
    let (mut near, mut far) = (scale.read(own)?, scale.read(bad.get(name)?)?);
    let with = |at: i64| {
        let mut body = good.clone();
        body.insert(name.clone(), scale.write(at));
        body
    };
    let allowed = |at: i64| ground.outcome(session, base, &with(at)).is_ok();
    if !allowed(near) {
        return None;
    }
    while (far - near).abs() > 1 {
        let middle = near + (far - near) / 2;
        if allowed(middle) {
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
    /// The items of a list, each this one.
    Items(Value),
}

impl Scale {
    fn of(value: &Value) -> Option<Scale> {
        let places = |it: &str| it.split_once('.').map_or(0, |it| it.1.len() as u32);
        match value {
            Value::Number(number) => Some(Scale::Decimal(places(&number.to_string()), false)),
            Value::String(text) if text.len() == 10 && plan::shape::moment_of_date(text).is_some() => Some(Scale::Days),
            Value::String(text) if text.parse::<f64>().is_ok() => Some(Scale::Decimal(places(text), true)),
            Value::Array(items) => items.first().cloned().map(Scale::Items),
            _ => None,
        }
    }

    fn read(&self, value: &Value) -> Option<i64> {
        if let Scale::Items(item) = self {
            let items = value.as_array()?;
            return items.iter().all(|it| it == item).then_some(items.len() as i64);
        }
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match self {
            Scale::Decimal(places, _) => {
                let number = text.parse::<f64>().ok()? * 10_f64.powi(*places as i32);
                (number.abs() < 9e15).then_some(number.round() as i64)
            }
            Scale::Days => Some(plan::shape::moment_of_date(&text)?.timestamp() / 86_400),
            Scale::Items(_) => None,
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
            Scale::Items(item) => Value::Array(vec![item.clone(); usize::try_from(at).unwrap_or(0)]),
            Scale::Days => Value::String(plan::shape::rfc3339(at * 86_400_000).chars().take(10).collect()),
        }
    }
}

/// Ways to change one thing that a constraint reads.
fn bends(
    session: &mut Session,
    ground: &Ground,
    constraint: &Constraint,
    base: &Base,
    attempt: usize,
) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    for at in &constraint.fields {
        let Some(field) = ground.table.field(*at).filter(|it| !it.server_set) else { continue };
        if !session.takes(ground.index, *at) {
            continue;
        }
        let state = ground.table.machine.as_ref().is_some_and(|it| it.field == *at);
        if ground.known.is_some() && (field.immutable || state || *at == ground.table.key) {
            continue;
        }
        let begin = found.len();
        let name = &field.member.name;
        let own = standing(ground, base, name);
        let own = own.unwrap_or_else(|| session.value(&field.member, None));
        let path = [Step::Name(name.clone())];
        let mut add = |value| found.push(Candidate { path: path.to_vec(), value, what: String::new() });
        add(None);
        for _ in 0..3 {
            let drawn = session.value(&field.member, if attempt.is_multiple_of(2) { Some(&own) } else { None });
            add(Some(drawn));
        }
        if let Some(first) = own.as_array().and_then(|it| it.first()) {
            // How long a list may be hardly depends on what else was drawn.
            for len in [2, 3, 21, LONG].into_iter().filter(|it| *it < LONG || attempt == 0) {
                add(Some(Value::Array(vec![first.clone(); len])));
            }
        }
        candidates(&field.member, &own, &path, &mut session.draw, &mut found);
        numbers(&constraint.words, &own, &path, &mut found);
        // What breaks the field's own limits breaks more than the constraint.
        let fits = |it: Candidate| {
            // No longer list than needed.
            it.value.as_ref().and_then(Value::as_array).is_none_or(|it| it.len() <= LONG).then_some(())?;
            let mut value = Some(own.clone());
            if it.path.len() > 1 {
                let inner = it.path.get(1..).unwrap_or_default();
                value.as_mut().is_some_and(|own| place(own, inner, it.value.clone())).then_some(())?;
            } else {
                value.clone_from(&it.value);
            }
            let mut problems = Found::default();
            if let Some(value) = value {
                field.member.accept(value, name, &mut problems);
            }
            problems.problems.is_empty().then_some(it)
        };
        let fitting: Vec<Candidate> = found.drain(begin..).filter_map(fits).collect();
        found.extend(fitting);
    }
    found
}

/// What a field holds before anything is changed.
fn standing(ground: &Ground, base: &Base, name: &str) -> Option<Value> {
    let own = base.body.get(name).or_else(|| ground.known.as_ref()?.json.get(name));
    own.filter(|it| !it.is_null()).cloned()
}

/// A body with one thing changed.
fn bent(ground: &Ground, base: &Base, way: &Candidate) -> Map<String, Value> {
    let mut body = base.body.clone();
    // What is changed inside of a value needs the rest of it.
    if let Some(Step::Name(name)) = way.path.first()
        && way.path.len() > 1
        && !body.contains_key(name)
        && let Some(own) = standing(ground, base, name)
    {
        body.insert(name.clone(), own);
    }
    let mut whole = Value::Object(body);
    place(&mut whole, &way.path, way.value.clone());
    match whole {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Numbers beside those that a constraint names, in each place of a value that holds a number.
fn numbers(words: &str, own: &Value, path: &[Step], found: &mut Vec<Candidate>) {
    match own {
        Value::Number(number) => {
            let mut beside: Vec<i64> = vec![0, -1, 1];
            beside.extend(near(words));
            if let Some(number) = number.as_i64() {
                beside.extend([number - 1, number.saturating_add(1), number.saturating_mul(10)]);
            }
            found.extend(beside.into_iter().map(|it| Candidate {
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

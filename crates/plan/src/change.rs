//! New and changed records: what a request says, what the document fills in, and what it forbids.

use std::cell::LazyCell;

use model::names::key;
use serde_json::{Map, Value};

use crate::cell::{Cell, Record};
use crate::refused::Refused;
use crate::shape::{Found, Kind, Mention, rfc3339, unknown};
use crate::{Action, Field, Fill, Machine, MakeKey, Plan, Relation, Route, Step, Table, Why};

/// The key of the record of which there is only one.
pub const SINGLE: &str = "1";

/// What a change takes from its surroundings.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub millis: i64,
    /// A new id.
    pub id: &'a dyn Fn() -> String,
}

/// How a request changes a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// What is not sent is gone.
    Replace,
    /// What is not sent stays.
    Merge,
}

impl Style {
    /// How a route that does this changes a record.
    pub fn of(action: &Action) -> Style {
        if matches!(action, Action::Replace | Action::Put) { Style::Replace } else { Style::Merge }
    }
}

/// A new record.
pub fn draft(
    plan: &Plan,
    now: Now,
    route: &Route,
    table: &Table,
    mut body: Map<String, Value>,
    parents: &[(usize, Cell)],
) -> Result<(Record, Vec<Mention>), Refused> {
    let mut found = Found::default();
    let mut record = Record::with_capacity(table.fields.len());
    for (index, field) in table.fields.iter().enumerate() {
        let given = if field.hidden && index == table.key { None } else { body.shift_remove(&field.member.name) };
        let name = &field.member.name;
        if let Some((_, key)) = parents.iter().find(|it| it.0 == index) {
            if given.is_some_and(|it| field.member.cell(it) != *key) {
                found.problem(name, "is not the one in the path", field.member.line);
            }
            record.push(key.clone());
            continue;
        }
        if index == table.key && table.make_key != MakeKey::Given {
            if given.is_some_and(|it| !it.is_null()) {
                found.problem(name, "is set by the service", field.member.line);
            }
            record.push(match table.make_key {
                MakeKey::Single => Cell::Text(SINGLE.to_owned()),
                MakeKey::Counted => Cell::Null,
                _ => Cell::Text((now.id)()),
            });
            continue;
        }
        let given = given.filter(|it| !(field.server_set && it.is_null()));
        let cell = match given {
            Some(_) if field.server_set => {
                found.problem(name, "is set by the service", field.member.line);
                Cell::Null
            }
            Some(value) => {
                let cell = accept(field, value, &mut found);
                if let Some(machine) = table.machine.as_ref().filter(|it| it.field == index) {
                    initial(machine, field, &cell, &mut found);
                }
                cell
            }
            None if field.member.required => {
                found.problem(name, "is required", field.member.line);
                Cell::Null
            }
            None => filled(field, now),
        };
        record.push(cell);
    }
    others(route, table, &body, &mut found);
    finish(plan, table, record, None, now.millis, found)
}

/// A record after a request that replaces or changes it.
pub fn changed(
    plan: &Plan,
    now: Now,
    route: &Route,
    table: &Table,
    old: &Record,
    mut body: Map<String, Value>,
    style: Style,
) -> Result<(Record, Vec<Mention>), Refused> {
    let mut found = Found::default();
    let mut record = merged(route, table, old, &mut body, style, now, &mut found);
    others(route, table, &body, &mut found);
    if !found.problems.is_empty() {
        return Err(Refused::invalid(found.problems));
    }
    if let Some(machine) = &table.machine {
        let state = |it: &Record| it.get(machine.field).map(Cell::plain).unwrap_or_default();
        let (from, to) = (state(old), state(&record));
        if from != to {
            let step = step(plan, table, machine, &record, old, now.millis, |it| it.to == to)?;
            assign(plan, table, machine, step, &mut record, old, now.millis);
        }
    }
    touch(table, &mut record, now.millis);
    finish(plan, table, record, Some(old), now.millis, found)
}

/// A record after the event of a route, or after the one that leads to the state that the request names.
pub fn fired(
    plan: &Plan,
    now: Now,
    route: &Route,
    table: &Table,
    old: &Record,
    mut body: Map<String, Value>,
) -> Result<(Record, Vec<Mention>), Refused> {
    let machine = table.machine.as_ref().ok_or_else(|| Refused::internal("no machine"))?;
    let mut found = Found::default();
    let event = match &route.action {
        Action::Transition(event) => event.clone(),
        _ => None,
    };
    let mut target = None;
    if event.is_none() {
        let own = table.field(machine.field).map_or("", |it| it.member.name.as_str()).to_owned();
        let name = target_names(&own).into_iter().find(|it| body.contains_key(*it)).map(str::to_owned);
        let Some(name) = name else {
            found.problem(&own, "is required", machine.line);
            return Err(Refused::invalid(found.problems));
        };
        let value = body.shift_remove(&name).unwrap_or(Value::Null);
        let wanted = value.as_str().map(key).unwrap_or_default();
        let named = |it: &Step| it.event.as_deref() == Some(&wanted) || key(&it.to) == wanted;
        if !machine.steps.iter().any(named) && machine.stored(&wanted).is_none() {
            let states: Vec<&str> = machine.states.iter().map(|it| it.1.as_str()).collect();
            found.problem(&name, format!("must be one of {}", states.join(", ")), machine.line);
            return Err(Refused::invalid(found.problems));
        }
        target = Some(wanted);
    }
    // What the endpoint's request draws of the record changes with the event.
    let mut drawn = Map::new();
    for (name, _) in route.drawn.iter().flat_map(|it| &it.names) {
        if let Some(value) = body.shift_remove(name) {
            drawn.insert(name.clone(), value);
        }
    }
    let mut record = merged(route, table, old, &mut drawn, Style::Merge, now, &mut found);
    others(route, table, &body, &mut found);
    if !found.problems.is_empty() {
        return Err(Refused::invalid(found.problems));
    }
    let step = match (&event, &target) {
        (Some(event), _) => {
            step(plan, table, machine, &record, old, now.millis, |it| it.event.as_deref() == Some(event))
        }
        (None, target) => {
            let target = target.as_deref().unwrap_or("");
            step(plan, table, machine, &record, old, now.millis, |it| {
                it.event.as_deref() == Some(target) || key(&it.to) == target
            })
        }
    }?;
    assign(plan, table, machine, step, &mut record, old, now.millis);
    touch(table, &mut record, now.millis);
    finish(plan, table, record, Some(old), now.millis, found)
}

/// The names under which a request may name the state that it wants, for a field of this name.
pub fn target_names(field: &str) -> [&str; 7] {
    [field, "status", "state", "to", "event", "action", "transition"]
}

fn merged(
    route: &Route,
    table: &Table,
    old: &Record,
    body: &mut Map<String, Value>,
    style: Style,
    now: Now,
    found: &mut Found,
) -> Record {
    let mut record = Record::with_capacity(old.len());
    for (index, (field, before)) in table.fields.iter().zip(old).enumerate() {
        let given = if field.hidden && index == table.key { None } else { body.shift_remove(&field.member.name) };
        let fixed = field.server_set || field.immutable || index == table.key;
        let cell = match given {
            Some(value) if fixed => {
                same(field, before, value, found);
                before.clone()
            }
            Some(Value::Null) if style == Style::Merge && field.omitted => Cell::Null,
            Some(value) if style == Style::Merge => accept(field, combined(before, value, &field.member.kind), found),
            Some(value) => accept(field, value, found),
            None if style == Style::Merge || fixed || stays(route, table, index, field) => before.clone(),
            None if field.member.required => {
                found.problem(&field.member.name, "is required", field.member.line);
                Cell::Null
            }
            None => filled(field, now),
        };
        record.push(cell);
    }
    record
}

/// Whether a replacement that does not say a field leaves it as it is: the state, what transitions set,
/// and what the endpoint's request does not draw.
pub fn stays(route: &Route, table: &Table, index: usize, field: &Field) -> bool {
    let machine = table.machine.as_ref();
    let state = machine
        .is_some_and(|it| it.field == index || it.steps.iter().any(|it| it.assignments.iter().any(|it| it.0 == index)));
    let drawn = route.drawn.as_ref().filter(|it| it.complete);
    state
        || drawn.is_some_and(|it| {
            !it.names.iter().any(|(name, _)| *name == field.member.name || key(name) == key(&field.declared))
        })
}

/// Members of objects are merged one by one, as RFC 7396 has it.
fn combined(before: &Cell, value: Value, kind: &Kind) -> Value {
    let (Kind::Object(_) | Kind::Map(_), Value::Object(patch)) = (kind, &value) else { return value };
    let Value::Object(mut whole) = before.to_json() else { return value };
    merge(&mut whole, patch);
    Value::Object(whole)
}

fn merge(whole: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match (whole.get_mut(name), value) {
            (_, Value::Null) => {
                whole.shift_remove(name);
            }
            (Some(Value::Object(inner)), Value::Object(patch)) => merge(inner, patch),
            _ => {
                whole.insert(name.clone(), value.clone());
            }
        }
    }
}

/// A fixed field may be sent as it is.
fn same(field: &Field, before: &Cell, value: Value, found: &mut Found) {
    let mut own = Found::default();
    let null = value.is_null();
    let cell = if null { Cell::Null } else { accept(field, value, &mut own) };
    if own.problems.is_empty() && (cell == *before || cell.to_json() == before.to_json()) {
        return;
    }
    let message = if field.server_set { "is set by the service" } else { "cannot be changed" };
    found.problem(&field.member.name, message, field.immutable_line);
}

fn accept(field: &Field, value: Value, found: &mut Found) -> Cell {
    let before = found.problems.len();
    let value = field.member.accept(value, &field.member.name, found);
    if found.problems.len() > before { Cell::Null } else { field.member.cell(value) }
}

fn filled(field: &Field, now: Now) -> Cell {
    match &field.fill {
        Fill::Nothing => Cell::Null,
        Fill::Value(cell) | Fill::Example(cell) => cell.clone(),
        Fill::Now => time(&field.member.kind, now.millis),
        Fill::Id => Cell::Text((now.id)()),
    }
}

fn time(kind: &Kind, now: i64) -> Cell {
    match kind {
        Kind::Integer | Kind::Number => Cell::Integer(now),
        Kind::Date => Cell::Text(rfc3339(now).chars().take(10).collect()),
        _ => Cell::Text(rfc3339(now)),
    }
}

fn touch(table: &Table, record: &mut Record, now: i64) {
    for (field, cell) in table.fields.iter().zip(record) {
        if field.touched {
            *cell = time(&field.member.kind, now);
        }
    }
}

fn initial(machine: &Machine, field: &Field, cell: &Cell, found: &mut Found) {
    let Some(initial) = &machine.initial else { return };
    if !cell.is_null() && cell.plain() != *initial {
        found.problem(&field.member.name, format!("must be {initial} at first"), machine.line);
    }
}

/// What remains of a body after all fields: documented members that no field keeps are let pass.
fn others(route: &Route, table: &Table, body: &Map<String, Value>, found: &mut Found) {
    for name in body.keys() {
        let documented = route.drawn.iter().flat_map(|it| &it.names).any(|it| it.0 == *name);
        if !documented {
            let known = table
                .fields
                .iter()
                .filter(|it| !it.declared.starts_with("_key") && !it.server_set)
                .map(|it| it.member.name.as_str());
            found.problem(name, unknown(name, known), table.line);
        }
    }
}

/// The legal step among those that are meant.
fn step<'a>(
    plan: &Plan,
    table: &Table,
    machine: &'a Machine,
    record: &Record,
    old: &Record,
    now: i64,
    meant: impl Fn(&Step) -> bool,
) -> Result<&'a Step, Refused> {
    let state = old.get(machine.field).map(Cell::plain).unwrap_or_default();
    let mut guard = None;
    let due = || machine.steps.iter().filter(|it| meant(it) && it.from.as_ref().is_none_or(|it| *it == state));
    // Most steps have no guard.
    let scope = LazyCell::new(|| plan.conditions.scope(table, record, Some(old), now));
    for step in due() {
        match &step.guard {
            Some(condition) if !scope.is_true(condition) => guard = guard.or(Some(condition)),
            _ => return Ok(step),
        }
    }
    let line =
        guard.map(|it| it.line).or(machine.steps.iter().find(|it| meant(it)).map(|it| it.line)).unwrap_or(machine.line);
    let words = match guard {
        Some(condition) => format!("this {} is {state}, and this is not true: {}", table.name, condition.words),
        None => format!("this {} is {state} and cannot do that now", table.name),
    };
    let name = table.field(machine.field).map_or("", |it| it.member.name.as_str());
    Err(Refused::because(Why::Transition, words, line).about(name, &format!("is {state}")))
}

fn assign(plan: &Plan, table: &Table, machine: &Machine, step: &Step, record: &mut Record, old: &Record, now: i64) {
    let values: Vec<(usize, Cell)> = {
        let scope = LazyCell::new(|| plan.conditions.scope(table, record, Some(old), now));
        let each = step.assignments.iter();
        each.filter_map(|(index, program)| Some((*index, scope.value(program, &table.field(*index)?.member)?)))
            .collect()
    };
    for (index, value) in values.into_iter().chain([(machine.field, Cell::Text(step.to.clone()))]) {
        if let Some(cell) = record.get_mut(index) {
            *cell = value;
        }
    }
}

/// Constraints between fields, and conditions.
fn finish(
    plan: &Plan,
    table: &Table,
    record: Record,
    old: Option<&Record>,
    now: i64,
    mut found: Found,
) -> Result<(Record, Vec<Mention>), Refused> {
    if !found.problems.is_empty() {
        return Err(Refused::invalid(found.problems));
    }
    for (relation, line) in &table.relations {
        related(table, relation, &record, *line, &mut found);
    }
    let due = || table.conditions.iter().filter(|it| old.is_some() || !it.compares_old);
    if due().next().is_some() {
        let scope = plan.conditions.scope(table, &record, old, now);
        for condition in due().filter(|it| !scope.holds(it, &record)) {
            let field = condition.reads.first().and_then(|it| table.field(*it));
            found.problem(field.map_or("", |it| &it.member.name), condition.words.clone(), condition.line);
        }
    }
    if found.problems.is_empty() { Ok((record, found.mentions)) } else { Err(Refused::invalid(found.problems)) }
}

fn related(table: &Table, relation: &Relation, record: &Record, line: u32, found: &mut Found) {
    let name = |it: usize| table.field(it).map_or("", |it| it.member.name.as_str());
    let cell = |it: usize| record.get(it).filter(|it| !it.is_null());
    match relation {
        Relation::Compared { field, other, after, equal } => {
            let (Some(a), Some(b)) = (cell(*field), cell(*other)) else { return };
            let Some(order) = order(a, b) else { return };
            let holds = match order {
                std::cmp::Ordering::Equal => *equal,
                it => (it == std::cmp::Ordering::Greater) == *after,
            };
            if !holds {
                let word = if *after { "after" } else { "before" };
                let or = if *equal { " or equal to" } else { "" };
                found.problem(name(*field), format!("must be {word}{or} {}", name(*other)), line);
            }
        }
        Relation::RequiredWhen { field, other, value } => {
            if cell(*other).is_some_and(|it| it.plain() == *value) && cell(*field).is_none() {
                found.problem(name(*field), format!("is required when {} is {value}", name(*other)), line);
            }
        }
        Relation::AtLeastOneOf(fields) => {
            if fields.iter().all(|it| cell(*it).is_none()) {
                let names: Vec<&str> = fields.iter().map(|it| name(*it)).collect();
                found.problem(
                    names.first().copied().unwrap_or(""),
                    format!("or another of {} is required", names.join(", ")),
                    line,
                );
            }
        }
    }
}

fn order(a: &Cell, b: &Cell) -> Option<std::cmp::Ordering> {
    let (a, b) = (a.plain(), b.plain());
    if let (Some(a), Some(b)) = (crate::shape::moment(&a), crate::shape::moment(&b)) {
        return Some(a.cmp(&b));
    }
    Some(crate::digits::compare(&a, &b).unwrap_or_else(|| a.cmp(&b)))
}

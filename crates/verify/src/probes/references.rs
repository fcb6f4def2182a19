//! Fields that name other records.

use plan::shape::{Kind, Member};
use plan::{Action, OnDelete, Table, Why};
use serde_json::Value;

use crate::probes::fields::keep;
use crate::probes::{Group, Probe};
use crate::records::no_key;
use crate::report::Area;
use crate::session::Session;
use crate::values::{Step, place, words};

pub(super) static PROBE: Probe = Probe {
    name: "references",
    group: Group::Contract,
    summary: "A record names only records that are there, and deleting one does to those that name it what the document says",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        match route.action {
            Action::Create => {
                unknown(session, index, table);
                inside(session, index, table);
            }
            Action::Delete => {
                deleted(session, index, table);
                held(session, index, table);
            }
            _ => {}
        }
    }
}

fn unknown(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    for reference in &table.references {
        if session.over() {
            return;
        }
        let (Some(field), Some(target)) = (table.field(reference.field), session.table(reference.table)) else {
            continue;
        };
        if field.server_set || route.parents.iter().any(|it| it.field == reference.field) {
            continue;
        }
        let Ok(mut draft) = session.draft(index, 0) else { return };
        let key = no_key(target, target.key, &mut session.draw);
        let value = match field.member.kind {
            plan::shape::Kind::Integer | plan::shape::Kind::Number => serde_json::from_str(&key).unwrap_or(Value::Null),
            _ => Value::String(key),
        };
        draft.body.insert(field.member.name.clone(), value);
        if session.drafted(route, table, &draft.body, &draft.parents).is_err() {
            continue;
        }
        session.trace = draft.steps.clone();
        let request = session.submit(route, &draft);
        let Some(answer) = session.send(Some(index), request) else { return };
        let what = format!("a {} whose `{}` names no {}", table.name, field.member.name, target.name);
        let good = session.refused(index, Why::Reference, &answer, reference.line, &what);
        session.tested(Area::Field, &format!("{}.{}", table.name, field.member.name), field.member.line, good);
        if !good && let Some(success) = session.read(index, &answer) {
            keep(session, route, table, &success, &answer, &draft.above);
        }
    }
}

/// Places inside values that hold keys of other records: path, table, line.
fn holders(member: &Member, value: &Value, path: &mut Vec<Step>, found: &mut Vec<(Vec<Step>, usize, u32)>) {
    if let Some(table) = member.refers.filter(|_| !value.is_null()) {
        found.push((path.clone(), table, member.line));
        return;
    }
    match (&member.kind, value) {
        (Kind::List(item), Value::Array(items)) => {
            if let Some(first) = items.first() {
                path.push(Step::Index(0));
                holders(item, first, path, found);
                path.pop();
            }
        }
        (Kind::Object(members), Value::Object(given)) => {
            for member in members {
                if let Some(value) = given.get(&member.name) {
                    path.push(Step::Name(member.name.clone()));
                    holders(member, value, path, found);
                    path.pop();
                }
            }
        }
        _ => {}
    }
}

/// A key inside a value that names nothing.
fn inside(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    let Ok(draft) = session.draft(index, 0) else { return };
    let mut found = Vec::new();
    for (at, field) in table.fields.iter().enumerate() {
        if let Some(value) = draft.body.get(&field.member.name)
            && !table.references.iter().any(|it| it.field == at)
        {
            holders(&field.member, value, &mut vec![Step::Name(field.member.name.clone())], &mut found);
        }
    }
    for (path, target, line) in found {
        let Some(target) = session.table(target) else { continue };
        let Ok(draft) = session.draft(index, 0) else { return };
        let key = no_key(target, target.key, &mut session.draw);
        let value = match target.key_field().map(|it| &it.member.kind) {
            Some(Kind::Integer | Kind::Number) => serde_json::from_str(&key).unwrap_or(Value::Null),
            _ => Value::String(key),
        };
        let mut body = Value::Object(draft.body.clone());
        if !place(&mut body, &path, Some(value)) {
            continue;
        }
        session.trace.clone_from(&draft.steps);
        let request = session.ask(route, &draft.parameters, "").json(&session.wrap(route, body));
        let Some(answer) = session.send(Some(index), request) else { return };
        let what = format!("a {} whose `{}` names no {}", table.name, words(&path), target.name);
        let good = session.refused(index, Why::Reference, &answer, line, &what);
        session.tested(Area::Constraint, &format!("{} references {}", table.name, target.name), line, good);
        if !good && let Some(success) = session.read(index, &answer) {
            keep(session, route, table, &success, &answer, &draft.above);
        }
    }
}

/// Deletes a record whose key stands inside a value of another, where the document says that it is refused.
fn held(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    let how = route.refusals.get(Why::InUse);
    let plan = session.plan;
    if !how.stated {
        return;
    }
    for other in &plan.tables {
        let holds = other.fields.iter().any(|it| !it.member.kind.holders(table.index).is_empty());
        if !holds || session.creator(other.index).is_none() || session.over() {
            continue;
        }
        let kept = session.fixtures.get_mut(table.index).and_then(Option::take);
        session.begin();
        let child = session.create(other.index, 0);
        let parent = session.fixtures.get_mut(table.index).and_then(Option::take);
        if let Some(place) = session.fixtures.get_mut(table.index) {
            *place = kept;
        }
        let (Some(child), Some(parent)) = (child, parent) else { continue };
        if !Value::Object(child.json.clone()).to_string().contains(&parent.key) {
            continue;
        }
        session.trace.clone_from(&child.steps);
        let request = session.about(route, &parent);
        let Some(answer) = session.send(Some(index), request) else { return };
        let what = format!("deleting a {} that a {} names", table.name, other.name);
        let good = session.refused(index, Why::InUse, &answer, how.line, &what);
        session.tested(Area::Constraint, &format!("{} in use by {}", table.name, other.name), how.line, good);
    }
}

/// Deletes a record that another names.
fn deleted(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    let plan = session.plan;
    for other in &plan.tables {
        for reference in other.references.iter().filter(|it| it.table == table.index) {
            let Some(field) = other.field(reference.field) else { continue };
            let entity = other.entity.and_then(|it| session.spec.entities.get(it));
            let said = entity.and_then(|it| it.field(&field.declared)?.reference()?.1).is_some();
            if !said || session.over() || session.creator(other.index).is_none() {
                continue;
            }
            // A record of its own, so that nothing else names it.
            let kept = session.fixtures.get_mut(table.index).and_then(Option::take);
            session.begin();
            let child = session.create(other.index, 0);
            let parent = session.fixtures.get_mut(table.index).and_then(Option::take);
            if let Some(place) = session.fixtures.get_mut(table.index) {
                *place = kept;
            }
            let (Some(child), Some(parent)) = (child, parent) else { continue };
            let own = parent.record.get(table.key).map(plan::cell::Cell::to_json);
            if child.record.get(reference.field).map(plan::cell::Cell::to_json) != own {
                continue;
            }
            session.trace = child.steps.clone();
            let request = session.about(route, &parent);
            let Some(answer) = session.send(Some(index), request) else { return };
            let label = format!("{} references {}", other.name, table.name);
            let what = format!("deleting a {} that a {} names", table.name, other.name);
            let good = match reference.on_delete {
                OnDelete::Restrict => session.refused(index, Why::InUse, &answer, reference.line, &what),
                OnDelete::Cascade | OnDelete::SetNull => {
                    let before = session.failures();
                    session.expect(index, &answer, &what);
                    if let Some((reading, now)) = session.reread(&child) {
                        let gone = matches!(now.status, 404 | 410);
                        let null = !gone
                            && session
                                .read(reading, &now)
                                .and_then(|it| it.record)
                                .is_some_and(|it| it.get(&field.member.name).is_none_or(Value::is_null));
                        let right = if reference.on_delete == OnDelete::Cascade { gone } else { null };
                        if !right {
                            let expected = match reference.on_delete {
                                OnDelete::Cascade => format!("the {} goes with it", other.name),
                                _ => format!("`{}` of the {} is null then", field.member.name, other.name),
                            };
                            let message = format!("{what} leaves the {} as it was", other.name);
                            session.fail(Some(index), reference.line, &message, expected, crate::session::told(&now));
                        }
                    }
                    session.failures() == before
                }
            };
            session.tested(Area::Constraint, &label, reference.line, good);
        }
    }
}

//! Values that no two records share.

use plan::{Action, Table, Unique, Why};
use serde_json::{Map, Value};

use crate::probes::fields::{keep, whole};
use crate::probes::{Group, Probe};
use crate::records::Made;
use crate::report::Area;
use crate::session::Session;

pub(super) static PROBE: Probe = Probe {
    name: "unique",
    group: Group::Contract,
    summary: "A value that another record has is refused where it must be unique, on creation and on change",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route) in session.routes() {
        let Some(table) = route.table.and_then(|it| session.table(it)).filter(|_| session.may_call(route)) else {
            continue;
        };
        for unique in &table.uniques {
            if session.over() {
                return;
            }
            match route.action {
                Action::Create => {
                    twice(session, index, table, unique);
                    freed(session, index, table, unique);
                }
                Action::Update | Action::Replace => {
                    moved(session, index, table, unique);
                    own(session, index, table, unique);
                }
                _ => {}
            }
        }
    }
}

fn names(table: &Table, unique: &Unique) -> Vec<String> {
    unique.fields.iter().filter_map(|it| table.field(*it)).map(|it| it.member.name.clone()).collect()
}

fn twice(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    let names = names(table, unique);
    let label = format!("{} unique {}", table.name, names.join(", "));
    session.begin();
    let Ok(first) = session.draft(index, 0) else { return };
    let Made::Known(known) = session.make(index, &first, true) else { return };
    let Ok(mut second) = session.draft(index, 0) else { return };
    for name in &names {
        match first.body.get(name) {
            Some(value) if !value.is_null() => second.body.insert(name.clone(), value.clone()),
            Some(_) => return,
            // The path gives it, or it has a default: it is the same already.
            None => second.body.shift_remove(name),
        };
    }
    if session.drafted(route, table, second.body.clone(), &second.parents).is_err() {
        return;
    }
    session.trace = known.steps.iter().chain(&second.steps).cloned().collect();
    let body = session.wrap(route, Value::Object(second.body.clone()));
    let request = session.ask(route, &second.parameters, "").json(&body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let what = format!("a second {} with the same {}", table.name, names.join(" and "));
    let good = session.refused(index, Why::Unique, &answer, unique.line, &what);
    session.tested(Area::Constraint, &label, unique.line, good);
    if !good && let Some(success) = session.read(index, &answer) {
        keep(session, route, table, &success, &answer, &second.above);
    }
    // Of several that are unique together each may be shared alone.
    if unique.fields.len() > 1 {
        for name in &names {
            let Ok(mut third) = session.draft(index, 0) else { return };
            let Some(value) = first.body.get(name) else { continue };
            let alone = table.uniques.iter().any(|it| {
                it.fields.len() == 1
                    && it.fields.iter().any(|it| table.field(*it).is_some_and(|it| it.member.name == *name))
            });
            third.body.insert(name.clone(), value.clone());
            let differs = names.iter().any(|it| it != name && third.body.get(it) != first.body.get(it));
            if alone || !differs || session.drafted(route, table, third.body.clone(), &third.parents).is_err() {
                continue;
            }
            session.trace = known.steps.iter().chain(&third.steps).cloned().collect();
            let body = session.wrap(route, Value::Object(third.body.clone()));
            let request = session.ask(route, &third.parameters, "").json(&body);
            let Some(answer) = session.send(Some(index), request) else { return };
            let before = session.failures();
            if answer.status == route.refusals.get(Why::Unique).status {
                let message = format!("a {} that shares only {name} with another is refused", table.name);
                let expected = format!("only {} together must be unique", names.join(" and "));
                session.fail(Some(index), unique.line, &message, expected, crate::session::told(&answer));
            } else if let Some(success) = session.expect(index, &answer, "a request that the document allows") {
                keep(session, route, table, &success, &answer, &third.above);
            }
            let good = session.failures() == before;
            session.tested(Area::Constraint, &label, unique.line, good);
        }
    }
}

fn moved(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    let Some(at) = route.table else { return };
    let names = names(table, unique);
    let fixed = |it: &usize| table.field(*it).is_none_or(|it| it.immutable || it.server_set);
    if unique.fields.iter().any(fixed) {
        return;
    }
    session.begin();
    let (Some(first), Some(second)) = (session.create(at, 0), session.create(at, 0)) else { return };
    let mut body = if route.action == Action::Replace { whole(session, route, table, &second) } else { Map::new() };
    for field in unique.fields.iter().filter_map(|it| Some((table.field(*it)?, first.record.get(*it)?))) {
        if field.1.is_null() {
            return;
        }
        body.insert(field.0.member.name.clone(), field.1.to_json());
    }
    let style = if route.action == Action::Replace { plan::change::Style::Replace } else { plan::change::Style::Merge };
    let now = crate::records::now();
    if plan::change::changed(session.plan, now, route, table, &second.record, body.clone(), style).is_err() {
        return;
    }
    session.trace = first.steps.iter().chain(&second.steps).cloned().collect();
    let body = session.wrap(route, Value::Object(body));
    let request = session.ask(route, &session.parameters(route, &second), "").json(&body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let what = format!("a change to the {} of another {}", names.join(" and "), table.name);
    let good = session.refused(index, Why::Unique, &answer, unique.line, &what);
    session.tested(Area::Constraint, &format!("{} unique {}", table.name, names.join(", ")), unique.line, good);
}

/// A value of a record that was deleted can be taken again.
fn freed(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    let deletes = |it: &plan::Route| it.action == Action::Delete && it.table == Some(table.index);
    let Some((deleting, delete)) = session.routes().find(|it| deletes(it.1) && session.may_call(it.1)) else { return };
    session.begin();
    let Ok(first) = session.draft(index, 0) else { return };
    let Made::Known(known) = session.make(index, &first, true) else { return };
    session.trace.clone_from(&known.steps);
    let request = session.ask(delete, &session.parameters(delete, &known), "");
    let Some(answer) = session.send(Some(deleting), request) else { return };
    if answer.status >= 300 {
        return;
    }
    let body = session.wrap(route, Value::Object(first.body.clone()));
    let request = session.ask(route, &first.parameters, "").json(&body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let names = names(table, unique);
    let before = session.failures();
    let what = format!("a {} with the {} of one that was deleted", table.name, names.join(" and "));
    if let Some(success) = session.expect_at(index, &answer, &what, unique.line) {
        keep(session, route, table, &success, &answer, &first.above);
    }
    let good = session.failures() == before;
    session.tested(Area::Constraint, &format!("{} unique {}", table.name, names.join(", ")), unique.line, good);
}

/// A record may be given the value that it has.
fn own(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    session.begin();
    let Some(known) = session.create(table.index, 0) else { return };
    let mut body = if route.action == Action::Replace { whole(session, route, table, &known) } else { Map::new() };
    for (field, cell) in unique.fields.iter().filter_map(|it| Some((table.field(*it)?, known.record.get(*it)?))) {
        if cell.is_null() {
            return;
        }
        body.insert(field.member.name.clone(), cell.to_json());
    }
    let style = if route.action == Action::Replace { plan::change::Style::Replace } else { plan::change::Style::Merge };
    if plan::change::changed(session.plan, crate::records::now(), route, table, &known.record, body.clone(), style)
        .is_err()
    {
        return;
    }
    session.trace.clone_from(&known.steps);
    let body = session.wrap(route, Value::Object(body));
    let request = session.ask(route, &session.parameters(route, &known), "").json(&body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let names = names(table, unique);
    let before = session.failures();
    session.expect_at(
        index,
        &answer,
        &format!("a change to the {} that a {} has", names.join(" and "), table.name),
        unique.line,
    );
    let good = session.failures() == before;
    session.tested(Area::Constraint, &format!("{} unique {}", table.name, names.join(", ")), unique.line, good);
}

//! What was written is what is read: creation, reading, change, replacement and deletion.

use std::rc::Rc;

use plan::{Action, Table, Why};
use serde_json::{Map, Value};

use crate::probes::fields::same;
use crate::probes::{Group, Probe};
use crate::records::Made;
use crate::report::Area;
use crate::session::{Known, Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "lifecycle",
    group: Group::Contract,
    summary: "What was created, changed or deleted is what is read and listed afterwards",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    let plan = session.plan;
    for table in &plan.tables {
        if session.creator(table.index).is_none() || session.over() {
            continue;
        }
        session.begin();
        // What a record refers to is made before, so that the record alone is new.
        session.fixture(table.index, 0);
        let count =
            session.lister(table.index).and_then(|it| super::paging::keys(session, it, table, 400)).map(|it| it.len());
        let made = session.made.iter().filter(|it| it.table == table.index).count();
        session.begin();
        let Some(known) = session.create(table.index, 0) else { continue };
        let more = session.made.iter().filter(|it| it.table == table.index).count().saturating_sub(made);
        session.trace.clone_from(&known.steps);
        if let (Some(before), Some(index)) = (count, session.lister(table.index))
            && let Some(after) = super::paging::keys(session, index, table, 400)
            && let Some(route) = session.route(index)
        {
            let good = after.len() == before + more;
            if !good {
                let expected = format!("{} records", before + more);
                let line =
                    session.creator(table.index).and_then(|it| session.route(it)).map_or(route.line, |it| it.line);
                session.fail(
                    session.creator(table.index),
                    line,
                    "one request to make a record changes how many there are by another number",
                    expected,
                    format!("{} records", after.len()),
                );
            }
            session.tested(Area::Endpoint, &name(route), route.line, good);
            session.trace.clone_from(&known.steps);
        }
        let json = known.json.clone();
        shows(session, table, &known, &json, "after it was created");
        listed(session, table, &known, true);
        blanks(session, table);
        for (index, route) in session.serving(table.index) {
            match route.action {
                Action::Update | Action::Replace => changed(session, index, table),
                Action::Delete => deleted(session, index, table),
                _ => {}
            }
        }
    }
}

/// A text is kept as it was sent, the blanks around it too.
fn blanks(session: &mut Session, table: &Table) {
    let Some((index, route)) = session.creator(table.index).and_then(|it| Some((it, session.route(it)?))) else {
        return;
    };
    let Ok(mut draft) = session.draft(index, 0) else { return };
    let mut any = false;
    for (at, field) in table.fields.iter().enumerate() {
        // What names a record, itself or another, is no text of somebody's own.
        let names = at == table.key
            || table.references.iter().any(|it| it.field == at)
            || field.member.refers.is_some()
            || field.hidden;
        if names || !matches!(field.member.kind, plan::shape::Kind::Text(_)) {
            continue;
        }
        let Some(own) = draft.body.get(&field.member.name).and_then(Value::as_str) else { continue };
        let mut body = draft.body.clone();
        body.insert(field.member.name.clone(), Value::String(format!(" {own} ")));
        if session.drafted(route, table, &body, &draft.parents).is_ok() {
            draft.body = body;
            any = true;
        }
    }
    if !any {
        return;
    }
    session.begin();
    if let Made::Known(known) = session.make(index, &draft, true) {
        session.trace.clone_from(&known.steps);
        let mut wanted = known.json.clone();
        wanted.extend(draft.body.clone().into_iter().filter(|it| known.json.contains_key(&it.0)));
        shows(session, table, &known, &wanted, "after it was created with blanks around its texts");
    }
}

/// Reads a record and compares it with what it should be.
fn shows(session: &mut Session, table: &Table, known: &Known, wanted: &Map<String, Value>, when: &str) -> bool {
    let mut good = true;
    for _ in 0..3 {
        let Some((index, answer)) = session.reread(known) else { return good };
        let Some(route) = session.route(index) else { return good };
        let before = session.failures();
        let Some(success) = session.expect(index, &answer, &format!("reading a {} {when}", table.name)) else {
            return false;
        };
        if let Some(record) = success.record {
            for field in table.fields.iter().filter(|it| !it.hidden) {
                let (Some(own), Some(read)) = (wanted.get(&field.member.name), record.get(&field.member.name)) else {
                    continue;
                };
                if field.touched || same(&field.member, own, read) {
                    continue;
                }
                let line = if field.member.line > 0 { field.member.line } else { route.line };
                let message = format!("`{}` is read with another value {when}", field.member.name);
                session.fail(Some(index), line, &message, own.to_string(), read.to_string());
            }
        }
        good &= session.failures() == before;
        session.tested(Area::Endpoint, &name(route), route.line, good);
        if !good {
            break;
        }
    }
    good
}

/// Whether the list of all records holds one, as it should.
fn listed(session: &mut Session, table: &Table, known: &Known, wanted: bool) {
    let Some(index) = session.lister(table.index) else { return };
    let Some(route) = session.route(index) else { return };
    if route.query.parameters.iter().any(|it| it.required) {
        return;
    }
    let Some(keys) = super::paging::keys(session, index, table, 400) else { return };
    let there = keys.contains(&known.key);
    if there != wanted {
        let message =
            if wanted { "a record that was created is not listed" } else { "a record that was deleted is listed" };
        let expected = format!("the {} {}", table.name, if wanted { "is in the list" } else { "is in no list" });
        let found = if wanted { "it is in no page" } else { "it is in the list" };
        session.fail(Some(index), route.line, message, expected, found.to_owned());
    }
    session.tested(Area::Endpoint, &name(route), route.line, there == wanted);
}

fn changed(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    let Some(at) = route.table else { return };
    session.begin();
    let Some(known) = session.create(at, 0) else { return };
    let full = session.whole(route, table, &known);
    let names: Vec<String> = full.keys().cloned().collect();
    for own in names {
        if session.over() {
            return;
        }
        let Some((place, field)) = table.fields.iter().enumerate().find(|it| it.1.member.name == own) else { continue };
        if field.immutable
            || field.server_set
            || place == table.key
            || table.references.iter().any(|it| it.field == place)
        {
            continue;
        }
        // The record changes with each round.
        let Some(known) = session.create(at, 0) else { return };
        let mut found = None;
        for attempt in 0..30 {
            let like = known.json.get(&own).filter(|_| attempt % 2 == 0);
            let other = session.value(&field.member, like);
            if known.json.get(&own).is_some_and(|it| same(&field.member, it, &other)) {
                continue;
            }
            let mut body = session.base(route, table, &known);
            body.insert(own.clone(), other);
            if let Ok((record, _)) = session.changed(route, table, &known.record, &body) {
                found = Some((body, record));
                break;
            }
        }
        let Some((body, record)) = found else { continue };
        apply(session, index, table, &known, body, &record, &format!("after `{own}` was changed"));
    }
    if route.action == Action::Replace {
        left_out(session, index, table);
    }
}

/// A replacement that leaves out what it may leave out.
fn left_out(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    let Some(known) = session.create(route.table.unwrap_or(0), 0) else { return };
    let mut body = session.whole(route, table, &known);
    for field in table.fields.iter().filter(|it| !it.member.required && !it.immutable) {
        body.shift_remove(&field.member.name);
    }
    if let Ok((record, _)) = session.changed(route, table, &known.record, &body) {
        apply(session, index, table, &known, body, &record, "after a replacement that leaves out what is optional");
    }
}

/// Sends a change, and reads what became of the record.
fn apply(
    session: &mut Session,
    index: usize,
    table: &Table,
    known: &Rc<Known>,
    body: Map<String, Value>,
    record: &[plan::cell::Cell],
    when: &str,
) {
    let Some(route) = session.route(index) else { return };
    session.trace.clone_from(&known.steps);
    let request = session.alter(route, known, body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let before = session.failures();
    let success = session.expect(index, &answer, "a change that the document allows");
    let mut wanted = Map::new();
    for (field, cell) in table.fields.iter().zip(record) {
        // What the service makes of the time is its own.
        let told = !field.touched && !matches!(field.fill, plan::Fill::Now | plan::Fill::Id | plan::Fill::Example(_));
        if told && (known.json.contains_key(&field.member.name) || !cell.is_null()) {
            wanted.insert(field.member.name.clone(), cell.to_json());
        }
    }
    if let Some(answered) = success.as_ref().and_then(|it| it.record.as_ref()) {
        for field in table.fields.iter().filter(|it| !it.hidden) {
            let (Some(own), Some(read)) = (wanted.get(&field.member.name), answered.get(&field.member.name)) else {
                continue;
            };
            if !same(&field.member, own, read) {
                let line = if field.member.line > 0 { field.member.line } else { route.line };
                let message = format!("`{}` is answered with another value {when}", field.member.name);
                session.fail(Some(index), line, &message, own.to_string(), read.to_string());
            }
        }
    }
    if success.is_some() {
        shows(session, table, known, &wanted, when);
    }
    let good = session.failures() == before;
    session.tested(Area::Endpoint, &name(route), route.line, good);
}

fn deleted(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    session.begin();
    let Some(known) = session.create(route.table.unwrap_or(0), 0) else { return };
    session.trace.clone_from(&known.steps);
    let request = session.about(route, &known);
    let Some(answer) = session.send(Some(index), request.clone()) else { return };
    let before = session.failures();
    if session.expect(index, &answer, "deleting a record").is_some() {
        if let Some((reading, answer)) = session.reread(&known)
            && let Some(reader) = session.route(reading)
        {
            let line = reader.refusals.get(Why::NotFound).line;
            session.refused(
                reading,
                Why::NotFound,
                &answer,
                line,
                &format!("reading a {} that was deleted", table.name),
            );
        }
        listed(session, table, &known, false);
        session.trace.clone_from(&known.steps);
        if let Some(answer) = session.send(Some(index), request) {
            let how = route.refusals.get(Why::NotFound);
            // Deleting what is gone may well succeed, where the document does not say that it does not.
            if how.row.is_some() {
                session.refused(index, Why::NotFound, &answer, how.line, "deleting a record twice");
            }
        }
    }
    let good = session.failures() == before;
    session.tested(Area::Endpoint, &name(route), route.line, good);
}

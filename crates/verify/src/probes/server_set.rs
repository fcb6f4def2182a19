//! Fields that the service sets: no request chooses them.

use plan::shape::Kind;
use plan::{Action, MakeKey};
use serde_json::{Value, json};

use crate::probes::fields::{keep, same};
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::Session;

pub(super) static PROBE: Probe = Probe {
    name: "server-set",
    group: Group::Contract,
    summary: "A field that the service sets does not take the value of a request",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    chosen(session);
    for (index, route) in session.callable() {
        if route.action == Action::Update && !session.over() {
            kept(session, index);
        }
    }
}

/// After a change, what the service sets at creation is as before, and the time of the last change is later.
fn kept(session: &mut Session, index: usize) {
    let Some((route, table)) = session.route(index).and_then(|it| Some((it, session.table(it.table?)?))) else {
        return;
    };
    let Some(known) = session.create(table.index, 0) else { return };
    let mut found = None;
    for field in table.fields.iter().filter(|it| !it.server_set && !it.immutable) {
        let Some(before) = known.json.get(&field.member.name) else { continue };
        for _ in 0..8 {
            let other = session.value(&field.member, Some(before));
            let mut body = serde_json::Map::new();
            body.insert(field.member.name.clone(), other.clone());
            if !same(&field.member, before, &other) && session.changed(route, table, &known.record, &body).is_ok() {
                found = Some(body);
                break;
            }
        }
        if found.is_some() {
            break;
        }
    }
    let Some(body) = found else { return };
    // A clock that counts whole seconds shows no shorter time.
    for wait in [5, 1100] {
        std::thread::sleep(std::time::Duration::from_millis(wait));
        session.trace.clone_from(&known.steps);
        let request = session.alter(route, &known, body.clone());
        let Some(answer) = session.send(Some(index), request) else { return };
        if answer.status >= 300 {
            return;
        }
        let own = session.read(index, &answer).and_then(|it| it.record);
        let Some(after) =
            own.or_else(|| session.reread(&known).and_then(|(index, answer)| session.read(index, &answer)?.record))
        else {
            return;
        };
        let mut again = false;
        for (place, field) in table.fields.iter().enumerate().filter(|it| it.1.server_set && !it.1.hidden) {
            let name = &field.member.name;
            let (Some(before), Some(now)) = (known.json.get(name), after.get(name)) else { continue };
            let assigned = table.machine.as_ref().is_some_and(|it| {
                it.field == place || it.steps.iter().any(|it| it.assignments.iter().any(|it| it.0 == place))
            });
            if assigned {
                continue;
            }
            let line = if field.member.line > 0 { field.member.line } else { route.line };
            let label = format!("{}.{name}", table.name);
            if field.touched {
                let moved = !same(&field.member, before, now);
                if !moved && wait < 1000 {
                    again = true;
                    continue;
                }
                if !moved {
                    let message = format!("`{name}` stays as it was after a change");
                    session.fail(Some(index), line, &message, "the time of the change".to_owned(), now.to_string());
                }
                session.tested(Area::Field, &label, line, moved);
            } else {
                let good = same(&field.member, before, now);
                if !good {
                    let message = format!("`{name}` is changed by a change of another field");
                    session.fail(Some(index), line, &message, before.to_string(), now.to_string());
                }
                session.tested(Area::Field, &label, line, good);
            }
        }
        if !again {
            return;
        }
    }
}

/// A request brings values for what the service sets.
fn chosen(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        if !matches!(route.action, Action::Create | Action::Update | Action::Replace) {
            continue;
        }
        for (place, field) in table.fields.iter().enumerate() {
            let key = place == table.key && table.make_key != MakeKey::Given;
            if !(field.server_set || key) || field.hidden || session.over() {
                continue;
            }
            // `Taken from the request, else set by the server`
            let line = session.line(field.member.line);
            if place == table.key && ["request", "client", "caller"].iter().any(|it| line.contains(it)) {
                continue;
            }
            let chosen = match field.member.kind {
                Kind::DateTime => json!("2001-02-03T04:05:06Z"),
                Kind::Date => json!("2001-02-03"),
                Kind::Integer | Kind::Number => json!(987_654_321),
                Kind::Uuid => json!("deadbeef-dead-4ead-8ead-deadbeef0001"),
                Kind::Text(_) => json!("chosen-by-the-caller"),
                _ => continue,
            };
            let (request, above, steps) = if route.action == Action::Create {
                let Ok(mut draft) = session.draft(index, 0) else { continue };
                draft.body.insert(field.member.name.clone(), chosen.clone());
                let body = session.wrap(route, Value::Object(draft.body.clone()));
                (session.ask(route, &draft.parameters, "").json(&body), draft.above.clone(), draft.steps.clone())
            } else {
                let Some(known) = session.create(table.index, 0) else { continue };
                let mut body = session.base(route, table, &known);
                body.insert(field.member.name.clone(), chosen.clone());
                let request = session.alter(route, &known, body);
                (request, Vec::new(), known.steps.clone())
            };
            session.trace = steps;
            let Some(answer) = session.send(Some(index), request) else { continue };
            let success = if answer.status < 300 { session.read(index, &answer) } else { None };
            let taken = success.as_ref().and_then(|it| it.record.as_ref()?.get(&field.member.name));
            let good = taken.is_none_or(|it| !same(&field.member, it, &chosen));
            if let Some(success) = &success {
                keep(session, route, table, success, &answer, &above);
            }
            let line = if field.member.line > 0 { field.member.line } else { route.line };
            if !good {
                let message = format!("`{}` takes the value of a request", field.member.name);
                let expected = "the service sets it".to_owned();
                session.fail(Some(index), line, &message, expected, chosen.to_string());
            }
            session.tested(Area::Field, &format!("{}.{}", table.name, field.member.name), line, good);
        }
    }
}

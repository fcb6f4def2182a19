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
    for (index, route) in session.routes() {
        let Some((at, table)) = route.table.and_then(|it| Some((it, session.table(it)?))) else { continue };
        if !matches!(route.action, Action::Create | Action::Update | Action::Replace) || !session.may_call(route) {
            continue;
        }
        for (place, field) in table.fields.iter().enumerate() {
            let key = place == table.key && table.make_key != MakeKey::Given;
            if !(field.server_set || key) || field.hidden || session.over() {
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
                let Some(known) = session.create(at, 0) else { continue };
                let mut body = if route.action == Action::Replace {
                    super::fields::whole(session, route, table, &known)
                } else {
                    serde_json::Map::new()
                };
                body.insert(field.member.name.clone(), chosen.clone());
                let body = session.wrap(route, Value::Object(body));
                let request = session.ask(route, &session.parameters(route, &known), "").json(&body);
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

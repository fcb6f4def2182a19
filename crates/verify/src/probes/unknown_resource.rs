//! Records that are not there.

use plan::{Action, MakeKey, Why};
use serde_json::Value;

use crate::probes::{Group, Probe};
use crate::records::no_key;
use crate::report::Area;
use crate::session::{Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "unknown-resource",
    group: Group::Contract,
    summary: "What names no record is not found, by each method and below each parent",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    nowhere(session);
    for (index, route, table) in session.tabled() {
        if table.make_key == MakeKey::Single || session.over() {
            continue;
        }
        let how = route.refusals.get(Why::NotFound);
        if let Some((at, field)) = route.record {
            session.begin();
            let fixture = session.fixture(table.index, 0);
            if fixture.is_none() && route.path.parameters().count() > 1 {
                continue;
            }
            let mut parameters =
                fixture.as_ref().map_or_else(|| vec![String::new()], |it| session.parameters(route, it));
            let key = no_key(table, field, &mut session.draw);
            if let Some(place) = parameters.get_mut(at) {
                *place = key;
            }
            // A body that would do for a record that is there.
            let body = match route.action {
                Action::Update | Action::Replace => {
                    let mut body = match &fixture {
                        Some(it) => session.whole(route, table, it),
                        None => session.example(route),
                    };
                    body.retain(|name, _| table.fields.iter().any(|it| it.member.name == *name && !it.immutable));
                    // Without one, the body could be what is wrong.
                    if body.is_empty() {
                        continue;
                    }
                    Some(Value::Object(body))
                }
                Action::Transition(_) => Some(session.event_body(index)).filter(|it| !it.is_empty()).map(Value::Object),
                _ => None,
            };
            let bare = session.ask(route, &parameters, "");
            let request = match body {
                Some(body) => bare.json(&session.wrap(route, body)),
                None => bare,
            };
            session.begin();
            let Some(answer) = session.send(Some(index), request) else { continue };
            let deletes = route.action == Action::Delete && how.row.is_none();
            if !deletes {
                let good = session.refused(
                    index,
                    Why::NotFound,
                    &answer,
                    how.line,
                    &format!("a {} that is not there", table.name),
                );
                session.tested(Area::Endpoint, &name(route), route.line, good);
            }
        }
        if matches!(route.action, Action::List | Action::Create) && how.row.is_some() {
            for parent in &route.parents {
                let Some(above) = session.table(parent.table) else { continue };
                session.begin();
                let key = no_key(above, above.key, &mut session.draw);
                let creates = route.action == Action::Create;
                let draft = if creates { session.draft(index, 0).ok() } else { None };
                let drafted = draft.as_ref().map(|it| it.parameters.clone());
                let parameters = drafted.or_else(|| super::paging::above(session, index).filter(|_| !creates));
                let Some(mut parameters) = parameters else { continue };
                if let Some(place) = parameters.get_mut(parent.parameter) {
                    *place = key;
                }
                let request = match draft {
                    Some(draft) => session.bring(route, &parameters, draft.body),
                    None => session.ask(route, &parameters, ""),
                };
                session.begin();
                let Some(answer) = session.send(Some(index), request) else { continue };
                let good = session.refused(
                    index,
                    Why::NotFound,
                    &answer,
                    how.line,
                    &format!("what stands below a {} that is not there", above.name),
                );
                session.tested(Area::Endpoint, &name(route), route.line, good);
            }
        }
    }
}

/// A path that nothing has.
fn nowhere(session: &mut Session) {
    // Where all else is behind a gate, that is behind it too.
    let Some((_, route)) = session.callable().next() else { return };
    session.begin();
    let mut request = session.ask(route, &[], "");
    request.method = "GET".to_owned();
    request.target = format!("/{}/no-such-path", session.draw.token(8));
    let Some(answer) = session.send(None, request) else { return };
    session.strayed(Why::NoRoute, &answer, "a path that the document does not declare");
}

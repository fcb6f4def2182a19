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
    for (index, route) in session.routes() {
        let Some(table) = route.table.and_then(|it| session.table(it)).filter(|_| session.may_call(route)) else {
            continue;
        };
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
                        Some(it) => super::fields::whole(session, route, table, it),
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
                let Some(mut parameters) = super::paging::above(session, index) else { continue };
                let Ok(draft) =
                    (if route.action == Action::Create { session.draft(index, 0) } else { Err(String::new()) })
                        .or_else(|it| {
                            if route.action == Action::List {
                                Ok(crate::records::Draft {
                                    body: serde_json::Map::new(),
                                    parents: Vec::new(),
                                    parameters: parameters.clone(),
                                    above: Vec::new(),
                                    steps: Vec::new(),
                                })
                            } else {
                                Err(it)
                            }
                        })
                else {
                    continue;
                };
                if route.action == Action::Create {
                    parameters.clone_from(&draft.parameters);
                }
                if let Some(place) = parameters.get_mut(parent.parameter) {
                    *place = key;
                }
                let request = session.ask(route, &parameters, "");
                let request = if route.action == Action::Create {
                    request.json(&session.wrap(route, Value::Object(draft.body.clone())))
                } else {
                    request
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
    let Some((_, route)) = session.routes().find(|it| session.may_call(it.1)) else { return };
    session.begin();
    let mut request = session.ask(route, &[], "");
    request.method = "GET".to_owned();
    request.target = format!("/{}/no-such-path", session.draw.token(8));
    let Some(answer) = session.send(None, request) else { return };
    session.strayed(Why::NoRoute, &answer, "a path that the document does not declare");
}

//! Each endpoint once, in the way that the document shows.

use std::rc::Rc;

use plan::Action;
use serde_json::{Map, Value};

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Known, Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "examples",
    group: Group::Contract,
    summary: "Each endpoint answers a request as the document shows it",
    safe: true,
    run,
};

fn run(session: &mut Session) {
    for table in 0..session.plan.tables.len() {
        session.begin();
        session.fixture(table, 0);
    }
    for (index, route) in session.callable() {
        if session.over() {
            return;
        }
        if session.options.safe && route.method != "GET" {
            continue;
        }
        session.begin();
        let known = route.table.and_then(|it| session.fixtures.get(it).cloned().flatten());
        let request = match (&route.action, known) {
            (Action::Read, Some(known)) => {
                session.trace = known.steps.clone();
                session.about(route, &known)
            }
            (Action::List, known) => {
                let mut parameters = Vec::new();
                for parent in &route.parents {
                    let Some(above) = session.fixture(parent.table, 0) else { continue };
                    parameters.push(above.key.clone());
                }
                if parameters.len() < route.path.parameters().count() {
                    let Some(known) = known else { continue };
                    parameters = session.parameters(route, &known);
                }
                let required = route.query.parameters.iter().filter(|it| it.required);
                let mut pairs = Vec::new();
                for parameter in required {
                    let value = session.value(&parameter.member, None);
                    pairs.push((
                        parameter.name.clone(),
                        value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    ));
                }
                let pairs: Vec<(&str, &str)> = pairs.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
                session.ask(route, &parameters, &crate::requests::query(&pairs))
            }
            (Action::Example, known) => {
                let parameters = match known {
                    Some(known) => session.parameters(route, &known),
                    None if route.path.parameters().count() > 0 => continue,
                    None => Vec::new(),
                };
                if route.query.parameters.iter().any(|it| it.required) {
                    continue;
                }
                let request = session.ask(route, &parameters, "");
                let body = session.example(route);
                if body.is_empty() || route.method == "GET" {
                    request
                } else {
                    request.json(&session.wrap(route, Value::Object(body)))
                }
            }
            (Action::Delete, _) => {
                let Some(known) = route.table.and_then(|it| session.create(it, 0)) else { continue };
                session.trace.clone_from(&known.steps);
                session.about(route, &known)
            }
            (Action::Update | Action::Replace, _) => {
                let Some((known, body)) = changed(session, index) else { continue };
                session.trace.clone_from(&known.steps);
                let request = session.about(route, &known);
                request.json(&session.wrap(route, Value::Object(body)))
            }
            _ => continue,
        };
        // What an endpoint does of which only an example is known depends on what nobody wrote down.
        let certain = route.action != Action::Example || route.method == "GET";
        let Some(answer) = session.send(Some(index), request) else { continue };
        let before = session.failures();
        if certain || answer.status < 300 {
            session.expect(index, &answer, "a request that the document shows");
        }
        let good = session.failures() == before;
        session.tested(Area::Endpoint, &name(route), route.line, good);
    }
}

/// A record, and a change of it like the one that the document shows.
fn changed(session: &mut Session, index: usize) -> Option<(Rc<Known>, Map<String, Value>)> {
    let route = session.route(index)?;
    let table = route.table.and_then(|it| session.table(it))?;
    let known = session.create(table.index, 0)?;
    let mut body = session.base(route, table, &known);
    for (name, value) in session.example(route) {
        let at = table.fields.iter().position(|it| it.member.name == name);
        let refers = at.is_some_and(|at| {
            session.is_unique(table, at, &[])
                || table.references.iter().any(|it| it.field == at)
                || table.field(at).is_some_and(|it| (0..64).any(|other| !it.member.kind.holders(other).is_empty()))
        });
        if !refers {
            body.insert(name, value);
        }
    }
    session.changed(route, table, &known.record, &body).is_ok().then_some((known, body))
}

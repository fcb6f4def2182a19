//! Each endpoint once, in the way that the document shows.

use plan::Action;
use serde_json::Value;

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Session, name};

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
    for (index, route) in session.routes() {
        if session.over() {
            return;
        }
        if !session.may_call(route) || (session.options.safe && route.method != "GET") {
            continue;
        }
        session.begin();
        let known = route.table.and_then(|it| session.fixtures.get(it).cloned().flatten());
        let request = match (&route.action, known) {
            (Action::Read, Some(known)) => {
                session.trace = known.steps.clone();
                session.ask(route, &session.parameters(route, &known), "")
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
                session.ask(route, &parameters, &crate::records::query(&pairs))
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

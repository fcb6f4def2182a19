//! Methods that the document does not declare.

use std::collections::BTreeMap;

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Session, name, path};

pub(super) static PROBE: Probe = Probe {
    name: "methods",
    group: Group::Contract,
    summary: "A path does nothing by a method that the document does not declare for it",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    let mut paths: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, route) in session.routes() {
        paths.entry(path(route)).or_default().push(index);
    }
    let refuses = |it: &model::ErrorRow| it.status == Some(405);
    let stated = session.spec.errors.iter().chain(session.spec.endpoints.iter().flat_map(|it| &it.errors)).any(refuses);
    for indices in paths.values() {
        let Some((index, route)) = indices.first().and_then(|it| Some((*it, session.route(*it)?))) else { continue };
        if !session.may_call(route) || session.over() {
            continue;
        }
        let declared: Vec<&str> =
            indices.iter().filter_map(|it| session.route(*it)).map(|it| it.method.as_str()).collect();
        let known = route.table.and_then(|it| session.fixtures.get(it).cloned().flatten());
        let parameters = known.map_or_else(Vec::new, |it| session.parameters(route, &it));
        // What would do harm if it were served is not tried.
        for method in ["PATCH", "PUT", "POST"] {
            // Where one of them is declared, others may well do the same.
            if declared.contains(&method)
                || (method != "POST" && declared.iter().any(|it| matches!(*it, "PATCH" | "PUT")))
            {
                continue;
            }
            session.begin();
            let mut request = session.ask(route, &parameters, "").json(&serde_json::json!({}));
            request.method = method.to_owned();
            let Some(answer) = session.send(Some(index), request) else { return };
            // Without a sentence about it, a path may do more than the document tells.
            if !stated && answer.status < 500 {
                continue;
            }
            let good =
                session.strayed(plan::Why::Method, &answer, &format!("{method}, which the document does not declare"));
            session.tested(Area::Endpoint, &name(route), route.line, good);
        }
    }
}

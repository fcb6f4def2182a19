//! What paths and queries may say.

use plan::shape::{Found, Kind};
use plan::{Action, Why};
use serde_json::Value;

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::requests::query;
use crate::session::{Session, name};
use crate::values::candidates;

pub(super) static PROBE: Probe = Probe {
    name: "parameters",
    group: Group::Contract,
    summary: "Parameters of paths and queries are held to their types and limits",
    safe: true,
    run,
};

fn run(session: &mut Session) {
    for (index, route) in session.callable() {
        if session.over() || !matches!(route.method.as_str(), "GET") {
            continue;
        }
        queries(session, index);
        page(session, index);
        paths(session, index);
    }
}

fn queries(session: &mut Session, index: usize) {
    let Some(route) = session.route(index) else { return };
    if route.action != Action::List {
        return;
    }
    for parameter in route.query.parameters.iter().filter(|it| it.said) {
        session.begin();
        let Some(parameters) = super::paging::above(session, index) else { return };
        let others: Vec<(String, String)> = route
            .query
            .parameters
            .iter()
            .filter(|it| it.required && it.name != parameter.name)
            .map(|it| {
                let value = session.value(&it.member, None);
                (it.name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
        if parameter.required {
            send(
                session,
                index,
                &parameters,
                &others,
                None,
                parameter.line,
                &format!("a request without `{}`", parameter.name),
            );
        }
        if matches!(parameter.member.kind, Kind::Any | Kind::List(_) | Kind::Map(_) | Kind::Object(_)) {
            continue;
        }
        let base = session.value(&parameter.member, None);
        let mut found = Vec::new();
        // How long the values of a field are is no matter of those that are looked for.
        let mut member = parameter.member.clone();
        if parameter.field.is_some() && matches!(member.kind, Kind::Text(_)) {
            member.kind = Kind::Text(None);
        }
        candidates(&member, &base, &[], &mut session.draw, &mut found);
        for candidate in found {
            let Some(value) = candidate.value else { continue };
            let text = match &value {
                Value::String(text) => text.clone(),
                Value::Null | Value::Object(_) | Value::Array(_) => continue,
                other => other.to_string(),
            };
            let mut problems = Found::default();
            let read = member.read(&text, &parameter.name, &mut problems);
            let Some(problem) = problems.problems.first().filter(|_| read.is_none()) else { continue };
            let what = format!("`{}` that is {}", parameter.name, candidate.what);
            let line = if problem.line > 0 { problem.line } else { parameter.line };
            send(session, index, &parameters, &others, Some((&parameter.name, &text)), line, &what);
        }
    }
}

/// The parameters that choose a page, where the document says their types.
fn page(session: &mut Session, index: usize) {
    let Some(route) = session.route(index) else { return };
    let Some(own) = route.query.page.as_ref().filter(|_| route.action == Action::List) else { return };
    let Some(parameters) = super::paging::above(session, index) else { return };
    let names = [own.limit_said.then_some(&own.limit), own.number.as_ref(), own.offset.as_ref()];
    for name in names.into_iter().flatten() {
        let endpoint = session.spec.endpoints.get(route.endpoint);
        let typed = endpoint
            .into_iter()
            .flat_map(|it| &it.parameters)
            .find(|it| it.value.name == *name && it.value.ty.is_some());
        let Some(parameter) = typed else { continue };
        let line = session.lines().of(parameter.span);
        session.begin();
        send(session, index, &parameters, &[], Some((name, "many")), line, &format!("`{name}` that is a word"));
    }
    if let Some(sort) = route.query.sort.as_ref().filter(|it| !it.words.is_empty())
        && let Some(name) = &sort.field
    {
        send(
            session,
            index,
            &parameters,
            &[],
            Some((name, "no-such-word")),
            sort.line,
            &format!("`{name}` that is a word that is not listed"),
        );
    }
}

/// Segments of a path that can be no key, and one that is no text at all.
fn paths(session: &mut Session, index: usize) {
    let Some(route) = session.route(index) else { return };
    let Some((at, field)) = route.record else { return };
    let Some((table, member)) = route.table.and_then(|it| Some((it, &session.table(it)?.field(field)?.member))) else {
        return;
    };
    if matches!(member.kind, Kind::Text(_) | Kind::Any) {
        return;
    }
    let Some(known) = session.fixture(table, 0) else { return };
    let line = session.spec.endpoints.get(route.endpoint).and_then(|it| {
        let own = it.parameters.iter().find(|it| it.value.place == model::claim::Place::Path);
        own.map(|it| session.lines().of(it.span))
    });
    let line = line.unwrap_or(route.line);
    for (what, text) in [("a key that can be none", "not-a-key"), ("a percent sign without digits", "%zz")] {
        let mut parameters = session.parameters(route, &known);
        if let Some(place) = parameters.get_mut(at) {
            *place = text.to_owned();
        }
        session.begin();
        let mut request = session.ask(route, &parameters, "");
        request.target = request.target.replace("%25zz", "%zz");
        let Some(answer) = session.send(Some(index), request) else { continue };
        let how = route.refusals.get(Why::MalformedKey);
        // That it is not there is always true.
        let mut good = matches!(answer.status, 400 | 404);
        // Nor can what the document has a row for be wrong.
        let endpoint = session.spec.endpoints.get(route.endpoint);
        let row = endpoint.into_iter().flat_map(|it| &it.errors).find(|it| it.status == Some(answer.status));
        if let Some(row) = row.filter(|_| answer.status < 500) {
            let row = session.lines().of(row.span);
            session.tested(Area::Error, &format!("{} {}", name(route), answer.status), row, true);
            good = true;
        }
        if answer.status >= 500 {
            session.fail(
                Some(index),
                line,
                &format!("{what} makes the server fail"),
                "a refusal".to_owned(),
                crate::session::told(&answer),
            );
        } else if !good {
            good = session.refused(index, Why::MalformedKey, &answer, how.line, what);
        }
        session.tested(Area::Endpoint, &name(route), route.line, good);
    }
}

pub(super) fn send(
    session: &mut Session,
    index: usize,
    parameters: &[String],
    others: &[(String, String)],
    own: Option<(&str, &str)>,
    line: u32,
    what: &str,
) {
    let Some(route) = session.route(index) else { return };
    session.begin();
    let pairs: Vec<(&str, &str)> = others.iter().map(|it| (it.0.as_str(), it.1.as_str())).chain(own).collect();
    let request = session.ask(route, parameters, &query(&pairs));
    let Some(answer) = session.send(Some(index), request) else { return };
    let good = session.refused(index, Why::Validation, &answer, line, what);
    session.tested(Area::Endpoint, &name(route), line, good);
}

//! Loads and targets: what can be measured from outside, under the load that the document names.

use plan::Action;

use crate::client::authorized;
use crate::probes::{Group, Probe};
use crate::report::{Area, Cut};
use crate::session::Session;
use crate::targets::{self, Verdict, Workload};

pub(super) static PROBE: Probe = Probe {
    name: "targets",
    group: Group::Performance,
    summary: "Each load and target that can be measured from outside is met, under the load that the document names",
    safe: true,
    run,
};

fn run(session: &mut Session) {
    if session.spec.targets.is_empty() {
        return;
    }
    let url = session.client.base().to_owned();
    let tls = url.starts_with("https://");
    let rest = url.split_once("://").map_or("", |it| it.1);
    let (authority, base) = rest.split_once('/').map_or((rest, String::new()), |it| (it.0, format!("/{}", it.1)));
    let authority = if authority.contains(':') { authority.to_owned() } else { format!("{authority}:80") };
    // Requests that can be sent again and again.
    let mut usable = Vec::new();
    let mut reads: Vec<(usize, Vec<String>)> = Vec::new();
    for (index, route) in session.callable() {
        if route.query.parameters.iter().any(|it| it.required) {
            continue;
        }
        let parameters = match route.action {
            Action::List => super::paging::above(session, index),
            Action::Read => route.table.and_then(|it| session.fixture(it, 0)).map(|it| session.parameters(route, &it)),
            Action::Example if route.method == "GET" && route.path.parameters().count() == 0 => Some(Vec::new()),
            Action::Create if !session.options.safe && session.draft(index, 0).is_ok() => Some(Vec::new()),
            _ => None,
        };
        if let Some(parameters) = parameters {
            usable.push(route.endpoint);
            reads.push((index, parameters));
        }
    }
    let budget = session.left().mul_f64(0.9).min(session.options.load);
    let options = targets::Options {
        authority: &authority,
        tls,
        pid: session.options.pid,
        budget,
        timeout: session.options.timeout,
        stop: session.options.stop.clone(),
    };
    let spec = session.spec;
    let mut next = |endpoint: usize, out: &mut Vec<u8>| -> bool {
        let Some((index, parameters)) =
            reads.iter().find(|it| session.route(it.0).is_some_and(|it| it.endpoint == endpoint))
        else {
            return false;
        };
        let Some(route) = session.route(*index) else { return false };
        let request = if route.action == Action::Create {
            let Ok(draft) = session.draft(*index, 0) else { return false };
            session.submit(route, &draft)
        } else {
            session.ask(route, parameters, "")
        };
        let request = match session.client.login().filter(|_| !authorized(&request)) {
            Some(login) => request.header("authorization", login),
            None => request,
        };
        let headers: Vec<(&str, &str)> = request.headers.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
        let path = format!("{base}{}", request.target);
        crate::load::request(out, &authority, &request.method, &path, &headers, request.body.as_deref());
        true
    };
    let outcome = targets::measure(spec, &mut Workload { usable, next: &mut next }, &options, &mut |_| {});
    if let Some(died) = outcome.died {
        session.ended = Some(Cut::Silent(format!("it died after {died}")));
    }
    session.begin();
    for measured in outcome.measured {
        let line = session.lines().of(measured.span);
        match &measured.verdict {
            Verdict::Met => session.tested(Area::Performance, &measured.text, line, true),
            Verdict::Missed => {
                if let Some(figure) = &measured.figure {
                    let word = if figure.least { "at least" } else { "at most" };
                    let expected = format!("{} {word} {} {}", figure.name, round(figure.limit), figure.unit);
                    let high = figure.high.map_or_else(|| "…".to_owned(), round);
                    let found = format!(
                        "{} {} (95 % within {} to {high}; {} samples, {})",
                        round(figure.value),
                        figure.unit,
                        round(figure.low),
                        figure.samples,
                        figure.how
                    );
                    session.fail(None, line, "a target is missed", expected, found);
                }
                session.tested(Area::Performance, &measured.text, line, false);
            }
            Verdict::Open(why) => session.untested(Area::Performance, &measured.text, line, why),
        }
        session.measured.push(measured);
    }
}

/// A figure to three digits.
fn round(value: f64) -> String {
    let digits = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.digits$}")
}

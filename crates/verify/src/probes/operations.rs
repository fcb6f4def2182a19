//! What those who run a service ask it: whether it is well, and its metrics.

use model::claim::Property;

use crate::client::Request;
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Session, name, told};

pub(super) static HEALTH: Probe = Probe {
    name: "health",
    group: Group::Operations,
    summary: "The endpoints of health answer as the document shows",
    safe: true,
    run: health,
};

pub(super) static METRICS: Probe = Probe {
    name: "metrics",
    group: Group::Operations,
    summary: "The metrics that the document names are among those that the target shows",
    safe: true,
    run: metrics,
};

fn health(session: &mut Session) {
    for (index, route) in session.routes() {
        let last = crate::session::path(route).rsplit('/').next().map(model::names::key).unwrap_or_default();
        let own =
            ["health", "healthz", "ready", "readyz", "readiness", "live", "livez", "liveness", "ping", "healthcheck"];
        if route.method != "GET" || !own.contains(&last.as_str()) || route.path.parameters().count() > 0 {
            continue;
        }
        session.begin();
        let request = session.ask(route, &[], "");
        let Some(answer) = session.send(Some(index), request) else { return };
        let before = session.failures();
        session.expect(index, &answer, "a question after its health");
        // The shape of this answer is what it is about.
        if session.failures() > before {
            let found = told(&answer);
            session.fail(
                Some(index),
                route.line,
                "the health is not told as the document shows",
                "the answer shown".to_owned(),
                found,
            );
        }
        let good = session.failures() == before;
        session.tested(Area::Operations, &name(route), route.line, good);
    }
}

fn metrics(session: &mut Session) {
    let claims = session.spec.claims();
    let lines = session.lines();
    let mut wanted: Vec<(String, u32)> = Vec::new();
    for subject in claims.subjects_of("metric") {
        let Some(claim) = claims.of(subject, Property::Declared).next() else { continue };
        let name = claim.value.as_text().unwrap_or_default().trim();
        // The names of Prometheus; sentences are for people.
        let plain = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == ':');
        if plain && name.contains('_') && !wanted.iter().any(|it| it.0 == name) {
            wanted.push((name.to_owned(), lines.of(claim.span)));
        }
    }
    if wanted.is_empty() {
        return;
    }
    // Where they are is said by an endpoint or in words.
    let declared = session
        .routes()
        .find(|it| it.1.method == "GET" && crate::session::path(it.1).ends_with("metrics"))
        .map(|it| crate::session::path(it.1));
    let said = declared.or_else(|| in_words(session));
    let path = said.clone().unwrap_or_else(|| "/metrics".to_owned());
    session.begin();
    let Some(answer) = session.send(None, Request::new("GET", path.clone())) else { return };
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let shown = answer.status == 200
        && text.lines().any(|it| it.starts_with("# TYPE") || it.starts_with(|it: char| it.is_ascii_alphabetic()));
    for (metric, line) in wanted {
        if !shown {
            if said.is_some() {
                let expected = format!("the metrics at {path}");
                session.fail(None, line, "there are no metrics where the document says", expected, told(&answer));
                session.tested(Area::Operations, &metric, line, false);
            } else {
                session.untested(
                    Area::Operations,
                    &metric,
                    line,
                    "the document does not say where the metrics are, and /metrics shows none",
                );
            }
            continue;
        }
        let good = text.lines().any(|it| {
            let own = it.trim_start_matches("# TYPE ").trim_start_matches("# HELP ");
            let rest = own.strip_prefix(metric.as_str());
            rest.is_some_and(|it| {
                ["", " ", "{", "_bucket", "_sum", "_count", "_total", "_created"]
                    .iter()
                    .any(|end| if end.is_empty() { it.is_empty() } else { it.starts_with(end) })
            })
        });
        if !good {
            session.fail(
                None,
                line,
                &format!("there is no metric `{metric}`"),
                format!("`{metric}` at {path}"),
                "it is not among the metrics".to_owned(),
            );
        }
        session.tested(Area::Operations, &metric, line, good);
    }
}

/// A path of metrics that the document names.
fn in_words(session: &Session) -> Option<String> {
    let doc = session.spec.document();
    let sections = doc.sections.iter();
    let mut found = None;
    for section in sections {
        syntax::document::inlines(&section.blocks, &mut |it| {
            for code in it.all().codes() {
                let path = code.as_str();
                let path = path.strip_prefix("GET ").unwrap_or(path).trim();
                if found.is_none() && path.starts_with('/') && path.ends_with("metrics") && !path.contains(' ') {
                    found = Some(path.to_owned());
                }
            }
        });
    }
    found
}

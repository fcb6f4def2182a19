//! Endpoints that the text speaks of and the API does not have.

use model::claim::{Claim, Property};
use model::{Endpoint, Spec};
use rustc_hash::FxHashSet;
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-endpoint",
    summary: "the text speaks of a method that its path does not have in the API",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-endpoint.md"),
    check: Check::Spec(unknown_endpoint),
};

/// With fewer endpoints the API section may be an extract.
const MIN_DECLARED: usize = 3;

fn unknown_endpoint(sink: &mut Sink<'_>, spec: &Spec) {
    if spec.endpoints.len() < MIN_DECLARED {
        return;
    }
    let mut told = FxHashSet::default();
    for claim in spec.claims().all.iter().filter(|it| it.property == Property::Referenced) {
        let Some((method, key)) = route(claim) else { continue };
        if spec.claims().of(&claim.subject, Property::Declared).next().is_some()
            || spec.claims().of(&claim.subject, Property::Choice).next().is_some()
            || matches!(method, "HEAD" | "OPTIONS")
            || !told.insert(claim.subject.clone())
        {
            continue;
        }
        // The same path, or the same path under its prefix (`/orders` for `/api/v1/orders`).
        let same = |it: &&Endpoint| path_key(it).is_some_and(|own| fits(own, key));
        let shorter = |it: &&Endpoint| path_key(it).is_some_and(|own| own.len() > key.len() && own.ends_with(key));
        let beside: Vec<&Endpoint> = spec.endpoints.iter().filter(same).collect();
        let beside = if beside.is_empty() { spec.endpoints.iter().filter(shorter).collect() } else { beside };
        // A path that the API does not know at all may be of another system, or a page.
        let Some(first) = beside.first() else { continue };
        if beside.iter().any(|it| it.method == method) {
            continue;
        }
        let mut methods: Vec<&str> = beside.iter().map(|it| it.method.as_str()).collect();
        methods.dedup();
        drop(
            sink.report(
                claim.span,
                format!("the API has no {method} here: `{}` has {}", first.path, methods.join(", ")),
            )
            .about(&claim.subject)
            .label(first.span, "what the API has"),
        );
    }
}

/// Whether two paths may be one: `/orders/42` is an example of `/orders/{}`, and `/config/{}` stands for
/// `/config/project`.
fn fits(own: &str, key: &str) -> bool {
    let (a, b) = (own.split('/'), key.split('/'));
    a.clone().count() == b.clone().count() && a.zip(b).all(|(a, b)| a == b || a == "{}" || b == "{}")
}

/// Method and path of an endpoint's claim.
fn route(claim: &Claim) -> Option<(&str, &str)> {
    claim.subject.as_str().strip_prefix("endpoint.")?.split_once('.')
}

fn path_key(endpoint: &Endpoint) -> Option<&str> {
    endpoint.subject.as_str().strip_prefix("endpoint.")?.split_once('.').map(|it| it.1)
}

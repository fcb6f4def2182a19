//! Endpoints of the document that the OpenAPI file it links to has otherwise, or not at all.

use model::claim::{Property, Value};
use model::{Endpoint, Spec};
use source::Level;

use crate::offered::Offered;
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "openapi-disagrees",
    summary: "the linked OpenAPI file has an endpoint otherwise, or not at all",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/openapi-disagrees.md"),
    check: Check::Spec(openapi_disagrees),
};

/// The file is the contract of the document if it has at least so many of its endpoints, and half of them.
const MIN_SHARED: usize = 2;

fn openapi_disagrees(sink: &mut Sink<'_>, spec: &Spec) {
    let offered = Offered::of(spec);
    if offered.is_empty() {
        return;
    }
    let own = || spec.endpoints.iter().filter_map(|it| Some((it, it.subject.as_str().strip_prefix("endpoint.")?)));
    let own: Vec<(&Endpoint, &str)> = own().filter_map(|(it, at)| Some((it, at.split_once('.')?.1))).collect();
    let shared = own.iter().filter(|it| offered.get(&it.0.method, it.1).is_some()).count();
    let is_contract = shared >= MIN_SHARED && shared * 2 >= own.len();
    for (endpoint, key) in own {
        match offered.get(&endpoint.method, key) {
            Some(claim) => statuses(sink, spec, endpoint, claim),
            None if is_contract && !key.contains('*') => missing(sink, &offered, endpoint, key),
            None => {}
        }
    }
}

fn missing(sink: &mut Sink<'_>, offered: &Offered<'_>, endpoint: &Endpoint, key: &str) {
    let beside = offered.at(key);
    let Some((_, first)) = beside.first() else {
        let near = offered.nearest(key);
        let finding = sink
            .report(endpoint.span, format!("the linked OpenAPI file has no `{}`", endpoint.path))
            .about(&endpoint.subject);
        drop(match near {
            Some(near) => finding.did_you_mean(Some(near)),
            None => finding.help("add it to the file, or correct the path"),
        });
        return;
    };
    let mut methods: Vec<&str> = beside.iter().map(|it| it.0).collect();
    methods.sort_unstable();
    methods.dedup();
    let message = format!(
        "the linked OpenAPI file has no {} here: `{}` has {}",
        endpoint.method,
        endpoint.path,
        methods.join(", ")
    );
    drop(
        sink.report(endpoint.span, message)
            .about(&endpoint.subject)
            .label(first.span, "what the file has")
            .help("add it to the file, or correct the method"),
    );
}

/// What the endpoint answers if all goes well, against what the file says of it.
fn statuses(sink: &mut Sink<'_>, spec: &Spec, endpoint: &Endpoint, claim: &model::claim::Claim) {
    let said: Vec<_> = spec.claims().of(&claim.subject, Property::Offered).collect();
    let mut listed = Vec::new();
    for it in said {
        match it.value {
            Value::Answer(Some(status)) if (200..400).contains(&status) => listed.push((status, it.span)),
            // It may answer anything else.
            Value::Answer(None) => return,
            _ => {}
        }
    }
    let Some((first, span)) = listed.first().copied() else { return };
    let own = endpoint.responses.iter().filter(|it| !it.inferred && (200..400).contains(&it.status));
    let own: Vec<_> = own.collect();
    if own.iter().any(|it| listed.iter().any(|listed| listed.0 == it.status)) {
        return;
    }
    if let Some(response) = own.first() {
        let route = format!("{} {}", endpoint.method, endpoint.path);
        drop(
            sink.report(
                response.span,
                format!("`{route}` answers {} here and {first} in the linked OpenAPI file", response.status),
            )
            .about(&endpoint.subject)
            .label(span, format!("{first} there")),
        );
    }
}

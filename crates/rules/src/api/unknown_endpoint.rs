//! Endpoints that the text speaks of and the API does not have.

use std::collections::BTreeMap;

use model::claim::{Claim, Property};
use model::{Endpoint, Spec};
use rustc_hash::FxHashSet;
use source::{Level, Span};
use syntax::{Document, Family};

use crate::codes::{in_api, is_extract};
use crate::offered::{Offered, route};
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-endpoint",
    summary: "the text speaks of an endpoint that the API does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-endpoint.md"),
    check: Check::Spec(unknown_endpoint),
};

/// With fewer endpoints the API section may be an extract.
const MIN_DECLARED: usize = 3;

fn unknown_endpoint(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    // Endpoints that only a plan or a screen names are no list of what there is.
    let specified = spec.endpoints.iter().filter(|it| in_api(doc, it.span)).nth(MIN_DECLARED - 1).is_some();
    if !specified || spec.endpoints.iter().all(|it| is_extract(doc, it.span)) {
        return;
    }
    let mut told = FxHashSet::default();
    let known = Known::of(spec);
    let offered = Offered::of(spec);
    for claim in spec.claims().all.iter().filter(|it| it.property == Property::Referenced) {
        let Some((method, key)) = route(claim) else { continue };
        if spec.claims().of(&claim.subject, Property::Declared).next().is_some()
            || spec.claims().of(&claim.subject, Property::Choice).next().is_some()
            || matches!(method, "HEAD" | "OPTIONS")
            || offered.get(method, key).is_some()
            // Below a router, which is not said.
            || key.starts_with("/{}")
            || says_others(doc, claim.span)
            || !told.insert(claim.subject.clone())
        {
            continue;
        }
        // The same path, or the same path under its prefix (`/orders` for `/api/v1/orders`).
        let same = |it: &&Endpoint| path_key(it).is_some_and(|own| fits(own, key, &it.path));
        let shorter = |it: &&Endpoint| path_key(it).is_some_and(|own| own.len() > key.len() && own.ends_with(key));
        let beside: Vec<&Endpoint> = spec.endpoints.iter().filter(same).collect();
        let inside = in_api(doc, claim.span);
        let abridged = beside.is_empty();
        let beside = if abridged { spec.endpoints.iter().filter(shorter).collect() } else { beside };
        let Some(first) = beside.first() else {
            unknown_path(sink, spec, &known, claim, (method, key), inside);
            continue;
        };
        // A pattern that stands for several endpoints has the method of most of them.
        let alike = beside.iter().filter(|it| it.method == method).count();
        let pattern = key.ends_with("{}") && beside.len() >= MIN_OF_PATTERN && alike * 3 < beside.len();
        let pattern = pattern && !beside.iter().any(|it| path_key(it) == Some(key));
        if alike > 0 && !pattern || inside && abridged {
            continue;
        }
        // A word in the place of a parameter may be an endpoint of its own: `/orders/export`.
        let is_word = |it: &str| it.bytes().all(|it| it.is_ascii_alphabetic() || it == b'-');
        let parts = |own: &str| own.split('/').zip(key.split('/')).any(|(a, b)| a == "{}" && b != "{}" && is_word(b));
        if !abridged && !pattern && beside.iter().all(|it| path_key(it).is_some_and(parts)) {
            continue;
        }
        // `POST /orders/reset` says nothing of `/orders/{id}`.
        let exact: Vec<&Endpoint> = beside.iter().copied().filter(|it| path_key(it) == Some(key)).collect();
        let (first, beside) = match exact.first() {
            Some(own) => (own, &exact),
            None => (first, &beside),
        };
        let mut methods: Vec<&str> = beside.iter().map(|it| it.method.as_str()).filter(|it| *it != method).collect();
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

/// The endpoints of each resource.
struct Known<'a> {
    resources: BTreeMap<&'a str, Vec<&'a Endpoint>>,
}

/// With fewer endpoints of a resource the API may name only those that matter.
const MIN_OF_RESOURCE: usize = 2;

/// A pattern stands for at least as many endpoints.
const MIN_OF_PATTERN: usize = 4;

/// With fewer endpoints in all the API may be an extract.
const MIN_FOR_PATHS: usize = 3;

impl<'a> Known<'a> {
    fn of(spec: &'a Spec) -> Known<'a> {
        let mut resources: BTreeMap<&str, Vec<&Endpoint>> = BTreeMap::new();
        for endpoint in &spec.endpoints {
            if let Some(name) = path_key(endpoint).and_then(|it| split(it).1.first().copied()) {
                resources.entry(name).or_default().push(endpoint);
            }
        }
        Known { resources }
    }
}

/// The base of a path (`/api/v1`), and the segments after it.
fn split(key: &str) -> (usize, Vec<&str>) {
    let segments: Vec<&str> = key.split('/').filter(|it| !it.is_empty()).collect();
    let version = |it: &str| it.strip_prefix('v').is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()));
    let base = segments.iter().take_while(|it| matches!(**it, "api" | "rest") || version(it)).count();
    (base, segments.get(base..).unwrap_or(&[]).to_vec())
}

/// A path that the API does not know may be of another system, or a page; but not if its resource is one of
/// the API, which has several endpoints for it.
/// Where it stands `inside` of the API it may be specified there in a way that is not read.
fn unknown_path(
    sink: &mut Sink<'_>,
    spec: &Spec,
    known: &Known<'_>,
    claim: &Claim,
    (method, key): (&str, &str),
    inside: bool,
) {
    let (base, segments) = split(key);
    let Some((resource, rest)) = segments.split_first() else { return };
    if spec.endpoints.len() < MIN_FOR_PATHS || key.contains('*') || speaks_of_others(spec, claim) {
        return;
    }
    let path = claim.value.as_text().and_then(|it| it.split_once(' ')).map_or(key, |it| it.1);
    let same_base = |it: &&&Endpoint| {
        path_key(it).is_some_and(|it| {
            let own = split(it).0;
            // The base may be left out, but not be another one.
            base == 0 || own == base && it.split('/').take(base + 1).eq(key.split('/').take(base + 1))
        })
    };
    if let Some(own) = known.resources.get(resource) {
        let own: Vec<&&Endpoint> = own.iter().filter(same_base).collect();
        let Some(first) = own.first().filter(|_| own.len() >= MIN_OF_RESOURCE) else { return };
        // The one that differs in a single word, or in that its last word is missing here.
        let near = own.iter().find(|it| {
            it.method == method
                && path_key(it).is_some_and(|it| {
                    let theirs = split(it).1;
                    theirs.len() == segments.len()
                        && theirs.iter().zip(&segments).filter(|it| it.0 != it.1).map(|it| *it.0 != "{}").eq([true])
                })
        });
        if inside && near.is_none() {
            return;
        }
        drop(
            sink.report(claim.span, format!("the API has no `{path}`"))
                .about(&claim.subject)
                .label(near.unwrap_or(first).span, "what the API has")
                .did_you_mean(near.map(|it| it.path.as_str())),
        );
        return;
    }
    // `/device` for `/devices`
    let single = syntax::family::singular(resource);
    let Some((_, own)) = known.resources.iter().find(|it| syntax::family::singular(it.0) == single) else { return };
    let near = own.iter().filter(same_base).find(|it| {
        path_key(it).is_some_and(|it| {
            split(it).1.split_first().is_some_and(|(_, theirs)| {
                theirs.len() == rest.len() && theirs.iter().zip(rest).all(|(a, b)| a == b || *a == "{}")
            })
        })
    });
    if let Some(near) = near {
        drop(
            sink.report(claim.span, format!("the API has no `{path}`"))
                .about(&claim.subject)
                .label(near.span, "what the API has")
                .did_you_mean(Some(near.path.as_str())),
        );
    }
}

/// Whether a mention stands where other systems or other times are spoken of.
fn speaks_of_others(spec: &Spec, claim: &Claim) -> bool {
    let doc = spec.document();
    let Some(section) = doc.section_at(claim.span) else { return false };
    doc.ancestors(section.id).any(|it| it.own.is_some_and(Family::is_of_others)) || says_others(doc, claim.span)
}

/// Whether a heading above a place says that it is of other systems or other times.
fn says_others(doc: &Document, span: Span) -> bool {
    const WORDS: [&str; 6] = ["legacy", "existing", "out of scope", "deprecated", "future", "current"];
    let above = doc.section_at(span).into_iter().flat_map(|it| doc.ancestors(it.id));
    above.into_iter().any(|it| WORDS.iter().any(|word| it.title.whole.contains(word)))
}

/// Whether two paths may be one: `/orders/42` is an example of `/orders/{}`, and `/config/{}` stands for
/// `/config/project`; but a word is no example of a number.
fn fits(own: &str, key: &str, path: &str) -> bool {
    let (a, b) = (own.split('/'), key.split('/'));
    let number = |it: &str| matches!(it, "{height}" | "{number}" | "{index}" | "{page}" | "{year}" | "{version}");
    // A pattern without a word of its own fits everything.
    a.clone().count() == b.clone().count()
        && a.clone().zip(b.clone()).any(|it| it.0 == it.1 && !matches!(it.0, "" | "{}"))
        && a.zip(b).zip(path.split('/')).all(|((a, b), name)| {
            let word = b.starts_with(|it: char| it.is_ascii_alphabetic()) && !b.bytes().any(|it| it.is_ascii_digit());
            a == b || (a == "{}" && !(number(name) && word)) || b == "{}"
        })
}

fn path_key(endpoint: &Endpoint) -> Option<&str> {
    endpoint.subject.as_str().strip_prefix("endpoint.")?.split_once('.').map(|it| it.1)
}

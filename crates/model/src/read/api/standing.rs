//! What a mention of a route is by where it stands: a declaration, a reference, or a call of another system.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use syntax::document::{BOLD_LINE, Document, Section};
use syntax::family::normal;
use syntax::needles::Needles;
use syntax::route::METHODS;
use syntax::{Family, SectionId};

use crate::claim::{Claims, Property, Subject};
use crate::read::Reader;
use crate::read::api::Route;

/// Whether a section stands in the API. A group of endpoints may have the name of any family
/// (`Authentication`, `Configuration`).
pub(super) fn in_api(reader: &Reader<'_>, section: &Section) -> bool {
    let route = || is_route(section);
    // A title says what all of the document is about.
    for ancestor in reader.doc.ancestors(section.id).filter(|it| it.level != 1) {
        match ancestor.own {
            Some(Family::Api | Family::Endpoint) => return true,
            Some(Family::Future) => return false,
            // `### History` may be a group of endpoints: it is if they are headings.
            Some(Family::Revisions | Family::Contents | Family::Dependencies) if !route() => return false,
            Some(family) if family.is_of_tests() && !route() => return false,
            _ => {}
        }
    }
    false
}

/// Whether a heading is a route: `### POST /loans`, `**GET** /loans`.
pub(super) fn is_route(section: &Section) -> bool {
    let heading = section.name();
    let text = heading.as_str();
    text.contains('/')
        && METHODS.iter().any(|it| {
            let bare = text.trim_start_matches(['`', '*', ' ']);
            bare.strip_prefix(it).is_some_and(|it| it.starts_with([' ', '`', '*', '/', ':']))
        })
}

/// Families of the parts of an endpoint.
pub(super) fn is_part(family: Family) -> bool {
    matches!(
        family,
        Family::Request
            | Family::Response
            | Family::Errors
            | Family::PathParameters
            | Family::QueryParameters
            | Family::Headers
            | Family::Authentication
            | Family::Authorization
            | Family::Constraints
            | Family::Fields
            | Family::Purpose
            | Family::Logging
            | Family::Interfaces
            | Family::Overview
    )
}

/// Sections beside those that declare endpoints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Aside {
    /// Tests, criteria, permissions: what they name is there, or they declare it.
    Tells,
    /// Plans, risks, history, other systems: what they name may not be there.
    Weighs,
}

/// Whether a section stands aside, by the outermost family that does.
/// `api` says that all of the document is of the API.
pub(super) fn aside(reader: &Reader<'_>, section: &Section, api: bool) -> Option<Aside> {
    let mut found = None;
    for ancestor in reader.doc.ancestors(section.id) {
        found = match ancestor.own {
            // `**Authentication:**` over a list of endpoints is the name of a group; so is a heading where all
            // of the document is of the API.
            Some(Family::Security | Family::Authentication | Family::Authorization | Family::Monitoring)
                if api || ancestor.level >= BOLD_LINE =>
            {
                found
            }
            Some(Family::Performance | Family::Alerts | Family::Deployment) if api => found,
            Some(
                Family::Revisions | Family::Context | Family::Dependencies | Family::Migration | Family::Questions,
            ) if api && is_route(section) => found,
            Some(
                Family::Security
                | Family::Authentication
                | Family::Authorization
                | Family::Performance
                | Family::Monitoring
                | Family::Alerts
                | Family::Deployment,
            ) => Some(Aside::Tells),
            Some(family) if family.is_of_tests() => Some(Aside::Tells),
            Some(family) if family.is_of_others() => Some(Aside::Weighs),
            _ => found,
        };
    }
    found
}

/// Which sections are about endpoints of another system, as far as it was asked.
#[derive(Default)]
pub(super) struct Consumed(FxHashMap<SectionId, bool>);

impl Consumed {
    /// Whether a section is. `beside` says that the document has an API of its own elsewhere, so that one
    /// with another base or one that is integrated is not it.
    pub(super) fn holds(&mut self, doc: &Document, section: &Section, beside: bool) -> bool {
        if let Some(known) = self.0.get(&section.id) {
            return *known;
        }
        let title = &section.title.whole;
        let own = FOREIGN.are_in(title) || beside && (INTEGRATED.are_in(title) || has_base(doc, section));
        let holds = own || section.parent.and_then(|it| doc.section(it)).is_some_and(|it| self.holds(doc, it, beside));
        self.0.insert(section.id, holds);
        holds
    }
}

/// Words of a heading for what belongs to others.
static FOREIGN: Needles =
    Needles::new(&["external", "third party", "consumed", "upstream", "outbound", "provider api"]);

/// Words of a heading for what belongs to others where the document has an API of its own elsewhere.
static INTEGRATED: Needles = Needles::new(&["integration", "inter service", "downstream"]);

static LOCATED: Needles = Needles::new(&["://"]);

/// `**Base URL**: http://stock-service:8081`.
fn has_base(doc: &Document, section: &Section) -> bool {
    let mut located = false;
    syntax::document::inlines(&section.blocks, &mut |it| located |= LOCATED.are_in(it.as_str()));
    if !located {
        return false;
    }
    let labels = doc.labels_of(section);
    labels.iter().any(|it| normal(it.key.as_str()) == "base url" && it.value.as_str().contains("://"))
}

/// The routes that a document has declared, to tell a mention of one from another.
#[derive(Default)]
pub(super) struct Known {
    subjects: FxHashSet<Subject>,
    /// Paths, and what is left of them without their first segments.
    paths: FxHashSet<String>,
    /// Those that hold parameters, by their number of segments.
    patterns: BTreeMap<usize, Vec<String>>,
}

impl Known {
    /// The declared routes.
    pub(super) fn of(claims: &Claims) -> Known {
        let mut known = Known::default();
        for claim in claims.all.iter().filter(|it| it.property == Property::Declared) {
            let Some((_, path)) = claim.subject.as_str().strip_prefix("endpoint.").and_then(|it| it.split_once('.'))
            else {
                continue;
            };
            if !known.subjects.insert(claim.subject.clone()) {
                continue;
            }
            for tail in tails(path) {
                if tail.contains("{}") {
                    known.patterns.entry(tail.matches('/').count()).or_default().push(tail.to_owned());
                }
                known.paths.insert(tail.to_owned());
            }
        }
        known
    }

    pub(super) fn is_empty(&self) -> bool {
        self.subjects.is_empty()
    }

    pub(super) fn has(&self, subject: &Subject) -> bool {
        self.subjects.contains(subject)
    }

    /// Whether the path of a route is declared with any method: as it is, without its prefix, or as one of
    /// which it is an example (`/loans/42`).
    pub(super) fn has_like(&self, route: &Route) -> bool {
        if self.is_empty() {
            return false;
        }
        let key = route.path.key();
        // `/` and `/{id}` are shorthand beside whole paths.
        if route.path.segments.len() == route.path.parameters().count() {
            return true;
        }
        let same = self.paths.contains(&key) || tails(&key).any(|it| self.paths.contains(it));
        let patterns = self.patterns.get(&key.matches('/').count()).into_iter().flatten();
        let mut patterns = patterns.take(MAX_PATTERNS);
        same || patterns.any(|it| it.split('/').zip(key.split('/')).all(|(a, b)| a == b || a == "{}" || b == "{}"))
    }
}

/// With how many patterns a path is compared: work must not grow with their product.
const MAX_PATTERNS: usize = 256;

/// A path, and what is left of it without its first segments, as long as these are fixed: what stands behind a
/// parameter is a part of its record.
fn tails(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.match_indices('/').map(|it| it.0);
    starts.filter_map(|at| path.get(at..)).take_while(|it| !it.starts_with("/{}")).filter(|it| it.len() > 1)
}

//! How callers prove who they are, where the document says it for all endpoints.

use syntax::Family;
use syntax::access::{self, Access, Scheme};
use syntax::family::normal;
use syntax::route::Path;

use crate::claim::{Property, Subject, Value};
use crate::read::{Reader, entries};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in doc.of_family(Family::Authentication) {
        if doc.ancestors(section.id).any(|it| matches!(it.own, Some(Family::Endpoint)) || is_aside(it.own)) {
            continue;
        }
        // The authentication of one endpoint is read with it.
        let within = doc.ancestors(section.id).skip(1);
        if within.into_iter().any(|it| !syntax::route::find(it.heading.as_str()).is_empty()) {
            continue;
        }
        let subject = Subject::of("authentication", "all");
        for entry in entries(doc.blocks_of(section.id)) {
            let words = entry.whole.as_str();
            let label = entry.label();
            let key = label.map(|it| normal(it.key.as_str())).unwrap_or_default();
            let value = label.map_or(words, |it| it.value.as_str());
            let names = ["scheme", "type", "method", "mechanism", "authentication", "token", "credential"];
            let said = if names.contains(&key.as_str()) {
                access::of_endpoint(value).filter(|it| it.scheme != Scheme::Unsaid || key == "authentication")
            } else if key.ends_with("authentication") {
                access::of_endpoint(&format!("{key}: {words}")).filter(|it| it.scheme != Scheme::Open)
            } else {
                access::of_all(words)
            };
            let exempt = exempt(words);
            match said {
                Some(said) => reader.say(&subject, Property::Access, value_of(said), entry.whole.span(), entry.form),
                None => {
                    let details = access::details(words);
                    if details != access::Details::default() {
                        let access = Access { scheme: Scheme::Unsaid, header: None, details };
                        reader.say(&subject, Property::Description, value_of(access), entry.whole.span(), entry.form);
                    }
                }
            }
            for (method, path) in exempt {
                let open = Access { scheme: Scheme::Open, header: None, details: access::Details::default() };
                let subject = Subject::endpoint(method, &path);
                reader.say(&subject, Property::Access, value_of(open), entry.whole.span(), entry.form);
            }
        }
    }
}

fn is_aside(family: Option<Family>) -> bool {
    matches!(
        family,
        Some(
            Family::Testing
                | Family::Acceptance
                | Family::Future
                | Family::Alternatives
                | Family::Risks
                | Family::Questions
                | Family::Revisions
                | Family::Dependencies
        )
    )
}

fn value_of(access: Access) -> Value {
    Value::Access(Box::new(access))
}

/// The routes that words leave open: those after `except`, and all of a sentence about what is public.
fn exempt(words: &str) -> Vec<(&'static str, String)> {
    let lower = words.to_ascii_lowercase();
    let except = ["except", "apart from", "other than"].iter().filter_map(|it| lower.find(it)).min();
    let public = ["public", "unauthenticated", "no authentication", "without authentication", "anonymous"];
    let from = match except {
        Some(at) => at,
        None if public.iter().any(|it| lower.contains(it)) => 0,
        None => return Vec::new(),
    };
    let routes = words.get(from..).map(syntax::route::find).unwrap_or_default();
    routes.into_iter().filter_map(|it| Some((it.method, Path::read(&it.path)?.key()))).collect()
}

//! From claims to the model: entities, endpoints, machines, settings. Nothing here reads text.

mod access;
mod endpoints;
mod entities;
mod infer;
mod machines;
mod settings;

pub use endpoints::is_example;

use crate::read::Facts;
use crate::spec::Spec;

/// Builds the model of one document from its facts.
pub fn build(facts: Facts, path: impl Into<String>) -> Spec {
    let title = facts.document.title().map(|it| it.heading.as_str()).unwrap_or("");
    let mut spec = Spec {
        path: path.into(),
        title: title_of(title),
        entities: Vec::new(),
        aliases: Vec::new(),
        endpoints: Vec::new(),
        machines: Vec::new(),
        categories: Vec::new(),
        errors: Vec::new(),
        error_examples: Vec::new(),
        options: Vec::new(),
        variables: Vec::new(),
        targets: Vec::new(),
        access: None,
        credentials: syntax::access::Details::default(),
        facts,
    };
    settings::build(&mut spec);
    access::build(&mut spec);
    entities::build(&mut spec);
    endpoints::build(&mut spec);
    machines::build(&mut spec);
    infer::behaviours(&mut spec);
    spec
}

/// `Technical Specification: X`, `X — Technical Design` without what every specification's title has.
fn title_of(heading: &str) -> String {
    let generic = [
        "technical specification",
        "technical design document",
        "technical design",
        "epic technical specification",
        "design document",
        "tech spec",
        "specification",
        "spec",
    ];
    for separator in [": ", " — ", " – ", " - "] {
        if let Some((before, after)) = heading.split_once(separator) {
            if generic.contains(&before.trim().to_lowercase().as_str()) {
                return after.trim().to_owned();
            }
            if generic.contains(&after.trim().to_lowercase().as_str()) {
                return before.trim().to_owned();
            }
        }
    }
    heading.trim().to_owned()
}

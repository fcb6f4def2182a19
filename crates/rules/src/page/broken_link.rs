//! Links to files that do not exist.

use model::summary::local;
use source::Level;

use crate::{Check, Place, Rule, Sink, Target};

pub(crate) static RULE: Rule = Rule {
    name: "broken-link",
    summary: "a link leads to a file that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/broken-link.md"),
    check: Check::Across(broken_link),
};

fn broken_link(sink: &mut Sink<'_>, place: &Place<'_>) {
    for link in &place.document.links {
        let (Some(path), Some(target)) = (local(&link.dest), link.target.as_deref()) else { continue };
        if path.is_empty() || place.workspace.at_path(target).is_some() {
            continue;
        }
        // A dependency that does not exist is told as such.
        if (sink.context.target)(target) == Target::Missing && !(path.ends_with(".md") && link.dependency) {
            let near = place.workspace.nearest_file(target).map(|it| it.path.as_str());
            drop(sink.report(link.span, format!("there is no file `{path}`")).did_you_mean(near));
        }
    }
}

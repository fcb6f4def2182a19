//! Links to files that do not exist.

use model::Spec;
use model::workspace::target;
use source::Level;
use syntax::Family;

use crate::Target;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "broken-link",
    summary: "a link leads to a file that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/broken-link.md"),
    check: Check::Spec(broken_link),
};

fn broken_link(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    for link in &doc.links {
        let Some(path) = local(&link.dest) else { continue };
        if path.is_empty() || sink.context.workspace.linked(spec, &link.dest).is_some() {
            continue;
        }
        let resolved = target(&spec.path, &decoded(path));
        // A dependency that does not exist is told as such.
        let dependency = || {
            doc.section_at(link.span)
                .is_some_and(|it| matches!(it.family, Some(Family::Dependencies | Family::Dependents)))
        };
        if (sink.context.target)(&resolved) == Target::Missing && !(path.ends_with(".md") && dependency()) {
            let near = sink.context.workspace.nearest_file(&resolved).map(|it| it.path.clone());
            drop(sink.report(link.dest_span, format!("there is no file `{path}`")).did_you_mean(near.as_deref()));
        }
    }
}

/// The path of a link into the file system, without its fragment; `None` for URLs and absolute paths.
pub(crate) fn local(dest: &str) -> Option<&str> {
    let scheme = dest
        .split_once(':')
        .is_some_and(|(it, _)| it.len() > 1 && it.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)));
    if scheme || dest.starts_with("//") || dest.starts_with('/') || dest.contains(['<', '{', '$']) {
        return None;
    }
    dest.split(['#', '?']).next()
}

/// `%20` is a blank.
fn decoded(path: &str) -> String {
    path.replace("%20", " ").replace("%28", "(").replace("%29", ")")
}

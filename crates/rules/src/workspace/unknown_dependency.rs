//! Dependencies on specifications that do not exist.

use model::claim::Subject;
use model::summary::{local, target};
use source::{Level, Span};

use crate::{Check, Place, Rule, Sink, Target};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-dependency",
    summary: "a dependency names a specification that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-dependency.md"),
    check: Check::Across(unknown_dependency),
};

fn unknown_dependency(sink: &mut Sink<'_>, place: &Place<'_>) {
    for it in &place.document.dependencies {
        if let Some((dest, span)) = it.links.first() {
            linked(sink, place, &it.subject, dest, *span);
        } else if let Some((name, span)) = it.names.first() {
            named(sink, place, &it.subject, name, *span);
        }
    }
}

fn linked(sink: &mut Sink<'_>, place: &Place<'_>, subject: &Subject, dest: &str, span: Span) {
    let Some(path) = local(dest).filter(|it| it.ends_with(".md")) else { return };
    let target = target(&place.document.path, dest);
    if place.workspace.at_path(&target).is_some() || (sink.context.target)(&target) != Target::Missing {
        return;
    }
    drop(sink.report(span, format!("there is no specification `{path}`")).about(subject));
}

/// A name is meant as a specification if it is written as a file, or is nearly the title or file name of
/// one that is there, or numbered as those are.
fn named(sink: &mut Sink<'_>, place: &Place<'_>, subject: &Subject, name: &str, span: Span) {
    let workspace = place.workspace;
    let written = name.trim_matches(['`', '*']);
    if workspace.named(written).is_some() {
        return;
    }
    let file = written.ends_with(".md") && !written.contains(char::is_whitespace);
    let near = workspace.nearly_named(written).filter(|it| written.len() >= MIN_LEN && it.path != place.document.path);
    let numbered = workspace.is_numbered_like(written);
    if !file && near.is_none() && !numbered {
        return;
    }
    let near = near.filter(|_| !numbered).map(|it| it.title.clone());
    drop(
        sink.report(span, format!("there is no specification `{written}`"))
            .about(subject)
            .did_you_mean(near.as_deref()),
    );
}

/// Shorter names are too easily near to each other.
const MIN_LEN: usize = 6;

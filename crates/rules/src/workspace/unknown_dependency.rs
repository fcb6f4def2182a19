//! Dependencies on specifications that do not exist.

use model::Spec;
use model::claim::{Property, Subject};
use model::workspace::target;
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-dependency",
    summary: "a dependency names a specification that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-dependency.md"),
    check: Check::Spec(unknown_dependency),
};

fn unknown_dependency(sink: &mut Sink<'_>, spec: &Spec) {
    let claims = spec.claims();
    for kind in ["dependency", "dependent"] {
        for subject in claims.subjects_of(kind) {
            let link =
                claims.of(subject, Property::Link).find_map(|it| Some((it.value.as_text()?.to_owned(), it.span)));
            let name =
                claims.of(subject, Property::Declared).find_map(|it| Some((it.value.as_text()?.to_owned(), it.span)));
            if let Some((dest, span)) = link {
                linked(sink, spec, subject, &dest, span);
            } else if let Some((name, span)) = name {
                named(sink, spec, subject, &name, span);
            }
        }
    }
}

fn linked(sink: &mut Sink<'_>, spec: &Spec, subject: &Subject, dest: &str, span: Span) {
    let Some(path) = crate::page::broken_link::local(dest).filter(|it| it.ends_with(".md")) else { return };
    if sink.context.workspace.linked(spec, dest).is_some()
        || (sink.context.target)(&target(&spec.path, path)) != crate::Target::Missing
    {
        return;
    }
    drop(sink.report(span, format!("there is no specification `{path}`")).about(subject));
}

/// A name is meant as a specification if it is written as a file, or is nearly the title or file name of
/// one that is there, or numbered as those are.
fn named(sink: &mut Sink<'_>, spec: &Spec, subject: &Subject, name: &str, span: Span) {
    let workspace = sink.context.workspace;
    let written = name.trim_matches(['`', '*']);
    if workspace.named(written).is_some() {
        return;
    }
    let file = written.ends_with(".md") && !written.contains(char::is_whitespace);
    let near = workspace.nearly_named(written).filter(|it| written.len() >= MIN_LEN && it.path != spec.path);
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

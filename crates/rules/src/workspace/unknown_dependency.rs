//! Dependencies on specifications that do not exist.

use model::Spec;
use model::claim::{Property, Subject};
use model::names::key;
use model::workspace::target;
use source::{Level, Span, distance};

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
    let others = || sink.context.workspace.specs.iter().filter(|it| it.path != spec.path);
    let stem = |path: &str| path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md").to_owned();
    let written = name.trim_matches(['`', '*']);
    let own = key(written.trim_end_matches(".md"));
    if others().any(|it| key(&it.title) == own || key(&stem(&it.path)) == own) || key(&stem(&spec.path)) == own {
        return;
    }
    let file = written.ends_with(".md") && !written.contains(char::is_whitespace);
    let near = others()
        .flat_map(|it| [it.title.clone(), stem(&it.path)])
        .find(|it| own.len() >= MIN_LEN && distance(&key(it), &own, 2).is_some());
    let numbered = shape(&own).filter(|own| others().any(|it| shape(&key(&stem(&it.path))).as_ref() == Some(own)));
    if !file && near.is_none() && numbered.is_none() {
        return;
    }
    let mut finding = sink.report(span, format!("there is no specification `{written}`")).about(subject);
    if let Some(near) = near.filter(|_| numbered.is_none()) {
        finding = finding.did_you_mean(Some(&near));
    }
    drop(finding);
}

/// Shorter names are too easily near to each other.
const MIN_LEN: usize = 6;

/// A name with its digits as `#`, if it has both letters and at least two digits: `svc-0042`.
fn shape(name: &str) -> Option<String> {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let letters = name.chars().any(char::is_alphabetic);
    (digits >= 2 && letters).then(|| name.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }).collect())
}

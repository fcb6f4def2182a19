//! Circles of dependencies between specifications.

use model::claim::{Property, Subject};
use model::names::key;
use model::{Spec, Workspace};
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "dependency-cycle",
    summary: "specifications depend on each other in a circle",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/dependency-cycle.md"),
    check: Check::Spec(dependency_cycle),
};

fn dependency_cycle(sink: &mut Sink<'_>, spec: &Spec) {
    let workspace = sink.context.workspace;
    let Some(cycle) = cycle(workspace, sink.index) else { return };
    // The circle is told once, at its first document.
    if cycle.iter().map(|it| it.0).min_by_key(|it| workspace.specs.get(*it).map(|it| it.path.as_str()))
        != Some(sink.index)
    {
        return;
    }
    let Some((_, subject, at)) = cycle.first() else { return };
    let names: Vec<&str> = cycle.iter().filter_map(|it| workspace.specs.get(it.0)).map(|it| it.path.as_str()).collect();
    let mut finding = sink.report(*at, format!("{} depends on itself", spec.path)).about(subject);
    for (_, _, span) in cycle.iter().skip(1) {
        finding = finding.label(*span, "and this one depends on the next");
    }
    drop(finding.note(format!("{} → {}", names.join(" → "), spec.path)).help("take one of these dependencies out"));
}

type Step = (usize, Subject, Span);

/// The dependencies of a document on others of the run.
fn dependencies(workspace: &Workspace, index: usize) -> Vec<(usize, Subject, Span)> {
    let Some(spec) = workspace.specs.get(index) else { return Vec::new() };
    let claims = spec.claims();
    let stem = |path: &str| key(path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md"));
    let mut found = Vec::new();
    for subject in claims.subjects_of("dependency") {
        let link = claims
            .of(subject, Property::Link)
            .find_map(|it| Some((workspace.linked(spec, it.value.as_text()?)?, it.span)));
        let by_name = || {
            let claim = claims.of(subject, Property::Declared).next()?;
            let own = key(claim.value.as_text()?.trim_end_matches(".md"));
            let other = workspace.specs.iter().position(|it| key(&it.title) == own || stem(&it.path) == own)?;
            Some((other, claim.span))
        };
        if let Some((other, span)) = link.or_else(by_name) {
            found.push((other, subject.clone(), span));
        }
    }
    found
}

/// A shortest circle through a document.
fn cycle(workspace: &Workspace, start: usize) -> Option<Vec<Step>> {
    let mut paths: Vec<Vec<Step>> = dependencies(workspace, start)
        .into_iter()
        .map(|(to, subject, span)| vec![(start, subject, span), (to, Subject::document(), span)])
        .collect();
    let mut seen = vec![start];
    let mut at = 0;
    while let Some(path) = paths.get(at).cloned() {
        at += 1;
        let Some((node, _, _)) = path.last().cloned() else { continue };
        if node == start {
            let mut path = path;
            path.pop();
            return Some(path);
        }
        if seen.contains(&node) {
            continue;
        }
        seen.push(node);
        for (to, subject, span) in dependencies(workspace, node) {
            let mut longer = path.clone();
            longer.pop();
            longer.push((node, subject, span));
            longer.push((to, Subject::document(), span));
            paths.push(longer);
        }
    }
    None
}

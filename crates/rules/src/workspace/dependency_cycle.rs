//! Circles of dependencies between specifications.

use rustc_hash::FxHashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use model::Workspace;
use model::workspace::Dependency;
use source::Level;

use crate::{Check, Place, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "dependency-cycle",
    summary: "specifications depend on each other in a circle",
    level: Level::Error,
    since: "0.1.0",
    doc: include_str!("../../docs/dependency-cycle.md"),
    check: Check::Across(dependency_cycle),
};

fn dependency_cycle(sink: &mut Sink<'_>, place: &Place<'_>) {
    let workspace = place.workspace;
    // Documents that depend on each other are told once, at the first of them.
    if workspace.circle(place.index) != Some(place.index) {
        return;
    }
    let Some(cycle) = cycle(workspace, place.index) else { return };
    let path = |index: usize| workspace.documents().get(index).map(|it| it.path.as_str());
    let Some((_, first)) = cycle.first() else { return };
    let names: Vec<&str> = cycle.iter().filter_map(|it| path(it.0)).collect();
    let mut finding =
        sink.report(first.span, format!("{} depends on itself", place.document.path)).about(&first.subject);
    for (_, dependency) in cycle.iter().skip(1).take(MAX_LABELS) {
        finding = finding.label(dependency.span, "and this one depends on the next");
    }
    let (shown, more) = names.split_at_checked(MAX_LABELS + 1).unwrap_or((&names, &[]));
    let more = if more.is_empty() { String::new() } else { format!(" → {} more", more.len()) };
    drop(
        finding
            .note(format!("{}{more} → {}", shown.join(" → "), place.document.path))
            .help("take one of these dependencies out"),
    );
}

/// Other dependencies of a circle that are shown.
const MAX_LABELS: usize = 4;

/// A shortest circle through a document: each document with the dependency that it has on the next.
fn cycle(workspace: &Workspace, start: usize) -> Option<Vec<(usize, &Dependency)>> {
    let mut came: FxHashMap<usize, (usize, &Dependency)> = FxHashMap::default();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for dependency in workspace.dependencies(node) {
            if dependency.on == start {
                let mut path = vec![(node, dependency)];
                let mut at = node;
                while let Some((before, dependency)) = came.get(&at).filter(|_| at != start) {
                    path.push((*before, dependency));
                    at = *before;
                }
                path.reverse();
                return Some(path);
            }
            if let Entry::Vacant(slot) = came.entry(dependency.on) {
                slot.insert((node, dependency));
                queue.push_back(dependency.on);
            }
        }
    }
    None
}

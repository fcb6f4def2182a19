//! States that no chain of transitions leads to.

use model::claim::Form;
use model::names::key;
use model::{Machine, Spec, State};
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span, Spanned};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unreachable-state",
    summary: "a state can never be reached",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unreachable-state.md"),
    check: Check::Spec(unreachable_state),
};

fn unreachable_state(sink: &mut Sink<'_>, spec: &Spec) {
    for (index, machine) in spec.machines.iter().enumerate() {
        unused(sink, spec, machine);
        let Some(start) = machine.starts.first() else { continue };
        let ways = ways(machine);
        let starts = machine.starts.iter().map(|it| it.value.as_str());
        let entries = machine.states.iter().filter(|it| it.entry).map(|it| it.key.as_str());
        let reached = reached(&ways, starts.chain(entries).collect());
        if machine.states.iter().all(|it| reached.contains(it.key.as_str())) {
            continue;
        }
        let states: FxHashMap<&str, &State> = machine.states.iter().map(|it| (it.key.as_str(), it)).collect();
        let mut told = reached.clone();
        // A state that nothing leads to comes before those behind it.
        let entered: FxHashSet<&str> = machine.transitions.iter().map(|it| it.to.as_str()).collect();
        let (roots, others): (Vec<&State>, Vec<&State>) =
            machine.states.iter().partition(|it| !entered.contains(it.key.as_str()));
        let leaving: FxHashSet<&str> = machine.transitions.iter().map(|it| it.from.as_str()).collect();
        for state in roots.into_iter().chain(others) {
            let key = state.key.as_str();
            let named = state.final_at.is_some() || entered.contains(key) || leaving.contains(key);
            if !named || told.contains(key) {
                continue;
            }
            let behind = reached_from(&ways, &state.key, &told);
            told.extend(behind.iter().copied());
            let mut names: Vec<&State> = behind.iter().filter_map(|it| states.get(it).copied()).collect();
            names.retain(|it| it.key != state.key);
            names.sort_by_key(|it| it.name.span);
            let names: Vec<String> = names.iter().map(|it| format!("`{}`", it.name.value)).collect();
            let why = if entered.contains(state.key.as_str()) {
                "every way into it starts at a state that cannot be reached either"
            } else {
                "no transition leads to it"
            };
            // Such a line speaks of the machine that the document is about.
            let claimed = if index == 0 { claimed(sink, spec) } else { None };
            let mut finding = sink
                .report(state.name.span, format!("`{}` can never be reached", state.name.value))
                .about(&machine.subject)
                .label(start.span, "the machine starts here")
                .note(why);
            if !names.is_empty() {
                finding = finding.note(format!("nor can {}, which it leads to", names.join(", ")));
            }
            if let Some(claimed) = claimed {
                finding = finding.label(claimed, "the document says that all are reachable");
            }
            drop(finding);
        }
    }
}

/// Declared states that no transition names, where the transitions mean to be all.
fn unused(sink: &mut Sink<'_>, spec: &Spec, machine: &Machine) {
    let declared = spec.states_of(machine);
    if declared.is_empty() {
        return;
    }
    let names: FxHashSet<&str> = machine.states.iter().map(|it| it.key.as_str()).collect();
    let missing: Vec<&Spanned<String>> =
        declared.iter().filter(|it| !names.contains(key(&it.value).as_str())).collect();
    let used = declared.len() - missing.len();
    if used * 3 < declared.len() * 2 || !branches(machine) {
        return;
    }
    let Some(source) = machine.sources.first() else { return };
    for state in missing {
        drop(
            sink.report(state.span, format!("`{}` can never be reached", state.value))
                .about(&machine.subject)
                .label(source.span, "the transitions of the machine")
                .note("no transition names it"),
        );
    }
}

/// Whether the transitions are more than one way through: a chain alone shows the usual way.
fn branches(machine: &Machine) -> bool {
    let mut left: FxHashMap<&str, usize> = FxHashMap::default();
    for transition in &machine.transitions {
        *left.entry(&transition.from).or_default() += 1;
    }
    left.values().any(|it| *it > 1) || machine.sources.iter().any(|it| !matches!(it.form, Form::Arrows | Form::Drawing))
}

type Ways<'a> = FxHashMap<&'a str, Vec<&'a str>>;

fn ways(machine: &Machine) -> Ways<'_> {
    let mut ways: Ways<'_> = FxHashMap::default();
    for step in machine.steps() {
        ways.entry(step.from).or_default().push(step.to);
    }
    ways
}

/// The states that can be reached from some, themselves included.
fn reached<'a>(ways: &Ways<'a>, from: Vec<&'a str>) -> FxHashSet<&'a str> {
    let mut found: FxHashSet<&str> = from.iter().copied().collect();
    let mut open = from;
    while let Some(state) = open.pop() {
        for to in [state, "*"].iter().filter_map(|it| ways.get(it)).flatten().copied() {
            if found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

/// Those that are reached from a state and were not before.
fn reached_from<'a>(ways: &Ways<'a>, from: &'a str, before: &FxHashSet<&'a str>) -> FxHashSet<&'a str> {
    let mut found: FxHashSet<&str> = FxHashSet::from_iter([from]);
    let mut open = vec![from];
    while let Some(state) = open.pop() {
        for to in ways.get(state).into_iter().flatten().copied() {
            if !before.contains(to) && found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

/// Where the document says that all states can be reached.
fn claimed(sink: &Sink<'_>, spec: &Spec) -> Option<Span> {
    let document = spec.document();
    let lower = sink.snippet(Span::new(document.file, 0..document.len)).to_ascii_lowercase();
    ["all states are reachable", "all statuses are reachable", "every state is reachable", "every status is reachable"]
        .iter()
        .find_map(|it| lower.find(it).map(|at| Span::new(document.file, at..at + it.len())))
}

//! States from which no final state can be reached.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use model::claim::Form;
use model::{Machine, Said, Spec, State, Step};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "stuck-state",
    summary: "a state can be entered, but no final state can be reached from it",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/stuck-state.md"),
    check: Check::Spec(stuck_state),
};

fn stuck_state(sink: &mut Sink<'_>, spec: &Spec) {
    for machine in &spec.machines {
        let ending = ending(machine);
        let ends = |it: &State| ending.contains(it.key.as_str());
        if ending.is_empty() || machine.states.iter().all(ends) {
            continue;
        }
        let ways = ways(machine);
        for state in &machine.states {
            let entered = machine.initial.is_none() || ways.contains_key(state.key.as_str());
            if !entered || ending.contains(state.key.as_str()) {
                continue;
            }
            let name = &state.name.value;
            // What is in a composite state leaves it when that is left.
            let inner = state.within.is_some() || machine.composites.iter().any(|it| it.key == state.key);
            let leaves = inner || machine.transitions.iter().any(|it| it.from == state.key && it.to != state.key);
            // A map has a line for each state: that one is missing is told by `unknown-target`.
            let map = |it: &Said| machine.sources.get(it.source).is_some_and(|it| it.form == Form::Map);
            if !leaves && machine.transitions.iter().any(|it| it.to == state.key && it.said.iter().any(map)) {
                continue;
            }
            let message = if leaves {
                format!("from `{name}` no final state can be reached")
            } else {
                format!("`{name}` can never be left")
            };
            let mut finding = sink.report(state.name.span, message).about(&machine.subject);
            if machine.initial.is_some() {
                finding = finding.note(format!("witness: {}", witness(machine, &ways, &state.key)));
            }
            drop(finding.help("add a way out, or mark it as final"));
        }
    }
}

/// The final states and all from which one can be reached; empty if none is final.
pub(crate) fn ending(machine: &Machine) -> FxHashSet<&str> {
    let mut before: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for step in machine.steps() {
        before.entry(step.to).or_default().push(step.from);
    }
    let finals = machine.states.iter().filter(|it| it.final_at.is_some()).map(|it| it.key.as_str());
    let mut found: FxHashSet<&str> = finals.collect();
    let mut open: Vec<&str> = found.iter().copied().collect();
    while let Some(state) = open.pop() {
        for from in before.get(state).into_iter().flatten().copied() {
            if from == "*" {
                return machine.states.iter().map(|it| it.key.as_str()).collect();
            }
            if found.insert(from) {
                open.push(from);
            }
        }
    }
    found
}

/// How each state that can be entered is entered first: from which state, by which event.
type Ways<'a> = FxHashMap<&'a str, Option<(&'a str, &'a str)>>;

fn ways(machine: &Machine) -> Ways<'_> {
    let mut found: Ways<'_> = FxHashMap::default();
    let Some(initial) = &machine.initial else { return found };
    let mut leaving: FxHashMap<&str, Vec<Step<'_>>> = FxHashMap::default();
    for step in machine.steps() {
        leaving.entry(step.from).or_default().push(step);
    }
    found.insert(&initial.value, None);
    let mut open = VecDeque::from([initial.value.as_str()]);
    while let Some(state) = open.pop_front() {
        for step in [state, "*"].iter().filter_map(|it| leaving.get(it)).flatten() {
            let event = step.transition.and_then(|it| it.event.as_ref()).map_or("", |it| &it.value);
            if let Entry::Vacant(slot) = found.entry(step.to) {
                slot.insert(Some((state, event)));
                open.push_back(step.to);
            }
        }
    }
    found
}

/// A shortest way to a state: `draft ─pay→ paid`.
fn witness(machine: &Machine, ways: &Ways<'_>, to: &str) -> String {
    let names: FxHashMap<&str, &str> =
        machine.states.iter().map(|it| (it.key.as_str(), it.name.value.as_str())).collect();
    let mut path = vec![names.get(to).copied().unwrap_or(to).to_owned()];
    let mut at = to;
    let mut by = "";
    while let Some(Some((from, event))) = ways.get(at) {
        // What is no state stands for being in a composite one.
        by = if by.is_empty() { event } else { by };
        if let Some(name) = names.get(from) {
            path.push(format!("{name} ─{by}→ "));
            by = "";
        }
        at = from;
    }
    path.reverse();
    path.concat()
}

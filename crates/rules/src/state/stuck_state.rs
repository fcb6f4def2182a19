//! States from which no final state can be reached.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use model::claim::Form;
use model::{Machine, Said, Spec, State, Transition};
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
            let leaves = machine.transitions.iter().any(|it| it.from == state.key && it.to != state.key);
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
    for transition in &machine.transitions {
        before.entry(&transition.to).or_default().push(&transition.from);
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
    let mut leaving: FxHashMap<&str, Vec<&Transition>> = FxHashMap::default();
    for transition in &machine.transitions {
        leaving.entry(&transition.from).or_default().push(transition);
    }
    found.insert(&initial.value, None);
    let mut open = VecDeque::from([initial.value.as_str()]);
    while let Some(state) = open.pop_front() {
        for transition in [state, "*"].iter().filter_map(|it| leaving.get(it)).flatten() {
            let event = transition.event.as_ref().map_or("", |it| &it.value);
            if let Entry::Vacant(slot) = found.entry(&transition.to) {
                slot.insert(Some((state, event)));
                open.push_back(&transition.to);
            }
        }
    }
    found
}

/// A shortest way to a state: `draft ─pay→ paid`.
fn witness(machine: &Machine, ways: &Ways<'_>, to: &str) -> String {
    let name = |key: &str| machine.states.iter().find(|it| it.key == key).map_or(key, |it| &it.name.value).to_owned();
    let mut path = name(to);
    let mut at = to;
    while let Some(Some((from, event))) = ways.get(at) {
        path = format!("{} ─{event}→ {path}", name(from));
        at = from;
    }
    path
}

//! States that no chain of transitions leads to.

use model::{Machine, Spec};
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};

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
    for machine in &spec.machines {
        let Some(initial) = &machine.initial else { continue };
        let reached = reached(machine, &initial.value);
        let declared = declared(spec, machine);
        let states = machine.states.iter().map(|it| (it.key.as_str(), it.name.value.as_str(), it.name.span));
        let values = declared
            .iter()
            .map(|(key, name, span)| (key.as_str(), *name, *span))
            .filter(|it| !machine.states.iter().any(|state| state.key == it.0));
        for (state, name, span) in states.chain(values) {
            if reached.contains(state) {
                continue;
            }
            // A state that no transition names at all may be set by other means.
            let mentioned = machine.transitions.iter().any(|it| it.from == state || it.to == state)
                || machine.states.iter().any(|it| it.key == state);
            let why = if mentioned {
                "every way into it starts at a state that cannot be reached either, or there is none"
            } else {
                "no transition names it"
            };
            drop(
                sink.report(span, format!("`{name}` can never be reached"))
                    .about(&machine.subject)
                    .label(initial.span, "the machine starts here")
                    .note(why),
            );
        }
    }
}

/// The states that can be reached from one, itself included.
fn reached<'a>(machine: &'a Machine, from: &'a str) -> FxHashSet<&'a str> {
    let mut ways: FxHashMap<&str, Vec<&str>> = FxHashMap::default();
    for transition in &machine.transitions {
        ways.entry(&transition.from).or_default().push(&transition.to);
    }
    let mut found = FxHashSet::from_iter([from]);
    let mut open = vec![from];
    while let Some(state) = open.pop() {
        for to in [state, "*"].iter().filter_map(|it| ways.get(it)).flatten().copied() {
            if found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

/// The values of the bound field, where the machine uses most of them.
fn declared<'a>(spec: &'a Spec, machine: &Machine) -> Vec<(String, &'a str, Span)> {
    let words = machine
        .bound
        .as_ref()
        .and_then(|it| spec.entities.get(it.entity)?.fields.iter().find(|field| field.key == it.field)?.words());
    let words: Vec<_> =
        words.unwrap_or(&[]).iter().map(|it| (model::names::key(&it.value), it.value.as_str(), it.span)).collect();
    let used = words.iter().filter(|it| machine.states.iter().any(|state| state.key == it.0)).count();
    if used * 3 >= words.len() * 2 { words } else { Vec::new() }
}

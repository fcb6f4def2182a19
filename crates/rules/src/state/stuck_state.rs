//! States from which no final state can be reached.

use model::{Machine, Spec};
use source::Level;

use crate::state::unreachable_state::reached;

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
        let finals: Vec<&str> =
            machine.states.iter().filter(|it| it.final_at.is_some()).map(|it| it.key.as_str()).collect();
        if finals.is_empty() {
            continue;
        }
        let from_start = machine.initial.as_ref().map(|it| reached(machine, &it.value));
        for state in &machine.states {
            if from_start.as_ref().is_some_and(|it| !it.contains(&state.key.as_str()))
                || reached(machine, &state.key).iter().any(|it| finals.contains(it))
            {
                continue;
            }
            let name = &state.name.value;
            let leaves = machine.transitions.iter().any(|it| it.from == state.key && it.to != state.key);
            let message = if leaves {
                format!("from `{name}` no final state can be reached")
            } else {
                format!("`{name}` can never be left")
            };
            let mut finding = sink.report(state.name.span, message).about(&machine.subject);
            if let Some(witness) = witness(machine, &state.key) {
                finding = finding.note(format!("witness: {witness}"));
            }
            drop(finding.help("add a way out, or mark it as final"));
        }
    }
}

/// A shortest way to a state from the initial one: `draft ─pay→ paid`.
fn witness(machine: &Machine, to: &str) -> Option<String> {
    let start = machine.initial.as_ref()?;
    let name =
        |key: &str| machine.states.iter().find(|it| it.key == key).map_or(key.to_owned(), |it| it.name.value.clone());
    let mut paths: Vec<(&str, String)> = vec![(&start.value, name(&start.value))];
    let mut at = 0;
    while let Some((state, path)) = paths.get(at).cloned() {
        if state == to {
            return Some(path);
        }
        for transition in machine.transitions.iter().filter(|it| it.from == state) {
            if !paths.iter().any(|it| it.0 == transition.to) {
                let event = transition.event.as_ref().map_or("", |it| &it.value);
                paths.push((&transition.to, format!("{path} ─{event}→ {}", name(&transition.to))));
            }
        }
        at += 1;
    }
    None
}

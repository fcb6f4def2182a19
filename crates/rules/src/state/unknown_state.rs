//! States that a machine uses and nothing declares.

use model::names::key;
use model::{Machine, Spec};
use rustc_hash::FxHashSet;
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-state",
    summary: "a transition names a state that is declared nowhere",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-state.md"),
    check: Check::Spec(unknown_state),
};

fn unknown_state(sink: &mut Sink<'_>, spec: &Spec) {
    for machine in &spec.machines {
        if let Some(declared) = declared(spec, machine) {
            against_field(sink, machine, &declared);
        } else {
            between_sources(sink, machine);
        }
    }
}

/// The words of the field that the machine is bound to, with where they stand.
fn declared<'a>(spec: &'a Spec, machine: &Machine) -> Option<Vec<(&'a str, Span)>> {
    let bound = machine.bound.as_ref()?;
    let entity = spec.entities.get(bound.entity)?;
    let words = entity.fields.iter().find(|it| it.key == bound.field)?.words()?;
    Some(words.iter().map(|it| (it.value.as_str(), it.span)).collect())
}

fn against_field(sink: &mut Sink<'_>, machine: &Machine, declared: &[(&str, Span)]) {
    let known: FxHashSet<String> = declared.iter().map(|it| key(it.0)).collect();
    for (state, span) in mentions(machine) {
        if known.contains(state) {
            continue;
        }
        let written = sink.snippet(span);
        let near = source::nearest(written, declared.iter().map(|it| it.0)).map(str::to_owned);
        let Some(first) = declared.first() else { continue };
        let last = declared.last().unwrap_or(first);
        drop(
            sink.report(span, format!("`{written}` is no state that the field declares"))
                .about(&machine.subject)
                .label(first.1.to(last.1), "the declared values")
                .instead_of(written, near.as_deref()),
        );
    }
}

/// Without a declared set, a state that only one of two sources names is unknown to the other.
fn between_sources(sink: &mut Sink<'_>, machine: &Machine) {
    if machine.sources.len() < 2 {
        return;
    }
    let states = |source: usize| -> Vec<(&str, Span)> {
        let mut found: Vec<(&str, Span)> = Vec::new();
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for transition in &machine.transitions {
            for said in transition.said.iter().filter(|it| it.source == source) {
                for (state, span) in [(&transition.from, said.from), (&transition.to, said.to)] {
                    if state != "*" && seen.insert(state) {
                        found.push((state, span));
                    }
                }
            }
        }
        found
    };
    let sets: Vec<_> = (0..machine.sources.len()).map(states).collect();
    let names: Vec<FxHashSet<&str>> = sets.iter().map(|it| it.iter().map(|it| it.0).collect()).collect();
    for (index, own) in sets.iter().enumerate() {
        for (other, there) in sets.iter().enumerate() {
            let Some(known) = names.get(other).filter(|_| index != other) else { continue };
            let shared = own.iter().filter(|it| known.contains(it.0)).count();
            if shared * 2 < there.len() || shared < 2 {
                continue;
            }
            let Some(source) = machine.sources.get(other) else { continue };
            // Tables and lists are written after the diagram; a state that the diagram alone has is told there.
            for (state, span) in own.iter().filter(|it| !known.contains(it.0)) {
                if index < other && sets.len() > 1 && near_in(there, state).is_some() {
                    continue;
                }
                let written = sink.snippet(*span);
                let near = near_in(there, state)
                    .and_then(|near| machine.states.iter().find(|it| it.key == near))
                    .map(|it| it.name.value.clone());
                drop(
                    sink.report(*span, format!("`{written}` is a state here only"))
                        .about(&machine.subject)
                        .label(source.span, "this source of the same machine does not know it")
                        .instead_of(written, near.as_deref()),
                );
            }
        }
    }
}

fn near_in<'a>(states: &[(&'a str, Span)], state: &str) -> Option<&'a str> {
    source::nearest(state, states.iter().map(|it| it.0))
}

/// Each state that transitions or final marks name, at its first place.
fn mentions(machine: &Machine) -> Vec<(&str, Span)> {
    let mut found: Vec<(&str, Span)> = Vec::new();
    let mut seen: FxHashSet<&str> = FxHashSet::default();
    let mut add = |state, span| {
        if state != "*" && seen.insert(state) {
            found.push((state, span));
        }
    };
    for transition in &machine.transitions {
        for said in &transition.said {
            add(&transition.from, said.from);
            add(&transition.to, said.to);
        }
    }
    for state in &machine.states {
        add(&state.key, state.name.span);
    }
    found
}

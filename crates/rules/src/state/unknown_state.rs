//! States that a machine uses and nothing declares.

use model::names::key;
use model::{Machine, Spec};
use rustc_hash::FxHashSet;
use source::{Level, Span};
use syntax::english::Lifecycle;

use crate::state_sets::{self, Sentences, StateSet};
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
        let declared: Vec<(&str, Span)> =
            spec.states_of(machine).iter().map(|it| (it.value.as_str(), it.span)).collect();
        if declared.is_empty() {
            between_sources(sink, machine);
        } else {
            against_declared(sink, machine, &declared);
        }
    }
    in_sentences(sink, spec);
}

/// States that a sentence names and their enumeration does not have.
fn in_sentences(sink: &mut Sink<'_>, spec: &Spec) {
    let sentences = Sentences::of(spec);
    if sentences.is_empty() {
        return;
    }
    let sets = sentences.by_set(spec);
    for said in sentences.all() {
        let (names, record) = state_sets::named(&said.value);
        let explicit = match &said.value {
            Lifecycle::Locked { .. } => continue,
            // Of several states one is known to be one.
            Lifecycle::Only { .. } | Lifecycle::Never { .. } => false,
            // `Orders start as NEW`
            Lifecycle::Initial { state } if is_shouted(&state.value) => true,
            _ => {
                let words = sink.snippet(said.span).to_lowercase();
                ["state", "status", "terminal"].iter().any(|it| words.contains(it))
            }
        };
        let known = |set: &StateSet<'_>| names.iter().filter(|it| set.has(&it.value)).count();
        // The sentence may be about any of several sets: the one that knows the most of it.
        let candidates =
            |it: &StateSet<'_>| it.words.len() > 1 && known(it) < names.len() && (explicit || known(it) > 0);
        if sets.iter().any(|it| known(it) == names.len()) {
            continue;
        }
        let Some(set) = state_sets::the_one(&sets, record, &candidates).and_then(|it| sets.get(it)) else { continue };
        let Some(declared) = state_sets::place(set.words) else { continue };
        for name in names.iter().filter(|it| !set.has(&it.value)) {
            let written = sink.snippet(name.span);
            let near = source::nearest(written, set.words.iter().map(|it| it.value.as_str()));
            drop(
                sink.report(name.span, format!("`{written}` is no state that is declared"))
                    .about(&set.subject)
                    .label(declared, "the declared values")
                    .instead_of(written, near),
            );
        }
    }
}

fn against_declared(sink: &mut Sink<'_>, machine: &Machine, declared: &[(&str, Span)]) {
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
            sink.report(span, format!("`{written}` is no state that is declared"))
                .about(&machine.subject)
                .label(first.1.to(last.1), "the declared values")
                .instead_of(written, near.as_deref()),
        );
    }
}

fn is_shouted(name: &str) -> bool {
    name.len() > 2 && name.bytes().all(|it| it.is_ascii_uppercase() || it == b'_')
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

//! Diagrams and tables of one machine that show different transitions or events.

use model::claim::Form;
use model::names::key;
use model::{Machine, MachineSource, Said, Spec, Transition};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "diagram-table-disagree",
    summary: "the sources of one machine show different transitions",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/diagram-table-disagree.md"),
    check: Check::Spec(diagram_table_disagree),
};

fn diagram_table_disagree(sink: &mut Sink<'_>, spec: &Spec) {
    for machine in &spec.machines {
        for first in 0..machine.sources.len() {
            for second in first + 1..machine.sources.len() {
                compare(sink, machine, first, second);
            }
        }
    }
}

fn compare(sink: &mut Sink<'_>, machine: &Machine, first: usize, second: usize) {
    let (Some(a), Some(b)) = (machine.sources.get(first), machine.sources.get(second)) else { return };
    // Two diagrams or two lists are views of parts.
    if a.form == b.form || a.form == Form::Arrows || b.form == Form::Arrows {
        return;
    }
    let states = |source: usize| -> Vec<&str> {
        let own = machine.transitions.iter().filter(|it| it.said.iter().any(|it| it.source == source));
        own.flat_map(|it| [it.from.as_str(), it.to.as_str()]).collect()
    };
    let (in_a, in_b) = (states(first), states(second));
    let shared = in_a.iter().filter(|it| in_b.contains(it)).count();
    if shared == 0 {
        return;
    }
    for (own, other, own_index, other_index, known) in [(a, b, first, second, &in_b), (b, a, second, first, &in_a)] {
        for transition in &machine.transitions {
            let said = |source: usize| transition.said.iter().find(|it| it.source == source);
            let (Some(place), None) = (said(own_index), said(other_index)) else { continue };
            if transition.from == "*" || covered_by_any(machine, transition, other_index) {
                continue;
            }
            let renamed = machine.transitions.iter().find(|it| {
                it.from == transition.from
                    && it.to == transition.to
                    && it.said.iter().any(|it| it.source == other_index)
            });
            if let Some(renamed) = renamed {
                // Told once, from the side of the first source.
                if own_index == first {
                    events_differ(sink, machine, place, renamed, own, other, other_index);
                }
                continue;
            }
            // A state that the other source does not know at all is for `unknown-state`.
            if !known.contains(&transition.from.as_str()) || !known.contains(&transition.to.as_str()) {
                continue;
            }
            let (from, to) = (name(machine, &transition.from), name(machine, &transition.to));
            drop(
                sink.report(place.span, format!("{} shows `{from}` → `{to}`, {} does not", form(own), form(other)))
                    .about(&machine.subject)
                    .label(other.span, format!("{} has no such transition", form(other)))
                    .help(format!("add it to {}, or remove it here", form(other))),
            );
        }
    }
}

/// Whether a source says the transition with `*` as its state before.
fn covered_by_any(machine: &Machine, transition: &Transition, source: usize) -> bool {
    machine
        .transitions
        .iter()
        .any(|it| it.from == "*" && it.to == transition.to && it.said.iter().any(|it| it.source == source))
}

fn events_differ(
    sink: &mut Sink<'_>,
    machine: &Machine,
    place: &Said,
    renamed: &Transition,
    own: &MachineSource,
    other: &MachineSource,
    other_index: usize,
) {
    let there = renamed.said.iter().find(|it| it.source == other_index).and_then(|it| it.event.as_ref());
    let (Some(here), Some(there)) = (&place.event, there) else { return };
    let (x, y) = (key(&here.value), key(&there.value));
    // One side may say more: `pay` and `customer pays`. A guard in a label is no event.
    if x.contains(&y) && y.len() > 5
        || y.contains(&x) && x.len() > 5
        || here.value.split_whitespace().count() > 3
        || there.value.split_whitespace().count() > 3
    {
        return;
    }
    let (from, to) = (name(machine, &renamed.from), name(machine, &renamed.to));
    drop(
        sink.report(
            here.span,
            format!(
                "{} calls the event from `{from}` to `{to}` `{}`, {} calls it `{}`",
                form(own),
                here.value,
                form(other),
                there.value
            ),
        )
        .about(&machine.subject)
        .label(there.span, format!("{} calls it `{}`", form(other), there.value)),
    );
}

fn name<'a>(machine: &'a Machine, state: &'a str) -> &'a str {
    machine.states.iter().find(|it| it.key == state).map_or(state, |it| &it.name.value)
}

fn form(source: &MachineSource) -> &'static str {
    match source.form {
        Form::Diagram => "the diagram",
        Form::Table => "the table",
        _ => "the list",
    }
}

//! Diagrams and tables of one machine that show different transitions or events.

use model::claim::Form;
use model::names::key;
use model::{Machine, MachineSource, Said, Spec, Transition};
use source::{Applicability, Edit, Level, Span};

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
                compare(sink, spec, machine, first, second);
            }
        }
    }
}

fn compare(sink: &mut Sink<'_>, spec: &Spec, machine: &Machine, first: usize, second: usize) {
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
            let edits = match other.form {
                Form::Table => row(sink, spec, machine, transition, place, other_index),
                _ => None,
            };
            let finding = sink
                .report(place.span, format!("{} shows `{from}` → `{to}`, {} does not", form(own), form(other)))
                .about(&machine.subject)
                .label(other.span, format!("{} has no such transition", form(other)))
                .help(format!("add it to {}, or remove it here", form(other)));
            drop(match edits {
                Some(edit) => finding.fix("add it to the table", Applicability::Unsafe, vec![edit]),
                None => finding,
            });
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

/// A row for a transition of the diagram, after the last row that leaves the same state, with its cells
/// where the other rows have theirs.
fn row(
    sink: &Sink<'_>,
    spec: &Spec,
    machine: &Machine,
    transition: &Transition,
    place: &Said,
    source: usize,
) -> Option<Edit> {
    let said = machine
        .transitions
        .iter()
        .flat_map(|it| it.said.iter().filter(|it| it.source == source).map(move |own| (it, own)));
    let all: Vec<(&Transition, &Said)> = said.collect();
    let (_, any) = all.iter().find(|it| it.1.event.is_some()).or(all.first())?;
    let same = all.iter().filter(|it| it.0.from == transition.from).map(|it| it.1);
    let after =
        same.max_by_key(|it| it.span.start).or_else(|| all.iter().map(|it| it.1).max_by_key(|it| it.span.start))?;
    let section = spec.document().section_at(any.span)?;
    let mut found = None;
    syntax::document::tables(&section.blocks, &mut |table, _| {
        let of = |said: &Said| table.rows.iter().find(|it| it.span.contains(said.from) || it.span.contains(said.to));
        let (Some(model), Some(last)) = (of(any), of(after)) else { return };
        let column = |at: Span| model.cells.iter().position(|it| it.all().span().contains(at));
        let (from, to) = (column(any.from), column(any.to));
        let event = any.event.as_ref().and_then(|it| column(it.span));
        if from.is_none() || to.is_none() || from == to {
            return;
        }
        let own = |index: usize| match Some(index) {
            index if index == from => name(machine, &transition.from).to_owned(),
            index if index == to => name(machine, &transition.to).to_owned(),
            index if index == event => place.event.as_ref().map_or("-".to_owned(), |it| it.value.clone()),
            _ => "-".to_owned(),
        };
        let cells: Vec<String> = (0..table.header.len())
            .map(|index| {
                let width = last.cells.get(index).map_or(0, |it| sink.snippet(it.all().span()).chars().count());
                format!("{:width$}", own(index))
            })
            .collect();
        let text = sink.snippet(last.span);
        let lead = text.get(..text.len() - text.trim_start().len()).unwrap_or("");
        let end = last.span.start + text.trim_end().len() as u32;
        let span = Span { start: end, end, ..last.span };
        found = Some(Edit { span, text: format!("\n{lead}| {} |", cells.join(" | ")) });
    });
    found
}

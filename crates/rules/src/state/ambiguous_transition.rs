//! Events that lead from one state to two.

use model::names::key;
use model::{Meaning, Spec};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "ambiguous-transition",
    summary: "one event leads from one state to two",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/ambiguous-transition.md"),
    check: Check::Spec(ambiguous_transition),
};

fn ambiguous_transition(sink: &mut Sink<'_>, spec: &Spec) {
    for machine in &spec.machines {
        for (index, second) in machine.transitions.iter().enumerate() {
            let Some(event) = &second.event else { continue };
            let twin = machine.transitions.iter().take(index).find(|it| {
                it.from == second.from
                    && it.to != second.to
                    && it.event.as_ref().is_some_and(|it| key(&it.value) == key(&event.value))
                    && overlap(&it.guard, &second.guard)
            });
            let (Some(first), Some(here)) = (twin, second.said.first()) else { continue };
            let Some(there) = first.said.first() else { continue };
            let from = machine.states.iter().find(|it| it.key == second.from).map_or("any state", |it| &it.name.value);
            drop(
                sink.report(here.span, format!("`{}` leads from `{from}` to two states", event.value))
                    .about(&machine.subject)
                    .label(there.span, "the other transition")
                    .help("add guards that exclude each other, or name two events"),
            );
        }
    }
}

/// Whether two guards can hold at once: at least one is missing, or they are the same.
fn overlap(a: &Option<(source::Spanned<String>, Meaning)>, b: &Option<(source::Spanned<String>, Meaning)>) -> bool {
    match (a, b) {
        (None, None) => true,
        (Some(a), Some(b)) => a.0.value == b.0.value,
        // A guard beside a transition without one may mean "otherwise".
        _ => false,
    }
}

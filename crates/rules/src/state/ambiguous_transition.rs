//! Events that lead from one state to two.

use model::names::key;
use model::{Meaning, Spec, Transition};
use rustc_hash::FxHashMap;
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
        let mut known: FxHashMap<(&str, String), Vec<&Transition>> = FxHashMap::default();
        for second in &machine.transitions {
            let Some(event) = &second.event else { continue };
            let others = known.entry((&second.from, key(&event.value))).or_default();
            let twin = others
                .iter()
                .find(|it| it.to != second.to && overlap(&it.guard, &second.guard) && one_source(it, second))
                .copied();
            others.push(second);
            let (Some(here), Some(there)) = (second.said.first(), twin.and_then(|it| it.said.first())) else {
                continue;
            };
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

/// Whether one source says both: two sources that differ are for other rules.
fn one_source(a: &Transition, b: &Transition) -> bool {
    a.said.iter().any(|it| b.said.iter().any(|other| other.source == it.source))
}

//! Events that no endpoint fires.

use model::names::key;
use model::{BehaviourKind, Spec};
use source::Level;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "event-without-endpoint",
    summary: "no endpoint fires an event of a machine",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/event-without-endpoint.md"),
    check: Check::Spec(event_without_endpoint),
};

fn event_without_endpoint(sink: &mut Sink<'_>, spec: &Spec) {
    for (index, machine) in spec.machines.iter().enumerate().filter(|(_, it)| it.bound.is_some()) {
        let fired: Vec<_> = spec
            .endpoints
            .iter()
            .filter(|it| it.behaviour.machine == Some(index) && it.behaviour.kind == BehaviourKind::Transition)
            .collect();
        // A machine that no endpoint drives at all is driven by something else.
        if fired.is_empty() || fired.iter().any(|it| it.behaviour.event.is_none()) {
            continue;
        }
        let mut told: Vec<String> = Vec::new();
        for transition in &machine.transitions {
            let Some(event) = &transition.event else { continue };
            let own = key(&event.value);
            if told.contains(&own)
                || fired.iter().any(|it| it.behaviour.event.as_ref().is_some_and(|it| key(it) == own))
            {
                continue;
            }
            drop(
                sink.report(event.span, format!("no endpoint fires `{}`", event.value))
                    .about(&machine.subject)
                    .note("unless time or another system fires it, it can never happen"),
            );
            told.push(own);
        }
    }
}

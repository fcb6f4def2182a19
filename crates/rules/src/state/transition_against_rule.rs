//! Transitions that a sentence of the document excludes.

use std::collections::BTreeMap;

use model::names::key;
use model::{BehaviourKind, Endpoint, Machine, Spec, Transition};
use rustc_hash::FxHashSet;
use source::{Level, Span, Spanned};
use syntax::english::Lifecycle;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "transition-against-rule",
    summary: "a transition contradicts a sentence about the states",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/transition-against-rule.md"),
    check: Check::Spec(transition_against_rule),
};

fn transition_against_rule(sink: &mut Sink<'_>, spec: &Spec) {
    for machine in &spec.machines {
        only(sink, machine);
        for rule in &machine.rules {
            match &rule.value {
                Lifecycle::Only { .. } | Lifecycle::Locked { .. } => {}
                Lifecycle::Refused { states } => refused(sink, spec, machine, rule.span, states),
                Lifecycle::Final { states } => last(sink, machine, rule.span, states),
                Lifecycle::Initial { state } => first(sink, machine, rule.span, state),
            }
        }
    }
}

/// `Only CONFIRMED orders can be cancelled`, and a transition from another state leads there.
fn only(sink: &mut Sink<'_>, machine: &Machine) {
    let mut found: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    for rule in &machine.rules {
        let Lifecycle::Only { states, act, to } = &rule.value else { continue };
        let allowed = keys(states);
        let verb = stem(&act.value);
        let target = to.as_ref().map(|it| key(&it.value));
        let target = target.or_else(|| machine.states.iter().find(|it| stem(&it.key) == verb).map(|it| it.key.clone()));
        for (index, transition) in machine.transitions.iter().enumerate() {
            let meant = match &target {
                Some(target) => *target == transition.to,
                None => transition.event.as_ref().is_some_and(|it| stem(&key(&it.value)) == verb),
            };
            if meant && !allowed.contains(&transition.from) && transition.from != transition.to {
                found.entry(index).or_default().push(rule.span);
            }
        }
    }
    for (index, rules) in found {
        let Some(transition) = machine.transitions.get(index) else { continue };
        let what = format!("{} → {}", name(machine, &transition.from), name(machine, &transition.to));
        against(sink, machine, transition, &rules, format!("{what} is against a rule of the document"));
    }
}

/// `Returns 409 if not in Scheduled state`, and the machine lets the event of this endpoint happen elsewhere too,
/// or not there.
fn refused(sink: &mut Sink<'_>, spec: &Spec, machine: &Machine, rule: Span, states: &[Spanned<String>]) {
    let Some(event) = endpoint_of(spec, rule).and_then(|it| event_of(it, machine)) else { return };
    let allowed = keys(states);
    let fired: Vec<&Transition> =
        machine.transitions.iter().filter(|it| it.event.as_ref().is_some_and(|it| key(&it.value) == event)).collect();
    if fired.is_empty() || fired.iter().any(|it| it.from == "*" || it.guard.is_some()) {
        return;
    }
    for transition in fired.iter().filter(|it| !allowed.contains(&it.from)) {
        let message = format!("{} allows this, its endpoint refuses it", name(machine, &transition.from));
        against(sink, machine, transition, &[rule], message);
    }
    for state in states.iter().filter(|it| !fired.iter().any(|fired| fired.from == key(&it.value))) {
        let Some(there) = fired.first().and_then(|it| it.said.first()) else { continue };
        drop(
            sink.report(state.span, format!("the machine has no `{event}` from `{}`", state.value))
                .about(&machine.subject)
                .label(there.span, "this is where it has it"),
        );
    }
}

/// The endpoint under whose heading a sentence stands.
fn endpoint_of(spec: &Spec, rule: Span) -> Option<&Endpoint> {
    let before = spec.endpoints.iter().filter(|it| it.span.file == rule.file);
    let found = before.filter_map(|it| {
        let at = it.details.iter().chain([&it.span]).filter(|at| at.start <= rule.start).map(|it| it.start).max()?;
        Some((at, it))
    });
    let (at, endpoint) = found.max_by_key(|it| it.0)?;
    // A heading between them, other than the endpoint's own, begins something else.
    let between = |it: &&syntax::Section| {
        let heading = it.heading.all().span();
        heading.start > at && heading.start < rule.start && it.level < syntax::document::BOLD_LINE
    };
    let own = spec.document().sections.iter().find(between).is_none();
    own.then_some(endpoint)
}

/// The event that an endpoint fires, by what was inferred or by the last word of its path.
fn event_of(endpoint: &Endpoint, machine: &Machine) -> Option<String> {
    if endpoint.behaviour.kind == BehaviourKind::Transition
        && let Some(event) = &endpoint.behaviour.event
    {
        return Some(key(event));
    }
    let last = endpoint.path.rsplit('/').next().filter(|it| !it.starts_with('{'))?;
    let last = key(last);
    machine.transitions.iter().filter_map(|it| it.event.as_ref()).map(|it| key(&it.value)).find(|it| *it == last)
}

/// `CANCELLED is a terminal state`, and a transition leaves it.
fn last(sink: &mut Sink<'_>, machine: &Machine, rule: Span, states: &[Spanned<String>]) {
    let ends = keys(states);
    for transition in machine.transitions.iter().filter(|it| ends.contains(&it.from) && it.from != it.to) {
        let message = format!("{} is left here, though it is final", name(machine, &transition.from));
        against(sink, machine, transition, &[rule], message);
    }
}

/// `Orders start as PENDING`, and the machine starts elsewhere.
fn first(sink: &mut Sink<'_>, machine: &Machine, rule: Span, state: &Spanned<String>) {
    let own = key(&state.value);
    let Some(start) = machine.starts.first().filter(|_| !machine.starts.iter().any(|it| it.value == own)) else {
        return;
    };
    drop(
        sink.report(state.span, format!("records begin in `{}` here", state.value))
            .about(&machine.subject)
            .label(start.span, "the machine starts here")
            .label(rule, "the sentence"),
    );
}

fn against(sink: &mut Sink<'_>, machine: &Machine, transition: &Transition, rules: &[Span], message: String) {
    let Some(said) = transition.said.first() else { return };
    let mut finding = sink.report(said.span, message).about(&machine.subject);
    for rule in rules {
        finding = finding.label(*rule, "this sentence excludes it");
    }
    drop(finding.help("take the transition out, or widen the sentence"));
}

fn keys(states: &[Spanned<String>]) -> FxHashSet<String> {
    states.iter().map(|it| key(&it.value)).collect()
}

fn name(machine: &Machine, state: &str) -> String {
    let name = machine.states.iter().find(|it| it.key == state).map(|it| it.name.value.as_str());
    name.map_or_else(|| "any state".to_owned(), |it| format!("`{it}`"))
}

/// A verb in a form in which `cancel`, `cancelled`, `canceled` and `cancelling` are equal.
fn stem(word: &str) -> String {
    let word = word.to_lowercase();
    match word.as_str() {
        "paid" | "pays" => return "pay".to_owned(),
        "sent" => return "send".to_owned(),
        "withdrawn" | "withdrew" => return "withdraw".to_owned(),
        _ => {}
    }
    let bare = ["ing", "ed", "es", "s", "e"].iter().find_map(|it| word.strip_suffix(it)).unwrap_or(&word);
    let mut letters = bare.chars().rev();
    let doubled = letters.next().is_some_and(|last| letters.next() == Some(last) && !"aeious".contains(last));
    let end = bare.len() - usize::from(doubled);
    bare.get(..end).unwrap_or(bare).to_owned()
}

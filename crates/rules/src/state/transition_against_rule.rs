//! Transitions that a sentence of the document excludes.

use std::collections::BTreeMap;

use model::names::key;
use model::{BehaviourKind, Endpoint, Machine, Spec, Transition};
use rustc_hash::{FxHashMap, FxHashSet};
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
    if spec.machines.iter().all(|it| it.rules.is_empty()) {
        return;
    }
    let places = Places::of(spec);
    for machine in &spec.machines {
        only(sink, machine);
        for rule in &machine.rules {
            match &rule.value {
                Lifecycle::Only { .. } | Lifecycle::Never { .. } | Lifecycle::Locked { .. } => {}
                Lifecycle::Refused { states } => refused(sink, &places, machine, rule.span, states),
                Lifecycle::Final { states } => last(sink, machine, rule.span, states),
                Lifecycle::Initial { state } => first(sink, machine, rule.span, state),
            }
        }
    }
}

/// `Only CONFIRMED orders can be cancelled`, and a transition from another state leads there.
fn only(sink: &mut Sink<'_>, machine: &Machine) {
    let mut found: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    let mut leading: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    let mut fired: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (index, transition) in machine.transitions.iter().enumerate().filter(|_| !machine.rules.is_empty()) {
        leading.entry(&transition.to).or_default().push(index);
        if let Some(event) = &transition.event {
            fired.entry(stem(&key(&event.value))).or_default().push(index);
        }
    }
    for rule in &machine.rules {
        // Whether the states are those from which it may be done, or those from which it may not.
        let (states, act, to, may) = match &rule.value {
            Lifecycle::Only { states, act, to, .. } => (states, act, to.as_ref(), true),
            Lifecycle::Never { states, act, .. } => (states, act, None, false),
            _ => continue,
        };
        let listed = keys(states);
        let verb = stem(&act.value);
        let target = to.map(|it| key(&it.value));
        let target = target.or_else(|| machine.states.iter().find(|it| stem(&it.key) == verb).map(|it| it.key.clone()));
        let meant = match &target {
            Some(target) => leading.get(target.as_str()),
            None => fired.get(&verb),
        };
        for index in meant.into_iter().flatten() {
            let Some(transition) = machine.transitions.get(*index) else { continue };
            if listed.contains(&transition.from) != may && transition.from != transition.to {
                found.entry(*index).or_default().push(rule.span);
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
fn refused(sink: &mut Sink<'_>, places: &Places<'_>, machine: &Machine, rule: Span, states: &[Spanned<String>]) {
    let Some(event) = places.endpoint(rule).and_then(|it| event_of(it, machine)) else { return };
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

/// Where endpoints and headings stand, in order.
struct Places<'a> {
    endpoints: Vec<(u32, &'a Endpoint)>,
    headings: Vec<u32>,
}

impl<'a> Places<'a> {
    fn of(spec: &'a Spec) -> Places<'a> {
        let places =
            spec.endpoints.iter().flat_map(|it| it.details.iter().chain([&it.span]).map(move |at| (at.start, it)));
        let mut endpoints: Vec<(u32, &Endpoint)> = places.collect();
        endpoints.sort_by_key(|it| it.0);
        let sections = spec.document().sections.iter().filter(|it| it.level < syntax::document::BOLD_LINE);
        let headings = sections.map(|it| it.heading.all().span().start).collect();
        Places { endpoints, headings }
    }

    /// The endpoint under whose heading a sentence stands; another heading between them begins something else.
    fn endpoint(&self, rule: Span) -> Option<&'a Endpoint> {
        let index = self.endpoints.partition_point(|it| it.0 <= rule.start).checked_sub(1)?;
        let (at, endpoint) = self.endpoints.get(index)?;
        let heading = self.headings.partition_point(|it| *it <= rule.start).checked_sub(1)?;
        (self.headings.get(heading)? <= at).then_some(*endpoint)
    }
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

/// The state that a verb leads to by its name: `cancelled`.
pub(super) fn state_of<'a>(states: impl IntoIterator<Item = &'a str>, act: &str) -> Option<&'a str> {
    let verb = stem(act);
    states.into_iter().find(|it| stem(it) == verb)
}

/// A verb in a form in which `cancel`, `cancelled`, `canceled` and `cancelling` are equal.
pub(super) fn stem(word: &str) -> String {
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

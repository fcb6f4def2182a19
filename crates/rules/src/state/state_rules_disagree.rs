//! Sentences about the states of one kind of record that contradict each other.

use model::Spec;
use model::names::{entity_key, key};
use rustc_hash::FxHashMap;
use source::{Level, Spanned};
use syntax::english::{Lifecycle, Record};

use super::transition_against_rule::{state_of, stem};
use crate::state_sets::{Sentences, StateSet};
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "state-rules-disagree",
    summary: "two sentences about the states contradict each other",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/state-rules-disagree.md"),
    check: Check::Spec(state_rules_disagree),
};

/// Sentences about one act, or about no act, that are compared with each other.
const MOST: usize = 24;

fn state_rules_disagree(sink: &mut Sink<'_>, spec: &Spec) {
    let sentences = Sentences::of(spec);
    if sentences.is_empty() {
        return;
    }
    for set in sentences.by_set(spec) {
        beginnings(sink, &set);
        acts(sink, &set);
    }
}

/// Two beginnings, or one that is not the default of the field.
fn beginnings(sink: &mut Sink<'_>, set: &StateSet<'_>) {
    let mut first = set.default.map(|it| (it, "its default"));
    for rule in &set.rules {
        let Lifecycle::Initial { state } = &rule.value else { continue };
        match first {
            None => first = Some((state, "they begin here")),
            Some((other, what)) if key(&other.value) != key(&state.value) && set.has(&other.value) => {
                drop(
                    sink.report(
                        state.span,
                        format!("records begin in `{}` here and in `{}` elsewhere", state.value, other.value),
                    )
                    .about(&set.subject)
                    .label(other.span, what),
                );
            }
            Some(_) => {}
        }
    }
}

/// What may be done from some states only, against what may not be done from them, and against the ends.
fn acts(sink: &mut Sink<'_>, set: &StateSet<'_>) {
    let mut by_act: FxHashMap<(String, Option<String>), Vec<&Spanned<Lifecycle>>> = FxHashMap::default();
    let mut ends: FxHashMap<String, &Spanned<Lifecycle>> = FxHashMap::default();
    for rule in &set.rules {
        match &rule.value {
            Lifecycle::Final { states } => {
                for state in states {
                    ends.entry(key(&state.value)).or_insert(rule);
                }
            }
            Lifecycle::Only { act, record, .. } | Lifecycle::Never { act, record, .. } => {
                by_act.entry((stem(&act.value), noun(record))).or_default().push(rule);
            }
            _ => {}
        }
    }
    for rule in &set.rules {
        let (Lifecycle::Only { act, record, .. } | Lifecycle::Never { act, record, .. }) = &rule.value else {
            continue;
        };
        left(sink, set, &ends, rule);
        let alike = by_act.get(&(stem(&act.value), noun(record))).map_or(&[][..], Vec::as_slice);
        let before = alike.iter().take(MOST).take_while(|it| it.span != rule.span);
        if let Some((other, message)) = before.filter_map(|it| Some((*it, contradiction(it, rule)?))).next() {
            let finding = sink.report(rule.span, message).about(&set.subject);
            drop(finding.label(other.span, "this sentence says otherwise").help("say it once"));
        }
    }
}

fn noun(record: &Option<Record>) -> Option<String> {
    record.as_ref().map(|it| entity_key(&it.name))
}

/// What is wrong with two sentences about one act.
fn contradiction(first: &Spanned<Lifecycle>, second: &Spanned<Lifecycle>) -> Option<String> {
    let shared = |a: &[Spanned<String>], b: &[Spanned<String>]| {
        a.iter().find(|a| b.iter().any(|b| key(&a.value) == key(&b.value))).map(|it| it.value.clone())
    };
    match (&first.value, &second.value) {
        (Lifecycle::Only { states: a, to: None, .. }, Lifecycle::Only { states: b, to: None, act, .. }) => {
            let within = |a: &[Spanned<String>], b: &[Spanned<String>]| {
                a.iter().all(|a| b.iter().any(|b| key(&a.value) == key(&b.value)))
            };
            let same = within(a, b) && within(b, a);
            (!same).then(|| format!("`{}` is possible from other states here than elsewhere", act.value))
        }
        (Lifecycle::Only { states: a, .. }, Lifecycle::Never { states: b, act, .. })
        | (Lifecycle::Never { states: a, act, .. }, Lifecycle::Only { states: b, .. }) => {
            let state = shared(a, b)?;
            Some(format!("whether `{state}` can be `{}` is said in two ways", act.value))
        }
        _ => None,
    }
}

/// `Only DELIVERED orders can be returned`, where DELIVERED is final and `returned` a state.
fn left(
    sink: &mut Sink<'_>,
    set: &StateSet<'_>,
    ends: &FxHashMap<String, &Spanned<Lifecycle>>,
    rule: &Spanned<Lifecycle>,
) {
    let Lifecycle::Only { states, act, to, .. } = &rule.value else { return };
    let states_of_set = || set.states.iter().map(String::as_str);
    let target = to.as_ref().map(|it| key(&it.value));
    let Some(target) = target.or_else(|| state_of(states_of_set(), &act.value).map(str::to_owned)) else { return };
    for state in states.iter().filter(|it| key(&it.value) != target) {
        if let Some(end) = ends.get(&key(&state.value)) {
            drop(
                sink.report(state.span, format!("`{}` is left here, though it is final", state.value))
                    .about(&set.subject)
                    .label(end.span, "final here"),
            );
        }
    }
}

//! Sets of states, of machines and of enumerations, with the sentences that are about each.

use model::claim::{Property, Subject, Value};
use model::names::{entity_key, is_of_states, key};
use model::{Machine, Spec};
use rustc_hash::FxHashSet;
use source::{Span, Spanned};
use syntax::english::{Lifecycle, Record};
use syntax::types::Type;

/// What the states of one kind of record are.
pub(crate) struct StateSet<'a> {
    pub(crate) subject: Subject,
    /// The states in the form in which spellings are equal, in order.
    pub(crate) states: Vec<String>,
    /// The declared words, in order; empty where nothing but transitions has them.
    pub(crate) words: &'a [Spanned<String>],
    /// The default of the field.
    pub(crate) default: Option<&'a Spanned<String>>,
    /// The sentences that are about them.
    pub(crate) rules: Vec<&'a Spanned<Lifecycle>>,
    /// What the records are called.
    record: Option<String>,
}

impl StateSet<'_> {
    pub(crate) fn has(&self, state: &str) -> bool {
        let state = key(state);
        self.states.contains(&state)
    }
}

/// The sentences about states in a document, where it has any.
pub(crate) struct Sentences {
    all: Vec<Spanned<Lifecycle>>,
}

impl Sentences {
    pub(crate) fn of(spec: &Spec) -> Sentences {
        let claims = spec.claims().of(&Subject::of("lifecycle", "rule"), Property::Rule);
        let all = claims.filter_map(|it| match &it.value {
            Value::Lifecycle(said) => Some(Spanned::new((**said).clone(), it.span)),
            _ => None,
        });
        Sentences { all: all.collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub(crate) fn all(&self) -> &[Spanned<Lifecycle>] {
        &self.all
    }

    /// The sets of states, each with what is said of it. A sentence that may be about several is about none.
    pub(crate) fn by_set<'a>(&'a self, spec: &'a Spec) -> Vec<StateSet<'a>> {
        let mut sets = sets(spec);
        for said in &self.all {
            if let Some(index) = about(&sets, said)
                && let Some(set) = sets.get_mut(index)
            {
                set.rules.push(said);
            }
        }
        sets
    }
}

/// The set that a sentence is about: the one that has all of its states, or that of its record.
fn about(sets: &[StateSet<'_>], said: &Spanned<Lifecycle>) -> Option<usize> {
    let (names, record) = named(&said.value);
    let known = |it: &StateSet<'_>| names.iter().all(|state| it.has(&state.value));
    the_one(sets, record, &known)
}

/// The index of the only set for which something holds, of those of a record where it is known.
pub(crate) fn the_one(
    sets: &[StateSet<'_>],
    record: Option<&Record>,
    holds: &dyn Fn(&StateSet<'_>) -> bool,
) -> Option<usize> {
    let noun = record.map(|it| entity_key(&it.name));
    let of_record = |it: &StateSet<'_>| it.record.is_some() && it.record == noun;
    let any_of_record = sets.iter().any(of_record);
    if record.is_some_and(|it| it.tells) && !any_of_record {
        return None;
    }
    let mut found = sets.iter().enumerate().filter(|it| (!any_of_record || of_record(it.1)) && holds(it.1));
    let (index, first) = found.next()?;
    found.all(|it| it.1.states == first.states).then_some(index)
}

/// The states that a sentence names, and what the records are called in it.
pub(crate) fn named(said: &Lifecycle) -> (Vec<&Spanned<String>>, Option<&Record>) {
    match said {
        Lifecycle::Only { states, to, record, .. } => (states.iter().chain(to.as_ref()).collect(), record.as_ref()),
        Lifecycle::Never { states, record, .. } => (states.iter().collect(), record.as_ref()),
        Lifecycle::Refused { states } | Lifecycle::Final { states } => (states.iter().collect(), None),
        Lifecycle::Initial { state } => (vec![state], None),
        Lifecycle::Locked { after } => (vec![after], None),
    }
}

fn sets(spec: &Spec) -> Vec<StateSet<'_>> {
    let mut found: Vec<StateSet<'_>> = Vec::new();
    let mut bound = FxHashSet::default();
    for machine in &spec.machines {
        found.push(of_machine(spec, machine));
        bound.extend(machine.bound.as_ref().map(|it| (it.entity, it.field.as_str())));
    }
    for (index, entity) in spec.entities.iter().enumerate() {
        let own = entity.fields.iter().filter(|it| is_of_states(&it.key) && !bound.contains(&(index, it.key.as_str())));
        for field in own {
            let Some(words) = field.words() else { continue };
            found.push(StateSet {
                subject: field.subject.clone(),
                states: keys(words),
                words,
                default: field.default.as_ref(),
                rules: Vec::new(),
                record: Some(entity_key(&entity.name.value)),
            });
        }
    }
    for alias in spec.aliases.iter().filter(|it| is_of_states(&it.name.value)) {
        let Type::Enum(words) = alias.ty.bare() else { continue };
        let states = keys(words);
        if !found.iter().any(|it| it.states == states || keys(it.words) == states) {
            let subject = Subject::of("type", &alias.name.value);
            found.push(StateSet { subject, states, words, default: None, rules: Vec::new(), record: None });
        }
    }
    found
}

fn of_machine<'a>(spec: &'a Spec, machine: &'a Machine) -> StateSet<'a> {
    let words = spec.states_of(machine);
    let mut states: Vec<String> = machine.states.iter().map(|it| it.key.clone()).collect();
    states.extend(keys(words).into_iter().filter(|it| !machine.states.iter().any(|own| own.key == *it)));
    let entity = machine.bound.as_ref().and_then(|it| spec.entities.get(it.entity));
    StateSet {
        subject: machine.subject.clone(),
        states,
        words,
        // The machine's own beginning is compared elsewhere.
        default: None,
        rules: Vec::new(),
        record: entity.map(|it| entity_key(&it.name.value)),
    }
}

fn keys(words: &[Spanned<String>]) -> Vec<String> {
    words.iter().map(|it| key(&it.value)).collect()
}

/// Where the declared words stand.
pub(crate) fn place(words: &[Spanned<String>]) -> Option<Span> {
    Some(words.first()?.span.to(words.last()?.span))
}

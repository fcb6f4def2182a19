//! State machines as steps between the stored words of a field.

use cel::Program;
use model::names::key;
use model::{Meaning, Spec};

use crate::Table;
use crate::condition::{Condition, Conditions};
use crate::lines::Lines;
use crate::shape::Kind;

/// The machine of a table.
#[derive(Debug)]
pub struct Machine {
    /// Index of the field that holds the state.
    pub field: usize,
    /// The state of a new record, as it is stored.
    pub initial: Option<String>,
    /// The states as they are stored, by key.
    pub states: Vec<(String, String)>,
    pub steps: Vec<Step>,
    pub line: u32,
}

/// A transition.
#[derive(Debug)]
pub struct Step {
    /// The state before, as it is stored; `None` is any.
    pub from: Option<String>,
    /// The state after, as it is stored.
    pub to: String,
    /// Key of the event.
    pub event: Option<String>,
    /// The event as written.
    pub name: String,
    pub guard: Option<Condition>,
    /// Fields and their new values.
    pub assignments: Vec<(usize, Program)>,
    pub line: u32,
}

impl Machine {
    /// The state in which a record can only begin: the one to which nothing leads.
    pub(super) fn beginning(&self) -> Option<String> {
        let led = |state: &str| self.steps.iter().any(|it| it.to == state && it.from.as_deref() != Some(state));
        let leads = |state: &str| self.steps.iter().any(|it| it.from.as_deref() == Some(state));
        let mut found = self.states.iter().map(|it| it.1.as_str()).filter(|it| leads(it) && !led(it));
        found.next().filter(|_| found.next().is_none()).map(str::to_owned)
    }

    /// The stored word of a state, in any spelling.
    pub fn stored(&self, state: &str) -> Option<&str> {
        let own = key(state);
        self.states.iter().find(|it| it.0 == own).map(|it| it.1.as_str())
    }
}

/// The machine of an entity, and the key of the field that it is bound to.
pub(super) fn of(spec: &Spec, entity: Option<usize>) -> Option<(&model::Machine, String)> {
    let entity = entity?;
    spec.machines.iter().find_map(|it| {
        let bound = it.bound.as_ref().filter(|it| it.entity == entity)?;
        Some((it, bound.field.clone()))
    })
}

pub(super) fn compile(
    machine: &model::Machine,
    field: &str,
    table: &Table,
    lines: &Lines,
    conditions: &Conditions,
) -> Option<Machine> {
    let index = |name: &str| table.fields.iter().position(|it| key(&it.declared) == key(name));
    let field = index(field)?;
    let words: &[String] = match &table.field(field)?.member.kind {
        Kind::Enum(words) => words,
        _ => &[],
    };
    let stored = |state: &model::State| {
        words.iter().find(|it| key(it) == state.key).cloned().unwrap_or_else(|| state.name.value.clone())
    };
    let states: Vec<(String, String)> = machine.states.iter().map(|it| (it.key.clone(), stored(it))).collect();
    let word = |own: &str| states.iter().find(|it| it.0 == own).map_or_else(|| own.to_owned(), |it| it.1.clone());
    let condition = |text: &source::Spanned<String>, meaning: &Meaning| match meaning {
        Meaning::Cel(checked) => Some(Condition {
            program: conditions.compile(&checked.source)?,
            reads: checked.reads.iter().filter_map(|it| index(it)).collect(),
            compares_old: checked.compares_old,
            words: text.value.clone(),
            simple: Vec::new(),
            line: lines.of(text.span),
        }),
        _ => None,
    };
    let steps = machine.transitions.iter().map(|it| Step {
        from: (it.from != "*").then(|| word(&it.from)),
        to: word(&it.to),
        event: it.event.as_ref().map(|it| key(&it.value)),
        name: it.event.as_ref().map_or_else(String::new, |it| it.value.clone()),
        guard: it.guard.as_ref().and_then(|(text, meaning)| condition(text, meaning)),
        assignments: it
            .assignments
            .iter()
            .filter_map(|(name, checked)| Some((index(name)?, conditions.compile(&checked.source)?)))
            .collect(),
        line: it.said.last().map_or(0, |it| lines.of(it.span)),
    });
    let line = machine.sources.last().map_or(0, |it| lines.of(it.span));
    let initial = machine.initial.as_ref().map(|it| word(&it.value));
    let steps: Vec<Step> = steps.collect();
    Some(Machine { field, initial, states, steps, line })
}

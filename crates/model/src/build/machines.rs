//! Machines: the sources of one machine merged, and bound to the entity that it belongs to.

use rustc_hash::{FxHashMap, FxHashSet};
use source::{Span, Spanned, Text};
use syntax::english::{Lifecycle, Record};
use syntax::types::Type;

use crate::build::entities::{meaning, scope};
use crate::build::settings::text;
use crate::cel::{self, Scope};
use crate::claim::{self, Claims, Property, Subject, Value};
use crate::names::{entity_key, key, words};
use crate::spec::{
    Alias, Binding, Composite, Entity, Field, Machine, MachineSource, Meaning, Said, Spec, State, Transition,
};

pub(super) fn build(spec: &mut Spec) {
    let mut machines: Vec<Machine> = Vec::new();
    let claims = &spec.facts.claims;
    for subject in claims.subjects_of("machine") {
        let Some(mut machine) = gather(claims, subject) else { continue };
        bind(&mut machine, claims, &spec.entities);
        enumerate(&mut machine, &spec.entities, &spec.aliases);
        let entity = machine.bound.as_ref().and_then(|it| spec.entities.get(it.entity));
        let scope = entity.map_or_else(Scope::default, |it| scope(it, &spec.aliases, &spec.entities, &spec.options));
        conditions(&mut machine, claims, entity, &scope);
        lifecycle(&mut machine, claims, entity);
        initial(&mut machine, entity);
        machines.push(machine);
    }
    spec.machines = machines;
}

fn gather(claims: &Claims, subject: &Subject) -> Option<Machine> {
    let name = text(claims, subject, Property::Declared)?;
    let mut machine = Machine {
        subject: subject.clone(),
        name,
        states: Vec::new(),
        transitions: Vec::new(),
        initial: None,
        starts: Vec::new(),
        sources: Vec::new(),
        bound: None,
        values: None,
        rules: Vec::new(),
        tie: false,
        composites: Vec::new(),
    };
    for (index, source) in claims.sources.iter().enumerate().filter(|(_, it)| it.subject == *subject) {
        machine.sources.push(MachineSource { id: claim::SourceId(index as u32), form: source.form, span: source.span });
    }
    let mut known: FxHashMap<(String, String), Vec<usize>> = FxHashMap::default();
    let mut states: FxHashMap<String, usize> = FxHashMap::default();
    for claim in claims.of(subject, Property::Transition) {
        let Value::Transition(said) = &claim.value else { continue };
        let source = machine.sources.iter().position(|it| Some(it.id) == claim.source).unwrap_or(0);
        add(&mut machine, &mut states, &mut known, said, source, claim.span);
    }
    for claim in claims.of(subject, Property::Final) {
        let name = claim.value.as_text()?;
        let state = mention(&mut machine, &mut states, name, claim.span);
        if let Some(state) = machine.states.get_mut(state) {
            state.final_at.get_or_insert(claim.span);
        }
    }
    for claim in claims.of(subject, Property::Entry) {
        let own = claim.value.as_text().map(key)?;
        machine.states.iter_mut().filter(|it| it.key == own).for_each(|it| it.entry = true);
    }
    composites(&mut machine, claims);
    (!machine.transitions.is_empty()).then_some(machine)
}

/// Finds the states that have others in them.
fn composites(machine: &mut Machine, claims: &Claims) {
    let said = |name: &str| {
        let own = machine.subject.part("state", name);
        claims.of(&own, Property::Within).find_map(|it| it.value.as_text()).map(str::to_owned)
    };
    let mut outer: FxHashMap<String, Option<String>> = FxHashMap::default();
    let mut order: Vec<String> = Vec::new();
    let mut within: Vec<Option<String>> = Vec::new();
    for state in &machine.states {
        let mut name = said(&state.name.value);
        within.push(name.as_deref().map(key));
        while let Some(own) = name.filter(|it| !outer.contains_key(&key(it))) {
            name = said(&own);
            outer.insert(key(&own), name.as_deref().map(key));
            order.push(key(&own));
        }
    }
    for (state, within) in machine.states.iter_mut().zip(within) {
        state.within = within;
    }
    let index: FxHashMap<&str, usize> = order.iter().enumerate().map(|(at, it)| (it.as_str(), at)).collect();
    let composite = |own: &String| Composite {
        key: own.clone(),
        inside: format!("in {own}"),
        within: outer.get(own).and_then(Option::as_deref).and_then(|it| index.get(it).copied()),
    };
    machine.composites = order.iter().map(composite).collect();
}

/// The index of a state, added if it is new.
fn mention(machine: &mut Machine, states: &mut FxHashMap<String, usize>, name: &str, span: Span) -> usize {
    let own = key(name);
    if let Some(found) = states.get(&own) {
        return *found;
    }
    states.insert(own.clone(), machine.states.len());
    machine.states.push(State {
        name: Spanned::new(name.to_owned(), span),
        key: own,
        final_at: None,
        entry: false,
        within: None,
    });
    machine.states.len() - 1
}

/// The key of a state, added if it is new.
fn mentioned(machine: &mut Machine, states: &mut FxHashMap<String, usize>, name: &str, span: Span) -> String {
    let index = mention(machine, states, name, span);
    machine.states.get(index).map_or(String::new(), |it| it.key.clone())
}

fn add(
    machine: &mut Machine,
    states: &mut FxHashMap<String, usize>,
    known: &mut FxHashMap<(String, String), Vec<usize>>,
    said: &claim::Transition,
    source: usize,
    span: Span,
) {
    let from = said.from.as_deref().map(|from| match from {
        "*" => from.to_owned(),
        _ => mentioned(machine, states, from, said.from_span),
    });
    let to = said.to.as_deref().map(|to| mentioned(machine, states, to, said.to_span));
    let (from, to) = match (from, to) {
        (None, Some(to)) => {
            let start = Spanned::new(to, said.to_span);
            machine.initial.get_or_insert_with(|| start.clone());
            if !machine.starts.iter().any(|it| it.value == start.value) {
                machine.starts.push(start);
            }
            return;
        }
        (Some(from), None) => {
            if let Some(state) = states.get(&from).and_then(|it| machine.states.get_mut(*it)) {
                state.final_at.get_or_insert(said.from_span);
            }
            return;
        }
        (Some(from), Some(to)) => (from, to),
        (None, None) => return,
    };
    let event = said.event.as_ref().map(|it| Spanned::new(it.clone(), said.event_span.unwrap_or(span)));
    let place = Said { source, span, from: said.from_span, to: said.to_span, event: event.clone() };
    let guard = said.guard.as_ref().map(|it| it.words.as_str());
    let same = |it: &Transition| {
        let events = match (&it.event, &event) {
            (Some(a), Some(b)) => key(&a.value) == key(&b.value),
            // Only one of two sources names the event.
            _ => it.said.iter().all(|said| said.source != source),
        };
        let guards = match (&it.guard, guard) {
            (Some(a), Some(b)) => a.0.value == b,
            _ => it.said.iter().all(|said| said.source != source),
        };
        events && guards
    };
    let between = known.entry((from.clone(), to.clone())).or_default();
    let found = between.iter().copied().find(|it| machine.transitions.get(*it).is_some_and(&same));
    if let Some(known) = found.and_then(|it| machine.transitions.get_mut(it)) {
        known.said.push(place);
        if known.event.is_none() {
            known.event = event;
        }
        if known.guard.is_none() {
            known.guard = said.guard.as_ref().map(placeholder);
        }
        if known.action.is_none() {
            known.action = said.action.as_ref().map(|it| Spanned::new(it.0.as_str().to_owned(), it.0.whole()));
        }
        return;
    }
    between.push(machine.transitions.len());
    machine.transitions.push(Transition {
        from,
        to,
        event,
        guard: said.guard.as_ref().map(placeholder),
        action: said.action.as_ref().map(|it| Spanned::new(it.0.as_str().to_owned(), it.0.whole())),
        assignments: Vec::new(),
        said: vec![place],
    });
}

/// A guard whose meaning is decided when the machine is bound.
fn placeholder(clause: &claim::Clause) -> (Spanned<String>, Meaning) {
    (Spanned::new(clause.words.as_str().to_owned(), clause.words.whole()), Meaning::Text)
}

/// Binds a machine to the entity that it names; else to the one with an enum field over its states; else
/// to the one whose default is among its states.
fn bind(machine: &mut Machine, claims: &Claims, entities: &[Entity]) {
    let states: Vec<&str> = machine.states.iter().map(|it| it.key.as_str()).collect();
    let kept = || entities.iter().enumerate().filter(|(_, it)| it.is_record());
    let score = |entity: &Entity| {
        entity
            .fields
            .iter()
            .filter_map(|field| {
                let words = field.words()?;
                let keys: Vec<String> = words.iter().map(|it| key(&it.value)).collect();
                let shared = states.iter().filter(|it| keys.iter().any(|word| word == *it)).count();
                (shared * 3 >= states.len() * 2 && shared >= 2).then_some((shared, field.key.clone()))
            })
            .max_by_key(|it| it.0)
    };
    // Whether the values of a field may be these states: a process that passes through some of them has others.
    let may_hold = |entity: &Entity, field: &str, surely: bool| {
        let words = entity.fields.iter().find(|it| it.key == field).and_then(Field::words);
        let Some(words) = words else { return true };
        let keys: FxHashSet<String> = words.iter().map(|it| key(&it.value)).collect();
        let shared = states.iter().filter(|it| keys.contains(**it)).count();
        surely && shared * 2 >= states.len()
    };
    let named = named(machine, claims);
    if let Some((index, entity)) = kept().find(|(_, it)| named.contains(&entity_key(&it.name.value))) {
        let surely = says_states(machine);
        let status = || status_field(entity).filter(|it| may_hold(entity, it, surely));
        let field = score(entity).map(|it| it.1).or_else(status);
        machine.bound = field.map(|field| Binding { entity: index, field });
        if machine.bound.is_some() {
            return;
        }
    }
    let mut candidates: Vec<(usize, usize, String)> =
        kept().filter_map(|(index, it)| score(it).map(|(shared, field)| (shared, index, field))).collect();
    if candidates.is_empty() {
        candidates = kept()
            .filter_map(|(index, it)| {
                Some((1, index, default_among(it, &states).filter(|own| may_hold(it, own, false))?))
            })
            .collect();
    }
    candidates.sort_by_key(|it| std::cmp::Reverse(it.0));
    match candidates.as_slice() {
        [first, second, ..] if first.0 == second.0 => machine.tie = true,
        [first, ..] => machine.bound = Some(Binding { entity: first.1, field: first.2.clone() }),
        [] => {}
    }
}

/// Finds the enumeration of the states of a machine whose field has no words of its own.
fn enumerate(machine: &mut Machine, entities: &[Entity], aliases: &[Alias]) {
    let field = |bound: &Binding| entities.get(bound.entity)?.fields.iter().find(|it| it.key == bound.field)?.words();
    if machine.bound.as_ref().and_then(field).is_some() {
        return;
    }
    let states: FxHashSet<&str> = machine.states.iter().map(|it| it.key.as_str()).collect();
    let shared = |alias: &Alias| {
        let name = alias.name.value.to_lowercase();
        let Type::Enum(words) = alias.ty.bare() else { return None };
        let shared = words.iter().filter(|it| states.contains(key(&it.value).as_str())).count();
        let named = ["status", "state", "phase", "stage"].iter().any(|it| name.contains(it));
        (named && shared >= 3 && shared * 3 >= states.len() * 2).then_some(shared)
    };
    let mut found: Vec<(usize, usize)> =
        aliases.iter().enumerate().filter_map(|it| Some((shared(it.1)?, it.0))).collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.0));
    machine.values = match found.as_slice() {
        [first, second, ..] if first.0 == second.0 => None,
        [first, ..] => Some(first.1),
        [] => None,
    };
}

/// The sentences that are about a machine: all that they name are states of it.
fn lifecycle(machine: &mut Machine, claims: &Claims, entity: Option<&Entity>) {
    let mut named = named(machine, claims);
    named.extend(entity.map(|it| entity_key(&it.name.value)));
    let known: FxHashSet<&str> = machine.states.iter().map(|it| it.key.as_str()).collect();
    let has = |it: &Spanned<String>| known.contains(key(&it.value).as_str());
    for claim in claims.of(&Subject::of("lifecycle", "rule"), Property::Rule) {
        let Value::Lifecycle(said) = &claim.value else { continue };
        let about = match &**said {
            Lifecycle::Only { states, to, record, .. } => {
                states.iter().all(has) && to.as_ref().is_none_or(has) && is_of(record.as_ref(), &named)
            }
            Lifecycle::Never { states, record, .. } => states.iter().all(has) && is_of(record.as_ref(), &named),
            Lifecycle::Refused { states } | Lifecycle::Final { states } => states.iter().all(has),
            Lifecycle::Initial { state } => has(state),
            Lifecycle::Locked { .. } => false,
        };
        if !about {
            continue;
        }
        if let (Lifecycle::Initial { state }, true) = (&**said, machine.starts.is_empty()) {
            let start = Spanned::new(key(&state.value), state.span);
            machine.initial = Some(start.clone());
            machine.starts.push(start);
        }
        machine.rules.push(Spanned::new((**said).clone(), claim.span));
    }
}

/// Whether a sentence may be about records of these names.
fn is_of(record: Option<&Record>, named: &[String]) -> bool {
    record.is_none_or(|it| !it.tells || named.contains(&entity_key(&it.name)))
}

/// Whether the name of a machine says that it is one of states, and no other process.
fn says_states(machine: &Machine) -> bool {
    let words = words(&machine.name.value);
    words.iter().any(|it| {
        matches!(syntax::family::singular(it), "state" | "status" | "lifecycle" | "cycle" | "transition" | "machine")
    })
}

/// Keys of the entities that a machine's name and place may name.
fn named(machine: &Machine, claims: &Claims) -> Vec<String> {
    let place = claims.of(&machine.subject, Property::Referenced).filter_map(|it| it.value.as_text());
    let generic = [
        "state",
        "status",
        "machine",
        "lifecycle",
        "life",
        "cycle",
        "workflow",
        "transition",
        "diagram",
        "management",
        "model",
        "the",
        "of",
    ];
    let mut found: Vec<String> = place.map(entity_key).collect();
    let words: Vec<String> =
        words(&machine.name.value).into_iter().filter(|it| !generic.contains(&syntax::family::singular(it))).collect();
    if !words.is_empty() {
        found.push(entity_key(&words.concat()));
        found.extend(words.iter().map(|it| entity_key(it)));
    }
    found
}

fn status_field(entity: &Entity) -> Option<String> {
    let text = |it: &Type| matches!(it.bare(), Type::Text(_) | Type::Named(_) | Type::Enum(_) | Type::Opaque(_));
    let fields = entity.fields.iter().filter(|it| it.ty.as_ref().is_none_or(|it| text(&it.value)));
    let keys: Vec<&str> = fields.map(|it| it.key.as_str()).collect();
    let exact = keys.iter().find(|it| **it == "status" || **it == "state");
    exact.or_else(|| keys.iter().find(|it| it.ends_with("status") || it.ends_with("state"))).map(|it| (*it).to_owned())
}

fn default_among(entity: &Entity, states: &[&str]) -> Option<String> {
    let field = entity.fields.iter().find(|it| {
        let text = it.ty.as_ref().is_some_and(|it| matches!(it.value.bare(), Type::Text(_) | Type::Enum(_)));
        text && it.default.as_ref().is_some_and(|it| states.contains(&key(&it.value).as_str()))
    })?;
    Some(field.key.clone())
}

/// Reads guards and assignments, now that the entity is known.
fn conditions(machine: &mut Machine, claims: &Claims, entity: Option<&Entity>, scope: &Scope) {
    let said: Vec<&claim::Transition> = claims
        .of(&machine.subject, Property::Transition)
        .filter_map(|it| match &it.value {
            Value::Transition(said) => Some(&**said),
            _ => None,
        })
        .collect();
    for transition in &mut machine.transitions {
        if let Some((words, slot)) = &mut transition.guard
            && let Some(clause) =
                said.iter().filter_map(|it| it.guard.as_ref()).find(|it| it.words.whole() == words.span)
        {
            *slot = meaning(clause, entity, scope);
        }
        if let Some(action) = &transition.action
            && let Some((_, codes)) =
                said.iter().filter_map(|it| it.action.as_ref()).find(|it| it.0.whole() == action.span)
        {
            transition.assignments = codes.iter().filter_map(|it| assignment(it, entity, scope)).collect();
        }
    }
}

/// `self.paidAt = now`.
fn assignment(code: &Text, entity: Option<&Entity>, scope: &Scope) -> Option<(String, cel::Checked)> {
    let text = code.as_str();
    let at = text.find('=').filter(|at| !text.get(at + 1..).unwrap_or("").starts_with('='))?;
    let target = text.get(..at)?.trim();
    let name = target.strip_prefix("self.").unwrap_or(target);
    let field = entity?.field(name)?;
    let value = text.get(at + 1..)?;
    let mut builder = source::TextBuilder::new(code.file());
    builder.push_mapped(value, code.span(at + 1..text.len()).range());
    let checked = cel::check(&builder.finish(), scope).ok()?;
    Some((field.key.clone(), checked))
}

/// The initial state is the field's default; a machine that does not say its own takes it from there.
fn initial(machine: &mut Machine, entity: Option<&Entity>) {
    if machine.initial.is_some() {
        return;
    }
    let field = machine.bound.as_ref().and_then(|bound| entity?.fields.iter().find(|it| it.key == bound.field));
    let default = field.and_then(|it| it.default.clone());
    let default = default.filter(|it| machine.states.iter().any(|state| state.key == key(&it.value)));
    machine.initial = default.map(|it| Spanned::new(key(&it.value), it.span));
    machine.starts.extend(machine.initial.clone());
}

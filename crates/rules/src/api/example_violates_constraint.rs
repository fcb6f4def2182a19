//! Values in examples that a length, a range, a set of words or a condition forbids.

use model::cel::{Checked, Condition};
use model::claim::Subject;
use model::names::key;
use model::{BehaviourKind, Constraint, Entity, Field, Meaning, Spec};
use rustc_hash::FxHashMap;
use source::{Level, Span, Spanned};
use syntax::english::Rule as Words;
use syntax::json::{Json, Property};

use crate::review::Example;
use crate::{Check, Review, Rule, Sink, examples};

pub(crate) static RULE: Rule = Rule {
    name: "example-violates-constraint",
    summary: "an example has a value that a constraint forbids",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/example-violates-constraint.md"),
    check: Check::Review(example_violates_constraint),
};

fn example_violates_constraint(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    // The conditions of each entity, compiled when its first example is met.
    let mut compiled: FxHashMap<&Subject, Vec<Compiled<'_>>> = FxHashMap::default();
    for Example { endpoint, entity, request, slot } in review.examples() {
        for record in &slot.records {
            let told = limits_of(sink, entity, record);
            // A partial body says nothing about the fields that it leaves out.
            if !request || endpoint.behaviour.kind != BehaviourKind::Update {
                let compiled = compiled.entry(&entity.subject).or_insert_with(|| compile(entity));
                conditions(sink, spec, entity, compiled, (record, &told));
            }
        }
    }
    examples::records(spec, |entity, record| {
        let told = limits_of(sink, entity, record);
        conditions(sink, spec, entity, &compile(entity), (record, &told));
    });
}

/// Tells the values that break a limit of their own, and where they stand.
fn limits_of(sink: &mut Sink<'_>, entity: &Entity, record: &[Property]) -> Vec<Span> {
    let mut told = Vec::new();
    for property in record {
        if let Some(field) = entity.field(&property.key.value)
            && limits(sink, field, &property.value)
        {
            told.push(property.value.span);
        }
    }
    told
}

fn limits(sink: &mut Sink<'_>, field: &Field, json: &Spanned<Json>) -> bool {
    let mut told = false;
    for rule in &field.rules {
        let Some(why) = violates(&rule.value, &json.value) else { continue };
        told = true;
        let name = &field.name.value;
        drop(
            sink.report(json.span, format!("`{name}` {why}")).about(&field.subject).label(rule.span, "the constraint"),
        );
    }
    told
}

/// How a value breaks a constraint on its field.
fn violates(rule: &Words, json: &Json) -> Option<String> {
    match (rule, json) {
        (Words::Length(least, most), Json::String(text)) => {
            let len = text.chars().count() as u64;
            if most.is_some_and(|it| len > it) {
                return most.map(|it| format!("has {len} characters, at most {it} are allowed"));
            }
            least
                .filter(|it| len < *it && len > 0)
                .map(|it| format!("has {len} characters, at least {it} are required"))
        }
        (Words::Range(least, most), Json::Number(text)) => {
            let value: f64 = text.parse().ok()?;
            let below = least
                .as_ref()
                .filter(|(it, equal)| it.parse::<f64>().is_ok_and(|it| value < it || (value == it && !equal)));
            let above = most
                .as_ref()
                .filter(|(it, equal)| it.parse::<f64>().is_ok_and(|it| value > it || (value == it && !equal)));
            let limit = |words: &str, bound: &(String, bool)| {
                format!("is {text}, it must be {words}{} {}", if bound.1 { " or equal to" } else { "" }, bound.0)
            };
            below.map(|it| limit("greater than", it)).or_else(|| above.map(|it| limit("less than", it)))
        }
        (Words::OneOf(words), Json::String(text)) if !words.iter().any(|it| key(&it.value) == key(text)) => {
            let list: Vec<String> = words.iter().map(|it| format!("`{}`", it.value)).collect();
            Some(format!("is `{text}`, which is not one of {}", list.join(", ")))
        }
        (Words::NonEmpty, Json::String(text)) if text.is_empty() => Some("is empty".to_owned()),
        _ => None,
    }
}

/// A condition that can be evaluated.
type Compiled<'a> = (&'a Constraint, &'a Checked, Condition<'a>);

fn compile(entity: &Entity) -> Vec<Compiled<'_>> {
    let conditions = entity.constraints.iter().filter_map(|constraint| match &constraint.meaning {
        Meaning::Cel(checked) if !checked.compares_old => Some((constraint, checked, Condition::compile(checked)?)),
        _ => None,
    });
    conditions.collect()
}

/// Conditions over the whole record, where all fields that they read are there.
fn conditions(
    sink: &mut Sink<'_>,
    spec: &Spec,
    entity: &Entity,
    compiled: &[Compiled<'_>],
    (record, told): (&[Property], &[Span]),
) {
    for (constraint, checked, condition) in compiled {
        let of = |name: &String| record.iter().find(|it| key(&it.key.value) == key(name));
        let shown = |name: &String| of(name).is_some_and(|it| !matches!(it.value.value, Json::Hole(_)));
        if !checked.reads.iter().all(shown) || condition.holds(entity, record, &|it| spec.entity(it)) != Some(false) {
            continue;
        }
        let Some(at) = checked.reads.iter().find_map(of) else { continue };
        // A condition on one field that its limit has told.
        if checked.reads.len() == 1 && told.contains(&at.value.span) {
            continue;
        }
        let words = constraint.text.value.split(": ").next().unwrap_or("");
        drop(
            sink.report(at.value.span, format!("this example breaks `{words}`"))
                .about(&constraint.subject)
                .label(constraint.text.span, "the constraint"),
        );
    }
}

//! Limits for the length of one field that differ between its declarations.

use model::claim::{Claim, Property, Purpose, Value};
use model::{Field, Spec};
use source::{Level, Span};
use syntax::english::Rule as Limit;
use syntax::types::Type;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "lengths-disagree",
    summary: "two declarations limit the length of one field differently",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/lengths-disagree.md"),
    check: Check::Spec(lengths_disagree),
};

fn lengths_disagree(sink: &mut Sink<'_>, spec: &Spec) {
    for entity in spec.entities.iter().filter(|it| it.is_record()) {
        for field in entity.fields.iter().filter(|it| is_text(it)) {
            let own = limits(spec, field);
            pairs(sink, field, &own);
        }
    }
    requests(sink, spec);
}

/// What a request may bring, or an answer show, against what the record can hold.
fn requests(sink: &mut Sink<'_>, spec: &Spec) {
    for shape in spec.entities.iter().filter(|it| it.base.is_some()) {
        let base = shape.base.as_deref().and_then(|it| spec.entity(it));
        let Some(record) = base.filter(|it| it.is_record() && it.subject != shape.subject) else { continue };
        for field in shape.fields.iter().filter(|it| is_text(it)) {
            let Some(theirs) = record.fields.iter().find(|it| it.key == field.key) else { continue };
            let part = |it: &Said| matches!(it.purpose, Some(Purpose::Request | Purpose::View));
            let wider = limits(spec, field).into_iter().find(part);
            let column = limits(spec, theirs).into_iter().find(|it| it.stored);
            if let (Some(wider), Some(column)) = (wider, column)
                && wider.most > column.most
            {
                tell(sink, field, &column, &wider);
            }
        }
    }
}

fn is_text(field: &Field) -> bool {
    field.ty.as_ref().is_some_and(|it| matches!(it.value.bare(), Type::Text(_)))
}

/// A limit and where it is said.
struct Said {
    most: u64,
    span: Span,
    source: Option<u32>,
    stored: bool,
    purpose: Option<Purpose>,
}

fn limits(spec: &Spec, field: &Field) -> Vec<Said> {
    let claims = spec.claims();
    let most = |it: &Claim| match &it.value {
        Value::Type(ty) => match ty.bare() {
            Type::Text(most) => most.map(u64::from),
            _ => None,
        },
        Value::Rule(Limit::Length(_, most)) => *most,
        // `max 80` of a text limits its length.
        Value::Rule(Limit::Range(_, Some((most, true)))) => most.parse().ok(),
        _ => None,
    };
    let said = claims.about(&field.subject).filter(|it| matches!(it.property, Property::Type | Property::Rule));
    let said = said.filter_map(|it| {
        let source = claims.source_of(it);
        Some(Said {
            most: most(it)?,
            span: it.span,
            source: it.source.map(|it| it.0),
            stored: source.is_some_and(|it| it.stored),
            purpose: source.map(|it| it.purpose),
        })
    });
    said.collect()
}

fn pairs(sink: &mut Sink<'_>, field: &Field, limits: &[Said]) {
    for (index, second) in limits.iter().enumerate() {
        for first in limits.iter().take(index) {
            let one_source = first.source == second.source;
            let whole = |it: &Said| matches!(it.purpose, None | Some(Purpose::Whole | Purpose::Aside));
            if one_source || first.most == second.most || !whole(first) || !whole(second) {
                continue;
            }
            let (column, other) = if first.stored { (first, second) } else { (second, first) };
            // A column may be wider than what is let in.
            if column.stored && !other.stored && column.most > other.most {
                continue;
            }
            tell(sink, field, first, second);
            return;
        }
    }
}

fn tell(sink: &mut Sink<'_>, field: &Field, first: &Said, second: &Said) {
    // What the document says itself stands first.
    let (here, there) = if sink.is_own(second.span) { (second, first) } else { (first, second) };
    let message =
        format!("`{}` has at most {} characters here and {} elsewhere", field.name.value, here.most, there.most);
    let finding = sink.report(here.span, message).about(&field.subject);
    drop(finding.label(there.span, format!("{} here", there.most)));
}

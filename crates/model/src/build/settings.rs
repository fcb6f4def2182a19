//! Config options, environment variables, error categories and codes, goals, loads and targets.

use source::{Span, Spanned};
use syntax::types::Type;

use crate::claim::{Claims, Property, Subject, Value};
use crate::spec::{Category, ErrorExample, ErrorRow, Setting, Spec, Target};

pub(super) fn build(spec: &mut Spec) {
    let claims = &spec.facts.claims;
    let options = claims.subjects_of("config").filter_map(|it| setting(claims, it)).collect();
    let variables = claims.subjects_of("env").filter_map(|it| setting(claims, it)).collect();
    let categories = claims.subjects_of("error-category").filter_map(|it| category(claims, it)).collect();
    let errors = claims
        .all
        .iter()
        .filter(|it| it.subject.as_str().starts_with("error."))
        .filter_map(|it| error_row(&it.value, it.span))
        .collect();
    let examples = claims.about(&Subject::of("error", "example")).filter_map(|it| match &it.value {
        Value::Body(status, body) => Some(ErrorExample { status: *status, body: (**body).clone(), span: it.span }),
        _ => None,
    });
    let error_examples = examples.collect();
    let kinds = ["goal", "load", "target", "limit", "coverage"];
    let targets = kinds
        .into_iter()
        .flat_map(|kind| claims.subjects_of(kind).filter_map(move |it| target(claims, kind, it)))
        .collect();
    spec.options = options;
    spec.variables = variables;
    spec.categories = categories;
    spec.errors = errors;
    spec.error_examples = error_examples;
    spec.targets = targets;
}

/// The first text said of a property.
pub(super) fn text(claims: &Claims, subject: &Subject, property: Property) -> Option<Spanned<String>> {
    claims.of(subject, property).find_map(|it| Some(Spanned::new(it.value.as_text()?.to_owned(), it.span)))
}

pub(super) fn error_row(value: &Value, span: Span) -> Option<ErrorRow> {
    match value {
        Value::Error(status, code, reason) => {
            Some(ErrorRow { status: *status, code: code.clone(), reason: reason.clone(), span })
        }
        _ => None,
    }
}

fn setting(claims: &Claims, subject: &Subject) -> Option<Setting> {
    let name = text(claims, subject, Property::Declared)?;
    let ty = claims.of(subject, Property::Type).find_map(|it| match &it.value {
        Value::Type(ty) => Some(Spanned::<Type>::new(ty.clone(), it.span)),
        _ => None,
    });
    let required = claims.of(subject, Property::Required).find_map(|it| match it.value {
        Value::Flag(flag) => Some(flag),
        _ => None,
    });
    Some(Setting { subject: subject.clone(), name, ty, default: text(claims, subject, Property::Default), required })
}

fn category(claims: &Claims, subject: &Subject) -> Option<Category> {
    Some(Category {
        subject: subject.clone(),
        name: text(claims, subject, Property::Declared)?,
        when: text(claims, subject, Property::When),
        handling: text(claims, subject, Property::Handling),
        message: text(claims, subject, Property::UserMessage),
        logging: text(claims, subject, Property::Logging),
    })
}

fn target(claims: &Claims, kind: &'static str, subject: &Subject) -> Option<Target> {
    let quantities = claims.of(subject, Property::Quantity).filter_map(|it| match &it.value {
        Value::Quantity(quantity) => Some((**quantity).clone()),
        _ => None,
    });
    Some(Target {
        subject: subject.clone(),
        kind,
        quantities: quantities.collect(),
        text: text(claims, subject, Property::Declared)?,
    })
}

//! Roles in tables of permissions that the document's list of roles does not have.

use std::collections::HashSet;

use model::Spec;
use model::names::key;
use source::{Level, Span};
use syntax::columns::{cell, is_nothing};
use syntax::family::normal;
use syntax::inline::Slice;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-role",
    summary: "a table permits something to a role that is not listed",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-role.md"),
    check: Check::Spec(unknown_role),
};

fn unknown_role(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    let mut listed: Vec<(&str, Span)> = Vec::new();
    let mut used: Vec<(&str, Span)> = Vec::new();
    for section in &doc.sections {
        syntax::document::tables(&section.blocks, &mut |table, _| {
            let of_roles = |it: &str| {
                matches!(it, "permitted role" | "allowed role" | "required role" | "authorized role" | "minimum role")
            };
            let Some(column) = table.keys.iter().position(|it| of_roles(it)) else { return };
            used.extend(table.rows.iter().filter_map(|it| cell(it, Some(column))).flat_map(names));
        });
    }
    if used.is_empty() {
        return;
    }
    for section in &doc.sections {
        let labels = doc.labels_of(section);
        for label in labels.iter().filter(|it| matches!(normal(it.key.as_str()).as_str(), "role" | "user role")) {
            listed.extend(names(label.value));
        }
    }
    let Some((_, first)) = listed.first().copied().filter(|_| listed.len() >= 2) else { return };
    let known: HashSet<String> = listed.iter().map(|it| singular(it.0)).collect();
    let all: HashSet<String> = used.iter().map(|it| singular(it.0)).collect();
    // A table that shares few roles with the list has roles of its own.
    if all.intersection(&known).count() * 2 < all.len() {
        return;
    }
    let mut told: HashSet<String> = HashSet::new();
    for (name, span) in used.iter().filter(|it| !known.contains(&singular(it.0)) && !is_everybody(it.0)) {
        if told.insert(singular(name)) {
            let folded = singular(name);
            let longer = listed.iter().map(|it| it.0).find(|it| singular(it).starts_with(&folded));
            drop(
                sink.report(*span, format!("`{name}` is not among the roles"))
                    .label(first, "the roles are listed here")
                    .instead_of_each(
                        name,
                        longer.or_else(|| source::nearest(name, listed.iter().map(|it| it.0))),
                        used.iter().filter(|it| it.0 == *name).map(|it| it.1),
                    ),
            );
        }
    }
}

/// The names of a list in words, if all of its parts are names.
fn names<'a>(list: Slice<'a>) -> Vec<(&'a str, Span)> {
    let parts = list.split_outside(&[',', '/', ';']);
    let parts: Vec<Slice<'a>> = parts.into_iter().map(|it| it.trim_matches(|it: char| !it.is_alphanumeric())).collect();
    let is_name = |it: &Slice<'_>| {
        it.as_str().split_whitespace().count() <= 2
            && it.as_str().starts_with(char::is_alphabetic)
            && it.as_str().len() < 40
    };
    if !parts.iter().all(is_name) {
        return Vec::new();
    }
    parts.iter().filter(|it| !is_nothing(it.as_str())).map(|it| (it.as_str(), it.span())).collect()
}

fn singular(name: &str) -> String {
    let folded = key(name);
    syntax::family::singular(&folded).to_owned()
}

/// Words that name no role.
fn is_everybody(name: &str) -> bool {
    let name = name.to_lowercase();
    let word = |it: &str| name.split_whitespace().any(|own| own == it);
    [
        "all",
        "any",
        "anyone",
        "everyone",
        "system",
        "public",
        "none",
        "owner",
        "self",
        "authenticated",
        "anonymous",
        "service",
    ]
    .iter()
    .any(|it| word(it))
}

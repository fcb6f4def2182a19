//! Roles that something is permitted to and that the document's list of roles does not have.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::Spec;
use model::claim::{Claim, Form, Property};
use model::names::{key, words};
use model::read::is_everybody;
use source::{Level, Span};
use syntax::columns::{boolean, cell, is_nothing};
use syntax::inline::Slice;
use syntax::page::{Fence, Table};
use syntax::types::Type;

use crate::codes::is_elsewhere;
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-role",
    summary: "something is permitted to a role that is not listed",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-role.md"),
    check: Check::Spec(unknown_role),
};

fn unknown_role(sink: &mut Sink<'_>, spec: &Spec) {
    let claims = spec.claims();
    let about = || claims.all.iter().filter(|it| it.subject.as_str().starts_with("role."));
    let said = |it: &'_ Claim| Some((it.value.as_text()?.to_owned(), it.span));
    let mut listed: Vec<(String, Span)> =
        about().filter(|it| it.property == Property::Declared).filter_map(said).collect();
    for ty in spec.aliases.iter().filter(|it| words(&it.name.value).last().is_some_and(|it| it == "role")) {
        if let Type::Enum(values) = ty.ty.bare() {
            listed.extend(values.iter().map(|it| (it.value.clone(), it.span)));
        }
    }
    let known: HashSet<String> = listed.iter().map(|it| singular(&it.0)).collect();
    let Some((_, first)) = listed.iter().min_by_key(|it| it.1.start).filter(|_| known.len() >= 2) else { return };
    // Each table may have roles of its own; what is said elsewhere is one vocabulary.
    let mut groups: BTreeMap<Option<u32>, Vec<(&str, Span)>> = BTreeMap::new();
    for claim in about().filter(|it| it.property == Property::Referenced) {
        let table = (claim.form == Form::Table).then(|| spec.document().section_at(claim.span).map_or(0, |it| it.id.0));
        groups.entry(table).or_default().extend(claim.value.as_text().map(|it| (it, claim.span)));
    }
    elsewhere(spec, &mut groups);
    let mut told: HashSet<String> = HashSet::new();
    for used in groups.values() {
        let all: HashSet<String> = used.iter().map(|it| singular(it.0)).collect();
        // What shares few roles with the list has roles of its own.
        let met = all.intersection(&known).count();
        for (name, span) in used.iter().filter(|it| !known.contains(&singular(it.0))) {
            let folded = singular(name);
            let names = || listed.iter().map(|it| it.0.as_str());
            let longer = names().find(|it| {
                let theirs = singular(it);
                theirs.starts_with(&folded)
                    || (theirs.len() > 3 && folded.starts_with(&theirs))
                    || words(it).contains(&folded)
            });
            // A single one that is a part of a listed role is that role.
            let part = longer.is_some() && all.len() == met + 1;
            if (met * 2 < all.len() && !part) || !told.insert(folded.clone()) {
                continue;
            }
            drop(
                sink.report(*span, format!("`{name}` is not among the roles"))
                    .label(*first, "the roles are listed here")
                    .instead_of_each(
                        name,
                        longer.or_else(|| source::nearest(name, names())),
                        used.iter().filter(|it| it.0 == *name).map(|it| it.1),
                    ),
            );
        }
    }
}

/// The group of what code and examples name.
const CODE: u32 = u32::MAX;

/// Roles in the columns of transitions and of matrices, in code and in examples.
fn elsewhere<'a>(spec: &'a Spec, groups: &mut BTreeMap<Option<u32>, Vec<(&'a str, Span)>>) {
    let doc = spec.document();
    for section in doc.sections.iter().filter(|it| !it.blocks.is_empty() && !is_elsewhere(doc, it)) {
        let mut used: Vec<(&str, Span)> = Vec::new();
        syntax::document::tables(&section.blocks, &mut |table, _| permitted(table, &mut used));
        if !used.is_empty() {
            let group = groups.entry(Some(section.id.0)).or_default();
            group.extend(used.into_iter().filter(|it| !is_everybody(it.0)));
        }
        let mut used: Vec<(&str, Span)> = Vec::new();
        syntax::document::fences(&section.blocks, &mut |fence, _| coded(fence, &mut used));
        if !used.is_empty() {
            groups.entry(Some(CODE)).or_default().extend(used);
        }
    }
    for group in groups.values_mut() {
        group.sort_by_key(|it| it.1.start);
        group.dedup_by_key(|it| it.1.start);
    }
}

/// The roles that a table permits something: in a column of roles, or as the columns of a matrix.
fn permitted<'a>(table: &'a Table, used: &mut Vec<(&'a str, Span)>) {
    let of_roles = |it: &str| {
        matches!(it, "permitted role" | "allowed role" | "required role" | "authorized role" | "minimum role")
    };
    let beside = |it: &str| matches!(it, "role" | "access" | "allowed" | "actor");
    let what = |it: &str| {
        matches!(
            it,
            "endpoint"
                | "action"
                | "permission"
                | "operation"
                | "capability"
                | "resource"
                | "feature"
                | "from"
                | "path"
                | "route"
                | "from state"
                | "current state"
        )
    };
    let subject = table.keys.iter().any(|it| what(it));
    let column = table.keys.iter().position(|it| of_roles(it) || (subject && beside(it)));
    if let Some(column) = column {
        used.extend(table.rows.iter().filter_map(|it| cell(it, Some(column))).flat_map(names));
        return;
    }
    if !table.keys.first().is_some_and(|it| what(it)) || table.header.len() < 3 {
        return;
    }
    let marks = table.rows.iter().flat_map(|it| it.cells.iter().skip(1));
    let mut ticks = 0;
    for cell in marks {
        let text = cell.as_str().trim();
        let mark = boolean(text).is_some()
            || is_nothing(text)
            || matches!(text, "✓" | "✔" | "✗" | "✘" | "x" | "X" | "✅" | "❌");
        if !mark {
            return;
        }
        ticks += usize::from(!text.is_empty());
    }
    if ticks > 0 {
        used.extend(table.header.iter().skip(1).flat_map(|it| names(it.all())));
    }
}

static ROLE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("role"));

/// `role = "admin"`, `roles = {"tenant": "admin"}`, `"role": "admin"` in code and examples.
fn coded<'a>(fence: &'a Fence, used: &mut Vec<(&'a str, Span)>) {
    let text = fence.content.as_str();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|it| ROLE.find(it.as_bytes())).map(|it| it + from) {
        from = at + ROLE.needle().len();
        let bytes = text.as_bytes();
        // `parole`, `user_role` is one too.
        if at > 0 && bytes.get(at - 1).is_some_and(u8::is_ascii_alphabetic) {
            continue;
        }
        let rest = text.get(from..).unwrap_or("");
        let line = rest.get(..rest.find('\n').unwrap_or(rest.len())).unwrap_or("");
        let plural = line.starts_with('s');
        let after = line.trim_start_matches(['s', '"', '\'', ' ']);
        let Some(value) = after.strip_prefix(['=', ':']).map(str::trim_start) else { continue };
        if value.starts_with('=') {
            continue;
        }
        let first = match value.strip_prefix('{').filter(|_| plural) {
            // The values of a map.
            Some(map) => map.split_once(':').map_or("", |it| it.1.trim_start()),
            None => value,
        };
        let Some(quote) = first.chars().next().filter(|it| matches!(it, '"' | '\'')) else { continue };
        let Some(name) = first.get(1..).and_then(|it| it.split(quote).next()) else { continue };
        // A union lists roles, and messages of a chat have roles too.
        let chat = matches!(name, "user" | "assistant" | "system" | "tool" | "string" | "button");
        let word = name.len() >= 3 && name.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
        if chat || !word || line.contains('|') {
            continue;
        }
        let start = from + line.len() - first.len() + 1;
        used.push((name, fence.content.span(start..start + name.len())));
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

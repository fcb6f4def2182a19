//! Roles that something is permitted to and that the document's list of roles does not have.

use std::collections::{BTreeMap, HashSet};

use model::Spec;
use model::claim::{Claim, Form, Property};
use model::names::key;
use source::{Level, Span};

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
    let listed: Vec<&Claim> = about().filter(|it| it.property == Property::Declared).collect();
    let known: HashSet<String> = listed.iter().filter_map(|it| it.value.as_text()).map(singular).collect();
    let Some(first) = listed.first().filter(|_| known.len() >= 2) else { return };
    // Each table may have roles of its own; what is said elsewhere is one vocabulary.
    let mut groups: BTreeMap<Option<u32>, Vec<(&str, Span)>> = BTreeMap::new();
    for claim in about().filter(|it| it.property == Property::Referenced) {
        let table = (claim.form == Form::Table).then(|| spec.document().section_at(claim.span).map_or(0, |it| it.id.0));
        groups.entry(table).or_default().extend(claim.value.as_text().map(|it| (it, claim.span)));
    }
    let mut told: HashSet<String> = HashSet::new();
    for used in groups.values() {
        let all: HashSet<String> = used.iter().map(|it| singular(it.0)).collect();
        // What shares few roles with the list has roles of its own.
        if all.intersection(&known).count() * 2 < all.len() {
            continue;
        }
        for (name, span) in used.iter().filter(|it| !known.contains(&singular(it.0))) {
            let folded = singular(name);
            if !told.insert(folded.clone()) {
                continue;
            }
            let names = || listed.iter().filter_map(|it| it.value.as_text());
            let longer = names().find(|it| singular(it).starts_with(&folded));
            drop(
                sink.report(*span, format!("`{name}` is not among the roles"))
                    .label(first.span, "the roles are listed here")
                    .instead_of_each(
                        name,
                        longer.or_else(|| source::nearest(name, names())),
                        used.iter().filter(|it| it.0 == *name).map(|it| it.1),
                    ),
            );
        }
    }
}

fn singular(name: &str) -> String {
    let folded = key(name);
    syntax::family::singular(&folded).to_owned()
}

//! Which kinds of refusal a route can come to, and which of the document's errors nothing can.

use model::Spec;

use crate::Unenforced;
use crate::plan::refusals::answers;
use crate::plan::routes::{Action, Route};
use crate::plan::{MakeKey, OnDelete, Table, Why};
use crate::shape::Kind;

/// The kinds of refusal that a request to a route can provoke.
pub(crate) fn kinds(route: &Route, tables: &[Table]) -> Vec<Why> {
    // What the query may not say is refused everywhere.
    let mut found = vec![Why::Validation, Why::Internal];
    let table = route.table.and_then(|it| tables.get(it));
    let Some((index, table)) = route.table.zip(table) else { return found };
    let changes =
        matches!(route.action, Action::Create | Action::Replace | Action::Update | Action::Put | Action::Transition(_));
    let single =
        table.make_key == MakeKey::Single && matches!(route.action, Action::Read | Action::Update | Action::Delete);
    if route.record.is_some() || !route.parents.is_empty() || single {
        found.push(Why::NotFound);
    }
    let own = route.record.and_then(|it| table.field(it.1));
    let above = route.parents.iter().filter_map(|it| tables.get(it.table)?.key_field());
    if own.into_iter().chain(above).any(|it| !matches!(it.member.kind, Kind::Text(None) | Kind::Any)) {
        found.push(Why::MalformedKey);
    }
    if changes {
        found.extend([Why::MediaType, Why::TooLarge, Why::TooSlow]);
        let moves = matches!(route.action, Action::Replace | Action::Update | Action::Put) && table.machine.is_some();
        if moves || matches!(route.action, Action::Transition(_)) {
            found.push(Why::Transition);
        }
        if !table.uniques.is_empty() || (route.action == Action::Create && table.make_key == MakeKey::Given) {
            found.push(Why::Unique);
        }
        let holds = |it: &Kind| (0..tables.len()).any(|table| !it.holders(table).is_empty());
        if !table.references.is_empty() || table.fields.iter().any(|it| holds(&it.member.kind)) {
            found.push(Why::Reference);
        }
    }
    let held = |other: &Table| {
        other.references.iter().any(|it| it.table == index && it.on_delete == OnDelete::Restrict)
            || other.fields.iter().any(|it| !it.member.kind.holders(index).is_empty())
    };
    if route.action == Action::Delete && tables.iter().any(held) {
        found.push(Why::InUse);
    }
    found
}

/// The errors of endpoints that no request can come to.
pub(super) fn unprovoked(spec: &Spec, routes: &[Route], tables: &[Table]) -> Vec<Unenforced> {
    let mut found = Vec::new();
    for route in routes {
        let Some(endpoint) = spec.endpoints.get(route.endpoint) else { continue };
        let possible = kinds(route, tables);
        for row in &endpoint.errors {
            let Some(status) = row.status else { continue };
            if !possible.iter().any(|it| answers(route.refusals.get(*it), *it, row)) {
                let text = format!("{} {}: {status} {}", endpoint.method, endpoint.path, row.reason);
                found.push(Unenforced { text: text.trim_end().to_owned(), span: row.span });
            }
        }
    }
    found
}

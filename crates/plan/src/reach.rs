//! Which kinds of refusal a route can come to, and which of the document's errors nothing can.

use model::{Endpoint, ErrorRow};

use crate::Unenforced;
use crate::asks::Asks;
use crate::refusals::answers;
use crate::routes::{Action, Route};
use crate::shape::Kind;
use crate::{MakeKey, OnDelete, Table, Why};

/// The kinds of refusal that a request to a route can provoke.
pub fn kinds(route: &Route, tables: &[Table]) -> Vec<Why> {
    // What the query may not say is refused everywhere.
    let mut found = vec![Why::Validation, Why::Internal];
    if route.asks != Asks::Nothing {
        found.push(Why::Unauthenticated);
    }
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

/// The errors of an endpoint that no request to its route can come to.
pub(super) fn unprovoked(endpoint: &Endpoint, route: &Route, tables: &[Table]) -> Vec<Unenforced> {
    let possible = kinds(route, tables);
    let provoked = |row: &ErrorRow| possible.iter().any(|it| answers(route.refusals.get(*it), *it, row));
    let rows = endpoint.errors.iter().filter(|it| !provoked(it));
    rows.filter_map(|it| Some(Unenforced { text: format!("{} {}", it.status?, it.reason), span: it.span })).collect()
}

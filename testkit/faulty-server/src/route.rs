//! Which requests there are.

use axum::http::Method;

use crate::faults::Faults;
use crate::list::decode;
use crate::machine::EVENTS;
use crate::record::Table;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Action {
    Create(Table),
    List(Table),
    Read(Table, String),
    Update(Table, String),
    Replace(Table, String),
    Delete(Table, String),
    /// The records of a kind that refer to one of another.
    Below {
        parent: Table,
        id: String,
        table: Table,
        field: &'static str,
    },
    Fire(String, &'static str),
    Health,
    Metrics,
}

/// What may be asked for at a path, by method; `Err` if the path is not percent-encoded UTF-8.
pub(crate) fn find(path: &str, faults: &Faults) -> Result<Vec<(Method, Action)>, ()> {
    let path = if path.len() > 1 { path.strip_suffix('/').unwrap_or(path) } else { path };
    let segments = path.strip_prefix('/').unwrap_or(path).split('/').map(decode);
    let segments: Vec<String> = segments.collect::<Option<_>>().ok_or(())?;
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    Ok(match segments.as_slice() {
        ["health"] if !faults.on("health-missing") => vec![(Method::GET, Action::Health)],
        ["metrics"] if !faults.on("metrics-missing") => vec![(Method::GET, Action::Metrics)],
        ["api", "v1", name] => match Table::named(name) {
            Some(table) => vec![(Method::GET, Action::List(table)), (Method::POST, Action::Create(table))],
            None => Vec::new(),
        },
        ["api", "v1", name, id] => Table::named(name).map_or_else(Vec::new, |it| record(it, id)),
        ["api", "v1", "customers", id, "devices"] => vec![(
            Method::GET,
            Action::Below {
                parent: Table::Customers,
                id: (*id).to_owned(),
                table: Table::Devices,
                field: "customerId",
            },
        )],
        ["api", "v1", "devices", id, "jobs"] => vec![(
            Method::GET,
            Action::Below { parent: Table::Devices, id: (*id).to_owned(), table: Table::Jobs, field: "deviceId" },
        )],
        ["api", "v1", "jobs", id, event] => match EVENTS.iter().find(|it| *it == event) {
            Some(event) => vec![(Method::POST, Action::Fire((*id).to_owned(), event))],
            None => Vec::new(),
        },
        _ => Vec::new(),
    })
}

fn record(table: Table, id: &str) -> Vec<(Method, Action)> {
    let id = id.to_owned();
    let mut found = vec![(Method::GET, Action::Read(table, id.clone()))];
    if table == Table::Devices {
        found.push((Method::PUT, Action::Replace(table, id.clone())));
    } else {
        found.push((Method::PATCH, Action::Update(table, id.clone())));
    }
    if table != Table::Jobs {
        found.push((Method::DELETE, Action::Delete(table, id)));
    }
    found
}

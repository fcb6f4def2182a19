//! What a request does: the route's action on the records, in one transaction, and its answer or refusal.

mod list;
mod query;
mod render;

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::HeaderValue;
use plan::refused::Refused;
use plan::shape::Mention;
use plan::{Action, MakeKey, Parent, Route, Table, Why, change};
use serde_json::{Map, Value};

pub(crate) use self::render::refusal;
use crate::App;
use crate::body;
use crate::store::Records;
use plan::cell::{Cell, Record};

/// A request that reached a route.
pub(crate) struct Asked {
    /// Values of the path's parameters.
    pub(crate) parameters: Vec<String>,
    /// The query string, undecoded.
    pub(crate) query: String,
    /// The path, undecoded.
    pub(crate) path: String,
    pub(crate) content_type: Option<String>,
    /// Whether the body is compressed, or otherwise not sent as it is.
    pub(crate) encoded: bool,
    pub(crate) body: Bytes,
}

/// A success.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Option<Vec<u8>>,
    /// Where the list goes on, if its body does not say so.
    pub(crate) next: Option<String>,
    /// What it rests on that the document does not say.
    pub(crate) inferred: Option<HeaderValue>,
}

/// Does what a route does.
pub(crate) async fn run(app: &Arc<App>, index: usize, asked: Asked) -> Result<Reply, Refused> {
    let route = app.plan.routes.get(index).ok_or_else(|| Refused::internal("no such route"))?;
    if app.strict && !route.always.is_empty() {
        return Err(unsaid(&route.always));
    }
    let table = route.table.and_then(|it| app.plan.tables.get(it));
    let said = query::read(&route.query, table.filter(|_| route.action == Action::List), &asked.query)?;
    if app.strict && !said.inferred.is_empty() {
        return Err(unsaid(&said.inferred));
    }
    let Some(table) = table else {
        let mut reply = render::one(route, None, None);
        mark(app, route, &said.inferred, &mut reply)?;
        return Ok(reply);
    };
    if route.action == Action::List {
        return list::run(app, index, route, table, asked, said).await;
    }
    let mut reply = one(app, index, route, table, asked).await?;
    mark(app, route, &said.inferred, &mut reply)?;
    Ok(reply)
}

/// Says in an answer what it rests on that the document does not say; refuses instead where that is wanted.
fn mark(app: &App, route: &Route, inferred: &[String], reply: &mut Reply) -> Result<(), Refused> {
    if route.always.is_empty() && inferred.is_empty() {
        return Ok(());
    }
    if app.strict {
        return Err(unsaid(inferred));
    }
    let own = (!inferred.is_empty()).then(|| inferred.join(", "));
    let words: Vec<&str> = route.always.iter().chain(&own).map(String::as_str).collect();
    let words: String =
        words.join("; ").chars().map(|it| if it.is_ascii_graphic() || it == ' ' { it } else { '?' }).collect();
    reply.inferred = HeaderValue::from_str(&words).ok();
    Ok(())
}

fn unsaid(inferred: &[String]) -> Refused {
    Refused::because(Why::Inferred, format!("the document does not say: {}", inferred.join("; ")), 0)
}

/// Does what a route to one record does.
async fn one(app: &Arc<App>, index: usize, route: &Route, table: &Table, asked: Asked) -> Result<Reply, Refused> {
    match route.action {
        Action::Create => {
            let body = object(route, &asked)?;
            let parents = parents(app, route, &asked)?;
            let draft = change::draft(&app.plan, app.ambient.at(), route, table, body, &parents)?;
            let work = on(app, index, move |app, route, table, records| {
                present(app, records, &route.parents, &parents)?;
                let (mut record, mentions) = draft;
                referred(app, table, records, &record, None, &mentions)?;
                records.insert(table, &mut record)?;
                Ok(record)
            });
            let record = app.store.write(work).await?;
            Ok(render::one(route, Some(table), Some(&record)))
        }
        Action::Read => {
            let key = located(route, table, &asked)?;
            let parents = parents(app, route, &asked)?;
            let work = on(app, index, move |_, _, table, records| found(table, records, &key, &parents));
            let record = app.store.read(work).await?;
            Ok(render::one(route, Some(table), Some(&record)))
        }
        Action::Delete => {
            let key = located(route, table, &asked)?;
            let parents = parents(app, route, &asked)?;
            let work = on(app, index, move |app, route, table, records| {
                let record = found(table, records, &key, &parents)?;
                let own = record.get(table.key).ok_or_else(|| Refused::internal("a record without key"))?;
                unused(app, route, table, records, own)?;
                records.delete(table, own)?;
                Ok(record)
            });
            let record = app.store.write(work).await?;
            Ok(render::one(route, Some(table), Some(&record)))
        }
        Action::Replace | Action::Update => {
            let key = located(route, table, &asked)?;
            let body = object(route, &asked)?;
            let parents = parents(app, route, &asked)?;
            let style = change::Style::of(&route.action);
            let work = on(app, index, move |app, route, table, records| {
                let old = found(table, records, &key, &parents)?;
                let (record, mentions) = change::changed(&app.plan, app.ambient.at(), route, table, &old, body, style)?;
                keep(app, table, records, &old, record, &mentions)
            });
            let record = app.store.write(work).await?;
            Ok(render::one(route, Some(table), Some(&record)))
        }
        Action::Transition(_) => {
            let key = located(route, table, &asked)?;
            let body = if asked.body.iter().all(u8::is_ascii_whitespace) { Map::new() } else { object(route, &asked)? };
            let parents = parents(app, route, &asked)?;
            let work = on(app, index, move |app, route, table, records| {
                let old = found(table, records, &key, &parents)?;
                let (record, mentions) = change::fired(&app.plan, app.ambient.at(), route, table, &old, body)?;
                keep(app, table, records, &old, record, &mentions)
            });
            let record = app.store.write(work).await?;
            Ok(render::one(route, Some(table), Some(&record)))
        }
        Action::Put => {
            let body = object(route, &asked)?;
            let work = on(app, index, move |app, route, table, records| {
                let single = Cell::Text(change::SINGLE.to_owned());
                match records.get(table, table.key, &single)? {
                    Some(old) => {
                        let style = change::Style::of(&route.action);
                        let (record, mentions) =
                            change::changed(&app.plan, app.ambient.at(), route, table, &old, body, style)?;
                        keep(app, table, records, &old, record, &mentions)
                    }
                    None => {
                        let (mut record, mentions) =
                            change::draft(&app.plan, app.ambient.at(), route, table, body, &[])?;
                        referred(app, table, records, &record, None, &mentions)?;
                        records.insert(table, &mut record)?;
                        Ok(record)
                    }
                }
            });
            let record = app.store.write(work).await?;
            Ok(render::one(route, Some(table), Some(&record)))
        }
        Action::Example => {
            let key = located(route, table, &asked)?;
            let work = on(app, index, move |_, _, table, records| found(table, records, &key, &[]));
            app.store.read(work).await?;
            Ok(render::one(route, None, None))
        }
        Action::List => Ok(render::one(route, None, None)),
    }
}

/// A closure over one transaction that finds its route and table again.
fn on<T>(
    app: &Arc<App>,
    index: usize,
    work: impl FnOnce(&App, &Route, &Table, &Records) -> Result<T, Refused> + Send + 'static,
) -> impl FnOnce(&Records) -> Result<T, Refused> + Send + 'static {
    let app = Arc::clone(app);
    move |records| {
        let route = app.plan.routes.get(index);
        let table = route.and_then(|it| app.plan.tables.get(it.table?));
        match (route, table) {
            (Some(route), Some(table)) => work(&app, route, table, records),
            _ => Err(Refused::internal("no such route")),
        }
    }
}

/// The body as an object, without what wraps it.
fn object(route: &Route, asked: &Asked) -> Result<Map<String, Value>, Refused> {
    json(asked)?;
    let mut value = body::read(&asked.body).map_err(Refused::malformed)?;
    for name in route.drawn.iter().flat_map(|it| &it.path) {
        if let Some(inner) = value.get_mut(name) {
            value = inner.take();
        }
    }
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Refused::malformed("the body must be a JSON object".to_owned())),
    }
}

/// Refuses a body that does not claim to be JSON. One that claims nothing is taken for it.
fn json(asked: &Asked) -> Result<(), Refused> {
    let refuse = |words: String| Err(Refused::because(Why::MediaType, words, 0));
    if asked.encoded {
        return refuse("the body must be sent as it is, without Content-Encoding".to_owned());
    }
    let Some(kind) = &asked.content_type else { return Ok(()) };
    let mut parts = kind.split(';').map(|it| it.trim().to_ascii_lowercase());
    let media = parts.next().unwrap_or_default();
    let subtype = media.strip_prefix("application/").or(media.strip_prefix("text/")).unwrap_or("");
    if subtype != "json" && !subtype.ends_with("+json") {
        return refuse(format!("the content type must be application/json, not {media}"));
    }
    match parts.find_map(|it| it.strip_prefix("charset=").map(|it| it.trim_matches('"').to_owned())) {
        Some(set) if set != "utf-8" && set != "utf8" && set != "us-ascii" => {
            refuse(format!("the body must be UTF-8, not {set}"))
        }
        _ => Ok(()),
    }
}

/// The field and the value that say which record is meant.
fn located(route: &Route, table: &Table, asked: &Asked) -> Result<(usize, Cell), Refused> {
    if table.make_key == MakeKey::Single {
        return Ok((table.key, Cell::Text(change::SINGLE.to_owned())));
    }
    let (parameter, field) = route.record.ok_or_else(|| Refused::internal("a route to no record"))?;
    let text = asked.parameters.get(parameter).ok_or_else(|| Refused::not_found(table))?;
    let kind = table.field(field).map(|it| &it.member.kind).ok_or_else(|| Refused::not_found(table))?;
    let cell = kind.read(text).map_err(|it| malformed_key(table, &it))?;
    Ok((field, cell))
}

/// What no record can have as its key. Where the document does not tell it apart, it is not found.
fn malformed_key(table: &Table, message: &str) -> Refused {
    let name = table.key_field().map_or("id", |it| it.member.name.as_str());
    Refused::because(Why::MalformedKey, format!("there is no such {}: {name} {message}", table.name), 0)
        .about(name, message)
}

/// The keys of the records that the path names before.
fn parents(app: &App, route: &Route, asked: &Asked) -> Result<Vec<(usize, Cell)>, Refused> {
    let mut found = Vec::new();
    for parent in &route.parents {
        let table = app.plan.tables.get(parent.table).ok_or_else(|| Refused::internal("no such table"))?;
        let text = asked.parameters.get(parent.parameter).map_or("", String::as_str);
        let kind = table.key_field().map(|it| &it.member.kind);
        let kind = kind.ok_or_else(|| Refused::not_found(table))?;
        let cell = kind.read(text).map_err(|it| malformed_key(table, &it))?;
        found.push((parent.field, cell));
    }
    Ok(found)
}

/// Refuses where values of other records hold a key: what columns refer to the database guards itself.
fn unused(app: &App, route: &Route, table: &Table, records: &Records, key: &Cell) -> Result<(), Refused> {
    let Some(own) = route.table else { return Ok(()) };
    for other in &app.plan.tables {
        for (index, field) in other.fields.iter().enumerate() {
            for member in field.member.kind.holders(own) {
                if records.holds(other, index, member, key)? {
                    let words = format!("a {} refers to this {}", other.name, table.name);
                    let name = format!("{}.{}", other.name, field.member.name);
                    return Err(Refused::because(Why::InUse, words, field.member.line).about(&name, "refers to it"));
                }
            }
        }
    }
    Ok(())
}

/// Refuses unless the records exist that the path names before.
fn present(app: &App, records: &Records, parents: &[Parent], keys: &[(usize, Cell)]) -> Result<(), Refused> {
    for (parent, (_, key)) in parents.iter().zip(keys) {
        let table = app.plan.tables.get(parent.table).ok_or_else(|| Refused::internal("no such table"))?;
        if !records.exists(table, key)? {
            return Err(Refused::not_found(table));
        }
    }
    Ok(())
}

fn found(table: &Table, records: &Records, key: &(usize, Cell), parents: &[(usize, Cell)]) -> Result<Record, Refused> {
    let record = records.get(table, key.0, &key.1)?;
    let below = |it: &Record| parents.iter().all(|(field, key)| it.get(*field) == Some(key));
    record.filter(below).ok_or_else(|| Refused::not_found(table))
}

fn keep(
    app: &App,
    table: &Table,
    records: &Records,
    old: &Record,
    record: Record,
    mentions: &[Mention],
) -> Result<Record, Refused> {
    referred(app, table, records, &record, Some(old), mentions)?;
    let key = old.get(table.key).ok_or_else(|| Refused::internal("a record without key"))?;
    records.update(table, key, &record)?;
    Ok(record)
}

/// Refuses unless all records exist that a record refers to; what did not change is not asked again.
fn referred(
    app: &App,
    table: &Table,
    records: &Records,
    record: &Record,
    old: Option<&Record>,
    mentions: &[Mention],
) -> Result<(), Refused> {
    let missing = |field: &str, target: &Table, line: u32| {
        let message = format!("names a {} that does not exist", target.name);
        Refused::because(Why::Reference, format!("{field} {message}"), line).about(field, &message)
    };
    for reference in &table.references {
        let (Some(cell), Some(field), Some(target)) =
            (record.get(reference.field), table.field(reference.field), app.plan.tables.get(reference.table))
        else {
            continue;
        };
        let unchanged = old.and_then(|it| it.get(reference.field)) == Some(cell);
        if !cell.is_null() && !unchanged && !records.exists(target, cell)? {
            return Err(missing(&field.member.name, target, reference.line));
        }
    }
    for mention in mentions {
        let Some(target) = app.plan.tables.get(mention.table) else { continue };
        let key = target.key_field().and_then(|it| it.member.kind.read(&mention.key).ok());
        if key.is_none_or(|key| !records.exists(target, &key).unwrap_or(false)) {
            return Err(missing(&mention.field, target, mention.line));
        }
    }
    Ok(())
}

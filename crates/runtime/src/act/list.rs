//! Lists: filters, pages, and where a list goes on.

use std::sync::Arc;

use crate::App;
use crate::act::{Asked, Refused, Reply, on, parents, present, render};
use crate::cell::Cell;
use crate::plan::{Page, Part, Route, Table};
use crate::shape::{Found, unknown};
use crate::store::Select;

/// What an answer may say of a page.
#[derive(Debug, Default)]
pub(super) struct Paging {
    pub(super) total: i64,
    pub(super) limit: i64,
    pub(super) offset: i64,
    pub(super) next: Option<String>,
}

pub(super) async fn run(
    app: &Arc<App>,
    index: usize,
    route: &Route,
    table: &Table,
    asked: Asked,
) -> Result<Reply, Refused> {
    let parents = parents(app, route, &asked)?;
    let mut which = query(route, table, &asked.query)?;
    which.equal.extend(parents.iter().cloned());
    let counted = route.answer.body.iter().flatten().any(|it| matches!(it, Part::Page(Page::Total | Page::Pages)));
    let limit = which.limit;
    let mut paging = Paging { limit, offset: which.offset, ..Paging::default() };
    let work = on(app, index, move |app, route, table, records| {
        present(app, records, &route.parents, &parents)?;
        let total = if counted { records.count(table, &which.equal)? } else { 0 };
        // One more than asked for tells whether there is more.
        which.limit += 1;
        Ok((records.select(table, &which)?, total))
    });
    let (mut found, total) = app.store.read(work).await?;
    paging.total = total;
    if found.len() as i64 > limit {
        found.truncate(limit.max(0) as usize);
        paging.next = found.last().and_then(|it| it.get(table.key)).map(Cell::plain);
    }
    let mut reply = render::list(route, table, &found, &paging);
    if let Some(next) = paging.next.filter(|_| !route.answer.leads_on) {
        let others = asked
            .query
            .split('&')
            .filter(|it| !it.is_empty() && !it.starts_with(&format!("{}=", route.listing.cursor)));
        let mut query: Vec<String> = others.map(str::to_owned).collect();
        query.push(format!("{}={}", route.listing.cursor, encode(&next)));
        reply.next = Some(format!("{}?{}", asked.path, query.join("&")));
    }
    Ok(reply)
}

fn query(route: &Route, table: &Table, query: &str) -> Result<Select, Refused> {
    let listing = &route.listing;
    let mut which = Select { limit: listing.default, ..Select::default() };
    let mut found = Found::default();
    let (mut page, mut seen) = (None, Vec::new());
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |it: &str| crate::plan::decode(&it.replace('+', " "));
        let (name, value) = (decode(name), decode(value));
        if seen.contains(&name) {
            found.problem(&name, "stands twice in the query", listing.line);
            continue;
        }
        seen.push(name.clone());
        let number = |least: i64| value.parse::<i64>().ok().filter(|it| *it >= least);
        if name == listing.limit {
            match number(1).filter(|it| *it <= listing.most) {
                Some(value) => which.limit = value,
                None => found.problem(&name, format!("must be between 1 and {}", listing.most), listing.line),
            }
        } else if name == listing.cursor {
            match table.key_field().map(|it| it.member.kind.read(&value)) {
                Some(Ok(cell)) if !value.is_empty() => which.after = Some(cell),
                _ => found.problem(&name, "must be the cursor of a page before", listing.line),
            }
        } else if listing.page.as_ref() == Some(&name) {
            page = number(1);
            if page.is_none() {
                found.problem(&name, "must be at least 1", listing.line);
            }
        } else if listing.offset.as_ref() == Some(&name) {
            match number(0) {
                Some(value) => which.offset = value,
                None => found.problem(&name, "must be at least 0", listing.line),
            }
        } else if let Some(filter) = listing.filters.iter().find(|it| it.name == name) {
            match table.field(filter.field).map(|it| it.member.kind.read(&value)) {
                Some(Ok(cell)) => which.equal.push((filter.field, cell)),
                Some(Err(message)) => found.problem(&name, message, filter.line),
                None => {}
            }
        } else if !listing.idle.contains(&name) {
            let known = [&listing.limit, &listing.cursor].into_iter().chain(listing.filters.iter().map(|it| &it.name));
            let message = unknown(&name, known.map(String::as_str)).replace("field", "parameter");
            found.problem(&name, message, listing.line);
        }
    }
    for filter in listing.filters.iter().filter(|it| it.required && !seen.contains(&it.name)) {
        found.problem(&filter.name, "is required", filter.line);
    }
    if let Some(page) = page {
        which.offset = (page - 1).saturating_mul(which.limit);
    }
    if found.problems.is_empty() { Ok(which) } else { Err(Refused::invalid(found.problems)) }
}

fn encode(text: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    text.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

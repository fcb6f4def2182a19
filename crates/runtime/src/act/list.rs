//! Lists: pages, and where a list goes on.

use std::sync::Arc;

use plan::{Page, Part, Route, Table};

use crate::App;
use crate::act::query::{self, cursor};
use crate::act::{Asked, Refused, Reply, mark, on, parents, present, render};

/// What an answer may say of a page.
#[derive(Debug, Default)]
pub(super) struct Paging {
    pub(super) total: i64,
    pub(super) limit: i64,
    pub(super) offset: i64,
    /// The number of the first page.
    pub(super) first: i64,
    pub(super) next: Option<String>,
}

pub(super) async fn run(
    app: &Arc<App>,
    index: usize,
    route: &Route,
    table: &Table,
    asked: Asked,
    said: query::Asked,
) -> Result<Reply, Refused> {
    let parents = parents(app, route, &asked)?;
    let query::Asked { mut which, page, mut inferred } = said;
    which.equal.extend(parents.iter().cloned());
    let counted = route.answer.body.iter().flatten().any(|it| matches!(it, Part::Page(Page::Total | Page::Pages)));
    let (limit, order) = (which.limit, which.order);
    let first = route.query.page.as_ref().map_or(1, |it| it.first);
    let mut paging = Paging { limit, offset: which.offset, first, ..Paging::default() };
    let work = on(app, index, move |app, route, table, records| {
        present(app, records, &route.parents, &parents)?;
        let total = if counted { records.count(table, &which.equal)? } else { 0 };
        // One more than asked for tells whether there is more.
        which.limit += 1;
        Ok((records.select(table, &which)?, total))
    });
    let (mut found, total) = app.store.scan(work).await?;
    paging.total = total;
    if found.len() as i64 > limit {
        found.truncate(limit.max(0) as usize);
        paging.next = found.last().and_then(|it| cursor(table, order, it));
    }
    let mut reply = render::list(route, table, &found, &paging);
    if let (Some(next), Some(names)) = (paging.next, &route.query.page) {
        for (name, said) in [(&names.limit, names.limit_said), (&names.cursor, names.cursor_said)] {
            if !said && !inferred.contains(name) {
                inferred.push(name.clone());
            }
        }
        if !route.answer.leads_on {
            let (name, value) = match (&names.number, &names.offset) {
                (Some(name), _) => (name, (page.unwrap_or(first) + 1).to_string()),
                (None, Some(name)) => (name, (paging.offset + limit).to_string()),
                (None, None) => (&names.cursor, encode(&next)),
            };
            let before = format!("{name}=");
            let others = asked.query.split('&').filter(|it| !it.is_empty() && !it.starts_with(&before));
            let mut query: Vec<String> = others.map(str::to_owned).collect();
            query.push(format!("{name}={value}"));
            reply.next = Some(format!("{}?{}", asked.path, query.join("&")));
        }
    }
    mark(app, route, &inferred, &mut reply)?;
    Ok(reply)
}

fn encode(text: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    text.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

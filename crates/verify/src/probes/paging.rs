//! Lists by pages: nothing twice, nothing lost, no more than asked for.

use std::collections::HashSet;

use plan::{Page, Part, Route, Table};
use serde_json::Value;
use syntax::english::Rule;

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::requests::query;
use crate::session::{Session, Success, name};

pub(super) static PROBE: Probe = Probe {
    name: "paging",
    group: Group::Contract,
    summary: "The pages of a list hold each record once, and no more than asked for",
    safe: true,
    run,
};

/// So many records there are at least, to make several pages of.
const RECORDS: usize = 7;

/// So many pages are read at most.
const PAGES: usize = 400;

fn run(session: &mut Session) {
    for (index, route, table) in session.lists() {
        let Some(page) = &route.query.page else { continue };
        session.begin();
        let Some(parameters) = above(session, index) else { continue };
        let mut made = Vec::new();
        if !session.options.safe && route.parents.is_empty() && session.creator(table.index).is_some() {
            for _ in 0..RECORDS {
                let Some(known) = session.create(table.index, 0) else { break };
                made.push(known.key.clone());
            }
        }
        session.begin();
        let before = session.failures();
        if page.limit_said {
            limits(session, index, &parameters);
            cursor(session, index, &parameters);
            usual(session, index, &parameters);
            if page.cursor_said || route.answer.leads_on {
                whole(session, index, table, &parameters, &made);
            }
        }
        let good = session.failures() == before;
        session.tested(Area::Endpoint, &name(route), page.line, good);
    }
}

/// The parameters of a list's path.
pub(super) fn above(session: &mut Session, index: usize) -> Option<Vec<String>> {
    let route = session.route(index)?;
    let mut found = Vec::new();
    for at in 0..route.path.parameters().count() {
        let parent = route.parents.iter().find(|it| it.parameter == at)?;
        found.push(session.fixture(parent.table, 0)?.key.clone());
    }
    Some(found)
}

/// The line that documents a parameter of an endpoint.
fn parameter_line(session: &Session, route: &Route, name: &str) -> Option<u32> {
    let endpoint = session.spec.endpoints.get(route.endpoint)?;
    endpoint.parameters.iter().find(|it| it.value.name == name).map(|it| session.lines().of(it.span))
}

/// One page. `None` if it could not be had.
fn page(
    session: &mut Session,
    index: usize,
    parameters: &[String],
    pairs: &[(&str, &str)],
) -> Option<(Success, crate::client::Answer)> {
    let route = session.route(index)?;
    let request = session.ask(route, parameters, &query(pairs));
    let answer = session.send(Some(index), request)?;
    let success = session.expect(index, &answer, "a page of a list")?;
    Some((success, answer))
}

fn limits(session: &mut Session, index: usize, parameters: &[String]) {
    let Some(route) = session.route(index) else { return };
    let Some(own) = &route.query.page else { return };
    for limit in [1, 3].into_iter().filter(|it| *it <= own.most) {
        session.begin();
        let text = limit.to_string();
        let Some((success, _)) = page(session, index, parameters, &[(&own.limit, &text)]) else { return };
        too_many(session, index, &success, limit);
    }
    let endpoint = session.spec.endpoints.get(route.endpoint);
    let said = endpoint.into_iter().flat_map(|it| &it.parameters).find(|it| it.value.name == own.limit);
    for rule in said.into_iter().flat_map(|it| &it.value.rules) {
        if let Rule::Range(Some((least, true)), _) = rule
            && let Ok(least) = least.parse::<i64>()
        {
            let below = (least - 1).to_string();
            let what = format!("`{}` that is {below}", own.limit);
            super::parameters::send(session, index, parameters, &[], Some((&own.limit, &below)), own.line, &what);
        }
    }
    // A maximum that nothing states is none.
    let bounded = said.is_some_and(|it| it.value.rules.iter().any(|it| matches!(it, Rule::Range(_, Some(_)))));
    if !bounded {
        return;
    }
    session.begin();
    let beyond = (own.most + 1).to_string();
    let request = session.ask(route, parameters, &query(&[(&own.limit, &beyond)]));
    let Some(answer) = session.send(Some(index), request) else { return };
    // A list that gives no more than it may has kept its promise too.
    if answer.status < 300 && own.line != route.line {
        let Some(table) = route.table.filter(|_| own.most <= 120 && route.parents.is_empty()) else { return };
        let Some(count) = session.read(index, &answer).and_then(|it| it.records).map(|it| it.len() as i64) else {
            return;
        };
        if !session.options.safe && session.creator(table).is_some() {
            for _ in count..=own.most {
                if session.create(table, 0).is_none() {
                    return;
                }
            }
        }
        session.begin();
        let request = session.ask(route, parameters, &query(&[(&own.limit, &beyond)]));
        let Some(answer) = session.send(Some(index), request) else { return };
        if let Some(success) = session.read(index, &answer).filter(|_| answer.status < 300) {
            too_many(session, index, &success, own.most);
        }
    }
}

/// A cursor that no page has named.
fn cursor(session: &mut Session, index: usize, parameters: &[String]) {
    let Some((route, own)) = session.route(index).and_then(|it| Some((it, it.query.page.as_ref()?))) else { return };
    if !own.cursor_said || own.number.is_some() || own.offset.is_some() {
        return;
    }
    let line = parameter_line(session, route, &own.cursor).unwrap_or(route.line);
    for value in ["no-such-cursor", "%00", "-1"] {
        session.begin();
        let request = session.ask(route, parameters, &query(&[(&own.cursor, value)]));
        let Some(answer) = session.send(Some(index), request) else { return };
        let good = answer.status < 500;
        if !good {
            let found = crate::session::told(&answer);
            session.fail(
                Some(index),
                line,
                "a cursor that is none makes the server fail",
                "a refusal".to_owned(),
                found,
            );
        }
        session.tested(Area::Endpoint, &name(route), line, good);
    }
}

/// A page of which the request does not say how long it is.
fn usual(session: &mut Session, index: usize, parameters: &[String]) {
    let Some((route, own)) = session.route(index).and_then(|it| Some((it, it.query.page.as_ref()?))) else { return };
    let endpoint = session.spec.endpoints.get(route.endpoint);
    let said = endpoint
        .into_iter()
        .flat_map(|it| &it.parameters)
        .find(|it| it.value.name == own.limit && it.value.default.is_some());
    let Some(line) = said.map(|it| session.lines().of(it.span)) else { return };
    let Some(table) = route.table.filter(|_| own.default <= 50) else { return };
    let count = |session: &mut Session| {
        session.begin();
        let (success, _) = page(session, index, parameters, &[])?;
        Some(success.records?.len() as i64)
    };
    let Some(mut found) = count(session) else { return };
    if found < own.default && !session.options.safe && route.parents.is_empty() && session.creator(table).is_some() {
        for _ in found..own.default {
            if session.create(table, 0).is_none() {
                return;
            }
        }
        let Some(now) = count(session) else { return };
        found = now;
    } else if found < own.default {
        return;
    }
    let good = found == own.default;
    if !good {
        session.fail(
            Some(index),
            line,
            "a page has another length than the usual one",
            format!("{} records", own.default),
            format!("{found} records"),
        );
    }
    session.tested(Area::Endpoint, &name(route), line, good);
}

fn too_many(session: &mut Session, index: usize, success: &Success, limit: i64) {
    let Some(count) = success.records.as_ref().map(|it| it.len() as i64) else { return };
    if count > limit {
        let line = session.route(index).and_then(|it| it.query.page.as_ref()).map_or(0, |it| it.line);
        session.fail(
            Some(index),
            line,
            "a page holds more records than asked for",
            format!("at most {limit}"),
            format!("{count} records"),
        );
    }
}

/// Reads all pages of two.
fn whole(session: &mut Session, index: usize, table: &Table, parameters: &[String], made: &[String]) {
    let Some(route) = session.route(index) else { return };
    session.begin();
    let limit = route.query.page.as_ref().map_or(2, |it| it.most.min(2));
    let Some(walk) = pages(session, index, table, parameters, limit, PAGES) else { return };
    let mut seen = HashSet::new();
    // What leads from page to page, else what limits one.
    let page = route.query.page.as_ref();
    let leads = page.and_then(|it| {
        let names = [it.number.as_deref(), it.offset.as_deref(), Some(it.cursor.as_str())];
        names.into_iter().flatten().find_map(|it| parameter_line(session, route, it))
    });
    let line = leads.or(page.map(|it| it.line)).unwrap_or(route.line);
    if let Some(key) = walk.keys.iter().find(|it| !seen.insert(it.as_str())) {
        session.fail(
            Some(index),
            line,
            "a record is on two pages",
            "each record once".to_owned(),
            format!("{key} twice"),
        );
    }
    let lost = made.iter().filter(|it| !walk.keys.contains(it)).count();
    if walk.complete && lost > 0 {
        let expected = "all records that were created".to_owned();
        session.fail(
            Some(index),
            line,
            "records are on no page",
            expected,
            format!("{lost} of {} are missing", made.len()),
        );
    }
    if let Some(total) = walk.total.filter(|_| walk.complete)
        && total != walk.keys.len() as i64
    {
        let expected = format!("{}, which is how many there are", walk.keys.len());
        let line = session.total_at(route);
        session.fail(Some(index), line, "a list tells a wrong total", expected, total.to_string());
    }
}

/// The records of all pages.
pub(super) struct Walk {
    pub(super) keys: Vec<String>,
    pub(super) records: Vec<Value>,
    /// Whether the last page was read.
    pub(super) complete: bool,
    pub(super) total: Option<i64>,
}

pub(super) fn pages(
    session: &mut Session,
    index: usize,
    table: &Table,
    parameters: &[String],
    limit: i64,
    most: usize,
) -> Option<Walk> {
    ordered(session, index, table, parameters, limit, most, &[])
}

/// [`pages`] with more in the query.
pub(super) fn ordered(
    session: &mut Session,
    index: usize,
    table: &Table,
    parameters: &[String],
    limit: i64,
    most: usize,
    more: &[(&str, &str)],
) -> Option<Walk> {
    let route = session.route(index)?;
    let own = route.query.page.as_ref()?;
    let key = table.key_field()?.member.name.clone();
    let mut walk = Walk { keys: Vec::new(), records: Vec::new(), complete: false, total: None };
    let text = limit.to_string();
    let counts = route.answer.body.iter().flatten().any(|it| matches!(it, Part::Page(Page::Total)));
    let (mut cursor, mut number) = (None::<String>, own.first);
    for _ in 0..most {
        let at = number.to_string();
        let offset = ((number - own.first) * limit).to_string();
        let mut pairs: Vec<(&str, &str)> = more.to_vec();
        if own.limit_said {
            pairs.push((&own.limit, &text));
        }
        match (&own.number, &own.offset, &cursor) {
            (Some(name), _, _) => pairs.push((name, &at)),
            (None, Some(name), _) => pairs.push((name, &offset)),
            (None, None, Some(cursor)) => pairs.push((&own.cursor, cursor)),
            _ => {}
        }
        let (success, answer) = page(session, index, parameters, &pairs)?;
        let records = success.records?;
        let count = records.len() as i64;
        let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
        walk.keys.extend(records.iter().filter_map(|it| it.get(&key)).map(text));
        walk.records.extend(records.iter().cloned());
        let said = |page: Page| success.pages.iter().find(|it| it.0 == page).map(|it| &it.1);
        if counts {
            walk.total = said(Page::Total).and_then(Value::as_i64).or(walk.total);
        }
        let next = said(Page::Next).filter(|it| !it.is_null()).map(text).filter(|it| !it.is_empty());
        let more = said(Page::More).and_then(Value::as_bool);
        if own.number.is_some() || own.offset.is_some() {
            if count < limit || more == Some(false) {
                walk.complete = true;
                break;
            }
            number += 1;
            continue;
        }
        let link = answer.header("link").and_then(|it| next_link(it, &own.cursor));
        match next.or(link) {
            Some(next) if cursor.as_ref() != Some(&next) => cursor = Some(next),
            Some(_) => break,
            None => {
                walk.complete = true;
                break;
            }
        }
    }
    Some(walk)
}

/// The cursor in a `Link: <…?cursor=x>; rel="next"` header (RFC 8288).
fn next_link(header: &str, name: &str) -> Option<String> {
    let link = header.split(',').find(|it| it.contains("rel=\"next\"") || it.contains("rel=next"))?;
    let target = link.split('<').nth(1)?.split('>').next()?;
    let pair = target.split('?').nth(1)?.split('&').find_map(|it| it.split_once('=').filter(|it| it.0 == name))?;
    plan::decode(pair.1).map(std::borrow::Cow::into_owned)
}

/// The least that a service is thought to give at once where it does not say so.
const LEAST_CUT: usize = 20;

/// The keys of all records of a list, if they can be had within so many.
pub(super) fn keys(session: &mut Session, index: usize, table: &Table, most: usize) -> Option<Vec<String>> {
    let route = session.route(index)?;
    let parameters = above(session, index)?;
    let own = route.query.page.as_ref()?;
    let limit = if own.limit_said { own.most.min(100) } else { own.default };
    let leads = own.limit_said && (own.cursor_said || route.answer.leads_on);
    let pages_of = if leads { most / 20 } else { 1 };
    let walk = pages(session, index, table, &parameters, limit, pages_of.max(1))?;
    let len = walk.keys.len();
    // Where the document says nothing of pages, a service may still give no more than a round number.
    let cut = !leads && len >= LEAST_CUT && len.is_multiple_of(10);
    // Without a way to the rest, a list that is not full is the whole.
    ((walk.complete || (len as i64) < limit) && !cut).then_some(walk.keys)
}

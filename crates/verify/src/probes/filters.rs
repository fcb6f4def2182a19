//! Lists of the records that have a value.

use std::rc::Rc;

use plan::Table;
use plan::shape::Kind;
use serde_json::Value;

use crate::probes::fields::same;
use crate::probes::{Group, Probe};
use crate::records::Made;
use crate::report::Area;
use crate::requests::query;
use crate::session::{Known, Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "filters",
    group: Group::Contract,
    summary: "A list that is asked for records with a value holds those and no others",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.lists() {
        below(session, index, table);
        for parameter in route.query.parameters.iter().filter(|it| it.said) {
            let Some(at) = parameter.field else { continue };
            if session.over() {
                return;
            }
            session.begin();
            one(session, index, table, at, &parameter.name, parameter.line);
        }
    }
}

fn one(session: &mut Session, index: usize, table: &Table, at: usize, parameter: &str, line: u32) {
    let (Some(route), Some(field)) = (session.route(index), table.field(at)) else { return };
    let Some(parameters) = super::paging::above(session, index) else { return };
    // Records with several values, as far as one may choose.
    let mut known: Vec<Rc<Known>> = Vec::new();
    for _ in 0..3 {
        let Some(creator) = session.creator(table.index).filter(|_| route.parents.is_empty()) else { break };
        let Ok(mut draft) = session.draft(creator, 0) else { break };
        let chosen = !field.server_set && !table.references.iter().any(|it| it.field == at);
        let state = table.machine.as_ref().is_some_and(|it| it.field == at);
        let taken = |it: &Value| known.iter().any(|other| other.json.get(&field.member.name) == Some(it));
        if chosen && !state {
            let like = draft.body.get(&field.member.name).cloned();
            for _ in 0..12 {
                let other = session.value(&field.member, like.as_ref());
                if taken(&other) {
                    continue;
                }
                let mut body = draft.body.clone();
                body.insert(field.member.name.clone(), other);
                if let Some(route) = session.route(creator)
                    && session.drafted(route, table, &body, &draft.parents).is_ok()
                {
                    draft.body = body;
                    break;
                }
            }
        }
        if let Made::Known(one) = session.make(creator, &draft, true) {
            known.push(one);
        }
    }
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let mut values: Vec<Value> =
        known.iter().filter_map(|it| it.json.get(&field.member.name)).filter(|it| !it.is_null()).cloned().collect();
    values.dedup();
    if let Kind::Enum(words) = &field.member.kind {
        values.extend(
            words.iter().map(|it| Value::String(it.clone())).filter(|it| !values.contains(it)).collect::<Vec<_>>(),
        );
    }
    for wanted in values.iter().take(6) {
        session.trace = known.iter().flat_map(|it| it.steps.clone()).collect();
        let most =
            route.query.page.as_ref().filter(|it| it.limit_said).map(|it| (it.limit.clone(), it.most.to_string()));
        let own = text(wanted);
        let mut pairs: Vec<(&str, &str)> = vec![(parameter, &own)];
        pairs.extend(most.iter().map(|it| (it.0.as_str(), it.1.as_str())));
        let request = session.ask(route, &parameters, &query(&pairs));
        let Some(answer) = session.send(Some(index), request) else { return };
        let before = session.failures();
        let Some(success) = session.expect(index, &answer, "a list with a filter") else { continue };
        let total = success.pages.iter().find(|it| it.0 == plan::Page::Total).and_then(|it| it.1.as_i64());
        let Some(records) = success.records else { continue };
        let other =
            records.iter().find_map(|it| it.get(&field.member.name).filter(|it| !same(&field.member, it, wanted)));
        if let Some(other) = other {
            let message = format!("a list by `{parameter}` holds records with another value");
            session.fail(
                Some(index),
                line,
                &message,
                format!("only records whose `{}` is {wanted}", field.member.name),
                format!("one whose `{}` is {other}", field.member.name),
            );
        }
        let full = route
            .query
            .page
            .as_ref()
            .is_some_and(|it| records.len() as i64 >= if it.limit_said { it.most } else { it.default });
        if let Some(total) = total.filter(|it| !full && *it != records.len() as i64) {
            let expected = format!("{}, which is how many there are", records.len());
            let at = session.total_at(route);
            session.fail(Some(index), at, "a list with a filter tells a wrong total", expected, total.to_string());
        }
        for one in known.iter().filter(|it| it.json.get(&field.member.name) == Some(wanted)) {
            let key = table.key_field().map_or("id", |it| it.member.name.as_str());
            let there = records.iter().any(|it| it.get(key).map(text) == Some(one.key.clone()));
            if !there && !full {
                let message = format!("a list by `{parameter}` lacks a record with the value");
                session.fail(
                    Some(index),
                    line,
                    &message,
                    format!("the record {}", one.key),
                    format!("{} records without it", records.len()),
                );
            }
        }
        let good = session.failures() == before;
        session.tested(Area::Endpoint, &name(route), line, good);
    }
}

/// A list below a record holds only what belongs to it.
fn below(session: &mut Session, index: usize, table: &Table) {
    let Some(route) = session.route(index) else { return };
    for parent in &route.parents {
        let (Some(field), Some(above)) = (table.field(parent.field), session.table(parent.table)) else { continue };
        if session.creator(table.index).is_none() || session.over() {
            return;
        }
        session.begin();
        // Two records, each below one of its own.
        let mut pair = Vec::new();
        let kept = session.fixtures.get_mut(parent.table).and_then(Option::take);
        for _ in 0..2 {
            let child = session.create(table.index, 0);
            let own = session.fixtures.get_mut(parent.table).and_then(Option::take);
            pair.extend(child.zip(own));
        }
        if let Some(place) = session.fixtures.get_mut(parent.table) {
            *place = kept;
        }
        let [(child, own), (other, _)] = pair.as_slice() else { return };
        let mut parameters = session.parameters(route, child);
        if let Some(place) = parameters.get_mut(parent.parameter) {
            place.clone_from(&own.key);
        }
        session.trace = child.steps.iter().chain(&other.steps).cloned().collect();
        let request = session.ask(route, &parameters, "");
        let Some(answer) = session.send(Some(index), request) else { return };
        let what = format!("the list of what belongs to a {}", above.name);
        let Some(records) = session.expect(index, &answer, &what).and_then(|it| it.records) else { return };
        let key = table.key_field().map_or("id", |it| it.member.name.as_str());
        let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
        let keys: Vec<String> = records.iter().filter_map(|it| it.get(key)).map(text).collect();
        let strange = records.iter().find_map(|it| it.get(&field.member.name).map(text).filter(|it| *it != own.key));
        let good = strange.is_none() && !keys.contains(&other.key) && keys.contains(&child.key);
        if !good {
            let found =
                if keys.contains(&child.key) { "one that belongs to another" } else { "its own record is not there" };
            let message = format!("the list below a {} is not that of what belongs to it", above.name);
            session.fail(
                Some(index),
                route.line,
                &message,
                format!("the {} of this {} and no other", table.name, above.name),
                found.to_owned(),
            );
        }
        session.tested(Area::Endpoint, &name(route), route.line, good);
    }
}

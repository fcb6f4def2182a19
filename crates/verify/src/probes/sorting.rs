//! Lists in an order.

use std::cmp::Ordering;

use plan::shape::Kind;
use plan::{Field, Order, Table};
use serde_json::Value;

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::requests::query;
use crate::session::{Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "sorting",
    group: Group::Contract,
    summary: "A list comes in the order that a request names",
    safe: true,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.lists() {
        let Some(sort) = &route.query.sort else { continue };
        if !session.options.safe && route.parents.is_empty() && session.creator(table.index).is_some() {
            varied(session, table);
        }
        let mut cases: Vec<(String, Order, Option<bool>)> = Vec::new();
        if sort.field.is_some() {
            let words: Vec<String> = if sort.words.is_empty() {
                let fields = table.fields.iter().filter(|it| !it.hidden).map(|it| it.member.name.clone());
                fields.flat_map(|it| [it.clone(), format!("-{it}")]).collect()
            } else {
                sort.words.clone()
            };
            for word in words {
                // Words that are not listed may not be known to others than us.
                if sort.words.is_empty() && sort.default.is_none() && word.starts_with('-') {
                    continue;
                }
                cases.extend(Order::read(table, &word).map(|it| (word, it, None)));
            }
        }
        for (word, order, _) in cases.into_iter().take(12) {
            let ways: &[Option<bool>] = if sort.direction.is_some() { &[Some(false), Some(true)] } else { &[None] };
            for way in ways {
                one(session, index, table, &word, Order { descending: way.unwrap_or(order.descending), ..order }, *way);
            }
        }
        if let Some(order) = sort.default {
            one(session, index, table, "", order, None);
        }
    }
}

/// Records with values whose order as texts is another than as numbers.
fn varied(session: &mut Session, table: &Table) {
    let Some((creator, route)) = session.creator(table.index).and_then(|it| Some((it, session.route(it)?))) else {
        return;
    };
    for number in [33, 100, 2, 10, 9, 71] {
        let Ok(mut draft) = session.draft(creator, 0) else { return };
        for (at, field) in table.fields.iter().enumerate() {
            let free = !field.server_set && at != table.key && draft.body.contains_key(&field.member.name);
            let like = draft.body.get(&field.member.name).cloned();
            let choices = match field.member.kind {
                Kind::Integer | Kind::Number | Kind::Decimal(_, false) => {
                    vec![session.value(&field.member, like.as_ref()), Value::from(number)]
                }
                Kind::Decimal(Some((_, scale)), true) => {
                    vec![Value::String(format!("{number}.{}", "0".repeat(scale as usize)))]
                }
                Kind::Text(_) => {
                    vec![session.value(&field.member, like.as_ref()), Value::String(session.draw.token(8))]
                }
                Kind::Date | Kind::DateTime => vec![session.value(&field.member, like.as_ref())],
                _ => continue,
            };
            let refers = table.references.iter().any(|it| it.field == at) || session.is_unique(table, at, &[]);
            for choice in choices.into_iter().filter(|_| free && !refers) {
                let mut body = draft.body.clone();
                body.insert(field.member.name.clone(), choice);
                if session.drafted(route, table, &body, &draft.parents).is_ok() {
                    draft.body = body;
                }
            }
        }
        session.begin();
        session.make(creator, &draft, true);
    }
}

fn one(session: &mut Session, index: usize, table: &Table, word: &str, order: Order, way: Option<bool>) {
    let (Some(route), Some(field)) = (session.route(index), table.field(order.field)) else { return };
    let Some(sort) = &route.query.sort else { return };
    if session.over() {
        return;
    }
    session.begin();
    let Some(parameters) = super::paging::above(session, index) else { return };
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    if let Some(name) = sort.field.as_deref().filter(|_| !word.is_empty()) {
        pairs.push((name, word));
    }
    if let (Some(name), Some(down)) = (sort.direction.as_deref(), way) {
        pairs.push((name, if down { "desc" } else { "asc" }));
    }
    let before = session.failures();
    // Over several pages, where one may go through them.
    let page = route.query.page.as_ref().filter(|it| it.limit_said && (it.cursor_said || route.answer.leads_on));
    let records = match page {
        Some(page) => {
            let limit = page.most.min(3);
            super::paging::ordered(session, index, table, &parameters, limit, 60, &pairs).map(|it| it.records)
        }
        None => {
            let request = session.ask(route, &parameters, &query(&pairs));
            let Some(answer) = session.send(Some(index), request) else { return };
            session.expect(index, &answer, "a list with an order").and_then(|it| it.records)
        }
    };
    let Some(records) = records else { return };
    let values: Vec<&Value> = records
        .iter()
        .filter(|it| it.as_object().is_some_and(|it| !session.is_spoilt(table, it)))
        .filter_map(|it| it.get(&field.member.name))
        .filter(|it| !it.is_null())
        .collect();
    let wrong = values.windows(2).find(|pair| match pair {
        [a, b] => compare(field, a, b)
            .is_some_and(|it| it == if order.descending { Ordering::Less } else { Ordering::Greater }),
        _ => false,
    });
    if let Some([a, b]) = wrong {
        let how = if order.descending { "descending" } else { "ascending" };
        let message = format!("a list by `{}` is not in {how} order", field.member.name);
        session.fail(Some(index), sort.line, &message, format!("{how} values"), format!("{a} before {b}"));
    }
    let good = session.failures() == before;
    session.tested(Area::Endpoint, &name(route), sort.line, good);
}

/// The order of two values, where nobody can think otherwise: how texts are ordered depends on the language.
fn compare(field: &Field, a: &Value, b: &Value) -> Option<Ordering> {
    let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    let (a, b) = (text(a), text(b));
    match field.member.kind {
        Kind::Integer | Kind::Number | Kind::Decimal(..) => plan::digits::compare(&a, &b),
        Kind::DateTime => Some(plan::shape::moment(&a)?.cmp(&plan::shape::moment(&b)?)),
        Kind::Date | Kind::Time => Some(a.cmp(&b)),
        Kind::Text(_) | Kind::Email | Kind::Url => {
            let plain = |it: &str| it.bytes().all(|it| it.is_ascii_alphanumeric());
            let (low, other) = (a.to_lowercase(), b.to_lowercase());
            (plain(&a) && plain(&b) && a.cmp(&b) == low.cmp(&other)).then(|| a.cmp(&b))
        }
        _ => None,
    }
}

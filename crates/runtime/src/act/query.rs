//! What the query of a request says, held to what it may say.

use plan::cell::Cell;
use plan::refused::Refused;
use plan::{Order, Query, Table, direction};

use crate::store::Select;
use plan::shape::{Found, unknown};

/// A query that was read.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) which: Select,
    /// The page's number, where it was said.
    pub(super) page: Option<i64>,
    /// What the document does not say and the answer rests on.
    pub(super) inferred: Vec<String>,
}

/// Reads a query. `table` is that of a list.
pub(super) fn read(query: &Query, table: Option<&Table>, text: &str) -> Result<Asked, Refused> {
    let mut asked = Asked::default();
    if let Some(page) = &query.page {
        asked.which.limit = page.default;
    }
    let mut found = Found::default();
    let mut seen: Vec<String> = Vec::new();
    let (mut cursor, mut sort, mut way) = (None, None, None);
    for pair in text.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (Some(name), Some(value)) = (decode(name), decode(value)) else {
            let words = "a percent sign in the query does not stand before two digits, or the query is not UTF-8";
            return Err(Refused::malformed(words.to_owned()));
        };
        if seen.contains(&name) {
            found.problem(&name, "stands twice in the query", query.line);
            continue;
        }
        let number = |least: i64| value.parse::<i64>().ok().filter(|it| *it >= least);
        if let Some(page) = &query.page {
            if name == page.limit {
                match number(1).filter(|it| *it <= page.most) {
                    Some(value) => asked.which.limit = value,
                    None => found.problem(&name, format!("must be between 1 and {}", page.most), page.line),
                }
                if !page.limit_said {
                    asked.inferred.push(name.clone());
                }
                seen.push(name);
                continue;
            }
            if name == page.cursor {
                cursor = Some(value);
                if !page.cursor_said {
                    asked.inferred.push(name.clone());
                }
                seen.push(name);
                continue;
            }
            if page.number.as_ref() == Some(&name) {
                asked.page = number(page.first);
                if asked.page.is_none() {
                    found.problem(&name, format!("must be at least {}", page.first), page.line);
                }
                seen.push(name);
                continue;
            }
            if page.offset.as_ref() == Some(&name) {
                match number(0) {
                    Some(value) => asked.which.offset = value,
                    None => found.problem(&name, "must be at least 0", page.line),
                }
                seen.push(name);
                continue;
            }
        }
        if let (Some(own), Some(table)) = (&query.sort, table) {
            if own.field.as_ref() == Some(&name) {
                sort = Order::read(table, &value).filter(|_| own.words.is_empty() || own.words.contains(&value));
                if sort.is_none() {
                    found.problem(&name, sortable(own.words.as_slice(), table), own.line);
                }
                seen.push(name);
                continue;
            }
            if own.direction.as_ref() == Some(&name) {
                way = direction(&value);
                if way.is_none() {
                    found.problem(&name, "must be one of asc, desc", own.line);
                }
                seen.push(name);
                continue;
            }
        }
        match query.parameters.iter().find(|it| it.name == name) {
            Some(parameter) => {
                let before = found.problems.len();
                match parameter.member.read(&value, &name, &mut found) {
                    Some(cell) if found.problems.len() == before => {
                        asked.which.equal.extend(parameter.field.map(|it| (it, cell)));
                    }
                    _ => {}
                }
                if parameter.field.is_none() {
                    asked.inferred.push(format!("{name} without effect"));
                } else if !parameter.said {
                    asked.inferred.push(name.clone());
                }
            }
            None if name.is_empty() => found.problem("query", "has a parameter without a name".to_owned(), query.line),
            None => found.problem(&name, unknown(&name, known(query)).replace("field", "parameter"), query.line),
        }
        seen.push(name);
    }
    for parameter in query.parameters.iter().filter(|it| !seen.contains(&it.name)) {
        if parameter.required {
            found.problem(&parameter.name, "is required", parameter.line);
        }
        if let (Some(field), Some(cell)) = (parameter.field, &parameter.default) {
            asked.which.equal.push((field, cell.clone()));
        }
    }
    if let (Some(page), Some(names)) = (asked.page, &query.page) {
        asked.which.offset = (page - names.first).saturating_mul(asked.which.limit);
    }
    let by_default = query.sort.as_ref().and_then(|it| it.default);
    asked.which.order = sort.or(by_default).map(|it| Order { descending: way.unwrap_or(it.descending), ..it });
    if let (Some(text), Some(page), Some(table)) = (cursor, &query.page, table) {
        asked.which.after = after(table, asked.which.order, &text);
        if asked.which.after.is_none() {
            found.problem(&page.cursor, "must be the cursor of a page before", page.line);
        }
    }
    if found.problems.is_empty() { Ok(asked) } else { Err(Refused::invalid(found.problems)) }
}

fn decode(text: &str) -> Option<String> {
    plan::decode(&text.replace('+', " ")).map(std::borrow::Cow::into_owned)
}

fn known(query: &Query) -> impl Iterator<Item = &str> {
    let page = query.page.iter();
    let page = page.flat_map(|it| [&it.limit, &it.cursor].into_iter().chain(&it.number).chain(&it.offset));
    let sort = query.sort.iter().flat_map(|it| it.field.iter().chain(&it.direction));
    page.chain(sort).chain(query.parameters.iter().map(|it| &it.name)).map(String::as_str)
}

fn sortable(words: &[String], table: &Table) -> String {
    if !words.is_empty() {
        return format!("must be one of {}", words.join(", "));
    }
    let fields = table.fields.iter().map(|it| it.member.name.as_str()).filter(|it| Order::read(table, it).is_some());
    format!("must be one of {}, with - before it for the reverse", fields.collect::<Vec<_>>().join(", "))
}

/// The cursor behind a record: its key, and the value that it is ordered by before it.
pub(super) fn cursor(table: &Table, order: Option<Order>, record: &[Cell]) -> Option<String> {
    let own = record.get(table.key)?;
    let Some(order) = order else { return Some(own.plain()) };
    let value = record.get(order.field)?;
    let value = if value.is_null() { None } else { Some(value.plain()) };
    let text = serde_json::to_string(&(value, own.plain())).ok()?;
    Some(text.bytes().map(|it| format!("{it:02x}")).collect())
}

fn after(table: &Table, order: Option<Order>, text: &str) -> Option<(Cell, Cell)> {
    let own = |it: &str| table.key_field()?.member.kind.read(it).ok().filter(|_| !it.is_empty());
    let Some(order) = order else { return Some((Cell::Null, own(text)?)) };
    let digits = text.as_bytes().chunks(2).map(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
    let bytes: Vec<u8> = digits.collect::<Option<_>>()?;
    let (value, key): (Option<String>, String) = serde_json::from_slice(&bytes).ok()?;
    let kind = table.field(order.field).map(|it| &it.member.kind)?;
    let value = match value {
        Some(value) => kind.read(&value).ok()?,
        None => Cell::Null,
    };
    Some((value, own(&key)?))
}

//! Lists: what their parameters choose, and their pages.

use std::cmp::Ordering;

use serde_json::{Value, json};

use crate::faults::Faults;
use crate::field::{Kind, is_uuid};
use crate::record::{Record, Refused, Table, text};
use crate::store::Store;

const MOST: usize = 50;

/// What the query of a list says.
struct Asked {
    limit: usize,
    cursor: Option<String>,
    sort: Option<(&'static str, bool)>,
    equal: Vec<(&'static str, Value)>,
}

/// The parameters that select records of a kind.
fn filters(table: Table) -> &'static [&'static str] {
    match table {
        Table::Customers => &["tier"],
        Table::Devices => &["kind", "brand"],
        Table::Parts => &["discontinued"],
        Table::Jobs => &["status", "priority"],
    }
}

/// The fields that records of a kind are sorted by.
fn sorts(table: Table) -> &'static [&'static str] {
    match table {
        Table::Customers => &["createdAt", "name"],
        Table::Devices => &["createdAt", "serialNumber"],
        Table::Parts => &["createdAt", "sku", "stock"],
        Table::Jobs => &["createdAt", "priority"],
    }
}

/// One page of the records of a kind; `below` is the reference that they all have.
pub(crate) fn page(
    store: &Store,
    table: Table,
    below: Option<(&str, &str)>,
    query: &str,
    faults: &Faults,
) -> Result<(Vec<Record>, Value), Refused> {
    let asked = read(store, table, below.is_some(), query, faults)?;
    let belongs =
        |it: &&Record| below.is_none_or(|(name, id)| text(it, name) == id || faults.on("nested-shows-others"));
    let chosen = |it: &&Record| asked.equal.iter().all(|(name, value)| equals(it, name, value, faults));
    let mut found: Vec<&Record> = store.all(table).filter(belongs).collect();
    let before = found.len();
    found.retain(chosen);
    let total = found.len();
    let sort = asked.sort.filter(|_| !faults.on("sort-ignored"));
    let within = faults.on("sort-within-page");
    if let Some((name, down)) = sort.filter(|_| !within) {
        found.sort_by(|a, b| order(a, b, name, down, faults));
    }
    let start = match &asked.cursor {
        Some(cursor) => {
            let at = position(&found, sort.filter(|_| !within), cursor, faults);
            let Some(at) = at else {
                return Err(if faults.on("cursor-500") {
                    Refused::internal()
                } else {
                    Refused::validation("cursor must be the nextCursor of a page before")
                });
            };
            if faults.on("page-repeats") { at.saturating_sub(1) } else { at + faults.pick("page-loses", 1, 0) }
        }
        None => 0,
    };
    let rest = found.get(start.min(found.len())..).unwrap_or_default();
    let limit = if faults.on("limit-ignored") { found.len() } else { asked.limit };
    let mut page: Vec<Record> = rest.iter().take(limit).map(|it| (*it).clone()).collect();
    let more = rest.len() > page.len() || faults.on("last-page-leads-on") && !page.is_empty();
    let next = match page.last().filter(|_| more) {
        Some(last) => json!(cursor(last, sort)),
        None => Value::Null,
    };
    if let Some((name, down)) = sort.filter(|_| within) {
        page.sort_by(|a, b| order(a, b, name, down, faults));
    }
    let total = match total {
        _ if faults.on("total-of-page") => page.len(),
        _ if faults.on("total-unfiltered") => before,
        it => it,
    };
    Ok((page, json!({ "total": total, "nextCursor": next })))
}

fn read(store: &Store, table: Table, nested: bool, query: &str, faults: &Faults) -> Result<Asked, Refused> {
    let usual = faults.pick("default-limit-wrong", 10, 20);
    let mut asked = Asked { limit: usual, cursor: None, sort: None, equal: Vec::new() };
    for (name, value) in pairs(query)? {
        let bad = |what: &str| Err(Refused::validation(&format!("{name} must be {what}")));
        match name.as_str() {
            "limit" => match value.parse::<i64>() {
                Ok(it) if (1..=MOST as i64).contains(&it) => asked.limit = it as usize,
                Ok(it) if it > MOST as i64 && faults.on("limit-over-maximum") => asked.limit = it as usize,
                Ok(0) if faults.on("limit-zero-accepted") => asked.limit = 0,
                _ => return bad("between 1 and 50"),
            },
            "cursor" => asked.cursor = Some(value),
            "sort" if !nested => {
                let (bare, down) = value.strip_prefix('-').map_or((value.as_str(), false), |it| (it, true));
                match sorts(table).iter().find(|it| **it == bare) {
                    Some(field) => asked.sort = Some((*field, down != faults.on("sort-reversed"))),
                    None if faults.on("unknown-sort-accepted") => {}
                    None => return bad("a field to sort by"),
                }
            }
            own => {
                let field = filters(table).iter().find(|it| **it == own && !nested);
                let Some(field) = field else {
                    return Err(Refused::validation(&format!("{name} is not a known parameter")));
                };
                match filter(store.kind(table, field), &value) {
                    Some(value) => asked.equal.push((*field, value)),
                    None if *field == "tier" && faults.on("filter-unchecked") => {
                        asked.equal.push((*field, Value::String(value)));
                    }
                    None => return bad("one of the field's values"),
                }
            }
        }
    }
    Ok(asked)
}

/// The decoded pairs of a query, no name twice.
pub(crate) fn pairs(query: &str) -> Result<Vec<(String, String)>, Refused> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in query.split('&').filter(|it| !it.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = |it: &str| decode(&it.replace('+', " "));
        let (Some(name), Some(value)) = (plain(name), plain(value)) else {
            return Err(Refused::validation("the query is not percent-encoded UTF-8"));
        };
        if pairs.iter().any(|it| it.0 == name) {
            return Err(Refused::validation(&format!("{name} stands twice in the query")));
        }
        pairs.push((name, value));
    }
    Ok(pairs)
}

/// A text without its percent signs; `None` if it is not encoded so.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(it) = bytes.next() {
        if it != b'%' {
            out.push(it);
            continue;
        }
        let digit = |it: Option<u8>| char::from(it?).to_digit(16);
        out.push((digit(bytes.next())? * 16 + digit(bytes.next())?) as u8);
    }
    String::from_utf8(out).ok()
}

/// A value to compare with, as a query carries it.
fn filter(kind: Option<&Kind>, text: &str) -> Option<Value> {
    match kind? {
        Kind::Integer => text.parse::<i64>().ok().map(Value::from),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::from),
        Kind::Words(words) => words.contains(&text).then(|| Value::from(text)),
        // No brand is longer.
        _ => (text.chars().count() <= 40).then(|| Value::from(text)),
    }
}

fn equals(record: &Record, name: &str, value: &Value, faults: &Faults) -> bool {
    let own = record.get(name).unwrap_or(&Value::Null);
    match name {
        "tier" if faults.on("filter-ignored") => true,
        "discontinued" if faults.on("filter-inverted") => own != value,
        "priority" if faults.on("filter-on-other-field") => record.get("minutesSpent") == Some(value),
        _ => own == value,
    }
}

/// The order of two records; records with the same value are in the order of their ids.
fn order(a: &Record, b: &Record, name: &str, down: bool, faults: &Faults) -> Ordering {
    let value = |it: &Record| it.get(name).cloned().unwrap_or(Value::Null);
    let own = compare(&value(a), &value(b), faults).then_with(|| text(a, "id").cmp(text(b, "id")));
    if down { own.reverse() } else { own }
}

fn compare(a: &Value, b: &Value, faults: &Faults) -> Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) if faults.on("numbers-sorted-as-text") => a.to_string().cmp(&b.to_string()),
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_str().cmp(&b.as_str()),
    }
}

/// The cursor behind a record: its id, and the value that it is sorted by.
fn cursor(record: &Record, sort: Option<(&str, bool)>) -> String {
    let Some((name, _)) = sort else { return text(record, "id").to_owned() };
    let whole = json!([record.get(name), text(record, "id")]).to_string();
    whole.bytes().map(|it| format!("{it:02x}")).collect()
}

/// The index of the first record behind a cursor.
fn position(found: &[&Record], sort: Option<(&'static str, bool)>, cursor: &str, faults: &Faults) -> Option<usize> {
    let Some((name, down)) = sort else {
        let known = is_uuid(cursor);
        return known.then(|| found.iter().take_while(|it| text(it, "id") <= cursor).count());
    };
    let bytes = cursor.as_bytes().chunks(2).map(|it| u8::from_str_radix(std::str::from_utf8(it).ok()?, 16).ok());
    let bytes: Vec<u8> = bytes.collect::<Option<_>>()?;
    let (value, id): (Value, String) = serde_json::from_slice(&bytes).ok()?;
    let mut last = Record::new();
    last.insert(name.to_owned(), value);
    last.insert("id".to_owned(), Value::from(id));
    Some(found.iter().take_while(|it| order(it, &last, name, down, faults) != Ordering::Greater).count())
}

//! How records are shown.

use serde_json::{Map, Value, json};

use crate::faults::Faults;
use crate::record::{Record, Table};

/// A record as answers carry it.
pub(crate) fn record(table: Table, record: &Record, faults: &Faults) -> Value {
    let mut out = Map::new();
    for (name, value) in record {
        if let Some(value) = field(table, name, value, faults) {
            out.insert(name.clone(), value);
        }
    }
    Value::Object(out)
}

fn field(table: Table, name: &str, value: &Value, faults: &Faults) -> Option<Value> {
    let text = value.as_str().unwrap_or_default();
    Some(match name {
        // Only the fault itself needs it.
        "reopened" => return None,
        "city" | "tier" if faults.on("field-left-out") => return None,
        "purchasedOn" if value.is_null() && faults.on("null-left-out") => return None,
        "stock" if faults.on("number-as-text") => Value::String(value.to_string()),
        "unitPrice" if faults.on("decimal-as-number") => json!(text.parse::<f64>().unwrap_or_default()),
        "warrantyUntil" if faults.on("date-in-other-format") && text.len() == 10 => {
            let parts: Vec<&str> = text.split('-').rev().collect();
            Value::String(parts.join("."))
        }
        "createdAt" if faults.on("time-without-zone") && table == Table::Parts => {
            Value::String(text.replace('T', " ").trim_end_matches('Z').to_owned())
        }
        _ => value.clone(),
    })
}

/// An answer with one record.
pub(crate) fn one(table: Table, own: &Record, reads: bool, faults: &Faults) -> Value {
    let shown = record(table, own, faults);
    match table {
        Table::Parts if reads && faults.on("record-without-envelope") => shown,
        Table::Devices if reads && faults.on("list-instead-of-record") => json!({ "data": [shown] }),
        _ => json!({ "data": shown }),
    }
}

/// An answer with a list; `about` says what page it is.
pub(crate) fn many(table: Table, records: &[Record], about: Value, faults: &Faults) -> Value {
    let shown: Vec<Value> = records.iter().map(|it| record(table, it, faults)).collect();
    let data = match table {
        Table::Customers if faults.on("list-in-second-envelope") => json!({ "items": shown }),
        _ => Value::Array(shown),
    };
    let mut whole = Map::new();
    whole.insert("data".to_owned(), data);
    if let Value::Object(about) = about {
        whole.extend(about);
    }
    Value::Object(whole)
}

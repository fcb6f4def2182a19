//! One value of one column, and how it is written as JSON.

use std::io::Write as _;

/// A value as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    /// A decimal by its digits, written as a number or as text.
    Decimal(String, bool),
    /// JSON as text.
    Json(String),
}

/// The cells of a record, one per field of its table.
pub type Record = Vec<Cell>;

impl Cell {
    /// Appends it as JSON.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Cell::Null => out.extend_from_slice(b"null"),
            Cell::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Cell::Integer(value) => drop(write!(out, "{value}")),
            Cell::Float(value) => drop(write!(out, "{value}")),
            Cell::Text(value) | Cell::Decimal(value, true) => text(value, out),
            Cell::Decimal(value, false) | Cell::Json(value) => out.extend_from_slice(value.as_bytes()),
        }
    }

    /// It as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Cell::Null => serde_json::Value::Null,
            Cell::Bool(value) => serde_json::Value::Bool(*value),
            Cell::Integer(value) => serde_json::Value::Number((*value).into()),
            Cell::Text(value) => serde_json::Value::String(value.clone()),
            Cell::Decimal(value, true) => serde_json::Value::String(value.clone()),
            other => {
                let mut out = Vec::new();
                other.write(&mut out);
                serde_json::from_slice(&out).unwrap_or(serde_json::Value::Null)
            }
        }
    }

    /// It as plain words: what a path or a cursor carries.
    pub fn plain(&self) -> String {
        match self {
            Cell::Text(value) | Cell::Decimal(value, _) => value.clone(),
            other => {
                let mut out = Vec::new();
                other.write(&mut out);
                String::from_utf8_lossy(&out).into_owned()
            }
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Cell::Null)
    }
}

/// Appends a text as a JSON string.
pub fn text(value: &str, out: &mut Vec<u8>) {
    let plain = |it: &u8| *it >= 0x20 && *it != b'"' && *it != b'\\';
    if value.as_bytes().iter().all(plain) {
        out.push(b'"');
        out.extend_from_slice(value.as_bytes());
        out.push(b'"');
        return;
    }
    // Writing a text to memory cannot fail.
    drop(serde_json::to_writer(out, value));
}

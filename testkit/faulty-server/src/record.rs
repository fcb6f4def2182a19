//! Records, and why a request is refused.

use chrono::{SecondsFormat, Utc};
use serde_json::{Map, Value};

/// A record, as it is kept and shown.
pub(crate) type Record = Map<String, Value>;

/// Kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Table {
    Customers,
    Devices,
    Parts,
    Jobs,
}

pub(crate) const TABLES: [Table; 4] = [Table::Customers, Table::Devices, Table::Parts, Table::Jobs];

impl Table {
    /// The collection's name in paths.
    pub(crate) fn named(name: &str) -> Option<Table> {
        match name {
            "customers" => Some(Table::Customers),
            "devices" => Some(Table::Devices),
            "parts" => Some(Table::Parts),
            "jobs" => Some(Table::Jobs),
            _ => None,
        }
    }
}

/// The text of a field; empty if it is none.
pub(crate) fn text<'a>(record: &'a Record, name: &str) -> &'a str {
    record.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The integer of a field; 0 if it is none.
pub(crate) fn integer(record: &Record, name: &str) -> i64 {
    record.get(name).and_then(Value::as_i64).unwrap_or_default()
}

/// Sets a field, in its place.
pub(crate) fn set(record: &mut Record, name: &str, value: impl Into<Value>) {
    record.insert(name.to_owned(), value.into());
}

/// This moment, as RFC 3339 writes it.
pub(crate) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    Validation,
    Unauthenticated,
    NotFound,
    NoRoute,
    Method,
    Duplicate,
    InUse,
    Transition,
    Reference,
    MediaType,
    TooLarge,
    Busy,
    Internal,
}

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) why: Why,
    pub(crate) message: String,
}

impl Refused {
    fn new(why: Why, message: &str) -> Refused {
        Refused { why, message: message.to_owned() }
    }

    pub(crate) fn validation(detail: &str) -> Refused {
        Refused { why: Why::Validation, message: format!("The request is not valid: {detail}") }
    }

    pub(crate) fn unauthenticated() -> Refused {
        Refused::new(Why::Unauthenticated, "Please sign in")
    }

    pub(crate) fn not_found() -> Refused {
        Refused::new(Why::NotFound, "There is no such record")
    }

    pub(crate) fn no_route(path: &str) -> Refused {
        Refused { why: Why::NoRoute, message: format!("There is no path {path}") }
    }

    pub(crate) fn method(allowed: &str) -> Refused {
        Refused { why: Why::Method, message: format!("The path has only {allowed}") }
    }

    pub(crate) fn duplicate() -> Refused {
        Refused::new(Why::Duplicate, "This value is already in use")
    }

    pub(crate) fn in_use() -> Refused {
        Refused::new(Why::InUse, "The record is still in use")
    }

    pub(crate) fn transition() -> Refused {
        Refused::new(Why::Transition, "The job cannot do that now")
    }

    pub(crate) fn reference() -> Refused {
        Refused::new(Why::Reference, "The request names a record that does not exist")
    }

    pub(crate) fn media_type() -> Refused {
        Refused::new(Why::MediaType, "The content type of the body is not JSON")
    }

    pub(crate) fn too_large() -> Refused {
        Refused::new(Why::TooLarge, "The body is too large, over 1 MiB")
    }

    pub(crate) fn busy() -> Refused {
        Refused::new(Why::Busy, "Something went wrong on our side")
    }

    pub(crate) fn internal() -> Refused {
        Refused::new(Why::Internal, "Something went wrong on our side")
    }
}

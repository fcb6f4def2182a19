//! Fields: which values a request may give them, and how they are kept.

use chrono::NaiveDate;
use regex::Regex;
use serde_json::Value;

use crate::faults::Faults;
use crate::record::{Record, Table};

/// The type of a field.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Text,
    Email,
    Uuid,
    Date,
    Time,
    Integer,
    /// At most six digits before the point and two after it; kept as a text.
    Decimal,
    Boolean,
    Words(&'static [&'static str]),
    List(Box<Field>),
    Object(Vec<Field>),
}

/// A field.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) required: bool,
    pub(crate) nullable: bool,
    length: Option<(usize, usize)>,
    range: Option<(i64, i64)>,
    pattern: Option<Regex>,
    pub(crate) default: Option<Value>,
    /// No request sets it.
    pub(crate) server: bool,
    /// Only a create sets it.
    pub(crate) fixed: bool,
    /// It holds the id of such a record.
    pub(crate) refers: Option<Table>,
}

impl Field {
    pub(crate) fn new(name: &'static str, kind: Kind) -> Field {
        Field {
            name,
            kind,
            required: true,
            nullable: false,
            length: None,
            range: None,
            pattern: None,
            default: None,
            server: false,
            fixed: false,
            refers: None,
        }
    }

    pub(crate) fn optional(mut self) -> Field {
        self.required = false;
        self
    }

    pub(crate) fn nullable(mut self) -> Field {
        self.required = false;
        self.nullable = true;
        self
    }

    pub(crate) fn null_too(mut self) -> Field {
        self.nullable = true;
        self
    }

    pub(crate) fn length(mut self, least: usize, most: usize) -> Field {
        self.length = Some((least, most));
        self
    }

    pub(crate) fn range(mut self, least: i64, most: i64) -> Field {
        self.range = Some((least, most));
        self
    }

    pub(crate) fn pattern(mut self, pattern: &str) -> Field {
        self.pattern = Regex::new(pattern).ok();
        self
    }

    pub(crate) fn default(mut self, value: impl Into<Value>) -> Field {
        self.default = Some(value.into());
        self.required = false;
        self
    }

    pub(crate) fn server(mut self) -> Field {
        self.server = true;
        self.required = false;
        self
    }

    pub(crate) fn fixed(mut self) -> Field {
        self.fixed = true;
        self
    }

    pub(crate) fn refers(mut self, table: Table) -> Field {
        self.refers = Some(table);
        self
    }

    /// Takes a value that stands at `path`, in the form in which it is kept. What is wrong is added to
    /// `problems`.
    pub(crate) fn accept(&self, value: Value, path: &str, faults: &Faults, problems: &mut Vec<String>) -> Value {
        if value.is_null() {
            if !self.nullable {
                problems.push(format!("{path} must not be null"));
            }
            return value;
        }
        let before = problems.len();
        let value = self.typed(value, path, faults, problems);
        if problems.len() > before {
            return value;
        }
        if let (Some((least, most)), Some(text)) = (self.length, value.as_str()) {
            let bytes = faults.on("length-in-bytes") && self.name == "name";
            let long = if bytes { text.len() } else { text.chars().count() };
            if !(least..=most).contains(&long) {
                problems.push(format!("{path} must be {least} to {most} characters long"));
            }
        }
        if let (Some((least, most)), Some(number)) = (self.range, value.as_i64())
            && !(least..=most).contains(&number)
        {
            problems.push(format!("{path} must be between {least} and {most}"));
        }
        if let (Some(pattern), Some(text)) = (&self.pattern, value.as_str())
            && !pattern.is_match(text)
        {
            problems.push(format!("{path} must match {pattern}"));
        }
        value
    }

    fn typed(&self, value: Value, path: &str, faults: &Faults, problems: &mut Vec<String>) -> Value {
        let mut wrong = |what: &str| problems.push(format!("{path} must be {what}"));
        match (&self.kind, value) {
            (Kind::Text, Value::String(text)) => {
                if self.name == "description" && faults.on("text-trimmed") {
                    return Value::String(text.trim().to_owned());
                }
                return Value::String(text);
            }
            (Kind::Text, Value::Number(number)) if self.name == "name" && faults.on("number-taken-for-text") => {
                return Value::String(number.to_string());
            }
            (Kind::Email, Value::String(text)) if is_email(&text) || faults.on("email-unchecked") => {
                return Value::String(text);
            }
            (Kind::Uuid, Value::String(text)) if is_uuid(&text) => return Value::String(text),
            (Kind::Date, Value::String(text)) if is_date(&text) || faults.on("date-unchecked") => {
                return Value::String(text);
            }
            (Kind::Time, Value::String(text)) if chrono::DateTime::parse_from_rfc3339(&text).is_ok() => {
                return Value::String(text);
            }
            (Kind::Integer, Value::Number(number)) => match whole(&number.to_string()) {
                Some(whole) => return Value::from(whole),
                None if self.name == "priority" && faults.on("fraction-cut-off") => {
                    return Value::from(number.as_f64().unwrap_or_default() as i64);
                }
                None => wrong("an integer"),
            },
            (Kind::Integer, Value::String(text)) if self.name == "stock" && faults.on("text-taken-for-number") => {
                match text.parse::<i64>() {
                    Ok(whole) => return Value::from(whole),
                    Err(_) => wrong("an integer"),
                }
            }
            (Kind::Decimal, Value::String(text)) if is_decimal(&text, faults) => return Value::String(text),
            (Kind::Decimal, Value::Number(number)) if is_decimal(&number.to_string(), faults) => {
                return Value::String(number.to_string());
            }
            (Kind::Boolean, Value::Bool(value)) => return Value::Bool(value),
            (Kind::Words(words), Value::String(text)) => {
                if words.contains(&text.as_str()) || self.name == "kind" && faults.on("enum-unchecked") {
                    return Value::String(text);
                }
                let small = text.to_lowercase();
                if self.name == "tier" && faults.on("enum-case-ignored") && words.contains(&small.as_str()) {
                    return Value::String(small);
                }
                wrong(&format!("one of {}", words.join(", ")));
            }
            (Kind::List(item), Value::Array(items)) => {
                if item.name == "accessory" && faults.on("list-item-unchecked") {
                    return Value::Array(items);
                }
                let each = items.into_iter().enumerate();
                return each.map(|(at, it)| item.accept(it, &format!("{path}[{at}]"), faults, problems)).collect();
            }
            (Kind::Object(fields), Value::Object(given)) => {
                return Value::Object(object(fields, given, path, faults, problems));
            }
            (kind, _) => wrong(kind.words()),
        }
        Value::Null
    }
}

fn object(fields: &[Field], mut given: Record, path: &str, faults: &Faults, problems: &mut Vec<String>) -> Record {
    let mut whole = Record::new();
    for field in fields {
        let own = format!("{path}.{}", field.name);
        match given.shift_remove(field.name) {
            Some(value) => {
                whole.insert(field.name.to_owned(), field.accept(value, &own, faults, problems));
            }
            None if field.required => problems.push(format!("{own} is required")),
            None => {}
        }
    }
    problems.extend(given.keys().map(|it| format!("{path}.{it} is not a known field")));
    whole
}

impl Kind {
    fn words(&self) -> &'static str {
        match self {
            Kind::Text => "a text",
            Kind::Email => "an email address",
            Kind::Uuid => "a UUID",
            Kind::Date => "a date, such as 2026-11-20",
            Kind::Time => "a time, such as 2026-11-20T09:30:00Z",
            Kind::Integer => "an integer",
            Kind::Decimal => "an amount with at most two digits after the point",
            Kind::Boolean => "true or false",
            Kind::Words(_) => "one of the words",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }
}

/// An integer of 64 bits, however it is written.
fn whole(text: &str) -> Option<i64> {
    if let Ok(whole) = text.parse() {
        return Some(whole);
    }
    let (head, tail) = text.split_once('.').unwrap_or((text, ""));
    if !tail.is_empty() && tail.bytes().all(|it| it == b'0') {
        return head.parse().ok();
    }
    let float: f64 = text.parse().ok()?;
    (text.contains(['e', 'E']) && float.fract() == 0.0 && float.abs() < 9e15).then_some(float as i64)
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, it)| match at {
            8 | 13 | 18 | 23 => it == b'-',
            _ => it.is_ascii_hexdigit(),
        })
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.is_ascii() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let inner = |it: char| it.is_alphanumeric() || it == '-';
    let label = |it: &str| !it.is_empty() && !it.starts_with('-') && !it.ends_with('-') && it.chars().all(inner);
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let plain = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|it| !it.is_whitespace() && !it.is_control() && !"@,;:\\\"<>()[]".contains(it));
    let literal = domain.starts_with('[') && domain.ends_with(']');
    text.len() <= 254 && local.len() <= 64 && (plain || quoted) && (literal || domain.split('.').all(label))
}

fn is_decimal(text: &str, faults: &Faults) -> bool {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (head, tail) = bare.split_once('.').unwrap_or((bare, "0"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    digits(head) && digits(tail) && head.len() <= 6 && (tail.len() <= 2 || faults.on("decimal-places-unchecked"))
}

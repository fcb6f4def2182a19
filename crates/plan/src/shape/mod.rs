//! Types and limits of values, compiled: what a request may carry in one place, and how it is kept.

mod format;
mod limit;
mod schema;

use serde_json::Value;

pub use self::format::{moment, moment_of_date, rfc3339};
pub use self::limit::Limit;
pub use self::schema::{Side, nullable, set, with_members};
use crate::cell::Cell;
use crate::digits::Digits;

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    Text(Option<u32>),
    Integer,
    Number,
    /// Digits in all and after the point; whether it is a text in JSON.
    Decimal(Option<(u32, u32)>, bool),
    Boolean,
    Date,
    Time,
    DateTime,
    Duration,
    Uuid,
    Email,
    Url,
    Ip,
    /// Not checked.
    Any,
    Enum(Vec<String>),
    Literals(Vec<Value>),
    List(Box<Member>),
    Map(Box<Member>),
    Object(Vec<Member>),
}

/// A member of an object, an item of a list, or a column: its type and what limits its values.
#[derive(Debug, Clone)]
pub struct Member {
    /// The name in JSON.
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    /// Whether an object must have it.
    pub required: bool,
    pub limits: Vec<(Limit, u32)>,
    /// The table whose key it holds.
    pub refers: Option<usize>,
    /// The line that declares it.
    pub line: u32,
}

impl PartialEq for Member {
    fn eq(&self, other: &Member) -> bool {
        self.name == other.name && self.kind == other.kind
    }
}

/// A value that a request may not carry, and the line of the document that says so.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Where it stands in the body: `lines[0].quantity`.
    pub field: String,
    /// What is wrong, a sentence without its subject and full stop: `must be an integer`.
    pub message: String,
    pub line: u32,
}

/// A key of a record elsewhere, found inside a value.
#[derive(Debug, Clone)]
pub struct Mention {
    pub table: usize,
    pub key: String,
    pub field: String,
    pub line: u32,
}

/// What reading a body gathers.
#[derive(Debug, Default)]
pub struct Found {
    pub problems: Vec<Problem>,
    pub mentions: Vec<Mention>,
}

/// Where a value stands in a body, written out only where something is told of it.
#[derive(Clone, Copy)]
enum Place<'a> {
    Path(&'a str),
    Name(&'a Place<'a>, &'a str),
    Index(&'a Place<'a>, usize),
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Place::Path(path) => f.write_str(path),
            Place::Name(above, name) => write!(f, "{above}.{name}"),
            Place::Index(above, index) => write!(f, "{above}[{index}]"),
        }
    }
}

impl Found {
    pub fn problem(&mut self, field: &str, message: impl Into<String>, line: u32) {
        self.problems.push(Problem { field: field.to_owned(), message: message.into(), line });
    }
}

impl Member {
    /// Checks a value that stands at `path` and gives it in the form in which it is kept.
    pub fn accept(&self, value: Value, path: &str, found: &mut Found) -> Value {
        self.accept_at(value, Place::Path(path), found)
    }

    fn accept_at(&self, value: Value, at: Place, found: &mut Found) -> Value {
        if value.is_null() {
            if !self.nullable && self.kind != Kind::Any {
                found.problem(&at.to_string(), "must not be null", self.line);
            }
            return value;
        }
        let before = found.problems.len();
        let value = self.kind.accept(value, at, self.line, found);
        if found.problems.len() > before {
            return value;
        }
        for (limit, line) in &self.limits {
            if let Some(message) = limit.broken(&value) {
                found.problem(&at.to_string(), message, *line);
            }
        }
        if let Some(table) = self.refers {
            let key = match &value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            found.mentions.push(Mention { table, key, field: at.to_string(), line: self.line });
        }
        value
    }

    /// An accepted value as a cell.
    pub fn cell(&self, value: Value) -> Cell {
        self.kind.cell(value)
    }

    /// Reads a value as a query carries it. `None` if it is refused.
    pub fn read(&self, text: &str, name: &str, found: &mut Found) -> Option<Cell> {
        let value = match self.kind.value(text) {
            Ok(value) => value,
            Err(message) => {
                found.problem(name, message, self.line);
                return None;
            }
        };
        let broken = self.limits.iter().filter_map(|(limit, line)| Some((limit.broken(&value)?, *line)));
        let before = found.problems.len();
        broken.for_each(|(message, line)| found.problem(name, message, line));
        (found.problems.len() == before).then(|| self.kind.cell(value))
    }
}

impl Kind {
    /// Names of the members inside that hold keys of a table.
    pub fn holders(&self, table: usize) -> Vec<&str> {
        let inner: &[Member] = match self {
            Kind::List(item) | Kind::Map(item) => std::slice::from_ref(item.as_ref()),
            Kind::Object(members) => members,
            _ => &[],
        };
        let own = inner.iter().filter(|it| it.refers == Some(table)).map(|it| it.name.as_str());
        own.chain(inner.iter().flat_map(|it| it.kind.holders(table))).collect()
    }

    fn accept(&self, value: Value, at: Place, line: u32, found: &mut Found) -> Value {
        match (self, value) {
            (Kind::List(item), Value::Array(items)) => {
                let each = items.into_iter().enumerate();
                Value::Array(each.map(|(index, it)| item.accept_at(it, Place::Index(&at, index), found)).collect())
            }
            (Kind::Map(item), Value::Object(members)) => Value::Object(
                members
                    .into_iter()
                    .map(|(key, it)| {
                        let value = item.accept_at(it, Place::Name(&at, &key), found);
                        (key, value)
                    })
                    .collect(),
            ),
            (Kind::Object(members), Value::Object(given)) => Value::Object(object(members, given, at, line, found)),
            (_, value) => match self.scalar(&value) {
                Ok(Some(value)) => value,
                Ok(None) => value,
                Err(message) => {
                    found.problem(&at.to_string(), message, line);
                    value
                }
            },
        }
    }

    /// The kept form of a value if it differs from how it was sent, or what it must be.
    fn scalar(&self, value: &Value) -> Result<Option<Value>, String> {
        let wrong = || Err(format!("must be {}", self.words()));
        match (self, value) {
            (Kind::Any, _) => Ok(None),
            (Kind::Text(limit), Value::String(text)) => match limit {
                Some(limit) if text.chars().count() > *limit as usize => {
                    Err(format!("must be at most {limit} characters long"))
                }
                _ => Ok(None),
            },
            (Kind::Boolean, Value::Bool(_)) => Ok(None),
            (Kind::Integer | Kind::Number, Value::Number(number)) if number.as_i64().is_some_and(|it| it != 0) => {
                Ok(None)
            }
            (Kind::Integer, Value::Number(number)) => {
                let digits = Digits::read(&number.to_string());
                match digits.as_ref().map(Digits::integer) {
                    Some(Some(value)) => Ok(Some(Value::Number(value.into()))),
                    Some(None) if digits.is_some_and(|it| it.scale() == 0) => {
                        Err("is a larger integer than can be kept".to_owned())
                    }
                    _ => wrong(),
                }
            }
            (Kind::Number, Value::Number(number)) => {
                let text = number.to_string();
                let Some(digits) = Digits::read(&text) else { return wrong() };
                if let Some(value) = digits.integer() {
                    return Ok(Some(Value::Number(value.into())));
                }
                match digits.float(&text) {
                    Some(_) => Ok(None),
                    None => Err("has more digits than can be kept".to_owned()),
                }
            }
            (Kind::Decimal(limit, as_text), Value::Number(_) | Value::String(_)) => {
                let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let Some(digits) = Digits::read(&written) else { return wrong() };
                if let Some((all, scale)) = limit
                    && (digits.scale() > i64::from(*scale) || digits.whole() > i64::from(*all) - i64::from(*scale))
                {
                    return Err(format!("must have at most {all} digits, {scale} of them after the point"));
                }
                let (whole, places) = written.split_once('.').unwrap_or((&written, "0"));
                let long = limit.is_some_and(|(all, scale)| {
                    let before = all.saturating_sub(scale).max(1) as usize;
                    places.len() > scale.max(1) as usize || whole.trim_start_matches('-').len() > before
                });
                let exponent = written.contains(['e', 'E']);
                // A text is taken only in the form in which it is shown.
                if value.is_string() && (long || exponent || places.is_empty()) {
                    return wrong();
                }
                // The zeros that were sent are kept as far as there is room for them: 1.50 is not 1.5.
                let plain = if long || exponent { digits.plain() } else { Some(written) };
                let Some(plain) = plain else { return Err("has more digits than can be kept".to_owned()) };
                Ok(Some(if *as_text {
                    Value::String(plain)
                } else {
                    plain.parse().map_or(Value::String(plain), Value::Number)
                }))
            }
            (Kind::Enum(words), Value::String(text)) => {
                if words.iter().any(|it| it == text) {
                    Ok(None)
                } else {
                    wrong()
                }
            }
            (Kind::Literals(values), value) => {
                if values.contains(value) {
                    Ok(None)
                } else {
                    wrong()
                }
            }
            (Kind::Uuid, Value::String(text)) => {
                if !format::uuid(text) {
                    return wrong();
                }
                Ok(text.bytes().any(|it| it.is_ascii_uppercase()).then(|| Value::String(text.to_ascii_lowercase())))
            }
            (
                Kind::Date | Kind::Time | Kind::DateTime | Kind::Duration | Kind::Email | Kind::Url | Kind::Ip,
                Value::String(text),
            ) => {
                let fits = match self {
                    Kind::Date => format::date(text),
                    Kind::Time => format::time(text),
                    Kind::DateTime => format::moment(text).is_some(),
                    Kind::Email => format::email(text),
                    Kind::Url => format::url(text),
                    Kind::Ip => text.parse::<std::net::IpAddr>().is_ok(),
                    _ => !text.is_empty(),
                };
                if fits { Ok(None) } else { wrong() }
            }
            _ => wrong(),
        }
    }

    /// What a value must be: `an integer`, `one of a, b`.
    pub fn words(&self) -> String {
        match self {
            Kind::Text(_) => "a text".to_owned(),
            Kind::Integer => "an integer".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Decimal(..) => "a decimal number".to_owned(),
            Kind::Boolean => "true or false".to_owned(),
            Kind::Date => "a date (YYYY-MM-DD)".to_owned(),
            Kind::Time => "a time of day (HH:MM)".to_owned(),
            Kind::DateTime => "a date and time (RFC 3339)".to_owned(),
            Kind::Duration => "a length of time".to_owned(),
            Kind::Uuid => "a UUID".to_owned(),
            Kind::Email => "an email address".to_owned(),
            Kind::Url => "a URL".to_owned(),
            Kind::Ip => "an IP address".to_owned(),
            Kind::Any => "JSON".to_owned(),
            Kind::Enum(words) => format!("one of {}", words.join(", ")),
            Kind::Literals(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                format!("one of {}", values.join(", "))
            }
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) | Kind::Object(_) => "an object".to_owned(),
        }
    }

    /// Reads a value as a query string or a path carries it.
    pub fn read(&self, text: &str) -> Result<Cell, String> {
        Ok(self.cell(self.value(text)?))
    }

    fn value(&self, text: &str) -> Result<Value, String> {
        let value = match self {
            Kind::Integer | Kind::Number | Kind::Boolean | Kind::Literals(_) | Kind::Decimal(_, false) => {
                serde_json::from_str(text).map_err(|_| format!("must be {}", self.words()))?
            }
            _ => Value::String(text.to_owned()),
        };
        match self {
            Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Any => Ok(value),
            _ => Ok(self.scalar(&value)?.unwrap_or(value)),
        }
    }

    /// An accepted value as a cell.
    pub fn cell(&self, value: Value) -> Cell {
        match (self, value) {
            (_, Value::Null) => Cell::Null,
            (Kind::Boolean, Value::Bool(value)) => Cell::Bool(value),
            (Kind::Integer | Kind::Number, Value::Number(number)) => {
                let text = number.to_string();
                let digits = Digits::read(&text);
                match digits.as_ref().and_then(Digits::integer) {
                    Some(value) => Cell::Integer(value),
                    None => Cell::Float(text.parse().unwrap_or(0.0)),
                }
            }
            (Kind::Decimal(_, as_text), Value::String(text)) => Cell::Decimal(text, *as_text),
            (Kind::Decimal(_, as_text), Value::Number(number)) => Cell::Decimal(number.to_string(), *as_text),
            (Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Any | Kind::Literals(_), value) => {
                Cell::Json(value.to_string())
            }
            (_, Value::String(text)) => Cell::Text(text),
            (_, value) => Cell::Json(value.to_string()),
        }
    }
}

fn object(
    members: &[Member],
    mut given: serde_json::Map<String, Value>,
    at: Place,
    line: u32,
    found: &mut Found,
) -> serde_json::Map<String, Value> {
    let mut out = serde_json::Map::with_capacity(members.len());
    for member in members {
        match given.shift_remove(&member.name) {
            Some(value) => {
                let value = member.accept_at(value, Place::Name(&at, &member.name), found);
                out.insert(member.name.clone(), value);
            }
            None if member.required => found.problem(&format!("{at}.{}", member.name), "is required", member.line),
            None => {}
        }
    }
    for key in given.keys() {
        let message = unknown(key, members.iter().map(|it| it.name.as_str()));
        found.problem(&format!("{at}.{key}"), message, line);
    }
    out
}

/// How a field is refused that the document does not know.
pub fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match source::nearest(name, known) {
        Some(near) if near == name => "cannot be sent here".to_owned(),
        Some(near) => format!("is not a known field (did you mean {near}?)"),
        None => "is not a known field".to_owned(),
    }
}

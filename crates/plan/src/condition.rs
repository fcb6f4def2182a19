//! CEL at run time: programs compiled once, records bound with their declared types.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cel::extractors::This;
use cel::objects::{Key, Map};
use cel::{Context, Env, ExecutionError, Program, Value};
use regex::Regex;

use crate::Table;
use crate::cell::{Cell, Record};
use crate::shape::{Kind, Member, moment, moment_of_date};

/// What all programs of a plan share.
#[derive(Clone)]
pub struct Conditions {
    env: Arc<Env>,
    /// The config options.
    config: Value,
    patterns: Arc<Mutex<HashMap<String, Option<Regex>>>>,
}

/// A condition or an expression.
#[derive(Debug)]
pub struct Condition {
    pub program: Program,
    /// Indices of the fields that it reads, in order of mention.
    pub reads: Vec<usize>,
    /// Whether it reads the record as a whole besides.
    pub whole: bool,
    /// Whether it compares with the record before.
    pub compares_old: bool,
    /// What it asks for, in words.
    pub words: String,
    /// Fields, signs and numbers that it asks to compare, whatever else it asks: what SQL can say too.
    pub simple: Vec<(usize, String, String)>,
    pub line: u32,
}

/// The comparisons of fields with numbers that an expression asks for: field, sign and number each:
/// `self.seats >= 1 && self.seats <= 9`.
pub fn comparisons(source: &str) -> Vec<(&str, &str, &str)> {
    let inner = source.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(source);
    // What stands in brackets, or beside another way to be true, is not asked for by itself.
    if inner.contains(['(', '|', '?', '"', '\'']) {
        return Vec::new();
    }
    inner.split(" && ").filter_map(simple).collect()
}

/// `self.total >= 0` taken apart.
fn simple(source: &str) -> Option<(&str, &str, &str)> {
    let mut words = source.split(' ');
    let (name, sign, number) = (words.next()?.strip_prefix("self.")?, words.next()?, words.next()?);
    let plain = name.chars().all(|it| it.is_alphanumeric() || it == '_');
    let compares = matches!(sign, ">" | ">=" | "<" | "<=");
    (plain && compares && words.next().is_none() && crate::digits::Digits::read(number).is_some())
        .then_some((name, sign, number))
}

/// Whether an expression reads the record other than by its fields: `self == oldSelf`.
pub fn reads_whole(source: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    source.match_indices("self").any(|(at, word)| {
        let (before, after) = (source.get(..at).unwrap_or(""), source.get(at + word.len()..).unwrap_or(""));
        !before.ends_with(|it| is_word(it) || it == '.')
            && !after.starts_with(is_word)
            && !after.trim_start().starts_with('.')
    })
}

/// The values that conditions on one record see.
pub struct Scope<'a> {
    context: Context<'a, 'a>,
}

impl Conditions {
    pub fn new(config: HashMap<String, Value>) -> Conditions {
        let config: HashMap<Key, Value> = config.into_iter().map(|(name, value)| (Key::from(name), value)).collect();
        Conditions {
            env: Arc::new(Env::stdlib()),
            config: Value::Map(Map { map: Arc::new(config) }),
            patterns: Arc::default(),
        }
    }

    /// The value of a config option.
    pub fn option(&self, name: &str) -> Option<&Value> {
        let Value::Map(map) = &self.config else { return None };
        map.map.get(&Key::from(name.to_owned()))
    }

    /// Compiles an expression; `None` if the language at run time does not take it.
    pub fn compile(&self, source: &str) -> Option<Program> {
        self.env.compile(source).ok()
    }

    /// Binds a record, the one before it where there is one, and the time, for expressions that read no other
    /// fields than the wanted ones: binding a field takes longer than most expressions.
    pub fn bind<'a>(
        &self,
        table: &Table,
        record: &Record,
        old: Option<&Record>,
        now: i64,
        wanted: &dyn Fn(usize) -> bool,
    ) -> Scope<'a> {
        let mut context = Context::with_env(Arc::clone(&self.env));
        let patterns = Arc::clone(&self.patterns);
        // The standard library has no `matches` here: it would compile the pattern at each call.
        drop(context.add_function("matches", move |This(text): This<Arc<String>>, pattern: Arc<String>| {
            matches(&patterns, &text, &pattern)
        }));
        if matches!(&self.config, Value::Map(it) if !it.map.is_empty()) {
            context.add_variable_from_value("config", self.config.clone());
        }
        context.add_variable_from_value("self", value_of(table, record, wanted));
        if let Some(old) = old {
            context.add_variable_from_value("oldSelf", value_of(table, old, &|_| true));
        }
        let now = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default().fixed_offset();
        context.add_variable_from_value("now", Value::Timestamp(now));
        Scope { context }
    }
}

impl Scope<'_> {
    /// Whether a constraint holds. Like a `CHECK` of SQL it also holds where it cannot be decided because
    /// a field that it reads is null.
    pub fn holds(&self, condition: &Condition, record: &Record) -> bool {
        match condition.program.execute(&self.context) {
            Ok(Value::Bool(value)) => value,
            Ok(_) => false,
            Err(_) => condition.reads.iter().any(|it| record.get(*it).is_some_and(Cell::is_null)),
        }
    }

    /// Whether a guard is true: what cannot be decided is not.
    pub fn is_true(&self, condition: &Condition) -> bool {
        matches!(condition.program.execute(&self.context), Ok(Value::Bool(true)))
    }

    /// The value of an expression, as a cell of a member; `None` if it has none or does not fit.
    pub fn value(&self, program: &Program, member: &Member) -> Option<Cell> {
        let json = json_of(&program.execute(&self.context).ok()?, &member.kind)?;
        let mut found = crate::shape::Found::default();
        let value = if json.is_null() { json } else { member.accept(json, &member.name, &mut found) };
        found.problems.is_empty().then(|| member.cell(value))
    }
}

fn matches(
    patterns: &Mutex<HashMap<String, Option<Regex>>>,
    text: &str,
    pattern: &str,
) -> Result<Value, ExecutionError> {
    let mut known = patterns.lock().unwrap_or_else(PoisonError::into_inner);
    if !known.contains_key(pattern) {
        known.insert(pattern.to_owned(), Regex::new(pattern).ok());
    }
    match known.get(pattern) {
        Some(Some(regex)) => Ok(Value::Bool(regex.is_match(text))),
        _ => Err(ExecutionError::function_error("matches", "not a regular expression")),
    }
}

fn value_of(table: &Table, record: &Record, wanted: &dyn Fn(usize) -> bool) -> Value {
    let mut map = HashMap::new();
    for (_, (field, cell)) in table.fields.iter().zip(record).enumerate().filter(|it| wanted(it.0)) {
        let value = match cell {
            Cell::Null => Value::Null,
            Cell::Bool(value) => Value::Bool(*value),
            Cell::Integer(value) if field.member.kind == Kind::Number => Value::Float(*value as f64),
            Cell::Integer(value) => Value::Int(*value),
            Cell::Float(value) => Value::Float(*value),
            Cell::Decimal(value, _) => Value::Float(value.parse().unwrap_or(f64::NAN)),
            Cell::Text(value) => text_of(value, &field.member.kind),
            Cell::Json(text) => serde_json::from_str(text).map_or(Value::Null, |it| nested(&it, &field.member.kind)),
        };
        // Conditions name fields as the document declares them.
        map.insert(Key::from(field.declared.clone()), value);
    }
    Value::Map(Map { map: Arc::new(map) })
}

fn text_of(text: &str, kind: &Kind) -> Value {
    let moment = match kind {
        Kind::Date => moment_of_date(text),
        Kind::DateTime => moment(text),
        Kind::Duration => return duration(text).map_or(Value::Null, Value::Duration),
        _ => None,
    };
    moment.map_or_else(|| Value::String(Arc::new(text.to_owned())), Value::Timestamp)
}

fn nested(json: &serde_json::Value, kind: &Kind) -> Value {
    use serde_json::Value as Json;
    match (json, kind) {
        (Json::Null, _) => Value::Null,
        (Json::Bool(value), _) => Value::Bool(*value),
        (Json::Number(number), Kind::Number | Kind::Decimal(..)) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        (Json::Number(number), _) => {
            number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), Value::Int)
        }
        (Json::String(text), Kind::Decimal(..)) => Value::Float(text.parse().unwrap_or(f64::NAN)),
        (Json::String(text), kind) => text_of(text, kind),
        (Json::Array(items), Kind::List(item)) => {
            Value::List(Arc::new(items.iter().map(|it| nested(it, &item.kind)).collect()))
        }
        (Json::Array(items), _) => Value::List(Arc::new(items.iter().map(|it| nested(it, &Kind::Any)).collect())),
        (Json::Object(given), Kind::Object(members)) => {
            let each = members.iter().map(|it| {
                (Key::from(it.name.clone()), given.get(&it.name).map_or(Value::Null, |value| nested(value, &it.kind)))
            });
            Value::Map(Map { map: Arc::new(each.collect()) })
        }
        (Json::Object(given), kind) => {
            let inner = if let Kind::Map(item) = kind { &item.kind } else { &Kind::Any };
            Value::Map(Map {
                map: Arc::new(given.iter().map(|(key, it)| (Key::from(key.clone()), nested(it, inner))).collect()),
            })
        }
    }
}

/// `1h30m`, `P1DT2H`.
fn duration(text: &str) -> Option<chrono::Duration> {
    let (negative, rest) = text.strip_prefix('-').map_or((false, text), |it| (true, it));
    let iso = rest.starts_with('P');
    let lower = rest.trim_start_matches('P').to_ascii_lowercase();
    let (mut total, mut number, mut time) = (0.0_f64, String::new(), !iso);
    let mut letters = lower.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter.is_ascii_digit() || letter == '.' {
            number.push(letter);
            continue;
        }
        if letter == 't' && iso {
            time = true;
            continue;
        }
        let milli = letter == 'm' && letters.peek() == Some(&'s');
        let unit = match letter {
            _ if milli => 1.0,
            'w' if iso => 604_800_000.0,
            'd' => 86_400_000.0,
            'h' => 3_600_000.0,
            'm' if time => 60_000.0,
            's' => 1000.0,
            _ => return None,
        };
        if milli {
            letters.next();
        }
        total += number.parse::<f64>().ok()? * unit;
        number.clear();
    }
    let millis = if negative { -total } else { total };
    number.is_empty().then(|| chrono::Duration::milliseconds(millis as i64))
}

fn json_of(value: &Value, kind: &Kind) -> Option<serde_json::Value> {
    use serde_json::Value as Json;
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::Number((*value).into()),
        Value::UInt(value) => Json::Number((*value).into()),
        Value::Float(value) => Json::Number(value.to_string().parse().ok()?),
        Value::String(value) => Json::String(value.as_str().to_owned()),
        Value::Timestamp(at) => match kind {
            Kind::Date => Json::String(at.format("%Y-%m-%d").to_string()),
            Kind::Integer | Kind::Number => Json::Number(at.timestamp_millis().into()),
            _ => Json::String(crate::shape::rfc3339(at.timestamp_millis())),
        },
        Value::Duration(it) => Json::String(format!("{}s", it.num_seconds())),
        Value::List(items) => Json::Array(items.iter().map(|it| json_of(it, &Kind::Any)).collect::<Option<_>>()?),
        Value::Map(map) => {
            let member = |(key, value): (&Key, &Value)| match key {
                Key::String(key) => Some((key.as_str().to_owned(), json_of(value, &Kind::Any)?)),
                _ => None,
            };
            let mut members: Vec<(String, Json)> = map.map.iter().map(member).collect::<Option<_>>()?;
            // A map has no order of its own.
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(members.into_iter().collect())
        }
        _ => return None,
    })
}

#[test]
fn what_reads_the_whole_record() {
    for (source, expected) in [
        ("self.total >= 0", false),
        ("self == oldSelf", true),
        ("size(self) > 2 && self.a", true),
        ("oldSelf.total < self . total", false),
        ("itself.x == myself", false),
        ("self.self == 1", false),
    ] {
        assert_eq!(reads_whole(source), expected, "{source}");
    }
}

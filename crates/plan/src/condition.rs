//! CEL at run time: programs compiled once, records bound with their declared types.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use cel::common::types::{
    CelBool, CelDouble, CelDuration, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString, CelTimestamp, STRING_TYPE,
};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::objects::Key;
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
    config: Arc<CelMap<'static>>,
}

/// A condition or an expression.
#[derive(Debug)]
pub struct Condition {
    pub program: Program,
    /// Indices of the fields that it reads, in order of mention.
    pub reads: Vec<usize>,
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

/// A value as expressions see it.
type Seen<'a> = Box<dyn Val + 'a>;

/// The values that conditions on one record see, each made when it is first read.
pub struct Scope<'a> {
    conditions: &'a Conditions,
    record: Bound<'a>,
    old: Option<Bound<'a>>,
    now: CelTimestamp,
}

/// A record under the name of its table's fields.
struct Bound<'a> {
    table: &'a Table,
    record: &'a Record,
    fields: Vec<OnceLock<Seen<'a>>>,
    whole: OnceLock<Seen<'a>>,
}

impl Conditions {
    pub fn new(config: HashMap<String, Value>) -> Conditions {
        let mut env = Env::stdlib();
        // The standard library has no `matches` here, so neither fails: it would compile the pattern at each call.
        drop(env.add_overload("matches", "matches", vec![STRING_TYPE, STRING_TYPE], matches));
        drop(env.add_member_overload("matches", "string_matches", STRING_TYPE, vec![STRING_TYPE], matches));
        let each = config.into_iter().map(|(name, value)| Some((CelMapKey::from(name), Seen::try_from(value).ok()?)));
        let config: HashMap<CelMapKey<'static>, Seen<'static>> = each.flatten().collect();
        Conditions { env: Arc::new(env), config: Arc::new(CelMap::from(config)) }
    }

    /// The value of a config option.
    pub fn option(&self, name: &str) -> Option<Value> {
        self.config.get(&CelMapKey::from(name)).and_then(|it| Value::try_from(it.as_ref()).ok())
    }

    /// Compiles an expression; `None` if the language at run time does not take it.
    pub fn compile(&self, source: &str) -> Option<Program> {
        self.env.compile(source).ok()
    }

    /// What expressions see of a record, the one before it where there is one, and the time.
    pub fn scope<'a>(&'a self, table: &'a Table, record: &'a Record, old: Option<&'a Record>, now: i64) -> Scope<'a> {
        let now = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default().fixed_offset();
        let bound = |record| Bound {
            table,
            record,
            fields: table.fields.iter().map(|_| OnceLock::new()).collect(),
            whole: OnceLock::new(),
        };
        Scope { conditions: self, record: bound(record), old: old.map(bound), now: CelTimestamp::from(now) }
    }
}

impl Scope<'_> {
    fn run(&self, program: &Program) -> Result<Value, ExecutionError> {
        let mut context = Context::with_env(Arc::clone(&self.conditions.env));
        context.set_variable_resolver(self);
        program.execute(&context)
    }

    /// Whether a constraint holds. Like a `CHECK` of SQL it also holds where it cannot be decided because
    /// a field that it reads is null.
    pub fn holds(&self, condition: &Condition, record: &Record) -> bool {
        match self.run(&condition.program) {
            Ok(Value::Bool(value)) => value,
            Ok(_) => false,
            Err(_) => condition.reads.iter().any(|it| record.get(*it).is_some_and(Cell::is_null)),
        }
    }

    /// Whether a guard is true: what cannot be decided is not.
    pub fn is_true(&self, condition: &Condition) -> bool {
        matches!(self.run(&condition.program), Ok(Value::Bool(true)))
    }

    /// The value of an expression, as a cell of a member; `None` if it has none or does not fit.
    pub fn value(&self, program: &Program, member: &Member) -> Option<Cell> {
        let json = json_of(&self.run(program).ok()?, &member.kind)?;
        let mut found = crate::shape::Found::default();
        let value = if json.is_null() { json } else { member.accept(json, &member.name, &mut found) };
        found.problems.is_empty().then(|| member.cell(value))
    }
}

impl VariableResolver for Scope<'_> {
    /// CEL asks for `self.items` before it asks for `self`: a field is made without the others.
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        let (name, field) = variable.split_once('.').map_or((variable, None), |(name, field)| (name, Some(field)));
        let bound = match name {
            "self" => &self.record,
            "oldSelf" => self.old.as_ref()?,
            "now" if field.is_none() => return Some(CowVal::Borrowed(&self.now)),
            "config" if field.is_none() => return Some(CowVal::Borrowed(&*self.conditions.config)),
            _ => return None,
        };
        Some(CowVal::Borrowed(match field {
            Some(field) => bound.field(field)?,
            None => bound.whole(),
        }))
    }
}

impl<'a> Bound<'a> {
    fn field<'b>(&'b self, name: &str) -> Option<&'b (dyn Val + 'b)> {
        // Conditions name fields as the document declares them.
        let at = self.table.fields.iter().position(|it| it.declared == name)?;
        let value = self.fields.get(at)?.get_or_init(|| self.value(at));
        Some(value.as_ref())
    }

    fn whole<'b>(&'b self) -> &'b (dyn Val + 'b) {
        let each = || {
            let fields = self.table.fields.iter().enumerate();
            fields.map(|(at, field)| (CelMapKey::from(field.declared.as_str()), self.value(at))).collect()
        };
        self.whole.get_or_init(|| map(each())).as_ref()
    }

    fn value(&self, at: usize) -> Seen<'a> {
        let (Some(field), Some(cell)) = (self.table.field(at), self.record.get(at)) else { return Box::new(CelNull) };
        match cell {
            Cell::Null => Box::new(CelNull),
            Cell::Bool(value) => Box::new(CelBool::from(*value)),
            Cell::Integer(value) if field.member.kind == Kind::Number => Box::new(CelDouble::from(*value as f64)),
            Cell::Integer(value) => Box::new(CelInt::from(*value)),
            Cell::Float(value) => Box::new(CelDouble::from(*value)),
            Cell::Decimal(value, _) => Box::new(CelDouble::from(value.parse().unwrap_or(f64::NAN))),
            Cell::Text(value) => {
                special(value, &field.member.kind).unwrap_or_else(|| Box::new(CelString::from(value.as_str())))
            }
            Cell::Json(text) => {
                serde_json::from_str(text).map_or_else(|_| Box::new(CelNull) as _, |it| nested(it, &field.member.kind))
            }
        }
    }
}

thread_local! {
    /// Patterns that were met, compiled; `None` is what is no pattern.
    static PATTERNS: RefCell<HashMap<String, Option<Regex>>> = RefCell::default();
}

/// Patterns are in the document, so these are few; a record can bring others.
const PATTERNS_KEPT: usize = 256;

fn matches<'b, 'v>(given: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = |at: usize| given.get(at).and_then(|it| it.downcast_ref::<CelString<'_>>()).map(CelString::inner);
    let (Some(text), Some(pattern)) = (text(0), text(1)) else {
        return Err(ExecutionError::function_error("matches", "takes a text and a pattern"));
    };
    let found = PATTERNS.with_borrow_mut(|known| {
        if !known.contains_key(pattern) {
            if known.len() >= PATTERNS_KEPT {
                known.clear();
            }
            known.insert(pattern.to_owned(), Regex::new(pattern).ok());
        }
        known.get(pattern).and_then(Option::as_ref).map(|it| it.is_match(text))
    });
    found
        .map(|it| CowVal::owned(CelBool::from(it)))
        .ok_or_else(|| ExecutionError::function_error("matches", "not a regular expression"))
}

fn map<'a>(members: HashMap<CelMapKey<'a>, Seen<'a>>) -> Seen<'a> {
    Box::new(CelMap::from(members))
}

/// A text that stands for something else.
fn special<'a>(text: &str, kind: &Kind) -> Option<Seen<'a>> {
    let moment = match kind {
        Kind::Date => moment_of_date(text),
        Kind::DateTime => moment(text),
        Kind::Duration => {
            return Some(match duration(text) {
                Some(it) => Box::new(CelDuration::from(it)),
                None => Box::new(CelNull),
            });
        }
        Kind::Decimal(..) => return Some(Box::new(CelDouble::from(text.parse().unwrap_or(f64::NAN)))),
        _ => None,
    };
    moment.map(|it| Box::new(CelTimestamp::from(it)) as _)
}

fn nested<'a>(json: serde_json::Value, kind: &'a Kind) -> Seen<'a> {
    use serde_json::Value as Json;
    match (json, kind) {
        (Json::Null, _) => Box::new(CelNull),
        (Json::Bool(value), _) => Box::new(CelBool::from(value)),
        (Json::Number(number), kind) => match number.as_i64() {
            Some(value) if !matches!(kind, Kind::Number | Kind::Decimal(..)) => Box::new(CelInt::from(value)),
            _ => Box::new(CelDouble::from(number.as_f64().unwrap_or(f64::NAN))),
        },
        (Json::String(text), kind) => special(&text, kind).unwrap_or_else(|| Box::new(CelString::from(text))),
        (Json::Array(items), kind) => {
            let inner = if let Kind::List(item) = kind { &item.kind } else { &Kind::Any };
            Box::new(CelList::from(items.into_iter().map(|it| nested(it, inner)).collect::<Vec<_>>()))
        }
        (Json::Object(mut given), Kind::Object(members)) => map(members
            .iter()
            .map(|it| {
                let value = given.remove(&it.name).unwrap_or_default();
                (CelMapKey::from(it.name.as_str()), nested(value, &it.kind))
            })
            .collect()),
        (Json::Object(given), kind) => {
            let inner = if let Kind::Map(item) = kind { &item.kind } else { &Kind::Any };
            map(given.into_iter().map(|(key, it)| (CelMapKey::from(key), nested(it, inner))).collect())
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

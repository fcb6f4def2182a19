//! Conditions over examples: whether a checked expression holds for the values that a document shows.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use cel::objects::{Key, Map};
use cel::{Context, Program, Value};
use syntax::json::{Json, Property};
use syntax::types::Type;

use crate::cel::Checked;
use crate::names::key;
use crate::spec::{Entity, Field};

/// A condition that can be evaluated on examples.
pub struct Condition<'a> {
    program: Rc<Program>,
    /// The fields of `self` that it reads.
    reads: &'a [String],
}

/// Compiled conditions that a thread keeps: documents of one team share theirs.
const KEPT: usize = 256;

impl<'a> Condition<'a> {
    /// Compiles a checked expression; `None` if it reads what an example does not show: the
    /// configuration, the clock, the caller.
    pub fn compile(checked: &'a Checked) -> Option<Condition<'a>> {
        let source = &checked.source;
        if source.contains("config.") || source.contains("now") || source.contains("principal") {
            return None;
        }
        thread_local! {
            static PROGRAMS: RefCell<HashMap<String, Rc<Program>>> = RefCell::default();
        }
        let program = PROGRAMS.with_borrow_mut(|programs| {
            if let Some(program) = programs.get(source) {
                return Some(Rc::clone(program));
            }
            let program = Rc::new(Program::compile(source).ok()?);
            if programs.len() < KEPT {
                programs.insert(source.clone(), Rc::clone(&program));
            }
            Some(program)
        })?;
        Some(Condition { program, reads: &checked.reads })
    }

    /// Whether it holds for a record as `self`; `None` if it cannot be evaluated. `record_of` finds a
    /// record type by its name.
    pub fn holds<'e>(
        &self,
        entity: &'e Entity,
        record: &[Property],
        record_of: &dyn Fn(&str) -> Option<&'e Entity>,
    ) -> Option<bool> {
        let read: Vec<String> = self.reads.iter().map(|it| key(it)).collect();
        let fields = entity.fields.iter().filter(|it| read.contains(&it.key));
        let own = object(fields, record, record_of, 0);
        with_context(|context| {
            let mut context = context.new_inner_scope();
            context.add_variable_from_value("self", own);
            match self.program.execute(&context).ok()? {
                Value::Bool(holds) => Some(holds),
                _ => None,
            }
        })
    }
}

/// Making the standard functions costs more than evaluating most conditions.
fn with_context<T>(work: impl FnOnce(&Context<'_, '_>) -> T) -> T {
    thread_local! {
        static CONTEXT: Context<'static, 'static> = Context::default();
    }
    CONTEXT.with(|it| work(it))
}

/// Record types may refer to each other in a circle.
const MAX_DEPTH: usize = 8;

fn object<'e>(
    fields: impl Iterator<Item = &'e Field>,
    record: &[Property],
    record_of: &dyn Fn(&str) -> Option<&'e Entity>,
    depth: usize,
) -> Value {
    let mut map: HashMap<Key, Value> = HashMap::new();
    let keys: Vec<String> = record.iter().map(|it| key(&it.key.value)).collect();
    for field in fields {
        let property = keys.iter().zip(record).find(|it| *it.0 == field.key).map(|it| it.1);
        let ty = field.ty.as_ref().map(|it| &it.value);
        let value = property.map_or(Value::Null, |it| value(ty, &it.value.value, record_of, depth + 1));
        map.insert(Key::String(Arc::new(field.name.value.clone())), value);
    }
    Value::Map(Map { map: Arc::new(map) })
}

fn value<'e>(ty: Option<&Type>, json: &Json, record_of: &dyn Fn(&str) -> Option<&'e Entity>, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    let ty = ty.map(Type::bare);
    match json {
        Json::Null | Json::Hole(_) => Value::Null,
        Json::Bool(it) => Value::Bool(*it),
        Json::Number(text) => match ty {
            Some(Type::Integer) => text.parse().map_or(Value::Null, Value::Int),
            _ => text.parse().map_or(Value::Null, Value::Float),
        },
        Json::String(text) => match ty {
            Some(Type::DateTime) => timestamp(text),
            Some(Type::Date) => timestamp(&format!("{text}T00:00:00Z")),
            _ => Value::String(Arc::new(text.clone())),
        },
        Json::Array(items) => {
            let item = match ty {
                Some(Type::Array(item)) => Some(&**item),
                _ => None,
            };
            Value::List(Arc::new(items.iter().map(|it| value(item, &it.value, record_of, depth + 1)).collect()))
        }
        Json::Object(properties) => {
            if let Some(Type::Named(name)) = ty
                && let Some(entity) = record_of(&name.value)
            {
                return object(entity.fields.iter(), properties, record_of, depth);
            }
            let member = |name: &str| match ty {
                Some(Type::Object(members)) => {
                    members.iter().find(|it| key(&it.name.value) == key(name)).map(|it| &it.ty.value)
                }
                Some(Type::Map(item)) => Some(&**item),
                _ => None,
            };
            let map = properties.iter().map(|it| {
                let name = &it.key.value;
                (Key::String(Arc::new(name.clone())), value(member(name), &it.value.value, record_of, depth + 1))
            });
            Value::Map(Map { map: Arc::new(map.collect()) })
        }
    }
}

fn timestamp(text: &str) -> Value {
    thread_local! {
        static PARSE: Option<Program> = Program::compile("timestamp(text)").ok();
    }
    // The library's own function parses, so that no second date type is needed here.
    with_context(|context| {
        let mut context = context.new_inner_scope();
        context.add_variable_from_value("text", Value::String(Arc::new(text.to_owned())));
        PARSE.with(|it| it.as_ref()?.execute(&context).ok()).unwrap_or(Value::Null)
    })
}

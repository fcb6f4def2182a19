//! What conditions ask of one value, in the terms of JSON Schema. What compares values with each other is
//! left to the condition alone.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};
use cel::{IdedExpr, Value};
use serde_json::json;

use crate::condition::Conditions;
use crate::shape::set;

/// A keyword of JSON Schema at one place of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Restriction {
    /// The field of the record, as declared.
    pub field: String,
    /// Where in its value.
    steps: Vec<Step>,
    keyword: &'static str,
    value: serde_json::Value,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Member(String),
    Each,
}

/// The restrictions that an expression contains.
pub(super) fn of(expression: &IdedExpr, conditions: &Conditions) -> Vec<Restriction> {
    let mut reader = Reader { conditions, names: vec![("self".to_owned(), Vec::new())], found: Vec::new() };
    reader.read(&expression.expr);
    reader.found
}

impl Restriction {
    /// Adds the keyword to the schema of the field.
    pub fn apply(&self, schema: &mut serde_json::Value) {
        let mut at = schema;
        for step in &self.steps {
            let inner = match step {
                Step::Each => at.get_mut("items"),
                Step::Member(name) => at.get_mut("properties").and_then(|it| it.get_mut(name)),
            };
            let Some(inner) = inner else { return };
            at = inner;
        }
        let length = self.keyword.strip_suffix("Length");
        let items = at.get("type").is_some_and(|it| it == "array" || it == &json!(["array", "null"]));
        let keyword = match length {
            Some(end) if items => format!("{end}Items"),
            _ => self.keyword.to_owned(),
        };
        let own = at.get(&keyword).and_then(serde_json::Value::as_f64).zip(self.value.as_f64());
        let low = keyword.starts_with("min") || keyword.starts_with("exclusiveMin");
        if own.is_none_or(|(own, new)| if low { new > own } else { new < own }) {
            set(at, &keyword, self.value.clone());
        }
    }
}

struct Reader<'a> {
    conditions: &'a Conditions,
    /// Names in scope, and the places that they stand for.
    names: Vec<(String, Vec<Step>)>,
    found: Vec<Restriction>,
}

impl Reader<'_> {
    fn read(&mut self, expression: &Expr) {
        match expression {
            Expr::Call(call) if call.func_name == operators::LOGICAL_AND => {
                for part in &call.args {
                    self.read(&part.expr);
                }
            }
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(all) => self.all(all),
            _ => {}
        }
    }

    fn call(&mut self, call: &CallExpr) {
        if call.func_name == "matches"
            && let (Some(target), [Expr::Literal(LiteralValue::String(pattern))]) =
                (&call.target, call.args.iter().map(|it| it.expr.clone()).collect::<Vec<_>>().as_slice())
            && let Some(place) = self.place(&target.expr)
        {
            return self.say(place, "pattern", json!(pattern.inner()));
        }
        let [left, right] = call.args.as_slice() else { return };
        if call.func_name == operators::IN
            && let (Some(place), Expr::List(list)) = (self.place(&left.expr), &right.expr)
        {
            let values: Option<Vec<_>> = list.elements.iter().map(|it| self.constant(&it.expr)).collect();
            if let Some(values) = values {
                self.say(place, "enum", json!(values));
            }
            return;
        }
        if let Some(value) = self.constant(&right.expr) {
            self.compare(&left.expr, &call.func_name, value);
        } else if let Some(value) = self.constant(&left.expr) {
            let mirrored = match call.func_name.as_str() {
                operators::LESS => operators::GREATER,
                operators::LESS_EQUALS => operators::GREATER_EQUALS,
                operators::GREATER => operators::LESS,
                operators::GREATER_EQUALS => operators::LESS_EQUALS,
                same => same,
            };
            self.compare(&right.expr, mirrored, value);
        }
    }

    fn compare(&mut self, expression: &Expr, sign: &str, value: serde_json::Value) {
        if let Some(place) = self.size(expression) {
            let whole = value.as_f64().filter(|it| it.fract() == 0.0).map(|it| it as i64);
            let Some(value) = value.as_i64().or(whole) else { return };
            let (least, most) = match sign {
                operators::GREATER => (Some(value + 1), None),
                operators::GREATER_EQUALS => (Some(value), None),
                operators::LESS => (None, Some(value - 1)),
                operators::LESS_EQUALS => (None, Some(value)),
                operators::EQUALS => (Some(value), Some(value)),
                _ => (None, None),
            };
            if let Some(least) = least {
                self.say(place.clone(), "minLength", json!(least.max(0)));
            }
            if let Some(most) = most {
                self.say(place, "maxLength", json!(most.max(0)));
            }
            return;
        }
        let Some(place) = self.place(expression) else { return };
        let keyword = match sign {
            operators::EQUALS => "const",
            operators::GREATER if value.is_number() => "exclusiveMinimum",
            operators::GREATER_EQUALS if value.is_number() => "minimum",
            operators::LESS if value.is_number() => "exclusiveMaximum",
            operators::LESS_EQUALS if value.is_number() => "maximum",
            _ => return,
        };
        self.say(place, keyword, value);
    }

    /// `list.all(it, …)`: what is asked of each item.
    fn all(&mut self, all: &ComprehensionExpr) {
        let begins_true = matches!(&all.accu_init.expr, Expr::Literal(LiteralValue::Boolean(it)) if *it.inner());
        let Expr::Call(step) = &all.loop_step.expr else { return };
        let [_, asked] = step.args.as_slice() else { return };
        if !begins_true || step.func_name != operators::LOGICAL_AND || all.iter_var2.is_some() {
            return;
        }
        let Some(mut place) = self.place(&all.iter_range.expr) else { return };
        place.push(Step::Each);
        self.names.push((all.iter_var.clone(), place));
        self.read(&asked.expr);
        self.names.pop();
    }

    fn say(&mut self, mut place: Vec<Step>, keyword: &'static str, value: serde_json::Value) {
        if place.is_empty() {
            return;
        }
        if let Step::Member(field) = place.remove(0) {
            self.found.push(Restriction { field, steps: place, keyword, value });
        }
    }

    fn place(&self, expression: &Expr) -> Option<Vec<Step>> {
        match expression {
            Expr::Ident(name) => self.names.iter().rev().find(|it| it.0 == *name).map(|it| it.1.clone()),
            Expr::Select(select) if !select.test => {
                let mut place = self.place(&select.operand.expr)?;
                place.push(Step::Member(select.field.clone()));
                Some(place)
            }
            // Numbers of two types are compared as one.
            Expr::Call(call) if call.func_name == "double" => self.place(&call.args.first()?.expr),
            _ => None,
        }
    }

    /// The place whose size an expression is.
    fn size(&self, expression: &Expr) -> Option<Vec<Step>> {
        let Expr::Call(call) = expression else { return None };
        let inner = match (&call.target, call.args.as_slice()) {
            (Some(target), []) => target.as_ref(),
            (None, [only]) => only,
            _ => return None,
        };
        match call.func_name.as_str() {
            "size" => self.place(&inner.expr),
            "double" => self.size(&inner.expr),
            _ => None,
        }
    }

    fn constant(&self, expression: &Expr) -> Option<serde_json::Value> {
        match expression {
            Expr::Literal(LiteralValue::Int(it)) => Some(json!(*it.inner())),
            Expr::Literal(LiteralValue::UInt(it)) => Some(json!(*it.inner())),
            Expr::Literal(LiteralValue::Double(it)) => Some(json!(*it.inner())),
            Expr::Literal(LiteralValue::String(it)) => Some(json!(it.inner())),
            Expr::Literal(LiteralValue::Boolean(it)) => Some(json!(*it.inner())),
            Expr::Call(call) if call.func_name == "double" => self.constant(&call.args.first()?.expr),
            Expr::Select(select) if select.operand.expr == Expr::Ident("config".to_owned()) => {
                match self.conditions.option(&select.field)? {
                    Value::Int(it) => Some(json!(it)),
                    Value::Float(it) => Some(json!(it)),
                    Value::String(it) => Some(json!(it.as_str())),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

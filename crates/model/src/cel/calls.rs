//! Functions and methods: the standard ones, with their signatures.

use cel::common::ast::{CallExpr, operators};
use source::nearest;

use super::infer::{Node, Walk, string_value};
use super::ty::Ty;

const PARTS: [&str; 10] = [
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfWeek",
    "getDayOfYear",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
];
const FUNCTIONS: [&str; 12] =
    ["size", "matches", "has", "int", "double", "string", "bool", "bytes", "timestamp", "duration", "type", "dyn"];
const METHODS: [&str; 11] = [
    "size",
    "matches",
    "contains",
    "startsWith",
    "endsWith",
    "all",
    "exists",
    "exists_one",
    "map",
    "filter",
    "existsOne",
];

pub(super) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

pub(super) fn is_type_name(name: &str) -> bool {
    matches!(name, "int" | "uint" | "double" | "bool" | "string" | "bytes" | "list" | "map" | "null_type" | "type")
}

impl<'a> Walk<'a> {
    pub(super) fn function(&mut self, id: u64, call: &CallExpr) -> Node<'a> {
        let open = self.token(id);
        let on = call.target.as_deref().map(|it| self.infer(it));
        let args: Vec<Node<'a>> = call.args.iter().map(|it| self.infer(it)).collect();
        let word = open.saturating_sub(1);
        let first = on.as_ref().map_or(word, |it| self.outer(it).first);
        let place = Node { ty: Ty::Dyn, first: word, last: word };
        let name = call.func_name.as_str();
        if name == operators::NOT_STRICTLY_FALSE {
            return Node { ty: Ty::Bool, ..place };
        }
        let all: Vec<&Node<'a>> = on.iter().chain(&args).collect();
        let ty = match (name, on.is_some(), all.as_slice()) {
            ("size", _, [it]) => {
                let sized = matches!(it.ty, Ty::List(_) | Ty::Map(_) | Ty::Record(_) | Ty::Bytes);
                if !sized && !it.ty.is_text() {
                    self.expected(it, "text, a list or a map");
                }
                Ty::Int
            }
            ("matches", _, [it, pattern]) => {
                self.texts(&[it, pattern]);
                if let Some(expr) = call.args.last()
                    && let Some(value) = string_value(expr)
                    && regex::Regex::new(&value).is_err()
                {
                    let message = format!("`{value}` is not a regular expression");
                    self.problem(pattern, message, None);
                }
                Ty::Bool
            }
            ("contains" | "startsWith" | "endsWith", true, [it, part]) => {
                if name == "contains" && matches!(it.ty, Ty::List(_)) {
                    let help = format!("write `{} in {}`", self.bare(part), self.bare(it));
                    let message = format!("{} is a list, not text", self.quote(it));
                    self.problem(it, message, Some(help));
                } else {
                    self.texts(&[it, part]);
                }
                Ty::Bool
            }
            ("int", false, [it]) => {
                if !it.ty.is_number() && !it.ty.is_text() && it.ty != Ty::Timestamp {
                    self.expected(it, "a number, text or a point in time");
                }
                Ty::Int
            }
            ("double", false, [it]) => {
                if !it.ty.is_number() && !it.ty.is_text() {
                    self.expected(it, "a number or text");
                }
                Ty::Double
            }
            ("string", false, [_]) => Ty::String,
            ("bool", false, [_]) => Ty::Bool,
            ("bytes", false, [_]) => Ty::Bytes,
            ("type" | "dyn", false, [_]) => Ty::Dyn,
            ("timestamp", false, [it]) => {
                if it.ty != Ty::Timestamp && it.ty != Ty::Int {
                    self.texts(&[it]);
                }
                self.literal_moment(call, it, super::moment::timestamp, "a date and time");
                Ty::Timestamp
            }
            ("duration", false, [it]) => {
                if it.ty != Ty::Duration {
                    self.texts(&[it]);
                }
                let keep = |value: &str| super::moment::is_duration(value).then(|| value.to_owned());
                self.literal_moment(call, it, keep, "a length of time");
                Ty::Duration
            }
            (part, true, [it, zone @ ..]) if PARTS.contains(&part) && zone.len() < 2 => {
                let clock = matches!(part, "getHours" | "getMinutes" | "getSeconds" | "getMilliseconds");
                let fits = matches!(it.ty, Ty::Timestamp | Ty::Dyn) || clock && it.ty == Ty::Duration;
                if !fits {
                    self.expected(it, "a point in time");
                }
                self.texts(zone);
                Ty::Int
            }
            _ => {
                self.unknown(&place, name, on.is_some());
                Ty::Dyn
            }
        };
        Node { ty, first, last: self.closing(open) }
    }

    /// Checks a literal argument of `timestamp` or `duration`, and writes it out in full.
    fn literal_moment(&mut self, call: &CallExpr, place: &Node<'a>, read: impl Fn(&str) -> Option<String>, what: &str) {
        let Some(value) = call.args.last().and_then(string_value) else {
            return;
        };
        match read(&value) {
            Some(full) if full == value => {}
            Some(full) => {
                let range = self.tokens.bytes(place.first, place.last);
                self.edits.replace(range, format!("\"{full}\""));
            }
            None => self.problem(place, format!("`{value}` is not {what}"), None),
        }
    }

    fn texts(&mut self, nodes: &[&Node<'a>]) {
        for node in nodes {
            if !node.ty.is_text() {
                self.expected(node, "text");
            }
        }
    }

    fn bare(&self, node: &Node<'a>) -> String {
        self.quote(node).trim_matches('`').to_owned()
    }

    fn unknown(&mut self, place: &Node<'a>, name: &str, method: bool) {
        let known: Vec<&str> = if method { METHODS.into_iter().chain(PARTS).collect() } else { FUNCTIONS.to_vec() };
        let (message, help) = if known.contains(&name) {
            (format!("`{name}` takes other arguments"), None)
        } else if !method && METHODS.contains(&name) {
            (format!("`{name}` is called on a value"), Some(format!("write `value.{name}(…)`")))
        } else if method && FUNCTIONS.contains(&name) {
            (format!("`{name}` is not called on a value"), Some(format!("write `{name}(value)`")))
        } else {
            let help = nearest(name, known).map(|it| format!("did you mean `{it}`?"));
            (format!("there is no function `{name}`"), help)
        };
        self.problem(place, message, help);
    }
}

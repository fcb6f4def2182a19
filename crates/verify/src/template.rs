//! The shape of an answer, as the plan draws it, and an answer held to it.

use plan::{Details, Page, Part, Refusal, Slot};
use serde_json::Value;

/// A body with places for what varies.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    root: Node,
    /// Whether its symbolic codes are the document's.
    coded: bool,
}

#[derive(Debug, Clone)]
enum Node {
    Hole(Hole),
    Object(Vec<(String, Node)>),
    Array,
    Leaf(Value),
}

/// What stands in a place that varies.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Hole {
    Record,
    Records,
    Field(usize),
    Page(Page),
    Message,
    Details(Details),
    /// A text that nobody can foresee.
    Text,
}

/// How a body differs from what is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mismatch {
    /// `$.data.id`.
    pub(crate) at: String,
    /// `is missing`, `is a number, and the document shows a text`.
    pub(crate) what: String,
}

/// What a body holds in the places that vary.
#[derive(Debug, Default)]
pub(crate) struct Bound<'a> {
    pub(crate) holes: Vec<(Hole, &'a Value)>,
    pub(crate) wrong: Vec<Mismatch>,
}

impl Bound<'_> {
    pub(crate) fn of(&self, wanted: &Hole) -> Option<&Value> {
        self.holes.iter().find(|it| it.0 == *wanted).map(|it| it.1)
    }
}

const MARK: char = '\u{1}';

struct Drawing {
    text: Vec<u8>,
    holes: Vec<Hole>,
}

impl Drawing {
    fn hole(&mut self, hole: Hole) {
        self.text.extend_from_slice(format!("\"\\u0001{}\"", self.holes.len()).as_bytes());
        self.holes.push(hole);
    }

    fn finish(self) -> Option<Template> {
        let value = serde_json::from_slice(&self.text).ok()?;
        Some(Template { root: node(value, &self.holes), coded: true })
    }
}

fn node(value: Value, holes: &[Hole]) -> Node {
    match value {
        Value::String(text) => match text.strip_prefix(MARK).and_then(|it| it.parse::<usize>().ok()) {
            Some(index) => holes.get(index).cloned().map_or(Node::Leaf(Value::Null), Node::Hole),
            None => Node::Leaf(Value::String(text)),
        },
        Value::Object(members) => {
            Node::Object(members.into_iter().map(|(name, value)| (name, node(value, holes))).collect())
        }
        Value::Array(_) => Node::Array,
        other => Node::Leaf(other),
    }
}

/// The body of a success; `None` if there is none.
pub(crate) fn success(parts: &[Part]) -> Option<Template> {
    let mut drawing = Drawing { text: Vec::new(), holes: Vec::new() };
    for part in parts {
        match part {
            Part::Raw(bytes) => drawing.text.extend_from_slice(bytes),
            Part::Record => drawing.hole(Hole::Record),
            Part::Records => drawing.hole(Hole::Records),
            Part::Field(index) => drawing.hole(Hole::Field(*index)),
            Part::Page(page) => drawing.hole(Hole::Page(*page)),
        }
    }
    drawing.finish()
}

/// The body of a refusal that the document shapes.
pub(crate) fn refusal(how: &Refusal) -> Option<Template> {
    if how.problem {
        return None;
    }
    let mut drawing = Drawing { text: Vec::new(), holes: Vec::new() };
    for slot in &how.body {
        match slot {
            Slot::Raw(bytes) => drawing.text.extend_from_slice(bytes),
            Slot::Message => drawing.hole(Hole::Message),
            Slot::Details(details) => drawing.hole(Hole::Details(details.clone())),
            Slot::Time | Slot::Path | Slot::RequestId => drawing.hole(Hole::Text),
        }
    }
    drawing.finish().map(|it| Template { coded: how.code.is_some(), ..it })
}

impl Template {
    /// Holds a body to it.
    pub(crate) fn hold<'a>(&self, body: &'a Value) -> Bound<'a> {
        let mut bound = Bound::default();
        hold(self.coded, &self.root, body, "$", &mut bound);
        bound
    }
}

fn hold<'a>(coded: bool, node: &Node, value: &'a Value, at: &str, bound: &mut Bound<'a>) {
    match node {
        Node::Hole(hole) => {
            let fits = match hole {
                Hole::Record => value.is_object(),
                Hole::Records => value.is_array(),
                Hole::Message => value.is_string(),
                Hole::Details(Details::ByField) => value.is_object() || value.is_null(),
                Hole::Details(_) => value.is_array() || value.is_null(),
                Hole::Page(Page::More) => value.is_boolean(),
                Hole::Page(Page::Next) => value.is_string() || value.is_null() || value.is_number(),
                Hole::Page(_) => value.is_number(),
                Hole::Field(_) | Hole::Text => true,
            };
            if fits {
                bound.holes.push((hole.clone(), value));
            } else {
                let wanted = match hole {
                    Hole::Record => "an object",
                    Hole::Records | Hole::Details(_) => "a list",
                    Hole::Message => "a text",
                    Hole::Page(Page::More) => "true or false",
                    _ => "a number",
                };
                bound.wrong.push(Mismatch {
                    at: at.to_owned(),
                    what: format!("is {}, and the document shows {wanted}", kind(value)),
                });
            }
        }
        Node::Object(members) => {
            let Value::Object(given) = value else {
                let what = format!("is {}, and the document shows an object", kind(value));
                bound.wrong.push(Mismatch { at: at.to_owned(), what });
                return;
            };
            for (name, inner) in members {
                let at = format!("{at}.{name}");
                match given.get(name) {
                    Some(value) => hold(coded, inner, value, &at, bound),
                    None => bound.wrong.push(Mismatch { at, what: "is missing".to_owned() }),
                }
            }
        }
        Node::Array if !value.is_array() => {
            let what = format!("is {}, and the document shows a list", kind(value));
            bound.wrong.push(Mismatch { at: at.to_owned(), what });
        }
        Node::Array | Node::Leaf(Value::Null) => {}
        Node::Leaf(own) => {
            if std::mem::discriminant(own) != std::mem::discriminant(value) {
                let what = format!("is {}, and the document shows {}", kind(value), kind(own));
                bound.wrong.push(Mismatch { at: at.to_owned(), what });
            } else if is_constant(at, own, coded) && own != value {
                bound
                    .wrong
                    .push(Mismatch { at: at.to_owned(), what: format!("is {value}, and the document shows {own}") });
            }
        }
    }
}

/// Whether a value is the same in each answer: what says how it went, and a symbolic code.
fn is_constant(at: &str, own: &Value, coded: bool) -> bool {
    let name = model::names::key(at.rsplit('.').next().unwrap_or(at));
    match own {
        Value::Bool(_) => matches!(name.as_str(), "success" | "ok"),
        Value::String(text) => {
            matches!(name.as_str(), "status" | "result" | "outcome") && text.len() < 20
                || coded && matches!(name.as_str(), "code" | "errorcode" | "type" | "kind" | "error") && is_symbol(text)
        }
        Value::Number(number) => {
            matches!(name.as_str(), "status" | "code" | "statuscode")
                && number.as_u64().is_some_and(|it| (100..600).contains(&it))
        }
        _ => false,
    }
}

fn is_symbol(text: &str) -> bool {
    text.len() > 2 && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.' | ':' | '/'))
}

/// A value's kind, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

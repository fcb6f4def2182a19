//! JSON as specifications write it: with comments, `...`, trailing commas, placeholders, several
//! bodies in one fence and HTTP heads before them. Every value keeps its span.

mod body;
mod head;
mod scan;
#[cfg(test)]
mod tests;

use source::{Span, Spanned, Text};

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A number, as written.
    Number(String),
    /// A string, unescaped.
    String(String),
    /// A list.
    Array(Vec<Spanned<Json>>),
    /// An object, in order, duplicates kept.
    Object(Vec<Property>),
    /// `...`, `<uuid>`, `{ … }`: a hole that a reader is meant to fill.
    Hole(String),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Property {
    /// The key.
    pub key: Spanned<String>,
    /// The value.
    pub value: Spanned<Json>,
}

/// One body of a fence.
#[derive(Debug, Clone, PartialEq)]
pub struct Body {
    /// The comment line above it (`404 Not Found - Member`), where there is one.
    pub title: Option<Spanned<String>>,
    /// The status of an HTTP head (`HTTP/1.1 201 Created`) or of the title.
    pub status: Option<Spanned<u16>>,
    /// The request line of an HTTP head (`POST /orders`), as written.
    pub request: Option<Spanned<String>>,
    /// The value; `None` if there is only a head.
    pub value: Option<Spanned<Json>>,
    /// Whether the object or list was cut short with `...`, so that members may be missing.
    pub elided: bool,
}

/// What is not even lenient JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The smallest place that is wrong.
    pub span: Span,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

impl Json {
    /// The value of the first property of this name, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Spanned<Json>> {
        self.properties().iter().find(|it| it.key.value == key).map(|it| &it.value)
    }

    /// The characters of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The properties of an object; none for anything else.
    pub fn properties(&self) -> &[Property] {
        match self {
            Json::Object(properties) => properties,
            _ => &[],
        }
    }

    /// The elements of a list; none for anything else.
    pub fn elements(&self) -> &[Spanned<Json>] {
        match self {
            Json::Array(elements) => elements,
            _ => &[],
        }
    }

    /// How a message names it.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
            Json::Hole(_) => "a placeholder",
        }
    }
}

/// Reads a fence. Bodies before and after a problem are kept; the value of a body that holds one is
/// `None`. Text that holds no value and no head gives nothing.
pub fn read(text: &Text) -> (Vec<Body>, Vec<Problem>) {
    head::read(text)
}

/// Whether words above a body show it as what is wrong: `Invalid:`, `❌ do not send`.
pub fn is_counterexample(words: &str) -> bool {
    let words = words.trim_start_matches(['*', '_', '#', '/', '-', ' ']);
    if words.starts_with(['❌', '✗', '✘', '✖', '🚫', '⛔']) {
        return true;
    }
    let lower = words.chars().take(MAX_WORD).collect::<String>().to_lowercase();
    let first = lower.split(|it: char| !it.is_alphabetic() && it != '\'').next().unwrap_or("");
    let english =
        matches!(first, "wrong" | "bad" | "invalid" | "incorrect" | "broken" | "malformed" | "don't" | "avoid");
    english || matches!(first, "greșit" | "gresit" | "falsch" | "incorrecto" | "incorrecta" | "errado" | "faux")
}

/// Characters that are looked at for a word.
const MAX_WORD: usize = 16;

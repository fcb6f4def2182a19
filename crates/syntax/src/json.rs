//! JSON as specifications write it: with comments, `...`, trailing commas, placeholders, several
//! bodies in one fence and HTTP heads before them. Every value keeps its span.

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

/// Reads a fence. Bodies before and after a problem are kept.
pub fn read(_text: &Text) -> (Vec<Body>, Vec<Problem>) {
    (Vec::new(), Vec::new())
}

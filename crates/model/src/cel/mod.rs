//! CEL with types: parsing with spans, checking against an entity, and the result that rules and the
//! runtime share.

use source::{Span, Text};
use syntax::types::Type;

/// The names that an expression may use.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Fields of `self` (and of `oldSelf`), with their types. A bare name means a field of `self`.
    pub fields: Vec<(String, Type)>,
    /// Config options, `config.x`.
    pub config: Vec<(String, Type)>,
    /// Named types that field types refer to, resolved.
    pub types: Vec<(String, Type)>,
}

/// An expression that parses, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// Source in which bare field names are written `self.name`; what the runtime compiles.
    pub source: String,
    /// The type of its value.
    pub kind: Kind,
    /// Fields of `self` that it reads, in order of first mention.
    pub reads: Vec<String>,
    /// Whether it mentions `oldSelf`.
    pub compares_old: bool,
}

/// The type of an expression's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// Whole number.
    Int,
    /// Number.
    Double,
    /// Text.
    String,
    /// Point in time.
    Timestamp,
    /// Length of time.
    Duration,
    /// Bytes.
    Bytes,
    /// List.
    List(Box<Kind>),
    /// Map or record.
    Map,
    /// Null.
    Null,
    /// Not known; fits everything.
    Dyn,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The smallest wrong place.
    pub span: Span,
    /// What is wrong: lower case, no full stop, user text in backticks.
    pub message: String,
    /// What to do, where that is known (`did you mean …`).
    pub help: Option<String>,
    /// Whether it does not even parse (else it does not type-check).
    pub syntax: bool,
}

/// Parses and checks an expression.
///
/// # Errors
/// All problems found, at least one.
pub fn check(_text: &Text, _scope: &Scope) -> Result<Checked, Vec<Problem>> {
    Err(Vec::new())
}

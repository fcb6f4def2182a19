//! CEL with types: parsing with spans, checking against an entity, and the result that rules and the
//! runtime share.

mod calls;
mod edit;
mod eval;
mod infer;
mod lex;
mod moment;
mod parse;
#[cfg(test)]
mod tests;
mod ty;

pub use eval::Condition;

use source::{Span, Text};
use syntax::types::Type;

use self::infer::Walk;

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
/// Literals take the type of what they meet, in `Checked::source` too: `0` beside a number is written
/// `0.0`, `"2026-01-31"` beside a date is a timestamp, a whole number beside a number is `double(…)`.
/// `has(x)` is also false where `x` is null. Every field may be compared with null. A time of day is
/// text. A name that `Scope::types` does not hold is not known and fits everything.
///
/// # Errors
/// All problems found, at least one, in order of place. Text that does not parse has one problem.
/// More than 10,000 bytes, or brackets that nest deeper than the runtime's parser can take, are refused
/// unparsed.
pub fn check(text: &Text, scope: &Scope) -> Result<Checked, Vec<Problem>> {
    let parsed = parse::parse(text, scope).map_err(|it| vec![it])?;
    let mut walk = Walk {
        text,
        scope,
        tokens: &parsed.tokens,
        info: &parsed.info,
        edits: parsed.edits,
        problems: Vec::new(),
        reads: Vec::new(),
        compares_old: false,
        bound: Vec::new(),
    };
    let root = walk.infer(&parsed.expr);
    if !walk.problems.is_empty() {
        walk.problems.sort_by_key(|it| it.span);
        return Err(walk.problems);
    }
    let source = walk.edits.apply(&parsed.tokens.text, 0..parsed.tokens.text.len());
    Ok(Checked {
        source: source.trim().to_owned(),
        kind: root.ty.kind(),
        reads: walk.reads,
        compares_old: walk.compares_old,
    })
}

/// Whether a text may be an expression: cheap, for text that is mostly prose. Names alone (`isbn`,
/// `order.total`), literals alone and words side by side are none.
pub fn looks_like_expression(text: &str) -> bool {
    let Ok(tokens) = lex::tokens(text) else {
        return false;
    };
    let operand = |at: usize| {
        matches!(tokens.kind(at), Some(it) if it != lex::Kind::Sign) || matches!(tokens.word(at), ")" | "]" | "}")
    };
    let mut found = false;
    for at in 0..tokens.len() {
        if operand(at) && matches!(tokens.kind(at + 1), Some(it) if it != lex::Kind::Sign) {
            return false;
        }
        let before = at.checked_sub(1).is_some_and(operand);
        let spaced = {
            let (start, end) = (tokens.bytes(at, at).start, tokens.bytes(at, at).end);
            let space = |it: Option<&u8>| it.is_some_and(u8::is_ascii_whitespace);
            space(start.checked_sub(1).and_then(|it| text.as_bytes().get(it))) && space(text.as_bytes().get(end))
        };
        found |= match tokens.word(at) {
            "==" | "!=" | "<" | "<=" | ">" | ">=" | "&&" | "||" | "in" | "?" => before,
            "!" => true,
            "+" | "*" | "/" | "%" | "-" => before && spaced,
            "(" => at.checked_sub(1).is_some_and(|name| {
                let word = tokens.word(name);
                let method = name.checked_sub(1).is_some_and(|dot| tokens.word(dot) == ".");
                tokens.kind(name) == Some(lex::Kind::Name) && (method || calls::is_function(word))
            }),
            "self" | "oldSelf" => tokens.word(at + 1) == ".",
            _ => false,
        };
    }
    found
}

//! Tokens of CEL: where they stand and which brackets belong together.
//!
//! The library's parser says where a node's operator is and no more; ranges of nodes are found on
//! these tokens. Deep or long input is refused here, before that parser recurses over it.

use std::ops::Range;

use super::Problem;
use source::Text;

/// Bytes that an expression may have.
const LONGEST: usize = 10_000;
/// Tokens that an expression may have: its parser takes some 10 µs for each.
const MOST_TOKENS: usize = 2_000;
/// Operators and brackets that may stand within each other, in operators.
const DEEPEST: usize = 170;
/// What a bracket counts.
const BRACKET: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Int,
    Number,
    String,
    Sign,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// The index of the bracket that closes this one or opened it.
    pub(super) pair: Option<usize>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Tokens {
    pub(super) text: String,
    items: Vec<Token>,
}

impl Tokens {
    pub(super) fn get(&self, index: usize) -> Option<Token> {
        self.items.get(index).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The characters of a token; empty past the end.
    pub(super) fn word(&self, index: usize) -> &str {
        self.get(index).and_then(|it| self.text.get(it.start..it.end)).unwrap_or("")
    }

    /// The token that begins at `offset`, or the last one before it.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.items.partition_point(|it| it.start <= offset).saturating_sub(1)
    }

    /// The bytes from the first to the last token, both included.
    pub(super) fn bytes(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.get(first).map_or(0, |it| it.start);
        let end = self.get(last).map_or(start, |it| it.end);
        start..end.max(start)
    }

    pub(super) fn kind(&self, index: usize) -> Option<Kind> {
        self.get(index).map(|it| it.kind)
    }
}

/// The tokens of `text`, or the offset of what begins none.
pub(super) fn tokens(text: &str) -> Result<Tokens, usize> {
    let bytes = text.as_bytes();
    let get = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut items: Vec<Token> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let byte = get(at);
        if byte.is_ascii_whitespace() {
            at += 1;
            continue;
        }
        if byte == b'/' && get(at + 1) == b'/' {
            at += bytes.iter().skip(at).take_while(|it| **it != b'\n').count();
            continue;
        }
        let (kind, end) = if let Some(end) = string(bytes, at) {
            (Kind::String, end.ok_or(at)?)
        } else if byte.is_ascii_digit() || byte == b'.' && get(at + 1).is_ascii_digit() {
            number(bytes, at)
        } else if byte.is_ascii_alphabetic() || byte == b'_' {
            let end = run(bytes, at, |it| it.is_ascii_alphanumeric() || it == b'_');
            let kind = if bytes.get(at..end) == Some(b"in") { Kind::Sign } else { Kind::Name };
            (kind, end)
        } else {
            let two = matches!((byte, get(at + 1)), (b'=' | b'!' | b'<' | b'>', b'=') | (b'&', b'&') | (b'|', b'|'));
            if !two && !b"+-*/%<>!?:.,()[]{}".contains(&byte) {
                return Err(at);
            }
            (Kind::Sign, at + 1 + usize::from(two))
        };
        let index = items.len();
        let mut pair = None;
        match byte {
            b'(' | b'[' | b'{' if kind == Kind::Sign => open.push(index),
            b')' | b']' | b'}' if kind == Kind::Sign => {
                pair = open.pop();
                if let Some(other) = pair.and_then(|it| items.get_mut(it)) {
                    other.pair = Some(index);
                }
            }
            _ => {}
        }
        items.push(Token { kind, start: at, end, pair });
        at = end;
    }
    Ok(Tokens { text: text.to_owned(), items })
}

fn run(bytes: &[u8], at: usize, accept: impl Fn(u8) -> bool) -> usize {
    at + bytes.iter().skip(at).take_while(|it| accept(**it)).count()
}

/// The end of the string literal that begins at `at`: `None` if none begins there, `Some(None)` if it
/// does not end.
fn string(bytes: &[u8], at: usize) -> Option<Option<usize>> {
    let get = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let prefix = run(bytes, at, |it| b"rRbB".contains(&it)) - at;
    if prefix > 2 {
        return None;
    }
    let raw = bytes.iter().skip(at).take(prefix).any(|it| it.eq_ignore_ascii_case(&b'r'));
    let start = at + prefix;
    let quote = get(start);
    if quote != b'"' && quote != b'\'' {
        return None;
    }
    let long = get(start + 1) == quote && get(start + 2) == quote;
    let mut at = start + if long { 3 } else { 1 };
    while at < bytes.len() {
        let byte = get(at);
        if byte == b'\\' && !raw {
            at += 2;
        } else if byte == quote && !long {
            return Some(Some(at + 1));
        } else if byte == quote && get(at + 1) == quote && get(at + 2) == quote {
            return Some(Some(at + 3));
        } else if byte == b'\n' && !long {
            return Some(None);
        } else {
            at += 1;
        }
    }
    Some(None)
}

fn number(bytes: &[u8], at: usize) -> (Kind, usize) {
    let get = |at: usize| bytes.get(at).copied().unwrap_or(0);
    if get(at) == b'0' && get(at + 1).eq_ignore_ascii_case(&b'x') {
        return (Kind::Int, run(bytes, at + 2, |it| it.is_ascii_alphanumeric()));
    }
    let mut kind = Kind::Int;
    let mut end = run(bytes, at, |it| it.is_ascii_digit());
    if get(end) == b'.' && get(end + 1).is_ascii_digit() {
        kind = Kind::Number;
        end = run(bytes, end + 1, |it| it.is_ascii_digit());
    }
    if get(end).eq_ignore_ascii_case(&b'e') {
        let digits = end + 1 + usize::from(matches!(get(end + 1), b'+' | b'-'));
        if get(digits).is_ascii_digit() {
            kind = Kind::Number;
            end = run(bytes, digits, |it| it.is_ascii_digit());
        }
    }
    if get(end).eq_ignore_ascii_case(&b'u') && kind == Kind::Int {
        end += 1;
    }
    (kind, end)
}

/// The tokens of an expression that is short and flat enough for the library's parser.
pub(super) fn bounded(text: &Text) -> Result<Tokens, Problem> {
    let problem = |range: Range<usize>, message: &str, help: Option<&str>| Problem {
        span: text.span(range),
        message: message.to_owned(),
        help: help.map(str::to_owned),
        syntax: true,
    };
    let value = text.as_str();
    let split = Some("split it into several constraints");
    if value.len() > LONGEST {
        return Err(problem(0..value.len(), "the expression is too long", split));
    }
    let tokens = tokens(value).map_err(|at| {
        let found = value.get(at..).and_then(|it| it.chars().next()).unwrap_or(' ');
        let end = at + found.len_utf8();
        match found {
            '\'' | '"' | 'r' | 'R' | 'b' | 'B' => {
                problem(at..value.len(), "the string has no end", Some("close the quote"))
            }
            '=' => problem(at..end, "`=` compares nothing", Some("write `==`")),
            '&' => problem(at..end, "`&` is no operator", Some("write `&&`")),
            '|' => problem(at..end, "`|` is no operator", Some("write `||`")),
            '≤' => problem(at..end, "`≤` is no operator", Some("write `<=`")),
            '≥' => problem(at..end, "`≥` is no operator", Some("write `>=`")),
            '≠' => problem(at..end, "`≠` is no operator", Some("write `!=`")),
            other => problem(at..end, &format!("`{other}` has no place in an expression"), None),
        }
    })?;
    if tokens.len() > MOST_TOKENS {
        return Err(problem(0..value.len(), "the expression is too long", split));
    }
    if let Some(index) = too_deep(&tokens) {
        let place = tokens.bytes(index, index);
        return Err(problem(place, "the expression is nested too deeply", split));
    }
    Ok(tokens)
}

/// The first token at which the library's parser would recurse too far. Measured: a bracket costs it
/// about twenty times the stack of an operator; `&&` and `||` are balanced and cost nothing.
fn too_deep(tokens: &Tokens) -> Option<usize> {
    let mut frames: Vec<(usize, usize)> = Vec::new();
    let (mut closed, mut chain, mut branches) = (0_usize, 0_usize, 0_usize);
    for index in 0..tokens.len() {
        match tokens.word(index) {
            "(" | "[" | "{" => {
                frames.push((chain, branches));
                closed += chain + branches + BRACKET;
                (chain, branches) = (0, 0);
            }
            ")" | "]" | "}" => {
                let (outer, outside) = frames.pop().unwrap_or_default();
                closed = closed.saturating_sub(outer + outside + BRACKET);
                (chain, branches) = (outer + 1, outside);
            }
            "," => (chain, branches) = (0, 0),
            "&&" | "||" => chain = 0,
            "?" => branches += 2,
            _ if tokens.kind(index) == Some(Kind::Sign) => chain += 1,
            _ => {}
        }
        if closed + chain + branches > DEEPEST {
            return Some(index);
        }
    }
    None
}

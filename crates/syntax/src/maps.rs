//! Maps from words to lists of words, in JSON and in code: `draft: ['paid', 'void'], paid: []`,
//! `Status.DRAFT: {Status.PAID}`, `"draft": ["paid"]`. Broken lines between them do no harm.

use source::Span;

use crate::code::{self, Dialect, Kind, Token};
use crate::page::Fence;

/// A word, bare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    /// Without quotes and without what stands before its last dot.
    pub text: &'a str,
    /// Where.
    pub span: Span,
}

/// A map, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Map<'a> {
    /// What it is the value of: `VALID_TRANSITIONS`.
    pub name: Option<Word<'a>>,
    /// Keys with their lists.
    pub entries: Vec<(Word<'a>, Vec<Word<'a>>)>,
}

/// The maps of a fence.
pub fn read(fence: &Fence) -> Vec<Map<'_>> {
    let dialect = match fence.lang.as_str() {
        "json" | "jsonc" | "json5" | "yaml" | "yml" => Some(Dialect::Braces),
        _ => code::dialect(fence),
    };
    let Some(dialect) = dialect else { return Vec::new() };
    let mut tokens = code::tokens(fence.content.as_str(), dialect);
    tokens.retain(|it| it.kind != Kind::Comment);
    Reader { fence, tokens }.maps()
}

struct Reader<'a> {
    fence: &'a Fence,
    tokens: Vec<Token<'a>>,
}

impl<'a> Reader<'a> {
    fn is(&self, at: usize, sign: &str) -> bool {
        self.tokens.get(at).is_some_and(|it| it.is(sign))
    }

    fn maps(&self) -> Vec<Map<'a>> {
        let mut found = Vec::new();
        let mut map = Map { name: None, entries: Vec::new() };
        // Where the next key of the map has to be.
        let mut next = 0;
        let mut at = 0;
        while at < self.tokens.len() {
            let Some((key, list, end)) = self.entry(at) else {
                at += 1;
                continue;
            };
            if at != next || map.entries.is_empty() {
                let begun = Map { name: self.name_before(at), entries: Vec::new() };
                found.push(std::mem::replace(&mut map, begun));
            }
            map.entries.push((key, list));
            at = end + usize::from(self.is(end, ","));
            next = at;
        }
        found.push(map);
        found.retain(|it| !it.entries.is_empty());
        found
    }

    /// The name before the brace that opens a map: `const NEXT: Record<S, S[]> = {`, `"flow": {`.
    fn name_before(&self, at: usize) -> Option<Word<'a>> {
        let brace = at.checked_sub(1).filter(|it| self.is(*it, "{"))?;
        let line = self.tokens.get(brace)?.line;
        let near = (0..brace).rev().take(24).take_while(|it| {
            self.tokens.get(*it).is_some_and(|it| line - it.line <= 1) && !self.is(*it, "}") && !self.is(*it, ";")
        });
        let words: Vec<&Token<'a>> = near
            .filter_map(|it| self.tokens.get(it))
            .filter(|it| matches!(it.kind, Kind::Name | Kind::Quoted) && !is_keyword(it.text))
            .collect();
        // With a type after it, the name is the first word; the type follows a colon.
        words.last().map(|it| self.bare(it))
    }

    /// A key, its list of words, and the index after the list. A key may stand in brackets.
    fn entry(&self, from: usize) -> Option<(Word<'a>, Vec<Word<'a>>, usize)> {
        let mut at = from;
        let bracket = self.is(at, "[");
        at += usize::from(bracket);
        let (name, after) = self.word(at)?;
        at = after;
        if bracket {
            self.is(at, "]").then_some(())?;
            at += 1;
        }
        self.is(at, ":").then_some(())?;
        at += 1;
        // `new Set([…])`, `set()`, `frozenset({…})`.
        let mut closing = Vec::new();
        if self.is(at, "new") {
            at += 1;
        }
        if self.tokens.get(at).is_some_and(|it| matches!(it.text, "Set" | "set" | "frozenset")) && self.is(at + 1, "(")
        {
            closing.push(")");
            at += 2;
        }
        for (open, close) in [("[", "]"), ("{", "}"), ("(", ")")] {
            if self.is(at, open) {
                closing.push(close);
                at += 1;
                break;
            }
        }
        let close = closing.pop()?;
        let mut list = Vec::new();
        while !self.is(at, close) {
            let (item, after) = self.word(at)?;
            list.push(item);
            at = after;
            if self.is(at, ",") {
                at += 1;
            } else if !self.is(at, close) {
                return None;
            }
        }
        at += 1;
        if let Some(outer) = closing.pop() {
            self.is(at, outer).then_some(())?;
            at += 1;
        }
        Some((name, list, at))
    }

    /// A word, of which the last part counts.
    fn word(&self, from: usize) -> Option<(Word<'a>, usize)> {
        let first = self.tokens.get(from).filter(|it| matches!(it.kind, Kind::Name | Kind::Quoted))?;
        let mut found = (*first, from + 1);
        while self.is(found.1, ".") {
            found = (*self.tokens.get(found.1 + 1).filter(|it| it.kind == Kind::Name)?, found.1 + 2);
        }
        Some((self.bare(&found.0), found.1))
    }

    fn bare(&self, token: &Token<'a>) -> Word<'a> {
        let text = token.text.trim_matches(['"', '\'', '`']);
        let start = token.at + (token.text.len() - token.text.trim_start_matches(['"', '\'', '`']).len());
        Word { text, span: self.fence.content.span(start..start + text.len()) }
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "const"
            | "let"
            | "var"
            | "export"
            | "static"
            | "readonly"
            | "private"
            | "public"
            | "final"
            | "val"
            | "return"
            | "map"
            | "as"
            | "default"
            | "type"
            | "satisfies"
            | "Record"
            | "Partial"
            | "dict"
            | "Dict"
    )
}

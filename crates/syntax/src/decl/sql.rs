//! SQL declarations: tables, types and what is added to them later, in the dialects of PostgreSQL,
//! MySQL, SQLite and SQL Server. Other statements are skipped.
//!
//! Reading is per column: one that cannot be read takes nothing from the others.

use std::ops::Range;

use source::{Span, Spanned, Text};

use crate::decl::{Body, Declaration, Declarations, Language, Member, TableConstraint, Unread, comments};
use crate::types::Type;

mod checks;
mod columns;
mod statements;
mod tables;
mod tokens;
mod types;

use tokens::{Comment, Kind, Tok};

/// Reads a fence.
pub fn read(text: &Text) -> Declarations {
    if !mentions_ddl(text.as_str()) {
        return Declarations::default();
    }
    let blanked = comments::without_holes(text.as_str());
    let tokens = tokens::read(blanked.as_deref().unwrap_or(text.as_str()));
    let mut reader = Reader {
        text,
        toks: &tokens.toks,
        comments: &tokens.comments,
        at: 0,
        end: tokens.toks.len(),
        found: Declarations::default(),
    };
    reader.statements();
    reader.found
}

fn mentions_ddl(src: &str) -> bool {
    let mut words = src.split(|c: char| !c.is_ascii_alphabetic());
    words.any(|it| it.eq_ignore_ascii_case("create"))
}

/// Reads tokens from `at` to `end`.
struct Reader<'a> {
    text: &'a Text,
    toks: &'a [Tok],
    comments: &'a [Comment],
    at: usize,
    end: usize,
    found: Declarations,
}

impl<'a> Reader<'a> {
    fn tok(&self, ahead: usize) -> Option<&'a Tok> {
        let at = self.at + ahead;
        self.toks.get(at).filter(|_| at < self.end)
    }

    fn slice(&self, range: Range<usize>) -> &'a str {
        self.text.as_str().get(range).unwrap_or_default()
    }

    fn is_sign(&self, ahead: usize, sign: char) -> bool {
        self.tok(ahead).is_some_and(|it| it.kind == Kind::Sign(sign))
    }

    fn eat_sign(&mut self, sign: char) -> bool {
        let found = self.is_sign(0, sign);
        self.at += usize::from(found);
        found
    }

    /// The bare word there.
    fn word(&self, ahead: usize) -> Option<&'a str> {
        let tok = self.tok(ahead).filter(|it| it.kind == Kind::Word)?;
        Some(self.slice(tok.range.clone()))
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        self.word(ahead).is_some_and(|it| it.eq_ignore_ascii_case(word))
    }

    fn is_any(&self, ahead: usize, words: &[&str]) -> bool {
        self.word(ahead).is_some_and(|it| words.iter().any(|word| it.eq_ignore_ascii_case(word)))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.at += usize::from(found);
        found
    }

    /// Eats all of the words, or none.
    fn eat_words(&mut self, words: &[&str]) -> bool {
        let found = words.iter().enumerate().all(|(ahead, word)| self.is_word(ahead, word));
        self.at += if found { words.len() } else { 0 };
        found
    }

    fn spanned(&self, range: Range<usize>) -> Spanned<String> {
        Spanned::new(self.slice(range.clone()).to_string(), self.text.span(range))
    }

    /// A name without its schema.
    fn name(&mut self) -> Option<Spanned<String>> {
        let is_name = |it: &&Tok| matches!(it.kind, Kind::Word | Kind::Name);
        let mut tok = self.tok(0).filter(is_name)?;
        self.at += 1;
        while self.is_sign(0, '.') {
            let Some(next) = self.tok(1).filter(is_name) else { break };
            tok = next;
            self.at += 2;
        }
        Some(self.spanned(tok.inner.clone()))
    }

    /// Bytes from the first to the last of the tokens.
    fn range(&self, toks: Range<usize>) -> Range<usize> {
        match self.toks.get(toks) {
            Some([first, .., last]) => first.range.start..last.range.end,
            Some([only]) => only.range.clone(),
            _ => 0..0,
        }
    }

    fn span(&self, toks: Range<usize>) -> Span {
        self.text.span(self.range(toks))
    }

    /// The token after the bracket that closes the one at `open`, or the end.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0usize;
        for at in open..self.end {
            match self.toks.get(at)?.kind {
                Kind::Sign('(') => depth += 1,
                Kind::Sign(')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// Skips a bracket and what is in it.
    fn skip_bracket(&mut self) {
        if self.is_sign(0, '(') {
            self.at = self.closing(self.at).map_or(self.end, |it| it + 1);
        }
    }

    /// The names in a bracket; `name(10)` and `name DESC` are that name.
    fn names(&mut self) -> Option<Vec<Spanned<String>>> {
        self.is_sign(0, '(').then_some(())?;
        let close = self.closing(self.at)?;
        let mut names = Vec::new();
        let mut expected = true;
        self.at += 1;
        while self.at < close {
            if self.is_sign(0, '(') {
                self.skip_bracket();
            } else if self.eat_sign(',') {
                expected = true;
            } else if expected {
                names.push(self.name()?);
                expected = false;
                if self.is_sign(0, '(') && !matches!(self.tok(1)?.kind, Kind::Number) {
                    return None;
                }
            } else {
                self.at += 1;
            }
        }
        self.at = close + 1;
        (!names.is_empty()).then_some(names)
    }

    /// Reports tokens that cannot be read, up to the end of their first line.
    fn unread(&mut self, toks: Range<usize>, why: String) {
        let line = self.toks.get(toks.start).map(|it| it.line);
        let same_line = |it: &Tok| Some(it.line) == line;
        let count = self.toks.get(toks.clone()).unwrap_or_default().iter().take_while(|it| same_line(it));
        let span = self.span(toks.start..toks.start + count.count());
        self.found.unread.push(Unread { span, why });
    }
}

#[cfg(test)]
mod tests;

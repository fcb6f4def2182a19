//! Tokens of SQL with byte ranges.

use std::ops::Range;

use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word.
    Word,
    /// A name in double quotes, backticks or brackets.
    Name,
    Number,
    Text,
    /// A sign of one character; all others are `~`.
    Sign(char),
}

#[derive(Debug, Clone)]
pub(super) struct Tok {
    pub(super) kind: Kind,
    /// With quotes.
    pub(super) range: Range<usize>,
    /// Without.
    pub(super) inner: Range<usize>,
    /// The line on which it begins, from 0.
    pub(super) line: usize,
    /// Whether it is the first on its line.
    pub(super) first: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Comment {
    pub(super) range: Range<usize>,
    /// The line on which it begins, from 0.
    pub(super) line: usize,
    /// The line on which it ends.
    pub(super) end_line: usize,
}

#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) toks: Vec<Tok>,
    pub(super) comments: Vec<Comment>,
}

/// Splits into tokens. A quotation that does not end takes its line with it, no more.
pub(super) fn read(src: &str) -> Tokens {
    let mut found = Tokens::default();
    let mut offset = 0;
    let mut line = 0;
    while let Some(rest) = src.get(offset..).filter(|it| !it.is_empty()) {
        let mut raw = Vec::new();
        let failed = Tokenizer::new(&GenericDialect {}, rest).tokenize_with_location_into_buf(&mut raw).is_err();
        let places = Places::new(rest);
        for token in &raw {
            found.add(src, offset, line, token, &places);
        }
        if !failed {
            break;
        }
        let end = raw.last().map_or(0, |it| places.offset(it.span.end));
        let skipped = rest.get(end..).and_then(|it| it.find('\n')).map(|it| end + it + 1);
        let Some(skipped) = skipped else { break };
        line += rest.get(..skipped).unwrap_or_default().matches('\n').count();
        offset += skipped;
    }
    found.brackets(src);
    found
}

impl Tokens {
    fn add(&mut self, src: &str, base: usize, line: usize, token: &TokenWithSpan, places: &Places<'_>) {
        let start = base + places.offset(token.span.start);
        let end = base + places.offset(token.span.end);
        let at = line + places.line(token.span.start);
        let mut inner = start..end;
        let kind = match &token.token {
            Token::Whitespace(Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_)) => {
                let written = src.get(start..end).unwrap_or_default().trim_end();
                self.comments.push(Comment {
                    range: start..start + written.len(),
                    line: at,
                    end_line: at + written.matches('\n').count(),
                });
                return;
            }
            Token::Whitespace(_) | Token::EOF => return,
            Token::Word(word) if word.quote_style.is_some() => {
                inner = within(src, &inner);
                Kind::Name
            }
            Token::DoubleQuotedString(_) => {
                inner = within(src, &inner);
                Kind::Name
            }
            Token::Word(_) => Kind::Word,
            Token::Number(..) => Kind::Number,
            Token::SingleQuotedString(_) => {
                inner = within(src, &inner);
                Kind::Text
            }
            Token::NationalStringLiteral(_) | Token::EscapedStringLiteral(_) => {
                inner = within(src, &(start + 1..end));
                Kind::Text
            }
            Token::DollarQuotedString(_) => Kind::Text,
            _ => {
                let mut signs = src.get(start..end).unwrap_or_default().chars();
                match (signs.next(), signs.next()) {
                    (Some(c), None) => Kind::Sign(c),
                    _ => Kind::Sign('~'),
                }
            }
        };
        let first = self.toks.last().is_none_or(|it| it.line < at);
        self.toks.push(Tok { kind, range: start..end, inner, line: at, first });
    }

    /// Makes one name of `[name]`. `[]`, `[3]` and `[1:2]` stay signs.
    fn brackets(&mut self, src: &str) {
        let is_sign = |it: &Tok, c: char| it.kind == Kind::Sign(c);
        if !self.toks.iter().any(|it| is_sign(it, '[')) {
            return;
        }
        let mut joined: Vec<Tok> = Vec::with_capacity(self.toks.len());
        let mut rest = std::mem::take(&mut self.toks).into_iter().peekable();
        while let Some(tok) = rest.next() {
            let after_array = joined
                .last()
                .is_some_and(|it| src.get(it.range.clone()).is_some_and(|it| it.eq_ignore_ascii_case("array")));
            let opens = is_sign(&tok, '[')
                && !after_array
                && rest.peek().is_some_and(|it| it.kind == Kind::Word && it.line == tok.line);
            if !opens {
                joined.push(tok);
                continue;
            }
            let mut run = Vec::new();
            while let Some(next) = rest.next_if(|it| it.line == tok.line && !is_sign(it, ']')) {
                run.push(next);
            }
            match rest.next_if(|it| is_sign(it, ']')) {
                Some(close) => joined.push(Tok {
                    kind: Kind::Name,
                    inner: tok.range.end..close.range.start,
                    range: tok.range.start..close.range.end,
                    ..tok
                }),
                None => {
                    joined.push(tok);
                    joined.append(&mut run);
                }
            }
        }
        self.toks = joined;
    }
}

/// The range without its first and last byte.
fn within(src: &str, range: &Range<usize>) -> Range<usize> {
    let inner = range.start + 1..range.end.saturating_sub(1);
    if src.get(inner.clone()).is_some() { inner } else { range.clone() }
}

/// Maps the tokenizer's lines and columns, which count characters from 1, to bytes.
struct Places<'a> {
    src: &'a str,
    /// Where each line begins, and whether it is ASCII.
    lines: Vec<(usize, bool)>,
}

impl<'a> Places<'a> {
    fn new(src: &'a str) -> Places<'a> {
        let mut start = 0;
        let lines = src.split_inclusive('\n').map(|line| {
            start += line.len();
            (start - line.len(), line.is_ascii())
        });
        Places { src, lines: lines.collect() }
    }

    fn line(&self, location: Location) -> usize {
        usize::try_from(location.line.saturating_sub(1)).unwrap_or_default()
    }

    fn offset(&self, location: Location) -> usize {
        let Some((start, is_ascii)) = self.lines.get(self.line(location)) else {
            return self.src.len();
        };
        let column = usize::try_from(location.column.saturating_sub(1)).unwrap_or_default();
        if *is_ascii {
            return (start + column).min(self.src.len());
        }
        let rest = self.src.get(*start..).unwrap_or_default();
        start + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_bytes() {
        let src = "é 'ü' -- ö\r\n\"ä\" [a b] x[3] /* ß\n */ → `c` N'd'\nit's lost\nfound";
        let found = read(src);
        let words: Vec<&str> = found.toks.iter().map(|it| &src[it.inner.clone()]).collect();
        assert_eq!(words, ["é", "ü", "ä", "a b", "x", "[", "3", "]", "→", "c", "d", "it", "found"]);
        let comments: Vec<&str> = found.comments.iter().map(|it| &src[it.range.clone()]).collect();
        assert_eq!(comments, ["-- ö", "/* ß\n */"]);
        let lines: Vec<usize> = found.toks.iter().map(|it| it.line).collect();
        assert_eq!(lines, [0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 4]);
    }
}

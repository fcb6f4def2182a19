//! Tokens of type words.

use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    Quoted,
    /// One character; three full stops and `…` are `…`.
    Punct(char),
}

#[derive(Debug, Clone)]
pub(super) struct Tok {
    pub(super) kind: Kind,
    /// With quotes.
    pub(super) range: Range<usize>,
    /// Without.
    pub(super) inner: Range<usize>,
}

/// Splits into tokens. Blanks, backticks and backslashes are between tokens.
pub(super) fn lex(src: &str) -> Vec<Tok> {
    let mut toks = Vec::new();
    let mut rest = src.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let mut end = start + c.len_utf8();
        let mut take_while = |keep: &dyn Fn(char) -> bool| {
            while let Some((at, c)) = rest.next_if(|(_, c)| keep(*c)) {
                end = at + c.len_utf8();
            }
            end
        };
        let kind = match c {
            _ if c.is_whitespace() || matches!(c, '`' | '\\') => continue,
            '\'' | '"' | '“' | '‘' => match quoted(src, start, c) {
                Some((inner, end)) => {
                    while rest.next_if(|(at, _)| *at < end).is_some() {}
                    toks.push(Tok { kind: Kind::Quoted, range: start..end, inner });
                    continue;
                }
                None => Kind::Punct(c),
            },
            '0'..='9' => {
                end = take_while(&|c| c.is_alphanumeric() || matches!(c, '.' | '_'));
                let plain = src.get(start..end).is_some_and(|it| it.parse::<f64>().is_ok());
                if plain { Kind::Number } else { Kind::Word }
            }
            '.' => {
                end = take_while(&|c| c == '.');
                Kind::Punct(if end - start > 1 { '…' } else { '.' })
            }
            _ if c.is_alphabetic() || matches!(c, '_' | '$' | '@') => {
                end = take_while(&|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '-'));
                let word = src.get(start..end).unwrap_or_default();
                let kept = word.trim_end_matches(['.', '-']);
                let cut = word.len() - kept.len();
                if cut > 1 && word.ends_with("..") {
                    toks.push(Tok { kind: Kind::Word, range: start..end - cut, inner: start..end - cut });
                    toks.push(Tok { kind: Kind::Punct('…'), range: end - cut..end, inner: end - cut..end });
                    continue;
                }
                end -= cut;
                Kind::Word
            }
            _ => Kind::Punct(c),
        };
        toks.push(Tok { kind, range: start..end, inner: start..end });
    }
    toks
}

/// The inside of a quotation that begins at `start`, and its end.
fn quoted(src: &str, start: usize, open: char) -> Option<(Range<usize>, usize)> {
    let close = match open {
        '“' => '”',
        '‘' => '’',
        same => same,
    };
    let from = start + open.len_utf8();
    let len = src.get(from..)?.find(close)?;
    Some((from..from + len, from + len + close.len_utf8()))
}

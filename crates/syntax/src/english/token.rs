//! Words, numbers, quoted words and signs of a phrase, with their places.

use std::borrow::Cow;

use source::{Span, Spanned, Text};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    /// In quotes or backticks; the value is what stands inside.
    Quoted,
    Sign,
}

#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// As written, without quotes and thousands separators.
    pub(super) value: Cow<'a, str>,
    /// In lower case; signs in one form (`≤` is `<=`, dashes are `-`, arrows `→`).
    pub(super) folded: Cow<'a, str>,
    pub(super) start: usize,
    pub(super) end: usize,
    /// White space stands before it.
    spaced: bool,
}

pub(super) struct Tokens<'a> {
    pub(super) text: &'a Text,
    pub(super) items: Vec<Token<'a>>,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a Text) -> Tokens<'a> {
        let value = text.as_str();
        // A word and the space before it.
        let mut items: Vec<Token<'a>> = Vec::with_capacity(value.len() / 5 + 1);
        let mut at = 0;
        let mut spaced = true;
        while let Some(first) = value.get(at..).and_then(|it| it.chars().next()) {
            if first.is_whitespace() {
                at += first.len_utf8();
                spaced = true;
                continue;
            }
            let rest = value.get(at..).unwrap_or("");
            let signed = first == '-' && (spaced || items.is_empty());
            let (kind, len) = if let Some(len) = quoted(rest) {
                (Kind::Quoted, len)
            } else if first.is_ascii_digit() {
                number(rest)
            } else if signed && rest.chars().nth(1).is_some_and(|it| it.is_ascii_digit()) {
                let (kind, len) = number(rest.get(1..).unwrap_or(""));
                (kind, len + 1)
            } else if first.is_alphabetic() || first == '_' {
                (Kind::Word, word(rest))
            } else {
                (Kind::Sign, sign(rest))
            };
            let end = at + len.max(first.len_utf8());
            let written = value.get(at..end).unwrap_or("");
            let token = match kind {
                Kind::Quoted => {
                    let mut inner = written.chars();
                    inner.next();
                    inner.next_back();
                    Cow::Borrowed(inner.as_str())
                }
                Kind::Number if written.contains(',') => Cow::Owned(written.replace(',', "")),
                Kind::Number | Kind::Word | Kind::Sign => Cow::Borrowed(written),
            };
            let folded = match kind {
                Kind::Sign => Cow::Borrowed(plain(written)),
                _ if token.bytes().any(|it| it.is_ascii_uppercase() || !it.is_ascii()) => {
                    Cow::Owned(token.to_lowercase())
                }
                _ => token.clone(),
            };
            items.push(Token { kind, value: token, folded, start: at, end, spaced });
            spaced = false;
            at = end;
        }
        Tokens { text, items }
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token<'a>> {
        self.items.get(at)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// The folded form of an unquoted token; empty for quoted ones and past the end.
    pub(super) fn word(&self, at: usize) -> &str {
        self.get(at).filter(|it| it.kind != Kind::Quoted).map_or("", |it| it.folded.as_ref())
    }

    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.get(at).map(|it| it.kind)
    }

    /// Whether the tokens from `at` are these words.
    pub(super) fn are(&self, at: usize, words: &str) -> Option<usize> {
        let mut next = at;
        let mut rest = words;
        loop {
            let after = rest.strip_prefix(self.word(next))?;
            next += 1;
            match after.strip_prefix(' ') {
                Some(tail) => rest = tail,
                None => return after.is_empty().then_some(next),
            }
        }
    }

    /// The first of these phrases that stands at `at`, and what follows it.
    pub(super) fn any(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        // Most phrases are told apart by their first byte.
        let first = self.word(at).bytes().next()?;
        phrases.iter().filter(|it| it.as_bytes().first() == Some(&first)).find_map(|it| self.are(at, it))
    }

    /// What follows one of these phrases, or `at`.
    pub(super) fn skip(&self, at: usize, phrases: &[&str]) -> usize {
        self.any(at, phrases).unwrap_or(at)
    }

    /// Whether a clause ends before `at`.
    pub(super) fn ends(&self, at: usize) -> bool {
        match self.word(at) {
            "," | ";" | "." | "(" | ")" | "—" | "…" => true,
            "-" => self.is_spaced(at) && self.is_spaced(at + 1),
            _ => at >= self.len(),
        }
    }

    pub(super) fn is_spaced(&self, at: usize) -> bool {
        self.get(at).is_none_or(|it| it.spaced)
    }

    /// The span from the first token to before the last.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let start = self.get(from).map_or(0, |it| it.start);
        let end = to.checked_sub(1).and_then(|it| self.get(it)).map_or(start, |it| it.end);
        self.text.span(start..end.max(start))
    }

    /// The value of a token, at what it says without its quotes.
    pub(super) fn spanned(&self, at: usize) -> Option<Spanned<String>> {
        let token = self.get(at)?;
        let quote = match token.kind {
            Kind::Quoted => self.text.as_str().get(token.start..)?.chars().next().map_or(0, char::len_utf8),
            _ => 0,
        };
        let start = token.start + quote;
        let end = if quote == 0 { token.end } else { start + token.value.len() };
        Some(Spanned::new(token.value.to_string(), self.text.span(start..end)))
    }
}

fn quoted(rest: &str) -> Option<usize> {
    let open = rest.chars().next()?;
    let close = match open {
        '"' | '`' => open,
        '\'' => open,
        '“' => '”',
        '‘' => '’',
        _ => return None,
    };
    let inner = rest.get(open.len_utf8()..)?;
    let len = inner.find(close)?;
    (len > 0 && !inner.get(..len)?.contains('\n')).then_some(open.len_utf8() + len + close.len_utf8())
}

/// A number with thousands separators and decimals; a word if letters follow at once (`300s`).
fn number(rest: &str) -> (Kind, usize) {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|it| it.is_ascii_digit()).count();
    let mut len = digits(0);
    while len <= 3 + len / 4 * 4 && bytes.get(len) == Some(&b',') && digits(len + 1) == 3 {
        len += 4;
    }
    if bytes.get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    let tail = word(rest.get(len..).unwrap_or(""));
    if tail > 0 && rest.get(len..).is_some_and(|it| it.starts_with(|it: char| it.is_alphabetic() || it == '_')) {
        return (Kind::Word, len + tail);
    }
    (Kind::Number, len)
}

/// Letters, digits and underscores, with single hyphens, apostrophes and dots between them.
fn word(rest: &str) -> usize {
    let mut chars = rest.char_indices().peekable();
    let mut end = 0;
    while let Some((at, char)) = chars.next() {
        let joins = matches!(char, '-' | '\'' | '’' | '.')
            && at > 0
            && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric() || *next == '_');
        if !char.is_alphanumeric() && char != '_' && !joins {
            break;
        }
        end = at + char.len_utf8();
    }
    end
}

fn sign(rest: &str) -> usize {
    ["...", "..", "<=", ">=", "==", "!=", "->", "=>"].iter().find(|it| rest.starts_with(**it)).map_or(0, |it| it.len())
}

fn plain(sign: &str) -> &str {
    match sign {
        "≤" => "<=",
        "≥" => ">=",
        "–" | "‐" | "‑" | "−" => "-",
        "->" | "=>" | "➔" | "⇒" => "→",
        "..." => "…",
        other => other,
    }
}

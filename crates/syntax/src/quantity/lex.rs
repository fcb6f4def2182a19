//! Numbers, words and signs of a line of prose. Emphasis and backticks are white space.

/// Bytes on either side of a number that say whether it is part of a date.
const FAR: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    /// Digits that are part of a date, a version, a time of day, a price, a pair of ports.
    Code,
    Word,
    Sign,
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// In lower case; signs in one form.
    pub(super) word: String,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Nothing stands between it and the token before.
    pub(super) glued: bool,
}

pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut items: Vec<Token> = Vec::new();
    let mut at = 0;
    let mut glued = false;
    while let Some(first) = text.get(at..).and_then(|it| it.chars().next()) {
        if first.is_whitespace() || matches!(first, '*' | '`' | '\\') {
            at += first.len_utf8();
            glued = false;
            continue;
        }
        let rest = text.get(at..).unwrap_or("");
        let after_number = glued && items.last().is_some_and(|it| it.kind != Kind::Word && it.kind != Kind::Sign);
        let (kind, len) = if first.is_ascii_digit() {
            let len = number(rest);
            (if is_code(text, at, len) { Kind::Code } else { Kind::Number }, len)
        } else if first.is_alphabetic() || first == '_' {
            (Kind::Word, word(rest, !after_number))
        } else {
            (Kind::Sign, sign(rest))
        };
        let end = at + len.max(first.len_utf8());
        let written = text.get(at..end).unwrap_or("");
        let word = match kind {
            Kind::Sign => plain(written).to_owned(),
            Kind::Number => written.replace(',', ""),
            Kind::Code | Kind::Word => written.to_lowercase(),
        };
        items.push(Token { kind, word, start: at, end, glued });
        glued = true;
        at = end;
    }
    items
}

/// Digits with thousands separators and decimals.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|it| it.is_ascii_digit()).count();
    let mut len = digits(0);
    if len <= 3 {
        while bytes.get(len) == Some(&b',') && digits(len + 1) == 3 {
            len += 4;
        }
    }
    if bytes.get(len) == Some(&b'.') && digits(len + 1) > 0 {
        len += 1 + digits(len + 1);
    }
    len
}

/// Whether digits are no number because of what they are glued to.
fn is_code(text: &str, at: usize, len: usize) -> bool {
    let bytes = text.as_bytes();
    let get = |at: Option<usize>| at.and_then(|it| bytes.get(it)).copied().unwrap_or(b' ');
    let digit = |at: Option<usize>| get(at).is_ascii_digit();
    let end = at + len;
    let before = text.get(..at).and_then(|it| it.chars().next_back()).unwrap_or(' ');
    let second = at.checked_sub(2);
    let joined = before.is_alphanumeric()
        || matches!(before, '_' | '#' | '$' | '€' | '£' | '@' | '/' | ':' | '.' | ',')
            && (!matches!(before, '/' | ':' | '.' | ',') || get(second).is_ascii_alphanumeric())
        || before == '+' && get(second).is_ascii_alphanumeric()
        || before == '-' && !digit(second) && !get(second).is_ascii_alphanumeric() && get(second) != b'%';
    let follows = matches!(get(Some(end)), b'.' | b':' | b'/' | b',') && digit(Some(end + 1));
    let dated = |it: &u8| it.is_ascii_digit() || *it == b'-';
    let back = bytes.iter().take(at).rev().take(FAR).take_while(|it| dated(it));
    let onward = bytes.iter().skip(end).take(FAR).take_while(|it| dated(it));
    let hyphens = hyphens_within(back) + hyphens_within(onward);
    joined || follows || hyphens > 1
}

/// Hyphens between digits, going away from a number.
fn hyphens_within<'a>(bytes: impl Iterator<Item = &'a u8>) -> usize {
    let (mut count, mut open) = (0, false);
    for byte in bytes {
        if *byte != b'-' {
            count += usize::from(open);
        }
        open = *byte == b'-';
    }
    count
}

/// Letters, digits and underscores; joined by hyphens, dots and apostrophes unless it is a unit.
fn word(rest: &str, joins: bool) -> usize {
    let mut chars = rest.char_indices().peekable();
    let mut end = 0;
    while let Some((at, char)) = chars.next() {
        let joint = joins
            && matches!(char, '-' | '.' | '\'' | '’')
            && at > 0
            && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if !char.is_alphanumeric() && char != '_' && !joint {
            break;
        }
        end = at + char.len_utf8();
    }
    end
}

fn sign(rest: &str) -> usize {
    ["&lt;=", "&gt;=", "&lt;", "&gt;", "<=", ">=", "==", "->", ".."]
        .iter()
        .find(|it| rest.starts_with(**it))
        .map_or(0, |it| it.len())
}

fn plain(sign: &str) -> &str {
    match sign {
        "≤" | "&lt;=" | "⩽" => "<=",
        "≥" | "&gt;=" | "⩾" => ">=",
        "&lt;" => "<",
        "&gt;" => ">",
        "–" | "‐" | "‑" | "−" => "-",
        "≈" | "∼" => "~",
        "==" => "=",
        "->" => "→",
        other => other,
    }
}

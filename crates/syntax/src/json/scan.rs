//! The tokens of one body, where it ends, and what is wrong with them.

use std::ops::Range;

use super::head;

/// Deeper values are not read.
const DEPTH: usize = 128;

/// Tokens of an ordinary body.
const USUAL: usize = 16;

/// Words that stand for a value of their type.
const TYPES: &[&str] = &[
    "any",
    "array",
    "boolean",
    "bool",
    "date",
    "datetime",
    "float",
    "int",
    "integer",
    "number",
    "object",
    "string",
    "timestamp",
    "uuid",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open(char),
    Close(char),
    Comma,
    Colon,
    /// In double quotes, closed.
    String,
    /// `true`, `12`, or what is neither.
    Word,
    /// `...` and the words after it.
    Ellipsis,
    /// `<uuid>`, `{{id}}`, `string`.
    Placeholder,
    Comment,
}

impl Kind {
    fn ends_value(self) -> bool {
        matches!(self, Kind::Close(_) | Kind::String | Kind::Word | Kind::Placeholder)
    }

    fn begins_value(self) -> bool {
        matches!(self, Kind::Open(_) | Kind::String | Kind::Word | Kind::Placeholder)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) tokens: Vec<Token>,
    /// Whether it is `"key": value` without braces.
    pub(super) fragment: bool,
    pub(super) elided: bool,
    pub(super) problem: Option<(Range<usize>, String)>,
    pub(super) end: usize,
    /// Whether some values are only described (`string`, `<id>`, `ObjectId`).
    described: bool,
    /// The first word without quotes that may be a value or its description.
    bare: Option<Range<usize>>,
}

impl Scan {
    fn wrong(&mut self, range: Range<usize>, message: impl Into<String>) {
        self.problem.get_or_insert_with(|| (range, message.into()));
    }
}

fn tail(all: &str, at: usize) -> &str {
    all.get(at..).unwrap_or("")
}

/// Scans the body that begins at `start`, which stands in `first_line`, in one pass.
pub(super) fn scan(all: &str, start: usize, first_line: Range<usize>) -> Scan {
    let mut scan = Scan { end: start, tokens: Vec::with_capacity(USUAL), ..Scan::default() };
    // Brackets, where they stand, and whether only keys follow.
    let mut open: Vec<(char, usize, bool)> = Vec::new();
    let (mut braces, mut brackets) = (0usize, 0usize);
    let mut previous: Option<Token> = None;
    let (mut commented, mut keyed) = (false, false);
    let column = start.saturating_sub(first_line.start);
    let mut line = first_line.start;
    let mut blank = true;
    let mut line_end = first_line.end;
    let mut at = start;
    while let Some(first) = tail(all, at).chars().next() {
        if first == '\n' {
            (line, blank) = (at + 1, true);
        }
        if first.is_whitespace() || matches!(first, '\u{feff}' | '\u{200b}') {
            at += first.len_utf8();
            continue;
        }
        let leads = std::mem::replace(&mut blank, false) && at - line <= column && at > start;
        let before = previous.as_ref().map(|it| it.kind);
        let inside = open.last().map(|it| it.0);
        let member = inside == Some('{') && before != Some(Kind::Colon);
        if leads && member && (matches!(first, '{' | '[') || head::starts(tail(all, at))) {
            break;
        }
        if line_end <= at {
            line_end = tail(all, at).find('\n').map_or(all.len(), |it| at + it);
        }
        let valued = before == Some(Kind::Colon) || inside == Some('[');
        let known = scan.problem.is_some();
        let mut token = token(all, at..line_end, &mut scan, valued);
        at = token.range.end;
        let written = all.get(token.range.clone()).unwrap_or("");
        if token.kind == Kind::Word && !literal(written) && is_name(written) {
            if valued {
                token.kind = Kind::Placeholder;
                if !describes(written) {
                    scan.bare.get_or_insert(token.range.clone());
                }
            } else if before == Some(Kind::Open('{')) && tail(all, at).trim_start().starts_with('}') {
                // `{ order_object }` is an object of which more is said elsewhere.
                token.kind = Kind::Ellipsis;
            }
        }
        // `{ "id", "name", ... }` lists the keys.
        if token.kind == Kind::String && member && open.last().is_some_and(|it| it.2) && !is_key(all, at) {
            token.kind = Kind::Ellipsis;
        }
        scan.described |= token.kind == Kind::Placeholder && scan.bare.as_ref() != Some(&token.range);
        if token.kind == Kind::Comment {
            let comment = all.get(token.range.clone()).unwrap_or("");
            scan.elided |= comment.contains("...") || comment.contains('…');
            commented = true;
            if let Some(last) = comment.rfind('\n') {
                line = token.range.start + last + 1;
            }
            scan.tokens.push(token);
            continue;
        }
        let key =
            member && token.kind != Kind::Colon && before.is_none_or(|it| matches!(it, Kind::Open(_) | Kind::Comma));
        if open.is_empty() && before.is_some() && !(scan.fragment && before == Some(Kind::Comma)) {
            let fragment =
                token.kind == Kind::Colon && before == Some(Kind::String) && (scan.tokens.len() == 1 || scan.fragment);
            scan.fragment |= fragment;
            let valued = before == Some(Kind::Colon) && token.kind.begins_value()
                || before == Some(Kind::Colon) && token.kind == Kind::Ellipsis;
            let more = scan.fragment && (token.kind == Kind::Comma || fragment || valued);
            if !more {
                at = token.range.start;
                if !known {
                    scan.problem = None;
                }
                break;
            }
        }
        let place = token.range.clone();
        let written = all.get(place.clone()).unwrap_or("");
        if !open.is_empty() && token.kind.begins_value() && before.is_some_and(Kind::ends_value) {
            let after = previous.as_ref().map_or(place.clone(), |it| it.range.clone());
            scan.wrong(after, if keyed { "missing colon after this key" } else { "missing comma after this" });
        }
        if before == Some(Kind::Colon) && matches!(token.kind, Kind::Close(_) | Kind::Comma) {
            let colon = previous.as_ref().map_or(place.clone(), |it| it.range.clone());
            scan.wrong(colon, "a value is missing after this");
        }
        if token.kind == Kind::Comma && matches!(before, Some(Kind::Comma | Kind::Open(_))) {
            scan.wrong(place.clone(), "no value stands before this comma");
        }
        keyed = key && token.kind == Kind::String;
        match token.kind {
            Kind::Open(bracket) => {
                open.push((bracket, place.start, bracket == '{' && begins_keys(all, at)));
                *if bracket == '{' { &mut braces } else { &mut brackets } += 1;
                if open.len() > DEPTH {
                    scan.wrong(place, format!("nested deeper than {DEPTH} levels"));
                }
            }
            Kind::Close(bracket) => {
                let (wanted, count) = if bracket == '}' { ('{', braces) } else { ('[', brackets) };
                if commented && matches!(before, Some(Kind::Open(_))) {
                    scan.elided = true;
                }
                if count == 0 {
                    scan.wrong(place, format!("this `{bracket}` closes nothing"));
                }
                while let Some((found, opened, _)) = if count > 0 { open.pop() } else { None } {
                    *if found == '{' { &mut braces } else { &mut brackets } -= 1;
                    if found == wanted {
                        break;
                    }
                    scan.wrong(opened..opened + 1, format!("this `{found}` is never closed"));
                }
            }
            Kind::Word if key => scan.wrong(place, format!("the key `{written}` is not in double quotes")),
            Kind::Word if !literal(written) => {
                scan.wrong(place, format!("`{written}` is not a JSON value"));
            }
            Kind::Ellipsis => scan.elided = true,
            Kind::String if written == "\"...\"" || written == "\"…\"" => {
                scan.elided |= key || inside == Some('[');
            }
            _ => {}
        }
        commented = false;
        let done = open.is_empty() && matches!(token.kind, Kind::Close(_)) && !scan.fragment;
        previous = Some(token.clone());
        scan.tokens.push(token);
        if done {
            break;
        }
    }
    scan.end = at.max(start + 1);
    // Among descriptions a bare word is one more; among values it lacks its quotes.
    if let Some(bare) = scan.bare.take().filter(|_| !scan.described) {
        let written = all.get(bare.clone()).unwrap_or("");
        scan.wrong(bare, format!("`{written}` is not a JSON value"));
    }
    if let Some((bracket, opened, _)) = open.first() {
        scan.wrong(*opened..*opened + 1, format!("this `{bracket}` is never closed"));
    }
    scan
}

/// The token that the rest of a line begins with, which is not blank.
fn token(all: &str, line: Range<usize>, scan: &mut Scan, value: bool) -> Token {
    let at = line.start;
    let rest = tail(all, at);
    let line = all.get(line).unwrap_or(rest);
    let token = |kind, len: usize| Token { kind, range: at..at + len };
    if let Some(described) = template(line).or_else(|| union(line)).filter(|_| value) {
        return token(Kind::Placeholder, described);
    }
    match rest.chars().next() {
        Some(it @ ('{' | '[')) => token(Kind::Open(it), 1),
        Some(it @ ('}' | ']')) => token(Kind::Close(it), 1),
        Some(',') => token(Kind::Comma, 1),
        Some(':') => token(Kind::Colon, 1),
        Some('"') => match closing(line, b'"') {
            Some(len) => token(Kind::String, len),
            None => {
                let len = line.trim_end().trim_end_matches(',').len().max(1);
                scan.wrong(at..at + len, "missing closing quote");
                token(Kind::String, len)
            }
        },
        Some('\'') => {
            let len = closing(line, b'\'').unwrap_or(1);
            scan.wrong(at..at + len, "single quotes instead of double quotes");
            token(Kind::String, len)
        }
        Some('#') => token(Kind::Comment, line.len()),
        Some('/') if rest.starts_with("//") => token(Kind::Comment, line.len()),
        Some('/') if rest.starts_with("/*") => match rest.find("*/") {
            Some(end) => token(Kind::Comment, end + 2),
            None => {
                scan.wrong(at..at + 2, "this comment is never closed");
                token(Kind::Comment, rest.len())
            }
        },
        Some('<') if line.contains('>') => token(Kind::Placeholder, line.find('>').unwrap_or(0) + 1),
        _ if rest.starts_with("...") || rest.starts_with('…') => {
            let stop = line.find([',', ']', '}', '"', '{', '[']).unwrap_or(line.len());
            let words = line.get(..stop).unwrap_or("");
            let stop = stop.min(words.find("//").unwrap_or(stop)).min(words.find("/*").unwrap_or(stop));
            token(Kind::Ellipsis, words.get(..stop).unwrap_or("").trim_end().len().max(3))
        }
        _ => {
            let stop = |it: char| it.is_whitespace() || "{}[],:\"'".contains(it);
            let first = line.chars().next().map_or(1, char::len_utf8);
            let len = line.find(stop).unwrap_or(line.len()).max(first);
            // `Decimal(10, 2)`, `String (unique)`
            let word = line.get(..len).unwrap_or("");
            let rider = tail(line, len).strip_prefix(" (").and_then(|it| it.find(')'));
            let named = || word.len() > 1 && !literal(word) && word.chars().all(char::is_alphabetic);
            if let Some(close) = rider.filter(|_| value && named()) {
                return token(Kind::Placeholder, len + 2 + close + 1);
            }
            let len = match tail(line, len).find(')').filter(|_| value && word.contains('(') && !word.contains(')')) {
                Some(close) => len + close + 1,
                None => len,
            };
            let word = line.get(..len).unwrap_or("");
            let list = tail(line, len).starts_with("[]");
            if value && TYPES.contains(&word.to_ascii_lowercase().as_str()) {
                return token(Kind::Placeholder, len + if list { 2 } else { 0 });
            }
            token(Kind::Word, len)
        }
    }
}

/// Whether a colon follows.
fn is_key(all: &str, at: usize) -> bool {
    tail(all, at).trim_start().starts_with(':')
}

/// Whether the first thing behind a brace is a key without a value.
fn begins_keys(all: &str, at: usize) -> bool {
    let rest = tail(all, at).trim_start();
    let line = rest.lines().next().unwrap_or("");
    let first = line.starts_with('"').then(|| closing(line, b'"')).flatten();
    first.is_some_and(|it| tail(rest, it).trim_start().starts_with([',', '}']))
}

/// The length of `{{name}}` or `${name}`.
fn template(line: &str) -> Option<usize> {
    let (inner, close) = match line.strip_prefix("{{") {
        Some(inner) => (inner, "}}"),
        None => (line.strip_prefix("${")?, "}"),
    };
    let len = inner.find('}')?;
    let name = inner.get(..len)?.trim();
    let plain = name.chars().all(|it| it.is_alphanumeric() || "_-.$ ".contains(it)) && !name.is_empty();
    (plain && tail(inner, len).starts_with(close)).then_some(2 + len + close.len())
}

/// The length of `"open" | "closed"`, of values that are written or described.
fn union(line: &str) -> Option<usize> {
    memchr::memchr(b'|', line.as_bytes())?;
    let (mut at, mut count) = (0, 0);
    loop {
        let rest = tail(line, at);
        let stop = |it: char| it.is_whitespace() || "{}[],:\"'|".contains(it);
        let len = match rest.as_bytes().first()? {
            b'"' => closing(rest, b'"')?,
            _ => rest.find(stop).unwrap_or(rest.len()),
        };
        if len == 0 {
            return None;
        }
        (at, count) = (at + len, count + 1);
        let after = tail(line, at).trim_start();
        let Some(next) = after.strip_prefix('|') else { return (count > 1).then_some(at) };
        at = line.len() - next.trim_start().len();
    }
}

/// Whether a bare word may be a name: of a value, or of what stands in its place.
fn is_name(word: &str) -> bool {
    let near = |it: &str| source::distance(word, it, 1).is_some();
    let meant = ["true", "false", "null"].into_iter().any(near)
        || ["True", "False", "None", "Null", "TRUE", "FALSE", "NULL", "undefined", "NaN", "Infinity"].contains(&word);
    word.starts_with(|it: char| it.is_alphabetic() || it == '_')
        && word.chars().all(|it| it.is_alphanumeric() || "_-.?*()<>$/, ".contains(it))
        && !meant
}

/// Whether a bare word describes a value: it is the name of a type or of a variable.
fn describes(word: &str) -> bool {
    word.contains(['_', '<', '(', '?', '/'])
        || word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase)
}

/// The length of the quoted text that `line` begins with.
fn closing(line: &str, quote: u8) -> Option<usize> {
    let mut from = 1;
    loop {
        let at = from + memchr::memchr2(quote, b'\\', line.as_bytes().get(from..)?)?;
        if line.as_bytes().get(at) == Some(&quote) {
            return Some(at + 1);
        }
        // What stands behind a backslash closes nothing.
        from = at + 2;
    }
}

/// Whether a bare word is a JSON value.
pub(super) fn literal(word: &str) -> bool {
    matches!(word, "true" | "false" | "null") || number(word)
}

/// RFC 8259, section 6.
fn number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (word, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|it| digits(it.strip_prefix(['+', '-']).unwrap_or(it)))
}

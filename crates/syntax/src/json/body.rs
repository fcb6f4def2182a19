//! From the tokens of a body to its value: holes are masked by blanks and empty strings of the same
//! length, and the rest is read strictly.

use std::collections::HashMap;
use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use source::{Spanned, Text};

use super::scan::{Kind, Scan, Token};
use super::{Json, Property};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// The value of a scanned body, or what is wrong with it.
pub(super) fn value(text: &Text, scan: &Scan) -> Result<Option<Spanned<Json>>, (Range<usize>, String)> {
    let mut value = whole(text, scan)?;
    if let Some(value) = value.as_mut().filter(|_| scan.elided) {
        without_rest(&mut value.value);
    }
    Ok(value)
}

/// Takes out what stands for the rest: `"..."` and `{ "...": "..." }` in a list, `"...": "..."` beside other
/// members. Recursion is bounded by the depth that the scan lets through.
fn without_rest(json: &mut Json) {
    let dots = |it: &str| matches!(it, "..." | "…");
    let rest = |it: &Property| {
        let value = &it.value.value;
        dots(&it.key.value) && (matches!(value, Json::Hole(_) | Json::Null) || value.as_str().is_some_and(dots))
    };
    match json {
        Json::Array(elements) => {
            elements.retain(|it| match &it.value {
                Json::Object(properties) => !matches!(properties.as_slice(), [only] if rest(only)),
                other => !other.as_str().is_some_and(dots),
            });
            elements.iter_mut().for_each(|it| without_rest(&mut it.value));
        }
        Json::Object(properties) => {
            if properties.len() > 1 {
                properties.retain(|it| !rest(it));
            }
            properties.iter_mut().for_each(|it| without_rest(&mut it.value.value));
        }
        _ => {}
    }
}

/// The value with all that is written in it.
fn whole(text: &Text, scan: &Scan) -> Result<Option<Spanned<Json>>, (Range<usize>, String)> {
    if let Some(value) = Plain::read(text, scan) {
        return Ok(Some(value));
    }
    let significant = || scan.tokens.iter().filter(|it| it.kind != Kind::Comment);
    let (Some(first), Some(last)) = (significant().next(), significant().next_back()) else {
        return Ok(None);
    };
    let range = first.range.start..last.range.end;
    let Some((masked, holes)) = mask(text.as_str(), range.clone(), &scan.tokens) else { return Ok(None) };
    let (masked, origin) = match scan.fragment {
        true => (format!("{{{masked}}}"), 1),
        false => (masked, 0),
    };
    let reader = Reader { text, holes, start: range.start, origin };
    match parse_to_ast(&masked, &CollectOptions::default(), &STRICT) {
        Ok(result) => Ok(result.value.map(|it| {
            let mut value = reader.value(it);
            if scan.fragment {
                value.span = text.span(range);
            }
            value
        })),
        Err(error) => {
            let at = (range.start + error.range().start).saturating_sub(origin);
            Err(explain(text.as_str(), &scan.tokens, at, error.kind()))
        }
    }
}

/// Builds the value of a body that is plain JSON from its tokens: no holes, no comments, no escapes.
struct Plain<'a> {
    text: &'a Text,
    tokens: std::slice::Iter<'a, Token>,
}

impl<'a> Plain<'a> {
    /// `None` for what is not plain, or wrong.
    fn read(text: &'a Text, scan: &'a Scan) -> Option<Spanned<Json>> {
        let mut plain = Plain { text, tokens: scan.tokens.iter() };
        let value = plain.value().filter(|_| !scan.fragment)?;
        plain.tokens.next().is_none().then_some(value)
    }

    fn next(&mut self) -> Option<&'a Token> {
        self.tokens.next()
    }

    /// Takes the next token if it is of this kind.
    fn take(&mut self, kind: Kind) -> Option<&'a Token> {
        let token = self.tokens.as_slice().first().filter(|it| it.kind == kind)?;
        self.next();
        Some(token)
    }

    fn written(&self, token: &Token) -> &'a str {
        self.text.as_str().get(token.range.clone()).unwrap_or("")
    }

    fn string(&self, token: &Token) -> Option<String> {
        let inner = self.written(token).strip_prefix('"')?.strip_suffix('"')?;
        let plain = inner.bytes().all(|it| it != b'\\' && !it.is_ascii_control());
        plain.then(|| inner.to_owned())
    }

    /// Recursion is bounded by the depth that the scan lets through.
    fn value(&mut self) -> Option<Spanned<Json>> {
        let token = self.next()?;
        let mut end = token.range.end;
        let json = match token.kind {
            Kind::String => Json::String(self.string(token)?),
            Kind::Word => match self.written(token) {
                "null" => Json::Null,
                word @ ("true" | "false") => Json::Bool(word == "true"),
                number => Json::Number(number.to_owned()),
            },
            Kind::Open('{') => {
                let mut properties = Vec::new();
                end = self.each('}', |it| {
                    let key = it.take(Kind::String)?;
                    let name = Spanned::new(it.string(key)?, it.text.span(key.range.clone()));
                    it.take(Kind::Colon)?;
                    properties.push(Property { key: name, value: it.value()? });
                    Some(())
                })?;
                Json::Object(properties)
            }
            Kind::Open(_) => {
                let mut elements = Vec::new();
                end = self.each(']', |it| {
                    elements.push(it.value()?);
                    Some(())
                })?;
                Json::Array(elements)
            }
            _ => return None,
        };
        Some(Spanned::new(json, self.text.span(token.range.start..end)))
    }

    /// Reads what stands between commas up to a bracket, which a comma may precede; gives the end of it.
    fn each(&mut self, close: char, mut read: impl FnMut(&mut Self) -> Option<()>) -> Option<usize> {
        loop {
            if let Some(token) = self.take(Kind::Close(close)) {
                return Some(token.range.end);
            }
            read(self)?;
            if self.take(Kind::Comma).is_none() {
                return self.take(Kind::Close(close)).map(|it| it.range.end);
            }
        }
    }
}

/// The text of `range` with its comments and holes masked, and the holes that stand for values.
fn mask(all: &str, range: Range<usize>, tokens: &[Token]) -> Option<(String, HashMap<usize, Range<usize>>)> {
    let mut bytes = all.get(range.clone())?.as_bytes().to_vec();
    let mut holes = HashMap::new();
    let mut put = |place: &Range<usize>, with: &[u8]| {
        let place = place.start.saturating_sub(range.start)..place.end.saturating_sub(range.start);
        if let Some(bytes) = bytes.get_mut(place) {
            bytes.fill(b' ');
            for (to, from) in bytes.iter_mut().zip(with) {
                *to = *from;
            }
        }
    };
    let mut end = range.start;
    let mut previous: Option<Kind> = None;
    let mut drop_comma = false;
    let mut tokens = tokens.iter().peekable();
    while let Some(token) = tokens.next() {
        if end < token.range.start {
            put(&(end..token.range.start), b"");
        }
        end = token.range.end;
        match token.kind {
            Kind::Comment => {
                put(&token.range, b"");
                continue;
            }
            Kind::Placeholder => {
                put(&token.range, b"\"\"");
                holes.insert(token.range.start, token.range.clone());
            }
            Kind::Ellipsis if previous == Some(Kind::Colon) => {
                put(&token.range, b"\"\"");
                holes.insert(token.range.start, token.range.clone());
            }
            Kind::Ellipsis => {
                let separated = matches!(previous, None | Some(Kind::Open(_) | Kind::Comma));
                let next = tokens.peek().map(|it| it.kind);
                let parts = matches!(next, Some(Kind::Comma | Kind::Close(_) | Kind::Ellipsis | Kind::Comment) | None);
                put(&token.range, if separated || parts { b"" } else { b"," });
                drop_comma = separated;
                continue;
            }
            Kind::Comma if drop_comma => {
                put(&token.range, b"");
                drop_comma = false;
                continue;
            }
            _ => {}
        }
        drop_comma = false;
        previous = Some(token.kind);
    }
    Some((String::from_utf8(bytes).ok()?, holes))
}

struct Reader<'a> {
    text: &'a Text,
    holes: HashMap<usize, Range<usize>>,
    start: usize,
    origin: usize,
}

impl Reader<'_> {
    fn place(&self, range: jsonc_parser::common::Range) -> Range<usize> {
        let at = |it: usize| (self.start + it).saturating_sub(self.origin);
        at(range.start)..at(range.end)
    }

    /// Recursion is bounded by the depth that the scan lets through.
    fn value(&self, value: Value<'_>) -> Spanned<Json> {
        use jsonc_parser::common::Ranged;
        let place = self.place(value.range());
        let json = match value {
            Value::StringLit(it) => match self.holes.get(&place.start) {
                Some(hole) => {
                    let written = self.text.as_str().get(hole.clone()).unwrap_or("").to_owned();
                    return Spanned::new(Json::Hole(written), self.text.span(hole.clone()));
                }
                None => Json::String(it.value.into_owned()),
            },
            Value::NumberLit(it) => Json::Number(it.value.to_owned()),
            Value::BooleanLit(it) => Json::Bool(it.value),
            Value::NullKeyword(_) => Json::Null,
            Value::Array(it) => Json::Array(it.elements.into_iter().map(|it| self.value(it)).collect()),
            Value::Object(it) => Json::Object(
                it.properties
                    .into_iter()
                    .map(|it| {
                        let span = self.text.span(self.place(it.name.range()));
                        let key = Spanned::new(it.name.into_string(), span);
                        Property { key, value: self.value(it.value) }
                    })
                    .collect(),
            ),
        };
        Spanned::new(json, self.text.span(place))
    }
}

/// What the strict reader found wrong, in plain words, at a token.
fn explain(all: &str, tokens: &[Token], at: usize, kind: &ParseErrorKind) -> (Range<usize>, String) {
    let mut previous: Option<&Token> = None;
    let mut here: Option<&Token> = None;
    for token in tokens.iter().filter(|it| it.kind != Kind::Comment) {
        if token.range.end > at {
            here = Some(token);
            break;
        }
        previous = Some(token);
    }
    let place = here.or(previous).map_or(at..at, |it| it.range.clone());
    let found = all.get(place.clone()).unwrap_or("").to_owned();
    let before = previous.map_or(place.clone(), |it| it.range.clone());
    match kind {
        ParseErrorKind::ExpectedColonAfterObjectKey => {
            let key = if here.is_some_and(|it| it.kind == Kind::String) { place } else { before };
            (key, "this key has no value".to_owned())
        }
        ParseErrorKind::ExpectedObjectValue => (before, "a value is missing after this".to_owned()),
        ParseErrorKind::ExpectedComma => (before, "missing comma after this".to_owned()),
        ParseErrorKind::String(_) => (place, "this string holds an escape that JSON does not know".to_owned()),
        ParseErrorKind::UnexpectedComma => (place, "no value stands before this comma".to_owned()),
        _ => (place, format!("unexpected `{found}`")),
    }
}

//! Shapes of bodies: their keys to a small depth, from examples, types and pseudo-code alike, so that an
//! envelope that is defined in one notation can be compared with bodies in another.

use model::{Entity, Spec};
use source::{Span, Text};
use syntax::code::{self, Dialect, Kind, Token};
use syntax::json::Json;
use syntax::types::Type;

/// The keys of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shape {
    pub(crate) keys: Vec<Key>,
    /// Whether keys may be left out (`...`).
    pub(crate) open: bool,
}

/// A key of an object.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) span: Span,
    pub(crate) optional: bool,
    pub(crate) value: Content,
}

/// What a key holds.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Object(Shape),
    List,
    Text,
    Null,
    Other,
}

/// Deeper keys are of the data, not of the envelope.
const MAX_DEPTH: usize = 3;

impl Shape {
    /// A key by its exact name.
    pub(crate) fn get(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|it| it.name == name)
    }

    /// The shape of an example; `None` if it is no object.
    pub(crate) fn of_json(json: &Json) -> Option<Shape> {
        match content_of(json, 0) {
            Content::Object(shape) => Some(shape),
            _ => None,
        }
    }

    /// The shape of a type; `None` if it is no object.
    pub(crate) fn of_type(spec: &Spec, ty: &Type) -> Option<Shape> {
        match content_of_type(spec, ty, 0) {
            Content::Object(shape) => Some(shape),
            _ => None,
        }
    }

    /// The shape of a declared record.
    pub(crate) fn of_entity(spec: &Spec, entity: &Entity) -> Shape {
        let keys = entity.fields.iter().map(|it| Key {
            name: it.name.value.clone(),
            span: it.name.span,
            optional: !it.required || it.nullable,
            value: it.ty.as_ref().map_or(Content::Other, |it| content_of_type(spec, &it.value, 1)),
        });
        Shape { keys: keys.collect(), open: false }
    }

    /// The first object in braces of a text in any notation with `key: value`; `None` if there is none.
    pub(crate) fn of_code(text: &Text) -> Option<Shape> {
        let tokens = code::tokens(text.as_str(), Dialect::Braces);
        let open = tokens.iter().position(|it| it.is("{"))?;
        object(text, &tokens, open, 0).map(|it| it.0)
    }

    /// As its author would write it in a line: `{ error: { code, message } }`.
    pub(crate) fn describe(&self) -> String {
        let keys: Vec<String> = self
            .keys
            .iter()
            .map(|it| match &it.value {
                Content::Object(inner) if !inner.keys.is_empty() && inner.keys.len() <= 6 => {
                    format!("{}: {}", it.name, inner.describe())
                }
                _ => it.name.clone(),
            })
            .collect();
        format!("{{ {} }}", keys.join(", "))
    }
}

fn content_of(json: &Json, depth: usize) -> Content {
    match json {
        Json::Object(properties) if depth < MAX_DEPTH => {
            let keys = properties.iter().map(|it| Key {
                name: it.key.value.clone(),
                span: it.key.span,
                optional: matches!(it.value.value, Json::Null),
                value: content_of(&it.value.value, depth + 1),
            });
            Content::Object(Shape { keys: keys.collect(), open: false })
        }
        Json::Array(_) => Content::List,
        Json::Null => Content::Null,
        // `"object"`, `"any"` in the place of a value name a type.
        Json::String(text) if matches!(text.as_str(), "object" | "any" | "array" | "...") => Content::Other,
        Json::String(_) => Content::Text,
        _ => Content::Other,
    }
}

fn content_of_type(spec: &Spec, ty: &Type, depth: usize) -> Content {
    match ty.bare() {
        Type::Object(members) if depth < MAX_DEPTH => {
            let keys = members.iter().map(|it| Key {
                name: it.name.value.clone(),
                span: it.name.span,
                optional: it.optional || it.ty.value.is_nullable(),
                value: content_of_type(spec, &it.ty.value, depth + 1),
            });
            Content::Object(Shape { keys: keys.collect(), open: false })
        }
        Type::Array(_) => Content::List,
        Type::Text(_) | Type::Enum(_) => Content::Text,
        Type::Named(name) if depth < MAX_DEPTH => match spec.entity(&name.value) {
            Some(entity) => {
                let keys = entity.fields.iter().map(|it| Key {
                    name: it.name.value.clone(),
                    span: it.name.span,
                    optional: !it.required || it.nullable,
                    value: it.ty.as_ref().map_or(Content::Other, |it| content_of_type(spec, &it.value, depth + 1)),
                });
                Content::Object(Shape { keys: keys.collect(), open: false })
            }
            None => match spec.resolve(&name.value) {
                Some(ty) if !matches!(ty, Type::Named(_)) => content_of_type(spec, &ty, depth + 1),
                _ => Content::Other,
            },
        },
        _ => Content::Other,
    }
}

/// The object that opens at `open`, and the index after its brace.
fn object(text: &Text, tokens: &[Token<'_>], open: usize, depth: usize) -> Option<(Shape, usize)> {
    let mut shape = Shape::default();
    let mut at = open + 1;
    loop {
        let token = tokens.get(at)?;
        match token.text {
            "}" if token.kind == Kind::Mark => return Some((shape, at + 1)),
            "." if token.kind == Kind::Mark => {
                shape.open = true;
                at += 1;
            }
            _ if matches!(token.kind, Kind::Name | Kind::Quoted) => {
                let (key, next) = entry(text, tokens, at, depth)?;
                shape.keys.push(key);
                at = next;
            }
            _ => at += 1,
        }
    }
}

/// A key with what it holds, and the index after it.
fn entry(text: &Text, tokens: &[Token<'_>], from: usize, depth: usize) -> Option<(Key, usize)> {
    let name = tokens.get(from)?;
    let mut at = from + 1;
    let optional = tokens.get(at).is_some_and(|it| it.is("?"));
    at += usize::from(optional);
    let bare = name.text.trim_matches(['"', '\'', '`']);
    let start = name.at + name.text.find(bare).unwrap_or(0);
    let mut key =
        Key { name: bare.to_owned(), span: text.span(start..start + bare.len()), optional, value: Content::Other };
    if !tokens.get(at).is_some_and(|it| it.is(":")) {
        // `{ code, message }`; the rest of the entry is skipped.
        return Some((key, skip(tokens, at)?));
    }
    at += 1;
    let value = tokens.get(at)?;
    match value.text {
        "{" if value.kind == Kind::Mark && depth < MAX_DEPTH => {
            let (inner, next) = object(text, tokens, at, depth + 1)?;
            // `{…}[]` is a list.
            let list = tokens.get(next).is_some_and(|it| it.is("["));
            key.value = if list { Content::List } else { Content::Object(inner) };
            at = next;
        }
        "[" if value.kind == Kind::Mark => key.value = Content::List,
        "null" => {
            key.value = Content::Null;
            key.optional = true;
        }
        "string" | "str" | "String" if !tokens.get(at + 1).is_some_and(|it| it.is("[")) => key.value = Content::Text,
        _ if value.kind == Kind::Quoted => key.value = Content::Text,
        _ => {}
    }
    let end = skip(tokens, at)?;
    let nullable =
        tokens.get(at..end).unwrap_or(&[]).windows(2).any(|it| matches!(it, [a, b] if a.is("|") && b.is("null")));
    key.optional |= nullable;
    Some((key, end))
}

/// The index of the token that ends an entry: a comma or semicolon (after it), a closing brace, or the first
/// token of a later line.
fn skip(tokens: &[Token<'_>], from: usize) -> Option<usize> {
    let mut depth = 0usize;
    let line = tokens.get(from.saturating_sub(1))?.line;
    let mut at = from;
    loop {
        let token = tokens.get(at)?;
        let mark = token.kind == Kind::Mark;
        match token.text {
            "{" | "[" | "(" | "<" if mark => depth += 1,
            "}" if mark && depth == 0 => return Some(at),
            "}" | "]" | ")" | ">" if mark => depth = depth.saturating_sub(1),
            "," | ";" if mark && depth == 0 => return Some(at + 1),
            _ if depth == 0 && token.line > line && token.kind != Kind::Comment && !token.is("|") => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;

    #[test]
    fn shapes_of_code() {
        for (code, expected) in [
            (
                "{ success: false, error: { code, message, details? } }",
                "{ success, error: { code, message, details } }",
            ),
            ("Response: { \"data\": [Workspace, ...] }", "{ data }"),
            ("{ \"data\": { ... }, \"meta\": { \"id\": \"x\" }, \"error\": null }", "{ data, meta: { id }, error }"),
            (
                "interface E {\n  error: {\n    code: string\n    message: string\n  }\n}",
                "{ error: { code, message } }",
            ),
            ("{ a: string | null; b: X[]; c: { d: 1 }[] }", "{ a, b, c }"),
            ("no braces", ""),
            ("{ a: { b", ""),
        ] {
            let found = Shape::of_code(&Text::verbatim(code, FileId(0), 0));
            assert_eq!(found.map(|it| it.describe()).unwrap_or_default(), expected, "{code}");
        }
    }
}

//! What stands beside a type: whether it is required, its format, its words; the rest is handed on.

use std::ops::Range;

use super::lexer::Kind;
use super::{Reader, fold};
use crate::types::{Type, TypeWords, known_word};

/// Whether the words say that a value is required or optional, and nothing else.
pub(super) fn requiredness(words: &str) -> Option<bool> {
    match fold(words).as_str() {
        "required" | "mandatory" | "notnull" | "nonnull" | "notnullable" | "nonnullable" | "yes" | "req" => Some(true),
        "optional" | "nullable" | "null" | "notrequired" | "no" | "opt" | "ornull" => Some(false),
        _ => None,
    }
}

/// Reads what follows the type. `known`: the type is certain, so that words in brackets may narrow it.
pub(super) fn read(reader: &mut Reader<'_>, words: &mut TypeWords, known: bool) {
    let mut start = reader.at;
    let mut open = None;
    for at in reader.at..=reader.toks.len() {
        let kind = reader.toks.get(at).map(|it| it.kind);
        match (kind, open) {
            (None | Some(Kind::Punct(',' | ';')), None) => {
                piece(reader, words, start..at);
                start = at + 1;
            }
            (Some(Kind::Punct('(')), None) if at == start || !known => {
                piece(reader, words, start..at);
                open = Some(at + 1);
            }
            (Some(Kind::Punct(')')) | None, Some(from)) => {
                group(reader, words, from..at, known);
                open = None;
                start = at + 1;
            }
            _ => {}
        }
    }
    reader.at = reader.toks.len();
}

/// A bracket: a type's words, its format, or several riders.
fn group(reader: &mut Reader<'_>, words: &mut TypeWords, toks: Range<usize>, known: bool) {
    let text_like = |ty: &Type| matches!(ty.bare(), Type::Text(None) | Type::Json | Type::Named(_));
    if known && text_like(&words.ty) {
        reader.at = toks.start;
        let list = reader.word(0).map(fold).filter(|it| {
            let colon = reader.is_punct(1, ':') || (it == "one" && reader.is_word(1, "of"));
            colon && matches!(it.as_str(), "enum" | "values" | "oneof" | "one" | "allowed" | "options")
        });
        let barred = |from: usize| {
            reader.toks.get(from..toks.end).is_some_and(|it| it.iter().any(|tok| tok.kind == Kind::Punct('|')))
        };
        let from = match list {
            Some(_) => Some(toks.start + 2 + usize::from(reader.is_punct(2, ':'))),
            None if barred(toks.start) && matches!(words.ty.bare(), Type::Text(_)) => Some(toks.start),
            None => None,
        };
        if let Some(ty) = from.and_then(|from| reader.values(from..toks.end)) {
            narrow(words, ty);
            requiredness_within(reader, words, toks);
            return;
        }
    }
    let mut start = toks.start;
    for at in toks.clone().chain([toks.end]) {
        let kind = reader.toks.get(at).map(|it| it.kind);
        if at == toks.end || matches!(kind, Some(Kind::Punct(',' | ';'))) {
            piece(reader, words, start..at);
            start = at + 1;
        }
    }
}

fn requiredness_within(reader: &Reader<'_>, words: &mut TypeWords, toks: Range<usize>) {
    let written = reader.written(toks).to_string();
    for piece in written.split([',', ';']) {
        require(words, piece);
    }
}

fn require(words: &mut TypeWords, piece: &str) -> bool {
    let Some(required) = requiredness(piece) else {
        return false;
    };
    words.required = words.required.or(Some(required));
    if matches!(fold(piece).as_str(), "nullable" | "null" | "ornull") {
        let ty = std::mem::replace(&mut words.ty, Type::Json);
        words.ty = ty.nullable();
    }
    true
}

/// One rider.
fn piece(reader: &Reader<'_>, words: &mut TypeWords, toks: Range<usize>) {
    let mut toks = toks;
    let is_lead = |at: usize| {
        reader.toks.get(at).is_some_and(|it| matches!(it.kind, Kind::Punct('-' | '—' | '–' | ':' | ',' | ';' | ')')))
    };
    while toks.start < toks.end && is_lead(toks.start) {
        toks.start += 1;
    }
    if toks.is_empty() {
        return;
    }
    let written = reader.written(toks.clone());
    if require(words, written) {
        return;
    }
    let format = known_word(written).filter(|it| {
        matches!(
            it,
            Type::Uuid
                | Type::Email
                | Type::Url
                | Type::Ip
                | Type::Date
                | Type::Time
                | Type::DateTime
                | Type::Duration
                | Type::Decimal(_)
        )
    });
    match format {
        Some(ty) if matches!(words.ty.bare(), Type::Text(None)) => narrow(words, ty),
        _ => words.rest.push(reader.spanned(toks)),
    }
}

fn narrow(words: &mut TypeWords, ty: Type) {
    words.ty = if words.ty.is_nullable() { ty.nullable() } else { ty };
}

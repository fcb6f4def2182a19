//! Conditions that are plain sets of values.

use std::ops::Range;

use super::{Kind, Reader, Spanned, Type};

/// `column IN (…)`.
pub(super) struct Set {
    pub(super) column: String,
    /// An enum, or literals where the values are numbers.
    pub(super) ty: Type,
}

/// Whether a column of type `ty` may be said to be `set`.
pub(super) fn may_become(ty: &Type, set: &Type) -> bool {
    match set {
        Type::Literals(_) => matches!(ty, Type::Integer | Type::Number | Type::Decimal(_)),
        _ => matches!(ty, Type::Text(_) | Type::Enum(_) | Type::Named(_) | Type::Opaque(_)),
    }
}

impl Reader<'_> {
    /// The tokens within the bracket that opens here.
    pub(super) fn inside(&self) -> Range<usize> {
        let close = self.closing(self.at).unwrap_or(self.end);
        self.at + 1..close.max(self.at + 1)
    }

    /// The values in the bracket that opens here; it is skipped.
    pub(super) fn words_in_bracket(&mut self) -> Vec<Spanned<String>> {
        let inside = self.inside();
        let words = self
            .toks
            .get(inside)
            .unwrap_or_default()
            .iter()
            .filter(|it| matches!(it.kind, Kind::Text | Kind::Name))
            .map(|it| self.spanned(it.inner.clone()))
            .collect();
        self.skip_bracket();
        words
    }

    /// Reads `x IN ('a', 'b')`, `x IS NULL OR x IN (…)`, `x = ANY (ARRAY['a', 'b'])`,
    /// `x = 'a' OR x = 'b'` and casts in them; nothing if the condition says anything else.
    pub(super) fn set(&self, toks: Range<usize>) -> Option<Set> {
        let mut toks = toks;
        while self.is(toks.start, "(") && self.closing(toks.start)? + 1 == toks.end {
            toks = toks.start + 1..toks.end - 1;
        }
        let mut column: Option<&str> = None;
        let mut words: Vec<Spanned<String>> = Vec::new();
        let mut numbers = true;
        let mut at = toks.start;
        loop {
            let (name, after) = self.operand(at, toks.end)?;
            if column.is_some_and(|it| !it.eq_ignore_ascii_case(name)) {
                return None;
            }
            column = Some(name);
            at = after;
            if self.is(at, "is") && self.is(at + 1, "null") {
                at += 2;
            } else {
                let from = at;
                if self.is(at, "=") {
                    at += 1;
                    if self.is(at, "any") {
                        at += 1;
                    }
                } else if self.is(at, "in") {
                    at += 1;
                } else {
                    return None;
                }
                while at < toks.end && !self.is(at, "or") {
                    let tok = self.toks.get(at)?;
                    match tok.kind {
                        Kind::Text => {
                            words.push(self.spanned(tok.inner.clone()));
                            numbers = false;
                        }
                        Kind::Number => words.push(self.spanned(tok.inner.clone())),
                        Kind::Sign('(' | ')' | '[' | ']' | ',') => {}
                        Kind::Sign('~') if self.slice(tok.range.clone()) == "::" => {
                            at = self.after_cast(at, toks.end);
                            continue;
                        }
                        Kind::Word if self.is(at, "array") => {}
                        _ => return None,
                    }
                    at += 1;
                }
                (at > from + 1).then_some(())?;
            }
            if at >= toks.end {
                break;
            }
            at += 1;
        }
        let mixed = numbers != words.iter().all(|it| it.value.parse::<f64>().is_ok()) && numbers;
        if words.is_empty() || mixed {
            return None;
        }
        let ty = if numbers { Type::Literals(words) } else { Type::Enum(words) };
        Some(Set { column: column?.to_string(), ty })
    }

    /// A column, alone, in brackets, cast, or in `lower()`.
    fn operand(&self, at: usize, end: usize) -> Option<(&str, usize)> {
        let mut at = at;
        let mut open = 0usize;
        while self.is(at, "(") || self.is(at, "lower") || self.is(at, "upper") {
            open += usize::from(self.is(at, "("));
            at += 1;
        }
        let tok = self.toks.get(at).filter(|it| matches!(it.kind, Kind::Word | Kind::Name))?;
        at += 1;
        while at < end {
            if open > 0 && self.is(at, ")") {
                open -= 1;
                at += 1;
            } else if self.is(at, "::") {
                at = self.after_cast(at, end);
            } else {
                break;
            }
        }
        (open == 0).then(|| (self.slice(tok.inner.clone()), at))
    }

    /// The token after `::text`, `::order_state[]`, `::character varying`.
    pub(super) fn after_cast(&self, at: usize, end: usize) -> usize {
        let mut at = at + 2;
        while at < end && (self.is(at, "varying") || self.is(at, "[") || self.is(at, "]")) {
            at += 1;
        }
        at
    }

    fn is(&self, at: usize, word: &str) -> bool {
        let written = self.toks.get(at).map(|it| self.slice(it.range.clone()));
        written.is_some_and(|it| it.eq_ignore_ascii_case(word))
    }
}

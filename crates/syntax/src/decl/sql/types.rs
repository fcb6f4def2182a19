//! SQL types.

use super::{Kind, Reader, Type};
use crate::types::{known_word, sized};

/// The type that a word names by itself.
pub(super) fn base(word: &str) -> Option<Type> {
    match word.to_ascii_lowercase().as_str() {
        "vector" | "halfvec" => Some(Type::Array(Box::new(Type::Number))),
        "sql_variant" => Some(Type::Json),
        "image" => Some(Type::Bytes),
        "year" => Some(Type::Integer),
        // Words of other worlds, which name types of the schema here.
        "list" | "map" | "record" | "array" | "email" | "url" | "phone" | "password" | "slug" => None,
        folded => known_word(folded),
    }
}

impl Reader<'_> {
    /// A type with its arguments, its array marks and `UNSIGNED`. Nothing if no type stands here.
    pub(super) fn ty(&mut self) -> Option<Type> {
        let start = self.at;
        let mut ty = self.scalar()?;
        while self.is_any(0, &["unsigned", "signed", "zerofill"]) {
            self.at += 1;
        }
        loop {
            if self.eat_word("array") {
                ty = Type::Array(Box::new(ty));
            } else if self.is_sign(0, '[') {
                while self.at < self.end && !self.eat_sign(']') {
                    self.at += 1;
                }
                ty = Type::Array(Box::new(ty));
            } else {
                break;
            }
        }
        if let Type::Opaque(_) = ty {
            ty = Type::Opaque(self.slice(self.range(start..self.at)).to_string());
        }
        Some(ty)
    }

    fn scalar(&mut self) -> Option<Type> {
        if self.is_word(0, "enum") && self.is_sign(1, '(') {
            self.at += 1;
            return Some(Type::Enum(self.words_in_bracket()));
        }
        if self.is_word(0, "set") && self.is_sign(1, '(') {
            self.at += 1;
            return Some(Type::Array(Box::new(Type::Enum(self.words_in_bracket()))));
        }
        for (words, ty) in [
            (&["double", "precision"] as &[&str], Type::Number),
            (&["character", "varying"], Type::Text(None)),
            (&["char", "varying"], Type::Text(None)),
            (&["national", "character", "varying"], Type::Text(None)),
            (&["national", "character"], Type::Text(None)),
            (&["bit", "varying"], Type::Bytes),
        ] {
            if self.eat_words(words) {
                let numbers = self.arguments();
                return Some(sized(ty, "", &numbers));
            }
        }
        let is_quoted = self.tok(0)?.kind == Kind::Name;
        let word = self.word(0).unwrap_or_default().to_ascii_lowercase();
        let name = self.name()?;
        let known = match is_quoted {
            true => base(&name.value),
            false => base(&word).filter(|_| name.value.eq_ignore_ascii_case(&word)),
        };
        let start = self.at;
        let numbers = self.arguments();
        let zone = ["with", "without"]
            .iter()
            .any(|it| self.eat_words(&[it, "time", "zone"]) || self.eat_words(&[it, "local", "time", "zone"]));
        Some(match known {
            Some(Type::Boolean) if word == "bit" && numbers.first().is_some_and(|it| *it > 1) => Type::Bytes,
            Some(Type::Array(item)) => Type::Array(item),
            Some(ty) => sized(ty, &word, &numbers),
            None if zone || self.at > start => Type::Opaque(String::new()),
            None if is_opaque(&word) => Type::Opaque(String::new()),
            None => Type::Named(name),
        })
    }

    /// `(10,2)`, `(MAX)`: the numbers in brackets.
    fn arguments(&mut self) -> Vec<u32> {
        let mut numbers = Vec::new();
        if self.is_sign(0, '(') {
            let close = self.closing(self.at).unwrap_or(self.end);
            for tok in self.toks.get(self.at..close).unwrap_or_default() {
                numbers.extend(self.slice(tok.range.clone()).parse::<u32>().ok());
            }
            self.skip_bracket();
        }
        numbers
    }
}

/// Types that are kept, not checked.
fn is_opaque(word: &str) -> bool {
    matches!(
        word,
        "point"
            | "line"
            | "polygon"
            | "geometry"
            | "geography"
            | "tsvector"
            | "tsquery"
            | "ltree"
            | "macaddr"
            | "oid"
            | "tsrange"
            | "tstzrange"
            | "daterange"
            | "int4range"
            | "int8range"
            | "numrange"
            | "hierarchyid"
    )
}

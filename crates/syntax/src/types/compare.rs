//! Whether what two sources say about one value's type can both be true.

use std::cell::Cell;

use source::Spanned;

use crate::decl::Member;
use crate::types::vocabulary::fold;
use crate::types::{Type, known_word};

/// How two types relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compatibility {
    /// They are one type.
    Same,
    /// Both can be true; one may say more.
    Narrower,
    /// No value has both, or their sets of words differ.
    Conflict,
    /// Nothing can be said: a type that is not read, or one that is kept in another form.
    Unknown,
}

/// Aliases of aliases are followed this far.
const DEPTH: u8 = 16;

/// Pairs that are compared at most: aliases that hold others twice double with each step.
const PAIRS: u32 = 10_000;

/// Compares two types without their nullability. `resolve` gives what an alias stands for, and
/// nothing for an entity and for a name that is not declared.
pub fn compatible(a: &Type, b: &Type, resolve: &dyn Fn(&str) -> Option<Type>) -> Compatibility {
    let pairs = Cell::new(0);
    let resolve = |name: &str| {
        pairs.set(pairs.get() + 1);
        if pairs.get() > PAIRS { Some(Type::Json) } else { resolve(name) }
    };
    compare(a, b, &resolve, DEPTH)
}

/// Whether two words of a set are one, without case, spaces, underscores and hyphens.
pub fn same_word(a: &str, b: &str) -> bool {
    a == b || fold(a) == fold(b)
}

fn compare(a: &Type, b: &Type, resolve: &dyn Fn(&str) -> Option<Type>, depth: u8) -> Compatibility {
    use Compatibility::{Conflict, Narrower, Same, Unknown};
    let Some(depth) = depth.checked_sub(1) else {
        return Unknown;
    };
    match (a.bare(), b.bare()) {
        (Type::Named(a), Type::Named(b)) if fold(&a.value) == fold(&b.value) => Same,
        (Type::Named(name), other) | (other, Type::Named(name)) => {
            match resolve(&name.value).or_else(|| known_word(&name.value)) {
                Some(found) => compare(&found, other, resolve, depth),
                None => reference(other, resolve),
            }
        }
        (Type::Opaque(a), Type::Opaque(b)) if a == b => Same,
        (Type::Json, Type::Json) => Same,
        (Type::Json | Type::Opaque(_), _) | (_, Type::Json | Type::Opaque(_)) => Unknown,

        (Type::Enum(a), Type::Enum(b)) => sets(a, b),
        (Type::Literals(a), Type::Literals(b)) => sets(a, b),
        (Type::Literals(words), other) | (other, Type::Literals(words)) => literals(words, other),

        (Type::Array(a), Type::Array(b)) | (Type::Map(a), Type::Map(b)) => compare(a, b, resolve, depth),
        (Type::Object(a), Type::Object(b)) => objects(a, b, resolve, depth),
        (Type::Array(_) | Type::Object(_), Type::Map(_))
        | (Type::Map(_) | Type::Object(_), Type::Array(_))
        | (Type::Array(_) | Type::Map(_), Type::Object(_)) => Unknown,
        (Type::Object(_) | Type::Map(_), Type::Text(_) | Type::Bytes)
        | (Type::Text(_) | Type::Bytes, Type::Object(_) | Type::Map(_)) => Unknown,

        (Type::Text(a), Type::Text(b)) if a == b => Same,
        (Type::Decimal(a), Type::Decimal(b)) if a == b => Same,
        (Type::Text(_), other) | (other, Type::Text(_)) if is_written_as_text(other) => Narrower,
        (Type::Decimal(_), Type::Decimal(_)) => Narrower,
        (Type::Number | Type::Decimal(_), Type::Integer | Type::Decimal(_))
        | (Type::Integer | Type::Decimal(_), Type::Number | Type::Decimal(_)) => Narrower,
        (Type::Date, Type::DateTime) | (Type::DateTime, Type::Date) => Narrower,

        // Flags, times and lengths of time are often kept as numbers, and ids as bytes.
        (Type::Boolean, Type::Integer) | (Type::Integer, Type::Boolean) => Unknown,
        (Type::DateTime | Type::Duration, Type::Integer | Type::Number)
        | (Type::Integer | Type::Number, Type::DateTime | Type::Duration) => Unknown,
        (Type::Uuid | Type::Ip, Type::Bytes) | (Type::Bytes, Type::Uuid | Type::Ip) => Unknown,

        (a, b) if a == b => Same,
        _ => Conflict,
    }
}

/// Compares an entity's name with another type: a reference is kept as the entity's key.
fn reference(other: &Type, resolve: &dyn Fn(&str) -> Option<Type>) -> Compatibility {
    match other {
        Type::Text(_) | Type::Uuid | Type::Integer => Compatibility::Narrower,
        Type::Named(name) => match resolve(&name.value).or_else(|| known_word(&name.value)) {
            Some(Type::Text(_) | Type::Uuid | Type::Integer) => Compatibility::Narrower,
            _ => Compatibility::Unknown,
        },
        _ => Compatibility::Unknown,
    }
}

fn is_written_as_text(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Text(_)
            | Type::Uuid
            | Type::Email
            | Type::Url
            | Type::Ip
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
            | Type::Decimal(_)
            | Type::Bytes
            | Type::Enum(_)
    )
}

fn sets(a: &[Spanned<String>], b: &[Spanned<String>]) -> Compatibility {
    let within = |a: &[Spanned<String>], b: &[Spanned<String>]| {
        a.iter().all(|x| b.iter().any(|y| same_word(&x.value, &y.value)))
    };
    if within(a, b) && within(b, a) { Compatibility::Same } else { Compatibility::Conflict }
}

fn literals(words: &[Spanned<String>], other: &Type) -> Compatibility {
    let is_flag = |it: &Spanned<String>| matches!(it.value.as_str(), "true" | "false");
    let fits = match other {
        Type::Boolean => words.iter().all(is_flag),
        Type::Integer => words.iter().all(|it| it.value.parse::<i64>().is_ok()),
        Type::Number | Type::Decimal(_) => words.iter().all(|it| it.value.parse::<f64>().is_ok()),
        _ => false,
    };
    match (fits, other) {
        (true, Type::Boolean) if words.len() > 1 => Compatibility::Same,
        (true, _) => Compatibility::Narrower,
        (false, Type::Integer) if words.iter().all(is_flag) => Compatibility::Unknown,
        (false, Type::Boolean) if words.iter().all(|it| matches!(it.value.as_str(), "0" | "1")) => {
            Compatibility::Unknown
        }
        (false, _) => Compatibility::Conflict,
    }
}

/// Two objects conflict where a member that both have does.
fn objects(a: &[Member], b: &[Member], resolve: &dyn Fn(&str) -> Option<Type>, depth: u8) -> Compatibility {
    let mut result = Compatibility::Same;
    let mut shared = 0;
    for member in a {
        let Some(other) = b.iter().find(|it| same_word(&it.name.value, &member.name.value)) else {
            continue;
        };
        shared += 1;
        match compare(&member.ty.value, &other.ty.value, resolve, depth) {
            Compatibility::Conflict => return Compatibility::Conflict,
            Compatibility::Same => {}
            other => result = other,
        }
    }
    match result {
        Compatibility::Same if shared < a.len() || shared < b.len() => Compatibility::Narrower,
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use source::{FileId, Text};

    use super::*;
    use crate::types::read_words;

    fn ty(words: &str) -> Type {
        let text = Text::verbatim(words, FileId(0), 0);
        read_words(&text).map_or(Type::Opaque(String::new()), |it| it.ty)
    }

    #[test]
    fn pairs() {
        use Compatibility::{Conflict, Narrower, Same, Unknown};
        for (a, b, expected) in [
            ("string", "text", Same),
            ("string", "varchar(80)", Narrower),
            ("string", "uuid", Narrower),
            ("string", "email", Narrower),
            ("string", "url", Narrower),
            ("string", "date", Narrower),
            ("string", "timestamp", Narrower),
            ("string", "decimal(10,2)", Narrower),
            ("string", "'a' | 'b'", Narrower),
            ("string", "interval", Narrower),
            ("string", "number", Conflict),
            ("string", "boolean", Conflict),
            ("string", "string[]", Conflict),
            ("number", "integer", Narrower),
            ("number", "money", Narrower),
            ("number", "boolean", Conflict),
            ("integer", "boolean", Unknown),
            ("uuid", "integer", Conflict),
            ("date", "datetime", Narrower),
            ("time", "datetime", Conflict),
            ("json", "integer", Unknown),
            ("json", "json", Same),
            ("Order", "uuid", Narrower),
            ("Order", "Order?", Same),
            ("Order", "boolean", Unknown),
            ("Colour", "'red' | 'green'", Same),
            ("Colour", "'red' | 'blue'", Conflict),
            ("Loop", "integer", Unknown),
            ("enum(in_progress, DONE)", "'done' | 'In Progress'", Same),
            ("enum(a, b)", "enum(a, b, c)", Conflict),
            ("enum(a, b)", "integer", Conflict),
            ("1 | 2", "integer", Narrower),
            ("1.5 | 2", "integer", Conflict),
            ("1 | 2", "string", Conflict),
            ("true", "boolean", Narrower),
            ("string[]", "list of text", Same),
            ("string[]", "integer[]", Conflict),
            ("string[]", "jsonb", Unknown),
            ("string[]", "Map<string, string>", Unknown),
            ("Map<string, integer>", "Record<string, string>", Conflict),
            ("Map<string, integer>", "text", Unknown),
            ("string?", "string", Same),
        ] {
            let resolve = |name: &str| match name {
                "Colour" => Some(ty("'red' | 'green'")),
                "Loop" => Some(Type::Named(Spanned::new("Loop".into(), Default::default()))),
                _ => None,
            };
            assert_eq!(compatible(&ty(a), &ty(b), &resolve), expected, "{a} / {b}");
            assert_eq!(compatible(&ty(b), &ty(a), &resolve), expected, "{b} / {a}");
        }
    }
}

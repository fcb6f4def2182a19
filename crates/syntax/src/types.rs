//! Types of values as documents write them: one language-neutral form for TypeScript types, SQL types,
//! the type column of a Fields table and pseudo-types inside JSON.

use source::{Span, Spanned};

use crate::decl::Member;

mod compare;
mod vocabulary;
mod words;

pub use compare::{Compatibility, compatible, same_word};
pub(crate) use vocabulary::known_name;
pub use vocabulary::known_word;
pub use words::read_words;
pub(crate) use words::sized;

/// The type of a value. Lengths, ranges and patterns are not part of it: they are constraints.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// `string`, `text`, `varchar(80)`; the length limit in characters, if the type carries one.
    Text(Option<u32>),
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// `decimal(10,2)`: digits in all and after the point. `money` is `Decimal(None)`.
    Decimal(Option<(u32, u32)>),
    /// True or false.
    Boolean,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A point in time.
    DateTime,
    /// A length of time.
    Duration,
    /// A UUID.
    Uuid,
    /// An email address.
    Email,
    /// A URL.
    Url,
    /// An IP address.
    Ip,
    /// Any JSON.
    Json,
    /// Bytes.
    Bytes,
    /// One of these words, in the order written.
    Enum(Vec<Spanned<String>>),
    /// One of these numbers or booleans, as written (`1 | 2 | 3`, `true`).
    Literals(Vec<Spanned<String>>),
    /// A list.
    Array(Box<Type>),
    /// A map from text to values.
    Map(Box<Type>),
    /// An object with known members.
    Object(Vec<Member>),
    /// A name: an alias, an enum or an entity, to be resolved, with where it stands.
    Named(Spanned<String>),
    /// `X | null`.
    Nullable(Box<Type>),
    /// Something that is kept and not checked, as written.
    Opaque(String),
}

impl Type {
    /// The type without `| null`.
    pub fn bare(&self) -> &Type {
        match self {
            Type::Nullable(inner) => inner.bare(),
            other => other,
        }
    }

    /// Whether null is one of its values.
    pub fn is_nullable(&self) -> bool {
        matches!(self, Type::Nullable(_))
    }

    /// How a message names the type, in words that an author uses: `integer`, `list of string`,
    /// ``one of `a`, `b` ``.
    pub fn describe(&self) -> String {
        match self {
            Type::Text(None) => "string".into(),
            Type::Text(Some(limit)) => format!("string({limit})"),
            Type::Integer => "integer".into(),
            Type::Number => "number".into(),
            Type::Decimal(None) => "decimal".into(),
            Type::Decimal(Some((digits, scale))) => format!("decimal({digits},{scale})"),
            Type::Boolean => "boolean".into(),
            Type::Date => "date".into(),
            Type::Time => "time".into(),
            Type::DateTime => "datetime".into(),
            Type::Duration => "duration".into(),
            Type::Uuid => "uuid".into(),
            Type::Email => "email".into(),
            Type::Url => "url".into(),
            Type::Ip => "ip address".into(),
            Type::Json => "json".into(),
            Type::Bytes => "bytes".into(),
            Type::Enum(words) | Type::Literals(words) => match words.as_slice() {
                [only] => format!("`{}`", only.value),
                _ => {
                    let quoted: Vec<String> = words.iter().map(|it| format!("`{}`", it.value)).collect();
                    format!("one of {}", quoted.join(", "))
                }
            },
            Type::Array(item) => match item.as_ref() {
                Type::Nullable(_) => format!("list of ({})", item.describe()),
                _ => format!("list of {}", item.describe()),
            },
            Type::Map(value) => format!("map to {}", value.describe()),
            Type::Object(_) => "object".into(),
            Type::Named(name) => format!("`{}`", name.value),
            Type::Nullable(inner) => format!("{} or null", inner.bare().describe()),
            Type::Opaque(written) if written.is_empty() => "no type".into(),
            Type::Opaque(written) => format!("`{written}`"),
        }
    }

    /// The type with `| null`, once.
    pub fn nullable(self) -> Type {
        match self {
            Type::Nullable(_) => self,
            other => Type::Nullable(Box::new(other)),
        }
    }
}

/// A type written in words, and what else the same words say.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeWords {
    /// The type.
    pub ty: Type,
    /// `string (required)`, `Yes`: whether the words make the value required (`Some(true)`) or
    /// optional (`Some(false)`, `String?`, `nullable`).
    pub required: Option<bool>,
    /// What remains (`max 80`, `Ref: Users.User_Id`), to be read by [`crate::english`].
    pub rest: Vec<Spanned<String>>,
    /// Where the type stands.
    pub span: Span,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<Spanned<String>> {
        words.iter().map(|it| Spanned::new((*it).to_string(), Span::default())).collect()
    }

    #[test]
    fn types_are_named_as_an_author_would() {
        let text = || Box::new(Type::Text(None));
        for (ty, expected) in [
            (Type::Text(None), "string"),
            (Type::Text(Some(80)), "string(80)"),
            (Type::Decimal(Some((10, 2))), "decimal(10,2)"),
            (Type::Enum(words(&["a", "b"])), "one of `a`, `b`"),
            (Type::Literals(words(&["true"])), "`true`"),
            (Type::Array(text()), "list of string"),
            (Type::Array(Box::new(Type::Nullable(text()))), "list of (string or null)"),
            (Type::Map(Box::new(Type::Number)), "map to number"),
            (Type::Nullable(text()), "string or null"),
            (Type::Opaque("vector".into()), "`vector`"),
        ] {
            assert_eq!(ty.describe(), expected);
        }
    }
}

//! Types of values as documents write them: one language-neutral form for TypeScript types, SQL types,
//! the type column of a Fields table and pseudo-types inside JSON.

use source::{Span, Spanned};

use crate::decl::Member;

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

//! The checker's types: what a declared type is inside an expression.

use source::Spanned;
use syntax::decl::Member;
use syntax::types::Type;

use super::{Kind, Scope};

/// How far aliases and nested types are followed.
const FAR: usize = 12;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ty<'a> {
    Bool,
    Int,
    Double,
    String,
    /// Text that is one of these words.
    Enum(&'a [Spanned<String>]),
    /// A time of day: text `09:30` that sorts as it should.
    Time,
    Timestamp,
    Duration,
    Bytes,
    Null,
    List(Box<Ty<'a>>),
    Map(Box<Ty<'a>>),
    Record(Record<'a>),
    Dyn,
}

/// Something with named members.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Record<'a> {
    New,
    Old,
    Config,
    Object(&'a [Member]),
}

impl<'a> Ty<'a> {
    pub(super) fn of(ty: &'a Type, scope: &'a Scope) -> Ty<'a> {
        Ty::resolve(ty, scope, FAR)
    }

    fn resolve(ty: &'a Type, scope: &'a Scope, left: usize) -> Ty<'a> {
        let Some(left) = left.checked_sub(1) else {
            return Ty::Dyn;
        };
        match ty {
            Type::Text(_) | Type::Uuid | Type::Email | Type::Url | Type::Ip => Ty::String,
            Type::Integer => Ty::Int,
            Type::Number | Type::Decimal(_) => Ty::Double,
            Type::Boolean => Ty::Bool,
            Type::Date | Type::DateTime => Ty::Timestamp,
            Type::Time => Ty::Time,
            Type::Duration => Ty::Duration,
            Type::Bytes => Ty::Bytes,
            Type::Enum(words) => Ty::Enum(words),
            Type::Literals(values) => Ty::of_literals(values),
            Type::Array(item) => Ty::List(Box::new(Ty::resolve(item, scope, left))),
            Type::Map(item) => Ty::Map(Box::new(Ty::resolve(item, scope, left))),
            Type::Object(members) => Ty::Record(Record::Object(members)),
            Type::Named(name) => scope
                .types
                .iter()
                .find(|(it, _)| *it == name.value)
                .map_or(Ty::Dyn, |(_, ty)| Ty::resolve(ty, scope, left)),
            Type::Nullable(inner) => Ty::resolve(inner, scope, left),
            Type::Json | Type::Opaque(_) => Ty::Dyn,
        }
    }

    fn of_literals(values: &[Spanned<String>]) -> Ty<'a> {
        if values.iter().all(|it| it.value == "true" || it.value == "false") {
            Ty::Bool
        } else if values.iter().all(|it| it.value.parse::<i64>().is_ok()) {
            Ty::Int
        } else if values.iter().all(|it| it.value.parse::<f64>().is_ok()) {
            Ty::Double
        } else {
            Ty::Dyn
        }
    }

    pub(super) fn list(item: Ty<'a>) -> Ty<'a> {
        Ty::List(Box::new(item))
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Ty::Bool => Kind::Bool,
            Ty::Int => Kind::Int,
            Ty::Double => Kind::Double,
            Ty::String | Ty::Enum(_) | Ty::Time => Kind::String,
            Ty::Timestamp => Kind::Timestamp,
            Ty::Duration => Kind::Duration,
            Ty::Bytes => Kind::Bytes,
            Ty::Null => Kind::Null,
            Ty::List(item) => Kind::List(Box::new(item.kind())),
            Ty::Map(_) | Ty::Record(_) => Kind::Map,
            Ty::Dyn => Kind::Dyn,
        }
    }

    /// The type in words, after "is".
    pub(super) fn words(&self) -> &'static str {
        match self {
            Ty::Bool => "true or false",
            Ty::Int => "a whole number",
            Ty::Double => "a number",
            Ty::String | Ty::Enum(_) => "text",
            Ty::Time => "a time of day",
            Ty::Timestamp => "a point in time",
            Ty::Duration => "a length of time",
            Ty::Bytes => "bytes",
            Ty::Null => "null",
            Ty::List(_) => "a list",
            Ty::Map(_) => "a map",
            Ty::Record(_) => "an object",
            Ty::Dyn => "anything",
        }
    }

    pub(super) fn is_text(&self) -> bool {
        matches!(self, Ty::String | Ty::Enum(_) | Ty::Time | Ty::Dyn)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self, Ty::Int | Ty::Double | Ty::Dyn)
    }

    pub(super) fn is_bool(&self) -> bool {
        matches!(self, Ty::Bool | Ty::Dyn)
    }

    /// Whether `==` can be true between the two.
    pub(super) fn equals(&self, other: &Ty<'a>) -> bool {
        match (self, other) {
            (Ty::Dyn | Ty::Null, _) | (_, Ty::Dyn | Ty::Null) => true,
            (Ty::List(a), Ty::List(b)) => a.equals(b),
            (Ty::Map(_) | Ty::Record(_), Ty::Map(_) | Ty::Record(_)) => true,
            _ => self == other || self.is_number() && other.is_number() || self.is_text() && other.is_text(),
        }
    }

    /// The type of a value that is either of the two.
    pub(super) fn join(self, other: Ty<'a>) -> Ty<'a> {
        match (self, other) {
            (Ty::Null, it) | (it, Ty::Null) => it,
            (Ty::List(a), Ty::List(b)) => match (*a, *b) {
                (Ty::Dyn, it) | (it, Ty::Dyn) => Ty::list(it),
                (a, b) => Ty::list(a.join(b)),
            },
            (a, b) if a == b => a,
            (a, b) if a == Ty::Dyn || b == Ty::Dyn => Ty::Dyn,
            (a, b) if a.is_text() && b.is_text() => Ty::String,
            (a, b) if a.is_number() && b.is_number() => Ty::Double,
            _ => Ty::Dyn,
        }
    }
}

//! Data declarations inside fences, lowered from the language that they are written in.
//!
//! Reading never fails: what a language's parser could not read is an [`Unread`] range, and the
//! members and declarations around it are kept.

use source::{Span, Spanned};

use crate::types::Type;

mod comments;
pub mod sql;
pub mod typescript;

/// The language of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// TypeScript.
    TypeScript,
    /// SQL.
    Sql,
}

/// What a declaration declares.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A record: `interface`, `type X = {…}`, `CREATE TABLE`.
    Record(Vec<Member>),
    /// Another name for a type: `type Status = 'a' | 'b'`, `enum`, `CREATE TYPE … AS ENUM`.
    Alias(Type),
    /// A class, with its fields. Classes declare entities only in the data family.
    Class(Vec<Member>),
}

/// One declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration {
    /// The name as written, without schema or quotes.
    pub name: Spanned<String>,
    /// Its language.
    pub language: Language,
    /// What it declares.
    pub body: Body,
    /// Names that it extends or intersects with.
    pub extends: Vec<Spanned<String>>,
    /// `UNIQUE (a, b)`, `PRIMARY KEY (a, b)`, `CHECK (…)`, `FOREIGN KEY …` of a table.
    pub table: Vec<TableConstraint>,
    /// Comments directly before it and on its first line, without their markers.
    pub comments: Vec<Spanned<String>>,
    /// The whole declaration.
    pub span: Span,
}

/// One member of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The name, without quotes.
    pub name: Spanned<String>,
    /// Its type; the span is the type's.
    pub ty: Spanned<Type>,
    /// `?` after the name.
    pub optional: bool,
    /// `NOT NULL` (`Some(true)`), `NULL` (`Some(false)`), nothing said (`None`). Always `None` in
    /// TypeScript.
    pub not_null: Option<bool>,
    /// A default, as written, without quotes (`DEFAULT 'draft'` is `draft`).
    pub default: Option<Spanned<String>>,
    /// `PRIMARY KEY`.
    pub primary_key: bool,
    /// `UNIQUE`.
    pub unique: bool,
    /// `REFERENCES orders(id) ON DELETE CASCADE`.
    pub references: Option<Reference>,
    /// `readonly`, `GENERATED`, `AUTOINCREMENT`: set by the system.
    pub generated: bool,
    /// The text of column `CHECK (…)` conditions that are not plain sets of values (those are the type).
    pub checks: Vec<Spanned<String>>,
    /// Comments on the member's line or directly above it, without their markers.
    pub comments: Vec<Spanned<String>>,
    /// The whole member.
    pub span: Span,
}

/// A reference to another table.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The table or entity.
    pub table: Spanned<String>,
    /// The column, where one is named.
    pub column: Option<String>,
    /// `cascade`, `restrict`, `set null`, lower case, where it is said.
    pub on_delete: Option<String>,
}

/// A constraint of a whole table.
#[derive(Debug, Clone, PartialEq)]
pub enum TableConstraint {
    /// Columns that are unique together.
    Unique(Vec<Spanned<String>>, Span),
    /// The key's columns.
    PrimaryKey(Vec<Spanned<String>>, Span),
    /// A condition, as written.
    Check(Spanned<String>),
    /// Columns that refer to another table.
    ForeignKey(Vec<Spanned<String>>, Reference, Span),
}

/// A range that the language's parser could not read, and why in a few words.
#[derive(Debug, Clone, PartialEq)]
pub struct Unread {
    /// Where.
    pub span: Span,
    /// Why: lower case, no full stop.
    pub why: String,
}

/// The declarations of one fence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Declarations {
    /// What was read, in order.
    pub items: Vec<Declaration>,
    /// What was not.
    pub unread: Vec<Unread>,
}

#[cfg(test)]
pub(crate) mod tests {
    use source::{FileId, Text};

    use super::*;

    /// Reads `count` damaged copies of `seed` (the same ones each time) and checks the spans found.
    pub(crate) fn mutate(seed: &str, count: u64, read: impl Fn(&Text) -> Declarations) {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = |below: usize| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) as usize % below.max(1)
        };
        for _ in 0..count {
            let mut bytes = seed.as_bytes().to_vec();
            for _ in 0..1 + next(6) {
                let at = next(bytes.len());
                match next(4) {
                    0 => drop(bytes.drain(at..(at + next(12)).min(bytes.len()))),
                    1 => bytes.insert(at, b"{}()[]<>'\"`;:,|=/*-.\n\r \xc3\xa9"[next(25)]),
                    2 => bytes.truncate(at.max(1)),
                    _ => {
                        let part = bytes[at..(at + next(30)).min(bytes.len())].to_vec();
                        let to = next(bytes.len());
                        bytes.splice(to..to, part);
                    }
                }
            }
            let src = String::from_utf8_lossy(&bytes).into_owned();
            let found = read(&Text::verbatim(src.as_str(), FileId(0), 0));
            for item in &found.items {
                assert_eq!(&src[item.name.span.range()], item.name.value);
                assert!(item.span.contains(item.name.span));
                if let Body::Record(members) | Body::Class(members) = &item.body {
                    for member in members {
                        assert!(member.span.contains(member.name.span), "{src}");
                        assert!(src.get(member.ty.span.range()).is_some());
                        assert!(src.get(member.span.range()).is_some());
                    }
                }
            }
            assert!(found.unread.iter().all(|it| src.get(it.span.range()).is_some()));
        }
    }
}

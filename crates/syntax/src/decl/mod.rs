//! Data declarations inside fences, lowered from the language that they are written in.
//!
//! Reading never fails: what a language's parser could not read is an [`Unread`] range, and the
//! members and declarations around it are kept.

use source::{Span, Spanned, Text};

use crate::english::Rule;
use crate::openapi;
use crate::page::Fence;
use crate::types::Type;

mod braces;
mod comments;
mod entities;
mod go;
mod lexed;
mod prisma;
mod python;
mod rust;
mod sniff;
pub mod sql;
pub mod typescript;

/// The language of a declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// TypeScript.
    TypeScript,
    /// SQL.
    Sql,
    /// Prisma's schema language.
    Prisma,
    /// Python: data classes, Pydantic, SQLAlchemy, Django, typed dictionaries, enumerations.
    Python,
    /// Go structs.
    Go,
    /// Zod schemas, in TypeScript.
    Zod,
    /// C# classes and records.
    CSharp,
    /// Java classes and records.
    Java,
    /// Rust structs and enumerations.
    Rust,
    /// Mermaid's entity relationship diagrams.
    EntityDiagram,
    /// Schemas of an OpenAPI description, in YAML or JSON.
    OpenApi,
}

impl Language {
    /// The language of a fence by the word behind its opening marks.
    pub fn of_word(word: &str) -> Option<Language> {
        Some(match word {
            "typescript" | "ts" | "tsx" => Language::TypeScript,
            "sql" | "postgresql" | "postgres" | "mysql" | "sqlite" | "psql" | "plsql" | "tsql" => Language::Sql,
            "prisma" => Language::Prisma,
            "python" | "py" | "python3" => Language::Python,
            "go" | "golang" => Language::Go,
            "csharp" | "cs" | "c#" => Language::CSharp,
            "java" => Language::Java,
            "rust" | "rs" => Language::Rust,
            "mermaid" => Language::EntityDiagram,
            "zod" => Language::TypeScript,
            _ => return None,
        })
    }
}

/// Reads the declarations of a fence: its language says how; where it names none, or one that is
/// certainly not meant, what stands in it does.
pub fn read(fence: &Fence) -> Declarations {
    sniff::language(&fence.lang, fence.content.as_str())
        .map_or_else(Declarations::default, |it| read_as(it, &fence.content))
}

/// Reads the declarations of a fence that stands where classes of TypeScript are parts of a program.
pub fn read_shapes(fence: &Fence) -> Declarations {
    match sniff::language(&fence.lang, fence.content.as_str()) {
        Some(Language::TypeScript) => typescript::read_shapes(&fence.content),
        Some(language) => read_as(language, &fence.content),
        None => Declarations::default(),
    }
}

/// Reads the declarations in a text of this language.
pub fn read_as(language: Language, text: &Text) -> Declarations {
    match language {
        Language::TypeScript | Language::Zod => typescript::read(text),
        Language::Sql => sql::read(text),
        Language::Prisma => prisma::read(text),
        Language::Python => python::read(text),
        Language::Go => go::read(text),
        Language::CSharp | Language::Java => braces::read(text, language),
        Language::Rust => rust::read(text),
        Language::EntityDiagram => entities::read(text),
        Language::OpenApi => openapi::read(text).ok().flatten().unwrap_or_default().schemas,
    }
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
    /// Whether it says how records are kept: a table, a model of a database's mapper.
    pub stored: bool,
    /// What it extends or intersects with.
    pub extends: Vec<Base>,
    /// `UNIQUE (a, b)`, `PRIMARY KEY (a, b)`, `CHECK (…)`, `FOREIGN KEY …` of a table.
    pub table: Vec<TableConstraint>,
    /// Comments directly before it and on its first line, without their markers.
    pub comments: Vec<Spanned<String>>,
    /// The whole declaration.
    pub span: Span,
}

/// A declaration that another is built on.
#[derive(Debug, Clone, PartialEq)]
pub struct Base {
    /// Its name.
    pub name: Spanned<String>,
    /// The members that are taken from it.
    pub part: Part,
}

impl Base {
    fn whole(name: Spanned<String>) -> Base {
        Base { name, part: Part::All }
    }
}

/// A part of the members of a declaration.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// All of them.
    All,
    /// All, and none of them must be there: `Partial<X>`.
    Optional,
    /// All, and each must be there: `Required<X>`.
    Required,
    /// `Pick<X, 'a' | 'b'>`
    Only(Vec<String>),
    /// `Omit<X, 'a' | 'b'>`
    Without(Vec<String>),
}

/// One member of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The name, without quotes.
    pub name: Spanned<String>,
    /// Other names that it goes by: in the code, in another encoding, in a database.
    pub also: Vec<String>,
    /// Its type; the span is the type's.
    pub ty: Spanned<Type>,
    /// `?` after the name.
    pub optional: bool,
    /// `NOT NULL` (`Some(true)`), `NULL` (`Some(false)`), nothing said (`None`).
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
    /// What attributes and validators say of the value (`Field(ge=1)`, `@Size(max = 80)`, `.email()`).
    pub rules: Vec<Spanned<Rule>>,
    /// The text of column `CHECK (…)` conditions that are not plain sets of values (those are the type).
    pub checks: Vec<Spanned<String>>,
    /// Comments on the member's line or directly above it, without their markers.
    pub comments: Vec<Spanned<String>>,
    /// The whole member.
    pub span: Span,
}

impl Member {
    /// A member of which nothing but its type is said.
    pub fn new(name: Spanned<String>, ty: Spanned<Type>, span: Span) -> Member {
        Member {
            name,
            also: Vec::new(),
            ty,
            optional: false,
            not_null: None,
            default: None,
            primary_key: false,
            unique: false,
            references: None,
            generated: false,
            rules: Vec::new(),
            checks: Vec::new(),
            comments: Vec::new(),
            span,
        }
    }

    /// Gives it another name; the one that it had is kept beside it.
    fn rename(&mut self, name: Spanned<String>) {
        let old = std::mem::replace(&mut self.name, name).value;
        self.also.push(old);
    }

    fn say(&mut self, rule: Rule, span: Span) {
        self.rules.push(Spanned::new(rule, span));
    }
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

    /// Reads a source and compares what was found: one line for each declaration and each member.
    #[track_caller]
    pub(crate) fn check(read: impl Fn(&Text) -> Declarations, src: &str, expected: &str) {
        let expected: Vec<&str> = expected.trim_matches('\n').lines().collect();
        assert_eq!(show(&read(&Text::verbatim(src, FileId(0), 0)), src), expected.join("\n"));
    }

    fn show(found: &Declarations, src: &str) -> String {
        let mut lines = Vec::new();
        for item in &found.items {
            let extends: Vec<String> = item.extends.iter().map(show_base).collect();
            let kind = match &item.body {
                _ if item.stored => "stored",
                Body::Record(_) => "record",
                Body::Class(_) => "class",
                Body::Alias(_) => "alias",
            };
            let mut line = format!("{kind} {}", item.name.value);
            if let Body::Alias(ty) = &item.body {
                line = format!("{line} = {}", ty.describe());
            }
            if !extends.is_empty() {
                line = format!("{line} < {}", extends.join(", "));
            }
            lines.push(comment(line, &item.comments));
            if let Body::Record(members) | Body::Class(members) = &item.body {
                lines.extend(members.iter().map(show_member));
            }
            let names = |it: &[Spanned<String>]| it.iter().map(|it| it.value.clone()).collect::<Vec<_>>().join(", ");
            lines.extend(item.table.iter().map(|it| match it {
                TableConstraint::Unique(columns, _) => format!("  unique ({})", names(columns)),
                TableConstraint::PrimaryKey(columns, _) => format!("  key ({})", names(columns)),
                TableConstraint::Check(condition) => format!("  check {}", condition.value),
                TableConstraint::ForeignKey(columns, to, _) => format!("  ({}) -> {}", names(columns), to.table.value),
            }));
        }
        lines.extend(found.unread.iter().map(|it| format!("! {} @ {:?}", it.why, &src[it.span.range()])));
        lines.join("\n")
    }

    pub(crate) fn show_base(base: &Base) -> String {
        let name = &base.name.value;
        match &base.part {
            Part::All => name.clone(),
            Part::Optional => format!("Partial {name}"),
            Part::Required => format!("Required {name}"),
            Part::Only(keys) => format!("{name} with {}", keys.join(" ")),
            Part::Without(keys) => format!("{name} without {}", keys.join(" ")),
        }
    }

    fn show_member(member: &Member) -> String {
        let optional = if member.optional { "?" } else { "" };
        let mut line = format!("  {}{optional}: {}", member.name.value, member.ty.value.describe());
        if let Some(default) = &member.default {
            line = format!("{line} = {}", default.value);
        }
        let mut said: Vec<String> = Vec::new();
        said.extend(member.primary_key.then(|| "key".to_owned()));
        said.extend(member.not_null.map(|it| if it { "not null" } else { "null" }.to_owned()));
        said.extend(member.unique.then(|| "unique".to_owned()));
        said.extend(member.generated.then(|| "generated".to_owned()));
        said.extend(member.references.as_ref().map(|it| {
            let column = it.column.as_ref().map_or(String::new(), |it| format!(".{it}"));
            format!("-> {}{column} {}", it.table.value, it.on_delete.as_deref().unwrap_or("")).trim().to_owned()
        }));
        let number = |it: &Option<(String, bool)>| match it {
            Some((number, true)) => format!("={number}"),
            Some((number, false)) => number.clone(),
            None => String::new(),
        };
        said.extend(member.rules.iter().map(|it| match &it.value {
            Rule::Length(least, most) => {
                let shown = |it: &Option<u64>| it.map_or(String::new(), |it| it.to_string());
                format!("length {}..{}", shown(least), shown(most))
            }
            Rule::Range(least, most) => format!("range {}..{}", number(least), number(most)),
            Rule::OneOf(words) => words.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join("|"),
            Rule::Pattern(pattern) => format!("/{pattern}/"),
            Rule::Format(format) => format.clone(),
            other => format!("{other:?}"),
        }));
        said.extend(member.checks.iter().map(|it| format!("check {}", it.value)));
        if !said.is_empty() {
            line = format!("{line} [{}]", said.join(", "));
        }
        comment(line, &member.comments)
    }

    fn comment(line: String, comments: &[Spanned<String>]) -> String {
        let comments: Vec<&str> = comments.iter().map(|it| it.value.as_str()).collect();
        if comments.is_empty() { line } else { format!("{line} // {}", comments.join(" / ")) }
    }

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
                assert!(src.get(item.name.span.range()).is_some());
                assert!(item.span.contains(item.name.span));
                if let Body::Record(members) | Body::Class(members) = &item.body {
                    for member in members {
                        assert!(member.span.contains(member.name.span), "{member:?} {src}");
                        assert!(src.get(member.ty.span.range()).is_some());
                        assert!(src.get(member.span.range()).is_some());
                    }
                }
            }
            assert!(found.unread.iter().all(|it| src.get(it.span.range()).is_some()));
        }
    }
}

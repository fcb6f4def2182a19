//! Prisma's schema language: models, composite types and enumerations.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use source::{Spanned, Text};

use super::lexed::Lexed;
use super::{Body, Declaration, Declarations, Language, Member, Reference, TableConstraint, Unread};
use crate::code::{Dialect, Kind};
use crate::english::Rule;
use crate::types::Type;

/// Reads a fence.
pub(super) fn read(text: &Text) -> Declarations {
    let mut code = Lexed::new(text, Dialect::Braces);
    let heads = heads(&code);
    let mut known = Known::default();
    for head in &heads {
        let Some(name) = code.name_at(head.at + 1) else { continue };
        match head.keyword {
            "enum" => drop(known.values.insert(name)),
            "type" => drop(known.types.insert(name)),
            _ => drop(known.models.insert(name)),
        }
    }
    let mut found = Declarations::default();
    for head in heads {
        declaration(&mut code, &head, &known, &mut found);
    }
    found
}

struct Head {
    keyword: &'static str,
    /// Its keyword; the name and `{` follow.
    at: usize,
    /// The token after the body.
    end: usize,
}

/// What the fence declares under each name.
#[derive(Default)]
struct Known<'a> {
    models: HashSet<&'a str>,
    types: HashSet<&'a str>,
    values: HashSet<&'a str>,
}

fn heads(code: &Lexed<'_>) -> Vec<Head> {
    let mut found: Vec<Head> = Vec::new();
    let mut at = 0;
    while let Some(tok) = code.toks.get(at) {
        let keyword = ["model", "enum", "type", "view"].into_iter().find(|it| tok.is(it));
        let named = code.name_at(at + 1).is_some() && code.toks.get(at + 2).is_some_and(|it| it.is("{"));
        if let Some(keyword) = keyword.filter(|_| named && code.starts_line(at)) {
            let end = code.closing(at + 2).unwrap_or(code.toks.len());
            found.push(Head { keyword, at, end });
            at = end;
        }
        at += 1;
    }
    found
}

fn declaration(code: &mut Lexed<'_>, head: &Head, known: &Known<'_>, found: &mut Declarations) {
    let name = code.spanned(head.at + 1);
    let body = head.at + 3..head.end;
    let mut table = Vec::new();
    let body = if head.keyword == "enum" {
        Body::Alias(Type::Enum(values(code, body)))
    } else {
        let mut members: Vec<Member> = Vec::new();
        // Columns that a relation says to refer to another model.
        let mut keys: Vec<(Spanned<String>, Reference)> = Vec::new();
        for line in lines(code, body) {
            if code.toks.get(line.start).is_some_and(|it| it.is("@")) {
                table.extend(constraint(code, line));
            } else if code.name_at(line.start).is_some() {
                match field(code, line.clone(), known) {
                    Field::Column(member) => members.push(*member),
                    Field::Relation(references) => keys.extend(references),
                    Field::Unread => found.unread.push(Unread {
                        span: code.span(line.clone()),
                        why: format!("no type for `{}`", code.name_at(line.start).unwrap_or("")),
                    }),
                }
            }
        }
        let mut keys: HashMap<String, Reference> = keys.into_iter().map(|it| (it.0.value, it.1)).collect();
        for member in members.iter_mut() {
            member.references = keys.remove(&member.name.value);
        }
        Body::Record(members)
    };
    let whole = head.at..(head.end + 1).min(code.toks.len());
    found.items.push(Declaration {
        name,
        language: Language::Prisma,
        stored: matches!(head.keyword, "model" | "view"),
        body,
        extends: Vec::new(),
        table,
        comments: code.comments(head.at..head.at + 3),
        span: code.span(whole),
    });
}

/// The members of a body: each begins its line, with a name or with `@@`.
fn lines(code: &Lexed<'_>, body: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = body.start;
    while at < body.end {
        let tok = code.toks.get(at);
        let double = tok.is_some_and(|it| it.is("@")) && code.toks.get(at + 1).is_some_and(|it| it.is("@"));
        let begins = code.starts_line(at) && (double || tok.is_some_and(|it| it.kind == Kind::Name));
        match found.last_mut() {
            Some(last) if !begins => last.end = (code.after(at)).min(body.end),
            _ => found.push(at..code.after(at).min(body.end)),
        }
        at = code.after(at);
    }
    found
}

fn values(code: &Lexed<'_>, body: Range<usize>) -> Vec<Spanned<String>> {
    let mut found = Vec::new();
    for line in lines(code, body) {
        // Prisma wants each on a line of its own; people write several.
        let mut at = line.start;
        while at < line.end && code.name_at(at).is_some() {
            found.push(code.spanned(at));
            at = code.after(at);
            if code.toks.get(at).is_some_and(|it| it.is(",")) {
                at = code.after(at);
            }
        }
    }
    found
}

enum Field {
    Column(Box<Member>),
    /// It holds no value of its own, and says which columns refer to another model.
    Relation(Vec<(Spanned<String>, Reference)>),
    Unread,
}

fn field(code: &mut Lexed<'_>, line: Range<usize>, known: &Known<'_>) -> Field {
    let name = code.spanned(line.start);
    let at = line.start + 1;
    let Some(word) = code.name_at(at).filter(|_| at < line.end) else { return Field::Unread };
    code.at = at;
    let declared = known.models.contains(word) || known.types.contains(word) || known.values.contains(word);
    let scalar = match word {
        _ if declared => None,
        "String" => Some(Type::Text(None)),
        "Boolean" => Some(Type::Boolean),
        "Int" | "BigInt" => Some(Type::Integer),
        "Float" => Some(Type::Number),
        "Decimal" => Some(Type::Decimal(None)),
        "DateTime" => Some(Type::DateTime),
        "Json" => Some(Type::Json),
        "Bytes" => Some(Type::Bytes),
        "Unsupported" => Some(Type::Opaque(code.written(at..code.after(at + 1)).to_owned())),
        _ => None,
    };
    code.at = if word == "Unsupported" { code.after(at + 1) } else { at + 1 };
    let is_list = code.is(0, "[");
    code.skip_bracket("[");
    let nullable = code.at < line.end && code.eat("?");
    let ty_span = code.span(at..code.at);
    let attributes = attributes(code, code.at..line.end);
    let relation = attributes.iter().find(|it| it.name == "relation");
    let model = known.models.contains(word) || (scalar.is_none() && !declared && (relation.is_some() || is_list));
    if model {
        return Field::Relation(relation.map_or(Vec::new(), |it| references(code, it, word, code.spanned(at))));
    }
    let base = scalar.unwrap_or_else(|| Type::Named(code.spanned(at)));
    let ty = if is_list { Type::Array(Box::new(base)) } else { base };
    let ty = if nullable { ty.nullable() } else { ty };
    let mut member = Member::new(name, Spanned::new(ty, ty_span), code.span(line.clone()));
    member.optional = nullable;
    member.not_null = Some(!nullable);
    member.comments = code.comments(line);
    for attribute in attributes {
        apply(code, &mut member, &attribute);
    }
    Field::Column(Box::new(member))
}

struct Attribute<'a> {
    /// `db.VarChar` is `VarChar`.
    name: &'a str,
    at: usize,
    /// The bracket of its arguments.
    open: Option<usize>,
}

fn attributes<'a>(code: &Lexed<'a>, toks: Range<usize>) -> Vec<Attribute<'a>> {
    let mut found = Vec::new();
    let mut at = toks.start;
    while at < toks.end {
        if code.toks.get(at).is_some_and(|it| it.is("@")) {
            let start = at;
            at += 1;
            while code.toks.get(at + 1).is_some_and(|it| it.is(".")) {
                at += 2;
            }
            if let Some(name) = code.name_at(at) {
                let open = (at + 1 < toks.end && code.toks.get(at + 1).is_some_and(|it| it.is("("))).then_some(at + 1);
                found.push(Attribute { name, at: start, open });
                at = open.map_or(at + 1, |it| code.after(it));
                continue;
            }
        }
        at = code.after(at);
    }
    found
}

fn apply(code: &Lexed<'_>, member: &mut Member, attribute: &Attribute<'_>) {
    let end = attribute.open.map_or(attribute.at + 2, |it| code.after(it));
    let span = code.span(attribute.at..end);
    let arguments = attribute.open.map_or(Vec::new(), |it| code.arguments(it));
    let number = |index: usize| -> Option<u32> { code.written(arguments.get(index)?.value.clone()).parse().ok() };
    match attribute.name {
        "id" => member.primary_key = true,
        "unique" => member.unique = true,
        "updatedAt" => member.generated = true,
        "default" => {
            let Some(value) = arguments.first().map(|it| it.value.clone()) else { return };
            let written = code.written(value.clone());
            if matches!(written, "autoincrement()" | "uuid()" | "cuid()" | "now()")
                || written.starts_with("dbgenerated")
            {
                member.generated |= written == "autoincrement()";
            }
            member.default = Some(match code.unquoted(value.start).filter(|_| value.len() == 1) {
                Some(text) => text,
                None => Spanned::new(written.to_owned(), code.span(value)),
            });
        }
        "VarChar" | "Char" | "NVarChar" | "NChar" => {
            if let (Type::Text(limit), Some(length)) = (bare(&mut member.ty.value), number(0)) {
                *limit = Some(length);
            }
        }
        "Uuid" | "UniqueIdentifier" => *bare(&mut member.ty.value) = Type::Uuid,
        "Date" => *bare(&mut member.ty.value) = Type::Date,
        "Time" | "Timetz" => *bare(&mut member.ty.value) = Type::Time,
        "Inet" => *bare(&mut member.ty.value) = Type::Ip,
        "Decimal" | "Money" => {
            if let (Some(digits), Some(scale)) = (number(0), number(1)) {
                *bare(&mut member.ty.value) = Type::Decimal(Some((digits, scale)));
            }
        }
        "map" => {
            let name = arguments.first().and_then(|it| code.unquoted(it.value.start));
            member.also.extend(name.map(|it| it.value));
        }
        "ignore" => member.say(Rule::WriteOnly, span),
        _ => {}
    }
}

fn bare(ty: &mut Type) -> &mut Type {
    match ty {
        Type::Nullable(inner) => bare(inner),
        other => other,
    }
}

/// `@relation(fields: [authorId], references: [id], onDelete: Cascade)`
fn references(
    code: &Lexed<'_>,
    relation: &Attribute<'_>,
    model: &str,
    place: Spanned<String>,
) -> Vec<(Spanned<String>, Reference)> {
    let arguments = relation.open.map_or(Vec::new(), |it| code.arguments(it));
    let named = |name: &str| arguments.iter().find(|it| it.name == Some(name)).map(|it| it.value.clone());
    let names = |name: &str| named(name).map_or(Vec::new(), |it| names(code, it));
    let columns = names("references");
    let on_delete = named("onDelete").map(|it| match code.written(it) {
        "SetNull" => "set null".to_owned(),
        "NoAction" => "no action".to_owned(),
        "SetDefault" => "set default".to_owned(),
        other => other.to_lowercase(),
    });
    let table = Spanned::new(model.to_owned(), place.span);
    let mut targets = columns.into_iter();
    let reference = |column: Option<Spanned<String>>| Reference {
        table: table.clone(),
        column: column.map(|it| it.value),
        on_delete: on_delete.clone(),
    };
    names("fields").into_iter().map(|it| (it, reference(targets.next()))).collect()
}

/// The names in `[a, b(sort: Desc)]`.
fn names(code: &Lexed<'_>, toks: Range<usize>) -> Vec<Spanned<String>> {
    let open = toks.start;
    code.arguments(open)
        .iter()
        .filter(|it| code.name_at(it.value.start).is_some())
        .map(|it| code.spanned(it.value.start))
        .collect()
}

/// `@@unique([a, b])`, `@@id([a, b])`.
fn constraint(code: &Lexed<'_>, line: Range<usize>) -> Option<TableConstraint> {
    let name = code.name_at(line.start + 2)?;
    let open = line.start + 3;
    let arguments = code.arguments(open);
    let list = arguments.iter().find(|it| it.name.is_none() || it.name == Some("fields"))?.value.clone();
    let columns = names(code, list);
    if columns.is_empty() {
        return None;
    }
    match name {
        "unique" => Some(TableConstraint::Unique(columns, code.span(line))),
        "id" => Some(TableConstraint::PrimaryKey(columns, code.span(line))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decl::tests::{check, mutate};

    const SCHEMA: &str = r#"
// Those who lend.
model Member {
  id        String   @id @default(uuid()) @db.Uuid
  email     String   @unique // login
  name      String?  @db.VarChar(80)
  level     Level    @default(BASIC)
  fee       Decimal  @default(0) @db.Decimal(10, 2)
  tags      String[]
  createdAt DateTime @default(now()) @map("created_at")
  updatedAt DateTime @updatedAt
  loans     Loan[]
  home      Branch   @relation(fields: [branchId], references: [id], onDelete: SetNull)
  branchId  Int?

  @@unique([email, branchId])
  @@index([name])
  @@map("members")
}

enum Level {
  BASIC // all
  GOLD  @map("gold")
}
"#;

    #[test]
    fn models() {
        check(
            read,
            SCHEMA,
            "
stored Member // Those who lend.
  id: uuid = uuid() [key, not null]
  email: string [not null, unique] // login
  name?: string(80) or null [null]
  level: `Level` = BASIC [not null]
  fee: decimal(10,2) = 0 [not null]
  tags: list of string [not null]
  createdAt: datetime = now() [not null]
  updatedAt: datetime [not null, generated]
  branchId?: integer or null [null, -> Branch.id set null]
  unique (email, branchId)
alias Level = one of `BASIC`, `GOLD`",
        );
    }

    #[test]
    fn values_on_one_line() {
        check(read, "enum Level { BASIC GOLD @map(\"g\") }", "alias Level = one of `BASIC`, `GOLD`");
        check(read, "enum Level { BASIC, GOLD, }", "alias Level = one of `BASIC`, `GOLD`");
    }

    #[test]
    fn fragments() {
        check(
            read,
            "model Seat {\n  // ...\n  row Int\n  broken\n  show Show\n    @relation(fields: [row], references: [id])\n",
            "
stored Seat
  row: integer [not null, -> Show.id]
! no type for `broken` @ \"broken\"",
        );
    }

    #[test]
    fn damage_is_tolerated() {
        mutate(SCHEMA, 400, read);
    }
}

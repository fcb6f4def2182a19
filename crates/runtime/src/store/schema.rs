//! The tables of a plan as SQLite declares them, and the same in words: what of the document's constraints
//! the database enforces by itself.

use plan::{Field, MakeKey, OnDelete, Relation, Table};
use serde_json::{Map, Value, json};

use crate::store::sqlite::{key, quoted};
use plan::shape::{Kind, Limit};

/// A condition of SQL, and what it asks for beside the type, in words: `at most 80 characters long`.
struct Check {
    sql: String,
    words: String,
}

impl Check {
    fn new(sql: String, words: impl Into<String>) -> Check {
        Check { sql, words: words.into() }
    }
}

/// The statements that make the tables.
pub(super) fn statements(tables: &[Table]) -> Vec<String> {
    let mut statements = Vec::new();
    for table in tables {
        let mut parts: Vec<String> =
            table.fields.iter().enumerate().map(|(index, field)| column(table, index, field)).collect();
        for unique in &table.uniques {
            let columns: Vec<String> =
                unique.fields.iter().filter_map(|it| table.field(*it)).map(|it| quoted(&it.column)).collect();
            parts.push(format!("UNIQUE ({})", columns.join(", ")));
        }
        for reference in &table.references {
            let (Some(field), Some(target)) = (table.field(reference.field), tables.get(reference.table)) else {
                continue;
            };
            let action = match reference.on_delete {
                OnDelete::Restrict => "RESTRICT",
                OnDelete::Cascade => "CASCADE",
                OnDelete::SetNull => "SET NULL",
            };
            parts.push(format!(
                "FOREIGN KEY ({}) REFERENCES {} ({}) ON DELETE {action}",
                quoted(&field.column),
                quoted(&target.sql),
                key(target)
            ));
        }
        parts.extend(relations(table).iter().map(|it| format!("CHECK ({})", it.sql)));
        let tail = if table.make_key == MakeKey::Counted { "STRICT" } else { "STRICT, WITHOUT ROWID" };
        statements.push(format!("CREATE TABLE {} (\n  {}\n) {tail}", quoted(&table.sql), parts.join(",\n  ")));
        // A list below a parent, and the check before a parent is deleted, go by the reference.
        for reference in &table.references {
            let Some(field) = table.field(reference.field) else { continue };
            let name = quoted(&format!("{}_{}", table.sql, field.column));
            statements.push(format!("CREATE INDEX {name} ON {} ({})", quoted(&table.sql), quoted(&field.column)));
        }
    }
    statements
}

/// The tables in words: for each, its name in the database, and of each field its column, its type, and
/// what is asked of it; under `""` what is asked of several fields together.
pub(super) fn described(tables: &[Table]) -> Value {
    let table = |table: &Table| {
        let mut fields = Map::new();
        for (index, field) in table.fields.iter().enumerate() {
            let mut words = vec![format!("column {}", field.column), kind(&field.member.kind).to_owned()];
            if index == table.key {
                words.push(match table.make_key {
                    MakeKey::Counted => "the key, counted by the database".to_owned(),
                    _ => "the key".to_owned(),
                });
            } else if field.present {
                words.push("never null".to_owned());
            }
            words.extend(checks(table, index, field).into_iter().map(|it| it.words).filter(|it| !it.is_empty()));
            words.extend(uniqueness(table, index));
            words.extend(reference(tables, table, index));
            fields.insert(name(table, index, field), json!(words));
        }
        let whole: Vec<String> = relations(table).into_iter().map(|it| it.words).collect();
        if !whole.is_empty() {
            fields.insert(String::new(), json!(whole));
        }
        (table.name.clone(), json!({"table": table.sql, "fields": fields}))
    };
    Value::Object(tables.iter().map(table).collect())
}

/// What the database holds the records of a table to by itself, beside types and nulls: a line for each
/// field of which something is asked.
pub(crate) fn held(tables: &[Table], table: &Table) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, field) in table.fields.iter().enumerate() {
        let mut words: Vec<String> = checks(table, index, field).into_iter().map(|it| it.words).collect();
        words.extend(uniqueness(table, index));
        words.extend(reference(tables, table, index));
        words.retain(|it| !it.is_empty());
        if !words.is_empty() {
            lines.push(format!("{}: {}", name(table, index, field), words.join(", ")));
        }
    }
    lines.extend(relations(table).into_iter().map(|it| it.words));
    lines
}

/// How a field is called in messages: a key that no answer shows has no name.
fn name(table: &Table, index: usize, field: &Field) -> String {
    if index == table.key && field.hidden { "(key)".to_owned() } else { field.member.name.clone() }
}

fn uniqueness(table: &Table, index: usize) -> Option<String> {
    let unique = table.uniques.iter().find(|it| it.fields.first() == Some(&index))?;
    let others: Vec<&str> =
        unique.fields.iter().skip(1).filter_map(|it| table.field(*it)).map(|it| it.member.name.as_str()).collect();
    Some(if others.is_empty() { "unique".to_owned() } else { format!("unique together with {}", others.join(", ")) })
}

fn reference(tables: &[Table], table: &Table, index: usize) -> Option<String> {
    let reference = table.references.iter().find(|it| it.field == index)?;
    let target = tables.get(reference.table)?;
    let deleted = match reference.on_delete {
        OnDelete::Restrict => "",
        OnDelete::Cascade => " and deleted with it",
        OnDelete::SetNull => " and null when that is deleted",
    };
    Some(format!("a reference to {}{deleted}", target.name))
}

fn column(table: &Table, index: usize, field: &Field) -> String {
    let name = quoted(&field.column);
    if index == table.key && table.make_key == MakeKey::Counted {
        return format!("{name} INTEGER PRIMARY KEY AUTOINCREMENT");
    }
    let kind = match &field.member.kind {
        Kind::Integer | Kind::Boolean => "INTEGER",
        // Whole numbers stay whole and others are floats.
        Kind::Number => "ANY",
        _ => "TEXT",
    };
    let mut text = format!("{name} {kind}");
    if index == table.key {
        text.push_str(" PRIMARY KEY");
    }
    if field.present || index == table.key {
        text.push_str(" NOT NULL");
    }
    for check in checks(table, index, field) {
        text.push_str(&format!(" CHECK ({})", check.sql));
    }
    text
}

/// What a field is, in words that stay the same: they are kept in the database.
fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text(_) | Kind::Enum(_) => "a text",
        Kind::Integer => "an integer",
        Kind::Number => "a number",
        Kind::Decimal(_, false) => "a decimal number",
        Kind::Decimal(_, true) => "a decimal number in quotes",
        Kind::Boolean => "true or false",
        Kind::Date => "a date",
        Kind::Time => "a time of day",
        Kind::DateTime => "a date and time",
        Kind::Duration => "a length of time",
        Kind::Uuid => "a UUID",
        Kind::Email => "an email address",
        Kind::Url => "a URL",
        Kind::Ip => "an IP address",
        Kind::Any | Kind::Literals(_) => "JSON",
        Kind::List(_) => "a list",
        Kind::Map(_) | Kind::Object(_) => "an object",
    }
}

/// What one column is held to.
fn checks(table: &Table, index: usize, field: &Field) -> Vec<Check> {
    let name = quoted(&field.column);
    let kind = &field.member.kind;
    let mut found = Vec::new();
    match kind {
        Kind::Boolean => found.push(Check::new(format!("{name} IN (0, 1)"), "")),
        Kind::Enum(words) => found.push(one_of(&name, words)),
        Kind::Text(Some(limit)) => {
            found.push(Check::new(format!("length({name}) <= {limit}"), format!("at most {limit} characters long")));
        }
        Kind::List(_) | Kind::Map(_) | Kind::Object(_) => {
            found.push(Check::new(format!("json_valid({name})"), ""));
        }
        Kind::Literals(values) => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            found.push(one_of(&name, &values));
        }
        _ => {}
    }
    let texts = matches!(kind, Kind::Text(_) | Kind::Email | Kind::Url);
    for (limit, _) in &field.member.limits {
        match limit {
            Limit::Length(least, most) => {
                let (sql, unit) = match kind {
                    _ if texts => (format!("length({name})"), "characters long"),
                    Kind::List(_) => (format!("json_array_length({name})"), "items long"),
                    _ => continue,
                };
                let at_least = |it: u64| if it == 1 { "not empty".to_owned() } else { format!("at least {it} {unit}") };
                found.extend(least.map(|it| Check::new(format!("{sql} >= {it}"), at_least(it))));
                found.extend(most.map(|it| Check::new(format!("{sql} <= {it}"), format!("at most {it} {unit}"))));
            }
            Limit::Range(least, most) => {
                let bound = |it: &Option<(String, bool)>, sign: &str| {
                    let (text, equal) = it.as_ref()?;
                    compared(&name, kind, &format!("{sign}{}", if *equal { "=" } else { "" }), text)
                };
                found.extend(bound(least, ">"));
                found.extend(bound(most, "<"));
            }
            Limit::OneOf(words) if texts => found.push(one_of(&name, words)),
            _ => {}
        }
    }
    let simple = table.conditions.iter().flat_map(|it| &it.simple).filter(|it| it.0 == index);
    found.extend(simple.filter_map(|(_, sign, number)| compared(&name, kind, sign, number)));
    let mut seen: Vec<String> = Vec::new();
    found.retain(|it| {
        let new = !seen.contains(&it.sql);
        seen.push(it.sql.clone());
        new
    });
    found
}

fn one_of(name: &str, words: &[String]) -> Check {
    let list: Vec<String> = words.iter().map(|it| literal(it)).collect();
    Check::new(format!("{name} IN ({})", list.join(", ")), format!("one of {}", words.join(", ")))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A comparison with a number. A decimal is kept as text: its check compares a rounded copy, and so lets
/// the bound itself pass, which the edge refuses exactly.
fn compared(name: &str, kind: &Kind, sign: &str, number: &str) -> Option<Check> {
    plan::digits::Digits::read(number)?;
    let words = match sign {
        ">=" => format!("at least {number}"),
        ">" => format!("greater than {number}"),
        "<=" => format!("at most {number}"),
        _ => format!("less than {number}"),
    };
    match kind {
        Kind::Integer | Kind::Number => Some(Check::new(format!("{name} {sign} {number}"), words)),
        Kind::Decimal(..) => {
            let sign = if sign.starts_with('>') { ">=" } else { "<=" };
            Some(Check::new(format!("CAST({name} AS REAL) {sign} {number}"), words))
        }
        _ => None,
    }
}

/// What several columns are held to together.
fn relations(table: &Table) -> Vec<Check> {
    let column = |index: usize| table.field(index).map(|it| quoted(&it.column));
    let name = |index: usize| table.field(index).map_or("", |it| it.member.name.as_str());
    let check = |relation: &Relation| match relation {
        Relation::Compared { field, other, after, equal } => {
            let (a, b) = (table.field(*field)?, table.field(*other)?);
            // Texts compare as moments only where each is written in one way.
            let plain = |kind: &Kind| matches!(kind, Kind::Integer | Kind::Number | Kind::Date);
            if !plain(&a.member.kind) || a.member.kind != b.member.kind {
                return None;
            }
            let (sign, word) = if *after { (">", "after") } else { ("<", "before") };
            let (sign, or) = if *equal { (format!("{sign}="), " or equal to") } else { (sign.to_owned(), "") };
            Some(Check::new(
                format!("{} {sign} {}", quoted(&a.column), quoted(&b.column)),
                format!("{} is {word}{or} {}", a.member.name, b.member.name),
            ))
        }
        Relation::RequiredWhen { field, other, value } => {
            let value_of = table.field(*other)?;
            let value_sql = match &value_of.member.kind {
                Kind::Boolean => i64::from(value.parse::<bool>().ok()?).to_string(),
                Kind::Integer => value.parse::<i64>().ok()?.to_string(),
                Kind::Text(_) | Kind::Enum(_) => literal(value),
                _ => return None,
            };
            Some(Check::new(
                format!("{} IS NOT {value_sql} OR {} IS NOT NULL", quoted(&value_of.column), column(*field)?),
                format!("{} is there when {} is {value}", name(*field), value_of.member.name),
            ))
        }
        Relation::AtLeastOneOf(fields) => {
            let parts: Vec<String> =
                fields.iter().map(|it| Some(format!("{} IS NOT NULL", column(*it)?))).collect::<Option<_>>()?;
            let names: Vec<&str> = fields.iter().map(|it| name(*it)).collect();
            Some(Check::new(parts.join(" OR "), format!("at least one of {} is there", names.join(", "))))
        }
    };
    table.relations.iter().filter_map(|(relation, _)| check(relation)).collect()
}

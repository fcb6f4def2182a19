//! What SQLite is told: tables, statements, values. Everything that is SQLite's own is here.

use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode};

use crate::cell::Cell;
use crate::plan::{Field, MakeKey, OnDelete, Table};
use crate::shape::{Kind, Limit};

/// The statements of a table, written once.
#[derive(Debug, Default, Clone)]
pub(crate) struct Statements {
    /// All fields, in order.
    pub(super) insert: String,
    /// All fields and then the key.
    pub(super) update: String,
    pub(super) delete: String,
    /// `SELECT` of all fields, without a condition.
    pub(super) select: String,
    /// `SELECT count(*)`, without a condition.
    pub(super) count: String,
}

/// What every connection is set to.
pub(super) const SETTINGS: &str = "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456; PRAGMA trusted_schema=OFF;";
/// What the writer is set to besides: each commit is on the disk before it is acknowledged.
pub(super) const DURABLE: &str =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;";
/// The table that says which document a database belongs to.
pub(super) const ABOUT: &str =
    "CREATE TABLE IF NOT EXISTS _truespec (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID";

/// The statements of a table.
pub(crate) fn statements(table: &Table) -> Statements {
    let columns: Vec<String> = table.fields.iter().map(|it| quoted(&it.column)).collect();
    let holes: Vec<String> = (1..=columns.len()).map(|it| format!("?{it}")).collect();
    let sets: Vec<String> = columns.iter().zip(&holes).map(|(column, hole)| format!("{column}={hole}")).collect();
    let (name, key) = (quoted(&table.sql), key(table));
    let list = columns.join(",");
    Statements {
        insert: format!("INSERT INTO {name} ({list}) VALUES ({})", holes.join(",")),
        update: format!("UPDATE {name} SET {} WHERE {key}=?{}", sets.join(","), columns.len() + 1),
        delete: format!("DELETE FROM {name} WHERE {key}=?1"),
        select: format!("SELECT {list} FROM {name}"),
        count: format!("SELECT count(*) FROM {name}"),
    }
}

/// Records whose JSON holds the value `?1` under the name `?2`.
pub(super) fn holding(table: &Table, column: &str) -> String {
    let name = quoted(&table.sql);
    format!("SELECT 1 FROM {name}, json_tree({name}.{column}) AS inside WHERE inside.key=?2 AND inside.atom=?1 LIMIT 1")
}

/// The key's column.
pub(super) fn key(table: &Table) -> String {
    table.key_field().map_or_else(|| "rowid".to_owned(), |it| quoted(&it.column))
}

/// How a field is ordered by.
pub(super) struct Sorted {
    pub(super) column: String,
    before: &'static str,
    after: &'static str,
}

impl Sorted {
    /// What is compared of a column or a value.
    pub(super) fn of(&self, term: &str) -> String {
        format!("{}{term}{}", self.before, self.after)
    }
}

/// How a field is ordered by: times by the moment, decimals as numbers.
pub(super) fn sorted(field: &Field) -> Sorted {
    let (before, after) = match field.member.kind {
        Kind::DateTime => ("julianday(", ")"),
        Kind::Decimal(..) => ("CAST(", " AS REAL)"),
        _ => ("", ""),
    };
    Sorted { column: quoted(&field.column), before, after }
}

/// A name as SQL takes any.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The declarations of all tables, with what SQL can say of their constraints.
pub(super) fn schema(tables: &[Table]) -> Vec<String> {
    let mut statements = Vec::new();
    for table in tables {
        let mut parts: Vec<String> = Vec::new();
        for (index, field) in table.fields.iter().enumerate() {
            parts.push(column(table, index, field));
        }
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
    let numbers = matches!(field.member.kind, Kind::Integer | Kind::Number);
    let simple = table.conditions.iter().filter_map(|it| it.simple.as_ref()).filter(|it| it.0 == index && numbers);
    let simple: Vec<String> = simple.map(|(_, sign, number)| format!("{name} {sign} {number}")).collect();
    for check in checks(&name, field).into_iter().chain(simple) {
        text.push_str(&format!(" CHECK ({check})"));
    }
    text
}

fn checks(name: &str, field: &Field) -> Vec<String> {
    let mut found = Vec::new();
    match &field.member.kind {
        Kind::Boolean => found.push(format!("{name} IN (0, 1)")),
        Kind::Enum(words) => {
            let words: Vec<String> = words.iter().map(|it| format!("'{}'", it.replace('\'', "''"))).collect();
            found.push(format!("{name} IN ({})", words.join(", ")));
        }
        Kind::Text(Some(limit)) => found.push(format!("length({name}) <= {limit}")),
        _ => {}
    }
    let texts = matches!(field.member.kind, Kind::Text(_) | Kind::Email | Kind::Url);
    let numbers = matches!(field.member.kind, Kind::Integer | Kind::Number);
    for (limit, _) in &field.member.limits {
        match limit {
            Limit::Length(least, most) if texts => {
                found.extend(least.map(|it| format!("length({name}) >= {it}")));
                found.extend(most.map(|it| format!("length({name}) <= {it}")));
            }
            Limit::Range(least, most) if numbers => {
                let bound = |it: &Option<(String, bool)>, sign: &str| {
                    let (text, equal) = it.as_ref().filter(|it| it.0.parse::<f64>().is_ok())?;
                    Some(format!("{name} {sign}{} {text}", if *equal { "=" } else { "" }))
                };
                found.extend(bound(least, ">"));
                found.extend(bound(most, "<"));
            }
            _ => {}
        }
    }
    found
}

/// A cell as SQLite keeps it.
pub(super) fn bind(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Integer(i64::from(*value)),
        Cell::Integer(value) => Value::Integer(*value),
        Cell::Float(value) => Value::Real(*value),
        Cell::Text(value) | Cell::Decimal(value, _) | Cell::Json(value) => Value::Text(value.clone()),
    }
}

/// A cell from what SQLite keeps.
pub(super) fn cell(value: ValueRef, kind: &Kind) -> Cell {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match (value, kind) {
        (ValueRef::Integer(value), Kind::Boolean) => Cell::Bool(value != 0),
        (ValueRef::Integer(value), _) => Cell::Integer(value),
        (ValueRef::Real(value), _) => Cell::Float(value),
        (ValueRef::Text(bytes), Kind::Decimal(_, as_text)) => Cell::Decimal(text(bytes), *as_text),
        (ValueRef::Text(bytes), Kind::List(_) | Kind::Map(_) | Kind::Object(_) | Kind::Any | Kind::Literals(_)) => {
            Cell::Json(text(bytes))
        }
        (ValueRef::Text(bytes), _) => Cell::Text(text(bytes)),
        (ValueRef::Null | ValueRef::Blob(_), _) => Cell::Null,
    }
}

/// Why a statement was refused.
#[derive(Debug)]
pub(super) enum Cause {
    /// Columns that are unique together.
    Unique(Vec<String>),
    Reference,
    Check(String),
    Other,
}

pub(super) fn cause(error: &rusqlite::Error) -> Cause {
    let rusqlite::Error::SqliteFailure(code, Some(message)) = error else { return Cause::Other };
    if code.code != ErrorCode::ConstraintViolation {
        return Cause::Other;
    }
    let about = message.split_once(": ").map_or("", |it| it.1);
    if message.starts_with("UNIQUE") {
        return Cause::Unique(about.split(", ").filter_map(|it| it.rsplit('.').next()).map(str::to_owned).collect());
    }
    if message.starts_with("FOREIGN KEY") { Cause::Reference } else { Cause::Check(about.to_owned()) }
}

/// Whether a file is none of SQLite's.
pub(super) fn is_foreign(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(code, _) if code.code == ErrorCode::NotADatabase)
}

/// Names of the tables that a database has.
pub(super) fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'")?;
    let names = statement.query_map([], |it| it.get(0))?;
    names.collect()
}

//! What SQLite is told: statements, values, settings, and what its errors mean.

use rusqlite::ErrorCode;
use rusqlite::types::{Value, ValueRef};

use plan::cell::Cell;
use plan::shape::Kind;
use plan::{Field, Table};

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

impl Statements {
    /// Those of no table.
    pub(super) const NONE: Statements = Statements {
        insert: String::new(),
        update: String::new(),
        delete: String::new(),
        select: String::new(),
        count: String::new(),
    };
}

/// What every connection is set to.
pub(super) const SETTINGS: &str = "PRAGMA busy_timeout=5000; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456; PRAGMA trusted_schema=OFF;";
/// What the writer is set to besides: each commit is on the disk before it is acknowledged.
pub(super) const DURABLE: &str =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;";

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

/// What keeps a database from doing what it was asked to, apart from constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no room.
    Full,
    /// It may not be written.
    ReadOnly,
    /// Another program holds it.
    Locked,
    /// The file is none of SQLite's.
    Foreign,
    /// The file is damaged.
    Damaged,
    /// The disk failed.
    Disk,
    Other,
}

pub(super) fn trouble(error: &rusqlite::Error) -> Trouble {
    let rusqlite::Error::SqliteFailure(code, _) = error else { return Trouble::Other };
    match code.code {
        ErrorCode::DiskFull => Trouble::Full,
        ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied => Trouble::ReadOnly,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => Trouble::Locked,
        ErrorCode::NotADatabase => Trouble::Foreign,
        ErrorCode::DatabaseCorrupt => Trouble::Damaged,
        ErrorCode::SystemIoFailure => Trouble::Disk,
        _ => Trouble::Other,
    }
}

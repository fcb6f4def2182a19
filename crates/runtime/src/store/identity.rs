//! Whose records a file holds: one service at a time, of one document, in the tables that it describes.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use plan::Plan;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use serde_json::{Map, Value};

use crate::store::schema;
use crate::store::sqlite::{self, Trouble};
use crate::{Ambient, Error};

/// The version of the tables that are Truespec's own.
const VERSION: u32 = 1;

/// The table that says which document a database belongs to.
const ABOUT: &str = "CREATE TABLE _truespec (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID";

/// Databases up to this size are looked through for damage at the start.
const SMALL: u64 = 8 << 20;

/// An opened database.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// Held for the life of the process: the file belongs to one service. A crash releases it.
    pub(super) lock: Option<File>,
    /// Where the records were put that were there before.
    pub(super) backup: Option<PathBuf>,
}

/// A database in memory.
pub(super) fn in_memory(plan: &Plan, text: &str) -> Result<Connection, Error> {
    let mut connection = Connection::open_in_memory()?;
    settle(&connection)?;
    prepare(&mut connection, plan, text, Path::new(""))?;
    Ok(connection)
}

/// Opens the file of a document's records, and makes it where there is none. With `reset`, records that
/// are there are put aside first.
pub(super) fn on_file(file: &Path, plan: &Plan, text: &str, reset: bool, ambient: &Ambient) -> Result<Opened, Error> {
    let before = if reset { put_aside(file, ambient)? } else { None };
    let lock = claim(file)?;
    let connect = || -> Result<Connection, Error> {
        let mut connection = Connection::open_with_flags(file, flags())?;
        settle(&connection)?;
        let size = std::fs::metadata(file).map_or(0, |it| it.len());
        prepare(&mut connection, plan, text, file)?;
        if size > 0 && size <= SMALL && !sound(&connection)? {
            return Err(Error::Damaged { file: file.to_owned() });
        }
        let mode: String = connection.query_row("PRAGMA journal_mode", [], |it| it.get(0))?;
        if mode != "wal" {
            return Err(Error::ReadOnly { file: file.to_owned() });
        }
        Ok(connection)
    };
    match connect() {
        Ok(connection) => Ok(Opened { connection, lock, backup: before }),
        Err(Error::Database(error)) => Err(refused(file, error)),
        Err(error) => Err(error),
    }
}

/// A connection's flags: a name is a path, never a URL with options.
pub(super) fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn settle(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(sqlite::SETTINGS)?;
    connection.execute_batch(sqlite::DURABLE)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// Makes the file where there is none, and holds it against other processes.
fn claim(file: &Path) -> Result<Option<File>, Error> {
    if file.is_dir() {
        return Err(Error::Directory { file: file.to_owned() });
    }
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|it| !it.is_dir()) {
        return Err(Error::NoFolder { file: file.to_owned(), folder: folder.to_owned() });
    }
    let opened = File::options().read(true).write(true).create(true).truncate(false).open(file);
    let held = opened.map_err(|error| match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Error::ReadOnly { file: file.to_owned() },
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => Error::Full { file: file.to_owned() },
        _ => Error::Unusable { file: file.to_owned(), error },
    })?;
    // Elsewhere locks are no advice: one on the file itself would keep SQLite out of it.
    if !cfg!(unix) {
        return Ok(None);
    }
    match held.try_lock() {
        Ok(()) => Ok(Some(held)),
        Err(TryLockError::WouldBlock) => Err(Error::Served { file: file.to_owned() }),
        // A file system without locks.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

/// Moves the records in a file aside, and says where to; nothing where the file holds none. A file that
/// holds something else is left alone.
fn put_aside(file: &Path, ambient: &Ambient) -> Result<Option<PathBuf>, Error> {
    if !std::fs::metadata(file).is_ok_and(|it| it.is_file() && it.len() > 0) {
        return Ok(None);
    }
    let lock = claim(file)?;
    let about = || -> rusqlite::Result<bool> {
        let connection = Connection::open_with_flags(file, flags())?;
        // The log is folded into the file when its only connection is closed.
        connection.execute_batch(sqlite::SETTINGS)?;
        Ok(tables(&connection)?.iter().any(|it| it == "_truespec"))
    };
    if !about().map_err(|it| refused(file, it))? {
        return Err(Error::NotOurs { file: file.to_owned() });
    }
    let stamp: String =
        plan::shape::rfc3339((ambient.now)()).chars().take(19).filter(|it| !matches!(it, '-' | ':')).collect();
    let name = |it: Option<&std::ffi::OsStr>| it.map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let (stem, extension) = (name(file.file_stem()), name(file.extension()));
    let extension = if extension.is_empty() { extension } else { format!(".{extension}") };
    let mut number = 1;
    let backup = loop {
        let again = if number == 1 { String::new() } else { format!("-{number}") };
        let path = file.with_file_name(format!("{stem}-{stamp}{again}{extension}"));
        if !path.exists() {
            break path;
        }
        number += 1;
    };
    let unusable = |error| Error::Unusable { file: file.to_owned(), error };
    std::fs::rename(file, &backup).map_err(unusable)?;
    for suffix in ["-wal", "-shm"] {
        let with = |path: &Path| PathBuf::from(format!("{}{suffix}", path.display()));
        if with(file).exists() {
            std::fs::rename(with(file), with(&backup)).map_err(unusable)?;
        }
    }
    drop(lock);
    Ok(Some(backup))
}

fn refused(file: &Path, error: rusqlite::Error) -> Error {
    let file = file.to_owned();
    match sqlite::trouble(&error) {
        Trouble::Full => Error::Full { file },
        Trouble::ReadOnly => Error::ReadOnly { file },
        Trouble::Locked => Error::Locked { file },
        Trouble::Foreign => Error::NotOurs { file },
        Trouble::Damaged => Error::Damaged { file },
        Trouble::Disk | Trouble::Other => Error::Database(error),
    }
}

/// Enough random digits that nobody guesses them.
fn new_secret() -> String {
    (0..3).map(|_| uuid::Uuid::now_v7().simple().to_string()).collect()
}

/// The secret that was made with a database.
pub(super) fn secret_of(connection: &Connection) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT value FROM _truespec WHERE name='secret'", [], |it| it.get(0)).optional()
}

/// The secret in a file, which may be being served; `None` if there is no such file.
///
/// # Errors
/// A file that holds no records of a document.
pub(crate) fn secret(file: &Path) -> Result<Option<String>, Error> {
    if !std::fs::metadata(file).is_ok_and(|it| it.is_file() && it.len() > 0) {
        return Ok(None);
    }
    let read = || secret_of(&Connection::open_with_flags(file, flags())?);
    read().map_err(|error| match refused(file, error) {
        Error::Database(_) => Error::NotOurs { file: file.to_owned() },
        other => other,
    })
}

fn sound(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA quick_check(1)", [], |it| it.get::<_, String>(0)).map(|it| it == "ok")
}

/// Names of the tables that a database has.
fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%'")?;
    let names = statement.query_map([], |it| it.get(0))?;
    names.collect()
}

/// Makes the tables in a new database, and sees that an old one has those that the plan needs.
fn prepare(connection: &mut Connection, plan: &Plan, text: &str, file: &Path) -> Result<(), Error> {
    let described = schema::described(&plan.tables);
    let hash = format!("{:016x}", fnv(text));
    let known = tables(connection)?;
    if !known.iter().any(|it| it == "_truespec") {
        if !known.is_empty() {
            return Err(Error::NotOurs { file: file.to_owned() });
        }
        let changes = connection.transaction()?;
        changes.execute_batch(ABOUT)?;
        for statement in schema::statements(&plan.tables) {
            changes.execute_batch(&statement)?;
        }
        let about = [
            ("version", VERSION.to_string()),
            ("title", plan.title.clone()),
            ("document", hash),
            ("tables", described.to_string()),
            ("secret", new_secret()),
        ];
        for (name, value) in about {
            changes.execute("INSERT INTO _truespec VALUES (?1, ?2)", [name, &value])?;
        }
        changes.commit()?;
        return Ok(());
    }
    let said = |name: &str| {
        connection
            .query_row("SELECT value FROM _truespec WHERE name=?1", [name], |it| it.get::<_, String>(0))
            .optional()
            .map(Option::unwrap_or_default)
    };
    let version = said("version")?;
    if version.parse::<u32>().is_ok_and(|it| it > VERSION) {
        return Err(Error::Newer { file: file.to_owned(), version, known: VERSION });
    }
    let title = said("title")?;
    let before: Value = serde_json::from_str(&said("tables")?).unwrap_or_default();
    let differences = differences(&before, &described);
    if !differences.is_empty() {
        let file = file.to_owned();
        return Err(if title == plan.title {
            Error::OtherSchema { file, differences }
        } else {
            Error::OtherDocument { file, title, own: plan.title.clone() }
        });
    }
    if said("document")? != hash {
        let changes = connection.transaction()?;
        for (name, value) in [("document", &hash), ("title", &plan.title)] {
            changes.execute("UPDATE _truespec SET value=?2 WHERE name=?1", [name, value])?;
        }
        changes.commit()?;
    }
    Ok(())
}

/// What differs between two descriptions of tables, one sentence each.
fn differences(before: &Value, after: &Value) -> Vec<String> {
    let none = Map::new();
    let (old, new) = (before.as_object().unwrap_or(&none), after.as_object().unwrap_or(&none));
    let mut found = Vec::new();
    for (name, table) in old {
        let Some(own) = new.get(name) else {
            found.push(format!("`{name}` is no longer in the document"));
            continue;
        };
        let fields = |it: &Value| it.get("fields").and_then(Value::as_object).cloned().unwrap_or_default();
        let (had, has) = (fields(table), fields(own));
        for (field, words) in &had {
            let place = if field.is_empty() { format!("`{name}`") } else { format!("`{name}.{field}`") };
            match has.get(field) {
                None if field.is_empty() => found.extend(changed(&place, words, &Value::Null)),
                None => found.push(format!("{place} is no longer in the document")),
                Some(now) => found.extend(changed(&place, words, now)),
            }
        }
        for (field, words) in has.iter().filter(|it| !had.contains_key(it.0)) {
            found.push(if field.is_empty() {
                format!("`{name}` asks that {}", list(words).join(", and that "))
            } else {
                format!("`{name}.{field}` is new: {}", shown(&list(words)))
            });
        }
        if found.is_empty() && table.get("table") != own.get("table") {
            found.push(format!("`{name}` is kept in another table"));
        }
    }
    found.extend(new.keys().filter(|it| !old.contains_key(*it)).map(|it| format!("`{it}` is new")));
    found
}

/// How what is asked of a field changed.
fn changed(place: &str, before: &Value, after: &Value) -> Option<String> {
    let (before, after) = (list(before), list(after));
    let only = |these: &[String], others: &[String]| -> Vec<String> {
        these.iter().filter(|it| !others.contains(it)).cloned().collect()
    };
    let (gone, new) = (only(&before, &after), only(&after, &before));
    match (gone.is_empty(), new.is_empty()) {
        (true, true) => None,
        (false, true) => Some(format!("{place} need no longer be {}", shown(&gone))),
        (true, false) => Some(format!("{place} must be {}", shown(&new))),
        (false, false) => Some(format!("{place} was {}, and is {}", shown(&gone), shown(&new))),
    }
}

fn list(words: &Value) -> Vec<String> {
    words.as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

/// Words as a list, without what only the database knows unless there is nothing else.
fn shown(words: &[String]) -> String {
    let own: Vec<&str> = words.iter().map(String::as_str).filter(|it| !it.starts_with("column ")).collect();
    if own.is_empty() { words.join(", ") } else { own.join(", ") }
}

/// FNV-1a.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

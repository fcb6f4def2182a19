//! What the database does by itself: its own constraints, and a disk that is full.

use std::path::{Path, PathBuf};

use plan::cell::Cell;
use plan::refused::Refused;
use plan::{Plan, Why};
use source::{FileId, SourceFile, Sources};

use crate::store::{Select, Store};
use crate::{Ambient, Db, Error};

const DOCUMENT: &str = "
# Technical Specification: Rooms

## Data Model

### Room

| Field | Type | Required | Description |
|-------|------|----------|-------------|
| id | string | Yes | |
| name | string | Yes | 2-20 characters, unique |
| size | enum(small, large) | Yes | |
| seats | integer | Yes | between 1 and 40 |
| price | decimal(10,2) | Yes | at least 0.50 |
| open | boolean | Yes | |
| tags | string[] | No | at most 2 items |
| opens | date | Yes | |
| closes | date | No | |
| phone | string | No | |
| mail | string | No | |

**Constraints:**

- `self.seats < 39`: the last two are for the staff
- `self.seats >= 1 && self.seats <= 37`: two are kept free
- `closes` is after `opens`
- `phone` is required when `size` is large
- at least one of `phone` or `mail`

### Booking

| Field | Type | Required | Description |
|-------|------|----------|-------------|
| id | string | Yes | |
| room | string | Yes | references Room (restrict) |

## API

### POST /rooms

**Request:**

```json
{ \"id\": \"r\", \"name\": \"North\" }
```

### GET /rooms

### POST /bookings

### GET /bookings
";

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("truespec-store-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn plan() -> Plan {
    let mut sources = Sources::default();
    sources.add(SourceFile::new("rooms.md", DOCUMENT));
    let spec = model::workspace::read(FileId(0), "rooms.md", DOCUMENT);
    Plan::compile(&spec, &sources, &[]).unwrap()
}

fn store(plan: &Plan, file: &Path) -> Store {
    Store::open(&Db::File(file.to_owned()), plan, DOCUMENT, false, &Ambient::system()).unwrap()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

#[test]
fn constraints_hold_in_the_database() {
    let folder = Folder::new("constraints");
    let plan = plan();
    let store = store(&plan, &folder.0.join("rooms.db"));
    let run = |sql: String| {
        wait(store.write(move |records| {
            records.connection.execute_batch(&sql).map_err(|it| Refused::internal(it.to_string()))
        }))
        .map_err(|it| it.log.unwrap())
    };
    let columns = "id, name, size, seats, price, open, tags, opens, closes, phone, mail";
    let good =
        ["'a'", "'North'", "'small'", "4", "'0.50'", "1", "'[\"x\"]'", "'2026-01-01'", "'2026-01-02'", "NULL", "'m'"];
    run(format!("INSERT INTO room ({columns}) VALUES ({})", good.join(","))).unwrap();
    run("INSERT INTO booking (id, room) VALUES ('b', 'a')".to_owned()).unwrap();
    for (column, value, why) in [
        ("name", "'N'", "CHECK"),
        ("name", "'a name that is far too long'", "CHECK"),
        ("name", "NULL", "NOT NULL"),
        ("size", "'huge'", "CHECK"),
        ("seats", "0", "CHECK"),
        ("seats", "38", "CHECK"),
        ("seats", "41", "CHECK"),
        ("seats", "39", "CHECK"),
        ("seats", "4.5", "cannot store REAL"),
        ("price", "'0.49'", "CHECK"),
        ("open", "2", "CHECK"),
        ("tags", "'[1,2,3]'", "CHECK"),
        ("tags", "'['", "json_valid"),
        ("closes", "'2025-12-31'", "CHECK"),
        ("mail", "NULL", "CHECK"),
        ("size", "'large'", "CHECK"),
        ("id", "'r'", "FOREIGN KEY"),
    ] {
        let refused =
            run(format!("UPDATE room SET {column} = {value}")).err().unwrap_or_else(|| panic!("{column} = {value}"));
        assert!(refused.contains(why), "{column} = {value}: {refused}");
    }
    let mut other = good;
    other[0] = "'b'";
    let refused = run(format!("INSERT INTO room ({columns}) VALUES ({})", other.join(","))).unwrap_err();
    assert!(refused.contains("UNIQUE"), "{refused}");
    let refused = run("DELETE FROM room".to_owned()).unwrap_err();
    assert!(refused.contains("FOREIGN KEY"), "{refused}");
    let refused = run("INSERT INTO booking (id, room) VALUES ('c', 'z')".to_owned()).unwrap_err();
    assert!(refused.contains("FOREIGN KEY"), "{refused}");
}

#[test]
fn a_full_disk_loses_nothing() {
    let folder = Folder::new("full");
    let plan = plan();
    let store = store(&plan, &folder.0.join("rooms.db"));
    let pages = |count: u32| {
        wait(store.write(move |records| {
            let limit = format!("PRAGMA max_page_count={count}");
            records.connection.execute_batch(&limit).map_err(|it| Refused::internal(it.to_string()))
        }))
        .unwrap();
    };
    let record = |number: usize| {
        plan.tables[0]
            .fields
            .iter()
            .map(|it| match it.column.as_str() {
                "id" => Cell::Text(format!("{number:0900}")),
                "name" => Cell::Text(format!("room {number}")),
                "size" => Cell::Text("small".to_owned()),
                "seats" | "open" => Cell::Integer(1),
                "price" => Cell::Decimal("1".to_owned(), false),
                "opens" => Cell::Text("2026-01-01".to_owned()),
                "mail" => Cell::Text("m".to_owned()),
                _ => Cell::Null,
            })
            .collect::<Vec<Cell>>()
    };
    let plan = std::sync::Arc::new(self::plan());
    // Several records in one change: all or none.
    let add = |numbers: std::ops::Range<usize>| {
        let plan = std::sync::Arc::clone(&plan);
        let each: Vec<Vec<Cell>> = numbers.map(record).collect();
        wait(store.write(move |records| {
            for mut record in each {
                records.insert(&plan.tables[0], &mut record)?;
            }
            Ok(())
        }))
    };
    pages(40);
    let mut kept = 0;
    let refused = loop {
        match add(kept..kept + 2) {
            Ok(()) => kept += 2,
            Err(refused) => break refused,
        }
    };
    assert_eq!(refused.why, Why::Full, "{refused:?}");
    assert!(kept > 4, "{kept}");
    let count = || wait(store.read(|records| records.count(&self::plan().tables[0], &[]))).unwrap();
    assert_eq!(count(), kept as i64);
    let read =
        wait(store.read(|records| records.select(&self::plan().tables[0], &Select { limit: 3, ..Select::default() })));
    assert_eq!(read.unwrap().len(), 3);
    // Changes that share a commit: what is acknowledged is kept, and nothing else is.
    let (go, wait_for) = std::sync::mpsc::channel::<()>();
    let first = store.write(move |_| {
        let _ = wait_for.recv();
        Ok(())
    });
    let many = (0..8).map(|it| {
        let mut record = record(1000 + it);
        let plan = std::sync::Arc::clone(&plan);
        store.write(move |records| records.insert(&plan.tables[0], &mut record))
    });
    let mut waiting = std::pin::pin!(first);
    let mut others: Vec<_> = many.map(Box::pin).collect();
    wait(std::future::poll_fn(|context| {
        let _ = waiting.as_mut().poll(context);
        for other in &mut others {
            let _ = other.as_mut().poll(context);
        }
        std::task::Poll::Ready(())
    }));
    go.send(()).unwrap();
    let acknowledged = others.into_iter().map(wait).filter(Result::is_ok).count();
    assert_eq!(count(), (kept + acknowledged) as i64);
    pages(400);
    add(kept..kept + 2).unwrap();
    assert_eq!(count(), (kept + acknowledged) as i64 + 2);
}

#[test]
fn a_file_is_served_once() {
    let folder = Folder::new("once");
    let file = folder.0.join("rooms.db");
    let plan = plan();
    let first = store(&plan, &file);
    let open = || Store::open(&Db::File(file.clone()), &plan, DOCUMENT, false, &Ambient::system()).err();
    assert!(matches!(open(), Some(crate::Error::Served { .. })));
    drop(first);
    assert!(open().is_none());
}

#[test]
fn tables_of_a_newer_version_and_damaged_files_are_refused() {
    let folder = Folder::new("newer");
    let (plan, file) = (plan(), folder.0.join("rooms.db"));
    drop(store(&plan, &file));
    let again = || Store::open(&Db::File(file.clone()), &plan, DOCUMENT, false, &Ambient::system()).err();
    assert!(again().is_none());
    let change = |sql: &str| rusqlite::Connection::open(&file).unwrap().execute_batch(sql).unwrap();
    change("UPDATE _truespec SET value = '2' WHERE name = 'version'");
    assert!(matches!(again(), Some(Error::Newer { version, known: 1, .. }) if version == "2"));
    change("UPDATE _truespec SET value = '1' WHERE name = 'version'; PRAGMA wal_checkpoint(TRUNCATE)");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.iter_mut().skip(4096 + 200).take(4096).for_each(|it| *it = 0xff);
    std::fs::write(&file, bytes).unwrap();
    assert!(matches!(again(), Some(Error::Damaged { .. })));
}

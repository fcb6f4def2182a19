//! Records on disk: one thread writes and commits in groups, reads go by connections of their own.
//!
//! A write is a closure over one transaction. Its changes are kept as a whole or not at all, and its
//! answer is given only after the commit.

mod records;
mod sqlite;

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, OptionalExtension};
use tokio::sync::{Semaphore, oneshot};

pub(crate) use self::records::{Records, Select};
pub(crate) use self::sqlite::{Statements, statements};
use crate::act::Refused;
use crate::plan::Plan;
use crate::{Db, Error};

/// The records of one service.
pub(crate) struct Store {
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    /// The file, if there is one: else the writer's connection is the only one.
    file: Option<PathBuf>,
    /// Tells the connections of several stores apart.
    id: u64,
    scans: Semaphore,
}

/// Runs in its own savepoint; tells whether its changes are kept, and answers when they are.
type Job = Box<dyn FnOnce(&Connection) -> (bool, Answer) + Send>;
type Answer = Box<dyn FnOnce(Result<(), Refused>) + Send>;

/// At most so many writes share a commit.
const GROUP: usize = 256;

static STORES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static READERS: RefCell<HashMap<u64, Connection>> = RefCell::default();
}

impl Store {
    /// Opens the records of a plan, and makes its tables in a new database.
    ///
    /// # Errors
    /// A file that cannot be used or belongs to something else.
    pub(crate) fn open(db: &Db, plan: &Plan, text: &str) -> Result<Store, Error> {
        let file = match db {
            Db::File(path) => Some(path.clone()),
            Db::Memory => None,
        };
        let mut connection = match &file {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        prepare(&mut connection, plan, text, file.as_deref()).map_err(|error| match (error, &file) {
            (Error::Database(error), Some(file)) if sqlite::is_foreign(&error) => Error::NotOurs { file: file.clone() },
            (error, _) => error,
        })?;
        let (jobs, queue) = channel();
        let writer = std::thread::Builder::new().name("writer".to_owned()).spawn(move || write(&connection, &queue))?;
        Ok(Store {
            jobs: Some(jobs),
            writer: Some(writer),
            file,
            id: STORES.fetch_add(1, Ordering::Relaxed),
            scans: Semaphore::new(SCANS),
        })
    }

    /// Runs a change. What it returns is given once it is committed; nothing of it stays if it refuses.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let done = work(&Records { connection });
            let keep = done.is_ok();
            let answer: Answer = Box::new(move |committed| drop(sender.send(committed.and(done))));
            (keep, answer)
        });
        let sent = self.jobs.as_ref().is_some_and(|it| it.send(job).is_ok());
        if !sent {
            return Err(Refused::internal("the writer is gone"));
        }
        receiver.await.unwrap_or_else(|_| Err(Refused::internal("a change was given up")))
    }

    /// Runs a read on a connection of this thread; in memory, between the writes.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        match &self.file {
            Some(file) => inline(file, self.id, work),
            None => self.write(work).await,
        }
    }

    /// [`Store::read`] of many records, on a thread on which nothing else waits.
    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let Some(file) = self.file.clone() else { return self.write(work).await };
        let id = self.id;
        // Each thread has a connection: there are only so many.
        let _permit = self.scans.acquire().await;
        let done = tokio::task::spawn_blocking(move || inline(&file, id, work)).await;
        done.unwrap_or_else(|it| Err(Refused::internal(it.to_string())))
    }
}

fn inline<T>(file: &Path, id: u64, work: impl FnOnce(&Records) -> Result<T, Refused>) -> Result<T, Refused> {
    READERS.with_borrow_mut(|readers| {
        let connection = match readers.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(reader(file).map_err(|it| Refused::internal(it.to_string()))?),
        };
        work(&Records { connection })
    })
}

/// So many long reads run at once.
const SCANS: usize = 4;

fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(sqlite::SETTINGS)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

impl Drop for Store {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to say.
            drop(writer.join());
        }
    }
}

fn write(connection: &Connection, queue: &Receiver<Job>) {
    let mut answers: Vec<Answer> = Vec::new();
    while let Ok(first) = queue.recv() {
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            drop(first);
            report(&error);
            continue;
        }
        let mut next = Some(first);
        while let Some(job) = next {
            answers.push(run(connection, job));
            next = if answers.len() < GROUP { queue.try_recv().ok() } else { None };
        }
        let committed = connection.execute_batch("COMMIT");
        if let Err(error) = &committed {
            report(error);
            if let Err(error) = connection.execute_batch("ROLLBACK") {
                report(&error);
            }
        }
        for answer in answers.drain(..) {
            answer(committed.as_ref().map(|_| ()).map_err(|it| Refused::internal(it.to_string())));
        }
    }
}

fn run(connection: &Connection, job: Job) -> Answer {
    let step = |sql: &str| connection.prepare_cached(sql).and_then(|mut it| it.execute([]));
    let result = step("SAVEPOINT one").map(|_| catch_unwind(AssertUnwindSafe(|| job(connection))));
    let failed = |words: String| -> Answer { Box::new(move |_| drop(words)) };
    match result {
        Ok(Ok((keep, answer))) => {
            let undone = if keep { Ok(0) } else { step("ROLLBACK TO one") };
            match undone.and_then(|_| step("RELEASE one")) {
                Ok(_) => answer,
                Err(error) => {
                    let words = error.to_string();
                    Box::new(move |_| answer(Err(Refused::internal(words))))
                }
            }
        }
        Ok(Err(_)) => {
            let undone = step("ROLLBACK TO one").and_then(|_| step("RELEASE one"));
            if let Err(error) = undone {
                report(&error);
            }
            failed("a change panicked".to_owned())
        }
        Err(error) => {
            report(&error);
            failed(error.to_string())
        }
    }
}

#[expect(clippy::print_stderr, reason = "the log of a service is its standard error")]
fn report(error: &rusqlite::Error) {
    eprintln!("error: the database: {error}");
}

fn prepare(connection: &mut Connection, plan: &Plan, text: &str, file: Option<&Path>) -> Result<(), Error> {
    connection.execute_batch(sqlite::SETTINGS)?;
    connection.execute_batch(sqlite::DURABLE)?;
    connection.set_prepared_statement_cache_capacity(256);
    let statements = sqlite::schema(&plan.tables);
    let schema = statements.join(";\n");
    let hash = format!("{:016x}", fnv(text));
    let known = sqlite::tables(connection)?;
    if !known.iter().any(|it| it == "_truespec") {
        if let (Some(file), false) = (file, known.is_empty()) {
            return Err(Error::NotOurs { file: file.to_owned() });
        }
        let changes = connection.transaction()?;
        changes.execute_batch(sqlite::ABOUT)?;
        for statement in &statements {
            changes.execute_batch(statement)?;
        }
        for (name, value) in [("title", &plan.title), ("schema", &schema), ("document", &hash)] {
            changes.execute("INSERT INTO _truespec VALUES (?1, ?2)", [name, value])?;
        }
        changes.commit()?;
        return Ok(());
    }
    let said = |name: &str| {
        connection
            .query_row("SELECT value FROM _truespec WHERE name=?1", [name], |it| it.get::<_, String>(0))
            .optional()
    };
    let (title, before) = (said("title")?.unwrap_or_default(), said("schema")?.unwrap_or_default());
    if before != schema {
        let file = file.unwrap_or(Path::new("")).to_owned();
        if title != plan.title {
            return Err(Error::OtherDocument { file, title });
        }
        return Err(Error::OtherSchema { file, differences: differences(&before, &schema) });
    }
    if said("document")?.as_ref() != Some(&hash) {
        connection.execute("UPDATE _truespec SET value=?1 WHERE name='document'", [&hash])?;
    }
    Ok(())
}

/// Lines of declarations that only one of two schemas has.
fn differences(before: &str, after: &str) -> Vec<String> {
    fn columns(schema: &str) -> Vec<String> {
        let mut table = String::new();
        let mut found = Vec::new();
        for line in schema.lines() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                table = rest.trim_end_matches(" (").replace('"', "");
                found.push(format!("table {table}"));
            } else if line.starts_with("  ") {
                found.push(format!("{table}.{}", line.trim().trim_end_matches(',').replace('"', "")));
            }
        }
        found
    }
    let (before, after) = (columns(before), columns(after));
    let gone = before.iter().filter(|it| !after.contains(it)).map(|it| format!("the database has `{it}`"));
    let new = after.iter().filter(|it| !before.contains(it)).map(|it| format!("the document has `{it}`"));
    gone.chain(new).collect()
}

/// FNV-1a.
fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

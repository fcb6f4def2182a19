//! Records on disk: one thread writes and commits in groups, reads go by connections of their own.
//!
//! A write is a closure over one transaction. Its changes are kept as a whole or not at all, and its
//! answer is given only after the commit.

mod identity;
mod records;
mod schema;
mod sqlite;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use plan::Plan;
use plan::refused::Refused;
use rusqlite::Connection;
use tokio::sync::{Semaphore, oneshot};

pub(crate) use self::identity::secret;
pub(crate) use self::records::{Records, Select};
pub(crate) use self::schema::held;
use self::sqlite::Statements;
use self::sqlite::Trouble;
use crate::{Ambient, Db, Error};

/// The records of one service.
pub(crate) struct Store {
    jobs: Option<Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    /// The file, if there is one: else the writer's connection is the only one.
    file: Option<PathBuf>,
    /// Keeps other processes from the file until its last connection is closed.
    lock: Option<Arc<File>>,
    /// Where the records were put that were in the file before.
    backup: Option<PathBuf>,
    /// A secret of its own, for trying things out.
    secret: String,
    /// Tells the connections of several stores apart.
    id: u64,
    scans: Semaphore,
    statements: Arc<[Statements]>,
}

/// Runs in its own savepoint, or is told why there is none; tells whether its changes are kept, and answers
/// when they are.
type Job = Box<dyn FnOnce(Result<&Connection, Refused>) -> (bool, Answer) + Send>;
type Answer = Box<dyn FnOnce(Result<(), Refused>) + Send>;

/// At most so many writes share a commit.
const GROUP: usize = 256;

static STORES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static READERS: RefCell<HashMap<u64, Reader>> = RefCell::default();
}

/// A connection of one thread.
struct Reader {
    connection: Connection,
    _lock: Option<Arc<File>>,
}

impl Store {
    /// A secret that was made with the database, for trying things out.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }

    /// Where the records were put that were in the file before.
    pub(crate) fn backup(&self) -> Option<&Path> {
        self.backup.as_deref()
    }

    /// Opens the records of a plan, and makes its tables in a new database. With `reset`, records that are
    /// in the file are put aside first.
    ///
    /// # Errors
    /// A file that cannot be used or belongs to something else.
    pub(crate) fn open(db: &Db, plan: &Plan, text: &str, reset: bool, ambient: &Ambient) -> Result<Store, Error> {
        let (connection, file, lock, backup) = match db {
            Db::File(path) => {
                let opened = identity::on_file(path, plan, text, reset, ambient)?;
                (opened.connection, Some(path.clone()), opened.lock, opened.backup)
            }
            Db::Memory => (identity::in_memory(plan, text)?, None, None, None),
        };
        let secret = identity::secret_of(&connection)?.unwrap_or_default();
        let (jobs, queue) = channel();
        let writer = std::thread::Builder::new().name("writer".to_owned()).spawn(move || write(&connection, &queue))?;
        let id = STORES.fetch_add(1, Ordering::Relaxed);
        let (lock, scans) = (lock.map(Arc::new), Semaphore::new(SCANS));
        let statements = plan.tables.iter().map(sqlite::statements).collect();
        Ok(Store { jobs: Some(jobs), writer: Some(writer), file, lock, backup, secret, id, scans, statements })
    }

    /// Runs a change. What it returns is given once it is committed; nothing of it stays if it refuses.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let (sender, receiver) = oneshot::channel();
        let statements = Arc::clone(&self.statements);
        let job: Job = Box::new(move |connection| {
            let done = connection.and_then(|connection| work(&Records { connection, statements: &statements }));
            let keep = done.is_ok();
            let answer: Answer =
                Box::new(move |committed| drop(sender.send(done.and_then(|it| committed.map(|()| it)))));
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
            Some(file) => inline(file, self.id, self.lock.as_ref(), &self.statements, work),
            None => self.write(work).await,
        }
    }

    /// [`Store::read`] of many records, on a thread on which nothing else waits.
    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Records) -> Result<T, Refused> + Send + 'static,
    ) -> Result<T, Refused> {
        let Some(file) = self.file.clone() else { return self.write(work).await };
        let (id, lock, statements) = (self.id, self.lock.clone(), Arc::clone(&self.statements));
        // Each thread has a connection: there are only so many.
        let _permit = self.scans.acquire().await;
        let done = tokio::task::spawn_blocking(move || inline(&file, id, lock.as_ref(), &statements, work)).await;
        done.unwrap_or_else(|it| Err(Refused::internal(it.to_string())))
    }
}

fn inline<T>(
    file: &Path,
    id: u64,
    lock: Option<&Arc<File>>,
    statements: &[Statements],
    work: impl FnOnce(&Records) -> Result<T, Refused>,
) -> Result<T, Refused> {
    READERS.with_borrow_mut(|readers| {
        let reader = match readers.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let connection = reader(file).map_err(|it| failed(&it))?;
                place.insert(Reader { connection, _lock: lock.cloned() })
            }
        };
        work(&Records { connection: &reader.connection, statements })
    })
}

/// So many long reads run at once.
const SCANS: usize = 4;

fn reader(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(file, identity::flags())?;
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
            report(&error);
            first(Err(failed(&error))).1(Ok(()));
            continue;
        }
        let mut next = Some(first);
        while let Some(job) = next {
            answers.push(run(connection, job));
            // A failure of the disk has undone the whole group.
            let goes_on = answers.len() < GROUP && !connection.is_autocommit();
            next = if goes_on { queue.try_recv().ok() } else { None };
        }
        let committed = if connection.is_autocommit() {
            Err(Refused::unavailable("undone with another change that the disk failed"))
        } else {
            connection.execute_batch("COMMIT").map_err(|error| {
                report(&error);
                if !connection.is_autocommit()
                    && let Err(error) = connection.execute_batch("ROLLBACK")
                {
                    report(&error);
                }
                failed(&error)
            })
        };
        for answer in answers.drain(..) {
            answer(committed.clone());
        }
    }
}

fn run(connection: &Connection, job: Job) -> Answer {
    let step = |sql: &str| connection.prepare_cached(sql).and_then(|mut it| it.execute([]));
    if let Err(error) = step("SAVEPOINT one") {
        report(&error);
        return job(Err(failed(&error))).1;
    }
    let done = catch_unwind(AssertUnwindSafe(|| job(Ok(connection))));
    if connection.is_autocommit() {
        return done.map_or_else(|_| gone(), |it| it.1);
    }
    match done {
        Ok((keep, answer)) => {
            let undone = if keep { Ok(0) } else { step("ROLLBACK TO one") };
            match undone.and_then(|_| step("RELEASE one")) {
                Ok(_) => answer,
                Err(error) => {
                    report(&error);
                    let refused = failed(&error);
                    Box::new(move |_| answer(Err(refused)))
                }
            }
        }
        Err(_) => {
            if let Err(error) = step("ROLLBACK TO one").and_then(|_| step("RELEASE one")) {
                report(&error);
            }
            gone()
        }
    }
}

/// The answer to who waits for a change that panicked: none.
fn gone() -> Answer {
    Box::new(drop)
}

/// What the database cannot do now, without what is internal.
fn failed(error: &rusqlite::Error) -> Refused {
    match sqlite::trouble(error) {
        Trouble::Full => Refused::full(error.to_string()),
        Trouble::ReadOnly | Trouble::Locked | Trouble::Disk => Refused::unavailable(error.to_string()),
        Trouble::Foreign | Trouble::Damaged | Trouble::Other => Refused::internal(error.to_string()),
    }
}

#[expect(clippy::print_stderr, reason = "the log of a service is its standard error")]
fn report(error: &rusqlite::Error) {
    eprintln!("error: the database: {error}");
}

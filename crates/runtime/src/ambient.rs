//! What a service takes from its surroundings: the time, new ids, and where its log goes.

use std::fmt;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Takes whole lines of a log, each with its line break.
pub type Sink = dyn Fn(&[u8]) + Send + Sync;

/// The clock, the source of ids, and the end of the log.
#[derive(Clone)]
pub struct Ambient {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// A new id, a UUID in lower case; ids grow with time.
    pub id: Arc<dyn Fn() -> String + Send + Sync>,
    /// Where the log goes.
    pub log: Arc<Sink>,
}

impl Ambient {
    /// The moment of a change.
    pub(crate) fn at(&self) -> plan::change::Now<'_> {
        plan::change::Now { millis: (self.now)(), id: &*self.id }
    }

    /// The system's clock, UUIDs of version 7, and standard error.
    pub fn system() -> Ambient {
        Ambient {
            now: Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis() as i64)),
            id: Arc::new(|| uuid::Uuid::now_v7().to_string()),
            // Nobody is left to be told that standard error is closed.
            log: Arc::new(|bytes| drop(std::io::stderr().write_all(bytes))),
        }
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

//! What a service takes from its surroundings: the time and new ids.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};

/// The clock and the source of ids.
#[derive(Clone)]
pub struct Ambient {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub now: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// A new id, a UUID in lower case; ids grow with time.
    pub id: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Ambient {
    /// The system's clock, and UUIDs of version 7.
    pub fn system() -> Ambient {
        Ambient {
            now: Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis() as i64)),
            id: Arc::new(|| uuid::Uuid::now_v7().to_string()),
        }
    }
}

impl fmt::Debug for Ambient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ambient")
    }
}

/// A moment as RFC 3339 in UTC, with milliseconds.
pub(crate) fn rfc3339(millis: i64) -> String {
    DateTime::from_timestamp_millis(millis).unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true)
}

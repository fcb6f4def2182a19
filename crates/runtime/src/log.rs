//! The log of a service: one line per request, written by a thread of its own, so that no request waits
//! for a terminal or a disk.

use std::fmt::Write as _;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use plan::level::Level;
use plan::shape::rfc3339;

use crate::ambient::{Ambient, Sink};

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Not at all.
    Off,
    /// `key=value` pairs.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// A value of a line.
pub(crate) enum Entry<'a> {
    Text(&'a str),
    Number(u64),
    /// Milliseconds, from microseconds.
    Millis(u64),
}

/// Lines wait for at most this long.
const PAUSE: Duration = Duration::from_millis(25);
/// More than this is not kept for a reader that does not read.
const MOST: usize = 1024 * 1024;

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost: u64,
    closed: bool,
}

type Shared = Arc<(Mutex<Waiting>, Condvar)>;

/// The log of one service. What was said is written when it is dropped.
pub(crate) struct Log {
    format: LogFormat,
    ambient: Ambient,
    shared: Shared,
    writer: Option<JoinHandle<()>>,
}

impl Log {
    pub(crate) fn open(format: LogFormat, ambient: &Ambient) -> std::io::Result<Log> {
        let shared = Shared::default();
        let writer = if format == LogFormat::Off {
            None
        } else {
            let (own, sink) = (Arc::clone(&shared), Arc::clone(&ambient.log));
            Some(std::thread::Builder::new().name("log".to_owned()).spawn(move || write(&own, &*sink))?)
        };
        Ok(Log { format, ambient: ambient.clone(), shared, writer })
    }

    /// Whether lines of this level are written.
    pub(crate) fn hears(&self, level: Level) -> bool {
        self.format != LogFormat::Off && level != Level::Debug
    }

    /// A line of words.
    pub(crate) fn say(&self, level: Level, words: &str) {
        self.line(level, &[("message", Entry::Text(words))]);
    }

    /// A line of named values, after the time and the level.
    pub(crate) fn line(&self, level: Level, entries: &[(&str, Entry)]) {
        if !self.hears(level) {
            return;
        }
        let time = rfc3339((self.ambient.now)());
        let mut line = String::with_capacity(256);
        let json = self.format == LogFormat::Json;
        let ends = if json { ("{", "}\n") } else { ("", "\n") };
        line.push_str(ends.0);
        let first = [("time", Entry::Text(&time)), ("level", Entry::Text(level.word()))];
        for (index, (name, entry)) in first.iter().chain(entries).enumerate() {
            if index > 0 {
                line.push(if json { ',' } else { ' ' });
            }
            // Writing to a text cannot fail.
            let _ = if json { write!(line, "\"{name}\":") } else { write!(line, "{name}=") };
            match entry {
                Entry::Number(value) => {
                    let _ = write!(line, "{value}");
                }
                Entry::Millis(micros) => {
                    let _ = write!(line, "{}.{:03}", micros / 1000, micros % 1000);
                }
                Entry::Text(text) => value(text, json, &mut line),
            }
        }
        line.push_str(ends.1);
        let (waiting, bell) = &*self.shared;
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.bytes.len() + line.len() > MOST {
            waiting.lost += 1;
            return;
        }
        let first = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line.as_bytes());
        drop(waiting);
        if first {
            bell.notify_one();
        }
    }
}

/// A text as it stands in a line: in quotes where it would not be one word without.
fn value(text: &str, json: bool, line: &mut String) {
    let word = |it: u8| it.is_ascii_graphic() && !matches!(it, b'"' | b'\\' | b'=');
    if !json && !text.is_empty() && text.bytes().all(word) {
        line.push_str(text);
        return;
    }
    let mut quoted = Vec::with_capacity(text.len() + 2);
    plan::cell::text(text, &mut quoted);
    line.push_str(&String::from_utf8_lossy(&quoted));
}

fn write(shared: &Shared, sink: &Sink) {
    let (waiting, bell) = &**shared;
    let mut bytes = Vec::new();
    loop {
        let mut held = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while held.bytes.is_empty() && !held.closed {
            held = bell.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        if !held.closed {
            // What comes in the meantime goes with it.
            held = bell.wait_timeout_while(held, PAUSE, |it| !it.closed).unwrap_or_else(PoisonError::into_inner).0;
        }
        std::mem::swap(&mut bytes, &mut held.bytes);
        let (lost, closed) = (std::mem::take(&mut held.lost), held.closed);
        drop(held);
        if lost > 0 {
            bytes.extend_from_slice(format!("{lost} lines were lost\n").as_bytes());
        }
        sink(&bytes);
        bytes.clear();
        if closed {
            return;
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let (waiting, bell) = &*self.shared;
        waiting.lock().unwrap_or_else(PoisonError::into_inner).closed = true;
        bell.notify_one();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to say.
            drop(writer.join());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_one_line_each_and_none_is_lost_at_the_end() {
        for (format, expected) in [
            (LogFormat::Off, ""),
            (
                LogFormat::Text,
                "time=1970-01-01T00:00:00.000Z level=info path=/a words=\"x \\\"y\\n\" status=200 ms=1.250\n",
            ),
            (
                LogFormat::Json,
                "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"info\",\"path\":\"/a\",\"words\":\"x \\\"y\\n\",\"status\":200,\"ms\":1.250}\n",
            ),
        ] {
            let found = Arc::new(Mutex::new(Vec::new()));
            let own = Arc::clone(&found);
            let ambient = Ambient {
                now: Arc::new(|| 0),
                log: Arc::new(move |bytes| own.lock().unwrap().extend_from_slice(bytes)),
                ..Ambient::system()
            };
            let log = Log::open(format, &ambient).unwrap();
            let entries = [
                ("path", Entry::Text("/a")),
                ("words", Entry::Text("x \"y\n")),
                ("status", Entry::Number(200)),
                ("ms", Entry::Millis(1250)),
            ];
            log.line(Level::Info, &entries);
            log.line(Level::Debug, &entries);
            drop(log);
            assert_eq!(String::from_utf8(found.lock().unwrap().clone()).unwrap(), expected);
        }
    }

    #[test]
    fn levels_are_read_from_words() {
        for (text, expected) in [
            ("WARN with the request id", Some(Level::Warn)),
            ("Log at error level", Some(Level::Error)),
            ("None", Some(Level::Debug)),
            ("the request id", None),
        ] {
            assert_eq!(Level::read(text), expected, "{text}");
        }
    }
}

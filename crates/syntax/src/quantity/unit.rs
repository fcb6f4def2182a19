//! Names of units, with their factor to the base unit.

use super::Unit;

/// Seconds in a unit of time.
pub(super) fn seconds(word: &str) -> Option<f64> {
    Some(match word {
        "ns" | "nanosecond" | "nanoseconds" => 1e-9,
        "µs" | "μs" | "us" | "microsecond" | "microseconds" => 1e-6,
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1e-3,
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600.0,
        "day" | "days" => 86_400.0,
        "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

/// The unit in `5MB`, `5 %`, `5 rps`: its factor and what it measures. `written` tells `MB` from `mb`
/// words and `Gb` from `GB`.
pub(super) fn simple(word: &str, written: &str) -> Option<(f64, Unit)> {
    if let Some(factor) = seconds(word) {
        return Some((factor, Unit::Seconds));
    }
    let each = |noun: &str| Unit::PerSecond(noun.to_owned());
    Some(match word {
        "%" | "percent" => (1.0, Unit::Percent),
        "kbps" | "mbps" | "gbps" => (scale(word), each("bit")),
        "rps" | "qps" => (1.0, each("request")),
        "rpm" => (1.0 / 60.0, each("request")),
        "tps" => (1.0, each("transaction")),
        "fps" => (1.0, each("frame")),
        _ => (bytes(word, written)?, Unit::Bytes),
    })
}

/// Bytes in a unit of size.
pub(super) fn bytes(word: &str, written: &str) -> Option<f64> {
    let bits = written.ends_with('b') && written.starts_with(|it: char| it.is_uppercase());
    Some(match word {
        "byte" | "bytes" => 1.0,
        "kb" | "mb" | "gb" | "tb" | "pb" if !bits => scale(word),
        "kib" => 1024.0,
        "mib" => 1024.0 * 1024.0,
        "gib" => 1024.0 * 1024.0 * 1024.0,
        "tib" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "kilobytes" | "kilobyte" => 1e3,
        "megabytes" | "megabyte" => 1e6,
        "gigabytes" | "gigabyte" => 1e9,
        _ => return None,
    })
}

fn scale(word: &str) -> f64 {
    match word.chars().next() {
        Some('k') => 1e3,
        Some('m') => 1e6,
        Some('g') => 1e9,
        Some('t') => 1e12,
        _ => 1e15,
    }
}

/// The factor of a suffix glued to a number.
pub(super) fn suffix(written: &str) -> Option<f64> {
    match written {
        "k" | "K" => Some(1e3),
        "M" => Some(1e6),
        _ => None,
    }
}

/// Words that are counted even where no operator says that a number is meant.
pub(super) fn is_counted(noun: &str) -> bool {
    const NOUNS: [&str; 44] = [
        "user",
        "request",
        "order",
        "record",
        "task",
        "row",
        "image",
        "item",
        "connection",
        "run",
        "session",
        "kiosk",
        "preset",
        "event",
        "document",
        "transaction",
        "message",
        "write",
        "read",
        "query",
        "job",
        "call",
        "client",
        "device",
        "customer",
        "operation",
        "file",
        "page",
        "memory",
        "pin",
        "receipt",
        "epic",
        "feature",
        "folder",
        "attempt",
        "concurrent",
        "token",
        "credit",
        "check",
        "agent",
        "product",
        "tenant",
        "thread",
        "worker",
    ];
    NOUNS.contains(&noun)
}

/// A noun in lower case and singular, abbreviations written out.
pub(super) fn noun(word: &str) -> String {
    match word {
        "req" | "reqs" => return "request".to_owned(),
        "msg" | "msgs" => return "message".to_owned(),
        "txn" | "txns" | "tx" | "txs" => return "transaction".to_owned(),
        "op" | "ops" => return "operation".to_owned(),
        "doc" | "docs" => return "document".to_owned(),
        "conn" | "conns" => return "connection".to_owned(),
        "char" | "chars" => return "character".to_owned(),
        "img" | "imgs" => return "image".to_owned(),
        _ => {}
    }
    if let Some(stem) = word.strip_suffix("ies").filter(|it| it.len() > 1) {
        return format!("{stem}y");
    }
    for ending in ["sses", "ches", "shes", "xes"] {
        if word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word).to_owned();
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['s', 'u', 'i']) && stem.len() > 1 => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether a word is the plural of a noun that can be counted.
pub(super) fn is_plural(word: &str) -> bool {
    let verbs = [
        "is", "was", "has", "does", "this", "its", "vs", "as", "plus", "always", "needs", "takes", "times", "points",
        "pts",
    ];
    word.len() > 3
        && word.ends_with('s')
        && !word.ends_with("ss")
        && word.chars().all(char::is_alphabetic)
        && !verbs.contains(&word)
        || matches!(word, "msgs" | "reqs" | "ops" | "txs" | "req")
}

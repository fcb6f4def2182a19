//! The words of a clause: which of them a reader of figures knows, and which are left.

use model::names;

/// Words that say nothing of which requests are meant, and nothing that would change what is measured.
const PLAIN: &[&str] = &[
    "a",
    "all",
    "an",
    "and",
    "any",
    "answer",
    "answered",
    "api",
    "apis",
    "application",
    "are",
    "at",
    "average",
    "avg",
    "be",
    "below",
    "by",
    "call",
    "case",
    "common",
    "complete",
    "correct",
    "data",
    "during",
    "each",
    "endpoint",
    "every",
    "expected",
    "for",
    "from",
    "general",
    "goal",
    "handle",
    "have",
    "high",
    "hold",
    "http",
    "https",
    "in",
    "is",
    "it",
    "latency",
    "latencies",
    "less",
    "level",
    "limit",
    "load",
    "low",
    "machine",
    "max",
    "maximum",
    "mean",
    "median",
    "min",
    "minimum",
    "most",
    "must",
    "no",
    "normal",
    "of",
    "on",
    "one",
    "operation",
    "or",
    "our",
    "overall",
    "peak",
    "per",
    "percentile",
    "performance",
    "process",
    "query",
    "rate",
    "request",
    "respond",
    "response",
    "rest",
    "return",
    "rps",
    "qps",
    "tps",
    "serve",
    "served",
    "server",
    "service",
    "shall",
    "should",
    "simple",
    "single",
    "slo",
    "sla",
    "speed",
    "standard",
    "stay",
    "steady",
    "support",
    "sustain",
    "sustained",
    "system",
    "take",
    "target",
    "than",
    "that",
    "the",
    "they",
    "throughput",
    "time",
    "to",
    "traffic",
    "transaction",
    "typical",
    "under",
    "up",
    "usage",
    "use",
    "utilisation",
    "utilization",
    "we",
    "will",
    "with",
    "within",
    "worst",
    "capacity",
    "volume",
    "about",
    "around",
    "least",
    "than",
    "requirement",
    "responsiveness",
    "morning",
    "afternoon",
    "evening",
    "night",
    "noon",
    "hour",
    "business",
    "weekday",
    "weekend",
    "standard",
    "instance",
];

/// A word, as it is written and in the form in which spellings are equal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    /// Lower case.
    pub(super) text: String,
    /// In the singular.
    pub(super) key: String,
}

/// The words of a text: numbers, units of time and percentiles are none.
pub(super) fn of(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    for piece in text.split(|it: char| !it.is_alphanumeric() && !matches!(it, '_' | '-' | '/' | '{' | '}' | ':')) {
        for part in piece.split(['-', ':', '/', '_']).filter(|it| !it.is_empty()) {
            for text in names::words(part) {
                if !is_figure(&text) {
                    found.push(Word { key: names::entity_key(&text), text });
                }
            }
        }
    }
    found
}

/// Whether a word is a number, a percentile or a unit.
fn is_figure(word: &str) -> bool {
    let unit =
        ["ms", "s", "sec", "secs", "second", "seconds", "millisecond", "milliseconds", "minute", "minutes", "us", "µs"];
    let unit = unit.contains(&word) || ["p", "th", "mb", "gb", "kb", "mib", "gib", "k", "req", "reqs"].contains(&word);
    unit || word.bytes().any(|it| it.is_ascii_digit())
}

impl Word {
    /// Whether it says nothing of which requests are meant.
    pub(super) fn is_plain(&self) -> bool {
        PLAIN.contains(&self.text.as_str()) || PLAIN.contains(&self.key.as_str())
    }

    pub(super) fn is(&self, words: &[&str]) -> bool {
        words.contains(&self.text.as_str()) || words.contains(&self.key.as_str())
    }
}

/// Whether one of some words stands in a text.
pub(super) fn says(text: &[Word], words: &[&str]) -> bool {
    text.iter().any(|it| it.is(words))
}

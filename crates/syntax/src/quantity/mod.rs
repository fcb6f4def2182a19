//! Quantities in prose: `p95 < 200ms under 100 rps`, `~500 orders/sec peak`, `99.9% uptime`.

pub mod arithmetic;
pub mod figure;
mod lex;
mod read;
#[cfg(test)]
mod tests;
mod unit;

use source::{Span, Text};

/// How a number limits what it measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `<`, `≤`, `under`, `within`, `at most`, `up to`, `maximum`.
    AtMost,
    /// `>`, `≥`, `at least`, `minimum`, a `+` after the number.
    AtLeast,
    /// `=`, `exactly`, or nothing said.
    Exactly,
    /// `~`, `about`, `approximately`.
    About,
}

/// What is measured, with the factor to the base unit in parentheses already applied.
#[derive(Debug, Clone, PartialEq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// Bytes (K = 1,000 unless KiB).
    Bytes,
    /// Percent, 0 to 100.
    Percent,
    /// Percent of change against another value, with the word for it (`reduction`, `faster`): no figure that
    /// could be compared with another.
    Change(String),
    /// Things per second, with the thing in lower case and singular (`request`, `order`, `byte`); empty
    /// where it is not said (`100/min`).
    PerSecond(String),
    /// Things, lower case and singular (`user`, `task`).
    Count(String),
    /// A number without a unit.
    Plain,
}

/// A number with what is said about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// How it limits.
    pub bound: Bound,
    /// In base units.
    pub value: f64,
    /// The upper end of a range.
    pub upper: Option<f64>,
    /// The unit.
    pub unit: Unit,
    /// `p95` is 95.0, wherever it stands around the number.
    pub percentile: Option<f64>,
    /// `for 1,000 tasks`, `under peak load`, `at 100 rps`, `sustained`, `peak`: lower case, in order.
    pub conditions: Vec<String>,
    /// The number with its operator and unit.
    pub span: Span,
    /// The number alone, as written.
    pub number: Span,
}

/// All quantities with a unit in a line of prose, in order; numbers without a unit only after an
/// operator (`< 5`). A quantity inside a condition (`at 100 rps`) is part of the condition and none of
/// its own, unless it has an operator. Dates, versions, codes, prices and numbered things are none.
pub fn read(text: &Text) -> Vec<Quantity> {
    read::read(text)
}

/// The same, each with where it stands in the text, its operator and its conditions included.
pub(crate) fn placed(text: &Text) -> Vec<(Quantity, std::ops::Range<usize>)> {
    read::placed(text)
}

/// The seconds in a unit of time: `ms`, `min`, `hours`.
pub(crate) fn seconds(word: &str) -> Option<f64> {
    unit::seconds(word)
}

/// The quantities of a value that stands beside a label: a list item's, a table row's. The label may hold the
/// percentile (`Query (p95)`), the rate (`Orders/day`), the bound (`Maximum size`) and the kind of load
/// (`Peak throughput`) of what the value says.
pub fn read_under(label: &str, value: &Text) -> Vec<Quantity> {
    read::read_under(label, value)
}

//! Conditions of alerts: `Error rate > 1% for 5 min`, `fails 3 checks in a row`, `No 429s for 7 days`,
//! `rate(errors_total[5m]) > 0.05`. Expressions of PromQL are recognised and not evaluated.

mod condition;
#[cfg(test)]
mod tests;

use source::Text;

use crate::quantity::{Bound, Quantity};

/// What an alert watches for.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Its conditions, in order.
    pub conditions: Vec<Condition>,
    /// Whether all of them have to hold, and not any.
    pub all: bool,
}

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What is watched, where the words say it; else the name of the alert does.
    pub subject: Option<String>,
    /// What has to happen to it.
    pub trigger: Trigger,
    /// For how long, or within which time, in seconds.
    pub window: Option<f64>,
    /// What limits it further: `for single user`, `per batch`, `of provider limit`.
    pub scope: Vec<String>,
}

/// What has to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Trigger {
    /// A figure passes a limit: [`Bound::AtLeast`] for `> 5%`.
    Limit(Quantity),
    /// A figure passes what a name or a price says: the sign, and the words after it.
    Against(Bound, String),
    /// It grows or shrinks by so much.
    Change(Quantity),
    /// So much of it is left before an end.
    Remaining(Quantity),
    /// It happens so many times in a row.
    Repeated(u32),
    /// It does not happen for the whole window.
    Absent,
    /// It happens.
    Event,
}

/// Reads a condition. `None` if a part of it is not understood: half a condition is text.
pub fn read(text: &Text) -> Option<Alert> {
    condition::read(text)
}

/// `5m`, `for 5 min`, `for: 1h`, `over 3 consecutive minutes`: in seconds. `None` if the words say something else.
pub fn window(words: &str) -> Option<f64> {
    let words = words.trim().to_lowercase();
    let head = ["for:", "for", "over", "in", "within", "during", "the last"];
    let rest = head.iter().find_map(|it| words.strip_prefix(it)).unwrap_or(&words).trim();
    let digits = rest.find(|it: char| !it.is_ascii_digit() && it != '.').unwrap_or(rest.len());
    let (number, unit) = rest.split_at_checked(digits)?;
    let unit = unit.trim_start_matches('+').trim();
    let unit = unit.strip_prefix("consecutive ").unwrap_or(unit).trim();
    let factor = match unit {
        "m" => 60.0,
        "d" => 86_400.0,
        _ => crate::quantity::seconds(unit)?,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

//! From the words of a condition to what it says.

use super::{Alert, Condition, Trigger, measured};
use crate::quantity::{Bound, Quantity, Unit};

/// Words after which the condition stands: `alert if`, `Alarm at`, `notification when`.
const CALLS: [&str; 10] =
    ["alert", "alerts", "alerting", "alarm", "alarms", "notification", "notify", "off", "page", "triggers"];
const LEADS: [&str; 4] = ["if", "when", "on", "at"];

/// Words that only say that something is watched.
const WATCH: [&str; 6] = ["track ", "monitor ", "watch ", "the ", "a ", "an "];

pub(super) fn read(text: &str, quantities: Vec<Quantity>) -> Option<Alert> {
    // Numbers of quantities are offsets in the file; a text begins where its first character stands.
    let base = quantities.first().map(|it| it.span.start).map(|_| 0).unwrap_or(0);
    let end = ["→", "->", "=>", "⇒"].iter().filter_map(|it| text.find(it)).min().unwrap_or(text.len());
    let _ = base;
    let text = text.get(..end)?;
    let text = text.trim();
    (!text.is_empty()).then_some(())?;
    let _ = quantities;
    None
}

pub(super) fn window(_text: &str) -> Option<f64> {
    None
}

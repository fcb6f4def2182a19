//! Limits on values: length, range, pattern, set of words.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use crate::digits::compare;

/// A limit.
#[derive(Debug, Clone)]
pub enum Limit {
    /// Characters or items.
    Length(Option<u64>, Option<u64>),
    /// Least and most, and whether each is allowed itself.
    Range(Option<(String, bool)>, Option<(String, bool)>),
    /// A regular expression that is found in the text.
    Pattern(Regex),
    /// One of these.
    OneOf(Vec<String>),
}

impl Limit {
    /// What is wrong with a value, if anything is.
    pub(super) fn broken(&self, value: &Value) -> Option<String> {
        match self {
            Limit::Length(least, most) => {
                let (len, unit) = match value {
                    Value::String(text) => (text.chars().count() as u64, "character"),
                    Value::Array(items) => (items.len() as u64, "item"),
                    _ => return None,
                };
                let low = least.is_some_and(|it| len < it);
                let high = most.is_some_and(|it| len > it);
                (low || high).then(|| match (least, most) {
                    (Some(1), None) => "must not be empty".to_owned(),
                    (Some(a), Some(b)) if a == b => format!("must have {a} {}", plural(unit, *a)),
                    (Some(a), Some(b)) => format!("must have {a} to {b} {unit}s"),
                    (Some(a), None) => format!("must have at least {a} {}", plural(unit, *a)),
                    (None, Some(b)) => format!("must have at most {b} {}", plural(unit, *b)),
                    (None, None) => String::new(),
                })
            }
            Limit::Range(least, most) => {
                let given = match value {
                    Value::Number(number) => number.to_string(),
                    Value::String(text) => text.clone(),
                    _ => return None,
                };
                let beyond = |bound: &Option<(String, bool)>, wrong: Ordering| {
                    let Some((bound, equal)) = bound else { return false };
                    compare(&given, bound).is_some_and(|it| it == wrong || (!equal && it == Ordering::Equal))
                };
                let (low, high) = (beyond(least, Ordering::Less), beyond(most, Ordering::Greater));
                (low || high).then(|| match (least, most) {
                    (Some((a, true)), Some((b, true))) => format!("must be between {a} and {b}"),
                    (Some((a, equal)), None) => {
                        format!("must be {}{a}", if *equal { "at least " } else { "greater than " })
                    }
                    (None, Some((b, equal))) => {
                        format!("must be {}{b}", if *equal { "at most " } else { "less than " })
                    }
                    (Some((a, _)), Some((b, _))) => format!("must lie between {a} and {b}"),
                    (None, None) => String::new(),
                })
            }
            Limit::Pattern(pattern) => {
                let text = value.as_str()?;
                (!pattern.is_match(text)).then(|| format!("must match {pattern}"))
            }
            Limit::OneOf(words) => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                (!words.contains(&text)).then(|| format!("must be one of {}", words.join(", ")))
            }
        }
    }
}

fn plural(unit: &str, count: u64) -> String {
    if count == 1 { unit.to_owned() } else { format!("{unit}s") }
}

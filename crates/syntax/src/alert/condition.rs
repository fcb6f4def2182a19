//! From the words of a condition to what it says.

use source::Text;

use super::{Alert, Condition, Trigger, window};
use crate::quantity::{self, Bound, Quantity, Unit};

/// Words before `if`, `when`, `on`, `at` that say only that somebody is told.
const CALLS: [&str; 15] = [
    "alert",
    "alerts",
    "alerting",
    "alarm",
    "alarms",
    "notification",
    "notifications",
    "notify",
    "off",
    "page",
    "pages",
    "rollback",
    "trigger",
    "triggers",
    "flag",
];

/// First words that only say that something is watched.
const WATCH: [&str; 6] = ["track ", "monitor ", "watch ", "the ", "a ", "an "];

/// Words after a figure that begin what limits it further.
const SCOPES: [&str; 9] = ["on", "for", "across", "from", "per", "of", "in", "within", "during"];

pub(super) fn read(text: &Text) -> Option<Alert> {
    let whole = text.as_str();
    // What is done about it follows an arrow.
    let end = ["→", "->", "=>", "⇒"].iter().filter_map(|it| whole.find(it)).min().unwrap_or(whole.len());
    let (parts, all) = parts(whole.get(..end)?);
    let mut conditions = Vec::new();
    let mut watched = None;
    for (from, to) in parts {
        let part = whole.get(from..to)?;
        let start = from + part.len() - part.trim_start_matches(|it: char| it.is_whitespace() || it == '-').len();
        let to = from + part.trim_end().len();
        if start >= to {
            continue;
        }
        let (subject, rest) = lead(whole, start, to);
        watched = subject.or(watched);
        conditions.push(condition(text, rest, to, watched.clone())?);
    }
    (!conditions.is_empty()).then_some(Alert { conditions, all })
}

/// The parts of a list, and whether `and` joins them. A comma separates conditions; `or` and `and` do where
/// another comparison follows: a relayer may be missing or paused.
fn parts(text: &str) -> (Vec<(usize, usize)>, bool) {
    let mut found = Vec::new();
    let (mut from, mut depth, mut code, mut all) = (0, 0_i32, false, false);
    let compared = |at: usize| text.get(at..).unwrap_or("").contains(['<', '>', '=', '≥', '≤']);
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|it| it.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        let word = |word: &str| rest.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word));
        let mut skip = 0;
        match c {
            '`' => code = !code,
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth -= 1,
            ',' | ';' if depth == 0 => {
                let number = rest.get(1..).is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
                skip = usize::from(!number);
            }
            ' ' if depth == 0 && word(" or ") && compared(at + 4) => skip = 4,
            ' ' if depth == 0 && word(" and ") && compared(at + 5) => {
                all = true;
                skip = 5;
            }
            _ => {}
        }
        if skip > 0 {
            found.push((from, at));
            from = at + skip;
        }
        at += skip.max(c.len_utf8());
    }
    found.push((from, text.len()));
    (found, all)
}

/// What stands before `alert if`, and where the condition begins.
fn lead(text: &str, from: usize, to: usize) -> (Option<String>, usize) {
    let mut from = from;
    let part = text.get(from..to).unwrap_or("");
    if let Some(colon) = part.find(": ") {
        let lower = part.to_ascii_lowercase();
        let key = lower.get(..colon).unwrap_or("").trim_matches(['*', ' ']);
        if key
            .split_whitespace()
            .all(|it| CALLS.contains(&it) || matches!(it, "threshold" | "condition" | "rule" | "when" | "expr"))
        {
            from = skip(text, from + colon + 2, to);
        }
    }
    let part = text.get(from..to).unwrap_or("");
    let lower = part.to_ascii_lowercase();
    let found = [" if ", " when ", " on ", " at "].iter().filter_map(|word| {
        let at = lower.rfind(word)?;
        let before = lower.get(..at)?.trim_end();
        let call = before.rsplit(|it: char| !it.is_alphabetic()).next()?;
        CALLS.contains(&call).then_some((at + word.len(), before.len() - call.len()))
    });
    let Some((rest, call)) = found.max() else { return (None, skip(text, from, to)) };
    let before = part.get(..call).unwrap_or("").trim_end_matches(['(', ' ', ':', ',']);
    (subject_of(before), skip(text, from + rest, to))
}

fn skip(text: &str, from: usize, to: usize) -> usize {
    let rest = text.get(from..to).unwrap_or("");
    from + rest.len() - rest.trim_start_matches(|it: char| it.is_whitespace() || it == '*').len()
}

/// Words that name what is watched; `None` if they are only words of the sentence.
fn subject_of(words: &str) -> Option<String> {
    let mut words =
        words.trim_matches(|it: char| it.is_whitespace() || matches!(it, '`' | '*' | ':' | ',' | '.' | '"'));
    while let Some(rest) = WATCH.iter().find_map(|it| {
        words.get(..it.len()).is_some_and(|head| head.eq_ignore_ascii_case(it)).then(|| words.get(it.len()..))?
    }) {
        words = rest;
    }
    for end in [" exceeds", " exceed", " is", " are", " drops", " falls", " rises", " goes", " alert", " alerts", " in"]
    {
        words = words.strip_suffix(end).unwrap_or(words);
    }
    // Brackets that were opened before the figure.
    let words = words.trim_end_matches(['(', ' ', ':']).replace('`', "");
    let opens = words.matches('(').count() == words.matches(')').count();
    let told = words.split_whitespace().all(|it| CALLS.contains(&it.to_ascii_lowercase().as_str()));
    (!words.is_empty() && opens && !told).then_some(words)
}

fn condition(text: &Text, from: usize, to: usize, watched: Option<String>) -> Option<Condition> {
    let words = text.as_str().get(from..to)?;
    let slice = text.slice(from..to);
    let found = quantity::placed(&slice);
    let lower = words.to_ascii_lowercase();
    // `No 429s for 7 days`.
    if let Some(rest) = lower.strip_prefix("no ")
        && let Some(at) = rest.rfind(" for ")
        && let Some(window) = window(rest.get(at..)?)
    {
        let subject = subject_of(words.get(3..3 + at)?);
        return Some(Condition { subject, trigger: Trigger::Absent, window: Some(window), scope: Vec::new() });
    }
    let repeated = lower.contains("in a row") || lower.contains("consecutive") || lower.contains("times running");
    if let Some((count, place)) = found.first()
        && repeated
        && matches!(&count.unit, Unit::Count(_))
    {
        let subject = words.get(..place.start).and_then(subject_of).or(watched);
        let trigger = Trigger::Repeated(count.value as u32);
        return Some(Condition { subject, trigger, window: None, scope: Vec::new() });
    }
    if let Some((quantity, place)) = found.first() {
        return figure(words, quantity, place, watched, found.len());
    }
    if let Some((at, len, bound)) = comparison(words) {
        return against(words, at, len, bound, watched);
    }
    event(words, watched)
}

/// A condition with a figure.
fn figure(
    words: &str,
    quantity: &Quantity,
    place: &std::ops::Range<usize>,
    watched: Option<String>,
    figures: usize,
) -> Option<Condition> {
    // `p95 > 500ms`: a percentile alone names nothing.
    let before = words.get(..place.start)?;
    let after = words.get(place.end..)?;
    let mut quantity = quantity.clone();
    let mut window_of = None;
    let mut scope = Vec::new();
    for condition in std::mem::take(&mut quantity.conditions) {
        match window(&condition) {
            Some(seconds) if window_of.is_none() => window_of = Some(seconds),
            _ => scope.push(condition),
        }
    }
    let remaining = after.trim_start_matches('`').trim_start();
    if let Some(event) = remaining.strip_prefix("before ") {
        let trigger = Trigger::Remaining(quantity);
        return Some(Condition { subject: subject_of(event), trigger, window: window_of, scope });
    }
    // A second figure that is neither a window nor a remark in brackets is not understood.
    if figures > 1 && !after.trim_start_matches(['`', ' ']).starts_with('(') {
        return None;
    }
    let percentile = |it: &str| {
        let it = it.trim_matches(|it: char| it.is_whitespace() || matches!(it, '`' | '(' | '*'));
        it.len() <= 5 && it.strip_prefix(['p', 'P']).is_some_and(|it| it.parse::<f64>().is_ok())
    };
    let mut subject = Some(before).filter(|it| !percentile(it)).and_then(subject_of);
    let mut tail = remaining;
    let left = remaining == "remaining" || remaining.starts_with("remaining ");
    if subject.is_none() && watched.is_none() && !left {
        let (name, rest) = named_after(remaining);
        subject = subject_of(name);
        tail = rest;
    }
    let tail = tail.trim_matches(|it: char| it.is_whitespace() || matches!(it, '`' | '.' | ')' | ','));
    let tail = tail.split('(').next().unwrap_or("").trim_end();
    if !tail.is_empty() {
        if let Some(seconds) = window(tail) {
            window_of = window_of.or(Some(seconds));
        } else if SCOPES.contains(&tail.split(' ').next().unwrap_or("")) {
            scope.push(tail.replace('`', ""));
        } else if !matches!(tail, "remaining" | "usage" | "errors") {
            // `Alert if >10s extraction threshold exceeded` says what is watched after all.
            subject = subject.or_else(|| subject_of(tail));
        }
    }
    let subject = subject.or(watched);
    let ends = |it: &str| it.starts_with("expire") || it.contains("expires in") || it.contains("expiring in");
    let trigger = if matches!(quantity.unit, Unit::Change(_)) {
        Trigger::Change(quantity)
    } else if left
        || quantity.unit == Unit::Seconds && subject.as_ref().is_some_and(|it| ends(&it.to_ascii_lowercase()))
    {
        Trigger::Remaining(quantity)
    } else {
        Trigger::Limit(measured(quantity, subject.as_deref().unwrap_or("")))
    };
    Some(Condition { subject, trigger, window: window_of, scope })
}

/// What is watched where the figure comes first (`>5% error rate on any version`), and what follows it.
fn named_after(words: &str) -> (&str, &str) {
    let words = words.strip_prefix("in ").unwrap_or(words);
    let mut at = 0;
    for word in words.split_inclusive(' ') {
        if SCOPES.contains(&word.trim_end()) || word.starts_with('(') {
            break;
        }
        at += word.len();
    }
    words.split_at_checked(at).unwrap_or((words, ""))
}

/// A sign before something that is no figure: where, its length, and what it says.
fn comparison(words: &str) -> Option<(usize, usize, Bound)> {
    let signs = [
        (">=", Bound::AtLeast),
        ("<=", Bound::AtMost),
        ("≥", Bound::AtLeast),
        ("≤", Bound::AtMost),
        (" exceeds ", Bound::AtLeast),
        (" exceed ", Bound::AtLeast),
        (">", Bound::AtLeast),
        ("<", Bound::AtMost),
    ];
    signs.into_iter().find_map(|(sign, bound)| Some((words.find(sign)?, sign.len(), bound)))
}

/// `Exposure > MAX_LEVERAGE`, `costs exceed $50`.
fn against(words: &str, at: usize, len: usize, bound: Bound, watched: Option<String>) -> Option<Condition> {
    let limit = words.get(at + len..)?.trim().trim_matches('`');
    let priced = limit.strip_prefix(['$', '€', '£']).is_some_and(|it| it.parse::<f64>().is_ok());
    let named = limit.contains('_') && limit.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '.'));
    if !priced && !named {
        return None;
    }
    let subject = words.get(..at).and_then(subject_of).or(watched);
    let trigger = Trigger::Against(bound, limit.to_owned());
    Some(Condition { subject, trigger, window: None, scope: Vec::new() })
}

/// `Health check fail`: words without a figure that was not understood. A status code is none.
fn event(words: &str, watched: Option<String>) -> Option<Condition> {
    let mut code = false;
    let plain = words.split(' ').all(|word| {
        let inside = code;
        code ^= word.matches('`').count() % 2 == 1;
        let status = word.trim_end_matches('s').trim_end_matches("xx");
        let status = matches!(status.len(), 1 | 3) && status.starts_with(['4', '5']);
        inside || word.contains('`') || status || !word.contains(|it: char| it.is_ascii_digit())
    });
    let signs = words.contains(['<', '>', '=', '≥', '≤', '↓', '↑', '×', '?']);
    let nothing = crate::columns::is_nothing(words.split(" (").next().unwrap_or(words));
    if nothing || !plain || signs || words.split_whitespace().count() < 2 {
        return None;
    }
    let subject = subject_of(words).or(watched);
    Some(Condition { subject, trigger: Trigger::Event, window: None, scope: Vec::new() })
}

/// The figure of a limit, in the unit that the name of its metric says where the figure has none:
/// `latency_ms > 500` is half a second. A quantile in the name is a percentile.
fn measured(mut quantity: Quantity, subject: &str) -> Quantity {
    if let Some(rest) = subject.strip_prefix("histogram_quantile(")
        && let Some(share) = rest.split(',').next().and_then(|it| it.trim().parse::<f64>().ok())
        && share > 0.0
        && share < 1.0
    {
        quantity.percentile = Some((share * 1e6).round() / 1e4);
    }
    if quantity.unit != Unit::Plain {
        return quantity;
    }
    let names = subject.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
    let mut names = names.filter(|it| it.contains('_') && *it != "histogram_quantile");
    let (Some(name), None, false) = (names.next(), names.next(), subject.contains("rate(")) else { return quantity };
    let name = ["_bucket", "_sum", "_count"].iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name);
    let (factor, unit) = match name.rsplit('_').next().unwrap_or("") {
        "ms" | "milliseconds" => (1e-3, Unit::Seconds),
        "seconds" | "secs" => (1.0, Unit::Seconds),
        "minutes" => (60.0, Unit::Seconds),
        "hours" => (3_600.0, Unit::Seconds),
        "days" => (86_400.0, Unit::Seconds),
        "bytes" => (1.0, Unit::Bytes),
        "percent" | "pct" | "percentage" => (1.0, Unit::Percent),
        _ => return quantity,
    };
    quantity.value *= factor;
    quantity.upper = quantity.upper.map(|it| it * factor);
    quantity.unit = unit;
    quantity
}

use source::FileId;

use super::*;
use crate::quantity::Unit;

/// `error rate | >= 5 % p95 | for 300 s | on any version`
fn shown(source: &str) -> String {
    if let Some(seconds) = source.starts_with("for").then(|| window(source)).flatten() {
        return format!("for {seconds} s");
    }
    let Some(alert) = read(&Text::verbatim(source, FileId(0), 0)) else { return String::new() };
    let figure = |it: &Quantity| {
        let sign = match it.bound {
            Bound::AtMost => "<= ",
            Bound::AtLeast => ">= ",
            Bound::Exactly => "",
            Bound::About => "~ ",
        };
        let unit = match &it.unit {
            Unit::Seconds => " s".to_owned(),
            Unit::Bytes => " B".to_owned(),
            Unit::Percent => " %".to_owned(),
            Unit::Change(word) => format!(" % {word}"),
            Unit::PerSecond(noun) => format!(" {noun}/s"),
            Unit::Count(noun) => format!(" {noun}"),
            Unit::Plain => String::new(),
        };
        let percentile = it.percentile.map(|it| format!(" p{it}")).unwrap_or_default();
        format!("{sign}{}{unit}{percentile}", (it.value * 1e9).round() / 1e9)
    };
    let one = |it: &Condition| {
        let mut parts = vec![it.subject.clone().unwrap_or_default()];
        parts.push(match &it.trigger {
            Trigger::Limit(it) => figure(it),
            Trigger::Against(bound, words) => {
                format!("{} {words}", if *bound == Bound::AtMost { "<=" } else { ">=" })
            }
            Trigger::Change(it) => format!("changes {}", figure(it)),
            Trigger::Remaining(it) => format!("left {}", figure(it)),
            Trigger::Repeated(count) => format!("{count} in a row"),
            Trigger::Absent => "absent".to_owned(),
            Trigger::Event => "happens".to_owned(),
        });
        parts.extend(it.window.map(|it| format!("for {it} s")));
        parts.extend(it.scope.iter().cloned());
        parts.join(" | ")
    };
    let conditions: Vec<String> = alert.conditions.iter().map(one).collect();
    conditions.join(if alert.all { " && " } else { " ;; " })
}

/// The last cell of a row is the condition.
fn of_phrase(source: &str) -> String {
    shown(source.trim_matches(['|', ' ']).rsplit(" | ").next().unwrap_or(source))
}

/// What public specifications let an alert watch for.
#[test]
fn phrases() {
    crate::phrases::check(include_str!("phrases.txt"), 0.95, of_phrase);
}

#[test]
fn broken_conditions_never_panic() {
    let pieces: Vec<char> = "059.,:→<>≥%()[]`é $".chars().collect();
    let phrases: Vec<&str> = include_str!("phrases.txt").lines().filter(|it| !it.starts_with(['#', ' '])).collect();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for _ in 0..5_000 {
        let mut chars: Vec<char> = phrases[next(phrases.len())].chars().collect();
        for _ in 0..=next(5) {
            let at = next(chars.len() + 1);
            match next(3) {
                0 if at < chars.len() => drop(chars.remove(at)),
                1 => chars.truncate(at),
                _ => chars.insert(at, pieces[next(pieces.len())]),
            }
        }
        shown(&chars.into_iter().collect::<String>());
    }
}

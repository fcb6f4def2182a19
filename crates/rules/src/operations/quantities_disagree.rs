//! Figures for one rate in goals, load and targets that differ.

use model::Target;
use rustc_hash::FxHashMap;
use source::{Level, Span};
use syntax::Family;
use syntax::inline::Slice;
use syntax::quantity::{Bound, Quantity, Unit};

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "quantities-disagree",
    summary: "two figures for one thing contradict each other",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/quantities-disagree.md"),
    check: Check::Review(quantities_disagree),
};

fn quantities_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    same_names(sink, review);
    let all: Vec<(&Target, &Quantity)> = spec
        .targets
        .iter()
        // A limit is of one caller, and coverage of one part.
        .filter(|it| !matches!(it.kind, "limit" | "coverage"))
        .flat_map(|target| target.quantities.iter().map(move |it| (target, it)))
        .filter(|(_, it)| it.upper.is_none() && it.bound != Bound::About)
        .collect();
    for (index, second) in all.iter().enumerate() {
        for first in all.iter().take(index) {
            if first.0.kind == second.0.kind || !one_figure(*first, *second) || nearly(first.1.value, second.1.value) {
                continue;
            }
            let (here, there) = (sink.snippet(second.1.span), sink.snippet(first.1.span));
            let kind = first.0.kind;
            drop(
                sink.report(second.1.number, format!("`{here}` here, `{there}` as the {kind}"))
                    .about(&second.0.subject)
                    .label(first.1.number, format!("the {kind} says {there}"))
                    .note("both speak of one figure under the same conditions"),
            );
            break;
        }
    }
}

/// Limits of time in targets and in criteria that are called alike, at one percentile and under the same
/// conditions.
fn same_names(sink: &mut Sink<'_>, review: &Review<'_>) {
    let (spec, texts) = (review.spec, review.texts());
    let mut known: FxHashMap<String, (Quantity, Span)> = FxHashMap::default();
    for target in spec.targets.iter().filter(|it| it.kind != "load") {
        let name = sink.snippet(target.text.span);
        let mut limits = target.quantities.iter().filter(|it| it.unit == Unit::Seconds);
        if let (Some(limit), None) = (limits.next(), limits.next())
            && is_limit(limit)
            && let Some(key) = key_of(name, limit)
        {
            known.entry(key).or_insert_with(|| (limit.clone(), target.text.span));
        }
    }
    let doc = spec.document();
    for section in &doc.sections {
        if !matches!(section.family, Some(Family::Performance | Family::Targets)) {
            continue;
        }
        for text in texts.texts_of(section.id).iter().filter(|it| it.holds.any(Holds::DIGIT)) {
            for line in text.inline.all().lines() {
                if let Some((key, limit)) = limit_of(line) {
                    known.entry(key).or_insert_with(|| (limit, line.span()));
                }
            }
        }
    }
    if known.is_empty() {
        return;
    }
    for section in &doc.sections {
        if !section.family.is_some_and(Family::is_of_tests) {
            continue;
        }
        for text in texts.texts_of(section.id).iter().filter(|it| it.holds.any(Holds::DIGIT)) {
            for line in text.inline.all().lines() {
                let Some((key, limit)) = limit_of(line) else { continue };
                let Some((other, place)) = known.get(&key) else { continue };
                if nearly(limit.value, other.value) || place.contains(limit.span) {
                    continue;
                }
                let (here, there) = (sink.snippet(limit.span), sink.snippet(other.span));
                drop(
                    sink.report(limit.number, format!("`{here}` here, `{there}` as the target"))
                        .label(other.number, format!("the target says {there}"))
                        .note("both speak of one figure under the same conditions"),
                );
            }
        }
    }
}

/// The one limit of time of a line, and what it is of.
fn limit_of(line: Slice<'_>) -> Option<(String, Quantity)> {
    let words = line.as_str();
    // A digit before what may be a unit of time.
    let timed = |it: &[u8]| match it {
        [digit, b' ', unit] | [digit, unit, _] => digit.is_ascii_digit() && matches!(unit, b'm' | b's' | b'h'),
        _ => false,
    };
    if !words.as_bytes().windows(3).any(timed) && !words.ends_with(['s', 'h']) {
        return None;
    }
    let mut limits = syntax::quantity::read(&line.to_text()).into_iter().filter(|it| it.unit == Unit::Seconds);
    let (Some(limit), None) = (limits.next(), limits.next()) else { return None };
    let key = key_of(words, &limit).filter(|_| is_limit(&limit))?;
    Some((key, limit))
}

fn is_limit(quantity: &Quantity) -> bool {
    quantity.bound == Bound::AtMost && quantity.upper.is_none()
}

/// The words that say what a limit is of, with its percentile and its conditions; `None` where they say
/// too little.
fn key_of(text: &str, limit: &Quantity) -> Option<String> {
    let lower = text.to_lowercase();
    let mut words: Vec<&str> = lower
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| it.len() > 1 && !it.starts_with(|it: char| it.is_ascii_digit()) && !is_filler(it))
        .map(syntax::family::singular)
        .collect();
    words.sort_unstable();
    words.dedup();
    // One word is the name of too much.
    if words.len() < 2 && limit.percentile.is_none() || words.is_empty() {
        return None;
    }
    Some(format!("{} {:?} {}", words.join(" "), limit.percentile, limit.conditions.join(" ")))
}

/// Words that say no more than that a limit is one.
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "the"
            | "an"
            | "of"
            | "in"
            | "is"
            | "are"
            | "within"
            | "under"
            | "below"
            | "less"
            | "than"
            | "at"
            | "most"
            | "up"
            | "to"
            | "for"
            | "must"
            | "shall"
            | "should"
            | "be"
            | "and"
            | "all"
            | "completes"
            | "complete"
            | "takes"
            | "take"
            | "returns"
            | "return"
            | "finishes"
            | "responds"
            | "loads"
            | "load"
            | "latency"
            | "response"
            | "time"
            | "target"
            | "max"
            | "maximum"
            | "p50"
            | "p90"
            | "p95"
            | "p99"
            | "95th"
            | "99th"
            | "percentile"
            | "ms"
            | "sec"
            | "second"
            | "seconds"
            | "minute"
            | "minutes"
            | "min"
            | "hour"
            | "hours"
            | "milliseconds"
            | "no"
            | "more"
            | "stays"
            | "stay"
            | "ends"
            | "done"
            | "verified"
    )
}

const HOUR: f64 = 3600.0;

/// Whether two quantities are said of one figure: a rate of the same things, a latency of the same
/// operations at the same percentile, an availability.
fn one_figure(first: (&Target, &Quantity), second: (&Target, &Quantity)) -> bool {
    match (&first.1.unit, &second.1.unit) {
        (Unit::PerSecond(noun), Unit::PerSecond(other)) => {
            first.1.percentile.is_none()
                && second.1.percentile.is_none()
                && same_thing(first.0, second.0, other, noun)
                && same_conditions(first, second)
        }
        // `95% of traffic within 30 days` is no latency.
        (Unit::Seconds, Unit::Seconds) if first.1.value.max(second.1.value) < HOUR => {
            let (own, other) = (percentile(first), percentile(second));
            own.is_some()
                && own == other
                && operations(first.0) == operations(second.0)
                && same_conditions(first, second)
        }
        (Unit::Percent, Unit::Percent) => {
            let speaks = |it: &Target| operations(it).contains(&"availability");
            let high = |it: &Quantity| it.value >= 90.0;
            let own = |it: &Target| it.quantities.iter().filter(|it| it.unit == Unit::Percent).count() == 1;
            speaks(first.0) && speaks(second.0) && high(first.1) && high(second.1) && own(first.0) && own(second.0)
        }
        _ => false,
    }
}

/// The percentile of a latency: `p95`, or `95% of reads within 50 ms`.
fn percentile((target, quantity): (&Target, &Quantity)) -> Option<f64> {
    let before = |it: &&Quantity| it.unit == Unit::Percent && it.value >= 50.0 && it.span.start < quantity.span.start;
    quantity.percentile.or_else(|| target.quantities.iter().rev().find(before).map(|it| it.value))
}

/// What a target speaks of, in words that two sentences about one thing share.
fn operations(target: &Target) -> Vec<&'static str> {
    const WORDS: &[(&str, &[&str])] = &[
        ("read", &["read", "reads", "reading", "get", "query", "queries", "lookup", "lookups"]),
        ("write", &["write", "writes", "writing", "create", "insert", "inserts"]),
        ("search", &["search", "searches"]),
        ("login", &["login", "logins"]),
        ("availability", &["availability", "available", "uptime"]),
    ];
    let text = target.text.value.to_lowercase();
    let said: Vec<&str> = text.split(|it: char| !it.is_alphabetic()).collect();
    WORDS.iter().filter(|(_, all)| all.iter().any(|it| said.contains(it))).map(|it| it.0).collect()
}

fn nearly(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
}

/// Whether two rates count the same thing: the same noun, or a part (writes of orders) and the whole
/// (requests) where each side has only one rate.
fn same_thing(first: &Target, second: &Target, noun: &str, other: &str) -> bool {
    let general = |it: &str| matches!(it, "request" | "req" | "call" | "operation" | "transaction" | "");
    let part = |it: &str| matches!(it, "write" | "read" | "post" | "insert");
    noun == other || (general(noun) && part(other) || general(other) && part(noun)) && single(first) && single(second)
}

fn single(target: &Target) -> bool {
    target.quantities.iter().filter(|it| matches!(it.unit, Unit::PerSecond(_))).count() == 1
}

/// Peak is not sustained; a rate "for one node" is not that of the whole.
fn same_conditions(a: (&Target, &Quantity), b: (&Target, &Quantity)) -> bool {
    let (a, b) = (scale(a.0, a.1), scale(b.0, b.1));
    a == b || a.is_empty() || b.is_empty()
}

/// The words for the scale of a rate, of its conditions and, where it is the target's only rate, of the
/// target's text: `Average: 15 cars/second`.
fn scale(target: &Target, quantity: &Quantity) -> Vec<&'static str> {
    let text = if single(target) { target.text.value.to_lowercase() } else { String::new() };
    let said = |kind: &str| {
        quantity.conditions.iter().any(|it| it.contains(kind))
            || kind != "per" && text.split(|it: char| !it.is_alphabetic()).any(|it| it == kind)
    };
    let kinds = ["peak", "sustained", "average", "typical", "burst", "normal", "maximum", "minimum", "per"];
    kinds.into_iter().filter(|it| said(it)).collect()
}

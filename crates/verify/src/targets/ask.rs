//! What a clause asks to be measured, read from its quantities and its words.

use model::{Spec, Target};
use source::{FileId, Span, Text};
use syntax::quantity::{self, Bound, Quantity, Unit};

use super::scope;
use super::words::{self, Word};

/// Figures that one quantity of a clause asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ask {
    pub(super) what: What,
    /// The endpoints that it speaks of, by index; empty is all that is sent.
    pub(super) endpoints: Vec<usize>,
    /// In seconds, per second, percent or bytes.
    pub(super) limit: f64,
    /// The load under which it is to hold, where the clause says one.
    pub(super) demand: Demand,
}

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    /// A latency, and whether the percentile was not said.
    Latency(Rank, bool),
    /// Answers per second.
    Throughput,
    /// Percent of requests that fail.
    Errors,
    /// Connections at the same time.
    Users,
    /// Percent of the machine's cores.
    Cpu,
    /// Bytes, or percent of the machine's memory.
    Memory(bool),
}

/// Which of many latencies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Rank {
    Percentile(f64),
    Mean,
    Longest,
}

/// A load.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Demand {
    /// Requests per second.
    pub(super) rate: Option<f64>,
    /// Callers at the same time.
    pub(super) users: Option<f64>,
}

/// Words of what takes time and is no request, with why it is not measured.
const OTHERS: &[(&[&str], &str)] = &[
    (&["startup", "boot", "cold", "start"], "verify does not start the process"),
    (
        &["page", "paint", "render", "rendering", "ui", "dashboard", "screen", "browser", "fcp", "lcp", "tti"],
        "verify sees answers, not pages",
    ),
    (
        &[
            "recovery",
            "rto",
            "rpo",
            "failover",
            "restore",
            "backup",
            "deploy",
            "deployment",
            "rollback",
            "retention",
            "build",
        ],
        "no request shows it",
    ),
    (&["cached", "cache"], "it depends on a cache that cannot be seen from outside"),
];

/// Words that speak of requests and their answers.
const ANSWERS: &[&str] = &[
    "latency",
    "latencies",
    "response",
    "respond",
    "answer",
    "request",
    "api",
    "endpoint",
    "read",
    "write",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "http",
    "rest",
    "query",
    "call",
];
const USERS: &[&str] = &["user", "client", "connection", "session", "caller", "customer", "consumer"];
const TOGETHER: &[&str] = &["concurrent", "simultaneous", "parallel", "concurrently", "simultaneously", "concurrency"];
/// What is counted where any request is.
const REQUESTS: &[&str] = &["", "request", "req", "call", "query", "transaction", "operation", "op", "hit", "api call"];

/// The quantities of a clause, each with what it asks for or why that is not measured. None of a clause that is
/// not about how the system performs.
pub(super) fn of(spec: &Spec, target: &Target) -> Vec<(Span, Result<Ask, String>)> {
    if target.kind == "coverage" {
        return Vec::new();
    }
    if target.kind == "limit" {
        let why = "a limit that the system sets its callers, no figure of how it performs";
        return vec![(target.text.span, Err(why.to_owned()))];
    }
    if target.quantities.is_empty() {
        return vec![(target.text.span, Err("it states no figure".to_owned()))];
    }
    let mut found = Vec::new();
    let mut share: Option<f64> = None;
    for (index, quantity) in target.quantities.iter().enumerate() {
        let next = target.quantities.get(index + 1);
        // `95% of reads within 50 ms` is a percentile.
        let of_answers = quantity.unit == Unit::Percent
            && quantity.bound == Bound::Exactly
            && quantity.value >= 50.0
            && next.is_some_and(|it| it.unit == Unit::Seconds && it.percentile.is_none() && it.bound == Bound::AtMost)
            && target.text.value.contains("% of ");
        if of_answers {
            share = Some(quantity.value);
            continue;
        }
        found.push((quantity.span, one(spec, target, quantity, share.take())));
    }
    found
}

fn one(spec: &Spec, target: &Target, quantity: &Quantity, share: Option<f64>) -> Result<Ask, String> {
    let text = piece(target, quantity);
    let mut own = words::of(text);
    let mut demand = Demand::default();
    for condition in &quantity.conditions {
        let words = words::of(condition);
        match load_of(condition)? {
            Some(load) => {
                demand = Demand { rate: load.rate.or(demand.rate), users: load.users.or(demand.users) };
                own.retain(|it| !words.contains(it));
            }
            None => own.extend(words),
        }
    }
    let ask = |what, endpoints, limit| Ok(Ask { what, endpoints, limit, demand });
    match &quantity.unit {
        Unit::Seconds => latency(spec, target.kind, text, quantity, &own, share)
            .and_then(|(what, endpoints)| ask(what, endpoints, quantity.upper.unwrap_or(quantity.value))),
        Unit::PerSecond(noun) => ask(
            What::Throughput,
            throughput(spec, text, noun, quantity, &own)?,
            quantity.upper.unwrap_or(quantity.value),
        ),
        Unit::Percent => percent(quantity, &own).and_then(|(what, limit)| ask(what, Vec::new(), limit)),
        Unit::Bytes if words::says(&own, &["memory", "ram", "rss", "footprint"]) => {
            at_most(quantity)?;
            ask(What::Memory(false), Vec::new(), quantity.value)
        }
        Unit::Count(noun) if USERS.contains(&noun.as_str()) && words::says(&own, TOGETHER) => {
            ask(What::Users, Vec::new(), quantity.upper.unwrap_or(quantity.value))
        }
        Unit::Count(_) | Unit::Plain if words::says(&own, TOGETHER) && words::says(&own, USERS) => {
            ask(What::Users, Vec::new(), quantity.upper.unwrap_or(quantity.value))
        }
        Unit::Bytes | Unit::Count(_) => Err("an amount, and none that a load would show".to_owned()),
        Unit::Change(_) => Err("a change against another value, which verify does not know".to_owned()),
        Unit::Plain => Err("a number without a unit".to_owned()),
    }
}

/// The part of a clause, up to commas and semicolons, in which a quantity stands; all of it if none has it alone.
fn piece<'a>(target: &'a Target, quantity: &Quantity) -> &'a str {
    let text = target.text.value.as_str();
    let from = quantity.number.start.saturating_sub(target.text.span.start) as usize;
    let inside = target.text.span.start <= quantity.number.start && from < text.len();
    if target.quantities.len() < 2 || !inside || text.len() != target.text.span.range().len() {
        return text;
    }
    let mut start = 0;
    for piece in text.split_inclusive([',', ';']) {
        if (start..start + piece.len()).contains(&from) {
            // `p95 < 50 ms, p99 < 200 ms`: what is meant stands only once.
            let alone = words::of(piece).iter().any(|it| !it.is_plain() || it.is(ANSWERS));
            return if alone { piece } else { text };
        }
        start += piece.len();
    }
    text
}

/// The load that a condition states; an error if it states something else that would have to be so.
fn load_of(condition: &str) -> Result<Option<Demand>, String> {
    let mut load = Demand::default();
    for it in quantity::read(&Text::verbatim(condition, FileId(0), 0)) {
        let value = it.upper.unwrap_or(it.value);
        match &it.unit {
            Unit::PerSecond(noun) if REQUESTS.contains(&noun.as_str()) => load.rate = Some(value),
            Unit::Count(noun) if USERS.contains(&noun.as_str()) => load.users = Some(value),
            _ => return Err(format!("verify does not make what it is to hold `{condition}`")),
        }
    }
    Ok(Some(load).filter(|it| *it != Demand::default()))
}

fn at_most(quantity: &Quantity) -> Result<(), String> {
    if quantity.bound == Bound::AtLeast { Err("it says at least, where less is better".to_owned()) } else { Ok(()) }
}

fn latency(
    spec: &Spec,
    kind: &str,
    text: &str,
    quantity: &Quantity,
    own: &[Word],
    share: Option<f64>,
) -> Result<(What, Vec<usize>), String> {
    if let Some((_, why)) = OTHERS.iter().find(|it| words::says(own, it.0)) {
        return Err((*why).to_owned());
    }
    at_most(quantity)?;
    if kind == "load" {
        return Err("a load, and no figure of what it takes".to_owned());
    }
    let percentile = quantity.percentile.or(share);
    let endpoints = scope::of(spec, text, own)?;
    let speaks = percentile.is_some() || words::says(own, ANSWERS) || own.iter().any(|it| !it.is_plain());
    if !speaks {
        return Err("it does not say what takes this time".to_owned());
    }
    if quantity.value > 60.0 {
        return Err("longer than an answer is waited for".to_owned());
    }
    let rank = match percentile {
        Some(100.0) => Rank::Longest,
        Some(it) => Rank::Percentile(it),
        None if words::says(own, &["average", "avg", "mean"]) => Rank::Mean,
        None if words::says(own, &["median"]) => Rank::Percentile(50.0),
        None if words::says(own, &["max", "maximum", "worst"]) => Rank::Longest,
        None => return Ok((What::Latency(Rank::Percentile(95.0), true), endpoints)),
    };
    Ok((What::Latency(rank, false), endpoints))
}

fn throughput(spec: &Spec, text: &str, noun: &str, quantity: &Quantity, own: &[Word]) -> Result<Vec<usize>, String> {
    if let Some(it) = quantity.conditions.iter().find(|it| it.starts_with("per ")) {
        return Err(format!("a rate `{it}`, and verify is one caller"));
    }
    if quantity.upper.unwrap_or(quantity.value) < 1.0 {
        return Err("less than one in a second: a load of some seconds says nothing of it".to_owned());
    }
    let makers = scope::makers(spec, noun);
    if !makers.is_empty() {
        return Ok(makers);
    }
    if !REQUESTS.contains(&noun) && !matches!(noun, "read" | "write") {
        return Err(format!("no endpoint is declared that makes a `{noun}`"));
    }
    // What is counted says it already.
    if own.iter().all(Word::is_plain) && REQUESTS.contains(&noun) { Ok(Vec::new()) } else { scope::of(spec, text, own) }
}

fn percent(quantity: &Quantity, own: &[Word]) -> Result<(What, f64), String> {
    let says = |words: &[&str]| words::says(own, words);
    if says(&["cpu", "processor"]) {
        at_most(quantity)?;
        return Ok((What::Cpu, quantity.value));
    }
    if says(&["memory", "ram"]) {
        at_most(quantity)?;
        return Ok((What::Memory(true), quantity.value));
    }
    if says(&["availability", "uptime", "available", "downtime"]) {
        return Err("it holds for longer than a test lasts".to_owned());
    }
    let known = |it: &Word| {
        it.is_plain() || it.is(&["error", "failure", "failed", "failing", "fail", "success", "successful", "5xx"])
    };
    if let Some(unknown) = own.iter().find(|it| !known(it)) {
        return Err(format!("no figure of `{}` shows in answers", unknown.text));
    }
    if says(&["error", "failure", "failed", "failing", "fail"]) {
        at_most(quantity)?;
        return Ok((What::Errors, quantity.value));
    }
    if says(&["success", "successful"]) && quantity.bound != Bound::AtMost {
        return Ok((What::Errors, 100.0 - quantity.value));
    }
    Err("no figure of it shows in answers".to_owned())
}

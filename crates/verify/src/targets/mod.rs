//! Performance targets of a document: which of its goals, loads and targets can be measured from outside,
//! and whether they are met.
//!
//! A clause is read for a figure ([`ask`]) and for the endpoints that it speaks of ([`scope`]); those that hold
//! under one load are measured in one run ([`demand`]). What is said is what was measured: with its
//! confidence, the requests and the load. A figure whose interval holds the limit is neither met nor missed, and
//! what the words leave open is not measured.

mod ask;
mod demand;
mod judge;
mod process;
mod scope;
#[cfg(test)]
mod tests;
mod words;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use model::Spec;
use source::Span;

use crate::load::{self, Ended, Pace, Plan, Run, Spacing};
use crate::stop::Stop;
use ask::Ask;
use demand::Load;
use process::Process;

/// Requests that can be made of the target.
pub(crate) struct Workload<'a> {
    /// Endpoints, by their indices in the document, for which requests can be made. A write that fails when it
    /// is repeated, such as one more transition of a record, belongs here only if each request brings
    /// its own record.
    pub(crate) usable: Vec<usize>,
    /// Writes the next request to an endpoint, whole, as [`load::request`] does; or answers that there is no more.
    pub(crate) next: &'a mut dyn FnMut(usize, &mut Vec<u8>) -> bool,
}

/// How to measure.
pub(crate) struct Options<'a> {
    /// `host:port` of the target.
    pub(crate) authority: &'a str,
    /// Whether the target wants TLS, which the generator does not speak.
    pub(crate) tls: bool,
    /// The process whose processor and memory are measured.
    pub(crate) pid: Option<u32>,
    /// How long all runs may take together.
    pub(crate) budget: Duration,
    /// How long an answer is waited for.
    pub(crate) timeout: Duration,
    /// Asked, nothing more is sent, and what was measured by then says nothing.
    pub(crate) stop: Stop,
}

/// What became of one figure of a clause.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Index of the clause in `Spec::targets`.
    pub target: usize,
    /// The figure's place.
    pub span: Span,
    /// The clause's words.
    pub text: String,
    /// The verdict.
    pub verdict: Verdict,
    /// What was measured, where something was.
    pub figure: Option<Figure>,
    /// For a plot: percentiles of the latency and milliseconds.
    pub series: Vec<(f64, f64)>,
}

/// Whether a clause holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It does.
    Met,
    /// It does not, with a confidence of 95 %.
    Missed,
    /// It was not measured, or not decided, and why.
    Open(String),
}

/// A measured figure. `value`, its ends and `limit` are in `unit`.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// What it is: `p95 of the latency`.
    pub name: String,
    /// What was measured.
    pub value: f64,
    /// The lower end of its interval, with a confidence of 95 %.
    pub low: f64,
    /// The upper end; `None` if the samples do not bound it.
    pub high: Option<f64>,
    /// What the document asks for.
    pub limit: f64,
    /// Whether the limit is the least.
    pub least: bool,
    /// `ms`, `/s`, `%`, `MB` or nothing.
    pub unit: &'static str,
    /// How many samples it rests on.
    pub samples: u64,
    /// Of which requests, under which load, and for how long.
    pub how: String,
}

/// What was measured of all clauses.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// By clause and figure, in the order of the document's targets.
    pub(crate) measured: Vec<Measured>,
    /// If the target died under the load: when, in words.
    pub(crate) died: Option<String>,
}

/// The shortest and the longest run.
const SHORTEST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(10);
/// The part of a run that is not counted.
const WARM_UP: f64 = 0.15;

/// The share of the budget that is for first runs; the rest is for those that have to be repeated.
const FIRST: f64 = 0.45;
/// Bytes of requests that are made before a run.
const PREPARED: usize = 32 * 1024 * 1024;

/// Measures what can be measured of a document's goals, loads and targets.
pub(crate) fn measure(
    spec: &Spec,
    workload: &mut Workload<'_>,
    options: &Options<'_>,
    progress: &mut dyn FnMut(&str),
) -> Outcome {
    let mut outcome = Outcome { measured: Vec::new(), died: None };
    // The figures that are asked for, each with where its result belongs.
    let mut asks: Vec<Ask> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    for (target, clause) in spec.targets.iter().enumerate() {
        for (span, read) in ask::of(spec, clause) {
            let read = read.and_then(|it| possible(it, workload, options));
            let text = clause.text.value.clone();
            let verdict = match read {
                Ok(ask) => {
                    places.push(outcome.measured.len());
                    asks.push(ask);
                    Verdict::Open("it was not measured in the time that was given".to_owned())
                }
                Err(why) => Verdict::Open(why),
            };
            outcome.measured.push(Measured { target, span, text, verdict, figure: None, series: Vec::new() });
        }
    }
    let loads = demand::loads(spec, &workload.usable, &asks);
    let share = FIRST / (loads.len().max(1) as f64 * (1.0 + WARM_UP));
    let each = options.budget.mul_f64(share).clamp(SHORTEST, LONGEST);
    let begun = Instant::now();
    for (at, load) in loads.iter().enumerate() {
        let left = options.budget.saturating_sub(begun.elapsed());
        if at > 0 && left < SHORTEST || outcome.died.is_some() {
            break;
        }
        progress(&format!("load: {} requests in a second", load.rate().round()));
        let judged = one(spec, load, each, &asks, workload, options);
        if options.stop.is_asked() {
            break;
        }
        outcome.died = judged.died;
        let mut verdicts = judged.of;
        // What runs beside makes a server slow too: a target is missed if it is missed twice.
        let left = options.budget.saturating_sub(begun.elapsed());
        let missed = verdicts.iter().any(|it| it.verdict == Verdict::Missed);
        if missed && outcome.died.is_none() && left >= each.mul_f64(1.0 + WARM_UP) {
            let again = one(spec, load, each, &asks, workload, options);
            if options.stop.is_asked() {
                break;
            }
            outcome.died = again.died;
            for (first, second) in verdicts.iter_mut().zip(again.of) {
                first.confirm(second);
            }
        }
        for (index, judged) in load.asks.iter().zip(verdicts) {
            let place = places.get(*index).and_then(|it| outcome.measured.get_mut(*it));
            if let Some(it) = place {
                (it.verdict, it.figure, it.series) = (judged.verdict, judged.figure, judged.series);
            }
        }
    }
    outcome
}

/// What one run says of one figure.
#[derive(Debug)]
struct Judged {
    verdict: Verdict,
    figure: Option<Figure>,
    series: Vec<(f64, f64)>,
}

impl Judged {
    /// Holds a miss against what another run says.
    fn confirm(&mut self, second: Judged) {
        match (&self.verdict, second.verdict) {
            (Verdict::Missed, Verdict::Missed) => {}
            (Verdict::Missed, _) => {
                let value = |it: &Option<Figure>| it.as_ref().map_or(0.0, |it| (it.value * 10.0).round() / 10.0);
                let unit = self.figure.as_ref().map_or("", |it| it.unit);
                let (own, other) = (value(&self.figure), value(&second.figure));
                let why =
                    format!("it was missed in one run, with {own} {unit}, and not in the next, with {other} {unit}");
                self.verdict = Verdict::Open(why);
            }
            _ => {}
        }
    }
}

/// What one run says of all that was asked of it.
struct Ran {
    of: Vec<Judged>,
    died: Option<String>,
}

fn one(
    spec: &Spec,
    load: &Load,
    duration: Duration,
    asks: &[Ask],
    workload: &mut Workload<'_>,
    options: &Options<'_>,
) -> Ran {
    let mut process = options.pid.map(Process::new);
    let run = run(load, duration, workload, options, &mut process);
    let asked = load.asks.iter().filter_map(|it| asks.get(*it));
    match run {
        Ok(run) => {
            let of = asked.map(|ask| judge::judge(spec, ask, load, &run, process.as_ref())).collect();
            let died = match run.ended {
                Ended::Died(after) => {
                    let rate = load.rate().round();
                    Some(format!("{:.1} s under {rate} requests in a second", after.as_secs_f64()))
                }
                _ => None,
            };
            Ran { of, died }
        }
        Err(why) => {
            let open = |_| Judged { verdict: Verdict::Open(why.to_string()), figure: None, series: Vec::new() };
            Ran { of: asked.map(open).collect(), died: None }
        }
    }
}

/// An ask, if it can be measured here.
fn possible(ask: Ask, workload: &Workload<'_>, options: &Options<'_>) -> Result<Ask, String> {
    if options.tls {
        return Err("loads are not measured over TLS yet".to_owned());
    }
    if matches!(ask.what, ask::What::Cpu | ask::What::Memory(_)) {
        if !cfg!(target_os = "linux") {
            return Err("what a process uses is read on Linux only".to_owned());
        }
        if options.pid.is_none() {
            return Err("the process is not known: give its id with --pid".to_owned());
        }
    }
    let usable: Vec<usize> = ask.endpoints.iter().copied().filter(|it| workload.usable.contains(it)).collect();
    if workload.usable.is_empty() || usable.is_empty() && !ask.endpoints.is_empty() {
        return Err("no request can be repeated there".to_owned());
    }
    Ok(Ask { endpoints: usable, ..ask })
}

/// The requests of a run by kind, made before it as far as they fit: what it takes to make one would be late for
/// the next.
fn prepare(load: &Load, duration: Duration, workload: &mut Workload<'_>) -> Vec<VecDeque<Vec<u8>>> {
    let mut left = PREPARED;
    let mut ready = Vec::with_capacity(load.mix.len());
    for (endpoint, rate) in &load.mix {
        let mut own = VecDeque::new();
        for _ in 0..(rate * duration.as_secs_f64()).ceil() as usize {
            let mut request = Vec::new();
            if left == 0 || !(workload.next)(*endpoint, &mut request) {
                break;
            }
            left = left.saturating_sub(request.len());
            own.push_back(request);
        }
        ready.push(own);
    }
    ready
}

fn run(
    load: &Load,
    duration: Duration,
    workload: &mut Workload<'_>,
    options: &Options<'_>,
    process: &mut Option<Process>,
) -> Result<Run, load::Error> {
    let warm_up = duration.mul_f64(WARM_UP);
    let plan = Plan {
        address: load::reach(options.authority, options.timeout)?,
        connections: load.connections,
        pace: Pace::Open(load.rate(), Spacing::Even),
        weights: load.mix.iter().map(|it| it.1).collect(),
        warm_up,
        duration,
        timeout: options.timeout,
    };
    let mut ready = prepare(load, warm_up + duration, workload);
    let mix = &load.mix;
    let mut next = |kind: usize, out: &mut Vec<u8>| match ready.get_mut(kind).and_then(VecDeque::pop_front) {
        _ if options.stop.is_asked() => false,
        Some(request) => {
            out.extend_from_slice(&request);
            true
        }
        None => mix.get(kind).is_some_and(|it| (workload.next)(it.0, out)),
    };
    let mut warm = false;
    let mut tick = |at: Duration| {
        if let Some(process) = process {
            if !warm && at >= warm_up {
                process.begin();
                warm = true;
            }
            // What follows is only waited for.
            if at <= warm_up + duration {
                process.look();
            }
        }
    };
    load::run(&plan, &mut next, &mut tick)
}

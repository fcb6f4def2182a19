//! Holds what was measured against what a clause asks for.

use std::fmt::Write as _;

use model::Spec;

use crate::load::{Ended, Estimate, Run};

use super::ask::{Ask, Rank, What};
use super::demand::Load;
use super::process::{self, Process};
use super::{Figure, Judged, Verdict};

/// Fewer samples say nothing.
const FEW: u64 = 20;
/// The share of requests that may be refused before a figure says nothing of the others.
const REFUSED: f64 = 0.05;
/// The share of the offered requests that must be answered for a rate to be held: the edges of the run cost some.
const HELD: f64 = 0.97;
/// Seconds by which the generator may be late itself before a rate that was not held may be its fault.
const LAG: f64 = 0.05;

/// Judges one figure of a run.
pub(super) fn judge(spec: &Spec, ask: &Ask, load: &Load, run: &Run, process: Option<&Process>) -> Judged {
    let kinds: Vec<usize> = (0..load.mix.len())
        .filter(|kind| {
            let endpoint = load.mix.get(*kind).map(|it| it.0);
            ask.endpoints.is_empty() || endpoint.is_some_and(|it| ask.endpoints.contains(&it))
        })
        .collect();
    let all: Vec<usize> = (0..load.mix.len()).collect();
    let how = how(spec, load, run, &kinds);
    let about = |name: &str, it: Estimate, limit, least, unit| Figure {
        name: name.to_owned(),
        value: it.value,
        low: it.low,
        high: it.high,
        limit,
        least,
        unit,
        samples: it.samples,
        how: how.clone(),
    };
    let mut series = Vec::new();
    let figure = match ask.what {
        What::Latency(rank, inferred) => {
            let latencies = run.latencies(&kinds);
            series = latencies.series().into_iter().map(|it| (it.0, it.1 * 1e3)).collect();
            let estimate = match rank {
                Rank::Percentile(percent) => latencies.percentile(percent),
                Rank::Mean => latencies.mean(),
                Rank::Longest => latencies.longest(),
            };
            let said = if inferred { " (no percentile is stated)" } else { "" };
            let name = format!("{} of the latency{said}", rank.name());
            estimate.map(|it| about(&name, times(it, 1e3), ask.limit * 1e3, false, "ms"))
        }
        What::Throughput => Some(about("answers per second", run.held(&kinds), ask.limit, true, "/s")),
        What::Errors => {
            let failed = run.failed(&kinds) + run.answered(&kinds, 500, 600);
            share(failed, run.count(&kinds)).map(|it| about("failed requests", it, ask.limit, false, "%"))
        }
        What::Users => {
            let failed = run.failed(&all) + run.answered(&all, 500, 600);
            share(failed, run.count(&all)).map(|it| {
                let served = load.connections as f64 * (1.0 - it.value / 100.0);
                let low = load.connections as f64 * (1.0 - it.high.unwrap_or(100.0) / 100.0);
                let high = Some(load.connections as f64 * (1.0 - it.low / 100.0));
                about(
                    "connections served at once",
                    Estimate { value: served, low, high, samples: it.samples },
                    ask.limit,
                    true,
                    "",
                )
            })
        }
        What::Cpu => process.and_then(|it| mean(&it.shares())).map(|it| {
            let name = format!("processor, of {} cores", process::cores());
            about(&name, times(it, 100.0 / process::cores()), ask.limit, false, "%")
        }),
        What::Memory(percent) => process.and_then(|it| it.memory).and_then(|bytes| {
            let (value, limit, unit) = if percent {
                (100.0 * bytes / process::memory()?, ask.limit, "%")
            } else {
                (bytes / 1e6, ask.limit / 1e6, "MB")
            };
            let it = Estimate { value, low: value, high: Some(value), samples: 1 };
            Some(about("most memory resident", it, limit, false, unit))
        }),
    };
    let verdict = match (&figure, unusable(ask, run, &kinds)) {
        (_, Some(why)) => Verdict::Open(why),
        (None, _) if matches!(ask.what, What::Cpu | What::Memory(_)) => {
            Verdict::Open("the process cannot be looked at, or has ended".to_owned())
        }
        (None, _) => Verdict::Open("nothing was answered".to_owned()),
        (Some(figure), _) if matches!(ask.what, What::Latency(..) | What::Errors) && figure.samples < FEW => {
            Verdict::Open(format!("{} samples are too few", figure.samples))
        }
        (Some(figure), _) => verdict(ask, run, &kinds, figure),
    };
    Judged { verdict, figure, series }
}

/// Why a figure says nothing of the clause.
fn unusable(ask: &Ask, run: &Run, kinds: &[usize]) -> Option<String> {
    let (all, refused) = (run.count(kinds), run.answered(kinds, 400, 500));
    if refused as f64 > REFUSED * all as f64 {
        let often = kinds
            .iter()
            .filter_map(|it| run.kinds.get(*it))
            .flat_map(|it| &it.statuses)
            .filter(|it| (400..500).contains(&it.0))
            .max_by_key(|it| it.1)
            .map_or(0, |it| it.0);
        return Some(format!("{refused} of {all} requests were refused, mostly with {often}"));
    }
    match run.ended {
        Ended::Died(after) if !matches!(ask.what, What::Errors | What::Users) => Some(format!(
            "after {:.1} s the target took no more connections; the figure is of the time before",
            after.as_secs_f64()
        )),
        Ended::Dry => Some("there was nothing more to send; the figure is of the time before".to_owned()),
        _ => None,
    }
}

fn verdict(ask: &Ask, run: &Run, kinds: &[usize], figure: &Figure) -> Verdict {
    // What the generator adds itself, and how much it can send.
    let lag = run.lag.percentile(99.0).map_or(0.0, |it| it.value);
    let lost = match ask.what {
        What::Latency(..) => figure.low - lag * 1e3 <= figure.limit,
        What::Throughput | What::Users => lag > LAG,
        _ => false,
    };
    let own = || Verdict::Open(format!("this machine sent late itself, by {:.1} ms", lag * 1e3));
    if ask.what == What::Throughput {
        let offered = run.offered(kinds) as f64 / run.measured.as_secs_f64().max(1e-9);
        let enough = HELD * offered.min(ask.limit);
        return match figure.high {
            _ if figure.value >= enough => Verdict::Met,
            _ if lost => own(),
            Some(high) if high < enough => Verdict::Missed,
            _ => close(figure),
        };
    }
    if ask.what == What::Users {
        // Some requests fail anywhere; what the document allows of that is another clause.
        return match figure.high {
            _ if figure.value >= 0.99 * ask.limit => Verdict::Met,
            _ if lost => own(),
            Some(high) if high < 0.99 * ask.limit => Verdict::Missed,
            _ => close(figure),
        };
    }
    if figure.value <= figure.limit {
        Verdict::Met
    } else if figure.low <= figure.limit {
        close(figure)
    } else if lost {
        own()
    } else {
        Verdict::Missed
    }
}

fn close(figure: &Figure) -> Verdict {
    Verdict::Open(format!("{} samples do not decide it; a longer budget would", figure.samples))
}

impl Rank {
    fn name(self) -> String {
        match self {
            Rank::Percentile(it) => format!("p{it}"),
            Rank::Mean => "mean".to_owned(),
            Rank::Longest => "maximum".to_owned(),
        }
    }
}

fn times(it: Estimate, factor: f64) -> Estimate {
    Estimate { value: it.value * factor, low: it.low * factor, high: it.high.map(|it| it * factor), ..it }
}

/// A share in percent, with Wilson's interval (1927).
fn share(part: u64, all: u64) -> Option<Estimate> {
    if all == 0 {
        return None;
    }
    let (z, n) = (1.96_f64, all as f64);
    let p = part as f64 / n;
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let percent = |it: f64| 100.0 * it.clamp(0.0, 1.0);
    Some(Estimate { value: percent(p), low: percent(middle - half), high: Some(percent(middle + half)), samples: all })
}

/// The mean of some figures, with the ends between which it lies.
fn mean(of: &[f64]) -> Option<Estimate> {
    let value = of.iter().sum::<f64>() / of.len() as f64;
    let error = crate::load::spread(of);
    let (low, high) = ((value - error).max(0.0), (of.len() > 1).then_some(value + error));
    (!of.is_empty()).then_some(Estimate { value, low, high, samples: of.len() as u64 })
}

/// `GET /orders and GET /orders/{id}; 400 requests/s on 40 connections for 5.0 s (the document's load)`.
fn how(spec: &Spec, load: &Load, run: &Run, kinds: &[usize]) -> String {
    const SHOWN: usize = 3;
    let routes: Vec<String> = kinds
        .iter()
        .filter_map(|it| spec.endpoints.get(load.mix.get(*it)?.0))
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    let mut how = routes.iter().take(SHOWN).cloned().collect::<Vec<String>>().join(", ");
    if routes.len() > SHOWN {
        let _ = write!(how, " and {} more", routes.len() - SHOWN);
    }
    let round = |it: f64| (it * 10.0).round() / 10.0;
    let own: f64 = kinds.iter().filter_map(|it| load.mix.get(*it)).map(|it| it.1).sum();
    let part = if kinds.len() < load.mix.len() { format!("{} of ", round(own)) } else { String::new() };
    let _ = write!(
        how,
        "; {part}{} requests/s on {} connections for {:.1} s ({})",
        round(load.rate()),
        load.connections,
        run.measured.as_secs_f64(),
        load.from
    );
    how
}

//! Latencies as a drawing: percentiles to the right, the closer the higher they are, and milliseconds upwards.

use std::fmt::Write;

use export::escape;
use verify::Measured;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 26.0;

/// An SVG with style classes; nothing if there are fewer than two points.
pub(crate) fn latencies(measured: &Measured) -> String {
    let points: Vec<(f64, f64)> =
        measured.series.iter().copied().filter(|it| it.0.is_finite() && it.1.is_finite() && it.1 >= 0.0).collect();
    let limit = measured.figure.as_ref().filter(|it| it.unit == "ms").map(|it| it.limit);
    // The last is the longest: it stands one step beyond the last percentile that has samples.
    let nines = |percent: f64| -(1.0 - percent / 100.0).max(1e-9).log10();
    let last = points.iter().map(|it| it.0).filter(|it| *it < 100.0).map(nines).fold(0.0, f64::max);
    let across = (last + 0.15).max(1.0);
    let most = points.iter().map(|it| it.1).chain(limit).fold(0.0, f64::max) * 1.06;
    if points.len() < 2 || most <= 0.0 {
        return String::new();
    }
    let x = |percent: f64| LEFT + nines(percent).min(across) / across * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / most * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escape(&format!("Latency by percentile, up to {}", number(most / 1.06)))
    );
    let step = nice(most / 4.0);
    let mut at = 0.0;
    while at <= most {
        let up = y(at);
        let _ = write!(
            out,
            "<path class=\"rule\" d=\"M{LEFT:.1} {up:.1}H{:.1}\"/><text class=\"up\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 7.0,
            up + 4.0,
            escape(&number(at))
        );
        at += step;
    }
    for (percent, name) in [(0.0, "0"), (90.0, "p90"), (99.0, "p99"), (99.9, "p99.9"), (99.99, "p99.99")] {
        if nines(percent) <= across {
            let right = x(percent);
            let _ = write!(
                out,
                "<path class=\"rule\" d=\"M{right:.1} {TOP:.1}V{:.1}\"/><text x=\"{right:.1}\" y=\"{:.1}\">{name}</text>",
                HEIGHT - BOTTOM,
                HEIGHT - 8.0
            );
        }
    }
    let line: Vec<String> = points.iter().map(|it| format!("{:.1} {:.1}", x(it.0), y(it.1))).collect();
    let _ = write!(out, "<path class=\"line\" d=\"M{}\"/>", line.join("L"));
    if let Some(limit) = limit {
        let up = y(limit);
        let _ = write!(
            out,
            "<path class=\"limit\" d=\"M{LEFT:.1} {up:.1}H{:.1}\"/><text class=\"asked\" x=\"{:.1}\" y=\"{:.1}\">{} asked</text>",
            WIDTH - RIGHT,
            LEFT + 6.0,
            if up < TOP + 14.0 { up + 13.0 } else { up - 5.0 },
            escape(&number(limit))
        );
    }
    out.push_str("</svg>");
    out
}

/// A round step of at least so much.
fn nice(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|it| it * power).find(|it| *it >= least).unwrap_or(least)
}

fn number(milliseconds: f64) -> String {
    match milliseconds {
        it if it >= 10_000.0 => format!("{:.0} s", it / 1000.0),
        it if it >= 1000.0 => format!("{:.1} s", it / 1000.0),
        it if it >= 10.0 || it == 0.0 => format!("{it:.0} ms"),
        it => format!("{it:.1} ms"),
    }
}

//! `verify --format json`: an interface, described by `docs/schemas/verify.json`. It changes only by addition.

use std::collections::BTreeMap;

use serde::Serialize;
use verify::replay::Step;
use verify::{Clause, Cut, Finding, Judged, Measured};

use crate::report::verify_view::{View, word};

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    truespec: &'a str,
    title: &'a str,
    path: &'a str,
    target: &'a str,
    seed: u64,
    started: &'a str,
    seconds: f64,
    summary: Summary,
    cut: Option<Ended>,
    findings: Vec<Found<'a>>,
    clauses: Vec<Tested<'a>>,
    figures: Vec<Figure<'a>>,
    text: Vec<Line<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct Summary {
    findings: usize,
    cases: u64,
    requests: u64,
    clauses: usize,
    held: usize,
    broken: usize,
    untested: usize,
}

#[derive(Serialize)]
struct Ended {
    reason: &'static str,
    message: String,
}

#[derive(Serialize)]
struct Found<'a> {
    probe: &'a str,
    level: &'static str,
    message: &'a str,
    path: &'a str,
    line: u32,
    quoted: &'a str,
    address: String,
    endpoint: Option<&'a str>,
    expected: &'a str,
    found: &'a str,
    more: u32,
    also: &'a [String],
    clauses: Vec<Name<'a>>,
    steps: Vec<Sent>,
    curl: Vec<String>,
}

#[derive(Serialize)]
struct Name<'a> {
    area: &'static str,
    name: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Sent {
    method: String,
    target: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
    takes: BTreeMap<String, String>,
    status: Option<u16>,
    answered: String,
}

#[derive(Serialize)]
struct Tested<'a> {
    area: &'static str,
    name: &'a str,
    line: u32,
    verdict: &'static str,
    cases: u32,
    failed: u32,
    reason: Option<&'a str>,
}

#[derive(Serialize)]
struct Figure<'a> {
    line: usize,
    text: &'a str,
    verdict: &'static str,
    reason: Option<&'a str>,
    figure: Option<Value<'a>>,
    series: &'a [(f64, f64)],
}

#[derive(Serialize)]
struct Value<'a> {
    name: &'a str,
    value: f64,
    low: f64,
    high: Option<f64>,
    limit: f64,
    least: bool,
    unit: &'static str,
    samples: u64,
    how: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    line: u32,
    text: &'a str,
}

/// The run as one JSON object, indented, with a line break at its end.
pub(crate) fn report(view: &View<'_>) -> String {
    let report = view.report;
    let total = view.total();
    let document = Document {
        version: 1,
        truespec: env!("CARGO_PKG_VERSION"),
        title: &report.title,
        path: &report.path,
        target: &report.target,
        seed: report.seed,
        started: view.started,
        seconds: (report.took.as_secs_f64() * 1000.0).round() / 1000.0,
        summary: Summary {
            findings: report.findings.len(),
            cases: report.cases,
            requests: report.requests,
            clauses: total.all(),
            held: total.held,
            broken: total.broken,
            untested: total.untested,
        },
        cut: report.cut.as_ref().map(|it| Ended {
            reason: match it {
                Cut::Budget(_) => "budget",
                Cut::Silent(_) => "silent",
                Cut::Interrupted => "interrupted",
            },
            message: it.to_string(),
        }),
        findings: report.findings.iter().map(|it| finding(view, it)).collect(),
        clauses: report.clauses.iter().map(clause).collect(),
        figures: report.measured.iter().map(|it| figure(view, it)).collect(),
        text: report.text.iter().map(|it| Line { line: it.0, text: &it.1 }).collect(),
        notes: &report.notes,
    };
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn finding<'a>(view: &'a View<'_>, finding: &'a Finding) -> Found<'a> {
    Found {
        probe: finding.probe,
        level: "error",
        message: &finding.message,
        path: &view.report.path,
        line: finding.line,
        quoted: view.quoted(finding.line),
        address: view.address(finding),
        endpoint: Some(finding.endpoint.as_str()).filter(|it| !it.is_empty()),
        expected: &finding.expected,
        found: &finding.found,
        more: finding.more,
        also: &finding.also,
        clauses: finding.clauses.iter().map(|it| Name { area: it.0.word(), name: &it.2, line: it.1 }).collect(),
        steps: verify::replay::steps(&finding.steps).into_iter().map(sent).collect(),
        curl: verify::replay::curl(&view.report.target, &finding.steps),
    }
}

fn sent(step: Step) -> Sent {
    Sent {
        method: step.method,
        target: step.target,
        headers: step.headers.into_iter().collect(),
        body: step.body,
        takes: step.takes.into_iter().collect(),
        status: step.status,
        answered: step.answered,
    }
}

fn clause(clause: &Clause) -> Tested<'_> {
    let verdict = clause.verdict();
    let untested = verdict == verify::Verdict::Untested;
    Tested {
        area: clause.area.word(),
        name: &clause.name,
        line: clause.line,
        verdict: word(verdict),
        cases: clause.cases,
        failed: clause.failed,
        reason: clause.reason.as_deref().filter(|_| untested),
    }
}

fn figure<'a>(view: &View<'_>, measured: &'a Measured) -> Figure<'a> {
    let (verdict, reason) = match &measured.verdict {
        Judged::Met => ("met", None),
        Judged::Missed => ("missed", None),
        Judged::Open(why) => ("open", Some(why.as_str())),
    };
    Figure {
        line: view.sources.position(measured.span).line,
        text: &measured.text,
        verdict,
        reason,
        figure: measured.figure.as_ref().map(|it| Value {
            name: &it.name,
            value: it.value,
            low: it.low,
            high: it.high,
            limit: it.limit,
            least: it.least,
            unit: it.unit,
            samples: it.samples,
            how: &it.how,
        }),
        series: &measured.series,
    }
}

//! `verify --format junit`: a suite for each area of the document, and a case for each clause.

use std::fmt::Write;

use source::render::{Style, text};
use verify::{Clause, Finding, Verdict};

use crate::report::junit::escaped;
use crate::report::verify_view::View;

/// The report. What was found and belongs to no clause, and an end before everything was tried, are cases of a
/// suite of their own.
pub(crate) fn report(view: &View<'_>) -> String {
    let report = view.report;
    let mut suites = String::new();
    let (mut tests, mut failures, mut skips) = (0, 0, 0);
    let by_clause = view.by_clause();
    for (area, count) in view.areas() {
        tests += count.all();
        failures += count.broken;
        skips += count.untested;
        open(&mut suites, area.word(), count.all(), count.broken, count.untested);
        for clause in view.of(area) {
            let findings = by_clause.get(&(area, clause.line, clause.name.as_str()));
            case(view, clause, findings.map_or(&[], Vec::as_slice), &mut suites);
        }
        suites.push_str("  </testsuite>\n");
    }
    let alone: Vec<&Finding> = report.findings.iter().filter(|it| it.clauses.is_empty()).collect();
    let others = alone.len() + usize::from(report.cut.is_some());
    if others > 0 {
        tests += others;
        failures += others;
        open(&mut suites, "run", others, others, 0);
        for finding in alone {
            let name = escaped(&format!("{} at line {}", finding.probe, finding.line));
            let _ = write!(suites, "    <testcase classname=\"run\" name=\"{name}\">");
            failure(&finding.message, &told(view, finding), &mut suites);
            suites.push_str("</testcase>\n");
        }
        if let Some(cut) = &report.cut {
            suites.push_str("    <testcase classname=\"run\" name=\"everything was tried\">");
            failure(&format!("ended early: {cut}"), "", &mut suites);
            suites.push_str("</testcase>\n");
        }
        suites.push_str("  </testsuite>\n");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"{}\" tests=\"{tests}\" \
         failures=\"{failures}\" errors=\"0\" skipped=\"{skips}\" time=\"{:.3}\">\n{suites}</testsuites>\n",
        escaped(&format!("{} at {}", report.title, report.target)),
        report.took.as_secs_f64()
    )
}

fn open(out: &mut String, name: &str, tests: usize, failures: usize, skipped: usize) {
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\">"
    );
}

fn case(view: &View<'_>, clause: &Clause, findings: &[&Finding], out: &mut String) {
    let suite = clause.area.word();
    let name = escaped(&format!("{} (line {})", clause.name, clause.line));
    let _ = write!(out, "    <testcase classname=\"{suite}\" name=\"{name}\"");
    match clause.verdict() {
        Verdict::Passed => {
            out.push_str("/>\n");
            return;
        }
        Verdict::Untested => {
            let why = escaped(clause.reason.as_deref().unwrap_or("nothing tests it"));
            let _ = write!(out, "><skipped message=\"{why}\"/>");
        }
        Verdict::Failed => {
            out.push('>');
            let message = match findings {
                [] => format!("{} of {} cases failed", clause.failed, clause.cases),
                [one] => one.message.clone(),
                [first, rest @ ..] => format!("{}, and {} more", first.message, rest.len()),
            };
            let each: Vec<String> = findings.iter().map(|it| told(view, it)).collect();
            failure(&message, &each.join("\n\n"), out);
        }
    }
    out.push_str("</testcase>\n");
}

fn failure(message: &str, text: &str, out: &mut String) {
    let _ = write!(out, "<failure message=\"{}\" type=\"verify\">{}</failure>", escaped(message), escaped(text));
}

fn told(view: &View<'_>, finding: &Finding) -> String {
    text(&view.diagnostic(finding, true), view.sources, Style::Plain)
}

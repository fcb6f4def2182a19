//! `verify --format text`: findings with the lines of the document, and what was tested.

use std::fmt::Write;
use std::io::IsTerminal;

use model::Spec;
use source::Sources;
use source::render::{Style, text};
use verify::{Area, Report, Verdict};

use crate::commands::verify::diagnostics;

/// The report. `shown` is whether it goes to standard output.
pub(crate) fn report(spec: &Spec, sources: &Sources, report: &Report, shown: bool) -> String {
    let coloured = shown && crate::coloured(std::io::stdout().is_terminal());
    let style = if coloured { Style::Coloured } else { Style::Plain };
    let mut out = String::new();
    for diagnostic in diagnostics(spec, sources, report) {
        out.push_str(&text(&diagnostic, sources, style));
        out.push('\n');
    }
    let _ = writeln!(out, "{}   {}   {}   seed {}\n", report.title, report.path, report.target, report.seed);
    for area in Area::ALL {
        let of =
            |verdict: Verdict| report.clauses.iter().filter(|it| it.area == area && it.verdict() == verdict).count();
        let (passed, failed, untested) = (of(Verdict::Passed), of(Verdict::Failed), of(Verdict::Untested));
        if passed + failed + untested == 0 {
            continue;
        }
        let _ = write!(out, "  {:<16}{passed:>4} held", area.word());
        let _ = if failed > 0 { write!(out, "  {failed:>4} broken") } else { write!(out, "{:13}", "") };
        let _ = if untested > 0 { write!(out, "  {untested:>4} not tested") } else { Ok(()) };
        let line = out.trim_end().len();
        out.truncate(line);
        out.push('\n');
    }
    let untested: Vec<_> = report.clauses.iter().filter(|it| it.verdict() == Verdict::Untested).collect();
    if !untested.is_empty() {
        out.push_str("\nnot tested:\n");
        for clause in untested.iter().take(MOST) {
            let why = clause.reason.as_deref().unwrap_or("nothing tests it");
            let _ = writeln!(out, "  {:>5}  {}: {why}", clause.line, clause.name);
        }
        if untested.len() > MOST {
            let _ = writeln!(out, "  and {} more (--format json has them all)", untested.len() - MOST);
        }
    }
    for note in &report.notes {
        let _ = writeln!(out, "\nnote: {note}");
    }
    if let Some(cut) = &report.cut {
        let _ = writeln!(out, "\nended early: {cut}");
    }
    let findings = report.findings.len();
    let word = if findings == 1 { "finding" } else { "findings" };
    let count = if findings == 0 { "nothing found".to_owned() } else { format!("{findings} {word}") };
    let _ = writeln!(
        out,
        "\n{count} in {} cases, {} requests   {:.1} s",
        report.cases,
        report.requests,
        report.took.as_secs_f64()
    );
    out
}

/// So many clauses that were not tested are listed.
const MOST: usize = 30;

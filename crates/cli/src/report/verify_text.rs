//! `verify --format text`: findings with the lines of the document, and what was tested.

use std::fmt::Write;
use std::path::Path;

use source::render::{Style, text};
use verify::Clause;

use crate::report::verify_view::{Issue, View, counted, credential_header};

/// How text is shown.
struct Paint {
    coloured: bool,
}

impl Paint {
    fn put(&self, code: &str, text: &str) -> String {
        if self.coloured && !text.is_empty() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn dim(&self, text: &str) -> String {
        self.put("2", text)
    }

    fn bold(&self, text: &str) -> String {
        self.put("1", text)
    }

    fn good(&self, text: &str) -> String {
        self.put("32", text)
    }

    fn bad(&self, text: &str) -> String {
        self.put("1;31", text)
    }

    fn open(&self, text: &str) -> String {
        self.put("33", text)
    }
}

/// So many clauses that were not tested are listed of one reason.
const CLAUSES: usize = 6;
/// So many requests of a finding are shown.
const STEPS: usize = 12;
/// So long is a line that is shown whole.
const LINE: usize = 900;

/// The report. `replays` is where the findings are kept whole.
pub(crate) fn report(view: &View<'_>, replays: Option<&Path>, coloured: bool) -> String {
    let paint = Paint { coloured };
    let report = view.report;
    let mut out = String::new();
    let issues = view.issues();
    for issue in &issues {
        self::issue(view, issue, replays, &paint, &mut out);
    }
    if let Some(header) = credential_header(report) {
        let says = format!("$AUTH is the header that lets one in: AUTH='{header}: …'");
        let _ = writeln!(out, "{}\n", paint.dim(&says));
    }
    let facts = format!("{}   {}   seed {}", report.path, report.target, report.seed);
    let _ = writeln!(out, "{}   {facts}\n", paint.bold(&report.title));
    let shown = |count: usize, word: &str, paint: &dyn Fn(&str) -> String| {
        let text = if count == 0 { String::new() } else { format!("{count} {word}") };
        paint(&format!("{text:>16}"))
    };
    for (area, count) in view.areas() {
        let line = format!(
            "  {:<15}{}{}{}",
            area.word(),
            shown(count.held, "held", &|it| paint.good(it)),
            shown(count.broken, "broken", &|it| paint.bad(it)),
            shown(count.untested, "not tested", &|it| paint.open(it)),
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    for measured in &report.measured {
        figure(measured, &paint, &mut out);
    }
    untested(view, &paint, &mut out);
    for note in &report.notes {
        let _ = writeln!(out, "\n{} {note}", paint.bold("note:"));
    }
    if let Some(cut) = &report.cut {
        let said = format!("ENDED EARLY: {cut}");
        let _ = writeln!(out, "\n{}; what was not tried by then is listed as not tested", paint.bad(&said));
    }
    let count = if report.findings.is_empty() {
        paint.good("nothing found")
    } else {
        paint.bad(&counted(issues.len(), "finding", "findings"))
    };
    let _ = writeln!(
        out,
        "\n{count} in {}, {}   {:.1} s",
        counted(report.cases as usize, "case", "cases"),
        counted(report.requests as usize, "request", "requests"),
        report.took.as_secs_f64()
    );
    out
}

fn issue(view: &View<'_>, issue: &Issue<'_>, replays: Option<&Path>, paint: &Paint, out: &mut String) {
    let finding = issue.finding;
    let style = if paint.coloured { Style::Coloured } else { Style::Plain };
    let _ = writeln!(out, "{}\n", text(&view.diagnostic(finding, false), view.sources, style));
    let _ = writeln!(out, "  {}  {}", paint.dim("expected"), paint.good(&visible(&finding.expected)));
    let _ = writeln!(out, "  {}     {}", paint.dim("found"), paint.put("31", &visible(&finding.found)));
    let cases = issue.cases();
    if cases > 1 {
        let _ = writeln!(out, "  {}      in {cases} cases", paint.dim("seen"));
    }
    for message in issue.also() {
        let _ = writeln!(out, "  {}      {}", paint.dim("also"), visible(message));
    }
    let mut others: Vec<&str> = issue.others.iter().map(|it| it.endpoint.as_str()).collect();
    others.retain(|it| !it.is_empty() && *it != finding.endpoint);
    others.dedup();
    if !others.is_empty() {
        let shown: Vec<&str> = others.iter().take(4).copied().collect();
        let more = others.len() - shown.len();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let _ = writeln!(out, "  {}   {}{more}", paint.dim("also at"), shown.join(", "));
    }
    let lines = verify::replay::curl(&view.report.target, &finding.steps);
    let steps = verify::replay::steps(&finding.steps);
    if !lines.is_empty() {
        out.push('\n');
    }
    let left = lines.len().saturating_sub(STEPS);
    if left > 0 {
        let where_ = if replays.is_some() { "the replay has them" } else { "--replays DIR keeps them" };
        let _ = writeln!(out, "  {}", paint.dim(&format!("# {left} requests before these: {where_}")));
    }
    for (line, step) in lines.iter().zip(&steps).skip(left) {
        let whole = line.chars().count();
        if whole > LINE || line.chars().any(char::is_control) {
            let short = visible(&line.chars().take(LINE / 3).collect::<String>());
            let where_ = if replays.is_some() { "the replay has it whole" } else { "--replays DIR keeps it whole" };
            let _ = writeln!(out, "  # {short}…  {}", paint.dim(&format!("({whole} characters; {where_})")));
        } else {
            let _ = writeln!(out, "  {line}");
        }
        let status = step.status.map_or_else(|| "no answer".to_owned(), |it| it.to_string());
        let answer = format!("# {status} {}", brief(&step.answered));
        let _ = writeln!(out, "  {}", paint.dim(answer.trim_end()));
    }
    if finding.probe == "race" {
        let _ = writeln!(out, "  {}", paint.dim("# the last were sent at once"));
    }
    if let Some(folder) = replays {
        let file = folder.join(file_name(issue.number, finding));
        let _ = writeln!(out, "  truespec replay {}", shell(&file.display().to_string()));
    }
    out.push('\n');
}

/// The name of the file that keeps a finding.
pub(crate) fn file_name(number: usize, finding: &verify::Finding) -> String {
    format!("{number:03}-{}-line-{}.json", finding.probe, finding.line)
}

/// A word as a shell reads it.
fn shell(text: &str) -> String {
    let plain = |it: char| it.is_ascii_alphanumeric() || "/._-:=+@,".contains(it);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// The beginning of a text, on one line.
fn brief(text: &str) -> String {
    const MOST: usize = 120;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = visible(&line);
    if line.chars().count() <= MOST { line } else { line.chars().take(MOST).chain(['…']).collect() }
}

/// Text of others, without what would steer a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { '\u{fffd}' } else { it }).collect()
}

fn figure(measured: &verify::Measured, paint: &Paint, out: &mut String) {
    let words: String = measured.text.chars().take(100).collect();
    let verdict = match &measured.verdict {
        verify::Judged::Met => paint.good("met"),
        verify::Judged::Missed => paint.bad("missed"),
        verify::Judged::Open(why) => paint.open(&format!("not decided: {why}")),
    };
    let _ = writeln!(out, "\n  {words}: {verdict}");
    if let Some(figure) = &measured.figure {
        let _ = writeln!(out, "    {}", paint.dim(&told(figure)));
    }
}

/// A figure in words.
pub(crate) fn told(figure: &verify::Figure) -> String {
    let unit =
        if matches!(figure.unit, "" | "%" | "/s") { figure.unit.to_owned() } else { format!(" {}", figure.unit) };
    let number = |it: f64| if it.abs() >= 100.0 { format!("{it:.0}") } else { format!("{it:.2}") };
    let high = figure.high.map_or_else(|| "∞".to_owned(), number);
    let side = if figure.least { "at least" } else { "at most" };
    format!(
        "{} {}{unit} (95 % between {} and {high}), {side} {}{unit} asked; {}; {}",
        figure.name,
        number(figure.value),
        number(figure.low),
        number(figure.limit),
        figure.how,
        counted(figure.samples as usize, "sample", "samples")
    )
}

fn untested(view: &View<'_>, paint: &Paint, out: &mut String) {
    let groups = view.untested();
    if groups.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{}", paint.bold("not tested"));
    let name = |it: &&Clause| format!("{} (line {})", it.name, it.line);
    for (why, clauses) in groups {
        let shown: Vec<String> = clauses.iter().take(CLAUSES).map(name).collect();
        let _ = writeln!(
            out,
            "  {}",
            paint.open(&format!("{}, because {why}", counted(clauses.len(), "clause", "clauses")))
        );
        for clause in &shown {
            let _ = writeln!(out, "    {clause}");
        }
        if clauses.len() > shown.len() {
            let _ = writeln!(out, "    and {} more (--format json has them all)", clauses.len() - shown.len());
        }
    }
}

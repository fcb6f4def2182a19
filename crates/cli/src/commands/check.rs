//! `truespec check`: the findings of all rules.

use std::fmt::Write;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Instant;

use rules::{Context, RULES};
use source::render::{Style, concise, text};
use source::{Diagnostic, Level};

use crate::args::{CheckArgs, Format};
use crate::baseline::{self, Compared};
use crate::error::{Failure, Kind};
use crate::files::{self, Loaded};
use crate::report::{github, json, junit, sarif};
use crate::{coloured, print};

pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let mut loaded = files::load(&args.paths)?;
    let unreadable = loaded.unreadable.pop();
    if loaded.workspace.specs.is_empty() {
        let shown: Vec<String> = args.paths.iter().map(|it| format!("`{}`", it.display())).collect();
        return Err(Failure::new(Kind::User, format!("no specification in {} ({})", shown.join(", "), skipped(loaded.skipped)))
            .hint("a specification has `# Technical Specification: …` as its title or four of its sections; a file given by name is always read"));
    }
    let today = args.today.unwrap_or_else(|| jiff::Zoned::now().date());
    let (mut diagnostics, crashed) = findings(&loaded, today);
    let mut compared = Compared::default();
    if let Some(path) = &args.baseline {
        if args.update_baseline {
            let known = baseline::write(path, &diagnostics)?;
            eprintln!("{} known in {}", plural(known, "finding"), path.display());
            return Ok(ExitCode::SUCCESS);
        }
        compared = baseline::apply(path, &mut diagnostics)?;
    }
    let count = |level| diagnostics.iter().filter(|it| it.level == level).count();
    let (errors, warnings, infos) = (count(Level::Error), count(Level::Warning), count(Level::Info));
    let shown = diagnostics.iter().filter(|it| args.info || it.level > Level::Info);
    match args.format {
        Format::Text => {
            let style = if coloured(std::io::stdout().is_terminal()) { Style::Coloured } else { Style::Plain };
            let blocks: Vec<String> = shown.map(|it| text(it, &loaded.sources, style)).collect();
            if !blocks.is_empty() {
                print(&format!("{}\n\n", blocks.join("\n\n")))?;
            }
        }
        Format::Concise => {
            let mut out = String::new();
            for diagnostic in shown {
                let _ = writeln!(out, "{}", concise(diagnostic, &loaded.sources));
            }
            print(&out)?;
        }
        Format::Json => print(&json::findings(&diagnostics, &loaded.sources, loaded.workspace.specs.len()))?,
        Format::Sarif => print(&sarif::findings(&diagnostics, &loaded.sources))?,
        Format::Github => print(&github::findings(shown, &loaded.sources))?,
        Format::Junit => {
            let paths: Vec<&str> = loaded.workspace.specs.iter().map(|it| it.path.as_str()).collect();
            print(&junit::findings(shown, &loaded.sources, &paths))?;
        }
    }
    if matches!(args.format, Format::Text | Format::Concise | Format::Github) {
        let seconds = start.elapsed().as_secs_f64();
        let summary = summary(&loaded, errors, warnings, if args.info { 0 } else { infos });
        eprintln!("{summary}{}   {seconds:.2} s", beside(compared));
    }
    if let Some((rule, path, why)) = crashed.into_iter().next() {
        return Err(Failure::new(Kind::Internal, format!("rule `{rule}` failed on {path}: {why}")));
    }
    for failure in &loaded.unreadable {
        eprintln!("{failure}");
    }
    // The process ends here; taking the documents apart piece by piece would only cost time.
    std::mem::forget(loaded);
    if let Some(failure) = unreadable {
        return Err(failure);
    }
    let failed = errors > 0 || (args.deny.is_some() && warnings > 0);
    Ok(if failed { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

type Crash = (&'static str, String, String);

/// All findings in their order, and the rules that failed.
fn findings(loaded: &Loaded, today: jiff::civil::Date) -> (Vec<Diagnostic>, Vec<Crash>) {
    let level = |rule: &str, path: &str| loaded.config.level(rule, path);
    let context = Context {
        sources: &loaded.sources,
        workspace: &loaded.workspace,
        today,
        target: &files::target,
        level: &level,
        rules: RULES,
    };
    let specs = &loaded.workspace.specs;
    let outcomes = files::on_all_cores(specs.len(), |index| rules::check(&context, index));
    let mut diagnostics = Vec::new();
    let mut crashed = Vec::new();
    for (outcome, spec) in outcomes.into_iter().zip(specs) {
        diagnostics.extend(outcome.diagnostics);
        crashed.extend(outcome.crashed.into_iter().map(|(rule, why)| (rule, spec.path.clone(), why)));
    }
    Diagnostic::sort(&mut diagnostics, &loaded.sources);
    (diagnostics, crashed)
}

fn summary(loaded: &Loaded, errors: usize, warnings: usize, hidden: usize) -> String {
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(plural(errors, "error"));
    }
    if warnings > 0 {
        parts.push(plural(warnings, "warning"));
    }
    let found = if parts.is_empty() { "nothing found".to_owned() } else { parts.join(", ") };
    let mut line = format!("{found} in {}", plural(loaded.workspace.specs.len(), "document"));
    if loaded.skipped > 0 {
        let _ = write!(line, " ({})", skipped(loaded.skipped));
    }
    if hidden > 0 {
        let _ = write!(line, "; {hidden} more at level info (--info)");
    }
    line
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// What the baseline had to say.
fn beside(compared: Compared) -> String {
    let mut words = String::new();
    if compared.known > 0 {
        let _ = write!(words, "; {} known", compared.known);
    }
    if compared.gone > 0 {
        let _ = write!(words, "; {} of the baseline are gone (--update-baseline)", compared.gone);
    }
    words
}

fn skipped(count: usize) -> String {
    match count {
        1 => "1 file skipped: not a specification".to_owned(),
        _ => format!("{count} files skipped: not specifications"),
    }
}

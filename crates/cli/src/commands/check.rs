//! `truespec check`: the findings of all rules.

use std::fmt::Write;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Instant;

use rules::{Context, Project, RULES};
use source::render::{Style, concise, text};
use source::{Diagnostic, FileId, Level, Sources};

use crate::args::{CheckArgs, Format};
use crate::baseline::{self, Baseline, Compared};
use crate::config::Config;
use crate::error::{Failure, Kind};
use crate::files::{self, Loaded, STDIN_PATH};
use crate::fix::{self, Fixed};
use crate::report::{github, json, junit, sarif};
use crate::since::Since;
use crate::{coloured, print, tell, watch};

pub(crate) fn run(args: &CheckArgs) -> Result<ExitCode, Failure> {
    if args.watch {
        return watch::watch(args);
    }
    let start = Instant::now();
    let mut loaded = load(args)?;
    let config = std::mem::take(&mut loaded.config);
    let level = |rule: &str, path: &str| config.level(rule, path);
    let today = today(args);
    let context = Context { today, target: &files::target, level: &level, template: config.template(), rules: RULES };
    let check = Check::new(args, &config, context, &loaded.sources)?;
    let mut project = check.project(&loaded.sources);
    let mut found = if args.fixes() {
        check.found(&project, &loaded.sources)
    } else {
        let diagnostics = project.take_diagnostics(&loaded.sources);
        check.left_of(&project, diagnostics, &loaded.sources)
    };
    if args.update_baseline
        && let Some(path) = &args.baseline
    {
        let known = baseline::write(path, &found.diagnostics)?;
        tell(&format!("{} known in {}\n", plural(known, "finding"), path.display()));
        return Ok(ExitCode::SUCCESS);
    }
    let unreadable = std::mem::take(&mut loaded.unreadable);
    let mut failures = Vec::new();
    let mut fixed = Fixed::default();
    if args.fixes() {
        let before = found.status(args);
        let again = |it: &Loaded, changed: &[FileId]| {
            check.update(&mut project, &it.sources, changed);
            check.found(&project, &it.sources)
        };
        (found, fixed) = fix::fix(&mut loaded, found, again, |it| it.shown(args), args.unsafe_fixes)?;
        if args.diff {
            print(&fixed.diff(&loaded.sources))?;
            fixed.left(&loaded.sources).iter().for_each(|it| tell(&format!("{it}\n")));
            tell(&format!(
                "{} would be fixed in {}; {} would remain\n",
                plural(fixed.told().len(), "finding"),
                plural(fixed.files(), "file"),
                found.shown(args).len()
            ));
            return Ok(before);
        }
        let unwritten = fixed.write(&loaded.sources);
        if !unwritten.is_empty() {
            loaded.change(unwritten);
            found = check.found(&check.project(&loaded.sources), &loaded.sources);
        }
        failures = fixed.left(&loaded.sources);
        fixed.told().for_each(|it| tell(&format!("{it}\n")));
    }
    let input = args.fixes().then(|| loaded.sources.iter().find(|it| it.1.path == STDIN_PATH)).flatten();
    if let Some((_, file)) = input {
        // The document takes standard output, and the findings give way.
        if failures.is_empty() {
            print(&file.text)?;
        }
        tell(&report(args, &loaded, &found, std::io::stderr().is_terminal()));
    } else {
        print(&report(args, &loaded, &found, std::io::stdout().is_terminal()))?;
    }
    if matches!(args.format, Format::Text | Format::Concise | Format::Github) {
        let seconds = start.elapsed().as_secs_f64();
        tell(&format!("{}   {seconds:.2} s\n", summary(args, &loaded, &found, &fixed)));
    }
    if let Some(failure) = found.crash() {
        return Err(failure);
    }
    failures.extend(unreadable);
    let last = failures.pop();
    for failure in &failures {
        tell(&format!("{failure}\n"));
    }
    let status = found.status(args);
    // The process ends here; taking the documents apart piece by piece would only cost time.
    std::mem::forget((loaded, project));
    match last {
        Some(failure) => Err(failure),
        None => Ok(status),
    }
}

/// The day on which documents are judged.
pub(crate) fn today(args: &CheckArgs) -> jiff::civil::Date {
    args.today.unwrap_or_else(|| jiff::Zoned::now().date())
}

/// The documents, of which there must be one.
pub(crate) fn load(args: &CheckArgs) -> Result<Loaded, Failure> {
    let mut loaded = files::load(&args.paths)?;
    if loaded.sources.iter().next().is_none() {
        if let Some(failure) = loaded.unreadable.pop() {
            return Err(failure);
        }
        let shown: Vec<String> = args.paths.iter().map(|it| format!("`{}`", it.display())).collect();
        let others = if loaded.skipped > 0 { format!(" ({})", skipped(loaded.skipped)) } else { String::new() };
        let message = format!("no specification in {}{others}", shown.join(", "));
        return Err(Failure::new(Kind::User, message).hint(
            "a specification has `# Technical Specification: …` as its title or four of its sections; \
             a file given by name is always read",
        ));
    }
    Ok(loaded)
}

/// Where more files than this change at once, all are checked, on all cores.
const MANY: usize = 16;

/// What findings are judged by besides the documents.
pub(crate) struct Check<'a> {
    pub(crate) context: Context<'a>,
    /// Whether all documents lie under one configuration.
    together: bool,
    baseline: Option<Baseline>,
    since: Option<Since>,
}

/// What was found, and what was left out of it.
pub(crate) struct Found {
    /// In their order.
    diagnostics: Vec<Diagnostic>,
    /// Rules that failed, each with a path and what it said.
    crashed: Vec<(&'static str, String, String)>,
    compared: Compared,
}

impl<'a> Check<'a> {
    pub(crate) fn new(
        args: &CheckArgs,
        config: &Config,
        context: Context<'a>,
        sources: &Sources,
    ) -> Result<Check<'a>, Failure> {
        let baseline = args.baseline.as_deref().filter(|_| !args.update_baseline);
        let baseline = baseline.map(Baseline::read).transpose()?;
        let since = match &args.since {
            Some(_) if sources.iter().any(|it| it.1.path == STDIN_PATH) => {
                return Err(Failure::new(Kind::Usage, "standard input has no history to compare with"));
            }
            Some(revision) => Some(Since::read(revision, &args.paths, sources, config, &context)?),
            None => None,
        };
        Ok(Check { context, together: config.folder.is_some(), baseline, since })
    }

    /// The documents, checked.
    pub(crate) fn project(&self, sources: &Sources) -> Project {
        Project::new(&self.context, sources, self.together, &files::AllCores)
    }

    /// Checks files that have another text, and what depends on them.
    pub(crate) fn update(&self, project: &mut Project, sources: &Sources, changed: &[FileId]) {
        if changed.len() > MANY {
            *project = self.project(sources);
            return;
        }
        files::with_stack(|| {
            for file in changed {
                project.update(&self.context, sources, *file);
            }
        });
    }

    /// The findings in a project that are neither silenced nor known nor older, and the rules that failed.
    pub(crate) fn found(&self, project: &Project, sources: &Sources) -> Found {
        let diagnostics = project.diagnostics(sources).into_iter().cloned().collect();
        self.left_of(project, diagnostics, sources)
    }

    /// As [`Check::found`], of findings that were taken out of the project.
    fn left_of(&self, project: &Project, mut diagnostics: Vec<Diagnostic>, sources: &Sources) -> Found {
        let crashed = project.crashed().map(|(rule, path, why)| (rule, path.to_owned(), why.to_owned())).collect();
        let mut compared = Compared::default();
        if let Some(baseline) = &self.baseline {
            compared = baseline.apply(&mut diagnostics);
        }
        if let Some(since) = &self.since {
            compared.older = since.apply(&mut diagnostics, sources);
        }
        Found { diagnostics, crashed, compared }
    }
}

impl Found {
    /// Those that are told. What is not told is not fixed.
    fn shown(&self, args: &CheckArgs) -> Vec<&Diagnostic> {
        self.diagnostics.iter().filter(|it| args.info || it.level > Level::Info).collect()
    }

    /// A rule that failed.
    pub(crate) fn crash(&self) -> Option<Failure> {
        let (rule, path, why) = self.crashed.first()?;
        Some(Failure::new(Kind::Internal, format!("rule `{rule}` failed on {path}: {why}")))
    }

    fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|it| it.level == level).count()
    }

    fn status(&self, args: &CheckArgs) -> ExitCode {
        let failed = self.count(Level::Error) > 0 || (args.deny.is_some() && self.count(Level::Warning) > 0);
        if failed { ExitCode::from(1) } else { ExitCode::SUCCESS }
    }
}

/// The findings as they were asked for.
pub(crate) fn report(args: &CheckArgs, loaded: &Loaded, found: &Found, terminal: bool) -> String {
    let sources = &loaded.sources;
    let shown = found.shown(args).into_iter();
    match args.format {
        Format::Text => {
            let style = if coloured(terminal) { Style::Coloured } else { Style::Plain };
            let blocks: Vec<String> = shown.map(|it| text(it, sources, style)).collect();
            if blocks.is_empty() { String::new() } else { format!("{}\n\n", blocks.join("\n\n")) }
        }
        Format::Concise => shown.fold(String::new(), |mut out, it| {
            let _ = writeln!(out, "{}", concise(it, sources));
            out
        }),
        Format::Json => json::findings(&found.diagnostics, sources, sources.iter().count()),
        Format::Sarif => sarif::findings(&found.diagnostics, sources),
        Format::Github => github::findings(shown, sources),
        Format::Junit => {
            let paths: Vec<&str> = sources.iter().map(|it| it.1.path.as_str()).collect();
            junit::findings(shown, sources, &paths)
        }
    }
}

pub(crate) fn summary(args: &CheckArgs, loaded: &Loaded, found: &Found, fixed: &Fixed) -> String {
    let mut parts = Vec::new();
    for (level, word) in [(Level::Error, "error"), (Level::Warning, "warning"), (Level::Info, "info")] {
        let count = found.count(level);
        if count > 0 && (args.info || level > Level::Info) {
            parts.push(if level == Level::Info { format!("{count} {word}") } else { plural(count, word) });
        }
    }
    let told = fixed.told().len();
    let nothing = if told == 0 { "nothing found" } else { "nothing left" };
    let said = if parts.is_empty() { nothing.to_owned() } else { parts.join(", ") };
    let mut line = format!("{said} in {}", plural(loaded.sources.iter().count(), "document"));
    if loaded.skipped > 0 {
        let _ = write!(line, " ({})", skipped(loaded.skipped));
    }
    if told > 0 {
        let _ = write!(line, "; {told} fixed in {}", plural(fixed.files(), "file"));
    }
    let hidden = found.count(Level::Info);
    if hidden > 0 && !args.info {
        let _ = write!(line, "; {hidden} more at level info (--info)");
    }
    let can_be = |with_unsafe| {
        found.shown(args).iter().filter(|it| fix::applicable(it, with_unsafe, &loaded.sources).is_some()).count()
    };
    let (safe, all) = (can_be(false), can_be(true));
    if safe > 0 && !args.fixes() {
        let _ = write!(line, "; {safe} can be fixed (--fix)");
    }
    if all > safe && !args.unsafe_fixes {
        let _ = write!(line, "; {} can be fixed with a change of meaning (--unsafe-fixes)", all - safe);
    }
    if let (Some(revision), older @ 1..) = (&args.since, found.compared.older) {
        let _ = write!(line, "; {older} older than the changes since {revision}");
    }
    if found.compared.known > 0 {
        let _ = write!(line, "; {} known", found.compared.known);
    }
    if found.compared.gone > 0 {
        let _ = write!(line, "; {} of the baseline are gone (--update-baseline)", found.compared.gone);
    }
    line
}

fn plural(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

fn skipped(count: usize) -> String {
    match count {
        1 => "1 file skipped: not a specification".to_owned(),
        _ => format!("{count} files skipped: not specifications"),
    }
}

//! The fixture harness: rule pages, faults and sizes as tests.
//!
//! Everything here is for tests only. A check returns what is wrong as text, so that a test can show
//! all failures at once instead of the first.

pub mod fault;
pub mod fixes;
pub mod marks;
pub mod page;
pub mod pages;
pub mod probe;
pub mod random;
pub mod size;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use model::{Summary, Workspace};
use rules::{Context, RULES, Rule, Target};
use source::render::{Style, text};
use source::{Diagnostic, SourceFile, Sources};
use syntax::template::Template;

/// The day on which pages and suites are judged.
pub const TODAY: Date = jiff::civil::date(2026, 6, 1);

/// What checking some documents gave.
pub struct Checked {
    /// The files.
    pub sources: Sources,
    /// The findings on all of them, sorted.
    pub diagnostics: Vec<Diagnostic>,
    /// Rules that crashed, with what they said.
    pub crashed: Vec<(&'static str, String)>,
}

impl Checked {
    /// All findings as they are printed, with a line break at the end if there is any.
    pub fn rendered(&self) -> String {
        let printed: Vec<String> = self.diagnostics.iter().map(|it| text(it, &self.sources, Style::Plain)).collect();
        let trimmed = printed.join("\n\n").lines().map(|it| it.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
        if trimmed.is_empty() { trimmed } else { trimmed + "\n" }
    }
}

/// Checks documents, given as path and text, as one workspace outside of which there is no file.
pub fn check(files: &[(&str, &str)], rules: &[&'static Rule], today: Date) -> Checked {
    check_only(files, rules, today, &|_| true)
}

/// As [`check`], with the findings on those paths only that `wanted` holds for.
pub fn check_only(
    files: &[(&str, &str)],
    rules: &[&'static Rule],
    today: Date,
    wanted: &dyn Fn(&str) -> bool,
) -> Checked {
    let mut sources = Sources::default();
    for (path, text) in files {
        let file = SourceFile::new(*path, *text);
        let document = path.ends_with(".md");
        let _ = if document { sources.add(file) } else { sources.link(file) };
    }
    let template = Template::ours();
    let context = Context { today, target: &|_| Target::Missing, level: &|_, _| None, template, rules };
    let specs = model::workspace::read_all(&sources);
    let workspace = Workspace::new(specs.iter().map(Summary::of).collect(), true);
    let (mut diagnostics, mut crashed) = (Vec::new(), Vec::new());
    let documents = specs.iter().zip(workspace.documents()).enumerate();
    for (index, (spec, summary)) in documents.filter(|it| wanted(&it.1.0.path)) {
        let own = rules::check(&context, &sources, spec, summary);
        let across = rules::check_across(&context, &sources, &workspace, index, &own);
        for outcome in [own, across] {
            diagnostics.extend(outcome.diagnostics);
            crashed.extend(outcome.crashed);
        }
    }
    Diagnostic::sort(&mut diagnostics, &sources);
    Checked { sources, diagnostics, crashed }
}

/// The rules that must run for one to speak: itself, or all where it judges silences.
pub fn rules_for(rule: &'static Rule) -> Vec<&'static Rule> {
    match rule.check {
        rules::Check::Silences(_) => RULES.to_vec(),
        _ => vec![rule],
    }
}

/// Whether expectations are to be rewritten.
pub fn is_updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|it| it != "0" && !it.is_empty())
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("testkit lies in the repository").to_owned()
}

/// The files of a directory with an extension, sorted, with their texts.
pub fn files(directory: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let files = entries(directory).into_iter().filter(|it| it.extension().is_some_and(|it| it == extension));
    files.map(|path| (path.clone(), read(&path))).collect()
}

/// The directories in a directory, sorted.
pub fn directories(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().filter(|it| it.is_dir()).collect()
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap_or_else(|why| panic!("{}: {why}", directory.display()));
    let mut paths: Vec<PathBuf> = entries.map(|it| it.expect("a directory entry can be read").path()).collect();
    paths.sort();
    paths
}

/// The text of a file of the repository.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The name of a file without its extension.
pub fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Fails with all that is wrong, if anything is.
pub fn report(failures: &[String]) {
    assert!(failures.is_empty(), "{} wrong:\n\n{}\n", failures.len(), failures.join("\n\n"));
}

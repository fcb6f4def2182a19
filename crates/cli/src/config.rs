//! `truespec.toml`: where specifications lie, how they are named, and the levels of rules.

mod read;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use globset::{GlobSet, GlobSetBuilder};
use source::Level;
use syntax::template::Template;

use crate::error::{Failure, Kind};

/// The name of the configuration file.
pub(crate) const FILE: &str = "truespec.toml";

/// Levels by rule; `None` is off.
type Levels = BTreeMap<&'static str, Option<Level>>;

/// The configuration in force.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The directory of the file; `None` if there is no file.
    pub(crate) folder: Option<PathBuf>,
    roots: Vec<String>,
    exclude: Paths,
    levels: Levels,
    /// Levels for some paths, the longest pattern last.
    special: Vec<(Paths, Levels)>,
    /// The template, if it is not ours as it is.
    template: Option<Template>,
    /// The file of the template.
    template_path: Option<PathBuf>,
    options: Vec<(String, String)>,
    /// Which of `special` apply to a path; asked for by each rule.
    matching: Mutex<HashMap<String, Arc<[usize]>>>,
}

/// Paths relative to the file: those below a directory, those that begin with something, or those of a pattern.
#[derive(Debug, Default)]
struct Paths {
    prefixes: Vec<String>,
    globs: GlobSet,
}

impl Paths {
    fn new<'p>(patterns: impl Iterator<Item = &'p str>) -> Result<Paths, String> {
        let mut prefixes = Vec::new();
        let mut globs = GlobSetBuilder::new();
        for pattern in patterns {
            let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
            if pattern.contains(['*', '?', '[', '{']) {
                let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build();
                globs.add(glob.map_err(|it| format!("`{pattern}` is no pattern: {}", it.kind()))?);
            } else {
                prefixes.push(pattern.to_owned());
            }
        }
        Ok(Paths { prefixes, globs: globs.build().map_err(|it| it.to_string())? })
    }

    fn contain(&self, path: &str) -> bool {
        self.prefixes.iter().any(|it| path.starts_with(it.as_str())) || self.globs.is_match(path)
    }
}

impl Config {
    /// Reads the file in this directory or the nearest one above it.
    pub(crate) fn near(start: &Path) -> Result<Config, Failure> {
        let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
        let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let folder = start.ancestors().find(|it| it.join(FILE).is_file());
        let Some(folder) = folder else { return Ok(Config::default()) };
        let path = folder.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|it| {
            let why =
                if it.kind() == std::io::ErrorKind::InvalidData { "it is not UTF-8".into() } else { it.to_string() };
            Failure::new(Kind::Config, format!("{} cannot be read: {why}", shown(&path)))
        })?;
        read::read(folder, &shown(&path), &text)
    }

    /// The directories to search; empty if the file names none.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        let Some(folder) = &self.folder else { return Vec::new() };
        self.roots.iter().map(|it| folder.join(it)).collect()
    }

    /// Whether a file that was found in a directory is left out: it is excluded, or it is the template.
    pub(crate) fn excludes(&self, path: &Path) -> bool {
        let Some(folder) = &self.folder else { return false };
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.template_path.as_ref().is_some_and(|it| *it == absolute)
            || self.exclude.contain(&relative(folder, &absolute))
    }

    /// What documents are held to.
    pub(crate) fn template(&self) -> &Template {
        self.template.as_ref().unwrap_or_else(|| Template::ours())
    }

    /// Whether a text has at least half of the sections of the project's own template.
    pub(crate) fn is_of_own_template(&self, text: &str) -> bool {
        let Some(template) = self.template.as_ref().filter(|_| self.template_path.is_some()) else { return false };
        template.is_followed_by(&syntax::Document::read_with(source::FileId(0), text, &template.synonyms))
    }

    /// The file of the project's own template.
    pub(crate) fn template_path(&self) -> Option<&Path> {
        self.template_path.as_deref()
    }

    /// The text of the template from which documents are written.
    pub(crate) fn template_text(&self) -> Option<String> {
        std::fs::read_to_string(self.template_path.as_ref()?).ok().map(|it| it.replace(['⟦', '⟧'], ""))
    }

    /// Values of config options, as `--set` takes them.
    pub(crate) fn options(&self) -> Vec<(String, String)> {
        self.options.clone()
    }

    /// The level that is set for a rule in a file: the longest pattern that its path matches wins.
    pub(crate) fn level(&self, rule: &str, path: &str) -> Option<Option<Level>> {
        let general = || self.levels.get(rule).copied();
        if self.special.is_empty() {
            return general();
        }
        let matching = self.matching(path);
        let special = matching.iter().rev().find_map(|it| self.special.get(*it)?.1.get(rule).copied());
        special.or_else(general)
    }

    fn matching(&self, path: &str) -> Arc<[usize]> {
        let known = || self.matching.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(it) = known().get(path) {
            return Arc::clone(it);
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        let relative = relative(self.folder.as_deref().unwrap_or(Path::new("")), &absolute);
        let all = self.special.iter().enumerate().filter(|(_, it)| it.0.contain(&relative));
        let found: Arc<[usize]> = all.map(|it| it.0).collect();
        known().insert(path.to_owned(), Arc::clone(&found));
        found
    }
}

/// A path below the configuration's directory as its patterns see it.
fn relative(folder: &Path, absolute: &Path) -> String {
    absolute.strip_prefix(folder).unwrap_or(absolute).to_string_lossy().replace('\\', "/")
}

/// A path as it is shown: relative where it can be, with forward slashes.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

//! `truespec.toml`: where specifications lie, and the levels of rules.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use source::Level;

use crate::error::{Failure, Kind};

/// The name of the configuration file.
pub(crate) const FILE: &str = "truespec.toml";

/// What the file may hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    /// Directories with specifications, relative to the file.
    roots: Vec<String>,
    /// Levels by rule.
    levels: BTreeMap<String, Setting>,
    /// Levels by rule for paths that begin with this, relative to the file.
    paths: BTreeMap<String, BTreeMap<String, Setting>>,
    /// Values of the documents' config options.
    options: BTreeMap<String, toml::Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Setting {
    Off,
    Info,
    Warning,
    Error,
}

impl Setting {
    fn level(self) -> Option<Level> {
        match self {
            Setting::Off => None,
            Setting::Info => Some(Level::Info),
            Setting::Warning => Some(Level::Warning),
            Setting::Error => Some(Level::Error),
        }
    }
}

/// The configuration in force.
#[derive(Debug, Default)]
pub(crate) struct Config {
    /// The directory of the file; `None` if there is no file.
    pub(crate) folder: Option<PathBuf>,
    written: Written,
}

impl Config {
    /// Reads the file in this directory or the nearest one above it.
    pub(crate) fn near(start: &Path) -> Result<Config, Failure> {
        let start = std::path::absolute(start).unwrap_or_else(|_| start.to_owned());
        let folder = start.ancestors().find(|it| it.join(FILE).is_file());
        let Some(folder) = folder else { return Ok(Config::default()) };
        let path = folder.join(FILE);
        let broken = |why: &str| Failure::new(Kind::Config, format!("{}: {why}", shown(&path)));
        let text = std::fs::read_to_string(&path).map_err(|it| broken(&it.to_string()))?;
        let written: Written = toml::from_str(&text).map_err(|it| {
            let at = it.span().map_or(1, |it| text.get(..it.start).unwrap_or("").lines().count().max(1));
            Failure::new(Kind::Config, format!("{}:{at}: {}", shown(&path), it.message().trim())).hint(
                "`roots`, `[levels]`, `[options]` and `[paths.\"folder/\"]` are known; levels are off, info, warning and error",
            )
        })?;
        let names = written.levels.keys().chain(written.paths.values().flat_map(BTreeMap::keys));
        for name in names {
            if rules::rule(name).is_none() {
                let at = text.lines().position(|it| it.contains(name.as_str())).map_or(1, |it| it + 1);
                let failure = Failure::new(Kind::Config, format!("{}:{at}: there is no rule `{name}`", shown(&path)));
                let near = source::nearest(name, rules::RULES.iter().map(|it| it.name));
                return Err(match near {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint("`truespec explain` lists the rules"),
                });
            }
        }
        Ok(Config { folder: Some(folder.to_owned()), written })
    }

    /// The directories to search; empty if the file names none.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        let Some(folder) = &self.folder else { return Vec::new() };
        self.written.roots.iter().map(|it| folder.join(it)).collect()
    }

    /// Values of config options, as `--set` takes them.
    pub(crate) fn options(&self) -> Vec<(String, String)> {
        let text = |value: &toml::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.written.options.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The level that is set for a rule in a file: the longest matching path wins.
    pub(crate) fn level(&self, rule: &str, path: &str) -> Option<Option<Level>> {
        let general = self.written.levels.get(rule);
        if self.written.paths.is_empty() {
            return general.map(|it| it.level());
        }
        let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        let folder = self.folder.as_deref().unwrap_or(Path::new(""));
        let relative = absolute.strip_prefix(folder).unwrap_or(&absolute).to_string_lossy().replace('\\', "/");
        let special = self.written.paths.iter().filter(|(prefix, _)| relative.starts_with(prefix.as_str()));
        let special = special.filter_map(|(prefix, levels)| Some((prefix.len(), levels.get(rule)?)));
        special.max_by_key(|it| it.0).map(|it| it.1).or(general).map(|it| it.level())
    }
}

/// A path as it is shown: relative where it can be, with forward slashes.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let path = path.strip_prefix(&here).unwrap_or(path);
    let text = path.to_string_lossy().replace('\\', "/");
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

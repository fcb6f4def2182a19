//! From the text of `truespec.toml` to the configuration. What it says wrongly is told with its place.

use std::collections::BTreeMap;
use std::path::Path;

use rules::RULES;
use source::{Level, SourceFile};
use syntax::family::{Synonyms, Title};
use syntax::template::Template;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::{Config, Levels, Paths};
use crate::error::{Failure, Kind};

const KEYS: [&str; 8] = ["roots", "exclude", "template", "required", "levels", "paths", "synonyms", "options"];

const LEVELS: [(&str, Option<Level>); 4] =
    [("off", None), ("info", Some(Level::Info)), ("warning", Some(Level::Warning)), ("error", Some(Level::Error))];

type Key<'i> = Spanned<std::borrow::Cow<'i, str>>;
type Value<'i> = Spanned<DeValue<'i>>;

/// Reads the text of the file at `path` in `folder`.
pub(super) fn read(folder: &Path, path: &str, text: &str) -> Result<Config, Failure> {
    let mut reader = Reader { folder, file: SourceFile::new(path, text), mistakes: Vec::new() };
    let table = match DeTable::parse(text) {
        Ok(table) => table.into_inner(),
        Err(error) => {
            let at = error.span().map_or(0, |it| it.start);
            return Err(Failure::new(Kind::Config, format!("{}: {}", reader.place(at), error.message().trim())));
        }
    };
    let config = reader.config(&table);
    reader.mistakes.sort_by_key(|it| it.0);
    let mut mistakes = reader.mistakes.into_iter().map(|it| it.1);
    match mistakes.next() {
        None => Ok(config),
        Some(mut first) => {
            first.details.extend(mistakes.map(|it| match it.hints.first() {
                Some(hint) => format!("{}; {hint}", it.message),
                None => it.message,
            }));
            Err(first)
        }
    }
}

struct Reader<'a> {
    folder: &'a Path,
    file: SourceFile,
    /// With their place in the text.
    mistakes: Vec<(usize, Failure)>,
}

impl Reader<'_> {
    fn config(&mut self, table: &DeTable<'_>) -> Config {
        let mut config = Config { folder: Some(self.folder.to_owned()), ..Config::default() };
        let mut required = Vec::new();
        let mut template = None;
        let mut synonyms = None;
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "roots" => {
                    for (at, root) in self.texts(value) {
                        if !self.folder.join(&root).is_dir() {
                            self.mistake(at, format!("there is no directory `{root}` beside this file"), None);
                        }
                        config.roots.push(root);
                    }
                }
                "exclude" => {
                    let patterns = self.texts(value);
                    config.exclude = self.paths(value, patterns.iter().map(|it| it.1.as_str()));
                }
                "template" => template = self.text(value).map(|it| (value.span().start, it)),
                "required" => required = self.texts(value).into_iter().map(|it| it.1).collect(),
                "levels" => config.levels = self.levels(value),
                "paths" => {
                    let mut special: Vec<(usize, (Paths, Levels))> = Vec::new();
                    for (pattern, levels) in self.table(value) {
                        let paths = self.paths(pattern, std::iter::once(pattern.get_ref().as_ref()));
                        special.push((pattern.get_ref().len(), (paths, self.levels(levels))));
                    }
                    special.sort_by_key(|it| it.0);
                    config.special = special.into_iter().map(|it| it.1).collect();
                }
                "synonyms" => synonyms = Some(self.synonyms(value)),
                "options" => {
                    for (name, value) in self.table(value) {
                        // As it is written, but for the quotes.
                        let written = || self.file.text.get(value.span()).unwrap_or("").to_owned();
                        let text = value.get_ref().as_str().map_or_else(written, str::to_owned);
                        config.options.push((name.get_ref().to_string(), text));
                    }
                }
                other => self.unknown(key, "key", other, &KEYS),
            }
        }
        if let Some((at, path)) = template {
            let path = self.folder.join(path);
            match std::fs::read_to_string(&path) {
                Ok(text) => {
                    let own = Template::read(&text, synonyms.take().unwrap_or_default());
                    if own.sections.is_empty() {
                        let shown = crate::config::shown(&path);
                        self.mistake(at, format!("`{shown}` has no sections and is no template"), None);
                    }
                    config.template = Some(own);
                    config.template_path = Some(std::path::absolute(&path).unwrap_or(path));
                }
                Err(error) => {
                    self.mistake(
                        at,
                        format!("the template `{}` cannot be read: {error}", crate::config::shown(&path)),
                        None,
                    );
                }
            }
        }
        if config.template.is_none() && (synonyms.is_some() || !required.is_empty()) {
            let mut own = Template::ours().clone();
            own.synonyms = synonyms.unwrap_or_default();
            config.template = Some(own);
        }
        if let Some(template) = &mut config.template {
            required.iter().for_each(|it| template.require(it));
        }
        config
    }

    fn levels(&mut self, value: &Value<'_>) -> Levels {
        let mut levels = BTreeMap::new();
        for (rule, level) in self.table(value) {
            let name = rule.get_ref().as_ref();
            let Some(known) = rules::rule(name) else {
                let names: Vec<&str> = RULES.iter().map(|it| it.name).collect();
                self.unknown(rule, "rule", name, &names);
                continue;
            };
            let Some(written) = self.text(level) else { continue };
            match LEVELS.iter().find(|it| it.0 == written) {
                Some((_, level)) => {
                    levels.insert(known.name, *level);
                }
                None => self.unknown(level, "level", &written, &LEVELS.map(|it| it.0)),
            }
        }
        levels
    }

    fn synonyms(&mut self, value: &Value<'_>) -> Synonyms {
        let mut synonyms = Synonyms::default();
        for (heading, section) in self.table(value) {
            let Some(written) = self.text(section) else { continue };
            match Title::read(&written).family() {
                Some(family) => synonyms.add(heading.get_ref(), family),
                None => {
                    let near = source::nearest(&syntax::family::normal(&written), syntax::family::names());
                    let hint = near.map(|it| format!("did you mean `{it}`?"));
                    let hint =
                        hint.unwrap_or_else(|| "a heading of the template is meant, such as `Data Model`".to_owned());
                    self.mistake(section.span().start, format!("there is no section `{written}`"), Some(hint));
                }
            }
        }
        synonyms
    }

    fn paths<'p, T>(&mut self, at: &Spanned<T>, patterns: impl Iterator<Item = &'p str>) -> Paths {
        Paths::new(patterns).unwrap_or_else(|why| {
            self.mistake(at.span().start, why, None);
            Paths::default()
        })
    }

    fn table<'v, 'i>(&mut self, value: &'v Value<'i>) -> Vec<(&'v Key<'i>, &'v Value<'i>)> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.mistake(value.span().start, "a table is expected here".to_owned(), None);
        }
        table.into_iter().flatten().collect()
    }

    fn text(&mut self, value: &Value<'_>) -> Option<String> {
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.mistake(value.span().start, "a text in quotes is expected here".to_owned(), None);
        }
        text.map(str::to_owned)
    }

    fn texts(&mut self, value: &Value<'_>) -> Vec<(usize, String)> {
        let Some(array) = value.get_ref().as_array() else {
            self.mistake(value.span().start, "a list of texts is expected here".to_owned(), None);
            return Vec::new();
        };
        array.iter().filter_map(|it| Some((it.span().start, self.text(it)?))).collect()
    }

    fn unknown<T>(&mut self, at: &Spanned<T>, what: &str, name: &str, known: &[&str]) {
        let hint = match source::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if what == "rule" => "`truespec explain` lists the rules".to_owned(),
            None => format!("known are {}", known.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ")),
        };
        self.mistake(at.span().start, format!("there is no {what} `{name}`"), Some(hint));
    }

    fn mistake(&mut self, at: usize, message: String, hint: Option<String>) {
        let mut failure = Failure::new(Kind::Config, format!("{}: {message}", self.place(at)));
        failure.hints.extend(hint);
        self.mistakes.push((at, failure));
    }

    fn place(&self, at: usize) -> String {
        let at = self.file.position(at);
        format!("{}:{}:{}", self.file.path, at.line, at.column)
    }
}

//! The findings that are due to what changed since a revision: those on changed lines, and those that the
//! documents of that revision did not have.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Component, Path, PathBuf};

use rules::{Context, Project, Target};
use similar::{Algorithm, DiffOp};
use source::{Diagnostic, FileId, SourceFile, Sources, Span};

use crate::config::Config;
use crate::error::Failure;
use crate::files::{self, AllCores};
use crate::git::Before;

/// The documents as they were, and what was found in them.
#[derive(Debug)]
pub(crate) struct Since {
    /// Whether nothing changed at all.
    same: bool,
    /// The old text of each document that has one and is not as it was; none for a new one.
    changed: HashMap<String, Option<String>>,
    /// How many findings there were, by rule, address and message.
    old: HashMap<(&'static str, String, String), usize>,
}

impl Since {
    /// Looks at the documents of a run as they were where this branch left `revision`.
    pub(crate) fn read(
        revision: &str,
        paths: &[PathBuf],
        sources: &Sources,
        config: &Config,
        context: &Context<'_>,
    ) -> Result<Since, Failure> {
        let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
        let folder = if first.is_dir() { first } else { first.parent().unwrap_or(Path::new(".")) };
        let before = Before::of(folder, revision)?;
        let here = std::fs::canonicalize(".").unwrap_or_default();
        let places = Places { top: before.top.clone(), here };

        // A file that was moved and is not in the index yet is known by its text.
        let gone: Vec<&str> =
            before.gone.iter().map(String::as_str).filter(|it| it.to_lowercase().ends_with(".md")).collect();
        let moved: HashMap<Vec<u8>, &str> = before.contents(&gone)?.into_iter().map(|it| (it.1, it.0)).collect();

        // Documents by how they are shown, with the path that they had.
        let mut documents: BTreeMap<String, (Option<FileId>, String)> = BTreeMap::new();
        let mut renamed: HashMap<String, String> = HashMap::new();
        let mut now: HashMap<FileId, Option<String>> = HashMap::new();
        for (id, file) in sources.iter() {
            let inside = places.inside(&file.path);
            let then = match inside.as_ref().and_then(|it| before.changed.get(it)) {
                Some(then) => then.clone(),
                // What git does not track has no past.
                None => {
                    let moved = || moved.get(file.text.as_bytes()).map(|it| (*it).to_owned());
                    inside.clone().filter(|it| before.had_file(it)).or_else(moved)
                }
            };
            if let Some(then) = &then {
                let same_place = inside.as_ref() == Some(then);
                let shown = if same_place { file.path.clone() } else { places.shown(then) };
                if !same_place {
                    renamed.insert(shown.clone(), file.path.clone());
                }
                let unchanged = same_place && !before.changed.contains_key(then);
                documents.insert(shown, (unchanged.then_some(id), then.clone()));
            }
            now.insert(id, then);
        }
        for path in &gone {
            documents.entry(places.shown(path)).or_insert((None, (*path).to_owned()));
        }
        // What documents link to is compared too, under the same path.
        let mut linked: BTreeMap<String, String> = BTreeMap::new();
        let mut link = |file: &SourceFile| {
            for shown in files::links(file) {
                let inside = places.inside_lexically(&shown);
                let other = |it: &String| before.changed.contains_key(it) || before.gone.contains(it);
                if let Some(inside) = inside.filter(|it| before.had_file(it) && other(it)) {
                    linked.insert(shown, inside);
                }
            }
        };
        sources.iter().for_each(|it| link(it.1));
        let wanted = documents.values().filter(|it| it.0.is_none()).map(|it| it.1.as_str());
        let wanted: Vec<&str> = wanted.chain(linked.values().map(String::as_str)).collect();
        let contents = before.contents(&wanted)?;
        let content = |path: &str| contents.get(path).map(|it| String::from_utf8_lossy(it).into_owned());

        let changed: HashMap<String, Option<String>> = sources
            .iter()
            .filter_map(|(id, file)| match now.get(&id)? {
                Some(then) => Some((file.path.clone(), Some(content(then)?))),
                None => Some((file.path.clone(), None)),
            })
            .collect();
        let touched = sources.all_linked().filter_map(|file| {
            let inside = places.inside(&file.path)?;
            let old = linked.get(&file.path).and_then(|it| content(it));
            let new = before.changed.contains_key(&inside) || !before.had_file(&inside);
            new.then(|| (file.path.clone(), old))
        });
        let changed: HashMap<String, Option<String>> = changed.into_iter().chain(touched).collect();
        let mut since = Since { same: false, changed, old: HashMap::new() };
        since.same = since.changed.is_empty() && before.changed.is_empty() && before.gone.is_empty();
        if since.same {
            return Ok(since);
        }
        // Whether a linked file was there, or is nothing that git knows.
        let had = |shown: &str| places.inside_lexically(shown).is_none_or(|it| before.had_file(&it));
        let mut then = Sources::default();
        for (shown, (unchanged, path)) in &documents {
            let text = match unchanged.and_then(|it| sources.get(it)) {
                Some(file) => Some(file.text.clone()),
                None => content(path),
            };
            let Some(text) = text else { continue };
            let is_gone = before.gone.contains(path) && !renamed.contains_key(shown);
            if !is_gone || files::would_be_read(&before.top.join(path), &text, paths, config) {
                then.add(SourceFile::new(shown.as_str(), text));
            }
        }
        for shown in then.iter().flat_map(|it| files::links(it.1)).collect::<BTreeSet<_>>() {
            let same = || sources.linked(&shown).filter(|_| had(&shown)).map(|it| it.1.text.clone());
            if let Some(text) = linked.get(&shown).and_then(|it| content(it)).or_else(same) {
                then.link(SourceFile::new(shown, text));
            }
        }
        let target = |path: &str| match places.inside_lexically(path) {
            Some(inside) if before.had(&inside) => Target::Exists,
            Some(_) => Target::Missing,
            None => files::target(path),
        };
        let context = Context { target: &target, ..*context };
        let together = config.folder.is_some();
        for it in Project::new(&context, &then, together, &AllCores).take_diagnostics(&then) {
            let path = then.path(it.primary.span.file);
            let address = match renamed.get(path) {
                Some(new) => {
                    it.address.strip_prefix(path).map_or_else(|| it.address.clone(), |rest| format!("{new}{rest}"))
                }
                None => it.address.clone(),
            };
            *since.old.entry((it.rule, element(&address).to_owned(), it.message)).or_default() += 1;
        }
        Ok(since)
    }

    /// Takes the findings out that are older; says how many.
    pub(crate) fn apply(&self, diagnostics: &mut Vec<Diagnostic>, sources: &Sources) -> usize {
        let count = diagnostics.len();
        if self.same {
            diagnostics.clear();
            return count;
        }
        let mut old = self.old.clone();
        let mut lines: HashMap<FileId, Vec<Span>> = HashMap::new();
        diagnostics.retain(|it| {
            let mut touched = |span: Span| {
                let spans = lines.entry(span.file).or_insert_with(|| self.changed_spans(span.file, sources));
                let next = spans.partition_point(|it| it.end <= span.start);
                spans.get(next).is_some_and(|it| it.start < span.end.max(span.start + 1))
            };
            let touched = touched(it.primary.span) || it.labels.iter().any(|it| touched(it.span));
            let key = (it.rule, element(&it.address).to_owned(), it.message.clone());
            let known = old.get_mut(&key).filter(|it| **it > 0).map(|it| *it -= 1).is_some();
            touched || !known
        });
        count - diagnostics.len()
    }

    /// The lines of a file that are not as they were, in order.
    fn changed_spans(&self, file: FileId, sources: &Sources) -> Vec<Span> {
        let Some(source) = sources.get(file) else { return Vec::new() };
        let Some(old) = self.changed.get(&source.path) else { return Vec::new() };
        let Some(old) = old else { return vec![Span::new(file, 0..source.text.len() + 1)] };
        // However a line ends, it is the same line.
        let before: Vec<&str> = old.lines().collect();
        let after: Vec<&str> = source.text.lines().collect();
        let mut starts: Vec<usize> = source
            .text
            .split_inclusive('\n')
            .scan(0, |at, line| {
                let start = *at;
                *at += line.len();
                Some(start)
            })
            .collect();
        starts.push(source.text.len() + 1);
        let ops = similar::capture_diff_slices(Algorithm::Myers, &before, &after);
        let changed = ops.into_iter().filter(|it| !matches!(it, DiffOp::Equal { .. }));
        let spans = changed.map(|it| it.new_range()).filter(|it| !it.is_empty());
        spans.filter_map(|it| Some(Span::new(file, *starts.get(it.start)?..*starts.get(it.end)?))).collect()
    }
}

/// An address without the number that tells a second bearer apart.
fn element(address: &str) -> &str {
    match address.rsplit_once('~') {
        Some((element, number)) if !number.is_empty() && number.bytes().all(|it| it.is_ascii_digit()) => element,
        _ => address,
    }
}

/// Paths as they are shown, and as git has them.
struct Places {
    top: PathBuf,
    /// The current directory, without links.
    here: PathBuf,
}

impl Places {
    /// The path of a file from the top of the repository, links followed; none if it lies outside.
    fn inside(&self, shown: &str) -> Option<String> {
        let path = std::fs::canonicalize(shown).ok()?;
        Some(path.strip_prefix(&self.top).ok()?.to_str()?.replace('\\', "/"))
    }

    /// As [`Places::inside`], for what need not be there.
    fn inside_lexically(&self, shown: &str) -> Option<String> {
        let mut path = PathBuf::new();
        for part in self.here.join(shown).components() {
            match part {
                Component::ParentDir => {
                    path.pop();
                }
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        Some(path.strip_prefix(&self.top).ok()?.to_str()?.replace('\\', "/"))
    }

    /// How a path from the top is shown.
    fn shown(&self, inside: &str) -> String {
        let path = self.top.join(inside);
        let mut up = String::new();
        for folder in self.here.ancestors() {
            if let Ok(rest) = path.strip_prefix(folder) {
                return up + &rest.to_string_lossy().replace('\\', "/");
            }
            up.push_str("../");
        }
        path.to_string_lossy().replace('\\', "/")
    }
}

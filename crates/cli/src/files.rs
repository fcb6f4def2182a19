//! From paths to documents: finding, reading, and building them on all cores.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use model::Spec;
use rules::{Executor, Target};
use source::{FileId, SourceFile, Sources};

use crate::config::{Config, shown};
use crate::error::{Failure, Kind};

/// The documents of a command.
pub(crate) struct Loaded {
    pub(crate) sources: Sources,
    pub(crate) config: Config,
    /// Markdown files that are no specifications.
    pub(crate) skipped: usize,
    /// Files found in a directory that cannot be read, with why.
    pub(crate) unreadable: Vec<Failure>,
}

/// How a file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Found {
    /// Named by the user.
    Named,
    /// In a directory that the configuration names.
    InRoots,
    /// In any directory.
    Anywhere,
}

/// The path that stands for standard input.
const STDIN: &str = "-";

/// How standard input is shown.
pub(crate) const STDIN_PATH: &str = "<stdin>";

/// Reads the documents at these paths.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Loaded, Failure> {
    let config = config(paths)?;
    let files = find(paths, &config)?;
    let read = on_all_cores(files.len(), |index| {
        let file = files.get(index)?;
        Some((read(file, &config)?, file.1 == Found::Named))
    });
    let mut sources = Sources::default();
    let mut skipped = 0;
    let mut unreadable = Vec::new();
    for file in read {
        match file {
            Some((Ok(file), _)) => {
                let id = sources.add(file);
                link(&mut sources, id);
            }
            // A file that was named must be read; one that was found hides no finding about the others.
            Some((Err(failure), true)) => return Err(failure),
            Some((Err(failure), false)) => unreadable.push(failure),
            None => skipped += 1,
        }
    }
    Ok(Loaded { sources, config, skipped, unreadable })
}

/// The configuration for these paths: the one that holds for the first.
pub(crate) fn config(paths: &[PathBuf]) -> Result<Config, Failure> {
    let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
    Config::near(if first.is_dir() { first } else { first.parent().unwrap_or(Path::new(".")) })
}

/// The files that may be documents, each once, in the order in which they are shown.
pub(crate) fn find(paths: &[PathBuf], config: &Config) -> Result<Vec<(PathBuf, Found)>, Failure> {
    let mut files: Vec<(PathBuf, Found)> = Vec::new();
    for path in paths {
        if path.as_os_str() == STDIN || !path.is_dir() {
            files.push((path.clone(), Found::Named));
            continue;
        }
        let roots = config.roots();
        let own = roots.iter().filter(|it| std::path::absolute(path).is_ok_and(|path| it.starts_with(path)));
        let own: Vec<PathBuf> = own.cloned().collect();
        let folders = if own.is_empty() { vec![path.clone()] } else { own };
        for folder in folders {
            let mut found = Vec::new();
            search(&folder, &mut found)?;
            let how = if roots.is_empty() { Found::Anywhere } else { Found::InRoots };
            found.retain(|it| !config.excludes(it));
            files.extend(found.into_iter().map(|it| (it, how)));
        }
    }
    // A file that is found in two ways is read once, as one that was named if it was.
    files.sort_by_cached_key(|it| (shown(&it.0), it.1));
    if paths.len() > 1 {
        let mut seen = HashSet::new();
        files.sort_by_key(|it| it.1);
        files.retain(|it| seen.insert(std::fs::canonicalize(&it.0).unwrap_or_else(|_| it.0.clone())));
        files.sort_by_cached_key(|it| shown(&it.0));
    } else {
        files.dedup_by(|a, b| a.0 == b.0);
    }
    Ok(files)
}

/// Reads a file, unless it is no specification.
pub(crate) fn read((path, how): &(PathBuf, Found), config: &Config) -> Option<Result<SourceFile, Failure>> {
    let input = path.as_os_str() == STDIN;
    let text = match if input { bounded(std::io::stdin().lock(), 0) } else { File::open(path).and_then(all_of) } {
        // Bytes that are no UTF-8 are shown as U+FFFD, which a rule reports.
        Ok(bytes) => String::from_utf8(bytes).unwrap_or_else(|it| String::from_utf8_lossy(it.as_bytes()).into_owned()),
        Err(error) => return Some(Err(failure(path, &error))),
    };
    if *how == Found::Anywhere && !is_specification(&text, config) {
        return None;
    }
    let path = if input { STDIN_PATH.to_owned() } else { shown(path) };
    Some(Ok(SourceFile::new(path, text)))
}

/// A file of declarations that is longer is generated, and nobody's to read.
const LONGEST: u64 = 1 << 20;

/// Reads the files of declarations that a document links to, as far as they are there.
fn link(sources: &mut Sources, document: FileId) {
    for path in sources.get(document).map_or(Vec::new(), links) {
        if sources.linked(&path).is_none()
            && let Some(text) = declarations(&path)
        {
            sources.link(SourceFile::new(path, text));
        }
    }
}

/// The text of a file of declarations, if there is one that somebody wrote.
pub(crate) fn declarations(path: &str) -> Option<String> {
    let metadata = std::fs::metadata(path).ok()?;
    if metadata.is_file() && metadata.len() <= LONGEST { std::fs::read_to_string(path).ok() } else { None }
}

/// Paths of the files of declarations that a document links to, there or not.
pub(crate) fn links(document: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    // `[schema](db/schema.sql)`, `[schema]: db/schema.sql`
    for at in memchr::memchr_iter(b']', document.text.as_bytes()) {
        let after = document.text.get(at + 1..).unwrap_or("");
        if let Some(rest) = after.strip_prefix('(').or_else(|| after.strip_prefix(": ")) {
            let rest = rest.trim_start_matches('<');
            let end = rest.find([')', ' ', '\n', '\r', '#', '?', '>']).unwrap_or(rest.len());
            let dest = rest.get(..end).unwrap_or("");
            if model::summary::local(dest).and_then(model::read::language_of_file).is_some() {
                found.push(model::summary::target(&document.path, dest));
            }
        }
    }
    found
}

impl Loaded {
    /// The model of the first document.
    pub(crate) fn spec(&self) -> Result<Spec, Failure> {
        let (id, file) = self
            .sources
            .iter()
            .next()
            .ok_or_else(|| Failure::new(Kind::Internal, "the document was read and is not there"))?;
        // Expressions are parsed recursively: the work is done on a thread with the stack for it.
        on_all_cores(1, |_| {
            let synonyms = &self.config.template().synonyms;
            model::workspace::read_with(id, &file.path, &file.text, synonyms, &self.sources)
        })
        .pop()
        .ok_or_else(|| Failure::new(Kind::Internal, "the document was not read"))
    }

    /// Gives documents other texts. Nothing is written.
    pub(crate) fn change(&mut self, changes: Vec<(FileId, String)>) {
        for (id, text) in changes {
            self.sources.set(id, text);
            link(&mut self.sources, id);
        }
    }
}

/// Whether a file that is no more, with this absolute path and text, would be read for these paths.
pub(crate) fn would_be_read(file: &Path, text: &str, paths: &[PathBuf], config: &Config) -> bool {
    let below = |folder: &PathBuf| std::fs::canonicalize(folder).is_ok_and(|it| file.starts_with(it));
    let roots = config.roots();
    paths.iter().any(below)
        && !config.excludes(file)
        && if roots.is_empty() { is_specification(text, config) } else { roots.iter().any(below) }
}

/// Larger files are no documents that somebody wrote.
const MAX_BYTES: u64 = 64 << 20;

/// A file's bytes, unless they are too many.
fn all_of(file: File) -> std::io::Result<Vec<u8>> {
    let len = file.metadata().map_or(0, |it| it.len());
    bounded(file, len)
}

/// All that can be read, unless it is too much: about `len` bytes, which are read at once.
fn bounded(input: impl Read, len: u64) -> std::io::Result<Vec<u8>> {
    // With room to spare, the end of the file is found without a small read before.
    let mut bytes = Vec::with_capacity(len.min(MAX_BYTES) as usize + 32);
    input.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(std::io::Error::other(format!("it is larger than {} MiB", MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

fn failure(path: &Path, error: &std::io::Error) -> Failure {
    let path = shown(path);
    match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(Kind::User, format!("there is no file `{path}`")),
        std::io::ErrorKind::PermissionDenied => Failure::new(Kind::User, format!("`{path}` may not be read")),
        _ => Failure::new(Kind::User, format!("`{path}` cannot be read: {error}")),
    }
}

/// The Markdown files below a directory, in order; hidden and installed ones left out.
fn search(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|it| failure(folder, &it))?;
    let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir()
            && !name.starts_with('.')
            && !matches!(name.as_str(), "node_modules" | "target" | "vendor" | "dist")
        {
            // A directory that may not be read hides no finding about those that may.
            let _ = search(&entry.path(), found);
        } else if kind.is_file() && name.to_lowercase().ends_with(".md") {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// What the title of a specification calls it.
const TITLES: [&str; 11] = [
    "technical specification",
    "technical design",
    "tech spec",
    "design document",
    "api specification",
    "especificación técnica",
    "especificação técnica",
    "spécification technique",
    "specifica tecnica",
    "technische spezifikation",
    "technische specificatie",
];

/// Whether a Markdown file in a directory is a specification: its title calls it one, headings of
/// at least four families, or half of the sections of the project's own template.
fn is_specification(text: &str, config: &Config) -> bool {
    let mut families = Vec::new();
    let mut fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
        }
        let Some(heading) = line.strip_prefix('#').filter(|_| !fence) else { continue };
        let heading = heading.trim_start_matches('#').trim();
        let lower = heading.to_lowercase();
        if line.starts_with("# ") && TITLES.iter().any(|it| lower.contains(it)) {
            return true;
        }
        if let Some(family) = config.template().synonyms.family(&syntax::family::Title::read(heading))
            && !families.contains(&family)
        {
            families.push(family);
        }
    }
    families.len() >= 4 || config.is_of_own_template(text)
}

/// What there is at a path, for links.
pub(crate) fn target(path: &str) -> Target {
    match Path::new(path).try_exists() {
        Ok(true) => Target::Exists,
        Ok(false) => Target::Missing,
        Err(_) => Target::Unknown,
    }
}

/// Stack of a worker: parsers of expressions and of nested values are recursive.
const STACK: usize = 64 << 20;

/// Work is done on all cores.
pub(crate) struct AllCores;

impl Executor for AllCores {
    fn each<T: Send>(&self, count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
        on_all_cores(count, job)
    }
}

/// Runs `job` on a thread with a large stack.
pub(crate) fn with_stack(job: impl FnOnce() + Send) {
    let job = Mutex::new(Some(job));
    let run = || {
        let job = job.lock().unwrap_or_else(PoisonError::into_inner).take();
        job.into_iter().for_each(|it| it());
    };
    std::thread::scope(|scope| {
        if std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run).is_err() {
            run();
        }
    });
}

/// Runs `job` for each index on all cores and gives the results in order.
pub(crate) fn on_all_cores<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from).min(count.max(1));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, T)>> = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|scope| {
        for _ in 0..cores {
            let work = || {
                let mut own = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    own.push((index, job(index)));
                }
                results.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
            };
            let started = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            if started.is_err() {
                work();
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|it| it.0);
    results.into_iter().map(|it| it.1).collect()
}

//! Fixes: made in memory until nothing changes any more, then written, each file at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;

use similar::TextDiff;
use source::{Applicability, Diagnostic, Edits, FileId, Sources};

use crate::error::{Failure, Kind};
use crate::files::{Loaded, STDIN_PATH};

/// After so many passes over the documents fixes undo each other.
const PASSES: usize = 100;

/// What was fixed.
#[derive(Debug, Default)]
pub(crate) struct Fixed {
    /// Where and how, one line each, in the order in which it was done.
    told: Vec<(FileId, String)>,
    /// The text that each changed file had.
    before: BTreeMap<FileId, String>,
    /// Files that are left as they are, with why.
    left: BTreeMap<FileId, String>,
}

/// Makes the fixes among the findings, and those of what is found after them, until none is left. Gives the
/// last findings. Nothing is written; `check` is told which files have another text.
pub(crate) fn fix<T>(
    loaded: &mut Loaded,
    mut found: T,
    mut check: impl FnMut(&Loaded, &[FileId]) -> T,
    findings: impl Fn(&T) -> Vec<&Diagnostic>,
    with_unsafe: bool,
) -> Result<(T, Fixed), Failure> {
    let mut fixed = Fixed::default();
    let mut rules = BTreeSet::new();
    for _ in 0..PASSES {
        let mut edits = Edits::default();
        let mut told = Vec::new();
        rules.clear();
        for it in findings(&found) {
            let Some(fix) = applicable(it, with_unsafe, &loaded.sources) else { continue };
            if fix.edits.iter().any(|it| !fixed.may_change(it.span.file, &loaded.sources)) {
                continue;
            }
            if edits.add(fix, &loaded.sources) {
                let at = loaded.sources.position(it.primary.span);
                let path = loaded.sources.path(it.primary.span.file);
                let file = it.primary.span.file;
                told.push((file, format!("fixed {path}:{}:{} {}: {}", at.line, at.column, it.rule, fix.title)));
                rules.insert(it.rule);
            }
        }
        let changes: Vec<(FileId, String)> = edits.apply(&loaded.sources).collect();
        if changes.is_empty() {
            return Ok((found, fixed));
        }
        fixed.told.extend(told);
        for (id, _) in &changes {
            let old = loaded.sources.get(*id).map(|it| it.text.clone()).unwrap_or_default();
            fixed.before.entry(*id).or_insert(old);
        }
        let changed: Vec<FileId> = changes.iter().map(|it| it.0).collect();
        loaded.change(changes);
        found = check(loaded, &changed);
    }
    let rules: Vec<String> = rules.iter().map(|it| format!("`{it}`")).collect();
    let message = format!("fixes of {} undo each other; no file was changed", rules.join(", "));
    Err(Failure::new(Kind::Internal, message))
}

/// The fix of a finding, if it may be made. Only documents are changed, not what they link to.
pub(crate) fn applicable<'d>(
    diagnostic: &'d Diagnostic,
    with_unsafe: bool,
    sources: &Sources,
) -> Option<&'d source::Fix> {
    let allowed = |it: &&source::Fix| match it.applicability {
        Applicability::Safe => true,
        Applicability::Unsafe => with_unsafe,
        Applicability::Display => false,
    };
    let fix = diagnostic.fix.as_ref().filter(allowed)?;
    fix.edits.iter().all(|it| sources.is_document(it.span.file)).then_some(fix)
}

impl Fixed {
    /// Whether a file is on the disk as it was read. One that is not is remembered with why.
    fn may_change(&mut self, file: FileId, sources: &Sources) -> bool {
        if self.before.contains_key(&file) {
            return true;
        }
        if !self.left.contains_key(&file)
            && let Some(read) = sources.get(file)
            && let Err(why) = as_read(&read.path, &read.text)
        {
            self.left.insert(file, why);
        }
        !self.left.contains_key(&file)
    }

    /// Where and how, one line each.
    pub(crate) fn told(&self) -> impl ExactSizeIterator<Item = &str> {
        self.told.iter().map(|it| it.1.as_str())
    }

    /// In how many files.
    pub(crate) fn files(&self) -> usize {
        self.before.len()
    }

    /// The files that could not be changed.
    pub(crate) fn left(&self, sources: &Sources) -> Vec<Failure> {
        self.left.iter().map(|(id, why)| refused(sources.path(*id), why)).collect()
    }

    /// Writes the files that changed. One that cannot be written keeps its content, and keeps no other from
    /// being written; what was to be fixed in it was not. Gives such files with the text that they have.
    pub(crate) fn write(&mut self, sources: &Sources) -> Vec<(FileId, String)> {
        for (id, before) in &self.before {
            let Some(file) = sources.get(*id).filter(|it| it.path != STDIN_PATH) else { continue };
            let written = as_read(&file.path, before)
                .and_then(|()| replace(Path::new(&file.path), &file.text).map_err(|it| it.to_string()));
            if let Err(why) = written {
                self.left.insert(*id, why);
            }
        }
        self.told.retain(|it| !self.left.contains_key(&it.0));
        let (left, written): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.before).into_iter().partition(|it| self.left.contains_key(&it.0));
        self.before = written;
        left.into_iter().collect()
    }

    /// What changed, as a unified diff.
    pub(crate) fn diff(&self, sources: &Sources) -> String {
        let mut out = String::new();
        for (id, before) in &self.before {
            let Some(file) = sources.get(*id) else { continue };
            let diff = TextDiff::from_lines(before.as_str(), file.text.as_str());
            out.push_str(&diff.unified_diff().header(&file.path, &file.path).to_string());
        }
        out
    }
}

fn refused(path: &str, why: &str) -> Failure {
    Failure::new(Kind::User, format!("`{path}` was not fixed: {why}"))
}

/// Whether a file holds this text and may be written.
fn as_read(path: &str, text: &str) -> Result<(), String> {
    if path == STDIN_PATH {
        // What was no UTF-8 was replaced when it was read.
        return if text.contains('\u{fffd}') { Err("it is not UTF-8".to_owned()) } else { Ok(()) };
    }
    match fs::read(path) {
        Ok(bytes) if bytes == text.as_bytes() => match fs::metadata(path) {
            Ok(it) if it.permissions().readonly() => Err("it is read-only".to_owned()),
            _ => Ok(()),
        },
        Ok(bytes) if std::str::from_utf8(&bytes).is_err() => Err("it is not UTF-8".to_owned()),
        Ok(_) => Err("it was changed by another program since it was read".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// Puts a text in the place of a file, at once: whoever reads it sees the old or the new. A link is followed,
/// and owner and permissions are kept.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let path = fs::canonicalize(path)?;
    let metadata = fs::metadata(&path)?;
    let permissions = metadata.permissions();
    let name = path.file_name().map(|it| it.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = fs::File::create_new(&beside)?;
        file.write_all(text.as_bytes())?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            // Only the superuser can give a file away; anybody else gets one of their own.
            let _ = std::os::unix::fs::fchown(&file, Some(metadata.uid()), Some(metadata.gid()));
        }
        file.set_permissions(permissions)?;
        file.sync_all()?;
        fs::rename(&beside, &path)
    })();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use source::{Edit, Level, Span};

    /// A document of its own.
    fn written(name: &str, text: &str) -> std::path::PathBuf {
        let path = std::env::temp_dir().join(format!("truespec-fix-{}-{name}.md", std::process::id()));
        fs::write(&path, text).unwrap();
        path
    }

    /// A fix that replaces a whole document.
    fn rewriting(loaded: &Loaded, text: &str) -> Vec<Diagnostic> {
        let (file, source) = loaded.sources.iter().next().unwrap();
        let span = Span::new(file, 0..source.text.len());
        let edit = Edit { span, text: text.to_owned() };
        vec![Diagnostic::new("flip", Level::Warning, span, "flip").fix("flip", Applicability::Safe, vec![edit])]
    }

    #[test]
    fn a_file_that_another_program_changed_is_left() {
        let path = written("changed", "# One\n");
        let mut loaded = crate::files::load(std::slice::from_ref(&path)).unwrap();
        let found = rewriting(&loaded, "# Two\n");
        let (_, mut fixed) = fix(&mut loaded, found, |_, _| Vec::new(), |it| it.iter().collect(), false).unwrap();
        fs::write(&path, "# Three\n").unwrap();
        assert_eq!(fixed.write(&loaded.sources).len(), 1);
        let left: Vec<String> = fixed.left(&loaded.sources).iter().map(|it| it.message.clone()).collect();
        assert!(
            left.len() == 1 && left[0].ends_with("it was changed by another program since it was read"),
            "{left:?}"
        );
        assert_eq!((fixed.told().len(), fs::read_to_string(&path).unwrap().as_str()), (0, "# Three\n"));
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn fixes_that_undo_each_other_change_nothing() {
        let path = written("undo", "# One\n");
        let mut loaded = crate::files::load(std::slice::from_ref(&path)).unwrap();
        let other = |it: &Loaded, _: &[FileId]| {
            let one = it.sources.iter().next().unwrap().1.text.starts_with("# One");
            rewriting(it, if one { "# Two\n" } else { "# One\n" })
        };
        let found = other(&loaded, &[]);
        let failure = fix(&mut loaded, found, other, |it| it.iter().collect(), false).unwrap_err();
        assert_eq!(failure.message, "fixes of `flip` undo each other; no file was changed");
        assert_eq!(fs::read_to_string(&path).unwrap(), "# One\n");
        fs::remove_file(&path).unwrap();
    }
}

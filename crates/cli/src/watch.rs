//! `check --watch`: looks at the files again and again, and checks what changed.
//!
//! Files are asked for their time, size and identity instead of the system for events: it is the same
//! everywhere, also on network and container file systems, and however an editor replaces a file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::Metadata;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use rules::{Context, RULES};
use source::{FileId, Sources};

use crate::args::{CheckArgs, Format};
use crate::commands::check::{self, Check};
use crate::config::{self, Config};
use crate::error::{Failure, Kind};
use crate::files::{self, Found};
use crate::fix::Fixed;
use crate::{print_if_read, tell};

/// How often it is looked at least.
const PAUSE: Duration = Duration::from_millis(200);

/// How long files must be as they are before they are read: an editor may be in the middle of its work.
const SETTLED: Duration = Duration::from_millis(30);

/// Looking takes at most one part in so many of the time.
const SHARE: u32 = 20;

/// Checks until nobody reads what it says.
pub(crate) fn watch(args: &CheckArgs) -> Result<ExitCode, Failure> {
    if args.paths.iter().any(|it| it.as_os_str() == "-") {
        return Err(Failure::new(Kind::Usage, "standard input cannot be watched"));
    }
    let mut files = Files::look(&args.paths, &[]);
    let mut reason = None;
    loop {
        let next = match read_and_watch(args, &mut files, reason.take()) {
            Ok(next) => next,
            // What cannot be read now may be mended.
            Err(failure) => {
                if !show(args, None, &format!("{failure}\n"), false)? {
                    return Ok(ExitCode::SUCCESS);
                }
                Next::Again(files.wait(&args.paths, &mut || false))
            }
        };
        match next {
            Next::Again(changed) => reason = Some(changed),
            Next::End => return Ok(ExitCode::SUCCESS),
        }
    }
}

/// Why watching with one configuration ended.
enum Next {
    /// All has to be read anew: other files, another configuration, another day.
    Again(BTreeSet<PathBuf>),
    /// Nobody reads any more.
    End,
}

/// Reads all documents, and checks those whose text changes.
fn read_and_watch(args: &CheckArgs, files: &mut Files, reason: Option<BTreeSet<PathBuf>>) -> Result<Next, Failure> {
    let mut start = Instant::now();
    let mut loaded = check::load(args)?;
    let config = std::mem::take(&mut loaded.config);
    let level = |rule: &str, path: &str| config.level(rule, path);
    let today = check::today(args);
    let context = Context { today, target: &files::target, level: &level, template: config.template(), rules: RULES };
    let check = Check::new(args, &config, context, &loaded.sources)?;
    let mut project = check.project(&loaded.sources);
    let mut reason = reason;
    loop {
        let found = check.found(&project, &loaded.sources);
        let report = check::report(args, &loaded, &found, std::io::stdout().is_terminal());
        let mut summary = check::summary(args, &loaded, &found, &Fixed::default());
        summary.push_str(&format!("   {:.2} s\n", start.elapsed().as_secs_f64()));
        for failure in loaded.unreadable.iter().chain(&found.crash()) {
            summary.push_str(&format!("{failure}\n"));
        }
        if !show(args, reason.as_ref(), &report, true)? {
            return Ok(Next::End);
        }
        let now = jiff::Zoned::now().strftime("%H:%M:%S").to_string();
        tell(&format!("{now}  {summary}"));
        files.watch_links(&loaded.sources);
        let changed = files.wait(&args.paths, &mut || check::today(args) != today);
        start = Instant::now();
        // What is compared with a revision depends on more than the texts.
        let texts = if args.since.is_none() { files.texts(&changed, &config, &loaded.sources) } else { None };
        let Some(texts) = texts.filter(|_| check::today(args) == today) else { return Ok(Next::Again(changed)) };
        let ids: Vec<FileId> = texts.iter().map(|it| it.0).collect();
        loaded.change(texts);
        check.update(&mut project, &loaded.sources, &ids);
        reason = Some(changed);
    }
}

/// Writes what there is to say: in the place of what was there on a terminal, else below it.
fn show(args: &CheckArgs, reason: Option<&BTreeSet<PathBuf>>, text: &str, out: bool) -> Result<bool, Failure> {
    let people = matches!(args.format, Format::Text | Format::Concise);
    if std::io::stdout().is_terminal() && people {
        print_if_read("\x1b[2J\x1b[3J\x1b[H")?;
    } else if let Some(changed) = reason {
        let paths: Vec<String> = changed.iter().map(|it| config::shown(it)).collect();
        tell(&format!("-- {} changed\n", paths.join(", ")));
    }
    if out {
        return print_if_read(text);
    }
    tell(text);
    // An empty text is refused as any other where nobody reads.
    print_if_read("")
}

/// What tells that a file is another than it was.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    id: u64,
}

impl Stamp {
    fn of(metadata: &Metadata) -> Stamp {
        #[cfg(unix)]
        let id = std::os::unix::fs::MetadataExt::ino(metadata);
        #[cfg(not(unix))]
        let id = 0;
        Stamp { modified: metadata.modified().ok(), len: metadata.len(), id }
    }
}

/// The files that matter, as they were when it was last looked.
struct Files {
    documents: BTreeMap<PathBuf, (Found, Option<Stamp>)>,
    /// The configuration, the template, and what documents link to.
    others: BTreeMap<PathBuf, Option<Stamp>>,
    linked: Vec<PathBuf>,
}

impl Files {
    fn look(paths: &[PathBuf], linked: &[PathBuf]) -> Files {
        let stamp = |path: &Path| std::fs::metadata(path).ok().map(|it| Stamp::of(&it));
        let mut others = BTreeMap::new();
        // A configuration may come, go and be mended anywhere above.
        if let Some(first) = paths.first().and_then(|it| std::path::absolute(it).ok()) {
            others.extend(first.ancestors().map(|it| it.join(config::FILE)).map(|it| (it.clone(), stamp(&it))));
        }
        let config = files::config(paths).unwrap_or_default();
        others.extend(config.template_path().map(|it| (it.to_owned(), stamp(it))));
        others.extend(linked.iter().map(|it| (it.clone(), stamp(it))));
        let found = files::find(paths, &config).unwrap_or_default();
        let documents = found.into_iter().map(|(path, how)| (path.clone(), (how, stamp(&path)))).collect();
        Files { documents, others, linked: linked.to_vec() }
    }

    /// Watches what documents link to as well, there or not.
    fn watch_links(&mut self, sources: &Sources) {
        let linked: BTreeSet<PathBuf> = sources.iter().flat_map(|it| files::links(it.1)).map(PathBuf::from).collect();
        self.linked = linked.into_iter().collect();
        for path in &self.linked {
            let stamp = std::fs::metadata(path).ok().map(|it| Stamp::of(&it));
            // What changed since it was read is seen as another file when it is looked at next.
            let read = path.to_str().and_then(|it| sources.linked(it)).map(|it| it.1.text.clone());
            let same = path.to_str().and_then(files::declarations) == read;
            let stamp = if same { stamp } else { Some(Stamp { modified: None, len: u64::MAX, id: 0 }) };
            self.others.insert(path.clone(), stamp);
        }
    }

    /// Waits until files are not as they were, or until it is time. Gives those that are not.
    fn wait(&mut self, paths: &[PathBuf], is_time: &mut impl FnMut() -> bool) -> BTreeSet<PathBuf> {
        let mut pause = PAUSE;
        loop {
            sleep(pause);
            let start = Instant::now();
            let mut now = Files::look(paths, &self.linked);
            pause = PAUSE.max(start.elapsed() * SHARE);
            if now.differ(self).is_empty() && !is_time() {
                continue;
            }
            loop {
                sleep(SETTLED);
                let again = Files::look(paths, &self.linked);
                if again.differ(&now).is_empty() {
                    break;
                }
                now = again;
            }
            let changed = now.differ(self);
            *self = now;
            if !changed.is_empty() || is_time() {
                return changed;
            }
        }
    }

    /// The files that are not the same in both.
    fn differ(&self, other: &Files) -> BTreeSet<PathBuf> {
        let documents = different(&self.documents, &other.documents);
        documents.chain(different(&self.others, &other.others)).cloned().collect()
    }

    /// The texts of documents that changed; none if something else did too.
    fn texts(&self, changed: &BTreeSet<PathBuf>, config: &Config, sources: &Sources) -> Option<Vec<(FileId, String)>> {
        let of_path = |path: &str| sources.iter().find(|it| it.1.path == path).map(|it| it.0);
        let text = |path: &PathBuf| {
            let (how, _) = self.documents.get(path)?;
            let file = files::read(&(path.clone(), *how), config)?.ok()?;
            Some((of_path(&file.path)?, file.text))
        };
        changed.iter().map(text).collect()
    }
}

/// The keys of which two maps have not the same value.
fn different<'m, T: PartialEq>(
    a: &'m BTreeMap<PathBuf, T>,
    b: &'m BTreeMap<PathBuf, T>,
) -> impl Iterator<Item = &'m PathBuf> {
    let of = |a: &'m BTreeMap<PathBuf, T>, b: &'m BTreeMap<PathBuf, T>| {
        a.iter().filter(|it| b.get(it.0) != Some(it.1)).map(|it| it.0)
    };
    of(a, b).chain(of(b, a))
}

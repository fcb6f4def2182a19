//! What git knows of a directory, asked of the program `git`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::error::{Failure, Kind};

/// A repository beside one of its commits.
#[derive(Debug)]
pub(crate) struct Before {
    /// The directory of the repository, without links.
    pub(crate) top: PathBuf,
    /// The files of the commit, by path from the top, each with the id of its content.
    files: BTreeMap<String, String>,
    /// Files that are not as they were: their path now, and their path then if there was one.
    pub(crate) changed: BTreeMap<String, Option<String>>,
    /// Files that are no more, but for renamed ones.
    pub(crate) gone: BTreeSet<String>,
    folders: BTreeSet<String>,
}

impl Before {
    /// What lies in the working tree of the repository around `folder` beside the commit at which it left
    /// `revision`.
    pub(crate) fn of(folder: &Path, revision: &str) -> Result<Before, Failure> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let top = line(&git(folder, &["rev-parse", "--show-toplevel"])?).map_err(|_| {
            let shown = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
            Failure::new(Kind::User, format!("{} is not in the working tree of a git repository", shown.display()))
                .hint("--since compares with a revision that git has")
        })?;
        let top = PathBuf::from(top);
        let shallow = line(&git(&top, &["rev-parse", "--is-shallow-repository"])?).is_ok_and(|it| it == "true");
        let hinted = |message: String, hint: &str| {
            let failure = Failure::new(Kind::User, message);
            match shallow {
                true => failure
                    .hint("the clone is shallow: `git fetch --unshallow`, or `fetch-depth: 0` for actions/checkout"),
                false => failure.hint(hint),
            }
        };
        let named = format!("{revision}^{{commit}}");
        let commit = git(&top, &["rev-parse", "--verify", "--quiet", "--end-of-options", &named])?;
        let commit = line(&commit).map_err(|_| {
            hinted(format!("git knows no revision `{revision}`"), "`git fetch` brings what only the remote has")
        })?;
        let base = line(&git(&top, &["merge-base", &commit, "HEAD"])?).map_err(|_| {
            hinted(format!("`{revision}` and the current commit have no common history"), "name another revision")
        })?;
        let mut before = Before {
            top,
            files: BTreeMap::new(),
            changed: BTreeMap::new(),
            gone: BTreeSet::new(),
            folders: BTreeSet::new(),
        };
        before.read_tree(&base)?;
        before.read_changes(&base)?;
        Ok(before)
    }

    fn read_tree(&mut self, commit: &str) -> Result<(), Failure> {
        let listed = succeeded(git(&self.top, &["ls-tree", "-r", "-z", "--full-tree", commit])?)?;
        for entry in fields(&listed) {
            // `100644 blob 0123…<tab>path`
            let Some((head, path)) = entry.split_once('\t') else { continue };
            let Some(id) = head.split(' ').nth(2) else { continue };
            let parents = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
            self.folders.extend(parents.map(str::to_owned));
            self.files.insert(path.to_owned(), id.to_owned());
        }
        Ok(())
    }

    fn read_changes(&mut self, commit: &str) -> Result<(), Failure> {
        let arguments = ["diff", "--name-status", "-z", "-M", "--no-ext-diff", "--no-textconv", commit, "--"];
        let listed = succeeded(git(&self.top, &arguments)?)?;
        let mut fields = fields(&listed);
        while let (Some(status), Some(path)) = (fields.next(), fields.next()) {
            match status.chars().next() {
                Some('R' | 'C') => {
                    let Some(to) = fields.next() else { break };
                    self.changed.insert(to.to_owned(), Some(path.to_owned()));
                }
                Some('D') => {
                    self.gone.insert(path.to_owned());
                }
                Some('A') => {
                    self.changed.insert(path.to_owned(), None);
                }
                _ => {
                    self.changed.insert(path.to_owned(), Some(path.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// Whether a file or directory was there, by its path from the top.
    pub(crate) fn had(&self, path: &str) -> bool {
        path.is_empty() || self.files.contains_key(path) || self.folders.contains(path)
    }

    /// Whether a file was there.
    pub(crate) fn had_file(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The contents that files had, by their paths then.
    pub(crate) fn contents<'p>(&self, paths: &[&'p str]) -> Result<HashMap<&'p str, Vec<u8>>, Failure> {
        let wanted: Vec<(&str, &String)> = paths.iter().filter_map(|it| Some((*it, self.files.get(*it)?))).collect();
        if wanted.is_empty() {
            return Ok(HashMap::new());
        }
        let mut child = command(&self.top, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|it| not_started(&it))?;
        let ids: String = wanted.iter().map(|it| format!("{}\n", it.1)).collect();
        let input = child.stdin.take();
        // Questions are written beside the reading of answers, or either could wait for the other.
        let writer = std::thread::spawn(move || input.map(|mut it| it.write_all(ids.as_bytes())));
        let mut contents = HashMap::new();
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            for (path, _) in wanted {
                let mut head = String::new();
                output.read_line(&mut head).map_err(|it| broken(&it.to_string()))?;
                let size = head.trim().rsplit(' ').next().and_then(|it| it.parse::<u64>().ok());
                // `0123… missing`: a partial clone without a network.
                let Some(size) = size else { return Err(broken(head.trim())) };
                let mut bytes = Vec::new();
                output.by_ref().take(size).read_to_end(&mut bytes).map_err(|it| broken(&it.to_string()))?;
                output.read_exact(&mut [0]).map_err(|it| broken(&it.to_string()))?;
                contents.insert(path, bytes);
            }
        }
        let _ = writer.join();
        let _ = child.wait();
        Ok(contents)
    }
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    // What is compared does not depend on how somebody likes to see it.
    command.arg("-C").arg(folder).args(["-c", "core.quotePath=false"]).args(arguments).stdin(Stdio::null());
    command
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Output, Failure> {
    command(folder, arguments).output().map_err(|it| not_started(&it))
}

fn not_started(error: &std::io::Error) -> Failure {
    let why =
        if error.kind() == std::io::ErrorKind::NotFound { "it is not installed".to_owned() } else { error.to_string() };
    Failure::new(Kind::User, format!("git cannot be started: {why}"))
}

fn broken(why: &str) -> Failure {
    Failure::new(Kind::User, format!("git does not tell what was there before: {why}"))
}

/// What a command wrote, if it ended well; else what it complained of.
fn line(output: &Output) -> Result<String, String> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

fn succeeded(output: Output) -> Result<String, Failure> {
    line(&output).map_err(|why| broken(&why))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn fields(text: &str) -> impl Iterator<Item = &str> {
    text.split('\0').filter(|it| !it.is_empty())
}

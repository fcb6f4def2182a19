//! Many documents: the index over files that links, dependencies and routes are looked up in.

use std::collections::HashMap;

use source::{FileId, Sources};

use crate::spec::Spec;

/// The documents of one run.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The documents, in the order of their files.
    pub specs: Vec<Spec>,
    /// Which documents belong together, by index in `specs`: they lie under one configuration or refer
    /// to each other.
    groups: Vec<u32>,
    by_path: HashMap<String, usize>,
}

impl Workspace {
    /// Joins documents. `together` says that all of them lie under one configuration.
    pub fn new(specs: Vec<Spec>, together: bool) -> Workspace {
        let by_path: HashMap<String, usize> =
            specs.iter().enumerate().map(|(index, it)| (normal_path(&it.path), index)).collect();
        let mut groups: Vec<u32> = (0..specs.len() as u32).collect();
        if together {
            groups.iter_mut().for_each(|it| *it = 0);
        } else {
            for (index, spec) in specs.iter().enumerate() {
                for link in &spec.document().links {
                    if let Some(other) = by_path.get(&target(&spec.path, &link.dest)) {
                        join(&mut groups, index, *other);
                    }
                }
            }
        }
        Workspace { specs, groups, by_path }
    }

    /// The document of a file.
    pub fn of_file(&self, file: FileId) -> Option<&Spec> {
        self.specs.iter().find(|it| it.document().file == file)
    }

    /// The document at a path.
    pub fn at(&self, path: &str) -> Option<&Spec> {
        self.specs.get(*self.by_path.get(&normal_path(path))?)
    }

    /// The index of the document that a link in another leads to.
    pub fn linked(&self, from: &Spec, dest: &str) -> Option<usize> {
        self.by_path.get(&target(&from.path, dest)).copied()
    }

    /// The documents that belong together with one, itself included.
    pub fn group(&self, index: usize) -> impl Iterator<Item = (usize, &Spec)> {
        let own = self.groups.get(index).copied();
        self.specs.iter().enumerate().filter(move |(other, _)| self.groups.get(*other).copied() == own)
    }
}

fn join(groups: &mut [u32], a: usize, b: usize) {
    let (Some(a), Some(b)) = (groups.get(a).copied(), groups.get(b).copied()) else { return };
    if a != b {
        groups.iter_mut().filter(|it| **it == a.max(b)).for_each(|it| *it = a.min(b));
    }
}

/// The path that a link leads to, from the path of the document that holds it.
pub fn target(from: &str, dest: &str) -> String {
    let dest = dest.split(['#', '?']).next().unwrap_or("");
    let folder = from.rsplit_once('/').map_or("", |it| it.0);
    if dest.is_empty() {
        return normal_path(from);
    }
    let joined = if dest.starts_with('/') || folder.is_empty() { dest.to_owned() } else { format!("{folder}/{dest}") };
    normal_path(&joined)
}

/// Without `.` and `..` where they can be resolved.
pub fn normal_path(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "." => {}
            "" if !parts.is_empty() => {}
            ".." if parts.last().is_some_and(|it| !matches!(*it, ".." | "")) => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Reads and builds one document.
pub fn read(file: FileId, path: &str, text: &str) -> Spec {
    let document = syntax::Document::read(file, text);
    crate::build::build(crate::read::Facts::read(document), path)
}

/// Reads and builds all documents of a run, one after another.
pub fn read_all(sources: &Sources) -> Vec<Spec> {
    sources.iter().map(|(id, file)| read(id, &file.path, &file.text)).collect()
}

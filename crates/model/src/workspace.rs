//! Many documents: the index over files that links, dependencies, routes and names are looked up in.

use rustc_hash::FxHashMap;
use source::{FileId, NameIndex, Sources, Span};

use crate::claim::{Property, Subject};
use crate::names::key;
use crate::spec::Spec;

/// A dependency of one document on another of the run.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// Index of the other document.
    pub on: usize,
    /// The claim's subject.
    pub subject: Subject,
    /// Where it is said.
    pub span: Span,
}

/// The documents of one run.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The documents, in the order of their files.
    pub specs: Vec<Spec>,
    /// Which documents belong together: they lie under one configuration or refer to each other.
    groups: Vec<usize>,
    by_path: FxHashMap<String, usize>,
    by_name: FxHashMap<String, usize>,
    names: NameIndex,
    stems: FxHashMap<String, usize>,
    stem_names: NameIndex,
    shapes: FxHashMap<String, usize>,
    routes: FxHashMap<Subject, Vec<(usize, usize)>>,
    dependencies: Vec<Vec<Dependency>>,
    circles: Vec<Option<usize>>,
}

impl Workspace {
    /// Joins documents. `together` says that all of them lie under one configuration.
    pub fn new(specs: Vec<Spec>, together: bool) -> Workspace {
        let mut workspace = Workspace { groups: (0..specs.len()).collect(), ..Workspace::default() };
        for (index, spec) in specs.iter().enumerate() {
            workspace.by_path.insert(normal_path(&spec.path), index);
            let stem = stem(&spec.path);
            for name in [key(&spec.title), key(stem)] {
                workspace.names.add(&name);
                workspace.by_name.entry(name).or_insert(index);
            }
            workspace.stem_names.add(stem);
            workspace.stems.entry(stem.to_owned()).or_insert(index);
            if let Some(shape) = shape(&key(stem)) {
                *workspace.shapes.entry(shape).or_default() += 1;
            }
            for (at, endpoint) in spec.endpoints.iter().enumerate() {
                workspace.routes.entry(endpoint.subject.clone()).or_default().push((index, at));
            }
        }
        workspace.specs = specs;
        if together {
            workspace.groups.iter_mut().for_each(|it| *it = 0);
        } else {
            workspace.join_linked();
        }
        workspace.dependencies = (0..workspace.specs.len()).map(|it| workspace.dependencies_of(it)).collect();
        workspace.circles = circles(&workspace.dependencies);
        workspace
    }

    /// Joins documents that link to each other (union by the smaller index, with path halving).
    fn join_linked(&mut self) {
        for index in 0..self.specs.len() {
            let Some(spec) = self.specs.get(index) else { continue };
            let linked = spec.document().links.iter().filter_map(|it| self.linked(spec, &it.dest));
            for other in linked.collect::<Vec<_>>() {
                let (a, b) = (root(&mut self.groups, index), root(&mut self.groups, other));
                if let Some(group) = self.groups.get_mut(a.max(b)) {
                    *group = a.min(b);
                }
            }
        }
        for index in 0..self.groups.len() {
            let root = root(&mut self.groups, index);
            if let Some(group) = self.groups.get_mut(index) {
                *group = root;
            }
        }
    }

    fn dependencies_of(&self, index: usize) -> Vec<Dependency> {
        let Some(spec) = self.specs.get(index) else { return Vec::new() };
        let claims = spec.claims();
        let mut found = Vec::new();
        for subject in claims.subjects_of("dependency") {
            let link = || {
                claims
                    .of(subject, Property::Link)
                    .find_map(|it| Some((self.linked(spec, it.value.as_text()?)?, it.span)))
            };
            let name = || {
                claims.of(subject, Property::Declared).find_map(|it| Some((self.named(it.value.as_text()?)?, it.span)))
            };
            if let Some((on, span)) = link().or_else(name) {
                found.push(Dependency { on, subject: subject.clone(), span });
            }
        }
        found
    }

    /// The document of a file.
    pub fn of_file(&self, file: FileId) -> Option<&Spec> {
        self.specs.iter().find(|it| it.document().file == file)
    }

    /// The index of the document that a link in another leads to.
    pub fn linked(&self, from: &Spec, dest: &str) -> Option<usize> {
        self.by_path.get(&target(&from.path, dest)).copied()
    }

    /// The index of the document with this title or file stem.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(&key(name.trim_matches(['`', '*']).trim_end_matches(".md"))).copied()
    }

    /// The title or file stem, in the form in which spellings are equal, that is nearest to a name.
    pub fn nearly_named(&self, name: &str) -> Option<&Spec> {
        let near = self.names.nearest(&key(name.trim_end_matches(".md")))?;
        self.specs.get(*self.by_name.get(near)?)
    }

    /// The document whose file name is nearest to that of a path.
    pub fn nearest_file(&self, path: &str) -> Option<&Spec> {
        let near = self.stem_names.nearest(stem(path))?;
        self.specs.get(*self.stems.get(near)?)
    }

    /// Whether the files of the run are numbered as this name is (`svc-0042`).
    pub fn is_numbered_like(&self, name: &str) -> bool {
        shape(&key(name)).is_some_and(|it| self.shapes.contains_key(&it))
    }

    /// Places of a route: index of the document, index of the endpoint.
    pub fn routes(&self, route: &Subject) -> &[(usize, usize)] {
        self.routes.get(route).map_or(&[], Vec::as_slice)
    }

    /// Whether two documents belong together.
    pub fn are_together(&self, a: usize, b: usize) -> bool {
        self.groups.get(a) == self.groups.get(b)
    }

    /// The dependencies of a document on others of the run.
    pub fn dependencies(&self, index: usize) -> &[Dependency] {
        self.dependencies.get(index).map_or(&[], Vec::as_slice)
    }

    /// The first of the documents that depend on each other with this one, if it depends on itself
    /// through others.
    pub fn circle(&self, index: usize) -> Option<usize> {
        self.circles.get(index).copied().flatten()
    }
}

fn root(groups: &mut [usize], mut index: usize) -> usize {
    while let Some(parent) = groups.get(index).copied().filter(|it| *it != index) {
        let above = groups.get(parent).copied().unwrap_or(parent);
        if let Some(group) = groups.get_mut(index) {
            *group = above;
        }
        index = parent;
    }
    index
}

/// For each node that lies on a circle the first of those that can reach it and that it can reach
/// (Tarjan's strongly connected components, without recursion).
fn circles(dependencies: &[Vec<Dependency>]) -> Vec<Option<usize>> {
    /// What is known of a node that was seen.
    #[derive(Clone, Copy)]
    struct Seen {
        order: usize,
        low: usize,
        open: bool,
    }
    let mut found = vec![None; dependencies.len()];
    let mut seen: Vec<Option<Seen>> = vec![None; dependencies.len()];
    let mut open: Vec<usize> = Vec::new();
    let mut count = 0;
    for root in 0..dependencies.len() {
        if seen.get(root).is_some_and(Option::is_some) {
            continue;
        }
        // Nodes on the way, each with how many of its edges were followed.
        let mut way = vec![(root, 0usize)];
        while let Some((node, edge)) = way.pop() {
            if edge == 0 {
                if let Some(place) = seen.get_mut(node) {
                    *place = Some(Seen { order: count, low: count, open: true });
                }
                count += 1;
                open.push(node);
            }
            let edges = dependencies.get(node).map_or(&[][..], Vec::as_slice);
            let at = |index: usize| seen.get(index).copied().flatten();
            let Some(mut own) = at(node) else { continue };
            // The edge that was followed before is the one that was just come back from.
            let back = edge.checked_sub(1).and_then(|it| edges.get(it)).and_then(|it| at(it.on));
            own.low = own.low.min(back.filter(|it| it.open).map_or(own.low, |it| it.low));
            let mut next = edge;
            let down = loop {
                let Some(to) = edges.get(next).map(|it| it.on) else { break None };
                next += 1;
                match at(to) {
                    None if to < dependencies.len() => break Some(to),
                    Some(other) if other.open => own.low = own.low.min(other.order),
                    _ => {}
                }
            };
            if let Some(place) = seen.get_mut(node) {
                *place = Some(own);
            }
            if let Some(to) = down {
                way.push((node, next));
                way.push((to, 0));
            } else if own.low == own.order {
                let from = open.iter().rposition(|it| *it == node).unwrap_or(0);
                let members = open.split_off(from);
                let first = members.iter().min().copied();
                let circle = members.len() > 1 || edges.iter().any(|it| it.on == node);
                for member in members {
                    if let Some(Some(seen)) = seen.get_mut(member) {
                        seen.open = false;
                    }
                    if let Some(place) = found.get_mut(member) {
                        *place = first.filter(|_| circle);
                    }
                }
            }
        }
    }
    found
}

fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md")
}

/// A name with its digits as `#`, if it has both letters and at least two digits: `svc-0042`.
fn shape(name: &str) -> Option<String> {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let letters = name.chars().any(char::is_alphabetic);
    (digits >= 2 && letters).then(|| name.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }).collect())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (from, dest, expected) in [
            ("specs/a.md", "b.md#x", "specs/b.md"),
            ("specs/a.md", "../docs/c.md", "docs/c.md"),
            ("a.md", "./b.md", "b.md"),
            ("a.md", "#x", "a.md"),
            ("../x/a.md", "../y/b.md", "../y/b.md"),
            ("/tmp/a.md", "b.md", "/tmp/b.md"),
        ] {
            assert_eq!(target(from, dest), expected, "{from} {dest}");
        }
    }

    #[test]
    fn documents_that_depend_on_each_other() {
        let on = |list: &[usize]| {
            list.iter().map(|on| Dependency { on: *on, subject: Subject::document(), span: Span::default() }).collect()
        };
        let graph = [on(&[1]), on(&[2]), on(&[1, 3]), on(&[]), on(&[0])];
        assert_eq!(circles(&graph), [None, Some(1), Some(1), None, None]);
        let graph = [on(&[0]), on(&[3, 2]), on(&[1, 4]), on(&[2, 1]), on(&[5]), on(&[4]), on(&[5, 6])];
        assert_eq!(circles(&graph), [Some(0), Some(1), Some(1), Some(1), Some(4), Some(4), Some(6)]);
    }
}

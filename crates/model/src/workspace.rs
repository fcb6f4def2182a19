//! Many documents: the index over files that links, dependencies, routes and names are looked up in.

use rustc_hash::FxHashMap;
use source::{FileId, NameIndex, Sources, Span};
use syntax::family::Synonyms;

use crate::claim::Subject;
use crate::names::key;
use crate::spec::Spec;
use crate::summary::{Named, Summary};

/// A dependency of one document on another of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    documents: Vec<Summary>,
    /// Whether all of them lie under one configuration.
    together: bool,
    /// Which documents belong together: they lie under one configuration or refer to each other.
    groups: Vec<usize>,
    by_path: FxHashMap<String, usize>,
    /// Documents by their titles and file stems, in order.
    by_name: FxHashMap<String, Vec<usize>>,
    names: NameIndex,
    stems: FxHashMap<String, usize>,
    stem_names: NameIndex,
    shapes: FxHashMap<String, usize>,
    /// Index of the document and of the route in it, in order.
    routes: FxHashMap<Subject, Vec<(usize, usize)>>,
    dependencies: Vec<Vec<Dependency>>,
    circles: Vec<Option<usize>>,
}

impl Workspace {
    /// Joins documents. `together` says that all of them lie under one configuration.
    pub fn new(documents: Vec<Summary>, together: bool) -> Workspace {
        let mut workspace = Workspace { together, ..Workspace::default() };
        workspace.routes.reserve(documents.iter().map(|it| it.routes.len()).sum());
        for (index, document) in documents.iter().enumerate() {
            workspace.by_path.insert(normal_path(&document.path), index);
            let stem = stem(&document.path);
            workspace.stem_names.add(stem);
            workspace.stems.entry(stem.to_owned()).or_insert(index);
            if let Some(shape) = shape(&key(stem)) {
                *workspace.shapes.entry(shape).or_default() += 1;
            }
            workspace.enter(index, document);
        }
        workspace.documents = documents;
        workspace.groups = workspace.grouped();
        workspace.dependencies = (0..workspace.documents.len()).map(|it| workspace.dependencies_of(it)).collect();
        workspace.circles = circles(&workspace.dependencies);
        workspace
    }

    /// Enters what other documents find one by, besides its path.
    fn enter(&mut self, index: usize, document: &Summary) {
        for name in &document.names {
            let bearers = self.by_name.entry(name.clone()).or_default();
            if let Err(at) = bearers.binary_search(&index) {
                self.names.add(name);
                bearers.insert(at, index);
            }
        }
        for (at, route) in document.routes.iter().enumerate() {
            let places = self.routes.entry(route.subject.clone()).or_default();
            let place = places.partition_point(|it| *it < (index, at));
            places.insert(place, (index, at));
        }
    }

    fn leave(&mut self, index: usize, document: &Summary) {
        for name in &document.names {
            if let Some(bearers) = self.by_name.get_mut(name) {
                bearers.retain(|it| *it != index);
                if bearers.is_empty() {
                    self.by_name.remove(name);
                    self.names.remove(name);
                }
            }
        }
        for route in &document.routes {
            if let Some(places) = self.routes.get_mut(&route.subject) {
                places.retain(|it| it.0 != index);
                if places.is_empty() {
                    self.routes.remove(&route.subject);
                }
            }
        }
    }

    /// Puts an edited document in the place of its former self, which has the same path. Gives the indices
    /// of all documents for which anything that can be asked here may have changed, in order; its own is
    /// one of them.
    pub fn replace(&mut self, index: usize, document: Summary) -> Vec<usize> {
        let Some(place) = self.documents.get_mut(index) else { return Vec::new() };
        let former = std::mem::replace(place, document);
        let mut affected = vec![false; self.documents.len()];
        let mut mark = |index: usize| affected.get_mut(index).into_iter().for_each(|it| *it = true);
        mark(index);
        self.leave(index, &former);
        // What was taken out is put back in at the end of this step; the borrow ends between.
        let documents = std::mem::take(&mut self.documents);
        let Some(document) = documents.get(index) else { return Vec::new() };
        self.enter(index, document);
        // Those that specify a route of it show where it stands.
        for route in former.routes.iter().chain(&document.routes) {
            self.routes(&route.subject).iter().for_each(|it| mark(it.0));
        }
        let renamed = former.names != document.names || former.title != document.title;
        if renamed || !former.has_same_anchors(document) {
            let path = normal_path(&document.path);
            for (at, other) in documents.iter().enumerate() {
                let links = || other.links.iter().any(|it| it.target.as_deref() == Some(&path));
                // A name that nothing bears is compared with all that are borne.
                let names = || renamed && other.dependencies.iter().any(|it| !it.names.is_empty());
                if links() || names() {
                    mark(at);
                }
            }
        }
        self.documents = documents;
        let groups = self.grouped();
        for (at, (before, now)) in self.groups.iter().zip(&groups).enumerate() {
            if before != now {
                let routes = self.documents.get(at).map_or(&[][..], |it| &it.routes);
                routes.iter().flat_map(|it| self.routes(&it.subject)).for_each(|it| mark(it.0));
                mark(at);
            }
        }
        self.groups = groups;
        let changed: Vec<usize> = affected.iter().enumerate().filter(|it| *it.1).map(|it| it.0).collect();
        let mut moved = false;
        for at in changed {
            let now = self.dependencies_of(at);
            if let Some(before) = self.dependencies.get_mut(at).filter(|it| **it != now) {
                *before = now;
                moved = true;
            }
        }
        if moved {
            let circles = circles(&self.dependencies);
            for (at, (before, now)) in self.circles.iter().zip(&circles).enumerate() {
                // The first of a circle shows where each of the others stands.
                if before != now || now.is_some() {
                    affected.get_mut(at).into_iter().for_each(|it| *it = true);
                }
            }
            self.circles = circles;
        }
        affected.iter().enumerate().filter(|it| *it.1).map(|it| it.0).collect()
    }

    /// The documents that belong together, by the first of them: those that link to each other (union by the
    /// smaller index, with path halving).
    fn grouped(&self) -> Vec<usize> {
        let count = self.documents.len();
        if self.together {
            return vec![0; count];
        }
        let mut groups: Vec<usize> = (0..count).collect();
        for (index, document) in self.documents.iter().enumerate() {
            for other in document.links.iter().filter_map(|it| self.at_path(it.target.as_deref()?)) {
                let (a, b) = (root(&mut groups, index), root(&mut groups, other));
                if let Some(group) = groups.get_mut(a.max(b)) {
                    *group = a.min(b);
                }
            }
        }
        for index in 0..count {
            let root = root(&mut groups, index);
            if let Some(group) = groups.get_mut(index) {
                *group = root;
            }
        }
        groups
    }

    fn dependencies_of(&self, index: usize) -> Vec<Dependency> {
        let Some(document) = self.documents.get(index) else { return Vec::new() };
        let resolved = |it: &Named| {
            let link = it.links.iter().find_map(|(dest, span)| Some((self.linked(document, dest)?, *span)));
            let (on, span) =
                link.or_else(|| it.names.iter().find_map(|(name, span)| Some((self.named(name)?, *span))))?;
            Some(Dependency { on, subject: it.subject.clone(), span })
        };
        document.dependencies.iter().filter(|it| it.on).filter_map(resolved).collect()
    }

    /// The documents, in the order of their files.
    pub fn documents(&self) -> &[Summary] {
        &self.documents
    }

    /// The index of the document at a path, which is given as [`crate::summary::target`] gives it.
    pub fn at_path(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// The index of the document that a link in another leads to.
    pub fn linked(&self, from: &Summary, dest: &str) -> Option<usize> {
        self.at_path(&crate::summary::target(&from.path, dest))
    }

    /// The index of the document with this title or file stem.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.by_name.get(&key(name.trim_matches(['`', '*']).trim_end_matches(".md")))?.first().copied()
    }

    /// The title or file stem, in the form in which spellings are equal, that is nearest to a name.
    pub fn nearly_named(&self, name: &str) -> Option<&Summary> {
        let near = self.names.nearest(&key(name.trim_end_matches(".md")))?;
        self.documents.get(*self.by_name.get(near)?.first()?)
    }

    /// The document whose file name is nearest to that of a path.
    pub fn nearest_file(&self, path: &str) -> Option<&Summary> {
        let near = self.stem_names.nearest(stem(path))?;
        self.documents.get(*self.stems.get(near)?)
    }

    /// Whether the files of the run are numbered as this name is (`svc-0042`).
    pub fn is_numbered_like(&self, name: &str) -> bool {
        shape(&key(name)).is_some_and(|it| self.shapes.contains_key(&it))
    }

    /// Places of a route: index of the document, index of the route in it.
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

pub(crate) fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".md")
}

/// A name with its digits as `#`, if it has both letters and at least two digits: `svc-0042`.
fn shape(name: &str) -> Option<String> {
    let digits = name.chars().filter(char::is_ascii_digit).count();
    let letters = name.chars().any(char::is_alphabetic);
    (digits >= 2 && letters).then(|| name.chars().map(|it| if it.is_ascii_digit() { '#' } else { it }).collect())
}

/// Without `.` and `..` where they can be resolved.
pub(crate) fn normal_path(path: &str) -> String {
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
    read_with(file, path, text, &Synonyms::default(), &Sources::default())
}

/// Reads and builds one document of a project that has synonyms of its own for headings. What it links to is
/// looked up among the sources.
pub fn read_with(file: FileId, path: &str, text: &str, synonyms: &Synonyms, sources: &Sources) -> Spec {
    let document = syntax::Document::read_with(file, text, synonyms);
    let find = |path: &str| sources.linked(path).map(|(id, file)| (id, file.text.as_str()));
    crate::build::build(crate::read::Facts::read(document, path, &find), path)
}

/// Reads and builds all documents of a run, one after another.
pub fn read_all(sources: &Sources) -> Vec<Spec> {
    let none = Synonyms::default();
    sources.iter().map(|(id, file)| read_with(id, &file.path, &file.text, &none, sources)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

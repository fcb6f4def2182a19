//! What is kept of a document when it has been checked: what other documents can refer to, what it refers
//! to itself, and its silences.

use std::ops::Range;
use std::sync::OnceLock;

use source::{FileId, Span};
use syntax::Family;
use syntax::document::{Allow, Section, slugs};

use crate::claim::{Property, Subject};
use crate::names::key;
use crate::spec::Spec;
use crate::workspace::{normal_path, stem};

/// What other documents, and the rules that look across documents, need of one.
#[derive(Debug)]
pub struct Summary {
    /// The file.
    pub file: FileId,
    /// The path as shown.
    pub path: String,
    /// The title without `Technical Specification:`.
    pub title: String,
    /// Anchors that HTML in it makes.
    pub html_ids: Vec<String>,
    /// All links and images that may lead to a file or a heading.
    pub links: Vec<Outgoing>,
    /// Its routes, in the order of its endpoints.
    pub routes: Vec<Route>,
    /// What it depends on, and what depends on it.
    pub dependencies: Vec<Named>,
    /// Its silences.
    pub allows: Vec<Allow>,
    /// The title and the file's stem in the form in which spellings are equal.
    pub(crate) names: [String; 2],
    /// Its sections.
    sections: Vec<Part>,
    /// The words of all its sections.
    words: Box<str>,
    /// Its anchors, once they are asked for.
    anchors: OnceLock<Anchors>,
}

/// A section.
#[derive(Debug)]
struct Part {
    /// Where the words stand that name it, which an address joins by hyphens; none for what precedes the first
    /// heading.
    name: Range<u32>,
    /// Where the words stand that its anchor is made of, if it has one.
    anchored: Option<Range<u32>>,
    /// First byte.
    start: u32,
    /// One past the last byte of the last section within it.
    end: u32,
}

/// What links within a document lead to.
#[derive(Debug, PartialEq, Eq)]
struct Anchors {
    /// The anchors of its headings, as GitHub makes them.
    slugs: Vec<String>,
    /// Hashes of all anchors, folded, in order.
    folded: Vec<u64>,
}

/// A link or an image.
#[derive(Debug)]
pub struct Outgoing {
    /// Where it leads, as written.
    pub dest: Box<str>,
    /// The path of the file that it leads to; `None` for URLs and for links within the document.
    pub target: Option<Box<str>>,
    /// The place of the destination, or of the link.
    pub span: Span,
    /// An image.
    pub image: bool,
    /// Whether it stands among the dependencies.
    pub dependency: bool,
}

/// An endpoint, by its route.
#[derive(Debug, PartialEq, Eq)]
pub struct Route {
    /// Its address.
    pub subject: Subject,
    /// Method and path.
    pub words: Box<str>,
    /// Where it is specified.
    pub span: Span,
}

/// A dependency or a dependent, as it was said.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// Its address.
    pub subject: Subject,
    /// Whether this document depends on it, and not it on this one.
    pub on: bool,
    /// The links that name it, with where.
    pub links: Vec<(Box<str>, Span)>,
    /// The words that name it, with where.
    pub names: Vec<(Box<str>, Span)>,
}

impl Summary {
    /// The summary of a document.
    pub fn of(spec: &Spec) -> Summary {
        let doc = spec.document();
        let mut words = String::with_capacity(doc.sections.len() * 32);
        let mut keep = |text: &str| {
            let start = words.len() as u32;
            words.push_str(text);
            start..words.len() as u32
        };
        let part = |it: &Section| Part {
            name: keep(if it.level > 0 { doc.section_name(it) } else { "" }),
            anchored: it.anchored().map(&mut keep),
            start: it.extent.start,
            end: it.extent.end,
        };
        let sections: Vec<Part> = doc.sections.iter().map(part).collect();
        let dependencies = [("dependency", true), ("dependent", false)].into_iter().flat_map(|(kind, on)| {
            spec.claims().subjects_of(kind).map(move |it| {
                let said = |property| {
                    let claims = spec.claims().of(it, property);
                    claims.filter_map(|it| Some((it.value.as_text()?.into(), it.span))).collect()
                };
                Named { subject: it.clone(), on, links: said(Property::Link), names: said(Property::Declared) }
            })
        });
        let dependencies: Vec<Named> = dependencies.collect();
        // What is named as one anywhere, as in the header.
        let named: Vec<u32> = dependencies.iter().filter_map(|it| it.links.first()).map(|it| it.1.start).collect();
        let links = doc.links.iter().filter(|it| !is_url(&it.dest));
        let links = links.map(|it| {
            let among = |family| matches!(family, Some(Family::Dependencies | Family::Dependents));
            Outgoing {
                dest: it.dest.as_str().into(),
                target: (!it.dest.starts_with('#')).then(|| target(&spec.path, &it.dest).into()),
                span: it.dest_span,
                image: it.image,
                dependency: named.contains(&it.dest_span.start)
                    || doc.section_at(it.span).is_some_and(|it| among(it.family)),
            }
        });
        let routes = spec.endpoints.iter().map(|it| Route {
            subject: it.subject.clone(),
            words: [it.method.as_str(), " ", &it.path].concat().into(),
            span: it.span,
        });
        Summary {
            file: doc.file,
            names: [key(&spec.title), key(stem(&spec.path))],
            html_ids: doc.html_ids.clone(),
            links: links.collect(),
            routes: routes.collect(),
            dependencies,
            allows: doc.allows.clone(),
            path: spec.path.clone(),
            title: spec.title.clone(),
            sections,
            words: words.into(),
            anchors: OnceLock::new(),
        }
    }

    /// Some of the words of its sections.
    fn words(&self, range: &Range<u32>) -> &str {
        self.words.get(range.start as usize..range.end as usize).unwrap_or("")
    }

    fn anchors(&self) -> &Anchors {
        self.anchors.get_or_init(|| {
            let headings = self.sections.iter().map(|it| it.anchored.as_ref().map(|it| self.words(it)));
            let slugs: Vec<String> = slugs(headings).into_iter().filter(|it| !it.is_empty()).collect();
            let mut folded: Vec<u64> = slugs.iter().chain(&self.html_ids).map(|it| folded(it)).collect();
            folded.sort_unstable();
            Anchors { slugs, folded }
        })
    }

    /// Whether a link to this anchor leads somewhere.
    pub fn has_anchor(&self, anchor: &str) -> bool {
        self.anchors().folded.binary_search(&folded(anchor)).is_ok()
    }

    /// The anchors of its headings, as GitHub makes them.
    pub fn slugs(&self) -> &[String] {
        &self.anchors().slugs
    }

    /// The address of the innermost section around a place.
    pub fn section_address(&self, span: Span) -> String {
        let index = self.sections.partition_point(|it| it.start <= span.start);
        let around = self.sections.get(..index).unwrap_or(&[]).iter().rev();
        let section = around.clone().find(|it| span.start < it.end.max(it.start + 1)).filter(|it| !it.name.is_empty());
        let name = section.map(|it| self.words(&it.name).replace(' ', "-"));
        name.map_or_else(|| self.path.clone(), |it| [&self.path, "#section.", &it].concat())
    }

    /// The stable address of a subject of this document.
    pub fn address(&self, subject: &Subject) -> String {
        format!("{}#{subject}", self.path)
    }

    /// Whether links to headings find the same in both.
    pub(crate) fn has_same_anchors(&self, other: &Summary) -> bool {
        self.anchors() == other.anchors()
    }
}

/// Emoji and punctuation are folded in several ways; this is what all ways keep, hashed.
fn folded(anchor: &str) -> u64 {
    // FNV-1a (Fowler, Noll, Vo): no more than a step for each character.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |it: u32| hash = (hash ^ u64::from(it)).wrapping_mul(0x0100_0000_01b3);
    for char in anchor.chars() {
        if char.is_ascii_alphanumeric() {
            add(char.to_ascii_lowercase() as u32);
        } else if !char.is_ascii() {
            char.to_lowercase().filter(|it| it.is_alphanumeric()).for_each(|it| add(it as u32));
        }
    }
    hash
}

/// The path of a link into the file system, without its fragment; `None` for URLs and absolute paths.
pub fn local(dest: &str) -> Option<&str> {
    // `crate::Error` and `Error` in code marks name an item of the code.
    let is_item = dest.contains("::") || dest.contains('`');
    if is_url(dest) || is_item || dest.starts_with('/') || dest.contains(['<', '{', '$']) {
        return None;
    }
    dest.split(['#', '?']).next()
}

fn is_url(dest: &str) -> bool {
    dest.starts_with("//")
        || dest
            .split_once(':')
            .is_some_and(|(it, _)| it.len() > 1 && it.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)))
}

/// The path that a link leads to, from the path of the document that holds it.
pub fn target(from: &str, dest: &str) -> String {
    let dest = dest.split(['#', '?']).next().unwrap_or("");
    if dest.is_empty() {
        return normal_path(from);
    }
    let folder = from.rsplit_once('/').map_or("", |it| it.0);
    // `%20` is a blank.
    let escaped = dest.contains('%');
    let plain = || dest.replace("%20", " ").replace("%28", "(").replace("%29", ")");
    let dest = if escaped { &*plain() } else { dest };
    if dest.starts_with('/') || folder.is_empty() {
        return normal_path(dest);
    }
    normal_path(&[folder, "/", dest].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (from, dest, expected) in [
            ("specs/a.md", "b.md#x", "specs/b.md"),
            ("specs/a.md", "../docs/c.md", "docs/c.md"),
            ("specs/a.md", "my%20file.md", "specs/my file.md"),
            ("a.md", "./b.md", "b.md"),
            ("a.md", "#x", "a.md"),
            ("../x/a.md", "../y/b.md", "../y/b.md"),
            ("/tmp/a.md", "b.md", "/tmp/b.md"),
        ] {
            assert_eq!(target(from, dest), expected, "{from} {dest}");
        }
    }
}

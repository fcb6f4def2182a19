//! Links to headings that do not exist.

use model::Summary;
use model::summary::local;
use rustc_hash::FxHashMap;
use source::{FileId, Level, NameIndex};

use crate::{Check, Place, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "broken-anchor",
    summary: "a link leads to a heading that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/broken-anchor.md"),
    check: Check::Across(broken_anchor),
};

fn broken_anchor(sink: &mut Sink<'_>, place: &Place<'_>) {
    let workspace = place.workspace;
    let mut known: Option<Anchors<'_>> = None;
    for link in place.document.links.iter().filter(|it| !it.image) {
        let (Some(_), Some((path, anchor))) = (local(&link.dest), link.dest.split_once('#')) else { continue };
        if anchor.is_empty() {
            continue;
        }
        let linked = || workspace.documents().get(workspace.at_path(link.target.as_deref()?)?);
        let Some(other) = (if path.is_empty() { Some(place.document) } else { linked() }) else { continue };
        if other.has_anchor(anchor) {
            continue;
        }
        if known.as_ref().is_none_or(|it| it.file != other.file) {
            known = Some(Anchors::of(other));
        }
        let near = known.as_ref().and_then(|it| it.near(anchor)).map(|it| format!("#{it}"));
        let written = format!("#{anchor}");
        let message = format!("there is no heading `{written}`");
        drop(sink.report(link.span, message).instead_of(&written, near.as_deref()));
    }
}

/// The anchors of a document.
struct Anchors<'a> {
    file: FileId,
    names: NameIndex,
    /// By their words without numbering: `8-performance` is found under `performance`.
    unnumbered: FxHashMap<&'a str, &'a str>,
}

impl Anchors<'_> {
    fn of(document: &Summary) -> Anchors<'_> {
        let mut names = NameIndex::default();
        document.slugs().iter().for_each(|it| names.add(it));
        let number = |c: char| c.is_ascii_digit() || c == '-';
        let unnumbered = document.slugs().iter().map(|it| (it.trim_start_matches(number), it.as_str())).collect();
        Anchors { file: document.file, names, unnumbered }
    }

    fn near(&self, anchor: &str) -> Option<&str> {
        let lower = anchor.to_lowercase();
        self.unnumbered.get(&*lower).copied().or_else(|| self.names.nearest(&lower))
    }
}

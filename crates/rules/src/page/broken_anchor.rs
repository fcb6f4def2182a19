//! Links to headings that do not exist.

use model::Spec;
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, NameIndex};

use crate::page::broken_link::local;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "broken-anchor",
    summary: "a link leads to a heading that does not exist",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/broken-anchor.md"),
    check: Check::Spec(broken_anchor),
};

fn broken_anchor(sink: &mut Sink<'_>, spec: &Spec) {
    let workspace = sink.context.workspace;
    let mut anchors: FxHashMap<&str, Anchors> = FxHashMap::default();
    for link in spec.document().links.iter().filter(|it| !it.image) {
        let (Some(path), Some((_, anchor))) = (local(&link.dest), link.dest.split_once('#')) else { continue };
        let linked = || workspace.specs.get(workspace.linked(spec, &link.dest)?);
        let Some(other) = (if path.is_empty() { Some(spec) } else { linked() }) else { continue };
        let known = anchors.entry(&other.path).or_insert_with(|| Anchors::of(other));
        if anchor.is_empty() || known.folded.contains(&folded(anchor)) {
            continue;
        }
        let near = known.near(anchor).map(|it| format!("#{it}"));
        drop(sink.report(link.dest_span, format!("there is no heading `#{anchor}`")).did_you_mean(near.as_deref()));
    }
}

/// The anchors of a document.
struct Anchors {
    folded: FxHashSet<String>,
    names: NameIndex,
    /// By their words without numbering: `8-performance` is found under `performance`.
    unnumbered: FxHashMap<String, String>,
}

impl Anchors {
    fn of(spec: &Spec) -> Anchors {
        let doc = spec.document();
        let slugs = || doc.sections.iter().filter(|it| !it.slug.is_empty()).map(|it| it.slug.as_str());
        let folded = slugs().chain(doc.html_ids.iter().map(String::as_str)).map(folded).collect();
        let mut names = NameIndex::default();
        slugs().for_each(|it| names.add(it));
        let bare = |it: &str| it.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-').to_owned();
        let unnumbered = slugs().map(|it| (bare(it), it.to_owned())).collect();
        Anchors { folded, names, unnumbered }
    }

    fn near(&self, anchor: &str) -> Option<&str> {
        let lower = anchor.to_lowercase();
        self.unnumbered.get(&lower).map(String::as_str).or_else(|| self.names.nearest(&lower))
    }
}

/// Emoji and punctuation are folded in several ways; this is what all ways keep.
fn folded(anchor: &str) -> String {
    anchor.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect()
}

//! Links to headings that do not exist.

use std::collections::{HashMap, HashSet};

use model::Spec;
use source::Level;

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
    let mut anchors: HashMap<&str, HashSet<String>> = HashMap::new();
    for link in spec.document().links.iter().filter(|it| !it.image) {
        let (Some(path), Some((_, anchor))) = (local(&link.dest), link.dest.split_once('#')) else { continue };
        let linked = || workspace.specs.get(workspace.linked(spec, &link.dest)?);
        let Some(other) = (if path.is_empty() { Some(spec) } else { linked() }) else { continue };
        let known = anchors.entry(&other.path).or_insert_with(|| folded_anchors(other));
        if anchor.is_empty() || known.contains(&folded(anchor)) {
            continue;
        }
        let slugs = other.document().sections.iter().filter(|it| !it.slug.is_empty()).take(MAX_COMPARED);
        let near = source::nearest(&anchor.to_lowercase(), slugs.map(|it| it.slug.as_str())).map(|it| format!("#{it}"));
        drop(sink.report(link.dest_span, format!("there is no heading `#{anchor}`")).did_you_mean(near.as_deref()));
    }
}

/// Headings that a wrong anchor is compared with.
const MAX_COMPARED: usize = 2000;

/// Emoji and punctuation are folded in several ways; this is what all ways keep.
fn folded(anchor: &str) -> String {
    anchor.to_lowercase().chars().filter(|it| it.is_alphanumeric()).collect()
}

fn folded_anchors(spec: &Spec) -> HashSet<String> {
    let doc = spec.document();
    let slugs = doc.sections.iter().filter(|it| it.level > 0).map(|it| folded(&it.slug));
    slugs.chain(doc.html_ids.iter().map(|it| folded(it))).collect()
}

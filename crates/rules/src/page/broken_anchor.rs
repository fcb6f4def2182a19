//! Links to headings that do not exist.

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
    for link in spec.document().links.iter().filter(|it| !it.image) {
        let (Some(path), Some((_, anchor))) = (local(&link.dest), link.dest.split_once('#')) else { continue };
        let other = if path.is_empty() {
            Some(spec)
        } else {
            sink.context.workspace.linked(spec, &link.dest).and_then(|it| sink.context.workspace.specs.get(it))
        };
        let Some(other) = other else { continue };
        let doc = other.document();
        let wanted = anchor.to_lowercase();
        let slugs = || doc.sections.iter().filter(|it| !it.slug.is_empty()).map(|it| it.slug.as_str());
        // Emoji and punctuation are folded in several ways; compare what all ways keep.
        let kept = |it: &str| it.chars().filter(|it| it.is_alphanumeric()).collect::<String>();
        let known = anchor.is_empty()
            || slugs().any(|it| it == wanted || kept(it) == kept(&wanted))
            || doc.html_ids.iter().any(|it| it == anchor || it.to_lowercase() == wanted);
        if known {
            continue;
        }
        let near = source::nearest(&wanted, slugs()).map(|it| format!("#{it}"));
        drop(sink.report(link.dest_span, format!("there is no heading `#{anchor}`")).did_you_mean(near.as_deref()));
    }
}

//! Sections that the list of contents leaves out.

use std::collections::HashSet;

use model::Spec;
use source::Level;
use syntax::Family;
use syntax::document::{BOLD_LINE, Section};
use syntax::family::Title;
use syntax::inline::Inline;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "stale-contents",
    summary: "the list of contents leaves sections out",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/stale-contents.md"),
    check: Check::Spec(stale_contents),
};

/// A list of contents names at least so many sections.
const MIN_LISTED: usize = 4;

fn stale_contents(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    let is_contents = |it: &&Section| matches!(it.title.whole.as_str(), "table of content" | "content" | "toc");
    let Some(contents) = doc.sections.iter().find(is_contents) else { return };
    let mut listed: HashSet<String> = HashSet::new();
    syntax::document::inlines(doc.blocks_of(contents.id), &mut |text: &Inline| {
        listed.extend(text.as_str().lines().map(|it| Title::read(it).whole));
    });
    let links = doc.links.iter().filter(|it| contents.extent.contains(it.span));
    let anchors: HashSet<String> = links.filter_map(|it| it.dest.strip_prefix('#').map(str::to_lowercase)).collect();
    let after = || doc.sections.iter().filter(|it| it.id > contents.id && it.level > 1 && it.level < BOLD_LINE);
    let Some(level) = after().map(|it| it.level).min() else { return };
    let is_listed = |it: &&Section| listed.contains(&it.title.whole) || anchors.contains(&it.slug);
    let (named, missing): (Vec<&Section>, Vec<&Section>) = after().filter(|it| it.level == level).partition(is_listed);
    let missing: Vec<&Section> = missing.into_iter().filter(|it| !is_back_matter(it)).collect();
    // A list that has few of the sections is one of something else.
    if named.len() < MIN_LISTED || missing.is_empty() || missing.len() * 2 > named.len() {
        return;
    }
    let names: Vec<String> = missing.iter().map(|it| format!("`{}`", it.heading.as_str().trim())).collect();
    let mut finding = sink.report(contents.span, format!("the contents lack {}", names.join(", ")));
    for section in missing.iter().take(MAX_LABELS) {
        finding = finding.label(section.span, "not in the contents");
    }
    drop(finding.help(if missing.len() == 1 { "list it" } else { "list them" }));
}

/// Sections that are shown.
const MAX_LABELS: usize = 4;

/// Sections about the document itself, which its contents need not name.
fn is_back_matter(section: &Section) -> bool {
    matches!(section.own, Some(Family::Revisions | Family::Approval))
        || matches!(
            section.title.whole.as_str(),
            "end"
                | "footer"
                | "document history"
                | "version history"
                | "document information"
                | "document overview"
                | "document control"
                | "license"
                | "acknowledgement"
                | "change log"
                | "sign off"
                | "end of document"
        )
        || section.title.whole.starts_with("appendi")
}

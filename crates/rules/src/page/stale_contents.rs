//! Sections that the list of contents leaves out.

use std::collections::HashSet;

use model::Spec;
use source::{Applicability, Edit, Level, Span};
use syntax::document::{BOLD_LINE, Section};
use syntax::family::Title;
use syntax::inline::Inline;
use syntax::page::{BlockKind, Item};
use syntax::{Document, Family};

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
    let mut of_numbered = true;
    syntax::document::inlines(doc.blocks_of(contents.id), &mut |text: &Inline| {
        listed.extend(text.as_str().lines().map(|it| Title::read(it).whole));
        of_numbered &= text.as_str().lines().all(is_numbered);
    });
    let links = doc.links.iter().filter(|it| contents.extent.contains(it.span));
    let anchors: HashSet<String> = links.filter_map(|it| it.dest.strip_prefix('#').map(str::to_lowercase)).collect();
    let after = || doc.sections.iter().filter(|it| it.id > contents.id && it.level > 1 && it.level < BOLD_LINE);
    let Some(level) = after().map(|it| it.level).min() else { return };
    let is_listed = |it: &&Section| listed.contains(&it.title.whole) || anchors.contains(doc.slug(it.id));
    let (named, missing): (Vec<&Section>, Vec<&Section>) = after().filter(|it| it.level == level).partition(is_listed);
    let missing: Vec<&Section> = missing.into_iter().filter(|it| !is_back_matter(it)).collect();
    // A list that has few of the sections is one of something else.
    if named.len() < MIN_LISTED || missing.is_empty() || missing.len() * 2 > named.len() {
        return;
    }
    // Contents of the numbered parts leave out what stands around them.
    if of_numbered && !missing.iter().any(|it| is_numbered(it.heading.as_str())) {
        return;
    }
    let names: Vec<String> = missing.iter().map(|it| format!("`{}`", it.heading.as_str().trim())).collect();
    let edits = missing.first().and_then(|it| entry(sink, doc, contents, it, &is_listed));
    let mut finding = sink.report(contents.span, format!("the contents lack {}", names.join(", ")));
    for section in missing.iter().take(MAX_LABELS) {
        finding = finding.label(section.span, "not in the contents");
    }
    let finding = finding.help(if missing.len() == 1 { "list it" } else { "list them" });
    drop(match edits {
        Some(edits) => finding.fix("list the first of them", Applicability::Safe, edits),
        None => finding,
    });
}

/// Sections that are shown.
const MAX_LABELS: usize = 4;

/// Whether a line begins with a number, or with a kind word and one: `3. Doors`, `Phase 3: Doors`.
fn is_numbered(line: &str) -> bool {
    let plain = line.trim_start_matches(|it: char| !it.is_alphanumeric());
    plain.starts_with(|it: char| it.is_ascii_digit()) || Title::read(plain).kind.is_some()
}

/// Sections about the document itself, and those that close it, which its contents need not name.
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
                | "conclusion"
                | "summary"
                | "next step"
                | "related documentation"
                | "related document"
                | "additional resource"
                | "further reading"
                | "getting help"
                | "support"
                | "contact"
                | "feedback"
        )
        || section.title.whole.starts_with("appendi")
}

/// The line that lists a section, after the one of the section before it and in the same form; numbers
/// after it count on.
fn entry(
    sink: &Sink<'_>,
    doc: &Document,
    contents: &Section,
    missing: &Section,
    is_listed: &impl Fn(&&Section) -> bool,
) -> Option<Vec<Edit>> {
    let between = |it: &&Section| it.level == missing.level && it.id > contents.id && it.id < missing.id;
    let before = doc.sections.iter().filter(between).rfind(is_listed)?;
    let list = doc.blocks_of(contents.id).into_iter().find_map(|it| match &it.kind {
        BlockKind::List(list) => Some(list),
        _ => None,
    })?;
    let anchors: Vec<(Span, &str)> = doc
        .links
        .iter()
        .filter(|it| contents.extent.contains(it.span))
        .filter_map(|it| Some((it.span, it.dest.strip_prefix('#')?)))
        .collect();
    let anchor = |item: &Item| {
        let at = anchors.partition_point(|it| it.0.start < item.span.start);
        anchors.get(at).filter(|it| item.text.all().is_blank() || item.span.contains(it.0)).map(|it| it.1)
    };
    let leads = |item: &Item| match anchor(item) {
        Some(anchor) => anchor.eq_ignore_ascii_case(doc.slug(before.id)),
        None => Title::read(item.text.as_str()).whole == before.title.whole,
    };
    let at = list.items.iter().position(leads)?;
    let item = list.items.get(at)?;
    let text = sink.snippet(item.span);
    let digits = text.find(|it: char| !it.is_ascii_digit())?;
    let marker = text.find(|it: char| !it.is_ascii_digit() && !matches!(it, '.' | ')' | '-' | '*' | '+' | ' '))?;
    let name = if item.text.as_str().trim() == before.name().as_str() { missing.name() } else { missing.heading.all() };
    let name = name.as_str().trim();
    let own = match anchor(item) {
        Some(_) => format!("[{name}](#{})", doc.slug(missing.id)),
        None => name.to_owned(),
    };
    let after = text.trim_end().len();
    let end = item.span.start + after as u32;
    let place = Span { start: end, end, ..item.span };
    let mut number: u32 = text.get(..digits)?.parse().unwrap_or(0);
    number += u32::from(digits > 0);
    let sign = text.get(digits..marker)?;
    let shown = if digits > 0 { number.to_string() } else { String::new() };
    let mut edits = vec![Edit { span: place, text: format!("\n{shown}{sign}{own}") }];
    for item in list.items.get(at + 1..).unwrap_or(&[]).iter().filter(|_| digits > 0) {
        let text = sink.snippet(item.span);
        let len = text.find(|it: char| !it.is_ascii_digit())?;
        let known: u32 = text.get(..len)?.parse().ok()?;
        if known != number {
            break;
        }
        number += 1;
        let span = Span { end: item.span.start + len as u32, ..item.span };
        edits.push(Edit { span, text: number.to_string() });
    }
    Some(edits)
}

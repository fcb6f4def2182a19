//! Sections with a heading and nothing under it.

use model::{Spec, Status};
use source::{Level, Span};
use syntax::document::BOLD_LINE;
use syntax::page::BlockKind;
use syntax::{Document, Family, Section};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "empty-section",
    summary: "a section has a heading and nothing under it",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/empty-section.md"),
    check: Check::Spec(empty_section),
};

fn empty_section(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    if sink.is_template(doc.file) {
        return;
    }
    for section in doc.sections.iter().filter(|it| (2..BOLD_LINE).contains(&it.level)) {
        // Headings that are not sections of a specification may be used as lines.
        let known = section.own.is_some();
        // An Approved document without approvals is for another rule.
        let told_elsewhere =
            section.own == Some(Family::Approval) && matches!(spec.status(), Some((Status::Approved, _)));
        let content =
            !blank(section) || doc.descendants(section.id).any(|it| it.parent == Some(section.id) || !blank(it));
        if !known
            || content
            || told_elsewhere
            || section.title.kind.is_some()
            || has_route(section)
            || leads(doc, section)
            || says(section)
            || is_line(sink, doc, section)
            || is_before_title(doc, section)
        {
            continue;
        }
        let name = section.heading.as_str().trim();
        drop(
            sink.report(section.heading.all().span(), format!("`{name}` is empty"))
                .help("say what belongs here, or `N/A` and why"),
        );
    }
}

/// `#### GET /orders/{id}` may need no more words.
fn has_route(section: &Section) -> bool {
    !syntax::route::find(section.heading.as_str()).is_empty()
}

/// `## [Change log](CHANGELOG.md)`: the content stands where the heading leads.
fn leads(doc: &Document, section: &Section) -> bool {
    let links = &doc.links;
    let first = links.partition_point(|it| it.span.start < section.span.start);
    links.get(first).is_some_and(|it| it.span.start < section.span.end && !it.image)
}

/// `## Status: done`: the heading says it.
fn says(section: &Section) -> bool {
    section.name().as_str().split_once(": ").is_some_and(|(_, value)| value.contains(char::is_alphanumeric))
}

/// Whether a heading is a part of another: the line below it is one that it does not hold, or it stands
/// directly below the title.
fn is_line(sink: &Sink<'_>, doc: &Document, section: &Section) -> bool {
    let adjoin = |above: &Section, below: &Section| {
        let between = Span { start: above.span.end, end: below.span.start.max(above.span.end), ..above.span };
        sink.snippet(between).matches('\n').count() <= 1
    };
    let at = section.id.0 as usize;
    let next = doc.sections.get(at + 1).filter(|it| it.level <= section.level);
    let above = at.checked_sub(1).and_then(|it| doc.sections.get(it)).filter(|it| it.level == 1);
    next.is_some_and(|it| adjoin(section, it)) || above.is_some_and(|it| blank(it) && adjoin(it, section))
}

/// Whether the first heading of the document stands over its title.
fn is_before_title(doc: &Document, section: &Section) -> bool {
    let first = doc.sections.iter().find(|it| it.level > 0);
    let title = doc.sections.get(section.id.0 as usize + 1).is_some_and(|it| it.level == 1);
    title && first.is_some_and(|it| it.id == section.id)
}

fn blank(section: &Section) -> bool {
    section.blocks.iter().all(|it| match &it.kind {
        BlockKind::Paragraph(text) => text.as_str().trim().is_empty(),
        BlockKind::Html => true,
        BlockKind::Table(table) => table.rows.is_empty(),
        BlockKind::List(list) => {
            list.items.iter().all(|it| it.text.as_str().trim().is_empty() && it.children.is_empty())
        }
        BlockKind::Fence(fence) => fence.content.as_str().trim().is_empty(),
        BlockKind::Quote(inner) => inner.is_empty(),
    })
}

//! Numbers of sections that go back, come twice, or are not those of the section around them.

use std::collections::{HashMap, HashSet};

use model::Spec;
use source::{Applicability, Edit, Level, Span};
use syntax::document::{BOLD_LINE, Section};
use syntax::{Family, SectionId};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "misnumbered-section",
    summary: "the number of a section does not fit its place",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/misnumbered-section.md"),
    check: Check::Spec(misnumbered_section),
};

fn misnumbered_section(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    // Sections after a lost heading have one cause and are told once.
    let mut strays: HashSet<(SectionId, Vec<u32>)> = HashSet::new();
    let mut before: HashMap<SectionId, (Vec<u32>, Span)> = HashMap::new();
    for section in doc.sections.iter().filter(|it| it.level > 0 && it.level < BOLD_LINE) {
        let Some((number, span)) = number(section) else { continue };
        let Some(parent) = section.parent.and_then(|it| doc.section(it)) else { continue };
        let Some((last, around)) = number.split_last() else { continue };
        // A section is not numbered below one that is numbered as deeply.
        let counted = self::number(parent).is_some_and(|it| it.0.len() < number.len());
        if around.is_empty() || !counted && is_version(section, &number) {
            continue;
        }
        let wanted = self::number(parent).filter(|_| parent.level + 1 == section.level);
        let written = || sink.snippet(span).to_owned();
        if let Some((outer, place)) = wanted.filter(|it| it.0.len() == around.len() && it.0 != around) {
            let outer: Vec<String> = outer.iter().map(u32::to_string).collect();
            if strays.insert((parent.id, around.to_vec())) {
                let message = format!("section {} stands in section {}", written(), outer.join("."));
                let lost: Vec<String> = around.iter().map(u32::to_string).collect();
                drop(sink.report(span, message).label(place, "the section around it").help(format!(
                    "look for the heading of section {}: it may be missing, or within a code fence that is not closed",
                    lost.join(".")
                )));
            }
            continue;
        }
        if let Some((known, place)) = before.get(&parent.id)
            && let Some((known_last, known_around)) = known.split_last()
            && known_around == around
            && known_last >= last
        {
            let message = match known_last == last {
                true => format!("there are two sections {}", written()),
                false => format!("section {} stands after section {}", written(), sink.snippet(*place)),
            };
            let next: Vec<String> = around.iter().chain(&[known_last + 1]).map(u32::to_string).collect();
            let next = next.join(".");
            drop(sink.report(span, message).label(*place, "the section before").fix(
                format!("number it {next}"),
                Applicability::Unsafe,
                vec![Edit { span, text: next.clone() }],
            ));
        }
        before.insert(parent.id, (number, span));
    }
}

/// Whether the number is that of a release: a section of three parts stands in a section of two, and a day
/// after the number, or a history around it, says when it was released.
fn is_version(section: &Section, number: &[u32]) -> bool {
    let dated = || {
        section
            .heading
            .as_str()
            .split_whitespace()
            .skip(1)
            .any(|it| model::date::read(it.trim_matches(['(', ')', '[', ']', ','])).is_some())
    };
    number.len() > 2 || section.family == Some(Family::Revisions) || dated()
}

/// The number that a heading begins with (`5.2`, `5.2.`) and its place.
fn number(section: &Section) -> Option<(Vec<u32>, Span)> {
    let text = section.heading.as_str();
    if !text.starts_with(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let end = text.find(|it: char| !(it.is_ascii_digit() || it == '.'))?;
    let digits = text.get(..end)?.trim_end_matches('.');
    // `3.4a` is another form, and a year or a version is no number of a section.
    let follows = text.get(end..)?.starts_with([' ', ':', ')']);
    let parts: Option<Vec<u32>> = digits.split('.').map(|it| it.parse().ok()).collect();
    let parts = parts.filter(|it| follows && it.iter().all(|it| *it < 100))?;
    Some((parts, section.heading.all().get(0..digits.len()).span()))
}

//! Scenarios: chains of steps that end-to-end tests, Gherkin and requirements tell.
//!
//! A scenario is declared with its name and says its steps in order. The endpoints that a step names are
//! references that the reader of endpoints says.

use source::{Span, Text};
use syntax::Family;
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::page::{Block, BlockKind};

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Entry, Reader, entries, fences_of, first_line, first_words};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        if section.blocks.is_empty() {
            continue;
        }
        let title = &section.title.whole;
        let named = title == "scenario" || title.starts_with("scenario ");
        let above = doc.ancestors(section.id).skip(1).find_map(|it| it.own);
        if named {
            told(reader, section, name_of(section));
        } else if section.own == Some(Family::EndToEndTests) {
            listed(reader, &section.blocks);
        } else if section.own.is_none() && above == Some(Family::EndToEndTests) {
            told(reader, section, section.name());
        } else if doc.is_within(section.id, Family::Acceptance) {
            sentences(reader, &section.blocks);
        }
        for fence in fences_of(section) {
            if matches!(fence.lang.as_str(), "gherkin" | "feature" | "cucumber") {
                gherkin(reader, &fence.content);
            }
        }
    }
}

/// `Scenario: a lamp is lent` is called `a lamp is lent`.
fn name_of(section: &Section) -> Slice<'_> {
    let name = section.name();
    let after = name.as_str().find(':').map(|at| name.from(at + 1).trim());
    after.filter(|it| !it.is_blank()).unwrap_or(name)
}

fn declare(reader: &mut Reader<'_>, name: Slice<'_>, form: Form) -> Subject {
    let subject = Subject::of("scenario", name.as_str());
    reader.say_text(&subject, Property::Declared, name, form);
    subject
}

/// A scenario of its own section: its items and lines are its steps.
fn told(reader: &mut Reader<'_>, section: &Section, name: Slice<'_>) {
    let steps = entries(&section.blocks);
    let items = steps.iter().any(|it| it.form == Form::Item);
    // Sentences over a list introduce it.
    let steps: Vec<Entry<'_>> =
        steps.into_iter().filter(|it| !items || it.form == Form::Item || keyword(it.whole.as_str())).collect();
    if steps.is_empty() {
        return;
    }
    let subject = declare(reader, name, Form::Heading);
    for step in steps {
        reader.say_text(&subject, Property::Step, step.whole, step.form);
    }
}

/// `GIVEN a lamp`, `**When** it is lent`.
fn keyword(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or("").trim_matches(['*', ':', ',']);
    ["given", "when", "then", "and", "but"].iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// Scenarios as items: with arrows between the steps, or with the steps below.
fn listed(reader: &mut Reader<'_>, blocks: &[Block]) {
    for entry in entries(blocks) {
        if entry.form != Form::Item {
            continue;
        }
        // `Scenarios:` over items that are chains each.
        let chains = |it: &Entry<'_>| it.form == Form::Item && chain(first_line(it.whole)).len() > 1;
        if chain(first_line(entry.whole)).len() < 2 && entries(entry.children).iter().any(chains) {
            listed(reader, entry.children);
            continue;
        }
        let line = first_line(entry.whole);
        let words = entry.label().map_or(line, |it| it.value);
        let steps = chain(words);
        if steps.len() > 1 {
            let name = entry.label().map_or_else(|| line.get(0..0), |it| it.key);
            let subject = match name.is_blank() {
                true => Subject::of("scenario", &first_words(line.as_str())),
                false => Subject::of("scenario", name.as_str()),
            };
            reader.say_text(&subject, Property::Declared, if name.is_blank() { line } else { name }, Form::Item);
            for step in steps {
                reader.say_text(&subject, Property::Step, step, Form::Arrows);
            }
        } else {
            let name = entry.label().filter(|it| it.strong).map_or(line, |it| it.key);
            let subject = Subject::of("scenario", &first_words(name.as_str()));
            reader.say_text(&subject, Property::Declared, name, Form::Item);
            for step in entries(entry.children) {
                reader.say_text(&subject, Property::Step, step.whole, step.form);
            }
        }
    }
}

/// The parts of `Make loan → Hand out → Read loan (status is lent)`.
fn chain(words: Slice<'_>) -> Vec<Slice<'_>> {
    let text = words.as_str();
    let mut parts = Vec::new();
    let mut from = 0;
    let mut arrows: Vec<(usize, usize)> =
        ["→", " -> ", " => "].iter().flat_map(|it| text.match_indices(it)).map(|it| (it.0, it.1.len())).collect();
    arrows.sort_unstable();
    for (at, len) in arrows {
        parts.push(words.get(from..at).trim());
        from = at + len;
    }
    parts.push(words.from(from).trim());
    parts.retain(|it| !it.is_blank());
    parts
}

/// `WHEN a loan is late THE SYSTEM SHALL send a letter`: a condition and what follows from it.
fn sentences(reader: &mut Reader<'_>, blocks: &[Block]) {
    if !blocks.iter().any(|it| matches!(it.kind, BlockKind::List(_) | BlockKind::Paragraph(_))) {
        return;
    }
    for entry in entries(blocks) {
        let text = entry.whole.as_str();
        let begins = ["WHEN ", "IF ", "WHILE ", "WHERE "].iter().any(|it| text.starts_with(it));
        if !begins {
            continue;
        }
        let middle = [" THEN ", ", THE SYSTEM SHALL ", " THE SYSTEM SHALL ", " THE "];
        let Some(at) = middle.iter().find_map(|it| text.find(it)).filter(|_| text.contains(" SHALL ")) else {
            continue;
        };
        let subject = Subject::of("scenario", &first_words(text));
        let whole = first_line(entry.whole);
        reader.say_text(&subject, Property::Declared, whole, entry.form);
        reader.say_text(&subject, Property::Step, entry.whole.get(0..at), entry.form);
        reader.say_text(&subject, Property::Step, entry.whole.from(at), entry.form);
    }
}

/// Scenarios in a fence of Gherkin.
fn gherkin(reader: &mut Reader<'_>, text: &Text) {
    let mut at = 0;
    let mut subject: Option<Subject> = None;
    for line in text.as_str().split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let line = line.trim();
        let span: Span = text.span(start..start + line.len());
        let name = ["Scenario:", "Scenario Outline:", "Example:"].iter().find_map(|it| line.strip_prefix(it));
        if let Some(name) = name {
            let found = Subject::of("scenario", name.trim());
            reader.say(&found, Property::Declared, Value::Text(name.trim().to_owned()), span, Form::Fence);
            subject = Some(found);
        } else if let Some(subject) = &subject
            && keyword(line)
        {
            reader.say(subject, Property::Step, Value::Text(line.to_owned()), span, Form::Fence);
        }
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use crate::claim::Property;

    #[test]
    fn scenarios_say_their_steps() {
        for (text, expected) in [
            (
                "## End-to-End Tests\n\n- Make loan → Hand out → Read loan (status is lent)",
                "Make loan → Hand out → Read loan (status is lent): Make loan | Hand out | Read loan (status is lent)",
            ),
            ("## E2E Tests\n\n- **Lend**: make -> hand out", "Lend: make | hand out"),
            (
                "## E2E Tests\n\n1. Lend a lamp\n   - make a loan\n   - hand it out",
                "Lend a lamp: make a loan | hand it out",
            ),
            (
                "## E2E Tests\n\n### Lend a lamp\n\n1. make a loan\n2. hand it out",
                "Lend a lamp: make a loan | hand it out",
            ),
            ("## E2E Tests\n\n- All pages open", "All pages open: "),
            (
                "### Requirement: Loans\n\n#### Scenario: one is late\n- GIVEN a loan\n- WHEN GET /loans/:id is called\n- THEN its status is late",
                "one is late: GIVEN a loan | WHEN GET /loans/:id is called | THEN its status is late",
            ),
            (
                "#### Scenario: late\n\n**Given** a loan\n**When** it is late\n**Then** a letter is sent",
                "late: Given a loan | When it is late | Then a letter is sent",
            ),
            (
                "## Requirements\n\n1. WHEN a loan is late THE SYSTEM SHALL send a letter\n2. The system is fast",
                "WHEN a loan is late THE SYSTEM SHALL send a letter: WHEN a loan is late | THE SYSTEM SHALL send a letter",
            ),
            (
                "## Acceptance Criteria\n\n- IF a lamp is broken THEN the service SHALL refuse",
                "IF a lamp is broken THEN the service SHALL refuse: IF a lamp is broken | THEN the service SHALL refuse",
            ),
            (
                "## Testing\n\n```gherkin\nFeature: Loans\n  Scenario: late\n    Given a loan\n    When it is late\n```",
                "late: Given a loan | When it is late",
            ),
            ("## Requirements\n\n- When in doubt, ask", ""),
        ] {
            let text = format!("# Technical Specification: Lamps\n\n{text}\n");
            let spec = crate::workspace::read(FileId(0), "spec.md", &text);
            let found = spec.claims().subjects_of("scenario").map(|subject| {
                let of = |property| {
                    let said = spec.claims().of(subject, property).filter_map(|it| it.value.as_text());
                    said.collect::<Vec<_>>().join(" | ")
                };
                format!("{}: {}", of(Property::Declared), of(Property::Step))
            });
            assert_eq!(found.collect::<Vec<_>>().join("; "), expected, "{text}");
        }
    }
}

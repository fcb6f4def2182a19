//! Risks, open questions, approval, revision history.

use syntax::Family;
use syntax::columns::{cell, column, is_nothing};
use syntax::document::Section;
use syntax::family::normal;
use syntax::inline::{MarkKind, Slice};
use syntax::page::{BlockKind, Table};

use crate::claim::{Form, Property, Subject, Value};
use crate::date;
use crate::read::operations::said;
use crate::read::{Entry, Reader, entries, first_line, first_words, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    for section in &reader.doc.sections {
        match section.own {
            Some(Family::Risks) => risks(reader, section),
            Some(Family::Questions) => questions(reader, section),
            Some(Family::Approval) => approvals(reader, section),
            Some(Family::Revisions) => revisions(reader, section),
            _ => {}
        }
    }
}

fn risks(reader: &mut Reader<'_>, section: &Section) {
    risk_tables(reader, section);
    risk_labels(reader, section);
}

/// What a label says of a risk.
fn of_risk(label: &str) -> Option<Property> {
    Some(match normal(label).as_str() {
        "likelihood" | "probability" => Property::Likelihood,
        "impact" | "severity" => Property::Impact,
        "mitigation" | "mitigation strategy" | "mitigation plan" | "response" => Property::Mitigation,
        _ => return None,
    })
}

/// `### Risk 1: slow printers` over labels, `**Risk:** slow printers`, items with labels below.
fn risk_labels(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    let begin = |reader: &mut Reader<'_>, name: Slice<'_>, form| {
        let subject = Subject::of("risk", &first_words(name.as_str()));
        reader.say_text(&subject, Property::Declared, name, form);
        subject
    };
    let mut current: Option<Subject> = None;
    let title = &section.title.whole;
    let numbered = title.strip_prefix("risk ").is_some_and(|it| it.starts_with(|it: char| it.is_ascii_digit()));
    let mut inside: Option<&Section> = None;
    for inner in std::iter::once(section).chain(doc.descendants(section.id)) {
        if inside.is_some_and(|it| it.extent.contains(inner.span)) {
            continue;
        }
        if inner.id != section.id && inner.own.is_some() {
            // A numbered risk, or another section, speaks for itself.
            inside = Some(inner);
            current = None;
            continue;
        }
        let blocks = entries(&inner.blocks);
        let labels = || blocks.iter().filter_map(|it| it.label());
        let describes = labels().filter(|it| of_risk(it.key.as_str()).is_some()).count() > 0;
        if let (Some(property), Some(subject)) = (of_risk(inner.heading.as_str()), &current) {
            // `**Mitigation:**` over a list.
            if let Some(first) = blocks.first() {
                reader.say_text(subject, property, first.whole, Form::Label);
            }
            continue;
        }
        let own = labels().any(|it| normal(it.key.as_str()) == "risk");
        if (inner.id != section.id || numbered) && !own && describes {
            let name = inner.name();
            let after = name.as_str().find(": ").filter(|_| numbered).map(|at| name.from(at + 2));
            current = Some(begin(reader, after.unwrap_or(name), Form::Heading));
        }
        for entry in &blocks {
            let below = entries(entry.children);
            let told = below.iter().filter_map(|it| it.label()).any(|it| of_risk(it.key.as_str()).is_some());
            match entry.label() {
                Some(label) if normal(label.key.as_str()).starts_with("risk") && !label.value.is_blank() => {
                    current = Some(begin(reader, label.value, entry.form));
                }
                Some(label) if of_risk(label.key.as_str()).is_some() => {
                    if let (Some(subject), Some(property)) = (&current, of_risk(label.key.as_str())) {
                        reader.say_text(subject, property, label.value, entry.form);
                    }
                }
                _ if told => current = Some(begin(reader, entry.name().unwrap_or(entry.whole), entry.form)),
                _ => {}
            }
            for label in below.iter().filter_map(|it| it.label()) {
                if let (Some(subject), Some(property)) = (&current, of_risk(label.key.as_str())) {
                    reader.say_text(subject, property, label.value, Form::Item);
                }
            }
        }
    }
}

fn risk_tables(reader: &mut Reader<'_>, section: &Section) {
    for (table, _) in tables(reader.doc, section) {
        let name = column(table, &["risk", "description", "risk description", "threat"]);
        let columns = [
            (Property::Likelihood, column(table, &["likelihood", "probability"])),
            (Property::Impact, column(table, &["impact", "severity"])),
            (
                Property::Mitigation,
                column(
                    table,
                    &["mitigation", "mitigation strategy", "response", "mitigation plan", "mitigation action"],
                ),
            ),
        ];
        if columns.iter().all(|it| it.1.is_none()) {
            continue;
        }
        for row in &table.rows {
            let Some(name) = said(cell(row, name.or(Some(0)))) else { continue };
            let subject = Subject::of("risk", &first_words(name.as_str()));
            reader.say_text(&subject, Property::Declared, name, Form::Table);
            for (property, column) in columns {
                if let Some(words) = cell(row, column) {
                    let span = if words.is_blank() { row.span } else { words.span() };
                    reader.say(&subject, property, Value::Text(words.as_str().to_owned()), span, Form::Table);
                }
            }
        }
    }
}

fn questions(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    for (table, _) in tables(doc, section) {
        question_table(reader, table);
    }
    question_list(reader, section);
    let mut inside: Option<&Section> = None;
    for inner in doc.descendants(section.id) {
        if inside.is_some_and(|it| it.extent.contains(inner.span)) {
            continue;
        }
        let heading = inner.heading.all();
        if inner.own.is_some() {
            inside = Some(inner);
        } else if asks(heading.as_str()) {
            inside = Some(inner);
            let below = || entries(doc.blocks_of(inner.id)).into_iter().any(|it| is_settled(it.whole));
            question(reader, heading, is_settled(heading) || below(), Form::Heading);
        } else {
            question_list(reader, inner);
        }
    }
}

fn question(reader: &mut Reader<'_>, words: Slice<'_>, settled: bool, form: Form) {
    let subject = Subject::of("question", &first_words(words.as_str()));
    reader.say_text(&subject, Property::Declared, words, form);
    reader.say(&subject, Property::Open, Value::Flag(!settled), words.span(), form);
}

/// Whether a heading is a question: `Q1: Downtime`, `QUESTION-4.1`, or one that ends so.
fn asks(text: &str) -> bool {
    let text = text.trim().trim_end_matches(':');
    let lower = text.to_lowercase();
    let rest = lower.strip_prefix("question").or_else(|| lower.strip_prefix('q'));
    let numbered =
        rest.is_some_and(|it| it.trim_start_matches(['-', '#', ' ']).starts_with(|it: char| it.is_ascii_digit()));
    numbered || text.ends_with('?')
}

/// Items, and lines that are labelled as questions with the lists below them.
fn question_list(reader: &mut Reader<'_>, section: &Section) {
    let mut blocks = section.blocks.iter().peekable();
    while let Some(block) = blocks.next() {
        let listed = matches!(block.kind, BlockKind::List(_));
        let mut below = Vec::new();
        let found = entries([block]);
        let labelled = |it: &Entry<'_>| it.label().is_some_and(|it| it.strong && asks(it.key.as_str()));
        if !listed && found.iter().any(labelled) {
            // The list below a question holds answers to it.
            while let Some(list) = blocks.next_if(|it| matches!(it.kind, BlockKind::List(_))) {
                below.extend(entries([list]));
            }
        }
        for entry in &found {
            if !listed && !labelled(entry) || is_nothing(entry.whole.as_str()) {
                continue;
            }
            let settled = entry.task == Some(true)
                || is_settled(entry.whole)
                || entries(entry.children).iter().chain(&below).any(|it| is_settled(it.whole));
            question(reader, entry.whole, settled, entry.form);
        }
    }
}

/// `ID | Question | Impact | Status`, `# | Question | Decision`.
fn question_table(reader: &mut Reader<'_>, table: &Table) {
    let Some(asked) = column(table, &["question", "open question", "issue", "item", "topic"]) else { return };
    let status = column(table, &["status", "state"]);
    let answer = column(table, &["decision", "resolution", "answer", "outcome"]);
    for row in &table.rows {
        let Some(words) = said(cell(row, Some(asked))) else { continue };
        let open = |it: &Slice<'_>| {
            let lower = it.as_str().to_lowercase();
            ["open", "tbd", "pending", "to be ", "not yet", "in progress", "unresolved"]
                .iter()
                .any(|word| lower.contains(word))
        };
        let answered = said(cell(row, answer)).is_some_and(|it| !open(&it));
        let settled = answered || cell(row, status).is_some_and(|it| !open(&it) && is_settled(it)) || is_settled(words);
        question(reader, words, settled, Form::Table);
    }
}

/// Struck through or marked as answered.
fn is_settled(words: Slice<'_>) -> bool {
    let lower = words.as_str().to_lowercase();
    words.is_all(MarkKind::Strike)
        || words.as_str().contains('✅')
        || ["resolved", "answered", "decided", "decision:", "answer:", "closed", "resolution:", "none"]
            .iter()
            .any(|it| lower.contains(it))
        || words.marked(MarkKind::Strike).any(|it| it.as_str().len() * 2 > words.as_str().len())
}

fn approvals(reader: &mut Reader<'_>, section: &Section) {
    signed_lines(reader, section);
    for (table, _) in tables(reader.doc, section) {
        let role = column(table, &["role", "approver", "reviewer", "title"]);
        let columns = [
            (Property::Author, column(table, &["name", "approver", "approved by"])),
            (Property::Date, column(table, &["date", "approval date"])),
            (Property::Signature, column(table, &["signature", "status", "approved", "sign off", "decision"])),
        ];
        let Some(role) = role.or(Some(0)) else { continue };
        if columns.iter().all(|it| it.1.is_none()) {
            continue;
        }
        for row in &table.rows {
            let Some(role) = cell(row, Some(role)) else { continue };
            let subject = Subject::of("approval", role.as_str());
            reader.say(&subject, Property::Role, Value::Text(role.as_str().to_owned()), row.span, Form::Table);
            for (property, column) in columns {
                if let Some(words) = cell(row, column) {
                    reader.say_text(&subject, property, words, Form::Table);
                }
            }
        }
    }
}

/// `**Product Manager:** A. Sato – Approved 2026-01-12`: lines that say of a role that it agrees, or not yet.
fn signed_lines(reader: &mut Reader<'_>, section: &Section) {
    for entry in entries(&section.blocks) {
        let Some(label) = entry.label().filter(|it| it.strong && it.key.as_str().split_whitespace().count() <= 4)
        else {
            continue;
        };
        let text = label.value.as_str();
        let lower = text.to_lowercase();
        let signs = ["approved", "pending", "signed", "tbd", "[name]", "___"].iter().any(|it| lower.contains(it));
        let about = ["status", "date", "version", "note", "document"].contains(&normal(label.key.as_str()).as_str());
        if !signs || about {
            continue;
        }
        let subject = Subject::of("approval", label.key.as_str());
        reader.say_text(&subject, Property::Role, label.key, entry.form);
        let split = [" – ", " — ", " - "].iter().find_map(|it| Some((text.find(it)?, it.len())));
        match split {
            Some((at, len)) => {
                reader.say_text(&subject, Property::Author, label.value.get(0..at), entry.form);
                reader.say_text(&subject, Property::Signature, label.value.from(at + len), entry.form);
            }
            None => reader.say_text(&subject, Property::Signature, label.value, entry.form),
        }
    }
}

fn revisions(reader: &mut Reader<'_>, section: &Section) {
    for (index, (table, _)) in tables(reader.doc, section).into_iter().enumerate() {
        let date = column(table, &["date"]);
        let columns = [
            (Property::Author, column(table, &["author", "by", "editor"])),
            (Property::Version, column(table, &["version", "revision", "rev"])),
            (Property::Change, column(table, &["change", "description", "summary", "note"])),
        ];
        for (row_index, row) in table.rows.iter().enumerate() {
            let Some(when) = cell(row, date).filter(|it| !it.is_blank()) else { continue };
            let subject = Subject::of("revision", &format!("{index}-{row_index}"));
            reader.say_text(&subject, Property::Date, when, Form::Table);
            for (property, column) in columns {
                if let Some(words) = said(cell(row, column)) {
                    reader.say_text(&subject, property, words, Form::Table);
                }
            }
        }
    }
    for block in reader.doc.blocks_of(section.id) {
        let BlockKind::List(list) = &block.kind else { continue };
        for (index, item) in list.items.iter().enumerate() {
            revision(reader, first_line(item.text.all()), &format!("{LISTED}-{index}"));
        }
    }
    let lines = entries(&section.blocks).into_iter().filter(|it| it.form == Form::Label);
    for (index, line) in lines.enumerate() {
        revision(reader, line.whole, &format!("{LINES}-{index}"));
    }
    // `### v1.2.0 (2026-01-12)` over what changed.
    for (index, inner) in reader.doc.children(section.id).filter(|it| it.own.is_none()).enumerate() {
        revision(reader, inner.heading.all(), &format!("{HEADED}-{index}"));
    }
}

/// The numbers of the histories that are lists, lines and headings; tables have lower ones.
const LISTED: u8 = 9;
const LINES: u8 = 8;
const HEADED: u8 = 7;

/// `v1.2.0 (2026-01-12): Lamps`, `2026-01-12 - 1.2: Lamps`.
fn revision(reader: &mut Reader<'_>, line: Slice<'_>, name: &str) {
    let text = line.as_str();
    let words = |from: usize, to: usize| line.get(from..to).trim_matches(|it: char| !it.is_alphanumeric());
    // What precedes the date is the version alone.
    let Some(at) = (0..text.len().min(REVISION_HEAD)).find(|at| {
        text.get(at.saturating_sub(1)..*at).is_none_or(|it| !it.starts_with(char::is_alphanumeric))
            && text.get(*at..).is_some_and(|it| date::read(it).is_some())
    }) else {
        return;
    };
    let Some((_, len)) = text.get(at..).and_then(date::read) else { return };
    let version = words(0, at);
    let plain = version.as_str().trim_start_matches(['v', 'V']);
    let is_version = plain.starts_with(|it: char| it.is_ascii_digit()) && !plain.contains(char::is_whitespace);
    if !version.is_blank() && !is_version {
        return;
    }
    let subject = Subject::of("revision", name);
    reader.say_text(&subject, Property::Date, line.get(at..at + len), Form::Item);
    if is_version {
        reader.say_text(&subject, Property::Version, version, Form::Item);
    }
    let change = words(at + len, text.len());
    if !change.is_blank() {
        reader.say_text(&subject, Property::Change, change, Form::Item);
    }
}

/// The date of a listed revision begins within so many bytes.
const REVISION_HEAD: usize = 24;

#[cfg(test)]
mod tests {
    use source::FileId;

    /// A text, the kind of the claims that it says, and these by subject.
    #[test]
    fn all_forms_are_read() {
        for (text, kind, expected) in [
            // Risks: columns in any order, headings with labels, labels alone, items.
            (
                "## Risks\n\n| Risk | Impact | Probability | Mitigation |\n|---|---|---|---|\n| Fire | High | Low | Sand |",
                "risk",
                "Declared Fire, Likelihood Low, Impact High, Mitigation Sand",
            ),
            (
                "## Risks\n\n| Risk | Likelihood | Impact | Mitigation Strategy | Owner |\n|---|---|---|---|---|\n| Fire | Low | High | Sand | A |",
                "risk",
                "Declared Fire, Likelihood Low, Impact High, Mitigation Sand",
            ),
            (
                "## Risk Assessment\n\n| Risk ID | Description | Impact | Probability | Mitigation Strategy |\n|---|---|---|---|---|\n| R1 | Fire | High | Low | Sand |",
                "risk",
                "Declared Fire, Likelihood Low, Impact High, Mitigation Sand",
            ),
            (
                "## Risks\n\n| Risk | Severity | Mitigation |\n|---|---|---|\n| Fire | High | Sand |",
                "risk",
                "Declared Fire, Impact High, Mitigation Sand",
            ),
            (
                "## Risks\n\n### Risk 1: Fire in the hall\n\n**Likelihood**: LOW - rare\n**Impact**: HIGH\n**Mitigation**: Sand",
                "risk",
                "Declared Fire in the hall, Likelihood LOW - rare, Impact HIGH, Mitigation Sand",
            ),
            ("## Risks\n\n**Risk:** Fire\n**Mitigation:** Sand", "risk", "Declared Fire, Mitigation Sand"),
            ("## Risks\n\n- **Risk**: Fire\n  - **Mitigation**: Sand", "risk", "Declared Fire, Mitigation Sand"),
            (
                "## Risks\n\n1. **Fire**: it burns\n   - Impact: High\n   - Mitigation: Sand",
                "risk",
                "Declared Fire, Impact High, Mitigation Sand",
            ),
            (
                "## Risks\n\n### Fire\n\n- **Impact**: High\n- **Mitigation**: Sand",
                "risk",
                "Declared Fire, Impact High, Mitigation Sand",
            ),
            // Questions.
            (
                "## Open Questions\n\n- [ ] Which sand?\n- [x] Whose?",
                "question",
                "Declared Which sand?, Open true; Declared Whose?, Open false",
            ),
            ("## Open Questions\n\n1. **Sand:** which?", "question", "Declared Sand: which?, Open true"),
            (
                "## Open Questions\n\n**Q1: Which sand**\n\n- fine\n- coarse",
                "question",
                "Declared Q1: Which sand, Open true",
            ),
            ("## Open Questions\n\n### Which sand?\n\nDecision: fine.", "question", "Declared Which sand?, Open false"),
            (
                "## Open Questions\n\n**QUESTION-4.1:** Which sand?\n**Context:** there are two.",
                "question",
                "Declared QUESTION-4.1: Which sand?, Open true",
            ),
            (
                "## Open Questions\n\n| ID | Question | Impact | Status |\n|---|---|---|---|\n| 1 | Which sand? | High | TBD |\n| 2 | Whose? | Low | Resolved |",
                "question",
                "Declared Which sand?, Open true; Declared Whose?, Open false",
            ),
            (
                "## Open Questions\n\n| # | Question | Decision |\n|---|---|---|\n| 1 | Which sand? | fine |\n| 2 | Whose? | - |",
                "question",
                "Declared Which sand?, Open false; Declared Whose?, Open true",
            ),
            (
                "## Open Questions\n\n- ✅ RESOLVED: which sand",
                "question",
                "Declared ✅ RESOLVED: which sand, Open false",
            ),
            ("## Open Questions\n\nNone for now.", "question", ""),
            // Approval.
            (
                "## Approval\n\n| Role | Name | Signature | Date |\n|---|---|---|---|\n| Architect | A. Sato | _pending_ | |",
                "approval",
                "Role Architect, Author A. Sato, Date , Signature pending",
            ),
            (
                "## Approval\n\n**Product Manager:** [Name] – Approved",
                "approval",
                "Role Product Manager, Author [Name], Signature Approved",
            ),
            (
                "## Approval\n\n- **Architect**: _______________",
                "approval",
                "Role Architect, Signature _______________",
            ),
            ("## Approval\n\n**Flow:** the manager decides", "approval", ""),
            // Revisions.
            (
                "## Revision History\n\n| Version | Date | Author | Changes |\n|---|---|---|---|\n| 1.0 | 2026-01-12 | A | First |",
                "revision",
                "Date 2026-01-12, Author A, Version 1.0, Change First",
            ),
            (
                "## Change Log\n\n| Date | Version | Changes |\n|---|---|---|\n| 2026-01-12 | 1.0 | First |",
                "revision",
                "Date 2026-01-12, Version 1.0, Change First",
            ),
            (
                "## Revision History\n\n| Date | Author | Change |\n|---|---|---|\n| 2026-05 | A | First |",
                "revision",
                "Date 2026-05, Author A, Change First",
            ),
            (
                "## Version History\n\n- v1.0.0 (2026-01-12): First",
                "revision",
                "Date 2026-01-12, Version v1.0.0, Change First",
            ),
            ("## Changelog\n\n### v1.0.0 (2026-01-12)\n\n- First", "revision", "Date 2026-01-12, Version v1.0.0"),
            ("## Changelog\n\n### [1.0.0] - 2026-01-12\n\n- First", "revision", "Date 2026-01-12, Version 1.0.0"),
            (
                "## Version History\n\n**v1.0** (2026-01-12): First",
                "revision",
                "Date 2026-01-12, Version v1.0, Change First",
            ),
        ] {
            let text = format!("# Technical Specification: Lamps\n\n{text}\n");
            let spec = crate::workspace::read(FileId(0), "spec.md", &text);
            let told = |subject| {
                let claims = spec.claims().about(subject);
                let words = claims.map(|it| match &it.value {
                    crate::claim::Value::Flag(flag) => format!("{:?} {flag}", it.property),
                    value => format!("{:?} {}", it.property, value.as_text().unwrap_or("")),
                });
                words.collect::<Vec<_>>().join(", ")
            };
            let found: Vec<String> = spec.claims().subjects_of(kind).map(told).collect();
            assert_eq!(found.join("; "), expected, "{text}");
        }
    }
}

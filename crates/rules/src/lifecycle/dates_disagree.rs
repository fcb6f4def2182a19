//! Dates that end before they begin, and headers that were updated before they were created.

use jiff::civil::Date;
use model::Spec;
use model::claim::{Property, Subject};
use model::date::{self, Reading};
use source::{Level, Span};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::page::Table;

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "dates-disagree",
    summary: "something ends before it begins",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/dates-disagree.md"),
    check: Check::Review(dates_disagree),
};

fn dates_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    header(sink, review.spec);
    let texts = review.texts();
    let dated = |it: &&Section| texts.section(it.id).any(Holds::DIGIT) || texts.heading(it.id).all(RANGE);
    for section in review.spec.document().sections.iter().filter(dated) {
        for table in texts.tables_of(section.id) {
            spans(sink, table);
            milestones(sink, table);
        }
        if texts.heading(section.id).all(RANGE) {
            ranges(sink, section.heading.all());
        }
        for text in texts.texts_of(section.id).iter().filter(|it| it.holds.all(RANGE)) {
            text.inline.all().lines().for_each(|it| ranges(sink, it));
        }
    }
}

/// What a text with two dates, or with a range of weeks, holds.
const RANGE: Holds = Holds::DIGIT.and(Holds::DASH);

fn day(text: &str) -> Option<Date> {
    match date::read(text)?.0 {
        Reading::Day(day) => Some(day),
        _ => None,
    }
}

/// The document was last updated before it was created, or approved before.
fn header(sink: &mut Sink<'_>, spec: &Spec) {
    let document = Subject::document();
    let dated = |property| {
        let claims = spec.claims().of(&document, property);
        claims.filter_map(|it| Some((day(it.value.as_text()?)?, it.span))).next()
    };
    if let (Some((created, at)), Some((updated, span))) = (dated(Property::Date), dated(Property::Updated))
        && updated < created
    {
        drop(
            sink.report(span, format!("last updated on {updated}, before its date, {created}"))
                .label(at, "the date of the document"),
        );
    }
}

/// Rows whose end lies before their begin.
fn spans(sink: &mut Sink<'_>, table: &Table) {
    let column = |names: &[&str]| table.keys.iter().position(|it| names.contains(&it.as_str()));
    let Some(begin) = column(&["start", "start date", "begin", "from", "started", "kickoff"]) else { return };
    let Some(end) = column(&["end", "end date", "finish", "to", "until", "ended", "due", "due date"]) else { return };
    for row in &table.rows {
        let cell = |at: usize| row.cells.get(at).map(|it| it.all().trim());
        let (Some(from), Some(to)) = (cell(begin), cell(end)) else { continue };
        let (Some(first), Some(last)) = (day(from.as_str()), day(to.as_str())) else { continue };
        if last < first {
            let message = format!("ends on {last}, before it begins on {first}");
            drop(sink.report(to.span(), message).label(from.span(), "the begin"));
        }
    }
}

/// Numbered milestones of which one is due before the one above it, while the others are in order.
fn milestones(sink: &mut Sink<'_>, table: &Table) {
    let numbered = table.keys.first().is_some_and(|it| {
        matches!(it.as_str(), "milestone" | "phase" | "release" | "sprint" | "stage" | "iteration" | "increment")
    });
    let names = [
        "date",
        "target date",
        "due date",
        "due",
        "deadline",
        "end date",
        "end",
        "target",
        "planned date",
        "release date",
    ];
    let Some(column) = table.keys.iter().position(|it| names.contains(&it.as_str())).filter(|_| numbered) else {
        return;
    };
    let rows: Option<Vec<(Date, Slice<'_>)>> = table
        .rows
        .iter()
        .map(|row| {
            let cell = row.cells.get(column)?.all().trim();
            Some((day(cell.as_str())?, cell))
        })
        .collect();
    let Some(rows) = rows.filter(|it| it.len() >= 3) else { return };
    let mut descents = rows.windows(2).filter_map(|it| match it {
        [a, b] if b.0 < a.0 => Some((a, b)),
        _ => None,
    });
    if let (Some((before, after)), None) = (descents.next(), descents.next()) {
        drop(
            sink.report(after.1.span(), format!("{} lies before {}, of the row above", after.0, before.0))
                .label(before.1.span(), "the row above")
                .note("all other rows are in order"),
        );
    }
}

/// `2026-03-01 – 2026-02-15`, `from 2026-03-01 to 2026-02-15`, `Week 5-3`.
fn ranges(sink: &mut Sink<'_>, line: Slice<'_>) {
    let text = line.as_str();
    let bytes = text.as_bytes();
    if bytes.len() < 8 || !bytes.iter().any(u8::is_ascii_digit) {
        return;
    }
    let mut before: Option<(Date, usize, Span)> = None;
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|it| it.iter().position(u8::is_ascii_digit)) {
        at += offset;
        let glued = at > 0
            && bytes.get(at - 1).is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'/' | b'.'));
        let len = bytes.iter().skip(at).take_while(|it| it.is_ascii_digit()).count();
        let iso = len == 4 && !glued && bytes.get(at + 4) == Some(&b'-');
        let read = if iso { text.get(at..).and_then(date::read) } else { None };
        let Some((Reading::Day(day), size)) = read else {
            if len <= 3 && matches!(bytes.get(at + len), Some(b'-' | 0xE2)) {
                weeks(sink, line, at);
            }
            at += len;
            continue;
        };
        let span = line.get(at..at + size).span();
        if let Some((first, end, place)) = before
            && day < first
            && text.get(end..at).is_some_and(is_until)
        {
            drop(sink.report(span, format!("{day} lies before {first}, where it begins")).label(place, "the begin"));
        }
        before = Some((day, at + size, span));
        at += size;
    }
}

/// Whether the words between two dates make a period of them.
fn is_until(words: &str) -> bool {
    matches!(words.trim(), "-" | "–" | "—" | "to" | "until" | "till" | "through")
}

/// `Week 5-3`.
fn weeks(sink: &mut Sink<'_>, line: Slice<'_>, from: usize) {
    let text = line.as_str();
    let before = text.get(..from).unwrap_or("");
    if !["Week ", "Weeks ", "Sprint ", "Sprints ", "Day ", "Days "].iter().any(|it| before.ends_with(it)) {
        return;
    }
    let rest = text.get(from..).unwrap_or("");
    let end = rest.find(|it: char| !it.is_ascii_digit() && !matches!(it, '-' | '–')).unwrap_or(rest.len());
    let Some((first, last)) = rest.get(..end).unwrap_or("").split_once(['-', '–']) else { return };
    if let (Ok(first), Ok(last)) = (first.parse::<u32>(), last.parse::<u32>())
        && last < first
        && first < 200
    {
        let span = line.get(from..from + end).span();
        drop(sink.report(span, format!("ends with {last}, before it begins with {first}")));
    }
}

//! Revision histories whose dates have no direction.

use std::cmp::Ordering;

use jiff::civil::Date;
use model::Spec;
use model::claim::Property;
use model::date::{self, Reading};
use source::{Applicability, Edit, Level, Span};

use crate::lifecycle::version_dated_twice::{VersionPart, version_key};
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "revision-order",
    summary: "the dates of the revision history go back and forth",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/revision-order.md"),
    check: Check::Spec(revision_order),
};

fn revision_order(sink: &mut Sink<'_>, spec: &Spec) {
    let mut histories: Vec<(&str, Vec<Row<'_>>)> = Vec::new();
    for claim in spec.claims().all.iter().filter(|it| it.property == Property::Date) {
        let Some(name) = claim.subject.as_str().strip_prefix("revision.") else { continue };
        let Some((Reading::Day(day), _)) = claim.value.as_text().and_then(date::read) else { continue };
        // The table's number and the row's were written as one word: the first digit run is the table's.
        let table = name.get(..1).unwrap_or("");
        let version = spec.claims().of(&claim.subject, Property::Version).next().and_then(|it| it.value.as_text());
        let row = Row { day, span: claim.span, version: version.map(version_key).unwrap_or_default() };
        match histories.last_mut() {
            Some((known, rows)) if *known == table => rows.push(row),
            _ => histories.push((table, vec![row])),
        }
    }
    for (_, rows) in histories {
        let steps = rows.windows(2).filter_map(|it| match it {
            [a, b] => Some((a, b, b.day.cmp(&a.day))),
            _ => None,
        });
        let steps: Vec<_> = steps.filter(|it| it.2.is_ne()).collect();
        let up = steps.iter().filter(|it| it.2.is_gt()).count();
        let down = steps.len() - up;
        // The direction of the versions, else that of most rows, is the intended one.
        let versions = versions(&rows);
        let rising = versions.map_or(up >= down, Ordering::is_gt);
        if versions.is_none() && (up == 0 || down == 0) {
            continue;
        }
        let wrong = if rising { Ordering::Less } else { Ordering::Greater };
        // Where the versions have an order of their own, it is a date that is wrong.
        let edits = if versions.is_none() { sorted(sink, spec, &rows, rising) } else { None };
        // Releases of an older line go on after a newer one has begun.
        let releases = rows.iter().any(|it| it.version.len() > 2);
        // One version with two dates is told as such.
        let other_line =
            |a: &Row<'_>, b: &Row<'_>| releases && (line(&a.version) != line(&b.version) || a.version == b.version);
        for (before, after, _) in steps.iter().filter(|it| it.2 == wrong && !other_line(it.0, it.1)) {
            let finding = sink
                .report(after.span, format!("{} stands after {}", after.day, before.day))
                .label(before.span, "the row before")
                .note(match (versions.is_some(), rising) {
                    (true, true) => "the versions go from old to new",
                    (true, false) => "the versions go from new to old",
                    (false, true) => "the other rows go from old to new",
                    (false, false) => "the other rows go from new to old",
                });
            drop(match &edits {
                Some(edits) => finding.fix("put the rows in order", Applicability::Safe, edits.clone()),
                None => finding,
            });
        }
    }
}

/// The rows of the table that holds these dates, each written where the one belongs that is in order.
fn sorted(sink: &Sink<'_>, spec: &Spec, rows: &[Row<'_>], rising: bool) -> Option<Vec<Edit>> {
    let first = rows.first()?.span;
    let section = spec.document().section_at(first)?;
    let mut places: Vec<Span> = Vec::new();
    syntax::document::tables(&section.blocks, &mut |table, span| {
        if span.contains(first) {
            places = table.rows.iter().map(|it| it.span).collect();
        }
    });
    if places.len() != rows.len() || !places.iter().zip(rows).all(|(place, row)| place.contains(row.span)) {
        return None;
    }
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|a, b| {
        let step = rows.get(*a).map(|it| it.day).cmp(&rows.get(*b).map(|it| it.day));
        if rising { step } else { step.reverse() }
    });
    let edits = places.iter().zip(&order).enumerate().filter(|(at, (_, from))| at != *from);
    let row = |from: usize| places.get(from).map(|it| sink.snippet(*it).trim_end_matches(['\r', '\n']));
    edits
        .map(|(_, (place, from))| {
            let own = sink.snippet(*place).trim_end_matches(['\r', '\n']).len();
            let span = Span { end: place.start + own as u32, ..*place };
            Some(Edit { span, text: row(*from)?.to_owned() })
        })
        .collect()
}

/// A revision.
struct Row<'a> {
    day: Date,
    span: Span,
    version: Vec<VersionPart<'a>>,
}

/// The two parts that the releases of a line have in common: `1.4` of `1.4.2`.
fn line<'a>(version: &[VersionPart<'a>]) -> [VersionPart<'a>; 2] {
    [0, 1].map(|it| version.get(it).cloned().unwrap_or(VersionPart::Number(0)))
}

/// The direction of the versions, if each row has one and they all go one way.
fn versions(rows: &[Row<'_>]) -> Option<Ordering> {
    let mut direction = None;
    for pair in rows.windows(2) {
        let [a, b] = pair else { continue };
        let step = b.version.cmp(&a.version);
        if a.version.is_empty() || b.version.is_empty() || step.is_eq() || direction.is_some_and(|it| it != step) {
            return None;
        }
        direction = Some(step);
    }
    direction
}

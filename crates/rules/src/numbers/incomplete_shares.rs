//! Percentages that are said to divide something, and that are not 100 in all.

use source::{Level, Span};
use syntax::document::Section;
use syntax::inline::{Inline, Slice};
use syntax::page::{Block, BlockKind, List, Table};
use syntax::quantity::figure::{Figure, figures};

use crate::numbers::wrong_total::{explained, is_total};
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "incomplete-shares",
    summary: "shares of one whole are not 100 % in all",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/incomplete-shares.md"),
    check: Check::Review(incomplete_shares),
};

fn incomplete_shares(sink: &mut Sink<'_>, review: &Review<'_>) {
    let speaks = |it: &&Section| review.texts().section(it.id).any(Holds::PERCENT);
    for section in review.spec.document().sections.iter().filter(speaks) {
        let mut wrong: Vec<Shares> = Vec::new();
        let mut before = None;
        for block in &section.blocks {
            let said = || divides(section.heading.as_str()) || before.is_some_and(announces);
            blocks(block, &said, &mut wrong);
            before = match &block.kind {
                BlockKind::Paragraph(text) => Some(text),
                _ => None,
            };
        }
        if !wrong.is_empty() && explained(section) {
            continue;
        }
        for shares in wrong {
            let mut finding = sink.report(shares.last, format!("the shares are {} % in all", shares.sum));
            if shares.first != shares.last {
                finding = finding.label(shares.first, "the first of them");
            }
            drop(finding.help("make them 100 %, or say what overlaps"));
        }
    }
}

/// Percentages of which each part of a whole has one.
struct Shares {
    first: Span,
    last: Span,
    sum: f64,
}

fn blocks(block: &Block, said: &dyn Fn() -> bool, found: &mut Vec<Shares>) {
    match &block.kind {
        BlockKind::Paragraph(text) => text.all().lines().for_each(|it| found.extend(line(it))),
        BlockKind::List(list) => {
            let shares = list.items.first().is_some_and(|it| it.text.as_str().contains('%'));
            if shares && said() {
                found.extend(items(list));
            }
            for item in &list.items {
                found.extend(line(item.text.all()));
                item.children.iter().for_each(|it| blocks(it, &|| announces(&item.text), found));
            }
        }
        BlockKind::Table(table) => found.extend(column(table, said)),
        BlockKind::Quote(inner) => inner.iter().for_each(|it| blocks(it, &|| false, found)),
        _ => {}
    }
}

fn announces(text: &Inline) -> bool {
    text.as_str().trim_end().ends_with([':', '*']) && divides(text.as_str())
}

/// Words that say that percentages are parts of one whole.
fn divides(text: &str) -> bool {
    const WORDS: [&str; 15] = [
        "split",
        "splits",
        "mix",
        "share",
        "shares",
        "distribution",
        "distributed",
        "breakdown",
        "allocation",
        "allocated",
        "proportion",
        "proportions",
        "divided",
        "apportioned",
        "composition",
    ];
    text.split(|it: char| !it.is_alphabetic()).any(|word| WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

/// Whether one percentage may be that of several parts: `90 % web, 2 % each for the others`.
fn counts_several(text: &str) -> bool {
    const WORDS: [&str; 5] = ["each", "every", "apiece", "per", "respectively"];
    text.split(|it: char| !it.is_alphabetic()).any(|word| WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)))
}

/// `Traffic split: 70% web, 20% mobile, 20% partners`.
fn line(line: Slice<'_>) -> Option<Shares> {
    let text = line.as_str();
    if text.bytes().filter(|it| *it == b'%').count() < 2 || !divides(text) || counts_several(text) {
        return None;
    }
    let all = figures(text);
    let shares: Vec<&Figure<'_>> = all.iter().filter(|it| it.is_percent()).collect();
    // One clause: percentages of two sentences may be of two things.
    let (first, last) = (shares.first()?, shares.last()?);
    let clause = text.get(first.start..last.end)?;
    if clause.contains([';', '→', '(']) || clause.contains(". ") {
        return None;
    }
    judge(&shares, |at| shares.get(at).map(|it| line.get(it.start..it.end).span()).unwrap_or_default())
}

fn items(list: &List) -> Option<Shares> {
    let mut parts = Vec::new();
    for item in &list.items {
        let text = item.text.all();
        if is_total(text.as_str().split(':').next().unwrap_or("")) {
            continue;
        }
        let mut own = figures(text.as_str()).into_iter().filter(Figure::is_percent);
        let figure = own.next()?;
        if own.next().is_some() {
            return None;
        }
        parts.push((figure, text));
    }
    of_parts(&parts)
}

fn column(table: &Table, said: &dyn Fn() -> bool) -> Option<Shares> {
    let share = |it: &Inline| it.as_str().contains('%');
    if !table.rows.first().is_some_and(|it| it.cells.iter().any(share)) {
        return None;
    }
    let said = said();
    let at = table.keys.iter().position(|key| {
        divides(key) || said && matches!(key.as_str(), "percentage" | "percent" | "" | "traffic" | "weight")
    })?;
    let mut parts = Vec::new();
    for row in &table.rows {
        if row.cells.first().is_some_and(|it| is_total(it.as_str())) {
            continue;
        }
        let cell = row.cells.get(at)?.all();
        let mut own = figures(cell.as_str()).into_iter();
        let figure = own.next().filter(Figure::is_percent)?;
        if own.next().is_some() {
            return None;
        }
        parts.push((figure, cell));
    }
    of_parts(&parts)
}

fn of_parts(parts: &[(Figure<'_>, Slice<'_>)]) -> Option<Shares> {
    let figures: Vec<&Figure<'_>> = parts.iter().map(|it| &it.0).collect();
    let place = |at: usize| parts.get(at).map(|(it, slice)| slice.get(it.start..it.end).span()).unwrap_or_default();
    judge(&figures, place)
}

/// Shares are nearly 100; others are of several wholes.
const NEAR: f64 = 25.0;

fn judge(shares: &[&Figure<'_>], place: impl Fn(usize) -> Span) -> Option<Shares> {
    if shares.len() < 2 || shares.iter().any(|it| it.high.is_some() || it.about || it.at_most || it.low >= 100.0) {
        return None;
    }
    let sum: f64 = shares.iter().map(|it| it.low).sum();
    let round = shares.iter().all(|it| it.low % 5.0 == 0.0);
    let step = shares.iter().map(|it| if it.decimal { it.step } else { 1.0 }).fold(0.0, f64::max);
    let slack = if round { 1e-6 } else { 0.5 * step * shares.len() as f64 };
    let off = (sum - 100.0).abs();
    (off > slack && off <= NEAR).then(|| Shares {
        first: place(0),
        last: place(shares.len() - 1),
        sum: (sum * 100.0).round() / 100.0,
    })
}

//! Budgets of time that their own parts exceed.

use source::{Level, Span};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::page::{Block, BlockKind, List, Table};
use syntax::quantity::figure::{CONVENTIONS, Figure, figures};

use crate::numbers::wrong_total::{explained, is_total};
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "budget-exceeded",
    summary: "the parts of a time budget take longer than it allows",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/budget-exceeded.md"),
    check: Check::Review(budget_exceeded),
};

fn budget_exceeded(sink: &mut Sink<'_>, review: &Review<'_>) {
    let texts = review.texts();
    let speaks = |it: &&Section| texts.section(it.id).and(texts.heading(it.id)).all(BUDGET);
    for section in review.spec.document().sections.iter().filter(speaks) {
        let heading = section.heading.all();
        let mut budget = budget(heading);
        let mut wrong = Vec::new();
        for block in &section.blocks {
            match &block.kind {
                BlockKind::Paragraph(text) => {
                    for line in text.all().lines() {
                        wrong.extend(inline(line));
                        budget = self::budget(line).or(budget);
                    }
                }
                BlockKind::List(list) => {
                    wrong.extend(budget.take().and_then(|it| exceeded(it, &items(list)?)));
                    for item in &list.items {
                        wrong.extend(inline(item.text.all()));
                        wrong.extend(nested(item.text.all(), &item.children));
                    }
                }
                BlockKind::Table(table) => wrong.extend(budget.take().and_then(|it| exceeded(it, &column(table)?))),
                _ => {}
            }
        }
        if wrong.is_empty() || explained(section) {
            continue;
        }
        for it in wrong {
            let mut finding = sink.report(it.budget, format!("the parts take {}, the budget is `{}`", it.sum, it.said));
            for part in it.parts {
                finding = finding.label(part, "");
            }
            drop(finding);
        }
    }
}

fn nested(text: Slice<'_>, children: &[Block]) -> Option<Exceeded> {
    let [Block { kind: BlockKind::List(list), .. }] = children else { return None };
    exceeded(budget(text)?, &items(list)?)
}

struct Exceeded {
    budget: Span,
    said: String,
    parts: Vec<Span>,
    sum: String,
}

/// A duration and where it stands.
type Part<'a> = (Figure<'a>, Slice<'a>);

/// What a text or a heading with a budget holds.
const BUDGET: Holds = Holds::DIGIT.and(Holds::BUDGET);

/// The one duration of a text that speaks of a budget.
fn budget(text: Slice<'_>) -> Option<Part<'_>> {
    let words = text.as_str();
    let said = ["udget", "roken down", "ade up of", "onsists of"].iter().any(|it| words.contains(it));
    if said { single(text) } else { None }
}

fn single(text: Slice<'_>) -> Option<Part<'_>> {
    let mut all = figures(text.as_str()).into_iter().filter(Figure::is_duration);
    let first = all.next()?;
    all.next().is_none().then_some((first, text))
}

/// The durations of a list, one for each item.
fn items(list: &List) -> Option<Vec<Part<'_>>> {
    let parts = list.items.iter().filter(|it| !is_total(it.text.as_str().split(':').next().unwrap_or("")));
    parts.map(|it| single(it.text.all())).collect()
}

/// The durations of the column that has one in each row.
fn column(table: &Table) -> Option<Vec<Part<'_>>> {
    if table.rows.iter().any(|it| it.cells.first().is_some_and(|it| is_total(it.as_str()))) {
        return None;
    }
    let read = |column: usize| -> Option<Vec<Part<'_>>> {
        table.rows.iter().map(|it| single(it.cells.get(column)?.all())).collect()
    };
    let mut columns = (1..table.header.len()).filter_map(read);
    let first = columns.next()?;
    columns.next().is_none().then_some(first)
}

/// `Latency budget of 300 ms: gateway 50 ms, engine 200 ms, database 120 ms`.
fn inline(line: Slice<'_>) -> Option<Exceeded> {
    let text = line.as_str();
    if !["udget", " of "].iter().any(|it| text.contains(it)) {
        return None;
    }
    let mut places = [text.find(": "), text.find('(')].into_iter().flatten();
    let (budget, at) = places.find_map(|at| Some((budget(line.get(0..at))?, at)))?;
    let end = text.len() - usize::from(text.get(..at + 1)?.ends_with('(') && text.ends_with(')'));
    let rest = line.get(at + 1..end);
    let pieces = rest.split_outside(&[',', '+', ';']);
    if pieces.len() < 2 {
        return None;
    }
    let parts: Option<Vec<Part<'_>>> = pieces.into_iter().map(single).collect();
    exceeded(budget, &parts?)
}

fn place<'a>(part: &Part<'a>) -> Slice<'a> {
    part.1.get(part.0.digits..part.0.end)
}

fn exceeded(budget: Part<'_>, parts: &[Part<'_>]) -> Option<Exceeded> {
    let plain = CONVENTIONS.first().copied()?;
    let seconds = |it: &Figure<'_>| it.low * it.factor(plain);
    let ranged = |it: &Figure<'_>| it.high.is_some();
    if parts.len() < 2 || ranged(&budget.0) || parts.iter().any(|it| ranged(&it.0)) {
        return None;
    }
    let allowed = seconds(&budget.0);
    let sum: f64 = parts.iter().map(|it| seconds(&it.0)).sum();
    // What takes longer by itself is no part of it.
    let part = parts.iter().all(|it| seconds(&it.0) < allowed);
    if !part || sum <= allowed * 1.000_1 || budget.0.about && sum <= allowed * 1.2 {
        return None;
    }
    let unit = budget.0.factor(plain);
    let sum = (sum / unit * 1000.0).round() / 1000.0;
    Some(Exceeded {
        budget: place(&budget).span(),
        said: place(&budget).as_str().to_owned(),
        parts: parts.iter().map(|it| place(it).span()).collect(),
        sum: format!("{sum} {}", budget.0.unit),
    })
}

//! Totals of tables and lists that are not the sum of what stands above or beside them.

use model::Spec;
use source::{Applicability, Edit, Level};
use syntax::SectionId;
use syntax::document::{BOLD_LINE, Section};
use syntax::inline::Slice;
use syntax::page::{Block, BlockKind, List, Table};
use syntax::quantity::figure::{self, CONVENTIONS, Figure, written_like};

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "wrong-total",
    summary: "a total is not the sum of its parts",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/wrong-total.md"),
    check: Check::Review(wrong_total),
};

fn wrong_total(sink: &mut Sink<'_>, review: &Review<'_>) {
    let texts = review.texts();
    let speaks = |it: &&Section| texts.section(it.id).any(Holds::TOTAL);
    for section in review.spec.document().sections.iter().filter(speaks) {
        blocks(sink, section, &section.blocks);
    }
    if texts.with_all(ESTIMATE).next().is_some() {
        estimates(sink, review.spec);
    }
}

/// What a text with an estimate holds.
const ESTIMATE: Holds = Holds::ESTIMATE.and(Holds::DIGIT).and(Holds::COLON);

fn blocks(sink: &mut Sink<'_>, section: &Section, inner: &[Block]) {
    for block in inner {
        match &block.kind {
            BlockKind::Table(table) => {
                total_rows(sink, section, table);
                total_column(sink, table);
            }
            BlockKind::List(list) => {
                total_item(sink, section, list);
                list.items.iter().for_each(|it| blocks(sink, section, &it.children));
            }
            BlockKind::Quote(inner) => blocks(sink, section, inner),
            _ => {}
        }
    }
}

/// A figure that is all that a cell says, with its place.
struct Part<'a> {
    figure: Figure<'a>,
    slice: Slice<'a>,
    optional: bool,
}

fn part(slice: Slice<'_>, optional: bool) -> Option<Part<'_>> {
    let text = slice.as_str();
    // A calculation, a list of figures, a sentence.
    if text.len() > MAX_CELL || !text.bytes().any(|it| it.is_ascii_digit()) {
        return None;
    }
    let figure = figure::only(text)?;
    let before = text.get(..figure.digits).unwrap_or("").trim_end();
    let word = before.rsplit(|it: char| !it.is_alphabetic()).next().unwrap_or("");
    (!is_numbered(word)).then_some(Part { figure, slice, optional })
}

/// Whether the number behind a word says which one is meant: `Day 2`.
fn is_numbered(word: &str) -> bool {
    matches!(
        word.to_ascii_lowercase().as_str(),
        "day" | "week" | "month" | "quarter" | "year" | "sprint" | "phase" | "step" | "stage" | "level" | "tier"
    )
}

/// Longer cells are sentences.
const MAX_CELL: usize = 40;

/// Whether a cell names a total; riders in brackets may follow.
pub(crate) fn is_total(label: &str) -> bool {
    let label = label.trim_matches(|it: char| !it.is_alphanumeric() && it != ')');
    if !label.starts_with(['T', 't', 'S', 's', 'G', 'g', 'O', 'o', 'I', 'i']) || label.len() > MAX_CELL {
        return false;
    }
    let lower = label.to_ascii_lowercase();
    let name = lower.split(['(', '—', '–', ':']).next().unwrap_or("");
    matches!(
        name.trim_matches(|it: char| !it.is_alphanumeric()).trim(),
        "total"
            | "totals"
            | "sum"
            | "grand total"
            | "subtotal"
            | "sub-total"
            | "total sum"
            | "in total"
            | "overall total"
    )
}

fn is_optional(label: &str) -> bool {
    let lower = label.to_ascii_lowercase();
    ["optional", "stretch", "nice to have"].iter().any(|it| lower.contains(it))
}

/// Rows called `Total` below figures.
fn total_rows(sink: &mut Sink<'_>, section: &Section, table: &Table) {
    let label = |row: usize| table.rows.get(row).and_then(|it| it.cells.first()).map_or("", |it| it.as_str());
    let totals: Vec<usize> = (0..table.rows.len()).filter(|it| is_total(label(*it))).collect();
    let mut from = 0;
    for &at in &totals {
        let mut wrong: Vec<(Vec<Part<'_>>, Part<'_>)> = Vec::new();
        for column in 1..table.header.len() {
            let cell = |row: usize| table.rows.get(row).and_then(|it| it.cells.get(column)).map(|it| it.all().trim());
            let Some(total) = cell(at).and_then(|it| part(it, false)) else { continue };
            let header = table.keys.get(column).map_or("", String::as_str);
            if !is_additive(header) || total.figure.is_percent() && total.figure.low != 100.0 {
                continue;
            }
            let read = |from: usize| -> Option<Vec<Part<'_>>> {
                (from..at).filter(|it| !totals.contains(it)).map(|it| part(cell(it)?, is_optional(label(it)))).collect()
            };
            let (Some(own), Some(all)) = (read(from), read(0)) else { continue };
            if own.len() < 2 && all.len() < 2 || holds(&own, &total, header) || holds(&all, &total, header) {
                continue;
            }
            let without = label(at).to_ascii_lowercase();
            if ["no ", "without", "excl", "w/o", "max", "wall"].iter().any(|it| without.contains(it))
                || explained(section)
            {
                continue;
            }
            wrong.push((if own.len() < 2 { all } else { own }, total));
        }
        // What is the same before and after has no row.
        let left_out =
            |it: &(Vec<Part<'_>>, Part<'_>)| it.1.figure.low - it.0.iter().map(|it| it.figure.low).sum::<f64>();
        let first = wrong.first().map_or(0.0, left_out);
        let same = wrong.len() > 1 && first > 0.0 && wrong.iter().all(|it| (left_out(it) - first).abs() < 1e-9);
        if !same {
            wrong.iter().for_each(|(parts, total)| tell(sink, parts, total));
        }
        from = at + 1;
    }
}

/// Whether figures of a column can be added.
fn is_additive(header: &str) -> bool {
    !header.split(|it: char| !it.is_alphanumeric()).any(|it| {
        matches!(
            it,
            "id" | "version"
                | "port"
                | "priority"
                | "average"
                | "avg"
                | "mean"
                | "median"
                | "p50"
                | "p90"
                | "p95"
                | "p99"
                | "ratio"
                | "score"
                | "year"
                | "rank"
                | "date"
                | "week"
                | "no"
                | "max"
                | "maximum"
                | "min"
                | "peak"
                | "unique"
        )
    })
}

/// Whether a section says why its figures do not add up.
pub(crate) fn explained(section: &Section) -> bool {
    let mut found = false;
    syntax::document::inlines(&section.blocks, &mut |text| {
        let lower = text.as_str().to_lowercase();
        found |=
            ["overlap", "parallel", "concurren", "add up", "not sum", "rounding", "rounded", "contingency", "buffer"]
                .iter()
                .any(|it| lower.contains(it));
    });
    found
}

/// Whether a total is the sum of the parts, of those that are not optional, or not to be decided.
fn holds(parts: &[Part<'_>], total: &Part<'_>, header: &str) -> bool {
    let limit = total.figure.at_most
        || parts.iter().any(|it| it.figure.at_most)
        || ["budget", "target", "limit", "latency"].iter().any(|it| header.contains(it))
            && total.figure.dimension() == (1, 0);
    let whole: Vec<&Part<'_>> = parts.iter().collect();
    let needed: Vec<&Part<'_>> = parts.iter().filter(|it| !it.optional).collect();
    [whole, needed].iter().any(|parts| adds_up(parts, &total.figure, limit))
}

fn adds_up(parts: &[&Part<'_>], total: &Figure<'_>, limit: bool) -> bool {
    let kind = |it: &Figure<'_>| (it.dimension(), it.money, it.is_percent());
    let same = parts.iter().all(|it| kind(&it.figure) == kind(total) && (it.figure.at_most == total.at_most || limit));
    // Words that are counted: `3 tasks` and `2 days` are not added.
    if !same || parts.len() < 2 || total.high.is_none() && parts.iter().any(|it| it.figure.high.is_some()) {
        return true;
    }
    let about = total.about || parts.iter().any(|it| it.figure.about);
    CONVENTIONS.iter().any(|convention| {
        let own = |it: &Figure<'_>| it.factor(*convention) / total.factor(*convention);
        let low: f64 = parts.iter().map(|it| it.figure.low * own(&it.figure)).sum();
        let high: f64 = parts.iter().map(|it| it.figure.high.unwrap_or(it.figure.low) * own(&it.figure)).sum();
        let rounded = parts.iter().filter(|it| it.figure.decimal || it.figure.is_percent()).count() as f64;
        let step = parts.iter().map(|it| it.figure.step * own(&it.figure)).fold(0.0, f64::max);
        let mixed = parts.iter().any(|it| it.figure.unit != total.unit);
        let slack = |written: f64| {
            let rough = if about { 0.2 * written } else { 0.0 };
            let converted = if mixed { (0.5 * total.step).min(0.05 * written) } else { 0.0 };
            let decimals = if total.is_percent() { 0.5 * rounded * step } else { 0.0 };
            rough.max(converted).max(decimals).max(1e-6 * written.abs())
        };
        let fits = |sum: f64, written: f64| (limit && sum < written) || (sum - written).abs() <= slack(written);
        fits(low, total.low) && fits(high, total.high.unwrap_or(total.low))
    })
}

fn tell(sink: &mut Sink<'_>, parts: &[Part<'_>], total: &Part<'_>) {
    let figure = &total.figure;
    let Some(plain) = CONVENTIONS.first().copied() else { return };
    let sum = |upper: bool| -> f64 {
        let value = |it: &Figure<'_>| if upper { it.high.unwrap_or(it.low) } else { it.low };
        parts.iter().map(|it| value(&it.figure) * it.figure.factor(plain)).sum::<f64>()
            / figure.factor(plain)
            / figure.scale
    };
    let written = total.slice.get(figure.digits..figure.digits_end);
    let sample = written.as_str().split(['-', '–', '—', ' ']).next().unwrap_or("");
    let low = written_like(sum(false), sample);
    let value = match figure.high {
        Some(_) => format!("{low}-{}", written_like(sum(true), sample)),
        None => low,
    };
    let span = total.slice.get(figure.digits..figure.end).span();
    let said = total.slice.get(figure.digits..figure.end);
    let mut finding = sink.report(span, format!("the parts add up to {value}, the total says `{}`", said.as_str()));
    if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
        finding = finding.label(first.slice.span(), "the first part").label(last.slice.span(), "the last part");
    }
    drop(finding.fix(
        format!("write `{value}`"),
        Applicability::Unsafe,
        vec![Edit { span: written.span(), text: value.clone() }],
    ));
}

/// A column called `Total` beside others whose sum or product it is in most rows.
fn total_column(sink: &mut Sink<'_>, table: &Table) {
    let named =
        |it: &String| matches!(it.as_str(), "total" | "sum" | "subtotal" | "line total" | "total cost" | "total hours");
    let Some(column) = table.keys.iter().position(named) else { return };
    let rows: Vec<usize> = (0..table.rows.len())
        .filter(|it| !table.rows.get(*it).and_then(|it| it.cells.first()).is_some_and(|it| is_total(it.as_str())))
        .collect();
    if rows.len() < 3 {
        return;
    }
    let cell = |row: usize, column: usize| -> Option<Part<'_>> {
        part(table.rows.get(row)?.cells.get(column)?.all().trim(), false).filter(|it| it.figure.high.is_none())
    };
    let all = |column: usize| rows.iter().map(|it| cell(*it, column)).collect::<Option<Vec<_>>>();
    let Some(totals) = all(column) else { return };
    let others: Vec<Vec<Part<'_>>> = (0..table.header.len())
        .filter(|it| *it != column && table.keys.get(*it).is_some_and(|it| is_additive(it)))
        .filter_map(all)
        .collect();
    if others.len() < 2 {
        return;
    }
    let values = |row: usize| others.iter().filter_map(move |it| it.get(row)).map(|it| it.figure.low);
    let relations: [(&str, &dyn Fn(usize) -> f64); 2] =
        [("sum", &|row| values(row).sum()), ("product", &|row| values(row).product())];
    for (name, relation) in relations {
        if name == "product" && others.len() != 2 {
            continue;
        }
        let wrong: Vec<usize> = (0..rows.len())
            .filter(|it| {
                totals.get(*it).is_some_and(|total| {
                    (relation(*it) - total.figure.low).abs()
                        > total.figure.step.min(0.01 * total.figure.low.abs()) * 0.5
                })
            })
            .collect();
        if wrong.len() * 3 > rows.len() || rows.len() - wrong.len() < 2 {
            continue;
        }
        for row in wrong {
            let Some(total) = totals.get(row) else { continue };
            let written = total.slice.get(total.figure.digits..total.figure.digits_end);
            let value = written_like(relation(row) / total.figure.scale, written.as_str());
            let mut finding =
                sink.report(written.span(), format!("the {name} of this row is {value}, not {}", written.as_str()));
            for part in others.iter().filter_map(|it| it.get(row)) {
                finding = finding.label(part.slice.span(), "");
            }
            drop(finding.note(format!("in the other rows, the total is the {name}")).fix(
                format!("write `{value}`"),
                Applicability::Unsafe,
                vec![Edit { span: written.span(), text: value.clone() }],
            ));
        }
        return;
    }
}

/// `Total: 40 h` as the first or last item of a list whose other items have one figure each.
fn total_item(sink: &mut Sink<'_>, section: &Section, list: &List) {
    let count = list.items.len();
    if count < 3 {
        return;
    }
    let ends = [0, count - 1];
    let Some(at) = ends
        .into_iter()
        .find(|it| list.items.get(*it).and_then(|it| it.text.as_str().split(':').next()).is_some_and(is_total))
    else {
        return;
    };
    let value = |index: usize| {
        let text = list.items.get(index)?.text.all();
        let value = syntax::inline::label(text).map_or(text, |it| it.value);
        part(value, is_optional(text.as_str()))
    };
    let Some(total) = value(at) else { return };
    let parts: Option<Vec<Part<'_>>> = (0..count).filter(|it| *it != at).map(value).collect();
    let Some(parts) = parts else { return };
    if total.figure.is_percent() && total.figure.low != 100.0 || holds(&parts, &total, "") || explained(section) {
        return;
    }
    tell(sink, &parts, &total);
}

/// Estimates of stories or phases, one for each, that are said in one way.
struct Estimates<'a> {
    /// The label, or nothing for what stands in brackets in headings.
    key: String,
    parent: Option<SectionId>,
    parts: Vec<Part<'a>>,
    sections: Vec<&'a Section>,
}

/// `**Total Estimate:** 10 days` against the `**Estimate:**` of each story, or `(2 weeks)` in the heading of
/// each phase.
fn estimates<'a>(sink: &mut Sink<'_>, spec: &'a Spec) {
    let doc = spec.document();
    let mut totals: Vec<(Part<'a>, &Section)> = Vec::new();
    let mut groups: Vec<Estimates<'a>> = Vec::new();
    for inner in &doc.sections {
        // A bold line within a story is a part of it.
        let outer = doc.ancestors(inner.id).find(|it| it.level < BOLD_LINE);
        let section = outer.unwrap_or(inner);
        let heading = section.heading.as_str();
        if section.id == inner.id && heading.ends_with(')') && heading.bytes().any(|it| it.is_ascii_digit()) {
            let open = heading.rfind('(').map_or(0, |it| it + 1);
            let inner = section.heading.all().get(open..heading.len() - 1);
            if let Some(part) = part(inner, is_optional(heading)).filter(|it| it.figure.is_duration() && is_alone(it)) {
                group(&mut groups, String::new(), section, part);
            }
        }
        for block in &inner.blocks {
            let BlockKind::Paragraph(text) = &block.kind else { continue };
            for line in text.all().lines().filter(|it| is_estimate(it.as_str())) {
                let Some(label) = syntax::inline::label(line) else { continue };
                let key = label.key.as_str().to_ascii_lowercase();
                let value =
                    label.value.get(0..label.value.as_str().find('(').unwrap_or(label.value.as_str().len())).trim();
                let Some(part) = part(value, is_optional(heading)).filter(is_alone) else { continue };
                if !part.figure.is_duration() && !key.contains("points") {
                    continue;
                }
                let whole = key.contains("total") || key.contains("overall") || section.level <= 1;
                match whole {
                    true => totals.push((part, section)),
                    false => group(&mut groups, key, section, part),
                }
            }
        }
    }
    let [(total, place)] = totals.as_slice() else { return };
    groups.retain(|it| it.parts.len() >= 2 && it.parts.iter().all(|it| unit(it) == unit(total)));
    let [own] = groups.as_slice() else { return };
    let quiet = |section: &Section| explained(section) || section.heading.as_str().to_lowercase().contains("parallel");
    let parent = own.parent.and_then(|it| doc.section(it));
    if holds(&own.parts, total, "")
        || quiet(place)
        || parent.is_some_and(quiet)
        || own.sections.iter().any(|it| doc.descendants(it.id).chain([*it]).any(quiet))
    {
        return;
    }
    tell(sink, &own.parts, total);
}

/// Days are not hours of work, and weeks may be those of a calendar.
fn unit<'a>(part: &Part<'a>) -> &'a str {
    part.figure.unit.trim_end_matches('s')
}

/// Whether a figure is all that its words say, but for its unit.
fn is_alone(part: &Part<'_>) -> bool {
    let text = part.slice.as_str();
    let rest = text.get(part.figure.end..).unwrap_or("").trim_matches(|it: char| !it.is_alphanumeric());
    matches!(rest, "" | "points" | "story points" | "pts")
}

/// Whether a line may be the label of an estimate.
fn is_estimate(line: &str) -> bool {
    let head = line.get(..line.len().min(40)).unwrap_or(line);
    line.contains(':')
        && line.bytes().any(|it| it.is_ascii_digit())
        && ["stimate", "uration", "ffort", "oints", "imeline"].iter().any(|it| head.contains(it))
}

fn group<'a>(groups: &mut Vec<Estimates<'a>>, key: String, section: &'a Section, part: Part<'a>) {
    // Estimates of stories stand in sections beside each other, each in its own.
    match groups.iter_mut().rev().take(8).find(|it| it.key == key && it.parent == section.parent) {
        Some(known) if known.sections.last().is_none_or(|it| it.id != section.id) => {
            known.parts.push(part);
            known.sections.push(section);
        }
        Some(_) => {}
        None => groups.push(Estimates { key, parent: section.parent, parts: vec![part], sections: vec![section] }),
    }
}

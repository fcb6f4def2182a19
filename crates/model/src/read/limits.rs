//! Limits of rates (`5 attempts per 15 minutes`, `100 req/min per IP`) and what tests have to cover.

use source::Span;
use syntax::Family;
use syntax::columns::{Names, cell, column};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::needles::Needles;
use syntax::page::{Block, BlockKind, Table};
use syntax::quantity::{self, Bound, Quantity, Unit};

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Entry, Reader, entries, first_line};

const WHAT: Names = &[
    "endpoint",
    "route",
    "path",
    "resource",
    "operation",
    "action",
    "scope",
    "category",
    "tier",
    "name",
    "type",
    "role",
    "user type",
];
const LIMIT: Names =
    &["rate limit", "limit", "rate", "max request", "maximum", "request", "attempt", "max attempt", "threshold"];
const WINDOW: Names = &["window", "time window", "period", "per", "interval", "duration", "timeframe"];

/// Words of a heading above limits.
static TITLE: Needles = Needles::new(&["rate limit", "throttling"]);

/// Words that speak of limits of rates.
static WORDS: Needles = Needles::new(&["ate limit", "ate Limit"]);

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    // Those above a section stand before it.
    let mut limits: Vec<bool> = Vec::with_capacity(doc.sections.len());
    for section in &doc.sections {
        let above = section.parent.and_then(|it| limits.get(it.0 as usize)).is_some_and(|it| *it);
        let limited = above || TITLE.are_in(section.title.key());
        limits.push(limited);
        let tested = !limited && in_testing(reader, section);
        if !limited && !tested && !mentions(&section.blocks) {
            continue;
        }
        if tested {
            coverage(reader, section, section.heading.all(), section.name(), Form::Heading);
        }
        for entry in entries(&section.blocks) {
            listed(reader, section, &entry, limited, tested);
        }
        syntax::document::tables(&section.blocks, &mut |table, _| {
            if limited || table.keys.iter().any(|it| it == "rate limit") {
                rows(reader, table);
            } else if tested {
                for row in &table.rows {
                    let Some(name) = cell(row, Some(0)) else { continue };
                    for words in row.cells.iter().skip(1) {
                        coverage(reader, section, words.all(), name, Form::Table);
                    }
                }
            }
        });
    }
}

/// Whether words of a section speak of limits of rates.
fn mentions(blocks: &[Block]) -> bool {
    blocks.iter().any(|it| match &it.kind {
        BlockKind::Paragraph(text) => WORDS.are_in(text.as_str()),
        BlockKind::List(list) => list.items.iter().any(|it| WORDS.are_in(it.text.as_str())),
        BlockKind::Table(table) => table.keys.iter().any(|it| it == "rate limit"),
        BlockKind::Quote(inner) => mentions(inner),
        _ => false,
    })
}

fn in_testing(reader: &Reader<'_>, section: &Section) -> bool {
    let mut families = reader.doc.ancestors(section.id).filter_map(|it| it.own);
    families.any(|it| matches!(it, Family::Testing | Family::UnitTests))
}

fn listed(reader: &mut Reader<'_>, section: &Section, entry: &Entry<'_>, limited: bool, tested: bool) {
    let said = entry.label();
    let label = said.filter(|it| WORDS.are_in(it.key.as_str()));
    if limited || label.is_some() {
        let own = said.filter(|_| label.is_none());
        let name = own.map(|it| it.key).or_else(|| entry.whole.leading_code()).unwrap_or_else(|| section.name());
        let words = said.map_or(entry.whole, |it| it.value);
        say_rates(reader, name, own.map(|it| it.key), words, entry.form);
    } else if tested {
        let name = said.map_or_else(|| section.name(), |it| it.key);
        coverage(reader, section, first_line(entry.whole), name, entry.form);
    }
}

/// Says the rates of some words.
fn say_rates(reader: &mut Reader<'_>, name: Slice<'_>, label: Option<Slice<'_>>, words: Slice<'_>, form: Form) {
    if !words.as_str().contains(|it: char| it.is_ascii_digit()) {
        return;
    }
    // A limit is the most that is allowed: `3 per hour`.
    let label = format!("{} maximum", label.map_or("", |it| it.as_str()));
    let found = quantity::read_under(&label, &words.to_text());
    for mut quantity in found.into_iter().filter(|it| matches!(it.unit, Unit::PerSecond(_))) {
        if quantity.bound == Bound::Exactly {
            quantity.bound = Bound::AtMost;
        }
        let span = quantity.span;
        say(reader, "limit", name, quantity, span, form);
    }
}

fn rows(reader: &mut Reader<'_>, table: &Table) {
    let Some(limit) = column(table, LIMIT) else { return };
    let what = column(table, WHAT).filter(|it| *it != limit).unwrap_or(0);
    let window = column(table, WINDOW).filter(|it| *it != limit);
    let noun = table.keys.get(limit).map_or("", |it| it.rsplit(' ').next().unwrap_or(""));
    let noun = if matches!(noun, "attempt" | "call" | "message" | "login") { noun } else { "request" };
    for row in &table.rows {
        let (Some(name), Some(words)) = (cell(row, Some(what)), cell(row, Some(limit))) else { continue };
        let Some(period) = cell(row, window) else {
            say_rates(reader, name, None, words, Form::Table);
            continue;
        };
        // `| /login | 5 | 15 min |`.
        let number = words.as_str().replace(',', "").parse::<f64>().ok().filter(|it| *it > 0.0);
        let seconds =
            syntax::alert::window(period.as_str().trim_start_matches("per ")).or_else(|| one(period.as_str()));
        match (number, seconds.filter(|it| *it > 0.0)) {
            (Some(number), Some(seconds)) => {
                let quantity = Quantity {
                    bound: Bound::AtMost,
                    value: number / seconds,
                    upper: None,
                    unit: Unit::PerSecond(noun.to_owned()),
                    percentile: None,
                    conditions: Vec::new(),
                    span: words.span(),
                    number: words.span(),
                };
                say(reader, "limit", name, quantity, words.span(), Form::Table);
            }
            _ => say_rates(reader, name, None, words, Form::Table),
        }
    }
}

/// `minute`, `per hour`.
fn one(period: &str) -> Option<f64> {
    let word = period.trim().trim_start_matches("per ").trim_start_matches("1 ");
    syntax::alert::window(&format!("1 {word}"))
}

/// Says the shares of code that some words ask tests to cover. A share of the effort (`20% of tests`) is none.
fn coverage(reader: &mut Reader<'_>, section: &Section, words: Slice<'_>, name: Slice<'_>, form: Form) {
    let text = words.as_str();
    if !text.contains('%') {
        return;
    }
    let covers = says(text, "overage") || says(text, "overed") || says(name.as_str(), "overage");
    let effort =
        ["of tests", "of all tests", "of effort", "of the tests", "of test"].iter().any(|it| text.contains(it));
    if !covers && !says(section.heading.as_str(), "overage") || effort {
        return;
    }
    let found = quantity::read(&words.to_text());
    for quantity in found.into_iter().filter(|it| it.unit == Unit::Percent) {
        let span = quantity.span;
        say(reader, "coverage", name, quantity, span, form);
    }
}

fn says(text: &str, part: &str) -> bool {
    text.contains(part)
}

fn say(reader: &mut Reader<'_>, kind: &str, name: Slice<'_>, quantity: Quantity, span: Span, form: Form) {
    let name = name.trim();
    let subject = Subject::of(kind, name.as_str());
    if reader.claims.of(&subject, Property::Declared).next().is_none() {
        reader.say_text(&subject, Property::Declared, name, form);
    }
    reader.say(&subject, Property::Quantity, Value::Quantity(Box::new(quantity)), span, form);
}

#[cfg(test)]
mod tests;

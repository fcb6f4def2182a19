//! Percentiles of one figure of which the higher one is smaller.

use std::collections::BTreeMap;

use source::{Level, Span};
use syntax::family::singular;
use syntax::quantity::{Bound, Quantity, Unit};

use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "percentiles-out-of-order",
    summary: "a higher percentile has a smaller limit",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/percentiles-out-of-order.md"),
    check: Check::Review(percentiles_out_of_order),
};

fn percentiles_out_of_order(sink: &mut Sink<'_>, review: &Review<'_>) {
    let mut told = Vec::new();
    // `p95 < 200 ms, p99 < 500 ms` in one line.
    for text in review.texts().with_all(Holds::PERCENTILE.and(Holds::DIGIT)) {
        for line in text.inline.all().lines() {
            let found: Vec<Quantity> = syntax::quantity::read(&line.to_text()).into_iter().filter(is_one).collect();
            for pair in found.windows(2) {
                if let [first, second] = pair
                    && is_list(sink, first, second)
                {
                    compare(sink, first, second, &mut told);
                }
            }
        }
    }
    // One of each in targets that are called alike, of one section.
    let mut alike: BTreeMap<String, Vec<&Quantity>> = BTreeMap::new();
    for target in review.spec.targets.iter().filter(|it| matches!(it.kind, "target" | "goal")) {
        let mut own = target.quantities.iter().filter(|it| is_one(it));
        if let (Some(only), None) = (own.next(), own.next()) {
            let section = review.spec.document().section_at(target.text.span).map(|it| it.id);
            let name = names(sink.snippet(target.text.span), only);
            alike.entry(format!("{section:?} {name} {}", only.conditions.join(" "))).or_default().push(only);
        }
    }
    for found in alike.values() {
        for pair in found.windows(2) {
            if let [first, second] = pair {
                compare(sink, first, second, &mut told);
            }
        }
    }
}

fn is_one(it: &Quantity) -> bool {
    it.percentile.is_some() && it.unit == Unit::Seconds && it.upper.is_none() && it.bound != Bound::AtLeast
}

fn compare(sink: &mut Sink<'_>, first: &Quantity, second: &Quantity, told: &mut Vec<Span>) {
    let (Some(a), Some(b)) = (first.percentile, second.percentile) else { return };
    let (low, high) = if a < b { (first, second) } else { (second, first) };
    if (a - b).abs() < 1e-9 || high.value >= low.value || told.contains(&high.number) {
        return;
    }
    told.push(high.number);
    let (upper, lower) = (a.max(b), a.min(b));
    let (here, there) = (sink.snippet(high.span), sink.snippet(low.span));
    let message = format!("the {upper}th percentile is `{here}`, below the {lower}th with `{there}`");
    drop(sink.report(high.number, message).label(low.number, format!("the {lower}th percentile")));
}

/// Whether nothing stands between two quantities of a line but their percentiles: they are of one figure.
fn is_list(sink: &Sink<'_>, first: &Quantity, second: &Quantity) -> bool {
    let (from, to) = (first.span.range().end, second.span.range().start);
    let between = if from <= to { sink.snippet(Span::new(first.span.file, from..to)) } else { "" };
    let lower = between.to_lowercase();
    lower.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).all(is_filler)
}

/// The words of a target's name without those that its percentile and its figure need.
fn names(text: &str, limit: &Quantity) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|it: char| !it.is_alphanumeric()).filter(|it| {
        let figure = it.starts_with(|it: char| it.is_ascii_digit());
        !it.is_empty() && !figure && !is_filler(it) && !limit.conditions.iter().any(|own| own == it)
    });
    words.map(singular).collect::<Vec<_>>().join(" ")
}

fn is_filler(word: &str) -> bool {
    let digits = word.trim_start_matches('p').trim_end_matches(['t', 'h', 's', 'd', 'n', 'r']);
    let percentile = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    percentile
        || matches!(
            word,
            "percentile"
                | "and"
                | "at"
                | "the"
                | "is"
                | "latency"
                | "time"
                | "response"
                | "ms"
                | "s"
                | "sec"
                | "second"
                | "seconds"
                | "under"
                | "below"
                | "within"
                | "less"
                | "than"
                | "target"
                | "median"
                | "with"
                | "a"
                | "of"
        )
}

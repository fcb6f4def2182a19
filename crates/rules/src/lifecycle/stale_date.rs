//! Headers that are older than the revision history.

use jiff::civil::Date;
use model::Spec;
use model::claim::{Property, Subject};
use model::date::{self, Reading};
use source::{Applicability, Edit, Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "stale-date",
    summary: "the header's date is older than the newest revision",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/stale-date.md"),
    check: Check::Spec(stale_date),
};

fn stale_date(sink: &mut Sink<'_>, spec: &Spec) {
    let claims = spec.claims();
    let document = Subject::document();
    let updates = claims.of(&document, Property::Updated).filter_map(|it| {
        let text = it.value.as_text()?;
        Some((day(text)?, it.span, date::read(text)?.1))
    });
    let revisions =
        claims.all.iter().filter(|it| it.property == Property::Date && it.subject.as_str().starts_with("revision."));
    let newest: Option<(Date, Span)> =
        revisions.filter_map(|it| Some((day(it.value.as_text()?)?, it.span))).max_by_key(|it| it.0);
    // `Last Updated` says when the document last changed; `Date` alone may be the day of its creation.
    let Some((newest, at)) = newest else { return };
    let Some((updated, span, len)) = updates.max_by_key(|it| it.0) else { return };
    if updated < newest {
        drop(
            sink.report(span, format!("last updated on {updated}, but revised on {newest}"))
                .label(at, "the newest revision")
                .help(format!("write `{newest}`"))
                .fix(
                    format!("write `{newest}`"),
                    Applicability::Unsafe,
                    vec![Edit { span: Span { end: span.start + len as u32, ..span }, text: newest.to_string() }],
                ),
        );
    }
}

fn day(text: &str) -> Option<Date> {
    match date::read(text)?.0 {
        Reading::Day(day) => Some(day),
        _ => None,
    }
}

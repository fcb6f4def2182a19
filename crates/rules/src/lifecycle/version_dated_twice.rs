//! Versions that the revision history has twice, with different dates.

use std::collections::HashMap;

use jiff::civil::Date;
use model::Spec;
use model::claim::Property;
use model::date::{self, Reading};
use source::{Level, Span};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "version-dated-twice",
    summary: "the revision history gives one version two dates",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/version-dated-twice.md"),
    check: Check::Spec(version_dated_twice),
};

fn version_dated_twice(sink: &mut Sink<'_>, spec: &Spec) {
    let mut first: HashMap<Vec<VersionPart<'_>>, (Date, Span)> = HashMap::new();
    for claim in spec.claims().all.iter().filter(|it| it.property == Property::Version) {
        if !claim.subject.as_str().starts_with("revision.") {
            continue;
        }
        // Two histories may number their rows alike: the date is the one that stands in the row.
        let dates = spec.claims().of(&claim.subject, Property::Date);
        let Some(at) = dates.min_by_key(|it| it.span.start.abs_diff(claim.span.start)) else { continue };
        let (Some(version), Some(Reading::Day(day))) =
            (claim.value.as_text(), at.value.as_text().and_then(date::read).map(|it| it.0))
        else {
            continue;
        };
        let key = version_key(version);
        if key.is_empty() {
            continue;
        }
        // A release that was taken back may be made anew.
        if spec.document().section_at(at.span).is_some_and(|it| it.heading.as_str().ends_with("[YANKED]")) {
            continue;
        }
        let (known, there) = *first.entry(key).or_insert((day, at.span));
        if known != day {
            drop(
                sink.report(at.span, format!("version {version} is of {day} here and of {known} above"))
                    .label(there, "its other date")
                    .help("keep one history, or give the later revision a version of its own"),
            );
        }
    }
}

/// A part of a version: a number, or a word such as `beta`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum VersionPart<'a> {
    Word(&'a str),
    Number(u32),
}

/// A version in the form in which `v1.0`, `1.0.0` and `1` are equal; empty if it is none.
pub(crate) fn version_key(version: &str) -> Vec<VersionPart<'_>> {
    let plain = version.trim().trim_start_matches(['v', 'V']);
    if !plain.starts_with(|it: char| it.is_ascii_digit()) || plain.contains(char::is_whitespace) {
        return Vec::new();
    }
    let parts = plain.split(['.', '-', '+']);
    let mut parts: Vec<VersionPart<'_>> =
        parts.map(|it| it.parse().map_or(VersionPart::Word(it), VersionPart::Number)).collect();
    while parts.len() > 1 && parts.last() == Some(&VersionPart::Number(0)) {
        parts.pop();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::version_key;

    #[test]
    fn versions_are_compared() {
        assert_eq!(version_key("v1.0"), version_key("1.0.0"));
        assert!(version_key("1.10") > version_key("1.9.3"));
        assert!(version_key("0.2") < version_key("0.2.1"));
        assert!(version_key("draft").is_empty());
    }
}

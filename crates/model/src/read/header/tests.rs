use source::FileId;

use crate::claim::{Property, Subject};
use crate::{date, workspace};

/// `Author: Ana; Date: 2026-01-12; Status: Draft (POC Design)`
fn shown(source: &str) -> String {
    let text = source.replace('⏎', "\n");
    let text = text.trim_start();
    let titled = text.starts_with('#') && !text.starts_with("##") || text.starts_with("<!--");
    let source = if titled {
        format!("{text}\n\n**Status:** Draft\n")
    } else if text.starts_with("---") {
        format!("{text}\n\n# Technical Specification: Visits\n")
    } else {
        format!("# Technical Specification: Visits\n\n{text}\n")
    };
    let spec = workspace::read(FileId(0), "visits.md", &source);
    if titled {
        return format!("Title: {}", spec.title);
    }
    let mut parts = Vec::new();
    for claim in spec.claims().about(&Subject::document()).filter(|it| it.property != Property::Title) {
        let Some(words) = claim.value.as_text() else { continue };
        parts.push(match claim.property {
            Property::Status => {
                let known = crate::Status::read(words).map_or("none of the known", crate::Status::as_str);
                format!("Status: {known} ({words})")
            }
            Property::Date | Property::Updated => match date::read(words) {
                Some((found, _)) => format!("{:?}: {found:?}", claim.property),
                None => continue,
            },
            other => format!("{other:?}: {words}"),
        });
    }
    parts.join("; ")
}

/// How public specifications write their header.
#[test]
fn phrases() {
    crate::phrases::check(include_str!("phrases.txt"), 0.95, shown);
}

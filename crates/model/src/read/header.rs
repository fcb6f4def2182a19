//! The header: title, date, author, status, version, links to other documents.

use syntax::family::normal;
use syntax::inline::Label;

use crate::claim::{Form, Property, Subject};
use crate::read::Reader;

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let subject = Subject::document();
    if let Some(title) = doc.title() {
        reader.say_text(&subject, Property::Title, title.heading.all(), Form::Heading);
    }
    let mut labels: Vec<Label<'_>> = Vec::new();
    if let Some(front) = &doc.front {
        labels.extend(syntax::inline::labels(front));
    }
    let title = doc.title().map(|it| it.id);
    // Without a header under the title, the first section may be it.
    let opening = doc.title().and_then(|it| doc.sections.get(it.id.0 as usize + 1)).map(|it| it.id);
    for section in &doc.sections {
        let information = matches!(
            section.title.whole.as_str(),
            "document information" | "document control" | "metadata" | "document detail" | "document info"
        );
        if section.level == 0 || Some(section.id) == title || information {
            labels.extend(doc.labels_of(section));
        } else if Some(section.id) == opening {
            let own = doc.labels_of(section);
            if own.iter().filter(|it| property(it).is_some()).count() >= 2 {
                labels.extend(own);
            }
        }
    }
    // `*Last Updated: 2026-01-12*` as the last words.
    let tail = doc.sections.iter().rev().take(2).take_while(|it| Some(it.id) > opening && opening.is_some());
    for section in tail.collect::<Vec<_>>().into_iter().rev() {
        labels.extend(doc.labels_of(section).into_iter().filter(|it| property(it) == Some(Property::Updated)));
    }
    for label in labels {
        let Some(property) = property(&label) else { continue };
        reader.say_text(&subject, property, label.value, Form::Label);
        if property == Property::Referenced {
            for name in label.value.split_outside(&[',', ';']) {
                super::context::dependency(reader, "dependency", name, name);
            }
        }
    }
}

/// What a label of the header says of the document.
fn property(label: &Label<'_>) -> Option<Property> {
    Some(match normal(label.key.as_str()).as_str() {
        "date" | "created" | "creation date" | "document date" | "generated" | "generated on" => Property::Date,
        "last updated" | "updated" | "last modified" | "last revised" | "last review" => Property::Updated,
        "author" | "owner" => Property::Author,
        "status" | "document status" => Property::Status,
        "version" | "document version" => Property::Version,
        "depend on" => Property::Referenced,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;

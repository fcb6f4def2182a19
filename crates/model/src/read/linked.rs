//! Files of declarations that a data model or an API links to: their declarations are the document's too.

use std::collections::HashSet;

use source::{FileId, Text};
use syntax::decl::Language;
use syntax::{Document, SectionId};

use crate::read::declared::{Standing, standing};

/// The text of the file at a path that is given as documents' paths are, if it was loaded.
pub type Find<'a> = dyn Fn(&str) -> Option<(FileId, &'a str)> + 'a;

/// A file that a section links to.
pub(super) struct Linked {
    pub(super) section: SectionId,
    pub(super) language: Language,
    pub(super) text: Text,
}

/// The language of a file of declarations, by its name.
pub fn language(path: &str) -> Option<Language> {
    let name = path.rsplit('/').next()?;
    let (stem, ending) = name.rsplit_once('.')?;
    // Tests and generated types declare nothing of their own.
    if stem.ends_with(".test") || stem.ends_with(".spec") || stem.is_empty() {
        return None;
    }
    Some(match ending {
        "sql" => Language::Sql,
        "prisma" => Language::Prisma,
        "ts" => Language::TypeScript,
        "py" => Language::Python,
        "go" => Language::Go,
        "cs" => Language::CSharp,
        "java" => Language::Java,
        "rs" => Language::Rust,
        _ => return None,
    })
}

/// The files that the sections of data and of the API link to, each once.
pub(super) fn collect(doc: &Document, path: &str, find: &Find<'_>) -> Vec<Linked> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for link in doc.links.iter().filter(|it| !it.image) {
        let Some(language) = crate::summary::local(&link.dest).and_then(language) else { continue };
        let Some(section) = doc.section_at(link.span) else { continue };
        if standing(doc, section) != Standing::Data {
            continue;
        }
        let target = crate::summary::target(path, &link.dest);
        if let Some((file, text)) = find(&target).filter(|_| seen.insert(target.clone())) {
            found.push(Linked { section: section.id, language, text: Text::verbatim(text, file, 0) });
        }
    }
    found
}

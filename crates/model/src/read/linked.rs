//! Files of declarations that a data model or an API links to: their declarations are the document's too.

use std::collections::HashSet;

use source::{FileId, Span, Text};
use syntax::decl::{self, Body, Declarations, Language};
use syntax::openapi::{self, OpenApi};
use syntax::route::Path;
use syntax::yaml::Invalid;
use syntax::{Document, SectionId};

use crate::claim::{Form, Property, Subject, Value};
use crate::read::declared::{Standing, standing};
use crate::read::{Problem, ProblemKind, Reader};

/// The text of the file at a path that is given as documents' paths are, if it was loaded.
pub type Find<'a> = dyn Fn(&str) -> Option<(FileId, &'a str)> + 'a;

/// A file that a section links to.
pub(super) struct Linked {
    pub(super) section: SectionId,
    pub(super) text: Text,
    pub(super) read: Declarations,
    /// What an API offers by it.
    pub(super) api: Option<OpenApi>,
    /// Where the document links to it, if it cannot be read, and why.
    pub(super) unread: Option<(Span, Invalid)>,
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
        // Only a description of an API is read of these.
        "yaml" | "yml" | "json" => Language::OpenApi,
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
            let text = Text::verbatim(text, file, 0);
            let (read, api, unread) = match language {
                Language::OpenApi => match openapi::read(&text) {
                    Ok(None) => continue,
                    Ok(Some(mut it)) => (std::mem::take(&mut it.schemas), Some(it), None),
                    Err(why) => (Declarations::default(), None, Some((link.span, why))),
                },
                _ => (code(language, &text), None, None),
            };
            found.push(Linked { section: section.id, text, read, api, unread });
        }
    }
    found
}

/// What a file of code declares. It holds code besides data, and what of it cannot be read is no matter of the
/// document.
fn code(language: Language, text: &Text) -> Declarations {
    let mut read = decl::read_as(language, text);
    read.unread.clear();
    read.items.retain(|it| it.language != Language::TypeScript || !matches!(it.body, Body::Class(_)));
    read
}

/// Says what the API offers by the files, and which of them cannot be read.
pub(super) fn say(reader: &mut Reader<'_>, linked: &[Linked]) {
    for file in linked {
        if let Some(api) = &file.api {
            offered(reader, api, "");
            // Documents write the path of the server too, or leave it out.
            if !api.base.is_empty() {
                offered(reader, api, &api.base);
            }
        }
        if let Some((link, why)) = &file.unread {
            reader.problems.push(Problem {
                kind: ProblemKind::Linked,
                span: *link,
                message: why.message.clone(),
                help: None,
                cause: Some(why.span),
            });
        }
    }
}

fn offered(reader: &mut Reader<'_>, api: &OpenApi, base: &str) {
    let form = Form::Code(Language::OpenApi);
    for operation in &api.operations {
        let route = format!("{base}{}", operation.path);
        let Some(path) = Path::read(&route) else { continue };
        let method = &operation.method;
        let subject = Subject::endpoint(method.value, &path.key());
        let said = Value::Text(format!("{} {route}", method.value));
        reader.say(&subject, Property::Offered, said, method.span, form);
        for status in &operation.statuses {
            reader.say(&subject, Property::Offered, Value::Answer(Some(status.value)), status.span, form);
        }
        if operation.open {
            reader.say(&subject, Property::Offered, Value::Answer(None), method.span, form);
        }
    }
}

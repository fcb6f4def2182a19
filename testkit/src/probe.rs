//! Parsers under any input: none panics, and every span lies in the text and on character boundaries.
//!
//! A fuzzer calls these with what it makes up (`cargo xtask fuzz`), and a test with mutations of the
//! project's own documents.

use std::fmt::Debug;

use model::Summary;
use rules::{Context, OneThread, Project, RULES, Target as Outside};
use source::{Edits, FileId, SourceFile, Sources, Text};
use syntax::code::Dialect;
use syntax::decl::{self, Language};
use syntax::page::{Block, BlockKind};
use syntax::template::Template;

use crate::TODAY;

/// A parser, and the inputs to begin with.
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// Parses, and fails where a promise is broken.
    pub run: fn(&str),
    /// Which pieces of a document it is for.
    pub seeds: Seeds,
}

/// Pieces of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeds {
    /// The documents themselves.
    Documents,
    /// The contents of fences.
    Fences,
    /// Lines of text and cells.
    Phrases,
    /// The contents of fences, and the files that the fragments of pages link to.
    Linked,
}

/// Every parser.
pub const TARGETS: &[Target] = &[
    Target { name: "document", run: document, seeds: Seeds::Documents },
    Target { name: "page", run: |it| spans(it, &syntax::Document::read(FILE, it)), seeds: Seeds::Documents },
    Target { name: "fixes", run: fixes, seeds: Seeds::Documents },
    Target { name: "json", run: |it| spans(it, &syntax::json::read(&text(it))), seeds: Seeds::Fences },
    Target { name: "mermaid", run: |it| spans(it, &syntax::mermaid::read(&text(it))), seeds: Seeds::Fences },
    Target { name: "typescript", run: |it| spans(it, &decl::typescript::read(&text(it))), seeds: Seeds::Fences },
    Target { name: "sql", run: |it| spans(it, &decl::sql::read(&text(it))), seeds: Seeds::Fences },
    Target { name: "declarations", run: declarations, seeds: Seeds::Fences },
    Target { name: "openapi", run: openapi, seeds: Seeds::Linked },
    Target { name: "code", run: code, seeds: Seeds::Fences },
    Target { name: "english", run: english, seeds: Seeds::Phrases },
    Target { name: "quantity", run: |it| spans(it, &syntax::quantity::read(&text(it))), seeds: Seeds::Phrases },
    Target { name: "alert", run: |it| spans(it, &syntax::alert::read(&text(it))), seeds: Seeds::Phrases },
    Target { name: "types", run: |it| spans(it, &syntax::types::read_words(&text(it))), seeds: Seeds::Phrases },
    Target { name: "route", run: route, seeds: Seeds::Phrases },
    Target { name: "access", run: access, seeds: Seeds::Phrases },
    Target { name: "cel", run: cel, seeds: Seeds::Phrases },
];

const FILE: FileId = FileId(0);

/// How many passes of fixes a document may need.
const PASSES: usize = 100;

fn text(words: &str) -> Text {
    Text::verbatim(words, FILE, 0)
}

/// Fails where a span in a value, wherever it stands in it, is not one of the text.
fn spans(text: &str, value: &impl Debug) {
    let shown = format!("{value:?}");
    for found in shown.split("Span { file: FileId(0), start: ").skip(1) {
        let Some((start, rest)) = found.split_once(", end: ") else { continue };
        let end = rest.split(' ').next().unwrap_or_default();
        let (Ok(start), Ok(end)) = (start.parse::<usize>(), end.parse::<usize>()) else { continue };
        assert!(text.get(start..end).is_some(), "{start}..{end} is no text, of {} bytes", text.len());
    }
}

fn context() -> Context<'static> {
    let template = Template::ours();
    Context { today: TODAY, target: &|_| Outside::Missing, level: &|_, _| None, template, rules: RULES }
}

fn one(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add(SourceFile::new("spec.md", text));
    sources
}

fn document(text: &str) {
    let sources = one(text);
    let spec = model::workspace::read(FILE, "spec.md", text);
    spans(text, &spec);
    spans(text, &Summary::of(&spec));
    let project = Project::new(&context(), &sources, true, &OneThread);
    if let Some((rule, _, why)) = project.crashed().next() {
        panic!("{rule} failed: {why}");
    }
    for it in project.diagnostics(&sources) {
        spans(text, it);
        source::render::text(it, &sources, source::render::Style::Plain);
    }
}

/// Fixes come to an end, and a fix that was made is not offered again at once.
fn fixes(text: &str) {
    let mut sources = one(text);
    let mut seen = vec![text.to_owned()];
    for _ in 0..PASSES {
        let project = Project::new(&context(), &sources, true, &OneThread);
        let mut edits = Edits::default();
        for fix in project.diagnostics(&sources).iter().filter_map(|it| it.fix.as_ref()) {
            edits.add(fix, &sources);
        }
        let changed: Vec<String> = edits.apply(&sources).map(|it| it.1).collect();
        let Some(next) = changed.into_iter().next() else { return };
        assert!(!seen.contains(&next), "fixes undo each other");
        seen.push(next.clone());
        sources.set(FILE, next);
    }
    panic!("fixes do not come to an end");
}

fn declarations(words: &str) {
    let languages = [
        Language::Prisma,
        Language::Python,
        Language::Go,
        Language::CSharp,
        Language::Java,
        Language::Rust,
        Language::EntityDiagram,
    ];
    for language in languages {
        spans(words, &decl::read_as(language, &text(words)));
    }
}

fn openapi(words: &str) {
    let text = text(words);
    match syntax::yaml::read(&text) {
        Ok(yaml) => spans(words, &yaml),
        Err(why) => spans(words, &why),
    }
    if let Ok(Some(found)) = syntax::openapi::read(&text) {
        spans(words, &found);
    }
}

fn code(words: &str) {
    for dialect in [Dialect::Braces, Dialect::Python] {
        for token in syntax::code::tokens(words, dialect) {
            assert!(words.get(token.at..).is_some_and(|it| it.starts_with(token.text)), "{token:?} is not there");
        }
    }
}

fn english(words: &str) {
    spans(words, &syntax::english::of_field(&text(words)));
    spans(words, &syntax::english::of_entity(&text(words), &["total", "status", "name"]));
    spans(words, &syntax::english::of_states(&text(words)));
}

fn route(words: &str) {
    let _ = syntax::route::Path::read(words);
    for found in syntax::route::find(words) {
        for range in [found.method_at, found.path_at] {
            assert!(words.get(range.clone()).is_some(), "{range:?} is no text");
        }
    }
}

fn access(words: &str) {
    let _ = (syntax::access::of_endpoint(words), syntax::access::of_all(words));
    let _ = syntax::access::details(words);
}

fn cel(words: &str) {
    // What is no expression by its looks is never given to the parser of expressions.
    if model::cel::looks_like_expression(words) {
        spans(words, &model::cel::check(&text(words), &model::cel::Scope::default()));
    }
}

/// The pieces of the project's own documents that a target begins with.
pub fn seeds(target: &Target) -> Vec<String> {
    let root = crate::root();
    let mut documents: Vec<String> = Vec::new();
    for folder in ["examples", "crates/rules/docs", "crates/runtime/tests/suite", "xtask/data"] {
        documents.extend(crate::files(&root.join(folder), "md").into_iter().map(|it| it.1));
    }
    documents.push(crate::read(&root.join("crates/syntax/data/template.md")));
    if target.seeds == Seeds::Documents {
        return documents;
    }
    let mut found = std::collections::BTreeSet::new();
    if target.seeds == Seeds::Linked {
        let fragments = documents.iter().flat_map(|it| crate::page::read(it).fragments);
        found.extend(fragments.flat_map(|it| it.files).filter(|it| !it.0.ends_with(".md")).map(|it| it.1));
    }
    for document in &documents {
        let read = syntax::Document::read(FILE, document);
        for block in read.sections.iter().flat_map(|it| &it.blocks) {
            pieces(block, target.seeds, &mut found);
        }
    }
    found.into_iter().collect()
}

fn pieces(block: &Block, seeds: Seeds, found: &mut std::collections::BTreeSet<String>) {
    let phrases = seeds == Seeds::Phrases;
    match &block.kind {
        BlockKind::Fence(fence) if !phrases => drop(found.insert(fence.content.as_str().to_owned())),
        BlockKind::Paragraph(text) if phrases => {
            found.extend(text.as_str().lines().map(str::to_owned));
        }
        BlockKind::List(list) => {
            for item in &list.items {
                if phrases {
                    found.insert(item.text.as_str().to_owned());
                }
                item.children.iter().for_each(|it| pieces(it, seeds, found));
            }
        }
        BlockKind::Quote(blocks) => blocks.iter().for_each(|it| pieces(it, seeds, found)),
        BlockKind::Table(table) if phrases => {
            let cells = table.rows.iter().flat_map(|it| &it.cells);
            found.extend(cells.map(|it| it.as_str().to_owned()));
        }
        _ => {}
    }
}

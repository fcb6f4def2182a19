//! Readers: from a [`Document`] to [`Claims`]. Each reads some families and says what it found; none
//! knows what another read.

mod alerts;
mod api;
mod config;
mod context;
mod data;
mod declared;
mod errors;
mod files;
mod header;
mod lifecycle;
mod limits;
mod linked;
mod operations;
mod roles;
mod scenarios;
mod security;
mod state;
mod tables;

pub(crate) use declared::purpose as purpose_of;
pub use linked::{Find, language as language_of_file};
pub use roles::is_everybody;
use source::Span;
use syntax::Document;
use syntax::document::Section;
use syntax::inline::{Label, Slice, label};
use syntax::page::{Block, BlockKind, Fence, Table};

use crate::claim::{Claims, Form, Property, Subject, Value};

/// Structure that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// What kind of structure it is.
    pub kind: ProblemKind,
    /// The smallest place that is wrong.
    pub span: Span,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do, where that is known.
    pub help: Option<String>,
    /// Where it lies, if that is in another file.
    pub cause: Option<Span>,
}

/// Kinds of structure that can be unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A body that is not even lenient JSON.
    Json,
    /// A Mermaid diagram.
    Mermaid,
    /// A data declaration.
    Declaration,
    /// A file that the document links to.
    Linked,
    /// Anything that looks like structure and was not read; only counted.
    Unread,
}

/// What one file says, computed from that file alone.
#[derive(Debug)]
pub struct Facts {
    /// The file, read.
    pub document: Document,
    /// Its claims.
    pub claims: Claims,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Drawings: seen, not read.
    pub drawings: Vec<Span>,
}

impl Facts {
    /// Reads a document, and the files of declarations that it links to, as far as `find` finds them.
    pub fn read(document: Document, path: &str, find: &Find<'_>) -> Facts {
        let linked = linked::collect(&document, path, find);
        let declared = declared::Declared::read(&document, &linked);
        let mut reader = Reader {
            doc: &document,
            declared: &declared,
            claims: Claims::default(),
            problems: Vec::new(),
            drawings: Vec::new(),
            bodies: Vec::new(),
        };
        header::read(&mut reader);
        context::read(&mut reader);
        data::read(&mut reader);
        api::read(&mut reader);
        state::read(&mut reader);
        errors::read(&mut reader);
        config::read(&mut reader);
        operations::read(&mut reader);
        lifecycle::read(&mut reader);
        alerts::read(&mut reader);
        limits::read(&mut reader);
        security::read(&mut reader);
        roles::read(&mut reader);
        scenarios::read(&mut reader);
        files::read(&mut reader);
        linked::say(&mut reader, &linked);
        let Reader { mut claims, problems, drawings, .. } = reader;
        claims.shrink();
        Facts { claims, problems, drawings, document }
    }
}

struct Reader<'a> {
    doc: &'a Document,
    declared: &'a declared::Declared<'a>,
    claims: Claims,
    problems: Vec<Problem>,
    drawings: Vec<Span>,
    /// Opening lines of the fences that were read as bodies.
    bodies: Vec<Span>,
}

impl Reader<'_> {
    fn say(&mut self, subject: &Subject, property: Property, value: Value, span: Span, form: Form) {
        self.claims.say(subject, property, value, span, form);
    }

    /// Says the words of a slice, trimmed.
    fn say_text(&mut self, subject: &Subject, property: Property, words: Slice<'_>, form: Form) {
        let words = words.trim();
        self.say(subject, property, Value::Text(words.as_str().to_owned()), words.span(), form);
    }

    fn problem(&mut self, kind: ProblemKind, span: Span, message: String, help: Option<String>) {
        self.problems.push(Problem { kind, span, message, help, cause: None });
    }
}

/// One entry of a list-like section: a list item, a labelled line, a paragraph's line.
#[derive(Debug, Clone, Copy)]
struct Entry<'a> {
    /// All of it.
    whole: Slice<'a>,
    /// Blocks nested under it.
    children: &'a [Block],
    /// The box of a task item.
    task: Option<bool>,
    form: Form,
}

impl<'a> Entry<'a> {
    /// The label, where it has one.
    fn label(&self) -> Option<Label<'a>> {
        match self.form {
            Form::Item => label(first_line(self.whole)).map(|it| extend(it, self.whole)),
            _ => label(self.whole),
        }
    }

    /// The label's key, else the leading bold or code text, else what precedes a dash.
    fn name(&self) -> Option<Slice<'a>> {
        if let Some(label) = self.label() {
            return Some(label.key);
        }
        let whole = self.whole;
        if let Some(code) = whole.leading_code() {
            return Some(code);
        }
        let bold = whole.marked(syntax::inline::MarkKind::Strong).next();
        if let Some(bold) = bold.filter(|it| it.offset_in(whole) == 0) {
            return Some(bold);
        }
        let text = whole.as_str();
        [" — ", " – ", " - ", " -> ", " → "]
            .iter()
            .filter_map(|it| text.find(it))
            .min()
            .map(|at| whole.get(0..at).trim())
    }
}

/// The entries of some blocks: list items and lines of paragraphs; not tables.
fn entries<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<Entry<'a>> {
    let mut found = Vec::new();
    for block in blocks {
        match &block.kind {
            BlockKind::List(list) => found.extend(list.items.iter().map(|item| Entry {
                whole: item.text.all().trim(),
                children: &item.children,
                task: item.task,
                form: Form::Item,
            })),
            BlockKind::Paragraph(text) => found.extend(text.all().lines().map(|line| Entry {
                whole: line.trim(),
                children: &[],
                task: None,
                form: Form::Label,
            })),
            BlockKind::Quote(inner) => found.extend(entries(inner)),
            _ => {}
        }
    }
    found.retain(|it| !it.whole.is_blank() || !it.children.is_empty());
    found
}

fn first_line(slice: Slice<'_>) -> Slice<'_> {
    slice.lines().next().unwrap_or(slice)
}

/// A label of an item's first line has the rest of the item as its value too.
fn extend<'a>(found: Label<'a>, whole: Slice<'a>) -> Label<'a> {
    let at = found.value.offset_in(whole);
    Label { value: whole.from(at).trim(), ..found }
}

/// The tables directly under a section and under those within it that have no family of their own.
fn tables<'a>(doc: &'a Document, section: &Section) -> Vec<(&'a Table, Span)> {
    let mut found = Vec::new();
    syntax::document::tables(doc.blocks_of(section.id), &mut |table, span| found.push((table, span)));
    found
}

/// The fences of some blocks.
fn fences<'a>(blocks: impl IntoIterator<Item = &'a Block>) -> Vec<(&'a Fence, Span)> {
    let mut found = Vec::new();
    syntax::document::fences(blocks, &mut |fence, span| found.push((fence, span)));
    found
}

/// The fences of the blocks of a section, nested ones included.
fn fences_of(section: &Section) -> impl Iterator<Item = &Fence> {
    let mut blocks = if section.fenced { section.blocks.as_slice() } else { &[] };
    // What is to be looked at after them, the last first.
    let mut later: Vec<&[Block]> = Vec::new();
    std::iter::from_fn(move || {
        loop {
            let Some((block, rest)) = blocks.split_first() else {
                blocks = later.pop()?;
                continue;
            };
            blocks = rest;
            match &block.kind {
                BlockKind::Fence(fence) => return Some(&**fence),
                BlockKind::Quote(inner) => later.extend([std::mem::take(&mut blocks), inner]),
                BlockKind::List(list) if list.items.iter().any(|it| !it.children.is_empty()) => {
                    later.push(std::mem::take(&mut blocks));
                    later.extend(list.items.iter().rev().map(|it| it.children.as_slice()));
                }
                _ => {}
            }
        }
    })
}

/// The first words of a text, to name what has no name.
fn first_words(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(5).collect();
    words.join("-")
}

/// The code span after `default` where both are a clause of their own. English without marks cannot tell
/// a value from any other word there.
fn coded_default(words: Slice<'_>) -> Option<Slice<'_>> {
    let text = words.as_str();
    words.codes().find(|code| {
        let at = code.offset_in(words);
        let before = text.get(..at).unwrap_or("").trim_end_matches(|it: char| it.is_whitespace() || "=:".contains(it));
        let after = text.get(at + code.as_str().len()..).unwrap_or("").trim_start();
        let lower = before.to_lowercase();
        let Some(rest) = ["default", "default is", "defaults to"].iter().find_map(|it| lower.strip_suffix(it)) else {
            return false;
        };
        let begins = rest.trim_end().is_empty() || rest.trim_end().ends_with([',', ';', '.', '(', '—', '–', '-']);
        begins && (after.is_empty() || after.starts_with([',', ';', '.', ')']))
    })
}

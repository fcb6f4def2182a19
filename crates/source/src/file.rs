//! The files of one run, and positions in them.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::{FileId, Span};

/// A line and a column, both counted from 1; the column in Unicode scalar values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// A file's path as it is shown, and its text.
#[derive(Debug)]
pub struct SourceFile {
    /// As given by the user, with forward slashes.
    pub path: String,
    /// The whole text.
    pub text: String,
    lines: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// A file.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> SourceFile {
        SourceFile { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let mut lines = Vec::with_capacity(self.text.len() / 24 + 1);
            lines.push(0);
            lines.extend(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at as u32 + 1));
            lines
        })
    }

    /// The position of byte `offset`, clamped to the text.
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor_boundary(&self.text, offset);
        let lines = self.lines();
        let line = lines.partition_point(|it| *it as usize <= offset).max(1);
        let start = lines.get(line - 1).map_or(0, |it| *it as usize);
        let column = self.text.get(start..offset).map_or(0, |it| it.chars().count()) + 1;
        Position { line, column }
    }

    /// The bytes of line `line` (from 1), without its line break.
    pub fn line(&self, line: usize) -> Option<&str> {
        let lines = self.lines();
        let start = *lines.get(line.checked_sub(1)?)? as usize;
        let end = lines.get(line).map_or(self.text.len(), |it| *it as usize);
        self.text.get(start..end).map(|it| it.trim_end_matches(['\n', '\r']))
    }
}

/// The files of one run: documents in the order of their ids, and the files of declarations that they link to.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    linked: Vec<SourceFile>,
    /// Index in `linked` by path.
    by_path: HashMap<String, u32>,
}

/// Ids of linked files begin here, so that documents can still be added.
const LINKED: u32 = 1 << 31;

impl Sources {
    /// Adds a file and gives its id.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(self.files.len() as u32 - 1)
    }

    /// Adds a file that documents link to and that is none itself, once for each path.
    pub fn link(&mut self, file: SourceFile) -> FileId {
        let next = self.linked.len() as u32;
        let index = *self.by_path.entry(file.path.clone()).or_insert(next);
        if index == next {
            self.linked.push(file);
        }
        FileId(LINKED + index)
    }

    /// The linked file of a path.
    pub fn linked(&self, path: &str) -> Option<(FileId, &SourceFile)> {
        let index = *self.by_path.get(path)?;
        Some((FileId(LINKED + index), self.linked.get(index as usize)?))
    }

    /// Gives a document another text.
    pub fn set(&mut self, id: FileId, text: String) {
        if let Some(file) = self.files.get_mut(id.0 as usize) {
            *file = SourceFile::new(std::mem::take(&mut file.path), text);
        }
    }

    /// A file.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        match id.0.checked_sub(LINKED) {
            Some(index) => self.linked.get(index as usize),
            None => self.files.get(id.0 as usize),
        }
    }

    /// The path of a file; empty if there is none.
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |it| &it.path)
    }

    /// Whether a file is a document, not one that documents link to.
    pub fn is_document(&self, id: FileId) -> bool {
        (id.0 as usize) < self.files.len()
    }

    /// The files that documents link to.
    pub fn all_linked(&self) -> impl Iterator<Item = &SourceFile> {
        self.linked.iter()
    }

    /// All documents with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, it)| (FileId(index as u32), it))
    }

    /// The text at a span; empty if it lies outside.
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.file).and_then(|it| it.text.get(span.range())).unwrap_or("")
    }

    /// Line and column of a span's start.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.file).map_or(Position { line: 1, column: 1 }, |it| it.position(span.start as usize))
    }
}

/// The last character boundary at or before `offset`.
pub(crate) fn floor_boundary(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset.min(text.len()))
}

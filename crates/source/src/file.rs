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
    /// For each block of the text, how many line breaks stand before it.
    breaks: OnceLock<Box<[u32]>>,
}

/// Bytes of a block. It is searched for line breaks whenever a position in it is asked for.
const BLOCK: usize = 1 << 10;

/// The places of line breaks.
fn breaks(text: &[u8]) -> memchr::Memchr<'_> {
    memchr::memchr_iter(b'\n', text)
}

impl SourceFile {
    /// A file.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> SourceFile {
        SourceFile { path: path.into(), text: text.into(), breaks: OnceLock::new() }
    }

    fn breaks(&self) -> &[u32] {
        self.breaks.get_or_init(|| {
            let mut count = 0;
            let before = |block: &[u8]| {
                let before = count;
                count += breaks(block).count() as u32;
                before
            };
            self.text.as_bytes().chunks(BLOCK).map(before).collect()
        })
    }

    /// The position of byte `offset`, clamped to the text.
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor_boundary(&self.text, offset);
        let block = offset.saturating_sub(1) / BLOCK;
        let before = self.breaks().get(block).map_or(0, |it| *it as usize);
        let bytes = self.text.as_bytes();
        let line = before + breaks(bytes.get(block * BLOCK..offset).unwrap_or(&[])).count() + 1;
        let start = bytes.get(..offset).and_then(|it| memchr::memrchr(b'\n', it)).map_or(0, |it| it + 1);
        let column = self.text.get(start..offset).map_or(0, |it| it.chars().count()) + 1;
        Position { line, column }
    }

    /// The bytes of line `line` (from 1), without its line break.
    pub fn line(&self, line: usize) -> Option<&str> {
        let bytes = self.text.as_bytes();
        let start = match line.checked_sub(1)? {
            0 => 0,
            // Behind as many line breaks.
            count => {
                let block = self.breaks().partition_point(|it| (*it as usize) < count).checked_sub(1)?;
                let before = self.breaks().get(block).map_or(0, |it| *it as usize);
                let from = block * BLOCK;
                from + breaks(bytes.get(from..)?).nth(count - before - 1)? + 1
            }
        };
        let end = breaks(bytes.get(start..)?).next().map_or(bytes.len(), |it| start + it);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_and_lines() {
        let lines: Vec<String> = (0..400).map(|it| "é".repeat(it % 7)).collect();
        for end in ["", "\n", "x"] {
            let file = SourceFile::new("a.md", lines.join("\n") + end);
            let mut expected = Position { line: 1, column: 1 };
            for (at, char) in file.text.char_indices() {
                assert_eq!(file.position(at), expected);
                expected.column += 1;
                if char == '\n' {
                    expected = Position { line: expected.line + 1, column: 1 };
                }
            }
            assert_eq!(file.position(usize::MAX), expected);
            for (index, line) in file.text.split('\n').enumerate() {
                assert_eq!(file.line(index + 1), Some(line));
            }
            assert_eq!(file.line(expected.line + 1), None);
            assert_eq!(file.line(0), None);
        }
        assert_eq!(SourceFile::new("a.md", "").line(1), Some(""));
    }

    #[test]
    fn a_block_may_end_at_a_line_break() {
        let file = SourceFile::new("a.md", "x".repeat(BLOCK - 1) + "\n" + &"y".repeat(BLOCK));
        assert_eq!(file.position(BLOCK), Position { line: 2, column: 1 });
        assert_eq!(file.position(2 * BLOCK), Position { line: 2, column: BLOCK + 1 });
        assert_eq!(file.line(2).map(str::len), Some(BLOCK));
        assert_eq!(file.line(3), None);
    }
}

//! A value's text together with the way back to the file.
//!
//! What a reader works on is seldom a plain slice of the file: a fence in a list has its indentation
//! removed, a table cell its escapes, a paragraph its markup. [`Text`] keeps, for each run of
//! characters, where it came from, so that a sub-parser reports ranges of the value and gets spans of
//! the file.

use std::ops::Range;

use crate::{FileId, Span};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Segment {
    /// Offset in the value at which the run begins.
    at: u32,
    /// Offset in the file at which it begins.
    start: u32,
    /// Bytes of the file that the run stands for. Equal to its length in the value, or the run is
    /// mapped as a whole.
    len: u32,
}

/// Text with a map from its bytes to bytes of a file. Equality looks at the characters only.
#[derive(Debug, Clone, Default)]
pub struct Text {
    value: Box<str>,
    file: FileId,
    first: Segment,
    /// The runs after the first: most texts have none.
    rest: Box<[Segment]>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        self.value == other.value
    }
}

impl Text {
    /// Text that stands in the file as it is, from byte `start`.
    pub fn verbatim(value: impl Into<Box<str>>, file: FileId, start: usize) -> Text {
        let value = value.into();
        let first = Segment { at: 0, start: start as u32, len: value.len() as u32 };
        Text { value, file, first, rest: Box::default() }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// The file that the text comes from.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The span of the file that `range` of the value stands for.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.locate(range.start, false);
        let end = if range.end > range.start { self.locate(range.end, true) } else { start };
        Span::new(self.file, start..end.max(start))
    }

    /// The span of the whole text.
    pub fn whole(&self) -> Span {
        self.span(0..self.value.len())
    }

    /// The text of `range`, which must lie on character boundaries; else it is empty.
    pub fn slice(&self, range: Range<usize>) -> Text {
        let value = self.value.get(range.clone()).unwrap_or("");
        let file = self.file;
        let start = self.locate(range.start, false);
        if value.is_empty() {
            return Text::verbatim("", file, start);
        }
        let index = self.rest.partition_point(|it| it.at as usize <= range.start);
        let inside = self.rest.get(index..).unwrap_or(&[]).iter().take_while(|it| (it.at as usize) < range.end);
        let rest: Box<[Segment]> = inside.map(|it| Segment { at: it.at - range.start as u32, ..*it }).collect();
        let end = rest.first().map_or(range.end, |it| range.start + it.at as usize);
        let len = self.locate(end, true).saturating_sub(start);
        let mut text =
            Text { value: value.into(), file, first: Segment { at: 0, start: start as u32, len: len as u32 }, rest };
        // The last run may be cut.
        if let Some(last) = text.rest.last_mut() {
            last.len = (self.locate(range.end, true) as u32).saturating_sub(last.start);
        }
        text
    }

    /// Maps an offset; `ending` asks for the end of the run before it, not the start of the one after.
    fn locate(&self, offset: usize, ending: bool) -> usize {
        let offset = offset.min(self.value.len());
        let probe = if ending { offset.saturating_sub(1) } else { offset };
        let index = self.rest.partition_point(|it| it.at as usize <= probe);
        let segment = index.checked_sub(1).and_then(|it| self.rest.get(it)).unwrap_or(&self.first);
        let next = self.rest.get(index).map_or(self.value.len(), |it| it.at as usize);
        let value_len = next - segment.at as usize;
        let (start, len) = (segment.start as usize, segment.len as usize);
        if value_len == len {
            start + (offset - segment.at as usize).min(len)
        } else if ending || offset >= next {
            start + len
        } else {
            start
        }
    }
}

/// Builds [`Text`]s of a file run by run, one after another.
#[derive(Debug, Default)]
pub struct TextBuilder {
    file: FileId,
    value: String,
    first: Segment,
    rest: Vec<Segment>,
}

impl TextBuilder {
    /// An empty text of `file`.
    pub fn new(file: FileId) -> TextBuilder {
        TextBuilder { file, ..TextBuilder::default() }
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.value.len()
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.value.is_empty()
    }

    /// The characters so far.
    pub fn as_str(&self) -> &str {
        &self.value
    }

    /// Adds characters that stand in the file as they are, from byte `start`.
    pub fn push(&mut self, value: &str, start: usize) {
        self.push_mapped(value, start..start + value.len());
    }

    /// Adds characters that stand for `range` of the file, whatever is written there.
    pub fn push_mapped(&mut self, value: &str, range: Range<usize>) {
        if value.is_empty() {
            return;
        }
        let TextBuilder { value: text, first, rest, .. } = self;
        let at = text.len() as u32;
        let segment = Segment { at, start: range.start as u32, len: (range.end - range.start) as u32 };
        let last = rest.last_mut().unwrap_or(first);
        if at == 0 {
            *last = segment;
        } else if value.len() == range.end - range.start
            && at - last.at == last.len
            && last.start + last.len == segment.start
        {
            last.len += segment.len;
        } else {
            rest.push(segment);
        }
        text.push_str(value);
    }

    /// The text. The builder is empty again.
    pub fn finish(&mut self) -> Text {
        let text = Text {
            value: self.value.as_str().into(),
            file: self.file,
            first: self.first,
            rest: self.rest.as_slice().into(),
        };
        self.value.clear();
        self.rest.clear();
        self.first = Segment::default();
        text
    }

    /// The text, placed at byte `start` if nothing was added.
    pub fn finish_at(&mut self, start: usize) -> Text {
        if self.value.is_empty() {
            self.first = Segment { at: 0, start: start as u32, len: 0 };
        }
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_across_runs_covers_the_file_between_them() {
        let mut builder = TextBuilder::new(FileId(0));
        builder.push("one\n", 10);
        builder.push("two", 20);
        let text = builder.finish();
        assert_eq!(text.span(0..3).range(), 10..13);
        assert_eq!(text.span(2..6).range(), 12..22);
        assert_eq!(text.span(4..7).range(), 20..23);
        assert_eq!(text.span(0..4).range(), 10..14);
    }

    #[test]
    fn an_escape_is_mapped_as_a_whole() {
        let mut builder = TextBuilder::new(FileId(0));
        builder.push("a", 0);
        builder.push_mapped("|", 1..3);
        builder.push("b", 3);
        let text = builder.finish();
        assert_eq!(text.as_str(), "a|b");
        assert_eq!(text.span(1..2).range(), 1..3);
        assert_eq!(text.span(2..3).range(), 3..4);
        assert_eq!(text.span(0..3).range(), 0..4);
    }
}

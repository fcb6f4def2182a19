//! A run of inline text: characters without markup, and the marks that were on them.

use std::ops::Range;

use source::{Span, Text};

/// What a mark says about the characters under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MarkKind {
    /// A code span.
    Code,
    /// Strong emphasis.
    Strong,
    /// Emphasis.
    Emphasis,
    /// Struck through.
    Strike,
    /// The text of a link or an image.
    Link,
}

/// A marked range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// What it says.
    pub kind: MarkKind,
    /// First byte of the text.
    pub start: u32,
    /// One past the last.
    pub end: u32,
}

impl Mark {
    /// The bytes of the text.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Inline text. Line breaks are `\n`.
#[derive(Debug, Clone, Default)]
pub struct Inline {
    /// The characters.
    pub text: Text,
    /// The marks: by kind, those of one kind in order.
    pub marks: Box<[Mark]>,
}

impl Inline {
    /// The whole of it.
    pub fn all(&self) -> Slice<'_> {
        Slice { inline: self, start: 0, end: self.text.as_str().len() }
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }

    /// Puts the marks in their order.
    pub(crate) fn sorted(mut self) -> Inline {
        if self.marks.len() < 2 {
            return self;
        }
        self.marks.sort_by_key(|it| (it.kind, it.end));
        self
    }

    /// The marks of a kind, in order.
    fn of_kind(&self, kind: MarkKind) -> &[Mark] {
        let from = self.marks.partition_point(|it| it.kind < kind);
        let to = self.marks.partition_point(|it| it.kind <= kind);
        self.marks.get(from..to).unwrap_or(&[])
    }
}

/// A part of an [`Inline`].
#[derive(Debug, Clone, Copy)]
pub struct Slice<'a> {
    inline: &'a Inline,
    start: usize,
    end: usize,
}

impl<'a> Slice<'a> {
    /// The characters.
    pub fn as_str(self) -> &'a str {
        self.inline.as_str().get(self.start..self.end).unwrap_or("")
    }

    /// All of the text that it is a part of, and where it begins there.
    pub fn around(self) -> (&'a str, usize) {
        (self.inline.as_str(), self.start)
    }

    /// Where it stands in the file.
    pub fn span(self) -> Span {
        self.inline.text.span(self.start..self.end)
    }

    /// The span of a range of this slice.
    pub fn span_of(self, range: Range<usize>) -> Span {
        let limit = |at: usize| (self.start + at).min(self.end);
        self.inline.text.span(limit(range.start)..limit(range.end))
    }

    /// The part at a range of this slice, clamped to it and to character boundaries.
    pub fn get(self, range: Range<usize>) -> Slice<'a> {
        let text = self.as_str();
        let start = text.floor_char_boundary(range.start.min(text.len()));
        let end = text.floor_char_boundary(range.end.min(text.len())).max(start);
        Slice { start: self.start + start, end: self.start + end, ..self }
    }

    /// From a byte of this slice to its end.
    pub fn from(self, at: usize) -> Slice<'a> {
        self.get(at..usize::MAX)
    }

    /// Without white space at both ends.
    pub fn trim(self) -> Slice<'a> {
        let text = self.as_str();
        let from_start = text.trim_start();
        let start = self.start + (text.len() - from_start.len());
        Slice { start, end: start + from_start.trim_end().len(), ..self }
    }

    /// Without these characters at both ends.
    pub fn trim_matches(self, drop: impl Fn(char) -> bool) -> Slice<'a> {
        let text = self.as_str();
        let front = text.len() - text.trim_start_matches(&drop).len();
        let back = text.trim_end_matches(&drop).len();
        self.get(front..back.max(front))
    }

    /// Whether it is empty or white space.
    pub fn is_blank(self) -> bool {
        self.as_str().trim().is_empty()
    }

    /// The lines.
    pub fn lines(self) -> impl Iterator<Item = Slice<'a>> {
        self.split_bytes(b'\n')
    }

    /// The parts between occurrences of an ASCII byte.
    pub fn split_bytes(self, byte: u8) -> impl Iterator<Item = Slice<'a>> {
        let bytes = self.as_str().as_bytes();
        let mut rest = Some(0);
        std::iter::from_fn(move || {
            let from = rest?;
            let tail = bytes.get(from..)?;
            let at = tail.iter().position(|it| *it == byte);
            rest = at.map(|it| from + it + 1);
            let len = at.unwrap_or(tail.len());
            Some(Slice { start: self.start + from, end: self.start + from + len, ..self })
        })
    }

    /// The parts between occurrences of any of these characters that stand outside code and brackets.
    pub fn split_outside(self, separators: &[char]) -> Vec<Slice<'a>> {
        let text = self.as_str();
        let mut parts = Vec::new();
        let (mut from, mut depth) = (0, 0usize);
        for (at, c) in text.char_indices() {
            if self.in_mark(at, MarkKind::Code) {
                continue;
            }
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                c if depth == 0 && separators.contains(&c) => {
                    parts.push(self.get(from..at).trim());
                    from = at + c.len_utf8();
                }
                _ => {}
            }
        }
        parts.push(self.from(from).trim());
        parts.retain(|it| !it.is_blank());
        parts
    }

    /// The marks of a kind that lie within this slice, as slices.
    pub fn marked(self, kind: MarkKind) -> impl Iterator<Item = Slice<'a>> {
        let Slice { inline, start, end } = self;
        let marks = inline.of_kind(kind);
        let from = marks.partition_point(|it| (it.end as usize) <= start);
        let marks = marks.get(from..).unwrap_or(&[]).iter();
        marks
            .take_while(move |it| it.end as usize <= end)
            .filter(move |it| it.start as usize >= start)
            .map(move |it| Slice { inline, start: it.start as usize, end: it.end as usize })
    }

    /// The code spans within it.
    pub fn codes(self) -> impl Iterator<Item = Slice<'a>> {
        self.marked(MarkKind::Code)
    }

    /// The code span that it is, but for white space and one trailing punctuation mark.
    pub fn as_code(self) -> Option<Slice<'a>> {
        let trimmed = self.trim_matches(|c| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ':'));
        let code = trimmed.codes().next()?;
        (code.start == trimmed.start && code.end == trimmed.end).then_some(code)
    }

    /// The code span that it begins with.
    pub fn leading_code(self) -> Option<Slice<'a>> {
        let start = self.trim().start;
        self.codes().find(|it| it.start == start)
    }

    /// Whether byte `at` of this slice stands under a mark of this kind.
    pub fn in_mark(self, at: usize, kind: MarkKind) -> bool {
        let at = self.start + at;
        let marks = self.inline.of_kind(kind);
        let next = marks.partition_point(|it| it.end as usize <= at);
        marks.get(next).is_some_and(|it| it.range().contains(&at))
    }

    /// Whether all of it but white space stands under marks of this kind.
    pub fn is_all(self, kind: MarkKind) -> bool {
        let text = self.as_str();
        !self.is_blank() && text.char_indices().all(|(at, c)| c.is_whitespace() || self.in_mark(at, kind))
    }

    /// A copy with its own segment map, for a sub-parser.
    pub fn to_text(self) -> Text {
        self.inline.text.slice(self.start..self.end)
    }

    /// The sentences of its lines, trimmed, each with what ends it.
    pub fn sentences(self) -> impl Iterator<Item = Slice<'a>> {
        let sentences = self.lines().flat_map(|line| {
            let mut rest = Some(line);
            std::iter::from_fn(move || {
                let whole = rest.take()?;
                let Some(end) = whole.as_str().find(". ") else { return Some(whole) };
                rest = Some(whole.from(end + 2));
                Some(whole.get(0..end + 1))
            })
        });
        sentences.map(Slice::trim).filter(|it| !it.is_blank())
    }

    /// A copy of this slice as inline text of its own.
    pub fn to_inline(self) -> Inline {
        let shift = |at: u32| (at as usize).clamp(self.start, self.end) - self.start;
        let inside = |it: &&Mark| (it.start as usize) < self.end && it.end as usize > self.start;
        let marks = self.inline.marks.iter().filter(inside);
        let marks = marks.map(|it| Mark { start: shift(it.start) as u32, end: shift(it.end) as u32, ..*it }).collect();
        Inline { text: self.to_text(), marks }.sorted()
    }

    /// Byte offset of this slice within another slice of the same text.
    pub fn offset_in(self, outer: Slice<'_>) -> usize {
        self.start.saturating_sub(outer.start)
    }
}

/// `**Key**: value`, `**Key:** value`, `Key: value`.
#[derive(Debug, Clone, Copy)]
pub struct Label<'a> {
    /// The key without its colon.
    pub key: Slice<'a>,
    /// The value, trimmed; may be empty.
    pub value: Slice<'a>,
    /// Whether the key is bold.
    pub strong: bool,
}

/// The label that a line begins with. A key that is not bold must be short and must not look like a
/// sentence, a URL or a time.
pub fn label(line: Slice<'_>) -> Option<Label<'_>> {
    let line = line.trim();
    let mut line = line;
    while line.as_str().starts_with("> ") {
        line = line.from(2);
    }
    let text = line.as_str();
    let marked =
        |it: &Mark| it.start as usize == line.start && matches!(it.kind, MarkKind::Strong | MarkKind::Emphasis);
    if !line.inline.marks.iter().any(marked) {
        return plain_label(line);
    }
    if let Some(strong) = line
        .marked(MarkKind::Strong)
        .find(|it| it.start == line.start)
        .or_else(|| line.marked(MarkKind::Emphasis).find(|it| it.start == line.start && it.as_str().ends_with(':')))
    {
        let bold = strong.as_str();
        let rest = line.from(strong.end - line.start);
        if let Some(key) = bold.trim_end().strip_suffix(':') {
            return Some(Label { key: strong.get(0..key.len()).trim(), value: rest.trim(), strong: true });
        }
        let after = rest.as_str();
        if let Some(value) = after.trim_start().strip_prefix([':', '：']) {
            let at = after.len() - value.len();
            return Some(Label { key: strong.trim(), value: rest.from(at).trim(), strong: true });
        }
        // `**Response** (Success - 200):` — the rider belongs to the key.
        if after.trim_start().starts_with('(')
            && let Some(close) = after.find(')')
            && let Some(tail) = after.get(close + 1..)
            && let Some(value) = tail.trim_start().strip_prefix(':')
        {
            let end = strong.end - line.start + close + 1;
            let at = text.len() - value.len();
            return Some(Label { key: line.get(0..end), value: line.from(at).trim(), strong: true });
        }
        // `**Purpose: all in bold**`
        if rest.is_blank()
            && let Some(colon) = bold.find(": ")
        {
            return Some(Label {
                key: strong.get(0..colon).trim(),
                value: strong.from(colon + 1).trim(),
                strong: true,
            });
        }
        return None;
    }
    plain_label(line)
}

/// `Key: value`
fn plain_label(line: Slice<'_>) -> Option<Label<'_>> {
    let text = line.as_str();
    let wide = if text.is_ascii() { None } else { text.find('：') };
    let colon = memchr::memchr(b':', text.as_bytes()).into_iter().chain(wide).min()?;
    let (key, after) = text.split_at_checked(colon)?;
    let after = after.get(after.chars().next().map_or(0, char::len_utf8)..)?;
    let spaced = after.is_empty() || after.starts_with(char::is_whitespace);
    let sentence = || key.bytes().any(|it| matches!(it, b'.' | b',' | b';' | b'"'));
    let words = || key.split_whitespace().count();
    let plain = spaced && key.trim().len() >= 2 && key.len() <= 60 && !sentence() && words() <= 6;
    plain.then(|| Label {
        key: line.get(0..colon).trim(),
        value: line.from(text.len() - after.len()).trim(),
        strong: false,
    })
}

/// The labels of a paragraph: one per line, or several on a line between ` · ` or `|`.
pub fn labels(inline: &Inline) -> Vec<Label<'_>> {
    let mut found = Vec::new();
    for line in inline.all().lines() {
        let Some(first) = label(line) else { continue };
        if first.strong && first.value.as_str().contains(['·', '|']) {
            let parts = line.split_outside(&['·', '|']);
            let labels: Vec<_> = parts.iter().filter_map(|it| label(*it).filter(|it| it.strong)).collect();
            if labels.len() == parts.len() && labels.len() > 1 {
                found.extend(labels);
                continue;
            }
        }
        found.push(first);
    }
    found
}

#[cfg(test)]
mod tests {
    use source::{FileId, Text};

    use super::*;

    #[test]
    fn sentences() {
        for (text, expected) in [
            ("One. Two of v1.2. \nThree", &["One.", "Two of v1.2.", "Three"][..]),
            ("Only this", &["Only this"]),
            (" \n ", &[]),
        ] {
            let inline = Inline { text: Text::verbatim(text, FileId(0), 0), marks: Box::default() };
            let found: Vec<&str> = inline.all().sentences().map(Slice::as_str).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}

//! Edits of a source text, collected while a tree is walked from its leaves up.

use std::ops::Range;

#[derive(Debug, Clone)]
struct Edit {
    at: usize,
    /// Bytes that are replaced.
    remove: usize,
    /// Order among the edits of one place: ends before beginnings, inner ends and outer beginnings first.
    order: (bool, i64),
    text: String,
}

/// Edits and the places where something was put in before parsing.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    edits: Vec<Edit>,
    /// Start and length of what was put in, by place.
    inserted: Vec<(usize, usize)>,
}

impl Edits {
    /// No edits, of a text into which something was put already.
    pub(super) fn after(inserted: Vec<(usize, usize)>) -> Edits {
        Edits { edits: Vec::new(), inserted }
    }

    /// Puts `text` before what begins at `at`.
    pub(super) fn open(&mut self, at: usize, text: &str) {
        self.push(at, 0, (true, -(self.edits.len() as i64)), text.to_owned());
    }

    /// Puts `text` after what ends at `at`.
    pub(super) fn close(&mut self, at: usize, text: String) {
        self.push(at, 0, (false, self.edits.len() as i64), text);
    }

    /// Replaces `range`, once.
    pub(super) fn replace(&mut self, range: Range<usize>, text: String) {
        if !self.edits.iter().any(|it| it.at == range.start && it.remove > 0) {
            self.push(range.start, range.len(), (true, i64::MAX), text);
        }
    }

    fn push(&mut self, at: usize, remove: usize, order: (bool, i64), text: String) {
        let number = text == ".0" && self.edits.iter().any(|it| it.at == at && it.text == text);
        if !number {
            self.edits.push(Edit { at, remove, order, text });
        }
    }

    /// `range` of `text` with the edits that lie in it.
    pub(super) fn apply(&self, text: &str, range: Range<usize>) -> String {
        let mut edits: Vec<&Edit> = self
            .edits
            .iter()
            .filter(|it| range.start <= it.at && it.at + it.remove <= range.end)
            .filter(|it| it.at > range.start || it.order.0)
            .filter(|it| it.at < range.end || !it.order.0)
            .collect();
        edits.sort_by_key(|it| (it.at, it.order));
        let mut out = String::with_capacity(range.len() + 8 * edits.len());
        let mut done = range.start;
        for edit in edits {
            out.push_str(text.get(done..edit.at).unwrap_or(""));
            out.push_str(&edit.text);
            done = done.max(edit.at + edit.remove);
        }
        out.push_str(text.get(done..range.end).unwrap_or(""));
        out
    }

    /// Start and length of each edit in the text that it makes; for insertions only.
    pub(super) fn placed(&self) -> Vec<(usize, usize)> {
        let mut edits: Vec<&Edit> = self.edits.iter().collect();
        edits.sort_by_key(|it| (it.at, it.order));
        let mut shift = 0;
        let place = |it: &Edit| {
            let start = it.at + shift;
            shift += it.text.len();
            (start, it.text.len())
        };
        edits.into_iter().map(place).collect()
    }

    /// The range of the user's text that `range` stands for.
    pub(super) fn origin(&self, range: Range<usize>) -> Range<usize> {
        let back = |at: usize| {
            let before = self.inserted.iter().filter(|(start, _)| *start < at);
            at.saturating_sub(before.map(|(_, len)| *len).sum())
        };
        back(range.start)..back(range.end)
    }
}

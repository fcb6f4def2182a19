//! Lines of the document.

use source::{Sources, Span};

/// Where things stand.
pub struct Lines<'a> {
    pub sources: &'a Sources,
}

impl Lines<'_> {
    /// The line of a span's start, from 1.
    pub fn of(&self, span: Span) -> u32 {
        self.sources.position(span).line as u32
    }
}

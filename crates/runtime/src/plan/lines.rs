//! Lines of the document.

use source::{Sources, Span};

/// Where things stand.
pub(crate) struct Lines<'a> {
    pub(crate) sources: &'a Sources,
}

impl Lines<'_> {
    /// The line of a span's start, from 1.
    pub(crate) fn of(&self, span: Span) -> u32 {
        self.sources.position(span).line as u32
    }
}

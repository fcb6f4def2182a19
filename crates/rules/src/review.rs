//! What several rules ask of one document, found when it is first asked for.

use std::cell::OnceCell;

use model::Spec;

use crate::codes::Codes;
use crate::texts::Texts;

/// A document as rules read it.
#[derive(Debug)]
pub struct Review<'a> {
    /// Its model.
    pub spec: &'a Spec,
    texts: OnceCell<Texts<'a>>,
    codes: OnceCell<Codes<'a>>,
}

impl<'a> Review<'a> {
    pub(crate) fn new(spec: &'a Spec) -> Review<'a> {
        Review { spec, texts: OnceCell::new(), codes: OnceCell::new() }
    }

    /// Its texts, tables and fences.
    pub(crate) fn texts(&self) -> &Texts<'a> {
        self.texts.get_or_init(|| Texts::of(self.spec.document()))
    }

    /// Its error codes.
    pub(crate) fn codes(&self) -> &Codes<'a> {
        self.codes.get_or_init(|| Codes::read(self.spec, self.texts()))
    }
}

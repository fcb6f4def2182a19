//! Files, byte spans, diagnostics and fixes.
//!
//! Everything here is plain data: nothing reads a file, a clock or the environment, and nothing
//! knows what a specification is.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

mod diagnostic;
mod file;
mod fix;
mod names;
pub mod render;
mod span;
mod text;

pub use diagnostic::{Applicability, Diagnostic, Edit, Fix, Label, Level};
pub use file::{Position, SourceFile, Sources};
pub use fix::Edits;
pub use names::{NameIndex, distance, nearest};
pub use span::{FileId, Span, Spanned};
pub use text::{Text, TextBuilder};

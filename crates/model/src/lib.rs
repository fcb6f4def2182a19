//! From a [`syntax::Document`] to a [`Spec`]: what the document says, claim by claim, and the model
//! folded from the claims; and [`Workspace`], many of them.
//!
//! Nothing here judges: what contradicts what is for the rules to say.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

pub mod build;
pub mod cel;
pub mod claim;
pub mod clause;
pub mod date;
pub mod envelope;
pub mod names;
#[cfg(test)]
#[path = "../../syntax/src/phrases.rs"]
mod phrases;
pub mod read;
mod spec;
mod sql;
pub mod summary;
pub mod workspace;

pub use spec::*;
pub use summary::Summary;
pub use workspace::Workspace;

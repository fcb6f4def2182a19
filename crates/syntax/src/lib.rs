//! From text to a [`Document`]: sections and their families, labels, tables, fences, and the small
//! parsers for what stands inside them.
//!
//! Nothing here fails and nothing is lost: what cannot be read is kept with its span. Nothing here
//! knows what an entity or an endpoint is.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

pub mod access;
pub mod alert;
pub mod code;
pub mod columns;
pub mod decl;
pub mod document;
pub mod drawing;
pub mod english;
pub mod family;
pub mod inline;
pub mod json;
pub mod maps;
pub mod mermaid;
pub mod needles;
pub mod openapi;
pub mod page;
#[cfg(test)]
mod phrases;
pub mod quantity;
pub mod route;
pub mod template;
pub mod types;
pub mod yaml;

pub use document::{Document, Section, SectionId};
pub use family::Family;

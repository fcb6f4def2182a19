//! From text to a [`Document`]: sections and their families, labels, tables, fences, and the small
//! parsers for what stands inside them.
//!
//! Nothing here fails and nothing is lost: what cannot be read is kept with its span. Nothing here
//! knows what an entity or an endpoint is.

pub mod decl;
pub mod english;
pub mod json;
pub mod mermaid;
pub mod quantity;
pub mod types;

//! model
pub mod cel;

//! model
pub mod cel;
pub mod claim;
pub mod date;
pub mod names;
pub mod read;

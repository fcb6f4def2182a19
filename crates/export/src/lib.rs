//! What a service promises, written in the forms that others read.
//!
//! A [`Contract`] is made by whoever enforces it, so that what is written is what is enforced. Nothing
//! here reads a document or infers anything from one.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

mod contract;
mod diagram;
mod names;
mod openapi;
mod page;

pub use crate::contract::*;
pub use crate::openapi::openapi;
pub use crate::page::{STYLE, escape, page};

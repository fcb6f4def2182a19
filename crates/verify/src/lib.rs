//! Tests a real system against the document that describes it, and says which sentence it breaks.
//!
//! It knows nothing of `runtime` and of the command line, and prints nothing.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

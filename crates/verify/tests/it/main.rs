//! Runs all probes: on services of documents, which must hold what they promise.

mod bad_targets;
mod conformance;
mod login;
mod sensitivity;
mod service;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

//! Runs the suites: documents that are served on a real socket, requests, and the answers expected.

mod client;
mod contract;
mod expect;
mod faults;
mod suite;
mod tokens;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn suites() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let only = std::env::var("ONLY").unwrap_or_default();
    let mut failures = Vec::new();
    for file in files.iter().filter(|it| it.to_string_lossy().contains(&only)) {
        failures.extend(suite::run(file));
    }
    assert!(failures.is_empty(), "{}\n{} failed", failures.join("\n"), failures.len());
}

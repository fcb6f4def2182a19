//! Runs one of the probes under libFuzzer: `TARGET=name fuzz CORPUS`. `cargo xtask fuzz` does it all.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use testkit::probe::{TARGETS, Target};

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = std::env::var("TARGET").unwrap_or_default();
    TARGETS.iter().find(|it| it.name == name).expect("TARGET names one of the probes")
});

fuzz_target!(|text: &str| (TARGET.run)(text));

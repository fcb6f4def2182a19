//! `cargo xtask fuzz [TARGET…] [--seconds N]`: every parser under a coverage-guided fuzzer, each from the
//! pieces of the project's own documents that are for it.
//!
//! It works with the stable compiler: the coverage counters are a pass of LLVM's that it can be asked for.

use std::path::Path;
use std::process::Command;

use testkit::probe::{Seeds, TARGETS, Target, seeds};

/// The counters that libFuzzer reads (LLVM, SanitizerCoverage).
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

const SECONDS: &str = "60";

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let at = args.iter().position(|it| *it == "--seconds");
    let seconds = at.and_then(|it| args.get(it + 1)).copied().unwrap_or(SECONDS);
    seconds.parse::<u32>().map_err(|_| "--seconds takes a number")?;
    let names: Vec<&str> = args.iter().take(at.unwrap_or(args.len())).copied().collect();
    let known: Vec<&str> = TARGETS.iter().map(|it| it.name).collect();
    if let Some(name) = names.iter().find(|it| !known.contains(it)) {
        return Err(format!("there is no target `{name}`; there is {}", known.join(", ")));
    }
    let root = testkit::root();
    let target = root.join("target/fuzz");
    let status = Command::new("cargo")
        .args(["build", "--release", "--quiet", "--manifest-path", "fuzz/Cargo.toml"])
        .args(["--target", env!("HOST"), "--target-dir"])
        .arg(&target)
        .current_dir(&root)
        .env("RUSTFLAGS", FLAGS)
        .status()
        .map_err(|it| it.to_string())?;
    if !status.success() {
        return Err("the fuzzer was not built; it needs a C++ compiler".to_owned());
    }
    let program = target.join(env!("HOST")).join("release/fuzz");
    let mut failed = Vec::new();
    for it in TARGETS.iter().filter(|it| names.is_empty() || names.contains(&it.name)) {
        println!("{}: {seconds} s", it.name);
        if !fuzzed(it, &program, &target, seconds)? {
            failed.push(it.name);
        }
    }
    if failed.is_empty() {
        println!("nothing found");
        return Ok(());
    }
    Err(format!("found something in {}; the inputs are in {}", failed.join(", "), target.display()))
}

fn fuzzed(target: &Target, program: &Path, folder: &Path, seconds: &str) -> Result<bool, String> {
    let corpus = folder.join("corpus").join(target.name);
    std::fs::create_dir_all(&corpus).map_err(|it| it.to_string())?;
    for (number, seed) in seeds(target).iter().enumerate() {
        std::fs::write(corpus.join(format!("seed-{number:04}")), seed).map_err(|it| it.to_string())?;
    }
    let longest = if target.seeds == Seeds::Documents { 16_384 } else { 2_048 };
    // Nested expressions are parsed recursively: the program is given the stack that the product has.
    let line = format!(
        "ulimit -s 65536 && exec '{}' -max_total_time={seconds} -max_len={longest} -timeout=10 -rss_limit_mb=2048 \
         -print_final_stats=1 -verbosity=0 -artifact_prefix='{}/{}-' '{}'",
        program.display(),
        folder.display(),
        target.name,
        corpus.display()
    );
    let status = Command::new("sh").args(["-c", &line]).env("TARGET", target.name).status();
    Ok(status.map_err(|it| it.to_string())?.success())
}

//! Tasks of the project: `cargo xtask ci`, `corpus`, `bench`, `crash`, `fuzz`, `tidy`.
#![expect(clippy::print_stdout, reason = "a task's result is what it prints")]

mod bench;
mod corpus;
mod coverage;
mod crash;
mod fuzz;
mod generate;
mod server;
mod tidy;

use std::process::{Command, ExitCode};

/// What is measured is measured with the allocator that users have.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["ci"] => ci(),
        ["tidy"] => tidy::run(),
        ["corpus", rest @ ..] => corpus::run(rest),
        ["bench", rest @ ..] => bench::run(rest),
        ["crash", rest @ ..] => crash::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["generate", out, count] => generate::write(out, count),
        _ => Err("usage: cargo xtask ci | tidy | corpus DIR [--sample N] [--seed S] [--all] [--coverage [NAME]] | bench [check | serve | load] | crash [ROUNDS] | fuzz [TARGET…] [--seconds N] | generate OUT N"
            .to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Everything that has to hold before a change lands.
fn ci() -> Result<(), String> {
    step("cargo", &["fmt", "--all", "--check"])?;
    step("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    tidy::run()?;
    step("cargo", &["test", "--workspace", "--quiet"])?;
    docs()?;
    wasm()
}

fn docs() -> Result<(), String> {
    let status = Command::new("cargo")
        .args(["doc", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings")
        .status()
        .map_err(|it| it.to_string())?;
    if status.success() { Ok(()) } else { Err("cargo doc failed".to_owned()) }
}

/// Builds the pure crates for a machine without files, clock or threads, where the target is installed.
fn wasm() -> Result<(), String> {
    let output =
        Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]).output();
    let installed = output.is_ok_and(|it| std::path::Path::new(String::from_utf8_lossy(&it.stdout).trim()).is_dir());
    if !installed {
        eprintln!("xtask: the wasm32-unknown-unknown target is not installed; that build did not run");
        return Ok(());
    }
    step("cargo", &["check", "--target", "wasm32-unknown-unknown", "-p", "source"])
}

pub(crate) fn step(program: &str, args: &[&str]) -> Result<(), String> {
    eprintln!("$ {program} {}", args.join(" "));
    let status = Command::new(program).args(args).status().map_err(|it| it.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{program} {} failed", args.join(" "))) }
}

//! `cargo xtask tidy`: what neither the compiler nor clippy checks.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Which crates of the workspace each may depend on. An edge that is not here is a failure.
const EDGES: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("syntax", &["source"]),
    ("model", &["source", "syntax"]),
    ("rules", &["source", "syntax", "model"]),
    ("export", &["source", "syntax", "model"]),
    ("plan", &["source", "syntax", "model", "export"]),
    ("runtime", &["source", "syntax", "model", "export", "plan"]),
    ("verify", &["source", "syntax", "model", "export", "plan"]),
    ("truespec", &["source", "syntax", "model", "rules", "export", "plan", "runtime", "verify"]),
    ("testkit", &["source", "syntax", "model", "rules"]),
    ("faulty-server", &[]),
    ("xtask", &["source", "syntax", "model", "rules", "testkit"]),
];

/// Crates without files, clock, environment or network.
const PURE: &[&str] = &["source", "syntax", "model", "rules", "export", "plan"];

/// Dependencies that must not reach a pure crate.
const IMPURE: &[&str] = &["tokio", "axum", "hyper", "rusqlite", "clap", "reqwest", "notify"];

/// Dependencies that a pure crate must not have itself: its types are plain data, written out elsewhere.
const FOREIGN: &[&str] = &["serde", "serde_json"];

/// Lines of a file without its tests.
const MAX_LINES: usize = 800;

pub(crate) fn run() -> Result<(), String> {
    let mut wrong = Vec::new();
    edges(&mut wrong)?;
    files(&mut wrong)?;
    architecture(&mut wrong)?;
    for line in &wrong {
        eprintln!("tidy: {line}");
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} things are untidy", wrong.len())) }
}

/// Compares the edges of the workspace with [`EDGES`], by what Cargo itself says.
fn edges(wrong: &mut Vec<String>) -> Result<(), String> {
    for (name, allowed) in EDGES {
        let kinds = if matches!(*name, "testkit" | "xtask") { "normal" } else { "normal,build" };
        let tree =
            output("cargo", &["tree", "--offline", "-p", name, "-e", kinds, "--prefix", "none", "--format", "{p}"])?;
        let mut reached: Vec<&str> = tree.lines().skip(1).filter_map(|it| it.split(' ').next()).collect();
        reached.sort_unstable();
        reached.dedup();
        for other in reached {
            let own = EDGES.iter().any(|it| it.0 == other);
            if own && !allowed.contains(&other) {
                wrong.push(format!("`{name}` must not depend on `{other}`"));
            }
            if PURE.contains(name) && IMPURE.contains(&other) {
                wrong.push(format!("the pure crate `{name}` must not depend on `{other}`"));
            }
        }
    }
    for name in PURE {
        let tree = output(
            "cargo",
            &["tree", "--offline", "-p", name, "-e", "normal", "--depth", "1", "--prefix", "none", "--format", "{p}"],
        )?;
        // Writing them out is what this one is for.
        let foreign = |it: &&str| FOREIGN.contains(it) && !matches!(*name, "export" | "plan");
        for other in tree.lines().skip(1).filter_map(|it| it.split(' ').next()).filter(foreign) {
            wrong.push(format!("the pure crate `{name}` must not use `{other}` itself"));
        }
        if !Path::new("crates").join(name).join("clippy.toml").is_file() {
            wrong.push(format!("`{name}` has no clippy.toml that keeps it pure"));
        }
    }
    Ok(())
}

fn files(wrong: &mut Vec<String>) -> Result<(), String> {
    let listed = output("git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
    for path in listed.lines().map(PathBuf::from).filter(|it| it.is_file()) {
        let shown = path.display();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if path.extension().is_some_and(|it| it == "rs") {
            rust(&shown.to_string(), &text, wrong);
        }
        let trailing = text.lines().position(|it| it.ends_with([' ', '\t']));
        let code = path.extension().is_some_and(|it| it == "rs" || it == "toml");
        if let Some(line) = trailing.filter(|_| code) {
            wrong.push(format!("{shown}:{}: blanks at the end of the line", line + 1));
        }
    }
    Ok(())
}

fn rust(path: &str, text: &str, wrong: &mut Vec<String>) {
    if !text.starts_with("//!") && !path.ends_with("tests.rs") {
        wrong.push(format!("{path}: a module begins with what it is for (`//!`)"));
    }
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines = code.lines().count();
    let tests = path.contains("/tests") || path.ends_with("tests.rs");
    if lines > MAX_LINES && !tests {
        wrong.push(format!("{path}: {lines} lines without tests, at most {MAX_LINES}"));
    }
    // Written in two parts, so that this file does not find itself.
    for banned in
        [concat!("#[ig", "nore"), concat!("#[should_", "panic"), concat!("unimple", "mented!("), concat!("to", "do!(")]
    {
        if code.contains(banned) {
            wrong.push(format!("{path}: `{banned}`"));
        }
    }
    let name = Path::new(path).file_stem().and_then(|it| it.to_str()).unwrap_or("");
    if matches!(name, "utils" | "util" | "helpers" | "common" | "manager" | "core" | "misc") {
        wrong.push(format!("{path}: the name says nothing of what is in it"));
    }
}

/// Every crate is described in ARCHITECTURE.md, and every path named there exists.
fn architecture(wrong: &mut Vec<String>) -> Result<(), String> {
    let text = std::fs::read_to_string("ARCHITECTURE.md").map_err(|it| format!("ARCHITECTURE.md: {it}"))?;
    for (name, _) in EDGES {
        let folder = if *name == "truespec" { "cli" } else { name };
        if !text.contains(&format!("`{folder}`")) {
            wrong.push(format!("ARCHITECTURE.md says nothing of `{folder}`"));
        }
    }
    for word in text.split('`').skip(1).step_by(2) {
        let path = word.contains('/') && word.contains('.') && !word.contains(['<', '*', ' ', '{']);
        if path && !Path::new(word).exists() {
            wrong.push(format!("ARCHITECTURE.md names `{word}`, which does not exist"));
        }
    }
    Ok(())
}

fn output(program: &str, args: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(args).output().map_err(|it| format!("{program}: {it}"))?;
    if !output.status.success() {
        return Err(format!("{program} {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

//! What a request to a served document costs, beside the same orders served by hand in the same run.
//!
//! `wrk` makes the requests, from a process of its own on the same machine. Rates are requests per second
//! of elapsed time; CPU is that of the server's process, user and system, per request, read from Linux's
//! `/proc` (its clock ticks 100 times a second).

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::server::{Server, member, request};

/// The document that is served.
const DOCUMENT: &str = "xtask/data/orders.md";
const BODY: &str = r#"{"customerEmail":"ada@example.org","quantity":3,"total":19.5}"#;
/// Connections, one after another.
const CONNECTIONS: &[u32] = &[1, 16, 64];
/// How long each is measured.
const SECONDS: u64 = 3;
/// Records that are read.
const RECORDS: usize = 500;
/// Starts on an empty database; the fastest is told.
const STARTS: usize = 5;

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let seconds = args.first().map_or(Ok(SECONDS), |it| it.parse()).map_err(|_| "bench serve takes seconds")?;
    if Command::new("wrk").arg("-v").output().is_err() {
        println!("serve: `wrk` is not installed; requests were not measured");
        return Ok(());
    }
    if !Path::new("/proc/self/stat").exists() {
        println!("serve: there is no /proc here; requests were not measured");
        return Ok(());
    }
    // One after another: features that one of them asks for must not slow the other.
    for package in ["reference-server", "truespec"] {
        crate::step("cargo", &["build", "--release", "--quiet", "-p", package])?;
    }
    let folder = std::env::temp_dir().join(format!("truespec-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|it| format!("{}: {it}", folder.display()))?;
    let done = measure(&folder, seconds);
    drop(std::fs::remove_dir_all(&folder));
    done
}

fn measure(folder: &Path, seconds: u64) -> Result<(), String> {
    println!("{:24} {:>14} {:>14} {:>8}", "", "by hand", "truespec", "ratio");
    let row = |name: &str, unit: &str, reference: f64, own: f64| {
        let shown = |it: f64| if it < 100.0 { format!("{it:.1} {unit}") } else { format!("{it:.0} {unit}") };
        println!("{name:24} {:>14} {:>14} {:>8.2}", shown(reference), shown(own), own / reference);
    };
    let (reference, own) = (starts(folder, by_hand)?, starts(folder, truespec)?);
    row("start to first answer", "ms", reference.0, own.0);
    row("memory when idle", "MB", reference.1, own.1);
    let reference = Measured::start(by_hand, &folder.join("reference.db"))?;
    let own = Measured::start(truespec, &folder.join("truespec.db"))?;
    for (what, post) in [("GET by id", false), ("durable POST", true)] {
        for connections in CONNECTIONS {
            let name = format!("{what}, {connections:2} connections");
            let reference = load(&reference, folder, post, *connections, seconds)?;
            let own = load(&own, folder, post, *connections, seconds)?;
            row(&name, "/s", reference.rate, own.rate);
            row("  CPU for each", "µs", reference.cpu, own.cpu);
        }
    }
    Ok(())
}

pub(super) type Program = fn(&Path) -> Command;

/// The server that was written by hand.
pub(super) fn by_hand(file: &Path) -> Command {
    let mut command = Command::new("target/release/reference-server");
    command.arg("0").arg(file);
    command
}

fn truespec(file: &Path) -> Command {
    Server::truespec(DOCUMENT, file)
}

/// Milliseconds from the start of the process to its first answer, and megabytes that it holds then.
fn starts(folder: &Path, program: Program) -> Result<(f64, f64), String> {
    let mut best = (f64::MAX, f64::MAX);
    let file = folder.join("start.db");
    for _ in 0..STARTS {
        for end in ["", "-wal", "-shm", "-lock"] {
            drop(std::fs::remove_file(format!("{}{end}", file.display())));
        }
        let begin = Instant::now();
        let server = Server::start(&mut program(&file))?;
        request(&server.address, "GET", "/api/v1/orders/0190a6e0-5d3a-7c1e-8b0a-3f1c2d4e5f60", "")?;
        best.0 = best.0.min(begin.elapsed().as_secs_f64() * 1e3);
        best.1 = best.1.min(server.memory()?);
    }
    Ok(best)
}

/// A server with records.
pub(super) struct Measured {
    pub(super) server: Server,
    /// Paths of records that it keeps.
    pub(super) paths: Vec<String>,
}

impl Measured {
    pub(super) fn start(program: Program, file: &Path) -> Result<Measured, String> {
        let server = Server::start(&mut program(file))?;
        let mut paths = Vec::new();
        for _ in 0..RECORDS {
            let (_, answer) = request(&server.address, "POST", "/api/v1/orders", BODY)?;
            let id = member(&answer, "id").ok_or_else(|| format!("no order was made: {answer}"))?;
            paths.push(format!("/api/v1/orders/{id}"));
        }
        Ok(Measured { server, paths })
    }
}

struct Load {
    rate: f64,
    /// Microseconds for each request.
    cpu: f64,
}

fn load(own: &Measured, folder: &Path, post: bool, connections: u32, seconds: u64) -> Result<Load, String> {
    let Measured { server, paths } = own;
    let script = folder.join("load.lua");
    let lua = if post { creating() } else { reading(paths) };
    std::fs::write(&script, lua).map_err(|it| format!("{}: {it}", script.display()))?;
    let before = server.used()?;
    let output = Command::new("wrk")
        .args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"])
        .arg(&script)
        .arg(format!("http://{}/", server.address))
        .output()
        .map_err(|it| format!("wrk: {it}"))?;
    let used = server.used()? - before;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return Err(format!("requests failed:\n{said}"));
    }
    let number = |label: &str| said.lines().find_map(|it| it.trim().strip_prefix(label)?.trim().parse::<f64>().ok());
    let count = said.lines().find_map(|it| it.trim().split_once(" requests in ")?.0.parse::<f64>().ok());
    match (number("Requests/sec:"), count) {
        (Some(rate), Some(count)) => Ok(Load { rate, cpu: used * 1e6 / count.max(1.0) }),
        _ => Err(format!("wrk said:\n{said}{}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn creating() -> String {
    format!(
        "wrk.method = 'POST'\nwrk.path = '/api/v1/orders'\nwrk.body = '{BODY}'\nwrk.headers['Content-Type'] = 'application/json'\n"
    )
}

/// A script for `wrk` that reads paths in turn.
pub(super) fn reading(paths: &[String]) -> String {
    let mut lua = "local paths = {\n".to_owned();
    for path in paths {
        let _ = writeln!(lua, "'{path}',");
    }
    lua.push_str(
        "}\nlocal at = 0\nfunction request()\n  at = at % #paths + 1\n  return wrk.format('GET', paths[at])\nend\n",
    );
    lua
}

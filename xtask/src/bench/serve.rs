//! What a request to a served document costs, beside the same orders served by hand in the same run.
//!
//! `wrk` makes the requests, from a process of its own on the same machine. Rates are requests per second
//! of elapsed time; CPU is that of the server's process, user and system, per request, read from Linux's
//! `/proc` (its clock ticks 100 times a second).

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
/// Ticks of a process's clock in a second, as Linux counts them for programs.
const TICKS: f64 = 100.0;

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

/// The two servers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reference,
    Truespec,
}

fn measure(folder: &Path, seconds: u64) -> Result<(), String> {
    println!("{:24} {:>14} {:>14} {:>8}", "", "by hand", "truespec", "ratio");
    let row = |name: &str, unit: &str, reference: f64, own: f64| {
        let shown = |it: f64| if it < 100.0 { format!("{it:.1} {unit}") } else { format!("{it:.0} {unit}") };
        println!("{name:24} {:>14} {:>14} {:>8.2}", shown(reference), shown(own), own / reference);
    };
    let (reference, own) = (starts(folder, Kind::Reference)?, starts(folder, Kind::Truespec)?);
    row("start to first answer", "ms", reference.0, own.0);
    row("memory when idle", "MB", reference.1, own.1);
    let mut reference = Server::start(Kind::Reference, &folder.join("reference.db"))?;
    let mut own = Server::start(Kind::Truespec, &folder.join("truespec.db"))?;
    for (what, post) in [("GET by id", false), ("durable POST", true)] {
        for connections in CONNECTIONS {
            let name = format!("{what}, {connections:2} connections");
            let reference = load(&mut reference, folder, post, *connections, seconds)?;
            let own = load(&mut own, folder, post, *connections, seconds)?;
            row(&name, "/s", reference.rate, own.rate);
            row("  CPU for each", "µs", reference.cpu, own.cpu);
        }
    }
    Ok(())
}

/// Milliseconds from the start of the process to its first answer, and megabytes that it holds then.
fn starts(folder: &Path, kind: Kind) -> Result<(f64, f64), String> {
    let mut best = (f64::MAX, f64::MAX);
    for round in 0..STARTS {
        let file = folder.join(format!("start-{}-{round}.db", kind == Kind::Truespec));
        let begin = Instant::now();
        let server = Server::start(kind, &file)?;
        request(&server.address, "GET", "/api/v1/orders/0190a6e0-5d3a-7c1e-8b0a-3f1c2d4e5f60", "")?;
        best.0 = best.0.min(begin.elapsed().as_secs_f64() * 1e3);
        best.1 = best.1.min(server.memory()?);
    }
    Ok(best)
}

struct Server {
    child: Child,
    address: String,
    /// Paths of records that it keeps.
    paths: Vec<String>,
}

impl Server {
    fn start(kind: Kind, file: &Path) -> Result<Server, String> {
        let bin = |name: &str| PathBuf::from("target/release").join(name);
        let file = file.display().to_string();
        let mut command = match kind {
            Kind::Reference => {
                let mut command = Command::new(bin("reference-server"));
                command.args(["0", &file]);
                command
            }
            Kind::Truespec => {
                let mut command = Command::new(bin("truespec"));
                command.args(["run", DOCUMENT, "--port", "0", "--db", &format!("sqlite:{file}")]);
                command
            }
        };
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|it| format!("a server does not start: {it}"))?;
        let out = child.stdout.take().ok_or("a server says nothing")?;
        let mut server = Server { child, address: String::new(), paths: Vec::new() };
        for line in BufReader::new(out).lines() {
            let line = line.map_err(|it| it.to_string())?;
            if let Some((_, address)) = line.split_once("http://") {
                server.address = address.split_whitespace().next().unwrap_or("").to_owned();
                return Ok(server);
            }
        }
        Err("a server did not say where it listens".to_owned())
    }

    /// Seconds of processor that it has used.
    fn used(&self) -> Result<f64, String> {
        let stat = self.read("stat")?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        // utime and stime are the 14th and 15th field; the first two stand before the name's end.
        let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).ok_or("a strange /proc/PID/stat");
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Megabytes that are resident.
    fn memory(&self) -> Result<f64, String> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kilobytes.ok_or("a strange /proc/PID/status")? / 1024.0)
    }

    fn read(&self, name: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{name}", self.child.id());
        std::fs::read_to_string(&path).map_err(|it| format!("{path}: {it}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

struct Load {
    rate: f64,
    /// Microseconds for each request.
    cpu: f64,
}

fn load(server: &mut Server, folder: &Path, post: bool, connections: u32, seconds: u64) -> Result<Load, String> {
    if server.paths.is_empty() {
        for _ in 0..RECORDS {
            let answer = request(&server.address, "POST", "/api/v1/orders", BODY)?;
            let id = answer.split("\"id\":\"").nth(1).and_then(|it| it.split('"').next());
            server.paths.push(format!("/api/v1/orders/{}", id.ok_or_else(|| format!("no order was made: {answer}"))?));
        }
    }
    let script = folder.join("load.lua");
    let lua = if post { creating() } else { reading(&server.paths) };
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

fn reading(paths: &[String]) -> String {
    let mut lua = "local paths = {\n".to_owned();
    for path in paths {
        let _ = writeln!(lua, "'{path}',");
    }
    lua.push_str(
        "}\nlocal at = 0\nfunction request()\n  at = at % #paths + 1\n  return wrk.format('GET', paths[at])\nend\n",
    );
    lua
}

/// The answer to one request.
fn request(address: &str, method: &str, path: &str, body: &str) -> Result<String, String> {
    let failed = |it: std::io::Error| format!("{method} {path}: {it}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(failed)?;
    let head = "Host: localhost\r\nConnection: close\r\nContent-Type: application/json";
    write!(stream, "{method} {path} HTTP/1.1\r\n{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
        .map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed)?;
    Ok(answer)
}

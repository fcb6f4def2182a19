//! What the load generator of `verify` costs and measures, beside `wrk` and `wrk2` in the same run.
//!
//! *Rate*: `wrk` and ours, each as fast as it goes in one thread on the same connections, read the same records
//! of the server that was written by hand, in turns. The best of the rounds is told, since what else runs can
//! only slow them, and the processor that each used for a request: user and system, of the processes that were
//! waited for, from Linux's `/proc`.
//!
//! *Stall*: a server here lets every request wait that comes in the first 200 ms of each 2 s, until they are over.
//! Of requests that come at a constant rate a tenth waits, evenly between nothing and 200 ms, so that
//! `P(latency > x) = 0.1 · (200 − x) / 200`: the p95 is 100 ms, the p99 180 ms and the p99.9 198 ms, and
//! what it takes to answer those that have waited comes on top. `wrk2` measures the same server at the same constant
//! rate; it counts nothing in its first ten seconds, while it calibrates itself. It is in no package: it is taken
//! from the `PATH` under this name, and left out if there is none. The last row is what a closed loop sees of the
//! same stalls: one slow answer for each connection.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::serve::{Measured, by_hand, reading};

/// How long each is measured.
const SECONDS: u64 = 2;
const ROUNDS: usize = 5;
const CONNECTIONS: &[u32] = &[1, 16, 64];
/// How long the server stalls, and how often.
const STALL: Duration = Duration::from_millis(200);
const PERIOD: Duration = Duration::from_secs(2);
/// Requests per second to the server that stalls, and for how many seconds: whole periods.
const RATE: u32 = 1_000;
const STALLED: u64 = 12;
/// What `wrk2` does not count.
const CALIBRATION: u64 = 10;
/// Ticks of a process's clock in a second, as Linux counts them for programs.
const TICKS: f64 = 100.0;

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let seconds = args.first().map_or(Ok(SECONDS), |it| it.parse()).map_err(|_| "bench load takes seconds")?;
    if !is_there("wrk") || !Path::new("/proc/self/stat").exists() {
        println!("load: there is no `wrk` or no /proc here; nothing was measured");
        return Ok(());
    }
    crate::step("cargo", &["build", "--release", "--quiet", "-p", "reference-server"])?;
    crate::step("cargo", &["build", "--release", "--quiet", "-p", "verify", "--example", "load"])?;
    let folder = std::env::temp_dir().join(format!("truespec-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|it| format!("{}: {it}", folder.display()))?;
    let done = rates(&folder, seconds).and_then(|()| stall(&folder));
    drop(std::fs::remove_dir_all(&folder));
    done
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("-v").output().is_ok()
}

fn rates(folder: &Path, seconds: u64) -> Result<(), String> {
    let server = Measured::start(by_hand, &folder.join("reference.db"))?;
    let (paths, script) = (folder.join("paths"), folder.join("load.lua"));
    write(&paths, &server.paths.join("\n"))?;
    write(&script, &reading(&server.paths))?;
    println!("{:24} {:>14} {:>14} {:>8}", "", "wrk", "ours", "ratio");
    for connections in CONNECTIONS {
        let (mut theirs, mut own) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            theirs.push(wrk(&server.server.address, &script, *connections, seconds)?);
            own.push(ours(&server.server.address, &paths, *connections, seconds, 0)?.0);
        }
        let row = |name: &str, unit: &str, best: fn(&[Cost]) -> f64| {
            let (theirs, own) = (best(&theirs), best(&own));
            let shown = |it: f64| if it < 100.0 { format!("{it:.1} {unit}") } else { format!("{it:.0} {unit}") };
            println!("{name:24} {:>14} {:>14} {:>8.2}", shown(theirs), shown(own), own / theirs);
        };
        row(&format!("GET, {connections:2} connections"), "/s", |all| all.iter().map(|it| it.rate).fold(0.0, f64::max));
        row("  CPU of the client", "µs", |all| all.iter().map(|it| it.cpu).fold(f64::MAX, f64::min));
    }
    Ok(())
}

/// What a generator reached, and what it cost.
struct Cost {
    rate: f64,
    /// Microseconds of its own for each request.
    cpu: f64,
}

fn wrk(address: &str, script: &Path, connections: u32, seconds: u64) -> Result<Cost, String> {
    let mut command = Command::new("wrk");
    command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "-s"]);
    let (said, used) = told(command.arg(script).arg(format!("http://{address}/")))?;
    if said.contains("Non-2xx") || said.contains("Socket errors") {
        return Err(format!("requests failed:\n{said}"));
    }
    let rate = said.lines().find_map(|it| it.trim().strip_prefix("Requests/sec:")?.trim().parse::<f64>().ok());
    let count = said.lines().find_map(|it| it.trim().split_once(" requests in ")?.0.parse::<f64>().ok());
    match (rate, count) {
        (Some(rate), Some(count)) => Ok(Cost { rate, cpu: used * 1e6 / count.max(1.0) }),
        _ => Err(format!("wrk said:\n{said}")),
    }
}

/// Our generator; with a rate of zero as fast as it goes. Its percentiles too, in milliseconds with their ends.
fn ours(
    address: &str,
    paths: &Path,
    connections: u32,
    seconds: u64,
    rate: u32,
) -> Result<(Cost, Vec<(String, String)>), String> {
    let mut command = Command::new("target/release/examples/load");
    command.args([address, &seconds.to_string(), &connections.to_string(), &rate.to_string()]).arg(paths);
    let (said, used) = told(&mut command)?;
    let lines: Vec<(String, String)> =
        said.lines().filter_map(|it| it.split_once(' ')).map(|(name, it)| (name.to_owned(), it.to_owned())).collect();
    let number = |name: &str| {
        let line = lines.iter().find(|it| it.0 == name);
        line.and_then(|it| it.1.parse::<f64>().ok()).ok_or_else(|| format!("the generator said:\n{said}"))
    };
    if number("failed")? > 0.0 {
        return Err(format!("requests failed:\n{said}"));
    }
    Ok((Cost { rate: number("rate")?, cpu: used * 1e6 / number("sent")?.max(1.0) }, lines))
}

/// What a program prints, and the seconds of processor that it used.
fn told(command: &mut Command) -> Result<(String, f64), String> {
    let before = children()?;
    let output = command.output().map_err(|it| format!("{command:?}: {it}"))?;
    if !output.status.success() {
        return Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), children()? - before))
}

/// Seconds of processor of all processes that were waited for.
fn children() -> Result<f64, String> {
    let stat = std::fs::read_to_string("/proc/self/stat").map_err(|it| format!("/proc/self/stat: {it}"))?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // cutime and cstime are the 16th and 17th field; the first two stand before the name's end.
    let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).ok_or("a strange /proc/self/stat");
    Ok((ticks(13)? + ticks(14)?) / TICKS)
}

fn stall(folder: &Path) -> Result<(), String> {
    let address = stalling()?;
    let (paths, url) = (folder.join("stalled"), format!("http://{address}/"));
    write(&paths, "/")?;
    println!();
    println!("{RATE} requests/s, and {} ms of each {} s nothing is answered", STALL.as_millis(), PERIOD.as_secs());
    println!("{:24} {:>12} {:>12} {:>12}", "", "p95", "p99", "p99.9");
    let row = |name: &str, of: [String; 3]| println!("{name:24} {:>12} {:>12} {:>12}", of[0], of[1], of[2]);
    let exact = [95.0, 99.0, 99.9].map(|percent: f64| {
        let share = STALL.as_secs_f64() / PERIOD.as_secs_f64();
        STALL.as_secs_f64() * 1e3 * (1.0 - (1.0 - percent / 100.0) / share)
    });
    row("by calculation", exact.map(|it| format!("{it:.1} ms")));
    let (_, lines) = ours(&address, &paths, 16, STALLED, RATE)?;
    row("ours", ["p95", "p99", "p99.9"].map(|it| part(&lines, it, 0)));
    row("  from", ["p95", "p99", "p99.9"].map(|it| part(&lines, it, 1)));
    row("  to", ["p95", "p99", "p99.9"].map(|it| part(&lines, it, 2)));
    println!("{:24} {:>12}", "  late itself, p99", part(&lines, "lag", 0));
    if is_there("wrk2") {
        let seconds = format!("-d{}s", STALLED + CALIBRATION);
        let mut command = Command::new("wrk2");
        command.args(["-t1", "-c16", &seconds, &format!("-R{RATE}"), "--latency", &url]);
        row("wrk2", spectrum(&told(&mut command)?.0));
    } else {
        println!("{:24} there is none in the PATH", "wrk2");
    }
    let (_, lines) = ours(&address, &paths, 16, STALLED, 0)?;
    row("ours, closed loop", ["p95", "p99", "p99.9"].map(|it| part(&lines, it, 0)));
    Ok(())
}

/// A figure of a line of ours.
fn part(lines: &[(String, String)], name: &str, at: usize) -> String {
    let line = lines.iter().find(|it| it.0 == name);
    let number = line.and_then(|it| it.1.split(' ').nth(at)).and_then(|it| it.parse::<f64>().ok());
    number.map_or("-".to_owned(), |it| format!("{it:.1} ms"))
}

/// The percentiles of what `wrk2 --latency` prints: of the table, the first row from each on.
fn spectrum(said: &str) -> [String; 3] {
    [0.95, 0.99, 0.999].map(|share| {
        let row = |line: &str| {
            let mut words = line.split_whitespace().map(str::parse::<f64>);
            match (words.next(), words.next(), words.next()) {
                (Some(Ok(value)), Some(Ok(at)), Some(Ok(_))) if at >= share => Some(value),
                _ => None,
            }
        };
        said.lines().find_map(row).map_or("-".to_owned(), |it| format!("{it:.1} ms"))
    })
}

/// Starts a server that stalls, and gives its address. It lives as long as this process.
fn stalling() -> Result<String, String> {
    let failed = |it: std::io::Error| format!("a server does not start: {it}");
    let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?.to_string();
    let begin = Instant::now();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || drop(answer(stream, begin)));
        }
    });
    Ok(address)
}

/// Answers requests that come one at a time, each in one piece.
fn answer(mut stream: TcpStream, begin: Instant) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = [0; 4096];
    while stream.read(&mut bytes)? > 0 {
        let into = Duration::from_nanos((begin.elapsed().as_nanos() % PERIOD.as_nanos()) as u64);
        if into < STALL {
            thread::sleep(STALL - into);
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|it| format!("{}: {it}", path.display()))
}

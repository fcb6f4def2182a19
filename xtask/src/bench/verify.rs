//! `cargo xtask bench verify`: what a case of `truespec verify` costs the tester, the server left out: drawing
//! it, sending it, and judging the answer.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::server::Server;

/// Seeds, one run each.
const SEEDS: u32 = 3;

/// Ticks of a process's clock in a second, as Linux counts them for programs.
const TICKS: f64 = 100.0;

pub(crate) fn run(_: &[&str]) -> Result<(), String> {
    if !Path::new("/proc/self/stat").exists() {
        println!("verify: there is no /proc here; cases were not measured");
        return Ok(());
    }
    crate::step("cargo", &["build", "--release", "--quiet", "-p", "truespec"])?;
    let folder = std::env::temp_dir().join(format!("truespec-bench-verify-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|it| format!("{}: {it}", folder.display()))?;
    let done = measure(&folder);
    drop(std::fs::remove_dir_all(&folder));
    done
}

fn measure(folder: &Path) -> Result<(), String> {
    let document = "examples/orders.md";
    println!("{document}, all probes but the loads");
    println!("{:6} {:>8} {:>10} {:>14} {:>16}", "seed", "cases", "requests", "CPU per case", "server per case");
    for seed in 0..SEEDS {
        let file = folder.join(format!("{seed}.db"));
        let server = Server::start(Server::truespec(document, &file).args(["--log", "off"]))?;
        let before = children()?;
        let served = server.used()?;
        let only = "contract,errors,states,authentication,scenarios,operations";
        let done = Command::new("target/release/truespec")
            .args(["verify", document, "--url", &format!("http://{}", server.address), "--only", only])
            .args(["--keep", "--budget", "300", "--seed", &seed.to_string()])
            .stderr(Stdio::inherit())
            .output()
            .map_err(|it| it.to_string())?;
        let used = children()? - before;
        let served = server.used()? - served;
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        let last = text.lines().rev().find(|it| it.contains(" cases")).ok_or("verify did not tell its cases")?;
        let number = |word: &str| -> Option<f64> {
            let at = last.find(word)?;
            last.get(..at)?.split_whitespace().next_back()?.parse().ok()
        };
        let cases = number(" cases").ok_or("verify did not tell its cases")?;
        let requests = number(" requests").ok_or("verify did not tell its requests")?;
        if !done.status.success() {
            return Err(format!("verify found something in what is served from {document}:\n{text}"));
        }
        println!(
            "{seed:6} {cases:>8} {requests:>10} {:>11.3} ms {:>13.3} ms",
            used * 1000.0 / cases,
            served * 1000.0 / cases
        );
    }
    Ok(())
}

/// Seconds of processor that programs have used which were started here and have ended.
fn children() -> Result<f64, String> {
    let stat = std::fs::read_to_string("/proc/self/stat").map_err(|it| it.to_string())?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    // cutime and cstime are the 16th and 17th field; the first two stand before the name's end.
    let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).ok_or("a strange /proc/self/stat");
    Ok((ticks(13)? + ticks(14)?) / TICKS)
}

//! What a process uses, as Linux tells it.

use std::time::{Duration, Instant};

/// Ticks of a process's clock in a second, as Linux counts them for programs.
const TICKS: f64 = 100.0;
/// How long between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// Looks at a process from time to time.
#[derive(Debug)]
pub(super) struct Process {
    pid: u32,
    /// When it was looked at, with the seconds of processor that it had used.
    looks: Vec<(Instant, f64)>,
    /// The most bytes that were resident.
    pub(super) memory: Option<f64>,
}

impl Process {
    pub(super) fn new(pid: u32) -> Process {
        Process { pid, looks: Vec::new(), memory: None }
    }

    /// Looks, if it is time to.
    pub(super) fn look(&mut self) {
        let now = Instant::now();
        if self.looks.last().is_some_and(|it| now - it.0 < PAUSE) {
            return;
        }
        if let Some(used) = self.used() {
            self.looks.push((now, used));
        }
        if let Some(memory) = self.resident() {
            self.memory = Some(self.memory.unwrap_or(0.0).max(memory));
        }
    }

    /// Forgets the looks so far.
    pub(super) fn begin(&mut self) {
        self.looks.clear();
    }

    /// Shares of one core that it used between two looks each.
    pub(super) fn shares(&self) -> Vec<f64> {
        let pairs = self.looks.iter().zip(self.looks.iter().skip(1));
        pairs.map(|(before, after)| (after.1 - before.1) / (after.0 - before.0).as_secs_f64().max(1e-3)).collect()
    }

    /// Seconds of processor that it has used.
    fn used(&self) -> Option<f64> {
        let stat = self.read("stat")?;
        // The name in brackets may hold anything; utime and stime are the 14th and 15th field.
        let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<f64>().ok();
        Some((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Bytes that are resident.
    fn resident(&self) -> Option<f64> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.pid)).ok()
    }
}

/// The cores that this machine has for a process.
pub(super) fn cores() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |it| it.get() as f64)
}

/// Bytes of memory of this machine.
pub(super) fn memory() -> Option<f64> {
    let info = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = info.lines().find_map(|it| it.strip_prefix("MemTotal:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? * 1024.0)
}

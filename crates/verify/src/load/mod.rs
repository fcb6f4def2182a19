//! An open-loop load generator over HTTP/1.1, and what it measures.
//!
//! Requests have intended starts that follow a schedule, whatever the server does, and a latency counts from
//! the intended start: when all connections wait for a server that stalls, what should have been sent
//! meanwhile waits too, and that time is the server's (no coordinated omission, as Tene calls it). Counted
//! from when a request was at last sent, a server that stalls for a second would have one slow answer for
//! each connection.
//!
//! One thread, sockets that do not block, one request at a time on each connection. Everything is bounded:
//! time, heads and bodies of answers, memory. It speaks no TLS, follows no redirect and reads no body.
//!
//! `cargo xtask bench load` holds its rate against that of `wrk`, and its percentiles against those of
//! `wrk2` and against what follows from the length of a stall.

mod answer;
mod connection;
mod engine;
mod latency;
mod schedule;
#[cfg(test)]
mod tests;
mod timer;

use std::fmt::Write as _;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

pub use engine::run;
pub(crate) use latency::spread;
pub use latency::{Estimate, Latencies};
pub use schedule::Spacing;

/// At most so many connections are opened.
pub const MAX_CONNECTIONS: usize = 1024;

/// What to send, and for how long.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server.
    pub address: SocketAddr,
    /// How many connections are kept, up to [`MAX_CONNECTIONS`].
    pub connections: usize,
    /// When requests are sent.
    pub pace: Pace,
    /// The kinds of requests by their shares of the whole; a kind is an index here.
    pub weights: Vec<f64>,
    /// How long nothing is counted yet.
    pub warm_up: Duration,
    /// How long is measured.
    pub duration: Duration,
    /// How long an answer is waited for after its request was sent. At the end, answers that are due are
    /// waited for as long, and no longer than was measured.
    pub timeout: Duration,
}

/// When requests are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pace {
    /// So many per second, whether or not others were answered.
    Open(f64, Spacing),
    /// The next one on a connection as soon as the last one was answered. A latency then says nothing of
    /// what others would have waited.
    Closed,
}

/// What a run measured.
#[derive(Debug)]
pub struct Run {
    /// By kind of request.
    pub kinds: Vec<Kind>,
    /// The measured time.
    pub measured: Duration,
    /// The length of a window in seconds.
    window: f64,
    /// How late the generator itself was, with a connection free: what it adds to the latencies.
    pub lag: Latencies,
    /// How it ended.
    pub ended: Ended,
}

/// What was measured of one kind of request.
#[derive(Debug, Default)]
pub struct Kind {
    /// Requests whose intended start was in the measured time.
    pub offered: u64,
    /// Answers with a status below 400, by window in which they came.
    held: [u64; latency::WINDOWS],
    /// Of answers with a status below 400. What was not answered in time is in it with as long as it was
    /// waited for, so that what is slowest is not missing.
    pub latencies: Latencies,
    /// Statuses and how often each came.
    pub statuses: Vec<(u16, u64)>,
    /// Requests without an answer.
    pub faults: Faults,
}

/// Requests without an answer, by why.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    /// No connection.
    pub unconnected: u64,
    /// No answer in time.
    pub late: u64,
    /// The connection ended before the answer did.
    pub cut: u64,
    /// What came is no HTTP.
    pub garbage: u64,
    /// The answer is too long to wait for.
    pub long: u64,
    /// Not answered, or not even sent, when the run ended.
    pub unfinished: u64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As planned.
    Done,
    /// No connection could be opened any more, this long after the beginning of the measured time.
    Died(Duration),
    /// There was nothing to send.
    Dry,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name stands for no address.
    #[error("`{0}` stands for no address")]
    Unknown(String),
    /// Nothing listens.
    #[error("no connection to {0}: {1}")]
    Unreachable(String, std::io::Error),
    /// The machine gives no sockets.
    #[error("this machine gives no more sockets: {0}")]
    Sockets(std::io::Error),
}

/// The first address of `host:port` that takes connections.
pub fn reach(authority: &str, timeout: Duration) -> Result<SocketAddr, Error> {
    let unknown = |_| Error::Unknown(authority.to_owned());
    let mut last = Error::Unknown(authority.to_owned());
    // Names with many addresses are rare; each may cost the whole time.
    for address in authority.to_socket_addrs().map_err(unknown)?.take(4) {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(_) => return Ok(address),
            Err(it) => last = Error::Unreachable(authority.to_owned(), it),
        }
    }
    Err(last)
}

/// Writes a request. `path` is the path and query as they stand on the wire, `headers` are beside `Host` and
/// `Content-Length`.
pub fn request(out: &mut Vec<u8>, host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) {
    let mut head = String::with_capacity(160);
    let _ = write!(head, "{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if let Some(body) = body {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body.unwrap_or(&[]));
}

impl Run {
    /// The latencies of some kinds of requests together.
    pub fn latencies(&self, kinds: &[usize]) -> Latencies {
        Latencies::joined(self.of(kinds).map(|it| &it.latencies))
    }

    /// Requests of some kinds whose intended start was in the measured time.
    pub fn offered(&self, kinds: &[usize]) -> u64 {
        self.of(kinds).map(|it| it.offered).sum()
    }

    /// Answers of some kinds with a status below 400 that came in the measured time, per second.
    pub fn held(&self, kinds: &[usize]) -> Estimate {
        let in_window = |window: usize| self.of(kinds).filter_map(|it| it.held.get(window)).sum::<u64>();
        // The last window of a run that ended early is not whole.
        let whole = (self.measured.as_secs_f64() / self.window + 1e-6) as usize;
        let rates: Vec<f64> = (0..whole.min(latency::WINDOWS)).map(|it| in_window(it) as f64 / self.window).collect();
        let samples = (0..latency::WINDOWS).map(in_window).sum();
        let value = samples as f64 / self.measured.as_secs_f64().max(1e-9);
        let error = spread(&rates);
        Estimate { value, low: (value - error).max(0.0), high: (rates.len() > 1).then_some(value + error), samples }
    }

    /// Requests of some kinds that were answered, or failed to be.
    pub fn count(&self, kinds: &[usize]) -> u64 {
        self.of(kinds).map(|it| it.faults.all() + it.answered(0, 1000)).sum()
    }

    /// Answers of some kinds with a status from one to below another.
    pub fn answered(&self, kinds: &[usize], from: u16, to: u16) -> u64 {
        self.of(kinds).map(|it| it.answered(from, to)).sum()
    }

    /// Requests of some kinds without an answer.
    pub fn failed(&self, kinds: &[usize]) -> u64 {
        self.of(kinds).map(|it| it.faults.all()).sum()
    }

    fn of(&self, kinds: &[usize]) -> impl Iterator<Item = &Kind> {
        kinds.iter().filter_map(|it| self.kinds.get(*it))
    }
}

impl Kind {
    /// Answers with a status from one to below another.
    pub fn answered(&self, from: u16, to: u16) -> u64 {
        self.statuses.iter().filter(|it| (from..to).contains(&it.0)).map(|it| it.1).sum()
    }
}

impl Faults {
    /// All together.
    pub fn all(&self) -> u64 {
        let Faults { unconnected, late, cut, garbage, long, unfinished } = self;
        unconnected + late + cut + garbage + long + unfinished
    }
}

//! What a server under load does: its metrics, and the faults that only load shows.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::faults::Faults;
use crate::record::Refused;

/// Upper bounds of the histogram, in seconds.
const BOUNDS: [f64; 8] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];
/// `slow-reads` and `slow-writes` wait so long, which is beyond the targets.
const SLOW: Duration = Duration::from_millis(150);
/// `memory-grows` keeps so much for each request, in bytes.
const KEPT: usize = 256 * 1024;

/// Counters and what the faults of load need.
pub(crate) struct Load {
    requests: AtomicU64,
    errors: AtomicU64,
    micros: AtomicU64,
    buckets: [AtomicU64; BOUNDS.len()],
    reads: AtomicUsize,
    /// The one connection that `errors-under-load` and `throughput-limited` have.
    one: Arc<Semaphore>,
    kept: Mutex<Vec<Vec<u8>>>,
}

impl Load {
    pub(crate) fn new() -> Load {
        Load {
            requests: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            micros: AtomicU64::new(0),
            buckets: BOUNDS.map(|_| AtomicU64::new(0)),
            reads: AtomicUsize::new(0),
            one: Arc::new(Semaphore::new(1)),
            kept: Mutex::new(Vec::new()),
        }
    }

    /// What a request goes through before it is worked on; it gives back what it returns when it is done.
    pub(crate) async fn begin(
        &self,
        reads: bool,
        by_id: bool,
        faults: &Faults,
    ) -> Result<Option<OwnedSemaphorePermit>, Refused> {
        if faults.on("memory-grows") {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(vec![1; KEPT]);
        }
        if faults.on("slow-reads") && by_id && self.reads.fetch_add(1, Ordering::Relaxed) % 10 == 9 {
            tokio::time::sleep(SLOW).await;
        }
        if faults.on("slow-writes") && !reads {
            tokio::time::sleep(SLOW).await;
        }
        if faults.on("processor-busy") {
            let began = Instant::now();
            let mut sum = 0u64;
            while began.elapsed() < Duration::from_millis(9) {
                sum = std::hint::black_box(sum.wrapping_add(1));
            }
        }
        if faults.on("errors-under-load") {
            let permit = Arc::clone(&self.one).try_acquire_owned().map_err(|_| Refused::busy())?;
            tokio::time::sleep(Duration::from_millis(15)).await;
            return Ok(Some(permit));
        }
        if faults.on("throughput-limited") {
            let permit = Arc::clone(&self.one).acquire_owned().await.map_err(|_| Refused::internal())?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            return Ok(Some(permit));
        }
        Ok(None)
    }

    /// Counts an answer.
    pub(crate) fn count(&self, status: u16, took: Duration) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        if status >= 500 {
            self.errors.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(took.as_micros() as u64, Ordering::Relaxed);
        for (bound, bucket) in BOUNDS.iter().zip(&self.buckets) {
            if took.as_secs_f64() <= *bound {
                bucket.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// The metrics, as Prometheus reads them.
    pub(crate) fn metrics(&self, open: usize, faults: &Faults) -> String {
        let mut out = String::new();
        let requests = self.requests.load(Ordering::Relaxed);
        let mut line = |text: String| {
            out.push_str(&text);
            out.push('\n');
        };
        let total = faults.pick("metric-under-other-name", "workshop_requests_total", "workshop_http_requests_total");
        line(format!("# TYPE {total} counter\n{total} {requests}"));
        let errors = self.errors.load(Ordering::Relaxed);
        line(format!("# TYPE workshop_http_errors_total counter\nworkshop_http_errors_total {errors}"));
        let name = "workshop_http_request_duration_seconds";
        line(format!("# TYPE {name} histogram"));
        for (bound, bucket) in BOUNDS.iter().zip(&self.buckets) {
            line(format!("{name}_bucket{{le=\"{bound}\"}} {}", bucket.load(Ordering::Relaxed)));
        }
        line(format!("{name}_bucket{{le=\"+Inf\"}} {requests}"));
        line(format!("{name}_sum {}", self.micros.load(Ordering::Relaxed) as f64 / 1e6));
        line(format!("{name}_count {requests}"));
        if !faults.on("metric-missing") {
            line(format!("# TYPE workshop_open_jobs gauge\nworkshop_open_jobs {open}"));
        }
        out
    }
}

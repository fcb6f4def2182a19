//! Large and hostile documents: that they are read at all, and how the time grows.

use std::time::{Duration, Instant};

use rules::RULES;

use crate::{TODAY, check};

/// The stack that the command line gives to the thread that reads.
const STACK: usize = 16 << 20;

/// The least of at most so many runs counts, so that other work on the machine matters less.
const RUNS: usize = 12;

/// How much longer four times the text may take; a quadratic reader takes sixteen times as long.
const GROWTH: f64 = 9.0;

/// Reads and checks a document on a thread with a large stack; says what went wrong.
pub fn survives(name: &str, text: String) -> Result<(), String> {
    timed(text).map(|_| ()).map_err(|why| format!("{name}: {why}"))
}

/// Reads and checks documents of a size and of four times that size, and compares the times.
pub fn grows_linearly(name: &str, size: usize, document: impl Fn(usize) -> String) -> Result<(), String> {
    let (mut small, mut large) = (Duration::MAX, Duration::MAX);
    // Below this the clock tells nothing.
    let floor = Duration::from_millis(2);
    for _ in 0..RUNS {
        let again = |size: usize| timed(document(size)).map_err(|why| format!("{name}: {why}"));
        small = small.min(again(size)?);
        large = large.min(again(size * 4)?);
        if large.as_secs_f64() <= small.max(floor).as_secs_f64() * GROWTH {
            return Ok(());
        }
    }
    Err(format!("{name}: {small:?} for {size}, {large:?} for four times as much"))
}

/// How long this thread was at work: where Linux tells it, without the time that it waited for others.
fn worked(since: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|it| it.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(|| since.elapsed(), Duration::from_nanos)
}

fn timed(text: String) -> Result<Duration, String> {
    let work = move || {
        let start = Instant::now();
        let before = worked(start);
        let found = check(&[("spec.md", &text)], RULES, TODAY);
        let took = worked(start).saturating_sub(before);
        // Each span must be one that a renderer can show.
        for it in &found.diagnostics {
            for span in std::iter::once(it.primary.span).chain(it.labels.iter().map(|it| it.span)) {
                assert!(text.get(span.range()).is_some(), "{} marks {:?}, which is no text", it.rule, span);
            }
        }
        (took, found.crashed)
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).map_err(|why| why.to_string())?;
    match thread.join() {
        Ok((took, crashed)) if crashed.is_empty() => Ok(took),
        Ok((_, crashed)) => Err(format!("crashed: {crashed:?}")),
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
            Err(format!("panicked: {}", said.unwrap_or_default()))
        }
    }
}

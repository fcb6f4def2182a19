//! Large and hostile documents: that they are read at all, and how the time grows.

use std::time::{Duration, Instant};

use rules::RULES;

use crate::{TODAY, check};

/// The stack that the command line gives to the thread that reads.
const STACK: usize = 16 << 20;

/// Times the least of some runs, so that other work on the machine matters less.
const RUNS: usize = 3;

/// How much longer four times the text may take; a quadratic reader takes sixteen times as long.
const GROWTH: f64 = 9.0;

/// Reads and checks a document on a thread with a large stack; says what went wrong.
pub fn survives(name: &str, text: String) -> Result<(), String> {
    timed(text).map(|_| ()).map_err(|why| format!("{name}: {why}"))
}

/// Reads and checks documents of a size and of four times that size, and compares the times.
pub fn grows_linearly(name: &str, size: usize, document: impl Fn(usize) -> String) -> Result<(), String> {
    let least = |size: usize| -> Result<Duration, String> {
        let times: Result<Vec<Duration>, String> = (0..RUNS).map(|_| timed(document(size))).collect();
        times.map(|it| it.into_iter().min().unwrap_or_default()).map_err(|why| format!("{name}: {why}"))
    };
    let (small, large) = (least(size)?, least(size * 4)?);
    // Below this the clock tells nothing.
    let floor = Duration::from_millis(2);
    let ratio = large.as_secs_f64() / small.max(floor).as_secs_f64();
    if ratio > GROWTH {
        return Err(format!("{name}: {small:?} for {size}, {large:?} for four times as much ({ratio:.1} times)"));
    }
    Ok(())
}

fn timed(text: String) -> Result<Duration, String> {
    let work = move || {
        let start = Instant::now();
        let found = check(&[("spec.md", &text)], RULES, TODAY);
        let took = start.elapsed();
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

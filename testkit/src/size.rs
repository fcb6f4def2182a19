//! Large and hostile documents: that they are read at all, and how the time grows.

use std::time::Duration;

use rules::RULES;

use crate::{TODAY, check};

/// The stack that the command line gives to the thread that reads.
const STACK: usize = 16 << 20;

/// The least of at most so many runs counts, so that other work on the machine matters less.
const RUNS: usize = 12;

/// How much longer four times the text may take; a quadratic reader takes sixteen times as long.
const GROWTH: f64 = 7.0;

/// Below this other things than the text decide.
const FLOOR: Duration = Duration::from_millis(2);

/// Reads and checks a document on a thread with a large stack; says what went wrong.
pub fn survives(name: &str, text: String) -> Result<(), String> {
    timed(text).map(|_| ()).map_err(|why| format!("{name}: {why}"))
}

/// Reads and checks documents of a size and of four times that size, and compares the times; where they differ
/// too much, documents of sixteen times that size have the last word, being the least disturbed by others' work.
pub fn grows_linearly(name: &str, size: usize, document: impl Fn(usize) -> String) -> Result<(), String> {
    let compared = |size: usize| -> Result<bool, String> {
        let (mut small, mut large) = (Duration::MAX, Duration::MAX);
        for _ in 0..RUNS {
            let again = |size: usize| timed(document(size)).map_err(|why| format!("{name}: {why}"));
            small = small.min(again(size)?);
            large = large.min(again(size * 4)?);
            if large.as_secs_f64() <= small.max(FLOOR).as_secs_f64() * GROWTH {
                return Ok(true);
            }
        }
        eprintln!("{name}: {small:?} for {size}, {large:?} for four times as much");
        Ok(false)
    };
    if compared(size)? || compared(size * 4)? {
        return Ok(());
    }
    Err(format!("{name}: the time grows faster than the text"))
}

/// How long this thread was at work, without the time that it waited for others.
#[cfg(unix)]
fn worked() -> Duration {
    let told = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(told.tv_sec.unsigned_abs(), u32::try_from(told.tv_nsec).unwrap_or_default())
}

/// How long this thread has been here: what the clock tells.
#[cfg(not(unix))]
fn worked() -> Duration {
    use std::sync::LazyLock;
    static BEGUN: LazyLock<std::time::Instant> = LazyLock::new(std::time::Instant::now);
    BEGUN.elapsed()
}

fn timed(text: String) -> Result<Duration, String> {
    let work = move || {
        let before = worked();
        let found = check(&[("spec.md", &text)], RULES, TODAY);
        let took = worked().saturating_sub(before);
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

//! Bodies of requests, as they arrive.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, Bytes, HttpBody as _};

use crate::Limits;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unread {
    TooLarge,
    TooSlow,
    /// It ended before its end.
    Broken,
}

/// Of a body that is too large, so much is taken and forgotten: most clients hear an answer only once they
/// have sent everything.
const FORGOTTEN: u64 = 64 * 1024 * 1024;

/// Reads a body. `waits` is whether the client waits to be asked for it, so that it hears at once.
pub(crate) async fn receive(body: Body, limits: &Limits, waits: bool) -> Result<Bytes, Unread> {
    let least = body.size_hint().lower();
    let over = AtomicBool::new(least > limits.body as u64);
    if is(&over) && (waits || least > FORGOTTEN) {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(limits.body_patience, gather(body, limits.body, &over)).await {
        Ok(done) => done,
        Err(_) if is(&over) => Err(Unread::TooLarge),
        Err(_) => Err(Unread::TooSlow),
    }
}

async fn gather(mut body: Body, most: usize, over: &AtomicBool) -> Result<Bytes, Unread> {
    let mut whole: Vec<u8> = Vec::new();
    let mut only = Bytes::new();
    let mut taken = 0u64;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(frame) = frame else { return Err(if is(over) { Unread::TooLarge } else { Unread::Broken }) };
        // Trailers say nothing here.
        let Ok(data) = frame.into_data() else { continue };
        taken += data.len() as u64;
        if taken > most as u64 {
            over.store(true, Ordering::Relaxed);
            whole = Vec::new();
            only = Bytes::new();
        }
        if taken > FORGOTTEN {
            break;
        }
        if is(over) {
            continue;
        }
        // A body that comes in one piece is not copied.
        if only.is_empty() && whole.is_empty() {
            only = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&std::mem::take(&mut only));
            }
            whole.extend_from_slice(&data);
        }
    }
    if is(over) {
        return Err(Unread::TooLarge);
    }
    Ok(if whole.is_empty() { only } else { Bytes::from(whole) })
}

fn is(over: &AtomicBool) -> bool {
    over.load(Ordering::Relaxed)
}

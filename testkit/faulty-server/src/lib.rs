//! The workshop of `spec.md`, written by hand, and its faults: a second implementation of a document, for
//! testing what finds faults in implementations.
//!
//! It keeps its records in memory and knows nothing of the crates that read documents. Without faults it does
//! what the document says; each fault of [`FAULTS`] is one deviation, marked in the code by its name.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod auth;
mod body;
mod catalogue;
mod entity;
mod faults;
mod field;
mod http;
mod list;
mod load;
mod machine;
mod record;
mod route;
mod show;
mod store;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt as _;

pub use self::auth::{SECRET, VARIABLE, token};
pub use self::catalogue::FAULTS;
use self::faults::Faults;
use self::http::{App, answer};

/// The document that is implemented.
pub const SPEC: &str = include_str!("../spec.md");

/// One deviation from the document.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// In kebab-case; the code marks the place by it.
    pub name: &'static str,
    /// What is wrong, one sentence.
    pub summary: &'static str,
    /// The group and the probe that should find it: `contract: fields`.
    pub probe: &'static str,
    /// A part of the line of the document that it breaks.
    pub clause: &'static str,
    /// Parts of other lines that say the same.
    pub also: &'static [&'static str],
}

impl Fault {
    /// Whether it breaks what a line of the document says.
    #[must_use]
    pub fn breaks(&self, line: &str) -> bool {
        line.contains(self.clause) || self.also.iter().any(|it| line.contains(it))
    }
}

/// Serves the workshop with these faults, until the task is dropped.
///
/// # Errors
/// A name that no fault has, and what the listener reports.
pub async fn serve(listener: tokio::net::TcpListener, faults: &[&str]) -> io::Result<()> {
    let faults = Faults::named(faults).map_err(|it| io::Error::new(io::ErrorKind::InvalidInput, it))?;
    let router = Router::new().fallback(answer).with_state(Arc::new(App::new(faults)));
    axum::serve(listener.tap_io(|it| drop(it.set_nodelay(true))), router).await
}

//! Connections: how they are accepted, how long they may take, and how they end.

use std::io::ErrorKind;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use plan::level::Level;
use tokio::net::{TcpListener, TcpStream};

use crate::log::Log;

/// What clients may take, in bytes and in time.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bodies of requests are at most so many bytes long.
    pub body: usize,
    /// Paths with their query are at most so many bytes long.
    pub path: usize,
    /// All headers of a request together are at most so many bytes long.
    pub headers: usize,
    /// The headers of a request arrive within this time, and an idle connection is closed after it.
    pub patience: Duration,
    /// The body of a request arrives within this time.
    pub body_patience: Duration,
    /// What has begun when the service is asked to stop may take this time.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body: 1024 * 1024,
            path: 8 * 1024,
            headers: 32 * 1024,
            patience: Duration::from_secs(30),
            body_patience: Duration::from_secs(30),
            grace: Duration::from_secs(10),
        }
    }
}

/// Above these, requests are refused before they are understood, and without a body.
const MAX_HEADERS: usize = 200;
const MAX_BUFFER: usize = 256 * 1024;

/// Serves until `stop` is done, and then finishes what has begun, within its time.
pub(crate) async fn serve(
    router: Router,
    listener: TcpListener,
    limits: &Limits,
    log: &Log,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.patience)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER)
        .half_close(true);
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let stream = tokio::select! {
            biased;
            () = &mut stop => break,
            stream = accept(&listener, log) => stream,
        };
        // A socket without this option is only slower.
        drop(stream.set_nodelay(true));
        let service = TowerToHyperService::new(router.clone());
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        // A connection that fails has nobody to be told.
        tokio::spawn(async move { drop(connection.await) });
    }
    drop(listener);
    if tokio::time::timeout(limits.grace, open.shutdown()).await.is_err() {
        log.say(Level::Warn, "requests were cut off that had not ended in time");
    }
}

/// The next connection. A process that has no file left to open waits until it has.
async fn accept(listener: &TcpListener, log: &Log) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                let gone = [ErrorKind::ConnectionRefused, ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset];
                if !gone.contains(&error.kind()) {
                    log.say(Level::Error, &format!("no connection can be accepted: {error}"));
                    tokio::time::sleep(Duration::from_millis(500)).await;
                }
            }
        }
    }
}

/// Is done when the process is asked to stop: ctrl-c, or `SIGTERM` where there is one.
pub(crate) async fn asked_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}

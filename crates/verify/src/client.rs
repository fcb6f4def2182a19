//! Requests to one target, each bounded in time and in what it reads.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::http;

use crate::stop::Stop;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Path and query, encoded.
    pub target: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Vec<u8>>,
}

impl Request {
    pub(crate) fn new(method: &str, target: String) -> Request {
        Request { method: method.to_owned(), target, headers: Vec::new(), body: None }
    }

    pub(crate) fn json(mut self, body: &serde_json::Value) -> Request {
        self.headers.push(("content-type".to_owned(), "application/json".to_owned()));
        self.body = Some(body.to_string().into_bytes());
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Request {
        self.headers.retain(|it| !it.0.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Request {
        self.headers.retain(|it| !it.0.eq_ignore_ascii_case(name));
        self
    }
}

/// What a target answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, as far as it was read.
    pub body: Vec<u8>,
    /// Whether the body was longer than what is read.
    pub cut: bool,
    /// From the first byte sent to the last read.
    pub took: Duration,
}

impl Answer {
    /// The first header of a name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    pub(crate) fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether it says that it is JSON.
    pub(crate) fn is_json(&self) -> bool {
        let media = self.header("content-type").unwrap_or("").split(';').next().unwrap_or("").trim();
        media.eq_ignore_ascii_case("application/json") || media.to_ascii_lowercase().ends_with("+json")
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Nobody accepts connections.
    #[error("nothing accepts connections at {0}")]
    Unreachable(String),
    /// No answer in time.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Slow(Duration),
    /// No secure connection.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// The connection broke, or what came is no HTTP.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The connection was closed before the request was read, or in the middle of it: what became of it is
    /// not known.
    #[error("the connection was closed")]
    Closed,
}

/// Whether a request says itself who asks.
pub(crate) fn authorized(request: &Request) -> bool {
    request.headers.iter().any(|it| it.0.eq_ignore_ascii_case("authorization"))
}

/// Sends requests to one target.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    /// Keeps no connection.
    fresh: ureq::Agent,
    /// Whether the target was seen to close connections behind answers that do not say so, as one may whose
    /// refusals leave the request's body unread.
    closes: Arc<AtomicBool>,
    /// Whether the last request with a body was refused.
    refused: Arc<AtomicBool>,
    /// Scheme, host, port and what stands before each path, without a slash at the end.
    base: String,
    /// What the URL says of who asks, as a header has it.
    login: Option<String>,
    timeout: Duration,
}

/// A URL without user and password, and these as Basic authentication has them (RFC 7617).
pub(crate) fn split(url: &str) -> (String, Option<String>) {
    let from = url.find("://").map_or(0, |it| it + 3);
    let (scheme, rest) = url.split_at(from);
    let authority = rest.split('/').next().unwrap_or(rest);
    match authority.rsplit_once('@') {
        Some((login, _)) => {
            let bare = rest.get(login.len() + 1..).unwrap_or("");
            let login = if login.contains(':') { decoded(login) } else { [decoded(login), b":".to_vec()].concat() };
            (format!("{scheme}{bare}"), Some(format!("Basic {}", BASE64_STANDARD.encode(login))))
        }
        None => (url.to_owned(), None),
    }
}

/// A text without percent-encoding.
fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.extend_from_slice(before.as_bytes());
        match after.get(..2).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit())) {
            Some(own) => {
                out.extend(u8::from_str_radix(own, 16));
                rest = after.get(2..).unwrap_or("");
            }
            None => {
                out.push(b'%');
                rest = after;
            }
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Larger bodies may be refused before they are read.
const LARGE: usize = 64 << 10;

/// What is read of an answer.
const MOST: u64 = 8 << 20;

impl Client {
    pub(crate) fn new(base: &str, timeout: Duration) -> Client {
        let config = |idle: usize| {
            ureq::Agent::config_builder()
                // One for all would have each name looked up on a thread of its own, one per request.
                .timeout_connect(Some(timeout))
                .timeout_send_request(Some(timeout))
                .timeout_send_body(Some(timeout))
                .timeout_recv_response(Some(timeout))
                .timeout_recv_body(Some(timeout))
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .user_agent(concat!("truespec/", env!("CARGO_PKG_VERSION")))
                .allow_non_standard_methods(true)
                .max_idle_connections_per_host(idle)
                .proxy(None)
                .build()
        };
        let (base, login) = split(base);
        Client {
            login,
            agent: config(32).into(),
            fresh: config(0).into(),
            closes: Arc::default(),
            refused: Arc::default(),
            base: base.trim_end_matches('/').to_owned(),
            timeout,
        }
    }

    /// Its requests end when the run is asked to.
    pub(crate) fn until(self, stop: &Stop) -> Client {
        stop.hold([self.agent.clone(), self.fresh.clone()]);
        self
    }

    /// What is sent as `Authorization` where a request has none.
    pub(crate) fn login(&self) -> Option<&str> {
        self.login.as_deref()
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    pub(crate) fn send(&self, request: &Request) -> Result<Answer, Trouble> {
        match self.once(request) {
            // A server that takes no more of a large body answers and closes before all of it is sent.
            Err(Trouble::Broken(_)) if request.body.as_ref().is_some_and(|it| it.len() > LARGE) => Err(Trouble::Closed),
            // A server may close a connection that was kept just as it is used again. What is asked for twice
            // may be done twice.
            Err(Trouble::Broken(_)) if !matches!(request.method.as_str(), "POST" | "PATCH") => self.once(request),
            Err(broken @ Trouble::Broken(_)) => match self.once(request) {
                Ok(_) => {
                    self.closes.store(true, Ordering::Relaxed);
                    Err(Trouble::Closed)
                }
                Err(_) => Err(broken),
            },
            done => done,
        }
    }

    /// The connections for a request: what may be done twice is not sent where it may have to be sent again.
    fn agent(&self, request: &Request) -> &ureq::Agent {
        let again = matches!(request.method.as_str(), "POST" | "PATCH");
        let doubtful = self.closes.load(Ordering::Relaxed) && self.refused.load(Ordering::Relaxed);
        if again && doubtful { &self.fresh } else { &self.agent }
    }

    fn once(&self, request: &Request) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let agent = self.agent(request);
        let mut builder =
            http::Request::builder().method(request.method.as_str()).uri(format!("{}{}", self.base, request.target));
        for (name, value) in &request.headers {
            // Bytes beyond ASCII may be sent, though nobody should.
            builder = builder.header(name, value.as_bytes());
        }
        if let Some(login) = self.login.as_ref().filter(|_| !authorized(request)) {
            builder = builder.header("authorization", login);
        }
        let sent = match &request.body {
            Some(body) => {
                let request = builder.body(body.as_slice()).map_err(|it| Trouble::Broken(it.to_string()))?;
                agent.run(request)
            }
            // Of these a server waits for a body unless it is told that there is none.
            None if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") => {
                agent.run(builder.body([].as_slice()).map_err(|it| Trouble::Broken(it.to_string()))?)
            }
            None => agent.run(builder.body(()).map_err(|it| Trouble::Broken(it.to_string()))?),
        };
        let response = sent.map_err(|it| self.trouble(it))?;
        let (head, body) = response.into_parts();
        let mut read = Vec::new();
        body.into_with_config()
            .limit(MOST + 2)
            .reader()
            .take(MOST + 1)
            .read_to_end(&mut read)
            .map_err(|it| self.trouble(ureq::Error::Io(it)))?;
        let cut = read.len() as u64 > MOST;
        read.truncate(MOST as usize);
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let headers = headers.collect();
        self.refused.store(request.body.is_some() && head.status.as_u16() >= 400, Ordering::Relaxed);
        Ok(Answer { status: head.status.as_u16(), headers, body: read, cut, took: begun.elapsed() })
    }

    fn trouble(&self, error: ureq::Error) -> Trouble {
        use std::io::ErrorKind;
        match error {
            ureq::Error::Timeout(_) => Trouble::Slow(self.timeout),
            ureq::Error::Io(error) => match error.kind() {
                ErrorKind::ConnectionRefused
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::AddrNotAvailable => Trouble::Unreachable(self.base.clone()),
                ErrorKind::TimedOut | ErrorKind::WouldBlock => Trouble::Slow(self.timeout),
                ErrorKind::InvalidData if self.base.starts_with("https://") => Trouble::Tls(error.to_string()),
                _ if error.to_string().contains("certificate") => Trouble::Tls(error.to_string()),
                _ => Trouble::Broken(error.to_string()),
            },
            ureq::Error::HostNotFound => Trouble::Unreachable(self.base.clone()),
            ureq::Error::ConnectionFailed => Trouble::Unreachable(self.base.clone()),
            error @ (ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::Pem(_)) => {
                Trouble::Tls(error.to_string())
            }
            error => Trouble::Broken(error.to_string()),
        }
    }
}

#[test]
fn user_and_password_are_no_part_of_a_url() {
    let basic = |it: &str| Some(format!("Basic {it}"));
    for (url, bare, login) in [
        ("http://bob:secret@host:1/v1", "http://host:1/v1", basic("Ym9iOnNlY3JldA==")),
        ("http://bob:p%40ss%@host", "http://host", basic("Ym9iOnBAc3Ml")),
        ("http://bob@host", "http://host", basic("Ym9iOg==")),
        ("bob:secret@host", "host", basic("Ym9iOnNlY3JldA==")),
        ("http://host/@me", "http://host/@me", None),
    ] {
        assert_eq!(split(url), (bare.to_owned(), login), "{url}");
    }
}

//! A server in this process, and requests to it.

use std::net::SocketAddr;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A server, until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// The headers that are answers themselves.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

impl Server {
    /// One with these faults.
    pub(crate) async fn start(faults: &[&'static str]) -> Server {
        let faults = faults.to_vec();
        Server::of(|listener| async move { faulty_server::serve(listener, &faults).await.unwrap() }).await
    }

    /// Whatever serves from a listener.
    pub(crate) async fn of<F: Future<Output = ()> + Send + 'static>(serve: impl FnOnce(TcpListener) -> F) -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        Server { address, task: tokio::spawn(serve(listener)) }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(String, String)], body: &[u8]) -> Response {
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n");
        if !body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH") {
            head += &format!("content-length: {}\r\n", body.len());
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let all = [head.as_bytes(), b"\r\n", body].concat();
        // A server that refuses a long body may close before it was taken.
        drop(stream.write_all(&all).await);
        let mut bytes = Vec::new();
        drop(stream.read_to_end(&mut bytes).await);
        read(&String::from_utf8_lossy(&bytes))
    }

    /// Sends what has a token and perhaps a JSON body.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let headers = [
            ("authorization".to_owned(), format!("Bearer {}", faulty_server::token())),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let body = body.map(Value::to_string).unwrap_or_default();
        self.send(method, path, &headers, body.as_bytes()).await
    }
}

fn read(text: &str) -> Response {
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|it| it.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let shown = ["content-type", "allow", "www-authenticate"];
    let headers = lines.filter_map(|it| it.split_once(": ")).filter(|it| shown.contains(&it.0));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Response { status, headers, body: body.to_owned() }
}

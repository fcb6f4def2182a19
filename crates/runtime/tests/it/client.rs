//! HTTP over a socket, as far as the suites need it.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|it| it.0.eq_ignore_ascii_case(name)).map(|it| it.1.as_str())
    }
}

pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Response {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    let said = |name: &str| headers.iter().any(|it| it.0.eq_ignore_ascii_case(name));
    if !body.is_empty() {
        if !said("content-type") {
            head.push_str("content-type: application/json\r\n");
        }
        if !said("transfer-encoding") {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
    }
    for (name, value) in headers.iter().filter(|it| it.1 != "none") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    raw(address, &bytes, false)
}

/// Sends bytes, perhaps says that no more will come, and reads all that is answered.
pub(crate) fn raw(address: SocketAddr, bytes: &[u8], close: bool) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // A server may answer and hang up before it has taken everything.
    let sent = stream.write_all(bytes);
    if close && sent.is_ok() {
        stream.shutdown(Shutdown::Write).unwrap();
    }
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    assert!(read.is_ok() || !bytes.is_empty(), "no answer: {read:?}");
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().unwrap_or("").split(' ').nth(1).unwrap_or("0").parse().unwrap();
    let headers = lines.filter_map(|it| it.split_once(": ")).map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    Response { status, headers, body: body.to_owned() }
}

//! A server in a process of its own, and the least of HTTP that it takes to speak to it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Ticks of a process's clock in a second, as Linux counts them for programs.
const TICKS: f64 = 100.0;

/// A server that was started, until it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Host and port.
    pub(crate) address: String,
}

impl Server {
    /// Starts a program that prints `http://HOST:PORT` when it listens, and waits until it does.
    pub(crate) fn start(command: &mut Command) -> Result<Server, String> {
        let failed = |it: std::io::Error| format!("a server does not start: {it}");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().map_err(failed)?;
        let out = child.stdout.take();
        let mut server = Server { child, address: String::new() };
        for line in BufReader::new(out.ok_or("a server says nothing")?).lines() {
            let line = line.map_err(failed)?;
            if let Some((_, address)) = line.split_once("http://") {
                server.address = address.split([' ', '/']).next().unwrap_or("").to_owned();
                return Ok(server);
            }
        }
        Err("a server did not say where it listens".to_owned())
    }

    /// `truespec run` of a document on a database, on a free port.
    pub(crate) fn truespec(document: &str, file: &Path) -> Command {
        let mut command = Command::new("target/release/truespec");
        command.args(["run", document, "--port", "0", "--db"]).arg(format!("sqlite:{}", file.display()));
        command
    }

    /// Ends the process as a loss of power would: without a word to it.
    pub(crate) fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Seconds of processor that it has used.
    pub(crate) fn used(&self) -> Result<f64, String> {
        let stat = self.read("stat")?;
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
        // utime and stime are the 14th and 15th field; the first two stand before the name's end.
        let ticks = |at: usize| fields.get(at).and_then(|it| it.parse::<f64>().ok()).ok_or("a strange /proc/PID/stat");
        Ok((ticks(11)? + ticks(12)?) / TICKS)
    }

    /// Megabytes that are resident.
    pub(crate) fn memory(&self) -> Result<f64, String> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|it| it.split_whitespace().next()?.parse::<f64>().ok());
        Ok(kilobytes.ok_or("a strange /proc/PID/status")? / 1024.0)
    }

    fn read(&self, name: &str) -> Result<String, String> {
        let path = format!("/proc/{}/{name}", self.child.id());
        std::fs::read_to_string(&path).map_err(|it| format!("{path}: {it}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The status and the body that a request is answered with, on a connection of its own.
pub(crate) fn request(address: &str, method: &str, path: &str, body: &str) -> Result<(u16, String), String> {
    let failed = |it: std::io::Error| format!("{method} {path}: {it}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).map_err(failed)?;
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    let head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{kind}");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).map_err(failed)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(failed)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("{method} {path}: cut off"))?;
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
    let len = head.lines().find_map(|it| it.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    if len.is_some_and(|it: usize| it != body.len()) {
        return Err(format!("{method} {path}: cut off"));
    }
    Ok((status.ok_or_else(|| format!("{method} {path}: no status"))?, body.to_owned()))
}

/// The text of a member of a JSON object, where it stands first.
pub(crate) fn member<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    json.split_once(&format!("\"{name}\":\""))?.1.split('"').next()
}

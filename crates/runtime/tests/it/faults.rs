//! What goes wrong inside, and the end: panics, and requests that have begun when the service is stopped.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use runtime::{Ambient, Db, Options, Service};
use source::{FileId, SourceFile, Sources};
use tokio::sync::oneshot;

use crate::client;

const DOCUMENT: &str = "# Technical Specification: Cups\n\n## Data Model\n\n```typescript\ninterface Cup {\n  id: string;\n  name: string;\n  createdAt: Date;\n  updatedAt: Date;\n}\n```\n\n## API\n\n### POST /cups\n\n### PATCH /cups/{id}\n";

struct Running {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    ended: tokio::task::JoinHandle<()>,
    /// The next look at the clock panics.
    fault: Arc<AtomicBool>,
    log: Arc<Mutex<Vec<u8>>>,
}

fn serve(grace: Duration) -> Running {
    let mut sources = Sources::default();
    sources.add(SourceFile::new("cups.md", DOCUMENT));
    let spec = model::workspace::read(FileId(0), "cups.md", DOCUMENT);
    let mut options = Options::new(Db::Memory);
    options.limits.grace = grace;
    let (fault, log) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
    let (own, lines) = (Arc::clone(&fault), Arc::clone(&log));
    let ambient = Ambient {
        now: Arc::new(move || if own.swap(false, Ordering::SeqCst) { panic!("the secret of the clock") } else { 0 }),
        log: Arc::new(move |bytes| lines.lock().unwrap().extend_from_slice(bytes)),
        ..Ambient::system()
    };
    let service: Service = runtime::open_with(&spec, &sources, &options, ambient).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let ended = runtime.spawn(service.serve_until(listener, async { drop(stopped.await) }));
    Running { runtime, address, stop, ended, fault, log }
}

#[test]
fn a_panic_is_answered_and_the_service_goes_on() {
    let running = serve(Duration::from_secs(5));
    let post = || client::send(running.address, "POST", "/cups", &[], b"{\"name\": \"a\"}");
    let made: serde_json::Value = serde_json::from_str(&post().body).unwrap();
    let path = format!("/cups/{}", made["id"].as_str().unwrap());
    // A create looks at the clock where the request is, a change on the writer's thread.
    let patch = || client::send(running.address, "PATCH", &path, &[], b"{\"name\": \"b\"}");
    for (request, good) in [(&post as &dyn Fn() -> client::Response, 201), (&patch, 200)] {
        running.fault.store(true, Ordering::SeqCst);
        let refused = request();
        assert_eq!(refused.status, 500);
        assert!(!refused.body.contains("secret"), "{}", refused.body);
        let id = refused.header("x-request-id").unwrap();
        assert!(refused.body.contains(id), "{}", refused.body);
        assert_eq!(request().status, good);
    }
    running.stop.send(()).unwrap();
    running.runtime.block_on(running.ended).unwrap();
    drop(running.runtime);
    let log = String::from_utf8(running.log.lock().unwrap().clone()).unwrap();
    let errors: Vec<&str> = log.lines().filter(|it| it.contains("level=error")).collect();
    assert_eq!(errors.len(), 2, "{log}");
    assert!(errors[0].contains("error=\"the request panicked\""), "{log}");
}

fn begin(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // Asked for its body, the service has taken the request.
    let head = "POST /cups HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 13\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 100"));
    stream
}

#[test]
fn what_has_begun_is_finished_and_nothing_new_begins() {
    let running = serve(Duration::from_secs(20));
    let mut stream = begin(running.address);
    let idle = TcpStream::connect(running.address).unwrap();
    running.stop.send(()).unwrap();
    // The socket is closed before what has begun is waited for.
    while TcpStream::connect(running.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(b"{\"name\": \"c\"}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    running.runtime.block_on(running.ended).unwrap();
    drop(idle);
}

#[test]
fn what_does_not_end_is_cut_off() {
    let running = serve(Duration::from_millis(50));
    let mut stream = begin(running.address);
    running.stop.send(()).unwrap();
    running.runtime.block_on(running.ended).unwrap();
    drop(running.runtime);
    let mut answer = Vec::new();
    assert!(stream.read_to_end(&mut answer).is_err() || answer.is_empty());
    let log = String::from_utf8(running.log.lock().unwrap().clone()).unwrap();
    assert!(log.contains("requests were cut off"), "{log}");
}

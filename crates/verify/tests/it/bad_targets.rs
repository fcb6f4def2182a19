//! Targets that are no services, or none for long: a clear verdict, in bounded time, and nothing found so far is
//! lost.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use verify::{Cut, Error, Options, Report, Trouble};

use crate::root;
use crate::service::{Document, serve};

/// What a target does with a connection. It is given its number.
pub(crate) type Answers = Arc<dyn Fn(usize, TcpStream) + Send + Sync>;

pub(crate) fn target(answers: Answers) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = AtomicUsize::new(0);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (number, answers) = (count.fetch_add(1, Ordering::Relaxed), Arc::clone(&answers));
            std::thread::spawn(move || answers(number, stream));
        }
    });
    address
}

/// Reads the head of a request.
pub(crate) fn head(stream: &mut TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let mut byte = [0; 1];
    while !read.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        read.push(byte[0]);
    }
    Some(String::from_utf8_lossy(&read).into_owned())
}

/// Answers each request with the same bytes.
fn always(bytes: &'static [u8]) -> Answers {
    Arc::new(move |_, mut stream| {
        while head(&mut stream).is_some() {
            if stream.write_all(bytes).is_err() {
                return;
            }
        }
    })
}

fn document() -> Document {
    let text = std::fs::read_to_string(root().join("examples/notes.md")).unwrap();
    Document::read("examples/notes.md", &text)
}

fn run(address: SocketAddr) -> (Result<Report, Error>, Duration) {
    let document = document();
    let options = Options {
        timeout: Duration::from_millis(300),
        budget: Duration::from_secs(20),
        load: Duration::from_secs(1),
        ..Options::new(&format!("http://{address}"))
    };
    let begun = Instant::now();
    (verify::run(&document.spec, &document.sources, &options, &mut |_| {}), begun.elapsed())
}

fn messages(report: &Report) -> String {
    let all: Vec<String> = report.findings.iter().map(|it| format!("{} ({})", it.message, it.found)).collect();
    format!("{}\n{:?}", all.join("\n"), report.cut)
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let (outcome, _) = run(address);
    assert!(matches!(outcome, Err(Error::Target(Trouble::Unreachable(_)))), "{outcome:?}");
}

#[test]
fn a_target_that_never_answers_or_speaks_something_else() {
    let silent: Answers = Arc::new(|_, mut stream| while head(&mut stream).is_some() {});
    let closing: Answers = Arc::new(|_, stream| drop(stream));
    for (name, answers) in
        [("silent", silent), ("closing", closing), ("garbage", always(b"220 mail.example ESMTP\r\n\r\n"))]
    {
        let (outcome, took) = run(target(answers));
        assert!(matches!(outcome, Err(Error::Target(_))), "{name}: {outcome:?}");
        assert!(took < Duration::from_secs(5), "{name}: {took:?}");
    }
}

#[test]
fn another_service() {
    let (outcome, _) =
        run(target(always(b"HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<p>no</p>")));
    assert!(matches!(outcome, Err(Error::Other { .. })), "{outcome:?}");
}

#[test]
fn the_budget_holds_while_it_is_asked_who_answers() {
    let slow: Answers = Arc::new(|_, mut stream| {
        while head(&mut stream).is_some() {
            std::thread::park_timeout(Duration::from_millis(400));
            if stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").is_err() {
                return;
            }
        }
    });
    let document = document();
    let url = format!("http://{}", target(slow));
    let options = Options { budget: Duration::from_millis(700), ..Options::new(&url) };
    let report = verify::run(&document.spec, &document.sources, &options, &mut |_| {}).unwrap();
    assert_eq!(report.cut, Some(Cut::Budget(options.budget)));
    assert!(report.notes.iter().any(|it| it.contains("is answered with 404")), "{:?}", report.notes);
    assert!(report.clauses.iter().all(|it| it.reason.is_some()) && !report.clauses.is_empty());
}

#[test]
fn answers_that_are_no_json_or_lead_elsewhere() {
    let html = always(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 11\r\n\r\n<p>here</p>");
    let (report, _) = run(target(html));
    let told = messages(&report.unwrap());
    assert!(told.contains("an answer is no JSON") || told.contains("does not say that it is JSON"), "{told}");
    let broken = always(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{\"data\": ");
    let (report, _) = run(target(broken));
    assert!(messages(&report.unwrap()).contains("an answer is no JSON"));
    // A redirection is not followed: the document does not say that there is one.
    let elsewhere = always(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n");
    let (report, _) = run(target(elsewhere));
    let told = messages(&report.unwrap());
    assert!(told.contains("requests are sent elsewhere (302 to http://127.0.0.1:1/)"), "{told}");
    assert!(!told.contains("is accepted"), "{told}");
}

#[test]
fn a_path_is_asked_for_as_it_is_written() {
    // A service that knows its collection only with a slash at the end.
    let strict: Answers = Arc::new(|_, mut stream| {
        while let Some(head) = head(&mut stream) {
            let path = head.split(' ').nth(1).unwrap_or("").split('?').next().unwrap_or("");
            let answer = match path {
                "/notes" => "HTTP/1.1 307 Temporary Redirect\r\nlocation: /notes/\r\ncontent-length: 0\r\n\r\n",
                _ => "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]",
            };
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    });
    let address = target(strict);
    for (path, elsewhere) in [("/notes/", false), ("/notes", true)] {
        let text = format!(
            "# Technical Specification: Notes\n\n## Data Model\n\n```typescript\ninterface Note {{\n  id: string;\n  title: string;\n}}\n```\n\n## API\n\n### GET {path}\nLists the notes.\n"
        );
        let document = Document::read("notes.md", &text);
        let options = Options { safe: true, ..Options::new(&format!("http://{address}")) };
        let report = verify::run(&document.spec, &document.sources, &options, &mut |_| {}).unwrap();
        let told = messages(&report);
        assert_eq!(told.contains("requests are sent elsewhere (307 to /notes/)"), elsewhere, "{path}: {told}");
    }
}

#[test]
fn an_answer_without_end_is_read_no_further_than_needed() {
    let endless: Answers = Arc::new(|_, mut stream| {
        if head(&mut stream).is_none() {
            return;
        }
        let length = 100 << 20;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n[");
        let mut sent = stream.write_all(head.as_bytes()).is_ok();
        let block = vec![b' '; 1 << 16];
        for _ in 0..length / block.len() {
            if !sent {
                return;
            }
            sent = stream.write_all(&block).is_ok();
        }
    });
    let (report, took) = run(target(endless));
    assert!(report.is_ok_and(|it| !it.findings.is_empty()));
    assert!(took < Duration::from_secs(60), "{took:?}");
}

#[test]
fn a_target_that_dies_half_way_keeps_what_was_found() {
    // A gate before a real service, which closes after so many requests.
    static ADDRESS: OnceLock<SocketAddr> = OnceLock::new();
    let document = document();
    let service = serve(&document).unwrap();
    ADDRESS.set(service.address).unwrap();
    let served = Arc::new(AtomicUsize::new(0));
    let own = Arc::clone(&served);
    let dying: Answers = Arc::new(move |_, mut stream| {
        let mut to = TcpStream::connect(ADDRESS.get().unwrap()).unwrap();
        let (mut back, mut front) = (to.try_clone().unwrap(), stream.try_clone().unwrap());
        std::thread::spawn(move || drop(std::io::copy(&mut back, &mut front)));
        let mut block = [0; 4096];
        while let Ok(len) = stream.read(&mut block) {
            if len == 0 || own.fetch_add(1, Ordering::Relaxed) > 60 || to.write_all(&block[..len]).is_err() {
                break;
            }
        }
        drop(stream.shutdown(std::net::Shutdown::Both));
        drop(to.shutdown(std::net::Shutdown::Both));
    });
    let (report, took) = run(target(dying));
    let report = report.unwrap();
    assert!(matches!(report.cut, Some(Cut::Silent(_))), "{:?}", report.cut);
    assert!(report.cases > 5 && report.clauses.iter().any(|it| it.cases > 0), "{}", report.cases);
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn what_a_request_is_not_shown_to_hold_is_left_open() {
    let text = "# Technical Specification: Cards\n\n## Data Model\n\n```ts\ninterface Card {\n  id: string;\n  email: string;\n  points: number;\n  note?: string;\n}\n```\n\n## API\n\n### POST /cards\n\n**Request:**\n\n```json\n{ \"email\": \"ada@example.org\" }\n```\n\n**Response (201):**\n\n```json\n{ \"id\": \"c-1\", \"email\": \"ada@example.org\", \"points\": 0, \"note\": null }\n```\n";
    let document = Document::read("cards.md", text);
    let body = "{\"id\":\"c-1\",\"email\":\"ada@example.org\",\"points\":0,\"note\":null}";
    let taken = format!(
        "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let address = target(always(taken.leak().as_bytes()));
    let options = Options { only: vec!["fields".to_owned()], ..Options::new(&format!("http://{address}")) };
    let report = verify::run(&document.spec, &document.sources, &options, &mut |_| {}).unwrap();
    let told = messages(&report);
    assert!(told.contains("`email` left out is accepted"), "{told}");
    assert!(!told.contains("`note`") && !told.contains("`points`"), "{told}");
}

#[test]
fn a_probe_that_only_looks_on_cannot_be_alone() {
    let document = document();
    let options = Options { only: vec!["responses".to_owned()], ..Options::new("http://127.0.0.1:1") };
    let done = verify::run(&document.spec, &document.sources, &options, &mut |_| {});
    assert!(matches!(done, Err(Error::Only("responses"))), "{:?}", done.err());
}

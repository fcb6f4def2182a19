//! A suite: a Markdown file that names a document (`Document: examples/notes.md`, `The template.`, or a fence `document`),
//! perhaps settings (`Set: maxLines=2`), and holds fences `http` with a request, an empty line, and the
//! answer expected. A line `Restart.` closes the service and opens it again on the same file; a line
//! `Routes:` is followed by a fence with the routes in words, `Unenforced:` by one with what is only text,
//! `Unprovoked:` by one with the errors that nothing comes to, `Log:` by one with the last lines of the log, times and ids as `*`.
//!
//! A body `@bytes …` has escapes (`\xff`, `\r`, `\n`), `@repeat 3 ab` is `ababab`, and so is `@repeat 3 ab@` in
//! a path or a header. A header `content-type: none` is not sent. A fence `raw` is sent line by line as it is,
//! with escapes, up to a line `---`; a line `@close` before it ends the sending; status 0 is no answer. `Strict.` serves strictly,
//! and `Patience: 100` gives clients so many milliseconds.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use runtime::{Ambient, Db, LogFormat, Options};
use serde_json::Value;
use source::{FileId, SourceFile, Sources};

use crate::client::{self, Response};
use crate::contract::Contract;
use crate::expect::{Names, compare, fill};
use crate::root;

struct Running {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    routes: String,
    unenforced: String,
    unprovoked: String,
    log: Arc<Mutex<Vec<u8>>>,
    /// Unless the document claims the path of it.
    contract: Option<Contract>,
}

struct Document {
    path: String,
    text: String,
    settings: Vec<(String, String)>,
    environment: Vec<(String, String)>,
    reset: bool,
    db: Db,
    strict: bool,
    patience: Option<Duration>,
}

impl Document {
    fn serve(&self) -> Result<Running, String> {
        let mut sources = Sources::default();
        sources.add(SourceFile::new(&self.path, &self.text));
        let spec = model::workspace::read(FileId(0), &self.path, &self.text);
        let mut options = Options {
            settings: self.settings.clone(),
            strict: self.strict,
            reset: self.reset,
            environment: self.environment.clone(),
            ..Options::new(self.db.clone())
        };
        if let Some(patience) = self.patience {
            options.limits.patience = patience;
            options.limits.body_patience = patience;
        }
        options.log = LogFormat::Text;
        let log = Arc::new(Mutex::new(Vec::new()));
        let own = Arc::clone(&log);
        let ambient =
            Ambient { log: Arc::new(move |bytes| own.lock().unwrap().extend_from_slice(bytes)), ..Ambient::system() };
        let service = runtime::open_with(&spec, &sources, &options, ambient).map_err(|error| {
            let details = error.differences().iter().map(|it| format!("\n- {it}"));
            format!("{error}{}", details.collect::<String>())
        })?;
        let routes = service.routes().iter().map(|it| {
            let inferred = if it.inferred.is_empty() {
                String::new()
            } else {
                format!("   ({} inferred)", it.inferred.join(", "))
            };
            format!("{} {} {}{inferred}\n", it.method, it.path, it.does)
        });
        let routes = routes.collect();
        let lines = |each: &[runtime::Unenforced]| -> String {
            each.iter().map(|it| format!("{}: {}\n", sources.position(it.span).line, it.text)).collect()
        };
        let unenforced = lines(service.unenforced());
        let unprovoked = |it: &runtime::RouteLine| {
            lines(&it.unprovoked).lines().map(|line| format!("{} {} {line}\n", it.method, it.path)).collect::<String>()
        };
        let unprovoked = service.routes().iter().map(unprovoked).collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(service.serve(listener));
        let described = client::send(address, "GET", "/_truespec/openapi.json", &[], b"");
        let contract = (described.status == 200).then(|| Contract::read(&described.body));
        Ok(Running { runtime, address, routes, unenforced, unprovoked, log, contract })
    }
}

static FILES: AtomicU32 = AtomicU32::new(0);

/// Runs a suite and gives what failed.
pub(crate) fn run(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let shown = file.file_name().unwrap().to_string_lossy().into_owned();
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("truespec-it-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let db = folder.join("records.db");
    let memory = text.contains("\nIn memory.\n");
    let mut document = Document {
        path: "document.md".to_owned(),
        text: String::new(),
        settings: Vec::new(),
        environment: Vec::new(),
        reset: false,
        db: if memory { Db::Memory } else { Db::File(db.clone()) },
        strict: text.contains("\nStrict.\n"),
        patience: None,
    };
    let mut names = Names::new();
    let mut failures = Vec::new();
    let mut running: Option<Running> = None;
    let mut label = "";
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if let Some(path) = line.strip_prefix("Document: ") {
            document.path = path.to_owned();
            document.text = std::fs::read_to_string(root().join(path)).unwrap();
        } else if line == "The template." {
            document.path = "template.md".to_owned();
            document.text = syntax::template::text();
        } else if let Some((name, value)) = line.strip_prefix("Set: ").and_then(|it| it.split_once('=')) {
            document.settings.push((name.to_owned(), value.to_owned()));
        } else if let Some(millis) = line.strip_prefix("Patience: ") {
            document.patience = Some(Duration::from_millis(millis.parse().unwrap()));
        } else if let Some((name, value)) = line.strip_prefix("Environment: ").and_then(|it| it.split_once('=')) {
            document
                .environment
                .push((name.to_owned(), value.replace("KEYS", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys"))));
        } else if let Some((name, claims)) = line.strip_prefix("Token ").and_then(|it| it.split_once(": ")) {
            names.insert(name.to_owned(), crate::tokens::token(claims));
        } else if line == "Forget the settings." {
            document.settings.clear();
        } else if line == "Reset." {
            document.reset = true;
        } else if line == "Restart." {
            document.reset = false;
            if let Some(before) = running.take() {
                before.runtime.shutdown_timeout(Duration::from_secs(5));
            }
        } else if line.ends_with(':') {
            label = line;
        } else if let Some(kind) =
            line.strip_prefix("```").or_else(|| line.strip_prefix("````")).map(|it| it.trim_start_matches('`'))
        {
            let fence = &line[..line.len() - kind.len()];
            let block: Vec<&str> = lines.by_ref().map(|it| it.1).take_while(|it| *it != fence).collect();
            let block = block.join("\n");
            if kind == "document" {
                document.text = format!("{block}\n");
                continue;
            }
            if label == "Refused to open:" {
                let found = document.serve().err().unwrap_or_default().replace(&*db.to_string_lossy(), "DB");
                if found != block {
                    failures.push(format!("{shown}:{}: refused with\n{found}", number + 1));
                }
                label = "";
                continue;
            }
            if running.is_none() {
                running = Some(document.serve().unwrap_or_else(|it| panic!("{shown}: {it}")));
            }
            let Some(service) = &running else { continue };
            let found = match label {
                _ if kind == "http" => exchange(service, &block, &mut names),
                _ if kind == "raw" => raw(service.address, &block, &mut names),
                "Log:" => logged(&block, &service.log),
                "Routes:" => differs(&block, &service.routes),
                "Unenforced:" => differs(&block, &service.unenforced),
                "Unprovoked:" => differs(&block, &service.unprovoked),
                _ => Ok(()),
            };
            label = "";
            if let Err(words) = found {
                failures.push(format!("{shown}:{}: {}\n{words}", number + 1, block.lines().next().unwrap_or("")));
            }
        }
    }
    if let Some(running) = running {
        running.runtime.shutdown_timeout(Duration::from_secs(5));
    }
    let _ = std::fs::remove_dir_all(folder);
    failures
}

fn differs(expected: &str, found: &str) -> Result<(), String> {
    if expected.trim_end() == found.trim_end() { Ok(()) } else { Err(format!("found:\n{found}")) }
}

fn exchange(service: &Running, block: &str, names: &mut Names) -> Result<(), String> {
    let (request, answer) = block.split_once("\n\n").unwrap_or((block, ""));
    let request = fill(request, names);
    let mut lines = request.lines();
    let (method, path) = lines.next().and_then(|it| it.split_once(' ')).unwrap();
    let rest: Vec<&str> = lines.collect();
    let headers = rest.iter().take_while(|it| is_header(it));
    let headers: Vec<(String, String)> =
        headers.filter_map(|it| it.split_once(": ")).map(|it| (it.0.to_owned(), repeated(it.1))).collect();
    let body = bytes(&rest[headers.len()..].join("\n"));
    let found = client::send(service.address, method, &repeated(path), &headers, &body);
    judge(&found, answer, names)?;
    let wrong = service.contract.as_ref().map_or(Vec::new(), |it| it.check(method, path, &body, &found));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(format!("  {}\n  answer: {} {}", wrong.join("\n  "), found.status, found.body))
    }
}

/// A request as it is, byte by byte.
fn raw(address: SocketAddr, block: &str, names: &mut Names) -> Result<(), String> {
    let (request, answer) = block.split_once("\n---\n").unwrap_or((block, ""));
    let close = request.ends_with("\n@close");
    let request = fill(&request.strip_suffix("@close").map_or(format!("{request}\n"), str::to_owned), names);
    let found = client::raw(address, &unescaped(&request.replace('\n', "\\r\\n")), close);
    judge(&found, answer, names)
}

fn bytes(body: &str) -> Vec<u8> {
    match body.strip_prefix("@bytes ") {
        Some(text) => unescaped(text),
        None => repeated(body).into_bytes(),
    }
}

/// `@repeat 3 ab` or `@repeat 3 ab@` in its place.
fn repeated(text: &str) -> String {
    let Some((before, rest)) = text.split_once("@repeat ") else { return text.to_owned() };
    let (count, rest) = rest.split_once(' ').unwrap();
    let (one, after) = rest.split_once('@').unwrap_or((rest, ""));
    format!("{before}{}{after}", one.repeat(count.parse().unwrap()))
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.extend_from_slice(before.as_bytes());
        rest = &after[1..];
        match after.as_bytes()[0] {
            b'x' => {
                out.push(u8::from_str_radix(&after[1..3], 16).unwrap());
                rest = &after[3..];
            }
            b'r' => out.push(b'\r'),
            b'n' => out.push(b'\n'),
            other => out.extend_from_slice(&[b'\\', other]),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// Waits until the log ends with these lines.
fn logged(expected: &str, log: &Mutex<Vec<u8>>) -> Result<(), String> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let text = String::from_utf8(log.lock().unwrap().clone()).unwrap();
        let count = expected.lines().count();
        let lines: Vec<String> = text.lines().map(masked).collect();
        let last = lines[lines.len().saturating_sub(count)..].join("\n");
        if last == expected {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!("the log ends with:\n{last}"));
        }
        std::thread::yield_now();
    }
}

/// A line of the log without what differs each time.
fn masked(line: &str) -> String {
    let each = line.split(' ').map(|it| match it.split_once('=') {
        Some((name @ ("time" | "ms"), _)) => format!("{name}=*"),
        Some(("request", id)) if id.len() == 36 => "request=*".to_owned(),
        Some(("path", path)) if path.rsplit('/').next().is_some_and(|it| it.len() == 36) => {
            format!("path={}/*", path.rsplit_once('/').unwrap().0)
        }
        _ => it.to_owned(),
    });
    each.collect::<Vec<_>>().join(" ")
}

fn judge(found: &Response, answer: &str, names: &mut Names) -> Result<(), String> {
    let mut expected = answer.lines();
    let status = expected.next().unwrap_or("").trim();
    let rest: Vec<&str> = expected.collect();
    let mut differences = Vec::new();
    if status != found.status.to_string() {
        differences.push(format!("status {status} expected, {} found", found.status));
    }
    let wanted: Vec<&&str> = rest.iter().take_while(|it| is_header(it)).collect();
    for (name, value) in wanted.iter().filter_map(|it| it.split_once(": ")) {
        let own = found.header(name).unwrap_or("(none)");
        if own != fill(value, names) && value != "*" {
            differences.push(format!("{name}: {value} expected, {own} found"));
        }
    }
    let text = rest[wanted.len()..].join("\n");
    if text.is_empty() {
        if !found.body.is_empty() && found.status < 400 {
            differences.push("no body expected".to_owned());
        }
    } else if text != "*" {
        let expected: Value =
            serde_json::from_str(&text).map_err(|it| format!("the answer expected is not JSON: {it}"))?;
        let own: Value = serde_json::from_str(&found.body).unwrap_or(Value::Null);
        compare(&expected, &own, "$", names, &mut differences);
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(format!("  {}\n  answer: {} {}", differences.join("\n  "), found.status, found.body))
    }
}

fn is_header(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(name, _)| name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-'))
}

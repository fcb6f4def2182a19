//! A suite: a Markdown file that names a document (`Document: examples/notes.md`, `The template.`, or a fence `document`),
//! perhaps settings (`Set: maxLines=2`), and holds fences `http` with a request, an empty line, and the
//! answer expected. A line `Restart.` closes the service and opens it again on the same file; a line
//! `Routes:` is followed by a fence with the routes in words, `Unenforced:` by one with what is only text.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use runtime::{Db, Options};
use serde_json::Value;
use source::{FileId, SourceFile, Sources};

use crate::client;
use crate::expect::{Names, compare, fill};
use crate::root;

struct Running {
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    routes: String,
    unenforced: String,
}

struct Document {
    path: String,
    text: String,
    settings: Vec<(String, String)>,
    db: Db,
}

impl Document {
    fn serve(&self) -> Result<Running, String> {
        let mut sources = Sources::default();
        sources.add(SourceFile::new(&self.path, &self.text));
        let spec = model::workspace::read(FileId(0), &self.path, &self.text);
        let options = Options { db: self.db.clone(), port: 0, settings: self.settings.clone() };
        let service = runtime::open(&spec, &sources, &options).map_err(|it| it.to_string())?;
        let routes = service.routes().iter().map(|it| {
            let inferred = if it.inferred.is_empty() {
                String::new()
            } else {
                format!("   ({} inferred)", it.inferred.join(", "))
            };
            format!("{} {} {}{inferred}\n", it.method, it.path, it.does)
        });
        let routes = routes.collect();
        let unenforced = service
            .unenforced()
            .iter()
            .map(|it| format!("{}: {}\n", sources.position(it.span).line, it.text))
            .collect();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(service.serve(listener));
        Ok(Running { runtime, address, routes, unenforced })
    }
}

static FILES: AtomicU32 = AtomicU32::new(0);

/// Runs a suite and gives what failed.
pub(crate) fn run(file: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap();
    let shown = file.file_name().unwrap().to_string_lossy().into_owned();
    let db = std::env::temp_dir().join(format!(
        "truespec-it-{}-{}.db",
        std::process::id(),
        FILES.fetch_add(1, Ordering::Relaxed)
    ));
    let memory = text.contains("\nIn memory.\n");
    let mut document = Document {
        path: "document.md".to_owned(),
        text: String::new(),
        settings: Vec::new(),
        db: if memory { Db::Memory } else { Db::File(db.clone()) },
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
        } else if line == "Forget the settings." {
            document.settings.clear();
        } else if line == "Restart." {
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
                _ if kind == "http" => exchange(service.address, &block, &mut names),
                "Routes:" => differs(&block, &service.routes),
                "Unenforced:" => differs(&block, &service.unenforced),
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
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", db.display()));
    }
    failures
}

fn differs(expected: &str, found: &str) -> Result<(), String> {
    if expected.trim_end() == found.trim_end() { Ok(()) } else { Err(format!("found:\n{found}")) }
}

fn exchange(address: SocketAddr, block: &str, names: &mut Names) -> Result<(), String> {
    let (request, answer) = block.split_once("\n\n").unwrap_or((block, ""));
    let request = fill(request, names);
    let mut lines = request.lines();
    let (method, path) = lines.next().and_then(|it| it.split_once(' ')).unwrap();
    let is_header = |it: &str| {
        it.split_once(": ").is_some_and(|(name, _)| name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-'))
    };
    let rest: Vec<&str> = lines.collect();
    let headers = rest.iter().take_while(|it| is_header(it));
    let headers: Vec<(String, String)> =
        headers.filter_map(|it| it.split_once(": ")).map(|it| (it.0.to_owned(), it.1.to_owned())).collect();
    let mut body = rest[headers.len()..].join("\n");
    if let Some(count) = body.strip_prefix("@spaces ") {
        body = " ".repeat(count.parse().unwrap());
    }
    let found = client::send(address, method, path, &headers, &body);
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

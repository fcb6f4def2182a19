//! A sequence of requests for each fault, which the healthy server answers otherwise: `tests/sequences.md`.
//!
//! Each stands below the name of its fault, one request in a line: a method, a path, and perhaps a body. A path
//! that does not begin with `/` lies under `/api/v1/`. The body of what creates or replaces is laid over one
//! that is valid, and `"-name"` takes a field away; a body after `=` is sent as it is, with `x`
//! N times for `@N x@`. `{jobs}` is the id of the last record that was created there, `{first jobs}` that of the first,
//! `{nobody}` that of none, `{cursor}` the cursor of the last list. Lines before a request: `@ name: value` is
//! a header of it, `@ token WORD` a token of another kind, and `@ no token` none. `12x` before a request
//! sends it so often, and requests after `&` are sent at once. `tick` waits for the next millisecond, and
//! then times count too. The last line says the statuses of the first answer that differs; `UPDATE=1` writes it.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use faulty_server::{FAULTS, SECRET, SPEC};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use regex::{Captures, Regex};
use serde_json::{Map, Value, json};
use source::{FileId, SourceFile, Sources};

use crate::client::{Response, Server};

const NOBODY: &str = "019aa000-0000-7000-8000-000000000000";

#[tokio::test]
async fn each_fault_is_seen() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sequences.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut parts = text.split("\n## ");
    let mut out = parts.next().unwrap().to_owned();
    let mut names = Vec::new();
    let mut wrong = Vec::new();
    for part in parts {
        let (name, rest) = part.split_once('\n').unwrap();
        let fault = FAULTS.iter().find(|it| it.name == name).unwrap_or_else(|| panic!("there is no fault {name}"));
        names.push(fault.name);
        let lines = requests(rest);
        let right = play(&Arc::new(Server::start(&[]).await), &lines, 0).await;
        let faulty = play(&Arc::new(Server::start(&[fault.name]).await), &lines, 0).await;
        let verdict = match right.iter().zip(&faulty).find(|(a, b)| a != b) {
            Some((a, b)) => format!("=> {}, with the fault {}", a.0, b.0),
            None => {
                wrong.push(format!("{name}: all answers are those of the healthy server\n{right:#?}"));
                String::new()
            }
        };
        out += &format!("\n## {name}\n\n```text\n{}\n{verdict}\n```\n", lines.join("\n"));
        if !rest.contains(&verdict) && std::env::var_os("UPDATE").is_none() {
            wrong.push(format!("{name}: {verdict}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let shown = |it: &&faulty_server::Fault| !it.probe.starts_with("performance");
    let expected: Vec<&str> = FAULTS.iter().filter(shown).map(|it| it.name).collect();
    assert_eq!(names, expected, "a sequence for each fault, in the order of the catalogue");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, out).unwrap();
    }
}

fn requests(part: &str) -> Vec<&str> {
    part.lines().filter(|it| !it.is_empty() && !it.starts_with("```") && !it.starts_with("=> ")).collect()
}

/// The service that is compiled from the document answers all this as the healthy server does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_compiled_service_answers_alike() {
    let text = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/sequences.md")).unwrap();
    let mut sources = Sources::default();
    sources.add(SourceFile::new("spec.md", SPEC));
    let spec = model::workspace::read(FileId(0), "spec.md", SPEC);
    let mut options = runtime::Options::new(runtime::Db::Memory);
    options.environment = vec![("WORKSHOP_JWT_SECRET".to_owned(), SECRET.to_owned())];
    let silent = || runtime::Ambient { log: Arc::new(|_| {}), ..runtime::Ambient::system() };
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    let mut shared = None;
    for (at, part) in text.split("\n## ").skip(1).enumerate() {
        let (name, rest) = part.split_once('\n').unwrap();
        let lines = requests(rest);
        // The compiled service has no metrics.
        if rest.contains("/metrics") || !seen.insert(lines.join("\n")) {
            continue;
        }
        let both = match shared.take().filter(|_| alone(&lines)) {
            Some(both) => both,
            None => {
                let service = runtime::open_with(&spec, &sources, &options, silent()).unwrap();
                let compiled = Server::of(|listener| service.serve(listener)).await;
                (Arc::new(compiled), Arc::new(Server::start(&[]).await))
            }
        };
        let (compiled, own) = (play(&both.0, &lines, at * 100).await, play(&both.1, &lines, at * 100).await);
        shared = Some(both);
        for (a, b) in compiled.iter().zip(&own) {
            if (a.0, bare(&a.1)) != (b.0, bare(&b.1)) {
                wrong.push(format!("{name}: {} {}\n  by hand: {} {}", a.0, a.1, b.0, b.1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a sequence looks only at records of its own, so that others do not disturb it.
fn alone(lines: &[&str]) -> bool {
    let lists = |it: &&str| it.starts_with("GET ") && it.matches('/').count() != 1;
    let fixed = |it: &&str| ["BRK-", "NX200-", "ada@"].iter().any(|word| it.contains(word));
    !lines.iter().any(|it| lists(it) || fixed(it))
}

/// An answer without the words that the document does not say.
fn bare(answer: &str) -> String {
    let free = Regex::new(
        r#"(The request is not valid): [^}]*"|("code":"(?:NO_SUCH_ROUTE|METHOD_NOT_ALLOWED)"),"message":"[^}]*""#,
    );
    free.unwrap().replace_all(answer, "$1$2").into_owned()
}

/// What is remembered between requests.
#[derive(Default)]
struct Memory {
    ids: HashMap<String, String>,
    made: usize,
    cursor: String,
    headers: Vec<(String, String)>,
    token: Option<String>,
    tokenless: bool,
    times: bool,
}

struct Request {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// The statuses and the answers, with ids and times made alike. `made` is how many records were created there
/// before.
async fn play(server: &Arc<Server>, lines: &[&str], made: usize) -> Vec<(u16, String)> {
    let mut memory = Memory { made, ..Memory::default() };
    let mut answers: Vec<Response> = Vec::new();
    let mut together = Vec::new();
    for line in lines {
        if let Some(words) = line.strip_prefix("@ ") {
            memory.prepare(words);
            continue;
        }
        if *line == "tick" {
            memory.times = true;
            let now = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
            let before = now();
            while now() == before {
                tokio::task::yield_now().await;
            }
            continue;
        }
        if let Some(line) = line.strip_prefix("& ") {
            together.push(memory.request(line));
            continue;
        }
        at_once(server, &mut together, &mut answers).await;
        let (times, line) = match line.split_once("x ") {
            Some((count, rest)) if count.bytes().all(|it| it.is_ascii_digit()) => (count.parse().unwrap(), rest),
            _ => (1, *line),
        };
        for _ in 0..times {
            let it = memory.request(line);
            let answer = server.send(&it.method, &it.path, &it.headers, &it.body).await;
            memory.learn(&it.path, &answer);
            answers.push(answer);
        }
        memory.headers.clear();
        memory.token = None;
        memory.tokenless = false;
    }
    at_once(server, &mut together, &mut answers).await;
    alike(&answers, memory.times)
}

async fn at_once(server: &Arc<Server>, requests: &mut Vec<Request>, answers: &mut Vec<Response>) {
    let each = requests.drain(..).map(|it| {
        let server = Arc::clone(server);
        tokio::spawn(async move { server.send(&it.method, &it.path, &it.headers, &it.body).await })
    });
    let mut found = Vec::new();
    for task in each.collect::<Vec<_>>() {
        let answer = task.await.unwrap();
        // Who comes first is by chance.
        found.push(Response { body: String::new(), headers: Vec::new(), ..answer });
    }
    found.sort_by_key(|it| it.status);
    answers.extend(found);
}

impl Memory {
    fn prepare(&mut self, words: &str) {
        match words.split_once(' ') {
            Some(("no", "token")) => self.tokenless = true,
            Some(("token", kind)) => self.token = Some(token(kind)),
            _ => {
                let (name, value) = words.split_once(": ").unwrap();
                self.headers.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    fn fill(&self, text: &str) -> String {
        let hole = Regex::new(r"\{((?:first )?[a-z]+)\}").unwrap();
        let filled = hole.replace_all(text, |it: &Captures<'_>| match &it[1] {
            "nobody" => NOBODY.to_owned(),
            "cursor" => self.cursor.clone(),
            name => self.ids.get(name).cloned().unwrap_or_else(|| panic!("nothing was created in {name}")),
        });
        filled.into_owned()
    }

    fn request(&mut self, line: &str) -> Request {
        let mut words = line.splitn(3, ' ');
        let (method, path, body) = (words.next().unwrap(), words.next().unwrap(), words.next());
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/api/v1/{path}") };
        let collection = path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        let whole = method == "POST" && path.matches('/').count() == 3 || method == "PUT";
        let body = match body {
            Some(raw) if raw.starts_with('=') => {
                let again = Regex::new("@([0-9]+) ([^@]+)@").unwrap();
                let long = |it: &Captures<'_>| it[2].repeat(it[1].parse().unwrap());
                again.replace_all(raw.trim_start_matches('='), long).into_owned()
            }
            own if whole => self.over(collection, own),
            own => own.unwrap_or_default().to_owned(),
        };
        let mut headers = self.headers.clone();
        if !self.tokenless && !headers.iter().any(|it| it.0 == "authorization") {
            let token = self.token.clone().unwrap_or_else(faulty_server::token);
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        if !body.is_empty() && !headers.iter().any(|it| it.0 == "content-type") {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        for (_, value) in &mut headers {
            *value = value.replace("{token}", &faulty_server::token());
        }
        Request { method: method.to_owned(), path: self.fill(&path), headers, body: self.fill(&body).into_bytes() }
    }

    /// A valid body with these members over it.
    fn over(&mut self, collection: &str, own: Option<&str>) -> String {
        self.made += 1;
        let number = self.made;
        let mut base = match collection {
            "customers" => json!({
                "name": "Ada Moreno", "email": format!("a{number}@example.org"), "phone": "+34600111222",
                "tier": "business", "address": { "street": "Calle Mayor 12", "city": "Madrid", "postalCode": "28013" }
            }),
            "devices" => json!({
                "customerId": "{customers}", "brand": "Norden", "serialNumber": format!("NX200-{number:06}"),
                "kind": "bicycle", "accessories": ["lock"], "purchasedOn": "2025-03-14", "warrantyUntil": "2027-03-14"
            }),
            "parts" => json!({
                "sku": format!("BRK-{number:05}"), "name": "Brake pad", "unitPrice": "14.50", "stock": 60,
                "discontinued": false
            }),
            "jobs" => json!({
                "deviceId": "{devices}", "description": "The front brake squeals", "priority": 2, "lines": [],
                "quoteCents": 12900, "depositCents": 0, "dueOn": "2026-11-20"
            }),
            other => panic!("nothing is created in {other}"),
        };
        let whole = base.as_object_mut().unwrap();
        let own: Map<String, Value> = serde_json::from_str(own.unwrap_or("{}")).unwrap();
        for (name, value) in own {
            match name.strip_prefix('-') {
                Some(name) => drop(whole.shift_remove(name)),
                None => drop(whole.insert(name, value)),
            }
        }
        base.to_string()
    }

    fn learn(&mut self, path: &str, answer: &Response) {
        let body = answer.json();
        if let Some(cursor) = body["nextCursor"].as_str() {
            self.cursor = cursor.to_owned();
        }
        let collection = path.trim_start_matches("/api/v1/");
        if !collection.contains('/')
            && let Some(id) = body["data"]["id"].as_str()
        {
            self.ids.entry(format!("first {collection}")).or_insert_with(|| id.to_owned());
            self.ids.insert(collection.to_owned(), id.to_owned());
        }
    }
}

/// A token that is not let in, or not for long.
fn token(kind: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let (claims, key) = match kind {
        "forged" => (json!({ "sub": "eve", "exp": now + 60 }), "another secret"),
        "expired" => (json!({ "sub": "ada", "exp": now - 60 }), SECRET),
        "forever" => (json!({ "sub": "ada" }), SECRET),
        "unsigned" => (json!({ "sub": "eve", "exp": now + 60 }), SECRET),
        other => panic!("there are no tokens that are {other}"),
    };
    let token = encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(key.as_bytes())).unwrap();
    if kind != "unsigned" {
        return token;
    }
    // `{"alg":"none","typ":"JWT"}`
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", token.split('.').nth(1).unwrap())
}

/// Answers with ids by their first appearance, and times so too or all alike.
fn alike(answers: &[Response], times: bool) -> Vec<(u16, String)> {
    let variable = Regex::new(
        r#"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|20\d\d-\d\d-\d\dT[0-9:.]+Z|"nextCursor":"[^"]+""#,
    );
    let numbers = Regex::new(r"(?m)^(workshop_http_request_duration_seconds\S*|workshop_http_requests_total) .*$");
    let (variable, numbers) = (variable.unwrap(), numbers.unwrap());
    let mut seen: Vec<String> = Vec::new();
    let mut one = |it: &Captures<'_>| {
        let text = it[0].to_owned();
        if text.starts_with('"') {
            return "\"nextCursor\":\"…\"".to_owned();
        }
        if text.ends_with('Z') && !times {
            return "a time".to_owned();
        }
        let at = seen.iter().position(|it| *it == text).unwrap_or_else(|| {
            seen.push(text);
            seen.len() - 1
        });
        format!("#{at}")
    };
    let shown = answers.iter().map(|it| {
        let body = numbers.replace_all(&it.body, "$1 …").into_owned();
        (it.status, format!("{:?} {}", it.headers, variable.replace_all(&body, &mut one)))
    });
    shown.collect()
}

//! The requests of a finding, so that others can send them again: what a later one takes from an earlier answer
//! is named, not copied.

use serde_json::{Map, Value, json};

use crate::Credential;
use crate::client::{Answer, Client, Request, Trouble};
use crate::report::{Exchange, Finding};

/// A request with names in the place of what earlier answers said: `{{id1}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Upper case.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are no UTF-8 are U+FFFD.
    pub body: Option<String>,
    /// Names, and where in the answer (RFC 6901) their values are.
    pub takes: Vec<(String, String)>,
    /// The status that was answered; `None` is no answer.
    pub status: Option<u16>,
    /// The beginning of the body that was answered.
    pub answered: String,
}

/// What is shown of an answer.
const SHOWN: usize = 2000;

/// The requests of a finding, by name.
pub fn steps(exchanges: &[Exchange]) -> Vec<Step> {
    let mut known: Vec<(String, String)> = Vec::new();
    let mut found: Vec<Step> = Vec::new();
    // Values, who said them first and where.
    let mut said: Vec<(String, usize, String)> = Vec::new();
    for (at, exchange) in exchanges.iter().enumerate() {
        let request = &exchange.request;
        let body = request.body.as_ref().map(|it| String::from_utf8_lossy(it).into_owned());
        let mut own = Step {
            method: request.method.clone(),
            target: request.target.clone(),
            headers: request.headers.clone(),
            body,
            takes: Vec::new(),
            status: exchange.answer.as_ref().ok().map(|it| it.status),
            answered: match &exchange.answer {
                Ok(answer) => String::from_utf8_lossy(answer.body.get(..SHOWN).unwrap_or(&answer.body)).into_owned(),
                Err(trouble) => trouble.to_string(),
            },
        };
        for (value, by, pointer) in &said {
            let used = |text: &str| mentions(text, value);
            if !used(&own.target) && !own.body.as_deref().is_some_and(used) {
                continue;
            }
            let name = match known.iter().find(|it| it.0 == *value) {
                Some(known) => known.1.clone(),
                None => {
                    let name = format!("id{}", known.len() + 1);
                    known.push((value.clone(), name.clone()));
                    if let Some(step) = found.get_mut(*by) {
                        step.takes.push((name.clone(), pointer.clone()));
                    }
                    name
                }
            };
            own.target = put(&own.target, value, &name);
            own.body = own.body.map(|it| put(&it, value, &name));
        }
        found.push(own);
        if let Ok(answer) = &exchange.answer
            && let Some(json) = answer.json()
        {
            leaves(&json, "", &mut |value, pointer| {
                if !said.iter().any(|it| it.0 == value) && said.len() < 2000 {
                    said.push((value, at, pointer));
                }
            });
        }
    }
    found
}

/// What stands in the place of a credential.
pub const CREDENTIAL: &str = "$AUTH";

/// What stands in the place of the user and the password of a URL.
pub const LOGIN: &str = "$LOGIN";

/// Says that requests were sent with the user and the password of the URL.
pub(crate) fn name_login(findings: &mut [Finding]) {
    for request in findings.iter_mut().flat_map(|it| &mut it.steps).map(|it| &mut it.request) {
        if !crate::client::authorized(request) {
            request.headers.push(("authorization".to_owned(), LOGIN.to_owned()));
        }
    }
}

/// Puts a name in the place of the credential that was given; those that were made to be refused stay.
pub(crate) fn conceal(findings: &mut [Finding], credential: &Credential) {
    let own = match credential {
        Credential::None => return,
        Credential::Token(token) => format!("Bearer {token}"),
        Credential::Key(own) | Credential::Header(_, own) => own.clone(),
    };
    let headers = findings.iter_mut().flat_map(|it| &mut it.steps).flat_map(|it| &mut it.request.headers);
    for (_, value) in headers.filter(|it| it.1 == own) {
        CREDENTIAL.clone_into(value);
    }
}

/// Values that only an answer can have said: keys.
fn leaves(json: &Value, pointer: &str, found: &mut dyn FnMut(String, String)) {
    match json {
        Value::Object(members) => {
            for (name, value) in members {
                let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let key = model::names::key(name);
                match value {
                    Value::String(text) if text.len() >= 16 && !text.contains([' ', ':', '@']) => {
                        found(text.clone(), at);
                    }
                    Value::Number(number) if key == "id" => found(number.to_string(), at),
                    _ => leaves(value, &at, found),
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate().take(20) {
                leaves(value, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// Whether a text holds a value as a whole.
fn mentions(text: &str, value: &str) -> bool {
    place_of(text, value, 0).is_some()
}

fn place_of(text: &str, value: &str, from: usize) -> Option<usize> {
    let word = |it: Option<char>| it.is_some_and(|it| it.is_alphanumeric() || it == '-' || it == '_');
    let mut at = from;
    loop {
        let found = at + text.get(at..)?.find(value)?;
        let before = text.get(..found).and_then(|it| it.chars().next_back());
        let after = text.get(found + value.len()..).and_then(|it| it.chars().next());
        if !word(before) && !word(after) {
            return Some(found);
        }
        at = found + value.len();
    }
}

fn put(text: &str, value: &str, name: &str) -> String {
    let mut out = String::new();
    let mut from = 0;
    while let Some(at) = place_of(text, value, from) {
        out.push_str(text.get(from..at).unwrap_or(""));
        out.push_str(&format!("{{{{{name}}}}}"));
        from = at + value.len();
    }
    out.push_str(text.get(from..).unwrap_or(""));
    out
}

/// Shell lines that send the requests. What is needed to come in stands in `$AUTH`.
pub fn curl(base: &str, exchanges: &[Exchange]) -> Vec<String> {
    let all = steps(exchanges);
    let shell = |text: &str, quote: char| {
        let escaped = if quote == '"' {
            text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$").replace('`', "\\`")
        } else {
            text.to_owned()
        };
        let mut out = escaped;
        while let Some(at) = out.find("{{") {
            let Some(end) = out.get(at..).and_then(|it| it.find("}}")) else { break };
            let name = out.get(at + 2..at + end).unwrap_or("").to_owned();
            out = format!("{}${{{name}}}{}", out.get(..at).unwrap_or(""), out.get(at + end + 2..).unwrap_or(""));
        }
        out
    };
    let mut lines = Vec::new();
    for step in &all {
        let mut line = "curl -s".to_owned();
        if step.method != "GET" {
            line.push_str(&format!(" -X {}", step.method));
        }
        line.push_str(&format!(" \"{base}{}\"", shell(&step.target, '"')));
        for (name, value) in &step.headers {
            if value == LOGIN {
                line.push_str(" -u \"$LOGIN\"");
                continue;
            }
            if value == CREDENTIAL {
                line.push_str(" -H \"$AUTH\"");
                continue;
            }
            line.push_str(&format!(" -H '{name}: {}'", value.replace('\'', "'\\''")));
        }
        if let Some(body) = &step.body {
            if body.contains("{{id") {
                line.push_str(&format!(" --data-raw \"{}\"", shell(body, '"')));
            } else {
                line.push_str(&format!(" --data-raw {}", quoted(body)));
            }
        }
        if let [(name, pointer)] = step.takes.as_slice() {
            line = format!("{name}=$({line} | jq -r '{}')", path(pointer));
        } else if !step.takes.is_empty() {
            let each = step
                .takes
                .iter()
                .map(|(name, pointer)| format!("{name}=$(printf %s \"$answer\" | jq -r '{}')", path(pointer)));
            line = format!("answer=$({line}); {}", each.collect::<Vec<_>>().join("; "));
        }
        lines.push(line);
    }
    lines
}

/// So many repetitions of a unit are written as such.
const REPEATED: usize = 40;

/// A body as bash takes it: long repetitions are made by `printf`.
fn quoted(body: &str) -> String {
    let plain = |it: &str| format!("'{}'", it.replace('\'', "'\\''"));
    if body.len() < 500 {
        return plain(body);
    }
    let (mut out, mut rest, mut before) = (String::new(), body, 0);
    while let Some(text) = rest.get(before..).filter(|it| !it.is_empty()) {
        let run = (1..=8).find_map(|len| {
            let unit = text.get(..len)?;
            let count = text.as_bytes().chunks_exact(len).take_while(|it| *it == unit.as_bytes()).count();
            (count >= REPEATED && !unit.contains(['%', '\\', '\n'])).then_some((unit, count))
        });
        let Some((unit, count)) = run else {
            before += text.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        if let Some(head) = rest.get(..before).filter(|it| !it.is_empty()) {
            out.push_str(&plain(head));
        }
        out.push_str(&format!("\"$(printf '%.0s'{} {{1..{count}}})\"", plain(unit)));
        rest = text.get(unit.len() * count..).unwrap_or("");
        before = 0;
    }
    if !rest.is_empty() {
        out.push_str(&plain(rest));
    }
    out
}

#[test]
fn long_bodies_are_written_short() {
    assert_eq!(quoted("it's"), "'it'\\''s'");
    let deep = format!("{}1{}", "{\"a\":".repeat(3000), "}".repeat(3000));
    let wanted = "\"$(printf '%.0s''{\"a\":' {1..3000})\"'1'\"$(printf '%.0s''}' {1..3000})\"";
    assert_eq!(quoted(&deep), wanted);
    let text = format!("{{\"name\":\"{}\"}}", "x".repeat(1000));
    assert_eq!(quoted(&text), "'{\"name\":\"'\"$(printf '%.0s''x' {1..1000})\"'\"}'");
}

/// A pointer as jq writes it.
fn path(pointer: &str) -> String {
    let parts = pointer.split('/').skip(1).map(|it| it.replace("~1", "/").replace("~0", "~"));
    let each = parts.map(|it| match it.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) if it.chars().all(|it| it.is_ascii_alphabetic() || it == '_') => format!(".{it}"),
        Err(_) => format!("[{}]", Value::String(it).to_string().replace('\'', "\\u0027")),
    });
    let path = each.collect::<String>();
    if path.starts_with('.') { path } else { format!(".{path}") }
}

/// A finding as a file that `truespec replay` reads.
pub fn file(document: &str, target: &str, finding: &Finding) -> String {
    let steps = steps(&finding.steps);
    let each: Vec<Value> = steps
        .iter()
        .map(|it| {
            let headers: Map<String, Value> = it.headers.iter().map(|it| (it.0.clone(), json!(it.1))).collect();
            let takes: Map<String, Value> = it.takes.iter().map(|it| (it.0.clone(), json!(it.1))).collect();
            json!({
                "method": it.method, "target": it.target, "headers": headers, "body": it.body,
                "takes": takes, "status": it.status, "answered": it.answered,
            })
        })
        .collect();
    let whole = json!({
        "version": 1,
        "document": document,
        "target": target,
        "probe": finding.probe,
        "line": finding.line,
        "message": finding.message,
        "expected": finding.expected,
        "found": finding.found,
        "steps": each,
    });
    format!("{whole:#}\n")
}

/// A file of requests that were sent before.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The document's path.
    pub document: String,
    /// Where it was tested.
    pub target: String,
    /// What was wrong.
    pub message: String,
    /// The line of the document.
    pub line: u32,
    /// What the document promises.
    pub expected: String,
    /// What was found: a status with the beginning of a body, or what the body said.
    pub found: String,
    /// The requests.
    pub steps: Vec<Step>,
}

/// What came of requests that were sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The last is answered as before.
    Same,
    /// The last has another status.
    Changed,
    /// What was wrong stands in the body, and it is another one.
    Unclear,
    /// This one, which only leads to the last, has another: the last was not sent.
    Lost(usize),
}

impl Replay {
    /// Reads a file.
    ///
    /// # Errors
    /// What is missing in it, in words.
    pub fn read(text: &str) -> Result<Replay, String> {
        let whole: Value = serde_json::from_str(text).map_err(|it| format!("it is no JSON: {it}"))?;
        if whole.get("version") != Some(&json!(1)) {
            return Err("it is no replay of version 1".to_owned());
        }
        let word = |name: &str| whole.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
        let mut steps = Vec::new();
        for (at, step) in whole.get("steps").and_then(Value::as_array).into_iter().flatten().enumerate() {
            let text = |name: &str| step.get(name).and_then(Value::as_str).map(str::to_owned);
            let pairs = |name: &str| -> Vec<(String, String)> {
                let members = step.get(name).and_then(Value::as_object).into_iter().flatten();
                members.filter_map(|it| Some((it.0.clone(), it.1.as_str()?.to_owned()))).collect()
            };
            let missing = |name: &str| format!("step {} has no `{name}`", at + 1);
            steps.push(Step {
                method: text("method").ok_or_else(|| missing("method"))?,
                target: text("target").filter(|it| it.starts_with('/')).ok_or_else(|| missing("target"))?,
                headers: pairs("headers"),
                body: text("body"),
                takes: pairs("takes"),
                status: step.get("status").and_then(Value::as_u64).and_then(|it| u16::try_from(it).ok()),
                answered: text("answered").unwrap_or_default(),
            });
        }
        if steps.is_empty() {
            return Err("it has no steps".to_owned());
        }
        let line = whole.get("line").and_then(Value::as_u64).and_then(|it| u32::try_from(it).ok()).unwrap_or(0);
        let (document, target) = (word("document"), word("target"));
        let (message, expected, found) = (word("message"), word("expected"), word("found"));
        Ok(Replay { document, target, message, line, expected, found, steps })
    }

    /// Sends the requests again. `credential` takes the place of what was given then: a value, and a header where
    /// it is another; `tell` is given each exchange.
    /// What came of the last, if all before it are answered as they were.
    ///
    /// # Errors
    /// A target that does not answer.
    pub fn again(
        &self,
        url: &str,
        timeout: std::time::Duration,
        credential: Option<(Option<&str>, &str)>,
        tell: &mut dyn FnMut(&Step, &Request, &Answer),
    ) -> Result<Again, Trouble> {
        let client = Client::new(url, timeout);
        let mut names: Vec<(String, String)> = Vec::new();
        let mut outcome = Again::Changed;
        for (at, step) in self.steps.iter().enumerate() {
            let fill = |text: &str| {
                names
                    .iter()
                    .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value))
            };
            let headers = step.headers.iter().filter_map(|(name, value)| match credential {
                // The URL says it.
                _ if value == LOGIN => None,
                _ if value != CREDENTIAL => Some((name.clone(), value.clone())),
                // A token goes where a token was; a header of another name takes its place.
                Some((own, value)) => Some((own.unwrap_or(name).to_owned(), value.to_owned())),
                None => None,
            });
            let headers = headers.collect();
            let body = step.body.as_deref().map(|it| fill(it).into_bytes());
            let request = Request { method: step.method.clone(), target: fill(&step.target), headers, body };
            let answer = client.send(&request)?;
            tell(step, &request, &answer);
            let json = answer.json();
            for (name, pointer) in &step.takes {
                let value = json.as_ref().and_then(|it| it.pointer(pointer));
                let text = value.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
                names.extend(text.map(|it| (name.clone(), it)));
            }
            let same = Some(answer.status) == step.status;
            if !same && at + 1 < self.steps.len() {
                return Ok(Again::Lost(at));
            }
            let by_status = step.status.is_none_or(|it| self.found.starts_with(&it.to_string()));
            outcome = match same {
                false => Again::Changed,
                true if by_status || says_the_same(&step.answered, &String::from_utf8_lossy(&answer.body)) => {
                    Again::Same
                }
                true => Again::Unclear,
            };
        }
        Ok(outcome)
    }
}

/// Whether two answers say the same, but for what each run makes its own: keys and times.
fn says_the_same(before: &str, now: &str) -> bool {
    match (serde_json::from_str(before), serde_json::from_str(now)) {
        (Ok(before), Ok(now)) => alike(&before, &now),
        _ => before.trim() == now.get(..before.len()).unwrap_or(now).trim(),
    }
}

fn alike(before: &Value, now: &Value) -> bool {
    let own = |it: &str| (it.len() >= 16 && !it.contains(' ')) || plan::shape::moment(it).is_some();
    match (before, now) {
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, value): (&String, &Value)| {
                let key = model::names::key(name);
                b.get(name).is_some_and(|it| (key == "id" && it.is_number() == value.is_number()) || alike(value, it))
            };
            a.len() == b.len() && a.iter().all(same)
        }
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|it| alike(it.0, it.1)),
        (Value::String(a), Value::String(b)) => a == b || (own(a) && own(b)),
        (a, b) => a == b,
    }
}

#[test]
fn answers_are_compared_but_for_keys_and_times() {
    let before = r#"{"id":"6f9619ff-8b86-d011-b42d-00c04fc964ff","priority":"normal","at":"2026-01-01T00:00:00Z"}"#;
    let again = before.replace("6f96", "7a01").replace("2026", "2027");
    assert!(says_the_same(before, &again));
    assert!(!says_the_same(before, &again.replace("normal", "high")));
    assert!(!says_the_same(before, "[]"));
    assert!(says_the_same("plain words", "plain words and more"));
}

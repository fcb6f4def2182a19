//! HTTP: from a request to what it does, and from that to the answer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::auth::Gate;
use crate::body;
use crate::faults::Faults;
use crate::field::is_uuid;
use crate::list;
use crate::load::Load;
use crate::record::{Record, Refused, Table, Why};
use crate::route::{self, Action};
use crate::show;
use crate::store::Store;

/// A server.
pub(crate) struct App {
    faults: Faults,
    gate: Gate,
    store: Mutex<Store>,
    load: Load,
}

/// An answer before it is written.
struct Answer {
    status: u16,
    body: Option<Value>,
    headers: HeaderMap,
    /// A text instead of JSON, with its type.
    text: Option<(String, &'static str)>,
}

impl Answer {
    fn new(status: u16, body: Option<Value>) -> Answer {
        Answer { status, body, headers: HeaderMap::new(), text: None }
    }
}

/// The place of what two requests do at once: long enough that both have read before one has written.
const BETWEEN: Duration = Duration::from_millis(20);

impl App {
    pub(crate) fn new(faults: Faults) -> App {
        App { gate: Gate::new(&faults), store: Mutex::new(Store::new(&faults)), load: Load::new(), faults }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A record as it is now, after which another request may change it.
    async fn glimpse(&self, fault: &str, table: Table, id: &str) -> Option<Record> {
        if !self.faults.on(fault) {
            return None;
        }
        let before = self.store().get(table, id).cloned();
        tokio::time::sleep(BETWEEN).await;
        before
    }
}

/// Answers a request.
pub(crate) async fn answer(State(app): State<std::sync::Arc<App>>, request: Request) -> Response {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let answer = match respond(&app, &parts, body).await {
        Ok(answer) => answer,
        Err((refused, action)) => refusal(&app, &refused, action.as_ref()),
    };
    app.load.count(answer.status, began.elapsed());
    write(answer, parts.method == Method::HEAD)
}

type Failed = (Refused, Option<Action>);

async fn respond(app: &App, parts: &Parts, body: Body) -> Result<Answer, Failed> {
    let faults = &app.faults;
    let path = parts.uri.path();
    let stray = |it: Refused| (it, None);
    let choices = match route::find(path, faults) {
        Ok(choices) => choices,
        Err(()) if faults.on("malformed-path-500") => return Err(stray(Refused::internal())),
        Err(()) => return Err(stray(Refused::validation("the path is not percent-encoded UTF-8"))),
    };
    if choices.is_empty() {
        if faults.on("unknown-path-answers-200") {
            return Ok(Answer::new(200, Some(json!({ "data": [] }))));
        }
        return Err(stray(Refused::no_route(path)));
    }
    let method = if parts.method == Method::HEAD { &Method::GET } else { &parts.method };
    let Some((_, action)) = choices.iter().find(|it| it.0 == *method) else {
        return other_method(&choices, method, faults).map_err(stray);
    };
    let failed = |it: Refused| (it, Some(action.clone()));
    if matches!(action, Action::Metrics) {
        let text = app.load.metrics(app.store().open_jobs(), faults);
        return Ok(Answer { text: Some((text, "text/plain; version=0.0.4")), ..Answer::new(200, None) });
    }
    let open = match action {
        Action::Health => !faults.on("health-needs-token"),
        Action::Read(Table::Parts, _) => faults.on("one-endpoint-unguarded"),
        _ => false,
    };
    if !open {
        app.gate.check(&parts.headers, faults).map_err(failed)?;
    }
    if faults.on("strange-header-500") && parts.headers.values().any(|it| it.to_str().is_err()) {
        return Err(failed(Refused::internal()));
    }
    let carries = matches!(*method, Method::POST | Method::PUT | Method::PATCH);
    let bytes = if carries {
        to_bytes(body, body::MOST).await.map_err(|_| failed(Refused::too_large()))?
    } else {
        Bytes::new()
    };
    let permit = app.load.begin(matches!(*method, Method::GET), matches!(action, Action::Read(..)), faults);
    let _permit = permit.await.map_err(failed)?;
    act(app, action, parts, &bytes).await.map_err(failed)
}

fn other_method(choices: &[(Method, Action)], method: &Method, faults: &Faults) -> Result<Answer, Refused> {
    let mut names: Vec<&str> = choices.iter().map(|it| it.0.as_str()).chain(["OPTIONS"]).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.sort_unstable();
    let names = names.join(", ");
    if *method == Method::OPTIONS {
        let mut answer = Answer::new(204, None);
        allow(&mut answer.headers, &names);
        return Ok(answer);
    }
    if faults.on("other-method-404") {
        return Err(Refused::no_route(""));
    }
    Err(Refused::method(&names))
}

fn allow(headers: &mut HeaderMap, names: &str) {
    if let Ok(value) = HeaderValue::from_str(names) {
        headers.insert(ALLOW, value);
    }
}

/// Does what a request asks for.
async fn act(app: &App, action: &Action, parts: &Parts, bytes: &Bytes) -> Result<Answer, Refused> {
    let faults = &app.faults;
    let query = parts.uri.query().unwrap_or_default();
    if !matches!(action, Action::List(_) | Action::Below { .. })
        && let Some((name, _)) = list::pairs(query)?.first()
    {
        return Err(Refused::validation(&format!("{name} is not a known parameter")));
    }
    let object = || body::read(&parts.headers, bytes, faults);
    match action {
        Action::Create(table) => {
            let record = create(app, *table, object()?).await?;
            let status = if *table == Table::Parts { faults.pick("create-answers-200", 200, 201) } else { 201 };
            Ok(Answer::new(status, Some(show::one(*table, &record, false, faults))))
        }
        Action::List(table) => {
            let (records, about) = list::page(&app.store(), *table, None, query, faults)?;
            Ok(Answer::new(200, Some(show::many(*table, &records, about, faults))))
        }
        Action::Below { parent, id, table, field } => {
            let store = app.store();
            if store.named(*parent, id).is_err() && !faults.on("unknown-parent-empty") {
                return Err(Refused::not_found());
            }
            let (records, about) = list::page(&store, *table, Some((field, &id.to_ascii_lowercase())), query, faults)?;
            Ok(Answer::new(200, Some(show::many(*table, &records, about, faults))))
        }
        Action::Read(table, id) => {
            known(id, faults)?;
            let found = app.store().read(*table, id).cloned();
            if found.is_err() && *table == Table::Customers && faults.on("null-for-unknown") {
                return Ok(Answer::new(200, Some(json!({ "data": null }))));
            }
            let mut answer = Answer::new(200, Some(show::one(*table, &found?, true, faults)));
            if faults.on("html-answer") && *table == Table::Jobs {
                answer.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            }
            Ok(answer)
        }
        Action::Update(table, id) | Action::Replace(table, id) => {
            known(id, faults)?;
            let replaces = matches!(action, Action::Replace(..));
            let record = change(app, *table, id, object()?, replaces).await?;
            Ok(Answer::new(200, Some(show::one(*table, &record, false, faults))))
        }
        Action::Delete(table, id) => {
            known(id, faults)?;
            app.store().delete(*table, id)?;
            if faults.on("delete-answers-200") {
                return Ok(Answer::new(200, Some(json!({ "data": null }))));
            }
            Ok(Answer::new(204, None))
        }
        Action::Fire(id, event) => {
            known(id, faults)?;
            if !bytes.iter().all(u8::is_ascii_whitespace)
                && let Some(name) = object()?.keys().next()
            {
                return Err(Refused::validation(&format!("{name} is not a known field")));
            }
            let record = fire(app, id, event).await?;
            Ok(Answer::new(200, Some(show::one(Table::Jobs, &record, false, faults))))
        }
        Action::Health if faults.on("health-500") => Err(Refused::internal()),
        Action::Health if faults.on("health-body-wrong") => Ok(Answer::new(200, Some(json!("healthy")))),
        Action::Health => Ok(Answer::new(200, Some(json!({ "status": "ok" })))),
        Action::Metrics => Err(Refused::internal()),
    }
}

/// An id that no record can have is one that none has.
fn known(id: &str, faults: &Faults) -> Result<(), Refused> {
    match is_uuid(id) {
        true => Ok(()),
        false if faults.on("malformed-id-500") => Err(Refused::internal()),
        false => Err(Refused::not_found()),
    }
}

async fn create(app: &App, table: Table, body: Map<String, Value>) -> Result<Record, Refused> {
    if app.faults.on("unique-race") {
        let record = app.store().draft(table, body)?;
        tokio::time::sleep(BETWEEN).await;
        app.store().insert(table, &record)?;
        return Ok(record);
    }
    let mut store = app.store();
    let record = store.draft(table, body)?;
    store.insert(table, &record)?;
    Ok(record)
}

async fn change(
    app: &App,
    table: Table,
    id: &str,
    body: Map<String, Value>,
    replaces: bool,
) -> Result<Record, Refused> {
    let before = app.glimpse("lost-update", table, id).await;
    let mut store = app.store();
    let old = match before {
        Some(before) => before,
        None => store.named(table, id)?.clone(),
    };
    let record = store.changed(table, &old, body, replaces)?;
    store.update(table, &record)?;
    Ok(record)
}

async fn fire(app: &App, id: &str, event: &str) -> Result<Record, Refused> {
    let before = app.glimpse("transition-race", Table::Jobs, id).await;
    let mut store = app.store();
    let old = match before {
        Some(before) => before,
        None => store.named(Table::Jobs, id)?.clone(),
    };
    let record = store.fired(&old, event)?;
    store.update(Table::Jobs, &record)?;
    Ok(record)
}

fn refusal(app: &App, refused: &Refused, action: Option<&Action>) -> Answer {
    let faults = &app.faults;
    let (status, code) = match refused.why {
        Why::Validation => (400, "VALIDATION_FAILED"),
        Why::Unauthenticated => (401, "UNAUTHENTICATED"),
        Why::NotFound => (404, "NOT_FOUND"),
        Why::NoRoute => (404, "NO_SUCH_ROUTE"),
        Why::Method => (405, "METHOD_NOT_ALLOWED"),
        Why::Duplicate => (409, "DUPLICATE"),
        Why::InUse => (409, "IN_USE"),
        Why::Transition => (409, "ILLEGAL_TRANSITION"),
        Why::Reference => (422, "UNKNOWN_REFERENCE"),
        Why::TooLarge => (413, "TOO_LARGE"),
        Why::MediaType => (415, "UNSUPPORTED_MEDIA_TYPE"),
        Why::Busy => (503, "UNAVAILABLE"),
        Why::Internal => (500, "INTERNAL_ERROR"),
    };
    let mut message = refused.message.clone();
    let of_parts = matches!(action, Some(Action::Create(Table::Parts) | Action::Update(Table::Parts, _)));
    let (status, code) = match refused.why {
        Why::Validation if of_parts && faults.on("validation-422") => (422, code),
        Why::Unauthenticated if faults.on("missing-token-403") => (403, code),
        Why::Duplicate if faults.on("duplicate-400") => (400, code),
        Why::InUse if faults.on("in-use-code-other") => (status, "CONFLICT"),
        Why::Transition if faults.on("illegal-transition-400") => (400, code),
        Why::Reference if faults.on("unknown-reference-404") => (404, "NOT_FOUND"),
        Why::TooLarge if faults.on("large-body-500") => (500, "INTERNAL_ERROR"),
        _ => (status, code),
    };
    match refused.why {
        Why::Duplicate if faults.on("message-shows-sql") => {
            message = "UNIQUE constraint failed: INSERT INTO customers (id, email) VALUES (?, ?)".to_owned();
        }
        Why::Validation if faults.on("message-shows-stack") => {
            message.push_str("\n    at Validator.check (/srv/workshop/src/http.rs:212:17)\n    at main");
        }
        Why::NotFound if faults.on("message-other") => "Not found".clone_into(&mut message),
        _ => {}
    }
    let error = match refused.why {
        Why::NotFound if faults.on("error-in-other-shape") => json!({ "message": message, "status": status }),
        Why::Transition if faults.on("error-without-code") => json!({ "error": { "message": message } }),
        _ => json!({ "error": { "code": code, "message": message } }),
    };
    let mut answer = Answer::new(status, Some(error));
    if refused.why == Why::NotFound && faults.on("html-error") {
        let page = format!("<!doctype html><title>{status}</title><h1>Not found</h1>");
        answer.text = Some((page, "text/html; charset=utf-8"));
    }
    if refused.why == Why::Unauthenticated && !faults.on("challenge-missing") {
        answer.headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    if refused.why == Why::Method && !faults.on("allow-missing") {
        let names = refused.message.strip_prefix("The path has only ").unwrap_or_default();
        allow(&mut answer.headers, names);
    }
    answer
}

fn write(answer: Answer, head: bool) -> Response {
    let Answer { status, body, headers, text } = answer;
    let (bytes, kind) = match (text, body) {
        (Some((text, kind)), _) => (text.into_bytes(), kind),
        (None, Some(body)) => (body.to_string().into_bytes(), "application/json"),
        (None, None) => (Vec::new(), ""),
    };
    let long = bytes.len();
    let mut response = Response::new(if head { Body::empty() } else { Body::from(bytes) });
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let own = response.headers_mut();
    if !kind.is_empty() {
        own.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    if head {
        own.insert(CONTENT_LENGTH, long.into());
    }
    own.extend(headers);
    response
}

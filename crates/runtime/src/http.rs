//! HTTP: from a request to its route, and from an answer or a refusal to a response.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, LINK};
use axum::http::{Method, StatusCode};
use axum::response::Response;

use crate::App;
use crate::act::{self, Asked, Refused, Reply};
use crate::plan::{Match, Refusals, Route, Why};

/// Bodies of requests are at most so long.
const BODY: usize = 1024 * 1024;
const CLAUSE: HeaderName = HeaderName::from_static("truespec-clause");
const INFERRED: HeaderName = HeaderName::from_static("truespec-inferred");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The service as a router.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().fallback(answer).with_state(app)
}

async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let head = request.method() == Method::HEAD;
    let mut work = pin!(respond(&app, request));
    let done = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(response)) => Poll::Ready(Some(response)),
        Err(_) => Poll::Ready(None),
    });
    let response = match done.await {
        Some(response) => response,
        None => refuse(&app, &app.plan.stray, None, &Refused::internal("a request panicked"), &path),
    };
    if head { without_body(response) } else { response }
}

async fn respond(app: &Arc<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    let route = match app.plan.tree.find(parts.method.as_str(), path) {
        Match::Route(index, parameters) => Some((index, parameters)),
        Match::OtherMethods(methods) => return other_method(app, &methods, &parts.method, path),
        Match::Nothing => None,
    };
    let Some((index, parameters)) = route else {
        if path == "/healthz" && matches!(parts.method, Method::GET | Method::HEAD) {
            return response(StatusCode::OK, Some(b"{\"status\":\"ok\"}".to_vec()), "application/json");
        }
        let words = format!("there is nothing at {path}");
        return refuse(app, &app.plan.stray, None, &Refused::because(Why::NotFound, words, 0), path);
    };
    let Some(route) = app.plan.routes.get(index) else {
        return refuse(app, &app.plan.stray, None, &Refused::internal("no such route"), path);
    };
    let carries = !matches!(parts.method, Method::GET | Method::HEAD | Method::DELETE);
    let body = if carries {
        match to_bytes(body, BODY).await {
            Ok(bytes) => bytes.to_vec(),
            Err(_) => {
                let words = format!("the body is larger than {BODY} bytes");
                return refuse(app, &route.refusals, Some(route), &Refused::because(Why::TooLarge, words, 0), path);
            }
        }
    } else {
        Vec::new()
    };
    let asked = Asked {
        parameters,
        query: parts.uri.query().unwrap_or("").to_owned(),
        path: path.to_owned(),
        content_type: parts.headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok()).map(str::to_owned),
        body,
    };
    match act::run(app, index, asked).await {
        Ok(reply) => success(route, reply),
        Err(refused) => refuse(app, &route.refusals, Some(route), &refused, path),
    }
}

fn success(route: &Route, reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = response(status, reply.body, "application/json");
    if let Some(words) = &route.marks {
        response.headers_mut().insert(INFERRED, words.clone());
    }
    if let Some(next) = reply.next
        && let Ok(value) = HeaderValue::from_str(&format!("<{next}>; rel=\"next\""))
    {
        response.headers_mut().insert(LINK, value);
    }
    response
}

fn refuse(app: &App, refusals: &Refusals, route: Option<&Route>, refused: &Refused, path: &str) -> Response {
    let how = refusals.get(refused.why);
    let request = (app.ambient.id)();
    if let Some(log) = &refused.log {
        report(&request, log);
    }
    let body = act::refusal(app, how, refused, path, &request);
    let status = StatusCode::from_u16(how.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response =
        response(status, Some(body), if how.problem { "application/problem+json" } else { "application/json" });
    let headers = response.headers_mut();
    let line = [refused.line, how.line, route.map_or(0, |it| it.line)].into_iter().find(|it| *it > 0);
    if let Some(line) = line.filter(|_| status.is_client_error())
        && let Ok(value) = HeaderValue::from_str(&format!("{}:{line}", app.plan.file))
    {
        headers.insert(CLAUSE, value);
    }
    if let Ok(value) = HeaderValue::from_str(&request) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

fn other_method(app: &App, methods: &[String], method: &Method, path: &str) -> Response {
    let allow = HeaderValue::from_str(&methods.join(", ")).ok();
    let mut response = if method == Method::OPTIONS {
        response(StatusCode::NO_CONTENT, None, "")
    } else {
        let words = format!("{path} has no {method}");
        refuse(app, &app.plan.stray, None, &Refused::because(Why::Method, words, 0), path)
    };
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

fn response(status: StatusCode, body: Option<Vec<u8>>, kind: &'static str) -> Response {
    let some = body.is_some();
    let mut response = Response::new(body.map_or_else(Body::empty, Body::from));
    *response.status_mut() = status;
    if some {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    }
    response
}

/// The answer to `HEAD`: that to `GET` without its body.
fn without_body(response: Response) -> Response {
    use axum::body::HttpBody as _;
    let (mut parts, body) = response.into_parts();
    if let Some(len) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, len.into());
    }
    Response::from_parts(parts, Body::empty())
}

#[expect(clippy::print_stderr, reason = "the log of a service is its standard error")]
fn report(request: &str, words: &str) {
    eprintln!("error: request {request}: {words}");
}

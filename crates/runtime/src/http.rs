//! HTTP: from a request to its route, and from an answer or a refusal to a response.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    ALLOW, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderName, HeaderValue,
    LINK, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use plan::level::Level;
use plan::refused::Refused;
use plan::{Asks, Match, Refusals, Why};

use crate::App;
use crate::act::{self, Asked, Reply};
use crate::auth::Principal;
use crate::log::Entry;
use crate::receive::{Unread, receive};

const CLAUSE: HeaderName = HeaderName::from_static("truespec-clause");
const FIELD: HeaderName = HeaderName::from_static("truespec-field");
const INFERRED: HeaderName = HeaderName::from_static("truespec-inferred");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The service as a router.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new().fallback(answer).with_state(app)
}

/// A response, and what the log says of it.
struct Done {
    response: Response,
    level: Level,
    refused: Option<Told>,
    /// Who sent the request, where that is known.
    caller: Option<String>,
}

/// A refusal as the log tells it.
struct Told {
    why: &'static str,
    /// What only the log says.
    words: Option<String>,
}

/// The request that is being answered.
struct Call<'a> {
    app: &'a Arc<App>,
    id: &'a str,
    path: &'a str,
}

async fn answer(State(app): State<Arc<App>>, request: Request) -> Response {
    let began = Instant::now();
    let id = request_id(request.headers()).unwrap_or_else(|| (app.ambient.id)());
    let (parts, body) = request.into_parts();
    let call = Call { app: &app, id: &id, path: parts.uri.path() };
    let mut work = pin!(call.respond(&parts, body));
    let done = poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(done)) => Poll::Ready(Some(done)),
        Err(_) => Poll::Ready(None),
    });
    let mut done = match done.await {
        Some(done) => done,
        None => call.stray(&Refused::internal("the request panicked")),
    };
    if let Ok(value) = HeaderValue::from_str(&id) {
        done.response.headers_mut().insert(REQUEST_ID, value);
    }
    call.report(&parts.method, &done, began.elapsed());
    if parts.method == Method::HEAD { without_body(done.response) } else { done.response }
}

impl Call<'_> {
    async fn respond(&self, parts: &Parts, body: Body) -> Done {
        let limits = &self.app.limits;
        let asked = parts.uri.path_and_query().map_or(0, |it| it.as_str().len());
        if asked > limits.path {
            let words = format!("the path and its query are longer than {} bytes", limits.path);
            return self.stray(&Refused::because(Why::LongPath, words, 0));
        }
        if parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>() > limits.headers {
            let words = format!("the headers are longer than {} bytes", limits.headers);
            return self.stray(&Refused::because(Why::LongHeaders, words, 0));
        }
        let (index, parameters) = match self.app.plan.tree.find(parts.method.as_str(), self.path) {
            Match::Route(index, parameters) => (index, parameters),
            Match::OtherMethods(methods, route) => return self.other_method(&methods, route, &parts.method),
            Match::Malformed => {
                let words = "a percent sign in the path does not stand before two digits, or the path is not UTF-8";
                return self.stray(&Refused::malformed(words.to_owned()));
            }
            Match::Nothing => return self.own_page(parts).await,
        };
        let principal = match self.caller(index, &parts.headers) {
            Ok(principal) => principal,
            Err(refused) => return self.unauthenticated(index, &refused),
        };
        let body = match self.body(parts, body).await {
            Ok(body) => body,
            Err(refused) => {
                let mut done = self.refuse(Some(index), &refused);
                done.response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                return done;
            }
        };
        let asked = Asked {
            parameters,
            query: parts.uri.query().unwrap_or("").to_owned(),
            path: self.path.to_owned(),
            content_type: parts.headers.get(CONTENT_TYPE).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned()),
            encoded: parts.headers.get(CONTENT_ENCODING).is_some_and(|it| it != "identity"),
            body,
        };
        let done = match act::run(self.app, index, asked).await {
            Ok(reply) => success(reply),
            Err(refused) => self.refuse(Some(index), &refused),
        };
        Done { caller: principal.subject().map(str::to_owned), ..done }
    }

    fn caller(&self, route: usize, headers: &HeaderMap) -> Result<Principal, Refused> {
        let asks = self.app.plan.routes.get(route).map_or(&Asks::Nothing, |it| &it.asks);
        self.app.credentials.check(asks, headers, (self.app.ambient.now)())
    }

    /// Refuses who does not prove who they are, and says how that is done.
    fn unauthenticated(&self, route: usize, refused: &Refused) -> Done {
        let mut done = self.refuse(Some(route), refused);
        let asks = self.app.plan.routes.get(route).map(|it| &it.asks);
        let challenge = match asks {
            Some(Asks::Key(name)) if *name != AUTHORIZATION => format!("ApiKey header=\"{name}\""),
            _ => "Bearer".to_owned(),
        };
        insert(done.response.headers_mut(), WWW_AUTHENTICATE, &challenge);
        done
    }

    async fn body(&self, parts: &Parts, body: Body) -> Result<Bytes, Refused> {
        if matches!(parts.method, Method::GET | Method::HEAD | Method::DELETE) {
            return Ok(Bytes::new());
        }
        let limits = &self.app.limits;
        let waits = parts.headers.contains_key(EXPECT);
        receive(body, limits, waits).await.map_err(|unread| match unread {
            Unread::TooLarge => {
                Refused::because(Why::TooLarge, format!("the body is larger than {} bytes", limits.body), 0)
            }
            Unread::TooSlow => {
                let words = format!("the body did not arrive within {:?}", limits.body_patience);
                Refused::because(Why::TooSlow, words, 0)
            }
            Unread::Broken => Refused::malformed("the body ended before its length".to_owned()),
        })
    }

    /// What the service answers by itself where the document has nothing.
    async fn own_page(&self, parts: &Parts) -> Done {
        if matches!(parts.method, Method::GET | Method::HEAD) {
            match self.path {
                "/healthz" => return page(StatusCode::OK, "ok"),
                "/readyz" => {
                    let ready = tokio::time::timeout(READY, self.app.store.write(|_| Ok(()))).await;
                    return match ready {
                        Ok(Ok(())) => page(StatusCode::OK, "ready"),
                        _ => page(StatusCode::SERVICE_UNAVAILABLE, "not ready"),
                    };
                }
                path => {
                    if let Some(response) = self.app.pages.get(path) {
                        return Done { response, level: Level::Debug, refused: None, caller: None };
                    }
                }
            }
        }
        let near = self.app.plan.near(self.path).map(|it| format!(": did you mean {it}?")).unwrap_or_default();
        let words = format!("there is no route {} {}{near}", parts.method, self.path);
        self.stray(&Refused::because(Why::NoRoute, words, 0))
    }

    fn other_method(&self, methods: &[String], route: usize, method: &Method) -> Done {
        let mut done = if method == Method::OPTIONS {
            Done {
                response: response(StatusCode::NO_CONTENT, None, ""),
                level: Level::Info,
                refused: None,
                caller: None,
            }
        } else {
            let line = self.app.plan.routes.get(route).map_or(0, |it| it.line);
            let words = format!("{} has no {method}, only {}", self.path, methods.join(", "));
            self.stray(&Refused::because(Why::Method, words, line))
        };
        if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
            done.response.headers_mut().insert(ALLOW, allow);
        }
        done
    }

    /// Refuses what reached no route.
    fn stray(&self, refused: &Refused) -> Done {
        self.refuse(None, refused)
    }

    fn refuse(&self, route: Option<usize>, refused: &Refused) -> Done {
        let plan = &self.app.plan;
        let route = route.and_then(|it| plan.routes.get(it));
        let refusals: &Refusals = route.map_or(&plan.stray, |it| &it.refusals);
        let how = refusals.get(refused.why);
        let body = act::refusal(self.app, how, refused, self.path, self.id);
        let status = StatusCode::from_u16(how.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if how.problem { "application/problem+json" } else { "application/json" };
        let mut response = response(status, Some(body), kind);
        let headers = response.headers_mut();
        if !status.is_server_error() {
            let line = [refused.line, how.line, route.map_or(0, |it| it.line)].into_iter().find(|it| *it > 0);
            if let Some(line) = line.filter(|_| refused.why != Why::NoRoute) {
                insert(headers, CLAUSE, &format!("{}:{line}", plan.file));
            }
            if !refused.problems.is_empty() {
                let mut fields: Vec<&str> = refused.problems.iter().map(|it| it.field.as_str()).collect();
                fields.dedup();
                fields.truncate(5);
                insert(headers, FIELD, &fields.join(", "));
            }
        }
        Done {
            response,
            level: how.level,
            refused: Some(Told { why: how.word, words: refused.log.clone() }),
            caller: None,
        }
    }

    fn report(&self, method: &Method, done: &Done, took: Duration) {
        let log = &self.app.log;
        if !log.hears(done.level) {
            return;
        }
        let header = |name| done.response.headers().get(name).and_then(|it| it.to_str().ok());
        let mut entries = vec![
            ("request", Entry::Text(self.id)),
            ("method", Entry::Text(method.as_str())),
            ("path", Entry::Text(self.path)),
            ("status", Entry::Number(u64::from(done.response.status().as_u16()))),
            ("ms", Entry::Millis(took.as_micros() as u64)),
        ];
        entries.extend(done.caller.as_deref().map(|it| ("caller", Entry::Text(it))));
        if let Some(told) = &done.refused {
            entries.push(("refused", Entry::Text(told.why)));
            entries.extend(header(FIELD).map(|it| ("field", Entry::Text(it))));
            entries.extend(header(CLAUSE).map(|it| ("clause", Entry::Text(it))));
            entries.extend(told.words.as_deref().map(|it| ("error", Entry::Text(it))));
        }
        log.line(done.level, &entries);
    }
}

/// The records are ready if a change is committed within this time.
const READY: Duration = Duration::from_secs(2);

fn page(status: StatusCode, word: &str) -> Done {
    let body = format!("{{\"status\":\"{word}\"}}").into_bytes();
    Done {
        response: response(status, Some(body), "application/json"),
        level: Level::Debug,
        refused: None,
        caller: None,
    }
}

fn success(reply: Reply) -> Done {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = response(status, reply.body, "application/json");
    let headers = response.headers_mut();
    if let Some(words) = reply.inferred {
        headers.insert(INFERRED, words);
    }
    if let Some(next) = reply.next {
        insert(headers, LINK, &format!("<{next}>; rel=\"next\""));
    }
    Done { response, level: Level::Info, refused: None, caller: None }
}

/// The id that a client or a gateway gave a request, if it is one.
fn request_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(REQUEST_ID)?.to_str().ok()?;
    let plain = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'_' | b'.');
    ((1..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

/// A header of words; what a header cannot hold is a question mark.
fn insert(headers: &mut HeaderMap, name: HeaderName, words: &str) {
    let plain: String = words.chars().map(|it| if it.is_ascii_graphic() || it == ' ' { it } else { '?' }).collect();
    if let Ok(value) = HeaderValue::from_str(&plain) {
        headers.insert(name, value);
    }
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

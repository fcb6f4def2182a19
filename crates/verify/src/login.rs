//! Signing in: requests whose last answer holds what lets others in.

use std::time::Duration;

use model::names::key;
use serde_json::Value;

use crate::Credential;
use crate::client::{Answer, Client, Request};
use crate::session::told;

/// Members that tokens are answered in, the likeliest first.
const NAMES: [&str; 8] =
    ["access_token", "token", "jwt", "auth_token", "bearer_token", "id_token", "session_token", "api_token"];

/// Why nobody was let in.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum LoginError {
    /// A step that is no request.
    #[error("`{0}` is no request")]
    Step(String),
    /// No answer.
    #[error("`{step}` is not answered: {why}")]
    Silent {
        /// The request.
        step: String,
        /// What happened.
        why: String,
    },
    /// The last request is refused.
    #[error("`{step}` is refused: {answer}")]
    Refused {
        /// The request.
        step: String,
        /// Its status and the beginning of its body.
        answer: String,
    },
    /// Its answer lets nobody in.
    #[error("the answer to `{0}` holds no token and sets no cookie")]
    Empty(String),
}

/// Sends requests, each `METHOD /path` with a body of JSON behind it if it has one, and takes a token out of what
/// the last one answers, else the cookies that it sets. Those before it may be refused: who is to sign in may
/// have been made before.
///
/// # Errors
/// What is no request, is not answered, is refused, or lets nobody in.
pub fn login(url: &str, timeout: Duration, steps: &[String]) -> Result<Credential, LoginError> {
    let requests = steps.iter().map(|it| request(it).ok_or_else(|| LoginError::Step(it.clone())));
    let requests = requests.collect::<Result<Vec<_>, _>>()?;
    let client = Client::new(url, timeout);
    let mut last = None;
    for request in requests {
        let step = format!("{} {}", request.method, request.target);
        let answer = client.send(&request);
        last = Some((answer.map_err(|it| LoginError::Silent { step: step.clone(), why: it.to_string() })?, step));
    }
    let Some((answer, step)) = last else { return Ok(Credential::None) };
    if answer.status >= 400 {
        return Err(LoginError::Refused { step, answer: told(&answer) });
    }
    let token = answer.json().and_then(|it| NAMES.iter().find_map(|name| token(&it, name)));
    token.map(Credential::Token).or_else(|| cookies(&answer)).ok_or(LoginError::Empty(step))
}

fn request(step: &str) -> Option<Request> {
    let (method, rest) = step.trim().split_once(char::is_whitespace)?;
    let (target, body) = rest.trim_start().split_once(char::is_whitespace).unwrap_or((rest.trim_start(), ""));
    let method_is_one = !method.is_empty() && method.bytes().all(|it| it.is_ascii_uppercase());
    if !method_is_one || !target.starts_with('/') || !target.bytes().all(|it| it.is_ascii_graphic()) {
        return None;
    }
    let request = Request::new(method, target.to_owned());
    match body.trim() {
        "" => Some(request),
        body => Some(request.json(&serde_json::from_str(body).ok()?)),
    }
}

/// The text in the member of a name, wherever it stands.
fn token(value: &Value, name: &str) -> Option<String> {
    match value {
        Value::Object(members) => {
            let own = members.iter().find(|it| key(it.0) == key(name)).and_then(|it| it.1.as_str());
            let own = own.filter(|it| !it.is_empty()).map(str::to_owned);
            own.or_else(|| members.values().find_map(|it| token(it, name)))
        }
        Value::Array(items) => items.iter().find_map(|it| token(it, name)),
        _ => None,
    }
}

/// The cookies that an answer sets, as a request sends them (RFC 6265, section 5.4).
fn cookies(answer: &Answer) -> Option<Credential> {
    let set = answer.headers.iter().filter(|it| it.0 == "set-cookie");
    let pairs: Vec<&str> = set.filter_map(|it| it.1.split(';').next()).map(str::trim).collect();
    (!pairs.is_empty()).then(|| Credential::Header("Cookie".to_owned(), pairs.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_requests() {
        let sent = request("POST /auth/login  {\"email\": \"a@b.example\"}").unwrap();
        assert_eq!((sent.method.as_str(), sent.target.as_str()), ("POST", "/auth/login"));
        assert_eq!(sent.body.as_deref(), Some(&b"{\"email\":\"a@b.example\"}"[..]));
        assert_eq!(request("GET /session").unwrap().body, None);
        for wrong in
            ["", "POST", "/auth/login", "post /auth/login", "POST auth", "POST /auth {email: 1}", "POST /a\u{7f}"]
        {
            assert_eq!(request(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn tokens_are_found_where_they_stand() {
        for (body, expected) in [
            (r#"{"data":{"refreshToken":"r","accessToken":"a"}}"#, Some("a")),
            (r#"{"token":"t","user":{"id":1}}"#, Some("t")),
            (r#"{"access_token":"a","token":"t"}"#, Some("a")),
            (r#"{"token":""}"#, None),
            (r#"{"refresh_token":"r","token_type":"bearer"}"#, None),
        ] {
            let body = serde_json::from_str(body).unwrap();
            assert_eq!(NAMES.iter().find_map(|it| token(&body, it)).as_deref(), expected, "{body}");
        }
    }
}

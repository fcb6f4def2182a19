//! Who may not come in: nobody without a credential, and nobody with one that is not good.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use plan::{Asks, Why};

use crate::Credential;
use crate::client::Request;
use crate::probes::{Group, Probe};
use crate::records::millis;
use crate::report::Area;
use crate::session::{Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "credentials",
    group: Group::Authentication,
    summary: "A request without a credential, or with one that is malformed, forged or expired, is refused",
    safe: true,
    run,
};

fn run(session: &mut Session) {
    for (index, route) in session.routes() {
        if route.asks == Asks::Nothing || session.over() {
            continue;
        }
        let how = route.refusals.get(Why::Unauthenticated);
        let known = route.table.and_then(|it| session.fixtures.get(it).cloned().flatten());
        let parameters = known.map_or_else(Vec::new, |it| session.parameters(route, &it));
        let bare = session.ask(route, &parameters, "");
        let bare = match &session.options.credential {
            Credential::Header(name, _) => bare.without(name),
            _ => bare,
        };
        let bare =
            if bare.method == "GET" || bare.method == "DELETE" { bare } else { bare.json(&serde_json::json!({})) };
        if session.options.safe && bare.method != "GET" {
            continue;
        }
        let mut cases: Vec<(&str, Request)> = Vec::new();
        match &route.asks {
            Asks::Token => {
                let bare = bare.without("authorization");
                cases.push(("a request without a token", bare.clone()));
                for (what, value) in [
                    ("a request with an empty header", "".to_owned()),
                    ("a request with an empty token", "Bearer".to_owned()),
                    ("a request with a token that is none", "Bearer not-a-token".to_owned()),
                    ("a request with another scheme", "Basic dXNlcjpwYXNz".to_owned()),
                ] {
                    cases.push((what, bare.clone().header("authorization", &value)));
                }
                if let Credential::Token(token) = &session.options.credential {
                    let value = format!("Basic {token}");
                    cases.push((
                        "a request with a token under another scheme",
                        bare.clone().header("authorization", &value),
                    ));
                }
                for (what, token) in forged(session) {
                    cases.push((what, bare.clone().header("authorization", &format!("Bearer {token}"))));
                }
            }
            Asks::Key(header) => {
                let bare = bare.without(header.as_str());
                cases.push(("a request without a key", bare.clone()));
                cases.push((
                    "a request with a key that nobody has",
                    bare.clone().header(header.as_str(), "no-such-key"),
                ));
                cases.push(("a request with an empty key", bare.header(header.as_str(), "")));
            }
            Asks::Nothing => {}
        }
        for (what, request) in cases {
            session.begin();
            let Some(answer) = session.send(Some(index), request) else { continue };
            let mut good = session.refused(index, Why::Unauthenticated, &answer, how.line, what);
            if answer.status >= 500 {
                let found = crate::session::told(&answer);
                session.fail(
                    Some(index),
                    how.line,
                    &format!("{what} makes the server fail"),
                    "a refusal".to_owned(),
                    found,
                );
                good = false;
            }
            session.tested(Area::Authentication, &name(route), route.line, good);
        }
    }
}

/// Tokens that look good and are not.
fn forged(session: &Session) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let own = match &session.options.credential {
        Credential::Token(token) => Some(token.as_str()),
        Credential::Header(name, value) if name.eq_ignore_ascii_case("authorization") => value.strip_prefix("Bearer "),
        _ => None,
    };
    if let Some([head, claims, signature]) = own.map(|it| it.split('.').collect::<Vec<_>>()).as_deref() {
        // The first character of a signature carries six bits of it; the last may carry none.
        let other: String = signature
            .chars()
            .enumerate()
            .map(|(at, it)| {
                if at > 0 {
                    it
                } else if it == 'A' {
                    'B'
                } else {
                    'A'
                }
            })
            .collect();
        found.push(("a request with a forged signature", format!("{head}.{claims}.{other}")));
        found.push(("a request with a token without a signature", format!("{head}.{claims}.")));
        // {"alg":"none","typ":"JWT"}
        found.push((
            "a request with a token of algorithm none",
            format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}."),
        ));
    }
    let sign = |secret: &str, expires: i64| {
        let claims = serde_json::json!({ "sub": "verify", "exp": expires });
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret.as_bytes())).ok()
    };
    let now = millis() / 1000;
    found.extend(sign("another secret", now + 3600).map(|it| ("a request with a token of another secret", it)));
    if let Some(secret) = &session.options.secret {
        found.extend(sign(secret, now - 3600).map(|it| ("a request with an expired token", it)));
        let claims = serde_json::json!({ "sub": "verify" });
        let key = EncodingKey::from_secret(secret.as_bytes());
        if session.spec.credentials.expires
            && let Ok(token) = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
        {
            found.push(("a request with a token that never expires", token));
        }
    }
    found
}

//! What callers must send to say who they are.

use http::HeaderName;
use model::Spec;
use model::names::key;
use syntax::access::{Access, Scheme};

/// What a route asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Asks {
    Nothing,
    Token,
    /// A key in this header.
    Key(HeaderName),
}

/// What an endpoint asks for, and whether the scheme is inferred: a document that does not say how callers
/// prove who they are gets bearer tokens.
pub fn asks(spec: &Spec, endpoint: &model::Endpoint) -> (Asks, bool) {
    let own = endpoint.access.as_ref();
    // Where a document asks of all, callers still have to come by a token.
    let last = endpoint.path.trim_end_matches('/').rsplit('/').next().map(key).unwrap_or_default();
    let entrance = ["login", "signin", "register", "signup", "health", "healthz", "ping", "forgotpassword"];
    let all = spec.access.as_ref().filter(|_| !entrance.contains(&last.as_str()));
    let Some(access) = own.or(all).map(|it| &it.value) else { return (Asks::Nothing, false) };
    // `Required` alone means the way that is said elsewhere.
    let said = [own, spec.access.as_ref()]
        .into_iter()
        .flatten()
        .chain(spec.endpoints.iter().filter_map(|it| it.access.as_ref()));
    let mut said = said.map(|it| &it.value).filter(|it| matches!(it.scheme, Scheme::Bearer | Scheme::ApiKey));
    match access.scheme {
        Scheme::Open => (Asks::Nothing, false),
        Scheme::Bearer => (Asks::Token, false),
        Scheme::ApiKey => (key_in(access), false),
        Scheme::Unsaid => match said.next() {
            Some(other) if other.scheme == Scheme::ApiKey => (key_in(other), false),
            Some(_) => (Asks::Token, false),
            None => (Asks::Token, true),
        },
    }
}

fn key_in(access: &Access) -> Asks {
    let name = access.header.as_deref().unwrap_or("X-API-Key").to_ascii_lowercase();
    HeaderName::from_bytes(name.as_bytes()).map_or(Asks::Key(HeaderName::from_static("x-api-key")), Asks::Key)
}

//! Bearer tokens, HS256.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Map, Value, json};

use crate::faults::Faults;
use crate::record::Refused;

/// The variable with the secret that tokens are signed with.
pub const VARIABLE: &str = "WORKSHOP_JWT_SECRET";
/// The secret where the variable is not set: this server is for tests only.
pub const SECRET: &str = "open-sesame-for-tests-only";

fn secret() -> String {
    std::env::var(VARIABLE).ok().filter(|it| !it.is_empty()).unwrap_or_else(|| SECRET.to_owned())
}

fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs())
}

/// A token that is let in for an hour; empty if it cannot be signed.
#[must_use]
pub fn token() -> String {
    let claims = json!({ "sub": "ada", "exp": seconds() + 3600 });
    encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(secret().as_bytes())).unwrap_or_default()
}

/// What checks tokens.
pub(crate) struct Gate {
    key: DecodingKey,
    validation: Validation,
}

impl Gate {
    pub(crate) fn new(faults: &Faults) -> Gate {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        if faults.on("token-without-expiry-accepted") {
            validation.required_spec_claims.clear();
        }
        if faults.on("expired-token-accepted") {
            validation.validate_exp = false;
        }
        Gate { key: DecodingKey::from_secret(secret().as_bytes()), validation }
    }

    /// Lets a request in, or refuses it.
    pub(crate) fn check(&self, headers: &HeaderMap, faults: &Faults) -> Result<(), Refused> {
        if faults.on("token-unneeded") {
            return Ok(());
        }
        let header = headers.get(AUTHORIZATION);
        let words = header.and_then(|it| it.to_str().ok()).and_then(|it| it.split_once(' '));
        if header.is_some() && words.is_none() && faults.on("malformed-credentials-500") {
            return Err(Refused::internal());
        }
        let Some((scheme, token)) = words else { return Err(Refused::unauthenticated()) };
        if !scheme.eq_ignore_ascii_case("bearer") && !faults.on("scheme-unchecked") {
            return Err(Refused::unauthenticated());
        }
        let known = decode::<Map<String, Value>>(token, &self.key, &self.validation).is_ok();
        let let_in = known
            || faults.on("signature-unchecked") && claims(token).is_some_and(|it| timely(&it))
            || faults.on("unsigned-token-accepted") && unsigned(token) && claims(token).is_some_and(|it| timely(&it));
        if let_in { Ok(()) } else { Err(Refused::unauthenticated()) }
    }
}

/// What a token says, whoever signed it.
fn claims(token: &str) -> Option<Value> {
    serde_json::from_slice(&base64(token.split('.').nth(1)?)?).ok()
}

fn timely(claims: &Value) -> bool {
    claims.get("exp").and_then(Value::as_u64).is_some_and(|it| it > seconds())
}

fn unsigned(token: &str) -> bool {
    let head = token.split('.').next().and_then(base64);
    head.and_then(|it| serde_json::from_slice::<Value>(&it).ok())
        .is_some_and(|it| it.get("alg").and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case("none")))
}

/// Reads the alphabet for URLs, without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let (mut bits, mut count) = (0u32, 0);
    for it in text.trim_end_matches('=').bytes() {
        let value = match it {
            b'A'..=b'Z' => it - b'A',
            b'a'..=b'z' => it - b'a' + 26,
            b'0'..=b'9' => it - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

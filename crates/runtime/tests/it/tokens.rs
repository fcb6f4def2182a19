//! Tokens for the suites: `HS256 secret {"sub": "ada", "exp": "+60"}`. A time is said in seconds from now.
//! `none` signs with nothing, and `@name` is the key in `tests/keys/name`.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Map, Value, json};

pub(crate) fn token(words: &str) -> String {
    let mut parts = words.splitn(3, ' ');
    let (algorithm, key, claims) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let mut claims: Map<String, Value> = serde_json::from_str(claims).unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    for name in ["exp", "nbf"] {
        if let Some(value) = claims.get_mut(name)
            && let Some(seconds) = value.as_str()
        {
            *value = json!(now + seconds.parse::<i64>().unwrap());
        }
    }
    let file = |name: &str| std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keys").join(name)).unwrap();
    let key = key.strip_prefix('@').map_or_else(|| key.as_bytes().to_vec(), file);
    let (algorithm, key) = match algorithm {
        "RS256" => (Algorithm::RS256, EncodingKey::from_rsa_pem(&key).unwrap()),
        "ES256" => (Algorithm::ES256, EncodingKey::from_ec_pem(&key).unwrap()),
        "HS512" => (Algorithm::HS512, EncodingKey::from_secret(&key)),
        _ => (Algorithm::HS256, EncodingKey::from_secret(&key)),
    };
    let token = encode(&Header::new(algorithm), &claims, &key).unwrap();
    if !words.starts_with("none ") {
        return token;
    }
    // `{"alg":"none","typ":"JWT"}`
    let payload = token.split('.').nth(1).unwrap();
    format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.")
}

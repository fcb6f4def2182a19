//! Who sends a request: bearer tokens and API keys, as far as the document asks for them. What a caller may
//! do is not decided here.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use model::Spec;
use plan::refused::Refused;
use plan::{Asks, Why, asks};
use serde_json::{Map, Value, json};

use crate::Error;

/// The variable with the secret or the public key of tokens, where the document names none.
pub const JWT_VARIABLE: &str = "TRUESPEC_JWT_SECRET";
/// The variable with the keys of callers, separated by commas, where the document names none.
pub const KEYS_VARIABLE: &str = "TRUESPEC_API_KEYS";

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Principal {
    /// What a token says, `sub` and the roles among it.
    pub(crate) claims: Map<String, Value>,
}

impl Principal {
    /// The name under which the log and conditions know the caller.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.claims.get("sub").and_then(Value::as_str)
    }
}

/// How credentials are checked.
pub(crate) struct Credentials {
    tokens: Option<Tokens>,
    keys: Vec<String>,
}

struct Tokens {
    key: DecodingKey,
    validation: Validation,
    expires: bool,
}

/// Where the secrets of a document come from.
pub(crate) struct Sources {
    algorithm: Algorithm,
    /// The value of a variable with the secret or public key; `None` takes the database's own.
    token: Option<String>,
    keys: Option<String>,
    asks_token: bool,
    asks_key: bool,
    issuer: Option<String>,
    audience: Option<String>,
    expires: bool,
}

impl Sources {
    /// Finds the secrets of a document in the environment.
    ///
    /// # Errors
    /// Variables that the document asks for and that are not set, all of them.
    pub(crate) fn find(spec: &Spec, environment: &[(String, String)]) -> Result<Sources, Error> {
        let each: Vec<Asks> = spec.endpoints.iter().map(|it| asks(spec, it).0).collect();
        let asks_token = each.contains(&Asks::Token);
        let asks_key = each.iter().any(|it| matches!(it, Asks::Key(_)));
        let said = &spec.credentials;
        let algorithm = match said.algorithm.as_deref() {
            Some("RS256") => Algorithm::RS256,
            Some("ES256") => Algorithm::ES256,
            _ => Algorithm::HS256,
        };
        let value = |name: &str| {
            let found = environment.iter().find(|it| it.0 == name).map(|it| it.1.trim().to_owned());
            found.filter(|it| !it.is_empty())
        };
        let declared = |parts: [&str; 2]| {
            let named = spec.variables.iter().filter(|it| parts.iter().all(|part| it.name.value.contains(part)));
            named.map(|it| (it.name.value.clone(), it.required == Some(true))).next()
        };
        let mut missing = Vec::new();
        let mut find = |wanted: bool, named: Option<(String, bool)>, own: &str, needed: bool| -> Option<String> {
            if !wanted {
                return None;
            }
            let found = named.as_ref().and_then(|it| value(&it.0)).or_else(|| value(own));
            match named {
                Some((name, true)) if found.is_none() => missing.push(name),
                _ if found.is_none() && needed => missing.push(own.to_owned()),
                _ => {}
            }
            found
        };
        let in_words = said.variable.clone().map(|it| (it, true));
        let of_token = in_words.clone().or_else(|| declared(["JWT", "SECRET"])).or_else(|| declared(["JWT", "KEY"]));
        let of_keys =
            if asks_token { declared(["API", "KEYS"]) } else { in_words.or_else(|| declared(["API", "KEYS"])) };
        let token = find(asks_token, of_token, JWT_VARIABLE, algorithm != Algorithm::HS256);
        let keys = find(asks_key, of_keys, KEYS_VARIABLE, false);
        if !missing.is_empty() {
            return Err(Error::Missing { options: Vec::new(), variables: missing });
        }
        Ok(Sources {
            algorithm,
            token,
            keys,
            asks_token,
            asks_key,
            issuer: said.issuer.clone(),
            audience: said.audience.clone(),
            expires: said.expires,
        })
    }

    /// The variables that the document requires, that are not set, and that nothing here uses: its own names
    /// for what callers prove themselves by are left out, and the placeholders of the template.
    pub(crate) fn idle(spec: &Spec, environment: &[(String, String)]) -> Vec<String> {
        let names = spec.variables.iter().filter(|it| it.required == Some(true) && it.default.is_none());
        let names = names.map(|it| it.name.value.as_str()).filter(|name| {
            let written = name.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_');
            let placeholder = name.strip_prefix("VAR_").is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()));
            let own = spec.credentials.variable.as_deref() == Some(name)
                || ["JWT", "API_KEY"].iter().any(|it| name.contains(it));
            written && !placeholder && !own && !environment.iter().any(|it| it.0 == **name && !it.1.trim().is_empty())
        });
        let mut found: Vec<String> = Vec::new();
        for name in names {
            if !found.iter().any(|it| it == name) {
                found.push(name.to_owned());
            }
        }
        found
    }

    /// Whether a secret of the database itself takes the place of one in the environment.
    pub(crate) fn own_secret(&self) -> bool {
        (self.asks_token && self.token.is_none()) || (self.asks_key && self.keys.is_none())
    }

    /// Makes what checks credentials. `own` is the secret that the database keeps for trying things out.
    ///
    /// # Errors
    /// A public key that cannot be read.
    pub(crate) fn credentials(&self, own: &str) -> Result<Credentials, Error> {
        let tokens = if self.asks_token { Some(self.tokens(own)?) } else { None };
        let keys = self.keys.as_deref().unwrap_or(own).split(',').map(|it| it.trim().to_owned());
        let keys = keys.filter(|it| self.asks_key && !it.is_empty()).collect();
        Ok(Credentials { tokens, keys })
    }

    fn tokens(&self, own: &str) -> Result<Tokens, Error> {
        let secret = self.token.as_deref().unwrap_or(own);
        let bad = |why: String| Error::BadKey { algorithm: format!("{:?}", self.algorithm), why };
        let read = |secret: &str| -> Result<Vec<u8>, Error> { pem(secret).map_err(&bad) };
        let decoding = match self.algorithm {
            Algorithm::RS256 => DecodingKey::from_rsa_pem(&read(secret)?).map_err(|it| bad(it.to_string()))?,
            Algorithm::ES256 => DecodingKey::from_ec_pem(&read(secret)?).map_err(|it| bad(it.to_string()))?,
            _ => DecodingKey::from_secret(secret.as_bytes()),
        };
        // Only this algorithm: a token does not choose how it is checked. Times are checked by our clock.
        let mut validation = Validation::new(self.algorithm);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = self.audience.is_some();
        if let Some(audience) = &self.audience {
            validation.set_audience(&[audience]);
            validation.required_spec_claims.insert("aud".to_owned());
        }
        if let Some(issuer) = &self.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        Ok(Tokens { key: decoding, validation, expires: self.expires })
    }

    /// A token for trying things out, or a key where the document asks for keys. `private` is the private key
    /// of RS256 and ES256 as PEM; `now` and `ttl` are seconds.
    ///
    /// # Errors
    /// A document that asks for neither, and a key that cannot be used.
    pub(crate) fn mint(&self, own: &str, wanted: &Minted, now: i64) -> Result<String, Error> {
        if !self.asks_token {
            let key = self.keys.as_deref().unwrap_or(own).split(',').next().unwrap_or(own).trim().to_owned();
            return if self.asks_key { Ok(key) } else { Err(Error::NoAuthentication) };
        }
        let bad = |why: String| Error::BadKey { algorithm: format!("{:?}", self.algorithm), why };
        let private = || wanted.private_key.as_deref().ok_or(Error::NoPrivateKey(format!("{:?}", self.algorithm)));
        let key = match self.algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(private()?.as_bytes()).map_err(|it| bad(it.to_string()))?,
            Algorithm::ES256 => EncodingKey::from_ec_pem(private()?.as_bytes()).map_err(|it| bad(it.to_string()))?,
            _ => EncodingKey::from_secret(self.token.as_deref().unwrap_or(own).as_bytes()),
        };
        let mut claims = Map::new();
        claims.insert("sub".to_owned(), json!(wanted.subject));
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now.saturating_add(wanted.ttl)));
        if !wanted.roles.is_empty() {
            claims.insert("roles".to_owned(), json!(wanted.roles));
        }
        claims.extend(self.issuer.iter().map(|it| ("iss".to_owned(), json!(it))));
        claims.extend(self.audience.iter().map(|it| ("aud".to_owned(), json!(it))));
        jsonwebtoken::encode(&Header::new(self.algorithm), &claims, &key).map_err(|it| bad(it.to_string()))
    }
}

/// What a token for trying things out says.
#[derive(Debug, Clone)]
pub struct Minted {
    /// Who sends it.
    pub subject: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// For how many seconds it holds.
    pub ttl: i64,
    /// The private key of RS256 and ES256, as PEM.
    pub private_key: Option<String>,
}

/// A public key: PEM itself, or the path of a file with it.
fn pem(text: &str) -> Result<Vec<u8>, String> {
    if text.contains("-----BEGIN") {
        // Variables often carry line ends as two characters.
        return Ok(text.replace("\\n", "\n").into_bytes());
    }
    std::fs::read(text).map_err(|it| format!("`{text}` is neither a public key in PEM nor a file with one: {it}"))
}

impl Credentials {
    /// Who sends a request, as far as its route asks. `now` is in milliseconds.
    pub(crate) fn check(&self, asks: &Asks, headers: &HeaderMap, now: i64) -> Result<Principal, Refused> {
        match asks {
            Asks::Nothing => Ok(Principal::default()),
            Asks::Token => {
                let token = bearer(headers).ok_or_else(|| refused("a bearer token is needed in Authorization"))?;
                self.token(token, now)
            }
            Asks::Key(name) => {
                let given = if *name == AUTHORIZATION {
                    bearer(headers)
                } else {
                    headers.get(name).and_then(|it| it.to_str().ok())
                };
                let given = given.ok_or_else(|| refused(&format!("an API key is needed in {name}")))?;
                // Every key is compared in full, so that the time tells nothing.
                let known = self.keys.iter().fold(false, |known, it| known | same(it, given));
                if known { Ok(Principal::default()) } else { Err(refused("the API key is not known")) }
            }
        }
    }

    fn token(&self, token: &str, now: i64) -> Result<Principal, Refused> {
        let Some(tokens) = &self.tokens else { return Err(Refused::internal("no key for tokens")) };
        let read = jsonwebtoken::decode::<Map<String, Value>>(token, &tokens.key, &tokens.validation);
        let claims = read.map_err(|error| match error.kind() {
            ErrorKind::InvalidAlgorithm | ErrorKind::Json(_) | ErrorKind::Base64(_) | ErrorKind::InvalidToken => {
                refused("the token is not one that is accepted here")
            }
            ErrorKind::InvalidIssuer => refused("the token is from another issuer"),
            ErrorKind::InvalidAudience => refused("the token is for another audience"),
            ErrorKind::MissingRequiredClaim(name) => refused(&format!("the token says no `{name}`")),
            _ => refused("the token's signature is not right"),
        })?;
        let claims = claims.claims;
        let seconds = now as f64 / 1000.0;
        let time = |name: &str| {
            claims.get(name).map(|it| it.as_f64().ok_or_else(|| refused("the token's times are no numbers")))
        };
        match time("exp").transpose()? {
            Some(exp) if exp <= seconds => return Err(refused("the token has expired")),
            None if tokens.expires => return Err(refused("the token says no `exp`")),
            _ => {}
        }
        // Clocks differ by seconds.
        if time("nbf").transpose()?.is_some_and(|it| it > seconds + 5.0) {
            return Err(refused("the token is not valid yet"));
        }
        Ok(Principal { claims })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (first, second) = (all.next()?, all.next());
    let (scheme, token) = first.to_str().ok()?.split_once(' ')?;
    (second.is_none() && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn refused(words: &str) -> Refused {
    // The document's words seldom say which it was; the log does.
    Refused { log: Some(words.to_owned()), ..Refused::because(Why::Unauthenticated, words.to_owned(), 0) }
}

#[cfg(test)]
mod idle {
    use source::FileId;

    #[test]
    fn variables_that_nothing_uses() {
        let document = "# Technical Specification: Parcels\n\n## Implementation Details\n\n### Configuration\n\n\
            #### Environment Variables\n\n| Variable | Required | Description |\n|---|---|---|\n\
            | MAIL_URL | Yes | Where mail goes |\n| CACHE_URL | Yes | |\n| LOG_LEVEL | No | |\n\
            | JWT_SECRET | Yes | |\n| VAR_1 | Yes | |\n";
        let spec = model::workspace::read(FileId(0), "parcels.md", document);
        let set = |text: &str| vec![("CACHE_URL".to_owned(), text.to_owned())];
        assert_eq!(super::Sources::idle(&spec, &set("cache:6379")), ["MAIL_URL"]);
        assert_eq!(super::Sources::idle(&spec, &set(" ")), ["MAIL_URL", "CACHE_URL"]);
    }
}

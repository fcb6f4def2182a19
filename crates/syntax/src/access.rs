//! Words that say how callers prove who they are: `Required (JWT)`, `Bearer JWT, HS256, issuer "shop"`,
//! `API key in the header X-API-Key`, `None`.

/// How callers prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// They need not.
    Open,
    /// They must; how is not said.
    Unsaid,
    /// By a signed token after `Bearer`.
    Bearer,
    /// By a key in a header.
    ApiKey,
}

/// What words say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The scheme.
    pub scheme: Scheme,
    /// The header of a key.
    pub header: Option<String>,
    /// What is said of tokens and keys.
    pub details: Details,
}

/// What is said of tokens and keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// `HS256`, `RS256` or `ES256`.
    pub algorithm: Option<String>,
    /// Who signs.
    pub issuer: Option<String>,
    /// Whom tokens are for.
    pub audience: Option<String>,
    /// The environment variable with the secret, the public key or the keys.
    pub variable: Option<String>,
    /// Whether tokens expire.
    pub expires: bool,
}

/// Words of what is not there yet.
const LATER: [&str; 13] = [
    "future",
    "later",
    "deferred",
    "planned",
    "not yet",
    "out of scope",
    "until ",
    "post-mvp",
    "phase 2",
    "optional",
    "todo",
    "tbd",
    "when implemented",
];

/// Reads what one endpoint asks for; `None` where the words say nothing of it.
pub fn of_endpoint(words: &str) -> Option<Access> {
    let lower = words.trim().trim_matches(['*', '`', '_', ' ', '.']).to_lowercase();
    if LATER.iter().any(|it| lower.contains(it)) {
        return None;
    }
    let opens = ["none", "no ", "public", "not required", "n/a", "anonymous", "unauthenticated", "not needed", "open"];
    if lower == "no" || opens.iter().any(|it| lower.starts_with(it)) {
        return Some(Access { scheme: Scheme::Open, header: None, details: Details::default() });
    }
    let scheme = scheme(&lower).or_else(|| {
        let asks = ["required", "yes", "authenticated", "must be signed in", "must be logged in", "session", "login"];
        asks.iter().any(|it| lower.starts_with(it)).then_some(Scheme::Unsaid)
    })?;
    let header = if scheme == Scheme::ApiKey { header(words, &lower) } else { None };
    Some(Access { scheme, header, details: details(words) })
}

/// Reads a sentence about all endpoints (`All endpoints require a valid JWT`); `None` for any other.
pub fn of_all(words: &str) -> Option<Access> {
    let lower = words.trim().to_lowercase();
    if LATER.iter().any(|it| lower.contains(it)) {
        return None;
    }
    let who = [
        "all endpoints",
        "every endpoint",
        "each endpoint",
        "all api endpoints",
        "every api endpoint",
        "all requests",
        "every request",
        "each request",
        "all api requests",
        "all routes",
        "every route",
        "all api calls",
    ];
    let must =
        ["require", "must", "need", "authenticat", "carry", "carries", "send", "include", "use", "are protected"];
    let all = who.iter().any(|it| lower.contains(it)) && must.iter().any(|it| lower.contains(it));
    let heads =
        ["bearer ", "jwt bearer", "jwt (", "jwt,", "jwt in ", "jwt signed", "jwt with ", "api key in ", "api keys in "];
    let leads = heads.iter().any(|it| lower.starts_with(it)) || matches!(lower.as_str(), "jwt" | "bearer" | "api key");
    if !all && !leads {
        return None;
    }
    let negated = ["do not require", "does not require", "no authentication", "without authentication"];
    if negated.iter().any(|it| lower.contains(it)) {
        return Some(Access { scheme: Scheme::Open, header: None, details: Details::default() });
    }
    let asks = ["authenticat", "token", "credential", "session", "signed in", "logged in"];
    let scheme = scheme(&lower).or_else(|| asks.iter().any(|it| lower.contains(it)).then_some(Scheme::Unsaid))?;
    let header = if scheme == Scheme::ApiKey { header(words, &lower) } else { None };
    Some(Access { scheme, header, details: details(words) })
}

fn scheme(lower: &str) -> Option<Scheme> {
    let at = |words: &[&str]| words.iter().filter_map(|it| lower.find(it)).min();
    let token = at(&["jwt", "json web token", "bearer"]);
    let key = at(&["api key", "api-key", "apikey", "api_key"]);
    match (token, key) {
        (Some(_), None) => Some(Scheme::Bearer),
        // A key after `Bearer` is still a key.
        (Some(token), Some(key)) if token < key && (lower.contains("jwt") || lower.contains("json web")) => {
            Some(Scheme::Bearer)
        }
        (_, Some(_)) => Some(Scheme::ApiKey),
        (None, None) => None,
    }
}

/// The header of a key: `X-API-Key`, or `Authorization` where the key stands after `Bearer`.
fn header(words: &str, lower: &str) -> Option<String> {
    let named = words.split(|it: char| !(it.is_ascii_alphanumeric() || it == '-')).find(|it| {
        it.contains('-')
            && (it.to_lowercase().starts_with("x-") || it.to_lowercase().ends_with("-key"))
            && it.len() > 7
            && !it.eq_ignore_ascii_case("api-key")
    });
    named.map(str::to_owned).or_else(|| lower.contains("bearer").then(|| "Authorization".to_owned()))
}

/// Reads what is said of tokens and keys.
pub fn details(words: &str) -> Details {
    let lower = words.to_lowercase();
    let pieces = || words.split(|it: char| it.is_whitespace() || ",;()`\"'".contains(it)).filter(|it| !it.is_empty());
    let algorithm = pieces().find(|it| matches!(*it, "HS256" | "RS256" | "ES256")).map(str::to_owned);
    // Other words in capitals are codes of errors.
    let variable = pieces().map(|it| it.trim_matches(['.', '$', ':'])).find(|it| {
        it.starts_with(|it: char| it.is_ascii_uppercase())
            && it.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
            && ["SECRET", "_KEY", "KEY_", "JWT_"].iter().any(|part| it.contains(part))
            && !["INVALID", "MISSING", "BAD_", "ERR"].iter().any(|part| it.starts_with(part))
    });
    let expiry = ["expire", "expiration", "expiry", "lifetime", "valid for", "ttl", "`exp`"];
    Details {
        algorithm,
        issuer: after(words, &["issuer", "`iss`"]),
        audience: after(words, &["audience", "`aud`"]),
        variable: variable.map(str::to_owned),
        expires: expiry.iter().any(|it| lower.contains(it)),
    }
}

/// The value that follows one of some words: `issuer https://id.example.org`, `audience: "shop"`.
fn after(words: &str, names: &[&str]) -> Option<String> {
    let lower = words.to_ascii_lowercase();
    let at = names.iter().filter_map(|it| Some(lower.find(it)? + it.len())).min()?;
    let between = ["is", "must", "be", "of", "claim", "the", "=", ":"];
    let rest = words.get(at..)?;
    let rest = rest.strip_prefix([':', '=', ')']).unwrap_or(rest);
    let piece = rest.split_whitespace().find(|it| !between.contains(it))?;
    let marks = ['`', '"', '\'', '“', '”', '(', ')'];
    let bare = piece.trim_end_matches([',', ';', '.']).trim_matches(marks);
    // A word of a sentence is none: a value ends the phrase, is quoted, or is no plain word.
    let ends = piece.ends_with([',', ';', '.']) || rest.trim_end().ends_with(piece);
    let value = ends || piece.starts_with(['`', '"', '“']) || bare.contains([':', '/', '.', '-', '_']);
    let prose = ["validation", "check", "verified", "checked", "validated", "and", "required", "claims"];
    (value && !bare.is_empty() && !prose.contains(&bare)).then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_endpoints() {
        for (words, scheme) in [
            ("None", Some(Scheme::Open)),
            ("Public (no login)", Some(Scheme::Open)),
            ("Required", Some(Scheme::Unsaid)),
            ("Required (session)", Some(Scheme::Unsaid)),
            ("Required (JWT)", Some(Scheme::Bearer)),
            ("`Authorization: Bearer <token>`", Some(Scheme::Bearer)),
            ("API key in `X-Shop-Key`", Some(Scheme::ApiKey)),
            ("Authorization: Bearer <api_key>", Some(Scheme::ApiKey)),
            ("admin", None),
            ("JWT (planned)", None),
            ("the clerk who made it", None),
        ] {
            assert_eq!(of_endpoint(words).map(|it| it.scheme), scheme, "{words}");
        }
        let header = |words: &str| of_endpoint(words).unwrap().header;
        assert_eq!(header("API key in `X-Shop-Key`").as_deref(), Some("X-Shop-Key"));
        assert_eq!(header("Authorization: Bearer <api_key>").as_deref(), Some("Authorization"));
        assert_eq!(header("API key"), None);
    }

    #[test]
    fn words_about_all() {
        for (words, scheme) in [
            ("All endpoints require a valid JWT in the Authorization header", Some(Scheme::Bearer)),
            ("Every request must carry an API key in X-API-Key", Some(Scheme::ApiKey)),
            ("Every request must be authenticated", Some(Scheme::Unsaid)),
            ("Bearer JWT, signed with HS256", Some(Scheme::Bearer)),
            ("All endpoints require authentication (future consideration)", None),
            ("All admin endpoints require a JWT", None),
            ("JWT token management with refresh", None),
            ("All endpoints are rate limited", None),
            ("The gateway checks JWTs", None),
        ] {
            assert_eq!(of_all(words).map(|it| it.scheme), scheme, "{words}");
        }
    }

    #[test]
    fn details_of_tokens() {
        let found = details("JWT (RS256), issuer `https://id.example.org`, audience \"shop\", key in `SHOP_JWT_KEY`");
        let expected = Details {
            algorithm: Some("RS256".to_owned()),
            issuer: Some("https://id.example.org".to_owned()),
            audience: Some("shop".to_owned()),
            variable: Some("SHOP_JWT_KEY".to_owned()),
            expires: false,
        };
        assert_eq!(found, expected);
        let found = details("JWT, issuer https://id.example.org, audience parcels.");
        assert_eq!(found.issuer.as_deref(), Some("https://id.example.org"));
        assert_eq!(found.audience.as_deref(), Some("parcels"));
        let found = details("issuer and audience validation");
        assert_eq!((found.issuer, found.audience), (None, None));
        assert!(details("tokens expire after an hour").expires);
    }
}

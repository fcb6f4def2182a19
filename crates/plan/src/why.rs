//! Kinds of refusal, and the words by which documents speak of them.

/// Kinds of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// A value breaks its type or a constraint.
    Validation,
    NotFound,
    /// What the path says can be no record's key.
    MalformedKey,
    /// The state, or a guard, forbids the event.
    Transition,
    Unique,
    /// A request names a record that does not exist.
    Reference,
    /// A record that others refer to would be deleted.
    InUse,
    /// The body is no JSON and does not claim to be.
    MediaType,
    /// No route has the path.
    NoRoute,
    /// The path has other methods.
    Method,
    TooSlow,
    TooLarge,
    LongPath,
    LongHeaders,
    /// The answer would rest on what the document does not say.
    Inferred,
    Internal,
    /// The records cannot be reached now.
    Unavailable,
    /// There is no room for more records.
    Full,
    /// The request does not say who sends it, or cannot prove it.
    Unauthenticated,
}

/// All of them, in the order of the enumeration.
pub(crate) const ALL: [Why; 19] = [
    Why::Validation,
    Why::NotFound,
    Why::MalformedKey,
    Why::Transition,
    Why::Unique,
    Why::Reference,
    Why::InUse,
    Why::MediaType,
    Why::NoRoute,
    Why::Method,
    Why::TooSlow,
    Why::TooLarge,
    Why::LongPath,
    Why::LongHeaders,
    Why::Inferred,
    Why::Internal,
    Why::Unavailable,
    Why::Full,
    Why::Unauthenticated,
];

impl Why {
    /// Its word in the log.
    pub fn word(self) -> &'static str {
        match self {
            Why::Validation => "validation",
            Why::NotFound => "not-found",
            Why::MalformedKey => "malformed-key",
            Why::Transition => "transition",
            Why::Unique => "unique",
            Why::Reference => "reference",
            Why::InUse => "in-use",
            Why::MediaType => "media-type",
            Why::NoRoute => "no-route",
            Why::Method => "method",
            Why::TooSlow => "too-slow",
            Why::TooLarge => "too-large",
            Why::LongPath => "long-path",
            Why::LongHeaders => "long-headers",
            Why::Inferred => "inferred",
            Why::Internal => "internal",
            Why::Unavailable => "unavailable",
            Why::Full => "full",
            Why::Unauthenticated => "unauthenticated",
        }
    }

    /// Whether the words of the document are its words; else it is about the request as such, and only we
    /// know what was wrong with it.
    pub(super) fn is_documented(self) -> bool {
        !matches!(
            self,
            Why::NoRoute
                | Why::Method
                | Why::TooSlow
                | Why::LongPath
                | Why::LongHeaders
                | Why::Inferred
                | Why::Unavailable
                | Why::Full
        )
    }

    /// Words in the name of an error category.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Why::Validation => &["valid", "bad request", "malformed", "bad input", "invalid input"],
            Why::NotFound => &["not found", "missing record", "missing resource", "notfound"],
            Why::Transition => &["transition", "illegal state", "invalid state", "wrong state", "state conflict"],
            Why::Unique => &["unique", "duplicate"],
            Why::Reference => &["reference", "foreign key"],
            Why::InUse => &["in use", "has dependents", "referenced"],
            Why::MediaType => &["media type", "content type"],
            Why::TooLarge => &["too large"],
            Why::Internal => &["internal", "server error", "unexpected", "system error"],
            Why::Unauthenticated => &["authentication", "unauthenticated", "unauthorized", "credential"],
            _ => &[],
        }
    }

    /// Words in the reason of an error, or in when it occurs.
    pub(super) fn reasons(self) -> &'static [&'static str] {
        match self {
            Why::Validation => &["valid", "missing or", "malformed", "required", "bad request", "field"],
            Why::NotFound => &["not found", "no such", "not exist", "there is no", "no record"],
            Why::MalformedKey => &[
                "invalid id",
                "invalid uuid",
                "malformed id",
                "malformed uuid",
                "not a uuid",
                "not a valid id",
                "not a valid uuid",
                "invalid identifier",
                "id is not valid",
                "id is invalid",
                "id is malformed",
                "id format",
                "uuid format",
                "invalid_id",
            ],
            Why::Transition => {
                &["state", "transition", "cannot", "can't", "already", "not allowed", "status", "invalid_state"]
            }
            Why::Unique => &["unique", "duplicate", "taken", "already exist", "already in use", "another", "exists"],
            Why::Reference => &["does not exist", "not exist", "reference", "unknown", "names a"],
            Why::InUse => &["in use", "still", " has ", "referenced", "refer to", "depend"],
            Why::MediaType => &["media type", "content type", "content-type", "not json"],
            Why::TooLarge => &["too large"],
            Why::Internal => &["internal", "unexpected", "defect", "database"],
            Why::Unauthenticated => {
                &["token", "credential", "authenticat", "api key", "unauthorized", "sign in", "log in"]
            }
            _ => &[],
        }
    }

    /// Its symbolic code, in the style of one of the document's.
    pub(super) fn code(self, style: Option<&str>) -> String {
        let code = match self {
            Why::Validation => "VALIDATION_ERROR",
            Why::NotFound => "NOT_FOUND",
            Why::MalformedKey => "INVALID_ID",
            Why::Transition => "INVALID_STATE",
            Why::Unique => "DUPLICATE",
            Why::Reference => "UNKNOWN_REFERENCE",
            Why::InUse => "IN_USE",
            Why::MediaType => "UNSUPPORTED_MEDIA_TYPE",
            Why::NoRoute => "NO_SUCH_ROUTE",
            Why::Method => "METHOD_NOT_ALLOWED",
            Why::TooSlow => "REQUEST_TIMEOUT",
            Why::TooLarge => "TOO_LARGE",
            Why::LongPath => "URI_TOO_LONG",
            Why::LongHeaders => "HEADERS_TOO_LARGE",
            Why::Inferred => "NOT_SPECIFIED",
            Why::Internal => "INTERNAL_ERROR",
            Why::Unavailable => "UNAVAILABLE",
            Why::Full => "INSUFFICIENT_STORAGE",
            Why::Unauthenticated => "UNAUTHENTICATED",
        };
        match style {
            Some(it) if it.contains('-') => code.to_lowercase().replace('_', "-"),
            Some(it) if it.chars().all(|it| it.is_lowercase() || it == '_') => code.to_lowercase(),
            _ => code.to_owned(),
        }
    }
}

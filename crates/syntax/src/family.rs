//! Section families: what a heading is about, by its words.
//!
//! One table of synonyms; numbering, emoji, markup, riders and plurals do not count.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the template's headings")]
pub enum Family {
    Overview,
    Purpose,
    Scope,
    Goals,
    NonGoals,
    Context,
    Position,
    Dependencies,
    Dependents,
    Approach,
    HighLevelDesign,
    Technology,
    Alternatives,
    Alternative,
    Design,
    Components,
    Component,
    Responsibilities,
    Interfaces,
    DataModel,
    Entity,
    Fields,
    Constraints,
    Indexes,
    Api,
    Endpoint,
    PathParameters,
    QueryParameters,
    Headers,
    Request,
    Response,
    Errors,
    Algorithms,
    Algorithm,
    State,
    StateDiagram,
    StateTransitions,
    TerminalStates,
    ErrorHandling,
    ErrorCategories,
    ErrorCategory,
    ErrorFlow,
    Implementation,
    Files,
    KeyClasses,
    Configuration,
    ConfigOptions,
    EnvVars,
    Security,
    Authentication,
    Authorization,
    DataProtection,
    Threats,
    Performance,
    Load,
    Targets,
    Optimization,
    Bottlenecks,
    Testing,
    UnitTests,
    IntegrationTests,
    EndToEndTests,
    TestData,
    Deployment,
    Build,
    DeploymentSteps,
    Environments,
    Rollback,
    Monitoring,
    Metrics,
    Logging,
    Alerts,
    Migration,
    CurrentState,
    DataMigration,
    Compatibility,
    Documentation,
    CodeDocumentation,
    UserDocumentation,
    Future,
    Improvements,
    Extensibility,
    Risks,
    Questions,
    References,
    Approval,
    Revisions,
    Acceptance,
    Contents,
}

impl Family {
    /// Whether a section of this family is one of several things of a kind (`Endpoint 2`), not a part of
    /// one.
    pub fn is_item(self) -> bool {
        KINDS.iter().any(|it| it.0 == self)
    }
}

/// Family, then its names in normal form: lower case, singular, `and` for `&`.
const SYNONYMS: &[(Family, &[&str])] = &[
    (
        Family::Overview,
        &["overview", "introduction", "summary", "executive summary", "objective and scope", "background"],
    ),
    (Family::Purpose, &["purpose", "objective", "problem statement", "goal and purpose"]),
    (Family::Scope, &["scope", "in scope", "out of scope", "objective and scope", "scope constraint"]),
    (
        Family::Goals,
        &["goal", "success criteria", "design goal", "key goal", "goal and success metric", "primary goal"],
    ),
    (Family::NonGoals, &["non goal", "non objective"]),
    (Family::Context, &["system context", "context", "system architecture alignment"]),
    (Family::Position, &["where this fit", "system position"]),
    (
        Family::Dependencies,
        &[
            "dependency",
            "dependency and integration",
            "external dependency",
            "internal dependency",
            "depend on",
            "upstream dependency",
            "system dependency",
        ],
    ),
    (Family::Dependents, &["dependent", "used by", "consumer", "downstream dependency"]),
    (Family::Approach, &["technical approach", "approach", "solution approach"]),
    (
        Family::HighLevelDesign,
        &[
            "high level design",
            "high level architecture",
            "architecture overview",
            "system architecture",
            "architecture",
        ],
    ),
    (
        Family::Technology,
        &["technology choice", "technology stack", "tech stack", "technology", "technology decision", "stack"],
    ),
    (
        Family::Alternatives,
        &["alternative considered", "alternative", "rejected alternative", "option considered", "design alternative"],
    ),
    (Family::Design, &["detailed design", "technical design", "design"]),
    (
        Family::Components,
        &[
            "component breakdown",
            "component",
            "component and interface",
            "service and module",
            "module",
            "component design",
        ],
    ),
    (Family::Responsibilities, &["responsibility"]),
    (Family::Interfaces, &["interface"]),
    (
        Family::DataModel,
        &[
            "data model",
            "data model and contract",
            "data structure",
            "data schema",
            "database schema",
            "schema",
            "entity",
            "data entity",
            "data model change",
            "database design",
            "data design",
            "domain model",
            "database model",
            "data type",
            "database table",
            "core entity",
            "database",
            "data entity and schema",
            "table",
            "type definition",
            "database schema change",
            "data contract",
            "data schema reference",
            "model",
        ],
    ),
    (Family::Fields, &["field", "column", "attribute", "property", "field definition"]),
    (
        Family::Constraints,
        &[
            "constraint",
            "validation rule",
            "validation",
            "invariant",
            "business rule",
            "data constraint",
            "field constraint",
        ],
    ),
    (Family::Indexes, &["index", "indexing"]),
    (
        Family::Api,
        &[
            "api specification",
            "api",
            "api design",
            "api endpoint",
            "endpoint",
            "rest api",
            "api contract",
            "api and interface",
            "apis and interface",
            "api interface",
            "api reference",
            "http api",
            "api change",
            "interface specification",
            "rest endpoint",
            "route",
            "api route",
            "api definition",
            "api and contract",
            "rest api endpoint",
            "endpoint specification",
            "http endpoint",
            "endpoint summary",
            "api overview",
            "rest api specification",
            "rest api design",
            "api documentation",
            "backend api",
            "api surface",
            "endpoint list",
            "endpoint overview",
            "api detail",
            "api endpoint specification",
        ],
    ),
    (
        Family::PathParameters,
        &["path parameter", "path param", "url parameter", "route parameter", "path variable", "url param"],
    ),
    (
        Family::QueryParameters,
        &[
            "query parameter",
            "query param",
            "request query param",
            "query",
            "query string",
            "query string parameter",
            "parameter",
        ],
    ),
    (Family::Headers, &["header", "request header", "http header"]),
    (
        Family::Request,
        &[
            "request",
            "request body",
            "body",
            "example request",
            "request example",
            "payload",
            "request payload",
            "sample request",
            "request schema",
            "input",
        ],
    ),
    (
        Family::Response,
        &[
            "response",
            "success response",
            "example response",
            "response body",
            "response example",
            "response success",
            "error response",
            "sample response",
            "response error",
            "success",
            "response schema",
            "response format",
            "output",
            "successful response",
            "response field",
            "return",
        ],
    ),
    (
        Family::Errors,
        &[
            "error",
            "error code",
            "expected error",
            "possible error",
            "error case",
            "status code",
            "error scenario",
            "failure response",
            "response code",
            "http status code",
            "error and status code",
        ],
    ),
    (Family::Algorithms, &["algorithm", "key algorithm", "core algorithm", "algorithm and logic"]),
    (
        Family::State,
        &[
            "state management",
            "state machine",
            "status workflow",
            "life cycle",
            "lifecycle",
            "status transition rule",
            "workflow state",
            "state",
            "state model",
            "order lifecycle",
            "state machine specification",
            "status lifecycle",
            "status machine",
            "booking state",
            "status",
            "status model",
        ],
    ),
    (Family::StateDiagram, &["state diagram", "state machine diagram", "status diagram"]),
    (
        Family::StateTransitions,
        &[
            "state transition",
            "transition",
            "status transition",
            "transition rule",
            "transition table",
            "allowed transition",
            "state transition table",
            "transition rule matrix",
            "transition matrix",
            "valid transition",
            "state transition matrix",
            "state transition rule",
            "valid state transition",
            "valid status transition",
            "allowed status transition",
            "allowed state transition",
        ],
    ),
    (Family::TerminalStates, &["terminal state", "final state", "end state"]),
    (
        Family::ErrorHandling,
        &[
            "error handling",
            "error handling strategy",
            "exception handling",
            "error management",
            "failure handling",
            "error strategy",
        ],
    ),
    (Family::ErrorCategories, &["error category", "error type", "error classification", "exception hierarchy"]),
    (Family::ErrorFlow, &["error flow", "error handling flow"]),
    (
        Family::Implementation,
        &["implementation detail", "implementation", "implementation note", "implementation plan"],
    ),
    (
        Family::Files,
        &[
            "file structure",
            "project structure",
            "directory structure",
            "folder structure",
            "source tree",
            "file organization",
        ],
    ),
    (
        Family::KeyClasses,
        &[
            "key class",
            "key class function",
            "key class and function",
            "key function",
            "class",
            "class design",
            "key class function",
        ],
    ),
    (Family::Configuration, &["configuration", "config", "setting", "configuration management"]),
    (
        Family::ConfigOptions,
        &[
            "config option",
            "configuration option",
            "option",
            "configuration parameter",
            "configuration property",
            "configuration setting",
        ],
    ),
    (
        Family::EnvVars,
        &["environment variable", "env var", "env variable", "required environment variable", "environment"],
    ),
    (
        Family::Security,
        &[
            "security consideration",
            "security",
            "security design",
            "security architecture",
            "security requirement",
            "security and privacy",
        ],
    ),
    (
        Family::Authentication,
        &[
            "authentication",
            "auth",
            "authn",
            "authentication flow",
            "authentication and authorization",
            "authentication mechanism",
        ],
    ),
    (
        Family::Authorization,
        &[
            "authorization",
            "access control",
            "permission",
            "role",
            "role based access control",
            "rbac",
            "authz",
            "authorization matrix",
            "user role",
        ],
    ),
    (Family::DataProtection, &["data protection", "data privacy", "data security", "encryption", "privacy"]),
    (Family::Threats, &["threat model", "threat", "threat and mitigation", "security threat"]),
    (
        Family::Performance,
        &[
            "performance consideration",
            "performance",
            "performance requirement",
            "non functional requirement",
            "nfr",
            "performance and scalability",
            "scalability",
            "nfr performance",
            "performance scalability",
        ],
    ),
    (
        Family::Load,
        &["expected load", "load", "load profile", "expected traffic", "capacity", "load estimate", "traffic estimate"],
    ),
    (
        Family::Targets,
        &[
            "performance target",
            "target",
            "performance goal",
            "latency target",
            "performance budget",
            "slo",
            "sla",
            "performance metric",
            "service level objective",
        ],
    ),
    (Family::Optimization, &["optimization strategy", "optimization", "performance optimization", "caching strategy"]),
    (Family::Bottlenecks, &["bottleneck", "potential bottleneck"]),
    (
        Family::Testing,
        &[
            "testing strategy",
            "test strategy",
            "testing",
            "test strategy summary",
            "test",
            "test plan",
            "testing approach",
        ],
    ),
    (Family::UnitTests, &["unit test", "unit testing"]),
    (Family::IntegrationTests, &["integration test", "integration testing"]),
    (
        Family::EndToEndTests,
        &["end to end test", "e2e test", "end to end testing", "e2e testing", "end to end scenario", "test scenario"],
    ),
    (Family::TestData, &["test data"]),
    (
        Family::Deployment,
        &[
            "deployment",
            "deployment strategy",
            "deployment plan",
            "rollout",
            "rollout plan",
            "deployment and operation",
            "release plan",
        ],
    ),
    (Family::Build, &["build process", "build"]),
    (Family::DeploymentSteps, &["deployment step", "deployment process"]),
    (Family::Environments, &["environment configuration", "environment config"]),
    (Family::Rollback, &["rollback plan", "rollback", "rollback strategy", "rollback procedure"]),
    (
        Family::Monitoring,
        &[
            "monitoring and observability",
            "monitoring",
            "observability",
            "nfr observability",
            "monitoring and alerting",
            "monitoring and logging",
            "logging and monitoring",
            "observability and monitoring",
        ],
    ),
    (
        Family::Metrics,
        &["metric to track", "metric", "key metric", "metric to monitor", "monitoring metric", "application metric"],
    ),
    (Family::Logging, &["logging", "log", "logging strategy", "structured logging"]),
    (Family::Alerts, &["alert", "alerting", "alert rule", "alerting rule"]),
    (Family::Migration, &["migration strategy", "migration", "migration plan", "migration path"]),
    (Family::CurrentState, &["from current state", "current state"]),
    (Family::DataMigration, &["data migration", "database migration"]),
    (Family::Compatibility, &["backward compatibility", "compatibility"]),
    (Family::Documentation, &["documentation", "documentation plan", "documentation requirement"]),
    (Family::CodeDocumentation, &["code documentation"]),
    (Family::UserDocumentation, &["user documentation"]),
    (
        Family::Future,
        &["future enhancement", "future work", "future consideration", "future improvement", "future", "roadmap"],
    ),
    (Family::Improvements, &["planned improvement", "planned enhancement"]),
    (Family::Extensibility, &["extensibility point", "extension point", "extensibility"]),
    (
        Family::Risks,
        &[
            "risk and mitigation",
            "risk",
            "risk assessment",
            "technical risk",
            "risk assumption open question",
            "risk assumption and open question",
            "risk and assumption",
            "risk analysis",
            "risk management",
            "known risk",
        ],
    ),
    (
        Family::Questions,
        &[
            "open question",
            "question",
            "open issue",
            "outstanding question",
            "unresolved question",
            "open question and decision",
        ],
    ),
    (
        Family::References,
        &["reference", "related document", "related documentation", "link", "see also", "further reading"],
    ),
    (Family::Approval, &["approval", "sign off", "signoff", "approval and sign off", "document approval"]),
    (
        Family::Revisions,
        &[
            "revision history",
            "change log",
            "changelog",
            "document history",
            "version history",
            "change history",
            "document revision history",
            "history",
        ],
    ),
    (
        Family::Acceptance,
        &[
            "acceptance criteria",
            "requirement",
            "functional requirement",
            "user story",
            "traceability mapping",
            "traceability",
        ],
    ),
    (Family::Contents, &["table of content", "content", "toc"]),
];

/// Kind words: `Endpoint 2: Pay order`, `Entity: Order`.
const KINDS: &[(Family, &[&str])] = &[
    (Family::Entity, &["entity", "table", "model", "interface", "type", "collection", "aggregate"]),
    (Family::Endpoint, &["endpoint", "api", "route", "operation"]),
    (Family::Component, &["component", "module", "service"]),
    (Family::Algorithm, &["algorithm"]),
    (Family::Alternative, &["alternative", "option"]),
    (Family::ErrorCategory, &["category", "error category"]),
    (Family::KeyClasses, &["class", "function"]),
];

fn table() -> &'static FxHashMap<&'static str, Family> {
    static TABLE: OnceLock<FxHashMap<&'static str, Family>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let pairs = SYNONYMS.iter().flat_map(|(family, names)| names.iter().map(|it| (*it, *family)));
        // The first of two families that share a name keeps it.
        let mut table = FxHashMap::default();
        for (name, family) in pairs {
            table.entry(name).or_insert(family);
        }
        table
    })
}

/// A heading's words without what does not count, and the kind word and ordinal that were taken off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Title {
    /// The family that the kind word names.
    pub kind: Option<Family>,
    /// Where the name begins in the heading's text.
    pub at: usize,
    /// Normal form of the name, riders dropped.
    pub key: String,
    /// Normal form of the whole heading, kind word and ordinal included.
    pub whole: String,
}

impl Title {
    /// Reads a heading's text.
    pub fn read(text: &str) -> Title {
        let start = skip_numbering(text);
        let rest = text.get(start..).unwrap_or("");
        let whole = normal(rest);
        if let Some((kind, at)) = kind(rest) {
            let at = start + at;
            let key = normal(text.get(at..).unwrap_or(""));
            return Title { kind: Some(kind), at, key, whole };
        }
        Title { kind: None, at: start, key: whole.clone(), whole }
    }

    /// The family: by the kind word, else by the words.
    pub fn family(&self) -> Option<Family> {
        self.kind.or_else(|| of(&self.whole))
    }
}

/// The family of a name in normal form: a synonym, else by what its last words name.
pub fn of(key: &str) -> Option<Family> {
    table().get(key).copied().or_else(|| by_last_words(key))
}

/// Last words that say what a section is, whatever stands before them (`payment state machine`).
const LAST_WORDS: &[(Family, &[&str])] = &[
    (
        Family::Api,
        &[
            "api specification",
            "api spec",
            "api endpoint",
            "rest endpoint",
            "http endpoint",
            "api contract",
            "api design",
            "rest api",
            "api route",
            "endpoint",
        ],
    ),
    (
        Family::DataModel,
        &[
            "data model",
            "database schema",
            "data schema",
            "table schema",
            "sql schema",
            "sqlite schema",
            "postgresql schema",
            "schema",
            "data type",
            "data structure",
            "type definition",
            "typescript interface",
            "typescript type",
            "core type",
            "core table",
            "new table",
            "existing table",
            "domain model",
            "logical model",
            "pydantic schema",
        ],
    ),
    (
        Family::State,
        &["state machine", "status workflow", "status flow", "status lifecycle", "state lifecycle", "status machine"],
    ),
    (
        Family::StateTransitions,
        &["state transition", "status transition", "transition rule", "transition table", "transition matrix"],
    ),
    (Family::StateDiagram, &["state diagram"]),
    (Family::EnvVars, &["environment variable"]),
    (Family::ConfigOptions, &["config option", "configuration option"]),
    (Family::Errors, &["error code", "status code"]),
    (Family::Dependencies, &["dependency"]),
    (Family::Targets, &["performance target", "latency target", "sla target"]),
    (Family::Alerts, &["alert rule", "alert"]),
    (Family::Questions, &["open question"]),
    (Family::Risks, &["risk and mitigation", "technical risk"]),
    (Family::Revisions, &["revision history", "version history", "change log", "document history"]),
    (Family::Goals, &["goal", "goal and non goal"]),
    (Family::Rollback, &["rollback plan"]),
];

/// Longer headings are sentences.
const MAX_WORDS: usize = 5;

fn by_last_words(key: &str) -> Option<Family> {
    if key.split(' ').count() > MAX_WORDS
        || key.starts_with("config")
        || key.starts_with("add ")
        || key.starts_with("no ")
        || key.starts_with("non ")
    {
        return None;
    }
    let ends = |words: &str| key.strip_suffix(words).is_some_and(|before| before.ends_with(' '));
    LAST_WORDS.iter().find(|(_, names)| names.iter().any(|it| ends(it))).map(|it| it.0)
}

/// The normal form of a heading or label: lower case, singular words, `and` for `&`, no punctuation, no
/// emoji, no rider in parentheses or after a dash or colon.
pub fn normal(text: &str) -> String {
    let text = cut_rider(text);
    let mut out = String::with_capacity(text.len() + 1);
    // Where the word that is being read begins: after a space, unless it is the first.
    let mut word = 0;
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if c == '\'' {
            continue;
        } else if !c.is_ascii() && c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else {
            end_word(&mut out, &mut word);
            if c == '&' || c == '+' {
                out.push_str("and");
                end_word(&mut out, &mut word);
            }
        }
    }
    end_word(&mut out, &mut word);
    out.truncate(word.saturating_sub(1));
    out
}

/// Makes the last word singular and begins another, if there is one.
fn end_word(out: &mut String, word: &mut usize) {
    let Some(last) = out.get(*word..).filter(|it| !it.is_empty()) else { return };
    let single = singular(last);
    if last.starts_with(single) {
        out.truncate(*word + single.len());
    } else {
        let single = single.to_owned();
        out.truncate(*word);
        out.push_str(&single);
    }
    out.push(' ');
    *word = out.len();
}

/// Without a rider: ` (…`, ` — …`, ` - …`, `: …`, `<!--…`.
fn cut_rider(text: &str) -> &str {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    for (index, byte) in bytes.iter().enumerate().skip(1) {
        let rider = match byte {
            b' ' => match at(index + 1) {
                b'(' => true,
                b'-' => at(index + 2) == b' ',
                // An en or em dash.
                0xE2 => at(index + 2) == 0x80 && matches!(at(index + 3), 0x93 | 0x94) && at(index + 4) == b' ',
                _ => false,
            },
            b':' => at(index + 1) == b' ',
            b'<' => at(index + 1) == b'!',
            _ => false,
        };
        if rider {
            return text.get(..index).unwrap_or(text);
        }
    }
    text
}

/// The singular of an English word, roughly: good enough to compare names with names.
pub fn singular(word: &str) -> &str {
    let keeps = ["ss", "us", "is", "ous", "sis"];
    if word.len() <= 3 || keeps.iter().any(|it| word.ends_with(it)) {
        return word;
    }
    match word {
        "dependencies" => return "dependency",
        "entities" => return "entity",
        "categories" => return "category",
        "responsibilities" => return "responsibility",
        "properties" => return "property",
        "queries" => return "query",
        "strategies" => return "strategy",
        "boundaries" => return "boundary",
        "indices" | "indexes" => return "index",
        "classes" => return "class",
        "statuses" => return "status",
        "processes" => return "process",
        "aliases" => return "alias",
        "addresses" => return "address",
        _ => {}
    }
    word.strip_suffix('s').unwrap_or(word)
}

/// Skips `1.2.`, `F1 —`, `A.`, `§3`, emoji and check marks at the start.
fn skip_numbering(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or("");
        let trimmed = rest.trim_start_matches(|c: char| {
            !c.is_alphanumeric() && !matches!(c, '[' | '/' | '`' | '<' | '(' | '$' | '_')
        });
        at += rest.len() - trimmed.len();
        let word = trimmed.split(char::is_whitespace).next().unwrap_or("");
        let after = trimmed.get(word.len()..).unwrap_or("");
        let bare = word.trim_end_matches(['.', ')', ':']);
        let digits = bare.bytes().any(|it| it.is_ascii_digit());
        if !digits && bare.len() != 1 {
            return at;
        }
        let numeric = digits && bare.chars().all(|c| c.is_ascii_digit() || c == '.');
        let lettered = word.len() > bare.len() && bare.len() == 1 && bare.chars().all(|c| c.is_ascii_uppercase());
        let coded = digits
            && bare.len() <= 5
            && bare.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '.')
            && (word.len() > bare.len() || after.trim_start().starts_with(['—', '–', '-']));
        if after.trim().is_empty() || !(numeric || lettered || coded) {
            return at;
        }
        at += word.len();
    }
}

/// `Endpoint 2: `, `Entity: `, `Alternative 1 - `: the kind and where the name begins.
fn kind(text: &str) -> Option<(Family, usize)> {
    let first = text.bytes().next()?.to_ascii_lowercase();
    for (family, words) in KINDS {
        for word in words.iter().filter(|it| it.as_bytes().first() == Some(&first)) {
            let Some((begin, rest)) = text.split_at_checked(word.len()) else { continue };
            if !begin.eq_ignore_ascii_case(word) {
                continue;
            }
            let trimmed = rest.trim_start();
            let spaced = trimmed.len() < rest.len();
            let number = trimmed.len() - trimmed.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
            let tail = trimmed.get(number..).unwrap_or("").trim_start();
            let separated = tail.strip_prefix([':', '—', '–', '-']).map(str::trim_start);
            match separated {
                Some(name) if number > 0 || tail.starts_with(':') => {
                    return Some((*family, text.len() - name.len()));
                }
                None if spaced && number > 0 && tail.is_empty() => return Some((*family, text.len())),
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_find_their_family() {
        for (heading, family) in [
            ("Overview", Some(Family::Overview)),
            ("1. Overview", Some(Family::Overview)),
            ("3.2. API Changes", Some(Family::Api)),
            ("🚀 Monitoring & Observability", Some(Family::Monitoring)),
            ("Monitoring and Observability", Some(Family::Monitoring)),
            ("Unit Tests (Target: 80% coverage)", Some(Family::UnitTests)),
            ("F1 — Data Model", Some(Family::DataModel)),
            ("Endpoint 2: Pay order", Some(Family::Endpoint)),
            ("Entity: Order", Some(Family::Entity)),
            ("Alternative 1: Kafka", Some(Family::Alternative)),
            ("Response (Success - 200)", Some(Family::Response)),
            ("Risks & Mitigations", Some(Family::Risks)),
            ("Key Classes/Functions", Some(Family::KeyClasses)),
            ("API Specifcation", None),
            ("Pay order", None),
            ("", None),
        ] {
            assert_eq!(Title::read(heading).family(), family, "{heading}");
        }
    }

    #[test]
    fn names_lose_kind_and_number() {
        for (heading, name) in [
            ("Endpoint 2: Pay order", "Pay order"),
            ("Entity 3: Approval (with items)", "Approval (with items)"),
            ("4.2 Order", "Order"),
            ("1.2.3 Entity 1: [Name]", "[Name]"),
            ("POST /orders", "POST /orders"),
            ("2FA", "2FA"),
        ] {
            assert_eq!(heading.get(Title::read(heading).at..), Some(name), "{heading}");
        }
    }

    #[test]
    fn synonyms_are_in_normal_form() {
        for (family, names) in SYNONYMS {
            for name in *names {
                let folded = normal(name);
                assert_eq!(folded, *name, "{family:?}");
            }
        }
    }
}

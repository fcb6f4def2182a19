//! Section families: what a heading is about, by its words.
//!
//! One table of synonyms; numbering, emoji, markup, riders and plurals do not count.

mod heading;
mod synonyms;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use self::synonyms::{KINDS, LAST_WORDS, SYNONYMS};

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

/// Families, as a set.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Families(u128);

const _: () = assert!((Family::Contents as u32) < u128::BITS, "the last family has a bit of its own");

impl Families {
    /// Whether a family is among them.
    pub fn contains(self, family: Family) -> bool {
        self.0 & (1 << family as u32) != 0
    }

    /// These and another one.
    pub fn with(self, family: Family) -> Families {
        Families(self.0 | 1 << family as u32)
    }
}

impl FromIterator<Family> for Families {
    fn from_iter<T: IntoIterator<Item = Family>>(families: T) -> Families {
        Families(families.into_iter().fold(0, |found, it| found | 1 << it as u32))
    }
}

impl Family {
    /// Whether sections of this family say how it is found out that the rest holds.
    pub fn is_of_tests(self) -> bool {
        use Family::*;
        matches!(self, Acceptance | Testing | UnitTests | IntegrationTests | EndToEndTests)
    }

    /// Whether sections of this family speak of other systems, of other times, or of what might be.
    pub fn is_of_others(self) -> bool {
        use Family::*;
        matches!(
            self,
            Migration | Future | Risks | Questions | Revisions | Context | Dependencies | Threats | Alternatives
        )
    }

    /// Whether a section of this family may stand directly in a data model and not be an entity of that
    /// name.
    pub fn is_of_data(self) -> bool {
        use Family::*;
        matches!(
            self,
            DataModel
                | Entity
                | Api
                | Fields
                | Constraints
                | Indexes
                | State
                | StateDiagram
                | StateTransitions
                | TerminalStates
                | Overview
                | Purpose
                | Request
                | Response
                | Errors
                | Migration
                | DataMigration
                | Algorithms
        )
    }

    /// Whether a section below one of this family is rather one of its things than of the family that it
    /// seems to be: `Security Layer` among components.
    fn collects(self, seeming: Family) -> bool {
        use Family::*;
        match self {
            Components | Component | KeyClasses | Entity | Endpoint | Alternatives | Alternative | Algorithms => true,
            Api => !matches!(seeming, Security | Authentication | Authorization | ErrorHandling | Testing),
            Dependencies | Technology => seeming == Api,
            _ => false,
        }
    }

    /// Whether a section of this family is one of several things of a kind (`Endpoint 2`), not a part of
    /// one.
    pub fn is_item(self) -> bool {
        KINDS.iter().any(|it| it.0 == self)
    }
}

/// The names of all families, to be offered where one is meant.
pub fn names() -> impl Iterator<Item = &'static str> {
    SYNONYMS.iter().flat_map(|it| it.1.iter().copied())
}

/// Families of headings that a project names in its own way; they go before the families of others.
#[derive(Debug, Clone, Default)]
pub struct Synonyms(FxHashMap<String, Family>);

impl Synonyms {
    /// Gives a heading a family.
    pub fn add(&mut self, heading: &str, family: Family) {
        self.0.insert(Title::read(heading).whole, family);
    }

    /// The family of a heading.
    pub fn family(&self, title: &Title) -> Option<Family> {
        self.own(title).or_else(|| title.family())
    }

    /// The family that the project gives a heading.
    pub fn own(&self, title: &Title) -> Option<Family> {
        if self.0.is_empty() { None } else { self.0.get(&title.whole).copied() }
    }
}

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
    /// Normal form of the whole heading, kind word and ordinal included.
    pub whole: String,
    /// Normal form of the name, where that is not the whole.
    name: Option<String>,
}

impl Title {
    /// Reads a heading's text.
    pub fn read(text: &str) -> Title {
        let start = skip_numbering(text);
        let rest = text.get(start..).unwrap_or("");
        let whole = normal(rest);
        if let Some((kind, at)) = kind(rest) {
            let at = start + at;
            let name = normal(text.get(at..).unwrap_or(""));
            return Title { kind: Some(kind), at, whole, name: Some(name) };
        }
        Title { kind: None, at: start, whole, name: None }
    }

    /// Normal form of the name, riders dropped.
    pub fn key(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.whole)
    }

    /// The family: by the kind word, else by the words.
    pub fn family(&self) -> Option<Family> {
        self.kind.or_else(|| of(&self.whole).filter(|_| !self.begins_with_method()))
    }

    /// Whether it is a route, whatever its path says: `GET /alerts`.
    fn begins_with_method(&self) -> bool {
        let first = self.whole.split_once(' ').map_or("", |it| it.0);
        matches!(first, "get" | "post" | "put" | "patch" | "delete" | "head")
    }

    /// Whether its last word is that of a text, not of a thing: `Security Considerations`.
    pub fn is_of_text(&self) -> bool {
        self.key().split_once(' ').is_some() && self.key().rsplit(' ').next().is_some_and(|it| OF_TEXTS.contains(&it))
    }

    /// The family of a heading below one of family `above`: as [`Title::family`], else by a family's name
    /// among its words, unless it names one of the things that the heading above collects.
    pub fn family_below(&self, above: Option<Family>) -> Option<Family> {
        self.family()
            .or_else(|| heading::family(&self.whole).filter(|it| !above.is_some_and(|above| above.collects(*it))))
    }
}

/// Last words of headings that name no thing.
const OF_TEXTS: &[&str] = &[
    "consideration",
    "requirement",
    "strategy",
    "enhancement",
    "criteria",
    "question",
    "handling",
    "approach",
    "guideline",
    "testing",
    "monitoring",
    "optimization",
    "recommendation",
    "practice",
    "scenario",
];

/// The family of a name in normal form: a synonym, else by what its last words name.
pub fn of(key: &str) -> Option<Family> {
    table().get(key).copied().or_else(|| by_last_words(key))
}

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
    let table = last_words();
    let ends = key.match_indices(' ').filter_map(|(at, _)| table.get(key.get(at + 1..)?));
    ends.min().and_then(|it| LAST_WORDS.get(*it)).map(|it| it.0)
}

/// For each of the last words the place of its family in their table: the first wins.
fn last_words() -> &'static FxHashMap<&'static str, usize> {
    static TABLE: OnceLock<FxHashMap<&'static str, usize>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = FxHashMap::default();
        for (index, (_, names)) in LAST_WORDS.iter().enumerate() {
            for name in *names {
                table.entry(*name).or_insert(index);
            }
        }
        table
    })
}

/// The normal form of a heading or label: lower case, singular words, `and` for `&`, no punctuation, no
/// emoji, no rider in parentheses or after a dash or colon.
pub fn normal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    // Where the word that is being read begins: after a space, unless it is the first.
    let mut word = 0;
    let mut rest = text;
    loop {
        let plain = rest.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        let from = out.len();
        out.push_str(run);
        out.get_mut(from..).into_iter().for_each(str::make_ascii_lowercase);
        let mut chars = after.chars();
        let Some(c) = chars.next() else { break };
        if after.len() < text.len() && begins_rider(after.as_bytes()) {
            break;
        }
        rest = chars.as_str();
        if c == '\'' {
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
    if single.len() == last.len() {
        // Most words are.
    } else if last.starts_with(single) {
        out.truncate(*word + single.len());
    } else {
        let single = single.to_owned();
        out.truncate(*word);
        out.push_str(&single);
    }
    out.push(' ');
    *word = out.len();
}

/// Whether a rider begins a text: ` (…`, ` […`, ` — …`, ` - …`, `: …`, `<!--…`.
fn begins_rider(text: &[u8]) -> bool {
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    match at(0) {
        b' ' => match at(1) {
            b'(' | b'[' => true,
            b'-' => at(2) == b' ',
            // An en or em dash.
            0xE2 => at(2) == 0x80 && matches!(at(3), 0x93 | 0x94) && at(4) == b' ',
            _ => false,
        },
        b':' => at(1) == b' ',
        b'<' => at(1) == b'!',
        _ => false,
    }
}

/// The singular of an English word, roughly: good enough to compare names with names.
pub fn singular(word: &str) -> &str {
    let [.., last, b's'] = word.as_bytes() else { return word };
    if word.len() <= 3 || matches!(last, b's' | b'u' | b'i') {
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
        "technologies" => return "technology",
        "policies" => return "policy",
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
    // As most headings do, it begins with a word.
    if let [a, b, ..] = text.as_bytes()
        && a.is_ascii_alphabetic()
        && b.is_ascii_alphabetic()
        && text.bytes().take_while(|it| *it != b' ').all(|it| it.is_ascii_alphabetic())
    {
        return 0;
    }
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
    // Behind a kind word stands a number or a colon; most headings have neither.
    if !text.bytes().any(|it| it.is_ascii_digit() || matches!(it, b':' | b'.')) {
        return None;
    }
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
            ("New entity: `Order`", Some(Family::Entity)),
            ("New Entities", Some(Family::DataModel)),
            ("Alternative 1: Kafka", Some(Family::Alternative)),
            ("Response (Success - 200)", Some(Family::Response)),
            ("Risks & Mitigations", Some(Family::Risks)),
            ("Data Models [see the annex]", Some(Family::DataModel)),
            ("Purpose & Scope", Some(Family::Scope)),
            ("GET /alerts", None),
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

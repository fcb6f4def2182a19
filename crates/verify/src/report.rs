//! What a run found, as data.

use std::time::Duration;

use crate::client::{Answer, Request, Trouble};
use crate::targets::Measured;

/// A request, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// What was sent.
    pub request: Request,
    /// What was answered.
    pub answer: Result<Answer, Trouble>,
}

/// A sentence of the document that the target breaks.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The probe that found it.
    pub probe: &'static str,
    /// What is wrong: one line, lower case, no full stop.
    pub message: String,
    /// The line of the document that is broken, from 1; 0 if it is none.
    pub line: u32,
    /// What the document promises.
    pub expected: String,
    /// What the target did.
    pub found: String,
    /// The requests that show it, in order; the last is the one that is wrong.
    pub steps: Vec<Exchange>,
    /// In how many more cases the same was seen.
    pub more: u32,
    /// The method and the path of the endpoint that it was seen at, as the document writes them; empty if there
    /// is none.
    pub endpoint: String,
    /// The clauses whose test failed by it: area, line and name.
    pub clauses: Vec<(Area, u32, String)>,
    /// What is wrong, in fewer words: what it has in common with those that are told with it.
    pub alike: String,
    /// The messages of those, which break the same clause in the same way.
    pub also: Vec<String>,
}

/// What a run is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The probe that runs, or what else is done.
    pub probe: &'a str,
    /// How many cases were judged.
    pub cases: u64,
    /// How many findings there are.
    pub findings: usize,
}

/// Why a run ended before everything was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cut {
    /// The time that it was given is over.
    Budget(Duration),
    /// The target stopped answering, and how.
    Silent(String),
    /// Somebody asked it to end.
    Interrupted,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cut::Budget(it) => write!(f, "the budget of {} s is spent", it.as_secs()),
            Cut::Interrupted => f.write_str("interrupted"),
            Cut::Silent(why) => write!(f, "the target stopped answering: {why}"),
        }
    }
}

/// What a clause is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Area {
    /// A method and a path.
    Endpoint,
    /// A field of a record.
    Field,
    /// A constraint of a record.
    Constraint,
    /// A state and an event.
    Transition,
    /// A row of an error table.
    Error,
    /// Who may call.
    Authentication,
    /// A step of a scenario.
    Scenario,
    /// A load or a target.
    Performance,
    /// Health and metrics.
    Operations,
}

impl Area {
    /// All, in the order of a report.
    pub const ALL: [Area; 9] = [
        Area::Endpoint,
        Area::Field,
        Area::Constraint,
        Area::Transition,
        Area::Error,
        Area::Authentication,
        Area::Scenario,
        Area::Performance,
        Area::Operations,
    ];

    /// The word of a report, in the plural.
    pub fn word(self) -> &'static str {
        match self {
            Area::Endpoint => "endpoints",
            Area::Field => "fields",
            Area::Constraint => "constraints",
            Area::Transition => "transitions",
            Area::Error => "errors",
            Area::Authentication => "authentication",
            Area::Scenario => "scenarios",
            Area::Performance => "performance",
            Area::Operations => "operations",
        }
    }
}

/// A clause of the document, and what became of it.
#[derive(Debug, Clone)]
pub struct Clause {
    /// What it is about.
    pub area: Area,
    /// What it is, in the document's names: `POST /orders`, `Order.email`, `paid × ship`.
    pub name: String,
    /// Its line, from 1.
    pub line: u32,
    /// In how many cases it was put to the test.
    pub cases: u32,
    /// How many of them failed.
    pub failed: u32,
    /// Why it was not tested, if it was not.
    pub reason: Option<String>,
}

impl Clause {
    /// Whether it was tested, and with what outcome.
    pub fn verdict(&self) -> Verdict {
        match (self.cases, self.failed) {
            (_, 1..) => Verdict::Failed,
            (0, _) => Verdict::Untested,
            _ => Verdict::Passed,
        }
    }
}

/// What became of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It held whenever it was tested.
    Passed,
    /// It was broken.
    Failed,
    /// It was not put to the test.
    Untested,
}

/// A run.
#[derive(Debug, Clone)]
pub struct Report {
    /// The document's title.
    pub title: String,
    /// The document's path.
    pub path: String,
    /// Where the target is.
    pub target: String,
    /// What values were drawn from.
    pub seed: u64,
    /// What is broken, in the order of the document.
    pub findings: Vec<Finding>,
    /// What was tested and what was not, by area and line.
    pub clauses: Vec<Clause>,
    /// Lines of the document that are only text here, and the words.
    pub text: Vec<(u32, String)>,
    /// What was measured of the document's performance targets.
    pub measured: Vec<Measured>,
    /// How many cases were judged.
    pub cases: u64,
    /// How many requests were sent.
    pub requests: u64,
    /// How long it took.
    pub took: Duration,
    /// Why it ended before everything was tried.
    pub cut: Option<Cut>,
    /// What a reader should know besides: records left behind, credentials that were missing.
    pub notes: Vec<String>,
}

impl Report {
    /// The clauses with a verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.clauses.iter().filter(|it| it.verdict() == verdict).count()
    }
}

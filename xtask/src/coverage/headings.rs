//! Headings whose words belong to a family of the template, and those that are in that family.

use model::Spec;
use syntax::Family::{self, *};

use super::{Found, lines};

/// Words of a heading, and the families in which one that has them is right.
const WORDS: &[(&str, &[Family])] = &[
    ("table of contents", &[Contents]),
    ("open questions", &[Questions, Risks]),
    ("unresolved questions", &[Questions]),
    ("open issues", &[Questions]),
    ("environment variables", &[EnvVars]),
    ("env vars", &[EnvVars]),
    ("error codes", &[Errors, ErrorHandling, ErrorCategories]),
    ("status codes", &[Errors, Response]),
    ("error responses", &[Response, Errors]),
    ("error response", &[Response, Errors]),
    ("error categories", &[ErrorCategories]),
    ("error types", &[ErrorCategories]),
    ("error flow", &[ErrorFlow]),
    ("error handling", &[ErrorHandling, ErrorCategories, ErrorFlow]),
    ("exception handling", &[ErrorHandling]),
    ("failure handling", &[ErrorHandling]),
    ("failure modes", &[ErrorHandling, ErrorCategories, Risks]),
    ("error recovery", &[ErrorHandling]),
    ("rollback", &[Rollback]),
    ("unit tests", &[UnitTests]),
    ("unit testing", &[UnitTests]),
    ("integration tests", &[IntegrationTests]),
    ("integration testing", &[IntegrationTests]),
    ("e2e tests", &[EndToEndTests]),
    ("e2e testing", &[EndToEndTests]),
    ("end to end tests", &[EndToEndTests]),
    ("end to end testing", &[EndToEndTests]),
    ("test scenarios", &[EndToEndTests, Testing]),
    ("test data", &[TestData]),
    ("test strategy", &[Testing]),
    ("testing", &[Testing, UnitTests, IntegrationTests, EndToEndTests]),
    ("tests", &[Testing, UnitTests, IntegrationTests, EndToEndTests]),
    ("test plan", &[Testing]),
    ("test coverage", &[Testing]),
    ("data model", &[DataModel]),
    ("data models", &[DataModel]),
    ("data schema", &[DataModel]),
    ("domain model", &[DataModel]),
    ("data structures", &[DataModel]),
    ("database schema", &[DataModel]),
    ("database design", &[DataModel]),
    ("schema", &[DataModel, Request, Response]),
    ("database tables", &[DataModel]),
    ("entities", &[DataModel]),
    ("indexes", &[Indexes, Optimization]),
    ("validation rules", &[Constraints]),
    ("business rules", &[Constraints]),
    ("query parameters", &[QueryParameters]),
    ("path parameters", &[PathParameters]),
    ("request body", &[Request]),
    ("request", &[Request]),
    ("response", &[Response, Errors]),
    ("api endpoints", &[Api, Endpoint]),
    ("api specification", &[Api, Endpoint]),
    ("api design", &[Api, Endpoint]),
    ("api contract", &[Api, Endpoint]),
    ("api contracts", &[Api, Endpoint]),
    ("api changes", &[Api, Endpoint]),
    ("api reference", &[Api, Endpoint]),
    ("rest api", &[Api, Endpoint]),
    ("endpoints", &[Api, Endpoint]),
    ("api", &[Api, Endpoint]),
    ("state machine", &[State, StateDiagram, StateTransitions]),
    ("state diagram", &[StateDiagram, State]),
    ("state transitions", &[StateTransitions, State]),
    ("status transitions", &[StateTransitions, State]),
    ("lifecycle", &[State]),
    ("state management", &[State]),
    ("algorithms", &[Algorithms]),
    ("algorithm", &[Algorithm, Algorithms]),
    ("file structure", &[Files]),
    ("project structure", &[Files]),
    ("directory structure", &[Files]),
    ("folder structure", &[Files]),
    ("key classes", &[KeyClasses]),
    ("configuration options", &[ConfigOptions, Configuration]),
    ("configuration", &[Configuration, ConfigOptions, EnvVars, Environments]),
    ("authentication", &[Authentication]),
    ("authorization", &[Authorization, Authentication]),
    ("access control", &[Authorization]),
    ("permissions", &[Authorization]),
    ("roles", &[Authorization]),
    ("data protection", &[DataProtection]),
    ("encryption", &[DataProtection]),
    ("privacy", &[DataProtection, Security]),
    ("threat model", &[Threats]),
    ("threats", &[Threats]),
    ("security", &[Security, DataProtection, Threats, Authentication]),
    ("performance targets", &[Targets]),
    ("performance goals", &[Targets]),
    ("performance metrics", &[Targets, Metrics]),
    ("performance optimization", &[Optimization]),
    ("performance tests", &[Testing, Performance]),
    ("performance", &[Performance, Targets, Load, Optimization, Bottlenecks]),
    ("scalability", &[Performance]),
    ("expected load", &[Load]),
    ("optimization", &[Optimization]),
    ("optimizations", &[Optimization]),
    ("caching", &[Optimization]),
    ("bottlenecks", &[Bottlenecks]),
    ("deployment", &[Deployment, DeploymentSteps, Environments]),
    ("rollout", &[Deployment]),
    ("build process", &[Build]),
    ("monitoring", &[Monitoring, Metrics, Alerts, Logging]),
    ("observability", &[Monitoring]),
    ("metrics", &[Metrics, Targets, Goals]),
    ("logging", &[Logging, Monitoring]),
    ("alerts", &[Alerts]),
    ("alerting", &[Alerts, Monitoring]),
    ("data migration", &[DataMigration]),
    ("database migration", &[DataMigration, Migration]),
    ("backward compatibility", &[Compatibility]),
    ("migration", &[Migration, DataMigration]),
    ("documentation", &[Documentation, CodeDocumentation, UserDocumentation, References]),
    ("future enhancements", &[Future, Improvements]),
    ("future work", &[Future]),
    ("future considerations", &[Future]),
    ("roadmap", &[Future]),
    ("extensibility", &[Extensibility, Future]),
    ("risks", &[Risks]),
    ("risk", &[Risks]),
    ("references", &[References]),
    ("related documents", &[References]),
    ("approval", &[Approval]),
    ("sign off", &[Approval]),
    ("revision history", &[Revisions]),
    ("version history", &[Revisions]),
    ("change log", &[Revisions]),
    ("changelog", &[Revisions]),
    ("document history", &[Revisions]),
    ("acceptance criteria", &[Acceptance]),
    ("requirements", &[Acceptance, Security, Performance, Targets, Dependencies, Configuration]),
    ("alternatives", &[Alternatives]),
    ("alternative approaches", &[Alternatives]),
    ("technology stack", &[Technology]),
    ("tech stack", &[Technology]),
    ("technology choices", &[Technology]),
    ("technologies", &[Technology]),
    ("dependencies", &[Dependencies, Dependents]),
    ("system context", &[Context]),
    ("components", &[Components]),
    ("component breakdown", &[Components]),
    ("architecture", &[HighLevelDesign, Design, Components, Security, Context]),
    ("high level design", &[HighLevelDesign]),
    ("technical approach", &[Approach]),
    ("detailed design", &[Design]),
    ("technical design", &[Design]),
    ("non goals", &[NonGoals, Goals]),
    ("out of scope", &[Scope, NonGoals]),
    ("in scope", &[Scope]),
    ("scope", &[Scope, Overview]),
    ("goals", &[Goals]),
    ("success criteria", &[Goals, Acceptance]),
    ("purpose", &[Purpose]),
    ("objectives", &[Goals, Purpose, Overview]),
    ("overview", &[Overview]),
    ("introduction", &[Overview]),
    ("executive summary", &[Overview]),
    ("background", &[Overview, Context]),
    ("implementation details", &[Implementation]),
    ("implementation notes", &[Implementation]),
    ("implementation plan", &[Implementation]),
];

/// Longer headings tell a story.
const MAX_WORDS: usize = 5;

pub(super) fn scan(text: &str, spec: &Spec) -> Found {
    let mut found = Found::default();
    for line in lines(text).iter().filter(|it| it.fence.is_none()) {
        let level = line.text.bytes().take_while(|it| *it == b'#').count();
        let Some(heading) = line.text.get(level..).filter(|it| (1..=6).contains(&level) && it.starts_with(' ')) else {
            continue;
        };
        // A title says what the document is about.
        let words = if level > 1 { belongs(heading) } else { Vec::new() };
        let Some((word, _)) = words.first().copied() else { continue };
        found.all += 1;
        let section = spec.document().sections.iter().find(|it| it.span.start as usize == line.start);
        let own = section.and_then(|it| it.own);
        // Of `Architecture Overview` and `Testing Requirements` either half will do.
        if !own.is_some_and(|own| words.iter().any(|it| it.1.contains(&own))) {
            let in_it = section.and_then(|it| it.family);
            found.misses.push((line.number, format!("{} [{word}] is {own:?} in {in_it:?}", line.text)));
        }
    }
    found
}

/// The words of the list that a heading ends in, and those that it begins with.
fn belongs(heading: &str) -> Vec<(&'static str, &'static [Family])> {
    let folded: String = heading
        .to_lowercase()
        .replace('&', " and ")
        .chars()
        .map(|it| if it.is_alphabetic() || "(:—–".contains(it) { it } else { ' ' })
        .collect();
    // What stands in brackets or after a dash or a colon is a remark.
    let folded = folded.split(['(', '—', '–']).next().unwrap_or("");
    let folded = folded.split(": ").next().unwrap_or("").replace(':', " ");
    let words: Vec<&str> = folded.split_whitespace().collect();
    if words.is_empty() || words.len() > MAX_WORDS {
        return Vec::new();
    }
    let phrase = |it: &(&'static str, &'static [Family])| it.0.split(' ').collect::<Vec<_>>();
    let names_more = |it: &str| ["api", "request", "response", "background", "goals", "tests", "schema"].contains(&it);
    let ends = WORDS.iter().find(|it| words.ends_with(&phrase(it)));
    let begins = WORDS.iter().find(|it| !names_more(it.0) && words.starts_with(&phrase(it)));
    ends.into_iter().chain(begins).copied().collect()
}

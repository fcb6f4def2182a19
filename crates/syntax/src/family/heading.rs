//! Headings that hold the name of a family and more: `Deployment Considerations`, `Core Components`,
//! `Operations & Monitoring`, `Database Query Optimization`.
//!
//! Only families that say where a text belongs are found so. Those that tell how it is read (a request, a
//! field, a status) take their exact names.

use crate::family::{Family, table};

/// Words before a family's name that say nothing of their own.
const BEFORE: &[&str] = &[
    "technical",
    "system",
    "overall",
    "general",
    "core",
    "key",
    "main",
    "proposed",
    "project",
    "epic",
    "module",
    "document",
    "new",
    "supporting",
    "ui",
    "frontend",
    "backend",
    "solution",
    "application",
    "high level",
    "detailed",
    "planned",
    "existing",
    "critical",
    "feature",
    "potential",
    "known",
    "related",
    "external",
    "primary",
    "additional",
    "common",
    "current",
];

/// Words behind a family's name that say nothing of their own.
const BEHIND: &[&str] = &[
    "consideration",
    "requirement",
    "specification",
    "spec",
    "detail",
    "approach",
    "strategy",
    "plan",
    "guide",
    "summary",
    "note",
    "change",
    "update",
    "design",
    "architecture",
    "overview",
    "reference",
    "section",
    "guideline",
    "procedure",
    "setup",
    "policy",
    "implementation",
    "standard",
    "planning",
    "process",
    "analysis",
    "schema",
    "affected",
    "diagram",
    "hierarchy",
    "topology",
    "to modify",
    "impact",
    "matrix",
    "item",
    "list",
    "measure",
    "control",
    "practice",
    "best practice",
    "integration",
    "definition",
    "extension",
    "feature",
    "benchmark",
    "checklist",
    "boundary",
    "model",
    "documentation",
    "method",
    "addition",
    "principle",
    "decision",
    "recommendation",
    "mapping",
    "verification",
    "assessment",
];

/// Names that a heading of the family ends in, whatever stands before. Longer names of one ending first.
const ENDS: &[(Family, &[&str])] = &[
    (Family::UnitTests, &["unit test", "unit testing"]),
    (Family::IntegrationTests, &["integration test", "integration testing"]),
    (Family::EndToEndTests, &["end to end test", "e2e test", "test scenario"]),
    (Family::Testing, &["test", "testing", "test coverage", "test plan", "test strategy"]),
    (Family::TestData, &["test data"]),
    (Family::Goals, &["success criteria", "success metric"]),
    (Family::Acceptance, &["acceptance criteria", "requirement"]),
    (Family::Optimization, &["optimization", "caching"]),
    (Family::Targets, &["performance goal", "performance target", "performance metric"]),
    (Family::Metrics, &["metric"]),
    (Family::Risks, &["risk"]),
    (Family::Logging, &["logging"]),
    (Family::Monitoring, &["monitoring", "observability"]),
    (Family::Deployment, &["deployment", "rollout"]),
    (Family::DataMigration, &["data migration"]),
    (Family::Migration, &["migration"]),
    (Family::Authentication, &["authentication"]),
    (Family::Authorization, &["authorization", "permission", "access control"]),
    (Family::DataProtection, &["encryption", "data protection"]),
    (Family::Security, &["security"]),
    (Family::Threats, &["threat"]),
    (Family::ErrorCategories, &["error category", "error type"]),
    (Family::ErrorHandling, &["error handling", "exception handling", "error recovery", "failure mode"]),
    (Family::Files, &["file structure", "project structure", "directory structure", "folder structure"]),
    (Family::Rollback, &["rollback"]),
    (Family::Configuration, &["configuration"]),
    (Family::Performance, &["performance", "scalability"]),
    (Family::HighLevelDesign, &["architecture"]),
    (Family::Technology, &["technology", "technology stack", "tech stack"]),
    (Family::Documentation, &["documentation"]),
    (Family::Dependencies, &["dependency"]),
    (Family::Overview, &["overview"]),
    (Family::Algorithms, &["algorithm"]),
    (Family::State, &["lifecycle", "state management"]),
    (Family::Compatibility, &["backward compatibility", "backwards compatibility"]),
    (Family::Indexes, &["database index"]),
    (Family::Questions, &["question"]),
    (Family::Future, &["future enhancement", "future work"]),
    (Family::Api, &["api"]),
];

/// Names that a heading of the family begins with, whatever stands behind.
const BEGINS: &[(Family, &[&str])] = &[
    (Family::UnitTests, &["unit test"]),
    (Family::IntegrationTests, &["integration test"]),
    (Family::Testing, &["testing", "test coverage", "running test"]),
    (Family::TestData, &["test data"]),
    (Family::Performance, &["performance"]),
    (Family::Security, &["security"]),
    (Family::Deployment, &["deployment"]),
    (Family::Configuration, &["configuration"]),
    (Family::Monitoring, &["monitoring", "observability"]),
    (Family::Migration, &["migration"]),
    (Family::Authentication, &["authentication"]),
    (Family::Authorization, &["authorization"]),
    (Family::Documentation, &["documentation"]),
    (Family::Logging, &["logging"]),
    (Family::Rollback, &["rollback"]),
    (Family::ErrorHandling, &["error handling"]),
    (Family::ErrorCategories, &["error category"]),
    (Family::Dependencies, &["dependency on", "dependency from"]),
    (Family::Acceptance, &["acceptance criteria", "requirement"]),
    (Family::Risks, &["risk"]),
];

/// Last words of the name of a thing that is built, and of a task.
const THINGS: &[&str] = &[
    "service",
    "manager",
    "module",
    "layer",
    "controller",
    "middleware",
    "handler",
    "client",
    "provider",
    "page",
    "screen",
    "form",
    "endpoint",
    "table",
    "class",
    "hook",
    "store",
    "guard",
    "button",
    "collector",
    "engine",
    "server",
    "library",
    "package",
    "file",
    "view",
    "modal",
    "dialog",
    "tab",
    "agent",
    "tool",
    "panel",
    "widget",
    "job",
    "worker",
    "queue",
    "repository",
    "helper",
    "function",
    "state",
    "type",
    "interface",
];

/// First words of a step of a plan, of a task and of a negation.
const STEPS: &[&str] = &[
    "phase",
    "step",
    "sprint",
    "week",
    "day",
    "milestone",
    "story",
    "task",
    "add",
    "create",
    "implement",
    "setup",
    "set",
    "fix",
    "enable",
    "support",
    "write",
    "remove",
    "no",
    "non",
    "without",
    "why",
    "how",
    "what",
    "when",
    "example",
    "sample",
    "get",
    "post",
    "put",
    "patch",
    "delete",
];

/// Longer headings are sentences.
const MAX_WORDS: usize = 5;

/// The family of a heading that no list of synonyms has, by the words that it has around a name.
pub(super) fn family(key: &str) -> Option<Family> {
    let count = key.split(' ').count();
    let first = key.split(' ').next().unwrap_or("");
    if !(2..=MAX_WORDS).contains(&count) || STEPS.contains(&first) {
        return None;
    }
    let last = key.rsplit(' ').next().unwrap_or("");
    if THINGS.contains(&last) {
        return None;
    }
    stripped(key)
        .or_else(|| ends(key))
        .or_else(|| key.split(" and ").find_map(|it| exact(it).or_else(|| stripped(it)).or_else(|| ends(it))))
        .or_else(|| begins(key))
        // What is integrated is somebody else's.
        .filter(|it| *it != Family::Api || !key.contains("integration"))
}

/// The family of a name, if it says no more than where a text belongs.
fn exact(name: &str) -> Option<Family> {
    // `Feature Model` is a thing of its own.
    let thing = ["model", "table", "entity", "module"].contains(&name);
    table().get(name).copied().filter(|it| !thing && places(*it))
}

/// Families whose texts are read alike wherever they stand.
fn places(family: Family) -> bool {
    use Family::*;
    !matches!(
        family,
        Request
            | Response
            | QueryParameters
            | PathParameters
            | Headers
            | Fields
            | Constraints
            | Interfaces
            | Entity
            | Endpoint
            | Component
            | Alternative
            | Algorithm
            | Responsibilities
            | StateDiagram
            | StateTransitions
            | TerminalStates
            | State
            | Errors
            | Contents
            | Approval
            | Purpose
            | Position
            | KeyClasses
            | EnvVars
            | ConfigOptions
            | Scope
            | Revisions
    )
}

/// The name without words that say nothing, in front of it, behind it, or both.
fn stripped(key: &str) -> Option<Family> {
    let named = |it: &str| exact(it).or_else(|| ends(it));
    let fronts =
        std::iter::successors(Some(key), |it| BEFORE.iter().find_map(|word| it.strip_prefix(word)?.strip_prefix(' ')));
    let bare = |it: &&str| !BEFORE.contains(it) && it.len() < key.len();
    fronts.clone().filter(bare).find_map(named).or_else(|| {
        let behind = |front| {
            std::iter::successors(Some(front), |it: &&str| {
                BEHIND.iter().find_map(|word| it.strip_suffix(word)?.strip_suffix(' '))
            })
        };
        fronts.flat_map(behind).filter(bare).find_map(named)
    })
}

fn ends(key: &str) -> Option<Family> {
    let found = ENDS
        .iter()
        .find(|it| it.1.iter().any(|name| key.strip_suffix(name).is_some_and(|it| it.is_empty() || it.ends_with(' '))));
    found.map(|it| it.0)
}

fn begins(key: &str) -> Option<Family> {
    let found =
        BEGINS.iter().find(|it| it.1.iter().any(|name| key.strip_prefix(name).is_some_and(|it| it.starts_with(' '))));
    found.map(|it| it.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Title;

    #[test]
    fn words_around_a_name_do_not_hide_it() {
        for (heading, family) in [
            ("2. Deployment Considerations", Some(Family::Deployment)),
            ("Core Components", Some(Family::Components)),
            ("New UI Components", Some(Family::Components)),
            ("System Overview", Some(Family::Overview)),
            ("Module Overview", Some(Family::Overview)),
            ("Operations & Monitoring", Some(Family::Monitoring)),
            ("Security & Isolation", Some(Family::Security)),
            ("Technical Debt & Future Enhancements", Some(Family::Future)),
            ("Database Query Optimization", Some(Family::Optimization)),
            ("Billing Service Unit Tests", Some(Family::UnitTests)),
            ("Contract Tests", Some(Family::Testing)),
            ("Error Recovery Strategy", Some(Family::ErrorHandling)),
            ("API Routes Summary", Some(Family::Api)),
            ("Testing Locations", Some(Family::Testing)),
            ("Success Metrics", Some(Family::Goals)),
            ("Risk 2: Slow Printers", Some(Family::Risks)),
            // Things and steps are no sections of a kind.
            ("Authentication Service", None),
            ("Security Layer", None),
            ("Phase 1: Testing", None),
            ("Implement Authentication", None),
            ("Booking Table Component", None),
            ("Payment API Integration", None),
            ("GET /roles", None),
            ("Lamp Model", None),
            ("How we think about all of our testing", None),
        ] {
            let title = Title::read(heading.trim());
            assert_eq!(title.family_below(None), family, "{heading}");
        }
    }

    #[test]
    fn what_a_section_collects_is_of_no_family() {
        let title = Title::read("Audit Logging");
        assert_eq!(title.family_below(Some(Family::Security)), Some(Family::Logging));
        assert_eq!(title.family_below(Some(Family::Components)), None);
        assert_eq!(Title::read("Stripe API").family_below(Some(Family::Dependencies)), None);
    }
}

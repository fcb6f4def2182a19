//! Rules: from a [`Spec`] and its [`Workspace`] to diagnostics.
//!
//! A rule is a file with its `RULE`, a page in `docs/`, and its two lines here. No rule knows of
//! suppression, levels in a configuration or other rules.
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)
)]

mod codes;
mod count;
mod examples;
mod offered;
mod project;
mod review;
mod search;
mod shapes;
mod sink;
mod state_sets;
mod texts;
mod vocabulary;

mod page {
    pub(crate) mod broken_anchor;
    pub(crate) mod broken_link;
    pub(crate) mod empty_section;
    pub(crate) mod lost_cells;
    pub(crate) mod miscounted;
    pub(crate) mod misnumbered_section;
    pub(crate) mod missing_section;
    pub(crate) mod missing_subsection;
    pub(crate) mod misspelt_section;
    pub(crate) mod not_utf8;
    pub(crate) mod other_language;
    pub(crate) mod placeholder_left;
    pub(crate) mod stale_contents;
    pub(crate) mod unclosed_fence;
    pub(crate) mod unread_block;
}
mod lifecycle {
    pub(crate) mod approval_missing;
    pub(crate) mod date_in_future;
    pub(crate) mod dates_disagree;
    pub(crate) mod invalid_date;
    pub(crate) mod open_question_in_approved;
    pub(crate) mod revision_order;
    pub(crate) mod stale_date;
    pub(crate) mod stale_version;
    pub(crate) mod unmitigated_risk_in_approved;
    pub(crate) mod version_dated_twice;
}
mod data {
    pub(crate) mod declarations_disagree;
    pub(crate) mod default_violates_type;
    pub(crate) mod invalid_constraint;
    pub(crate) mod lengths_disagree;
    pub(crate) mod undeclared_type;
    pub(crate) mod unknown_diagram_field;
    pub(crate) mod unknown_value;
    pub(crate) mod unsuppliable_field;
    pub(crate) mod values_disagree;
}
mod api {
    pub(crate) mod duplicate_endpoint;
    pub(crate) mod envelopes_disagree;
    pub(crate) mod example_violates_constraint;
    pub(crate) mod example_violates_type;
    pub(crate) mod invalid_json;
    pub(crate) mod invalid_openapi;
    pub(crate) mod missing_operation;
    pub(crate) mod openapi_disagrees;
    pub(crate) mod renamed_parameter;
    pub(crate) mod statuses_disagree;
    pub(crate) mod undeclared_error_code;
    pub(crate) mod undocumented_error;
    pub(crate) mod unknown_endpoint;
    pub(crate) mod unknown_field;
    pub(crate) mod unknown_role;
    pub(crate) mod unlisted_status;
}
mod state {
    pub(crate) mod ambiguous_transition;
    pub(crate) mod diagram_table_disagree;
    pub(crate) mod event_without_endpoint;
    pub(crate) mod invalid_mermaid;
    pub(crate) mod state_rules_disagree;
    pub(crate) mod stuck_state;
    pub(crate) mod transition_against_rule;
    pub(crate) mod unknown_state;
    pub(crate) mod unknown_target;
    pub(crate) mod unreachable_state;
}
mod numbers {
    pub(crate) mod budget_exceeded;
    pub(crate) mod defaults_disagree;
    pub(crate) mod disproved_claim;
    pub(crate) mod incomplete_shares;
    pub(crate) mod percentiles_out_of_order;
    pub(crate) mod unattainable_availability;
    pub(crate) mod versions_disagree;
    pub(crate) mod wrong_arithmetic;
    pub(crate) mod wrong_total;
}
mod operations {
    pub(crate) mod alert_without_metric;
    pub(crate) mod quantities_disagree;
    pub(crate) mod unknown_event;
    pub(crate) mod unknown_variable;
}
mod workspace {
    pub(crate) mod dependency_cycle;
    pub(crate) mod unknown_dependency;
}
mod silence {
    pub(crate) mod allow_without_reason;
    pub(crate) mod unknown_rule;
    pub(crate) mod unused_allow;
}

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::civil::Date;
use model::{Spec, Summary, Workspace};
use source::{Diagnostic, Level, Sources};
use syntax::template::Template;

pub use project::{Executor, OneThread, Project};
pub use review::Review;
pub use sink::{Allowed, Finding, Sink};

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case: the thing that is wrong, reading well after "allow".
    pub name: &'static str,
    /// One line: lower case, no full stop.
    pub summary: &'static str,
    /// The level that its precision on real documents earned.
    pub level: Level,
    /// The version that brought it.
    pub since: &'static str,
    /// Its page.
    pub doc: &'static str,
    /// What it looks at.
    pub check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// One document.
    Spec(fn(&mut Sink<'_>, &Spec)),
    /// One document, with what is found in it once for all rules.
    Review(fn(&mut Sink<'_>, &Review<'_>)),
    /// What is kept of a document, with that of the others at hand.
    Across(fn(&mut Sink<'_>, &Place<'_>)),
    /// The one and the other.
    Both(fn(&mut Sink<'_>, &Spec), fn(&mut Sink<'_>, &Place<'_>)),
    /// The document's silences, after all other rules have spoken.
    Silences(fn(&mut Sink<'_>, &[Allowed<'_>])),
}

/// A document among the others.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// All documents of the run.
    pub workspace: &'a Workspace,
    /// Index of the document among them.
    pub index: usize,
    /// What is kept of it.
    pub document: &'a Summary,
}

/// Every rule, in the order of the documentation.
pub static RULES: &[&Rule] = &[
    &page::placeholder_left::RULE,
    &page::missing_section::RULE,
    &page::missing_subsection::RULE,
    &page::misspelt_section::RULE,
    &page::misnumbered_section::RULE,
    &page::miscounted::RULE,
    &page::empty_section::RULE,
    &page::unclosed_fence::RULE,
    &page::lost_cells::RULE,
    &page::broken_link::RULE,
    &page::broken_anchor::RULE,
    &page::stale_contents::RULE,
    &page::not_utf8::RULE,
    &page::unread_block::RULE,
    &page::other_language::RULE,
    &lifecycle::invalid_date::RULE,
    &lifecycle::date_in_future::RULE,
    &lifecycle::stale_date::RULE,
    &lifecycle::stale_version::RULE,
    &lifecycle::dates_disagree::RULE,
    &lifecycle::revision_order::RULE,
    &lifecycle::version_dated_twice::RULE,
    &lifecycle::approval_missing::RULE,
    &lifecycle::open_question_in_approved::RULE,
    &lifecycle::unmitigated_risk_in_approved::RULE,
    &data::declarations_disagree::RULE,
    &data::lengths_disagree::RULE,
    &data::invalid_constraint::RULE,
    &data::default_violates_type::RULE,
    &data::unknown_diagram_field::RULE,
    &data::undeclared_type::RULE,
    &data::unknown_value::RULE,
    &data::values_disagree::RULE,
    &data::unsuppliable_field::RULE,
    &api::duplicate_endpoint::RULE,
    &api::invalid_json::RULE,
    &api::invalid_openapi::RULE,
    &api::example_violates_type::RULE,
    &api::example_violates_constraint::RULE,
    &api::unknown_endpoint::RULE,
    &api::renamed_parameter::RULE,
    &api::missing_operation::RULE,
    &api::openapi_disagrees::RULE,
    &api::unknown_field::RULE,
    &api::unknown_role::RULE,
    &api::undocumented_error::RULE,
    &api::undeclared_error_code::RULE,
    &api::statuses_disagree::RULE,
    &api::unlisted_status::RULE,
    &api::envelopes_disagree::RULE,
    &state::invalid_mermaid::RULE,
    &state::diagram_table_disagree::RULE,
    &state::unknown_state::RULE,
    &state::unknown_target::RULE,
    &state::transition_against_rule::RULE,
    &state::state_rules_disagree::RULE,
    &state::unreachable_state::RULE,
    &state::stuck_state::RULE,
    &state::ambiguous_transition::RULE,
    &state::event_without_endpoint::RULE,
    &numbers::wrong_arithmetic::RULE,
    &numbers::wrong_total::RULE,
    &numbers::incomplete_shares::RULE,
    &numbers::percentiles_out_of_order::RULE,
    &numbers::budget_exceeded::RULE,
    &numbers::unattainable_availability::RULE,
    &numbers::versions_disagree::RULE,
    &numbers::defaults_disagree::RULE,
    &numbers::disproved_claim::RULE,
    &operations::quantities_disagree::RULE,
    &operations::alert_without_metric::RULE,
    &operations::unknown_event::RULE,
    &operations::unknown_variable::RULE,
    &workspace::unknown_dependency::RULE,
    &workspace::dependency_cycle::RULE,
    &silence::allow_without_reason::RULE,
    &silence::unknown_rule::RULE,
    &silence::unused_allow::RULE,
];

/// A rule by its name.
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|it| it.name == name).copied()
}

/// What a link may lead to outside of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// There is such a file or directory.
    Exists,
    /// There is none.
    Missing,
    /// It cannot be known.
    Unknown,
}

/// What rules may ask besides the documents.
pub struct Context<'a> {
    /// The day on which the documents are judged.
    pub today: Date,
    /// Whether there is a file at a path, which is given as documents' paths are.
    pub target: &'a (dyn Fn(&str) -> Target + Sync),
    /// The level of a rule in a file, where the configuration sets it; `Some(None)` is off.
    pub level: &'a (dyn Fn(&str, &str) -> Option<Option<Level>> + Sync),
    /// What documents are held to.
    pub template: &'a Template,
    /// The rules to run.
    pub rules: &'a [&'static Rule],
}

/// What checking one document gave.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The findings, silenced ones removed, in their order.
    pub diagnostics: Vec<Diagnostic>,
    /// For each silence of the document, whether it silenced anything.
    pub used: Vec<bool>,
    /// Rules that failed by a defect of their own, with what they said.
    pub crashed: Vec<(&'static str, String)>,
}

/// Checks one document by itself.
pub fn check(context: &Context<'_>, sources: &Sources, spec: &Spec, summary: &Summary) -> Outcome {
    let mut outcome = Outcome::default();
    let mut sink = Sink::new(context, sources, summary);
    let review = Review::new(spec);
    for rule in context.rules {
        match rule.check {
            Check::Spec(check) | Check::Both(check, _) => run(&mut sink, rule, &mut outcome, |sink| check(sink, spec)),
            Check::Review(check) => run(&mut sink, rule, &mut outcome, |sink| check(sink, &review)),
            Check::Across(_) | Check::Silences(_) => {}
        }
    }
    outcome.used = sink.silence().into_iter().map(|it| it.used).collect();
    outcome.diagnostics = sink.finish();
    outcome
}

/// Checks the document at `index` of the workspace as one among others; `own` is what checking it by itself
/// gave.
pub fn check_across(
    context: &Context<'_>,
    sources: &Sources,
    workspace: &Workspace,
    index: usize,
    own: &Outcome,
) -> Outcome {
    let mut outcome = Outcome::default();
    let Some(document) = workspace.documents().get(index) else { return outcome };
    let mut sink = Sink::new(context, sources, document);
    let place = Place { workspace, index, document };
    for rule in context.rules {
        if let Check::Across(check) | Check::Both(_, check) = rule.check {
            run(&mut sink, rule, &mut outcome, |sink| check(sink, &place));
        }
    }
    let mut allowed = sink.silence();
    for (allowed, used) in allowed.iter_mut().zip(&own.used) {
        allowed.used |= used;
    }
    for rule in context.rules {
        if let Check::Silences(check) = rule.check {
            run(&mut sink, rule, &mut outcome, |sink| check(sink, &allowed));
        }
    }
    outcome.diagnostics = sink.finish();
    outcome
}

fn run(sink: &mut Sink<'_>, rule: &'static Rule, outcome: &mut Outcome, check: impl FnOnce(&mut Sink<'_>)) {
    if !sink.start(rule) {
        return;
    }
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(sink))) {
        let said =
            panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        outcome.crashed.push((rule.name, said.unwrap_or_default()));
    }
}

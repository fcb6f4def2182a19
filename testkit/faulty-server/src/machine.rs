//! The life of a job.

use serde_json::Value;

use crate::faults::Faults;
use crate::record::{Record, integer, now, set, text};

pub(crate) const STATES: &[&str] =
    &["received", "quoted", "approved", "in_repair", "repaired", "handed_over", "rejected", "cancelled"];
pub(crate) const INITIAL: &str = "received";
pub(crate) const EVENTS: &[&str] = &["quote", "approve", "reject", "start", "finish", "reopen", "hand-over", "cancel"];

/// A transition.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    from: &'static str,
    event: &'static str,
    pub(crate) to: &'static str,
    /// The field that gets the time of the transition.
    time: Option<&'static str>,
}

const fn step(from: &'static str, event: &'static str, to: &'static str, time: Option<&'static str>) -> Step {
    Step { from, event, to, time }
}

const STEPS: &[Step] = &[
    step("received", "quote", "quoted", Some("quotedAt")),
    step("quoted", "approve", "approved", None),
    step("quoted", "reject", "rejected", Some("closedAt")),
    step("approved", "start", "in_repair", Some("startedAt")),
    step("in_repair", "finish", "repaired", Some("finishedAt")),
    step("repaired", "reopen", "in_repair", None),
    step("repaired", "hand-over", "handed_over", Some("closedAt")),
    step("received", "cancel", "cancelled", Some("closedAt")),
    step("quoted", "cancel", "cancelled", Some("closedAt")),
    step("approved", "cancel", "cancelled", Some("closedAt")),
];

/// The steps that a server with these faults has.
fn steps(faults: &Faults) -> impl Iterator<Item = Step> {
    let mut more = Vec::new();
    if faults.on("illegal-transition-allowed") {
        more.push(step("received", "start", "in_repair", Some("startedAt")));
    }
    if faults.on("terminal-state-left") {
        more.push(step("cancelled", "quote", "quoted", Some("quotedAt")));
    }
    let refused = faults.on("legal-transition-refused");
    let wrong = faults.on("wrong-target-state");
    let kept = STEPS.iter().copied().filter(move |it| !(refused && it.from == "approved" && it.event == "cancel"));
    kept.map(move |it| if wrong && it.event == "reject" { Step { to: "cancelled", ..it } } else { it }).chain(more)
}

/// The step that an event makes from a state.
pub(crate) fn by_event(from: &str, event: &str, faults: &Faults) -> Option<Step> {
    steps(faults).find(|it| it.from == from && it.event == event)
}

/// The step that leads from a state to another.
pub(crate) fn leading(from: &str, to: &str, faults: &Faults) -> Option<Step> {
    steps(faults).find(|it| it.from == from && it.to == to)
}

/// Whether the guard of a step holds.
pub(crate) fn allows(step: &Step, record: &Record, faults: &Faults) -> bool {
    match step.event {
        "quote" => integer(record, "quoteCents") > 0 || faults.on("guard-unchecked"),
        "finish" => integer(record, "minutesSpent") >= faults.pick("guard-bound-exclusive", 16, 15),
        "hand-over" => {
            let deposit = faults.on("deposit-blocks-hand-over") && integer(record, "depositCents") > 0;
            // It was repaired again later than the repair was first begun.
            let again = faults.on("reopened-job-stuck") && record.contains_key("reopened");
            !deposit && !again
        }
        _ => true,
    }
}

/// Makes a step.
pub(crate) fn assign(step: Step, record: &mut Record, faults: &Faults) {
    set(record, "status", step.to);
    if step.event == "reopen" && faults.on("reopened-job-stuck") {
        record.insert("reopened".to_owned(), Value::Bool(true));
    }
    let time = match step.event {
        "cancel" if faults.on("assignment-missing") => None,
        "start" if faults.on("assignment-to-other-field") => Some("finishedAt"),
        _ => step.time,
    };
    if let Some(name) = time {
        set(record, name, now());
    }
}

/// Whether a job has not ended.
pub(crate) fn is_open(record: &Record) -> bool {
    !matches!(text(record, "status"), "handed_over" | "rejected" | "cancelled")
}

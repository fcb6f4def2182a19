//! The probes: one file and one line each.

mod constraints;
mod credentials;
mod defaults;
mod examples;
pub(crate) mod fields;
mod filters;
mod guards;
mod immutable;
mod lifecycle;
mod media_types;
mod methods;
mod operations;
mod paging;
mod parameters;
mod performance;
mod race;
mod references;
mod robustness;
mod scenarios;
mod server_set;
mod sorting;
mod transitions;
mod unique;
mod unknown_resource;
mod walk;

use crate::report::Area;
use crate::session::{Session, name, path};

/// A group of probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the command line")]
pub enum Group {
    Contract,
    Errors,
    States,
    Authentication,
    Scenarios,
    Performance,
    Operations,
}

impl Group {
    /// All, in the order in which they run.
    pub const ALL: [Group; 7] = [
        Group::Contract,
        Group::Errors,
        Group::States,
        Group::Authentication,
        Group::Scenarios,
        Group::Performance,
        Group::Operations,
    ];

    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Group::Contract => "contract",
            Group::Errors => "errors",
            Group::States => "states",
            Group::Authentication => "authentication",
            Group::Scenarios => "scenarios",
            Group::Performance => "performance",
            Group::Operations => "operations",
        }
    }
}

/// A way to find out whether a target does what the document says.
pub struct Probe {
    /// Its name, in kebab case.
    pub name: &'static str,
    /// Its group.
    pub group: Group,
    /// What it tries, one sentence without a full stop.
    pub summary: &'static str,
    /// Whether it sends only what changes nothing.
    pub safe: bool,
    pub(crate) run: fn(&mut Session),
}

impl Probe {
    /// Whether a name is its own or that of its group.
    pub fn is(&self, name: &str) -> bool {
        name == self.name || name == self.group.as_str()
    }

    /// Whether it sends nothing, and looks at what others are answered.
    pub fn watches(&self) -> bool {
        [&AGAINST, &RESPONSES, &HEADERS, &ERROR_ROWS].iter().any(|it| it.name == self.name)
    }
}

/// All of them, in the order in which they run.
pub static PROBES: &[&Probe] = &[
    &examples::PROBE,
    &RESPONSES,
    &AGAINST,
    &fields::PROBE,
    &defaults::PROBE,
    &server_set::PROBE,
    &immutable::PROBE,
    &unique::PROBE,
    &references::PROBE,
    &constraints::PROBE,
    &lifecycle::PROBE,
    &paging::PROBE,
    &filters::PROBE,
    &sorting::PROBE,
    &parameters::PROBE,
    &unknown_resource::PROBE,
    &methods::PROBE,
    &media_types::PROBE,
    &transitions::PROBE,
    &guards::PROBE,
    &race::PROBE,
    &walk::PROBE,
    &credentials::PROBE,
    &robustness::PROBE,
    &HEADERS,
    &ERROR_ROWS,
    &scenarios::PROBE,
    &operations::HEALTH,
    &operations::METRICS,
    &performance::PROBE,
];

/// Looks at the answers of a second target.
static AGAINST: Probe = Probe {
    name: "against",
    group: Group::Contract,
    summary: "A second target answers each request as the first does",
    safe: true,
    run: |_| {},
};

/// Looks at the answers of all others.
static RESPONSES: Probe = Probe {
    name: "responses",
    group: Group::Contract,
    summary: "Each answer has the status, the shape, the fields and the types that the document shows",
    safe: true,
    run: |_| {},
};

/// Looks at the refusals of all others.
static HEADERS: Probe = Probe {
    name: "headers",
    group: Group::Contract,
    summary: "A refusal has the headers that its row in a table of errors names",
    safe: true,
    run: |_| {},
};

/// Looks at the refusals of all others.
static ERROR_ROWS: Probe = Probe {
    name: "error-rows",
    group: Group::Errors,
    summary: "Each refusal has the status, the shape, the code and the message that the document states",
    safe: true,
    run: |_| {},
};

/// What nothing has put to the test, and why.
pub(crate) fn rest(session: &mut Session) {
    let why = match &session.ended {
        Some(why) => why.to_string(),
        None if session.options.safe => "it takes requests that change something".to_owned(),
        None if !session.options.only.is_empty() => "the probes that were chosen do not test it".to_owned(),
        None => String::new(),
    };
    let said = |own: &str| if why.is_empty() { own.to_owned() } else { why.clone() };
    for (_, route) in session.routes() {
        let reason = if session.may_call(route) {
            said("no request to it could be made")
        } else {
            "it asks for credentials, and none were given".to_owned()
        };
        session.untested(Area::Endpoint, &name(route), route.line, &reason);
        let Some(endpoint) = session.spec.endpoints.get(route.endpoint) else { continue };
        for row in &endpoint.errors {
            let Some(status) = row.status else { continue };
            let line = session.lines().of(row.span);
            let label = format!("{} {} {status}", route.method, path(route));
            session.untested(Area::Error, &label, line, &said("nothing that is known of provokes it"));
        }
    }
    for table in &session.plan.tables {
        for field in table.fields.iter().filter(|it| it.member.line > 0 && !it.hidden) {
            let label = format!("{}.{}", table.name, field.member.name);
            session.untested(Area::Field, &label, field.member.line, &said("no answer shows it"));
        }
        for condition in &table.conditions {
            let reason = said("no request was found that breaks only this");
            session.untested(
                Area::Constraint,
                &format!("{}: {}", table.name, condition.words),
                condition.line,
                &reason,
            );
        }
        for step in table.machine.iter().flat_map(|it| &it.steps) {
            let from = step.from.as_deref().unwrap_or("any");
            let label = format!("{} {from} × {}", table.name, step.name);
            session.untested(Area::Transition, &label, step.line, &said("no endpoint fires it"));
        }
    }
}

//! Tests a real system against the document that describes it, and says which sentence it breaks.
//!
//! It knows nothing of `runtime` and of the command line, and prints nothing.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod client;
mod judge;
pub mod load;
mod login;
mod mirror;
mod probes;
mod records;
pub mod replay;
mod report;
mod requests;
mod session;
mod stop;
mod targets;
mod template;
mod values;

use std::path::Path;
use std::time::{Duration, Instant};

use model::Spec;
use plan::Plan;
use source::Sources;

use crate::client::Client;
pub use crate::client::{Answer, Request, Trouble};
pub use crate::login::{LoginError, login};
use crate::mirror::Mirror;
pub use crate::probes::{Group, PROBES, Probe};
pub use crate::report::{Area, Clause, Cut, Exchange, Finding, Progress, Report, Verdict};
use crate::session::Session;
pub use crate::stop::Stop;
pub use crate::targets::{Figure, Measured, Verdict as Judged};

/// What proves who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// Nothing does.
    None,
    /// A token after `Bearer`.
    Token(String),
    /// A key in the header that the document names.
    Key(String),
    /// A header and its value, sent with each request.
    Header(String, String),
}

/// How a target is tested.
#[derive(Debug, Clone)]
pub struct Options {
    /// Scheme, host, port, and what stands before each path.
    pub url: String,
    /// What values are drawn from: the same seed sends the same requests.
    pub seed: u64,
    /// How long the whole run may take.
    pub budget: Duration,
    /// How much of it loads may take.
    pub load: Duration,
    /// How long one answer may take.
    pub timeout: Duration,
    /// Names of groups and of probes; empty is all.
    pub only: Vec<String>,
    /// Whether only requests are sent that change nothing.
    pub safe: bool,
    /// What proves who sends a request.
    pub credential: Credential,
    /// The secret that tokens are signed with, if it is known.
    pub secret: Option<String>,
    /// Values of config options.
    pub settings: Vec<(String, String)>,
    /// Whether records that were made are left where they are.
    pub keep: bool,
    /// A second target, which is sent the same and must answer alike.
    pub against: Option<String>,
    /// The process of the target on this machine, whose processor and memory are measured.
    pub pid: Option<u32>,
    /// Ends the run before it is through.
    pub stop: Stop,
}

impl Options {
    /// All probes on a target, with a minute.
    pub fn new(url: &str) -> Options {
        Options {
            url: url.to_owned(),
            seed: 0,
            budget: Duration::from_secs(60),
            load: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            only: Vec::new(),
            safe: false,
            credential: Credential::None,
            secret: None,
            settings: Vec::new(),
            keep: false,
            against: None,
            pid: None,
            stop: Stop::default(),
        }
    }
}

/// Why nothing was tested.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A document that says too little.
    #[error(transparent)]
    Plan(#[from] plan::Error),
    /// A URL that is none.
    #[error("`{0}` is no URL of a service")]
    Url(String),
    /// Probes that send nothing.
    #[error("`{0}` looks at what other probes are answered, and none of them was chosen")]
    Only(&'static str),
    /// Nobody answers.
    #[error("{0}")]
    Target(#[from] Trouble),
    /// A name that stands for no address.
    #[error("`{0}` stands for no address")]
    Name(String),
    /// A process that is not there.
    #[error("there is no process {0}")]
    Process(u32),
    /// Everything is refused for want of a credential, though the document asks for none, or one was given.
    #[error("{url} lets nobody in: each of {count} requests is answered with {status}")]
    Shut {
        /// Where.
        url: String,
        /// How many requests were sent.
        count: usize,
        /// The status of all answers.
        status: u16,
    },
    /// Something answers that is not what the document describes.
    #[error("{url} answers, and knows none of the document's {count} endpoints: each is answered with 404")]
    Other {
        /// Where.
        url: String,
        /// How many endpoints were tried.
        count: usize,
    },
}

/// Tests a target. `progress` is told what is tried, some times in a second.
///
/// # Errors
/// A document without endpoints, a target that does not answer at all, one that is another service.
pub fn run(
    spec: &Spec,
    sources: &Sources,
    options: &Options,
    progress: &mut dyn FnMut(&Progress<'_>),
) -> Result<Report, Error> {
    let begun = Instant::now();
    for url in [&options.url].into_iter().chain(&options.against) {
        let url = client::split(url).0;
        let host = url.strip_prefix("http://").or(url.strip_prefix("https://"));
        if host.is_none_or(|it| it.is_empty() || it.starts_with('/')) || url.contains(['?', '#', ' ']) {
            return Err(Error::Url(url));
        }
    }
    let wanted: Vec<&Probe> = PROBES
        .iter()
        .copied()
        .filter(|it| options.only.is_empty() || options.only.iter().any(|own| it.is(own)))
        .filter(|it| it.safe || !options.safe)
        .collect();
    if let Some(first) = wanted.first().filter(|_| wanted.iter().all(|it| it.watches())) {
        return Err(Error::Only(first.name));
    }
    if let Some(id) = options.pid.filter(|it| cfg!(target_os = "linux") && !Path::new(&format!("/proc/{it}")).exists())
    {
        return Err(Error::Process(id));
    }
    let plan = Plan::compile(spec, sources, &options.settings)?;
    let client = Client::new(&options.url, options.timeout).until(&options.stop);
    let mut session = Session::new(spec, sources, &plan, options, client, progress);
    reach(&mut session)?;
    if let Some(url) = &options.against {
        let second = Client::new(url, options.timeout).until(&options.stop);
        if !session.over() {
            let answer = second.send(&Request::new("GET", "/".to_owned()));
            answer.map(drop).or_else(|it| if session.over() { Ok(()) } else { Err(unreached(url, it)) })?;
        }
        session.mirror = Some(Mirror::new(second));
    }
    if wanted.iter().any(|it| !it.safe) {
        session.tell_apart();
    }
    for probe in wanted {
        if session.over() {
            continue;
        }
        session.probe = probe.name;
        session.tell();
        session.begin();
        (probe.run)(&mut session);
    }
    probes::rest(&mut session);
    if !options.keep && !options.safe {
        session.probe = "cleaning";
        session.tell();
        // Who is asked to end may not leave what it made, nor wait long for it.
        if session.over() {
            session.client = Client::new(&options.url, options.timeout.min(CLEANING));
        }
        let (nowhere, failed, late) = session.clean(Instant::now() + CLEANING.max(session.left()));
        let late = (late, "there was no time to delete them");
        for (count, why) in
            [(nowhere, "no endpoint deletes them"), (failed, "it did not delete them when asked to"), late]
        {
            match count {
                0 => {}
                1 => session.notes.push(format!("1 record stays in the target: {}", why.replace("them", "it"))),
                _ => session.notes.push(format!("{count} records stay in the target: {why}")),
            }
        }
    }
    for (table, why) in std::mem::take(&mut session.barren) {
        let name = plan.tables.get(table).map_or("", |it| it.name.as_str());
        session.notes.push(format!("no {name} could be had: {why}"));
    }
    let (cases, requests, cut) = (session.cases, session.requests, session.ended.take());
    let notes = std::mem::take(&mut session.notes);
    let measured = std::mem::take(&mut session.measured);
    let (mut findings, mut clauses) = session.finish();
    replay::conceal(&mut findings, &options.credential);
    if client::split(&options.url).1.is_some() {
        replay::name_login(&mut findings);
    }
    findings.sort_by(|a, b| (a.line, a.probe, &a.message).cmp(&(b.line, b.probe, &b.message)));
    clauses.sort_by(|a, b| (a.area, a.line, &a.name).cmp(&(b.area, b.line, &b.name)));
    let lines = plan::Lines { sources };
    let mut text: Vec<(u32, String)> = plan.unenforced.iter().map(|it| (lines.of(it.span), it.text.clone())).collect();
    text.sort();
    Ok(Report {
        title: plan.title.clone(),
        path: spec.path.clone(),
        target: client::split(&options.url).0,
        seed: options.seed,
        findings,
        clauses,
        text,
        measured,
        cases,
        requests,
        took: begun.elapsed(),
        cut,
        notes,
    })
}

/// How long it may take after the end of a run to delete what it made.
const CLEANING: Duration = Duration::from_secs(2);

/// Why nobody answers: it may be that the name is wrong.
fn unreached(url: &str, trouble: Trouble) -> Error {
    use std::net::ToSocketAddrs;
    let url = client::split(url).0;
    let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
    let authority = rest.split('/').next().unwrap_or(rest);
    let port = if scheme == "https" { 443 } else { 80 };
    let name = authority.rsplit_once(':').filter(|it| it.1.parse::<u16>().is_ok()).map_or(authority, |it| it.0);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let unknown =
        matches!(trouble, Trouble::Broken(_) | Trouble::Unreachable(_)) && (bare, port).to_socket_addrs().is_err();
    if unknown { Error::Name(name.to_owned()) } else { Error::Target(trouble) }
}

/// Asks whether anybody is there who knows at least one of the document's endpoints.
fn reach(session: &mut Session) -> Result<(), Error> {
    let mut unknown = 0;
    let (mut shut, mut status) = (0, 0);
    let plain = |it: &plan::Route| it.method == "GET" && it.path.parameters().count() == 0;
    let lists = session.routes().any(|it| plain(it.1));
    for (_, route) in session.routes().take(12) {
        let request = session.ask(route, &[], "");
        // What is asked for first should change nothing.
        let request = if route.method == "GET" { request } else { Request { method: "OPTIONS".to_owned(), ..request } };
        let answer = session.client.send(&request);
        if session.options.stop.is_asked() {
            return Ok(());
        }
        let answer = answer.map_err(|it| unreached(session.client.base(), it))?;
        // Where nothing but single records can be asked for, there may be none.
        let none = !lists && route.path.parameters().count() > 0 && answer.is_json();
        // Who gives no credential where none is asked for is to be let in, and who gives one where it is.
        let given = session.options.credential != Credential::None;
        let refused = answer.status == 401 || answer.status == 403 && !given;
        if refused && lists && session.may_call(route) {
            shut += usize::from(plain(route));
            status = answer.status;
            continue;
        }
        if answer.status != 404 || none {
            return Ok(());
        }
        unknown += 1;
        if session.over() {
            let asked = if unknown == 1 { "the endpoint".to_owned() } else { format!("each of {unknown} endpoints") };
            session
                .notes
                .push(format!("{asked} that was asked for first is answered with 404: is it another service?"));
            return Ok(());
        }
    }
    if shut > 0 {
        let url = session.client.base().to_owned();
        return if unknown == 0 { Err(Error::Shut { url, count: shut, status }) } else { Ok(()) };
    }
    if lists {
        return Err(Error::Other { url: session.client.base().to_owned(), count: unknown });
    }
    Ok(())
}

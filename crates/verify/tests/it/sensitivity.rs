//! A server with one fault is found out, by the probe that is there for it, and a healthy one is not.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use faulty_server::{FAULTS, Fault, SECRET, SPEC, token};
use verify::{Credential, Finding, Group, Options, Report};

use crate::service::Document;

struct Workshop {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

fn workshop(faults: &'static [&'static str]) -> Workshop {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(faulty_server::serve(listener, faults));
    Workshop { address, _runtime: runtime }
}

fn report(document: &Document, faults: &'static [&'static str], only: &[&str], seed: u64) -> Report {
    let served = workshop(faults);
    let options = Options {
        seed,
        load: Duration::from_secs(20),
        only: only.iter().map(|it| (*it).to_owned()).collect(),
        credential: Credential::Token(token()),
        secret: Some(SECRET.to_owned()),
        budget: Duration::from_secs(300),
        keep: true,
        // The server runs in this process.
        pid: Some(std::process::id()),
        ..Options::new(&format!("http://{}", served.address))
    };
    verify::run(&document.spec, &document.sources, &options, &mut |_| {}).unwrap()
}

fn shown(finding: &Finding) -> String {
    let last = finding.steps.last().map(|it| {
        let body = String::from_utf8_lossy(it.request.body.as_deref().unwrap_or_default()).into_owned();
        format!("{} {} {}", it.request.method, it.request.target, body.chars().take(200).collect::<String>())
    });
    format!(
        "line {} {}: {} (×{})\n    expected {}\n    found {}\n    {}",
        finding.line,
        finding.probe,
        finding.message,
        finding.more + 1,
        finding.expected,
        finding.found,
        last.unwrap_or_default()
    )
}

/// What is run for a fault: its probe; what all answers are held to takes all probes that make some.
fn probes(fault: &'static Fault) -> Vec<&'static str> {
    let (_, probe) = fault.probe.split_once(": ").unwrap();
    match probe {
        "responses" => vec!["contract"],
        "robustness" => vec!["contract", "errors"],
        "headers" => vec!["contract", "authentication"],
        "error-rows" => vec!["contract", "errors", "states", "authentication"],
        probe => vec![probe],
    }
}

#[test]
fn the_healthy_server_has_no_findings() {
    let document = Document::read("spec.md", SPEC);
    // What a build for tests on a busy machine takes is no matter of promises.
    let untimed: Vec<&str> = Group::ALL.iter().filter(|it| **it != Group::Performance).map(|it| it.as_str()).collect();
    let report = report(&document, &[], &untimed, 0);
    let findings: Vec<String> = report.findings.iter().map(shown).collect();
    assert!(findings.is_empty() && report.cut.is_none(), "{}\n{:?}", findings.join("\n"), report.cut);
}

/// Faults that nothing finds, each with why.
const NOT_FOUND: &[(&str, &str)] = &[(
    "last-page-leads-on",
    "the document does not say that the cursor of the last page is null, and a list whose last page leads to an empty one holds each record once",
)];

/// Faults that another probe finds than the one that is there for them, since it comes first to what they
/// change.
const OTHER_PROBE: &[(&str, &str)] = &[];

#[test]
fn each_fault_is_found() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let document = Document::read("spec.md", SPEC);
    let lines: Vec<&str> = SPEC.lines().collect();
    let next = AtomicUsize::new(0);
    let outcomes: Mutex<Vec<(&Fault, Vec<Finding>)>> = Mutex::new(Vec::new());
    let chosen: Vec<&'static Fault> =
        FAULTS.iter().filter(|it| it.name.contains(&only) || it.probe.contains(&only)).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(fault) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let faults: &'static [&'static str] = Box::leak(Box::new([fault.name]));
                    let report = report(&document, faults, &probes(fault), 0);
                    outcomes.lock().unwrap().push((fault, report.findings));
                }
            });
        }
    });
    let mut wrong = Vec::new();
    let mut clauses = 0;
    for (fault, findings) in outcomes.into_inner().unwrap() {
        let (_, probe) = fault.probe.split_once(": ").unwrap();
        let all: Vec<String> = findings.iter().map(shown).collect();
        let known = NOT_FOUND.iter().any(|it| it.0 == fault.name);
        // What a busy machine can hide is no matter of this test.
        let hidden = probe == "targets" && findings.is_empty();
        if findings.is_empty() != known && !hidden {
            wrong.push(format!(
                "{} ({}): {}",
                fault.name,
                fault.probe,
                if known { "found after all" } else { "not found" }
            ));
        }
        let other = OTHER_PROBE.iter().any(|it| it.0 == fault.name);
        if !findings.is_empty() && findings.iter().any(|it| it.probe == probe) == other {
            wrong.push(format!("{} ({}): found by another probe\n  {}", fault.name, fault.probe, all.join("\n  ")));
        }
        let line = |it: &Finding| (it.line as usize).checked_sub(1).and_then(|it| lines.get(it)).copied();
        let named = findings.iter().any(|it| line(it).is_some_and(|it| fault.breaks(it)));
        if std::env::var("CLAUSES").is_ok() && !named && !findings.is_empty() {
            let told: Vec<String> =
                findings.iter().map(|it| format!("{} {:?}: {}", it.line, line(it).unwrap_or(""), it.message)).collect();
            wrong.push(format!("{}: wants {:?}, names\n  {}", fault.name, fault.clause, told.join("\n  ")));
        }
        clauses += usize::from(named);
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{}\n{} of {} wrong", wrong.join("\n"), wrong.len(), chosen.len());
    // Of what is said of all requests a finding may name the endpoint or the field that shows it.
    assert!(
        !only.is_empty() || clauses * 10 >= chosen.len() * 9,
        "{clauses} of {} findings name the clause that is broken",
        chosen.len()
    );
}

#[test]
fn two_targets_that_are_alike_and_two_that_are_not() {
    let document = Document::read("spec.md", SPEC);
    let (first, second) = (workshop(&[]), workshop(&[]));
    let other = workshop(&["decimal-as-number"]);
    let run = |against: &Workshop| {
        let options = Options {
            only: vec!["examples".to_owned(), "lifecycle".to_owned()],
            credential: Credential::Token(token()),
            against: Some(format!("http://{}", against.address)),
            keep: true,
            ..Options::new(&format!("http://{}", first.address))
        };
        verify::run(&document.spec, &document.sources, &options, &mut |_| {}).unwrap().findings
    };
    let alike: Vec<String> = run(&second).iter().map(shown).collect();
    assert!(alike.is_empty(), "{}", alike.join("\n"));
    let found = run(&other);
    assert!(found.iter().any(|it| it.probe == "against" && it.found.contains("unitPrice")), "{found:?}");
}

//! A server with one fault is found out, by the probe that is there for it, and a healthy one is not.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use faulty_server::{FAULTS, Fault, SECRET, SPEC, token};
use verify::{Credential, Finding, Options, Report};

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
        only: only.iter().map(|it| (*it).to_owned()).collect(),
        credential: Credential::Token(token()),
        secret: Some(SECRET.to_owned()),
        budget: Duration::from_secs(300),
        keep: true,
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
        "headers" => vec!["contract", "authentication"],
        "error-rows" => vec!["contract", "errors", "states", "authentication"],
        probe => vec![probe],
    }
}

#[test]
fn the_healthy_server_has_no_findings() {
    let document = Document::read("spec.md", SPEC);
    let report = report(&document, &[], &[], 0);
    let findings: Vec<String> = report.findings.iter().map(shown).collect();
    assert!(findings.is_empty() && report.cut.is_none(), "{}\n{:?}", findings.join("\n"), report.cut);
}

#[test]
fn each_fault_is_found() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let document = Document::read("spec.md", SPEC);
    let next = AtomicUsize::new(0);
    let missed = Mutex::new(Vec::new());
    let chosen: Vec<&'static Fault> =
        FAULTS.iter().filter(|it| it.name.contains(&only) || it.probe.contains(&only)).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(fault) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let begun = Instant::now();
                    let faults: &'static [&'static str] = Box::leak(Box::new([fault.name]));
                    let report = report(&document, faults, &probes(fault), 0);
                    let probe = fault.probe.split(": ").nth(1).unwrap();
                    let lines: Vec<&str> = SPEC.lines().collect();
                    let names = |it: &&Finding| {
                        it.line > 0 && lines.get(it.line as usize - 1).is_some_and(|it| fault.breaks(it))
                    };
                    let by_probe = report.findings.iter().any(|it| it.probe == probe);
                    let by_clause = report.findings.iter().any(|it| it.line > 0 && names(&it));
                    let others: Vec<String> =
                        report.findings.iter().map(|it| format!("{}@{} {}", it.probe, it.line, it.message)).collect();
                    let line = format!(
                        "{} {} {} {} [{}] {:?} {} | {}",
                        if report.findings.is_empty() { "MISSED" } else { "found" },
                        if by_probe { "probe" } else { "OTHER-PROBE" },
                        if by_clause { "clause" } else { "OTHER-CLAUSE" },
                        fault.name,
                        fault.probe,
                        begun.elapsed(),
                        report.cases,
                        others.iter().take(3).cloned().collect::<Vec<_>>().join(" | "),
                    );
                    let mut all = missed.lock().unwrap();
                    all.push(line);
                    std::fs::write("/tmp/sens.txt", all.join("\n")).unwrap();
                }
            });
        }
    });
}

//! What is served from a document keeps what the document promises: nothing is found, by any probe.

use std::time::Duration;

use verify::{Group, Options};

use crate::root;
use crate::service::{Document, SECRET, credential, serve};

/// The documents: examples, the template, and those of the runtime's suites, with their settings.
fn documents() -> Vec<(String, Document)> {
    let mut found = Vec::new();
    for name in ["bookings", "notes", "orders"] {
        let path = format!("examples/{name}.md");
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        found.push((path.clone(), Document::read(&path, &text)));
    }
    found.push(("template.md".to_owned(), Document::read("template.md", &syntax::template::text())));
    let folder = root().join("crates/runtime/tests/suite");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let settings: Vec<(String, String)> = text
            .lines()
            .filter_map(|it| it.strip_prefix("Set: ")?.split_once('='))
            .map(|it| (it.0.to_owned(), it.1.to_owned()))
            .collect();
        for (number, fence) in text.split("\n````document\n").skip(1).enumerate() {
            let own = fence.split("\n````").next().unwrap();
            let label = format!("{name} {}", number + 1);
            let mut document = Document::read("document.md", own);
            document.settings.clone_from(&settings);
            found.push((label, document));
        }
    }
    found
}

/// All groups but the loads: what a build for tests on a busy machine takes is no matter of promises.
fn untimed() -> Vec<String> {
    Group::ALL.iter().filter(|it| **it != Group::Performance).map(|it| it.as_str().to_owned()).collect()
}

#[test]
fn services_of_documents_keep_what_they_promise() {
    let only = std::env::var("ONLY").unwrap_or_default();
    let seeds: u64 = std::env::var("SEEDS").ok().and_then(|it| it.parse().ok()).unwrap_or(1);
    let mut failures = Vec::new();
    let (mut served, mut cases) = (0, 0);
    for (label, document) in documents().into_iter().filter(|it| it.0.contains(&only)) {
        let Some(service) = serve(&document) else { continue };
        served += 1;
        // The last run meets what the first left behind, and draws the same at first.
        for seed in (0..seeds).chain([0]) {
            let options = Options {
                seed,
                credential: credential(&document),
                secret: Some(SECRET.to_owned()),
                settings: document.settings.clone(),
                budget: Duration::from_secs(120),
                only: untimed(),
                ..Options::new(&format!("http://{}", service.address))
            };
            let report = match verify::run(&document.spec, &document.sources, &options, &mut |_| {}) {
                Ok(report) => report,
                Err(error) => {
                    failures.push(format!("{label}: {error}"));
                    continue;
                }
            };
            cases += report.cases;
            failures.extend(report.cut.map(|it| format!("{label}: {it}")));
            for finding in report.findings {
                let last = finding.steps.last().map(|it| {
                    format!(
                        "{} {} {}",
                        it.request.method,
                        it.request.target,
                        String::from_utf8_lossy(it.request.body.as_deref().unwrap_or_default())
                            .chars()
                            .take(300)
                            .collect::<String>()
                    )
                });
                failures.push(format!(
                    "{label} seed {seed} line {} {}: {} (×{})\n    expected {}\n    found {}\n    {}",
                    finding.line,
                    finding.probe,
                    finding.message,
                    finding.more + 1,
                    finding.expected,
                    finding.found,
                    last.unwrap_or_default()
                ));
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{}\n{} findings in {served} documents, {cases} cases",
        failures.join("\n"),
        failures.len()
    );
    assert!(!only.is_empty() || (served >= 24 && cases > 5_000), "{served} documents, {cases} cases");
}

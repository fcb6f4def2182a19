//! The catalogue, the code and the document speak of the same.

use std::collections::BTreeSet;
use std::path::Path;

use faulty_server::{FAULTS, SPEC};
use regex::Regex;

const PROBES: &[&str] = &[
    "contract: examples",
    "contract: fields",
    "contract: defaults",
    "contract: server-set",
    "contract: immutable",
    "contract: unique",
    "contract: references",
    "contract: constraints",
    "contract: lifecycle",
    "contract: paging",
    "contract: filters",
    "contract: sorting",
    "contract: parameters",
    "contract: responses",
    "contract: unknown-resource",
    "contract: methods",
    "contract: media-types",
    "contract: headers",
    "errors: error-rows",
    "errors: robustness",
    "states: transitions",
    "states: guards",
    "states: race",
    "states: walk",
    "authentication: credentials",
    "scenarios: scenarios",
    "performance: targets",
    "operations: health",
    "operations: metrics",
];

#[test]
fn each_fault_stands_in_the_code_once() {
    let mut text = String::new();
    for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap() {
        let path = file.unwrap().path();
        if !path.ends_with("catalogue.rs") {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    let asked = Regex::new(r#"(?:\.on|\.pick|\.glimpse)\(\s*"([a-z0-9-]+)""#).unwrap();
    let code: BTreeSet<&str> = asked.captures_iter(&text).map(|it| it.get(1).unwrap().as_str()).collect();
    let named: BTreeSet<&str> = FAULTS.iter().map(|it| it.name).collect();
    assert_eq!(code, named);
    assert_eq!(named.len(), FAULTS.len(), "a name stands twice");
}

#[test]
fn each_clause_stands_in_the_document() {
    for fault in FAULTS {
        for clause in [fault.clause].iter().chain(fault.also) {
            assert!(SPEC.lines().any(|it| it.contains(clause)), "{}: {clause}", fault.name);
        }
        assert!(PROBES.contains(&fault.probe), "{}: {}", fault.name, fault.probe);
    }
    for probe in PROBES {
        assert!(FAULTS.iter().any(|it| it.probe == *probe), "nothing is left to {probe}");
    }
}

#[tokio::test]
async fn a_fault_that_is_none_is_refused() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let error = faulty_server::serve(listener, &["no-such-fault"]).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no fault `no-such-fault`; --list names them");
}

//! The formats in which findings are written for other programs.

use serde_json::Value;

use crate::place::{NOTES, Place};

/// A document with one warning, and one with none.
fn place() -> Place {
    let place = Place::new();
    place.write("a, b.md", format!("{NOTES}\nSee [100%](<no such.md>).\n"));
    place
}

#[test]
fn github_shows_each_finding_in_a_line() {
    let ended = place().run("check . --format github");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let line = NOTES.lines().count() + 2;
    let expected = format!(
        "::warning file=a%2C b.md,line={line},col=13,endColumn=23,title=broken-link::there is no file `no such.md`\n"
    );
    assert_eq!(ended.out, expected);
}

#[test]
fn junit_has_a_suite_for_each_document() {
    let ended = place().run("check . --format junit");
    let line = NOTES.lines().count() + 2;
    for part in [
        "<testsuites name=\"truespec\" tests=\"2\" failures=\"1\" errors=\"0\">\n",
        "<testsuite name=\"a, b.md\" tests=\"1\" failures=\"1\" errors=\"0\">\n",
        &format!(
            "name=\"broken-link at {line}:13\"><failure message=\"there is no file `no such.md`\" type=\"warning\">"
        ),
        "<testsuite name=\"notes.md\" tests=\"1\" failures=\"0\" errors=\"0\">\n    <testcase classname=\"notes.md\" name=\"check\"/>\n",
    ] {
        assert!(ended.out.contains(part), "{part} in {}", ended.out);
    }
}

#[test]
fn sarif_has_rules_places_and_fingerprints() {
    let ended = place().run("check . --format sarif");
    let log: Value = serde_json::from_str(&ended.out).unwrap();
    let run = &log["runs"][0];
    assert_eq!((log["version"].as_str(), run["results"].as_array().map(Vec::len)), (Some("2.1.0"), Some(1)));
    let result = &run["results"][0];
    assert_eq!(run["tool"]["driver"]["rules"][0]["id"], result["ruleId"]);
    assert_eq!((result["level"].as_str(), result["ruleIndex"].as_u64()), (Some("warning"), Some(0)));
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%2C%20b.md");
    assert_eq!(place["region"]["startColumn"], 13);
    assert!(result["partialFingerprints"]["truespecAddress/v1"].as_str().unwrap().starts_with("broken-link:a, b.md#"));
}

#[test]
fn standard_input_is_a_document() {
    let ended = place().fed("check - --format concise", &format!("{NOTES}\n[x](#nowhere)\n"));
    assert!(ended.out.starts_with("<stdin>:") && ended.out.contains("warning[broken-anchor]"), "{ended:?}");
    assert!(ended.err.contains("1 warning in 1 document"), "{ended:?}");
}

#[test]
fn a_baseline_knows_findings_by_their_element() {
    let place = Place::new();
    let broken = format!("{NOTES}\nSee [one](one.md).\n");
    place.write("notes.md", &broken);
    let ended = place.run("check notes.md --baseline known.json");
    assert_eq!((ended.status, ended.err.lines().next()), (Some(2), Some("error: there is no baseline known.json")));
    let ended = place.run("check notes.md --baseline known.json --update-baseline");
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), "1 finding known in known.json\n"));
    // Lines move, and a second mistake is made at the same element.
    place.write("notes.md", broken.replacen("\n## ", "\n\n\n## ", 1) + "\nSee [two](two.md).\n");
    let ended = place.run("check notes.md --baseline known.json --format concise");
    assert_eq!(ended.out.lines().count(), 1, "{ended:?}");
    assert!(ended.out.contains("two.md") && ended.err.contains("; 1 known"), "{ended:?}");
    place.write("notes.md", NOTES);
    let ended = place.run("check notes.md --baseline known.json");
    assert!(ended.err.starts_with("nothing found in 1 document; 1 of the baseline are gone"), "{ended:?}");
    place.write("known.json", "{\"version\": 2, \"findings\": []}");
    let ended = place.run("check notes.md --baseline known.json");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.contains("its version is 2"), "{ended:?}");
}

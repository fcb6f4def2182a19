//! `check --fix`: what it changes, and what it leaves as it is.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::place::Place;

/// Two headings that are nearly sections, and a link that leads nowhere.
const TIDES: &str = "# Technical Specification: Tides\n\n## Secuirty Considerations\n\nReadings are public. [x](no.md)\n\n## Open Qestions\n\nNone";
const MENDED: &str = "# Technical Specification: Tides\n\n## Security Considerations\n\nReadings are public. [x](no.md)\n\n## Open Questions\n\nNone";

#[test]
fn what_can_be_fixed_is_and_the_rest_is_told() {
    let place = Place::new();
    place.write("tides.md", TIDES);
    let ended = place.run("check tides.md --format concise");
    assert!(ended.err.starts_with("3 warnings in 1 document; 2 can be fixed (--fix)   "), "{ended:?}");
    let ended = place.run("check tides.md --fix --format concise --deny warnings");
    assert_eq!(ended.out, "tides.md:5:26: warning[broken-link]: there is no file `no.md`\n");
    let told = "fixed tides.md:3:4 misspelt-section: write `Security Considerations`\n\
                fixed tides.md:7:4 misspelt-section: write `Open Questions`\n\
                1 warning in 1 document; 2 fixed in 1 file   ";
    assert!(ended.err.starts_with(told), "{ended:?}");
    assert_eq!((ended.status, place.read("tides.md").as_str()), (Some(1), MENDED));
    // The link is gone too: nothing is left.
    place.write("tides.md", TIDES.replace(" [x](no.md)", ""));
    let ended = place.run("check tides.md --fix --deny warnings");
    assert!(ended.status == Some(0) && ended.err.contains("\nnothing left in 1 document; 2 fixed"), "{ended:?}");
}

#[test]
fn every_other_byte_is_kept() {
    let place = Place::new();
    let dressed = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    place.write("tides.md", dressed(TIDES));
    place.run("check tides.md --fix");
    assert_eq!(place.read("tides.md"), dressed(MENDED));
}

#[test]
fn a_diff_changes_nothing() {
    let place = Place::new();
    place.write("tides.md", TIDES);
    let ended = place.run("check . --diff");
    let expected = "--- tides.md\n+++ tides.md\n@@ -1,9 +1,9 @@\n # Technical Specification: Tides\n \n\
                    -## Secuirty Considerations\n+## Security Considerations\n \n Readings are public. [x](no.md)\n \n\
                    -## Open Qestions\n+## Open Questions\n \n None\n\\ No newline at end of file\n";
    assert_eq!((ended.out.as_str(), place.read("tides.md").as_str()), (expected, TIDES));
    assert_eq!(ended.err, "2 findings would be fixed in 1 file; 1 would remain\n");
}

#[test]
fn standard_input_goes_to_standard_output() {
    let place = Place::new();
    let ended = place.fed("check - --fix --format concise", TIDES);
    assert_eq!((ended.status, ended.out.as_str()), (Some(0), MENDED), "{ended:?}");
    assert!(ended.err.contains("\n<stdin>:5:26: warning[broken-link]"), "{ended:?}");
    let ended = place.fed("check - --diff", TIDES);
    assert!(ended.out.starts_with("--- <stdin>\n+++ <stdin>\n@@ -1,9"), "{ended:?}");
    let ended = place.fed("check - --fix", TIDES.replace("public", "p\u{fffd}blic").as_str());
    assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""), "{ended:?}");
    assert!(ended.err.ends_with("error: `<stdin>` was not fixed: it is not UTF-8\n"), "{ended:?}");
}

#[test]
fn what_is_not_told_is_not_fixed() {
    let place = Place::new();
    let silent = TIDES.replace("\n## Open", "\n<!-- allow(misspelt-section): a name of ours -->\n## Open");
    place.write("tides.md", &silent);
    place.run("check tides.md --baseline known.json --update-baseline");
    assert_eq!(place.run("check tides.md --baseline known.json --fix").status, Some(0));
    assert_eq!(place.read("tides.md"), silent);
    place.run("check tides.md --fix");
    assert_eq!(place.read("tides.md"), silent.replace("Secuirty", "Security"));
    place.write("truespec.toml", "[levels]\nmisspelt-section = \"info\"\n");
    place.write("tides.md", TIDES);
    place.run("check tides.md --fix");
    assert_eq!(place.read("tides.md"), TIDES);
    place.run("check tides.md --fix --info");
    assert_eq!(place.read("tides.md"), MENDED);
}

#[test]
fn a_file_that_is_not_utf8_is_left() {
    let place = Place::new();
    let bytes = [TIDES.as_bytes(), b"\xff\n"].concat();
    place.write("tides.md", &bytes);
    place.write("other.md", TIDES);
    let ended = place.run("check . --fix");
    assert_eq!(ended.status, Some(2));
    assert!(ended.err.ends_with("error: `tides.md` was not fixed: it is not UTF-8\n"), "{ended:?}");
    assert!(ended.err.contains("; 2 fixed in 1 file"), "{ended:?}");
    assert_eq!(std::fs::read(place.folder.join("tides.md")).unwrap(), bytes);
    assert_eq!(place.read("other.md"), MENDED);
}

#[test]
#[cfg(unix)]
fn links_and_permissions_are_kept() {
    use std::fs::{Permissions, metadata, set_permissions, symlink_metadata};
    use std::os::unix::fs::{PermissionsExt, symlink};

    let place = Place::new();
    let (file, link) = (place.folder.join("tides.md"), place.folder.join("link.md"));
    place.write("tides.md", TIDES);
    set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    symlink("tides.md", &link).unwrap();
    assert_eq!(place.run("check link.md --fix").status, Some(0));
    assert_eq!(place.read("tides.md"), MENDED);
    assert!(symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    // One that may not be written is not replaced either.
    place.write("tides.md", TIDES);
    set_permissions(&file, Permissions::from_mode(0o440)).unwrap();
    let ended = place.run("check tides.md --fix");
    assert!(ended.err.ends_with("error: `tides.md` was not fixed: it is read-only\n"), "{ended:?}");
    assert!(ended.err.contains("3 warnings in 1 document") && !ended.err.contains("fixed tides.md"), "{ended:?}");
    assert_eq!((ended.status, place.read("tides.md").as_str()), (Some(2), TIDES));
    assert_eq!(std::fs::read_dir(&place.folder).unwrap().count(), 3, "nothing else is left behind");
}

/// Everything that the pages of the rules show as fixable is gone after one run, and fixing again changes
/// nothing.
#[test]
fn fixes_of_all_pages_settle() {
    let place = Place::new();
    let mut paths = Vec::new();
    for (path, text) in testkit::files(&testkit::root().join("crates/rules/docs"), "md") {
        let page = testkit::page::read(&text);
        for (number, fragment) in page.fragments.iter().enumerate() {
            for (name, text) in &fragment.files {
                let name = format!("{}/{number}/{name}", testkit::stem(&path));
                let to = place.folder.join(&name);
                std::fs::create_dir_all(to.parent().unwrap()).unwrap();
                place.write(&name, testkit::marks::take(text).0);
                paths.push(name);
            }
        }
    }
    let paths = paths.join(" ");
    let fixable = || -> BTreeSet<String> {
        let ended = place.run(&format!("check {paths} --format json --today 2026-06-01"));
        let report: Value = serde_json::from_str(&ended.out).unwrap();
        let findings = report["diagnostics"].as_array().unwrap().iter();
        let fixable = findings.filter(|it| matches!(it["fix"]["applicability"].as_str(), Some("safe" | "unsafe")));
        fixable.map(|it| it["rule"].as_str().unwrap().to_owned()).collect()
    };
    assert!(!fixable().is_empty());
    let ended = place.run(&format!("check {paths} --fix --unsafe-fixes --info --today 2026-06-01 --format concise"));
    assert!(matches!(ended.status, Some(0 | 1)), "{}", ended.err);
    assert_eq!(fixable(), BTreeSet::new());
    let ended = place.run(&format!("check {paths} --fix --unsafe-fixes --info --today 2026-06-01 --diff"));
    assert_eq!(ended.out, "");
}

//! `truespec.toml`: what it changes, and what is said of its mistakes.

use crate::place::{NOTES, Place};

const TEMPLATE: &str = "# <Product> Design\n\nOwner: {{ owner }}\n\n## Why\n\n_One paragraph about the problem._\n\n## What we build\n\n\
    Describe the thing in a page at most.\n\n### Screens\n\n- [Screen name]: what is on it\n\n## Who pays\n\nEach pays its part.\n\n\
    ## House Rules\n\nWhat can go wrong?\n";

/// The findings of a run, one line each.
fn findings(place: &Place, arguments: &str) -> Vec<String> {
    let ended = place.run(&format!("{arguments} --format concise"));
    assert!(matches!(ended.status, Some(0 | 1)), "{ended:?}");
    ended.out.lines().map(str::to_owned).collect()
}

#[test]
fn another_template_is_the_measure() {
    let place = Place::new();
    place.folder("docs");
    place.folder("designs");
    place.write("docs/template.md", TEMPLATE);
    place.write("truespec.toml", "template = \"docs/template.md\"\n");
    // All that was not filled in, but for what an author may keep.
    let filled = TEMPLATE.replace("<Product>", "Kiosk").replace("What can go wrong?", "[Screen name] and [optional]");
    place.write("designs/kiosk.md", &filled);
    let expected = [
        "designs/kiosk.md:3:8: warning[placeholder-left]: `{{ owner }}` is a prompt of the template",
        "designs/kiosk.md:7:2: warning[placeholder-left]: `One paragraph about the problem.` is a prompt of the template",
        "designs/kiosk.md:11:1: warning[placeholder-left]: `Describe the thing in a page at most.` is a prompt of the template",
        "designs/kiosk.md:23:1: warning[placeholder-left]: `[Screen name]` is a prompt of the template",
    ];
    assert_eq!(findings(&place, "check"), expected, "and the template itself is not checked");
    // Half of its sections make a document one of its form, and the others are missing in it.
    place.write(
        "designs/kiosk.md",
        "# Kiosk Design\n\n## Why\n\nQueues.\n\n## What we build\n\nA kiosk.\n\n## Huose Rules\n\nNone.\n",
    );
    let expected = [
        "designs/kiosk.md:1:3: warning[missing-section]: section missing: `Who pays`",
        "designs/kiosk.md:7:4: info[missing-subsection]: not said here: `Screens`",
        "designs/kiosk.md:11:4: warning[misspelt-section]: `Huose Rules` is not a section; did you mean `House Rules`?",
    ];
    assert_eq!(findings(&place, "check --info"), expected);
    place.run("new designs/locker.md --title Locker");
    assert_eq!(place.read("designs/locker.md"), TEMPLATE);
}

#[test]
fn sections_can_be_required_and_named() {
    let place = Place::new();
    place.write(
        "truespec.toml",
        "required = [\"Accessibility\", \"API\"]\n\n[synonyms]\n\"House Rules\" = \"State Transitions\"\n",
    );
    let table = "| From | Event | To |\n|---|---|---|\n| draft | send | sent |\n| sent | lose | draft |\n";
    place.write("notes.md", format!("{NOTES}\n## House Rules\n\n{table}"));
    assert_eq!(
        findings(&place, "check notes.md"),
        ["notes.md:1:3: warning[missing-section]: section missing: `Accessibility`"]
    );
    assert!(place.run("outline notes.md").out.contains("draft"));
    place.write("notes.md", format!("{NOTES}\n## Accessibility\n\nRead aloud.\n"));
    assert_eq!(findings(&place, "check notes.md"), [""; 0]);
}

#[test]
fn levels_depend_on_the_path() {
    let place = Place::new();
    place.folder("specs");
    place.folder("specs/old");
    place.folder("other");
    for path in ["specs/a.md", "specs/b.md", "specs/old/c.md", "other/d.md"] {
        place.write(path, format!("{}\n[x](no.md)\n", NOTES.replace("notes", path)));
    }
    let toml = "roots = [\"specs\"]\nexclude = [\"**/old/**\"]\n[levels]\nbroken-link = \"error\"\n\
                [paths.\"specs/\"]\nbroken-link = \"off\"\n[paths.\"specs/*\"]\nbroken-link = \"warning\"\n\
                [paths.\"specs/b.md\"]\nbroken-link = \"off\"\n";
    place.write("truespec.toml", toml);
    let line = NOTES.lines().count() + 2;
    let found = findings(&place, "check");
    assert_eq!(found, [format!("specs/a.md:{line}:5: warning[broken-link]: there is no file `no.md`")]);
    // What is named is read, and its configuration is the nearest one above it.
    let found = findings(&place, "check other/d.md specs/old/c.md");
    assert_eq!(found, [format!("other/d.md:{line}:5: error[broken-link]: there is no file `no.md`")]);
}

#[test]
fn mistakes_are_told_with_their_place() {
    let place = Place::new();
    for (toml, message, hint) in [
        ("rotos = []", "1:1: there is no key `rotos`", "did you mean `roots`?"),
        ("roots = [\"no\"]", "1:10: there is no directory `no` beside this file", ""),
        ("exclude = [\"a[b\"]", "1:11: `a[b` is no pattern: unclosed character class; missing ']'", ""),
        ("template = \"no.md\"", "1:12: the template `no.md` cannot be read: ", ""),
        ("template = \"plain.md\"", "1:12: `plain.md` has no sections and is no template", ""),
        ("required = \"API\"", "1:12: a list of texts is expected here", ""),
        ("[levels]\nbrokn-link = \"off\"", "2:1: there is no rule `brokn-link`", "did you mean `broken-link`?"),
        ("[levels]\nbroken-link = \"of\"", "2:15: there is no level `of`", "did you mean `off`?"),
        ("[levels]\nbroken-link = 1", "2:15: a text in quotes is expected here", ""),
        ("[paths.\"x/\"]\nzzz = \"off\"", "2:1: there is no rule `zzz`", "`truespec explain` lists the rules"),
        (
            "[synonyms]\nRules = \"State Tranistions\"",
            "2:9: there is no section `State Tranistions`",
            "did you mean `state transition`?",
        ),
        ("levels = 3", "1:10: a table is expected here", ""),
        ("a =", "1:4: ", ""),
    ] {
        place.write("plain.md", "Nothing\n");
        place.write("truespec.toml", toml);
        let ended = place.run("check");
        assert!(ended.err.starts_with(&format!("error: truespec.toml:{message}")), "{toml}\n{}", ended.err);
        assert!(ended.err.contains(hint), "{toml}\n{}", ended.err);
        assert_eq!(ended.status, Some(2));
    }
    place.write("truespec.toml", "rotos = []\n[levels]\nzzz = \"off\"\n");
    let ended = place.run("check");
    assert!(ended.err.contains("\n  - truespec.toml:3:1: there is no rule `zzz`"), "{}", ended.err);
}

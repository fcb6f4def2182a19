//! `check --since`: the findings that are due to what changed.

use std::process::Command;

use crate::linked::{DOCUMENT, SCHEMA};
use crate::place::{NOTES, Place};

/// A committed document with a broken link, and one without fault.
fn repository() -> Place {
    let place = Place::new();
    place.folder("specs");
    place.write("specs/old.md", old());
    place.write("specs/notes.md", NOTES);
    std::fs::remove_file(place.folder.join("notes.md")).unwrap();
    git(&place, "init -q -b main");
    commit(&place);
    place
}

/// With a link that leads nowhere.
fn old() -> String {
    format!("{}\n## Risks\n\nSee [one](one.md).\n", NOTES.replace("notes", "papers"))
}

fn git(place: &Place, arguments: &str) {
    let settings = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
    let mut command = Command::new("git");
    command.args(settings).args(arguments.split_whitespace()).current_dir(&place.folder);
    let output = command.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "git {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

fn commit(place: &Place) {
    git(place, "add -A");
    git(place, "commit -q --allow-empty -m change");
}

/// What is told since a revision, one line each.
fn since(place: &Place, revision: &str) -> Vec<String> {
    let ended = place.run(&format!("check specs --format concise --since {revision}"));
    assert!(matches!(ended.status, Some(0 | 1)), "{ended:?}");
    ended.out.lines().map(str::to_owned).collect()
}

#[test]
fn older_findings_are_left_out() {
    let place = repository();
    let ended = place.run("check specs --since HEAD");
    assert!(ended.err.starts_with("nothing found in 2 documents; 1 older than the changes since HEAD"), "{ended:?}");
    // Lines above it make a finding no younger, and a further one at the same element is told.
    place.write("specs/old.md", old().replace("\n## API", "\nHello.\n\n## API") + "See [two](two.md).\n");
    let line = old().lines().count() + 3;
    let expected = format!("specs/old.md:{line}:11: warning[broken-link]: there is no file `two.md`");
    assert_eq!(since(&place, "HEAD"), [expected.as_str()]);
    // It is the same after a commit, and after another one of somebody else on the branch compared with.
    git(&place, "checkout -q -b mine");
    commit(&place);
    git(&place, "checkout -q main");
    place.write("specs/old.md", NOTES.replace("notes", "papers"));
    commit(&place);
    git(&place, "checkout -q mine");
    assert_eq!(since(&place, "main"), [expected.as_str()]);
    // A line that was touched and is still wrong is told.
    place.write("specs/old.md", old().replace("See [one]", "See [that]"));
    assert_eq!(since(&place, "HEAD~1").len(), 1);
}

#[test]
fn what_a_change_breaks_elsewhere_is_told() {
    let place = repository();
    place.write("specs/index.md", format!("{}\nSee [notes](notes.md).\n", NOTES.replace("notes", "entries")));
    commit(&place);
    std::fs::remove_file(place.folder.join("specs/notes.md")).unwrap();
    let line = NOTES.lines().count() + 2;
    let expected = format!("specs/index.md:{line}:13: warning[broken-link]: there is no file `notes.md`");
    assert_eq!(since(&place, "HEAD"), [expected]);
}

#[test]
fn a_file_that_is_new_or_moved() {
    let place = repository();
    // What moved is not new, in the index or not.
    for index in [false, true] {
        std::fs::rename(place.folder.join("specs/old.md"), place.folder.join("specs/renamed.md")).unwrap();
        if index {
            git(&place, "add -A");
        }
        assert_eq!(since(&place, "HEAD"), [""; 0], "{index}");
        std::fs::rename(place.folder.join("specs/renamed.md"), place.folder.join("specs/old.md")).unwrap();
    }
    git(&place, "add -A");
    place.write("specs/new.md", old().replace("papers", "letters"));
    let line = old().lines().count();
    assert_eq!(
        since(&place, "HEAD"),
        [format!("specs/new.md:{line}:11: warning[broken-link]: there is no file `one.md`")]
    );
    // Only what is told is fixed, and from below too.
    let heading = "\n## Secuirty Considerations\n\nNone.\n";
    place.write("specs/new.md", NOTES.replace("notes", "letters") + heading);
    place.write("specs/old.md", old() + heading);
    git(&place, "add specs/old.md");
    git(&place, "commit -q -m more");
    std::fs::create_dir(place.folder.join("below")).unwrap();
    let below = Place::at(&place, "below");
    let ended = below.run("check ../specs --since HEAD --fix");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(place.read("specs/new.md").contains("## Security") && place.read("specs/old.md").contains("## Secuirty"));
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let place = Place::new();
    let refused = |arguments: &str, message: &str, hint: &str| {
        let ended = place.run(arguments);
        assert_eq!(ended.status, Some(2), "{ended:?}");
        assert!(
            ended.err.starts_with("error: ") && ended.err.contains(message) && ended.err.contains(hint),
            "{ended:?}"
        );
    };
    refused("check notes.md --since HEAD", " is not in the working tree of a git repository", "help: --since compares");
    git(&place, "init -q -b main");
    refused("check notes.md --since HEAD", "git knows no revision `HEAD`", "help: `git fetch`");
    commit(&place);
    refused("check notes.md --since orign/main", "git knows no revision `orign/main`", "help: `git fetch`");
    refused("check notes.md --since=--upload-pack=x", "git knows no revision `--upload-pack=x`", "");
    git(&place, "checkout -q --orphan other");
    place.write("other.md", NOTES);
    commit(&place);
    refused("check notes.md --since main", "`main` and the current commit have no common history", "name another");
    refused("check - --since main", "standard input has no history to compare with", "");
    // A clone that lacks the history.
    commit(&place);
    let origin = place.folder.to_str().unwrap();
    let clone = Place::new();
    git(&clone, &format!("clone -q --depth 1 file://{origin} shallow"));
    let ended = Place::at(&clone, "shallow").run("check . --since HEAD~1");
    assert!(ended.err.contains("git knows no revision `HEAD~1`\n  help: the clone is shallow"), "{ended:?}");
}

#[test]
fn a_linked_file_is_compared_as_it_was() {
    let place = repository();
    place.folder("specs/db");
    place.write("specs/library.md", DOCUMENT);
    place.write("specs/db/schema.sql", SCHEMA);
    commit(&place);
    // They disagreed already; what is new in the schema is not that.
    place
        .write("specs/db/schema.sql", SCHEMA.replace("CREATE TABLE books (", "CREATE TABLE books (\n  pages INTEGER,"));
    assert_eq!(since(&place, "HEAD"), [""; 0]);
    place.write("specs/library.md", DOCUMENT.replace("title: number", "title: string"));
    place.write("specs/db/schema.sql", SCHEMA);
    commit(&place);
    place.write("specs/db/schema.sql", SCHEMA.replace("TEXT", "INTEGER"));
    let found = since(&place, "HEAD");
    assert!(found.len() == 1 && found[0].contains("`title` is "), "{found:?}");
}

//! `check --watch`: what it says when documents change.

use std::io::{BufRead, BufReader};
use std::process::Command;

use crate::linked::{DOCUMENT, SCHEMA};
use crate::place::{NOTES, Place};

/// A document with a link that leads nowhere.
fn linking(to: &str) -> String {
    format!("{NOTES}\nSee [x]({to}).\n")
}

#[test]
fn what_changes_is_checked_again() {
    let place = Place::new();
    place.write("notes.md", linking("one.md"));
    let mut child = place.start("check . --watch --format concise");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut err = BufReader::new(child.stderr.take().unwrap());
    let line = NOTES.lines().count() + 2;
    let mut next = |expected: &str| {
        let mut said = String::new();
        out.read_line(&mut said).unwrap();
        assert_eq!(said, format!("notes.md:{line}:9: {expected}\n"));
    };
    next("warning[broken-link]: there is no file `one.md`");
    // As many editors write: another file takes its place.
    place.write("new", linking("two.md"));
    std::fs::rename(place.folder.join("new"), place.folder.join("notes.md")).unwrap();
    next("warning[broken-link]: there is no file `two.md`");
    place.write("notes.md", linking("three.md"));
    next("warning[broken-link]: there is no file `three.md`");
    // The configuration counts too, and a mistake in it ends nothing.
    place.write("truespec.toml", "[levels]\nbroken-lnk = \"error\"\n");
    let mut said = String::new();
    while !said.contains("there is no rule `broken-lnk`") {
        said.clear();
        assert!(err.read_line(&mut said).unwrap() > 0);
    }
    place.write("truespec.toml", "[levels]\nbroken-link = \"error\"\n");
    next("error[broken-link]: there is no file `three.md`");
    // What a link leads to appears; then it is taken away.
    place.write("three.md", NOTES.replace("notes", "letters"));
    place.write("notes.md", linking("four.md"));
    next("error[broken-link]: there is no file `four.md`");
    // Not an interrupt: whatever runs in the background of a shell ignores it.
    let stopped = Command::new("kill").args(["-s", "TERM", &child.id().to_string()]).status().unwrap();
    assert!(stopped.success());
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(15));
}

#[test]
fn watching_ends_where_nobody_reads() {
    let place = Place::new();
    place.write("notes.md", linking("one.md"));
    let mut child = place.start("check . --watch --format concise");
    let mut said = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
    place.write("notes.md", linking("two.md"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(place.run("check - --watch").err, "error: standard input cannot be watched\n");
    assert_eq!(place.run("check --watch --fix").status, Some(2));
}

#[test]
fn what_a_document_links_to_is_watched() {
    let place = Place::new();
    place.folder("db");
    place.write("library.md", DOCUMENT.replace("[the loader](load.sql)", "[x](no.md)"));
    let mut child = place.start("check library.md --watch --format concise");
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut until = |expected: &str| {
        let mut said = String::new();
        while !said.contains(expected) {
            said.clear();
            assert!(out.read_line(&mut said).unwrap() > 0, "{expected}");
        }
    };
    until("there is no file `db/schema.sql`");
    place.write("db/schema.sql", SCHEMA);
    until("`title` is string in the SQL table");
    place.write("db/schema.sql", SCHEMA.replace("TEXT", "BOOLEAN"));
    until("`title` is boolean in the SQL table");
    child.kill().unwrap();
    child.wait().unwrap();
}

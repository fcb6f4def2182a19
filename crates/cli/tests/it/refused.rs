//! What `run` refuses: each with its reason, what to do, and status 2.

use crate::place::{NOTES, Place};

/// Runs a command that must be refused, and gives what it says.
fn refused(place: &Place, arguments: &str) -> String {
    let ended = place.run(arguments);
    assert_eq!(ended.status, Some(2), "{arguments}: {ended:?}");
    assert_eq!(ended.out, "", "{arguments}");
    ended.err
}

#[test]
fn files_that_hold_no_records() {
    let place = Place::new();
    std::fs::create_dir(place.folder.join("folder")).unwrap();
    place.write("words.db", "no database at all, but long enough to look at its first bytes".repeat(9));
    for (db, message, help) in [
        ("folder", "folder is a directory, and the records need a file", "--db sqlite:FILE"),
        ("no/x.db", "the records cannot be kept in no/x.db: there is no directory no", "make the directory"),
        ("words.db", "words.db is not a database that a document was served from", "--db sqlite:FILE"),
    ] {
        let said = refused(&place, &format!("run notes.md --port 0 --db sqlite:{db}"));
        assert!(said.starts_with(&format!("error: {message}\n  help: ")) && said.contains(help), "{said}");
    }
    let said = refused(&place, "run notes.md --port 0 --db sqlite:words.db --reset");
    assert!(said.contains("words.db is not a database"), "{said}");
    assert!(place.folder.join("words.db").exists());
}

#[test]
fn a_port_or_a_file_in_use() {
    let place = Place::new();
    let service = place.serve("run notes.md --port 0");
    let said = refused(&place, &format!("run notes.md --port {} --db sqlite::memory:", service.port));
    assert!(said.starts_with(&format!("error: port {} is in use\n  help: ", service.port)), "{said}");
    let said = refused(&place, "run notes.md --port 0");
    assert!(said.starts_with("error: notes.db is being served by another process\n  help: "), "{said}");
    // A process that was killed holds nothing.
    drop(service);
    drop(place.serve("run notes.md --port 0"));
}

#[test]
fn records_of_something_else() {
    let place = Place::new();
    drop(place.serve("run notes.md --port 0"));
    place.write("tasks.md", NOTES.replace("Specification: Notes", "Specification: Tasks").replace("Note", "Task"));
    let said = refused(&place, "run tasks.md --port 0 --db sqlite:notes.db");
    assert!(
        said.starts_with("error: notes.db holds the records of another document, `Notes`, not of `Tasks`"),
        "{said}"
    );
    place.write("notes.md", NOTES.replace("1-120", "1-100"));
    let said = refused(&place, "run notes.md --port 0");
    assert_eq!(
        said,
        "error: notes.db was made from another state of this document\n\
         \x20 - `Note.title` was at most 120 characters long, and is at most 100 characters long\n\
         \x20 help: --reset begins without records, after the file was renamed\n\
         \x20 help: name another file with --db sqlite:FILE\n"
    );
    drop(place.serve("run notes.md --port 0 --reset"));
    let kept = std::fs::read_dir(&place.folder).unwrap().filter(|it| {
        let name = it.as_ref().unwrap().file_name().into_string().unwrap();
        name.starts_with("notes-2") && name.ends_with(".db")
    });
    assert_eq!(kept.count(), 1);
    drop(place.serve("run notes.md --port 0"));
}

#[test]
fn options_that_do_not_fit() {
    let place = Place::new();
    let table = "| Option | Type | Default |\n|---|---|---|\n| maxLines | integer | 5 |\n";
    place.write("notes.md", format!("{NOTES}\n## Configuration\n\n### Config Options\n\n{table}"));
    place.write("truespec.toml", "[options]\nmaxLines = \"many\"\nother = 1\n");
    let said = refused(&place, "run notes.md --port 0 --db sqlite::memory:");
    assert!(said.starts_with("error: `many` does not fit the config option `maxLines`"), "{said}");
    place.write("truespec.toml", "[options]\nmaxLines = 7\n");
    drop(place.serve("run notes.md --port 0 --db sqlite::memory:"));
}

#[test]
fn tokens_need_a_document_that_asks_and_a_secret() {
    let place = Place::new();
    let said = refused(&place, "token notes.md");
    assert!(said.starts_with("error: the document asks callers for neither a token nor a key"), "{said}");
    place.write("notes.md", format!("{NOTES}\n## Security\n\n### Authentication\nAll endpoints require a JWT.\n"));
    let said = refused(&place, "token notes.md");
    assert!(said.starts_with("error: there is no secret to sign with yet\n  help: "), "{said}");
    let service = place.serve("run notes.md --port 0");
    let ended = place.run("token notes.md --sub ada");
    assert_eq!((ended.status, ended.out.trim().split('.').count()), (Some(0), 3), "{ended:?}");
    drop(service);
    place.write(
        "notes.md",
        format!("{NOTES}\n## Security\n\n### Authentication\nAll endpoints require a JWT (RS256).\n"),
    );
    let said = refused(&place, "run notes.md --port 0");
    assert!(said.contains("is not set: environment variable TRUESPEC_JWT_SECRET\n  help: "), "{said}");
}

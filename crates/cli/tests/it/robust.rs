//! What a file system, a pipe and a command line can hold against `check`.

use std::fs::{Permissions, set_permissions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::place::{NOTES, Place};

/// A document with a link that leads nowhere.
fn broken() -> String {
    format!("{NOTES}\nSee [x](no.md).\n")
}

#[test]
fn a_file_is_read_once_whatever_it_is_called() {
    let place = Place::new();
    place.folder("deep/er");
    symlink("..", place.folder.join("deep/loop")).unwrap();
    symlink("../notes.md", place.folder.join("deep/link.md")).unwrap();
    symlink("nowhere.md", place.folder.join("deep/dangling.md")).unwrap();
    place.folder("deep/folder.md");
    let name = std::ffi::OsStr::from_bytes(b"deep/\xff.md");
    std::fs::write(place.folder.join(name), NOTES).unwrap();
    assert!(place.run("check .").err.starts_with("nothing found in 2 documents"));
    let all = format!("check notes.md ./notes.md deep/link.md deep/../notes.md {}/notes.md .", place.folder.display());
    assert!(place.run(&all).err.starts_with("nothing found in 2 documents"), "{:?}", place.run(&all));
}

#[test]
fn what_cannot_be_read_is_told() {
    let place = Place::new();
    for (arguments, message) in [
        ("check no.md", "there is no file `no.md`"),
        ("check /dev/zero", "`/dev/zero` cannot be read: it is larger than 64 MiB"),
        ("check notes.md --baseline .", "the baseline . cannot be read: "),
    ] {
        let ended = place.run(arguments);
        assert!(ended.status == Some(2) && ended.err.starts_with(&format!("error: {message}")), "{ended:?}");
    }
    place.folder("empty");
    assert!(place.run("check empty").err.starts_with("error: no specification in `empty`\n"));
    place.write("readme.md", "# Read me\n");
    std::fs::remove_file(place.folder.join("notes.md")).unwrap();
    let ended = place.run("check");
    assert!(
        ended.err.starts_with("error: no specification in `.` (1 file skipped: not a specification)\n"),
        "{ended:?}"
    );
}

#[test]
fn titles_say_what_is_a_specification() {
    let place = Place::new();
    std::fs::remove_file(place.folder.join("notes.md")).unwrap();
    let titles = ["API Specification", "Software Design Document: Buses", "Especificación Técnica: Pistas"];
    for (at, title) in titles.iter().enumerate() {
        place.write(&format!("{at}.md"), format!("# {title}\n"));
    }
    place.write("readme.md", "# How we write a specification\n");
    let ended = place.run("check");
    assert!(ended.err.starts_with("nothing found in 3 documents (1 file skipped: "), "{ended:?}");
}

#[test]
fn nobody_has_to_read_what_is_said() {
    let place = Place::new();
    place.write("notes.md", broken());
    // Pipes whose other end is closed, and a device that is full.
    let program = env!("CARGO_BIN_EXE_truespec");
    let shell = |script: &str| {
        let script = format!("set -o pipefail; {}", script.replace("truespec", program));
        let mut command = std::process::Command::new("bash");
        command.args(["-c", &script]).current_dir(&place.folder).output().unwrap().status.code()
    };
    assert_eq!(shell("truespec check . | true"), Some(0));
    assert_eq!(shell("truespec check . 2>&1 >/dev/null | true"), Some(0));
    assert_eq!(shell("truespec check . --deny warnings 2>&1 | true"), Some(1));
    assert_eq!(shell("truespec check . 2>/dev/full"), Some(0));
    assert_eq!(shell("truespec check . >/dev/full"), Some(2));
}

#[test]
fn warnings_that_are_known_are_not_denied() {
    let place = Place::new();
    place.write("notes.md", broken());
    let ended = place.run("check . --baseline known.json --update-baseline --deny warnings");
    assert_eq!(ended.status, Some(0), "{ended:?}");
    for format in ["text", "concise", "json", "sarif", "github", "junit"] {
        let status = |arguments: &str| place.run(&format!("check . --format {format} {arguments}")).status;
        assert_eq!(status(""), Some(0), "{format}");
        assert_eq!(status("--deny warnings"), Some(1), "{format}");
        assert_eq!(status("--deny warnings --baseline known.json"), Some(0), "{format}");
    }
    place.write("notes.md", broken() + "See [y](nor.md).\n");
    assert_eq!(place.run("check . --deny warnings --baseline known.json").status, Some(1));
}

#[test]
fn what_is_not_written_is_not_said_to_be_fixed() {
    let place = Place::new();
    place.folder("fixed");
    place.write("fixed/notes.md", format!("{NOTES}\n## Secuirty Considerations\n\nNone.\n"));
    set_permissions(place.folder.join("fixed"), Permissions::from_mode(0o555)).unwrap();
    let ended = place.run("check fixed --fix --format concise");
    let lines = NOTES.lines().count();
    set_permissions(place.folder.join("fixed"), Permissions::from_mode(0o755)).unwrap();
    // The superuser may write anywhere.
    if ended.status != Some(0) {
        assert!(
            ended.status == Some(2) && ended.out.starts_with(&format!("fixed/notes.md:{}:4", lines + 2)),
            "{ended:?}"
        );
        assert!(!ended.err.contains("fixed fixed/notes.md") && ended.err.contains("was not fixed: "), "{ended:?}");
    }
}

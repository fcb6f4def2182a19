//! `verify` and `replay`: what they write, what they refuse, and how they end.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;

use crate::place::{NOTES, Place};

/// A place with a service of `notes.md`, and `strict.md`, which that service breaks: titles are shorter there.
fn served() -> (Place, crate::place::Running, String) {
    let place = Place::new();
    place.write("strict.md", NOTES.replace("1-120 characters", "1-12 characters"));
    let service = place.serve("run notes.md --port 0 --db sqlite::memory: --log off");
    let url = service.url();
    (place, service, url)
}

#[test]
fn what_is_found_is_written_in_each_format() {
    let (place, _service, url) = served();
    let run = |format: &str| {
        let ended = place.run(&format!("verify strict.md --only fields --url {url} --format {format}"));
        assert_eq!(ended.status, Some(1), "{format}: {ended:?}");
        ended.out
    };

    let report: Value = serde_json::from_str(&run("json")).unwrap();
    let schema: Value = serde_json::from_str(include_str!("../../../../docs/schemas/verify.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> = schema.iter_errors(&report).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|it| it["message"].as_str().unwrap().contains("13 characters")).unwrap();
    let line = 1 + NOTES.lines().position(|it| it.contains("1-120")).unwrap();
    assert_eq!((finding["probe"].as_str(), finding["line"].as_u64()), (Some("fields"), Some(line as u64)));
    assert_eq!(finding["quoted"], "title: string; // 1-12 characters");
    assert_eq!(finding["endpoint"], "POST /notes");
    assert_eq!(finding["steps"].as_array().unwrap().last().unwrap()["status"], 201);
    assert!(finding["curl"][0].as_str().unwrap().starts_with("curl -s -X POST \"http://127.0.0.1:"), "{finding}");
    let name = &finding["clauses"].as_array().unwrap().last().unwrap()["name"];
    let clause = report["clauses"].as_array().unwrap().iter().find(|it| it["name"] == *name).unwrap();
    assert_eq!((clause["verdict"].as_str(), clause["area"].as_str()), (Some("broken"), Some("fields")));

    let log: Value = serde_json::from_str(&run("sarif")).unwrap();
    let result = &log["runs"][0]["results"][0];
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
    let place_of = &result["locations"][0]["physicalLocation"];
    assert_eq!(
        (place_of["artifactLocation"]["uri"].as_str(), place_of["region"]["startLine"].as_u64()),
        (Some("strict.md"), Some(line as u64))
    );

    let junit = run("junit");
    for part in
        ["<testsuite name=\"fields\"", "name=\"Note.title (line ", "<failure message=\"`title` ", "<skipped message=\""]
    {
        assert!(junit.contains(part), "{part} in {junit}");
    }
    let github = run("github");
    assert!(github.starts_with(&format!("::error file=strict.md,line={line},")), "{github}");

    let page = run("html");
    for part in ["<!doctype html>", "title: string; // 1-12 characters", "--data-raw &#39;{", ">Note</h3>"] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for part in ["<script", "src=", "url(", "@import", "href=\"http"] {
        assert!(!page.contains(part), "{part} in {page}");
    }

    let text = run("text");
    for part in [
        " characters is accepted\n",
        "title: string; // 1-12 characters",
        "\n  expected  ",
        "\n  curl -s -X POST ",
        " broken",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn nothing_that_a_target_says_becomes_markup() {
    let place = Place::new();
    // Each request is answered with what ends a script, a comment and an attribute.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 4096]);
            let body = "</script></pre>--><img src=x onerror=\"alert(1)\">\u{1b}[2J'";
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: ";
            let _ = stream.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes());
        }
    });
    let ended = place.run(&format!("verify notes.md --only examples --url {url} --format html"));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(ended.out.contains("&lt;/script&gt;&lt;/pre&gt;"), "{ended:?}");
    assert!(!ended.out.contains("</script") && !ended.out.contains("<img"), "{ended:?}");
    let ended = place.run(&format!("verify notes.md --only examples --url {url}"));
    assert!(ended.out.contains("</script>") && !ended.out.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn a_replay_says_whether_it_is_as_before() {
    let (place, _service, url) = served();
    let ended = place.run(&format!("verify strict.md --only fields --url {url} --replays found"));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    let mut files: Vec<_> =
        std::fs::read_dir(place.folder.join("found")).unwrap().flatten().map(|it| it.file_name()).collect();
    files.sort();
    let file = format!("found/{}", files[0].to_str().unwrap());
    assert!(ended.out.contains(&format!("truespec replay {file}\n")), "{ended:?}");
    let again = place.run(&format!("replay {file}"));
    assert_eq!(again.status, Some(1), "{again:?}");
    assert!(again.out.contains("\nas before; expected "), "{again:?}");
    let mended = place.serve("run strict.md --port 0 --db sqlite::memory: --log off");
    let ended = place.run(&format!("replay {file} --url {}", mended.url()));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(ended.out.contains("\nnot as before: "), "{ended:?}");
    // What only leads to the last request has to go as before.
    let mut lost: Value = serde_json::from_str(&place.read(&file)).unwrap();
    let steps = lost["steps"].as_array_mut().unwrap();
    let mut first = steps[0].clone();
    first["status"] = Value::from(299);
    steps.insert(0, first);
    place.write("lost.json", lost.to_string());
    let ended = place.run("replay lost.json");
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.out.contains("\ncannot be told: request 1 of 2 "), "{ended:?}");
}

#[test]
fn files_of_earlier_runs_are_removed_and_no_others() {
    let (place, _service, url) = served();
    place.folder("found");
    let own = r#"{"version": 1, "document": "strict.md", "probe": "fields", "steps": []}"#;
    let other = own.replace("strict.md", "other.md");
    let files = [
        ("997-fields-line-3.json", own, false),
        ("998-fields-line-3.json", other.as_str(), true),
        ("999-fields-line-3.json", "{}", true),
        ("mine-fields-line-3.json", own, true),
    ];
    for (name, text, _) in files {
        place.write(&format!("found/{name}"), text);
    }
    let ended = place.run(&format!("verify strict.md --only fields --url {url} --replays found"));
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(
        place
            .folder
            .join("found")
            .read_dir()
            .unwrap()
            .flatten()
            .any(|it| it.file_name().as_encoded_bytes().starts_with(b"001-"))
    );
    for (name, _, stays) in files {
        assert_eq!(place.folder.join("found").join(name).exists(), stays, "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_was_found_is_printed_though_a_file_cannot_be_written() {
    let (place, _service, url) = served();
    for options in ["--receipt /dev/full", "-o /dev/full", "--receipt /dev/full -o /dev/full"] {
        let ended = place.run(&format!("verify strict.md --only fields --url {url} {options}"));
        assert_eq!(ended.status, Some(2), "{options}: {ended:?}");
        assert!(ended.out.contains("\n  curl -s -X POST "), "{options}: {ended:?}");
        assert!(
            ended.err.ends_with("error: `/dev/full` cannot be written: No space left on device (os error 28)\n"),
            "{ended:?}"
        );
    }
}

#[test]
fn a_receipt_says_what_was_verified_and_can_be_signed() {
    let (place, _service, url) = served();
    let ended = place.run(&format!("verify notes.md --only fields --url {url} --receipt plain.json --seed 7"));
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let plain: Value = serde_json::from_str(&place.read("plain.json")).unwrap();
    assert_eq!((&plain["signature"], &plain["receipt"]["commit"]), (&Value::Null, &Value::Null));
    assert_eq!((plain["receipt"]["seed"].as_str(), plain["receipt"]["findings"].as_u64()), (Some("7"), Some(0)));

    let pair = ssh_key::private::Ed25519Keypair::from_seed(&[7; 32]);
    let key = ssh_key::PrivateKey::from(pair);
    place.write("key", key.to_openssh(ssh_key::LineEnding::LF).unwrap().as_bytes());
    let wanted = format!("verify strict.md --only fields --url {url} --receipt signed.json --key key --commit 4f2a");
    assert_eq!(place.run(&wanted).status, Some(1));
    let text = place.read("signed.json");
    let signed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(signed["receipt"]["commit"], "4f2a");
    assert!(signed["receipt"]["findings"].as_u64() > Some(0), "{text}");
    let sha256 = signed["receipt"]["document"]["sha256"].as_str().unwrap();
    assert!(sha256.len() == 64 && sha256 != plain["receipt"]["document"]["sha256"], "{text}");
    // What is signed is a line of the file.
    let message = text.lines().find_map(|it| it.strip_prefix("\"receipt\": ")?.strip_suffix(',')).unwrap();
    let signature: ssh_key::SshSig = signed["signature"].as_str().unwrap().parse().unwrap();
    key.public_key().verify("truespec-receipt", message.as_bytes(), &signature).unwrap();
    assert!(
        key.public_key().verify("truespec-receipt", message.replace("4f2a", "4f2b").as_bytes(), &signature).is_err()
    );

    place.write("words", "no key");
    let ended = place.run(&format!("verify notes.md --url {url} --receipt r.json --key words"));
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.err.starts_with("error: the key `words` cannot be used: "), "{ended:?}");
    assert!(!place.folder.join("r.json").exists());
}

/// A target that answers each request alike, and the requests that it is sent.
fn always(answer: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut read = vec![0; 65536];
            let count = stream.read(&mut read).unwrap_or(0);
            let _ = tell.send(String::from_utf8_lossy(&read[..count]).into_owned());
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (url, told)
}

#[test]
fn the_password_of_a_url_is_sent_and_shown_nowhere() {
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
    let (url, told) = always(answer);
    let url = url.replace("http://", "http://bob:secret@");
    let place = Place::new();
    for format in ["text", "json", "html", "junit", "sarif"] {
        let options = "--receipt receipt.json --replays found --only examples";
        let ended = place.run(&format!("verify notes.md --url {url} --format {format} {options}"));
        assert_eq!(ended.status, Some(1), "{ended:?}");
        for word in ["secret", "bob", "Ym9iOnNlY3JldA=="] {
            assert!(!ended.out.contains(word) && !ended.err.contains(word), "{ended:?}");
            assert!(!place.read("receipt.json").contains(word));
            for file in place.folder.join("found").read_dir().unwrap().flatten() {
                assert!(!std::fs::read_to_string(file.path()).unwrap().contains(word), "{file:?}");
            }
        }
        assert!(format != "text" || ended.out.contains(" -u \"$LOGIN\""), "{ended:?}");
    }
    let file = place.folder.join("found").read_dir().unwrap().flatten().next().unwrap().path();
    let sent: Vec<String> = told.try_iter().collect();
    assert!(!sent.is_empty() && sent.iter().all(|it| it.contains("authorization: Basic Ym9iOnNlY3JldA==")), "{sent:?}");
    let again = place.run(&format!("replay {} --url {url}", file.display()));
    assert!(again.status == Some(1) && !again.out.contains("secret"), "{again:?}");
    let sent: Vec<String> = told.try_iter().collect();
    assert!(!sent.is_empty() && sent.iter().all(|it| it.contains("authorization: Basic Ym9iOnNlY3JldA==")), "{sent:?}");
}

#[test]
fn what_cannot_be_tested_is_refused() {
    let (place, _service, url) = served();
    place.write("other.md", NOTES.replace("/notes", "/papers"));
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let shut = always("HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n").0;
    for (arguments, message) in [
        ("verify notes.md --url notes".to_owned(), "`notes` is no URL of a service"),
        (format!("verify notes.md --url http://{free}"), "nothing accepts connections at http://127.0.0.1:"),
        (format!("verify other.md --url {url}"), "knows none of the document's"),
        (format!("verify notes.md --url {url} --pid 999999999"), "there is no process 999999999"),
        (
            "verify notes.md --url http://no.such.host.invalid:1/v1".to_owned(),
            "`no.such.host.invalid` stands for no address",
        ),
        ("verify notes.md --url bob:secret@host".to_owned(), "`host` is no URL of a service"),
        (format!("verify notes.md --url {shut}"), "lets nobody in: each of "),
        (format!("verify notes.md --url {url} --only magic"), "the groups are contract, errors, states"),
        (format!("verify notes.md --url {url} --commit 4f2a"), "--receipt <FILE>"),
        (format!("verify gone.md --url {url}"), "gone.md"),
        (format!("verify . --url {url}"), "`.` is a directory"),
        (format!("verify notes.md --url http://{free} -o no/such/file"), "`no/such/file` cannot be written"),
        (format!("verify notes.md --url http://{free} --receipt ."), "`.` cannot be written"),
        (format!("verify notes.md --url http://{free} --replays notes.md"), "replays cannot be written to `notes.md`"),
        (format!("verify notes.md --url http://{free} --header X(Y):z"), "`--header 'X(Y): …'` is no header"),
        (format!("verify notes.md --url http://{free} --token a\u{1}b"), "`--token` holds "),
        ("replay notes.md".to_owned(), "`notes.md` cannot be replayed: it is no JSON"),
    ] {
        let ended = place.run(&arguments);
        assert_eq!((ended.status, ended.out.as_str()), (Some(2), ""), "{arguments}: {ended:?}");
        assert!(ended.err.starts_with("error: ") && ended.err.contains(message), "{arguments}: {ended:?}");
    }
}

#[test]
fn a_target_that_dies_is_told_as_one() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let died = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n[]");
    });
    let ended = place.run(&format!("verify notes.md --only lifecycle --url {url}"));
    died.join().unwrap();
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.out.contains("ENDED EARLY: the target stopped answering: "), "{ended:?}");
    assert!(ended.out.contains("because the target stopped answering"), "{ended:?}");
}

#[test]
#[cfg(unix)]
fn a_run_that_is_interrupted_tells_what_it_found() {
    for signal in ["INT", "TERM"] {
        let place = Place::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (stuck, is_stuck) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 4096]);
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
                if number < 12 {
                    let _ = stream.write_all(format!("{head}content-length: 11\r\n\r\n{{\"wrong\":1}}").as_bytes());
                } else {
                    // It is answered never.
                    held.push(stream);
                    let _ = stuck.send(());
                }
            }
        });
        let child = place.start(&format!("verify notes.md --url {url} --timeout 600 --budget 3600"));
        is_stuck.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
        let begun = std::time::Instant::now();
        let id = child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{signal}: {out}");
        assert!(out.contains("ENDED EARLY: interrupted") && out.contains("\nerror["), "{signal}: {out}");
        assert!(!out.contains("gets no answer"), "{signal}: {out}");
        assert!(begun.elapsed().as_secs() < 20, "{signal}: {:?}", begun.elapsed());
    }
}

#[test]
#[cfg(unix)]
fn a_run_that_is_interrupted_deletes_what_it_made() {
    let (place, service, url) = served();
    let list = |path: &str| {
        let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{}", service.port)).unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    // One that is through before the signal comes says nothing.
    for _ in 0..20 {
        let mut child = place.start(&format!("verify notes.md --url {url}"));
        while !list("/notes").contains("\"title\"") && child.try_wait().unwrap().is_none() {}
        let id = child.id().to_string();
        let _ =
            std::process::Command::new("kill").args(["-s", "INT", &id]).stderr(std::process::Stdio::null()).status();
        let output = child.wait_with_output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        if out.contains("ENDED EARLY: interrupted") {
            assert_eq!(output.status.code(), Some(2), "{out}");
            assert!(!list("/notes").contains("\"title\""), "{out}");
            return;
        }
    }
    panic!("no run was interrupted");
}

#[test]
fn the_guide_names_each_probe() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/verify.md");
    let text = std::fs::read_to_string(file).unwrap();
    let (begin, end) = ("<!-- probes -->\n", "<!-- end of probes -->\n");
    let (before, rest) = text.split_once(begin).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let mut own = String::new();
    for group in verify::Group::ALL {
        let mut probes = verify::PROBES.iter().filter(|it| it.group == group).peekable();
        if probes.peek().is_none() {
            continue;
        }
        let _ = write!(own, "\n### {}\n\n", group.as_str());
        for probe in probes {
            let safe = if probe.safe { "" } else { " *" };
            let _ = writeln!(own, "* `{}`{safe}: {}.", probe.name, probe.summary);
        }
    }
    let wanted = format!("{before}{begin}{own}\n{end}{after}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(file, wanted).unwrap();
    } else {
        assert!(
            text == wanted,
            "docs/verify.md does not list the probes as they are: UPDATE=1 cargo test -p truespec guide"
        );
    }
}

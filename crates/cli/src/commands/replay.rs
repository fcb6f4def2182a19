//! `truespec replay`: sends the requests of a finding again.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;

use verify::Credential;
use verify::replay::{Again, Replay};

use crate::args::ReplayArgs;
use crate::commands::verify::credential;
use crate::error::{Failure, Kind};
use crate::print;

pub(crate) fn run(args: &ReplayArgs) -> Result<ExitCode, Failure> {
    let name = args.file.display();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| Failure::new(Kind::User, format!("`{name}` cannot be read: {error}")))?;
    let replay = Replay::read(&text).map_err(|why| {
        Failure::new(Kind::User, format!("`{name}` cannot be replayed: {why}"))
            .hint("`truespec verify --replays DIR` writes such files")
    })?;
    let url = args.url.as_deref().unwrap_or(&replay.target);
    let header = match credential(&args.credential, url, args.timeout)? {
        Credential::None => None,
        Credential::Token(token) => Some((None, format!("Bearer {token}"))),
        Credential::Key(key) => Some((None, key)),
        Credential::Header(name, value) => Some((Some(name), value)),
    };
    let header = header.as_ref().map(|it| (it.0.as_deref(), it.1.as_str()));
    let mut out = format!("{}:{}: {}\n", replay.document, replay.line, replay.message);
    let again = replay.again(url, Duration::from_secs(args.timeout), header, &mut |step, request, answer| {
        let _ = write!(out, "\n{} {}\n", request.method, request.target);
        if let Some(body) = &request.body {
            let _ = writeln!(out, "  {}", shown(body));
        }
        let before = step.status.map_or_else(|| "no answer".to_owned(), |it| it.to_string());
        let then = if step.status == Some(answer.status) { String::new() } else { format!("   (before: {before})") };
        let _ = writeln!(out, "  → {}{then}   {}", answer.status, shown(&answer.body));
    });
    let again = again.map_err(|it| Failure::new(Kind::User, it.to_string()))?;
    let (status, verdict) = match again {
        Again::Same => (1, format!("as before; expected {}", replay.expected)),
        Again::Changed => (0, "not as before: the last request is answered with another status".to_owned()),
        Again::Unclear => (
            2,
            format!(
                "cannot be told: the status is that of before, and what the body says is not; expected {}, found {} \
                 before",
                replay.expected, replay.found
            ),
        ),
        Again::Lost(at) => (
            2,
            format!(
                "cannot be told: request {} of {} only leads to what was found, and is answered with another status\n  \
                 help: are there records with the same values already? begin with a target that has none",
                at + 1,
                replay.steps.len()
            ),
        ),
    };
    print(&format!("{out}\n{verdict}\n"))?;
    Ok(ExitCode::from(status))
}

/// The beginning of a body, on one line.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 300 { line } else { line.chars().take(300).chain(['…']).collect() }
}

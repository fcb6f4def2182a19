//! `truespec verify`: tests an implementation against the document that describes it.

use std::io::IsTerminal;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use model::Spec;
use source::{Diagnostic, Level, Sources, Span};
use verify::{Credential, Finding, Options, Report};

use crate::args::{CredentialArgs, VerifyArgs, VerifyFormat};
use crate::commands::run::{environment, settings};
use crate::error::{Failure, Kind};
use crate::report::verify_text;
use crate::{files, print, tell};

pub(crate) fn run(args: &VerifyArgs) -> Result<ExitCode, Failure> {
    if args.spec.is_dir() {
        return Err(
            Failure::new(Kind::Usage, format!("`{}` is a directory", args.spec.display())).hint("name one document")
        );
    }
    let loaded = files::load(std::slice::from_ref(&args.spec))?;
    let spec = &loaded.spec()?;
    let options = Options {
        seed: args.seed,
        budget: Duration::from_secs(args.budget),
        load: Duration::from_secs(args.budget / 2),
        timeout: Duration::from_secs(args.timeout),
        only: args.only.clone(),
        safe: args.safe,
        credential: credential(&args.credential)?,
        secret: secret(spec),
        settings: settings(&args.settings)?,
        keep: args.keep,
        against: args.against.clone(),
        pid: args.pid,
        ..Options::new(&args.url)
    };
    let terminal = std::io::stderr().is_terminal();
    // Expressions are compiled recursively: the work is done on a thread with the stack for it.
    let report = files::on_all_cores(1, |_| {
        let mut progress = |probe: &str| {
            if terminal {
                tell(&format!("\r\x1b[2K{probe} …"));
            }
        };
        let report = verify::run(spec, &loaded.sources, &options, &mut progress);
        if terminal {
            tell("\r\x1b[2K");
        }
        report
    });
    let report = report
        .into_iter()
        .next()
        .ok_or_else(|| Failure::new(Kind::Internal, "nothing was tested"))?
        .map_err(|it| refused(&it))?;
    if let Some(folder) = &args.replays {
        write_replays(folder, &report)?;
    }
    let text = match args.format {
        VerifyFormat::Text => verify_text::report(spec, &loaded.sources, &report, args.output.is_none()),
    };
    match &args.output {
        Some(file) => std::fs::write(file, text)
            .map_err(|error| Failure::new(Kind::User, format!("`{}` cannot be written: {error}", file.display())))?,
        None => print(&text)?,
    }
    Ok(if report.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// What a run found, as diagnostics on the document.
pub(crate) fn diagnostics(spec: &Spec, sources: &Sources, report: &Report) -> Vec<Diagnostic> {
    report.findings.iter().map(|it| diagnostic(spec, sources, report, it)).collect()
}

fn diagnostic(spec: &Spec, sources: &Sources, report: &Report, finding: &Finding) -> Diagnostic {
    let span = line(spec, sources, finding.line);
    let address = format!("{}#line.{}", report.path, finding.line);
    let mut found = Diagnostic::new(finding.probe, Level::Error, span, finding.message.clone()).about(address);
    found = found.note(format!("expected {}", finding.expected)).note(format!("found {}", finding.found));
    if finding.more > 0 {
        let times = if finding.more == 1 { "once more".to_owned() } else { format!("{} times more", finding.more) };
        found = found.note(format!("seen {times}"));
    }
    let lines = verify::replay::curl(&report.target, &finding.steps);
    let from = lines.len().saturating_sub(6);
    if from > 0 {
        found = found.note(format!("the last {} of {} requests:", lines.len() - from, lines.len()));
    }
    for line in lines.into_iter().skip(from) {
        found = found.note(line);
    }
    found
}

/// The words of a line; of none, the document's first.
fn line(spec: &Spec, sources: &Sources, number: u32) -> Span {
    let file = spec.document().file;
    let text = sources.get(file).map_or("", |it| it.text.as_str());
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == (number.max(1) as usize) {
            let start = at + (line.len() - line.trim_start().len());
            let end = (at + line.trim_end().len()).max(start);
            return Span { file, start: start as u32, end: end as u32 };
        }
        at += line.len();
    }
    Span { file, start: 0, end: 0 }
}

fn write_replays(folder: &Path, report: &Report) -> Result<(), Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(Kind::User, format!("replays cannot be written to `{}`: {error}", folder.display()))
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    for (number, finding) in report.findings.iter().enumerate() {
        let name = format!("{:03}-{}-line-{}.json", number + 1, finding.probe, finding.line);
        std::fs::write(folder.join(name), verify::replay::file(&report.path, &report.target, finding))
            .map_err(failed)?;
    }
    Ok(())
}

/// What the command line says of who sends requests.
pub(crate) fn credential(args: &CredentialArgs) -> Result<Credential, Failure> {
    if let Some(command) = &args.token_command {
        let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
        let [program, flag] = shell;
        let done = Command::new(program).arg(flag).arg(command).output();
        let done = done.map_err(|error| Failure::new(Kind::User, format!("`{command}` cannot be run: {error}")))?;
        let token = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        if !done.status.success() || token.is_empty() {
            let why = String::from_utf8_lossy(&done.stderr).trim().to_owned();
            return Err(Failure::new(
                Kind::User,
                format!("`{command}` printed no token: {}", if why.is_empty() { "it is empty" } else { &why }),
            ));
        }
        return Ok(Credential::Token(token));
    }
    if let Some(header) = &args.header {
        let pair = header.split_once(':').map(|it| (it.0.trim().to_owned(), it.1.trim().to_owned()));
        let pair = pair.filter(|it| !it.0.is_empty() && !it.0.contains(' '));
        return pair.map(|it| Credential::Header(it.0, it.1)).ok_or_else(|| {
            Failure::new(Kind::Usage, format!("`--header {header}` is no header"))
                .hint("write `--header 'Name: value'`")
        });
    }
    Ok(match (&args.token, &args.api_key) {
        (Some(token), _) => Credential::Token(token.clone()),
        (None, Some(key)) => Credential::Key(key.clone()),
        (None, None) => Credential::None,
    })
}

/// The secret of tokens, where the environment has it under the name that the document or we give it.
fn secret(spec: &Spec) -> Option<String> {
    let environment = environment();
    let named =
        spec.variables.iter().map(|it| it.name.value.as_str()).filter(|it| it.contains("JWT") && it.contains("SECRET"));
    let names: Vec<&str> =
        spec.credentials.variable.as_deref().into_iter().chain(named).chain([runtime::JWT_VARIABLE]).collect();
    names.iter().find_map(|name| environment.iter().find(|it| it.0 == *name)).map(|it| it.1.clone())
}

fn refused(error: &verify::Error) -> Failure {
    let failure = Failure::new(Kind::User, error.to_string());
    match error {
        verify::Error::Plan(plan::Error::NoEndpoints) => {
            failure.hint("`truespec outline` shows what was understood of the document")
        }
        verify::Error::Plan(_) => {
            failure.hint("set config options with --set option=value, as the implementation has them")
        }
        verify::Error::Url(_) => failure.hint("write `--url http://127.0.0.1:8080`, with what stands before each path"),
        verify::Error::Target(verify::Trouble::Unreachable(_)) => failure.hint("start the implementation first"),
        verify::Error::Target(verify::Trouble::Tls(_)) => {
            failure.hint("the certificate must be of an authority that Mozilla knows, or use http")
        }
        verify::Error::Target(_) => failure.hint("is this the right port, and does it speak HTTP/1.1?"),
        verify::Error::Other { .. } => {
            failure.hint("is something missing at the end of --url, or in the document's paths?")
        }
    }
}

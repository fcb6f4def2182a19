//! `truespec verify`: tests an implementation against the document that describes it.

use std::io::IsTerminal;
use std::process::{Command, ExitCode};
use std::time::Duration;

use model::Spec;
use source::Level;
use verify::{Credential, Cut, LoginError, Options, Progress, Stop};

use crate::args::{CredentialArgs, VerifyArgs, VerifyFormat};
use crate::commands::run::{environment, settings};
use crate::error::{Failure, Kind};
use crate::receipt::Receipt;
use crate::report::verify_view::View;
use crate::report::{github, sarif, verify_html, verify_json, verify_junit, verify_text};
use crate::{files, outputs, print, tell};

pub(crate) fn run(args: &VerifyArgs) -> Result<ExitCode, Failure> {
    if args.spec.is_dir() {
        return Err(
            Failure::new(Kind::Usage, format!("`{}` is a directory", args.spec.display())).hint("name one document")
        );
    }
    let loaded = files::load(std::slice::from_ref(&args.spec))?;
    let spec = &loaded.spec()?;
    outputs::ready(args)?;
    let options = Options {
        seed: args.seed,
        budget: Duration::from_secs(args.budget),
        load: Duration::from_secs(args.budget / 2),
        timeout: Duration::from_secs(args.timeout),
        only: args.only.clone(),
        safe: args.safe,
        credential: credential(&args.credential, &args.url, args.timeout)?,
        secret: secret(spec),
        settings: settings(&args.settings)?,
        keep: args.keep,
        against: args.against.clone(),
        pid: args.pid,
        ..Options::new(&args.url)
    };
    let receipt = match &args.receipt {
        Some(file) => {
            let text = loaded.sources.get(spec.document().file).map_or("", |it| it.text.as_str());
            Some((file, Receipt::prepare(args, text)?))
        }
        None => None,
    };
    let terminal = std::io::stderr().is_terminal();
    let started = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    on_signals(&options.stop)?;
    // Expressions are compiled recursively: the work is done on a thread with the stack for it.
    let report = files::on_all_cores(1, |_| {
        let mut progress = |it: &Progress<'_>| {
            if terminal {
                let found = if it.findings == 0 { String::new() } else { format!("   {} found", it.findings) };
                tell(&format!("\r\x1b[2K{:<18} {:>7} cases{found}", it.probe, it.cases));
            }
        };
        let report = verify::run(spec, &loaded.sources, &options, &mut progress);
        if terminal {
            tell("\r\x1b[2K");
        }
        report
    });
    // Nothing is left to end well: the next signal ends the process.
    options.stop.ask();
    let report = report
        .into_iter()
        .next()
        .ok_or_else(|| Failure::new(Kind::Internal, "nothing was tested"))?
        .map_err(|it| refused(&it))?;
    // What cannot be written is told last: what was found is not lost to it.
    let mut failures = Vec::new();
    let kept = args.replays.as_deref().filter(|folder| match outputs::replays(folder, &report) {
        Ok(()) => true,
        Err(failure) => {
            failures.push(failure);
            false
        }
    });
    if let Some((file, receipt)) = &receipt {
        let written = receipt.write(args, &report, &started).and_then(|it| outputs::write(file, &it));
        failures.extend(written.err());
    }
    let view = View { spec, sources: &loaded.sources, report: &report, started: &started };
    let text = match args.format {
        VerifyFormat::Text => {
            let coloured = args.output.is_none() && crate::coloured(std::io::stdout().is_terminal());
            verify_text::report(&view, kept, coloured)
        }
        VerifyFormat::Json => verify_json::report(&view),
        VerifyFormat::Junit => verify_junit::report(&view),
        VerifyFormat::Sarif => sarif::log(&view.diagnostics(true), view.sources, &probes()),
        VerifyFormat::Github => github::findings(view.diagnostics(true).iter(), view.sources),
        VerifyFormat::Html => verify_html::report(&view),
    };
    let unwritten = args.output.as_ref().and_then(|file| outputs::write(file, &text).err());
    if args.output.is_none() || unwritten.is_some() {
        failures.extend(print(&text).err());
    }
    failures.extend(unwritten);
    if let Some(last) = failures.pop() {
        for failure in failures {
            tell(&format!("{failure}\n"));
        }
        return Err(last);
    }
    let unknown = matches!(report.cut, Some(Cut::Silent(_) | Cut::Interrupted));
    Ok(ExitCode::from(match report.findings.len() {
        0 if unknown => 2,
        0 => 0,
        _ => 1,
    }))
}

/// How long answers that are due are waited for when a run is asked to end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Asks a run to end when the process is asked to (ctrl-c, `SIGTERM`), and ends the process when it is asked again.
fn on_signals(stop: &Stop) -> Result<(), Failure> {
    let failed = |it: std::io::Error| Failure::new(Kind::User, format!("signals cannot be listened to: {it}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    // Listens from here on, whenever the thread begins.
    let mut signals = {
        let _inside = runtime.enter();
        Signals::new().map_err(failed)?
    };
    let stop = stop.clone();
    let listen = move || {
        runtime.block_on(async {
            loop {
                let status = signals.next().await;
                if stop.is_asked() {
                    std::process::exit(status);
                }
                stop.ask();
                tokio::select! {
                    status = signals.next() => std::process::exit(status),
                    () = tokio::time::sleep(PATIENCE) => stop.now(),
                }
            }
        });
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(listen).map_err(failed)?;
    Ok(())
}

#[cfg(unix)]
struct Signals(tokio::signal::unix::Signal, tokio::signal::unix::Signal);

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals(signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?))
    }

    /// The status with which a shell sees who died of the next one.
    async fn next(&mut self) -> i32 {
        tokio::select! {
            _ = self.0.recv() => 130,
            _ = self.1.recv() => 143,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Signals> {
        tokio::signal::windows::ctrl_c().map(Signals)
    }

    async fn next(&mut self) -> i32 {
        self.0.recv().await;
        130
    }
}

/// The probes, as SARIF knows rules.
fn probes() -> Vec<sarif::Kind<'static>> {
    let each = verify::PROBES.iter();
    each.map(|it| sarif::Kind { name: it.name, summary: it.summary, page: it.summary, level: Level::Error }).collect()
}

/// What the command line says of who sends requests to a target, each answered within so many seconds.
pub(crate) fn credential(args: &CredentialArgs, url: &str, timeout: u64) -> Result<Credential, Failure> {
    if !args.login.is_empty() {
        return verify::login(url, Duration::from_secs(timeout), &args.login).map_err(|error| match error {
            LoginError::Step(_) => Failure::new(Kind::Usage, error.to_string())
                .hint("write `--login 'POST /auth/login {\"email\": \"ada@example.org\", \"password\": \"…\"}'`"),
            _ => Failure::new(Kind::User, error.to_string()),
        });
    }
    if let Some(command) = &args.token_command {
        let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
        let [program, flag] = shell;
        let done = Command::new(program).arg(flag).arg(command).output();
        let done = done.map_err(|error| Failure::new(Kind::User, format!("`{command}` cannot be run: {error}")))?;
        let token = String::from_utf8_lossy(&done.stdout).trim().to_owned();
        if !is_value(&token) {
            return Err(Failure::new(Kind::User, format!("`{command}` prints more than a token")));
        }
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
        let pair = pair.filter(|it| is_name(&it.0) && is_value(&it.1));
        return pair.map(|it| Credential::Header(it.0, it.1)).ok_or_else(|| {
            // What stands behind the name lets others in.
            let name = header.split(':').next().unwrap_or("").escape_debug().to_string();
            Failure::new(Kind::Usage, format!("`--header '{name}: …'` is no header"))
                .hint("write `--header 'Name: value'`, on one line")
        });
    }
    for (option, value) in [("--token", &args.token), ("--api-key", &args.api_key)] {
        if value.as_ref().is_some_and(|it| !is_value(it)) {
            let message = format!("`{option}` holds a line break or another character that no header can carry");
            return Err(Failure::new(Kind::Usage, message));
        }
    }
    Ok(match (&args.token, &args.api_key) {
        (Some(token), _) => Credential::Token(token.clone()),
        (None, Some(key)) => Credential::Key(key.clone()),
        (None, None) => Credential::None,
    })
}

/// Whether a text names a header (a token of RFC 9110, section 5.6.2).
fn is_name(text: &str) -> bool {
    let part = |it: u8| it.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&it);
    !text.is_empty() && text.bytes().all(part)
}

/// Whether a header can carry a text.
fn is_value(text: &str) -> bool {
    text.chars().all(|it| it == '\t' || !it.is_ascii_control())
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
        verify::Error::Only(_) => failure.hint("name one that sends too, or a group: `--only contract`"),
        verify::Error::Url(_) => failure.hint("write `--url http://127.0.0.1:8080`, with what stands before each path"),
        verify::Error::Target(verify::Trouble::Unreachable(_)) => failure.hint("start the implementation first"),
        verify::Error::Target(verify::Trouble::Tls(_)) => {
            failure.hint("the certificate must be of an authority that Mozilla knows, or use http")
        }
        verify::Error::Target(_) => failure.hint("is this the right port, and does it speak HTTP/1.1?"),
        verify::Error::Name(_) => failure.hint("is the host of --url spelt as it should be?"),
        verify::Error::Process(_) => failure.hint("--pid takes the id of the implementation's process on this machine"),
        verify::Error::Shut { .. } => failure.hint(
            "give what lets one in: --token TOKEN, --login 'POST /login {…}', --api-key KEY or --header 'Name: value'",
        ),
        verify::Error::Other { .. } => {
            failure.hint("is something missing at the end of --url, or in the document's paths?")
        }
    }
}

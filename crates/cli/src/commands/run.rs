//! `truespec run`: serves the system that a document describes.

use std::fmt::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use runtime::{Db, LogFormat, Options, Service};

use crate::args::{LogOption, RunArgs};
use crate::config::shown;
use crate::error::{Failure, Kind};
use crate::files::{self, Loaded};
use crate::print;

pub(crate) fn run(args: &RunArgs) -> Result<ExitCode, Failure> {
    if args.spec.is_dir() {
        return Err(
            Failure::new(Kind::Usage, format!("`{}` is a directory", args.spec.display())).hint("name one document")
        );
    }
    let loaded = files::load(std::slice::from_ref(&args.spec))?;
    let db = database(&args.spec, args.db.as_deref())?;
    let settings = settings(&args.settings)?;
    let place = match &db {
        Db::File(path) => format!("sqlite: {}", shown(path)),
        Db::Memory => "sqlite: in memory, gone at the end".to_owned(),
    };
    // Expressions are compiled recursively: the work is done on a thread with the stack for it.
    files::on_all_cores(1, |_| serve(args, &loaded, db.clone(), settings.clone(), &place))
        .pop()
        .unwrap_or_else(|| Err(Failure::new(Kind::Internal, "the service did not start")))
}

/// Reads `--set option=value`.
pub(crate) fn settings(given: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let one =
        |setting: &String| match setting.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
            None => Err(Failure::new(Kind::Usage, format!("`--set {setting}` names no value"))
                .hint("write `--set option=value`")),
        };
    given.iter().map(one).collect()
}

fn serve(
    args: &RunArgs,
    loaded: &Loaded,
    db: Db,
    settings: Vec<(String, String)>,
    place: &str,
) -> Result<ExitCode, Failure> {
    let spec = &loaded.spec()?;
    // Nothing is done to the records of a service that cannot be reached.
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let listener = TcpListener::bind(address).map_err(|error| in_use(args.port, &error))?;
    let (log, strict, reset) = (log_format(args.log), args.strict, args.reset);
    let environment = environment();
    let settings = [configured(loaded, spec, &environment), settings].concat();
    let options = Options { port: args.port, settings, environment, strict, reset, log, ..Options::new(db) };
    let service = runtime::open(spec, &loaded.sources, &options).map_err(|it| refused(&it))?;
    if let Some(backup) = service.backup() {
        crate::tell(&format!("the records that were there are in {}\n", shown(backup)));
    }
    let tokio = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let tokio = tokio.map_err(|it| Failure::new(Kind::Internal, format!("the server cannot start: {it}")))?;
    tokio.block_on(async {
        let listener = listener.set_nonblocking(true).and_then(|()| tokio::net::TcpListener::from_std(listener));
        let listener = listener.map_err(|error| in_use(args.port, &error))?;
        let port = listener.local_addr().map_or(args.port, |it| it.port());
        print(&start(&spec.title, &spec.path, place, port, &service))?;
        service.serve(listener).await;
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What `truespec.toml` and then the environment (`TRUESPEC_OPTION_MAX_LINES`) say of a document's options.
fn configured(loaded: &Loaded, spec: &model::Spec, environment: &[(String, String)]) -> Vec<(String, String)> {
    use model::names::{key, words};
    let mut found = loaded.config.options();
    found.retain(|it| spec.options.iter().any(|option| key(&option.name.value) == key(&it.0)));
    for option in &spec.options {
        let variable = format!("TRUESPEC_OPTION_{}", words(&option.name.value).join("_").to_uppercase());
        let value = environment.iter().find(|it| it.0 == variable).map(|it| it.1.clone());
        found.extend(value.map(|it| (option.name.value.clone(), it)));
    }
    found
}

/// The variables of the environment that are text.
pub(crate) fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn log_format(log: LogOption) -> LogFormat {
    match log {
        LogOption::Off => LogFormat::Off,
        LogOption::Text => LogFormat::Text,
        LogOption::Json => LogFormat::Json,
    }
}

/// The database that `--db` names, else the file beside the document.
pub(crate) fn database(spec: &Path, url: Option<&str>) -> Result<Db, Failure> {
    match url {
        None => Ok(Db::File(spec.with_extension("db"))),
        Some("sqlite::memory:") => Ok(Db::Memory),
        Some(url) => match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Db::File(PathBuf::from(path))),
            _ => Err(Failure::new(Kind::Usage, format!("`{url}` is no database that can be used"))
                .hint("write `sqlite:FILE` or `sqlite::memory:`")),
        },
    }
}

fn in_use(port: u16, error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::new(Kind::User, format!("port {port} is in use"))
            .hint("choose another with --port, or --port 0 for a free one"),
        _ => Failure::new(Kind::User, format!("port {port} cannot be listened on: {error}")),
    }
}

pub(crate) fn refused(error: &runtime::Error) -> Failure {
    use runtime::Error;
    let mut failure = Failure::new(Kind::User, error.to_string());
    failure.details = error.differences().to_vec();
    let elsewhere = "name another file with --db sqlite:FILE, or --db sqlite::memory: to keep nothing";
    match error {
        Error::Plan(plan::Error::NoEndpoints) => failure
            .hint("an API section with `METHOD /path` in a heading, a table or under Method and Path is what can be served")
            .hint("`truespec outline` shows what was understood"),
        Error::Plan(_) => failure.hint(OPTIONS),
        Error::Missing { options, variables } => {
            let secrets = format!(
                "set the variables, or {} for tokens and {} for keys",
                runtime::JWT_VARIABLE,
                runtime::KEYS_VARIABLE
            );
            let failure = if options.is_empty() { failure } else { failure.hint(OPTIONS) };
            if variables.is_empty() { failure } else { failure.hint(secrets) }
        }
        Error::OtherDocument { .. } => failure.hint("name another file with --db sqlite:FILE").hint(RESET),
        Error::OtherSchema { .. } => failure.hint(RESET).hint("name another file with --db sqlite:FILE"),
        Error::Newer { .. } => failure.hint("use that version of truespec").hint(RESET),
        Error::Damaged { .. } => failure.hint("move the file away, or put a backup in its place"),
        Error::Served { .. } => failure
            .hint("stop that one, or name another file with --db sqlite:FILE")
            .hint("a process that has died holds nothing"),
        Error::Locked { .. } => failure.hint("close the program that has it open, and try again"),
        Error::NoFolder { .. } => failure.hint("make the directory, or name another file with --db sqlite:FILE"),
        Error::Full { .. } => failure.hint("make room, or name a file on another disk with --db sqlite:FILE"),
        Error::Directory { .. } | Error::ReadOnly { .. } | Error::Unusable { .. } | Error::NotOurs { .. } => {
            failure.hint(elsewhere)
        }
        Error::BadKey { .. } => failure.hint("a public key is PEM, or the path of a file in PEM"),
        Error::NoPrivateKey(_) => failure.hint("name its file with --key"),
        Error::NoAuthentication => failure.hint("`truespec outline` shows what was understood"),
        Error::NoSecret => failure
            .hint("`truespec run` makes one with the database: run the document first, or name its file with --db")
            .hint(format!("or set {}", runtime::JWT_VARIABLE)),
        Error::Database(_) | Error::Io(_) => failure,
    }
}

const OPTIONS: &str = "give an option with --set option=value, TRUESPEC_OPTION_…, or in `[options]` of truespec.toml";
const RESET: &str = "--reset begins without records, after the file was renamed";

/// The variable with the secret for these ways of saying who one is.
fn variable(words: &str) -> &'static str {
    if words.contains("JWT") { runtime::JWT_VARIABLE } else { runtime::KEYS_VARIABLE }
}

/// What is said at the start.
fn start(title: &str, path: &str, place: &str, port: u16, service: &Service) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{title}   {path}   {place}   http://127.0.0.1:{port}\n");
    let width = service.routes().iter().map(|it| it.path.chars().count()).max().unwrap_or(0);
    for route in service.routes() {
        let _ = write!(out, "  {:6} {:width$}  {}", route.method, route.path, route.does);
        if !route.inferred.is_empty() {
            let _ = write!(out, "   inferred: {}", route.inferred.join(", "));
        }
        out.push('\n');
    }
    if let Some(words) = service.authentication() {
        let _ = writeln!(out, "\n  {words}");
        if service.has_own_secret() && place.contains("in memory") {
            let _ = writeln!(out, "  no secret is set: nobody gets in without {}", variable(words));
        } else if service.has_own_secret() {
            let _ = writeln!(out, "  no secret is set, so the database's own serves: truespec token {path}");
        }
    }
    if service.authorization() > 0 {
        let file = path.rsplit('/').next().unwrap_or(path);
        let line = service.authorization();
        let _ =
            writeln!(out, "\n  who may do what is not enforced ({file}:{line}): whoever is let in may do everything");
    }
    if !service.idle_variables().is_empty() {
        let _ = writeln!(out, "\n  warning: not set, and not used here: {}", service.idle_variables().join(", "));
    }
    match service.unenforced().len() {
        0 => {}
        1 => {
            let _ = writeln!(out, "\n  1 constraint is only text here: truespec outline {path} --unenforced");
        }
        count => {
            let _ = writeln!(out, "\n  {count} constraints are only text here: truespec outline {path} --unenforced");
        }
    }
    let claimed = service.routes().iter().any(|it| it.path == "/docs");
    let docs = if claimed { "/_truespec/docs" } else { "/docs" };
    let _ = writeln!(out, "\n  docs  http://127.0.0.1:{port}{docs}");
    out.push('\n');
    out
}

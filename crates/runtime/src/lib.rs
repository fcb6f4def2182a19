//! Runs the service that a document describes: HTTP in front, SQLite behind, and between them a plan that
//! is compiled from the model once.
//!
//! It reads no documents and prints no findings, and it knows nothing of the command line.
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod act;
mod ambient;
mod auth;
mod body;
mod error;
mod http;
mod log;
mod pages;
mod receive;
mod serve;
mod store;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use export::Contract;
use model::Spec;
use source::Sources;

pub use plan::{RouteLine, Unenforced};

use plan::{Plan, contract};

pub use crate::ambient::{Ambient, Sink};
pub use crate::auth::{JWT_VARIABLE, KEYS_VARIABLE, Minted};
pub use crate::error::Error;
pub use crate::log::LogFormat;
use crate::pages::Pages;

pub use crate::serve::Limits;
use crate::store::Store;

/// Where records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Db {
    /// In this file, which is made if it is not there.
    File(PathBuf),
    /// In memory, for as long as the service lives.
    Memory,
}

/// How a document is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where its records are kept.
    pub db: Db,
    /// The port that the caller listens on; the service itself takes a listener.
    pub port: u16,
    /// Values of config options, by name in any spelling.
    pub settings: Vec<(String, String)>,
    /// The environment's variables, by name.
    pub environment: Vec<(String, String)>,
    /// Whether to begin without records; those that are there are put aside.
    pub reset: bool,
    /// Whether what the document does not say is answered with 501 instead of being inferred.
    pub strict: bool,
    /// How the log is written.
    pub log: LogFormat,
    /// What clients may take.
    pub limits: Limits,
}

impl Options {
    /// A service with records in this place, and all else as usual.
    pub fn new(db: Db) -> Options {
        Options {
            db,
            port: 0,
            settings: Vec::new(),
            environment: Vec::new(),
            reset: false,
            strict: false,
            log: LogFormat::default(),
            limits: Limits::default(),
        }
    }
}

/// A document, ready to be served.
pub struct Service {
    app: Arc<App>,
}

/// What requests share.
pub(crate) struct App {
    pub(crate) plan: Plan,
    pub(crate) store: Store,
    pub(crate) credentials: auth::Credentials,
    /// Whether a secret that the database keeps stands in for one in the environment.
    pub(crate) own_secret: bool,
    /// Required variables that are not set and that nothing uses.
    pub(crate) idle: Vec<String>,
    pub(crate) ambient: Ambient,
    pub(crate) log: log::Log,
    pub(crate) limits: Limits,
    pub(crate) strict: bool,
    pub(crate) pages: Pages,
}

/// How a document would be served.
#[derive(Debug, Default)]
pub struct Preview {
    /// Its routes, in the order of the document.
    pub routes: Vec<RouteLine>,
    /// How callers prove who they are, in words; `None` where the document does not ask.
    pub authentication: Option<String>,
    /// For each entity what the database holds its records to by itself, in words: `name: at most 80
    /// characters long`.
    pub database: Vec<(String, Vec<String>)>,
}

/// Tells how a document would be served, without opening anything.
///
/// # Errors
/// A document that declares nothing to serve, and options without a value.
pub fn preview(spec: &Spec, sources: &Sources) -> Result<Preview, Error> {
    let plan = Plan::compile(spec, sources, &[])?;
    let database = plan.tables.iter().map(|it| (it.name.clone(), store::held(&plan.tables, it))).collect();
    Ok(Preview { routes: plan.lines, authentication: plan.authentication, database })
}

/// What a document promises at its edge, as it is enforced. `settings` are values of config options.
///
/// # Errors
/// A document that declares nothing to serve, settings that do not fit.
pub fn contract(spec: &Spec, sources: &Sources, settings: &[(String, String)]) -> Result<Contract, Error> {
    Ok(contract::of(spec, sources, &Plan::compile(spec, sources, settings)?))
}

/// Compiles a document and opens its records. `sources` holds the document's text.
///
/// # Errors
/// A document that declares nothing to serve, settings that do not fit, a database that cannot be used.
pub fn open(spec: &Spec, sources: &Sources, options: &Options) -> Result<Service, Error> {
    open_with(spec, sources, options, Ambient::system())
}

/// [`open`] with a clock and a source of ids.
///
/// # Errors
/// As [`open`].
pub fn open_with(spec: &Spec, sources: &Sources, options: &Options, ambient: Ambient) -> Result<Service, Error> {
    let secrets = auth::Sources::find(spec, &options.environment);
    let plan = Plan::compile(spec, sources, &options.settings);
    // All that is missing is said at once.
    if let (Err(plan::Error::Missing(options)), Err(Error::Missing { variables, .. })) = (&plan, &secrets) {
        return Err(Error::Missing { options: options.clone(), variables: variables.clone() });
    }
    let (plan, secrets) = (plan?, secrets?);
    let pages = Pages::new(contract::of(spec, sources, &plan));
    let text = sources.get(spec.document().file).map_or("", |it| it.text.as_str());
    let store = Store::open(&options.db, &plan, text, options.reset, &ambient)?;
    let credentials = secrets.credentials(store.secret())?;
    let own_secret = secrets.own_secret();
    let idle = auth::Sources::idle(spec, &options.environment);
    let log = log::Log::open(options.log, &ambient)?;
    let (limits, strict) = (options.limits.clone(), options.strict);
    Ok(Service {
        app: Arc::new(App { plan, store, credentials, own_secret, idle, ambient, log, limits, strict, pages }),
    })
}

/// A token for trying a document out, or an API key where it asks for keys. It is signed with the secret in
/// the environment, else with the one that the document's database keeps.
///
/// # Errors
/// A document that asks for no credentials, variables and keys that are not there.
pub fn token(spec: &Spec, options: &Options, wanted: &Minted) -> Result<String, Error> {
    let secrets = auth::Sources::find(spec, &options.environment)?;
    let own = match (&options.db, secrets.own_secret()) {
        (_, false) => String::new(),
        (Db::File(file), true) => store::secret(file)?.ok_or(Error::NoSecret)?,
        (Db::Memory, true) => return Err(Error::NoSecret),
    };
    secrets.mint(&own, wanted, (Ambient::system().now)() / 1000)
}

impl Service {
    /// How callers prove who they are, in words; `None` where the document does not ask.
    pub fn authentication(&self) -> Option<&str> {
        self.app.plan.authentication.as_deref()
    }

    /// The line at which the document begins to say who may do what, which nothing enforces; 0 if it does
    /// not say so.
    pub fn authorization(&self) -> u32 {
        self.app.plan.authorization
    }

    /// Whether a secret that the database keeps stands in for one in the environment.
    pub fn has_own_secret(&self) -> bool {
        self.app.own_secret
    }

    /// The environment variables that the document requires, that are not set, and that nothing here uses.
    pub fn idle_variables(&self) -> &[String] {
        &self.app.idle
    }

    /// The routes, in the order of the document.
    pub fn routes(&self) -> &[RouteLine] {
        &self.app.plan.lines
    }

    /// What is only text here, in the order of the document.
    pub fn unenforced(&self) -> &[Unenforced] {
        &self.app.plan.unenforced
    }

    /// Where the records were put that were there before, if they were put aside.
    pub fn backup(&self) -> Option<&std::path::Path> {
        self.app.store.backup()
    }

    /// The service as a router, without a socket.
    pub fn router(&self) -> Router {
        http::router(Arc::clone(&self.app))
    }

    /// Serves until the process is asked to stop (ctrl-c, `SIGTERM`), and then finishes what it began.
    pub async fn serve(self, listener: tokio::net::TcpListener) {
        self.serve_until(listener, serve::asked_to_stop()).await;
    }

    /// Serves until `stop` is done, and then finishes what it began, as long as [`Limits::grace`] allows.
    pub async fn serve_until(self, listener: tokio::net::TcpListener, stop: impl Future<Output = ()>) {
        serve::serve(self.router(), listener, &self.app.limits, &self.app.log, stop).await;
    }
}

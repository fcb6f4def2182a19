//! A document, served in this process on a port of its own.

use std::net::SocketAddr;

use jsonwebtoken::{EncodingKey, Header};
use model::Spec;
use runtime::{Db, LogFormat, Options};
use source::{FileId, SourceFile, Sources};
use verify::Credential;

/// The secret of all tokens.
pub(crate) const SECRET: &str = "a secret for tests, long enough";
/// The key of all callers.
const KEY: &str = "key-of-a-caller";

pub(crate) struct Document {
    pub(crate) spec: Spec,
    pub(crate) sources: Sources,
    pub(crate) settings: Vec<(String, String)>,
}

impl Document {
    pub(crate) fn read(path: &str, text: &str) -> Document {
        let mut sources = Sources::default();
        sources.add(SourceFile::new(path, text));
        Document { spec: model::workspace::read(FileId(0), path, text), sources, settings: Vec::new() }
    }
}

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

/// Serves a document from memory. `None` if it needs what is not here.
pub(crate) fn serve(document: &Document) -> Option<Served> {
    let mut options = Options { log: LogFormat::Off, settings: document.settings.clone(), ..Options::new(Db::Memory) };
    options.environment.push((runtime::JWT_VARIABLE.to_owned(), SECRET.to_owned()));
    options.environment.push((runtime::KEYS_VARIABLE.to_owned(), KEY.to_owned()));
    let service = match runtime::open(&document.spec, &document.sources, &options) {
        Ok(service) => service,
        Err(runtime::Error::Missing { variables, .. }) => {
            for variable in variables {
                let value = if variable.contains("KEY") { KEY } else { SECRET };
                options.environment.push((variable, value.to_owned()));
            }
            runtime::open(&document.spec, &document.sources, &options).ok()?
        }
        Err(_) => return None,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    runtime.spawn(service.serve_until(listener, std::future::pending()));
    Some(Served { address, _runtime: runtime })
}

/// What lets a caller into the services of a document.
pub(crate) fn credential(document: &Document) -> Credential {
    let asks = |wanted: fn(&plan::Asks) -> bool| {
        document.spec.endpoints.iter().any(|it| wanted(&plan::asks(&document.spec, it).0))
    };
    if asks(|it| *it == plan::Asks::Token) {
        let claims = serde_json::json!({ "sub": "ada", "exp": 4_000_000_000_u64, "roles": ["admin"], "iss": document.spec.credentials.issuer, "aud": document.spec.credentials.audience });
        let mut claims = claims;
        if let Some(members) = claims.as_object_mut() {
            members.retain(|_, it| !it.is_null());
        }
        let token = jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes()));
        return Credential::Token(token.unwrap());
    }
    if asks(|it| matches!(it, plan::Asks::Key(_))) { Credential::Key(KEY.to_owned()) } else { Credential::None }
}

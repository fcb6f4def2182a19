//! Pages about the service: its description for programs. Each is written when it is first asked
//! for.

use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use export::Contract;

/// The pages of a service.
pub(crate) struct Pages {
    contract: Contract,
    openapi: OnceLock<Bytes>,
}

impl Pages {
    pub(crate) fn new(contract: Contract) -> Pages {
        Pages { contract, openapi: OnceLock::new() }
    }

    /// The page at a path that the document does not claim.
    pub(crate) fn get(&self, path: &str) -> Option<Response> {
        let own = path.strip_prefix("/_truespec").unwrap_or(path);
        let (bytes, kind) = match own {
            "/openapi.json" => {
                let write = || Bytes::from(format!("{:#}\n", export::openapi(&self.contract)));
                (self.openapi.get_or_init(write), "application/json")
            }
            _ => return None,
        };
        let mut response = Response::new(Body::from(bytes.clone()));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        Some(response)
    }
}

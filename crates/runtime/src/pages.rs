//! Pages about the service: its description for programs and for people. Each is written when it is first
//! asked for.

use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Response;
use export::Contract;

/// The pages of a service.
pub(crate) struct Pages {
    contract: Contract,
    openapi: OnceLock<Bytes>,
    docs: OnceLock<Bytes>,
}

/// The page carries its own style and loads nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

impl Pages {
    pub(crate) fn new(contract: Contract) -> Pages {
        Pages { contract, openapi: OnceLock::new(), docs: OnceLock::new() }
    }

    /// The page at a path that the document does not claim.
    pub(crate) fn get(&self, path: &str) -> Option<Response> {
        let own = path.strip_prefix("/_truespec").unwrap_or(path);
        let own = own.strip_suffix('/').unwrap_or(own);
        let (bytes, kind) = match own {
            "/openapi.json" => {
                let write = || Bytes::from(format!("{:#}\n", export::openapi(&self.contract)));
                (self.openapi.get_or_init(write), "application/json")
            }
            "/docs" => {
                let write = || Bytes::from(export::page(&self.contract, Some("/openapi.json")));
                (self.docs.get_or_init(write), "text/html; charset=utf-8")
            }
            _ => return None,
        };
        let mut response = Response::new(Body::from(bytes.clone()));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        if own == "/docs" {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        }
        Some(response)
    }
}

//! What a description of the API that the document links to offers.

use std::collections::BTreeMap;

use model::Spec;
use model::claim::{Claim, Property, Value};

/// The operations of the linked descriptions, by their paths without a base such as `/api/v1`.
#[derive(Default)]
pub(crate) struct Offered<'a> {
    by_path: BTreeMap<&'a str, Vec<(&'a str, &'a Claim)>>,
}

impl<'a> Offered<'a> {
    pub(crate) fn of(spec: &'a Spec) -> Offered<'a> {
        let mut found = Offered::default();
        for claim in spec.claims().all.iter().filter(|it| it.property == Property::Offered) {
            if let (Value::Text(_), Some((method, key))) = (&claim.value, route(claim)) {
                found.by_path.entry(without_base(key)).or_default().push((method, claim));
            }
        }
        found
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_path.is_empty()
    }

    /// The methods at a path.
    pub(crate) fn at(&self, key: &str) -> &[(&'a str, &'a Claim)] {
        self.by_path.get(without_base(key)).map_or(&[], Vec::as_slice)
    }

    /// What one method at a path is.
    pub(crate) fn get(&self, method: &str, key: &str) -> Option<&'a Claim> {
        self.at(key).iter().find(|it| it.0 == method).map(|it| it.1)
    }

    /// The path that is spelt nearly so, as it is written.
    pub(crate) fn nearest(&self, key: &str) -> Option<&'a str> {
        let near = source::nearest(without_base(key), self.by_path.keys().copied())?;
        let (_, claim) = self.at(near).first()?;
        Some(claim.value.as_text()?.split_once(' ')?.1)
    }
}

/// Method and path of an endpoint's claim.
pub(crate) fn route(claim: &Claim) -> Option<(&str, &str)> {
    claim.subject.as_str().strip_prefix("endpoint.")?.split_once('.')
}

/// A path without `/api`, `/rest` and versions at its beginning.
fn without_base(key: &str) -> &str {
    let mut rest = key;
    loop {
        let Some(inner) = rest.strip_prefix('/') else { return rest };
        let end = inner.find('/').unwrap_or(inner.len());
        let (first, after) = inner.split_at_checked(end).unwrap_or((inner, ""));
        let version =
            first.strip_prefix('v').is_some_and(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit()));
        if after.is_empty() || !(version || matches!(first, "api" | "rest")) {
            return rest;
        }
        rest = after;
    }
}

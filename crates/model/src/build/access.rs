//! How callers prove who they are: what is said of all endpoints, and what is said of tokens and keys.

use source::Spanned;
use syntax::access::Details;

use crate::claim::{Property, Subject, Value};
use crate::spec::Spec;

pub(super) fn build(spec: &mut Spec) {
    let claims = &spec.facts.claims;
    let subject = Subject::of("authentication", "all");
    let mut access = None;
    let mut credentials = Details::default();
    let of_all = claims.about(&subject);
    let of_endpoints = claims.all.iter().filter(|it| it.subject != subject && it.property == Property::Access);
    for claim in of_all.chain(of_endpoints) {
        let Value::Access(said) = &claim.value else { continue };
        if claim.subject == subject && claim.property == Property::Access {
            access.get_or_insert_with(|| Spanned::new((**said).clone(), claim.span));
        }
        let Details { algorithm, issuer, audience, variable, expires } = said.details.clone();
        credentials.algorithm = credentials.algorithm.or(algorithm);
        credentials.issuer = credentials.issuer.or(issuer);
        credentials.audience = credentials.audience.or(audience);
        credentials.variable = credentials.variable.or(variable);
        credentials.expires |= expires;
    }
    spec.access = access;
    spec.credentials = credentials;
}

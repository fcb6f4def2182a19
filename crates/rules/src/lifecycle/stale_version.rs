//! Headers whose version is not that of the newest revision.

use model::Spec;
use model::claim::{Property, Subject};
use source::{Applicability, Edit, Level, Span};

use crate::lifecycle::version_dated_twice::{VersionPart, version_key};
use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "stale-version",
    summary: "the header's version is not that of the newest revision",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/stale-version.md"),
    check: Check::Spec(stale_version),
};

fn stale_version(sink: &mut Sink<'_>, spec: &Spec) {
    let claims = spec.claims();
    let mut revisions: Vec<(Vec<VersionPart<'_>>, &str, Span)> = Vec::new();
    for claim in claims.all.iter().filter(|it| it.property == Property::Version) {
        let Some(text) = claim.value.as_text().filter(|_| claim.subject.as_str().starts_with("revision.")) else {
            continue;
        };
        let key = version_key(text);
        if !key.is_empty() {
            revisions.push((key, text, claim.span));
        }
    }
    let Some(newest) = revisions.iter().max_by(|a, b| a.0.cmp(&b.0)) else { return };
    let document = Subject::document();
    let Some((text, span)) =
        claims.of(&document, Property::Version).find_map(|it| Some((it.value.as_text()?, it.span)))
    else {
        return;
    };
    let own = version_key(text);
    // A version with a rider is one of something else, or is explained.
    if own.is_empty() || own == newest.0 || newest.2 == span {
        return;
    }
    let message = format!("the document is version {text}, the newest revision is {}", newest.1);
    let finding = sink.report(span, message).label(newest.2, "the newest revision");
    let version = newest.1.trim_start_matches(['v', 'V']);
    let at = text.len() - text.trim_start_matches(['v', 'V']).len();
    drop(match own < newest.0 {
        true => finding.help(format!("write `{version}`")).fix(
            format!("write `{version}`"),
            Applicability::Unsafe,
            vec![Edit { span: Span { start: span.start + at as u32, ..span }, text: version.to_owned() }],
        ),
        false => finding.help(format!("add what changed in {text} to the history")),
    });
}

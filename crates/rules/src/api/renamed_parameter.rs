//! Parameters of a path that are called otherwise where the path is written again.

use model::Spec;
use model::claim::{Claim, Property};
use model::names::key;
use rustc_hash::FxHashMap;
use source::Level;
use syntax::route::Path;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "renamed-parameter",
    summary: "a parameter of a path has another name elsewhere",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/renamed-parameter.md"),
    check: Check::Spec(renamed_parameter),
};

fn renamed_parameter(sink: &mut Sink<'_>, spec: &Spec) {
    let mut first: FxHashMap<&str, (&Claim, Vec<String>)> = FxHashMap::default();
    let spoken = |it: &&Claim| matches!(it.property, Property::Declared | Property::Referenced);
    let routes = spec
        .claims()
        .all
        .iter()
        .filter(spoken)
        .filter(|it| it.subject.as_str().starts_with("endpoint.") && it.subject.as_str().contains("{}"));
    let mut told: Vec<&str> = Vec::new();
    for claim in routes {
        let Some(path) = claim.value.as_text().and_then(|it| it.split_once(' ')).and_then(|it| Path::read(it.1)) else {
            continue;
        };
        let names: Vec<String> = path.parameters().map(str::to_owned).collect();
        let address = claim.subject.as_str();
        let Some((before, known)) = first.get(address) else {
            first.insert(address, (claim, names));
            continue;
        };
        let other = names.iter().zip(known).find(|(a, b)| key(a) != key(b));
        if let Some((name, known)) = other
            && !told.contains(&address)
        {
            told.push(address);
            drop(
                sink.report(claim.span, format!("`{name}` is called `{known}` elsewhere"))
                    .about(&claim.subject)
                    .label(before.span, "here")
                    .help("use one name, the one of the field"),
            );
        }
    }
}

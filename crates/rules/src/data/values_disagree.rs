//! Two lists of the values of one thing that differ: a value that is spelt in two ways, values that only one
//! of them has.

use std::collections::BTreeSet;

use model::claim::{Property, Purpose, Value};
use model::names::key;
use model::{Shape, Spec};
use rustc_hash::{FxHashMap, FxHashSet};
use source::{Level, Span};
use syntax::json::Json;
use syntax::types::Type;

use crate::vocabulary::{Kind, List, lists, related, same_meaning};
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "values-disagree",
    summary: "two lists of the values of one thing differ",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/values-disagree.md"),
    check: Check::Review(values_disagree),
};

fn values_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let lists = lists(review);
    compare_all(sink, spec, &lists);
    examples(sink, spec, &lists);
    states(sink, spec);
}

/// Compares each list with those before it.
fn compare_all(sink: &mut Sink<'_>, spec: &Spec, lists: &[List<'_>]) {
    if lists.len() < 2 {
        return;
    }
    let keys: Vec<BTreeSet<String>> = lists.iter().map(|it| it.values.iter().map(|it| key(it.0)).collect()).collect();
    // Lists without a value in common are not compared.
    let mut holders: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (index, keys) in keys.iter().enumerate() {
        for key in keys {
            holders.entry(key).or_default().push(index);
        }
    }
    let typed = typed(spec);
    let mut told: FxHashSet<(String, String)> = FxHashSet::default();
    for (index, (list, own)) in lists.iter().zip(&keys).enumerate() {
        let mut shared: FxHashMap<usize, usize> = FxHashMap::default();
        for key in own {
            for other in holders.get(key.as_str()).into_iter().flatten().filter(|it| **it < index) {
                *shared.entry(*other).or_default() += 1;
            }
        }
        let mut shared: Vec<(usize, usize)> = shared.into_iter().collect();
        shared.sort_unstable();
        for (other, count) in shared {
            if let (Some(earlier), Some(theirs)) = (lists.get(other), keys.get(other)) {
                let named = |a: &List<'_>, b: &List<'_>| typed.contains(&(a.subject, key(b.name)));
                if !named(earlier, list) && !named(list, earlier) {
                    compare(sink, (earlier, theirs), (list, own), count, &mut told);
                }
            }
        }
    }
}

/// Larger machines are generated.
const MAX_STATES: usize = 100;

/// States of one machine that are one, spelt in two ways: what enters the one leaves the other.
fn states(sink: &mut Sink<'_>, spec: &Spec) {
    for machine in spec.machines.iter().filter(|it| it.states.len() <= MAX_STATES) {
        let entered = |key: &str| machine.transitions.iter().any(|it| it.to == key && it.from != key);
        let left = |key: &str| machine.transitions.iter().any(|it| it.from == key && it.to != key);
        for (index, state) in machine.states.iter().enumerate() {
            let (own_in, own_out) = (entered(&state.key), left(&state.key));
            for other in machine.states.iter().take(index) {
                let halves = own_in != own_out && (entered(&other.key), left(&other.key)) == (own_out, own_in);
                if halves && same_meaning(&other.name.value, &state.name.value) {
                    let (name, before) = (&state.name.value, &other.name.value);
                    drop(
                        sink.report(state.name.span, format!("`{name}` is written `{before}` elsewhere"))
                            .about(&machine.subject)
                            .label(other.name.span, "elsewhere")
                            .note("nothing leaves the one, and nothing leads to the other")
                            .help("write the state in one way"),
                    );
                }
            }
        }
    }
}

/// Fields with the names of their types: those are compared as declarations of the field.
fn typed(spec: &Spec) -> FxHashSet<(&str, String)> {
    let types = spec.claims().all.iter().filter(|it| it.property == Property::Type);
    types
        .filter_map(|it| match &it.value {
            Value::Type(ty) => match ty.bare() {
                Type::Named(name) => Some((it.subject.as_str(), key(&name.value))),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

type Keyed<'k, 'a> = (&'k List<'a>, &'k BTreeSet<String>);

fn compare(
    sink: &mut Sink<'_>,
    a: Keyed<'_, '_>,
    b: Keyed<'_, '_>,
    shared: usize,
    told: &mut FxHashSet<(String, String)>,
) {
    let (first, second) = (a.0, b.0);
    let field = |it: &List<'_>| matches!(it.kind, Kind::Field(_));
    // Declarations of one field are compared with all else that they say of it.
    if field(first) && first.subject == second.subject || shared < 2 || shared * 2 < a.1.len().min(b.1.len()) {
        return;
    }
    let lacking = |one: &List<'_>, other: &BTreeSet<String>| -> Vec<(String, Span)> {
        let missing = one.values.iter().filter(|it| !other.contains(&key(it.0)));
        missing.map(|it| (it.0.to_owned(), it.1)).collect()
    };
    let (only_first, only_second) = (lacking(first, b.1), lacking(second, a.1));
    let mut tell = |sink: &mut Sink<'_>, at: Span, message: String, label: (Span, String), pair: (&str, &str)| {
        let pair = (key(pair.0), key(pair.1));
        if told.insert(pair.clone()) && told.insert((pair.1, pair.0)) {
            drop(sink.report(at, message).label(label.0, label.1).help("use one set of values in both places"));
        }
    };
    let mut met = false;
    for (theirs, at) in &only_second {
        if let Some((own, there)) = only_first.iter().find(|it| same_meaning(&it.0, theirs)) {
            met = true;
            let message = format!("`{theirs}` is written `{own}` elsewhere");
            tell(sink, *at, message, (*there, "elsewhere".to_owned()), (own, theirs));
        }
    }
    if met || !related(first, second) {
        return;
    }
    let same_type = first.kind == Kind::Type && second.kind == Kind::Type && first.subject == second.subject;
    // `difficulty` is one thing in a document, `status` is not.
    let named = key(first.name) == key(second.name) && !first.about.is_empty() && !second.about.is_empty();
    let close = named || (first.about == second.about && !first.about.is_empty());
    match (only_first.as_slice(), only_second.as_slice()) {
        ([(own, there), rest @ ..], [(theirs, at), more @ ..])
            if rest.len() < shared
                && more.len() < shared
                && (close || rest.is_empty() && more.is_empty() && shared >= 3) =>
        {
            let message = format!("the values of `{}` differ: `{theirs}` here, `{own}` elsewhere", second.name);
            tell(sink, *at, message, (*there, "elsewhere".to_owned()), (own, theirs));
        }
        ([], [(theirs, at), ..]) if same_type || takes_more(second, first) => {
            let message = format!("`{theirs}` is not among the values of `{}` elsewhere", second.name);
            let there = first.values.first().map_or(*at, |it| it.1);
            tell(sink, *at, message, (there, "elsewhere".to_owned()), (theirs, ""));
        }
        ([(own, there), ..], []) if same_type || takes_more(first, second) => {
            let message = format!("`{own}` is not among the values of `{}` elsewhere", first.name);
            let at = second.values.first().map_or(*there, |it| it.1);
            tell(sink, *there, message, (at, "elsewhere".to_owned()), (own, ""));
        }
        _ => {}
    }
}

/// Whether a request accepts more than what is kept has.
fn takes_more(request: &List<'_>, kept: &List<'_>) -> bool {
    request.kind == Kind::Field(Purpose::Request)
        && kept.kind == Kind::Field(Purpose::Whole)
        && request.about == kept.about
        && key(request.name) == key(kept.name)
}

/// Values in the examples of an endpoint that the list of its own parameter does not have.
fn examples(sink: &mut Sink<'_>, spec: &Spec, lists: &[List<'_>]) {
    for endpoint in &spec.endpoints {
        let extent = endpoint.details.first().and_then(|it| spec.document().section_at(*it)).map(|it| it.extent);
        let own: Vec<&List<'_>> = lists
            .iter()
            .filter(|it| match it.kind {
                Kind::Parameter => it.subject == endpoint.subject.as_str(),
                Kind::Sentence => it.values.first().is_some_and(|value| extent.is_some_and(|it| it.contains(value.1))),
                _ => false,
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        let bodies = endpoint.requests.iter().map(|it| &it.value);
        let answers = endpoint.responses.iter().filter(|it| it.status < 300).filter_map(|it| it.body.as_ref());
        for body in bodies.chain(answers) {
            if let Shape::Body(body, true) = body
                && let Some(value) = &body.value
            {
                for list in &own {
                    in_example(sink, list, &value.value, 0);
                }
            }
        }
    }
}

fn in_example(sink: &mut Sink<'_>, list: &List<'_>, json: &Json, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for item in json.elements().iter().take(MAX_ITEMS) {
        in_example(sink, list, &item.value, depth + 1);
    }
    for property in json.properties() {
        match &property.value.value {
            Json::String(text) if key(&property.key.value) == key(list.name) => {
                let known = list.values.iter().any(|it| key(it.0) == key(text));
                let word = text.len() <= 40 && !text.contains([' ', '|', '<', '{', '.']) && text != "string";
                if !known && word {
                    let Some(first) = list.values.first() else { return };
                    drop(
                        sink.report(
                            property.value.span,
                            format!("`{text}` is not among the values of `{}`", list.name),
                        )
                        .label(first.1, "the values are listed here")
                        .did_you_mean(list.values.iter().map(|it| it.0).find(|it| same_meaning(it, text))),
                    );
                }
            }
            other => in_example(sink, list, other, depth + 1),
        }
    }
}

const MAX_DEPTH: usize = 4;

/// Records of one list that are looked at.
const MAX_ITEMS: usize = 20;

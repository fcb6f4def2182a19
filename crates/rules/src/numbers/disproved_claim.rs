//! Sentences about all of something that the document itself disproves.

use model::claim::{Property, Purpose, Value};
use model::names::key;
use model::{BehaviourKind, Spec};
use source::{Level, Span};
use syntax::access::Scheme;
use syntax::document::Section;
use syntax::inline::Slice;

use crate::state::stuck_state::ending;
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "disproved-claim",
    summary: "what is said of all is not true of one",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/disproved-claim.md"),
    check: Check::Review(disproved_claim),
};

fn disproved_claim(sink: &mut Sink<'_>, review: &Review<'_>) {
    for text in review.texts().with_any(Holds::ALL) {
        for sentence in text.inline.all().sentences() {
            if begins_with_all(sentence.as_str()) {
                judge(sink, review.spec, text.section, sentence);
            }
        }
    }
}

/// Whether a sentence speaks of all of something, in its first words.
fn begins_with_all(sentence: &str) -> bool {
    let head = sentence.trim_start_matches(|it: char| !it.is_alphabetic());
    let first = head.split(|it: char| !it.is_alphabetic()).next().unwrap_or("");
    ["all", "every", "each", "no"].iter().any(|it| first.eq_ignore_ascii_case(it))
}

fn judge(sink: &mut Sink<'_>, spec: &Spec, section: &Section, sentence: Slice<'_>) {
    let lower = sentence.as_str().to_lowercase();
    let words: Vec<&str> =
        lower.split(|it: char| !it.is_alphanumeric() && it != '-').filter(|it| !it.is_empty()).collect();
    if [
        "except", "unless", "apart", "other", "should", "may", "planned", "future", "not", "but", "most", "verify",
        "test", "tests",
    ]
    .iter()
    .any(|it| words.contains(it))
    {
        return;
    }
    let has = |any: &[&str]| any.iter().any(|it| words.contains(it));
    let Some(noun) = words.iter().take(5).position(|it| is_noun(it)) else { return };
    let kind = words.get(1..noun).unwrap_or(&[]);
    let no = words.first() == Some(&"no");
    match words.get(noun).copied().unwrap_or("") {
        // That all can be reached is for `unreachable-state`.
        "state" | "states" | "status" | "statuses" if kind.is_empty() || kind == ["the"] || no => {
            let final_state = has(&["final", "terminal", "end"]) && has(&["reach", "reaches", "lead", "leads", "left"]);
            if no && has(&["dead", "dead-end", "stuck"]) || !no && final_state {
                stuck(sink, spec, sentence);
            }
        }
        "transition" | "transitions" | "event" | "events"
            if kind.is_empty() && !no && has(&["endpoint", "endpoints"]) =>
        {
            unfired(sink, spec, sentence);
        }
        "endpoint" | "endpoints" | "routes" if !no => endpoints(sink, spec, sentence, kind, &lower, &words),
        "field" | "fields" if !no && kind.is_empty() && has(&["required", "mandatory"]) && words.len() <= 6 => {
            optional(sink, spec, section, sentence);
        }
        "table" | "tables" | "entity" | "entities" | "record" | "records"
            if !no
                && kind.is_empty()
                && has(&["have", "has", "include", "includes", "carry", "carries", "contain"]) =>
        {
            columns(sink, spec, sentence);
        }
        _ => {}
    }
}

fn is_noun(word: &str) -> bool {
    matches!(
        word,
        "state"
            | "states"
            | "status"
            | "statuses"
            | "transition"
            | "transitions"
            | "event"
            | "events"
            | "endpoint"
            | "endpoints"
            | "routes"
            | "field"
            | "fields"
            | "table"
            | "tables"
            | "entity"
            | "entities"
            | "record"
            | "records"
    )
}

fn stuck(sink: &mut Sink<'_>, spec: &Spec, sentence: Slice<'_>) {
    for machine in &spec.machines {
        let ending = ending(machine);
        let stuck = machine.states.iter().find(|it| !ending.contains(it.key.as_str()));
        if let Some(state) = stuck.filter(|_| !ending.is_empty()) {
            let message = format!("from `{}` no final state can be reached", state.name.value);
            drop(
                sink.report(sentence.span(), message)
                    .about(&machine.subject)
                    .label(state.name.span, "no way ends from here"),
            );
        }
    }
}

fn unfired(sink: &mut Sink<'_>, spec: &Spec, sentence: Slice<'_>) {
    for (index, machine) in spec.machines.iter().enumerate() {
        let fired: Vec<String> = spec
            .endpoints
            .iter()
            .filter(|it| it.behaviour.machine == Some(index) && it.behaviour.kind == BehaviourKind::Transition)
            .filter_map(|it| it.behaviour.event.as_ref().map(|it| key(it)))
            .collect();
        let silent =
            machine.transitions.iter().find_map(|it| it.event.as_ref().filter(|it| !fired.contains(&key(&it.value))));
        if let Some(event) = silent.filter(|_| !fired.is_empty()) {
            let message = format!("no endpoint fires `{}`", event.value);
            drop(sink.report(sentence.span(), message).about(&machine.subject).label(event.span, "the event"));
        }
    }
}

/// What is said of all endpoints, or of those of one resource: that they need a caller who is known, that
/// their paths begin alike.
fn endpoints(sink: &mut Sink<'_>, spec: &Spec, sentence: Slice<'_>, kind: &[&str], lower: &str, words: &[&str]) {
    let stem = |it: &str| it.trim_end_matches('s').to_owned();
    let plain = |it: &&&str| !matches!(**it, "api" | "rest" | "http" | "the" | "of" | "these" | "our");
    let narrow: Vec<String> = kind.iter().filter(plain).map(|it| stem(it)).collect();
    let meant = |path: &str| narrow.iter().all(|it| path.to_lowercase().contains(it.as_str()));
    let requires = ["require", "requires", "need", "needs", "enforce", "use"].iter().any(|it| words.contains(it));
    let who = ["authentication", "authenticated", "token", "jwt", "bearer"].iter().any(|it| words.contains(it));
    if who && (requires || words.contains(&"authenticated") || words.contains(&"protected")) {
        let open = spec
            .endpoints
            .iter()
            .find(|it| meant(&it.path) && it.access.as_ref().is_some_and(|it| it.value.scheme == Scheme::Open));
        if let Some(endpoint) = open {
            let at = endpoint.access.as_ref().map_or(endpoint.span, |it| it.span);
            // A sentence that says both is one exception.
            if !sentence.span().contains(at) {
                let message = format!("`{} {}` needs no authentication", endpoint.method, endpoint.path);
                drop(sink.report(sentence.span(), message).about(&endpoint.subject).label(at, "it is said here"));
            }
        }
    }
    let begins =
        ["prefixed", "prefix", "under", "start with", "begin with", "starts with"].iter().any(|it| lower.contains(it));
    let prefix = sentence.codes().map(|it| it.as_str().trim_end_matches(['/', '*'])).find(|it| it.starts_with('/'));
    if let Some(prefix) = prefix.filter(|it| begins && it.matches('/').count() >= 2) {
        let first = prefix.split('/').nth(1).unwrap_or("");
        let alike = |path: &str| path.strip_prefix(prefix).is_some_and(|it| it.is_empty() || it.starts_with('/'));
        let (own, others): (Vec<_>, Vec<_>) =
            spec.endpoints.iter().filter(|it| meant(&it.path)).partition(|it| alike(&it.path));
        // A path without any of the prefix is a short form.
        let other = others.iter().find(|it| it.path.split('/').nth(1) == Some(first));
        if let Some(endpoint) = other.filter(|_| own.len() >= 2) {
            let message = format!("`{}` does not begin with `{prefix}`", endpoint.path);
            drop(sink.report(sentence.span(), message).about(&endpoint.subject).label(endpoint.span, "the endpoint"));
        }
    }
}

/// `All fields are required` where a table of the same section says of one that it is not.
fn optional(sink: &mut Sink<'_>, spec: &Spec, section: &Section, sentence: Slice<'_>) {
    let doc = spec.document();
    let extent =
        doc.ancestors(section.id).find(|it| it.level > 1 && it.level < 7).map_or(section.extent, |it| it.extent);
    let claims = spec.claims().all.iter().filter(|it| it.property == Property::Required && extent.contains(it.span));
    let mut optional = claims.filter(|it| it.value == Value::Flag(false));
    if let Some(claim) = optional.next() {
        drop(
            sink.report(sentence.span(), "a field of this section is not required")
                .about(&claim.subject)
                .label(claim.span, "it is said here"),
        );
    }
}

/// `All tables have created_at` against the tables that do not.
fn columns(sink: &mut Sink<'_>, spec: &Spec, sentence: Slice<'_>) {
    let names: Vec<String> = sentence.codes().map(|it| it.as_str().to_owned()).collect();
    let plain = |it: &String| !it.is_empty() && it.chars().all(|it| it.is_alphanumeric() || it == '_');
    let kept: Vec<&model::Entity> =
        spec.entities.iter().filter(|it| it.kept && it.purpose == Purpose::Whole && it.fields.len() >= 2).collect();
    for name in names.iter().filter(|it| plain(it)) {
        let (with, without): (Vec<&model::Entity>, Vec<&model::Entity>) =
            kept.iter().copied().partition(|it| it.field(name).is_some());
        // What none or few of them have is added by other means.
        if with.len() < 2 || without.is_empty() || without.len() > with.len() {
            continue;
        }
        for entity in without {
            let message = format!("`{}` has no `{name}`", entity.name.value);
            let place: Span = entity.name.span;
            drop(sink.report(sentence.span(), message).about(&entity.subject).label(place, "its declaration"));
        }
    }
}

//! Maps of transitions in code and JSON that lead to a state that they do not have.

use std::collections::HashSet;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::names::key;
use source::Level;
use syntax::maps::{self, Map, Word};

use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-target",
    summary: "a map of transitions leads to a state that it does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-target.md"),
    check: Check::Review(unknown_target),
};

/// Maps with fewer states are lists of something else.
const MIN_STATES: usize = 4;

/// How a state that leads nowhere is written, and a list of such states.
static ENDS: LazyLock<[Finder<'static>; 4]> = LazyLock::new(|| ["[]", "{}", "()", "_\": ["].map(Finder::new));

fn unknown_target(sink: &mut Sink<'_>, review: &Review<'_>) {
    for fence in review.texts().fences() {
        // A map with all of its states has an end: a state that leads nowhere, or a list of those that do.
        let text = fence.content.as_str();
        if ENDS.iter().any(|it| it.find(text.as_bytes()).is_some()) {
            maps::read(fence).iter().for_each(|it| report(sink, it));
        }
    }
}

fn report(sink: &mut Sink<'_>, map: &Map<'_>) {
    let word = |it: &Word<'_>| key(it.text);
    let states: HashSet<String> = map.entries.iter().map(|it| word(&it.0)).collect();
    let targets = || map.entries.iter().flat_map(|it| &it.1);
    let known = targets().map(word).filter(|it| states.contains(it)).collect::<HashSet<_>>().len();
    let unknown: HashSet<String> = targets().map(word).filter(|it| !states.contains(it)).collect();
    let ends = map.entries.iter().any(|it| it.1.is_empty() || it.0.text.starts_with('_'));
    if !ends || map.entries.len() < MIN_STATES || known < 3 || unknown.len() * 3 > known {
        return;
    }
    let Some((first, _)) = map.entries.first() else { return };
    let mut told = HashSet::new();
    for target in targets().filter(|it| unknown.contains(&word(it))) {
        if !told.insert(word(target)) {
            continue;
        }
        drop(
            sink.report(target.span, format!("there is no state `{}` here", target.text))
                .label(first.span, "the states begin here")
                .instead_of(target.text, source::nearest(target.text, map.entries.iter().map(|it| it.0.text))),
        );
    }
}

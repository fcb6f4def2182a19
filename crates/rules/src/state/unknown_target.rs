//! Maps of transitions in code and JSON that lead to a state that they do not have.

use std::collections::HashSet;

use model::Spec;
use model::names::key;
use source::Level;
use syntax::code::{self, Dialect, Kind, Token};
use syntax::page::Fence;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-target",
    summary: "a map of transitions leads to a state that it does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-target.md"),
    check: Check::Spec(unknown_target),
};

/// Maps with fewer states are lists of something else.
const MIN_STATES: usize = 4;

fn unknown_target(sink: &mut Sink<'_>, spec: &Spec) {
    let mut fences: Vec<&Fence> = Vec::new();
    for section in &spec.document().sections {
        syntax::document::fences(&section.blocks, &mut |fence, _| fences.push(fence));
    }
    for fence in fences {
        // A map with all of its states has an end: a state that leads nowhere.
        let text = fence.content.as_str();
        if !text.contains("[]") {
            continue;
        }
        let dialect = match fence.lang.as_str() {
            "json" | "jsonc" | "json5" => Some(Dialect::Braces),
            _ => code::dialect(fence),
        };
        let Some(dialect) = dialect else { continue };
        let mut tokens = code::tokens(text, dialect);
        tokens.retain(|it| it.kind != Kind::Comment);
        for map in maps(&tokens) {
            report(sink, fence, &map);
        }
    }
}

/// States, each with those that it leads to.
type Map<'a> = Vec<(Token<'a>, Vec<Token<'a>>)>;

fn report(sink: &mut Sink<'_>, fence: &Fence, map: &Map<'_>) {
    let word = |it: &Token<'_>| key(it.text);
    let states: HashSet<String> = map.iter().map(|it| word(&it.0)).collect();
    let targets = || map.iter().flat_map(|it| &it.1);
    let known = targets().map(word).filter(|it| states.contains(it)).collect::<HashSet<_>>().len();
    let unknown: HashSet<String> = targets().map(word).filter(|it| !states.contains(it)).collect();
    let ends = map.iter().any(|it| it.1.is_empty());
    if !ends || map.len() < MIN_STATES || known < 3 || unknown.len() * 3 > known {
        return;
    }
    let names: Vec<&str> = map.iter().map(|it| bare(it.0.text)).collect();
    let mut told = HashSet::new();
    for target in targets().filter(|it| unknown.contains(&word(it))) {
        if !told.insert(word(target)) {
            continue;
        }
        let Some((first, _)) = map.first() else { return };
        drop(
            sink.report(target.span(&fence.content), format!("there is no state `{}` here", bare(target.text)))
                .label(first.span(&fence.content), "the states begin here")
                .instead_of(bare(target.text), source::nearest(bare(target.text), names.iter().copied())),
        );
    }
}

fn bare(text: &str) -> &str {
    text.trim_matches(['"', '\'', '`'])
}

/// `a: ['b', 'c'], b: []`: neighbouring keys whose values are lists of words.
fn maps<'a>(tokens: &[Token<'a>]) -> Vec<Map<'a>> {
    let mut found: Vec<Map<'a>> = Vec::new();
    let mut map: Map<'a> = Vec::new();
    // Where the next key of the map has to be.
    let mut next = 0;
    let mut at = 0;
    while at < tokens.len() {
        match entry(tokens, at) {
            Some((name, list, end)) => {
                if at != next {
                    found.push(std::mem::take(&mut map));
                }
                map.push((name, list));
                at = end + usize::from(tokens.get(end).is_some_and(|it| it.is(",")));
                next = at;
            }
            None => at += 1,
        }
    }
    found.push(map);
    found
}

/// A key, its list of words, and the index after the list. A key or a word may be `Status.DRAFT`, and a key
/// may stand in brackets.
fn entry<'a>(tokens: &[Token<'a>], from: usize) -> Option<(Token<'a>, Vec<Token<'a>>, usize)> {
    let mut at = from;
    let bracket = tokens.get(at).is_some_and(|it| it.is("["));
    at += usize::from(bracket);
    let (name, after) = word(tokens, at)?;
    at = after;
    if bracket {
        at += usize::from(tokens.get(at)?.is("]"));
    }
    if !tokens.get(at)?.is(":") || !tokens.get(at + 1)?.is("[") {
        return None;
    }
    at += 2;
    let mut list = Vec::new();
    while !tokens.get(at)?.is("]") {
        let (item, after) = word(tokens, at)?;
        list.push(item);
        at = after;
        let end = tokens.get(at)?;
        if end.is(",") {
            at += 1;
        } else if !end.is("]") {
            return None;
        }
    }
    Some((name, list, at + 1))
}

/// A word, of which the last part counts.
fn word<'a>(tokens: &[Token<'a>], from: usize) -> Option<(Token<'a>, usize)> {
    let first = tokens.get(from).filter(|it| matches!(it.kind, Kind::Name | Kind::Quoted))?;
    let mut found = (*first, from + 1);
    while tokens.get(found.1).is_some_and(|it| it.is(".")) {
        found = (*tokens.get(found.1 + 1).filter(|it| it.kind == Kind::Name)?, found.1 + 2);
    }
    Some(found)
}

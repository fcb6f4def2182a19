//! Sentences about the states of a record: where it begins, where it ends, and from which states something
//! may be done to it. What looks like a state is one only if a machine has it; that is for the caller.

use source::{Spanned, Text};

use super::Lifecycle;
use super::token::{Kind, Tokens};
use crate::needles::Needles;

/// Verbs that leave no mark in the state.
const PLAIN: [&str; 14] = [
    "transition",
    "transitioned",
    "move",
    "moved",
    "go",
    "change",
    "changed",
    "switch",
    "switched",
    "set",
    "advance",
    "progress",
    "proceed",
    "be",
];

const MAY: [&str; 8] = ["can be", "may be", "can", "may", "must be", "are allowed to be", "are allowed to", "could be"];

const ONLY_MAY: [&str; 10] = [
    "can only be",
    "may only be",
    "can be",
    "must only be",
    "can only",
    "may only",
    "should only be",
    "only be",
    "is only",
    "are only",
];

/// Few sentences are about states at all.
pub(super) static ABOUT: Needles = Needles::new(&[
    "nly ",
    "ermin",
    "ransition",
    "inal",
    "start",
    "Start",
    "begin",
    "nitial",
    "reated",
    "after",
    "once",
    "not in ",
    "unless",
]);

pub(super) fn read(text: &Text) -> Option<Lifecycle> {
    if !ABOUT.are_in(text.as_str()) {
        return None;
    }
    let mut tokens = Tokens::of(text);
    while matches!(tokens.word(tokens.len().saturating_sub(1)), "." | ";") {
        tokens.items.pop();
    }
    only_from(&tokens)
        .or_else(|| only_when(&tokens))
        .or_else(|| refused(&tokens))
        .or_else(|| last(&tokens))
        .or_else(|| first(&tokens))
        .or_else(|| locked(&tokens))
}

/// A name that stands out as one of a state: in code or quotes, in capitals, with an underscore, or with a
/// capital inside the sentence.
fn name(tokens: &Tokens<'_>, at: usize) -> Option<(Spanned<String>, usize)> {
    let token = tokens.get(at)?;
    if token.kind == Kind::Quoted {
        return Some((tokens.spanned(at)?, at + 1));
    }
    let capital = |at: usize| {
        tokens.get(at).is_some_and(|it| it.kind == Kind::Word && it.value.starts_with(|c: char| c.is_uppercase()))
    };
    if token.kind != Kind::Word || !(capital(at) || token.value.contains('_')) {
        return None;
    }
    // `Ready for Pickup`, `In Progress`.
    let mut next = at + 1;
    loop {
        let joint = matches!(tokens.word(next), "for" | "to" | "of" | "in") && capital(next + 1);
        if joint {
            next += 2;
        } else if capital(next) && !shouted(&token.value) {
            next += 1;
        } else {
            break;
        }
    }
    let words: Vec<&str> = (at..next).filter_map(|it| tokens.get(it)).map(|it| it.value.as_ref()).collect();
    Some((Spanned::new(words.join(" "), tokens.span(at, next)), next))
}

fn shouted(word: &str) -> bool {
    word.len() > 1 && !word.contains(char::is_lowercase)
}

/// `CONFIRMED`, `Draft or Planned`, `A, B and C`, with `status` or `state` after it.
fn names(tokens: &Tokens<'_>, at: usize) -> Option<(Vec<Spanned<String>>, usize)> {
    let (one, mut next) = name(tokens, at)?;
    let mut found = vec![one];
    while let Some(after) = tokens.any(next, &[", or", ", and", ",", "or", "and", "/", "|"]) {
        let Some((one, end)) = name(tokens, tokens.skip(after, &["in", "the"])) else { break };
        found.push(one);
        next = end;
    }
    Some((found, tokens.skip(next, &["status", "state", "states", "statuses"])))
}

/// The participle and the state that it leads to, up to where the sentence ends or a reservation begins.
fn act(tokens: &Tokens<'_>, at: usize) -> Option<(Spanned<String>, Option<Spanned<String>>, usize)> {
    let verb = tokens.get(at).filter(|it| it.kind == Kind::Word)?;
    let said = Spanned::new(verb.value.to_string(), tokens.span(at, at + 1));
    let to = tokens.any(at + 1, &["to the", "to", "into", "as"]);
    match to.and_then(|it| name(tokens, it)) {
        Some((state, next)) => Some((said, Some(state), tokens.skip(next, &["status", "state"]))),
        None if PLAIN.contains(&verb.folded.as_ref()) => None,
        None => Some((said, None, at + 1)),
    }
}

/// `Only CONFIRMED orders can be cancelled to CANCELLED`.
fn only_from(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let at = tokens.are(0, "only")?;
    let (states, mut at) = names(tokens, tokens.skip(at, &["records in", "items in", "orders in", "the"]))?;
    let verb = (at..tokens.len().min(at + 3)).find_map(|it| Some((it, tokens.any(it, &MAY)?)))?;
    // Between them stands what the record is called.
    if (at..verb.0).any(|it| tokens.kind(it) != Some(Kind::Word)) {
        return None;
    }
    at = verb.1;
    let (act, to, next) = act(tokens, at)?;
    ends(tokens, next).then_some(Lifecycle::Only { states, act, to })
}

/// `Orders can only be cancelled when PENDING`, `cannot be cancelled unless PENDING`.
fn only_when(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let (from, only) = (0..tokens.len().min(5)).find_map(|it| {
        let may = tokens.any(it, &ONLY_MAY).map(|next| (next, true));
        may.or_else(|| Some((tokens.any(it, &["cannot be", "can not be", "must not be", "may not be"])?, false)))
    })?;
    let (act, to, mut at) = act(tokens, from)?;
    let said_only = tokens.word(from.saturating_sub(2)) == "only" || tokens.word(from - 1) == "only";
    let second = tokens.are(at, "only");
    at = second.unwrap_or(at);
    let when = if only {
        (said_only || second.is_some()).then(|| tokens.any(at, &["when", "if", "while", "from", "in"])).flatten()?
    } else {
        tokens.any(at, &["unless"])?
    };
    let mut at = tokens.skip(when, &["it is", "they are", "the order is", "its"]);
    at = tokens.skip(at, &["status is", "state is", "status =", "state =", "in", "currently in", "currently"]);
    at = tokens.skip(at, &["the", "status", "state"]);
    let (states, next) = names(tokens, at)?;
    ends(tokens, next).then_some(Lifecycle::Only { states, act, to })
}

/// `Returns 409 Conflict if not in Scheduled or Confirmed state`: what is done is said by the place.
fn refused(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let at = (1..tokens.len()).find_map(|it| {
        tokens.any(
            it,
            &["if not in", "when not in", "unless in", "if status is not", "if the status is not", "blocked if not in"],
        )
    })?;
    let (states, next) = names(tokens, tokens.skip(at, &["the", "a", "an"]))?;
    ends(tokens, next).then_some(Lifecycle::Refused { states })
}

/// `CANCELLED is a terminal state`, `No transitions out of Completed`.
fn last(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let none = [
        "no further transitions from",
        "no transitions from",
        "no transitions out of",
        "no transition from",
        "no transitions are allowed from",
        "no further transitions are allowed from",
        "no transition out of",
    ];
    if let Some(at) = tokens.any(0, &none) {
        let (states, next) = names(tokens, at)?;
        return ends(tokens, next).then_some(Lifecycle::Final { states });
    }
    let (states, next) = names(tokens, 0)?;
    let at = tokens.any(next, &["is", "are"])?;
    let at = tokens.skip(at, &["a", "an", "the", "both", "all"]);
    let at = tokens.any(at, &["terminal", "final", "end states", "end state"])?;
    let at = tokens.skip(at, &["state", "states", "status", "statuses"]);
    ends(tokens, at).then_some(Lifecycle::Final { states })
}

/// `Orders start as PENDING`, `Initial state is Draft`, `created with status "draft"`.
fn first(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let labelled = [
        "initial state is",
        "initial state :",
        "initial status is",
        "initial status :",
        "starting state is",
        "starting state :",
        "the initial state is",
        "the initial status is",
        "initial :",
    ];
    let at = tokens.any(0, &labelled).or_else(|| {
        let verbs = [
            "start",
            "starts",
            "begin",
            "begins",
            "are created",
            "is created",
            "are initially",
            "is initially",
            "are first",
        ];
        let (verb, next) = (1..tokens.len().min(5)).find_map(|it| Some((it, tokens.any(it, &verbs)?)))?;
        // A sentence about the record: nothing but words before the verb.
        if (0..verb).any(|it| tokens.kind(it) != Some(Kind::Word)) {
            return None;
        }
        let joined = tokens.any(next, &["in the", "in", "as", "with", "at"]);
        joined.or_else(|| tokens.word(next - 1).starts_with("initial").then_some(next))
    })?;
    let at = tokens.skip(at, &["status", "state", "the status", "the state", "a status of", "status of"]);
    let at = tokens.skip(at, &[":", "="]);
    let (state, next) = name(tokens, at)?;
    let next = tokens.skip(next, &["status", "state"]);
    ends(tokens, next).then_some(Lifecycle::Initial { state })
}

/// `Cannot be modified after release`.
fn locked(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let at = (0..tokens.len().min(4)).find_map(|it| {
        tokens.any(
            it,
            &[
                "cannot be modified",
                "cannot be changed",
                "cannot be edited",
                "cannot be updated",
                "must not be modified",
                "must not be changed",
                "cannot be altered",
                "may not be changed",
            ],
        )
    })?;
    let at = tokens.any(at, &["after", "once", "when"])?;
    let at = tokens.skip(at, &["it is", "it has been", "being", "the", "they are"]);
    let state = match name(tokens, at) {
        Some(found) => found,
        None => (tokens.spanned(at).filter(|_| tokens.kind(at) == Some(Kind::Word))?, at + 1),
    };
    ends(tokens, state.1).then_some(Lifecycle::Locked { after: state.0 })
}

fn ends(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.ends(at)
}

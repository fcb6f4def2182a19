//! Sentences about the states of a record: where it begins, where it ends, and from which states something
//! may be done to it. What looks like a state is one only if a machine has it; that is for the caller.

use source::{Spanned, Text};

use super::token::{Kind, Tokens};
use super::{Lifecycle, Record};
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
    "cannot be ",
    "not be ",
    "never be ",
]);

/// How it is said that something is not done.
const NEVER: [&str; 9] = [
    "cannot be",
    "can not be",
    "must not be",
    "may not be",
    "can never be",
    "may never be",
    "must never be",
    "shall not be",
    "should not be",
];

/// How it is said that something may be done to a record, and not by it.
const MAY_BE: [&str; 5] = ["can be", "may be", "must be", "are allowed to be", "could be"];

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
        .or_else(|| never_from(&tokens))
        .or_else(|| never_when(&tokens))
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

/// `shipped orders`, `draft or placed orders`: words in lower case and the noun that they describe, before a verb.
fn described(tokens: &Tokens<'_>, from: usize, verbs: &[&str]) -> Option<(Vec<Spanned<String>>, usize)> {
    let (found, at) = words(tokens, from)?;
    plain(tokens, at)?;
    tokens.any(at + 1, verbs)?;
    Some((found, at))
}

/// `draft`, `draft, placed or paid`: words in lower case.
fn words(tokens: &Tokens<'_>, from: usize) -> Option<(Vec<Spanned<String>>, usize)> {
    let mut found = vec![plain(tokens, from)?];
    let mut at = from + 1;
    while let Some(after) = tokens.any(at, &[", or", ", and", ",", "or", "and"]) {
        let Some(word) = plain(tokens, after) else { break };
        found.push(word);
        at = after + 1;
    }
    Some((found, at))
}

fn plain(tokens: &Tokens<'_>, at: usize) -> Option<Spanned<String>> {
    let word = tokens.get(at).filter(|it| it.kind == Kind::Word)?;
    word.value.bytes().all(|it| it.is_ascii_lowercase()).then(|| tokens.spanned(at))?
}

/// The noun of the records at a token.
fn record(tokens: &Tokens<'_>, at: usize, tells: bool) -> Option<Record> {
    let token = tokens.get(at).filter(|it| it.kind == Kind::Word)?;
    Some(Record { name: token.value.to_string(), tells })
}

/// States, where the words for the record stand behind them, and where a verb follows.
fn described_records(
    tokens: &Tokens<'_>,
    at: usize,
    may: &[&str],
    may_be: &[&str],
) -> Option<(Vec<Spanned<String>>, Option<Record>, usize)> {
    if let Some((states, at)) = names(tokens, at) {
        let verb = (at..tokens.len().min(at + 3)).find_map(|it| Some((it, tokens.any(it, may)?)))?;
        // Between them stands what the record is called.
        if (at..verb.0).any(|it| tokens.kind(it) != Some(Kind::Word)) {
            return None;
        }
        let record = verb.0.checked_sub(1).filter(|it| *it >= at).and_then(|it| record(tokens, it, false));
        return Some((states, record, verb.1));
    }
    let (states, noun) = described(tokens, at, may_be)?;
    Some((states, record(tokens, noun, true), tokens.any(noun + 1, may_be)?))
}

/// `Only CONFIRMED orders can be cancelled to CANCELLED`, `Only confirmed orders can be cancelled`.
fn only_from(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let at = tokens.are(0, "only")?;
    let at = tokens.skip(at, &["records in", "items in", "orders in", "the"]);
    let (states, record, at) = described_records(tokens, at, &MAY, &MAY_BE)?;
    let (act, to, next) = act(tokens, at)?;
    ends(tokens, next).then_some(Lifecycle::Only { states, act, to, record })
}

/// `A shipped order cannot be cancelled`, `CANCELLED orders cannot be shipped`.
fn never_from(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let at = tokens.skip(0, &["a", "an", "the", "all"]);
    let (states, record, at) = described_records(tokens, at, &NEVER, &NEVER)?;
    let (act, _, next) = act(tokens, at)?;
    // Without a noun the words are no states: `DELETE cannot be undone`.
    record.is_some().then_some(())?;
    ends(tokens, next).then_some(Lifecycle::Never { states, act, record })
}

/// `Orders cannot be cancelled once SHIPPED`, `An order cannot be cancelled after it is shipped`.
fn never_when(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let start = tokens.skip(0, &["a", "an", "the"]);
    let from = (start..tokens.len().min(start + 3)).find_map(|it| Some((it, tokens.any(it, &NEVER)?)))?;
    let noun = from.0.checked_sub(1).filter(|it| *it >= start)?;
    let (act, _, at) = act(tokens, from.1)?;
    let at = tokens.any(at, &["once", "when", "if", "after", "while"])?;
    let at = tokens.skip(at, &["it is", "they are", "it has been", "they have been", "the order is"]);
    let at = tokens.skip(at, &["status is", "state is", "in the", "in", "already", "the"]);
    let (states, tells, next) = names_or_words(tokens, at)?;
    let record = record(tokens, noun, tells);
    ends(tokens, next).then_some(Lifecycle::Never { states, act, record })
}

/// Names of states, or words in lower case that may be some, and whether they are those.
fn names_or_words(tokens: &Tokens<'_>, at: usize) -> Option<(Vec<Spanned<String>>, bool, usize)> {
    if let Some((states, next)) = names(tokens, at) {
        return Some((states, false, next));
    }
    let (states, next) = words(tokens, at)?;
    Some((states, true, tokens.skip(next, &["status", "state"])))
}

/// `Orders can only be cancelled when PENDING`, `cannot be cancelled unless PENDING`.
fn only_when(tokens: &Tokens<'_>) -> Option<Lifecycle> {
    let (noun, from, only) = (0..tokens.len().min(5)).find_map(|it| {
        let may = tokens.any(it, &ONLY_MAY).map(|next| (it, next, true));
        may.or_else(|| Some((it, tokens.any(it, &["cannot be", "can not be", "must not be", "may not be"])?, false)))
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
    let (states, tells, next) = names_or_words(tokens, at)?;
    let record = noun.checked_sub(1).and_then(|it| record(tokens, it, tells));
    // What is no name is a state only of records that are.
    (ends(tokens, next) && !(tells && record.is_none())).then_some(Lifecycle::Only { states, act, to, record })
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

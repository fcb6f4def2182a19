//! Comments and descriptions: clauses of which each says one thing or nothing.

use source::{Spanned, Text};

use super::predicate::{self, Names};
use super::token::{Kind, Tokens};
use super::{Phrase, Rule};

/// Words that make what stands beside them less than a rule.
const HEDGES: [&str; 22] = [
    "unless",
    "except",
    "usually",
    "typically",
    "normally",
    "often",
    "sometimes",
    "if",
    "when",
    "only",
    "depending",
    "per",
    "recommended",
    "otherwise",
    "but",
    "for",
    "while",
    "until",
    "where",
    "within",
    "during",
    "suggested",
];

/// A name of the shape of a field's: in one description there is no list of fields.
struct Shaped;

impl Names for Shaped {
    fn field(&self, tokens: &Tokens<'_>, at: usize) -> Option<(Spanned<String>, usize)> {
        let token = tokens.get(at)?;
        let name = token.value.as_ref();
        let written = name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        let inner = name.chars().skip(1).any(|it| it.is_ascii_uppercase());
        let lower = name.chars().any(|it| it.is_ascii_lowercase());
        let shaped = name.contains('_') || inner && lower || token.kind == Kind::Quoted;
        let status = tokens.word(at.saturating_sub(1)) == "when" || tokens.word(at.saturating_sub(1)) == "if";
        (written && (shaped || status) && token.kind != Kind::Number)
            .then(|| tokens.spanned(at).map(|it| (it, at + 1)))?
    }
}

pub(super) fn read(text: &Text) -> Vec<Phrase> {
    let mut tokens = Tokens::of(text);
    let example = (0..tokens.len()).find(|at| {
        let heads = ["e.g", "eg", "example", "examples", "ex", "i.e", "for example", "such as", "like", "sample"];
        tokens.any(*at, &heads).is_some()
    });
    tokens.items.truncate(example.unwrap_or(tokens.len()));
    let mut phrases = Vec::new();
    let mut sentence: Vec<Phrase> = Vec::new();
    let mut hedged = example == Some(0);
    let mut at = 0;
    while at < tokens.len() {
        if matches!(tokens.word(at), "." | ";") {
            phrases.append(&mut std::mem::take(&mut sentence).into_iter().filter(|_| !hedged).collect());
            hedged = false;
        }
        if tokens.ends(at) {
            at += 1;
            continue;
        }
        match clause(&tokens, at) {
            Some((found, next)) => {
                sentence.extend(found);
                at = next;
            }
            None => {
                while !tokens.ends(at) {
                    hedged |= HEDGES.contains(&tokens.word(at));
                    at += 1;
                }
            }
        }
    }
    phrases.extend(sentence.into_iter().filter(|_| !hedged));
    phrases
}

/// The rules of one clause, joined by `and`, up to where it ends.
fn clause(tokens: &Tokens<'_>, at: usize) -> Option<(Vec<Phrase>, usize)> {
    let mut found = Vec::new();
    let mut at = at;
    loop {
        let (rule, next) = predicate::rule(tokens, at, &Shaped)
            .filter(|(_, next)| tokens.ends(*next) || matches!(tokens.word(*next), "and" | "&"))?;
        if matches!(rule, Rule::Required(true)) && matches!(tokens.word(at), "present" | "provided") {
            return None;
        }
        found.push(Phrase { field: None, rule, span: tokens.span(at, next) });
        if tokens.ends(next) {
            return Some((found, next));
        }
        at = next + 1;
    }
}

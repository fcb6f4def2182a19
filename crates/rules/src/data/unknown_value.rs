//! Values in code and its comments that their set does not have.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use memchr::memmem::Finder;
use model::names::key;
use source::{Level, Span};
use syntax::code::{self, Dialect, Kind, Token};
use syntax::page::Fence;

use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-value",
    summary: "code or its comment names a value that the set does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-value.md"),
    check: Check::Review(unknown_value),
};

/// A declared set of values.
#[derive(Default)]
struct Set<'a> {
    at: Span,
    names: Vec<&'a str>,
    keys: HashSet<String>,
}

/// What declares a set.
static ENUM: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| ["enum ", "Enum)"].map(Finder::new));

fn unknown_value(sink: &mut Sink<'_>, review: &Review<'_>) {
    let fences: Vec<&Fence> = review.texts().fences().to_vec();
    let is_set = |it: &&Fence| ENUM.iter().any(|word| word.find(it.content.as_str().as_bytes()).is_some());
    if !fences.iter().any(is_set) {
        return;
    }
    let mut code: Vec<(&Fence, Vec<Token<'_>>)> = Vec::new();
    for fence in fences {
        if let Some(dialect) = code::dialect(fence) {
            code.push((fence, code::tokens(fence.content.as_str(), dialect)));
        }
    }
    let mut sets: BTreeMap<&str, Set<'_>> = BTreeMap::new();
    for (fence, tokens) in &code {
        declared(fence, tokens, &mut sets);
    }
    let mut told: HashSet<(&str, String)> = HashSet::new();
    for (fence, tokens) in &code {
        for (name, value, span) in uses(fence, tokens, &sets) {
            let Some(set) = sets.get(name) else { continue };
            if set.at == span || !told.insert((name, key(&value))) {
                continue;
            }
            drop(
                sink.report(span, format!("`{name}` has no value `{value}`"))
                    .label(set.at, "the set is declared here")
                    .instead_of(&value, near(&value, &set.names)),
            );
        }
    }
}

/// The value that is meant: nearly the same word, or the one that begins so.
fn near<'a>(value: &str, names: &[&'a str]) -> Option<&'a str> {
    let folded = key(value);
    let mut longer = names.iter().filter(|it| key(it).starts_with(&folded));
    match (longer.next(), longer.next()) {
        (Some(only), None) => Some(only),
        _ => source::nearest(value, names.iter().copied()),
    }
}

/// The sets that the code of a fence declares.
fn declared<'a>(fence: &Fence, tokens: &[Token<'a>], sets: &mut BTreeMap<&'a str, Set<'a>>) {
    let tokens: Vec<Token<'a>> = tokens.iter().filter(|it| it.kind != Kind::Comment).copied().collect();
    for (at, token) in tokens.iter().enumerate() {
        let Some(name) = tokens.get(at + 1).filter(|it| it.kind == Kind::Name) else { continue };
        let mut values: Vec<&'a str> = Vec::new();
        if token.is("enum") {
            let Some(open) = tokens.iter().skip(at).take(12).position(|it| it.is("{")).map(|it| it + at) else {
                continue;
            };
            braces(&tokens, open, &mut values);
        } else if token.is("class") && code::dialect(fence) == Some(Dialect::Python) {
            let bases: Vec<&str> = tokens.iter().skip(at + 2).map(|it| it.text).take_while(|it| *it != ":").collect();
            if !bases.iter().any(|it| it.ends_with("Enum")) {
                continue;
            }
            indented(&tokens, at + 3 + bases.len(), &mut values);
        }
        if values.len() < 2 {
            continue;
        }
        let set = sets.entry(name.text).or_default();
        set.at = name.span(&fence.content);
        set.keys.extend(values.iter().map(|it| key(it)));
        set.names.extend(values);
    }
}

/// `{ A, B = 'b', C(String) }`, one to a line in Prisma.
fn braces<'a>(tokens: &[Token<'a>], open: usize, values: &mut Vec<&'a str>) {
    let mut depth = 0;
    let mut starts = true;
    let mut line = tokens.get(open).map_or(0, |it| it.line);
    for token in tokens.iter().skip(open) {
        match token.text {
            "{" | "(" | "[" if token.kind == Kind::Mark => depth += 1,
            "}" | ")" | "]" if token.kind == Kind::Mark => depth -= 1,
            "," if depth == 1 => starts = true,
            // What follows the values of a Java enum are its members.
            ";" if depth == 1 => return,
            _ if depth == 1 && token.kind == Kind::Name && (starts || token.line != line) => {
                values.push(token.text);
                starts = false;
            }
            text if depth == 1 && token.kind == Kind::Quoted => values.push(text.trim_matches(['"', '\''])),
            _ => {}
        }
        line = token.line;
        if depth == 0 {
            return;
        }
    }
}

/// `A = "a"`, one to a line.
fn indented<'a>(tokens: &[Token<'a>], from: usize, values: &mut Vec<&'a str>) {
    let mut line = None;
    for (at, token) in tokens.iter().enumerate().skip(from) {
        if line == Some(token.line) || token.kind == Kind::Quoted {
            if token.kind == Kind::Quoted && line == Some(token.line) {
                values.push(token.text.trim_matches(['"', '\'']));
            }
            continue;
        }
        if token.kind != Kind::Name || !tokens.get(at + 1).is_some_and(|it| it.is("=")) {
            return;
        }
        values.push(token.text);
        line = Some(token.line);
    }
}

/// The values that a fence names and their set does not have: `Status.DONE`, and lists in the comment of a
/// member of that type.
fn uses<'a>(fence: &Fence, tokens: &[Token<'a>], sets: &BTreeMap<&'a str, Set<'a>>) -> Vec<(&'a str, String, Span)> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate().filter(|it| it.1.kind == Kind::Name) {
        let Some((name, set)) = sets.get_key_value(token.text) else { continue };
        let next = |count: usize| tokens.get(at + count);
        let before = at.checked_sub(1).and_then(|it| tokens.get(it));
        if before.is_some_and(|it| it.is(".") || matches!(it.text, "enum" | "class")) {
            continue;
        }
        let path = usize::from(next(1).is_some_and(|it| it.is(":")) && next(2).is_some_and(|it| it.is(":")));
        if next(1).is_some_and(|it| it.is(".")) || path == 1 {
            let Some(value) = next(2 + path).filter(|it| it.kind == Kind::Name) else { continue };
            let called = next(3 + path).is_some_and(|it| it.is("(") || it.is("<"));
            let capital = value.text.starts_with(char::is_uppercase);
            // `LIMIT` beside `Open` and `Shut` is a constant of the type.
            let shouts = |it: &str| it.len() > 1 && !it.contains(char::is_lowercase);
            let constant = shouts(value.text) && !set.names.iter().any(|it| shouts(it));
            if capital && !called && !constant && !set.keys.contains(&key(value.text)) {
                found.push((*name, value.text.to_owned(), value.span(&fence.content)));
            }
            continue;
        }
        let comment = tokens.iter().skip(at + 1).take_while(|it| it.line == token.line);
        if let Some(comment) = comment.into_iter().find(|it| it.kind == Kind::Comment) {
            let listed = listed(comment);
            let known = listed.iter().filter(|it| set.keys.contains(&key(it.text))).count();
            if known >= 2 && known * 2 >= listed.len() {
                let unknown = listed.iter().filter(|it| !set.keys.contains(&key(it.text)));
                found.extend(unknown.map(|it| (*name, it.text.to_owned(), it.span(&fence.content))));
            }
        }
    }
    found
}

/// The words of a comment that is a list of words.
fn listed<'a>(comment: &Token<'a>) -> Vec<Token<'a>> {
    let mut found = Vec::new();
    let mut at = comment.at;
    for part in comment.text.split([',', '|', '/']) {
        let word = part.trim().trim_matches(['"', '\'', '`', '.']);
        let start = at + part.find(word).unwrap_or(0);
        at += part.len() + 1;
        let plain = word.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'));
        if !plain {
            return Vec::new();
        }
        if !word.is_empty() && word != "etc" {
            found.push(Token { text: word, at: start, ..*comment });
        }
    }
    found
}

//! Items of a constraint list: a subject that is a field, and rules that are read to the last word.

use source::{Spanned, Text};

use super::predicate::{self, Names};
use super::token::{Kind, Tokens};
use super::{Phrase, Rule};

/// The fields of an entity: each as written, after its [`fold`].
struct Fields<'a>(Vec<(String, &'a str)>);

impl Names for Fields<'_> {
    fn field(&self, tokens: &Tokens<'_>, at: usize) -> Option<(Spanned<String>, usize)> {
        (1..=4).rev().find_map(|len| {
            let mut folded = String::new();
            for index in at..at + len {
                match tokens.kind(index) {
                    Some(Kind::Word | Kind::Number) => {}
                    Some(Kind::Quoted) if len == 1 => {}
                    _ => return None,
                }
                folded.push_str(&fold(&tokens.get(index)?.value));
            }
            let (_, written) = self
                .0
                .iter()
                .find(|(name, _)| *name == folded)
                .or_else(|| self.0.iter().find(|(name, _)| is_plural(&folded, name) || is_plural(name, &folded)))?;
            let span = if len == 1 { tokens.spanned(at)?.span } else { tokens.span(at, at + len) };
            Some((Spanned::new((*written).to_owned(), span), at + len))
        })
    }
}

/// A name without case, spaces, hyphens and underscores.
fn fold(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    for c in name.chars().filter(|it| it.is_alphanumeric()) {
        if c.is_ascii() { folded.push(c.to_ascii_lowercase()) } else { folded.extend(c.to_lowercase()) }
    }
    folded
}

fn is_plural(many: &str, one: &str) -> bool {
    let plain = many.strip_prefix(one).is_some_and(|it| it == "s" || it == "es");
    plain || many.strip_suffix("ies").is_some_and(|stem| one.strip_suffix('y') == Some(stem))
}

pub(super) fn read(text: &Text, fields: &[&str]) -> Vec<Phrase> {
    let mut tokens = Tokens::of(text);
    while matches!(tokens.word(tokens.len().saturating_sub(1)), "." | ";") {
        tokens.items.pop();
    }
    declaration(&mut tokens);
    let names = Fields(fields.iter().map(|it| (fold(it), *it)).collect());
    together(&tokens, &names)
        .or_else(|| at_least_one(&tokens, &names))
        .or_else(|| said(&tokens, &names))
        .unwrap_or_default()
}

/// `CONSTRAINT unique_day UNIQUE (a, b)` and `@@unique([a, b])` are written as in the language that they are from.
fn declaration(tokens: &mut Tokens<'_>) {
    let named = tokens.word(0) == "constraint" && tokens.word(2) == "unique";
    let marked = tokens.word(0) == "@" && tokens.word(1) == "@" && tokens.word(2) == "unique";
    if named || marked {
        tokens.items.drain(..2);
    }
    if marked && tokens.word(1) == "(" && tokens.word(2) == "[" && tokens.word(tokens.len() - 1) == ")" {
        tokens.items.remove(1);
        tokens.items.pop();
    }
}

/// Names joined by commas, `and`, `or`, `+`, and the place after them.
fn list(tokens: &Tokens<'_>, names: &Fields<'_>, at: usize) -> Option<(Vec<Spanned<String>>, usize)> {
    let (first, mut next) = names.field(tokens, at)?;
    let mut found = vec![first];
    while let Some(after) = tokens.any(next, &[", and", ", or", ",", "and", "or", "+", "&", "/"]) {
        let Some((name, end)) = names.field(tokens, tokens.skip(after, &["the"])) else {
            break;
        };
        found.push(name);
        next = end;
    }
    Some((found, next))
}

/// `(a, b) is unique`, `the pair a and b is unique`, `unique (a, b)`.
fn together(tokens: &Tokens<'_>, names: &Fields<'_>) -> Option<Vec<Phrase>> {
    let before = tokens.any(0, &["unique :", "unique together :", "unique on", "unique"]);
    let at = tokens.skip(before.unwrap_or(0), &["the", "each"]);
    let heads = ["pair of", "pair", "combination of", "combination", "tuple of", "tuple", "set of"];
    let paired = tokens.any(at, &heads);
    let at = tokens.skip(paired.unwrap_or(at), &["the"]);
    let open = tokens.word(at) == "(" || tokens.word(at) == "[";
    let (found, mut next) = list(tokens, names, at + usize::from(open))?;
    if open {
        if !matches!(tokens.word(next), ")" | "]") {
            return None;
        }
        next += 1;
    }
    let mut grouped = paired.is_some() || open || before.is_some();
    // `(a, b) enforces duplicate registration conflict`.
    let enforced = tokens.any(next, &["enforces duplicate", "enforces uniqueness", "enforces unique"]).and_then(|at| {
        let uniqueness = tokens.word(at - 1) == "uniqueness" && at == tokens.len();
        let last = tokens.word(tokens.len() - 1);
        let told = matches!(last, "conflict" | "conflicts" | "detection" | "check" | "rejection" | "prevention");
        (uniqueness || told && tokens.len() - at <= 3).then_some(tokens.len())
    });
    if let Some(end) = enforced.filter(|_| open && before.is_none()) {
        next = end;
    } else if before.is_none() {
        next = tokens.skip(next, &["pair", "pairs", "combination", "combinations"]);
        let verbs = ["must be", "is", "are", "has to be", "have to be"];
        next = tokens.any(next, &verbs)?;
        next = tokens.skip(next, &["together"]);
        next = tokens.are(next, "unique")?;
        if let Some(after) = tokens.any(next, &["together", "as a pair", "in combination", "as a combination"]) {
            (next, grouped) = (after, true);
        }
    }
    if next < tokens.len() || found.len() < 2 || !grouped {
        return None;
    }
    Some(vec![Phrase { field: None, rule: Rule::Unique(found), span: tokens.span(0, tokens.len()) }])
}

fn at_least_one(tokens: &Tokens<'_>, names: &Fields<'_>) -> Option<Vec<Phrase>> {
    let at = tokens.any(0, &["at least one of", "at least one of :"])?;
    let at = tokens.skip(at, &["the"]);
    let open = tokens.word(at) == "(";
    let (found, mut next) = list(tokens, names, at + usize::from(open))?;
    if open {
        next = tokens.are(next, ")")?;
    }
    let verbs = ["must be", "has to be", "is", "should be"];
    if next < tokens.len() {
        next = tokens.any(next, &verbs)?;
        next = tokens.any(next, &["present", "provided", "set", "given", "required", "specified", "filled in"])?;
    }
    (next == tokens.len() && found.len() > 1).then(|| {
        let span = tokens.span(0, next);
        vec![Phrase { field: None, rule: Rule::AtLeastOneOf(found), span }]
    })
}

/// Subjects, then rules.
fn said(tokens: &Tokens<'_>, names: &Fields<'_>) -> Option<Vec<Phrase>> {
    let at = tokens.skip(0, &["the", "each", "every", "all", "a", "an"]);
    let (subjects, mut at) = list(tokens, names, at)?;
    at = tokens.skip(at, &["field", "fields", "value", "values"]);
    let colon = tokens.any(at, &[":", "—"]);
    let dash = tokens.ends(at) && tokens.word(at) == "-";
    at = if dash { at + 1 } else { colon.unwrap_or(at) };
    let mut rules = Vec::new();
    loop {
        let (rule, next) = predicate::rule(tokens, at, names)?;
        let verb =
            tokens.any(at, &["is", "are", "must", "has", "have", "can", "cannot", "may", "should", "never", "does"]);
        let reads = verb.is_some() || colon.is_some() || dash || !rules.is_empty() || speaks(tokens, at);
        if !reads {
            return None;
        }
        rules.push((rule, tokens.span(at, next)));
        if next >= tokens.len() {
            break;
        }
        at = tokens.any(next, &[", and", ",", ";", "and", "&"])?;
    }
    let whole = tokens.span(0, tokens.len());
    let phrase = |subject: &Spanned<String>, (rule, _): &(Rule, source::Span)| Phrase {
        field: Some(subject.clone()),
        rule: rule.clone(),
        span: whole,
    };
    Some(subjects.iter().flat_map(|it| rules.iter().map(move |rule| phrase(it, rule))).collect())
}

/// Whether the words are themselves a predicate (`defaults to`, `references`, `matches`, `>= 1`).
fn speaks(tokens: &Tokens<'_>, at: usize) -> bool {
    let heads = [
        "defaults",
        "references",
        "refers",
        "matches",
        "required",
        "optional",
        "unique",
        "immutable",
        ">",
        ">=",
        "<",
        "<=",
        "in",
        "between",
        "cannot",
        "→",
        "foreign",
    ];
    heads.contains(&tokens.word(at))
}

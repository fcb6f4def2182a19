//! Sets of values that a document lists: enumerations, columns, parameters, states of machines, and lists in
//! sentences; and when two values of two lists are one, spelt in two ways.

use model::claim::{Property, Purpose, Value};
use model::names::{entity_key, key, words};
use source::{Span, Spanned};
use syntax::english::Rule;
use syntax::inline::{Inline, Slice};
use syntax::types::Type;

use crate::Review;
use crate::texts::Holds;

/// A set of values at a place.
#[derive(Debug)]
pub(crate) struct List<'a> {
    /// What the values are of, as written: a field, a type, a machine.
    pub(crate) name: &'a str,
    /// The words of its name and of what it belongs to, without those that any such list has.
    pub(crate) about: Vec<String>,
    /// Whether it is of states.
    pub(crate) states: bool,
    /// The address of what declares it.
    pub(crate) subject: &'a str,
    pub(crate) kind: Kind,
    pub(crate) values: Vec<(&'a str, Span)>,
}

/// How a list is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A named type.
    Type,
    /// A field of a record, of a request, of a view.
    Field(Purpose),
    Parameter,
    Machine,
    Sentence,
}

/// More lists than these are data, not a vocabulary.
const MAX_LISTS: usize = 200;

/// The lists of a document, in the order of their places.
pub(crate) fn lists<'a>(review: &Review<'a>) -> Vec<List<'a>> {
    let spec = review.spec;
    let mut found = Vec::new();
    for claim in &spec.claims().all {
        let subject = claim.subject.as_str();
        let words = match (&claim.value, claim.property) {
            (Value::Type(ty), Property::Type) => match enumerated(ty) {
                Some(words) => words,
                None => continue,
            },
            (Value::Rule(Rule::OneOf(words)), Property::Rule) => words.as_slice(),
            (Value::Parameter(parameter), _) => {
                let of_type = parameter.ty.as_ref().and_then(enumerated);
                let of_rule = parameter.rules.iter().find_map(|it| match it {
                    Rule::OneOf(words) => Some(words.as_slice()),
                    _ => None,
                });
                let Some(words) = of_type.or(of_rule) else { continue };
                // Values in a query string have no place of their own.
                let place = |it: &Spanned<String>| if it.span.end == 0 { claim.span } else { it.span };
                let values = words.iter().map(|it| (it.value.as_str(), place(it))).collect();
                let name = parameter.name.as_str();
                found.push(List {
                    name,
                    about: about(name, ""),
                    states: is_of_states(name),
                    subject,
                    kind: Kind::Parameter,
                    values,
                });
                continue;
            }
            _ => continue,
        };
        let values: Vec<(&str, Span)> = words.iter().map(|it| (it.value.as_str(), it.span)).collect();
        if values.len() < 2 || values.iter().any(|it| it.0.contains("...")) {
            continue;
        }
        if let Some(name) = subject.strip_prefix("type.") {
            let name =
                spec.claims().of(&claim.subject, Property::Declared).find_map(|it| it.value.as_text()).unwrap_or(name);
            found.push(List {
                name,
                about: about(name, ""),
                states: is_of_states(name),
                subject,
                kind: Kind::Type,
                values,
            });
        } else if let Some((owner, name)) = subject.strip_prefix("entity.").and_then(|it| it.split_once(".field.")) {
            let purpose = spec.claims().source_of(claim).map_or(Purpose::Whole, |it| it.purpose);
            let written = spec.claims().of(&claim.subject, Property::Declared).find_map(|it| it.value.as_text());
            let entity =
                spec.entities.iter().find(|it| it.subject.as_str() == subject.split(".field.").next().unwrap_or(""));
            let owner = entity.map_or(owner, |it| it.name.value.as_str());
            let name = written.unwrap_or(name);
            let about = about(name, owner);
            found.push(List { name, about, states: is_of_states(name), subject, kind: Kind::Field(purpose), values });
        }
    }
    for machine in spec.machines.iter().filter(|it| it.bound.is_none()) {
        let name = machine.name.value.as_str();
        let values: Vec<(&str, Span)> =
            machine.states.iter().map(|it| (it.name.value.as_str(), it.name.span)).collect();
        let subject = machine.subject.as_str();
        found.push(List { name, about: about(name, ""), states: true, subject, kind: Kind::Machine, values });
    }
    for text in review.texts().with_any(LISTED) {
        if text.holds.any(Holds::ONE_OF) || text.holds.any(Holds::CODE) && text.holds.any(BESIDE) {
            sentence_lists(text.inline, &mut found);
        }
    }
    found.retain(|it| it.values.len() >= 2);
    found.truncate(MAX_LISTS);
    found.sort_by_key(|it| it.values.first().map(|it| it.1.start));
    found
}

/// What a text with a list of values holds.
const LISTED: Holds = Holds::CODE.and(Holds::ONE_OF);

/// What stands between a name in code and its values.
const BESIDE: Holds = Holds::VALUES.and(Holds::EQUALITY);

fn enumerated(ty: &Type) -> Option<&[Spanned<String>]> {
    match ty.bare() {
        Type::Enum(words) => Some(words),
        Type::Array(inner) => enumerated(inner),
        _ => None,
    }
}

/// The words of a name and of its owner, in the singular, without those that say only that it is a list of
/// values, or that a record is that of a request.
fn about(name: &str, owner: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in words(owner).into_iter().chain(words(name)) {
        let word = entity_key(&word);
        let empty = matches!(
            word.as_str(),
            "statu"
                | "status"
                | "state"
                | "enum"
                | "value"
                | "lifecycle"
                | "machine"
                | "workflow"
                | "transition"
                | "diagram"
                | "request"
                | "response"
                | "dto"
                | "create"
                | "update"
                | "input"
                | "list"
                | "item"
                | "schema"
                | "model"
                | "base"
                | "new"
                | "patch"
                | "type"
        );
        if !empty && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

fn is_of_states(name: &str) -> bool {
    words(name).iter().any(|it| matches!(it.as_str(), "status" | "state" | "states" | "statuses" | "lifecycle"))
}

/// Whether two lists are of one thing, as far as their names say.
pub(crate) fn related(a: &List<'_>, b: &List<'_>) -> bool {
    let within = |a: &List<'_>, b: &List<'_>| a.about.iter().all(|it| b.about.contains(it));
    // `status` alone is that of anything.
    a.states == b.states && (within(a, b) || within(b, a))
}

/// `NAME … one of: a, b, c`, `NAME values: a, b`, `` `name` (`a`, `b`) ``.
fn sentence_lists<'a>(text: &'a Inline, found: &mut Vec<List<'a>>) {
    for line in text.all().lines() {
        let words = line.as_str();
        if let Some(at) = words.find("one of") {
            let rest = line.from(at + "one of".len());
            if let (Some(name), Some(values)) = (name_before(line.get(0..at)), listed(rest)) {
                found.push(sentence(name, values));
            }
        } else if let Some(at) = words.find(" values") {
            let rest = line.from(at + " values".len());
            let name = name_before(line.get(0..at));
            let told = rest.as_str().find(':').filter(|it| *it < 24);
            if let (Some(name), Some(values)) = (name, told.and_then(|it| listed(rest.from(it + 1)))) {
                found.push(sentence(name, values));
            }
        }
        bracketed(line, found);
    }
}

fn sentence<'a>(name: Slice<'a>, values: Vec<(&'a str, Span)>) -> List<'a> {
    let name = name.as_str();
    List { name, about: about(name, ""), states: is_of_states(name), subject: "", kind: Kind::Sentence, values }
}

/// The last code span or word that names what has values.
fn name_before(line: Slice<'_>) -> Option<Slice<'_>> {
    let text = line.as_str();
    if let Some(code) = line.codes().last() {
        return Some(code)
            .filter(|it| is_value(it.as_str()) && text.len() - it.offset_in(line) < it.as_str().len() + 40);
    }
    let mut end = text.len();
    loop {
        let trimmed = text.get(..end)?.trim_end_matches(|it: char| !it.is_alphanumeric());
        let start = trimmed.rfind(|it: char| !(it.is_alphanumeric() || it == '_')).map_or(0, |it| it + 1);
        let word = trimmed.get(start..)?;
        if word.is_empty() {
            return None;
        }
        let filler = matches!(
            word.to_ascii_lowercase().as_str(),
            "must"
                | "be"
                | "is"
                | "are"
                | "can"
                | "should"
                | "shall"
                | "may"
                | "possible"
                | "allowed"
                | "valid"
                | "the"
                | "a"
                | "always"
                | "has"
                | "to"
                | "required"
                | "string"
                | "optional"
        );
        if !filler {
            return Some(line.get(start..trimmed.len()));
        }
        end = start;
    }
}

/// The values of a list: its code spans, else its words.
fn listed(rest: Slice<'_>) -> Option<Vec<(&str, Span)>> {
    let text = rest.as_str();
    let until = text.find(". ").unwrap_or(text.len());
    let rest = rest.get(0..until);
    let mut values: Vec<(&str, Span)> = Vec::new();
    let mut end = 0;
    for code in rest.codes() {
        let between = rest.as_str().get(end..code.offset_in(rest)).unwrap_or("");
        let joined = between.trim_matches([' ', ',', ':', '|', '/', '(', '`']);
        if !(joined.is_empty() || matches!(joined, "or" | "and" | "of" | "the")) || !is_value(code.as_str()) {
            break;
        }
        values.push((code.as_str(), code.span()));
        end = code.offset_in(rest) + code.as_str().len();
    }
    if values.is_empty() {
        let plain = rest.trim_matches(|it| matches!(it, ':' | ' ' | '.' | '(' | ')'));
        for part in plain.split_outside(&[',', '|', '/']) {
            let word = part.as_str().strip_prefix("or ").map_or(part, |it| part.from(part.as_str().len() - it.len()));
            if !is_value(word.as_str()) {
                return None;
            }
            values.push((word.as_str(), word.span()));
        }
    }
    (values.len() >= 2).then_some(values)
}

/// `` `visibility` (`private`, `public`) ``
fn bracketed<'a>(line: Slice<'a>, found: &mut Vec<List<'a>>) {
    let text = line.as_str();
    let mut codes = line.codes().peekable();
    while let Some(code) = codes.next() {
        let after = code.offset_in(line) + code.as_str().len();
        let Some(next) = codes.peek() else { break };
        let between = text.get(after..next.offset_in(line)).unwrap_or("");
        if between.trim_matches(['`', ' ']) != "(" || !is_value(code.as_str()) {
            continue;
        }
        if let Some(values) = listed(line.from(next.offset_in(line))) {
            found.push(sentence(code, values));
        }
    }
}

/// One word, as values are.
fn is_value(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 40
        && text.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-'))
        && text.starts_with(|it: char| it.is_alphabetic())
}

/// Whether two values are one, spelt in two ways: a letter or two, another form of a word, a word more.
pub(crate) fn same_meaning(a: &str, b: &str) -> bool {
    let (x, y) = (key(a), key(b));
    if x == y || x.is_empty() || y.is_empty() {
        return false;
    }
    let small =
        |it: &String| !matches!(it.as_str(), "on" | "for" | "my" | "to" | "the" | "in" | "of" | "by" | "a" | "is");
    let (own, theirs): (Vec<String>, Vec<String>) =
        (words(a).into_iter().filter(small).collect(), words(b).into_iter().filter(small).collect());
    // `closing` comes before `closed`.
    let lasts = |it: &str| it.ends_with("ing");
    let form = |a: &str, b: &str| lasts(a) == lasts(b) && stem(a) == stem(b);
    let alike = own.len() == theirs.len() && own.iter().zip(&theirs).all(|(a, b)| a == b || form(a, b));
    if alike && !own.is_empty() {
        return own != theirs || words(a) != words(b);
    }
    let (short, long) = if own.len() < theirs.len() { (&own, &theirs) } else { (&theirs, &own) };
    let added = short.len() + 1 == long.len()
        && long.starts_with(short)
        && long
            .last()
            .is_some_and(|it| matches!(it.as_str(), "based" | "ed" | "type" | "mode" | "only" | "status" | "state"));
    added || (lasts(&x) == lasts(&y) && is_typo(&x, &y) && !is_opposite(&x, &y))
}

/// A word without the endings of its forms.
fn stem(word: &str) -> &str {
    for ending in ["ally", "lled", "led", "ied", "ing", "ly", "ed", "es", "s", "d", "al"] {
        if let Some(stem) = word.strip_suffix(ending).filter(|it| it.len() >= 4) {
            return stem;
        }
    }
    word.strip_suffix('e').filter(|it| it.len() >= 4).unwrap_or(word)
}

fn is_typo(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let limit = if shorter >= 8 { 2 } else { 1 };
    let letters = |it: &str| it.chars().filter(|it| !it.is_ascii_digit()).collect::<String>();
    shorter >= 5 && letters(a) != letters(b) && source::distance(a, b, limit).is_some()
}

/// `active` and `inactive`, `increase` and `decrease`.
fn is_opposite(a: &str, b: &str) -> bool {
    let prefixes =
        ["un", "in", "im", "ir", "re", "de", "dis", "en", "non", "pre", "post", "sub", "ex", "up", "down", "out", ""];
    let rests = |it: &str| {
        prefixes
            .iter()
            .filter_map(|p| it.strip_prefix(p))
            .filter(|it| it.len() >= 3)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let theirs = rests(b);
    a.chars().next() != b.chars().next() && rests(a).iter().any(|it| theirs.contains(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_in_two_spellings() {
        for (a, b, expected) in [
            ("PRIORITY", "PRIORITY_BASED", true),
            ("cancelled", "canceled", true),
            ("Partial Received", "Partially Received", true),
            ("Waiting on Customer", "Waiting for Customer", true),
            ("changed_mind", "changed_my_mind", true),
            ("quarantine", "quarantined", true),
            ("month", "monthly", true),
            ("recieved", "received", true),
            ("in_progress", "IN-PROGRESS", false),
            ("active", "inactive", false),
            ("assigned", "unassigned", false),
            ("increase", "decrease", false),
            ("enabled", "disabled", false),
            ("import", "export", false),
            ("transfer_in", "transfer_out", false),
            ("level_1", "level_2", false),
            ("low", "slow", false),
            ("Closing", "Closed", false),
            ("pending", "pending_review", false),
        ] {
            assert_eq!(same_meaning(a, b), expected, "{a} {b}");
        }
    }
}

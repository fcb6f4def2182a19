//! Operations that a requirement promises for a resource, and that the API does not have for it.

use std::collections::BTreeSet;

use model::Endpoint;
use model::names::entity_key;
use source::{Level, Span};
use syntax::Family;
use syntax::inline::Slice;

use crate::codes::{in_api, is_elsewhere, is_extract};
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "missing-operation",
    summary: "a requirement promises an operation that the API does not have",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/missing-operation.md"),
    check: Check::Review(missing_operation),
};

fn missing_operation(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let doc = spec.document();
    if spec.endpoints.is_empty() {
        return;
    }
    let mut promises = Vec::new();
    for text in review.texts().with_any(Holds::DELETE) {
        // Criteria promise what tests only try.
        let tests = |it: Family| it.is_of_tests() && it != Family::Acceptance;
        let said = ["delete ", "remove "].iter().any(|it| text.inline.as_str().contains(it));
        if said
            && !is_elsewhere(doc, text.section)
            && !doc.ancestors(text.section.id).any(|it| it.own.is_some_and(tests))
        {
            text.inline.all().lines().for_each(|it| promises.extend(promise(it)));
        }
    }
    for Promise { operations, resource, span } in promises {
        let last = |path: &str| path.split('/').rfind(|it| !it.is_empty() && !it.starts_with('{')).map(entity_key);
        let own: Vec<_> = spec.endpoints.iter().filter(|it| last(&it.path).as_deref() == Some(&resource)).collect();
        let Some(first) = own.first().filter(|it| !is_extract(doc, it.span)) else { continue };
        // What one endpoint does is said beside it: `| POST | /marks | Add, change or remove marks |`.
        let beside = |it: &&&Endpoint| {
            let (a, b) = if it.span.start < span.start { (it.span, span) } else { (span, it.span) };
            !sink.snippet(Span { end: b.end, ..a }).contains('\n')
        };
        if own.iter().any(|it| beside(&it)) {
            continue;
        }
        // What only a scenario calls is no list of what there is.
        if !own.iter().any(|it| in_api(doc, it.span)) {
            continue;
        }
        let has = |it: &Operation| own.iter().any(|own| it.methods().contains(&own.method.as_str()));
        let missing: Vec<&Operation> = operations.iter().filter(|it| !has(it)).collect();
        // Where nothing is there of what is promised, the endpoints are of something else.
        if missing.is_empty() || missing.len() == operations.len() {
            continue;
        }
        let words: Vec<&str> = missing.iter().map(|it| it.as_str()).collect();
        drop(
            sink.report(span, format!("the API has no endpoint to {}", words.join(", ")))
                .label(first.span, "what the API has of it")
                .help("add the endpoints, or promise less"),
        );
    }
}

/// What can be done with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Create,
    Read,
    Update,
    Delete,
}

impl Operation {
    fn of(word: &str) -> Option<Operation> {
        Some(match word.to_ascii_lowercase().as_str() {
            "create" | "add" => Operation::Create,
            "read" | "view" | "list" | "retrieve" | "get" => Operation::Read,
            "update" | "edit" | "modify" | "change" => Operation::Update,
            "delete" | "remove" => Operation::Delete,
            _ => return None,
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Read => "read",
            Operation::Update => "update",
            Operation::Delete => "delete",
        }
    }

    fn methods(self) -> &'static [&'static str] {
        match self {
            Operation::Create => &["POST", "PUT"],
            Operation::Read => &["GET"],
            Operation::Update => &["PUT", "PATCH"],
            Operation::Delete => &["DELETE"],
        }
    }
}

struct Promise {
    operations: BTreeSet<Operation>,
    resource: String,
    span: Span,
}

/// `create, read, update and delete orders`: at least three verbs, and the noun that they end in.
fn promise(line: Slice<'_>) -> Option<Promise> {
    let text = line.as_str();
    let words: Vec<(usize, &str)> = text
        .split_inclusive(|it: char| !it.is_alphanumeric())
        .scan(0, |at, part| {
            let start = *at;
            *at += part.len();
            Some((start, part.trim_end_matches(|it: char| !it.is_alphanumeric())))
        })
        .filter(|it| !it.1.is_empty())
        .collect();
    let mut index = 0;
    while index < words.len() {
        let mut operations = BTreeSet::new();
        let start = words.get(index)?.0;
        let mut next = index;
        while let Some((_, word)) = words.get(next) {
            match Operation::of(word) {
                Some(operation) => {
                    operations.insert(operation);
                }
                None if !operations.is_empty() && matches!(*word, "and" | "or" | "soft") => {}
                None => break,
            }
            next += 1;
        }
        if operations.len() >= 3 {
            let noun = words
                .get(next..)?
                .iter()
                .find(|it| !matches!(it.1, "their" | "own" | "the" | "all" | "any" | "a" | "an"))?;
            let end = noun.0 + noun.1.len();
            return Some(Promise { operations, resource: entity_key(noun.1), span: line.span_of(start..end) });
        }
        index = next.max(index + 1);
    }
    None
}

//! Routes that a text denies or puts off: `there is no POST /merge`, `DELETE /loans/{id} is left out`,
//! `GET /history will follow`, `PATCH /loans → 405`. Such a mention is neither a declaration nor a reference.

use std::ops::Range;

use syntax::Family;
use syntax::document::{Document, Section};
use syntax::inline::Slice;
use syntax::needles::Needles;
use syntax::route::METHODS;

/// Whether a section holds what there is not, or not yet.
pub(super) fn section(doc: &Document, section: &Section) -> bool {
    doc.ancestors(section.id).filter(|it| it.level != 1).any(|it| {
        matches!(it.own, Some(Family::NonGoals | Family::Future | Family::Alternatives))
            || ABSENT.contains(&it.title.whole.as_str())
    })
}

/// Headings over what there is not, or not yet.
const ABSENT: [&str; 19] = [
    "later",
    "later version",
    "future",
    "future endpoint",
    "future version",
    "next version",
    "coming later",
    "coming soon",
    "out of scope",
    "not in scope",
    "not included",
    "not offered",
    "not supported",
    "not yet supported",
    "left out",
    "deferred",
    "postponed",
    "removed",
    "removed endpoint",
];

/// Words of which a sentence that denies something has at least one; most have none.
static HINTS: Needles = Needles::folded(&[
    "no ",
    "not",
    "n't",
    "n’t",
    "never",
    "without",
    "instead of",
    "rather than",
    "out",
    "gone",
    "remove",
    "drop",
    "retire",
    "omit",
    "exclude",
    "unsupported",
    "deprecate",
    "postpone",
    "defer",
    "planned",
    "follow",
    "come",
    "later",
    "future",
    "had ",
    "405",
    "404",
    "501",
]);

/// Whether the sentence around a route says that there is none of the kind. `at` is its place in the slice.
pub(super) fn denied(slice: Slice<'_>, at: &Range<usize>) -> bool {
    let (text, from) = slice.around();
    let (start, end) = (from + at.start, from + at.end);
    let before = text.get(text.floor_char_boundary(start.saturating_sub(REACH))..start).unwrap_or("");
    let after = text.get(end..text.floor_char_boundary(end + REACH)).unwrap_or("");
    if !HINTS.are_in(before) && !HINTS.are_in(after) {
        return false;
    }
    let mut start = before.rfind([';', ':']).map_or(0, |it| it + 1);
    for stop in [". ", ".\n", "! ", "? ", " — ", " – "] {
        start = start.max(before.rfind(stop).map_or(0, |it| it + stop.len()));
    }
    let end = [". ", ".\n", "! ", "? ", ";"].iter().filter_map(|it| after.find(it)).min().unwrap_or(after.len());
    let (mut before, mut after) = (before.get(start..).unwrap_or(""), after.get(..end).unwrap_or(""));
    // Lines that begin with a route are a list.
    let leads = before.rsplit('\n').next().is_some_and(|it| it.trim_matches(['`', '*', ' ']).is_empty());
    if leads && before.lines().any(begins) {
        before = "";
    }
    if let Some((own, below)) = after.split_once('\n')
        && begins(below)
    {
        after = own;
    }
    leads_to_none(&words(before)) || refused(after) || follows(&words(after))
}

/// How many bytes around a route are looked at: work must not grow with the routes of a paragraph and its length.
const REACH: usize = 400;

/// Whether a line begins with a method.
fn begins(line: &str) -> bool {
    let line = line.trim_start_matches(['`', '*', ' ', '-']);
    METHODS.iter().any(|it| line.starts_with(it))
}

/// How many words before a route are looked at.
const NEAR: usize = 8;

/// `there is no POST /merge`, `we don't offer PUT /loans`, `v1 had POST /reserve`.
fn leads_to_none(before: &[String]) -> bool {
    let near = before.get(before.len().saturating_sub(NEAR)..).unwrap_or(before);
    let end = |back: usize| near.len().checked_sub(back).and_then(|it| near.get(it)).map(String::as_str);
    // `no POST /merge`, `no separate endpoint POST /merge`
    let none = |it: &str| matches!(it, "no" | "without");
    let between = |it: Option<&str>| it.is_some_and(|it| matches!(it, "a" | "an" | "any" | "endpoint" | "separate"));
    if end(1).is_some_and(none)
        || between(end(1)) && end(2).is_some_and(none)
        || between(end(1)) && between(end(2)) && end(3).is_some_and(none)
        || matches!((end(2), end(1)), (Some("instead"), Some("of")) | (Some("rather"), Some("than")))
    {
        return true;
    }
    // `not offer`, `not have`, `would have had`
    let offers = |it: &String| {
        matches!(
            it.as_str(),
            "offer" | "support" | "provide" | "expose" | "have" | "include" | "add" | "implement" | "build" | "ship"
        )
    };
    let denied = near.iter().position(|it| negates(it));
    // `We do not have a queue, POST /jobs …` speaks of something else.
    let last = near.iter().rposition(offers);
    if let (Some(denied), Some(offered)) = (denied, last)
        && (denied + 1..=denied + 3).contains(&offered)
        && near.iter().skip(offered + 1).all(|it| between(Some(it)) || matches!(it.as_str(), "for" | "the" | "yet"))
    {
        return true;
    }
    end(1) == Some("had") && !near.iter().any(|it| matches!(it.as_str(), "if" | "after" | "once"))
}

/// `→ 405`, `returns 404`: that this is the answer says that there is no such endpoint.
fn refused(after: &str) -> bool {
    let after = after.trim_start_matches(['`', '*', '"', ')', ' ', '|']);
    let rest = after.trim_start_matches(['→', '-', '—', '–', '=', '>', ':', ' ']);
    let marked = rest.len() < after.len();
    let verb = ["is answered with", "responds with", "answers with", "must return", "returns", "answers", "gives"];
    let rest = match verb.iter().find_map(|it| rest.strip_prefix(it)) {
        Some(rest) => rest,
        None if marked => rest,
        None => return false,
    };
    let rest = rest.trim_start_matches(['`', '*', ' ']);
    let Some(status) = rest.get(..3).filter(|it| matches!(*it, "404" | "405" | "501")) else { return false };
    // `404 when the loan is unknown` is the answer of one that is there, and so is `404, 409`.
    let rest = rest.get(status.len()..).unwrap_or("").trim_start_matches(['`', '*']);
    let conditional = || words(rest).iter().any(|it| is_condition(it));
    !rest.starts_with(|it: char| it.is_alphanumeric())
        && (status != "404" || !rest.contains(|it: char| it.is_ascii_digit()) && !conditional())
}

/// `is deliberately left out`, `does not exist`, `will follow in version 2`, `— planned`.
fn follows(after: &[String]) -> bool {
    // `both are gone`, `they will follow`
    let lead = |it: &&String| matches!(it.as_str(), "both" | "all" | "they" | "it" | "which" | "that" | "and");
    let rest = after.get(after.iter().take_while(lead).count()..).unwrap_or(after);
    let helps = |it: &&String| {
        matches!(
            it.as_str(),
            "is" | "are"
                | "was"
                | "were"
                | "be"
                | "been"
                | "has"
                | "have"
                | "will"
                | "would"
                | "does"
                | "do"
                | "should"
        ) || it.len() > 4 && it.ends_with("ly")
            || matches!(it.as_str(), "still" | "also" | "therefore")
    };
    let taken = rest.iter().take_while(helps).count();
    let helped = taken > 0;
    let rest = rest.get(taken..).unwrap_or(&[]);
    let word = |at: usize| rest.get(at).map_or("", String::as_str);
    let conditional = |from: usize| rest.iter().skip(from).any(|it| is_condition(it));
    match word(0) {
        "left" | "out" => matches!((word(0), word(1), word(2)), ("left", "out", _) | ("out", "of", "scope")),
        "gone" | "omitted" | "excluded" | "unsupported" => helped && !conditional(1),
        "removed" | "dropped" | "retired" | "postponed" | "deferred" | "planned" => helped && !conditional(1),
        "follow" => helped && (rest.len() == 1 || matches!(word(1), "in" | "later" | "with")),
        "come" | "comes" | "follows" => matches!(word(1), "later" | "soon") || word(1) == "in" && is_version(rest),
        "later" | "future" => rest.len() == 1,
        it if negates(it) || helped && it == "no" && word(1) == "longer" => {
            let skip = 1 + usize::from(it == "no");
            let skip = skip + rest.iter().skip(skip).take_while(helps).count();
            let skip = skip + usize::from(word(skip) == "yet");
            let said = matches!(
                word(skip),
                "exist" | "offered" | "supported" | "provided" | "exposed" | "available" | "included" | "planned"
            ) || word(skip) == "part" && word(skip + 1) == "of"
                || word(skip) == "in" && word(skip + 1) == "scope";
            said && !conditional(skip + 1)
        }
        _ => false,
    }
}

/// `in version 2`, `in v2`, `in the next release`.
fn is_version(rest: &[String]) -> bool {
    rest.iter().skip(2).take(3).any(|it| matches!(it.as_str(), "version" | "release" | "v2" | "v3" | "phase"))
}

fn is_condition(word: &str) -> bool {
    matches!(word, "if" | "when" | "unless" | "while" | "until" | "for" | "after" | "before" | "once" | "to")
}

fn negates(word: &str) -> bool {
    matches!(word, "not" | "never" | "cannot")
}

/// The words of a text in lower case, marks aside; `don't` is two.
fn words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for word in text.split(|it: char| !(it.is_alphanumeric() || matches!(it, '\'' | '’'))) {
        let word = word.trim_matches(['\'', '’']).to_lowercase();
        if word.is_empty() {
            continue;
        }
        match word.strip_suffix("n't").or_else(|| word.strip_suffix("n’t")) {
            Some(verb) => {
                // `won't` is `will not`; only what helps a verb has this form.
                let verb = if verb == "wo" { "will" } else { verb };
                found.extend([verb.to_owned(), "not".to_owned()]);
            }
            None => found.push(word),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;

    /// Sentences that deny a route, and such as do not.
    const SENTENCES: &[(&str, bool)] = &[
        ("Merging lamps: there is no `POST /lamps/{id}/merge`.", true),
        ("There is no separate endpoint `POST /lamps/{id}/merge`.", true),
        ("It works without a `POST /lamps/{id}/merge`.", true),
        ("`DELETE /lamps/{id}` is deliberately left out.", true),
        ("We don't offer `PUT /lamps/{id}`.", true),
        ("We won't support `DELETE /lamps/{id}`; dimming is an event.", true),
        ("We do not plan to offer `DELETE /lamps/{id}`", true),
        ("`PATCH /lamps/{id}` → 405", true),
        ("`PATCH /lamps/{id}` returns 405 Method Not Allowed", true),
        ("`PATCH /lamps/{id}`: 501", true),
        ("`GET /lamp` → 404", true),
        ("`GET /lamps/{id}/history` will follow in version 2.", true),
        ("`GET /lamps/{id}/history` comes in version 2.", true),
        ("`GET /lamps/{id}/history` is planned.", true),
        ("`GET /lamps/{id}/history` (later)", true),
        ("`GET /lamps/{id}/history` is not yet supported.", true),
        ("`GET /lamps/{id}/history` isn't offered", true),
        ("`GET /lamps/{id}/history` is no longer offered.", true),
        ("`GET /lamps/{id}/history` doesn't exist.", true),
        ("`GET /lamps/{id}/history` is out of scope.", true),
        ("The first version had `GET /lamps.json`", true),
        ("`GET /lamps.json` was removed, both are gone.", true),
        ("Lamps are bought instead of `POST /lamps`.", true),
        ("We do not offer\n`PUT /lamps/{id}`, since lamps are never\nreplaced.", true),
        // What there is may be denied something else.
        ("`PUT /lamps/{id}` changes the price.", false),
        ("`PUT /lamps/{id}` does not change the price.", false),
        ("`PUT /lamps/{id}` is not allowed when it is lit.", false),
        ("`PUT /lamps/{id}` is not available for guests.", false),
        ("`PUT /lamps/{id}` never fails.", false),
        ("`DELETE /lamps/{id}` removes the lamp, which is gone later.", false),
        ("`DELETE /lamps/{id}` — lamp is removed", false),
        ("`GET /lamps/{id}` → 404 when the lamp is unknown", false),
        ("`GET /lamps/{id}` → 200, 404", false),
        ("`GET /lamps/{id}` → 404, 409", false),
        ("`POST /lamps/{id}/light` without a token → 401", false),
        ("`GET /lamps/{id}` of an unknown lamp → 404", false),
        ("There is no queue: `POST /lamps` waits.", false),
        ("If there is no lamp, `POST /lamps` makes one.", false),
        ("We do not have a queue. `POST /lamps` waits.", false),
        ("It can be read later with `GET /lamps/{id}`.", false),
        ("`GET /lamps/{id}` reads one\n`PUT /lamps/{id}` is left out", false),
        ("Do not call `POST /lamps` twice.", false),
    ];

    #[test]
    fn a_sentence_denies_a_route_or_does_not() {
        let mut wrong = Vec::new();
        for (text, expected) in SENTENCES {
            let doc = Document::read(FileId(0), text);
            let mut found = Vec::new();
            syntax::document::inlines(
                doc.sections.iter().flat_map(|it| &it.blocks),
                &mut |it: &syntax::inline::Inline| {
                    let routes = super::super::routes_in(it.all());
                    found.extend(routes.first().map(|route| denied(it.all(), &route.at)));
                },
            );
            if found != [*expected] {
                wrong.push(*text);
            }
        }
        assert!(wrong.is_empty(), "these are read otherwise:\n{}", wrong.join("\n"));
    }
}

//! Lengths and ranges: `1-80 characters`, `max 100`, `> 0`, `between 1 and 5`.

use super::Rule;
use super::predicate::{Read, copula};
use super::token::{Kind, Tokens};

const CHARACTERS: [&str; 9] =
    ["characters", "character", "chars", "char", "letters", "chars.", "items", "elements", "entries"];

/// What is written before a range of numbers: `integer, 1-99`.
const NUMBERS: [&str; 6] = ["integer", "int", "number", "decimal", "float", "whole number"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Least,
    Most,
    Above,
    Below,
    Exact,
}

/// Lengths and ranges.
pub(super) fn measure(tokens: &Tokens<'_>, at: usize) -> Read {
    let start = tokens.skip(at, &["value"]);
    let start = tokens.skip(start, &["must not exceed", "cannot exceed", "may not exceed"]);
    let limited = start > at && tokens.word(start - 1) == "exceed";
    let start = if limited { start } else { copula(tokens, start) };
    let (start, checked) = (tokens.skip(start, &["check"]), tokens.word(start) == "check");
    let heads: [(&[&str], End); 5] = [
        (
            &[
                "minimum",
                "min",
                "at least",
                "no less than",
                "no fewer than",
                ">=",
                "not less than",
                "greater than or equal to",
            ],
            End::Least,
        ),
        (
            &[
                "maximum",
                "max",
                "at most",
                "no more than",
                "up to",
                "<=",
                "not more than",
                "less than or equal to",
                "not exceed",
            ],
            End::Most,
        ),
        (&["greater than", "more than", "above", ">"], End::Above),
        (&["less than", "fewer than", "below", "<"], End::Below),
        (&["exactly"], End::Exact),
    ];
    let sizes = ["length", "len", "size", "length of", "size of"];
    let head = heads.into_iter().find_map(|(phrases, end)| Some((tokens.any(start, phrases)?, end)));
    let (mut next, mut end) = match head {
        Some((next, end)) => (next, Some(end)),
        None if limited => (start, Some(End::Most)),
        None => (start, None),
    };
    let compact: [(&[&str], End); 2] = [
        (&["minlength", "min-length", "min_length"], End::Least),
        (&["maxlength", "max-length", "max_length"], End::Most),
    ];
    let mut sized = false;
    for (phrases, which) in compact {
        if let Some(after) = tokens.any(start, phrases) {
            (next, end, sized) = (after, Some(which), true);
        }
    }
    let label = ["range", "value", "between", "from", "of"];
    if let Some(after) = tokens.any(next, &sizes) {
        (next, sized) = (after, true);
    }
    let mut labelled = end.is_none() && next > at;
    if end.is_none()
        && let Some(after) = tokens.any(next, &label)
    {
        (next, labelled) = (after, true);
    }
    next = tokens.skip(next, &["."]);
    next = tokens.skip(next, &[":", "="]);
    next = tokens.skip(next, &["between", "from"]);
    let (low, after) = number(tokens, next)?;
    let mut next = after;
    let mut high = None;
    if end.is_none_or(|it| it == End::Exact)
        && let Some(dash) = tokens.any(next, &["-", "to", "..", "and", "…"])
        && let Some((value, after)) = number(tokens, dash)
        && (tokens.word(next) != "and" || ["between", "from"].contains(&tokens.word(next.saturating_sub(2))))
    {
        (high, next) = (Some(value), after);
    }
    if let Some(after) = tokens.any(next, &CHARACTERS) {
        (next, sized) = (tokens.skip(after, &["long", "in length", "total"]), true);
    } else if let Some(after) = tokens.are(next, "inclusive") {
        next = after;
    }
    if end.is_none() && high.is_none() {
        let tails: [(&[&str], End); 2] = [
            (&["max", "maximum", "or less", "or fewer", "at most", "max length"], End::Most),
            (&[if sized { "min" } else { "minimum" }, "minimum", "or more", "at least", "min length"], End::Least),
        ];
        for (phrases, which) in tails {
            if let Some(after) = tokens.any(next, phrases) {
                (next, end) = (after, Some(which));
            }
        }
        if end.is_none() && sized && next > at + 2 && labelled {
            end = Some(End::Exact);
        }
    }
    // `1-10` says a range only if it is all that is said, or a word says so.
    let comma = at.checked_sub(1).filter(|it| tokens.word(*it) == ",");
    let typed = comma.is_some() && tokens.any(0, &NUMBERS) == comma;
    let alone = at == 0 && next >= tokens.len() || typed && tokens.ends(next);
    let rule = match (sized, end, high) {
        (true, None, Some(high)) => Rule::Length(Some(low.parse().ok()?), Some(high.parse().ok()?)),
        (true, Some(End::Least), None) => Rule::Length(Some(low.parse().ok()?), None),
        (true, Some(End::Most), None) => Rule::Length(None, Some(low.parse().ok()?)),
        (true, Some(End::Above), None) => Rule::Length(Some(low.parse::<u64>().ok()?.checked_add(1)?), None),
        (true, Some(End::Below), None) => Rule::Length(None, Some(low.parse::<u64>().ok()?.checked_sub(1)?)),
        (true, Some(End::Exact), None) => Rule::Length(Some(low.parse().ok()?), Some(low.parse().ok()?)),
        (false, None, Some(high)) if labelled || alone || checked => Rule::Range(Some((low, true)), Some((high, true))),
        (false, Some(End::Least), None) => Rule::Range(Some((low, true)), None),
        (false, Some(End::Most), None) => Rule::Range(None, Some((low, true))),
        (false, Some(End::Above), None) => Rule::Range(Some((low, false)), None),
        (false, Some(End::Below), None) => Rule::Range(None, Some((low, false))),
        _ => return None,
    };
    let crossed = |a: f64, b: f64| a > b;
    match &rule {
        Rule::Length(Some(a), Some(b)) if a > b => return None,
        Rule::Range(Some((a, _)), Some((b, _))) if crossed(a.parse().ok()?, b.parse().ok()?) => {
            return None;
        }
        _ => {}
    }
    Some((rule, next))
}

fn number(tokens: &Tokens<'_>, at: usize) -> Option<(String, usize)> {
    let token = tokens.get(at).filter(|it| it.kind == Kind::Number)?;
    Some((token.value.to_string(), at + 1))
}

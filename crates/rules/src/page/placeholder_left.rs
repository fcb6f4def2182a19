//! Prompts of the template that were left in their place.

use memchr::memchr;
use source::{Level, Span};
use syntax::Section;
use syntax::columns;
use syntax::family::Family;
use syntax::inline::{Inline, MarkKind, Slice, label};
use syntax::page::{Block, BlockKind};
use syntax::quantity::figure::head;
use syntax::template::{Prompts, enclosed};

use crate::texts::{Holds, Text, Texts};
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "placeholder-left",
    summary: "a prompt of the template still stands where content belongs",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/placeholder-left.md"),
    check: Check::Review(placeholder_left),
};

fn placeholder_left(sink: &mut Sink<'_>, review: &Review<'_>) {
    let doc = review.spec.document();
    if sink.is_template(doc.file) {
        return;
    }
    // The finding of each section of level two, in order: its prompts.
    let mut found: Vec<(Option<Span>, Vec<Span>)> = Vec::new();
    let mut top = None;
    for section in &doc.sections {
        if section.level <= 2 {
            top = (section.level == 2).then_some(section.span);
        }
        let mut prompts = prompts(section, review.texts(), &sink.context.template.prompts);
        if prompts.is_empty() {
            continue;
        }
        let mut told = Vec::new();
        formats(&section.blocks, None, &mut told);
        prompts.retain(|it| !told.iter().any(|format| format.contains(*it)));
        if prompts.is_empty() {
            continue;
        }
        match found.last_mut() {
            Some((at, list)) if *at == top => list.extend(prompts),
            _ => found.push((top, prompts)),
        }
    }
    for (_, mut places) in found {
        places.sort_by_key(|it| it.start);
        places.dedup();
        let Some((first, rest)) = places.split_first() else { continue };
        let words = sink.snippet(*first);
        let mut finding = sink.report(*first, format!("`{words}` is a prompt of the template"));
        for place in rest.iter().take(MAX_LABELS) {
            finding = finding.label(*place, "");
        }
        if rest.len() > MAX_LABELS {
            finding = finding.note(format!("and {} more in this section", rest.len() - MAX_LABELS));
        }
        drop(finding.help("write what it asks for, or `N/A` where nothing is to be said"));
    }
}

/// Other prompts of a section that are shown.
const MAX_LABELS: usize = 4;

fn prompts(section: &Section, texts: &Texts<'_>, prompts: &Prompts) -> Vec<Span> {
    let mut places = Vec::new();
    // The header has no family of its own.
    let family = if section.level <= 1 { None } else { section.family };
    if texts.heading(section.id).any(Holds::BRACKET) {
        bracketed(prompts, section.heading.all(), &mut places);
    }
    for Text { inline, holds, .. } in texts.texts_of(section.id) {
        if holds.any(Holds::BRACKET) {
            bracketed(prompts, inline.all(), &mut places);
        }
        let whole = inline.as_str();
        if !holds.any(Holds::LINES.and(Holds::COLON)) && !prompts.may_begin(whole.trim_start()) {
            continue;
        }
        let mut end = 0;
        while end < whole.len() {
            let start = end;
            let rest = whole.get(start..).unwrap_or("");
            let text = rest.get(..memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len())).unwrap_or("");
            end += text.len() + 1;
            let colon = memchr(b':', text.as_bytes());
            let value = || colon.and_then(|it| text.get(it + 1..)).unwrap_or("").trim_start();
            let begins = prompts.may_begin(text.trim_start());
            if !begins && (colon.is_none() || !prompts.may_begin(value())) {
                continue;
            }
            let line = inline.all().get(start..start + text.len()).trim();
            if begins {
                bare(prompts, line, family, &mut places);
            }
            // Labels are taken apart only where one of their sides may be a prompt.
            if let Some(label) = label(line) {
                bare(prompts, label.key, family, &mut places);
                bare(prompts, label.value, family, &mut places);
            }
        }
    }
    for block in &section.blocks {
        if let BlockKind::Fence(fence) = &block.kind
            && matches!(fence.lang.as_str(), "" | "text")
            && fence.content.as_str().trim_start().starts_with('[')
        {
            let text = Inline { text: fence.content.clone(), marks: Box::default() };
            let whole = text.all().trim();
            if prompts.is_bracketed(whole.as_str()) {
                places.push(whole.span());
            }
        }
    }
    places
}

/// Prompts in brackets and in double braces, anywhere but in code, links, footnotes and task boxes.
fn bracketed(prompts: &Prompts, slice: Slice<'_>, places: &mut Vec<Span>) {
    let text = slice.as_str();
    for (start, end) in enclosed(text) {
        let plain = !slice.in_mark(start, MarkKind::Code)
            && !slice.in_mark(start, MarkKind::Link)
            && !is_quoted(text, start, end);
        if plain && prompts.is_bracketed(text.get(start..end).unwrap_or("")) {
            places.push(slice.span_of(start..end));
        }
    }
}

/// What tells how others are to write something: the list below `Record it in this format:`.
fn formats<'a>(blocks: &'a [Block], mut said: Option<&'a str>, found: &mut Vec<Span>) {
    for block in blocks {
        let format = said.take().is_some_and(is_of_format);
        match &block.kind {
            BlockKind::List(_) | BlockKind::Fence(_) if format => found.push(block.span),
            BlockKind::Paragraph(text) => said = text.as_str().trim_end().lines().last(),
            BlockKind::List(list) => {
                list.items.iter().for_each(|it| formats(&it.children, Some(it.text.as_str()), found));
            }
            BlockKind::Quote(inner) => formats(inner, None, found),
            _ => {}
        }
    }
}

/// Whether a line announces the form of something.
fn is_of_format(line: &str) -> bool {
    let line = line.trim_end_matches(['*', '_', ' ']);
    let mut words = line.split(|it: char| !it.is_alphabetic()).map(str::to_lowercase);
    line.ends_with(':') && words.any(|it| matches!(it.as_str(), "format" | "template" | "pattern" | "syntax"))
}

/// Whether a place stands among other words in quotes: `the title is "Edit: [name]"`.
fn is_quoted(text: &str, start: usize, end: usize) -> bool {
    let line = text.get(..start).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    let before = text.get(line..start).unwrap_or("");
    let after = text.get(end..).and_then(|it| it.lines().next()).unwrap_or("");
    let open = before.matches('"').count() % 2 == 1 || before.rfind('“') > before.rfind('”');
    let double = open && after.contains(['"', '”']) && !(before.ends_with(['"', '“']) && after.starts_with(['"', '”']));
    double || is_between(before, after)
}

/// Bytes on either side of a place in which a single quote is looked for.
const MAX_QUOTE: usize = 120;

/// Whether one text opens a single quote and the next closes it: not those of `it's` and of `'[name]'`.
fn is_between(before: &str, after: &str) -> bool {
    let mut from = before.len().saturating_sub(MAX_QUOTE);
    while !before.is_char_boundary(from) {
        from += 1;
    }
    let (before, after) = (before.get(from..).unwrap_or(""), head(after, MAX_QUOTE));
    let quote = |it: char| matches!(it, '\'' | '‘' | '’');
    let part = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    let opens = before.rmatch_indices(quote).next().is_some_and(|(at, it)| {
        let (head, tail) = (before.get(..at).unwrap_or(""), before.get(at + it.len()..).unwrap_or(""));
        !part(head.chars().next_back()) && part(tail.chars().next())
    });
    let alone = before.ends_with(quote) && after.starts_with(quote);
    let closes = || {
        after.match_indices(quote).any(|(at, it)| !part(after.get(at + it.len()..).and_then(|it| it.chars().next())))
    };
    opens && !alone && closes()
}

fn bare(prompts: &Prompts, slice: Slice<'_>, family: Option<Family>, places: &mut Vec<Span>) {
    let slice = slice.trim();
    if prompts.is_bare(slice.as_str(), family) && !columns::is_nothing(slice.as_str()) {
        places.push(slice.span());
    }
}

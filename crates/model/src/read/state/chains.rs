//! Arrows between states: lists, chains, alternatives, and drawings with plain lines.

use source::Span;
use syntax::document::Section;
use syntax::inline::{Inline, Slice};
use syntax::page::Fence;

use super::table::states;
use super::{machine, say, source};
use crate::claim::{Clause, Form, SourceId, Subject, Transition};
use crate::read::{Reader, entries, first_line};

const ARROWS: [&str; 11] = ["-->", "->", "→", "⟶", "➜", "➔", "▶", "►", "=>", "⇒", "─>"];

pub(super) fn list(reader: &mut Reader<'_>, section: &Section) {
    // In a section with a diagram or a table of its own, arrows are remarks.
    let mut has_table = false;
    syntax::document::tables(&section.blocks, &mut |_, _| has_table = true);
    let mut found: Option<(Subject, SourceId)> = None;
    if has_table {
        return;
    }
    for entry in entries(&section.blocks) {
        let line = first_line(entry.whole);
        let chain = match entry.label() {
            Some(label) if entry.form != Form::Item => chain(label.value),
            _ => chain(line),
        };
        if chain.len() < 2 {
            continue;
        }
        let (subject, source) = match &found {
            Some(found) => found.clone(),
            None => {
                let subject = machine(reader, section, names_of(&chain));
                let id = source(reader, &subject, Form::Arrows, section.span);
                found = Some((subject.clone(), id));
                (subject, id)
            }
        };
        let event = event_before(line, &chain);
        chain_transitions(reader, &subject, source, (&chain, event), entry.whole.span());
    }
}

/// A part of a chain, and the label of the arrow behind it.
type Link<'a> = (Slice<'a>, Option<Slice<'a>>);

/// `A → B (event) — remark` taken apart at its arrows; empty if a part is no state name.
fn chain(line: Slice<'_>) -> Vec<Link<'_>> {
    let text = line.as_str();
    let mut parts: Vec<Link<'_>> = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or("");
        match ARROWS.iter().find(|it| rest.starts_with(**it)) {
            Some(arrow) => {
                let part = line.get(from..at);
                parts.push(arrow_label(part.trim_matches(|it: char| it.is_whitespace() || is_dash(it))));
                at += arrow.len();
                from = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push((line.from(from).trim(), None));
    if let Some((first, _)) = parts.first_mut() {
        *first = first.from(labelled(*first).map_or(0, |it| it.1)).trim();
    }
    let plain = |it: &Link<'_>| {
        let name = name_of(it.0).0;
        let word = name.as_str().to_ascii_lowercase();
        if matches!(word.as_str(), "else" | "otherwise" | "if" | "when" | "then" | "default") {
            return false;
        }
        let text = name.as_str().trim_matches(['*', '`', '"', '[', ']']);
        let names = text.split(['/', ',', '|']).map(str::trim);
        names.clone().count() > 0
            && names.into_iter().all(|it| {
                !it.is_empty()
                    && it.len() <= 40
                    && it.split_whitespace().count() <= 3
                    && it.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | '*'))
            })
    };
    if parts.len() >= 2 && parts.iter().all(plain) { parts } else { Vec::new() }
}

fn is_dash(it: char) -> bool {
    matches!(it, '─' | '—' | '–' | '-' | '━')
}

/// `A --start` before the rest of an arrow taken apart: the state, and the label in the arrow.
fn arrow_label(part: Slice<'_>) -> Link<'_> {
    let text = part.as_str();
    let own = |at: usize| {
        let line = text.get(at..)?;
        let label = line.trim_start_matches(is_dash);
        let dashes = line.len() - label.len();
        // One dash is a part of a name, or comes before a remark.
        let alone = dashes == 1 && !(text.get(..at)?.ends_with(' ') && label.starts_with(char::is_alphanumeric));
        let label = part.from(at + dashes).trim_matches(|it| it.is_whitespace() || matches!(it, '[' | ']' | '(' | ')'));
        (at > 0 && !alone && !label.is_blank()).then(|| (part.get(0..at).trim(), Some(label)))
    };
    let mut places = text.match_indices(is_dash).map(|it| it.0);
    places.find_map(own).unwrap_or((part, None))
}

/// What stands before the first state, and where that begins: `pay: draft → paid`, `Flow: draft → paid`.
fn labelled(first: Slice<'_>) -> Option<(Slice<'_>, usize)> {
    let colon = first.as_str().find(": ")?;
    Some((first.get(0..colon).trim(), colon + 2))
}

/// The event that a line of one transition begins with.
fn event_before<'a>(line: Slice<'a>, chain: &[Link<'a>]) -> Option<Slice<'a>> {
    let (label, _) = labelled(line).filter(|_| chain.len() == 2)?;
    let word = label.as_code().unwrap_or(label);
    let plain = word.as_str().chars().all(|it| it.is_ascii_lowercase() || matches!(it, '_' | '-' | ' '));
    (plain && word.as_str().split(' ').count() <= 2).then_some(word)
}

fn names_of<'a>(chain: &[Link<'a>]) -> Vec<&'a str> {
    chain.iter().flat_map(|it| states(name_of(it.0).0)).map(|it| it.1.as_str()).collect()
}

/// The state name of a part, and the event in parentheses after it.
fn name_of(part: Slice<'_>) -> (Slice<'_>, Option<Slice<'_>>) {
    let text = part.as_str();
    let end = [" — ", " – ", " - ", ": ", "; ", ". "].iter().filter_map(|it| text.find(it)).min().unwrap_or(text.len());
    let head = part.get(0..end);
    match head.as_str().find('(') {
        Some(open) if open > 0 => {
            let close = head.as_str().find(')').unwrap_or(head.as_str().len());
            (head.get(0..open).trim(), Some(head.get(open + 1..close).trim()))
        }
        _ => (head.trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | ',' | ';' | ':')), None),
    }
}

/// The guard behind an event: ``[total > 0]``, ``if `self.total > 0` ``, `when paid`.
fn guard_of(part: Slice<'_>) -> Option<Clause> {
    let rest = part.from(part.as_str().find(')')? + 1).trim();
    let text = rest.as_str();
    let inner = if let Some(inner) = text.strip_prefix('[').and_then(|it| it.split_once(']')) {
        rest.get(1..1 + inner.0.len()).trim()
    } else if let Some(word) = ["if ", "when "].iter().find(|it| text.starts_with(**it)) {
        rest.from(word.len()).trim()
    } else if rest.leading_code().is_some() {
        rest
    } else {
        return None;
    };
    (!inner.is_blank()).then(|| Clause { words: inner.to_text(), code: inner.leading_code().map(|it| it.to_text()) })
}

fn chain_transitions(
    reader: &mut Reader<'_>,
    subject: &Subject,
    source: SourceId,
    (chain, before): (&[Link<'_>], Option<Slice<'_>>),
    span: Span,
) {
    for pair in chain.windows(2) {
        let [(from, label), (to, _)] = pair else { continue };
        let (from_name, _) = name_of(*from);
        let (to_name, event) = name_of(*to);
        let event = event.or(*label).or(before);
        let guard = guard_of(*to);
        for (from, from_slice, _) in states(from_name) {
            for (to, to_slice, _) in states(to_name) {
                let transition = Transition {
                    from: from.clone(),
                    to,
                    event: event.map(|it| it.as_code().unwrap_or(it).as_str().to_owned()),
                    guard: guard.clone(),
                    action: None,
                    from_span: from_slice.span(),
                    to_span: to_slice.span(),
                    event_span: event.map(|it| it.span()),
                };
                say(reader, source, subject, transition, span, Form::Arrows);
            }
        }
    }
}

/// Arrow lines in an unlabelled fence, or a drawing of plain lines between plain words. Whether it was read.
pub(super) fn fence(reader: &mut Reader<'_>, section: &Section, fence: &Fence) -> bool {
    let text = Inline { text: fence.content.clone(), marks: Box::default() };
    let whole = text.as_str();
    if !whole.contains(['→', '>', '←', '▶', '►', '▼', '↓', '⟶', '➜', '➔', '⇒']) {
        return false;
    }
    let lines: Vec<Vec<Link<'_>>> = text.all().lines().filter(|it| !it.is_blank()).map(chain).collect();
    if !lines.is_empty() && lines.iter().all(|it| it.len() >= 2) {
        let subject = machine(reader, section, lines.iter().flat_map(|it| names_of(it)));
        let id = source(reader, &subject, Form::Arrows, fence.open);
        for chain in lines {
            let span = chain.first().zip(chain.last()).map_or(fence.open, |(a, b)| a.0.span().to(b.0.span()));
            chain_transitions(reader, &subject, id, (&chain, None), span);
        }
        return true;
    }
    let Some(arrows) = syntax::drawing::read(&fence.content) else { return false };
    let names = arrows.iter().flat_map(|it| [it.from.0.as_str(), it.to.0.as_str()]);
    let subject = machine(reader, section, names);
    let id = source(reader, &subject, Form::Drawing, fence.open);
    for arrow in arrows {
        let outside =
            |name: &str| matches!(name.to_lowercase().as_str(), "none" | "start" | "initial" | "end" | "final");
        let state = |name: &str| (!outside(name)).then(|| name.to_owned());
        let transition = Transition {
            from: state(&arrow.from.0),
            to: state(&arrow.to.0),
            event: None,
            guard: None,
            action: None,
            from_span: arrow.from.1,
            to_span: arrow.to.1,
            event_span: None,
        };
        let span = if arrow.from.1.start < arrow.to.1.start {
            arrow.from.1.to(arrow.to.1)
        } else {
            arrow.to.1.to(arrow.from.1)
        };
        say(reader, id, &subject, transition, span, Form::Drawing);
    }
    true
}

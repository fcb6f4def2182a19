//! State machines: Mermaid state diagrams, transition tables, arrow lists, terminal states in text.
//!
//! Sources that stand under one heading are said of one machine; which entity it belongs to is decided
//! when all are known.

use rustc_hash::FxHashMap;
use source::{Span, Spanned, Text};
use syntax::columns::{Names, cell, column, is_nothing};
use syntax::document::{BOLD_LINE, Section};
use syntax::family::normal;
use syntax::inline::Slice;
use syntax::mermaid::{self, Kind, Node};
use syntax::page::{Fence, Table};
use syntax::{Family, SectionId};

use crate::claim::{Clause, Form, Property, Purpose, Source, SourceId, Subject, Transition, Value};
use crate::read::{Entry, ProblemKind, Reader, entries, fences};

const FROM: Names = &[
    "from state",
    "from",
    "current state",
    "source state",
    "source",
    "from status",
    "current status",
    "current",
    "state",
    "old status",
    "start state",
];
const TO: Names = &[
    "to state",
    "to",
    "target state",
    "next state",
    "new state",
    "target",
    "destination",
    "to status",
    "new status",
    "next",
    "next status",
    "allowed next state",
    "end state",
];
const EVENT: Names = &[
    "event",
    "trigger",
    "operation",
    "transition",
    "trigger action",
    "trigger event",
    "command",
    "trigger action precondition",
    "action",
];
const GUARD: Names =
    &["guard", "guard condition", "condition", "precondition", "guard/condition", "guard condition", "rule"];
const ACTION: Names =
    &["action", "side effect", "effect", "required side effect", "db side effect", "actions", "result"];

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        let state = in_state(reader, section);
        for (fence, _) in fences(&section.blocks) {
            if fence.lang == "mermaid" || fence.lang == "mmd" {
                diagram(reader, section, fence);
            } else if fence.lang == "plantuml" || is_drawing(fence) {
                reader.drawings.push(fence.open);
            } else if state && matches!(fence.lang.as_str(), "" | "text" | "txt") {
                arrows_in_fence(reader, section, fence);
            }
        }
        syntax::document::tables(&section.blocks, &mut |table, _| transitions(reader, section, table, state));
        if state {
            arrow_list(reader, section);
        }
    }
}

/// Boxes and lines drawn with characters.
fn is_drawing(fence: &Fence) -> bool {
    let text = fence.content.as_str();
    let tree = text.contains("├──") || text.contains("└──");
    fence.lang.is_empty()
        && !tree
        && (text.contains('┌') || text.contains("+---") || text.contains('│') || text.contains('▼'))
}

fn in_state(reader: &Reader<'_>, section: &Section) -> bool {
    for ancestor in reader.doc.ancestors(section.id) {
        match ancestor.own {
            Some(Family::State | Family::StateDiagram | Family::StateTransitions | Family::TerminalStates) => {
                return true;
            }
            Some(_) => return false,
            None => {}
        }
    }
    false
}

/// The section whose sources are one machine: the one above `State Diagram`, `State Transitions`,
/// `Terminal states`.
fn scope(reader: &Reader<'_>, section: &Section) -> SectionId {
    let part = |it: &Section| {
        matches!(it.own, Some(Family::StateDiagram | Family::StateTransitions | Family::TerminalStates))
            || (it.own.is_none() && it.level >= BOLD_LINE)
    };
    let mut current = section;
    while part(current) {
        let parent = current.parent.and_then(|it| reader.doc.section(it));
        match parent {
            Some(parent) if parent.level > 1 => current = parent,
            _ => break,
        }
    }
    current.id
}

/// The machine of a section: named after the scope's heading.
fn machine(reader: &mut Reader<'_>, section: &Section) -> Subject {
    let id = scope(reader, section);
    let Some(scope) = reader.doc.section(id) else { return Subject::of("machine", "state") };
    let name = if scope.name().is_blank() { scope.heading.all() } else { scope.name() };
    // Two headings with one text are two machines.
    let same = reader.doc.sections.iter().filter(|it| it.id < id && it.title.key == scope.title.key).count();
    let words = if same > 0 { format!("{}~{}", name.as_str(), same + 1) } else { name.as_str().to_owned() };
    let subject = Subject::of("machine", &words);
    if reader.claims.of(&subject, Property::Declared).next().is_none() {
        reader.say_text(&subject, Property::Declared, name, Form::Heading);
        if let Some(entity) = enclosing_entity(reader, scope) {
            reader.say_text(&subject, Property::Referenced, entity, Form::Heading);
        }
    }
    subject
}

fn enclosing_entity<'a>(reader: &Reader<'a>, scope: &'a Section) -> Option<Slice<'a>> {
    reader.doc.ancestors(scope.id).find(|it| it.own == Some(Family::Entity)).map(Section::name)
}

fn source(reader: &mut Reader<'_>, subject: &Subject, form: Form, span: Span) -> SourceId {
    reader.claims.source(Source {
        subject: subject.clone(),
        form,
        span,
        stored: false,
        complete: true,
        purpose: Purpose::Whole,
    })
}

fn say(reader: &mut Reader<'_>, source: SourceId, subject: &Subject, transition: Transition, span: Span, form: Form) {
    let value = Value::Transition(Box::new(transition));
    reader.claims.say_in(Some(source), subject, Property::Transition, value, span, form);
}

fn diagram(reader: &mut Reader<'_>, section: &Section, fence: &Fence) {
    let Some(diagram) = mermaid::read(&fence.content) else { return };
    for problem in diagram.problems {
        reader.problem(ProblemKind::Mermaid, problem.span, problem.message, problem.help);
    }
    let state = match &diagram.kind.value {
        Kind::State => true,
        Kind::Unknown(word) => word.to_lowercase().starts_with("state"),
        _ => false,
    };
    if !state || diagram.edges.is_empty() {
        return;
    }
    let subject = machine(reader, section);
    let source = source(reader, &subject, Form::Diagram, diagram.kind.span);
    let nodes: FxHashMap<&str, &mermaid::Named> = diagram.nodes.iter().map(|it| (it.id.value.as_str(), it)).collect();
    let branching = |id: &str| nodes.get(id).is_some_and(|it| it.branching);
    let label = |id: &str| nodes.get(id).and_then(|it| it.label.clone()).unwrap_or_else(|| id.to_owned());
    for edge in &diagram.edges {
        // `[*]` inside a composite state is its own entry and exit.
        let inner = edge.within.is_some();
        let (from, to) = (&edge.from.value, &edge.to.value);
        if inner && (*from == Node::Start || *to == Node::End) {
            continue;
        }
        let named = |node: &Node| match node {
            Node::Named(id) => Some(label(id)),
            Node::Start | Node::End => None,
        };
        let targets: Vec<_> = match to {
            // A choice is passed through: its branches leave from where the choice was entered.
            Node::Named(id) if branching(id) => {
                diagram.edges.iter().filter(|it| it.from.value == *to).map(|it| (&it.to, &it.label)).collect()
            }
            _ => vec![(&edge.to, &edge.label)],
        };
        if matches!(from, Node::Named(id) if branching(id)) {
            continue;
        }
        for (to, branch) in targets {
            let text = edge.label.as_ref().or(branch.as_ref());
            let (event, guard) = text.map_or((None, None), event_and_guard);
            let second = branch.as_ref().filter(|_| edge.label.is_some() && *branch != edge.label);
            let guard = guard.or_else(|| {
                second.map(|it| Clause { words: verbatim(&it.value, it.span.start as usize, it.span), code: None })
            });
            let transition = Transition {
                from: named(from),
                to: named(&to.value),
                event,
                guard,
                action: None,
                from_span: edge.from.span,
                to_span: to.span,
                event_span: text.map(|it| it.span),
            };
            say(reader, source, &subject, transition, edge.span, Form::Diagram);
        }
    }
}

/// `pay [self.total > 0] / emit X` taken apart.
fn event_and_guard(label: &Spanned<String>) -> (Option<String>, Option<Clause>) {
    let whole = label.value.as_str();
    let text = whole.split(" / ").next().unwrap_or(whole);
    let clause = |from: usize, to: usize, code: bool| {
        let words = verbatim(text.get(from..to).unwrap_or(""), label.span.start as usize + from, label.span);
        Clause { code: code.then(|| words.clone()), words }
    };
    let (event, guard) = if let Some(open) = text.find('[') {
        let close = text.rfind(']').filter(|it| *it > open).unwrap_or(text.len());
        (text.get(..open), Some(clause(open + 1, close, true)))
    } else if let Some(open) = text.find(" (").filter(|_| text.trim_end().ends_with(')')) {
        (text.get(..open), Some(clause(open + 2, text.trim_end().len() - 1, false)))
    } else {
        (Some(text), None)
    };
    let event = event.map(str::trim).filter(|it| !it.is_empty());
    (event.map(str::to_owned), guard)
}

fn verbatim(words: &str, start: usize, span: Span) -> Text {
    Text::verbatim(words, span.file, start)
}

fn transitions(reader: &mut Reader<'_>, section: &Section, table: &Table, state: bool) {
    let (Some(from), Some(to)) = (column(table, FROM), column(table, TO)) else { return };
    let event = column(table, EVENT).filter(|it| *it != from && *it != to);
    let guard = column(table, GUARD).filter(|it| Some(*it) != event);
    let action = column(table, ACTION).filter(|it| Some(*it) != event);
    // `From | To` alone also heads tables of mappings and of dates.
    if from == to || !(state || event.is_some() || guard.is_some()) {
        return;
    }
    let explicit = table.keys.iter().any(|it| it.contains("state") || it.contains("status"));
    if !state && !explicit {
        return;
    }
    let subject = machine(reader, section);
    let source = source(reader, &subject, Form::Table, table.header_span);
    for row in &table.rows {
        let (Some(from), Some(to)) = (cell(row, Some(from)), cell(row, Some(to))) else { continue };
        let event = cell(row, event).filter(|it| !is_nothing(it.as_str()));
        let guard_cell = cell(row, guard).filter(|it| !is_nothing(it.as_str()));
        let action = cell(row, action).filter(|it| !is_nothing(it.as_str()));
        for (from, from_slice, inline_guard) in states(from) {
            for (to, to_slice, _) in states(to) {
                let guard = guard_cell
                    .map(|it| Clause { words: it.to_text(), code: it.leading_code().map(|it| it.to_text()) })
                    .or_else(|| inline_guard.map(|it| Clause { words: it.to_text(), code: None }));
                let event_slice = event.map(|it| it.as_code().unwrap_or(it));
                let transition = Transition {
                    from: from.clone(),
                    to,
                    event: event_slice.map(|it| it.as_str().to_owned()),
                    guard,
                    action: action.map(|it| (it.to_text(), it.codes().map(|code| code.to_text()).collect())),
                    from_span: from_slice.span(),
                    to_span: to_slice.span(),
                    event_span: event_slice.map(|it| it.span()),
                };
                say(reader, source, &subject, transition, row.span, Form::Table);
            }
        }
    }
}

/// A state in a cell: name (`None`: initial or final), where, and a guard in parentheses.
type Cell<'a> = (Option<String>, Slice<'a>, Option<Slice<'a>>);

/// The states of a cell.
fn states(cell: Slice<'_>) -> Vec<Cell<'_>> {
    let parts = cell.split_outside(&[',', '/', '\n', '|']);
    let parts = if parts.is_empty() { vec![cell] } else { parts };
    parts.into_iter().map(state_of).collect()
}

fn state_of(part: Slice<'_>) -> Cell<'_> {
    let code = part.codes().next();
    let slice = code.unwrap_or(part);
    let text = part.as_str();
    let (name, guard) = match text.find(" (") {
        Some(at) if at > 0 && code.is_none() => {
            (part.get(0..at).trim(), Some(part.from(at + 2).trim_matches(|it| it == ')')))
        }
        _ => (slice, None),
    };
    let lower = name.as_str().trim_matches(['_', '*', '(', ')']).trim().to_lowercase();
    // `todo` is the state of many a task before it is a word for what is missing.
    let initial = (is_nothing(name.as_str()) && lower != "todo")
        || name.as_str() == "[*]"
        || matches!(
            lower.as_str(),
            "initial"
                | "[initial]"
                | "start"
                | "[none]"
                | "none"
                | "[start]"
                | "new"
                | "(new)"
                | "*none*"
                | "end"
                | "final"
                | "[end]"
        ) && lower != "new";
    if name.as_str().trim() == "*" || lower == "any" || lower == "any state" || lower == "all" {
        return (Some("*".to_owned()), name, guard);
    }
    if initial {
        return (None, name, guard);
    }
    let bracketed = name.as_str().starts_with('[') && name.as_str().ends_with(']');
    if bracketed {
        return (None, name, guard);
    }
    (Some(name.as_str().trim_matches(['*', '`', '"']).to_owned()), name, guard)
}

const ARROWS: [&str; 5] = ["-->", "->", "→", "⟶", "➜"];

fn arrow_list(reader: &mut Reader<'_>, section: &Section) {
    // In a section with a diagram or a table of its own, arrows are remarks.
    let mut has_table = false;
    syntax::document::tables(&section.blocks, &mut |_, _| has_table = true);
    let entries = entries(&section.blocks);
    let lines: Vec<&Entry<'_>> = entries.iter().filter(|it| it.form == Form::Item || it.label.is_none()).collect();
    let mut found: Option<(Subject, SourceId)> = None;
    for entry in lines {
        let chain = chain(entry.whole);
        if chain.len() < 2 || has_table {
            continue;
        }
        let (subject, source) = match &found {
            Some(found) => found.clone(),
            None => {
                let subject = machine(reader, section);
                let id = source(reader, &subject, Form::Arrows, section.span);
                found = Some((subject.clone(), id));
                (subject, id)
            }
        };
        chain_transitions(reader, &subject, source, &chain, entry.whole.span(), Form::Arrows);
    }
    terminal(reader, section, &entries);
}

/// `A → B (event) — remark` taken apart at its arrows; empty if a part is no state name.
fn chain(line: Slice<'_>) -> Vec<Slice<'_>> {
    let text = line.as_str();
    let mut parts = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or("");
        match ARROWS.iter().find(|it| rest.starts_with(**it)) {
            Some(arrow) => {
                parts.push(line.get(from..at).trim());
                at += arrow.len();
                from = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    parts.push(line.from(from).trim());
    let plain = |it: &Slice<'_>| {
        let name = name_of(*it).0;
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
    chain: &[Slice<'_>],
    span: Span,
    form: Form,
) {
    for pair in chain.windows(2) {
        let [from, to] = pair else { continue };
        let (from_name, _) = name_of(*from);
        let (to_name, event) = name_of(*to);
        let guard = guard_of(*to);
        // `pay: draft → paid` names the event first.
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
                say(reader, source, subject, transition, span, form);
            }
        }
    }
}

/// `Terminal states: Completed, Cancelled`, as a label, an item, a sentence or a section.
fn terminal(reader: &mut Reader<'_>, section: &Section, entries: &[Entry<'_>]) {
    let mut names: Vec<Slice<'_>> = Vec::new();
    for entry in entries {
        let text = entry.whole.as_str();
        let lower = text.to_lowercase();
        let key = entry.label.map(|it| normal(it.key.as_str()));
        let labelled =
            key.as_deref().is_some_and(|it| matches!(it, "terminal state" | "final state" | "end state" | "terminal"));
        if labelled {
            if let Some(label) = entry.label {
                names.extend(label.value.split_outside(&[',', ';', '.']));
            }
        } else if section.own == Some(Family::TerminalStates) && entry.form == Form::Item {
            names.push(entry.name().unwrap_or(entry.whole));
        } else if lower.contains("terminal") && lower.contains(" are ") | lower.contains(" is ") {
            names.extend(entry.whole.codes());
        }
    }
    if names.is_empty() {
        return;
    }
    let subject = machine(reader, section);
    for name in names {
        let name =
            name.as_code().unwrap_or(name).trim_matches(|it: char| it.is_whitespace() || matches!(it, '.' | '*' | '`'));
        let text = name.as_str();
        let start = if text.starts_with("and ") { 4 } else { 0 };
        let name = name.from(start);
        if !name.is_blank() && name.as_str().split_whitespace().count() <= 3 {
            reader.say_text(&subject, Property::Final, name, Form::Item);
        }
    }
}

/// Arrow lines in an unlabelled fence, unless it is a drawing.
fn arrows_in_fence(reader: &mut Reader<'_>, section: &Section, fence: &Fence) {
    let text = syntax::inline::Inline { text: fence.content.clone(), marks: Box::default() };
    let lines: Vec<Vec<Slice<'_>>> = text.all().lines().filter(|it| !it.is_blank()).map(chain).collect();
    if lines.is_empty() || lines.iter().any(|it| it.len() < 2) {
        return;
    }
    let subject = machine(reader, section);
    let id = source(reader, &subject, Form::Arrows, fence.open);
    for chain in lines {
        let span = chain.first().zip(chain.last()).map_or(fence.open, |(a, b)| a.span().to(b.span()));
        chain_transitions(reader, &subject, id, &chain, span, Form::Arrows);
    }
}

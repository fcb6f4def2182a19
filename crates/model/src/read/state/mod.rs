//! State machines: Mermaid state diagrams, transition tables, arrow lists, drawings, maps, and sentences about
//! states.
//!
//! Sources that stand under one heading are said of one machine; which entity it belongs to is decided
//! when all are known.

mod chains;
mod map;
mod prose;
mod table;
#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap, FxHashSet};
use source::{Span, Spanned, Text};
use syntax::document::{BOLD_LINE, Section};
use syntax::inline::Slice;
use syntax::mermaid::{self, Kind, Node};
use syntax::page::Fence;
use syntax::{Family, SectionId};

use crate::claim::{Clause, Form, Property, Purpose, Source, SourceId, Subject, Transition, Value};
use crate::names::key;
use crate::read::{ProblemKind, Reader, fences_of};

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    for section in &doc.sections {
        let state = in_state(reader, section);
        for fence in fences_of(section) {
            let plain = matches!(fence.lang.as_str(), "" | "text" | "txt" | "ascii");
            if fence.lang == "mermaid" || fence.lang == "mmd" {
                diagram(reader, section, fence);
            } else if fence.lang == "plantuml" {
                reader.drawings.push(fence.open);
            } else if state && plain && chains::fence(reader, section, fence) {
            } else if is_drawing(fence) {
                reader.drawings.push(fence.open);
            } else if !plain {
                map::read(reader, section, fence, state);
            }
        }
        syntax::document::tables(&section.blocks, &mut |table, _| table::read(reader, section, table, state));
        if state {
            chains::list(reader, section);
        }
    }
    prose::read(reader);
}

/// Boxes and lines drawn with characters.
fn is_drawing(fence: &Fence) -> bool {
    let text = fence.content.as_str();
    let tree = || text.contains("├──") || text.contains("└──");
    fence.lang.is_empty()
        && (text.contains('┌') || text.contains("+---") || text.contains('│') || text.contains('▼'))
        && !tree()
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

/// The machine of a section: named after the scope's heading. Sources that have few of their states in common
/// are of several machines; `states` are those of the source at hand.
fn machine<'s>(reader: &mut Reader<'_>, section: &Section, states: impl IntoIterator<Item = &'s str>) -> Subject {
    let id = scope(reader, section);
    let Some(scope) = reader.doc.section(id) else { return Subject::of("machine", "state") };
    let name = if scope.name().is_blank() { scope.heading.all() } else { scope.name() };
    let own: FxHashSet<String> = states.into_iter().map(key).collect();
    // Two headings with one text are two machines.
    let mut count =
        reader.doc.sections.iter().filter(|it| it.id < id && it.title.key() == scope.title.key()).count() + 1;
    loop {
        let words = if count > 1 { format!("{}~{count}", name.as_str()) } else { name.as_str().to_owned() };
        let subject = Subject::of("machine", &words);
        let fits = shares(reader, &subject, &own);
        if reader.claims.of(&subject, Property::Declared).next().is_none() {
            reader.say_text(&subject, Property::Declared, name, Form::Heading);
            if let Some(entity) = enclosing_entity(reader, scope) {
                reader.say_text(&subject, Property::Referenced, entity, Form::Heading);
            }
            return subject;
        }
        if fits || count > MACHINES {
            return subject;
        }
        count += 1;
    }
}

/// Transitions by which a machine is known again.
const ENOUGH: usize = 256;

/// Machines of one heading; more are merged.
const MACHINES: usize = 8;

/// Whether a source with these states may be of a machine: half of the states of the smaller are in both.
fn shares(reader: &Reader<'_>, subject: &Subject, own: &FxHashSet<String>) -> bool {
    let mut known: FxHashSet<String> = FxHashSet::default();
    for claim in reader.claims.of(subject, Property::Transition).take(ENOUGH) {
        if let Value::Transition(said) = &claim.value {
            known.extend([&said.from, &said.to].into_iter().flatten().filter(|it| *it != "*").map(|it| key(it)));
        }
    }
    let shared = own.iter().filter(|it| known.contains(*it)).count();
    known.is_empty() || own.is_empty() || shared * 2 >= own.len().min(known.len())
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
    let names = diagram.nodes.iter().filter(|it| !it.branching);
    let subject = machine(reader, section, names.map(|it| it.label.as_deref().unwrap_or(&it.id.value)));
    let source = source(reader, &subject, Form::Diagram, diagram.kind.span);
    let nodes: FxHashMap<&str, &mermaid::Named> = diagram.nodes.iter().map(|it| (it.id.value.as_str(), it)).collect();
    let branching = |id: &str| nodes.get(id).is_some_and(|it| it.branching);
    let label = |id: &str| nodes.get(id).and_then(|it| it.label.clone()).unwrap_or_else(|| id.to_owned());
    for node in &diagram.nodes {
        if let Some(within) = &node.within {
            let state = subject.part("state", node.label.as_deref().unwrap_or(&node.id.value));
            let (value, span) = (Value::Text(label(within)), node.id.span);
            reader.claims.say_in(Some(source), &state, Property::Within, value, span, Form::Diagram);
        }
    }
    for edge in &diagram.edges {
        // `[*]` inside a composite state is its own entry and exit.
        let inner = edge.within.is_some();
        let (from, to) = (&edge.from.value, &edge.to.value);
        if inner && (*from == Node::Start || *to == Node::End) {
            if let (Node::Start, Node::Named(id)) = (from, to) {
                let value = Value::Text(label(id));
                reader.claims.say_in(Some(source), &subject, Property::Entry, value, edge.to.span, Form::Diagram);
            }
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

//! Clauses: each list item, table row, labelled line and fence of a document, and what becomes of it.

use rustc_hash::FxHashMap;
use source::Span;
use syntax::document::BOLD_LINE;
use syntax::inline::label;
use syntax::page::{Block, BlockKind};

use crate::claim::{Claim, Property, Subject, Value};
use crate::spec::{Meaning, Spec};

/// What becomes of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Standing {
    /// The runtime makes it true.
    Enforced,
    /// A probe fails when it is false.
    Testable,
    /// Meant for people.
    Text,
    /// Looks like structure that could not be read.
    Unread,
}

impl Standing {
    /// The word of the outline.
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Enforced => "enforced",
            Standing::Testable => "testable",
            Standing::Text => "text",
            Standing::Unread => "unread",
        }
    }
}

/// A clause.
#[derive(Debug, Clone)]
pub struct Clause {
    /// All of it.
    pub span: Span,
    /// What becomes of it.
    pub standing: Standing,
    /// Why: lower case, no full stop.
    pub why: &'static str,
}

/// The clauses of a document, in order.
pub fn clauses(spec: &Spec) -> Vec<Clause> {
    let doc = spec.document();
    let mut spans = Vec::new();
    for section in &doc.sections {
        if section.level == BOLD_LINE && !syntax::route::find(section.heading.as_str()).is_empty() {
            spans.push((section.span, false));
        }
        section.blocks.iter().for_each(|it| gather(it, &mut spans));
    }
    let mut claims: Vec<(&Claim, Standing)> =
        spec.claims().all.iter().filter_map(|it| Some((it, standing(spec, it)?))).collect();
    claims.sort_by_key(|it| it.0.span.start);
    let unread: Vec<Span> = spec.facts.problems.iter().map(|it| it.span).collect();
    spans.into_iter().map(|(span, drawing)| judge(span, drawing, &claims, &unread)).collect()
}

fn judge(span: Span, drawing: bool, claims: &[(&Claim, Standing)], unread: &[Span]) -> Clause {
    let from = claims.partition_point(|it| it.0.span.start < span.start);
    let within =
        claims.get(from..).unwrap_or(&[]).iter().take_while(|it| it.0.span.start < span.end.max(span.start + 1));
    if let Some(best) = within.map(|it| it.1).min() {
        let why = match best {
            Standing::Enforced => "the runtime makes it true",
            _ => "a check or a probe compares it",
        };
        return Clause { span, standing: best, why };
    }
    if unread.iter().any(|it| span.contains(*it)) {
        return Clause { span, standing: Standing::Unread, why: "it looks like structure and could not be read" };
    }
    let why = if drawing { "a drawing: seen, not read" } else { "meant for people" };
    Clause { span, standing: Standing::Text, why }
}

fn gather(block: &Block, spans: &mut Vec<(Span, bool)>) {
    match &block.kind {
        BlockKind::Paragraph(text) => {
            let lines = text.all().lines().filter(|it| label(*it).is_some_and(|it| it.strong));
            spans.extend(lines.map(|it| (it.span(), false)));
        }
        BlockKind::List(list) => {
            for item in &list.items {
                spans.push((item.text.all().span(), false));
                item.children.iter().for_each(|it| gather(it, spans));
            }
        }
        BlockKind::Table(table) => spans.extend(table.rows.iter().map(|it| (it.span, false))),
        BlockKind::Fence(fence) => {
            let drawing = fence.content.as_str().contains(['┌', '│', '├']);
            spans.push((block.span, drawing));
        }
        BlockKind::Quote(inner) => inner.iter().for_each(|it| gather(it, spans)),
        BlockKind::Html => {}
    }
}

/// What a claim makes of the clause that it stands in; `None` if nothing.
fn standing(spec: &Spec, claim: &Claim) -> Option<Standing> {
    let kind = claim.subject.as_str().split('.').next().unwrap_or("");
    match (kind, claim.property) {
        ("entity", Property::Constraint) => match meaning(spec, &claim.subject, claim.span) {
            Some(Meaning::Cel(_) | Meaning::English(_)) => Some(Standing::Enforced),
            Some(Meaning::Broken(_)) => Some(Standing::Testable),
            _ => None,
        },
        ("entity" | "type", Property::Description) => None,
        ("entity" | "type", _) => Some(Standing::Enforced),
        ("endpoint", Property::Referenced) => Some(Standing::Testable),
        ("endpoint" | "authentication", Property::Access) => Some(Standing::Enforced),
        ("authentication", _) => Some(Standing::Enforced),
        ("endpoint", Property::Description | Property::Auth | Property::Title) => None,
        ("endpoint", _) => Some(Standing::Enforced),
        ("machine", Property::Transition | Property::Final) => Some(Standing::Enforced),
        ("error-category", Property::UserMessage) => Some(Standing::Enforced),
        ("error", _) => Some(Standing::Enforced),
        ("config", Property::Description) | ("env", Property::Description) => None,
        ("config" | "env", _) => Some(Standing::Testable),
        ("goal" | "load" | "target", Property::Quantity) => Some(Standing::Testable),
        ("metric", _) => Some(Standing::Testable),
        ("alert", Property::Referenced | Property::Quantity) => Some(Standing::Testable),
        ("document", Property::Date | Property::Updated | Property::Status) => Some(Standing::Testable),
        ("approval" | "revision" | "question", _) => Some(Standing::Testable),
        ("risk", Property::Likelihood | Property::Impact) => Some(Standing::Testable),
        ("dependency" | "dependent", Property::Link) => Some(Standing::Testable),
        _ => match claim.value {
            Value::Quantity(_) => Some(Standing::Testable),
            _ => None,
        },
    }
}

fn meaning<'a>(spec: &'a Spec, subject: &Subject, span: Span) -> Option<&'a Meaning> {
    let constraints = spec.entities.iter().flat_map(|it| &it.constraints);
    let mut found = constraints.filter(|it| it.subject == *subject);
    let first = found.next()?;
    let same = std::iter::once(first).chain(found).find(|it| it.text.span == span);
    Some(&same.unwrap_or(first).meaning)
}

/// How many clauses there are of each standing.
pub fn count(clauses: &[Clause]) -> FxHashMap<Standing, usize> {
    let mut counts = FxHashMap::default();
    for clause in clauses {
        *counts.entry(clause.standing).or_insert(0) += 1;
    }
    counts
}

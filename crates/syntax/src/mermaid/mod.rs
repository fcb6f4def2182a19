//! Mermaid diagrams: `stateDiagram`, `stateDiagram-v2`, `flowchart`, `graph`, and the names of the
//! other kinds. Line-oriented, with spans, recovering at each line.
//!
//! Not here: what a state or an edge means.

mod flowchart;
mod state;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use std::ops::Range;

use source::{Span, Spanned, Text};

/// What stands at one end of a transition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// `[*]` before an arrow.
    Start,
    /// `[*]` after an arrow.
    End,
    /// A state or a node, by its id.
    Named(String),
}

/// An arrow.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Where it begins.
    pub from: Spanned<Node>,
    /// Where it ends.
    pub to: Spanned<Node>,
    /// Its label without markup, where there is one.
    pub label: Option<Spanned<String>>,
    /// The composite state that it stands in (`state Active { … }`), where it stands in one.
    pub within: Option<String>,
    /// The whole line.
    pub span: Span,
}

/// A declared node: `state "Waiting" as W`, `A[Label]`, a bare mention.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The id, and where it stands first.
    pub id: Spanned<String>,
    /// The text to show, where it differs.
    pub label: Option<String>,
    /// `<<choice>>`, `<<fork>>`, `<<join>>`, `{…}` in a flowchart: not a state but a branching.
    pub branching: bool,
    /// Whether it has a body of its own (`state X { … }`, `subgraph`).
    pub composite: bool,
    /// The composite state that it stands in.
    pub within: Option<String>,
}

/// The kind of a diagram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// `stateDiagram`, `stateDiagram-v2`.
    State,
    /// `flowchart`, `graph`.
    Flowchart,
    /// Another kind that Mermaid knows (`sequenceDiagram`, `erDiagram`, …); its body is not read.
    Other(String),
    /// Not a kind that Mermaid knows.
    Unknown(String),
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

/// A diagram.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagram {
    /// Its kind, and where the word stands.
    pub kind: Spanned<Kind>,
    /// Its arrows, in order. `A --> B & C` is two.
    pub edges: Vec<Edge>,
    /// Its nodes, in order of first mention; `[*]` is not one.
    pub nodes: Vec<Named>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// The words that begin a diagram whose body is not read here.
const OTHER_KINDS: &[&str] = &[
    "C4Component",
    "C4Container",
    "C4Context",
    "C4Deployment",
    "C4Dynamic",
    "agentflow-beta",
    "architecture",
    "architecture-beta",
    "block",
    "block-beta",
    "classDiagram",
    "classDiagram-v2",
    "cynefin-beta",
    "erDiagram",
    "eventmodeling",
    "gantt",
    "gitGraph",
    "info",
    "ishikawa",
    "ishikawa-beta",
    "journey",
    "kanban",
    "mindmap",
    "packet",
    "packet-beta",
    "pie",
    "quadrantChart",
    "radar-beta",
    "railroad-abnf-beta",
    "railroad-beta",
    "railroad-ebnf-beta",
    "railroad-peg-beta",
    "requirement",
    "requirementDiagram",
    "sankey",
    "sankey-beta",
    "sequenceDiagram",
    "swimlane-beta",
    "timeline",
    "treeView-beta",
    "treemap",
    "treemap-beta",
    "venn-beta",
    "wardley-beta",
    "xychart",
    "xychart-beta",
    "zenuml",
];

const STATE_KINDS: &[&str] = &["stateDiagram", "stateDiagram-v2"];
const FLOWCHART_KINDS: &[&str] = &["flowchart", "flowchart-elk", "flowchart-v2", "graph"];

/// Reads the text of a `mermaid` fence; `None` if it holds nothing but blanks and comments.
pub fn read(text: &Text) -> Option<Diagram> {
    let all = text.as_str();
    let start = header(all);
    let rest = tail(all, start);
    let ends = |(at, it): &(usize, char)| *at > 0 && (it.is_whitespace() || matches!(it, ';' | ':' | '{'));
    let len = rest.char_indices().find(ends).map_or(rest.len(), |(at, _)| at);
    let word = rest.get(..len).unwrap_or("");
    if rest.is_empty() {
        return None;
    }
    let span = text.span(start..start + len);
    let body = start + len;
    let mut sheet = Sheet::new(text);
    let kind = match kind(word) {
        Some(kind) => kind,
        None => {
            let known = STATE_KINDS.iter().chain(FLOWCHART_KINDS).chain(OTHER_KINDS).copied();
            let near = source::nearest(word, known);
            sheet.problems.push(Problem {
                span,
                message: format!("`{word}` is not a kind of diagram that Mermaid knows"),
                help: near.map(|it| format!("did you mean `{it}`")),
            });
            match near.and_then(self::kind) {
                Some(Kind::State) => state::read(&mut sheet, body),
                Some(Kind::Flowchart) => flowchart::read(&mut sheet, body),
                _ => {}
            }
            return Some(sheet.finish(Spanned::new(Kind::Unknown(word.to_owned()), span)));
        }
    };
    match kind {
        Kind::State => state::read(&mut sheet, body),
        Kind::Flowchart => flowchart::read(&mut sheet, body),
        Kind::Other(_) | Kind::Unknown(_) => {}
    }
    Some(sheet.finish(Spanned::new(kind, span)))
}

fn kind(word: &str) -> Option<Kind> {
    if STATE_KINDS.contains(&word) {
        Some(Kind::State)
    } else if FLOWCHART_KINDS.contains(&word) {
        Some(Kind::Flowchart)
    } else if OTHER_KINDS.contains(&word) {
        Some(Kind::Other(word.to_owned()))
    } else {
        None
    }
}

/// Where the first word stands after front matter, directives, comments and blanks.
fn header(all: &str) -> usize {
    let mut at = skip_blank(all, 0);
    let first = line_end(all, at);
    if all.get(at..first).is_some_and(|it| it.trim_end() == "---") {
        let mut line = first;
        while line < all.len() {
            let begin = line + 1;
            line = line_end(all, begin);
            if all.get(begin..line).is_some_and(|it| it.trim() == "---") {
                at = line;
                break;
            }
        }
    }
    loop {
        at = skip_blank(all, at);
        let rest = tail(all, at);
        if rest.starts_with("%%{") {
            match rest.find("}%%") {
                Some(end) => at += end + 3,
                None => at = line_end(all, at),
            }
        } else if rest.starts_with("%%") {
            at = line_end(all, at);
        } else {
            return at;
        }
    }
}

/// A diagram being read.
struct Sheet<'a> {
    text: &'a Text,
    all: &'a str,
    edges: Vec<Edge>,
    nodes: Vec<Named>,
    index: FxHashMap<String, usize>,
    problems: Vec<Problem>,
    /// The line last looked at, to its end.
    line: Range<usize>,
}

impl<'a> Sheet<'a> {
    fn new(text: &'a Text) -> Sheet<'a> {
        Sheet {
            text,
            all: text.as_str(),
            edges: Vec::new(),
            nodes: Vec::new(),
            index: FxHashMap::default(),
            problems: Vec::new(),
            line: 0..0,
        }
    }

    /// The end of the line that `at` stands in; cheap for many places of one line.
    fn line_end(&mut self, at: usize) -> usize {
        if !(self.line.start <= at && at < self.line.end) {
            self.line = at..line_end(self.all, at);
        }
        self.line.end.max(at)
    }

    fn finish(self, kind: Spanned<Kind>) -> Diagram {
        Diagram { kind, edges: self.edges, nodes: self.nodes, problems: self.problems }
    }

    fn problem(&mut self, range: Range<usize>, message: impl Into<String>, help: Option<String>) {
        self.problems.push(Problem { span: self.text.span(range), message: message.into(), help });
    }

    /// The node of this id, recorded at its first mention. `None` for an empty id.
    fn node(&mut self, id: &str, range: Range<usize>) -> Option<&mut Named> {
        if id.is_empty() {
            return None;
        }
        let at = match self.index.get(id) {
            Some(at) => *at,
            None => {
                let id_at = Spanned::new(id.to_owned(), self.text.span(range));
                self.nodes.push(Named { id: id_at, label: None, branching: false, composite: false, within: None });
                self.index.insert(id.to_owned(), self.nodes.len() - 1);
                self.nodes.len() - 1
            }
        };
        self.nodes.get_mut(at)
    }

    /// The text of `range` without the blanks around it, and where that stands.
    fn trimmed(&self, range: Range<usize>) -> (&'a str, Range<usize>) {
        let part = self.all.get(range.clone()).unwrap_or("");
        let start = range.start + (part.len() - part.trim_start().len());
        let part = part.trim();
        (part, start..start + part.len())
    }
}

/// The text from `at`; empty outside.
fn tail(all: &str, at: usize) -> &str {
    all.get(at..).unwrap_or("")
}

/// The end of the line that `at` stands in, before its line break.
fn line_end(all: &str, at: usize) -> usize {
    tail(all, at).find('\n').map_or(all.len(), |it| at + it)
}

/// The first place from `at` that is not white space.
fn skip_blank(all: &str, at: usize) -> usize {
    let rest = tail(all, at);
    at.min(all.len()) + (rest.len() - rest.trim_start().len())
}

/// The first place from `at` that is not white space, on the same line.
fn skip_inline(all: &str, at: usize) -> usize {
    let rest = tail(all, at);
    at.min(all.len()) + (rest.len() - rest.trim_start_matches(|it: char| it != '\n' && it.is_whitespace()).len())
}

/// Shown text: without the quotes around it, with `<br/>` and line breaks as one blank.
fn shown(label: &str) -> String {
    let mut label = label.trim();
    for quote in ['"', '`'] {
        let inner = label.strip_prefix(quote).and_then(|it| it.strip_suffix(quote));
        label = inner.unwrap_or(label).trim();
    }
    // Most labels are one word.
    if label.bytes().all(|it| it.is_ascii_graphic() && it != b'<') {
        return label.to_owned();
    }
    let mut plain = String::with_capacity(label.len());
    let mut rest = label;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        plain.push_str(before);
        let breaks = ["<br/>", "<br />", "<br>", "<BR/>", "<BR>"];
        match breaks.iter().find_map(|it| tag.strip_prefix(it)) {
            Some(after) => {
                plain.push(' ');
                rest = after;
            }
            None => {
                plain.push('<');
                rest = tail(tag, 1);
            }
        }
    }
    plain.push_str(rest);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

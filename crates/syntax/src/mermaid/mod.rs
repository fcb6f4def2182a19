//! Mermaid diagrams: `stateDiagram`, `stateDiagram-v2`, `flowchart`, `graph`, and the names of the
//! other kinds. Line-oriented, with spans, recovering at each line.
//!
//! Not here: what a state or an edge means.

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

/// Reads the text of a `mermaid` fence; `None` if it is empty.
pub fn read(_text: &Text) -> Option<Diagram> {
    None
}

//! What is said about a document.

use std::cmp::Ordering;

use crate::{Sources, Span};

/// How sure a finding is and how much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Worth a look; hidden by default in text.
    Info,
    /// Almost certainly wrong.
    Warning,
    /// Certainly wrong.
    Error,
}

impl Level {
    /// The word that is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// A place that explains a finding, with what to see there.
#[derive(Debug, Clone)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is there; may be empty.
    pub message: String,
}

/// When a fix may be applied without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// Keeps the meaning of the document.
    Safe,
    /// May change the meaning.
    Unsafe,
    /// To be shown, never applied.
    Display,
}

/// A replacement of bytes.
#[derive(Debug, Clone)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A change that mends a finding: all of its edits or none.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What it does, imperative.
    pub title: String,
    /// When it may be applied.
    pub applicability: Applicability,
    /// The edits, not overlapping.
    pub edits: Vec<Edit>,
}

/// A finding.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Name of the rule, kebab-case.
    pub rule: &'static str,
    /// Level, after configuration.
    pub level: Level,
    /// What is wrong: one line, lower case, no full stop.
    pub message: String,
    /// The element that it is about, stable when lines move: `path#entity.order.field.total`.
    pub address: String,
    /// The smallest thing that is wrong.
    pub primary: Label,
    /// The other sides.
    pub labels: Vec<Label>,
    /// Why.
    pub notes: Vec<String>,
    /// What to do, imperative.
    pub help: Option<String>,
    /// How it can be mended.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// A finding without labels, notes, help or fix.
    pub fn new(rule: &'static str, level: Level, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            rule,
            level,
            message: message.into(),
            address: String::new(),
            primary: Label { span, message: String::new() },
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Sets the element that it is about.
    pub fn about(mut self, address: impl Into<String>) -> Diagnostic {
        self.address = address.into();
        self
    }

    /// Says what is to be seen at the primary place.
    pub fn here(mut self, message: impl Into<String>) -> Diagnostic {
        self.primary.message = message.into();
        self
    }

    /// Adds another place.
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label { span, message: message.into() });
        self
    }

    /// Adds a reason.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Says what to do.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds a fix.
    pub fn fix(mut self, title: impl Into<String>, applicability: Applicability, edits: Vec<Edit>) -> Diagnostic {
        self.fix = Some(Fix { title: title.into(), applicability, edits });
        self
    }

    /// The one total order of findings: path, start, level (worst first), name, message.
    pub fn order(a: &Diagnostic, b: &Diagnostic, sources: &Sources) -> Ordering {
        let (here, there) = (a.primary.span.file, b.primary.span.file);
        let path = || sources.path(here).cmp(sources.path(there));
        if here == there { Ordering::Equal } else { path() }
            .then(a.primary.span.start.cmp(&b.primary.span.start))
            .then(b.level.cmp(&a.level))
            .then(a.rule.cmp(b.rule))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.address.cmp(&b.address))
    }

    /// Puts findings in their order.
    pub fn sort(diagnostics: &mut [Diagnostic], sources: &Sources) {
        diagnostics.sort_by(|a, b| Diagnostic::order(a, b, sources));
    }
}

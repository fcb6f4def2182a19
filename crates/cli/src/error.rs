//! Why a command could not do its work, and the exit status that follows.

use std::process::ExitCode;

/// Who has to mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The user's input: a path, a document.
    User,
    /// The configuration file.
    Config,
    /// The command line.
    Usage,
    /// Truespec itself.
    Internal,
}

/// A command's failure.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// One line: lower case, no full stop.
    pub(crate) message: String,
    /// What it consists of, one line each.
    pub(crate) details: Vec<String>,
    /// What to do.
    pub(crate) hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into(), details: Vec::new(), hints: Vec::new() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hints.push(hint.into());
        self
    }

    pub(crate) fn status(&self) -> ExitCode {
        ExitCode::from(if self.kind == Kind::Internal { 70 } else { 2 })
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "error: {}", self.message)?;
        for detail in &self.details {
            write!(f, "\n  - {detail}")?;
        }
        for hint in &self.hints {
            write!(f, "\n  help: {hint}")?;
        }
        if self.kind == Kind::Internal {
            write!(f, "\n  this is a defect of truespec: please report it with the document")?;
        }
        Ok(())
    }
}

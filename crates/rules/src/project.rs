//! Documents that are checked once and then again as they change.

use model::{Summary, Workspace};
use source::{Diagnostic, FileId, Sources};

use crate::{Context, Outcome, check, check_across};

/// How work on many documents is done.
pub trait Executor {
    /// Runs `job` for each index and gives the results in order.
    fn each<T: Send>(&self, count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T>;
}

/// One after the other, where it is called.
#[derive(Debug, Clone, Copy, Default)]
pub struct OneThread;

impl Executor for OneThread {
    fn each<T: Send>(&self, count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
        (0..count).map(job).collect()
    }
}

/// The findings on some documents, and what is needed to find again what an edit changes.
///
/// Of each document only its findings and a [`Summary`] are kept: a document's model lives as
/// long as the document is being checked.
#[derive(Debug)]
pub struct Project {
    workspace: Workspace,
    own: Vec<Outcome>,
    across: Vec<Outcome>,
}

impl Project {
    /// Checks all documents. `together` says that all of them lie under one configuration.
    pub fn new(context: &Context<'_>, sources: &Sources, together: bool, executor: &impl Executor) -> Project {
        let count = sources.iter().count();
        let checked = executor.each(count, |index| read_and_check(context, sources, FileId(index as u32)));
        let (summaries, own): (Vec<Summary>, Vec<Outcome>) = checked.into_iter().flatten().unzip();
        let workspace = Workspace::new(summaries, together);
        let check = |index| own.get(index).map(|own| check_across(context, sources, &workspace, index, own));
        let across = executor.each(own.len(), check).into_iter().flatten().collect();
        Project { workspace, own, across }
    }

    /// Checks a file that has another text now, and what depends on it. Gives the files whose findings may
    /// have changed, in order.
    pub fn update(&mut self, context: &Context<'_>, sources: &Sources, file: FileId) -> Vec<FileId> {
        let index = file.0 as usize;
        let Some((summary, outcome)) = read_and_check(context, sources, file) else { return Vec::new() };
        if let Some(own) = self.own.get_mut(index) {
            *own = outcome;
        }
        let affected = self.workspace.replace(index, summary);
        for index in &affected {
            if let (Some(own), Some(across)) = (self.own.get(*index), self.across.get_mut(*index)) {
                *across = check_across(context, sources, &self.workspace, *index, own);
            }
        }
        affected.into_iter().map(|it| FileId(it as u32)).collect()
    }

    /// The documents.
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// All findings in their order.
    pub fn diagnostics(&self, sources: &Sources) -> Vec<&Diagnostic> {
        let mut found: Vec<&Diagnostic> =
            self.own.iter().zip(&self.across).flat_map(|(a, b)| a.diagnostics.iter().chain(&b.diagnostics)).collect();
        found.sort_by(|a, b| Diagnostic::order(a, b, sources));
        found
    }

    /// The findings on one file in their order.
    pub fn diagnostics_of(&self, sources: &Sources, file: FileId) -> Vec<&Diagnostic> {
        let outcomes = [self.own.get(file.0 as usize), self.across.get(file.0 as usize)];
        let mut found: Vec<&Diagnostic> = outcomes.into_iter().flatten().flat_map(|it| &it.diagnostics).collect();
        found.sort_by(|a, b| Diagnostic::order(a, b, sources));
        found
    }

    /// Takes the findings out, in their order.
    pub fn take_diagnostics(&mut self, sources: &Sources) -> Vec<Diagnostic> {
        let count = self.own.iter().chain(&self.across).map(|it| it.diagnostics.len()).sum();
        let mut found: Vec<Diagnostic> = Vec::with_capacity(count);
        for (own, across) in self.own.iter_mut().zip(&mut self.across) {
            let before = found.len();
            found.append(&mut own.diagnostics);
            found.append(&mut across.diagnostics);
            // Documents stand in the order of their paths as a rule: what is left to do for all is little.
            Diagnostic::sort(found.get_mut(before..).unwrap_or(&mut []), sources);
        }
        Diagnostic::sort(&mut found, sources);
        found
    }

    /// Rules that failed by a defect of their own: the rule, the document's path, and what was said.
    pub fn crashed(&self) -> impl Iterator<Item = (&'static str, &str, &str)> {
        let outcomes = self.own.iter().zip(&self.across).zip(self.workspace.documents());
        outcomes.flat_map(|((own, across), document)| {
            let crashed = own.crashed.iter().chain(&across.crashed);
            crashed.map(|(rule, why)| (*rule, document.path.as_str(), why.as_str()))
        })
    }
}

fn read_and_check(context: &Context<'_>, sources: &Sources, file: FileId) -> Option<(Summary, Outcome)> {
    let source = sources.get(file)?;
    let spec = model::workspace::read_with(file, &source.path, &source.text, &context.template.synonyms, sources);
    let summary = Summary::of(&spec);
    let outcome = check(context, sources, &spec, &summary);
    Some((summary, outcome))
}

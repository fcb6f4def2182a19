//! Where rules report: levels and silences are applied here, so that no rule knows of them.

use model::Summary;
use model::claim::Subject;
use rustc_hash::FxHashMap;
use source::{Applicability, Diagnostic, Edit, FileId, Level, Sources, Span};
use syntax::document::Allow;

use crate::{Context, Rule};

/// Collects the findings on one document.
pub struct Sink<'a> {
    /// What may be asked besides the documents.
    pub context: &'a Context<'a>,
    /// The files that spans refer to.
    pub sources: &'a Sources,
    document: &'a Summary,
    rule: Option<(&'static Rule, Level)>,
    found: Vec<Diagnostic>,
}

/// A silence of the document, and whether it silenced anything.
#[derive(Debug)]
pub struct Allowed<'a> {
    /// The silence.
    pub allow: &'a Allow,
    /// Whether a finding was dropped for it.
    pub used: bool,
}

impl<'a> Sink<'a> {
    pub(crate) fn new(context: &'a Context<'a>, sources: &'a Sources, document: &'a Summary) -> Sink<'a> {
        Sink { context, sources, document, rule: None, found: Vec::new() }
    }

    /// Sets the rule that reports next; whether it is on.
    pub(crate) fn start(&mut self, rule: &'static Rule) -> bool {
        let level = match (self.context.level)(rule.name, &self.document.path) {
            Some(None) => return false,
            Some(Some(level)) => level,
            None => rule.level,
        };
        self.rule = Some((rule, level));
        true
    }

    /// Reports a finding about the section that holds `span`; it is added when the returned value is
    /// dropped.
    pub fn report(&mut self, span: Span, message: impl Into<String>) -> Finding<'_, 'a> {
        let (name, level) = self.rule.map_or(("", Level::Warning), |it| (it.0.name, it.1));
        let address = self.document.section_address(span);
        let diagnostic = Diagnostic::new(name, level, span, message).about(address);
        // What is wrong in a file that the document links to is no mistake of the document.
        let own = self.is_own(span);
        Finding { sink: self, diagnostic: Some(diagnostic).filter(|_| own) }
    }

    /// Whether a place is in the document, and not in a file that it links to.
    pub(crate) fn is_own(&self, span: Span) -> bool {
        span.file == self.document.file
    }

    /// Whether a file is a template by its name: what it asks for is for others to write.
    pub(crate) fn is_template(&self, file: FileId) -> bool {
        let path = self.sources.get(file).map_or("", |it| it.path.as_str());
        let name = path.rsplit(['/', '\\']).next().unwrap_or("").to_ascii_lowercase();
        name.rsplit_once('.').is_some_and(|it| it.0.ends_with("template"))
    }

    /// The words at a span.
    pub fn snippet(&self, span: Span) -> &'a str {
        self.sources.snippet(span)
    }

    /// Drops silenced findings and says which silences did so.
    pub(crate) fn silence(&mut self) -> Vec<Allowed<'a>> {
        let mut allowed: Vec<Allowed<'a>> =
            self.document.allows.iter().map(|allow| Allowed { allow, used: false }).collect();
        self.found.retain(|it| {
            let mut kept = true;
            for allowed in &mut allowed {
                let allow = allowed.allow;
                let start = it.primary.span.head();
                if allow.rule == it.rule && !allow.reason.is_empty() && allow.covers.contains(start) {
                    allowed.used = true;
                    kept = false;
                }
            }
            kept
        });
        allowed
    }

    /// The findings in their order, each with an address of its own.
    pub(crate) fn finish(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        // A second bearer of one address is told apart.
        let mut bearers: FxHashMap<(&'static str, String), usize> = FxHashMap::default();
        for own in &mut found {
            let count = bearers.entry((own.rule, own.address.clone())).or_default();
            *count += 1;
            if *count > 1 {
                own.address = format!("{}~{count}", own.address);
            }
        }
        found
    }
}

/// A finding that is being told.
pub struct Finding<'s, 'a> {
    sink: &'s mut Sink<'a>,
    diagnostic: Option<Diagnostic>,
}

impl Finding<'_, '_> {
    fn map(mut self, change: impl FnOnce(Diagnostic) -> Diagnostic) -> Self {
        self.diagnostic = self.diagnostic.take().map(change);
        self
    }

    /// Says which element it is about.
    pub fn about(self, subject: &Subject) -> Self {
        let address = self.sink.document.address(subject);
        self.map(|it| it.about(address))
    }

    /// Sets its level, where it differs from the rule's and the configuration does not say.
    pub fn level(self, level: Level) -> Self {
        let (rule, path) = (self.sink.rule, &self.sink.document.path);
        let set = rule.is_some_and(|it| (self.sink.context.level)(it.0.name, path).is_some());
        self.map(|it| if set { it } else { Diagnostic { level, ..it } })
    }

    /// Says what is to be seen at the primary place.
    pub fn here(self, message: impl Into<String>) -> Self {
        self.map(|it| it.here(message))
    }

    /// Adds another place.
    pub fn label(self, span: Span, message: impl Into<String>) -> Self {
        self.map(|it| it.label(span, message))
    }

    /// Adds a reason.
    pub fn note(self, note: impl Into<String>) -> Self {
        self.map(|it| it.note(note))
    }

    /// Says what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.map(|it| it.help(help))
    }

    /// Offers a name that is nearly the one written.
    pub fn did_you_mean(self, nearest: Option<&str>) -> Self {
        match nearest {
            Some(name) => self.help(format!("did you mean `{name}`?")),
            None => self,
        }
    }

    /// Offers a name that is nearly the one `written` at the primary place, and to write it there. That is
    /// safe where only the spelling differs: case, spaces, hyphens and underscores.
    pub fn instead_of(self, written: &str, nearest: Option<&str>) -> Self {
        let primary = self.diagnostic.as_ref().map(|it| it.primary.span);
        self.instead_of_each(written, nearest, primary)
    }

    /// As [`Finding::instead_of`], in each of some places.
    pub fn instead_of_each(self, written: &str, nearest: Option<&str>, places: impl IntoIterator<Item = Span>) -> Self {
        let Some(near) = nearest else { return self };
        let mut edits = Vec::new();
        for place in places {
            let mut found = self.sink.snippet(place).match_indices(written);
            let (Some((at, _)), None) = (found.next(), found.next()) else { continue };
            let start = place.start as usize + at;
            edits.push(Edit { span: Span::new(place.file, start..start + written.len()), text: near.to_owned() });
        }
        let finding = self.did_you_mean(nearest);
        if edits.is_empty() {
            return finding;
        }
        let letters = |it: &str| it.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let (own, other): (String, String) = (letters(written), letters(near));
        let applicability = if own == other { Applicability::Safe } else { Applicability::Unsafe };
        finding.fix(format!("write `{near}`"), applicability, edits)
    }

    /// Adds a fix.
    pub fn fix(self, title: impl Into<String>, applicability: Applicability, edits: Vec<Edit>) -> Self {
        self.map(|it| it.fix(title, applicability, edits))
    }
}

impl Drop for Finding<'_, '_> {
    fn drop(&mut self) {
        if let Some(diagnostic) = self.diagnostic.take() {
            self.sink.found.push(diagnostic);
        }
    }
}

//! What all reports of `verify` show of a run: findings that are one, the sentences that they break, and what was
//! tested of each machine.

use std::collections::HashMap;

use model::Spec;
use source::{Diagnostic, Level, Sources, Span};
use verify::{Area, Clause, Finding, Report, Verdict};

/// A run, with the document that it was about.
pub(crate) struct View<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) sources: &'a Sources,
    pub(crate) report: &'a Report,
    /// When it began, as the reports write it (RFC 3339, in UTC).
    pub(crate) started: &'a str,
}

/// A finding, and the same one at other endpoints.
pub(crate) struct Issue<'a> {
    pub(crate) finding: &'a Finding,
    /// Its place among the findings.
    pub(crate) number: usize,
    pub(crate) others: Vec<&'a Finding>,
}

impl Issue<'_> {
    /// What else was found of the same kind, in the words of other cases.
    pub(crate) fn also(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for own in std::iter::once(self.finding).chain(self.others.iter().copied()) {
            for message in std::iter::once(&own.message).chain(&own.also) {
                if *message != self.finding.message && !found.contains(&message.as_str()) {
                    found.push(message);
                }
            }
        }
        found
    }

    /// In how many cases it was seen.
    pub(crate) fn cases(&self) -> u64 {
        std::iter::once(&self.finding).chain(&self.others).map(|it| 1 + u64::from(it.more)).sum()
    }
}

/// How many clauses of an area have which verdict.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) held: usize,
    pub(crate) broken: usize,
    pub(crate) untested: usize,
}

impl Count {
    pub(crate) fn all(self) -> usize {
        self.held + self.broken + self.untested
    }

    fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.held += 1,
            Verdict::Failed => self.broken += 1,
            Verdict::Untested => self.untested += 1,
        }
    }
}

/// The states of an entity, and what became of each event in each of them.
pub(crate) struct Grid<'a> {
    pub(crate) entity: &'a str,
    pub(crate) events: Vec<&'a str>,
    pub(crate) rows: Vec<(&'a str, Vec<Cell<'a>>)>,
}

/// A state and an event.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cell<'a> {
    /// `None` if nothing was to be tested there.
    pub(crate) clause: Option<&'a Clause>,
    /// Whether the event is allowed in this state.
    pub(crate) allowed: bool,
}

/// What a name of a clause says that is no transition of the document.
const REFUSED: &str = " (not allowed)";

/// The word of a verdict.
pub(crate) fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "held",
        Verdict::Failed => "broken",
        Verdict::Untested => "untested",
    }
}

/// A number and a noun.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

impl<'a> View<'a> {
    /// The words of a line of the document.
    pub(crate) fn quoted(&self, line: u32) -> &'a str {
        let file = self.sources.get(self.spec.document().file);
        file.and_then(|it| it.line(line as usize)).unwrap_or("").trim()
    }

    /// The findings, those that are the same at several endpoints as one.
    pub(crate) fn issues(&self) -> Vec<Issue<'a>> {
        let mut found: Vec<Issue<'a>> = Vec::new();
        let mut known: HashMap<(u32, &str, &str), usize> = HashMap::new();
        for (number, finding) in self.report.findings.iter().enumerate() {
            let own = (finding.line, finding.probe, finding.alike.as_str());
            match known.get(&own).and_then(|it| found.get_mut(*it)) {
                Some(issue) => issue.others.push(finding),
                None => {
                    known.insert(own, found.len());
                    found.push(Issue { finding, number: number + 1, others: Vec::new() });
                }
            }
        }
        found
    }

    /// The areas that the document has clauses of, and how many have which verdict.
    pub(crate) fn areas(&self) -> Vec<(Area, Count)> {
        let each = Area::ALL.into_iter().map(|area| {
            let mut count = Count::default();
            self.of(area).for_each(|it| count.add(it.verdict()));
            (area, count)
        });
        each.filter(|it| it.1.all() > 0).collect()
    }

    /// All clauses by verdict.
    pub(crate) fn total(&self) -> Count {
        let mut count = Count::default();
        self.report.clauses.iter().for_each(|it| count.add(it.verdict()));
        count
    }

    /// The clauses of an area.
    pub(crate) fn of(&self, area: Area) -> impl Iterator<Item = &'a Clause> + use<'a> {
        self.report.clauses.iter().filter(move |it| it.area == area)
    }

    /// The findings by which clauses failed.
    pub(crate) fn by_clause(&self) -> HashMap<(Area, u32, &'a str), Vec<&'a Finding>> {
        let mut found: HashMap<(Area, u32, &str), Vec<&Finding>> = HashMap::new();
        for finding in &self.report.findings {
            for (area, line, name) in &finding.clauses {
                found.entry((*area, *line, name)).or_default().push(finding);
            }
        }
        found
    }

    /// The clauses that were not tested, by reason: the reasons with most clauses first.
    pub(crate) fn untested(&self) -> Vec<(&'a str, Vec<&'a Clause>)> {
        let mut found: Vec<(&str, Vec<&Clause>)> = Vec::new();
        let mut known: HashMap<&str, usize> = HashMap::new();
        for clause in self.report.clauses.iter().filter(|it| it.verdict() == Verdict::Untested) {
            let why = clause.reason.as_deref().unwrap_or("nothing tests it");
            let at = *known.entry(why).or_insert(found.len());
            match found.get_mut(at) {
                Some(group) => group.1.push(clause),
                None => found.push((why, vec![clause])),
            }
        }
        found.sort_by_key(|it| std::cmp::Reverse(it.1.len()));
        found
    }

    /// The run in one sentence.
    pub(crate) fn sentence(&self) -> String {
        let total = self.total();
        let tested = total.held + total.broken;
        let rest = match total.untested {
            0 => "nothing was left untested".to_owned(),
            it => format!("{it} could not be tested"),
        };
        let clauses = counted(tested, "clause", "clauses");
        match self.report.findings.len() {
            0 if tested == 0 => "Nothing of the document could be tested.".to_owned(),
            0 => format!("The implementation keeps what the document says: {clauses} tested, all held; {rest}."),
            _ if total.broken == 0 => {
                format!("The implementation breaks the document, though each of {clauses} tested held; {rest}.")
            }
            _ => format!(
                "The implementation breaks {} of the {clauses} of the document that were tested; {rest}.",
                total.broken
            ),
        }
    }

    /// The state machines that were tested, in the order of the document.
    pub(crate) fn grids(&self) -> Vec<Grid<'a>> {
        let mut pairs: Vec<(&'a str, &'a str, &'a str, bool, &'a Clause)> = Vec::new();
        for clause in self.of(Area::Transition) {
            let allowed = !clause.name.ends_with(REFUSED);
            let name = clause.name.strip_suffix(REFUSED).unwrap_or(&clause.name);
            let Some((left, event)) = name.split_once(" × ") else { continue };
            let Some((entity, state)) = self.split(left) else { continue };
            pairs.push((entity, state, event, allowed, clause));
        }
        let mut entities: Vec<&str> = Vec::new();
        for pair in &pairs {
            if !entities.contains(&pair.0) {
                entities.push(pair.0);
            }
        }
        entities.into_iter().map(|it| self.grid(it, &pairs)).collect()
    }

    fn grid(&self, entity: &'a str, pairs: &[(&'a str, &'a str, &'a str, bool, &'a Clause)]) -> Grid<'a> {
        let own = || pairs.iter().filter(|it| it.0 == entity);
        let of = |it: &&'a model::Machine| {
            it.bound.as_ref().and_then(|it| self.spec.entities.get(it.entity)).is_some_and(|it| it.name.value == entity)
        };
        let machine = self.spec.machines.iter().find(of);
        let (mut states, mut events): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        let add = |names: &mut Vec<&'a str>, name: &'a str| {
            if !names.contains(&name) {
                names.push(name);
            }
        };
        let written = machine.iter().flat_map(|it| &it.states).map(|it| it.name.value.as_str());
        for state in written.filter(|state| own().any(|it| it.1 == *state)) {
            add(&mut states, state);
        }
        let fired = machine.iter().flat_map(|it| &it.transitions).filter_map(|it| it.event.as_ref());
        for event in fired.map(|it| it.value.as_str()).filter(|event| own().any(|it| it.2 == *event)) {
            add(&mut events, event);
        }
        for pair in own() {
            add(&mut states, pair.1);
            add(&mut events, pair.2);
        }
        // Of several clauses about one pair the worst is shown.
        let mut worst: HashMap<(&str, &str), Cell<'a>> = HashMap::new();
        let rank = |it: Option<&Clause>| match it.map(Clause::verdict) {
            Some(Verdict::Failed) => 3,
            Some(Verdict::Passed) => 2,
            Some(Verdict::Untested) => 1,
            None => 0,
        };
        for (_, state, event, allowed, clause) in own() {
            let known = worst.entry((state, event)).or_default();
            if rank(Some(clause)) > rank(known.clause) {
                *known = Cell { clause: Some(clause), allowed: *allowed };
            }
        }
        let cell = |state: &str, event: &str| worst.get(&(state, event)).copied().unwrap_or_default();
        let rows = states.iter().map(|state| (*state, events.iter().map(|event| cell(state, event)).collect()));
        let rows = rows.collect();
        Grid { entity, events, rows }
    }

    /// `Order paid` as an entity and a state.
    fn split(&self, text: &'a str) -> Option<(&'a str, &'a str)> {
        let names = self.spec.entities.iter().map(|it| it.name.value.as_str());
        let longest =
            names.filter_map(|it| Some((it.len(), text.strip_prefix(it)?.strip_prefix(' ')?))).max_by_key(|it| it.0);
        match longest {
            Some((length, state)) => Some((text.get(..length)?, state)),
            None => text.split_once(' '),
        }
    }

    /// What was found, as diagnostics on the document: with the requests, if they are wanted.
    pub(crate) fn diagnostics(&self, with_requests: bool) -> Vec<Diagnostic> {
        self.report.findings.iter().map(|it| self.diagnostic(it, with_requests)).collect()
    }

    pub(crate) fn diagnostic(&self, finding: &Finding, with_requests: bool) -> Diagnostic {
        let message = finding.message.clone();
        let mut found = Diagnostic::new(finding.probe, Level::Error, self.line(finding.line), message);
        found = found.about(self.address(finding));
        if !with_requests {
            return found;
        }
        found = found.note(format!("expected {}", finding.expected)).note(format!("found {}", finding.found));
        for other in &finding.also {
            found = found.note(format!("also: {other}"));
        }
        if finding.more > 0 {
            found = found.note(format!("seen {} more", counted(finding.more as usize, "time", "times")));
        }
        for line in verify::replay::curl(&self.report.target, &finding.steps) {
            found = found.note(line);
        }
        found
    }

    /// The element that a finding is about; it does not change when lines move.
    pub(crate) fn address(&self, finding: &Finding) -> String {
        // The closest is what the probe itself tested, which was added last.
        match finding.clauses.last() {
            Some((area, _, name)) => format!("{}#{}.{name}", self.report.path, area.word()),
            None => format!("{}#line.{}", self.report.path, finding.line),
        }
    }

    /// The words of a line; of none, the document's first.
    fn line(&self, number: u32) -> Span {
        let file = self.spec.document().file;
        let text = self.sources.get(file).map_or("", |it| it.text.as_str());
        let line = self.sources.get(file).and_then(|it| it.line(number.max(1) as usize)).unwrap_or(text);
        let words = line.trim();
        let start = (words.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        Span { file, start: start as u32, end: (start + words.len()) as u32 }
    }
}

/// Where the curl lines of some findings name a credential: the header that it stands in.
pub(crate) fn credential_header(report: &Report) -> Option<&str> {
    let headers = report.findings.iter().flat_map(|it| &it.steps).flat_map(|it| &it.request.headers);
    headers.filter(|it| it.1 == verify::replay::CREDENTIAL).map(|it| it.0.as_str()).next()
}

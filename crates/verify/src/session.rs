//! A run in progress: what was sent and learned, and what is held against the document.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::time::{Duration, Instant};

use model::Spec;
use plan::cell::Record;
use plan::{Plan, Route, Table, Why};
use serde_json::{Map, Value};

use crate::Options;
use crate::client::{Answer, Client, Request, Trouble};
use crate::judge::inside;
use crate::mirror::Mirror;
use crate::report::{Area, Clause, Cut, Exchange, Finding, Progress};
use crate::template::{self, Hole, Template};
use crate::values::Draw;

/// Requests that led to something, with their answers.
pub(crate) type Steps = Vec<Rc<Exchange>>;

/// A record that the target keeps.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) table: usize,
    /// As it was answered.
    pub(crate) json: Map<String, Value>,
    pub(crate) record: Record,
    /// Its key, as a path carries it.
    pub(crate) key: String,
    /// The parameters of the path below which it was made.
    pub(crate) above: Vec<(String, String)>,
    /// The requests that made it.
    pub(crate) steps: Steps,
}

/// Where a record is that was made: its table, its key, and the parameters of the path above.
#[derive(Debug, Clone)]
pub(crate) struct Trail {
    pub(crate) table: usize,
    pub(crate) key: String,
    pub(crate) above: Vec<(String, String)>,
}

/// A success that was read.
#[derive(Debug, Default)]
pub(crate) struct Success {
    pub(crate) record: Option<Map<String, Value>>,
    pub(crate) records: Option<Vec<Value>>,
    /// What the answer says of a page.
    pub(crate) pages: Vec<(plan::Page, Value)>,
    /// Single fields that stand outside a record.
    pub(crate) fields: Vec<(usize, Value)>,
}

pub(crate) struct Session<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) plan: &'a Plan,
    sources: &'a source::Sources,
    pub(crate) options: &'a Options,
    pub(crate) draw: Draw,
    pub(crate) client: Client,
    /// The requests of this case.
    pub(crate) trace: Steps,
    /// One record of each table, for others to refer to.
    pub(crate) fixtures: Vec<Option<Rc<Known>>>,
    /// Tables of which no record can be made, and why.
    pub(crate) barren: BTreeMap<usize, String>,
    /// All records that were made, the youngest last.
    pub(crate) made: Vec<Trail>,
    pub(crate) notes: Vec<String>,
    pub(crate) measured: Vec<crate::targets::Measured>,
    /// The probe that runs.
    pub(crate) probe: &'static str,
    pub(crate) cases: u64,
    pub(crate) requests: u64,
    /// Why no more is sent.
    pub(crate) ended: Option<Cut>,
    /// A second target that must answer alike.
    pub(crate) mirror: Option<Mirror>,
    deadline: Instant,
    progress: &'a mut dyn FnMut(&Progress<'_>),
    /// When progress was told last.
    told: Instant,
    down: u32,
    findings: Vec<Finding>,
    /// Findings of the case that runs, which no clause has yet.
    fresh: Vec<usize>,
    seen: BTreeMap<(String, usize, u32, String), usize>,
    /// Tables and keys of records that hold what the document forbids.
    pub(crate) spoilt: HashSet<(usize, String)>,
    /// Whether nothing is told: what follows from a failure is no failure of its own.
    pub(crate) hushed: bool,
    clauses: BTreeMap<(Area, u32, String), Clause>,
    pub(crate) successes: Vec<Option<Rc<Template>>>,
    /// Whether records were met that have what was drawn to be new.
    pub(crate) crowded: bool,
    /// Routes and fields that their requests are not drawn with: whether the target takes them.
    pub(crate) taken: HashMap<(usize, usize), bool>,
    /// The bodies of refusals that were looked at before.
    pub(crate) refusals: HashMap<(usize, Why), Option<Rc<Template>>>,
    /// Names of the members that the example of an endpoint's answer shows of a record.
    pub(crate) shows: Vec<Option<Rc<HashSet<String>>>>,
}

/// So many other cases of one failure are named.
const ALSO: usize = 12;

/// The requests that are kept of one case.
const KEPT: usize = 60;

/// So often progress is told.
const EACH: Duration = Duration::from_millis(100);

/// So many requests in a row without an answer end a run.
const PATIENCE: u32 = 4;

impl<'a> Session<'a> {
    pub(crate) fn new(
        spec: &'a Spec,
        sources: &'a source::Sources,
        plan: &'a Plan,
        options: &'a Options,
        client: Client,
        progress: &'a mut dyn FnMut(&Progress<'_>),
    ) -> Session<'a> {
        let successes: Vec<Option<Template>> =
            plan.routes.iter().map(|it| template::success(it.answer.body.as_deref()?)).collect();
        let shows = plan.routes.iter().zip(&successes).map(|(route, template)| shows(spec, route, template.as_ref()));
        Session {
            spec,
            plan,
            sources,
            options,
            draw: Draw::new(options.seed),
            client,
            trace: Vec::new(),
            fixtures: (0..plan.tables.len()).map(|_| None).collect(),
            barren: BTreeMap::new(),
            made: Vec::new(),
            notes: Vec::new(),
            probe: "",
            cases: 0,
            requests: 0,
            ended: None,
            measured: Vec::new(),
            deadline: Instant::now() + options.budget,
            mirror: None,
            progress,
            told: Instant::now(),
            down: 0,
            findings: Vec::new(),
            fresh: Vec::new(),
            seen: BTreeMap::new(),
            spoilt: HashSet::new(),
            hushed: false,
            clauses: BTreeMap::new(),
            shows: shows.map(|it| it.map(Rc::new)).collect(),
            successes: successes.into_iter().map(|it| it.map(Rc::new)).collect(),
            crowded: false,
            taken: HashMap::new(),
            refusals: HashMap::new(),
        }
    }

    pub(crate) fn finish(self) -> (Vec<Finding>, Vec<Clause>) {
        (self.findings, self.clauses.into_values().collect())
    }

    /// The line of a sentence that holds one of each of these sets of words, in lower case.
    pub(crate) fn sentence(&self, sets: &[&[&str]]) -> Option<u32> {
        let text = self.sources.get(self.spec.document().file).map_or("", |it| it.text.as_str());
        let says = |line: &str| {
            let lower = line.to_lowercase();
            sets.iter().all(|set| set.iter().any(|it| lower.contains(it)))
        };
        text.lines().position(says).and_then(|it| u32::try_from(it + 1).ok())
    }

    /// A line of the document, in lower case.
    pub(crate) fn line(&self, number: u32) -> String {
        let text = self.sources.get(self.spec.document().file).map_or("", |it| it.text.as_str());
        let line = (number as usize).checked_sub(1).and_then(|it| text.lines().nth(it));
        line.unwrap_or("").to_lowercase()
    }

    /// Lines of the document.
    pub(crate) fn lines(&self) -> plan::Lines<'a> {
        plan::Lines { sources: self.sources }
    }

    /// Whether the document writes the path of a route with a slash at its end: there are servers to whom that is
    /// another one.
    pub(crate) fn slashed(&self, route: &Route) -> bool {
        !route.path.segments.is_empty() && self.spec.endpoints.get(route.endpoint).is_some_and(|it| it.slashed)
    }

    /// Whether nothing more is tried.
    pub(crate) fn over(&mut self) -> bool {
        if self.ended.is_none() && self.options.stop.is_asked() {
            self.ended = Some(Cut::Interrupted);
        }
        if self.ended.is_none() && Instant::now() >= self.deadline {
            self.ended = Some(Cut::Budget(self.options.budget));
        }
        self.ended.is_some()
    }

    /// Time that is left for the whole run.
    pub(crate) fn left(&self) -> std::time::Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    pub(crate) fn route(&self, index: usize) -> Option<&'a Route> {
        self.plan.routes.get(index)
    }

    pub(crate) fn table(&self, index: usize) -> Option<&'a Table> {
        self.plan.tables.get(index)
    }

    /// Routes and their indices.
    pub(crate) fn routes(&self) -> impl Iterator<Item = (usize, &'a Route)> + use<'a> {
        self.plan.routes.iter().enumerate()
    }

    /// Begins a case: what is found from here on is shown with the requests from here on.
    pub(crate) fn begin(&mut self) {
        self.trace.clear();
        self.fresh.clear();
    }

    /// Tells what is done.
    pub(crate) fn tell(&mut self) {
        self.told = Instant::now();
        (self.progress)(&Progress { probe: self.probe, cases: self.cases, findings: self.findings.len() });
    }

    /// Sends a request. `None` if there is no answer: then that was told, or the run is over.
    pub(crate) fn send(&mut self, route: Option<usize>, request: Request) -> Option<Answer> {
        if self.over() {
            return None;
        }
        if self.told.elapsed() >= EACH {
            self.tell();
        }
        self.requests += 1;
        let answer = self.client.send(&request);
        let second = match (&mut self.mirror, &answer) {
            (Some(mirror), Ok(answer)) => mirror.send(&request, answer),
            _ => None,
        };
        self.record(request, answer.clone());
        if let Some((first, second)) = second.filter(|_| !self.options.stop.is_asked()) {
            let line = route.and_then(|it| self.route(it)).map_or(0, |it| it.line);
            self.fail_as("against", route, line, "the two targets answer differently", first, second);
        }
        self.take(route, answer)
    }

    /// Keeps an exchange for the case.
    pub(crate) fn record(&mut self, request: Request, answer: Result<Answer, Trouble>) {
        if self.trace.len() < KEPT {
            self.trace.push(Rc::new(Exchange { request, answer }));
        }
    }

    /// Judges what holds of all answers.
    pub(crate) fn take(&mut self, route: Option<usize>, answer: Result<Answer, Trouble>) -> Option<Answer> {
        let line = route.and_then(|it| self.route(it)).map_or(0, |it| it.line);
        match answer {
            Ok(answer) => {
                self.down = 0;
                self.sane(route, &answer, line);
                Some(answer)
            }
            Err(Trouble::Closed) => None,
            // What breaks off then was ended here.
            Err(_) if self.options.stop.is_asked() => None,
            Err(trouble) => {
                self.down += 1;
                let dead = matches!(trouble, Trouble::Unreachable(_));
                if dead || self.down >= PATIENCE {
                    self.ended = Some(Cut::Silent(trouble.to_string()));
                }
                if !dead {
                    let expected = "an answer".to_owned();
                    self.fail_as("robustness", route, line, "a request gets no answer", expected, trouble.to_string());
                }
                None
            }
        }
    }

    /// What no answer may be: a failure of the server, or one that shows its inside.
    fn sane(&mut self, route: Option<usize>, answer: &Answer, line: u32) {
        let stated = route.and_then(|it| self.spec.endpoints.get(self.route(it)?.endpoint)).is_some_and(|it| {
            it.errors.iter().any(|it| it.status == Some(answer.status))
                || it.responses.iter().any(|it| it.status == answer.status)
        });
        if answer.status >= 500 && !stated && !matches!(answer.status, 501 | 503) {
            let found = format!("{} {}", answer.status, excerpt(&answer.body));
            self.fail_as(
                "robustness",
                route,
                line,
                "a request makes the server fail",
                "a status below 500".to_owned(),
                found,
            );
        }
        if answer.status >= 400
            && let Some(words) = inside(&answer.body)
        {
            let expected = "an error without anything internal".to_owned();
            let said =
                [["never", "not ", "no "].as_slice(), &["stack trace", "internal", "tells of", "leak", "reveal"]];
            let line = self.sentence(&said).unwrap_or(line);
            self.fail_as("robustness", route, line, "an error shows the inside of the server", expected, words);
        }
    }

    /// Tells that a clause does not hold.
    pub(crate) fn fail(&mut self, route: Option<usize>, line: u32, message: &str, expected: String, found: String) {
        self.fail_as(self.probe, route, line, message, expected, found);
    }

    pub(crate) fn fail_as(
        &mut self,
        probe: &'static str,
        route: Option<usize>,
        line: u32,
        message: &str,
        expected: String,
        found: String,
    ) {
        self.fail_alike(probe, route, line, message, message, expected, found);
    }

    /// [`Session::fail_as`] of what is one failure of several kinds: those of a clause that are alike are told
    /// together.
    #[expect(clippy::too_many_arguments, reason = "all that a finding is made of")]
    pub(crate) fn fail_alike(
        &mut self,
        probe: &'static str,
        route: Option<usize>,
        line: u32,
        alike: &str,
        message: &str,
        expected: String,
        found: String,
    ) {
        // What breaks off when a run is asked to end is no failure.
        if self.hushed || self.options.stop.is_asked() {
            return;
        }
        let own = (probe.to_owned(), route.unwrap_or(usize::MAX), line, alike.to_owned());
        if let Some(at) = self.seen.get(&own).copied()
            && let Some(known) = self.findings.get_mut(at)
        {
            self.fresh.push(at);
            known.more += 1;
            if message != known.message && !known.also.iter().any(|it| it == message) && known.also.len() < ALSO {
                known.also.push(message.to_owned());
            }
            // The shortest way to it is shown.
            if message == known.message && self.trace.len() < known.steps.len() && !self.trace.is_empty() {
                (known.steps, known.expected, known.found) = (shown(&self.trace), expected, found);
            }
            return;
        }
        self.seen.insert(own, self.findings.len());
        self.fresh.push(self.findings.len());
        let route = route.and_then(|it| self.route(it));
        let clause = route.map(|it| (Area::Endpoint, it.line, name(it)));
        self.findings.push(Finding {
            probe,
            message: message.to_owned(),
            line,
            expected,
            found,
            steps: shown(&self.trace),
            more: 0,
            endpoint: route.map(name).unwrap_or_default(),
            clauses: clause.into_iter().collect(),
            alike: alike.to_owned(),
            also: Vec::new(),
        });
        if let Some(route) = route {
            self.count(Area::Endpoint, &name(route), route.line, false);
        }
    }

    /// How many findings there are.
    pub(crate) fn failures(&self) -> usize {
        self.findings.iter().map(|it| 1 + it.more as usize).sum()
    }

    pub(crate) fn count(&mut self, area: Area, name: &str, line: u32, good: bool) {
        // What breaks off when a run is asked to end is no failure.
        if self.hushed || self.options.stop.is_asked() {
            return;
        }
        let clause = self.clauses.entry((area, line, name.to_owned())).or_insert_with(|| Clause {
            area,
            name: name.to_owned(),
            line,
            cases: 0,
            failed: 0,
            reason: None,
        });
        clause.cases += 1;
        clause.failed += u32::from(!good);
    }

    /// A clause was put to the test. `good` is whether it held.
    pub(crate) fn tested(&mut self, area: Area, name: &str, line: u32, good: bool) {
        self.cases += 1;
        self.count(area, name, line, good);
        if good {
            return;
        }
        let clause = (area, line, name.to_owned());
        for at in std::mem::take(&mut self.fresh) {
            if let Some(finding) = self.findings.get_mut(at).filter(|it| !it.clauses.contains(&clause)) {
                finding.clauses.push(clause.clone());
            }
        }
    }

    /// A clause could not be tested, or not yet.
    pub(crate) fn untested(&mut self, area: Area, name: &str, line: u32, reason: &str) {
        let clause = self.clauses.entry((area, line, name.to_owned())).or_insert_with(|| Clause {
            area,
            name: name.to_owned(),
            line,
            cases: 0,
            failed: 0,
            reason: None,
        });
        clause.reason = Some(reason.to_owned());
    }
}

/// The requests of a case, for a finding to keep.
fn shown(trace: &[Rc<Exchange>]) -> Vec<Exchange> {
    trace.iter().map(|it| (**it).clone()).collect()
}

/// Names that the example of an endpoint's answer shows of a record.
fn shows(spec: &Spec, route: &Route, template: Option<&Template>) -> Option<HashSet<String>> {
    let endpoint = spec.endpoints.get(route.endpoint)?;
    let shown =
        endpoint.responses.iter().filter(|it| (200..300).contains(&it.status)).find_map(|it| match &it.body {
            Some(model::Shape::Body(body, true)) if !body.elided => plan::json(&body.value.as_ref()?.value),
            _ => None,
        })?;
    let bound = template?.hold(&shown);
    let one = bound.of(&Hole::Record).or_else(|| bound.of(&Hole::Records)?.as_array()?.first())?;
    Some(one.as_object()?.keys().cloned().collect())
}

/// A method and a path, as the document writes them.
pub(crate) fn name(route: &Route) -> String {
    format!("{} {}", route.method, path(route))
}

/// The path of a route, parameters as `{name}`.
pub(crate) fn path(route: &Route) -> String {
    let mut text = String::new();
    for segment in &route.path.segments {
        text.push('/');
        match segment {
            syntax::route::Segment::Fixed(own) => text.push_str(own),
            syntax::route::Segment::Parameter(own) => text.push_str(&format!("{{{own}}}")),
        }
    }
    if text.is_empty() { "/".to_owned() } else { text }
}

/// A status and the beginning of a body.
pub(crate) fn told(answer: &Answer) -> String {
    if answer.body.is_empty() {
        answer.status.to_string()
    } else {
        format!("{} {}", answer.status, excerpt(&answer.body))
    }
}

/// The beginning of a text, on one line.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(600)).unwrap_or(bytes)).into_owned();
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(200).collect();
    if cut.len() < line.len() || bytes.len() > 600 { format!("{cut}…") } else { cut }
}

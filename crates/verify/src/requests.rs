//! Requests: which route serves what, and what its paths, queries and bodies hold.

use plan::cell::{Cell, Record};
use plan::change::{self, Style};
use plan::refused::Refused;
use plan::shape::Mention;
use plan::{Action, Asks, Route, Table};
use serde_json::{Map, Value};

use crate::client::{Answer, Request};
use crate::probes::fields::{keep, same};
use crate::records::{Draft, now};
use crate::session::{Known, Session};
use crate::{Credential, Options};

/// So many values are drawn for a field that is tried.
const TRIES: usize = 20;

/// Whether a request is drawn with a field, or is not drawn as a whole.
pub(crate) fn draws(route: &Route, name: &str) -> bool {
    let drawn = route.drawn.as_ref().filter(|it| it.complete);
    drawn.is_none_or(|it| it.names.iter().any(|it| it.0 == name))
}

impl<'a> Session<'a> {
    /// Whether requests can be sent to a route with what is known of credentials.
    pub(crate) fn may_call(&self, route: &Route) -> bool {
        let_in(self.options, route)
    }

    /// Routes that requests can be sent to, and their indices.
    pub(crate) fn callable(&self) -> impl Iterator<Item = (usize, &'a Route)> + use<'a> {
        let options = self.options;
        self.routes().filter(move |it| let_in(options, it.1))
    }

    /// Those of them that serve the records of a table, with the tables.
    pub(crate) fn tabled(&self) -> impl Iterator<Item = (usize, &'a Route, &'a Table)> + use<'a> {
        let plan = self.plan;
        self.callable().filter_map(|(index, route)| Some((index, route, plan.tables.get(route.table?)?)))
    }

    /// Those of them that serve the records of one table.
    pub(crate) fn serving(&self, table: usize) -> impl Iterator<Item = (usize, &'a Route)> + use<'a> {
        self.callable().filter(move |it| it.1.table == Some(table))
    }

    /// Those of them that list records and ask for nothing.
    pub(crate) fn lists(&self) -> impl Iterator<Item = (usize, &'a Route, &'a Table)> + use<'a> {
        let asks = |it: &Route| it.query.parameters.iter().any(|it| it.required);
        self.tabled().filter(move |it| it.1.action == Action::List && !asks(it.1))
    }

    /// The route that makes records of a table: the one with the shortest path.
    pub(crate) fn creator(&self, table: usize) -> Option<usize> {
        let found = self.serving(table).filter(|it| matches!(it.1.action, Action::Create | Action::Put));
        found.min_by_key(|it| (it.1.parents.len(), it.1.path.segments.len())).map(|it| it.0)
    }

    /// The routes that change records of a table.
    pub(crate) fn changers(&self, table: usize) -> Vec<usize> {
        let changes = |it: &Route| matches!(it.action, Action::Update | Action::Replace);
        self.serving(table).filter(|it| changes(it.1)).map(|it| it.0).collect()
    }

    /// The route that reads one record of a table.
    pub(crate) fn reader(&self, table: usize) -> Option<usize> {
        self.serving(table).find(|it| it.1.action == Action::Read).map(|it| it.0)
    }

    /// The route that lists the records of a table, all of them.
    pub(crate) fn lister(&self, table: usize) -> Option<usize> {
        let lists = |it: &Route| it.action == Action::List && it.parents.is_empty();
        self.serving(table).find(|it| lists(it.1)).map(|it| it.0)
    }

    /// The route that deletes records of a table.
    pub(crate) fn deleter(&self, table: usize) -> Option<(usize, &'a Route)> {
        self.serving(table).find(|it| it.1.action == Action::Delete)
    }

    /// A request to a route, with what it takes to be let in.
    pub(crate) fn ask(&self, route: &Route, parameters: &[String], query: &str) -> Request {
        let mut target = String::new();
        let mut given = parameters.iter();
        for segment in &route.path.segments {
            target.push('/');
            match segment {
                syntax::route::Segment::Fixed(text) => target.push_str(text),
                syntax::route::Segment::Parameter(_) => {
                    target.push_str(&encode(given.next().map_or("1", String::as_str)));
                }
            }
        }
        if target.is_empty() || self.slashed(route) {
            target.push('/');
        }
        if !query.is_empty() {
            target.push('?');
            target.push_str(query);
        }
        self.authorised(route, Request::new(&route.method, target))
    }

    /// Whether the document asks for a credential anywhere.
    fn asks_any(&self) -> bool {
        self.plan.routes.iter().any(|it| it.asks != Asks::Nothing)
    }

    /// Adds what proves who sends a request.
    pub(crate) fn authorised(&self, route: &Route, request: Request) -> Request {
        match (&route.asks, &self.options.credential) {
            (_, Credential::Header(name, value)) => request.header(name, value),
            (Asks::Token, Credential::Token(token)) => request.header("authorization", &format!("Bearer {token}")),
            (Asks::Key(name), Credential::Key(key)) => request.header(name.as_str(), key),
            // Who gives a credential knows what the document does not say.
            (_, Credential::Token(token)) if !self.asks_any() => {
                request.header("authorization", &format!("Bearer {token}"))
            }
            (_, Credential::Key(key)) if !self.asks_any() => request.header("x-api-key", key),
            _ => request,
        }
    }

    /// The body of a request, in what the document draws around it.
    pub(crate) fn wrap(&self, route: &Route, body: Value) -> Value {
        let path = route.drawn.iter().flat_map(|it| &it.path);
        path.rev().fold(body, |inner, name| {
            let mut outer = Map::new();
            outer.insert(name.clone(), inner);
            Value::Object(outer)
        })
    }

    /// A request with a body.
    pub(crate) fn bring(&self, route: &Route, parameters: &[String], body: Map<String, Value>) -> Request {
        self.ask(route, parameters, "").json(&self.wrap(route, Value::Object(body)))
    }

    /// The request that makes a record of a draft.
    pub(crate) fn submit(&self, route: &Route, draft: &Draft) -> Request {
        self.bring(route, &draft.parameters, draft.body.clone())
    }

    /// A request about a record.
    pub(crate) fn about(&self, route: &Route, known: &Known) -> Request {
        self.ask(route, &self.parameters(route, known), "")
    }

    /// A request that changes a record.
    pub(crate) fn alter(&self, route: &Route, known: &Known, body: Map<String, Value>) -> Request {
        self.bring(route, &self.parameters(route, known), body)
    }

    /// The parameters of a path that names a record.
    pub(crate) fn parameters(&self, route: &Route, known: &Known) -> Vec<String> {
        let each = route.path.parameters().enumerate().map(|(at, own)| {
            if route.record.is_some_and(|it| it.0 == at) {
                let by_key = self.table(known.table).is_some_and(|it| route.record.map(|it| it.1) == Some(it.key));
                let field = route.record.and_then(|it| known.record.get(it.1)).map(Cell::plain);
                return if by_key { known.key.clone() } else { field.unwrap_or_default() };
            }
            if let Some(parent) = route.parents.iter().find(|it| it.parameter == at)
                && let Some(cell) = known.record.get(parent.field).filter(|it| !it.is_null())
            {
                return cell.plain();
            }
            known.above.iter().find(|it| it.0 == *own).map_or_else(|| "1".to_owned(), |it| it.1.clone())
        });
        each.collect()
    }

    /// Reads a record again. `None` if there is no way to, or no answer.
    pub(crate) fn reread(&mut self, known: &Known) -> Option<(usize, Answer)> {
        let index = self.reader(known.table)?;
        let request = self.about(self.route(index)?, known);
        Some((index, self.send(Some(index), request)?))
    }

    /// What the document would make of a new record.
    pub(crate) fn drafted(
        &self,
        route: &Route,
        table: &Table,
        body: &Map<String, Value>,
        parents: &[(usize, Cell)],
    ) -> Result<(Record, Vec<Mention>), Refused> {
        change::draft(self.plan, now(), route, table, body.clone(), parents)
    }

    /// What the document would make of a record by a change.
    pub(crate) fn changed(
        &self,
        route: &Route,
        table: &Table,
        record: &Record,
        body: &Map<String, Value>,
    ) -> Result<(Record, Vec<Mention>), Refused> {
        change::changed(self.plan, now(), route, table, record, body.clone(), Style::of(&route.action))
    }

    /// What the body of a change has to hold besides the change: for a replacement all that a request may hold.
    pub(crate) fn base(&self, route: &Route, table: &Table, known: &Known) -> Map<String, Value> {
        match Style::of(&route.action) {
            Style::Replace => self.whole(route, table, known),
            Style::Merge => Map::new(),
        }
    }

    /// Whether a request may hold a field. One that is shown with all that it holds leaves the others open, which may
    /// be refused or ignored as well as taken: they are tried, and those that the target takes are tested.
    pub(crate) fn takes(&mut self, index: usize, at: usize) -> bool {
        let Some((route, table)) = self.route(index).and_then(|it| Some((it, self.table(it.table?)?))) else {
            return false;
        };
        let Some(field) = table.field(at) else { return false };
        if draws(route, &field.member.name) {
            return true;
        }
        if let Some(known) = self.taken.get(&(index, at)) {
            return *known;
        }
        self.taken.insert((index, at), false);
        let trace = std::mem::take(&mut self.trace);
        // What is drawn afterwards is the same whether this was known or not.
        let seed = fastrand::Rng::with_seed(self.requests ^ ((index as u64) << 32) ^ ((at as u64) << 48));
        let rng = std::mem::replace(&mut self.draw.rng, seed);
        let kept = self.tried(index, route, table, at).unwrap_or(false);
        self.draw.rng = rng;
        self.trace = trace;
        self.taken.insert((index, at), kept);
        kept
    }

    /// Whether the target keeps a value of a field that the document does not show in its request. `None` if none was
    /// found that the document allows.
    fn tried(&mut self, index: usize, route: &'a Route, table: &'a Table, at: usize) -> Option<bool> {
        let member = &table.field(at)?.member;
        let fixed = match table.references.iter().find(|it| it.field == at) {
            Some(reference) => {
                let other = self.fixture(reference.table, 0)?;
                Some(other.record.get(self.table(reference.table)?.key)?.to_json())
            }
            None => None,
        };
        let known = if route.action == Action::Create { None } else { Some(self.create(table.index, 0)?) };
        // Another field may bound it: then a value beside its own is allowed where one that is drawn is not.
        let own = known.as_ref().and_then(|it| it.json.get(&member.name)?.as_i64());
        let (value, request, above) = (0..TRIES).find_map(|attempt| {
            let beside = own.filter(|_| attempt % 2 == 0).map(|it| Value::from(it + 1));
            let value = fixed.clone().or(beside).unwrap_or_else(|| self.value(member, None));
            Some(match &known {
                None => {
                    let mut draft = self.draft(index, 0).ok()?;
                    draft.body.insert(member.name.clone(), value.clone());
                    self.drafted(route, table, &draft.body, &draft.parents).ok()?;
                    (value, self.submit(route, &draft), draft.above)
                }
                Some(known) => {
                    let mut body = self.base(route, table, known);
                    body.insert(member.name.clone(), value.clone());
                    self.changed(route, table, &known.record, &body).ok()?;
                    (value, self.alter(route, known, body), known.above.clone())
                }
            })
        })?;
        let answer = self.send(Some(index), request)?;
        let Some(success) = self.look(index, &answer).filter(|_| (200..300).contains(&answer.status)) else {
            return Some(false);
        };
        keep(self, route, table, &success, &answer, &above);
        let shown = success.record.as_ref().and_then(|it| it.get(&member.name));
        Some(shown.is_some_and(|it| same(member, &value, it)))
    }

    /// A body that holds all of a record that a request may hold.
    pub(crate) fn whole(&self, route: &Route, table: &Table, known: &Known) -> Map<String, Value> {
        let mut body = Map::new();
        for (at, field) in table.fields.iter().enumerate() {
            let state = table.machine.as_ref().is_some_and(|it| it.field == at);
            let fixed = field.server_set || at == table.key || state;
            // What an update does not draw is not sent with it.
            if fixed || !draws(route, &field.member.name) || route.parents.iter().any(|it| it.field == at) {
                continue;
            }
            if let Some(cell) = known.record.get(at).filter(|it| !it.is_null()) {
                body.insert(field.member.name.clone(), cell.to_json());
            }
        }
        for (name, value) in self.example(route) {
            if !table.fields.iter().any(|it| it.member.name == name) {
                body.insert(name, value);
            }
        }
        body
    }
}

/// Whether what is given of credentials is what a route asks for.
fn let_in(options: &Options, route: &Route) -> bool {
    matches!(
        (&route.asks, &options.credential),
        (Asks::Nothing, _)
            | (Asks::Token, Credential::Token(_) | Credential::Header(..))
            | (Asks::Key(_), Credential::Key(_) | Credential::Header(..))
    )
}

/// A query from names and values.
pub(crate) fn query(pairs: &[(&str, &str)]) -> String {
    let each = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
    each.collect::<Vec<_>>().join("&")
}

/// A text as a segment of a path or a value of a query (RFC 3986, section 2.3).
pub(crate) fn encode(text: &str) -> String {
    let plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.~".contains(&it);
    text.bytes().map(|it| if plain(it) { char::from(it).to_string() } else { format!("%{it:02X}") }).collect()
}

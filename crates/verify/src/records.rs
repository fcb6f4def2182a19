//! Records that the target is made to keep: bodies that the document allows, and what they refer to.

use std::collections::HashSet;
use std::rc::Rc;
use std::time::Instant;

use model::Shape;
use plan::cell::{Cell, Record};
use plan::change::{Now, SINGLE};
use plan::shape::{Kind, Member};
use plan::{MakeKey, Route, Table, Why};
use serde_json::{Map, Value};

use crate::client::Answer;
use crate::session::{Known, Session, Steps, Success, Trail, name};
use crate::values::{self, Draw};

/// A request that makes a record, before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) body: Map<String, Value>,
    /// What the document makes of it, unless the body was changed since.
    pub(crate) record: Record,
    /// Fields that the path gives.
    pub(crate) parents: Vec<(usize, Cell)>,
    pub(crate) parameters: Vec<String>,
    /// The path's parameters by name.
    pub(crate) above: Vec<(String, String)>,
    /// The requests that made what it refers to.
    pub(crate) steps: Steps,
}

/// Milliseconds since 1970-01-01T00:00:00Z.
pub(crate) fn millis() -> i64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |it| it.as_millis() as i64)
}

/// So many bodies are drawn before it is given up.
const ATTEMPTS: usize = 80;

/// So deep do records refer to records.
const DEPTH: usize = 6;

impl Session<'_> {
    /// The example of a request's body, without what wraps it.
    pub(crate) fn example(&self, route: &Route) -> Map<String, Value> {
        let endpoint = self.spec.endpoints.get(route.endpoint);
        let shown = endpoint.into_iter().flat_map(|it| &it.requests).find_map(|it| match &it.value {
            Shape::Body(body, true) => plan::json(&body.value.as_ref()?.value),
            _ => None,
        });
        let mut value = shown.unwrap_or(Value::Null);
        for name in route.drawn.iter().flat_map(|it| &it.path) {
            if let Some(inner) = value.get_mut(name.as_str()) {
                value = inner.take();
            }
        }
        match value {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }

    /// A record of a table for others to refer to: always the same one.
    pub(crate) fn fixture(&mut self, table: usize, depth: usize) -> Option<Rc<Known>> {
        if let Some(known) = self.fixtures.get(table).cloned().flatten() {
            return Some(known);
        }
        if depth > DEPTH || self.barren.contains_key(&table) {
            return None;
        }
        let made = if self.options.safe || self.creator(table).is_none() {
            let found = self.existing(table);
            if found.is_none() {
                self.barren.insert(table, "no endpoint makes one, and none is listed".to_owned());
            }
            found
        } else {
            self.create(table, depth + 1)
        };
        let made = made?;
        if let Some(place) = self.fixtures.get_mut(table) {
            *place = Some(Rc::clone(&made));
        }
        Some(made)
    }

    /// A request that the document allows, to a route that makes records.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(crate) fn draft(&mut self, index: usize, depth: usize) -> Result<Draft, String> {
        let (Some(route), Some(table)) = (self.route(index), self.route(index).and_then(|it| self.table(it.table?)))
        else {
            return Err("it makes no record".to_owned());
        };
        let example = self.example(route);
        let mut draft = Draft {
            body: Map::new(),
            record: Record::new(),
            parents: Vec::new(),
            parameters: Vec::new(),
            above: Vec::new(),
            steps: Vec::new(),
        };
        let names: Vec<String> = route.path.parameters().map(str::to_owned).collect();
        for (at, own) in names.iter().enumerate() {
            let parent = route.parents.iter().find(|it| it.parameter == at);
            let value = match parent {
                Some(parent) => {
                    let Some(known) = self.fixture(parent.table, depth) else {
                        let of = self.table(parent.table).map_or("record", |it| &it.name);
                        return Err(format!("no {of} can be made, below which it stands"));
                    };
                    let key = self.table(parent.table).map(|it| it.key);
                    let cell = key.and_then(|it| known.record.get(it)).cloned().unwrap_or(Cell::Null);
                    draft.parents.push((parent.field, cell));
                    draft.above.extend(known.above.iter().cloned());
                    draft.steps.extend(known.steps.iter().cloned());
                    known.key.clone()
                }
                None => draft.above.iter().find(|it| it.0 == *own).map_or_else(|| "1".to_owned(), |it| it.1.clone()),
            };
            draft.above.push((own.clone(), value.clone()));
            draft.parameters.push(value);
        }
        let mut shown_wrong: HashSet<String> = HashSet::new();
        let mut why = String::new();
        for attempt in 0..ATTEMPTS {
            let Some((body, steps)) = self.body(route, table, &example, &draft.parents, &shown_wrong, attempt, depth)
            else {
                return Err("what it refers to cannot be made".to_owned());
            };
            match self.drafted(route, table, &body, &draft.parents) {
                Ok((record, _)) => {
                    (draft.body, draft.record) = (body, record);
                    draft.steps.extend(steps);
                    return Ok(draft);
                }
                Err(refused) => {
                    why = refused
                        .problems
                        .first()
                        .map_or(refused.words.clone(), |it| format!("{} {}", it.field, it.message));
                    let roots = refused.problems.iter().map(|it| it.field.split(['.', '[']).next().unwrap_or(""));
                    shown_wrong.extend(roots.map(str::to_owned));
                }
            }
        }
        Err(format!("no body was found that the document allows: {why}"))
    }

    #[expect(clippy::too_many_arguments, reason = "what a body is drawn from")]
    fn body(
        &mut self,
        route: &Route,
        table: &Table,
        example: &Map<String, Value>,
        parents: &[(usize, Cell)],
        wrong: &HashSet<String>,
        attempt: usize,
        depth: usize,
    ) -> Option<(Map<String, Value>, Steps)> {
        let mut body = Map::new();
        let mut steps = Vec::new();
        for (at, field) in table.fields.iter().enumerate() {
            let member = &field.member;
            let key = at == table.key;
            if (key && table.make_key != MakeKey::Given) || field.server_set || parents.iter().any(|it| it.0 == at) {
                continue;
            }
            let state = table.machine.as_ref().is_some_and(|it| it.field == at);
            if state && !member.required {
                continue;
            }
            let shown = example.get(&member.name).filter(|_| !wrong.contains(&member.name) || attempt % 4 == 3);
            let random = attempt > 8
                && !member.required
                && crate::requests::draws(route, &member.name)
                && self.draw.rng.u8(0..4) == 0;
            if !member.required && shown.is_none_or(Value::is_null) && !random {
                continue;
            }
            let reference = table.references.iter().find(|it| it.field == at);
            let mut value = if let Some(reference) = reference {
                let alone = self.is_unique(table, at, parents) && depth <= DEPTH;
                let other =
                    if alone { self.create(reference.table, depth + 1) } else { self.fixture(reference.table, depth) };
                match other {
                    Some(known) => {
                        steps.extend(known.steps.iter().cloned());
                        let key = self.table(reference.table).map(|it| it.key);
                        key.and_then(|it| known.record.get(it)).map_or(Value::Null, Cell::to_json)
                    }
                    None if !member.required => continue,
                    None => return None,
                }
            } else if state {
                let initial = table.machine.as_ref().and_then(|it| it.initial.clone());
                initial.map_or(Value::Null, Value::String)
            } else if key || self.is_unique(table, at, parents) {
                values::fresh(member, shown, &mut self.draw)
            } else {
                match shown {
                    Some(shown) if attempt < 8 || self.draw.rng.bool() => shown.clone(),
                    _ => values::value(member, example.get(&member.name), &mut self.draw),
                }
            };
            self.refer(member, &mut value, depth, &mut steps)?;
            body.insert(member.name.clone(), value);
        }
        for (own, value) in example {
            let documented = route.drawn.iter().flat_map(|it| &it.names).any(|it| it.0 == *own);
            if documented && !table.fields.iter().any(|it| it.member.name == *own) {
                body.insert(own.clone(), value.clone());
            }
        }
        Some((body, steps))
    }

    /// Whether records differ in a field: of several that are unique together each that is free, else one that names
    /// another record.
    pub(crate) fn is_unique(&self, table: &Table, field: usize, parents: &[(usize, Cell)]) -> bool {
        let refers = |it: usize| table.references.iter().any(|reference| reference.field == it);
        let narrow = |it: usize| {
            let kind = table.field(it).map(|it| &it.member.kind);
            matches!(kind, Some(Kind::Enum(_) | Kind::Boolean | Kind::Literals(_)))
        };
        let given = |it: usize| parents.iter().any(|parent| parent.0 == it);
        table.uniques.iter().any(|unique| {
            let each = || unique.fields.iter().copied().filter(|it| !given(*it));
            let free = |it: &usize| !narrow(*it) && !refers(*it);
            if each().any(|it| free(&it)) {
                each().any(|it| it == field && free(&it))
            } else {
                each().find(|it| refers(*it)) == Some(field)
            }
        })
    }

    /// A value that a member may have, which names only records that are there.
    pub(crate) fn value(&mut self, member: &Member, like: Option<&Value>) -> Value {
        let mut value = values::value(member, like, &mut self.draw);
        // Where nothing can be named, the value is as good as another.
        let _ = self.refer(member, &mut value, 0, &mut Vec::new());
        value
    }

    /// Puts keys of records that are there in the places inside a value that hold some.
    fn refer(&mut self, member: &Member, value: &mut Value, depth: usize, steps: &mut Steps) -> Option<()> {
        if let Some(table) = member.refers
            && !value.is_null()
        {
            let known = self.fixture(table, depth)?;
            steps.extend(known.steps.iter().cloned());
            let key = self.table(table).map(|it| it.key);
            *value = key.and_then(|it| known.record.get(it)).map_or(Value::Null, Cell::to_json);
            return Some(());
        }
        match (&member.kind, value) {
            (Kind::List(item), Value::Array(items)) => {
                for value in items {
                    self.refer(item, value, depth, steps)?;
                }
            }
            (Kind::Object(members), Value::Object(given)) => {
                for member in members {
                    if let Some(value) = given.get_mut(&member.name) {
                        self.refer(member, value, depth, steps)?;
                    }
                }
            }
            _ => {}
        }
        Some(())
    }

    /// Makes a record that the document allows. `None` if none could be made: then it was told.
    pub(crate) fn create(&mut self, table: usize, depth: usize) -> Option<Rc<Known>> {
        // What is there already is others': it is read, and nothing else.
        let index = self.creator(table).filter(|_| !self.options.safe)?;
        for attempt in 0..4 {
            let draft = match self.draft(index, depth) {
                Ok(draft) => draft,
                Err(why) => {
                    if !self.over() {
                        self.barren.insert(table, why);
                    }
                    return None;
                }
            };
            match self.make(index, &draft, attempt < 3) {
                Made::Known(known) => return Some(known),
                Made::Taken => {
                    self.crowded = true;
                    self.draw.anew();
                }
                Made::Refused => break,
            }
            if self.over() {
                return None;
            }
        }
        if self.over() {
            return None;
        }
        self.barren.insert(table, "the target refuses a record that the document allows".to_owned());
        None
    }

    /// Makes one record of each kind of which no two may be alike: if an earlier run left its own behind, all that
    /// is drawn from here on is told apart from them.
    pub(crate) fn tell_apart(&mut self) {
        let plan = self.plan;
        for table in plan.tables.iter().filter(|it| has_unique(it)) {
            if !self.over() {
                self.begin();
                self.fixture(table.index, 0);
            }
        }
    }

    /// Whether an answer says that another record has what had to be new.
    pub(crate) fn is_taken(&self, route: &Route, table: &Table, answer: &Answer) -> bool {
        let status = |why| route.refusals.get(why).status;
        has_unique(table) && answer.status == status(Why::Unique) && answer.status != status(Why::Validation)
    }

    /// Sends a draft.
    pub(crate) fn make(&mut self, index: usize, draft: &Draft, again: bool) -> Made {
        let Some(route) = self.route(index) else { return Made::Refused };
        let Some((at, table)) = route.table.and_then(|it| Some((it, self.table(it)?))) else { return Made::Refused };
        let before = self.trace.len();
        let request = self.submit(route, draft);
        let Some(answer) = self.send(Some(index), request) else { return Made::Refused };
        if again && self.is_taken(route, table, &answer) {
            return Made::Taken;
        }
        let shown = std::mem::take(&mut self.trace);
        let own = shown.get(before..).unwrap_or_default().to_vec();
        self.trace = draft.steps.iter().chain(&own).cloned().collect();
        let probe = std::mem::replace(&mut self.probe, "examples");
        let failures = self.failures();
        // What is drawn anew again and again is not always taken.
        let crowded = self.crowded;
        self.crowded &= again;
        let success = self.expect(index, &answer, "a request that the document allows");
        self.crowded = crowded;
        let good = self.failures() == failures;
        self.tested(crate::report::Area::Endpoint, &name(route), route.line, good);
        let made = success.and_then(|it| self.known(index, at, table, draft, it, &answer));
        self.probe = probe;
        self.trace = shown;
        made.map_or(Made::Refused, |it| Made::Known(Rc::new(it)))
    }

    fn known(
        &mut self,
        index: usize,
        at: usize,
        table: &Table,
        draft: &Draft,
        success: Success,
        answer: &Answer,
    ) -> Option<Known> {
        let Some(key) = self.key_of(table, &success, answer) else {
            let line = self.route(index).map_or(0, |it| it.line);
            let expected = "the key of the new record, in the body or in Location".to_owned();
            self.fail_as(
                "responses",
                Some(index),
                line,
                "an answer does not say which record was made",
                expected,
                crate::session::told(answer),
            );
            return None;
        };
        let json = success.record.unwrap_or_else(|| draft.body.clone());
        let mut record = self.cells(table, &json, Some(&draft.body));
        if let Some(cell) = record.get_mut(table.key)
            && cell.is_null()
        {
            *cell = table.key_field().and_then(|it| it.member.kind.read(&key).ok()).unwrap_or(Cell::Null);
        }
        for (field, cell) in &draft.parents {
            if let Some(own) = record.get_mut(*field) {
                own.clone_from(cell);
            }
        }
        self.made.push(Trail { table: at, key: key.clone(), above: draft.above.clone() });
        Some(Known { table: at, json, record, key, above: draft.above.clone(), steps: self.trace.clone() })
    }

    /// A record that is there already, from a list.
    fn existing(&mut self, table: usize) -> Option<Rc<Known>> {
        let own = self.table(table)?;
        let index = self.lister(table)?;
        let request = self.ask(self.route(index)?, &[], "");
        let answer = self.send(Some(index), request)?;
        let record = self.read(index, &answer)?.records?.into_iter().next()?;
        let Value::Object(json) = record else { return None };
        let record = self.cells(own, &json, None);
        let key = record.get(own.key).filter(|it| !it.is_null())?.plain();
        let steps = self.trace.last().cloned().into_iter().collect();
        Some(Rc::new(Known { table, json, record, key, above: Vec::new(), steps }))
    }

    /// Deletes what was made, as far as there is time; how many records stay for which there is no endpoint, how
    /// many that the target does not delete, and how many for which there was no time.
    pub(crate) fn clean(&mut self, until: Instant) -> (usize, usize, usize) {
        let made = std::mem::take(&mut self.made);
        let mut left = (0, 0, 0);
        for trail in made.iter().rev() {
            if Instant::now() >= until {
                left.2 += 1;
                continue;
            }
            match self.delete(trail) {
                None => left.0 += 1,
                Some(gone) => left.1 += usize::from(!gone),
            }
        }
        left
    }

    /// Takes a record away of which the target took what the document forbids, so that what comes of it is not
    /// told again. Where it cannot be taken away, it is left out of account.
    pub(crate) fn discard(&mut self, trail: Trail) {
        if !self.options.keep && self.delete(&trail) == Some(true) {
            self.made.retain(|it| it.table != trail.table || it.key != trail.key);
        } else {
            self.spoilt.insert((trail.table, trail.key));
        }
    }

    /// Whether a record could be deleted; `None` if there is no endpoint for it.
    fn delete(&self, Trail { table, key, above }: &Trail) -> Option<bool> {
        let (_, route) = self.deleter(*table)?;
        if *key == SINGLE && self.table(*table).is_some_and(|it| it.make_key == MakeKey::Single) {
            return Some(true);
        }
        let names: Vec<&str> = route.path.parameters().collect();
        let last = names.len().saturating_sub(1);
        let parameters = names.iter().enumerate().map(|(at, own)| {
            if at == last {
                key.clone()
            } else {
                above.iter().find(|it| it.0 == *own).map_or("1".to_owned(), |it| it.1.clone())
            }
        });
        let request = self.ask(route, &parameters.collect::<Vec<_>>(), "");
        Some(self.client.send(&request).is_ok_and(|it| it.status < 300 || matches!(it.status, 404 | 410)))
    }

    /// A body of an event or a change that the document allows for a record, or why there is none.
    pub(crate) fn event_body(&mut self, index: usize) -> Map<String, Value> {
        let Some(route) = self.route(index) else { return Map::new() };
        let mut body = self.example(route);
        let Some(table) = route.table.and_then(|it| self.table(it)) else { return body };
        for field in &table.fields {
            let required = route.drawn.iter().flat_map(|it| &it.names);
            let asked = required.clone().any(|it| it.0 == field.member.name && it.1 == Some(true));
            if asked && !body.contains_key(&field.member.name) {
                body.insert(field.member.name.clone(), values::value(&field.member, None, &mut self.draw));
            }
        }
        body
    }
}

/// What became of a request that makes a record.
pub(crate) enum Made {
    Known(Rc<Known>),
    /// Another record has a value that must be unique.
    Taken,
    Refused,
}

/// The present, and ids that nobody has.
pub(crate) fn now() -> Now<'static> {
    Now { millis: millis(), id: &|| "00000000-0000-4000-8000-000000000000".to_owned() }
}

/// A key of the right kind that no record has.
pub(crate) fn no_key(table: &Table, field: usize, draw: &mut Draw) -> String {
    match table.field(field).map(|it| &it.member.kind) {
        Some(Kind::Integer | Kind::Number) => (1_000_000_000 + draw.rng.i64(0..1_000_000)).to_string(),
        Some(Kind::Uuid) => values::value(
            &Member {
                name: String::new(),
                kind: Kind::Uuid,
                nullable: false,
                required: true,
                limits: Vec::new(),
                refers: None,
                line: 0,
            },
            None,
            draw,
        )
        .as_str()
        .unwrap_or("")
        .to_owned(),
        Some(_) => {
            let own = table.field(field).map(|it| values::value(&it.member, None, draw));
            own.and_then(|it| it.as_str().map(str::to_owned)).unwrap_or_else(|| draw.token(12))
        }
        None => draw.token(12),
    }
}

/// Whether something of a record must be its own.
fn has_unique(table: &Table) -> bool {
    !table.uniques.is_empty() || table.make_key == MakeKey::Given
}

//! Endpoints as routes: what each does, how it finds its record, what its query may say.

use model::names::key;
use model::{BehaviourKind, Endpoint, Shape, Spec};
use syntax::json::Json;
use syntax::route::{Path, Segment};

use crate::Unenforced;
use crate::answers::{self, Answer, Wanted};
use crate::asks::{self, Asks};
use crate::examples::{self, Drawn};
use crate::lines::Lines;
use crate::query::{self, Query};
use crate::refusals::{Document, Refusals};
use crate::tables::Resource;
use crate::{Fill, MakeKey, Table};

/// An endpoint, compiled.
pub struct Route {
    pub method: String,
    pub path: Path,
    /// Index of the endpoint in the document.
    pub endpoint: usize,
    pub action: Action,
    /// Index of the table that it works on.
    pub table: Option<usize>,
    /// The parameter that says which record is meant, and the field that it is compared with.
    pub record: Option<(usize, usize)>,
    /// Records that the path names before, and the fields that refer to them.
    pub parents: Vec<Parent>,
    pub answer: Answer,
    pub refusals: Refusals,
    /// What its requests are drawn with, if any is drawn.
    pub drawn: Option<Drawn>,
    pub query: Query,
    /// What was inferred, in words.
    pub inferred: Vec<String>,
    /// What every answer rests on that the document does not say; what a list infers depends on the request.
    pub always: Vec<String>,
    /// How its callers prove who they are.
    pub asks: Asks,
    pub line: u32,
}

/// What a route does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Create,
    List,
    Read,
    Replace,
    Update,
    Delete,
    /// Fires the event of this key, or the one that leads to the state that the request names.
    Transition(Option<String>),
    /// Creates or replaces the one record.
    Put,
    /// Answers what is drawn; below a record that others create, only if it is there.
    Example,
}

/// A record that a path names before the one that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// Index of the field that refers to it.
    pub field: usize,
    pub table: usize,
    /// Index of the parameter.
    pub parameter: usize,
}

pub(super) fn compile(
    spec: &Spec,
    subjects: &[Resource],
    tables: &[Table],
    lines: &Lines,
    document: &Document,
    unenforced: &mut Vec<Unenforced>,
) -> Vec<Route> {
    let each = spec.endpoints.iter().enumerate();
    each.filter_map(|(index, endpoint)| {
        let table = subjects.iter().position(|it| it.endpoints.contains(&index));
        route(spec, index, endpoint, table, subjects, tables, lines, document, unenforced)
    })
    .collect()
}

#[expect(clippy::too_many_arguments, reason = "the parts of one plan")]
fn route(
    spec: &Spec,
    index: usize,
    endpoint: &Endpoint,
    table: Option<usize>,
    subjects: &[Resource],
    tables: &[Table],
    lines: &Lines,
    document: &Document,
    unenforced: &mut Vec<Unenforced>,
) -> Option<Route> {
    let path = Path::read(&endpoint.path)?;
    let behaviour = &endpoint.behaviour;
    let mut action = match behaviour.kind {
        _ if table.is_none() => Action::Example,
        BehaviourKind::Create => Action::Create,
        BehaviourKind::List if table.and_then(|it| subjects.get(it)).is_some_and(|it| shows_one(endpoint, it)) => {
            Action::Example
        }
        BehaviourKind::List => Action::List,
        BehaviourKind::Read => Action::Read,
        BehaviourKind::Replace => Action::Replace,
        BehaviourKind::Update => Action::Update,
        BehaviourKind::Delete => Action::Delete,
        BehaviourKind::Transition => Action::Transition(behaviour.event.as_deref().map(key)),
        BehaviourKind::Singleton => match endpoint.method.as_str() {
            "GET" => Action::Read,
            "DELETE" => Action::Delete,
            "PATCH" => Action::Update,
            _ => Action::Put,
        },
        BehaviourKind::Example => Action::Example,
    };
    let own = table.and_then(|it| tables.get(it));
    if matches!(action, Action::Transition(_)) && own.is_none_or(|it| it.machine.is_none()) {
        action = Action::Example;
    }
    let (table, own) = if action == Action::Example { (None, None) } else { (table, own) };
    let subject = table.and_then(|it| subjects.get(it));
    let mut inferred = behaviour.inferred.clone();
    let answer = answers::compile(&Wanted { spec, endpoint, subject, table: own, list: action == Action::List });
    let mut drawn = examples::drawn(spec, endpoint, subject.map(|it| it.entity));
    if let Some(drawn) = drawn.as_mut().filter(|_| action == Action::Update || action == Action::Replace) {
        drawn.complete = drawn.complete
            && endpoint.requests.iter().all(|it| matches!(it.value, Shape::Body(_, true) | Shape::Type(_)));
    }
    let parameters: Vec<String> = path.parameters().map(key).collect();
    let mut record = None;
    let mut parents = Vec::new();
    if let Some(own_table) = own {
        let single = own_table.make_key == MakeKey::Single;
        let fire = matches!(action, Action::Transition(_));
        let member =
            !single && (fire || matches!(action, Action::Read | Action::Replace | Action::Update | Action::Delete));
        let last = parameters.len().checked_sub(1).filter(|_| member);
        record = last.map(|it| (it, identifying(own_table, parameters.get(it))));
        parents = ancestors(
            &path,
            own_table,
            subjects,
            tables,
            behaviour.parent.as_deref(),
            if last.is_some() { parameters.len() - 1 } else { parameters.len() },
        );
        if matches!(action, Action::Create | Action::Put | Action::Replace | Action::Update) {
            let state = own_table.machine.as_ref().map(|it| it.field);
            let makes = matches!(action, Action::Create | Action::Put);
            let asked = own_table
                .inferred
                .iter()
                .filter(|(field, _)| !parents.iter().any(|it| it.field == *field) && (makes || state != Some(*field)));
            inferred.extend(asked.map(|it| it.1.clone()));
        }
        if action == Action::Create {
            for field in &own_table.fields {
                if matches!(field.fill, Fill::Example(_)) {
                    inferred.push(format!("{}: the value of the example", field.member.name));
                }
            }
        }
    }
    if action == Action::Example {
        inferred = vec!["an example only".to_owned()];
    }
    let list = action == Action::List;
    let query =
        query::compile(&query::Wanted { spec, endpoint, table: own, list, parents: &parents, lines }, unenforced);
    let always = inferred.clone();
    if let Some(page) = &query.page {
        let names = [(page.limit_said, "limit"), (page.cursor_said, "cursor")];
        let names: Vec<&str> = names.into_iter().filter(|it| !it.0).map(|it| it.1).collect();
        inferred.extend((!names.is_empty()).then(|| names.join(", ")));
    }
    let (table, record) = match (&action, owner(spec, endpoint, &path, subjects)) {
        (Action::Example, Some(owner)) => {
            let last = path.parameters().count().checked_sub(1);
            let field = tables.get(owner).map(|it| identifying(it, parameters.last()));
            (Some(owner), last.zip(field))
        }
        _ => (table, record),
    };
    let refusals = document.refusals(endpoint);
    Some(Route {
        method: endpoint.method.clone(),
        path,
        endpoint: index,
        action,
        table,
        record,
        parents,
        answer,
        refusals,
        drawn,
        query,
        always,
        inferred,
        asks: asks::asks(spec, endpoint).0,
        line: lines.of(endpoint.span),
    })
}

/// The field by which a path chooses a record: the one that its parameter names, if no two have the same.
fn identifying(table: &Table, parameter: Option<&String>) -> usize {
    let named = parameter.and_then(|name| table.fields.iter().position(|it| key(&it.declared) == *name));
    let unique = |it: &usize| *it == table.key || table.uniques.iter().any(|unique| unique.fields == [*it]);
    named.filter(unique).unwrap_or(table.key)
}

/// The table of the record above the last segment (`/orders/{id}/invoice`), if requests can create one.
fn owner(spec: &Spec, endpoint: &Endpoint, path: &Path, subjects: &[Resource]) -> Option<usize> {
    let [.., Segment::Fixed(name), Segment::Parameter(_), Segment::Fixed(_)] = path.segments.as_slice() else {
        return None;
    };
    let named = |it: &Resource| model::names::entity_key(&it.entity.name.value) == model::names::entity_key(name);
    let creates = |it: &Resource| {
        let mut endpoints = it.endpoints.iter().filter_map(|it| spec.endpoints.get(*it));
        endpoints.any(|it| it.behaviour.kind == BehaviourKind::Create)
    };
    let kept = endpoint.behaviour.entity;
    subjects.iter().position(|it| named(it) && creates(it) && (kept.is_none() || it.declared == kept))
}

/// Whether the answer drawn holds no list, so that a list would not be what the document shows.
fn shows_one(endpoint: &Endpoint, subject: &Resource) -> bool {
    let lists = |json: &Json| {
        let inner = json.properties().iter().map(|it| &it.value.value);
        inner.chain([json]).any(|it| matches!(it, Json::Array(_)))
    };
    let success = endpoint.responses.iter().filter(|it| it.status < 300).filter_map(|it| it.body.as_ref());
    let shown = success.filter_map(|it| Some((it, examples::value(it)?.1)));
    let mut shown = shown.map(|(shape, json)| match examples::slot(shape, subject.entity) {
        Some(slot) => slot.list,
        None => lists(&json.value),
    });
    shown.next().is_some_and(|first| !first && !shown.any(|it| it))
}

/// `/customers/{id}/orders`: the records that fixed segments and their parameters name.
fn ancestors(
    path: &Path,
    own: &Table,
    subjects: &[Resource],
    tables: &[Table],
    said: Option<&str>,
    until: usize,
) -> Vec<Parent> {
    let mut found = Vec::new();
    let mut parameter = 0;
    for pair in path.segments.windows(2) {
        let [before, Segment::Parameter(_)] = pair else { continue };
        let index = parameter;
        parameter += 1;
        let Segment::Fixed(name) = before else { continue };
        if index >= until {
            break;
        }
        let Some(table) = subjects
            .iter()
            .position(|it| model::names::entity_key(&it.entity.name.value) == model::names::entity_key(name))
        else {
            continue;
        };
        let target = model::names::entity_key(name);
        let field = own.references.iter().find(|it| it.table == table).map(|it| it.field);
        let field = said.and_then(|said| own.fields.iter().position(|it| key(&it.declared) == key(said))).or(field);
        let field = field.or_else(|| own.fields.iter().position(|it| key(&it.declared) == format!("{target}id")));
        if let Some(field) = field.filter(|_| tables.get(table).is_some_and(|it| !std::ptr::eq(it, own))) {
            found.push(Parent { field, table, parameter: index });
        }
    }
    found
}

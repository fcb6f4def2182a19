//! The fields of bodies: types, requiredness, lengths, ranges, patterns and words, at each limit and just
//! beyond it.

use plan::cell::Record;
use plan::change::Style;
use plan::refused::Refused;
use plan::shape::Member;
use plan::{Action, Route, Table, Why};
use serde_json::{Map, Value};

use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Session, Trail};
use crate::values::{Candidate, Step, candidates, place, words};

pub(super) static PROBE: Probe = Probe {
    name: "fields",
    group: Group::Contract,
    summary: "Bodies at and beyond each limit of each field are taken or refused as the document says",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        match route.action {
            Action::Create | Action::Put => {
                creates(session, index, route, table);
                unknown(session, index, route);
            }
            Action::Update | Action::Replace => changes(session, index, route, table),
            _ => {}
        }
    }
}

fn creates(session: &mut Session, index: usize, route: &Route, table: &Table) {
    let Ok(draft) = session.draft(index, 0) else { return };
    for candidate in all(session, index, route, table, &draft.body) {
        if session.over() {
            return;
        }
        // What must be unique is so again.
        let Ok(mut draft) = session.draft(index, 0) else { return };
        let mut body = Value::Object(std::mem::take(&mut draft.body));
        if !place(&mut body, &candidate.path, candidate.value.clone()) {
            continue;
        }
        let Value::Object(members) = body else { continue };
        let outcome = session.drafted(route, table, &members, &draft.parents).map(|it| it.0);
        session.trace = draft.steps.clone();
        let request = session.bring(route, &draft.parameters, members.clone());
        let above = draft.above.clone();
        judge(session, index, route, table, &candidate, outcome, request, &members, &above);
    }
}

/// A field that the document does not know, where it says what becomes of those.
fn unknown(session: &mut Session, index: usize, route: &Route) {
    let known = [
        "unknown field",
        "unknown propert",
        "unknown member",
        "field that is not known",
        "fields that are not known",
        "undeclared field",
        "additional propert",
        "unrecognized field",
        "unrecognised field",
    ];
    let refused = ["refused", "rejected", "are an error", "is an error", "not accepted", "not allowed", "400", "422"];
    let Some(line) = session.sentence(&[&known, &refused]) else { return };
    let Ok(mut draft) = session.draft(index, 0) else { return };
    draft.body.insert(format!("unknown{}", session.draw.token(5)), Value::from(1));
    session.trace.clone_from(&draft.steps);
    let request = session.submit(route, &draft);
    let Some(answer) = session.send(Some(index), request) else { return };
    let good = session.refused(index, Why::Validation, &answer, line, "a field that is not known");
    session.tested(Area::Endpoint, &crate::session::name(route), line, good);
    if !good && let Some(table) = route.table.and_then(|it| session.table(it)) {
        spoil(session, index, route, table, &answer, &draft.above);
    }
}

fn changes(session: &mut Session, index: usize, route: &Route, table: &Table) {
    let Some(at) = route.table else { return };
    let Some(mut known) = session.create(at, 0) else { return };
    let merges = Style::of(&route.action) == Style::Merge;
    let base = session.whole(route, table, &known);
    let failures = session.failures();
    for candidate in all(session, index, route, table, &base) {
        if session.over() {
            return;
        }
        let root = match candidate.path.first() {
            Some(Step::Name(name)) => name.clone(),
            _ => continue,
        };
        let Some((place_of, field)) = table.fields.iter().enumerate().find(|it| it.1.member.name == root) else {
            continue;
        };
        let state = table.machine.as_ref().is_some_and(|it| it.field == place_of);
        if field.server_set || field.immutable || place_of == table.key || state {
            continue;
        }
        let mut body = session.base(route, table, &known);
        if merges {
            body.insert(root.clone(), base.get(&root).cloned().unwrap_or(Value::Null));
        }
        let mut body = Value::Object(body);
        if !place(&mut body, &candidate.path, candidate.value.clone()) {
            continue;
        }
        let Value::Object(members) = body else { continue };
        if merges && members.is_empty() {
            continue;
        }
        let outcome = session.changed(route, table, &known.record, &members).map(|it| it.0);
        session.trace = known.steps.clone();
        let request = session.alter(route, &known, members.clone());
        judge(session, index, route, table, &candidate, outcome, request, &members, &[]);
        // The path names the record by what was changed.
        if route.record.is_some_and(|it| it.1 == place_of) {
            let Some(other) = session.create(at, 0) else { return };
            known = other;
        }
    }
    // What was made for others to look at is left where nothing wrong was taken.
    if session.failures() > failures {
        session.discard(Trail { table: at, key: known.key.clone(), above: known.above.clone() });
    }
}

/// What is tried with a body.
fn all(session: &mut Session, index: usize, route: &Route, table: &Table, base: &Map<String, Value>) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (at, field) in table.fields.iter().enumerate() {
        let made = at == table.key && table.make_key != plan::MakeKey::Given;
        let given = field.server_set || made || route.parents.iter().any(|it| it.field == at);
        if given || !session.takes(index, at) {
            continue;
        }
        let own = base.get(&field.member.name).cloned();
        let own = own.filter(|it| !it.is_null());
        let value = own.unwrap_or_else(|| session.value(&field.member, None));
        let path = [Step::Name(field.member.name.clone())];
        found.push(Candidate { path: path.to_vec(), value: None, what: "left out".to_owned() });
        candidates(&field.member, &value, &path, &mut session.draw, &mut found);
    }
    found
}

#[expect(clippy::too_many_arguments, reason = "all that one case is made of")]
fn judge(
    session: &mut Session,
    index: usize,
    route: &Route,
    table: &Table,
    candidate: &Candidate,
    outcome: Result<Record, Refused>,
    request: crate::client::Request,
    sent: &Map<String, Value>,
    above: &[(String, String)],
) {
    let Some(Step::Name(root)) = candidate.path.first() else { return };
    let field = table.fields.iter().enumerate().find(|it| it.1.member.name == *root);
    let (line, label) =
        field.map_or((route.line, table.name.clone()), |it| (it.1.member.line, format!("{}.{root}", table.name)));
    let line = if line > 0 { line } else { route.line };
    let what = format!("`{}` {}", words(&candidate.path), phrase(candidate));
    match outcome {
        Ok(wanted) => {
            let Some(answer) = session.send(Some(index), request) else { return };
            let unique = field.is_some_and(|it| {
                it.0 == table.key || table.uniques.iter().any(|unique| unique.fields.contains(&it.0))
            });
            if (unique && answer.status == route.refusals.get(Why::Unique).status)
                || refers(route, table, candidate, &answer)
            {
                return;
            }
            let before = session.failures();
            let at = field.map_or(line, |it| limit_line(&it.1.member, candidate).unwrap_or(line));
            let success = session.expect_at(index, &answer, &what, at);
            if let Some(success) = &success {
                let kept = table.fields.iter().zip(&wanted).filter(|it| sent.contains_key(&it.0.member.name));
                let kept = kept.map(|(field, cell)| (field.member.name.clone(), cell.to_json())).collect();
                echoed(session, index, table, &kept, success.record.as_ref());
                keep(session, route, table, success, &answer, above);
            }
            let good = session.failures() == before;
            session.tested(Area::Field, &label, line, good);
        }
        Err(refused) => {
            let Some(problem) = refused.problems.first().filter(|_| refused.why == Why::Validation) else { return };
            let at = if problem.line > 0 { problem.line } else { line };
            let state = table.machine.as_ref().and_then(|it| table.field(it.field)).map(|it| it.member.name.as_str());
            let Some(answer) = session.send(Some(index), request) else { return };
            if state == Some(root.as_str())
                && (200..300).contains(&answer.status)
                && initial(session, index, table, &answer, above)
            {
                return;
            }
            let good = session.refused(index, Why::Validation, &answer, at, &what);
            session.tested(Area::Field, &label, line, good);
            if !good {
                spoil(session, index, route, table, &answer, above);
            }
        }
    }
}

/// Takes a record away that should not have been made.
pub(super) fn spoil(
    session: &mut Session,
    index: usize,
    route: &Route,
    table: &Table,
    answer: &crate::client::Answer,
    above: &[(String, String)],
) {
    let Some(success) = session.look(index, answer) else { return };
    let before = session.made.len();
    keep(session, route, table, &success, answer, above);
    if let Some(trail) = session.made.get(before).cloned() {
        session.discard(trail);
    }
}

/// The line of the limit that a candidate keeps just so.
fn limit_line(member: &Member, candidate: &Candidate) -> Option<u32> {
    use plan::shape::Limit;
    if candidate.path.len() > 1 {
        return None;
    }
    let value = candidate.value.as_ref()?;
    let fits = |limit: &Limit| match limit {
        Limit::Length(..) => value.is_string() || value.is_array(),
        Limit::Pattern(_) => value.is_string(),
        Limit::Range(..) => value.is_number() || value.is_string(),
        Limit::OneOf(_) => true,
    };
    member.limits.iter().find(|it| fits(&it.0) && it.1 > 0).map(|it| it.1)
}

fn phrase(candidate: &Candidate) -> String {
    match &candidate.value {
        None => candidate.what.clone(),
        Some(_) => format!("that is {}", candidate.what),
    }
}

/// Whether a state that a request may not choose was not taken.
fn initial(
    session: &mut Session,
    index: usize,
    table: &Table,
    answer: &crate::client::Answer,
    above: &[(String, String)],
) -> bool {
    let Some(success) = session.read(index, answer) else { return false };
    if let Some(route) = session.route(index) {
        keep(session, route, table, &success, answer, above);
    }
    let Some(machine) = &table.machine else { return false };
    let name = table.field(machine.field).map_or("", |it| it.member.name.as_str());
    let own = success.record.as_ref().and_then(|it| it.get(name)).and_then(Value::as_str);
    own.is_some() && own == machine.initial.as_deref()
}

/// A change of a key inside a value is no matter of the field's own limits.
fn refers(route: &Route, table: &Table, candidate: &Candidate, answer: &crate::client::Answer) -> bool {
    let Some(Step::Name(root)) = candidate.path.first() else { return false };
    let reference = table.fields.iter().position(|it| it.member.name == *root);
    let holds = reference.is_some_and(|at| {
        table.references.iter().any(|it| it.field == at)
            || table.field(at).is_some_and(|it| (0..64).any(|other| !it.member.kind.holders(other).is_empty()))
    });
    holds && answer.status == route.refusals.get(Why::Reference).status
}

/// Remembers a record that was made on the way.
pub(crate) fn keep(
    session: &mut Session,
    route: &Route,
    table: &Table,
    success: &crate::session::Success,
    answer: &crate::client::Answer,
    above: &[(String, String)],
) {
    if route.action == Action::Create
        && (200..300).contains(&answer.status)
        && let Some(key) = session.key_of(table, success, answer)
        && let Some(at) = route.table
    {
        session.made.push(Trail { table: at, key, above: above.to_vec() });
    }
}

/// Holds what an answer shows to what was sent.
pub(super) fn echoed(
    session: &mut Session,
    index: usize,
    table: &Table,
    sent: &Map<String, Value>,
    answered: Option<&Map<String, Value>>,
) {
    let Some(answered) = answered else { return };
    for field in &table.fields {
        let name = &field.member.name;
        let (Some(own), Some(value)) = (sent.get(name), answered.get(name)) else { continue };
        if field.server_set
            || field.hidden
            || field.touched
            || table.machine.as_ref().and_then(|it| table.field(it.field)).is_some_and(|it| it.member.name == *name)
        {
            continue;
        }
        if !same(&field.member, own, value) {
            let line =
                if field.member.line > 0 { field.member.line } else { session.route(index).map_or(0, |it| it.line) };
            let message = format!("`{name}` is answered with another value than was sent");
            let expected = crate::session::excerpt(own.to_string().as_bytes());
            let found = crate::session::excerpt(value.to_string().as_bytes());
            session.fail(Some(index), line, &message, expected, found);
        }
    }
}

/// Whether two values of a member mean the same.
pub(crate) fn same(member: &plan::shape::Member, a: &Value, b: &Value) -> bool {
    use plan::shape::Kind;
    if a == b {
        return true;
    }
    match (&member.kind, a, b) {
        (Kind::DateTime, Value::String(a), Value::String(b)) => {
            plan::shape::moment(a).is_some() && plan::shape::moment(a) == plan::shape::moment(b)
        }
        (Kind::Integer | Kind::Number | Kind::Decimal(..), a, b) => {
            let text = |it: &Value| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
            plan::digits::compare(&text(a), &text(b)) == Some(std::cmp::Ordering::Equal)
        }
        (Kind::Uuid, Value::String(a), Value::String(b)) => a.eq_ignore_ascii_case(b),
        (Kind::List(item), Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(item, a, b))
        }
        (Kind::Object(members), Value::Object(a), Value::Object(b)) => members.iter().all(|it| {
            match (a.get(&it.name), b.get(&it.name)) {
                (Some(a), Some(b)) => same(it, a, b),
                (None | Some(Value::Null), None | Some(Value::Null)) => true,
                // What was not sent may have been given a value.
                (None, Some(_)) => true,
                _ => false,
            }
        }),
        (Kind::Map(item), Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, value)| b.get(name).is_some_and(|it| same(item, value, it)))
        }
        (Kind::Any, Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => false,
    }
}

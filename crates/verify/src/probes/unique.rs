//! Values that no two records share.

use plan::{Action, Table, Unique, Why};

use crate::probes::fields::keep;
use crate::probes::{Group, Probe};
use crate::records::Made;
use crate::report::Area;
use crate::session::Session;

pub(super) static PROBE: Probe = Probe {
    name: "unique",
    group: Group::Contract,
    summary: "A value that another record has is refused where it must be unique, on creation and on change",
    safe: false,
    run,
};

/// So often a value is drawn until it is another one.
const DRAWS: usize = 8;

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        for unique in &table.uniques {
            if session.over() {
                return;
            }
            match route.action {
                Action::Create => {
                    twice(session, index, table, unique);
                    freed(session, index, table, unique);
                }
                Action::Update | Action::Replace => {
                    moved(session, index, table, unique);
                    own(session, index, table, unique);
                }
                _ => {}
            }
        }
    }
}

fn names(table: &Table, unique: &Unique) -> Vec<String> {
    unique.fields.iter().filter_map(|it| table.field(*it)).map(|it| it.member.name.clone()).collect()
}

fn twice(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    let names = names(table, unique);
    let label = format!("{} unique {}", table.name, names.join(", "));
    session.begin();
    let Ok(first) = session.draft(index, 0) else { return };
    let Made::Known(known) = session.make(index, &first, true) else { return };
    let Ok(mut second) = session.draft(index, 0) else { return };
    for name in &names {
        match first.body.get(name) {
            Some(value) if !value.is_null() => second.body.insert(name.clone(), value.clone()),
            Some(_) => return,
            // The path gives it, or it has a default: it is the same already.
            None => second.body.shift_remove(name),
        };
    }
    if session.drafted(route, table, &second.body, &second.parents).is_err() {
        return;
    }
    session.trace = known.steps.iter().chain(&second.steps).cloned().collect();
    let request = session.submit(route, &second);
    let Some(answer) = session.send(Some(index), request) else { return };
    let what = format!("a second {} with the same {}", table.name, names.join(" and "));
    let good = session.refused(index, Why::Unique, &answer, unique.line, &what);
    session.tested(Area::Constraint, &label, unique.line, good);
    if !good && let Some(success) = session.read(index, &answer) {
        keep(session, route, table, &success, &answer, &second.above);
    }
    // Of several that are unique together each may be shared alone.
    if unique.fields.len() > 1 {
        for name in &names {
            let Ok(mut third) = session.draft(index, 0) else { return };
            let Some(value) = first.body.get(name) else { continue };
            let alone = table.uniques.iter().any(|it| {
                it.fields.len() == 1
                    && it.fields.iter().any(|it| table.field(*it).is_some_and(|it| it.member.name == *name))
            });
            third.body.insert(name.clone(), value.clone());
            // What the document shows of the others is most often the same again.
            let refers = |it: usize| table.references.iter().any(|reference| reference.field == it);
            let others = unique.fields.iter().filter(|it| !refers(**it)).filter_map(|it| table.field(*it));
            for other in others.map(|it| &it.member).filter(|it| it.name != *name) {
                for _ in 0..DRAWS {
                    if third.body.get(&other.name) != first.body.get(&other.name) {
                        break;
                    }
                    let drawn = session.value(other, None);
                    third.body.insert(other.name.clone(), drawn);
                }
            }
            let differs = names.iter().any(|it| it != name && third.body.get(it) != first.body.get(it));
            if alone || !differs || session.drafted(route, table, &third.body, &third.parents).is_err() {
                continue;
            }
            session.trace = known.steps.iter().chain(&third.steps).cloned().collect();
            let request = session.submit(route, &third);
            let Some(answer) = session.send(Some(index), request) else { return };
            let before = session.failures();
            if answer.status == route.refusals.get(Why::Unique).status {
                let message = format!("a {} that shares only {name} with another is refused", table.name);
                let expected = format!("only {} together must be unique", names.join(" and "));
                session.fail(Some(index), unique.line, &message, expected, crate::session::told(&answer));
            } else if let Some(success) = session.expect(index, &answer, "a request that the document allows") {
                keep(session, route, table, &success, &answer, &third.above);
            }
            let good = session.failures() == before;
            session.tested(Area::Constraint, &label, unique.line, good);
        }
    }
}

fn moved(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    let Some(at) = route.table else { return };
    let names = names(table, unique);
    let fixed = |it: &usize| table.field(*it).is_none_or(|it| it.immutable || it.server_set);
    if unique.fields.iter().any(fixed) {
        return;
    }
    session.begin();
    let (Some(first), Some(second)) = (session.create(at, 0), session.create(at, 0)) else { return };
    let mut body = session.base(route, table, &second);
    for field in unique.fields.iter().filter_map(|it| Some((table.field(*it)?, first.record.get(*it)?))) {
        if field.1.is_null() {
            return;
        }
        body.insert(field.0.member.name.clone(), field.1.to_json());
    }
    if session.changed(route, table, &second.record, &body).is_err() {
        return;
    }
    session.trace = first.steps.iter().chain(&second.steps).cloned().collect();
    let request = session.alter(route, &second, body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let what = format!("a change to the {} of another {}", names.join(" and "), table.name);
    let good = session.refused(index, Why::Unique, &answer, unique.line, &what);
    session.tested(Area::Constraint, &format!("{} unique {}", table.name, names.join(", ")), unique.line, good);
}

/// A value of a record that was deleted can be taken again.
fn freed(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    let Some((deleting, delete)) = session.deleter(table.index) else { return };
    session.begin();
    let Ok(first) = session.draft(index, 0) else { return };
    let Made::Known(known) = session.make(index, &first, true) else { return };
    session.trace.clone_from(&known.steps);
    let request = session.about(delete, &known);
    let Some(answer) = session.send(Some(deleting), request) else { return };
    if answer.status >= 300 {
        return;
    }
    let request = session.submit(route, &first);
    let Some(answer) = session.send(Some(index), request) else { return };
    let names = names(table, unique);
    let before = session.failures();
    let what = format!("a {} with the {} of one that was deleted", table.name, names.join(" and "));
    if let Some(success) = session.expect_at(index, &answer, &what, unique.line) {
        keep(session, route, table, &success, &answer, &first.above);
    }
    let good = session.failures() == before;
    session.tested(Area::Constraint, &format!("{} unique {}", table.name, names.join(", ")), unique.line, good);
}

/// A record may be given the value that it has.
fn own(session: &mut Session, index: usize, table: &Table, unique: &Unique) {
    let Some(route) = session.route(index) else { return };
    session.begin();
    let Some(known) = session.create(table.index, 0) else { return };
    let mut body = session.base(route, table, &known);
    for (field, cell) in unique.fields.iter().filter_map(|it| Some((table.field(*it)?, known.record.get(*it)?))) {
        if cell.is_null() {
            return;
        }
        body.insert(field.member.name.clone(), cell.to_json());
    }
    if session.changed(route, table, &known.record, &body).is_err() {
        return;
    }
    session.trace.clone_from(&known.steps);
    let request = session.alter(route, &known, body);
    let Some(answer) = session.send(Some(index), request) else { return };
    let names = names(table, unique);
    let before = session.failures();
    session.expect_at(
        index,
        &answer,
        &format!("a change to the {} that a {} has", names.join(" and "), table.name),
        unique.line,
    );
    let good = session.failures() == before;
    session.tested(Area::Constraint, &format!("{} unique {}", table.name, names.join(", ")), unique.line, good);
}

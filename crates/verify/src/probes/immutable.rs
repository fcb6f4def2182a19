//! Fields that never change after creation.

use plan::Action;
use serde_json::Value;

use crate::probes::fields::same;
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::Session;

pub(super) static PROBE: Probe = Probe {
    name: "immutable",
    group: Group::Contract,
    summary: "A field that never changes is as before after a request that would change it",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        if !matches!(route.action, Action::Update | Action::Replace) {
            continue;
        }
        for (place, field) in table.fields.iter().enumerate() {
            if !field.immutable || field.server_set || field.hidden || place == table.key || session.over() {
                continue;
            }
            let Some(known) = session.create(table.index, 0) else { continue };
            let Some(before) = known.json.get(&field.member.name).cloned() else { continue };
            let reference = table.references.iter().find(|it| it.field == place);
            let other = match reference {
                Some(reference) => {
                    let Some(other) = session.create(reference.table, 0) else { continue };
                    let key = session.table(reference.table).map_or(0, |it| it.key);
                    other.record.get(key).map_or(Value::Null, plan::cell::Cell::to_json)
                }
                None => session.value(&field.member, Some(&before)),
            };
            if same(&field.member, &before, &other) {
                continue;
            }
            let mut body = session.base(route, table, &known);
            body.insert(field.member.name.clone(), other.clone());
            session.trace.clone_from(&known.steps);
            let request = session.alter(route, &known, body);
            let Some(answer) = session.send(Some(index), request) else { continue };
            let now = session.reread(&known).and_then(|(index, answer)| session.read(index, &answer)?.record);
            let own = if answer.status < 300 { session.read(index, &answer).and_then(|it| it.record) } else { None };
            let after = now.or(own).and_then(|it| it.get(&field.member.name).cloned());
            let good = after.as_ref().is_none_or(|it| same(&field.member, &before, it));
            let line = field.immutable_line;
            if !good {
                let message = format!("`{}` can be changed", field.member.name);
                let found = after.unwrap_or_default().to_string();
                session.fail(Some(index), line, &message, format!("it stays {before}"), found);
            }
            session.tested(Area::Field, &format!("{}.{}", table.name, field.member.name), field.member.line, good);
        }
    }
}

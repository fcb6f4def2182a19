//! What a field is where a request does not say it.

use plan::{Action, Fill};
use serde_json::Value;

use crate::probes::fields::same;
use crate::probes::{Group, Probe};
use crate::records::Made;
use crate::report::Area;
use crate::session::Session;

pub(super) static PROBE: Probe = Probe {
    name: "defaults",
    group: Group::Contract,
    summary: "A field with a default has it where a request leaves it out",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled().filter(|it| it.1.action == Action::Create) {
        let with: Vec<_> =
            table.fields.iter().filter(|it| matches!(it.fill, Fill::Value(_)) && !it.server_set).collect();
        if with.is_empty() {
            continue;
        }
        let Ok(mut draft) = session.draft(index, 0) else { continue };
        for field in &with {
            draft.body.shift_remove(&field.member.name);
        }
        if session.drafted(route, table, &draft.body, &draft.parents).is_err() {
            continue;
        }
        session.begin();
        let Made::Known(known) = session.make(index, &draft, true) else { continue };
        session.trace.clone_from(&known.steps);
        for field in with {
            let Fill::Value(cell) = &field.fill else { continue };
            let Some(value) = known.json.get(&field.member.name) else { continue };
            let wanted = cell.to_json();
            let line = default_line(session, table, field).unwrap_or(field.member.line);
            let label = format!("{}.{}", table.name, field.member.name);
            let good = same(&field.member, &wanted, value) || (wanted == Value::Null && value.is_null());
            if !good {
                let message = format!("`{}` has another default", field.member.name);
                session.fail(Some(index), line, &message, wanted.to_string(), value.to_string());
            }
            session.tested(Area::Field, &label, field.member.line, good);
        }
    }
}

/// The line that states a default.
pub(super) fn default_line(session: &Session, table: &plan::Table, field: &plan::Field) -> Option<u32> {
    let entity = session.spec.entities.get(table.entity?)?;
    let declared = entity.field(&field.declared)?;
    declared.default.as_ref().map(|it| session.lines().of(it.span))
}

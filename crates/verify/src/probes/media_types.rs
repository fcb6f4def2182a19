//! Bodies that are not what they should be as a whole.

use plan::{Action, Why};
use serde_json::Value;

use crate::probes::fields::spoil;
use crate::probes::{Group, Probe};
use crate::report::Area;
use crate::session::{Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "media-types",
    group: Group::Contract,
    summary: "A body that is no JSON, or no object, is refused",
    safe: false,
    run,
};

fn run(session: &mut Session) {
    for (index, route, table) in session.tabled() {
        if route.action != Action::Create || session.over() {
            continue;
        }
        let Ok(draft) = session.draft(index, 0) else { continue };
        let body = session.wrap(route, Value::Object(draft.body.clone()));
        let valid = body.to_string().into_bytes();
        let cut = valid.get(..valid.len() / 2).unwrap_or_default().to_vec();
        let line = route.refusals.get(Why::Validation).line;
        let cases: [(&str, &str, Vec<u8>, Why); 5] = [
            ("a body that breaks off", "application/json", cut, Why::Validation),
            ("a body that is a list", "application/json", format!("[{body}]").into_bytes(), Why::Validation),
            ("a body that is a text", "application/json", b"\"x\"".to_vec(), Why::Validation),
            ("an empty body", "application/json", Vec::new(), Why::Validation),
            ("a body of type text/csv", "text/csv", valid, Why::MediaType),
        ];
        for (what, media, bytes, why) in cases {
            let how = route.refusals.get(why);
            if why == Why::MediaType && !how.stated {
                continue;
            }
            // A record without fields that are required can be made of nothing.
            if what == "an empty body" && session.drafted(route, table, &serde_json::Map::new(), &draft.parents).is_ok()
            {
                continue;
            }
            session.trace = draft.steps.clone();
            let mut request = session.ask(route, &draft.parameters, "").header("content-type", media);
            request.body = Some(bytes);
            let Some(answer) = session.send(Some(index), request) else { return };
            let line = if why == Why::MediaType { how.line } else { line };
            let good = session.refused(index, why, &answer, line, what);
            session.tested(Area::Endpoint, &name(route), route.line, good);
            if !good {
                spoil(session, index, route, table, &answer, &draft.above);
            }
        }
    }
}

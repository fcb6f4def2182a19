//! Input that nobody foresaw: the target may refuse it, and must not fail.

use plan::Action;
use plan::shape::Kind;
use serde_json::{Value, json};

use crate::client::{Answer, Request};
use crate::probes::fields::spoil;
use crate::probes::{Group, Probe};
use crate::records::Draft;
use crate::report::{Area, Cut};
use crate::session::{Session, name};

pub(super) static PROBE: Probe = Probe {
    name: "robustness",
    group: Group::Errors,
    summary: "No input makes the target fail, and no error shows its inside",
    safe: true,
    run,
};

fn run(session: &mut Session) {
    for (index, route) in session.callable() {
        if session.over() {
            continue;
        }
        match route.action {
            Action::Create if !session.options.safe => {
                bodies(session, index);
                twice(session, index);
            }
            _ if route.method == "GET" => paths(session, index),
            _ => {}
        }
    }
    // What may do lasting harm comes last.
    for (index, route) in session.callable() {
        if route.action == Action::Create && !session.options.safe && !session.over() {
            deep(session, index);
        }
    }
}

/// Texts that have broken servers.
fn texts() -> Vec<String> {
    vec![
        "🦉🏳️‍🌈 e\u{301} \u{202e}x\u{feff}".to_owned(),
        "a\u{0}b".to_owned(),
        "x".repeat(100_000),
        "' OR 1=1; --".to_owned(),
        "%s%n{{7*7}}${x}<script>".to_owned(),
        "\u{ffff}\u{10ffff}".to_owned(),
        "\r\nX-Injected: 1".to_owned(),
    ]
}

fn bodies(session: &mut Session, index: usize) {
    let Some(route) = session.route(index) else { return };
    let Some(table) = route.table.and_then(|it| session.table(it)) else { return };
    let Ok(base) = session.draft(index, 0) else { return };
    let mut raw: Vec<Vec<u8>> = Vec::new();
    for field in &table.fields {
        let Some(own) = base.body.get(&field.member.name) else { continue };
        let strange: Vec<Value> = match field.member.kind {
            Kind::Integer | Kind::Number | Kind::Decimal(..) => {
                ["99999999999999999999999", "-99999999999999999999999", "1e400", "-0.0", "1e-400"]
                    .iter()
                    .filter_map(|it| it.parse().ok().map(Value::Number))
                    .collect()
            }
            Kind::Text(_) | Kind::Email | Kind::Url | Kind::Enum(_) | Kind::Uuid | Kind::Date | Kind::DateTime => {
                texts().into_iter().map(Value::String).collect()
            }
            Kind::List(_) => vec![Value::Array(vec![Value::Null; 10]), json!([[[[]]]])],
            Kind::Object(_) | Kind::Map(_) => vec![json!({ "__proto__": { "x": 1 }, "": null })],
            _ => vec![json!({ "$ne": null })],
        };
        for value in strange {
            let Ok(mut draft) = session.draft(index, 0) else { return };
            draft.body.insert(field.member.name.clone(), value);
            raw.push(session.wrap(route, Value::Object(draft.body)).to_string().into_bytes());
        }
        let whole = session.wrap(route, Value::Object(base.body.clone())).to_string();
        let named = format!("\"{}\":", field.member.name);
        // The same name twice.
        raw.push(whole.replacen(&named, &format!("{named}{own},{named}"), 1).into_bytes());
        // Half a pair of UTF-16, and bytes that are no UTF-8.
        if own.is_string() {
            raw.push(whole.replacen(&format!("{named}\""), &format!("{named}\"\\ud83d"), 1).into_bytes());
            let mut bytes = whole.clone().into_bytes();
            if let Some(at) = whole.find(&format!("{named}\"")) {
                bytes.insert(at + named.len() + 1, 0xff);
            }
            raw.push(bytes);
        }
    }
    // Larger than what most take.
    raw.push(format!("{{\"padding\":\"{}\"}}", "x".repeat(3 << 20)).into_bytes());
    raw.push(b"null".to_vec());
    raw.push(Vec::new());
    send(session, index, &base, raw);
}

/// Bodies that are nested deeply.
fn deep(session: &mut Session, index: usize) {
    let Ok(base) = session.draft(index, 0) else { return };
    let lists = format!("{}{}", "[".repeat(5000), "]".repeat(5000)).into_bytes();
    let objects = format!("{}1{}", "{\"a\":".repeat(3000), "}".repeat(3000)).into_bytes();
    send(session, index, &base, vec![lists, objects]);
}

fn send(session: &mut Session, index: usize, base: &Draft, raw: Vec<Vec<u8>>) {
    let Some(route) = session.route(index) else { return };
    let Some(table) = route.table.and_then(|it| session.table(it)) else { return };
    let lister = session.lister(table.index).and_then(|it| session.route(it));
    let ask = lister.map(|it| session.ask(it, &[], "")).filter(|it| works(session, it).is_none());
    for body in raw {
        if session.over() {
            return;
        }
        session.trace = base.steps.clone();
        let mut request = session.ask(route, &base.parameters, "").header("content-type", "application/json");
        request.body = Some(body);
        let before = session.failures();
        let Some(answer) = session.send(Some(index), request) else { continue };
        if answer.status >= 500
            && let Some((ask, failure)) = ask.as_ref().and_then(|it| Some((it, works(session, it)?)))
        {
            let found = crate::session::told(&failure);
            session.record(ask.clone(), Ok(failure));
            let message = "a request makes the server fail at those after it";
            session.fail(Some(index), route.line, message, "a status below 500".to_owned(), found);
            session.ended =
                Some(Cut::Silent("it fails at whatever it is asked since a request that broke it".to_owned()));
            return;
        }
        // Whether it should have been taken is not asked here.
        if answer.status < 300 {
            spoil(session, index, route, table, &answer, &base.above);
        }
        let good = session.failures() == before;
        session.tested(Area::Endpoint, &name(route), route.line, good);
    }
}

/// A body in which one key stands twice, where the document says what becomes of it.
fn twice(session: &mut Session, index: usize) {
    let said = ["key stands twice", "keys stand twice", "duplicate key", "same key twice", "repeated key"];
    let Some(line) = session.sentence(&[&said]) else { return };
    let Some(route) = session.route(index) else { return };
    let Some(table) = route.table.and_then(|it| session.table(it)) else { return };
    let Ok(draft) = session.draft(index, 0) else { return };
    let whole = session.wrap(route, Value::Object(draft.body.clone())).to_string();
    let Some((own, value)) = draft.body.iter().next() else { return };
    let named = format!("\"{own}\":");
    session.trace.clone_from(&draft.steps);
    let mut request = session.ask(route, &draft.parameters, "").header("content-type", "application/json");
    request.body = Some(whole.replacen(&named, &format!("{named}{value},{named}"), 1).into_bytes());
    let Some(answer) = session.send(Some(index), request) else { return };
    let good = session.refused(index, plan::Why::Validation, &answer, line, "a body in which one key stands twice");
    session.tested(Area::Endpoint, &name(route), line, good);
    if !good {
        spoil(session, index, route, table, &answer, &draft.above);
    }
}

/// A failure where there should be none; `None` if there is none.
fn works(session: &Session, request: &Request) -> Option<Answer> {
    session.client.send(request).ok().filter(|it| it.status >= 500)
}

fn paths(session: &mut Session, index: usize) {
    let Some(route) = session.route(index) else { return };
    let known = route.table.and_then(|it| session.fixtures.get(it).cloned().flatten());
    let parameters = known.map_or_else(Vec::new, |it| session.parameters(route, &it));
    let count = route.path.parameters().count();
    let mut requests = Vec::new();
    for strange in ["\u{0}", "..", "%", "' OR 1=1", "🦉", "-1", "99999999999999999999", "a/b"] {
        if let Some(last) = count.checked_sub(1) {
            let mut parameters = parameters.clone();
            parameters.resize(count, "1".to_owned());
            if let Some(place) = parameters.get_mut(last) {
                *place = strange.to_owned();
            }
            requests.push(session.ask(route, &parameters, ""));
        }
    }
    if parameters.len() == count || count == 0 {
        for query in [
            "%",
            "%ff=%fe",
            "a=%00",
            "=&&=",
            "limit=-1",
            "limit=99999999999999999999",
            "cursor=%F0%9F%A6%89",
            "cursor=zz",
            "page=-1",
            "offset=-1",
            "sort=%27",
        ] {
            requests.push(session.ask(route, &parameters, query));
        }
        let names = route.query.page.iter().flat_map(|it| [&it.limit, &it.cursor]);
        for name in names.chain(route.query.parameters.iter().map(|it| &it.name)) {
            for value in ["", "%00", "%F0%9F%A6%89", "'", "-1", "1e9"] {
                requests.push(session.ask(route, &parameters, &format!("{name}={value}")));
            }
        }
    }
    if let Some(first) = requests.last().cloned() {
        requests.push(first.header("x-strange", "é \u{a0}ÿ"));
    }
    for request in requests {
        if session.over() {
            return;
        }
        session.begin();
        let before = session.failures();
        session.send(Some(index), request);
        let good = session.failures() == before;
        session.tested(Area::Endpoint, &name(route), route.line, good);
    }
}

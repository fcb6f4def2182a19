//! What the plan does, in words for the start and the outline.

use model::{Meaning, Spec};
use syntax::document::inlines;
use syntax::{Family, Section};

use crate::asks::{self, Asks};
use crate::routes::{Action, Route};
use crate::{Lines, Refusals, Table, Why, reach};
use crate::{RouteLine, Unenforced};

/// One line per route, in the order of the document.
pub(super) fn routes(spec: &Spec, routes: &[Route], tables: &[Table]) -> Vec<RouteLine> {
    routes.iter().map(|route| line(spec, route, tables)).collect()
}

fn line(spec: &Spec, route: &Route, tables: &[Table]) -> RouteLine {
    let table = route.table.and_then(|it| tables.get(it));
    let name = table.map_or("", |it| it.name.as_str());
    let does = match &route.action {
        Action::Create => format!("creates {name}"),
        Action::List if !route.parents.is_empty() => {
            let of: Vec<&str> =
                route.parents.iter().filter_map(|it| tables.get(it.table)).map(|it| it.name.as_str()).collect();
            format!("lists {name} of {}", of.join(" and "))
        }
        Action::List => format!("lists {name}"),
        Action::Read => format!("reads {name}"),
        Action::Replace => format!("replaces {name}"),
        Action::Update => format!("updates {name}"),
        Action::Delete => format!("deletes {name}"),
        Action::Put => format!("creates or replaces {name}"),
        Action::Transition(event) => table.map_or_else(String::new, |it| transition(route, it, event.as_deref())),
        Action::Example => "answers its example".to_owned(),
    };
    let endpoint = spec.endpoints.get(route.endpoint);
    RouteLine {
        method: route.method.clone(),
        path: endpoint.map_or_else(String::new, |it| it.path.clone()),
        does,
        inferred: route.inferred.clone(),
        unprovoked: endpoint.map_or_else(Vec::new, |it| reach::unprovoked(it, route, tables)),
    }
}

fn transition(route: &Route, table: &Table, event: Option<&str>) -> String {
    let Some(machine) = &table.machine else { return String::new() };
    let status = Refusals::get(&route.refusals, Why::Transition).status;
    let Some(event) = event else {
        return format!("{} to the state that the request names   else {status}", table.name);
    };
    let steps: Vec<_> = machine.steps.iter().filter(|it| it.event.as_deref() == Some(event)).collect();
    let mut ends: Vec<&str> = steps.iter().map(|it| it.to.as_str()).collect();
    ends.dedup();
    let mut starts: Vec<&str> = steps.iter().map(|it| it.from.as_deref().unwrap_or("any")).collect();
    starts.dedup();
    let event = steps.first().map_or(event, |it| it.name.as_str());
    format!("{} {} → {} ({event})   else {status}", table.name, starts.join(", "), ends.join(", "))
}

/// How callers prove who they are.
pub(super) fn authentication(spec: &Spec, routes: &[Route]) -> Option<String> {
    let some = |wanted: fn(&Asks) -> bool| routes.iter().filter(|it| wanted(&it.asks)).count();
    let (tokens, keys) = (some(|it| *it == Asks::Token), some(|it| matches!(it, Asks::Key(_))));
    let inferred = spec.endpoints.iter().any(|it| asks::asks(spec, it).1);
    let algorithm = spec.credentials.algorithm.as_deref().unwrap_or("HS256");
    let mut ways = Vec::new();
    if tokens > 0 {
        ways.push(format!("a bearer JWT ({algorithm}{})", if inferred { ", inferred" } else { "" }));
    }
    let header = routes.iter().find_map(|it| if let Asks::Key(name) = &it.asks { Some(name) } else { None });
    ways.extend(header.map(|it| format!("an API key in {it}")));
    let (asking, all) = (tokens + keys, routes.len());
    let of = if asking == all { "every route".to_owned() } else { format!("{asking} of {all} routes") };
    (asking > 0)
        .then(|| format!("{of} need{} {}", if asking == 1 || asking == all { "s" } else { "" }, ways.join(" or ")))
}

/// The line at which a document begins to say who may do what; 0 if it does not.
pub(super) fn authorization(spec: &Spec, lines: &Lines<'_>) -> u32 {
    let doc = spec.document();
    let says = |section: &&Section| {
        let mut words = String::new();
        inlines(doc.blocks_of(section.id), &mut |it| {
            words.push_str(it.as_str());
            words.push(' ');
        });
        let words = words.trim().to_lowercase();
        // What stands in brackets is a prompt.
        if words.starts_with('[') {
            return false;
        }
        let first = words.split([' ', '.', ',', ':', '—']).next().unwrap_or("");
        !matches!(first, "" | "none" | "no" | "not" | "nobody" | "n/a" | "-" | "tbd" | "todo")
    };
    let section = doc.of_family(Family::Authorization).find(says).map(|it| it.span);
    let single = spec.endpoints.iter().flat_map(|it| &it.auth);
    let single = single.filter(|it| syntax::access::of_endpoint(&it.value).is_none()).map(|it| it.span).next();
    section.or(single).map_or(0, |it| lines.of(it))
}

/// What is text everywhere else: guards in words, and who may call.
pub(super) fn rest(spec: &Spec, unenforced: &mut Vec<Unenforced>) {
    for transition in spec.machines.iter().flat_map(|it| &it.transitions) {
        if let Some((text, Meaning::Text | Meaning::Broken(_) | Meaning::English(_))) = &transition.guard {
            unenforced.push(Unenforced { text: text.value.clone(), span: text.span });
        }
    }
    for auth in spec.endpoints.iter().flat_map(|it| &it.auth) {
        // What says how callers prove who they are is enforced.
        let open = syntax::access::of_endpoint(&auth.value).is_some();
        if !open {
            unenforced.push(Unenforced { text: auth.value.clone(), span: auth.span });
        }
    }
    let mut seen: Vec<source::Span> = Vec::new();
    unenforced.retain(|it| {
        let new = !seen.contains(&it.span);
        seen.push(it.span);
        new
    });
    unenforced.sort_by_key(|it| it.span);
}

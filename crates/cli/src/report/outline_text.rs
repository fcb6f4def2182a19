//! The outline for reading: one screen for a small document, sections in the order of use.

use std::fmt::Write;

use model::claim::{Place, Purpose};
use model::clause::{Standing, clauses, count};
use model::names::entity_key;
use model::{BehaviourKind, Endpoint, Entity, Field, Machine, Meaning, Spec};
use runtime::{Preview, RouteLine};
use source::{Sources, Span};
use syntax::english::Rule;
use syntax::types::Type;

/// The outline.
pub(crate) fn outline(spec: &Spec, sources: &Sources, served: &Preview) -> String {
    let mut out = String::new();
    let line = |span: Span| sources.position(span).line;
    let status = spec.status().map(|it| it.0.as_str()).unwrap_or("no status");
    let _ = writeln!(out, "{}   {}   {status}", spec.title, spec.path);
    entities(&mut out, spec, served, &line);
    endpoints(&mut out, spec, &served.routes, &line);
    if let Some(words) = &served.authentication {
        let _ = writeln!(out, "\nAuthentication\n  {words}");
    }
    for machine in &spec.machines {
        self::machine(&mut out, spec, machine, &line);
    }
    settings(&mut out, spec);
    targets(&mut out, spec, &line);
    footer(&mut out, spec);
    out
}

fn entities(out: &mut String, spec: &Spec, served: &Preview, line: &dyn Fn(Span) -> usize) {
    let kept: Vec<&Entity> = spec.entities.iter().filter(|it| it.kept).collect();
    let other = spec.entities.iter().filter(|it| !it.kept && it.purpose == Purpose::Whole);
    if !kept.is_empty() {
        let _ = writeln!(out, "\nEntities");
    }
    for entity in kept {
        let sources = entity.sources.len();
        let said = if sources > 1 { format!("{sources} declarations") } else { "1 declaration".to_owned() };
        let _ = writeln!(out, "  {}   line {}, {said}", entity.name.value, line(entity.name.span));
        let width = entity.fields.iter().map(|it| it.name.value.chars().count()).max().unwrap_or(0).min(28);
        for field in &entity.fields {
            let _ = writeln!(out, "    {:width$}  {}", field.name.value, describe(field));
        }
        for constraint in &entity.constraints {
            let (mark, note) = match &constraint.meaning {
                Meaning::Cel(_) => ("✓", ""),
                Meaning::English(_) => continue,
                Meaning::Broken(_) => ("✗", "   not a valid expression"),
                Meaning::Text => ("·", "   text, not enforced"),
            };
            let _ = writeln!(out, "    {mark} {}{note}", shorten(&constraint.text.value, 84));
        }
        let held = served
            .database
            .iter()
            .find(|it| entity_key(&it.0) == entity_key(&entity.name.value))
            .map_or(&[][..], |it| &it.1);
        if !held.is_empty() {
            let _ = writeln!(out, "    held by the database too:\n{}", filled(held, "      ", 100));
        }
    }
    let names: Vec<&str> = other.map(|it| it.name.value.as_str()).collect();
    if !names.is_empty() {
        let _ = writeln!(out, "  other records: {}", names.join(", "));
    }
}

/// Parts with semicolons between them, in lines that begin with `indent` and are at most so wide if the
/// parts allow.
fn filled(parts: &[String], indent: &str, width: usize) -> String {
    let mut out = indent.to_owned();
    let mut column = indent.len();
    for (index, part) in parts.iter().enumerate() {
        let len = part.chars().count() + 2;
        if index > 0 {
            out.push(';');
            if column + len > width {
                out.push('\n');
                out.push_str(indent);
                column = indent.len();
            } else {
                out.push(' ');
            }
        }
        out.push_str(part);
        column += len;
    }
    out
}

fn describe(field: &Field) -> String {
    let mut words = vec![field.ty.as_ref().map_or("no type".to_owned(), |it| type_words(&it.value))];
    if field.is_key || field.key == "id" {
        words.push("key".to_owned());
    }
    if field.server_set {
        words.push("set by the server".to_owned());
    }
    if !field.required {
        words.push("optional".to_owned());
    }
    if let Some(default) = &field.default {
        words.push(format!("default {}", shorten(&default.value, 24)));
    }
    for rule in &field.rules {
        if let Some(text) = rule_words(&rule.value) {
            words.push(text);
        }
    }
    words.join(", ")
}

fn type_words(ty: &Type) -> String {
    shorten(&ty.describe().replace('`', ""), 70)
}

fn rule_words(rule: &Rule) -> Option<String> {
    Some(match rule {
        Rule::Unique(with) if with.is_empty() => "unique".to_owned(),
        Rule::Unique(with) => {
            let names: Vec<&str> = with.iter().map(|it| it.value.as_str()).collect();
            format!("unique with {}", names.join(", "))
        }
        Rule::Length(Some(least), Some(most)) => format!("{least}-{most} characters"),
        Rule::Length(None, Some(most)) => format!("at most {most} characters"),
        Rule::Length(Some(least), None) => format!("at least {least} characters"),
        Rule::Range(least, most) => {
            let bound = |it: &Option<(String, bool)>| it.as_ref().map_or("…".to_owned(), |it| it.0.clone());
            format!("{} to {}", bound(least), bound(most))
        }
        Rule::Pattern(pattern) => format!("matches {}", shorten(pattern, 30)),
        Rule::Immutable => "immutable".to_owned(),
        Rule::References(target, _) => format!("refers to {}", target.value),
        Rule::NonEmpty => "not empty".to_owned(),
        Rule::WriteOnly => "never shown".to_owned(),
        _ => return None,
    })
}

fn endpoints(out: &mut String, spec: &Spec, served: &[RouteLine], line: &dyn Fn(Span) -> usize) {
    if spec.endpoints.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nEndpoints");
    let width =
        spec.endpoints.iter().map(|it| it.path.chars().count() + usize::from(it.slashed)).max().unwrap_or(0).min(48);
    for endpoint in &spec.endpoints {
        let what = behaviour(spec, endpoint);
        let mut statuses: Vec<u16> = endpoint.responses.iter().map(|it| it.status).collect();
        statuses.extend(endpoint.errors.iter().filter_map(|it| it.status));
        statuses.sort_unstable();
        statuses.dedup();
        let success = statuses.first().is_some_and(|it| *it < 400);
        let mut statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
        if !success {
            statuses.insert(0, format!("({})", endpoint.default_status()));
        }
        let at = line(endpoint.span);
        let _ = writeln!(
            out,
            "  {:6} {:width$}  {:34} {:20} line {at}",
            endpoint.method,
            endpoint.written_path(),
            shorten(&what, 34),
            statuses.join(" ")
        );
        let route = served_as(served, endpoint);
        for inferred in route.map_or(&endpoint.behaviour.inferred, |it| &it.inferred) {
            let _ = writeln!(out, "         inferred: {inferred}");
        }
        for error in route.iter().flat_map(|it| &it.unprovoked) {
            let at = line(error.span);
            let _ = writeln!(out, "         nothing provokes: {}   line {at}", shorten(&error.text, 60));
        }
        let query: Vec<&str> = endpoint
            .parameters
            .iter()
            .filter(|it| it.value.place == Place::Query)
            .map(|it| it.value.name.as_str())
            .collect();
        if !query.is_empty() {
            let _ = writeln!(out, "         query: {}", query.join(", "));
        }
    }
}

/// The route by which an endpoint is served.
pub(super) fn served_as<'a>(served: &'a [RouteLine], endpoint: &Endpoint) -> Option<&'a RouteLine> {
    served.iter().find(|it| it.method == endpoint.method && it.path == endpoint.path)
}

/// What an endpoint does, in words.
pub(crate) fn behaviour(spec: &Spec, endpoint: &Endpoint) -> String {
    let behaviour = &endpoint.behaviour;
    let entity =
        behaviour.entity.and_then(|it| spec.entities.get(it)).map_or("a resource", |it| it.name.value.as_str());
    match behaviour.kind {
        BehaviourKind::Create => format!("creates {entity}"),
        BehaviourKind::List => match &behaviour.parent {
            Some(parent) => {
                let field = behaviour.entity.and_then(|it| spec.entities.get(it)?.field(parent));
                format!("lists {entity} by {}", field.map_or(parent, |it| &it.name.value))
            }
            None => format!("lists {entity}"),
        },
        BehaviourKind::Read => format!("reads {entity}"),
        BehaviourKind::Replace => format!("replaces {entity}"),
        BehaviourKind::Update => format!("updates {entity}"),
        BehaviourKind::Delete => format!("deletes {entity}"),
        BehaviourKind::Singleton => format!("one record of {entity}"),
        BehaviourKind::Transition => match &behaviour.event {
            Some(event) => format!("{entity}: {event}"),
            None => format!("{entity}: to the given state"),
        },
        BehaviourKind::Example => "answers its example".to_owned(),
    }
}

fn machine(out: &mut String, spec: &Spec, machine: &Machine, line: &dyn Fn(Span) -> usize) {
    let bound = machine.bound.as_ref().and_then(|it| {
        let entity = spec.entities.get(it.entity)?;
        let field = entity.fields.iter().find(|field| field.key == it.field)?;
        Some(format!("{}.{}", entity.name.value, field.name.value))
    });
    let place = bound.unwrap_or_else(|| {
        if machine.tie { "fits several entities, bound to none".to_owned() } else { "bound to no entity".to_owned() }
    });
    let _ = writeln!(out, "\nMachine   {place}   line {}", line(machine.name.span));
    let name =
        |key: &str| machine.states.iter().find(|it| it.key == key).map_or(key.to_owned(), |it| it.name.value.clone());
    if let Some(initial) = &machine.initial {
        let _ = writeln!(out, "  starts as {}", name(&initial.value));
    }
    for transition in &machine.transitions {
        let event = transition.event.as_ref().map_or(String::new(), |it| it.value.clone());
        let guard = transition.guard.as_ref().map_or(String::new(), |(words, meaning)| {
            let mark = if matches!(meaning, Meaning::Cel(_)) { "" } else { " (text)" };
            format!("   if {}{mark}", shorten(&words.value, 50))
        });
        let _ = writeln!(out, "  {} ─{event}→ {}{guard}", name(&transition.from), name(&transition.to));
    }
    let finals: Vec<&str> =
        machine.states.iter().filter(|it| it.final_at.is_some()).map(|it| it.name.value.as_str()).collect();
    if !finals.is_empty() {
        let _ = writeln!(out, "  ends as {}", finals.join(", "));
    }
}

fn settings(out: &mut String, spec: &Spec) {
    if spec.options.is_empty() && spec.variables.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nSettings");
    for option in &spec.options {
        let default = option.default.as_ref().map_or(String::new(), |it| format!("   default {}", it.value));
        let ty = option.ty.as_ref().map_or(String::new(), |it| format!("   {}", type_words(&it.value)));
        let _ = writeln!(out, "  config.{}{ty}{default}", option.name.value);
    }
    let names: Vec<String> =
        spec.variables
            .iter()
            .map(|it| {
                if it.required == Some(true) { format!("{} (required)", it.name.value) } else { it.name.value.clone() }
            })
            .collect();
    if !names.is_empty() {
        let _ = writeln!(out, "  environment: {}", names.join(", "));
    }
}

fn targets(out: &mut String, spec: &Spec, line: &dyn Fn(Span) -> usize) {
    let measured: Vec<_> = spec.targets.iter().filter(|it| !it.quantities.is_empty()).collect();
    if measured.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nFigures");
    for target in measured {
        let _ =
            writeln!(out, "  {:6}  {}   line {}", target.kind, shorten(&target.text.value, 80), line(target.text.span));
    }
}

fn footer(out: &mut String, spec: &Spec) {
    let all = clauses(spec);
    let counts = count(&all);
    let of = |standing| counts.get(&standing).copied().unwrap_or(0);
    let _ = writeln!(
        out,
        "\nClauses   {} enforced, {} testable, {} text, {} unread   (--unenforced lists the last two)",
        of(Standing::Enforced),
        of(Standing::Testable),
        of(Standing::Text),
        of(Standing::Unread)
    );
    if !spec.facts.drawings.is_empty() {
        let _ = writeln!(out, "Drawings  {} seen, not read", spec.facts.drawings.len());
    }
}

/// The first line of a text, cut to a number of characters.
fn shorten(text: &str, most: usize) -> String {
    let line = text.lines().next().unwrap_or("").trim();
    if line.chars().count() <= most {
        return line.to_owned();
    }
    let cut: String = line.chars().take(most.saturating_sub(1)).collect();
    format!("{cut}…")
}

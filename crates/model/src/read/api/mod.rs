//! Endpoints in all their forms: where they are declared, what is said under them, and where they are
//! only referred to.

mod listing;
mod parts;

use rustc_hash::FxHashMap;
use source::Span;
use syntax::columns::{cell, column};
use syntax::document::{BOLD_LINE, Document, Section, inlines};
use syntax::english::Rule;
use syntax::family::normal;
use syntax::inline::{Inline, Label, Slice};
use syntax::page::{Block, Fence, Table};
use syntax::route::{self, Found, Path};
use syntax::{Family, SectionId};

use crate::claim::{Form, Parameter, Place, Property, Subject, Value};
use crate::read::api::parts::{details, summary};
use crate::read::errors::status_in;
use crate::read::{ProblemKind, Reader, entries, fences};

/// A route and where it stands.
struct Route {
    subject: Subject,
    method: &'static str,
    path: Path,
    span: Span,
}

pub(super) fn read(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let has_api = doc.sections.iter().any(|it| matches!(it.own, Some(Family::Api | Family::Endpoint)));
    let mut consumed = Consumed::default();
    for section in &doc.sections {
        let api = in_api(reader, section);
        let place = match (api, has_api) {
            (true, _) if consumed.holds(doc, section) => Standing::Consumed,
            (true, _) => Standing::Declares,
            (false, false) if !is_aside(reader, section) => Standing::Declares,
            _ => Standing::Refers,
        };
        section_routes(reader, section, place);
    }
    other_bodies(reader);
}

/// Bodies outside of endpoints: nothing is known of them, but they must be JSON.
fn other_bodies(reader: &mut Reader<'_>) {
    let doc = reader.doc;
    let read: std::collections::HashSet<Span> = reader.bodies.iter().copied().collect();
    for section in &doc.sections {
        for (fence, _) in fences(&section.blocks) {
            if matches!(fence.lang.as_str(), "json" | "jsonc") && !read.contains(&fence.open) {
                for problem in syntax::json::read(&fence.content).1 {
                    reader.problem(ProblemKind::Json, problem.span, problem.message, None);
                }
            }
        }
    }
}

/// What a mention of a route in a section is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Declares,
    Consumed,
    Refers,
}

/// Whether a section stands in the API. A group of endpoints may have the name of any family
/// (`Authentication`, `Configuration`).
fn in_api(reader: &Reader<'_>, section: &Section) -> bool {
    for ancestor in reader.doc.ancestors(section.id) {
        match ancestor.own {
            Some(Family::Api | Family::Endpoint) => return true,
            Some(
                Family::Acceptance
                | Family::Testing
                | Family::UnitTests
                | Family::IntegrationTests
                | Family::EndToEndTests
                | Family::Revisions
                | Family::Contents
                | Family::Dependencies
                | Family::Future,
            ) => return false,
            _ => {}
        }
    }
    false
}

/// Families of the parts of an endpoint.
fn is_part(family: Family) -> bool {
    matches!(
        family,
        Family::Request
            | Family::Response
            | Family::Errors
            | Family::PathParameters
            | Family::QueryParameters
            | Family::Headers
            | Family::Authentication
            | Family::Authorization
            | Family::Constraints
            | Family::Fields
            | Family::Purpose
            | Family::Logging
            | Family::Interfaces
            | Family::Overview
    )
}

/// Sections whose routes are never declarations: tests, criteria, plans.
fn is_aside(reader: &Reader<'_>, section: &Section) -> bool {
    reader.doc.ancestors(section.id).any(|it| {
        matches!(
            it.own,
            Some(
                Family::Acceptance
                    | Family::Testing
                    | Family::UnitTests
                    | Family::IntegrationTests
                    | Family::EndToEndTests
                    | Family::Security
                    | Family::Authentication
                    | Family::Authorization
                    | Family::Performance
                    | Family::Monitoring
                    | Family::Alerts
                    | Family::Migration
                    | Family::Deployment
                    | Family::Future
                    | Family::Risks
                    | Family::Questions
                    | Family::Revisions
                    | Family::Context
                    | Family::Dependencies
                    | Family::Threats
                    | Family::Alternatives
            )
        )
    })
}

/// Which sections are about endpoints of another system, as far as it was asked.
#[derive(Default)]
struct Consumed(FxHashMap<SectionId, bool>);

impl Consumed {
    fn holds(&mut self, doc: &Document, section: &Section) -> bool {
        if let Some(known) = self.0.get(&section.id) {
            return *known;
        }
        let title = &section.title.whole;
        let own = ["external", "third party", "consumed", "upstream", "outbound", "provider api"]
            .iter()
            .any(|word| title.contains(word));
        let holds = own || section.parent.and_then(|it| doc.section(it)).is_some_and(|it| self.holds(doc, it));
        self.0.insert(section.id, holds);
        holds
    }
}

/// Whether a path may stand in the text of some blocks, fences aside.
fn holds_slash(blocks: &[Block]) -> bool {
    let mut found = false;
    inlines(blocks, &mut |it: &Inline| found = found || it.as_str().contains('/'));
    found
}

fn routes_in(slice: Slice<'_>) -> Vec<Route> {
    let text = slice.as_str();
    if !text.contains('/') {
        return Vec::new();
    }
    route::find(text).into_iter().filter_map(|found| route_of(&found, |range| slice.span_of(range))).collect()
}

fn route_of(found: &Found, span: impl Fn(std::ops::Range<usize>) -> Span) -> Option<Route> {
    let path = Path::read(&found.path)?;
    let subject = Subject::endpoint(found.method, &path.key());
    let from = if found.method_at.start <= found.path_at.start { found.method_at.start } else { found.path_at.start };
    Some(Route { subject, method: found.method, path, span: span(from..found.path_at.end) })
}

fn declare(reader: &mut Reader<'_>, route: &Route, form: Form, property: Property) {
    let path: String = {
        let segments = route.path.segments.iter().map(|it| match it {
            route::Segment::Fixed(text) => format!("/{text}"),
            route::Segment::Parameter(name) => format!("/{{{name}}}"),
        });
        segments.collect()
    };
    let path = if path.is_empty() { "/".to_owned() } else { path };
    reader.say(&route.subject, property, Value::Text(format!("{} {path}", route.method)), route.span, form);
    if property == Property::Declared {
        for (name, value) in &route.path.query {
            let parameter = Parameter {
                place: Place::Query,
                name: name.clone(),
                ty: None,
                required: None,
                default: None,
                rules: alternatives(value),
            };
            reader.say(&route.subject, Property::Parameter, Value::Parameter(Box::new(parameter)), route.span, form);
        }
    }
}

/// `status=running|stopped` lists the values.
fn alternatives(value: &str) -> Vec<Rule> {
    let words: Vec<&str> = value.split('|').filter(|it| !it.is_empty()).collect();
    if words.len() < 2 {
        return Vec::new();
    }
    vec![Rule::OneOf(words.into_iter().map(|it| source::Spanned::new(it.to_owned(), Span::default())).collect())]
}

fn section_routes(reader: &mut Reader<'_>, section: &Section, place: Standing) {
    let doc = reader.doc;
    let slash = holds_slash(&section.blocks);
    let mut detail = routes_in(section.heading.all());
    let mut label_spans = Vec::new();
    if slash && let Some((routes, spans)) = labelled_routes(&doc.labels_of(section)) {
        detail.extend(routes);
        label_spans = spans;
    }
    let property = match place {
        Standing::Declares => Property::Declared,
        Standing::Consumed => Property::Choice,
        Standing::Refers => Property::Referenced,
    };
    let form = if section.level >= BOLD_LINE { Form::Label } else { Form::Heading };
    if detail.is_empty() && place == Standing::Declares {
        let mut routes = lone_fence(section);
        // A part of an endpoint's section repeats its route.
        if !routes.is_empty() {
            let above = doc.ancestors(section.id).skip(1).flat_map(|it| routes_in(it.heading.all()));
            let above: Vec<Subject> = above.map(|it| it.subject).collect();
            routes.retain(|it| !above.contains(&it.subject));
        }
        if !routes.is_empty() && leaf(reader, section) {
            detail.extend(routes);
        }
    }
    for route in &detail {
        declare(reader, route, form, property);
        if place == Standing::Declares {
            let name = if label_spans.is_empty() {
                Value::Text(String::new())
            } else {
                Value::Text(section.name().as_str().to_owned())
            };
            reader.say(&route.subject, Property::Title, name, section.name().span(), form);
        }
    }
    if place == Standing::Declares && !detail.is_empty() {
        for route in &detail {
            details(reader, section.id, &route.subject);
        }
    }
    if slash {
        listed(reader, section, property, &detail);
    }
    fenced(reader, section, property, &detail);
}

/// `**Method**: POST` beside `**Path**: /orders`; `**Endpoint**: POST /orders`.
fn labelled_routes(labels: &[Label<'_>]) -> Option<(Vec<Route>, Vec<Span>)> {
    let keys: Vec<String> = labels.iter().map(|it| normal(it.key.as_str())).collect();
    let find = |names: &[&str]| labels.iter().zip(&keys).find(|it| names.contains(&it.1.as_str())).map(|it| it.0);
    if let Some(label) = find(&["endpoint", "route", "url", "path", "request line", "http request"]) {
        let routes = routes_in(label.value);
        if !routes.is_empty() {
            return Some((routes, vec![label.value.span()]));
        }
    }
    let method = find(&["method", "http method", "verb"])?;
    let path = find(&["path", "url", "endpoint", "route", "uri"])?;
    let path_value = path.value.as_code().unwrap_or(path.value);
    let path_read = Path::read(path_value.as_str())?;
    let mut routes = Vec::new();
    for name in route::METHODS {
        if method.value.as_str().split(|it: char| !it.is_ascii_alphabetic()).any(|it| it == name) {
            routes.push(Route {
                subject: Subject::endpoint(name, &path_read.key()),
                method: name,
                path: path_read.clone(),
                span: path_value.span(),
            });
        }
    }
    routes.sort_by_key(|it| method.value.as_str().find(it.method));
    (!routes.is_empty()).then(|| (routes, vec![path_value.span()]))
}

/// Whether a section may be one endpoint: an Endpoint, or named under the API with no routes below.
fn leaf(reader: &Reader<'_>, section: &Section) -> bool {
    section.level > 1
        && (section.own == Some(Family::Endpoint) || section.own.is_none())
        && !reader.doc.descendants(section.id).any(|it| !routes_in(it.heading.all()).is_empty())
}

/// The route of a section whose one request line stands in a fence.
fn lone_fence(section: &Section) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for (fence, _) in fences(&section.blocks) {
        if matches!(fence.lang.as_str(), "" | "http" | "text") {
            routes.extend(fence_lines(fence));
        }
    }
    if routes.len() == 1 { routes } else { Vec::new() }
}

/// Lines of a fence that begin with a method and a path.
fn fence_lines(fence: &Fence) -> Vec<Route> {
    let mut routes = Vec::new();
    let mut at = 0;
    for line in fence.content.as_str().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start();
        if !route::METHODS.iter().any(|it| trimmed.starts_with(it)) {
            continue;
        }
        let lead = line.len() - trimmed.len();
        for found in route::find(trimmed) {
            if found.method_at.start == 0 || routes.len() > 1 {
                routes.extend(route_of(&found, |range| {
                    fence.content.span(start + lead + range.start..start + lead + range.end)
                }));
            }
        }
    }
    routes
}

/// Routes of lists, tables and prose of a section.
fn listed(reader: &mut Reader<'_>, section: &Section, property: Property, detail: &[Route]) {
    let known = |subject: &Subject| detail.iter().any(|it| it.subject == *subject);
    for entry in entries(&section.blocks) {
        let routes = routes_in(entry.whole);
        let label_key = entry.label.filter(|_| !routes.is_empty()).map(|it| normal(it.key.as_str()));
        for route in routes {
            // Where the section is the endpoint, its own route is repeated, not declared again.
            if known(&route.subject) {
                continue;
            }
            let offset = entry.whole.span();
            let leads = route.span.start <= offset.start + 4
                || label_key.as_deref().is_some_and(|it| matches!(it, "endpoint" | "route" | "api"))
                || entry
                    .label
                    .is_some_and(|it| it.value.span().start + 2 >= route.span.start && entry.form == Form::Item);
            let property =
                if leads && detail.is_empty() && entry.form == Form::Item { property } else { Property::Referenced };
            declare(reader, &route, entry.form, property);
            if property == Property::Declared {
                summary(reader, &route.subject, &entry);
            }
        }
        nested_references(reader, entry.children);
    }
    let mut found = Vec::new();
    syntax::document::tables(&section.blocks, &mut |table, _| found.push(table));
    for table in found {
        table_routes(reader, table, property, detail);
    }
}

/// Routes of the fences of a section.
fn fenced(reader: &mut Reader<'_>, section: &Section, property: Property, detail: &[Route]) {
    let known = |subject: &Subject| detail.iter().any(|it| it.subject == *subject);
    for (fence, _) in fences(&section.blocks) {
        if !matches!(fence.lang.as_str(), "json" | "jsonc" | "sql" | "mermaid" | "bash" | "sh" | "shell" | "curl") {
            let routes = fence_lines(fence);
            for route in &routes {
                if !known(&route.subject) {
                    let property = if detail.is_empty() { property } else { Property::Referenced };
                    declare(reader, route, Form::Fence, property);
                }
            }
            let own = detail.is_empty() || routes.iter().all(|it| known(&it.subject));
            if property == Property::Declared && own {
                listing::statuses(reader, fence, &routes);
            }
        }
        if detail.is_empty() && !matches!(fence.lang.as_str(), "" | "http" | "text") {
            commented(reader, fence, property);
        }
    }
}

fn nested_references(reader: &mut Reader<'_>, blocks: &[Block]) {
    let mut found = Vec::new();
    inlines(blocks, &mut |inline: &Inline| found.extend(routes_in(inline.all())));
    for route in found {
        declare(reader, &route, Form::Prose, Property::Referenced);
    }
}

/// `// POST /orders` above a declaration.
fn commented(reader: &mut Reader<'_>, fence: &Fence, property: Property) {
    let mut routes = Vec::new();
    let mut at = 0;
    for line in fence.content.as_str().split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim_start();
        let Some(comment) = trimmed.strip_prefix("//").or_else(|| trimmed.strip_prefix('#')) else { continue };
        let comment = comment.trim_start();
        let lead = line.len() - comment.len();
        for found in route::find(comment).into_iter().filter(|it| it.method_at.start == 0) {
            if let Some(route) =
                route_of(&found, |range| fence.content.span(start + lead + range.start..start + lead + range.end))
            {
                declare(reader, &route, Form::Fence, property);
                routes.push(route);
            }
        }
    }
    if property == Property::Declared {
        listing::requests(reader, fence, &routes);
    }
}

fn table_routes(reader: &mut Reader<'_>, table: &Table, property: Property, detail: &[Route]) {
    let method = column(table, &["method", "http method", "verb", "http"]);
    let path = column(table, &["path", "endpoint", "route", "url", "uri", "api endpoint"]);
    let purpose = column(table, &["description", "purpose", "summary", "name", "action"]);
    let status = column(table, &["status", "response", "success", "success status"]);
    for row in &table.rows {
        let mut routes = Vec::new();
        if let (Some(method), Some(path)) = (cell(row, method), cell(row, path)) {
            let path = path.codes().next().unwrap_or(path);
            if let Some(read) = Path::read(path.as_str()) {
                for name in route::METHODS {
                    let text = method.as_str();
                    if text.split(|it: char| !it.is_ascii_alphabetic()).any(|it| it == name) {
                        let span = method.span().to(path.span());
                        routes.push(Route {
                            subject: Subject::endpoint(name, &read.key()),
                            method: name,
                            path: read.clone(),
                            span,
                        });
                    }
                }
            }
        }
        if routes.is_empty() {
            routes = row.cells.iter().take(2).flat_map(|it| routes_in(it.all())).collect();
        }
        if routes.is_empty() {
            for inline in &row.cells {
                for route in routes_in(inline.all()) {
                    declare(reader, &route, Form::Table, Property::Referenced);
                }
            }
            continue;
        }
        for route in routes {
            if detail.iter().any(|it| it.subject == route.subject) {
                continue;
            }
            declare(reader, &route, Form::Table, property);
            if property != Property::Declared {
                continue;
            }
            if let Some(purpose) = cell(row, purpose).filter(|it| !it.is_blank()) {
                reader.say_text(&route.subject, Property::Description, purpose, Form::Table);
            }
            if let Some(status) = cell(row, status)
                && let Some(number) = status_in(status.as_str())
            {
                reader.say(&route.subject, Property::Response, Value::Answer(Some(number)), status.span(), Form::Table);
            }
        }
    }
}

//! Endpoints in all their forms: where they are declared, what is said under them, and where they are
//! only referred to.

use rustc_hash::FxHashMap;
use source::Span;
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::decl;
use syntax::document::{BOLD_LINE, Document, Section, inlines};
use syntax::english::{self, Rule};
use syntax::family::normal;
use syntax::inline::{Inline, Label, Slice};
use syntax::page::{Block, Fence, Table};
use syntax::route::{self, Found, Path};
use syntax::types::{self, Type};
use syntax::{Family, SectionId};

use crate::claim::{Form, Parameter, Place, Property, Subject, Value};
use crate::read::errors::{status_in, statuses_in};
use crate::read::{Entry, ProblemKind, Reader, entries, fences};

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
        let routes = lone_fence(section);
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
            for route in fence_lines(fence) {
                if !known(&route.subject) {
                    let property = if detail.is_empty() { property } else { Property::Referenced };
                    declare(reader, &route, Form::Fence, property);
                }
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
            }
        }
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

/// What an entry of a list says beside its route.
fn summary(reader: &mut Reader<'_>, subject: &Subject, entry: &Entry<'_>) {
    reader.say_text(subject, Property::Description, entry.whole, Form::Item);
    for (label, children) in nested_labels(entry.children) {
        part(reader, subject, label.key, Some(label.value), children, None);
    }
}

fn nested_labels<'a>(blocks: &'a [Block]) -> Vec<(Label<'a>, &'a [Block])> {
    entries(blocks).into_iter().filter_map(|it| Some((it.label?, it.children))).collect()
}

/// What is said under an endpoint: its own labels and lists, and the sections within it.
fn details(reader: &mut Reader<'_>, id: SectionId, subject: &Subject) {
    let doc = reader.doc;
    let Some(section) = doc.section(id) else { return };
    body(reader, section, subject, true);
    let inner: Vec<&Section> = doc.descendants(id).collect();
    for part_section in &inner {
        if !routes_in(part_section.heading.all()).is_empty() {
            break;
        }
        section_part(reader, part_section, subject);
    }
    // Errors stated under a heading that holds several endpoints belong to each.
    let parent = section.parent.and_then(|it| doc.section(it));
    if let Some(parent) =
        parent.filter(|it| it.own == Some(Family::Endpoint) || (it.own != Some(Family::Api) && in_api(reader, it)))
    {
        for sibling in doc.children(parent.id).filter(|it| it.own == Some(Family::Errors)) {
            section_part(reader, sibling, subject);
        }
    }
}

fn section_part(reader: &mut Reader<'_>, section: &Section, subject: &Subject) {
    match section.own {
        Some(family) if is_part(family) => {
            let heading = section.heading.all();
            part_blocks(reader, subject, family, heading, None, &section.blocks, Some(section.span));
        }
        None => body(reader, section, subject, false),
        _ => {}
    }
}

/// Labels, lists and loose fences of a section that belongs to an endpoint.
fn body(reader: &mut Reader<'_>, section: &Section, subject: &Subject, own: bool) {
    for entry in entries(&section.blocks) {
        if let Some(label) = entry.label {
            part(reader, subject, label.key, Some(label.value), entry.children, Some(label.key.span()));
        } else if entry.form == Form::Label && own {
            let text = entry.whole.as_str();
            if text.starts_with("Returns ") || text.starts_with("Response") {
                answer(reader, subject, entry.whole);
            } else if routes_in(entry.whole).is_empty() {
                reader.say_text(subject, Property::Description, entry.whole, Form::Prose);
            }
        } else if entry.form == Form::Item && entry.whole.as_str().starts_with("Returns ") {
            answer(reader, subject, entry.whole);
        }
    }
    // Fences without a label: what HTTP heads and titles say of themselves, else a request in TypeScript.
    for (fence, _) in fences(&section.blocks) {
        if matches!(fence.lang.as_str(), "http" | "") && fence.content.as_str().contains("HTTP/") {
            bodies(reader, subject, Family::Response, None, fence);
        } else if matches!(fence.lang.as_str(), "json" | "jsonc") {
            let family = if section.title.whole.contains("response") { Family::Response } else { Family::Interfaces };
            bodies(reader, subject, family, None, fence);
        }
    }
}

/// `Returns 201 Created`, `Response: 200 OK`.
fn answer(reader: &mut Reader<'_>, subject: &Subject, words: Slice<'_>) {
    for (status, at) in statuses_in(words.as_str()) {
        let span = words.span_of(at..at + 3);
        if status < 400 {
            reader.say(subject, Property::Response, Value::Answer(Some(status)), span, Form::Prose);
        } else {
            let value = Value::Error(Some(status), None, words.as_str().to_owned());
            reader.say(subject, Property::ErrorRow, value, span, Form::Prose);
        }
    }
}

/// A labelled part of an endpoint.
fn part(
    reader: &mut Reader<'_>,
    subject: &Subject,
    key: Slice<'_>,
    value: Option<Slice<'_>>,
    children: &[Block],
    heading: Option<Span>,
) {
    let words = normal(key.as_str());
    match words.as_str() {
        "event" | "fire" => {
            if let Some(value) = value {
                reader.say_text(subject, Property::Event, value.as_code().unwrap_or(value), Form::Label);
            }
            return;
        }
        "behavior" | "behaviour" => {
            if let Some(value) = value {
                reader.say_text(subject, Property::Behaviour, value, Form::Label);
            }
            return;
        }
        "description" | "purpose" => {
            if let Some(value) = value {
                reader.say_text(subject, Property::Description, value, Form::Label);
            }
            return;
        }
        "auth" | "authentication" | "authorization" | "access" | "permission" => {
            if let Some(value) = value.filter(|it| !it.is_blank()) {
                reader.say_text(subject, Property::Auth, value, Form::Label);
            }
            return;
        }
        _ => {}
    }
    let Some(family) = syntax::document::key_family(key.as_str()).filter(|it| is_part(*it)) else { return };
    part_blocks(reader, subject, family, key, value, children, heading);
}

fn part_blocks(
    reader: &mut Reader<'_>,
    subject: &Subject,
    family: Family,
    heading: Slice<'_>,
    value: Option<Slice<'_>>,
    blocks: &[Block],
    place: Option<Span>,
) {
    match family {
        Family::Request => {
            for (fence, _) in fences(blocks) {
                bodies(reader, subject, Family::Request, None, fence);
            }
            for table in found_tables(blocks) {
                request_table(reader, subject, table);
            }
        }
        Family::Response => {
            let status = status_in(heading.as_str()).or_else(|| value.and_then(|it| status_in(it.as_str())));
            let in_blocks = || {
                let lines = entries(blocks).into_iter().filter(|it| it.form == Form::Label);
                lines.filter_map(|it| status_in(it.whole.as_str())).next()
            };
            let status = status.or_else(in_blocks);
            let found = fences(blocks);
            for (fence, _) in &found {
                bodies(reader, subject, Family::Response, status, fence);
            }
            let span = place.unwrap_or_else(|| heading.span());
            match status {
                Some(number) if number >= 400 && found.is_empty() => {
                    reader.say(
                        subject,
                        Property::ErrorRow,
                        Value::Error(status, None, String::new()),
                        span,
                        Form::Label,
                    );
                }
                _ if found.is_empty() => {
                    reader.say(subject, Property::Response, Value::Answer(status), span, Form::Label);
                }
                _ => {}
            }
        }
        Family::Errors => errors(reader, subject, value, blocks, place),
        Family::PathParameters => parameters(reader, subject, Place::Path, value, blocks),
        Family::QueryParameters => parameters(reader, subject, Place::Query, value, blocks),
        Family::Headers => parameters(reader, subject, Place::Header, value, blocks),
        Family::Authentication | Family::Authorization => {
            for entry in entries(blocks) {
                reader.say_text(subject, Property::Auth, entry.whole, entry.form);
            }
        }
        _ => {}
    }
}

fn found_tables(blocks: &[Block]) -> Vec<&Table> {
    let mut found = Vec::new();
    syntax::document::tables(blocks, &mut |table, _| found.push(table));
    found
}

/// The bodies or the type in a fence.
fn bodies(reader: &mut Reader<'_>, subject: &Subject, family: Family, status: Option<u16>, fence: &Fence) {
    match fence.lang.as_str() {
        "json" | "jsonc" | "json5" | "http" | "" | "javascript" | "js" | "text" => {
            let plain = matches!(fence.lang.as_str(), "" | "text" | "javascript" | "js");
            if plain && !fence.content.as_str().contains('{') {
                return;
            }
            let (found, problems) = syntax::json::read(&fence.content);
            if plain && !problems.is_empty() {
                return;
            }
            // A section with several routes shows its bodies to each of them.
            let first = !reader.bodies.contains(&fence.open);
            reader.bodies.push(fence.open);
            let problems = if first { problems } else { Vec::new() };
            for problem in problems {
                reader.problem(ProblemKind::Json, problem.span, problem.message, None);
            }
            for body in found {
                let Some(value) = &body.value else {
                    if let Some(status) = &body.status {
                        reader.say(
                            subject,
                            Property::Response,
                            Value::Answer(Some(status.value)),
                            status.span,
                            Form::Fence,
                        );
                    }
                    continue;
                };
                let span = value.span;
                let own = body.status.as_ref().map(|it| it.value);
                let request = family == Family::Request || body.request.is_some();
                let titled = body.title.as_ref().map_or("", |it| it.value.as_str()).to_lowercase();
                let (property, status) = match family {
                    Family::Interfaces if titled.contains("response") || own.is_some() => (Property::Response, own),
                    Family::Interfaces if titled.contains("request") || request => (Property::Request, None),
                    Family::Interfaces => continue,
                    _ if request && own.is_none() => (Property::Request, None),
                    _ => (Property::Response, own.or(status)),
                };
                reader.say(subject, property, Value::Body(status, Box::new(body)), span, Form::Example);
            }
        }
        "typescript" | "ts" => {
            for declaration in decl::typescript::read(&fence.content).items {
                let ty = match declaration.body {
                    decl::Body::Alias(ty) => ty,
                    decl::Body::Record(members) | decl::Body::Class(members) => Type::Object(members),
                };
                let property = if family == Family::Request { Property::Request } else { Property::Response };
                let status = if property == Property::Request { None } else { status };
                reader.say(subject, property, Value::Shape(status, ty), declaration.name.span, Form::TypeScript);
            }
        }
        _ => {}
    }
}

/// A table of body fields.
fn request_table(reader: &mut Reader<'_>, subject: &Subject, table: &Table) {
    let name = column(table, &["field", "name", "property", "parameter", "attribute"]);
    let ty = column(table, &["type", "data type"]);
    let required = column(table, &["required"]);
    if name.is_none() || ty.is_none() {
        return;
    }
    let mut members = Vec::new();
    for row in &table.rows {
        let (Some(name), Some(ty)) = (cell(row, name), cell(row, ty)) else { continue };
        let name = name.codes().next().unwrap_or(name);
        let Some(words) = types::read_words(&ty.to_text()) else { continue };
        let needed = cell(row, required).and_then(|it| boolean(it.as_str())).or(words.required);
        members.push(decl::Member {
            name: source::Spanned::new(name.as_str().to_owned(), name.span()),
            ty: source::Spanned::new(words.ty, words.span),
            optional: needed == Some(false),
            not_null: None,
            default: None,
            primary_key: false,
            unique: false,
            references: None,
            generated: false,
            checks: Vec::new(),
            comments: Vec::new(),
            span: row.span,
        });
    }
    if !members.is_empty() {
        reader.say(
            subject,
            Property::Request,
            Value::Shape(None, Type::Object(members)),
            table.header_span,
            Form::Table,
        );
    }
}

fn errors(reader: &mut Reader<'_>, subject: &Subject, value: Option<Slice<'_>>, blocks: &[Block], place: Option<Span>) {
    let place = place.or_else(|| blocks.first().map(|it| it.span));
    if let Some(place) = place {
        reader.say(subject, Property::Choice, Value::Text("errors".to_owned()), place, Form::Label);
    }
    if let Some(value) = value {
        for part in value.split_outside(&[',', ';']) {
            error_row(reader, subject, part, Form::Label);
        }
    }
    for entry in entries(blocks) {
        error_row(reader, subject, entry.whole, entry.form);
    }
    for table in found_tables(blocks) {
        let status =
            column(table, &["status", "status code", "http status", "http", "http code", "http status code", "code"]);
        let word = column(table, &["error code", "error", "code", "type"]);
        let reason = column(
            table,
            &["reason", "description", "condition", "message", "error message", "when", "meaning", "cause", "scenario"],
        );
        for row in &table.rows {
            let number = cell(row, status).and_then(|it| status_in(it.as_str()));
            let code = cell(row, word).and_then(symbol);
            let reason = cell(row, reason).map_or(String::new(), |it| it.as_str().to_owned());
            if number.is_some() || code.is_some() {
                reader.say(subject, Property::ErrorRow, Value::Error(number, code, reason), row.span, Form::Table);
            }
        }
    }
    for (fence, _) in fences(blocks) {
        bodies(reader, subject, Family::Response, None, fence);
    }
}

/// `- 409 Conflict: already paid`, ``- `UNAUTHORIZED` for missing tokens``.
fn error_row(reader: &mut Reader<'_>, subject: &Subject, words: Slice<'_>, form: Form) {
    let text = words.as_str();
    let code = symbol(words);
    let statuses = statuses_in(text);
    let reason =
        |at: usize| text.get(at..).unwrap_or("").trim_start_matches(|it: char| !it.is_alphanumeric()).to_owned();
    if let Some((status, at)) = statuses.first().copied()
        && at <= 2 + code.as_ref().map_or(0, |it| it.len() + 3)
    {
        let value = Value::Error(Some(status), code, reason(at + 3));
        reader.say(subject, Property::ErrorRow, value, words.span(), form);
    } else if let Some(code) = code.filter(|it| text.trim_start_matches('`').starts_with(it.as_str())) {
        let value = Value::Error(None, Some(code.clone()), reason(code.len() + 2));
        reader.say(subject, Property::ErrorRow, value, words.span(), form);
    }
}

/// A symbolic error code: `NOT_FOUND`, `ValidationError` in code.
fn symbol(words: Slice<'_>) -> Option<String> {
    let upper = |it: &str| {
        it.len() >= 4
            && it.contains(|c: char| c.is_ascii_uppercase())
            && it.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let found = words
        .as_str()
        .split(|it: char| !it.is_ascii_alphanumeric() && it != '_')
        .find(|it| upper(it) && !route::METHODS.contains(it));
    found.filter(|it| it.contains('_') || words.codes().any(|code| code.as_str().contains(*it))).map(str::to_owned)
}

fn parameters(reader: &mut Reader<'_>, subject: &Subject, place: Place, value: Option<Slice<'_>>, blocks: &[Block]) {
    let mut say = |parameter: Parameter, span| {
        reader.say(subject, Property::Parameter, Value::Parameter(Box::new(parameter)), span, Form::Item);
    };
    if let Some(value) = value {
        for part in value.split_outside(&[',', ';']) {
            say_words(part, place, &mut say);
        }
    }
    for entry in entries(blocks) {
        if entry.form == Form::Item {
            say_words(entry.whole, place, &mut say);
        }
    }
    for table in found_tables(blocks) {
        let name = column(table, &["name", "parameter", "param", "field", "query parameter", "header", "key"]);
        let ty = column(table, &["type", "data type"]);
        let required = column(table, &["required"]);
        let default = column(table, &["default", "default value"]);
        for row in &table.rows {
            let Some(name) = cell(row, name.or(Some(0))).filter(|it| !is_nothing(it.as_str())) else { continue };
            let name = name.codes().next().unwrap_or(name);
            let words = cell(row, ty).and_then(|it| types::read_words(&it.to_text()));
            let mut parameter = Parameter {
                place,
                name: name.as_str().to_owned(),
                required: cell(row, required)
                    .and_then(|it| boolean(it.as_str()))
                    .or(words.as_ref().and_then(|it| it.required)),
                ty: words.map(|it| it.ty),
                default: None,
                rules: Vec::new(),
            };
            for cell in row.cells.iter().skip(1) {
                limits(&mut parameter, &cell.all().to_text());
            }
            if let Some(cell) = cell(row, default).filter(|it| !is_nothing(it.as_str())) {
                parameter.default = Some(cell.as_str().trim_matches(['`', '"', '\'']).to_owned());
            }
            say(parameter, name.span());
        }
    }
}

fn limits(parameter: &mut Parameter, text: &source::Text) {
    for phrase in english::of_field(text) {
        match phrase.rule {
            Rule::Default(value) => parameter.default = Some(value.value),
            Rule::Required(flag) => parameter.required = Some(flag),
            rule => parameter.rules.push(rule),
        }
    }
}

/// ``- `limit` (optional): how many (default: 25, max: 100)``, `page (int)`.
fn say_words(words: Slice<'_>, place: Place, say: &mut impl FnMut(Parameter, Span)) {
    let name = words.leading_code().unwrap_or_else(|| {
        let text = words.as_str();
        let start = text.len() - text.trim_start_matches(['*', '?']).len();
        let len = text
            .get(start..)
            .unwrap_or("")
            .find(|it: char| !(it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '[' | ']')))
            .unwrap_or(text.len() - start);
        words.get(start..start + len)
    });
    let plain = name.as_str().split(['=', ':']).next().unwrap_or("").trim_start_matches('?');
    if plain.is_empty() || plain.contains(char::is_whitespace) || is_nothing(plain) {
        return;
    }
    let text = words.as_str();
    let ty = text.split_once('(').and_then(|(_, rest)| rest.split([')', ',']).next()).map(str::trim);
    let ty = ty.and_then(|it| types::read_words(&source::Text::verbatim(it, name.span().file, 0))).map(|it| it.ty);
    let mut parameter = Parameter {
        place,
        name: plain.to_owned(),
        ty: ty.filter(|it| !matches!(it, Type::Opaque(_) | Type::Named(_))),
        required: None,
        default: None,
        rules: Vec::new(),
    };
    if text.to_lowercase().contains("optional") {
        parameter.required = Some(false);
    }
    limits(&mut parameter, &words.from(name.offset_in(words) + name.as_str().len()).to_text());
    say(parameter, name.span());
}

//! The forms of a route that are more than `METHOD /path` in a line: labels, tables, fences, headings of
//! methods below one of a path.

use syntax::columns::{cell, column};
use syntax::document::{Document, Section};
use syntax::family::normal;
use syntax::inline::{Inline, Label, Slice};
use syntax::page::{Fence, Table};
use syntax::route::{self, METHODS, Path};

use crate::claim::{Form, Property, Subject, Value};
use crate::read::api::{Page, Route, Standing, declare, denied, is_slashed, listing, route_of, routes_in, tree};
use crate::read::errors::{status_in, statuses_in};
use crate::read::{ProblemKind, Reader, fences_of};

/// `**Method**: POST` beside `**Path**: /loans` or a heading that is the path; `**Endpoint**: POST /loans`.
pub(super) fn in_labels(labels: &[Label<'_>], heading: Slice<'_>) -> Vec<Route> {
    let keys: Vec<String> = labels.iter().map(|it| normal(it.key.as_str())).collect();
    let find = |names: &[&str]| labels.iter().zip(&keys).find(|it| names.contains(&it.1.as_str())).map(|it| it.0);
    if let Some(label) = find(&["endpoint", "route", "url", "path", "request line", "http request", "request"]) {
        let routes = routes_in(label.value);
        if !routes.is_empty() {
            return routes;
        }
    }
    let Some(method) = find(&["method", "http method", "verb"]) else { return Vec::new() };
    let path = find(&["path", "url", "endpoint", "route", "uri"]).map_or(heading, |it| it.value);
    pairs(method.value, path)
}

/// The routes of methods and a path that stand apart.
fn pairs(methods: Slice<'_>, path: Slice<'_>) -> Vec<Route> {
    let code = path.codes().next().unwrap_or(path);
    // What follows the path is a remark.
    let word = code.as_str().split(char::is_whitespace).next().unwrap_or("").trim_end_matches([',', ';']);
    let code = code.get(0..word.len());
    let bare = !word.is_empty() && word.chars().all(|it| it.is_ascii_alphanumeric() || "-_/{}:.".contains(it));
    let Some(path) =
        Path::read(word).or_else(|| Path::read(&format!("/{word}")).filter(|_| bare && word.contains('/')))
    else {
        return Vec::new();
    };
    let words = || methods.as_str().split(|it: char| !it.is_ascii_alphabetic());
    let named = words().filter_map(|word| METHODS.into_iter().find(|it| it.eq_ignore_ascii_case(word)));
    let route = |method| Route {
        subject: Subject::endpoint(method, &path.key()),
        method,
        path: path.clone(),
        span: code.span(),
        at: 0..0,
        open: route::unclosed(word).map(str::to_owned),
        slashed: is_slashed(word),
    };
    named.map(route).collect()
}

/// `#### GET` below `### /loans`.
pub(super) fn method_below_path(doc: &Document, section: &Section) -> Vec<Route> {
    let heading = section.name();
    if !METHODS.contains(&heading.as_str()) {
        return Vec::new();
    }
    let above = section.parent.and_then(|it| doc.section(it)).map(Section::name);
    above.filter(|it| it.as_str().starts_with('/')).map_or(Vec::new(), |path| pairs(heading, path))
}

/// The route of a section whose one request line stands in a fence.
pub(super) fn alone(section: &Section) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    for fence in fences_of(section) {
        if matches!(fence.lang.as_str(), "" | "http" | "text") {
            routes.extend(routes_of(fence).into_iter().filter(|it| it.1 == Lead::Line).map(|it| it.0));
        }
    }
    if routes.len() == 1 { routes } else { Vec::new() }
}

/// How a route stands in a line of a fence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// At its beginning.
    Line,
    /// At the beginning of a comment or of a key.
    Comment,
    /// Anywhere else.
    No,
}

/// The routes in the lines of a fence.
fn routes_of(fence: &Fence) -> Vec<(Route, Lead)> {
    let text = fence.content.as_str();
    let mut routes = Vec::new();
    if !route::mentions(text) {
        return routes;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if !line.contains('/') {
            continue;
        }
        let mut first = None;
        for found in route::find(line) {
            let Some(route) = route_of(&found, |it| fence.content.span(start + it.start..start + it.end)) else {
                continue;
            };
            // `GET/PUT /loans` is two routes with one path.
            let path = found.path_at.start;
            let lead = match first {
                Some((known, lead)) if known == path => lead,
                Some(_) => Lead::No,
                None => lead_of(line.get(..found.method_at.start).unwrap_or("")),
            };
            first.get_or_insert((path, lead));
            routes.push((route, lead));
        }
    }
    routes
}

/// Whether the first line of a fence, comments aside, begins with a method.
fn is_list(fence: &Fence) -> bool {
    let lines = fence.content.as_str().lines().map(str::trim);
    let first = lines.into_iter().find(|it| !it.is_empty() && !it.starts_with("//") && !it.starts_with('#'));
    first.is_some_and(|it| METHODS.iter().any(|method| it.starts_with(method)))
}

/// How a route stands behind the text before it in its line.
fn lead_of(before: &str) -> Lead {
    let before = before.trim();
    let numbered = before.strip_suffix(['.', ')']).is_some_and(|it| it.bytes().all(|it| it.is_ascii_digit()));
    match before {
        "" | "-" | "*" | "•" | "`" | "- `" => Lead::Line,
        "//" | "#" | "/*" | "/**" | "--" | "'" | "\"" | "##" | "###" => Lead::Comment,
        _ if numbered => Lead::Line,
        _ => Lead::No,
    }
}

/// Routes of a fence: request lines, comments over declarations, lines of diagrams.
pub(super) fn in_fence(reader: &mut Reader<'_>, page: &Page<'_>, fence: &Fence) {
    let lang = fence.lang.as_str();
    if matches!(lang, "json" | "jsonc" | "json5" | "sql") {
        return;
    }
    if lang == "mermaid" {
        return in_diagram(reader, page, fence);
    }
    let shell = matches!(lang, "bash" | "sh" | "shell" | "curl" | "console") && !is_list(fence);
    let plain = matches!(lang, "" | "http" | "text" | "txt" | "plaintext" | "rest" | "bash" | "sh" | "shell");
    if plain && page.api && tree::is_tree(fence) {
        for route in tree::routes(fence) {
            declare(reader, &route, Form::Fence, page.property(&route));
        }
        return;
    }
    // In code that is not a list from its first line on, a line that begins with a route is part of a text.
    let code = !plain && !is_list(fence);
    let (mut own, mut leading, mut all_own) = (Vec::new(), false, true);
    for (route, lead) in routes_of(fence) {
        let leads = match lead {
            Lead::Line => !shell && !code,
            Lead::Comment => !shell && (!plain || route.path.segments.len() > 1),
            Lead::No => false,
        };
        let property = if leads { page.property(&route) } else { Property::Referenced };
        if !page.is_own(&route) {
            all_own &= !leads;
            declare(reader, &route, Form::Fence, property);
        }
        leading |= leads && property == Property::Declared;
        if leads && (property == Property::Declared || page.is_own(&route)) {
            own.push(route);
        }
    }
    if leading || all_own && page.standing.property() == Property::Declared {
        listing::statuses(reader, fence, &own);
        if leading && !plain {
            listing::requests(reader, fence, &own);
        }
    }
}

/// Routes of a diagram: in the API a node that is a route declares it.
fn in_diagram(reader: &mut Reader<'_>, page: &Page<'_>, fence: &Fence) {
    let text = fence.content.as_str();
    for (route, _) in routes_of(fence) {
        let at = (route.span.start - fence.content.span(0..0).start) as usize;
        let before = text.get(..at).unwrap_or("").trim_end_matches('"');
        let after = text.get(at + (route.span.end - route.span.start) as usize..).unwrap_or("").trim_start_matches('"');
        let node = before.ends_with(['[', '(', '{']) && after.starts_with([']', ')', '}']);
        let property = if page.api && node { page.property(&route) } else { Property::Referenced };
        declare(reader, &route, Form::Fence, property);
    }
}

/// Routes of a table: method and path in columns of their own or in one cell.
pub(super) fn in_table(reader: &mut Reader<'_>, page: &Page<'_>, table: &Table) {
    let method = column(table, &["method", "http method", "verb", "http"]);
    let path = column(table, &["path", "endpoint", "route", "url", "uri", "api endpoint", "api"]);
    let purpose = column(table, &["description", "purpose", "summary", "name", "action"]);
    let status = column(table, &["status", "response", "success", "success status"]);
    let errors = column(table, &["error", "error status", "error response", "error code", "failure", "status code"]);
    // `| POST /loans | 201, 400 |` under Codes holds both.
    let codes = column(table, &["code", "response code", "http code"]).filter(|_| errors.is_none());
    for row in &table.rows {
        let mut routes = Vec::new();
        if let (Some(method), Some(path)) = (cell(row, method), cell(row, path)) {
            let mut paths: Vec<Slice<'_>> = path.codes().filter(|it| it.as_str().starts_with('/')).collect();
            if paths.is_empty() {
                paths.push(path);
            }
            for path in paths {
                let span = method.span().to(path.span());
                routes.extend(pairs(method, path).into_iter().map(|it| Route { span, ..it }));
            }
        }
        if routes.is_empty() {
            let named = path.filter(|it| *it > 1).and_then(|it| row.cells.get(it));
            routes = row.cells.iter().take(2).chain(named).flat_map(|it| routes_in(it.all())).collect();
        }
        // `| PATCH /loans | 405 |`
        let refuses = |it: &Inline| matches!(it.as_str().trim().get(..3), Some("405" | "501"));
        let refers = page.standing == Standing::Refers;
        if refers && row.cells.iter().any(refuses) && !row.cells.iter().any(|it| succeeds(it.as_str())) {
            continue;
        }
        if routes.is_empty() {
            for inline in &row.cells {
                for route in routes_in(inline.all()).into_iter().filter(|it| !denied::denied(inline.all(), &it.at)) {
                    declare(reader, &route, Form::Table, Property::Referenced);
                }
            }
            continue;
        }
        for route in routes {
            if page.is_own(&route) {
                continue;
            }
            let property = page.property(&route);
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
            if let Some(codes) = cell(row, codes).filter(|_| cell(row, status).is_none())
                && let Some((number, _)) = statuses_in(codes.as_str()).into_iter().find(|it| it.0 < 400)
            {
                reader.say(&route.subject, Property::Response, Value::Answer(Some(number)), codes.span(), Form::Table);
            }
            if let Some(errors) = cell(row, errors.or(codes)) {
                for (number, at) in statuses_in(errors.as_str()).into_iter().filter(|it| it.0 >= 400) {
                    let span = errors.span_of(at..at + 3);
                    let value = Value::Error(Some(number), None, String::new());
                    reader.say(&route.subject, Property::ErrorRow, value, span, Form::Table);
                }
            }
        }
    }
}

/// Whether a cell names the status of a success.
fn succeeds(cell: &str) -> bool {
    statuses_in(cell).iter().any(|it| it.0 < 400)
}

/// Says what is wrong with a path as it is written.
pub(super) fn damage(reader: &mut Reader<'_>, route: &Route) {
    if let Some(segment) = &route.open {
        let message = format!("`{segment}` opens a parameter that nothing closes");
        reader.problem(ProblemKind::Unread, route.span, message, None);
    }
}

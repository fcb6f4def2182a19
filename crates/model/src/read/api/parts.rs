//! What is said under an endpoint: bodies, statuses, errors, parameters, by labels, lists and sections.

use source::Span;
use syntax::columns::{boolean, cell, column, is_nothing};
use syntax::decl;
use syntax::document::Section;
use syntax::english::{self, Rule};
use syntax::family::normal;
use syntax::inline::{Label, Slice, label};
use syntax::page::{Block, BlockKind, Fence, Table};
use syntax::route::{self};
use syntax::types::{self, Type};
use syntax::{Family, SectionId};

use crate::claim::{Form, Parameter, Place, Property, Subject, Value};
use crate::read::api::routes_in;
use crate::read::api::standing::{in_api, is_part};
use crate::read::errors::{status_in, statuses_in};
use crate::read::{Entry, ProblemKind, Reader, coded_default, entries, fences, fences_of};

/// What an entry of a list says beside its route.
pub(super) fn summary(reader: &mut Reader<'_>, subject: &Subject, entry: &Entry<'_>) {
    reader.say_text(subject, Property::Description, entry.whole, Form::Item);
    // `POST /orders → 202 Accepted`, `POST /orders — 202, 404`
    let text = entry.whole.as_str();
    if let Some((at, arrow)) = ["→", "->", "=>", " — ", " – "].iter().find_map(|it| Some((text.find(it)?, it.len())))
    {
        let rest = entry.whole.from(at + arrow);
        if statuses_in(rest.as_str()).first().is_some_and(|it| it.1 <= 2) {
            answer(reader, subject, rest);
        }
    }
    for (label, children) in nested_labels(entry.children) {
        part(reader, subject, label.key, Some(label.value), children, None);
    }
}

fn nested_labels<'a>(blocks: &'a [Block]) -> Vec<(Label<'a>, &'a [Block])> {
    entries(blocks).into_iter().filter_map(|it| Some((it.label()?, it.children))).collect()
}

/// What is said under an endpoint: its own labels and lists, and the sections within it.
pub(super) fn details(reader: &mut Reader<'_>, id: SectionId, subject: &Subject) {
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
            // `**Response** (204): no body`, on a line below what a label without a value holds.
            let lines = entries(&section.blocks).into_iter().filter(|it| it.form == Form::Label);
            for label in lines.filter_map(|it| it.label()).filter(|it| it.strong) {
                let other = syntax::document::key_family(label.key.as_str());
                if other == Some(Family::Response) && family != Family::Response && family != Family::Errors {
                    part(reader, subject, label.key, Some(label.value), &[], Some(label.key.span()));
                }
            }
        }
        // `**201 Created**` over a body.
        None if leads_with_status(section.heading.as_str().trim()) => {
            let heading = section.heading.all();
            part_blocks(reader, subject, Family::Response, heading, None, &section.blocks, Some(section.span));
        }
        None => body(reader, section, subject, false),
        _ => {}
    }
}

/// Whether a text begins with a status of HTTP.
fn leads_with_status(text: &str) -> bool {
    statuses_in(text).first().is_some_and(|it| it.1 == 0)
}

/// Labels, lists and loose fences of a section that belongs to an endpoint.
fn body(reader: &mut Reader<'_>, section: &Section, subject: &Subject, own: bool) {
    // `Response (201):` on the line before a fence, without any mark.
    let mut led = Vec::new();
    for pair in section.blocks.windows(2) {
        let [before, block] = pair else { continue };
        if let (Some((family, status)), BlockKind::Fence(fence)) = (leads(before), &block.kind) {
            bodies(reader, subject, family, status, fence);
            led.push((fence.open, family));
        }
        if let (BlockKind::Paragraph(text), BlockKind::List(_) | BlockKind::Table(_)) = (&before.kind, &block.kind)
            && let Some(place) = text.all().lines().last().and_then(places)
        {
            parameters(reader, subject, place, None, std::slice::from_ref(block));
        }
    }
    for entry in entries(&section.blocks) {
        if let Some(label) = entry.label() {
            part(reader, subject, label.key, Some(label.value), entry.children, Some(label.key.span()));
        } else if entry.form == Form::Label && own {
            if let Some(returns) = returns(entry.whole) {
                answer(reader, subject, returns);
            } else if routes_in(entry.whole).is_empty() {
                reader.say_text(subject, Property::Description, entry.whole, Form::Prose);
            }
        } else if entry.form == Form::Item && entry.whole.as_str().starts_with("Returns ") {
            answer(reader, subject, entry.whole);
        }
    }
    loose_tables(reader, subject, &section.blocks);
    // Fences without a label: what HTTP heads and titles say of themselves, else what the method makes of them.
    let mut loose = Vec::new();
    for fence in fences_of(section).filter(|it| !led.iter().any(|led| led.0 == it.open)) {
        if matches!(fence.lang.as_str(), "http" | "") && fence.content.as_str().contains("HTTP/") {
            bodies(reader, subject, Family::Response, None, fence);
        } else if matches!(fence.lang.as_str(), "json" | "jsonc") {
            if section.title.whole.contains("response") {
                bodies(reader, subject, Family::Response, None, fence);
            } else {
                loose.push(fence);
            }
        }
    }
    if !loose.is_empty() {
        // Behind the first body with a label, one without any is a further example of nobody knows what.
        let unled = led
            .first()
            .map_or(loose.len(), |first| loose.iter().take_while(|it| it.open.start < first.0.start).count());
        let families = unlabelled(reader, section, subject, own, (&loose, unled), &led);
        for (fence, family) in loose.iter().zip(families) {
            bodies(reader, subject, family, None, fence);
        }
    }
}

/// What bodies without a label are: those of a method that takes none are answers; of others the first is
/// the request, unless one is shown elsewhere or the only one holds what only the service knows.
///
/// Of `fences` only the first `unled` are told so, those before the bodies that a line announces (`led`).
fn unlabelled(
    reader: &Reader<'_>,
    section: &Section,
    subject: &Subject,
    own: bool,
    (fences, unled): (&[&Fence], usize),
    led: &[(Span, Family)],
) -> Vec<Family> {
    let method = subject.as_str().split('.').nth(1).unwrap_or("");
    let labelled = |family| {
        led.iter().any(|it| it.1 == family) || reader.doc.descendants(section.id).any(|it| it.own == Some(family))
    };
    let (asked, answered) = (labelled(Family::Request), labelled(Family::Response));
    let takes = matches!(method, "POST" | "PUT" | "PATCH");
    let of = |(index, fence): (usize, &&Fence)| {
        let bodies = syntax::json::read(&fence.content).0;
        let said = |it: &syntax::json::Body| it.title.is_some() || it.status.is_some() || it.request.is_some();
        let [body] = bodies.as_slice() else { return Family::Interfaces };
        if !own || index >= unled || said(body) {
            return Family::Interfaces;
        }
        let has = |names: &[&str]| {
            let properties = body.value.as_ref().map_or(&[][..], |it| it.value.properties());
            properties.iter().any(|it| names.contains(&it.key.value.as_str()))
        };
        let given = has(&["id", "_id", "createdAt", "created_at", "success", "data", "token", "accessToken", "items"]);
        if has(&["error", "errors"]) && !given {
            Family::Errors
        } else if takes && index == 0 && !asked && (unled > 1 || answered || !given) {
            Family::Request
        } else if answered {
            Family::Interfaces
        } else {
            Family::Response
        }
    };
    fences.iter().enumerate().map(of).collect()
}

/// The parameters that a line without marks announces: `Query parameters (all optional):`.
fn places(line: Slice<'_>) -> Option<Place> {
    let key = line.as_str().trim().strip_suffix(':')?;
    match syntax::document::key_family(key)? {
        Family::QueryParameters => Some(Place::Query),
        Family::PathParameters => Some(Place::Path),
        Family::Headers => Some(Place::Header),
        _ => None,
    }
}

/// What the last line of a paragraph says of the fence below it.
fn leads(block: &Block) -> Option<(Family, Option<u16>)> {
    let BlockKind::Paragraph(text) = &block.kind else { return None };
    let line = text.all().lines().last()?.trim();
    let bare = line.as_str().strip_suffix(':');
    let key = bare.map(|it| line.get(0..it.len())).or_else(|| label(line).map(|it| it.key))?;
    let until = statuses_in(key.as_str()).first().map_or(key.as_str().len(), |it| it.1);
    let family = syntax::document::key_family(key.as_str());
    let family = family.or_else(|| syntax::document::key_family(key.get(0..until).trim().as_str()));
    let family = family.filter(|it| matches!(it, Family::Request | Family::Response | Family::Errors))?;
    Some((family, status_in(line.as_str())))
}

/// What a line says from the sentence on that tells the answer.
fn returns(line: Slice<'_>) -> Option<Slice<'_>> {
    let text = line.as_str();
    if text.starts_with("Response") || text.starts_with("Returns ") {
        return Some(line);
    }
    text.find(". Returns ").map(|it| line.from(it + 2))
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
                access(reader, subject, value, words.starts_with("auth") && words != "authorization");
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
        Family::Response if lists_errors(heading, blocks) => errors(reader, subject, value, blocks, place),
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
            // `- 201 Created: …` and `- 409 Conflict: …` are several answers.
            let listed = entries(blocks).into_iter().filter(|it| it.form == Form::Item);
            let listed: Vec<Entry<'_>> = listed.filter(|it| leads_with_status(it.whole.as_str())).collect();
            if found.is_empty() && !listed.is_empty() {
                listed.iter().for_each(|it| error_row(reader, subject, it.whole, Form::Item));
                return;
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
            loose_tables(reader, subject, blocks);
        }
        Family::Errors => errors(reader, subject, value, blocks, place),
        Family::PathParameters => parameters(reader, subject, Place::Path, value, blocks),
        Family::QueryParameters => parameters(reader, subject, Place::Query, value, blocks),
        Family::Headers => parameters(reader, subject, Place::Header, value, blocks),
        Family::Authentication | Family::Authorization => {
            for entry in entries(blocks) {
                reader.say_text(subject, Property::Auth, entry.whole, entry.form);
                access(reader, subject, entry.whole, family == Family::Authentication);
            }
        }
        _ => {}
    }
}

/// Tables that no label names: their headers say what they are.
fn loose_tables(reader: &mut Reader<'_>, subject: &Subject, blocks: &[Block]) {
    for block in blocks {
        let BlockKind::Table(table) = &block.kind else { continue };
        let one = std::slice::from_ref(block);
        if column(table, &["parameter", "param", "query parameter"]).is_some() {
            parameters(reader, subject, Place::Query, None, one);
        } else if lists_statuses(table) {
            errors(reader, subject, None, one, None);
        }
    }
}

/// Whether each row of a table has a status and says when it is answered.
fn lists_statuses(table: &Table) -> bool {
    let status = column(table, &["status", "status code", "http status", "code", "response code", "http code"]);
    let words = &["reason", "condition", "when", "cause", "meaning", "description", "scenario"];
    let all = || table.rows.iter().all(|it| cell(it, status).is_some_and(|it| status_in(it.as_str()).is_some()));
    status.is_some() && column(table, words).is_some() && !table.rows.is_empty() && all()
}

/// How callers prove who they are: words about who may call say so only if they name a token or a key.
fn access(reader: &mut Reader<'_>, subject: &Subject, words: Slice<'_>, authentication: bool) {
    use syntax::access::{Scheme, of_endpoint};
    let said = of_endpoint(words.as_str());
    if let Some(said) = said.filter(|it| authentication || matches!(it.scheme, Scheme::Bearer | Scheme::ApiKey)) {
        reader.say(subject, Property::Access, Value::Access(Box::new(said)), words.span(), Form::Label);
    }
}

/// `Error Responses` over a table or a list is a list of errors, not a body.
fn lists_errors(heading: Slice<'_>, blocks: &[Block]) -> bool {
    let words = normal(heading.as_str());
    words.starts_with("error") && status_in(heading.as_str()).is_none() && fences(blocks).is_empty()
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
                    Family::Errors if own.or(status).is_none() => (Property::ErrorRow, None),
                    _ => (Property::Response, own.or(status)),
                };
                reader.say(subject, property, Value::Body(status, Box::new(body)), span, Form::Example);
            }
        }
        "typescript" | "ts" => {
            for declaration in reader.declared.of(fence) {
                let ty = match &declaration.body {
                    decl::Body::Alias(ty) => ty.clone(),
                    decl::Body::Record(members) | decl::Body::Class(members) => Type::Object(members.clone()),
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
        let name = source::Spanned::new(name.as_str().to_owned(), name.span());
        let mut member = decl::Member::new(name, source::Spanned::new(words.ty, words.span), row.span);
        member.optional = needed == Some(false);
        members.push(member);
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
                say_status(reader, subject, (number, code, reason), row.span, Form::Table);
            }
        }
    }
    for (fence, _) in fences(blocks) {
        bodies(reader, subject, Family::Errors, None, fence);
    }
}

/// Says an error, or the status of a success that stands among them.
fn say_status(
    reader: &mut Reader<'_>,
    subject: &Subject,
    (status, code, reason): (Option<u16>, Option<String>, String),
    place: Span,
    form: Form,
) {
    match status {
        Some(success) if success < 400 => {
            reader.say(subject, Property::Response, Value::Answer(status), place, form);
        }
        _ => reader.say(subject, Property::ErrorRow, Value::Error(status, code, reason), place, form),
    }
}

/// `- 409 Conflict: already paid`, ``- `UNAUTHORIZED` for missing tokens``.
fn error_row(reader: &mut Reader<'_>, subject: &Subject, words: Slice<'_>, form: Form) {
    let (text, place) = (words.as_str(), words.span());
    let code = symbol(words);
    let statuses = statuses_in(text);
    let reason = |at: usize| {
        let rest = text.get(at..).unwrap_or("").trim_start_matches(|it: char| !it.is_alphanumeric());
        // `404 (not found)`: the bracket that closes belongs to the one before the words.
        let open = rest.matches('(').count() < rest.matches(')').count();
        let rest = if open { rest.trim_end().strip_suffix(')').unwrap_or(rest) } else { rest };
        rest.to_owned()
    };
    if let Some((status, at)) = statuses.first().copied()
        && at <= 2 + code.as_ref().map_or(0, |it| it.len() + 3)
    {
        let words = reason(at + 3);
        let rest = code.as_ref().and_then(|it| words.strip_prefix(it.as_str()));
        let rest = rest.map(|it| it.trim_start_matches(|it: char| !it.is_alphanumeric()).to_owned());
        let reason = rest.filter(|it| !it.is_empty()).unwrap_or(words);
        say_status(reader, subject, (Some(status), code, reason), place, form);
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
        let location = column(table, &["in", "location", "where", "place"]);
        for row in &table.rows {
            let place = match cell(row, location).map(|it| it.as_str().trim().to_lowercase()).as_deref() {
                Some("path" | "url") => Place::Path,
                Some("query" | "query string") => Place::Query,
                Some("header" | "headers") => Place::Header,
                Some("body" | "form" | "cookie") => continue,
                _ => place,
            };
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
                limits(&mut parameter, cell.all());
            }
            if let Some(cell) = cell(row, default).filter(|it| !is_nothing(it.as_str())) {
                parameter.default = Some(cell.as_str().trim_matches(['`', '"', '\'']).to_owned());
            }
            say(parameter, name.span());
        }
    }
}

fn limits(parameter: &mut Parameter, words: Slice<'_>) {
    if let Some(value) = coded_default(words) {
        parameter.default = Some(value.as_str().to_owned());
    }
    for phrase in english::of_field(&words.to_text()) {
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
    limits(&mut parameter, words.from(name.offset_in(words) + name.as_str().len()));
    say(parameter, name.span());
}

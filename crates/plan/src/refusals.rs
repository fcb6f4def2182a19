//! How each kind of refusal is answered: status, message, code and envelope, as the document has them.

use model::names::words;
use model::{BehaviourKind, Category, Endpoint, ErrorRow, Shape, Spec};
use source::Span;
use syntax::json::Json;

use crate::examples;
use crate::level::Level;
use crate::lines::Lines;
use crate::why::{ALL, Why};

/// The refusals of one route.
pub struct Refusals {
    each: Vec<Refusal>,
    fallback: Refusal,
}

impl Refusals {
    pub fn get(&self, why: Why) -> &Refusal {
        self.each.get(why as usize).unwrap_or(&self.fallback)
    }
}

/// How one kind of refusal is answered.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub status: u16,
    /// The document's words; `None` if it has none.
    pub message: Option<String>,
    pub body: Vec<Slot>,
    /// Whether the document shapes no errors, so that the body is a problem of RFC 9457.
    pub problem: bool,
    /// The line of the document that it rests on.
    pub line: u32,
    /// The line that states the message.
    pub message_line: u32,
    /// How the log tells it.
    pub level: Level,
    pub word: &'static str,
    /// The row of the endpoint's errors that it answers.
    pub row: Option<Span>,
    /// Whether the document states the status, for this endpoint or for all.
    pub stated: bool,
    /// Whether the message is one that the document shows to callers; else it is the reason of a row.
    pub quoted: bool,
    /// The symbolic code, where the document states it.
    pub code: Option<String>,
}

/// A piece of an error's body.
#[derive(Debug, Clone, PartialEq)]
pub enum Slot {
    Raw(Vec<u8>),
    Message,
    /// The problems with fields: a list of objects with these names for field and message, a list of
    /// sentences, or an object from field to message.
    Details(Details),
    Time,
    Path,
    RequestId,
}

/// How problems with fields are shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Details {
    Objects(String, String),
    Sentences,
    ByField,
}

/// What a document says about its errors.
pub(super) struct Document<'a> {
    spec: &'a Spec,
    lines: &'a Lines<'a>,
    /// Error examples: status and body.
    examples: Vec<(u16, &'a Json)>,
    /// The symbolic codes of those that have one.
    codes: Vec<(u16, &'a str)>,
    categories: Vec<Named<'a>>,
    /// The prevailing shape among them.
    prevailing: Option<(u16, &'a Json)>,
    /// Those of which nothing but a category says what they answer, by where its name stands.
    by_category: Vec<(Span, &'a Json)>,
}

/// A category of errors under its name in lower case.
struct Named<'a> {
    name: String,
    /// Whether the name speaks of no kind of refusal.
    of_none: bool,
    category: &'a Category,
}

impl<'a> Document<'a> {
    pub(super) fn read(spec: &'a Spec, lines: &'a Lines<'a>) -> Document<'a> {
        let responses = spec.endpoints.iter().flat_map(|it| &it.responses).filter(|it| it.status >= 400);
        let examples: Vec<(u16, &Json)> =
            responses.filter_map(|it| Some((it.status, &example(it.body.as_ref()?)?.1.value))).collect();
        let general =
            spec.error_examples.iter().filter_map(|it| Some((it.status.unwrap_or(0), &it.body.value.as_ref()?.value)));
        let examples: Vec<(u16, &Json)> = examples.into_iter().chain(general).collect();
        let same = |a: &Json, b: &Json| keys(a) == keys(b);
        let prevailing =
            examples.iter().rev().max_by_key(|it| examples.iter().filter(|other| same(it.1, other.1)).count()).copied();
        let by_category = spec.error_examples.iter().filter_map(|it| {
            let body = &it.body.value.as_ref().filter(|_| it.status.is_none())?.value;
            Some((category_above(spec, it.span)?, body))
        });
        let codes = examples.iter().filter_map(|it| Some((it.0, code_of(it.1)?))).collect();
        let categories = spec.categories.iter().map(|category| {
            let name = category.name.value.to_lowercase();
            Named { of_none: ALL.iter().all(|it| score(&name, it.names()) == 0), name, category }
        });
        let (by_category, categories) = (by_category.collect(), categories.collect());
        Document { spec, lines, examples, codes, categories, prevailing, by_category }
    }

    /// The refusals of an endpoint.
    pub(super) fn refusals(&self, endpoint: &Endpoint) -> Refusals {
        self.all(Some(endpoint))
    }

    /// The refusals of requests that reach no endpoint.
    pub(super) fn stray(&self) -> Refusals {
        self.all(None)
    }

    fn all(&self, endpoint: Option<&Endpoint>) -> Refusals {
        Refusals {
            each: ALL.iter().map(|it| self.refusal(endpoint, *it)).collect(),
            fallback: self.refusal(None, Why::Internal),
        }
    }

    fn refusal(&self, endpoint: Option<&Endpoint>, why: Why) -> Refusal {
        let status = self.status(endpoint, why);
        // A key that no record can have is one that none has, where the document does not tell them apart.
        if why == Why::MalformedKey && status == self.status(endpoint, Why::NotFound) {
            return self.refusal(endpoint, Why::NotFound);
        }
        let own = endpoint.and_then(|it| {
            let mut shown = it
                .responses
                .iter()
                .filter(|it| it.status == status)
                .filter_map(|it| Some(&example(it.body.as_ref()?)?.1.value));
            shown.find(|it| message_of(it).is_none_or(|it| !speaks_of_other(it, why)))
        });
        let own_row = endpoint.and_then(|it| best_row(&it.errors, status, why));
        let row = own_row.or_else(|| best_row(&self.spec.errors, status, why)).filter(|_| why.is_documented());
        let category = if why.is_documented() { self.message(why, status) } else { None };
        // Where validation has the same status, the words are its own unless they speak of this too.
        let shared = why != Why::Validation && self.status(endpoint, Why::Validation) == status;
        let speaks = |it: &str| !shared || score(&it.to_lowercase(), why.reasons()) > 0;
        let shown = own
            .filter(|_| why != Why::Validation && why.is_documented())
            .and_then(message_of)
            .filter(|it| speaks(it))
            .map(|it| general(it).to_owned());
        let reason = row.filter(|it| speaks(&it.reason)).map(|it| bare(&it.reason, status)).filter(|it| !it.is_empty());
        let quoted = category.is_some() || shown.is_some();
        let message = category.as_ref().map(|it| it.0.clone()).or(shown).or(reason);
        let said = category.as_ref().map(|it| it.2);
        let rested = row.map(|it| self.lines.of(it.span)).or(category.map(|it| it.1));
        let line = rested.or(endpoint.map(|it| self.lines.of(it.span))).unwrap_or(0);
        let shape = own.or_else(|| self.shown_for(why, status)).or_else(|| {
            self.examples
                .iter()
                .find(|it| it.0 == status && self.prevailing.is_some_and(|(_, shape)| keys(shape) == keys(it.1)))
                .map(|it| it.1)
        });
        let shape = shape.or(self.prevailing.map(|it| it.1));
        let (code, coded) = self.code(endpoint, why, status, own);
        let problem = shape.is_none();
        let body = shape.map_or_else(
            || problem_body(status, why),
            |it| {
                Template { status, code: &code, message: path_of_message(it), slots: Vec::new(), raw: Vec::new() }
                    .compile(it)
            },
        );
        let logging = self.category(why, status, |it| it.logging.is_some()).and_then(|it| it.logging.as_ref());
        let usual = if why == Why::Internal { Level::Error } else { Level::Info };
        Refusal {
            status,
            message: message.map(|it| it.trim_end_matches('.').to_owned()),
            body,
            problem,
            line,
            message_line: said.unwrap_or(line),
            level: logging.and_then(|it| Level::read(&it.value)).unwrap_or(usual),
            word: why.word(),
            row: own_row.map(|it| it.span),
            stated: self.states(endpoint, status),
            quoted,
            code: coded.then_some(code),
        }
    }

    /// Whether the document states a status, for the endpoint or for all.
    fn states(&self, endpoint: Option<&Endpoint>, status: u16) -> bool {
        let own = endpoint.is_some_and(|it| {
            it.errors.iter().any(|it| it.status == Some(status)) || it.responses.iter().any(|it| it.status == status)
        });
        own || self.spec.errors.iter().any(|it| it.status == Some(status))
            || self.spec.error_examples.iter().any(|it| it.status == Some(status))
    }

    /// The status of a kind of refusal, as the endpoint documents it.
    fn status(&self, endpoint: Option<&Endpoint>, why: Why) -> u16 {
        let mut rows: Vec<(u16, &str)> = Vec::new();
        if let Some(endpoint) = endpoint {
            rows.extend(endpoint.errors.iter().filter_map(|it| Some((it.status?, it.reason.as_str()))));
            rows.extend(endpoint.responses.iter().filter(|it| it.status >= 400).map(|it| {
                (it.status, it.body.as_ref().and_then(example).and_then(|it| message_of(&it.1.value)).unwrap_or(""))
            }));
        }
        let documents = |status: u16| rows.iter().any(|it| it.0 == status);
        let first = |choices: &[u16]| choices.iter().copied().find(|it| documents(*it));
        let spoken = |choices: &[u16]| {
            rows.iter()
                .filter(|it| choices.contains(&it.0) && score(&it.1.to_lowercase(), why.reasons()) > 0)
                .map(|it| it.0)
                .next()
        };
        // What is said of references is not said of states.
        let refers = rows.iter().any(|it| it.0 == 422 && score(&it.1.to_lowercase(), Why::Reference.reasons()) > 0);
        match why {
            Why::Validation => {
                let both = documents(400) && documents(422);
                let said = if both { spoken(&[400, 422]) } else { None };
                said.or_else(|| first(&[400, 422])).or_else(|| self.usual(&[400, 422])).unwrap_or(400)
            }
            Why::NotFound => first(&[404, 410]).unwrap_or(404),
            Why::Transition => first(&[409])
                .or_else(|| spoken(&[412, 423, 422, 400, 403]))
                .or_else(|| first(&[412, 423]))
                .or_else(|| first(&[422]).filter(|_| !refers))
                .unwrap_or(409),
            Why::Unique => first(&[409]).or_else(|| spoken(&[422, 400])).unwrap_or(409),
            Why::Reference => {
                let creates = endpoint
                    .is_some_and(|it| it.behaviour.kind == BehaviourKind::Create && !it.path.contains(['{', ':']));
                let missing = || if creates { first(&[404]) } else { None };
                first(&[422]).or_else(|| spoken(&[400])).or_else(missing).unwrap_or(400)
            }
            Why::InUse => first(&[409]).or_else(|| spoken(&[422, 400])).unwrap_or(409),
            Why::MalformedKey => spoken(&[400, 422]).unwrap_or_else(|| self.status(endpoint, Why::NotFound)),
            Why::MediaType => first(&[415]).or_else(|| spoken(&[400, 406, 422])).unwrap_or(415),
            Why::NoRoute => 404,
            Why::Method => 405,
            Why::TooSlow => 408,
            Why::TooLarge => 413,
            Why::LongPath => 414,
            Why::LongHeaders => 431,
            Why::Inferred => 501,
            Why::Internal => 500,
            Why::Unavailable => 503,
            Why::Full => 507,
            Why::Unauthenticated => 401,
        }
    }

    /// The one of these statuses that the document uses most.
    fn usual(&self, choices: &[u16]) -> Option<u16> {
        // A row about states says nothing of values.
        let speaks = |it: &ErrorRow, why: Why| score(&it.reason.to_lowercase(), why.reasons()) > 0;
        let other = |it: &ErrorRow| speaks(it, Why::Transition) && !speaks(it, Why::Validation);
        let rows = self.spec.endpoints.iter().flat_map(|it| &it.errors).chain(&self.spec.errors);
        let rows = rows.filter(|it| !other(it)).filter_map(|it| it.status);
        let all: Vec<u16> = rows.chain(self.examples.iter().map(|it| it.0)).collect();
        let count = |status: &u16| all.iter().filter(|it| *it == status).count();
        choices.iter().copied().filter(|it| count(it) > 0).max_by_key(count)
    }

    /// The category that speaks of a kind of refusal, among those that say something.
    fn category(&self, why: Why, status: u16, says: impl Fn(&Category) -> bool) -> Option<&'a Category> {
        let all = || self.categories.iter().filter(|it| says(it.category));
        let by_name = all().filter(|it| score(&it.name, why.names()) > 0).max_by_key(|it| score(&it.name, why.names()));
        let of_none = || all().filter(|it| it.of_none);
        let when =
            |it: &Named| it.category.when.as_ref().map_or(0, |it| score(&it.value.to_lowercase(), why.reasons()));
        let by_when = || of_none().filter(|it| when(it) > 0).max_by_key(|it| when(it));
        let by_number = || of_none().find(|it| it.name.contains(&status.to_string()));
        by_name.or_else(by_when).or_else(by_number).map(|it| it.category)
    }

    /// The body that is shown under the category of a kind of refusal.
    fn shown_for(&self, why: Why, status: u16) -> Option<&'a Json> {
        if self.by_category.is_empty() || !why.is_documented() {
            return None;
        }
        let category = self.category(why, status, |_| true)?;
        self.by_category.iter().find(|it| it.0 == category.name.span).map(|it| it.1)
    }

    /// The user message of the category that speaks of a kind of refusal, the category's line and its own.
    fn message(&self, why: Why, status: u16) -> Option<(String, u32, u32)> {
        let found = self.category(why, status, |it| it.message.is_some())?;
        let text = found.message.as_ref()?.value.trim().trim_matches(['"', '`', '“', '”']);
        let (category, own) = (self.lines.of(found.name.span), self.lines.of(found.message.as_ref()?.span));
        (!text.starts_with('[')).then(|| (text.to_owned(), category, own))
    }

    /// The symbolic code of a refusal, and whether the document has it.
    fn code(&self, endpoint: Option<&Endpoint>, why: Why, status: u16, own: Option<&Json>) -> (String, bool) {
        let rows = || {
            endpoint.iter().flat_map(|it| &it.errors).chain(&self.spec.errors).filter(|it| it.status == Some(status))
        };
        let coded = || rows().filter_map(|it| Some((it.code.as_deref()?, it)));
        let speaks = |code: &str, row: &ErrorRow| {
            score(&format!("{} {}", words(code).join(" "), row.reason).to_lowercase(), why.reasons())
        };
        let spoken = coded()
            .filter(|(code, row)| speaks(code, row) > 0)
            .max_by_key(|(code, row)| speaks(code, row))
            .map(|it| it.0);
        let shown = || own.and_then(code_of);
        // What the endpoint itself shows of this refusal goes before what is said of all.
        let stated =
            endpoint.is_some_and(|it| it.errors.iter().any(|it| it.status == Some(status) && it.code.is_some()));
        let spoken = if stated {
            spoken
        } else {
            shown().filter(|it| score(&words(it).join(" ").to_lowercase(), why.reasons()) > 0).or(spoken)
        };
        let elsewhere = || self.codes.iter().find(|it| it.0 == status).map(|it| it.1);
        let any = || coded().next().map(|it| it.0);
        let style = || self.codes.first().map(|it| it.1);
        let found = spoken.or_else(shown).or_else(any).or_else(elsewhere).filter(|_| why.is_documented());
        found.map_or_else(|| (why.code(style()), false), |it| (it.to_owned(), true))
    }
}

/// Where the name of the category stands under which something is said.
fn category_above(spec: &Spec, span: Span) -> Option<Span> {
    let doc = spec.document();
    let names = doc.ancestors(doc.section_at(span)?.id).map(|it| it.name().span());
    names.into_iter().find(|name| spec.categories.iter().any(|it| it.name.span == *name))
}

fn example(shape: &Shape) -> Option<(&syntax::json::Body, &source::Spanned<Json>)> {
    match shape {
        // Sentences such as `name is required` make an example look like a shape.
        Shape::Body(..) => examples::value(shape).filter(|it| matches!(it.1.value, Json::Object(_))),
        Shape::Type(_) => None,
    }
}

fn keys(json: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for property in json.properties() {
        found.push(property.key.value.clone());
        found.extend(keys(&property.value.value));
    }
    found
}

/// A reason without the status's own phrase before it (`Not Found: there is no such room`) and without
/// marks of code.
fn bare(reason: &str, status: u16) -> String {
    let own = phrase(status);
    let rest = reason.get(..own.len()).filter(|it| it.eq_ignore_ascii_case(own)).and_then(|_| reason.get(own.len()..));
    let rest = rest.map(|it| it.trim_start_matches([':', '-', '—', ' '])).filter(|it| !it.is_empty());
    rest.unwrap_or(reason).replace('`', "")
}

/// A message that an example shows, without the values of that one case: `Order not found: id=1`.
fn general(message: &str) -> &str {
    let case = |it: &str| it.split([',', ' ']).filter(|it| !it.is_empty()).all(|it| it.contains('='));
    message.split_once(": ").filter(|(_, rest)| case(rest)).map_or(message, |(head, _)| head)
}

/// The row of a status that speaks most of a kind of refusal.
fn best_row(rows: &[ErrorRow], status: u16, why: Why) -> Option<&ErrorRow> {
    // What is said of malformed keys is said of nothing else.
    let of_keys = |it: &ErrorRow| score(&it.reason.to_lowercase(), Why::MalformedKey.reasons()) > 0;
    let own = || rows.iter().filter(|it| it.status == Some(status) && (why == Why::MalformedKey || !of_keys(it)));
    let speaks = |it: &ErrorRow| {
        score(
            &format!("{} {}", it.reason, it.code.as_deref().map(words).unwrap_or_default().join(" ")).to_lowercase(),
            why.reasons(),
        )
    };
    let best = own().rev().max_by_key(|it| speaks(it));
    best.filter(|it| own().count() == 1 || speaks(it) > 0).or_else(|| own().next())
}

/// Whether a refusal is what a row of errors speaks of.
pub(super) fn answers(how: &Refusal, why: Why, row: &ErrorRow) -> bool {
    how.row == Some(row.span) || row.status == Some(how.status) && score(&row.reason.to_lowercase(), why.reasons()) > 0
}

fn score(text: &str, phrases: &[&str]) -> usize {
    phrases.iter().filter(|it| text.contains(**it)).count()
}

/// Whether a message is about another kind of refusal that shares the status.
fn speaks_of_other(message: &str, why: Why) -> bool {
    let lower = message.to_lowercase();
    let own = score(&lower, why.reasons());
    let siblings = [Why::Transition, Why::Unique, Why::InUse];
    own == 0 && siblings.contains(&why) && siblings.iter().any(|it| *it != why && score(&lower, it.reasons()) > 0)
}

const MESSAGES: [&str; 9] =
    ["message", "detail", "error", "error_description", "errorMessage", "description", "msg", "reason", "title"];

/// Keys that lead to the words of an error.
fn path_of_message(json: &Json) -> Vec<String> {
    for name in MESSAGES {
        if let Some(path) = path_to(json, name, 0) {
            return path;
        }
    }
    Vec::new()
}

fn path_to(json: &Json, name: &str, depth: usize) -> Option<Vec<String>> {
    let own = json
        .properties()
        .iter()
        .find(|it| it.key.value == name && matches!(it.value.value, Json::String(_) | Json::Hole(_)));
    if let Some(own) = own {
        return Some(vec![own.key.value.clone()]);
    }
    if depth > 2 {
        return None;
    }
    json.properties().iter().find_map(|it| {
        let mut path = path_to(&it.value.value, name, depth + 1)?;
        path.insert(0, it.key.value.clone());
        Some(path)
    })
}

fn message_of(json: &Json) -> Option<&str> {
    let mut at = json;
    for name in path_of_message(json) {
        at = &at.get(&name)?.value;
    }
    at.as_str()
}

/// A symbolic code in an error's body.
fn code_of(json: &Json) -> Option<&str> {
    json.properties().iter().find_map(|it| match &it.value.value {
        Json::String(text) if is_code_slot(&it.key.value) && is_symbol(text) => Some(text.as_str()),
        Json::Object(_) => code_of(&it.value.value),
        _ => None,
    })
}

fn is_code_slot(name: &str) -> bool {
    matches!(model::names::key(name).as_str(), "code" | "errorcode" | "error" | "type" | "kind" | "name")
}

fn is_symbol(text: &str) -> bool {
    text.len() > 2
        && text.chars().all(|it| it.is_ascii_alphanumeric() || "_-.".contains(it))
        && (text.contains(['_', '-'])
            || text.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
            || text.ends_with("Error"))
}

/// The reason phrase of a status.
pub fn phrase(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason()).unwrap_or("Error")
}

fn problem_body(status: u16, why: Why) -> Vec<Slot> {
    let head = format!("{{\"type\":\"about:blank\",\"title\":\"{}\",\"status\":{status},\"detail\":", phrase(status));
    let mut body = vec![Slot::Raw(head.into_bytes()), Slot::Message];
    if why == Why::Validation {
        body.push(Slot::Raw(b",\"errors\":".to_vec()));
        body.push(Slot::Details(Details::Objects("field".to_owned(), "message".to_owned())));
    }
    body.push(Slot::Raw(b"}".to_vec()));
    body
}

struct Template<'a> {
    status: u16,
    code: &'a str,
    message: Vec<String>,
    slots: Vec<Slot>,
    raw: Vec<u8>,
}

impl Template<'_> {
    fn compile(mut self, json: &Json) -> Vec<Slot> {
        self.value(json, &mut Vec::new());
        self.flush();
        self.slots
    }

    fn flush(&mut self) {
        if !self.raw.is_empty() {
            self.slots.push(Slot::Raw(std::mem::take(&mut self.raw)));
        }
    }

    fn push(&mut self, slot: Slot) {
        self.flush();
        self.slots.push(slot);
    }

    fn value(&mut self, json: &Json, at: &mut Vec<String>) {
        if !at.is_empty() && *at == self.message {
            return self.push(Slot::Message);
        }
        let name = at.last().map(|it| model::names::key(it)).unwrap_or_default();
        let detail = matches!(
            name.as_str(),
            "details" | "errors" | "fields" | "violations" | "fielderrors" | "validationerrors" | "issues"
        );
        match json {
            Json::Object(properties) if !detail => {
                self.raw.push(b'{');
                for (index, property) in properties.iter().enumerate() {
                    if index > 0 {
                        self.raw.push(b',');
                    }
                    crate::cell::text(&property.key.value, &mut self.raw);
                    self.raw.push(b':');
                    at.push(property.key.value.clone());
                    self.value(&property.value.value, at);
                    at.pop();
                }
                self.raw.push(b'}');
            }
            Json::Object(properties) => {
                let names: Vec<&str> = properties.iter().map(|it| it.key.value.as_str()).collect();
                let one = names.iter().any(|it| matches!(*it, "field" | "path"));
                self.push(Slot::Details(if one { Details::Sentences } else { Details::ByField }));
            }
            Json::Array(items) if detail => {
                let first = items.first().map(|it| it.value.properties()).unwrap_or_default();
                let find = |wanted: &[&str]| {
                    first.iter().map(|it| it.key.value.as_str()).find(|it| wanted.contains(it)).map(str::to_owned)
                };
                let field = find(&["field", "path", "name", "property", "param", "loc", "key"]);
                let message = find(&["message", "error", "reason", "issue", "msg", "description", "detail"]);
                self.push(Slot::Details(match (field, message) {
                    (Some(field), Some(message)) => Details::Objects(field, message),
                    (Some(field), None) => Details::Objects(field, "message".to_owned()),
                    _ => Details::Sentences,
                }));
            }
            Json::Number(text) => {
                let status = text.parse::<u16>().is_ok_and(|it| (400..600).contains(&it));
                let text = if status { self.status.to_string() } else { text.clone() };
                self.raw.extend_from_slice(text.as_bytes());
            }
            Json::String(_) | Json::Hole(_) if matches!(name.as_str(), "timestamp" | "time" | "date") => {
                self.push(Slot::Time);
            }
            Json::String(_) | Json::Hole(_) if matches!(name.as_str(), "requestid" | "traceid" | "correlationid") => {
                self.push(Slot::RequestId);
            }
            Json::String(text) if matches!(name.as_str(), "path" | "instance") && text.starts_with('/') => {
                self.push(Slot::Path);
            }
            Json::String(text) => {
                let status = text.len() == 3 && text.parse::<u16>().is_ok_and(|it| (400..600).contains(&it));
                let reason = (400..600).any(|it| phrase(it) != "Error" && phrase(it).eq_ignore_ascii_case(text));
                let text = match name.as_str() {
                    _ if status => self.status.to_string(),
                    _ if reason => phrase(self.status).to_owned(),
                    "title" => phrase(self.status).to_owned(),
                    _ if is_code_slot(&name) && is_symbol(text) => self.code.to_owned(),
                    _ => text.clone(),
                };
                crate::cell::text(&text, &mut self.raw);
            }
            other => {
                let value = super::tables::json(other).unwrap_or(serde_json::Value::Null);
                self.raw.extend_from_slice(value.to_string().as_bytes());
            }
        }
    }
}

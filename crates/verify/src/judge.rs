//! Answers held to what the document says: statuses, shapes, fields, headers, codes and messages.

use std::rc::Rc;

use plan::cell::{Cell, Record};
use plan::shape::{Found, Kind};
use plan::{MakeKey, Route, Table, Why};
use serde_json::{Map, Value};

use crate::client::Answer;
use crate::report::Area;
use crate::session::{Session, Success, excerpt, path, told};
use crate::template::{self, Bound, Hole};

/// A status stands at most so many lines above the body that is drawn.
const ABOVE: u32 = 4;

/// So many lines of a body are looked through.
const BODY: u32 = 200;

impl Session<'_> {
    /// The line where the success of a route is drawn, else that of the endpoint.
    pub(crate) fn drawn_at(&self, route: &Route) -> u32 {
        let endpoint = self.spec.endpoints.get(route.endpoint);
        let own = endpoint
            .into_iter()
            .flat_map(|it| &it.responses)
            .find(|it| it.status == route.answer.status && !it.inferred);
        own.map_or(route.line, |it| self.lines().of(it.span))
    }

    /// The line that states the status of a success: beside what is drawn, or above it.
    fn stated_at(&self, route: &Route) -> u32 {
        let (drawn, status) = (self.drawn_at(route), route.answer.status.to_string());
        let above = (drawn.saturating_sub(ABOVE)..=drawn).rev();
        above.into_iter().find(|it| self.line(*it).contains(&status)).unwrap_or(drawn)
    }

    /// The line of a total in the success of a route, else that where it is drawn.
    pub(crate) fn total_at(&self, route: &Route) -> u32 {
        self.member_at(self.drawn_at(route), "$.total")
    }

    /// The line of a member in what is drawn from a line on: `$.data.id`.
    fn member_at(&self, drawn: u32, at: &str) -> u32 {
        let mut line = drawn;
        for name in at.split('.').skip(1) {
            let name = format!("\"{}\"", name.split('[').next().unwrap_or("").to_lowercase());
            let fenced = (line..line + BODY).take_while(|it| *it == drawn || !self.line(*it).starts_with("```"));
            match fenced.into_iter().find(|it| self.line(*it).contains(&name)) {
                Some(at) => line = at,
                None => return line,
            }
        }
        line
    }

    /// Expects the success of a route.
    pub(crate) fn expect(&mut self, index: usize, answer: &Answer, what: &str) -> Option<Success> {
        let line = self.route(index)?.line;
        self.expect_at(index, answer, what, line)
    }

    /// [`Session::expect`] of a request of which a clause says that it is allowed.
    pub(crate) fn expect_at(&mut self, index: usize, answer: &Answer, what: &str, line: u32) -> Option<Success> {
        let route = self.route(index)?;
        let own = &route.answer;
        let right = if own.stated { answer.status == own.status } else { (200..300).contains(&answer.status) };
        if !right {
            let expected = if own.stated { own.status.to_string() } else { "a success".to_owned() };
            if self.redirected(index, answer) || self.may_be_taken(route, answer) {
                return None;
            }
            let (message, line) = if answer.status >= 400 {
                (format!("{what} is refused"), line)
            } else {
                (format!("{what} is answered with another status"), self.stated_at(route))
            };
            self.fail(Some(index), line, &message, expected, told(answer));
            if !(200..300).contains(&answer.status) {
                return None;
            }
        }
        self.read(index, answer)
    }

    /// Whether a value may have been taken by a record that was there before: some were met, and where few values
    /// are to be had a new one may be theirs.
    fn may_be_taken(&self, route: &Route, answer: &Answer) -> bool {
        let table = route.table.and_then(|it| self.table(it));
        self.crowded && self.probe != "unique" && table.is_some_and(|it| self.is_taken(route, it, answer))
    }

    /// Tells of an answer that sends elsewhere: whether what was asked for would be done is not known then.
    fn redirected(&mut self, index: usize, answer: &Answer) -> bool {
        let Some(route) = self.route(index).filter(|_| (300..400).contains(&answer.status) && answer.status != 304)
        else {
            return false;
        };
        let place = answer.header("location").map_or_else(String::new, |it| format!(" to {it}"));
        let found = format!("{}{place}", answer.status);
        let message = "requests are sent elsewhere";
        self.fail_as("responses", Some(index), route.line, message, "an answer".to_owned(), found);
        true
    }

    /// [`Session::read`] of what should have been refused: how wrong the answer is then is no finding of its own.
    pub(crate) fn look(&mut self, index: usize, answer: &Answer) -> Option<Success> {
        self.hushed = true;
        let success = self.read(index, answer);
        self.hushed = false;
        success
    }

    /// Whether a record holds what should have been refused.
    pub(crate) fn is_spoilt(&self, table: &Table, record: &Map<String, Value>) -> bool {
        if self.spoilt.is_empty() {
            return false;
        }
        let key = table.key_field().and_then(|it| record.get(&it.member.name));
        let key = key.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
        key.is_some_and(|it| self.spoilt.contains(&(table.index, it)))
    }

    /// Reads a success, and holds it to the shape that the document shows.
    pub(crate) fn read(&mut self, index: usize, answer: &Answer) -> Option<Success> {
        let route = self.route(index)?;
        let mut success = Success::default();
        let Some(template) = self.successes.get(index).cloned().flatten() else { return Some(success) };
        if answer.body.is_empty() {
            if route.answer.shown && answer.status != 204 && route.method != "HEAD" {
                let expected = "the body that the document shows".to_owned();
                self.fail_as("responses", Some(index), route.line, "an answer has no body", expected, told(answer));
            }
            return Some(success);
        }
        if !answer.is_json() && route.answer.shown {
            let line =
                self.sentence(&[&["bodies", "responses", "answers"], &["are json", "is json", "in json", "as json"]]);
            let found = answer.header("content-type").unwrap_or("none").to_owned();
            let expected = "application/json".to_owned();
            let message = "an answer does not say that it is JSON";
            self.fail_as("responses", Some(index), line.unwrap_or(route.line), message, expected, found);
        }
        let Some(body) = answer.json() else {
            if !answer.cut && route.answer.shown {
                let expected = "JSON".to_owned();
                self.fail_as("responses", Some(index), route.line, "an answer is no JSON", expected, told(answer));
            }
            return Some(success);
        };
        let bound = template.hold(&body);
        if route.answer.shown {
            for wrong in &bound.wrong {
                let expected = "the shape that the document shows".to_owned();
                let message = format!("an answer has another shape: `{}`", wrong.at.trim_start_matches("$."));
                let found = format!("{} {}", wrong.at, wrong.what);
                let line = self.member_at(self.drawn_at(route), &wrong.at);
                self.fail_as("responses", Some(index), line, &message, expected, found);
            }
        }
        self.gather(route, &bound, &body, &mut success);
        let Some(table) = route.table.and_then(|it| self.table(it)) else { return Some(success) };
        if let Some(record) = &success.record {
            self.fits(index, table, record);
        }
        for record in success.records.iter().flatten().take(20) {
            match record {
                Value::Object(record) => self.fits(index, table, record),
                other => {
                    let found = format!("an item is {}", template::kind(other));
                    let expected = format!("each item is a {}", table.name);
                    self.fail_as("responses", Some(index), route.line, "a list holds something else", expected, found);
                }
            }
        }
        Some(success)
    }

    fn gather(&self, route: &Route, bound: &Bound, body: &Value, success: &mut Success) {
        let list = route.action == plan::Action::List;
        success.record = bound.of(&Hole::Record).and_then(Value::as_object).cloned();
        success.records = bound.of(&Hole::Records).and_then(Value::as_array).cloned();
        for (hole, value) in &bound.holes {
            match hole {
                Hole::Page(page) => success.pages.push((*page, (*value).clone())),
                Hole::Field(index) => success.fields.push((*index, (*value).clone())),
                _ => {}
            }
        }
        // What nothing draws may still be found where most put it.
        let usual = ["data", "item", "items", "result", "results", "records"];
        let inner = || usual.iter().filter_map(|it| body.get(*it));
        if list && success.records.is_none() {
            success.records = inner().chain([body]).find_map(Value::as_array).cloned();
        }
        let key = route.table.and_then(|it| self.table(it)?.key_field()).map_or("id", |it| it.member.name.as_str());
        if !list && success.record.is_none() {
            let has = |it: &&Value| it.get(key).is_some();
            success.record = inner().chain([body]).filter(has).find_map(Value::as_object).cloned();
        }
    }

    /// Holds a record in an answer to its declaration.
    fn fits(&mut self, index: usize, table: &Table, record: &Map<String, Value>) {
        let Some(route) = self.route(index).filter(|_| !self.is_spoilt(table, record)) else { return };
        let shows = self.shows.get(index).cloned().flatten();
        for at in &route.answer.view {
            let Some(field) = table.field(*at) else { continue };
            let name = &field.member.name;
            let line = if field.member.line > 0 { field.member.line } else { route.line };
            let label = format!("{}.{name}", table.name);
            let Some(value) = record.get(name) else {
                let shown = match &shows {
                    Some(shows) => shows.contains(name),
                    None => field.present,
                };
                if shown && !field.omitted && !field.hidden {
                    let expected = format!("`{name}`, which the document shows");
                    let message = format!("an answer lacks `{name}`");
                    self.fail_as("responses", Some(index), line, &message, expected, "it is missing".to_owned());
                    self.tested(Area::Field, &label, line, false);
                }
                continue;
            };
            if value.is_null() && !field.present {
                continue;
            }
            let mut found = Found::default();
            field.member.accept(value.clone(), name, &mut found);
            if let Kind::Decimal(_, as_text) = field.member.kind
                && value.is_string() != as_text
            {
                let wanted = if as_text { "must be a text with a decimal number" } else { "must be a number" };
                found.problem(name, wanted, line);
            }
            if let Some(problem) = found.problems.first() {
                let line = if problem.line > 0 { problem.line } else { line };
                let message = format!("an answer holds a wrong `{}`", problem.field);
                let expected = format!("`{}` {}", problem.field, problem.message);
                self.fail_as("responses", Some(index), line, &message, expected, excerpt(value.to_string().as_bytes()));
                self.tested(Area::Field, &label, line, false);
            } else {
                self.count(Area::Field, &label, line, true);
            }
        }
        for field in table.fields.iter().filter(|it| it.hidden && it.declared == it.member.name) {
            if record.contains_key(&field.member.name) {
                let message = format!("an answer shows `{}`", field.member.name);
                let expected = "it is never shown".to_owned();
                let found = "it is in the answer".to_owned();
                self.fail_as("responses", Some(index), field.member.line, &message, expected, found);
            }
        }
    }

    /// Expects a refusal. `line` is the clause that the request breaks. Whether it was refused.
    pub(crate) fn refused(&mut self, index: usize, why: Why, answer: &Answer, line: u32, what: &str) -> bool {
        let Some(route) = self.route(index) else { return true };
        let how = route.refusals.get(why);
        let line = if line > 0 { line } else { how.line };
        let expected = if how.stated { format!("a refusal with {}", how.status) } else { "a refusal".to_owned() };
        if !(400..600).contains(&answer.status) {
            if self.redirected(index, answer) {
                return true;
            }
            // What is taken in the place of one thing is told once.
            let alike = what.strip_prefix('`').and_then(|it| it.split(['`', '.', '[']).next()).unwrap_or(what);
            self.fail_alike(
                self.probe,
                Some(index),
                line,
                alike,
                &format!("{what} is accepted"),
                expected,
                told(answer),
            );
            return false;
        }
        if how.stated && answer.status != how.status && answer.status < 500 {
            // Of who is not let in, the status is all there is to say.
            let probe = if why == Why::Unauthenticated { self.probe } else { "error-rows" };
            let message = format!("{what} is refused with another status");
            self.fail_as(probe, Some(index), how.line, &message, expected, told(answer));
            return true;
        }
        self.shaped(index, why, answer);
        true
    }

    /// Expects a refusal of a request that reaches no route.
    pub(crate) fn strayed(&mut self, why: Why, answer: &Answer, what: &str) -> bool {
        let how = self.plan.stray.get(why);
        let row = self.spec.errors.iter().find(|it| it.status == Some(how.status));
        let line = row.map_or(how.line, |it| self.lines().of(it.span));
        if (200..300).contains(&answer.status) {
            self.fail(None, line, &format!("{what} is accepted"), "a refusal".to_owned(), told(answer));
            return false;
        }
        if how.stated && answer.status != how.status && answer.status < 500 {
            let expected = format!("a refusal with {}", how.status);
            self.fail(None, line, &format!("{what} is refused with another status"), expected, told(answer));
            return false;
        }
        self.headed(None, answer);
        true
    }

    /// Holds a refusal to the headers that rows of its status name: `` the header `Allow` names them ``.
    fn headed(&mut self, route: Option<usize>, answer: &Answer) {
        let own = route.and_then(|it| self.spec.endpoints.get(self.route(it)?.endpoint));
        let rows = own.into_iter().flat_map(|it| &it.errors).chain(&self.spec.errors);
        let mut missing = Vec::new();
        for row in rows.filter(|it| it.status == Some(answer.status)) {
            for name in header_names(&row.reason) {
                if answer.header(&name.to_ascii_lowercase()).is_none() {
                    missing.push((self.lines().of(row.span), name.to_owned()));
                }
            }
        }
        for (line, name) in missing {
            let message = format!("an answer with {} has no header `{name}`", answer.status);
            self.fail_as("headers", route, line, &message, format!("the header `{name}`"), "it is missing".to_owned());
        }
    }

    /// Holds the body of a refusal to the shape, the code and the message of the document.
    pub(crate) fn shaped(&mut self, index: usize, why: Why, answer: &Answer) {
        let Some(route) = self.route(index) else { return };
        let how = route.refusals.get(why);
        if answer.status != how.status {
            return;
        }
        let label = format!("{} {} {}", route.method, path(route), how.status);
        let before = self.failures();
        self.headed(Some(index), answer);
        let drawn = || template::refusal(how).map(Rc::new);
        if let Some(template) = self.refusals.entry((index, why)).or_insert_with(drawn).clone() {
            match answer.json() {
                None => {
                    let expected = "the body that the document shows".to_owned();
                    self.fail_as("error-rows", Some(index), how.line, "an error is no JSON", expected, told(answer));
                }
                Some(body) => {
                    let bound = template.hold(&body);
                    if let Some(wrong) = bound.wrong.first() {
                        let expected = "the shape that the document shows".to_owned();
                        let message = format!("an error has another shape: `{}`", wrong.at.trim_start_matches("$."));
                        let found = format!("{} {}: {}", wrong.at, wrong.what, excerpt(&answer.body));
                        self.fail_as("error-rows", Some(index), how.line, &message, expected, found);
                    }
                    let said = bound.of(&Hole::Message).and_then(Value::as_str);
                    if let (Some(own), Some(said)) = (how.message.as_deref().filter(|_| how.quoted), said)
                        && why != Why::Validation
                        && !plain(said).contains(&plain(own))
                    {
                        let found = excerpt(said.as_bytes());
                        let line = how.message_line;
                        let message = "an error has another message";
                        self.fail_as("error-rows", Some(index), line, message, own.to_owned(), found);
                    }
                }
            }
        }
        let good = self.failures() == before;
        if how.row.is_some() {
            self.tested(Area::Error, &label, how.line, good);
        }
    }

    /// Cells of a record that was answered; what it hides is as it was sent.
    pub(crate) fn cells(&self, table: &Table, json: &Map<String, Value>, sent: Option<&Map<String, Value>>) -> Record {
        let each = table.fields.iter().map(|field| {
            let name = &field.member.name;
            let value = json.get(name).or_else(|| sent?.get(name)).cloned().unwrap_or(Value::Null);
            let mut found = Found::default();
            let value = if value.is_null() { value } else { field.member.accept(value, name, &mut found) };
            if found.problems.is_empty() { field.member.cell(value) } else { Cell::Null }
        });
        each.collect()
    }

    /// The key of a record, as a path carries it.
    pub(crate) fn key_of(&self, table: &Table, success: &Success, answer: &Answer) -> Option<String> {
        if table.make_key == MakeKey::Single {
            return Some(plan::change::SINGLE.to_owned());
        }
        let text = |it: &Value| match it {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let name = table.key_field().map(|it| it.member.name.as_str())?;
        let own = success.record.as_ref().and_then(|it| it.get(name)).and_then(text);
        let alone = || success.fields.iter().find(|it| it.0 == table.key).and_then(|it| text(&it.1));
        let place = || answer.header("location").and_then(|it| it.trim_end_matches('/').rsplit('/').next());
        own.or_else(alone).or_else(|| place().map(str::to_owned))
    }
}

/// Names of headers that words speak of: `the header Allow names them`, `with a Retry-After header`.
fn header_names(words: &str) -> Vec<&str> {
    let plain = |it: &'_ str| -> bool {
        let known = ["Allow", "Location", "Link", "ETag", "Vary"];
        let token = it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        token && it.starts_with(|it: char| it.is_ascii_uppercase()) && (it.contains('-') || known.contains(&it))
    };
    let all: Vec<&str> =
        words.split_whitespace().map(|it| it.trim_matches(['`', ',', '.', ';', ':', '(', ')'])).collect();
    let mut found = Vec::new();
    for (at, _) in all.iter().enumerate().filter(|it| it.1.eq_ignore_ascii_case("header")) {
        let near = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|it| all.get(it).copied());
        found.extend(near.filter(|it| plain(it)));
    }
    found
}

/// What an error should not show: a stack trace, a query, a path of the source.
pub(crate) fn inside(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body.get(..body.len().min(20_000)).unwrap_or(body)).into_owned();
    let signs = [
        "Traceback (most recent call last)",
        "\n    at ",
        "\\n    at ",
        "java.lang.",
        "node_modules/",
        "SQLSTATE",
        "sqlite3.",
        "SQLITE_",
        "psycopg2.",
        "org.hibernate",
        "System.NullReferenceException",
        "panicked at ",
        "goroutine 1 [",
        "UNIQUE constraint failed",
        "violates unique constraint",
        "duplicate key value violates",
        "syntax error at or near",
        "SELECT * FROM",
        "INSERT INTO ",
        "ECONNREFUSED",
        ".rs:",
        ".py\\\", line",
    ];
    let sign = signs.iter().find(|it| text.contains(**it))?;
    let at = text.find(sign).unwrap_or(0);
    let rest: String = text.get(at..).unwrap_or("").chars().take(120).collect();
    Some(excerpt(rest.as_bytes()))
}

fn plain(text: &str) -> String {
    let words: Vec<String> =
        text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).map(str::to_lowercase).collect();
    words.join(" ")
}

#[test]
fn headers_are_named_in_words() {
    for (words, expected) in [
        ("The path has other methods, which the header `Allow` names", vec!["Allow"]),
        ("Too many requests, with a Retry-After header", vec!["Retry-After"]),
        ("The bearer token is missing; the header WWW-Authenticate says Bearer", vec!["WWW-Authenticate"]),
        ("A header is missing", vec![]),
        ("The Authorization is wrong", vec![]),
    ] {
        assert_eq!(header_names(words), expected, "{words}");
    }
}

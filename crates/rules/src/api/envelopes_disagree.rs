//! Bodies that are unlike the envelope that the document defines for all of them, and errors that are
//! unlike all other errors.

use model::claim::{Property, Value};
use model::names::{key, words};
use model::{Shape as Body, Spec};
use source::{Level, Span};
use syntax::document::Section;
use syntax::inline::{Inline, Slice};
use syntax::page::{Block, BlockKind, Fence};

use crate::codes::is_of_endpoint;
use crate::shapes::{Content, Shape};
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "envelopes-disagree",
    summary: "a body is unlike the envelope that is defined for it",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/envelopes-disagree.md"),
    check: Check::Review(envelopes_disagree),
};

fn envelopes_disagree(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let mut seen = Seen::default();
    definitions(review, &mut seen);
    bodies(spec, &mut seen);
    let Seen { defined, answers } = seen;
    let inside = |span: Span| defined.iter().any(|it| it.within.contains(span));
    let answers: Vec<&Answer> = answers.iter().filter(|it| !inside(it.span)).collect();
    for answer in &answers {
        let excepted = |it: &Defined| !answer.path.is_empty() && it.except.contains(&answer.path);
        let fits = |it: &&Defined| if answer.error { it.errors } else { it.answers && !excepted(it) };
        let own: Vec<&Defined> = defined.iter().filter(fits).collect();
        // Where two envelopes are defined, each body may have either.
        let differences: Vec<Difference> = own.iter().filter_map(|it| difference(&it.shape, &answer.shape)).collect();
        if own.is_empty() || differences.len() < own.len() {
            continue;
        }
        let (Some(first), Some(found)) = (own.first(), differences.into_iter().next()) else { continue };
        let what = if answer.error { "error" } else { "body" };
        drop(
            sink.report(found.at.unwrap_or(answer.span), format!("this {what} {}", found.words))
                .label(first.span, format!("the envelope is `{}`", first.shape.describe()))
                .help("give both the same keys"),
        );
    }
    if !defined.iter().any(|it| it.errors) {
        odd_one(sink, &answers);
    }
    named_in_prose(sink, review, &defined, &answers);
}

/// What a heading above an envelope holds.
const TITLED: Holds = Holds::ERROR.and(Holds::RESPONSE);

/// What the document says about bodies.
#[derive(Default)]
struct Seen {
    defined: Vec<Defined>,
    answers: Vec<Answer>,
}

/// An envelope that is defined for all bodies.
struct Defined {
    shape: Shape,
    span: Span,
    /// The whole definition: what stands in it is no answer.
    within: Span,
    errors: bool,
    answers: bool,
    /// The words of an exception that is made in the statement.
    except: String,
}

/// A body of an answer.
struct Answer {
    shape: Shape,
    span: Span,
    error: bool,
    /// The last fixed part of the endpoint's path.
    path: String,
}

fn definitions(review: &Review<'_>, seen: &mut Seen) {
    let spec = review.spec;
    let doc = spec.document();
    for section in &doc.sections {
        let titled = review.texts().heading(section.id).any(TITLED);
        let heading = if titled { says_of_title(section) } else { None };
        let mut heading = heading.filter(|_| !is_of_endpoint(doc, section));
        let mut before: Option<&Inline> = None;
        for block in &section.blocks {
            match &block.kind {
                BlockKind::Paragraph(text) => before = Some(text),
                BlockKind::Fence(fence) => {
                    let said = before.take().map(|it| it.all());
                    let last = said.and_then(|it| it.lines().last());
                    if said.is_none() && heading.is_none() {
                        continue;
                    }
                    let own = said.and_then(|it| says(it.as_str())).filter(|_| !is_of_endpoint(doc, section));
                    // Below the envelope of all answers stands that of errors.
                    let errors = last.is_some_and(|it| it.as_str().to_lowercase().contains("error"));
                    let kind = match (own, heading) {
                        (Some(kind), _) => kind,
                        (None, Some(_)) if errors => Kind::Errors,
                        (None, Some(kind)) => kind,
                        _ => continue,
                    };
                    if !is_shape(fence) {
                        continue;
                    }
                    heading = heading.or(Some(kind));
                    let words = said.map_or("", |it| it.as_str());
                    defined_by(seen, &fence.content, (kind, words), block.span);
                }
                BlockKind::List(_) | BlockKind::Table(_) => before = None,
                _ => {}
            }
        }
    }
    inline_definitions(review, seen);
    if seen.defined.iter().any(|it| it.errors) {
        return;
    }
    for entity in spec.entities.iter().filter(|it| is_error_type(&it.name.value)) {
        let shape = Shape::of_entity(spec, entity);
        if shape.keys.len() >= 2 || matches!(shape.keys.first().map(|it| &it.value), Some(Content::Object(_))) {
            let span = entity.name.span;
            let except = String::new();
            seen.defined.push(Defined { shape, span, within: span, errors: true, answers: false, except });
        }
    }
}

/// What a definition is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Errors,
    /// All answers, errors among them.
    All,
}

fn defined_by(seen: &mut Seen, text: &source::Text, (kind, words): (Kind, &str), within: Span) {
    let Some(shape) = Shape::of_code(text) else { return };
    let Some(first) = shape.keys.first() else { return };
    let span = first.span.to(shape.keys.last().map_or(first.span, |it| it.span));
    // A head such as `200: {` is no envelope, and a page of a list is that of lists.
    if shape.keys.iter().any(|it| it.name.contains(['/', ' '])) || is_page(&shape) {
        return;
    }
    let error = is_error(&shape);
    let errors = kind == Kind::Errors || error || shape.get("error").is_some() || shape.get("errors").is_some();
    let answers = kind == Kind::All && !error;
    let span = Span { end: span.start + 1, ..span }.to(first.span);
    let words = words.to_lowercase();
    let excepts = ["except", "apart from", "other than", "exclud"].iter().any(|it| words.contains(it));
    let except = if excepts { words } else { String::new() };
    seen.defined.push(Defined { shape, span, within, errors, answers, except });
}

/// Whether a body says that it is one of an error.
fn is_error(shape: &Shape) -> bool {
    let holds = |it: &crate::shapes::Key| matches!(it.value, Content::Object(_) | Content::Text) && !it.optional;
    shape.get("error").is_some_and(holds) || shape.get("errors").is_some_and(|it| !matches!(it.value, Content::Null))
}

/// Whether a shape holds what only lists have.
fn is_page(shape: &Shape) -> bool {
    shape.keys.iter().any(|it| {
        let name = key(&it.name);
        matches!(name.as_str(), "pagination" | "items" | "total" | "totalcount" | "page" | "pagesize" | "nextcursor")
            || matches!(&it.value, Content::Object(inner) if it.name != "meta" && is_page(inner))
    })
}

/// Types by whose name their members are those of every error.
fn is_error_type(name: &str) -> bool {
    matches!(
        key(name).as_str(),
        "errorresponse" | "apierror" | "apierrorresponse" | "errorenvelope" | "errorbody" | "problemdetails"
    )
}

/// `All errors follow this format: `{ error: { code, message } }``.
fn inline_definitions(review: &Review<'_>, seen: &mut Seen) {
    for text in review.texts().with_all(Holds::CODE.and(Holds::BRACKET)) {
        for line in text.inline.all().lines() {
            let Some(code) = line.codes().find(|it| it.as_str().starts_with('{')) else { continue };
            let before = line.get(0..code.offset_in(line));
            if let Some(kind) = says(before.as_str()).filter(|_| universal(before.as_str())) {
                defined_by(seen, &code.to_text(), (kind, line.as_str()), code.span());
            }
        }
    }
}

/// Whether words speak of every answer or error.
fn universal(words: &str) -> bool {
    let lower = words.to_lowercase();
    ["all ", "every ", "each ", "any "].iter().any(|it| lower.contains(it))
        || ["standard", "consistent", "uniform", "common", "unified"].iter().any(|it| lower.contains(it))
}

/// What a statement that announces an envelope is about.
fn says(words: &str) -> Option<Kind> {
    let lower = words.to_lowercase();
    let shape = ["envelope", "format", "shape", "structure", "schema"].iter().any(|it| lower.contains(it));
    let subject = lower.contains("response") || lower.contains("error");
    if !shape || !subject || !universal(&lower) {
        return None;
    }
    Some(if lower.contains("error") { Kind::Errors } else { Kind::All })
}

/// What a heading such as `Error Response Format` announces.
fn says_of_title(section: &Section) -> Option<Kind> {
    let title = section.title.whole.as_str();
    if !title.contains("response") && !title.contains("error") {
        return None;
    }
    let words: Vec<&str> = title.split(' ').collect();
    let known = |it: &&str| {
        matches!(
            *it,
            "standard"
                | "api"
                | "common"
                | "error"
                | "response"
                | "envelope"
                | "format"
                | "shape"
                | "structure"
                | "schema"
                | "http"
                | "json"
                | "body"
                | "unified"
                | "global"
                | "consistent"
        )
    };
    let ends = matches!(words.last().copied(), Some("envelope" | "format" | "shape" | "structure" | "schema"));
    let plain = ends && words.len() >= 2 && words.iter().all(known);
    let subject = words.iter().any(|it| matches!(*it, "response" | "error"));
    let standard = words.first().is_some_and(|it| matches!(*it, "standard" | "common")) && words.contains(&"error");
    if !((plain && subject) || (standard && words.iter().all(known))) {
        return None;
    }
    let all = words.iter().any(|it| matches!(*it, "envelope" | "standard" | "common" | "unified" | "global"));
    match words.contains(&"error") {
        true => Some(Kind::Errors),
        // The format of responses is that of one kind of them as often as that of all.
        false => all.then_some(Kind::All),
    }
}

fn is_shape(fence: &Fence) -> bool {
    matches!(fence.lang.as_str(), "json" | "jsonc" | "json5" | "typescript" | "ts" | "" | "text" | "javascript" | "js")
        && fence.content.as_str().contains('{')
        && syntax::route::find(fence.content.as_str()).is_empty()
}

fn bodies(spec: &Spec, seen: &mut Seen) {
    let excepts = seen.defined.iter().any(|it| !it.except.is_empty());
    let mut add = |shape: Option<Shape>, span: Span, error: bool, path: &str| {
        if let Some(shape) = shape.filter(|it| !it.keys.is_empty() && (!error || tells(it))) {
            let last = || path.rsplit('/').find(|it| !it.is_empty() && !it.starts_with('{'));
            let path = if excepts { last().unwrap_or("").to_lowercase() } else { String::new() };
            seen.answers.push(Answer { shape, span, error, path });
        }
    };
    for endpoint in &spec.endpoints {
        for response in &endpoint.responses {
            let shape = match &response.body {
                Some(Body::Body(body, _)) if body.elided => continue,
                Some(Body::Body(body, _)) => body.value.as_ref().and_then(|it| Shape::of_json(&it.value)),
                // A named type is that of the data as often as that of the body.
                Some(Body::Type(ty @ syntax::types::Type::Object(_))) => Shape::of_type(spec, ty),
                _ => continue,
            };
            let span = shape.as_ref().and_then(|it| it.keys.first()).map_or(response.span, |it| it.span);
            add(shape, span, response.status >= 400, &endpoint.path);
        }
    }
    for example in &spec.error_examples {
        let shape = example.body.value.as_ref().and_then(|it| Shape::of_json(&it.value));
        let span = shape.as_ref().and_then(|it| it.keys.first()).map_or(example.span, |it| it.span);
        add(shape, span, true, "");
    }
    let known: Vec<Span> = spec
        .claims()
        .all
        .iter()
        .filter(|it| {
            matches!(it.property, Property::Request | Property::Response) && matches!(it.value, Value::Body(..))
        })
        .map(|it| it.span)
        .collect();
    for section in spec.document().sections.iter().filter(|it| it.blocks.iter().any(is_listing)) {
        syntax::document::fences(&section.blocks, &mut |fence, _| {
            if matches!(fence.lang.as_str(), "" | "text" | "http")
                && !known.iter().any(|it| fence.content.whole().contains(*it))
            {
                listed(fence, &mut add);
            }
        });
    }
    // One body may be shown for several endpoints.
    seen.answers.sort_by_key(|it| it.span.start);
    seen.answers.dedup_by_key(|it| it.span.start);
}

/// Whether a body has a key by which an error tells what is wrong. What stands under a status of errors and
/// has none is the body of something else.
fn tells(shape: &Shape) -> bool {
    shape.keys.iter().any(|it| {
        let words = words(&it.name);
        words.iter().any(|it| {
            matches!(
                it.as_str(),
                "error" | "errors" | "message" | "msg" | "code" | "detail" | "details" | "title" | "reason" | "type"
            )
        })
    })
}

fn is_listing(block: &Block) -> bool {
    matches!(&block.kind, BlockKind::Fence(fence) if fence.lang.is_empty() || matches!(fence.lang.as_str(), "text" | "http"))
}

/// `Response: { … }` and `Validation Error (400):` over a body, in a fence of no language.
fn listed(fence: &Fence, add: &mut impl FnMut(Option<Shape>, Span, bool, &str)) {
    let text = fence.content.as_str();
    if !text.contains("esponse") && !text.contains("rror") {
        return;
    }
    let mut at = 0;
    let mut label: Option<&str> = None;
    let mut path = String::new();
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let trimmed = line.trim();
        if let Some(found) = syntax::route::find(trimmed).into_iter().next() {
            path = found.path;
        }
        let Some(brace) = line.find('{') else {
            // A blank line or another label ends the one before.
            label = trimmed.ends_with(':').then_some(trimmed);
            continue;
        };
        let before = line.get(..brace).unwrap_or("").trim();
        let said = if before.is_empty() { label.take() } else { Some(before) };
        label = None;
        let Some(said) = said.filter(|it| it.ends_with(':') && !it.starts_with(['"', '{'])) else { continue };
        let lower = said.to_lowercase();
        let status = status_of(&lower);
        let error = status.is_some_and(|it| it >= 400) || (status.is_none() && lower.starts_with("error"));
        if !(error || lower.starts_with("response") || status.is_some_and(|it| it < 300)) {
            continue;
        }
        let body = fence.content.slice(start + brace..text.len());
        let shape = Shape::of_code(&body).filter(|it| !it.open);
        let span = shape.as_ref().and_then(|it| it.keys.first()).map_or(body.whole(), |it| it.span);
        add(shape, span, error, &path);
    }
}

/// `… (400):`
fn status_of(label: &str) -> Option<u16> {
    let mut numbers = label.split(|it: char| !it.is_ascii_digit()).filter(|it| it.len() == 3);
    numbers.next()?.parse().ok().filter(|it| (200..600).contains(it))
}

/// How a body differs from its envelope.
struct Difference {
    words: String,
    at: Option<Span>,
}

fn difference(envelope: &Shape, body: &Shape) -> Option<Difference> {
    if envelope.open {
        return None;
    }
    let missing: Vec<&str> = envelope
        .keys
        .iter()
        .filter(|it| !it.optional && body.get(&it.name).is_none())
        .map(|it| it.name.as_str())
        .collect();
    let unknown: Vec<_> = body.keys.iter().filter(|it| envelope.get(&it.name).is_none()).collect();
    let shared = body.keys.len() - unknown.len();
    if let Some(first) = unknown.first()
        && (!missing.is_empty() || shared == 0)
    {
        let names: Vec<String> = unknown.iter().map(|it| format!("`{}`", it.name)).collect();
        let words = match missing.first() {
            Some(lacking) => format!("has {} in the place of `{lacking}`", names.join(", ")),
            None => format!("has only {}", names.join(", ")),
        };
        return Some(Difference { words, at: Some(first.span) });
    }
    envelope.keys.iter().find_map(|it| {
        let own = body.get(&it.name)?;
        match (&it.value, &own.value) {
            (Content::Object(inner), Content::Text) if !inner.keys.is_empty() => {
                Some(Difference { words: format!("has a string as `{}`, not an object", it.name), at: Some(own.span) })
            }
            (Content::Text, Content::Object(inner)) if !inner.keys.is_empty() => {
                Some(Difference { words: format!("has an object as `{}`, not a string", it.name), at: Some(own.span) })
            }
            // What `data` holds is no part of the envelope.
            (Content::Object(inner), Content::Object(own)) if it.name == "error" => {
                let found = difference(inner, own)?;
                Some(Difference { words: format!("{} in `error`", found.words), at: found.at })
            }
            _ => None,
        }
    })
}

/// With fewer errors of one shape there is no rule that one of them could break.
const MIN_ALIKE: usize = 3;

/// The one error that is unlike all others.
fn odd_one(sink: &mut Sink<'_>, answers: &[&Answer]) {
    let errors: Vec<(&Answer, &'static str)> =
        answers.iter().filter(|it| it.error).filter_map(|it| Some((*it, carrier(&it.shape)?))).collect();
    let Some((usual, carrier)) = errors.iter().find(|own| {
        let alike = errors.iter().filter(|it| it.1 == own.1).count();
        alike >= MIN_ALIKE && alike * 4 >= errors.len() * 3
    }) else {
        return;
    };
    for (answer, own) in errors.iter().filter(|it| it.1 != *carrier) {
        drop(
            sink.report(answer.span, format!("this error has {own}, the others have {carrier}"))
                .label(usual.span, "one of the others")
                .help("give all errors one shape"),
        );
    }
}

/// Where an error says what is wrong.
fn carrier(shape: &Shape) -> Option<&'static str> {
    match shape.get("error").map(|it| &it.value) {
        Some(Content::Object(_)) => return Some("an object `error`"),
        Some(Content::Text) => return Some("a string `error`"),
        _ => {}
    }
    if shape.get("errors").is_some() {
        return Some("`errors`");
    }
    ["detail", "message", "title", "code"].iter().any(|it| shape.get(it).is_some()).then_some("its message at the top")
}

/// `with error_code, message` where all bodies have `error.code`.
fn named_in_prose(sink: &mut Sink<'_>, review: &Review<'_>, defined: &[Defined], answers: &[&Answer]) {
    let errors = || {
        let defined = defined.iter().filter(|it| it.errors).map(|it| &it.shape);
        defined.chain(answers.iter().filter(|it| it.error).map(|it| &it.shape))
    };
    let mut nested: Vec<(&str, &str, Span)> = Vec::new();
    for shape in errors() {
        for outer in shape.keys.iter().filter(|it| matches!(it.name.as_str(), "error" | "errors")) {
            if let Content::Object(inner) = &outer.value {
                nested.extend(inner.keys.iter().map(|it| (outer.name.as_str(), it.name.as_str(), it.span)));
            }
        }
    }
    if nested.is_empty() {
        return;
    }
    let flat = |name: &str| errors().any(|it| it.get(name).is_some());
    let mut told: Vec<(Span, String, String, Span)> = Vec::new();
    for text in review.texts().with_any(Holds::ERROR) {
        for (name, span) in text.inline.all().lines().flat_map(fields_of_error) {
            let parts = words(name);
            let Some((_, rest)) = parts.split_first().filter(|it| it.0 == "error" && !it.1.is_empty()) else {
                continue;
            };
            let inner = nested.iter().find(|it| words(it.1) == rest);
            if let Some((outer, inner, at)) = inner.filter(|_| !flat(name)) {
                told.push((span, name.to_owned(), format!("{outer}.{inner}"), *at));
            }
        }
    }
    for (span, name, path, at) in told {
        drop(
            sink.report(span, format!("the text says `{name}`, the bodies have `{path}`"))
                .label(at, "in the bodies")
                .help(format!("write `{path}`, or show `{name}` in the bodies")),
        );
    }
}

/// The names of a list of an error's fields: `error response with error_code, message and details`.
fn fields_of_error(line: Slice<'_>) -> Vec<(&str, Span)> {
    let text = line.as_str();
    let lower = text.to_ascii_lowercase();
    let subject = [
        "error response",
        "error contract",
        "error body",
        "error bodies",
        "error envelope",
        "error payload",
        "error format",
        "error object",
    ];
    let Some(at) = subject.iter().filter_map(|it| lower.find(it)).min() else { return Vec::new() };
    let rest = lower.get(at..).unwrap_or("");
    let verbs = [" with ", " include", " contain", " has ", " have ", ": ", " of "];
    let Some(from) = verbs.iter().filter_map(|it| rest.find(it)).min().map(|it| at + it) else { return Vec::new() };
    let until = text.get(from..).and_then(|it| it.find(". ")).map_or(text.len(), |it| from + it);
    let list = line.get(from..until);
    let mut found = Vec::new();
    let mut start = None;
    let whole = list.as_str();
    for (at, c) in whole.char_indices().chain([(whole.len(), ' ')]) {
        let word = c.is_ascii_alphanumeric() || c == '_';
        match (word, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let name = whole.get(from..at).unwrap_or("");
                if name.contains('_') || name.bytes().skip(1).any(|it| it.is_ascii_uppercase()) {
                    found.push((name, list.span_of(from..at)));
                }
                start = None;
            }
            _ => {}
        }
    }
    found
}

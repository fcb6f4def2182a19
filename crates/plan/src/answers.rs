//! Answers: the endpoint's own example with the data, and in lists the page, put in its place.

use model::names::key;
use model::{BehaviourKind, Endpoint, Response, Shape, Spec};
use syntax::json::Json;

use crate::tables::Resource;
use crate::{Table, examples};

/// What a success answers.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Whether the document states the status.
    pub stated: bool,
    /// Whether the document shows the body of this endpoint; else it is like those of the others.
    pub shown: bool,
    /// `None` is no body.
    pub body: Option<Vec<Part>>,
    /// The fields that it shows, in order.
    pub view: Vec<usize>,
    /// Whether its body says how to go on reading a list.
    pub leads_on: bool,
}

/// A piece of a body.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// As it is.
    Raw(Vec<u8>),
    /// The record.
    Record,
    /// The records, as a list.
    Records,
    /// One field of the record.
    Field(usize),
    /// Something about the page of a list.
    Page(Page),
}

/// What answers say about a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Records in all.
    Total,
    /// Records on this page.
    Count,
    Limit,
    /// The page's number, from 1.
    Number,
    /// How many pages there are.
    Pages,
    Offset,
    /// The cursor of the next page, or null.
    Next,
    /// Whether there is a next page.
    More,
}

/// What an answer is made for.
pub(super) struct Wanted<'a> {
    pub(super) spec: &'a Spec,
    pub(super) endpoint: &'a Endpoint,
    pub(super) subject: Option<&'a Resource<'a>>,
    pub(super) table: Option<&'a Table>,
    pub(super) list: bool,
}

/// The answer of an endpoint.
pub(super) fn compile(wanted: &Wanted) -> Answer {
    let endpoint = wanted.endpoint;
    let success = || endpoint.responses.iter().filter(|it| (200..300).contains(&it.status));
    let chosen = success()
        .find(|it| it.body.is_some() && !it.inferred)
        .or_else(|| success().find(|it| it.body.is_some()))
        .or_else(|| success().find(|it| !it.inferred));
    let status = match chosen {
        Some(response) if !(response.inferred && endpoint.behaviour.kind == BehaviourKind::Transition) => {
            response.status
        }
        _ => match endpoint.behaviour.kind {
            BehaviourKind::Create => 201,
            BehaviourKind::Delete => 204,
            BehaviourKind::Singleton if endpoint.method == "DELETE" => 204,
            BehaviourKind::Example => endpoint.default_status(),
            _ => 200,
        },
    };
    let view = view(wanted, chosen);
    let stated = chosen.is_some_and(|it| !it.inferred && it.status == status);
    if status == 204 {
        return Answer { status, stated, shown: true, body: None, view, leads_on: false };
    }
    let own = chosen.and_then(|it| it.body.as_ref()).and_then(|it| parts(wanted, it));
    let shown = own.is_some();
    let body = own.or_else(|| wanted.table.map(|_| prevailing(wanted)));
    let leads_on = body
        .iter()
        .flatten()
        .any(|it| matches!(it, Part::Page(Page::Next | Page::Number | Page::Pages | Page::Offset)));
    Answer { status, stated, shown, body, view, leads_on }
}

/// The fields shown: those of the example in its order, then the others. Where only examples describe the
/// record, what they show is all.
fn view(wanted: &Wanted, chosen: Option<&Response>) -> Vec<usize> {
    let (Some(table), Some(subject)) = (wanted.table, wanted.subject) else { return Vec::new() };
    let slot = chosen.and_then(|it| it.body.as_ref()).and_then(|it| examples::slot(it, subject.entity));
    let shown = slot.iter().flat_map(|it| it.records.iter().copied().flatten());
    let mut view: Vec<usize> = Vec::new();
    for property in shown {
        let found = table
            .fields
            .iter()
            .position(|it| it.member.name == property.key.value || key(&it.declared) == key(&property.key.value));
        view.extend(found.filter(|it| !view.contains(it)));
    }
    let implicit = subject.declared.is_none() && !view.is_empty();
    let others = (0..table.fields.len()).filter(|it| !implicit || *it == table.key);
    let others: Vec<usize> = others.filter(|it| !view.contains(it)).collect();
    view.extend(others);
    view.retain(|it| table.field(*it).is_some_and(|it| !it.hidden));
    view
}

/// A body with its slots. `None` if it is no body.
fn parts(wanted: &Wanted, shape: &Shape) -> Option<Vec<Part>> {
    let Shape::Body(_, example) = shape else { return None };
    let (_, value) = examples::value(shape)?;
    let slot = wanted.subject.and_then(|it| examples::slot(shape, it.entity));
    let path = slot.as_ref().map(|it| it.path.clone()).or_else(|| usual(wanted, &value.value));
    let lists = slot.as_ref().map_or(wanted.list, |it| it.list);
    // An example of one record where a list is meant, or the reverse, is drawn by what the endpoint does.
    let lists = if wanted.table.is_some() { wanted.list } else { lists };
    let mut writer = Writer {
        wanted,
        path: path.as_deref(),
        lists,
        example: *example,
        borrowed: false,
        totals: names(&value.value),
        parts: Vec::new(),
        raw: Vec::new(),
    };
    writer.value(&value.value, &mut Vec::new());
    Some(writer.finish())
}

/// Where data stands that shows no known field: under the usual key.
fn usual<'a>(wanted: &Wanted, json: &'a Json) -> Option<Vec<&'a str>> {
    wanted.table?;
    let found = json.properties().iter().find(|it| {
        matches!(key(&it.key.value).as_str(), "data" | "item" | "items" | "result" | "results" | "records")
    })?;
    let fits =
        matches!((&found.value.value, wanted.list), (Json::Object(_) | Json::Null, false) | (Json::Array(_), true));
    fits.then(|| vec![found.key.value.as_str()])
}

/// The body that the document's other endpoints give, else the data alone.
fn prevailing(wanted: &Wanted) -> Vec<Part> {
    let part = if wanted.list { Part::Records } else { Part::Record };
    let mut fallback = None;
    let own = wanted.subject.map_or(&[][..], |it| it.endpoints.as_slice());
    let of_own = own.iter().filter_map(|it| Some((wanted.spec.endpoints.get(*it)?, wanted.subject?.entity, false)));
    let of_others = wanted.spec.endpoints.iter().enumerate().filter(|(index, _)| !own.contains(index));
    let of_others = of_others.filter_map(|(_, it)| Some((it, wanted.spec.entities.get(it.behaviour.entity?)?, true)));
    for (endpoint, entity, other) in of_own.chain(of_others) {
        for response in endpoint.responses.iter().filter(|it| (200..300).contains(&it.status)) {
            let Some(shape) = &response.body else { continue };
            let Some(slot) = examples::slot(shape, entity) else { continue };
            let Some((_, value)) = examples::value(shape) else { continue };
            let path = slot.path.clone();
            // `{"category": …}` wraps no other record.
            if other
                && path.iter().any(|it| model::names::entity_key(it) == model::names::entity_key(&entity.name.value))
            {
                continue;
            }
            let mut writer = Writer {
                wanted,
                path: Some(&path),
                lists: wanted.list,
                example: true,
                borrowed: true,
                totals: names(&value.value),
                parts: Vec::new(),
                raw: Vec::new(),
            };
            writer.value(&value.value, &mut Vec::new());
            if slot.list == wanted.list {
                return writer.finish();
            }
            if fallback.is_none() && path.is_empty() && !other {
                fallback = Some(vec![part.clone()]);
            }
            if fallback.is_none()
                && value.value.properties().iter().all(|it| {
                    path.first() == Some(&it.key.value.as_str())
                        || matches!(key(&it.key.value).as_str(), "status" | "success" | "ok")
                })
            {
                fallback = Some(writer.finish());
            }
        }
    }
    fallback.unwrap_or_else(|| vec![part])
}

/// The names of all scalar members outside lists.
fn names(json: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for property in json.properties() {
        found.push(key(&property.key.value));
        if let Json::Object(_) = &property.value.value {
            found.extend(names(&property.value.value));
        }
    }
    found
}

struct Writer<'a, 'b> {
    wanted: &'b Wanted<'a>,
    path: Option<&'b [&'b str]>,
    lists: bool,
    example: bool,
    /// Whether the body is that of another endpoint.
    borrowed: bool,
    totals: Vec<String>,
    parts: Vec<Part>,
    raw: Vec<u8>,
}

impl Writer<'_, '_> {
    fn push(&mut self, part: Part) {
        if !self.raw.is_empty() {
            self.parts.push(Part::Raw(std::mem::take(&mut self.raw)));
        }
        self.parts.push(part);
    }

    fn finish(mut self) -> Vec<Part> {
        if !self.raw.is_empty() {
            self.parts.push(Part::Raw(self.raw));
        }
        self.parts
    }

    fn value(&mut self, json: &Json, at: &mut Vec<String>) {
        if let Some(path) = self.path
            && path.len() == at.len()
            && path.iter().zip(at.iter()).all(|(a, b)| a == b)
        {
            self.push(if self.lists { Part::Records } else { Part::Record });
            return;
        }
        let scalar = matches!(json, Json::Number(_) | Json::String(_) | Json::Null | Json::Bool(_) | Json::Hole(_));
        if let (true, Some(name)) = (scalar, at.last().cloned()) {
            let part = if self.lists { self.page(&name).map(Part::Page) } else { self.field(&name) };
            if let Some(part) = part {
                self.push(part);
                return;
            }
        }
        match json {
            Json::Object(properties) => {
                self.raw.push(b'{');
                let mut first = true;
                for property in properties {
                    // The strings of a shape name types and are no answer.
                    let typed = !self.example
                        && matches!(property.value.value, Json::String(_) | Json::Hole(_))
                        && self.page(&property.key.value).is_none();
                    // What another kind of answer says (`"message": "Order created"`) would be wrong here.
                    let words = matches!(key(&property.key.value).as_str(), "message" | "msg" | "description");
                    if typed || (self.borrowed && words && matches!(property.value.value, Json::String(_))) {
                        continue;
                    }
                    if !std::mem::take(&mut first) {
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
            other => {
                let value = super::tables::json(other).unwrap_or(serde_json::Value::Null);
                self.raw.extend_from_slice(value.to_string().as_bytes());
            }
        }
    }

    fn page(&self, name: &str) -> Option<Page> {
        Some(match key(name).as_str() {
            "total" | "totalcount" | "totalitems" | "totalresults" | "totalelements" => Page::Total,
            "count" if self.totals.iter().any(|it| it.starts_with("total") && it != "totalpages") => Page::Count,
            "count" => Page::Total,
            "limit" | "pagesize" | "perpage" | "size" => Page::Limit,
            "page" | "pagenumber" | "currentpage" => Page::Number,
            "pages" | "totalpages" | "pagecount" => Page::Pages,
            "offset" | "skip" => Page::Offset,
            "next" | "nextcursor" | "cursor" | "nextpagetoken" | "nexttoken" | "endcursor" | "after" => Page::Next,
            "hasmore" | "hasnext" | "hasnextpage" | "more" => Page::More,
            _ => return None,
        })
    }

    /// A field of the record beside or without a data slot: `{"orderId": …}`.
    fn field(&self, name: &str) -> Option<Part> {
        let table = self.wanted.table?;
        if self.path.is_some() {
            return None;
        }
        let own = key(name);
        let named = own == format!("{}id", model::names::entity_key(&table.name));
        let index =
            if named { Some(table.key) } else { table.fields.iter().position(|it| key(&it.member.name) == own) };
        index.filter(|it| table.field(*it).is_some_and(|it| it.present)).map(Part::Field)
    }
}

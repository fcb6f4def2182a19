//! Bodies of answers and refusals, from the plan's templates.

use std::io::Write as _;

use plan::shape::rfc3339;
use plan::{Details, Page, Part, Refusal, Route, Slot, Table, Why};

use crate::App;
use crate::act::list::Paging;
use crate::act::{Refused, Reply};
use plan::cell::{Cell, Record, text};

/// An answer with one record, or with none.
pub(super) fn one(route: &Route, table: Option<&Table>, record: Option<&Record>) -> Reply {
    let body = route.answer.body.as_ref().map(|parts| {
        let mut out = Vec::with_capacity(512);
        for part in parts {
            match (part, table, record) {
                (Part::Raw(bytes), _, _) => out.extend_from_slice(bytes),
                (Part::Record, Some(table), Some(record)) => write(route, table, record, &mut out),
                (Part::Field(index), _, Some(record)) => record.get(*index).unwrap_or(&Cell::Null).write(&mut out),
                _ => out.extend_from_slice(b"null"),
            }
        }
        out
    });
    Reply { status: route.answer.status, body, next: None, inferred: None }
}

/// An answer with a list.
pub(super) fn list(route: &Route, table: &Table, records: &[Record], paging: &Paging) -> Reply {
    let body = route.answer.body.as_ref().map(|parts| {
        let mut out = Vec::with_capacity(256 + records.len() * 256);
        for part in parts {
            match part {
                Part::Raw(bytes) => out.extend_from_slice(bytes),
                Part::Page(page) => about(*page, records.len(), paging, &mut out),
                Part::Record | Part::Records => {
                    out.push(b'[');
                    for (index, record) in records.iter().enumerate() {
                        if index > 0 {
                            out.push(b',');
                        }
                        write(route, table, record, &mut out);
                    }
                    out.push(b']');
                }
                Part::Field(_) => out.extend_from_slice(b"null"),
            }
        }
        out
    });
    Reply { status: route.answer.status, body, next: None, inferred: None }
}

fn about(page: Page, count: usize, paging: &Paging, out: &mut Vec<u8>) {
    let limit = paging.limit.max(1);
    let number = match page {
        Page::Next => {
            return match &paging.next {
                Some(next) => text(next, out),
                None => out.extend_from_slice(b"null"),
            };
        }
        Page::More => return Cell::Bool(paging.next.is_some()).write(out),
        Page::Total => paging.total,
        Page::Count => count as i64,
        Page::Limit => paging.limit,
        Page::Number => paging.offset / limit + paging.first,
        Page::Pages => (paging.total + limit - 1) / limit,
        Page::Offset => paging.offset,
    };
    Cell::Integer(number).write(out);
}

fn write(route: &Route, table: &Table, record: &Record, out: &mut Vec<u8>) {
    out.push(b'{');
    let mut first = true;
    for index in &route.answer.view {
        let (Some(field), Some(cell)) = (table.field(*index), record.get(*index)) else { continue };
        if field.omitted && cell.is_null() {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        text(&field.member.name, out);
        out.push(b':');
        cell.write(out);
    }
    out.push(b'}');
}

/// The body of a refusal.
pub(crate) fn refusal(app: &App, how: &Refusal, refused: &Refused, path: &str, request: &str) -> Vec<u8> {
    let message = message(how, refused, request);
    let mut out = Vec::with_capacity(256);
    for slot in &how.body {
        match slot {
            Slot::Raw(bytes) => out.extend_from_slice(bytes),
            Slot::Message => text(&message, &mut out),
            Slot::Time => text(&rfc3339((app.ambient.now)()), &mut out),
            Slot::Path => text(path, &mut out),
            Slot::RequestId => text(request, &mut out),
            Slot::Details(details) => write_details(details, refused, &mut out),
        }
    }
    out
}

/// The document's words, else ours; what is not valid is named besides.
fn message(how: &Refusal, refused: &Refused, request: &str) -> String {
    let own = how.message.as_deref();
    match refused.why {
        Why::Validation => {
            let detail = match refused.problems.as_slice() {
                [] => refused.words.clone(),
                problems => problems
                    .iter()
                    .take(MOST)
                    .map(|it| format!("{} {}", it.field, it.message))
                    .collect::<Vec<_>>()
                    .join("; "),
            };
            own.map_or_else(|| detail.clone(), |it| format!("{it}: {detail}"))
        }
        Why::Internal => format!("{} (request {request})", own.unwrap_or(&refused.words)),
        _ => own.map_or_else(|| refused.words.clone(), str::to_owned),
    }
}

/// A message names at most so many problems.
const MOST: usize = 5;

fn write_details(details: &Details, refused: &Refused, out: &mut Vec<u8>) {
    let (open, close) = if *details == Details::ByField { (b'{', b'}') } else { (b'[', b']') };
    out.push(open);
    let about_values = matches!(refused.why, Why::Validation | Why::Unique | Why::Reference | Why::MalformedKey);
    for (index, problem) in refused.problems.iter().filter(|_| about_values).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match details {
            Details::Objects(field, message) => {
                out.push(b'{');
                text(field, out);
                out.push(b':');
                text(&problem.field, out);
                out.push(b',');
                text(message, out);
                out.push(b':');
                text(&problem.message, out);
                out.push(b'}');
            }
            Details::Sentences => text(&format!("{} {}", problem.field, problem.message), out),
            Details::ByField => {
                text(&problem.field, out);
                out.push(b':');
                text(&problem.message, out);
            }
        }
    }
    drop(out.write_all(&[close]));
}

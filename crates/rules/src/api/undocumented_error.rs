//! Error examples that no error table lists.

use model::ErrorRow;
use model::Spec;
use source::{Applicability, Edit, Level, Span};
use syntax::{Document, Family};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "undocumented-error",
    summary: "an error response is shown that no error table lists",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/undocumented-error.md"),
    check: Check::Spec(undocumented_error),
};

fn undocumented_error(sink: &mut Sink<'_>, spec: &Spec) {
    let doc = spec.document();
    for endpoint in &spec.endpoints {
        // Where an endpoint has no list, what it shows is the list; that of the document is of what all share.
        let Some(table) = endpoint.error_table else { continue };
        let rows = &endpoint.errors;
        if rows.iter().all(|it| it.status.is_none()) {
            continue;
        }
        let mut told: Vec<u16> = Vec::new();
        for response in endpoint.responses.iter().filter(|it| it.status >= 400 && !it.inferred) {
            let status = response.status;
            let shared = is_cross_cutting(status) && spec.errors.iter().any(|it| it.status == Some(status));
            if shared || rows.iter().any(|it| it.status == Some(status)) || told.contains(&status) {
                continue;
            }
            told.push(status);
            let heading = doc.section_at(response.span).filter(|it| it.own == Some(Family::Response));
            let at = heading.map_or(response.span, |it| it.span);
            let route = format!("{} {}", endpoint.method, endpoint.path);
            let edits = rows.iter().rfind(|it| it.status.is_some()).and_then(|it| row(sink, doc, it, status));
            let finding = sink
                .report(at, format!("{status} is shown, but the errors of `{route}` do not list it"))
                .about(&endpoint.subject)
                .label(table, "the errors that are listed")
                .help(format!("add {status} with its reason"));
            drop(match edits {
                Some(edits) => finding.fix(format!("list {status}"), Applicability::Safe, edits),
                None => finding,
            });
        }
    }
}

/// Statuses that every endpoint of a service has for the same reason.
fn is_cross_cutting(status: u16) -> bool {
    matches!(status, 401 | 403 | 415 | 429 | 500..)
}

/// A row for a status after the last one of a table, or an item after the last one of a list, in its form.
fn row(sink: &Sink<'_>, doc: &Document, last: &ErrorRow, status: u16) -> Option<Vec<Edit>> {
    let section = doc.section_at(last.span)?;
    let known = last.status?.to_string();
    let reason = reason(status);
    let mut found: Option<(Span, String)> = None;
    syntax::document::tables(&section.blocks, &mut |table, _| {
        let Some(row) = table.rows.last().filter(|_| table.rows.iter().any(|it| it.span.contains(last.span))) else {
            return;
        };
        let text = sink.snippet(row.span);
        let own = table.rows.iter().find(|it| it.span.contains(last.span)).unwrap_or(row);
        let at = own.cells.iter().position(|it| it.as_str().contains(&known));
        // The reason stands in the last column that does not hold the status.
        let words = (0..table.header.len()).rev().find(|it| Some(*it) != at);
        let cells = row.cells.iter().enumerate().map(|(index, cell)| {
            let said = match index {
                index if Some(index) == at => status.to_string(),
                index if Some(index) == words => reason.to_owned(),
                _ => "-".to_owned(),
            };
            let width = sink.snippet(cell.all().span()).chars().count();
            format!("{said:width$}")
        });
        let cells: Vec<String> = cells.collect();
        let indent = text.len() - text.trim_start().len();
        let lead = text.get(..indent).unwrap_or("");
        found = Some((row.span, format!("{lead}| {} |", cells.join(" | "))));
    });
    for block in &section.blocks {
        let syntax::page::BlockKind::List(list) = &block.kind else { continue };
        let (Some(item), true) = (list.items.last(), list.items.iter().any(|it| it.span.contains(last.span))) else {
            continue;
        };
        let text = sink.snippet(item.span);
        let marker = text.get(..2).filter(|it| matches!(*it, "- " | "* " | "+ "))?;
        found = Some((item.span, format!("{marker}{status}: {reason}")));
    }
    let (after, line) = found?;
    let end = after.start + sink.snippet(after).trim_end().len() as u32;
    Some(vec![Edit { span: Span { start: end, end, ..after }, text: format!("\n{line}") }])
}

/// What a status means, as HTTP names it.
fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not found",
        405 => "Method not allowed",
        409 => "Conflict",
        410 => "Gone",
        412 => "Precondition failed",
        413 => "Content too large",
        415 => "Unsupported media type",
        422 => "Unprocessable content",
        423 => "Locked",
        429 => "Too many requests",
        500 => "Internal server error",
        502 => "Bad gateway",
        503 => "Service unavailable",
        504 => "Gateway timeout",
        _ => "Refused",
    }
}

//! Cells beyond the header, which no renderer shows.

use model::Spec;
use source::{Applicability, Edit, Level, Span};
use syntax::document::tables;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "lost-cells",
    summary: "a table row has more cells than the header",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/lost-cells.md"),
    check: Check::Spec(lost_cells),
};

fn lost_cells(sink: &mut Sink<'_>, spec: &Spec) {
    for section in &spec.document().sections {
        tables(&section.blocks, &mut |table, _| {
            for row in &table.rows {
                let Some(lost) = row.lost else { continue };
                let columns = table.header.len();
                let edits = escaped(sink.snippet(row.span), row.span, columns);
                let finding = sink
                    .report(lost, format!("this row has more cells than its header, which has {columns}"))
                    .here("lost when the table is shown")
                    .label(table.header_span, "the header")
                    .help("write `\\|` for a bar inside a cell");
                drop(match edits {
                    Some(edits) => finding.fix("escape the bars within the cell", Applicability::Safe, edits),
                    None => finding,
                });
            }
        });
    }
}

/// Escapes the bars between backticks or quoted words, if these are what makes the row too long.
fn escaped(row: &str, span: Span, columns: usize) -> Option<Vec<Edit>> {
    let (mut code, mut cells, mut inside) = (false, 0, Vec::new());
    let trimmed = row.trim_end();
    let body = trimmed.strip_suffix('|').unwrap_or(trimmed);
    let first = row.len() - row.trim_start().len();
    let mut before = ' ';
    for (at, c) in body.char_indices() {
        match c {
            '`' => code = !code,
            '|' if before == '\\' => {}
            '|' if code || is_between_words(body, at) => inside.push(at),
            '|' if at > first => cells += 1,
            _ => {}
        }
        before = c;
    }
    let place = |at: &usize| Span::new(span.file, span.start as usize + at..span.start as usize + at + 1);
    let fits = !code && !inside.is_empty() && cells + 1 == columns;
    fits.then(|| inside.iter().map(|it| Edit { span: place(it), text: "\\|".to_owned() }).collect())
}

/// `'planned' | 'sailing'`.
fn is_between_words(row: &str, at: usize) -> bool {
    let before = row.get(..at).and_then(|it| it.trim_end().chars().next_back());
    let after = row.get(at + 1..).and_then(|it| it.trim_start().chars().next());
    before.is_some_and(|it| matches!(it, '\'' | '"')) && before == after
}

//! Cells beyond the header, which no renderer shows.

use model::Spec;
use source::Level;
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
                drop(
                    sink.report(lost, format!("this row has more cells than its header, which has {columns}"))
                        .here("lost when the table is shown")
                        .label(table.header_span, "the header")
                        .help("write `\\|` for a bar inside a cell"),
                );
            }
        });
    }
}

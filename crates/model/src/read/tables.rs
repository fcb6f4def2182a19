//! What tables of fields are called that stand together below one heading.
//!
//! One table below a heading is of what the heading names. Several may be of one thing, part by part, or each of
//! its own: then a line above each names it.

use rustc_hash::{FxHashMap, FxHashSet};
use source::Spanned;
use syntax::columns::{cell, is_nothing};
use syntax::document::{BOLD_LINE, Document, Section};
use syntax::inline::{MarkKind, Slice};
use syntax::page::{Block, BlockKind, Row, Table};
use syntax::{Family, SectionId};

use super::data::{columns, entity_name};
use crate::names::{entity_key, key, words};

/// The names of tables of fields, where they have their own.
#[derive(Default)]
pub(super) struct TableNames {
    /// By the start of the header.
    tables: FxHashMap<u32, Spanned<String>>,
    /// Of bold lines, by the section that they open.
    sections: FxHashMap<SectionId, Spanned<String>>,
    /// Tables of which it is not known what they are of.
    unknown: FxHashSet<u32>,
}

/// A table of fields below a heading.
struct Found<'a> {
    section: &'a Section,
    table: &'a Table,
    keys: FxHashSet<String>,
    name: Option<Name>,
}

struct Name {
    words: Spanned<String>,
    /// It is written as names of tables are.
    sure: bool,
    /// It is that of a bold line.
    opens: bool,
}

impl TableNames {
    pub(super) fn of(doc: &Document, is_record: impl Fn(&str) -> bool) -> TableNames {
        let mut names = TableNames::default();
        let mut below: Vec<Found<'_>> = Vec::new();
        let mut owner = None;
        for section in &doc.sections {
            if section.level < BOLD_LINE || section.own == Some(Family::Entity) {
                names.decide(owner.replace(section), std::mem::take(&mut below), &is_record);
            }
            for (at, block) in section.blocks.iter().enumerate() {
                let BlockKind::Table(table) = &block.kind else { continue };
                let Some((column, _)) = columns(table) else { continue };
                let above = at.checked_sub(1).and_then(|it| section.blocks.get(it));
                let name = match above {
                    Some(above) => above_table(above),
                    None if section.level == BOLD_LINE && section.own.is_none() => {
                        written(section.heading.all(), true).map(|it| Name { opens: true, ..it })
                    }
                    None => None,
                };
                let keys = table.rows.iter().filter_map(|it| field_name(it, column)).map(|it| key(it.as_str()));
                below.push(Found { section, table, keys: keys.collect(), name });
            }
        }
        names.decide(owner, below, &is_record);
        names
    }

    /// Decides which of the tables below one heading have names of their own.
    fn decide(&mut self, owner: Option<&Section>, below: Vec<Found<'_>>, is_record: &impl Fn(&str) -> bool) {
        if below.len() < 2 {
            return;
        }
        let mut counts: FxHashMap<&str, usize> = FxHashMap::default();
        for own in below.iter().flat_map(|it| &it.keys) {
            *counts.entry(own).or_default() += 1;
        }
        let shares = |it: &Found<'_>| it.keys.iter().any(|it| counts.get(it.as_str()).is_some_and(|it| *it > 1));
        let heading = owner.and_then(|it| entity_name(it.name())).map(|it| entity_key(&it.value));
        let mut unnamed: Option<FxHashSet<&String>> = None;
        let several = below.iter().filter(|it| it.name.is_some()).count() > 1;
        for found in &below {
            let own = found.name.as_ref().filter(|it| {
                let plural = it.words.value.starts_with(char::is_lowercase) && it.words.value.ends_with('s');
                it.sure || is_record(&it.words.value) || several && (plural || shares(found))
            });
            let own = own.filter(|it| Some(entity_key(&it.words.value)) != heading);
            if let Some(own) = own {
                if own.opens {
                    self.sections.insert(found.section.id, own.words.clone());
                }
                self.tables.insert(found.table.header_span.start, own.words.clone());
                continue;
            }
            // Two of which each has what the other lacks, beside what both have, are not of one thing.
            let keys: FxHashSet<&String> = found.keys.iter().collect();
            match &mut unnamed {
                Some(known) if !known.is_disjoint(&keys) && !known.is_subset(&keys) && !keys.is_subset(known) => {
                    self.unknown.insert(found.table.header_span.start);
                }
                Some(known) => known.extend(keys),
                None => unnamed = Some(keys),
            }
        }
    }

    /// The name of a table that has its own.
    pub(super) fn of_table(&self, table: &Table) -> Option<&Spanned<String>> {
        self.tables.get(&table.header_span.start)
    }

    /// Whether it cannot be said what a table is of.
    pub(super) fn is_unknown(&self, table: &Table) -> bool {
        self.unknown.contains(&table.header_span.start)
    }

    /// The name that a bold line gives to the table below it.
    pub(super) fn of_section(&self, section: SectionId) -> Option<&Spanned<String>> {
        self.sections.get(&section)
    }
}

/// The name of a field in a row.
pub(super) fn field_name<'a>(row: &'a Row, column: usize) -> Option<Slice<'a>> {
    let name = cell(row, Some(column)).filter(|it| !is_nothing(it.as_str()))?;
    let name =
        name.codes().next().unwrap_or(name).trim_matches(|it: char| it.is_whitespace() || matches!(it, '*' | '?'));
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | '[' | ']' | '$' | ' ');
    (name.as_str().chars().all(plain) && name.as_str().split_whitespace().count() <= 3).then_some(name)
}

/// The name in the line that stands directly above a table.
fn above_table(block: &Block) -> Option<Name> {
    let text = match &block.kind {
        BlockKind::Paragraph(text) => text,
        BlockKind::List(list) if list.items.len() == 1 => &list.items.first()?.text,
        _ => return None,
    };
    written(text.all().lines().last()?.trim(), matches!(block.kind, BlockKind::List(_)))
}

/// Words of which a name of a table of its own has none.
const PARTS: [&str; 62] = [
    "field",
    "column",
    "attribute",
    "property",
    "structure",
    "schema",
    "constraint",
    "index",
    "key",
    "relationship",
    "relation",
    "before",
    "after",
    "old",
    "new",
    "current",
    "proposed",
    "previous",
    "updated",
    "change",
    "addition",
    "request",
    "response",
    "input",
    "output",
    "parameter",
    "param",
    "query",
    "body",
    "header",
    "payload",
    "example",
    "note",
    "detail",
    "description",
    "definition",
    "validation",
    "rule",
    "audit",
    "metadata",
    "timestamp",
    "required",
    "optional",
    "common",
    "core",
    "base",
    "basic",
    "general",
    "additional",
    "other",
    "extra",
    "deprecated",
    "computed",
    "derived",
    "option",
    "setting",
    "value",
    "summary",
    "overview",
    "format",
    "storage",
    "following",
];

/// The name that a line is, or begins with: `users`, `**users** — people`, `The `users` table`, `Table: users`.
/// Where the line is `set` apart, it may be plain words.
fn written(line: Slice<'_>, set: bool) -> Option<Name> {
    let text = line.as_str();
    let lower = text.to_ascii_lowercase();
    let start = ["the ", "table: ", "table "]
        .iter()
        .fold(0, |at, it| at + if lower.get(at..).is_some_and(|rest| rest.starts_with(it)) { it.len() } else { 0 });
    let rest = line.from(start);
    let strong = rest.marked(MarkKind::Strong).next().filter(|it| it.offset_in(rest) == 0);
    let named = rest.leading_code().or(strong);
    let (name, after) = match named {
        Some(name) => (name, rest.from(name.offset_in(rest) + name.as_str().len())),
        None => {
            let end = rest.as_str().find(" — ").or_else(|| rest.as_str().find(" - ")).unwrap_or(rest.as_str().len());
            (rest.get(0..end), rest.from(end))
        }
    };
    let after = after.as_str().trim();
    let begins = |words: &[&str]| words.iter().any(|it| after.to_ascii_lowercase().starts_with(it));
    let of_table = start > "the ".len() || begins(&["table", "entity", "collection"]);
    let ends = after.is_empty() || after.starts_with([':', '—', '–', '-', '(']);
    let colon = text.ends_with(':');
    if !of_table && (!ends || named.is_none() && !set && !colon) {
        return None;
    }
    let name = name.trim_matches(|it: char| it.is_whitespace() || it == ':');
    let found = entity_name(name)?;
    let parts = words(&found.value);
    let is_part = |it: &String| PARTS.contains(&syntax::family::singular(it));
    if parts.is_empty() || parts.iter().any(is_part) {
        return None;
    }
    let sure = of_table || rest.leading_code().is_some() || found.value.contains('_');
    Some(Name { words: found, sure, opens: false })
}

#[cfg(test)]
mod tests {
    use source::FileId;

    /// Two tables of fields, of which each has what the other lacks.
    const TABLES: [&str; 2] = [
        "| Column | Type |\n|---|---|\n| id | uuid |\n| name | text |\n",
        "| Column | Type |\n|---|---|\n| id | integer |\n| role | text |\n",
    ];

    #[test]
    fn tables_are_named_by_the_lines_above_them() {
        for (above, expected) in [
            (["### People & Groups\n\n**users**", "**teams**"], "users:id+name teams:id+role"),
            (["### Groups\n\n**`user`**", "**`user_team`**"], "user:id+name user_team:id+role"),
            (["### Groups\n\n**Users Table:**", "**Teams Table:**"], "Users:id+name Teams:id+role"),
            (["### Groups\n\n**users** — people", "**teams** (of them)"], "users:id+name teams:id+role"),
            (["### Groups\n\n**Table: users**", "**Table: teams**"], "users:id+name teams:id+role"),
            (["### Groups\n\n`users`", "`teams`:"], "users:id+name teams:id+role"),
            (["### Groups\n\nusers:", "Below.\n\nteams:"], "users:id+name teams:id+role"),
            (["### Groups\n\nTable `users`", "Table: `teams`"], "users:id+name teams:id+role"),
            (["### Groups\n\nThe `users` table holds people.", "The `teams` table."], "users:id+name teams:id+role"),
            (["### Groups\n\n1. users", "2. teams"], "users:id+name teams:id+role"),
            (["**users**", "**teams**"], "users:id+name teams:id+role"),
            (["### Order", "**order_items**"], "Order:id+name order_items:id+role"),
            // Of two that nothing names it is not known that they are of one thing.
            (["### Order", "Later:"], "Order:id+name"),
            (["### Order\n\n**Before**", "**After**"], "Order:id+name"),
            (["### Order\n\nAs it is stored in `shop`.", "Text."], "Order:id+name"),
        ] {
            let text = format!(
                "# Technical Specification: Shop\n\n## Data Model\n\n{}\n\n{}\n{}\n\n{}",
                above[0], TABLES[0], above[1], TABLES[1]
            );
            assert_eq!(shown(&text), expected, "{text}");
        }
    }

    #[test]
    fn parts_of_one_table_are_one() {
        let text = "# Technical Specification: Shop\n\n## Data Model\n\n### Order\n\n**Core fields**\n\n| Field | Type |\n|---|---|\n| id | uuid |\n| total | integer |\n\n**Audit**\n\n| Field | Type |\n|---|---|\n| made | date |\n\n**Required**\n\n| Field | Type |\n|---|---|\n| total | integer |\n";
        assert_eq!(shown(text), "Order:id+total+made");
    }

    fn shown(text: &str) -> String {
        let spec = crate::workspace::read(FileId(0), "spec.md", text);
        let entities = spec.entities.iter().map(|it| {
            let fields: Vec<&str> = it.fields.iter().map(|it| it.name.value.as_str()).collect();
            format!("{}:{}", it.name.value, fields.join("+"))
        });
        entities.collect::<Vec<_>>().join(" ")
    }
}

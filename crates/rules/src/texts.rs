//! The texts of a document with what each of them holds, found in one pass, so that a rule looks only at those
//! that can concern it.
//!
//! That a text holds a word says no more than that it may be worth reading: what stands there, and in which
//! case, is for the rule to see.

use std::sync::LazyLock;

use syntax::Document;
use syntax::document::{Section, SectionId};
use syntax::inline::{Inline, MarkKind};
use syntax::page::{Block, BlockKind, Fence, Table};

use crate::numbers::versions_disagree::TECHNOLOGIES;
use crate::search::Search;

/// Things that a text may hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Holds(u32);

impl Holds {
    /// A digit.
    pub(crate) const DIGIT: Holds = Holds(1 << 0);
    /// A percent sign.
    pub(crate) const PERCENT: Holds = Holds(1 << 1);
    /// An underscore.
    pub(crate) const UNDERSCORE: Holds = Holds(1 << 2);
    /// A bracket that opens, or a brace.
    pub(crate) const BRACKET: Holds = Holds(1 << 3);
    /// A hyphen, or a byte beyond ASCII, as dashes are.
    pub(crate) const DASH: Holds = Holds(1 << 4);
    /// A colon.
    pub(crate) const COLON: Holds = Holds(1 << 5);
    /// A second line.
    pub(crate) const LINES: Holds = Holds(1 << 6);
    /// A code span.
    pub(crate) const CODE: Holds = Holds(1 << 7);
    /// A sign of equality, a parenthesis, or a byte beyond ASCII.
    pub(crate) const EQUALITY: Holds = Holds(1 << 8);
    /// A number of things, in digits or as a word.
    pub(crate) const COUNT: Holds = Holds(1 << 9);
    /// A word that speaks of all of something, or of none.
    pub(crate) const ALL: Holds = Holds(1 << 10);
    /// `default`.
    pub(crate) const DEFAULT: Holds = Holds(1 << 11);
    /// `delete` or `remove`.
    pub(crate) const DELETE: Holds = Holds(1 << 12);
    /// `error`.
    pub(crate) const ERROR: Holds = Holds(1 << 13);
    /// Words by which a whole is divided: `budget`, `made up of`.
    pub(crate) const BUDGET: Holds = Holds(1 << 14);
    /// `throw`, `exception`.
    pub(crate) const THROW: Holds = Holds(1 << 15);
    /// `one of`.
    pub(crate) const ONE_OF: Holds = Holds(1 << 16);
    /// The name of a technology whose versions matter.
    pub(crate) const TECHNOLOGY: Holds = Holds(1 << 17);
    /// `availability`, `uptime`, `downtime`, `SLA`.
    pub(crate) const AVAILABILITY: Holds = Holds(1 << 18);
    /// What may be the begin of an HTTP status.
    pub(crate) const STATUS: Holds = Holds(1 << 19);
    /// `values`.
    pub(crate) const VALUES: Holds = Holds(1 << 20);
    /// `total`, `sum`.
    pub(crate) const TOTAL: Holds = Holds(1 << 21);
    /// Labels of estimates.
    pub(crate) const ESTIMATE: Holds = Holds(1 << 22);
    /// `response`.
    pub(crate) const RESPONSE: Holds = Holds(1 << 23);

    /// `p95`, `percentile`.
    pub(crate) const PERCENTILE: Holds = Holds(1 << 24);

    /// Whether it holds any of these.
    pub(crate) const fn any(self, of: Holds) -> bool {
        self.0 & of.0 != 0
    }

    /// Whether it holds all of these.
    pub(crate) const fn all(self, of: Holds) -> bool {
        self.0 & of.0 == of.0
    }

    /// What either holds.
    pub(crate) const fn and(self, other: Holds) -> Holds {
        Holds(self.0 | other.0)
    }
}

/// Words by what they are signs of; ASCII, in lower case, searched without case.
const WORDS: &[(Holds, &[&str])] = &[
    (
        Holds::COUNT,
        &["two ", "three ", "four ", "five ", "six ", "seven ", "eight ", "nine ", "ten ", "eleven ", "twelve "],
    ),
    (Holds::ALL, &["all ", "every ", "each ", "no "]),
    (Holds::DEFAULT, &["default"]),
    (Holds::DELETE, &["delete ", "remove "]),
    (Holds::ERROR, &["error"]),
    (Holds::BUDGET, &["budget", "broken down", "made up of", "consists of"]),
    (Holds::THROW, &["throw", "exception"]),
    (Holds::ONE_OF, &["one of"]),
    (Holds::VALUES, &[" values"]),
    (Holds::AVAILABILITY, &["vailab", "ptime", "owntime", "sla"]),
    (Holds::STATUS, &["20", "30", "40", "41", "42", "43", "45", "50", "51"]),
    (Holds::RESPONSE, &["response"]),
    (Holds::PERCENTILE, &["p9", "p50", "p75", "percentile"]),
    (Holds::TOTAL, &["total", "sum"]),
    (Holds::ESTIMATE, &["stimate", "uration", "ffort", "oints", "imeline"]),
];

/// A run of inline text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) section: &'a Section,
    pub(crate) inline: &'a Inline,
    pub(crate) holds: Holds,
}

/// What a section has: where its own end among those of all sections, and what they hold together.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    texts: usize,
    tables: usize,
    fences: usize,
    heading: Holds,
    holds: Holds,
}

/// The texts, tables and fences of a document, in order. Headings are not among the texts.
#[derive(Debug, Default)]
pub(crate) struct Texts<'a> {
    all: Vec<Text<'a>>,
    tables: Vec<&'a Table>,
    fences: Vec<&'a Fence>,
    parts: Vec<Part>,
    holds: Holds,
}

impl<'a> Texts<'a> {
    /// Looks through a document.
    pub(crate) fn of(doc: &'a Document) -> Texts<'a> {
        let search = &*SEARCH;
        let mut texts = Texts::default();
        texts.parts.reserve(doc.sections.len());
        texts.all.reserve(doc.sections.len() * 4);
        for section in &doc.sections {
            let from = texts.all.len();
            texts.blocks(search, section, &section.blocks);
            let own = texts.all.get(from..).unwrap_or(&[]);
            let holds = own.iter().fold(Holds::default(), |all, it| all.and(it.holds));
            let heading = of_text(search, &section.heading);
            texts.holds = texts.holds.and(holds);
            texts.parts.push(Part {
                texts: texts.all.len(),
                tables: texts.tables.len(),
                fences: texts.fences.len(),
                heading,
                holds,
            });
        }
        texts
    }

    fn blocks(&mut self, search: &Search, section: &'a Section, blocks: &'a [Block]) {
        for block in blocks {
            match &block.kind {
                BlockKind::Paragraph(text) => self.text(search, section, text),
                BlockKind::Quote(inner) => self.blocks(search, section, inner),
                BlockKind::List(list) => {
                    for item in &list.items {
                        self.text(search, section, &item.text);
                        self.blocks(search, section, &item.children);
                    }
                }
                BlockKind::Table(table) => {
                    self.tables.push(table);
                    let rows = table.rows.iter().flat_map(|it| &it.cells);
                    table.header.iter().chain(rows).for_each(|it| self.text(search, section, it));
                }
                BlockKind::Fence(fence) => self.fences.push(fence),
                BlockKind::Html => {}
            }
        }
    }

    fn text(&mut self, search: &Search, section: &'a Section, inline: &'a Inline) {
        self.all.push(Text { section, inline, holds: of_text(search, inline) });
    }

    /// The texts that hold any of these.
    pub(crate) fn with_any(&self, of: Holds) -> impl Iterator<Item = &Text<'a>> {
        let all = if self.holds.any(of) { self.all.as_slice() } else { &[] };
        all.iter().filter(move |it| it.holds.any(of))
    }

    /// The texts that hold all of these.
    pub(crate) fn with_all(&self, of: Holds) -> impl Iterator<Item = &Text<'a>> {
        let all = if self.holds.all(of) { self.all.as_slice() } else { &[] };
        all.iter().filter(move |it| it.holds.all(of))
    }

    /// All fences.
    pub(crate) fn fences(&self) -> &[&'a Fence] {
        &self.fences
    }

    /// What the texts of a section hold together.
    pub(crate) fn section(&self, id: SectionId) -> Holds {
        self.part(id).holds
    }

    /// What the heading of a section holds.
    pub(crate) fn heading(&self, id: SectionId) -> Holds {
        self.part(id).heading
    }

    /// The texts of one section.
    pub(crate) fn texts_of(&self, id: SectionId) -> &[Text<'a>] {
        self.all.get(self.before(id).texts..self.part(id).texts).unwrap_or(&[])
    }

    /// The tables of one section.
    pub(crate) fn tables_of(&self, id: SectionId) -> &[&'a Table] {
        self.tables.get(self.before(id).tables..self.part(id).tables).unwrap_or(&[])
    }

    /// The fences of one section.
    pub(crate) fn fences_of(&self, id: SectionId) -> &[&'a Fence] {
        self.fences.get(self.before(id).fences..self.part(id).fences).unwrap_or(&[])
    }

    fn part(&self, id: SectionId) -> Part {
        self.parts.get(id.0 as usize).copied().unwrap_or_default()
    }

    fn before(&self, id: SectionId) -> Part {
        let before = (id.0 as usize).checked_sub(1);
        before.and_then(|it| self.parts.get(it)).copied().unwrap_or_default()
    }
}

static SEARCH: LazyLock<Search> = LazyLock::new(|| Search::new(&words(), |it| sign(it).0));

fn of_text(search: &Search, inline: &Inline) -> Holds {
    let found = Holds(search.signs(inline.as_str()));
    let coded = inline.marks.first().is_some_and(|it| it.kind == MarkKind::Code);
    if coded { found.and(Holds::CODE) } else { found }
}

/// What a byte is a sign of by itself.
fn sign(byte: u8) -> Holds {
    match byte {
        b'0'..=b'9' => Holds::DIGIT,
        b'%' => Holds::PERCENT,
        b'_' => Holds::UNDERSCORE,
        b'[' | b'{' => Holds::BRACKET,
        b'-' => Holds::DASH,
        b':' => Holds::COLON,
        b'\n' => Holds::LINES,
        b'=' | b'(' => Holds::EQUALITY,
        0x80.. => Holds::DASH.and(Holds::EQUALITY),
        _ => Holds::default(),
    }
}

/// All words, and each digit with what stands between it and what it counts.
fn words() -> Vec<(u32, Vec<u8>)> {
    let technologies = TECHNOLOGIES.iter().map(|it| (Holds::TECHNOLOGY, it.1));
    let words = WORDS.iter().copied().chain(technologies);
    let words = words.flat_map(|(sign, words)| words.iter().map(move |it| (sign.0, it.as_bytes().to_vec())));
    let counts = (b'0'..=b'9').flat_map(|digit| b" *`\n".map(|it| (Holds::COUNT.0, vec![digit, it])));
    words.chain(counts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text holds, by looking for one thing after the other.
    fn slowly(text: &str) -> u32 {
        let lower = text.to_ascii_lowercase();
        let bytes = text.bytes().fold(0, |found, it| found | sign(it).0);
        let held = words().into_iter().filter(|it| lower.as_bytes().windows(it.1.len()).any(|own| own == it.1));
        held.fold(bytes, |found, it| found | it.0)
    }

    #[test]
    fn each_word_is_found_wherever_it_stands() {
        assert!(SEARCH.is_whole());
        let words: Vec<String> = words().into_iter().map(|it| String::from_utf8(it.1).unwrap()).collect();
        for (index, word) in words.iter().enumerate() {
            let other = &words[(index * 7 + 3) % words.len()];
            let half = &other[..other.len() / 2];
            for text in [
                word.clone(),
                format!("x{word}"),
                format!("{half}{word}"),
                format!("{half}{}{half}é", word.to_uppercase()),
                format!("{word}{other}"),
                word[1..].to_owned(),
                format!("{}|", &word[..word.len() - 1]),
            ] {
                assert_eq!(SEARCH.signs(&text), slowly(&text), "{text}");
            }
        }
    }
}

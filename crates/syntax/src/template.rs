//! The template that specifications are held to: its sections, and its prompts. Ours is data of this crate;
//! another can be read in its place.
//!
//! A prompt is what an author is meant to replace. Our data file marks each with `⟦…⟧`; everything
//! else in it (code, field rows, transition rows) is example content that real documents may share.

mod prompts;

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use source::FileId;

pub use self::prompts::{Prompts, enclosed};
use crate::document::{BOLD_LINE, Document, Section};
use crate::family::{Families, Family, Synonyms};

const MARKED: &str = include_str!("../data/template.md");

/// Our template without marks.
pub fn text() -> String {
    unmarked(MARKED)
}

fn unmarked(text: &str) -> String {
    text.replace(['⟦', '⟧'], "")
}

/// A section that documents are to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// 2, 3 or 4.
    pub level: u8,
    /// Its heading, as written.
    pub name: String,
    /// Its name in normal form.
    pub key: String,
    /// Its family, if its name is one that we know.
    pub family: Option<Family>,
    /// The place in [`Template::sections`] of the section of level 2 that it stands under; its own for level 2.
    pub under: usize,
    /// Whether every document is to have it, whatever else it has.
    pub always: bool,
}

/// What documents are held to.
#[derive(Debug, Clone)]
pub struct Template {
    /// Sections of level 2 to 4 that are not one of several of a kind, in order.
    pub sections: Vec<Required>,
    /// What an author is meant to replace.
    pub prompts: Prompts,
    /// Other names of sections.
    pub synonyms: Synonyms,
    /// The places of the sections that are found by their name, not by their family.
    named: FxHashMap<String, usize>,
}

impl Template {
    /// Our own.
    pub fn ours() -> &'static Template {
        static OURS: OnceLock<Template> = OnceLock::new();
        OURS.get_or_init(|| {
            let sections = sections(&Document::read(FileId(0), &text()), &Synonyms::default());
            let synonyms = Synonyms::default();
            Template { sections, prompts: Prompts::marked(MARKED), synonyms, named: FxHashMap::default() }
        })
    }

    /// Another one, as its authors fill it in: sections of a title that stands alone or of several titles.
    /// Its prompts are marked with `⟦…⟧`, stand in brackets, braces or emphasis, or address the author.
    pub fn read(text: &str, synonyms: Synonyms) -> Template {
        let document = Document::read_with(FileId(0), &unmarked(text), &synonyms);
        let sections = sections(&document, &synonyms);
        let named = sections.iter().enumerate().map(|(at, it)| (it.key.clone(), at)).collect();
        Template { sections, prompts: Prompts::of(text, &document), synonyms, named }
    }

    /// Makes a section one that every document is to have.
    pub fn require(&mut self, name: &str) {
        let title = crate::family::Title::read(name);
        let family = self.synonyms.family(&title);
        if let Some(known) = self.sections.iter_mut().find(|it| it.level == 2 && it.key == title.whole) {
            known.always = true;
            return;
        }
        let under = self.sections.len();
        self.named.insert(title.whole.clone(), under);
        let (name, key) = (name.to_owned(), title.whole);
        self.sections.push(Required { level: 2, name, key, family, under, always: true });
    }

    /// For each of the sections, whether one of these stands for it: by its family or by its name.
    pub fn found<'a>(&self, sections: impl Iterator<Item = &'a Section> + Clone) -> Vec<bool> {
        let families = sections.clone().filter_map(|it| it.own).collect();
        self.found_among(families, sections)
    }

    fn found_among<'a>(&self, families: Families, sections: impl Iterator<Item = &'a Section>) -> Vec<bool> {
        let known = |it: &Required| it.family.is_some_and(|it| families.contains(it));
        let mut found: Vec<bool> = self.sections.iter().map(known).collect();
        if !self.named.is_empty() {
            for section in sections {
                let at = self.named.get(&section.title.whole).or_else(|| self.named.get(section.title.key()));
                if let Some(place) = at.and_then(|it| found.get_mut(*it)) {
                    *place = true;
                }
            }
        }
        found
    }

    /// Whether a document is one of this form: at least half of the sections of level 2 are there.
    pub fn is_followed_by(&self, document: &Document) -> bool {
        // By the names of its sections, not by what they seem to be about.
        let own = || document.sections.iter().filter(|it| it.level <= 2);
        let families = own().filter_map(|it| self.synonyms.family(&it.title)).collect();
        let found = self.found_among(families, own());
        let mut all = 0;
        let mut there = 0;
        for (_, found) in self.sections.iter().zip(found).filter(|(it, _)| it.level == 2 && !it.always) {
            all += 1;
            there += usize::from(found);
        }
        all > 0 && there * 2 >= all
    }
}

fn sections(document: &Document, synonyms: &Synonyms) -> Vec<Required> {
    // Where several headings are titles, they are the sections.
    let headings = || document.sections.iter().filter(|it| (1..BOLD_LINE).contains(&it.level));
    let shift = u8::from(headings().filter(|it| it.level == 1).count() > 1);
    let mut under = None;
    let mut found: Vec<Required> = Vec::new();
    for section in headings().filter(|it| it.title.kind.is_none()) {
        let level = section.level + shift;
        let family = section.own.or_else(|| synonyms.family(&section.title));
        if level == 2 {
            under = Some(found.len());
        }
        let Some(under) = under.filter(|_| (2..=4).contains(&level)) else { continue };
        let name = section.name().as_str().trim().to_owned();
        // A name that is a prompt is any name.
        if !name.is_empty() && !name.starts_with(['[', '{', '<']) {
            found.push(Required { level, name, key: section.title.whole.clone(), family, under, always: false });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_its_sections() {
        let sections = &Template::ours().sections;
        let names: Vec<_> = sections.iter().filter(|it| it.level == 2).map(|it| it.name.as_str()).collect();
        assert!(names.contains(&"Overview") && names.contains(&"Revision History"), "{names:?}");
        let headings = MARKED.lines().filter(|it| it.starts_with("## ") || it.starts_with("### ")).count();
        let found = sections.iter().filter(|it| it.level < 4).count();
        assert_eq!(found, headings, "every heading has a family");
    }

    #[test]
    fn prompts_are_prompts_in_their_place_only() {
        let prompts = &Template::ours().prompts;
        for (text, expected) in [
            ("[Your Name]", true),
            ("[What this does]", true),
            ("[Describe the thing]", true),
            ("[TODO]", true),
            ("[optional]", false),
            ("[0, 1]", false),
            ("[Initial]", false),
            ("[*]", false),
        ] {
            assert_eq!(prompts.is_bracketed(text), expected, "{text}");
        }
        assert!(prompts.is_bare("Goal 4", Some(Family::Goals)));
        assert!(!prompts.is_bare("Goal 4", Some(Family::Risks)));
        assert!(prompts.is_bare("YYYY-MM-DD", None));
        assert!(prompts.is_bare("H/M/L", Some(Family::Risks)));
        assert!(prompts.is_bare("Draft | Review | Approved | Implemented", None));
        assert!(!prompts.is_bare("Initial draft", Some(Family::Revisions)));
    }
}

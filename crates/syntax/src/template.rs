//! The specification template, as data: its text, its sections, and its prompts.
//!
//! A prompt is what an author is meant to replace. The data file marks each with `⟦…⟧`; everything
//! else in it (code, field rows, transition rows) is example content that real documents may share.

use std::sync::OnceLock;

use rustc_hash::{FxHashMap, FxHashSet};

use source::FileId;

use crate::document::Document;
use crate::family::Family;

const MARKED: &str = include_str!("../data/template.md");

/// The template without marks.
pub fn text() -> String {
    MARKED.replace(['⟦', '⟧'], "")
}

/// A section that the template has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Required {
    /// 2, 3 or 4.
    pub level: u8,
    /// Its heading, as written.
    pub name: String,
    /// Its family.
    pub family: Family,
    /// The heading of level 2 that it stands under; its own for level 2.
    pub under: Family,
}

/// The template's sections of level 2 to 4 that are not one of several of a kind, in order.
pub fn sections() -> &'static [Required] {
    static SECTIONS: OnceLock<Vec<Required>> = OnceLock::new();
    SECTIONS.get_or_init(|| {
        let text = text();
        let document = Document::read(FileId(0), &text);
        let mut under = None;
        let mut found = Vec::new();
        for section in document.sections.iter().filter(|it| (2..=4).contains(&it.level) && it.title.kind.is_none()) {
            let Some(family) = section.own else { continue };
            if section.level == 2 {
                under = Some(family);
            }
            let Some(under) = under else { continue };
            found.push(Required { level: section.level, name: section.heading.as_str().to_owned(), family, under });
        }
        found
    })
}

/// What an author is meant to replace.
#[derive(Debug, Default)]
pub struct Prompts {
    /// Bracketed prompts, which are placeholders anywhere, with their brackets, in normal form.
    bracketed: FxHashSet<String>,
    /// First words of bracketed prompts (`What`, `Describe`), lower case.
    openers: FxHashSet<String>,
    /// Other prompts, in normal form, with the families in which they are placeholders. `None` is the
    /// header.
    bare: FxHashMap<String, FxHashSet<Option<Family>>>,
    /// First words of these prompts, lower case, by how they begin, so that most texts are told apart at
    /// once.
    firsts: Vec<Vec<String>>,
    /// Bytes of the longest.
    longest: usize,
}

impl Prompts {
    /// The template's.
    pub fn get() -> &'static Prompts {
        static PROMPTS: OnceLock<Prompts> = OnceLock::new();
        PROMPTS.get_or_init(|| {
            let mut prompts = Prompts::default();
            let mut family = None;
            for line in MARKED.lines() {
                if line.starts_with('#') {
                    let heading = line.trim_start_matches('#').trim().replace(['⟦', '⟧'], "");
                    let title = crate::family::Title::read(&heading);
                    family = if line.starts_with("# ") { None } else { title.family() };
                } else if let Some(name) = line.strip_prefix("**").and_then(|it| it.split("**").next())
                    && (line.ends_with("**") || line.ends_with("**:"))
                {
                    let title = crate::family::Title::read(name);
                    family = title.family().or(family).filter(|_| family.is_some());
                }
                for prompt in line.split('⟦').skip(1).filter_map(|it| it.split('⟧').next()) {
                    prompts.add(prompt, family);
                }
            }
            prompts
        })
    }

    fn add(&mut self, prompt: &str, family: Option<Family>) {
        if let Some(inner) = prompt.strip_prefix('[') {
            self.bracketed.insert(normal(prompt));
            let words: Vec<_> = inner.trim_end_matches(']').split_whitespace().collect();
            let first = words.first().map(|it| it.trim_end_matches(',').to_lowercase());
            let first = first.filter(|it| words.len() > 1 && is_imperative(it));
            self.openers.extend(first);
        } else {
            let first = prompt.split_whitespace().next().unwrap_or("").to_lowercase();
            self.firsts.resize(BEGINNINGS, Vec::new());
            let words = self.firsts.get_mut(usize::from(beginning(&first)));
            words.into_iter().filter(|it| !it.contains(&first)).for_each(|it| it.push(first.clone()));
            self.longest = self.longest.max(prompt.len() + 4);
            self.bare.entry(normal(prompt)).or_default().insert(family);
        }
    }

    /// Whether a text in brackets (brackets included) is a prompt.
    pub fn is_bracketed(&self, text: &str) -> bool {
        if self.bracketed.contains(&normal(text)) {
            return true;
        }
        let inner = text.trim_start_matches('[').trim_end_matches(']').trim();
        let mut words = inner.split_whitespace();
        let first = words.next().unwrap_or("").trim_end_matches([',', ':']).to_lowercase();
        let rest = words.count();
        match first.as_str() {
            "tbd" | "todo" | "placeholder" | "fixme" => true,
            _ => rest > 0 && self.openers.contains(&first),
        }
    }

    /// Whether a prompt without brackets begins with the word that a text begins with.
    pub fn may_begin(&self, text: &str) -> bool {
        let Some(words) = self.firsts.get(usize::from(beginning(text))) else { return false };
        if words.is_empty() {
            return false;
        }
        let word = text.split(char::is_whitespace).next().unwrap_or("");
        let word = word.strip_suffix(':').unwrap_or(word);
        words.iter().any(|it| it.eq_ignore_ascii_case(word))
    }

    /// Whether a text that stands by itself in a section of this family is a prompt.
    pub fn is_bare(&self, text: &str, family: Option<Family>) -> bool {
        text.len() <= self.longest
            && self.may_begin(text)
            && self.bare.get(&normal(text)).is_some_and(|it| it.contains(&family))
    }
}

/// How many ways to begin are told apart.
const BEGINNINGS: usize = 1 << 10;

/// A number for the first two letters of a text, without case; less than [`BEGINNINGS`].
fn beginning(text: &str) -> u16 {
    let mut letters = text.bytes().map(|it| if it.is_ascii_alphanumeric() { u16::from(it & 31) } else { 0 });
    letters.next().unwrap_or(0) << 5 | letters.next().unwrap_or(0)
}

/// First words that address the author.
fn is_imperative(word: &str) -> bool {
    matches!(
        word,
        "what"
            | "what's"
            | "why"
            | "how"
            | "when"
            | "describe"
            | "e.g."
            | "your"
            | "link"
            | "insert"
            | "diagram"
            | "explain"
            | "list"
            | "if"
            | "unanswered"
            | "same"
    )
}

/// Lower case, white space folded, numbers as `#`.
fn normal(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let number = word.chars().all(|it| it.is_ascii_digit());
        if number { out.push('#') } else { out.extend(word.chars().flat_map(char::to_lowercase)) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_has_its_sections() {
        let names: Vec<_> = sections().iter().filter(|it| it.level == 2).map(|it| it.name.as_str()).collect();
        assert!(names.contains(&"Overview") && names.contains(&"Revision History"), "{names:?}");
        let headings = MARKED.lines().filter(|it| it.starts_with("## ") || it.starts_with("### ")).count();
        let found = sections().iter().filter(|it| it.level < 4).count();
        assert_eq!(found, headings, "every heading has a family");
    }

    #[test]
    fn prompts_are_prompts_in_their_place_only() {
        let prompts = Prompts::get();
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

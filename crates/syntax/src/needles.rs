//! Words that a text is searched for all at once, so that most texts are told apart in one pass.

use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Words of which a text may hold any.
#[derive(Debug)]
pub struct Needles {
    words: &'static [&'static str],
    folded: bool,
    automaton: OnceLock<Option<AhoCorasick>>,
}

impl Needles {
    /// These words, in this spelling.
    pub const fn new(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: false, automaton: OnceLock::new() }
    }

    /// These words, without case; they are ASCII.
    pub const fn folded(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: true, automaton: OnceLock::new() }
    }

    /// Whether one of them is in a text, at the start of a word or not.
    pub fn are_in(&self, text: &str) -> bool {
        self.at(text).is_some()
    }

    /// The place of the word that ends first in a text: its index among the words, and where it begins.
    pub fn at(&self, text: &str) -> Option<(usize, usize)> {
        let automaton = self.automaton.get_or_init(|| {
            let mut builder = AhoCorasick::builder();
            builder.ascii_case_insensitive(self.folded);
            // The words are few, so that the table is small.
            builder.kind(Some(AhoCorasickKind::DFA)).build(self.words).ok()
        });
        let found = automaton.as_ref()?.find(text)?;
        Some((found.pattern().as_usize(), found.start()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_stand() {
        static WORDS: Needles = Needles::new(&["only ", "ermin"]);
        static FOLDED: Needles = Needles::folded(&["no longer", "e.g."]);
        for (text, expected) in
            [("Terminal", true), ("read only", false), ("read only it", true), ("ERMIN", false), ("", false)]
        {
            assert_eq!(WORDS.are_in(text), expected, "{text}");
        }
        assert!(FOLDED.are_in("It is NO Longer so"));
        assert_eq!(FOLDED.at("so, E.G. this"), Some((1, 4)));
    }
}

//! Words that a text is searched for all at once, so that most texts are told apart in one pass.

use std::sync::OnceLock;

/// Words of which a text may hold any. Each is at least two bytes; only ASCII has case.
#[derive(Debug)]
pub struct Needles {
    words: &'static [&'static str],
    folded: bool,
    pairs: OnceLock<Pairs>,
}

/// A bit for each way in which two bytes may begin a word, by their low halves.
type Pairs = Box<[u64; 64]>;

impl Needles {
    /// These words, in this spelling.
    pub const fn new(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: false, pairs: OnceLock::new() }
    }

    /// These words, without case.
    pub const fn folded(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: true, pairs: OnceLock::new() }
    }

    /// Whether one of them is in a text, at the start of a word or not.
    pub fn are_in(&self, text: &str) -> bool {
        self.at(text).is_some()
    }

    /// The first place of one of them in a text: its index among the words, and where it begins.
    pub fn at(&self, text: &str) -> Option<(usize, usize)> {
        self.places(text).next()
    }

    /// The places of them in a text, as in [`Needles::at`]; of words that begin at one place the first.
    pub fn places(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        let pairs = self.pairs.get_or_init(|| self.pairs());
        let bytes = text.as_bytes();
        // The ways in which the byte before begins a word.
        let mut begun = 0u64;
        let mut next = 0;
        std::iter::from_fn(move || {
            while let Some(byte) = bytes.get(next) {
                let low = byte & 63;
                let hit = begun >> low & 1 == 1;
                begun = pairs.get(usize::from(low)).copied().unwrap_or(0);
                next += 1;
                if hit && let Some(found) = self.word(bytes, next - 2) {
                    return Some((found, next - 2));
                }
            }
            None
        })
    }

    /// The word that begins at a byte.
    fn word(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        self.words.iter().position(|it| match self.folded {
            true => rest.get(..it.len()).is_some_and(|own| own.eq_ignore_ascii_case(it.as_bytes())),
            false => rest.starts_with(it.as_bytes()),
        })
    }

    fn pairs(&self) -> Pairs {
        let mut pairs = Box::new([0; 64]);
        for word in self.words {
            let [a, b, ..] = word.as_bytes() else { continue };
            let ways = |it: u8| [it, if self.folded { it ^ 32 } else { it }];
            for a in ways(*a) {
                if let Some(bits) = pairs.get_mut(usize::from(a & 63)) {
                    ways(*b).into_iter().for_each(|b| *bits |= 1 << (b & 63));
                }
            }
        }
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_wherever_they_stand() {
        static WORDS: Needles = Needles::new(&["only ", "ermin"]);
        static FOLDED: Needles = Needles::folded(&["no longer", "e.g."]);
        for (text, expected) in [
            ("Terminal", true),
            ("read only", false),
            ("read only it", true),
            ("ERMIN", false),
            ("é only", false),
            ("é only é", true),
            ("o", false),
            ("", false),
        ] {
            assert_eq!(WORDS.are_in(text), expected, "{text}");
        }
        assert_eq!(WORDS.places("only termin ermin").collect::<Vec<_>>(), [(0, 0), (1, 6), (1, 12)]);
        assert!(FOLDED.are_in("It is NO Longer so"));
        assert_eq!(FOLDED.at("so, E.G. this"), Some((1, 4)));
        assert_eq!(FOLDED.at("so, E,G. this"), None);
    }
}

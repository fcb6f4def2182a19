//! Words that a text is searched for all at once, so that most texts are told apart in one pass.

use std::sync::OnceLock;

/// Words of which a text may hold any. Each is at least two bytes; only ASCII has case.
#[derive(Debug)]
pub struct Needles {
    words: &'static [&'static str],
    folded: bool,
    /// How words begin.
    pairs: OnceLock<Pairs>,
    /// What two bytes each word has that are rare in English.
    rare: OnceLock<Pairs>,
}

/// A bit for each way in which two bytes of a word may be written, by their low halves; and for each word where
/// they stand in it.
#[derive(Debug)]
struct Pairs {
    bits: Box<[u64; 64]>,
    at: Box<[usize]>,
}

impl Needles {
    /// These words, in this spelling.
    pub const fn new(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: false, pairs: OnceLock::new(), rare: OnceLock::new() }
    }

    /// These words, without case.
    pub const fn folded(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: true, pairs: OnceLock::new(), rare: OnceLock::new() }
    }

    /// Whether one of them is in a text, at the start of a word or not.
    pub fn are_in(&self, text: &str) -> bool {
        let pairs = self.rare.get_or_init(|| self.pairs(rarest));
        let bytes = text.as_bytes();
        let is_here = |at: usize| {
            let mut words = self.words.iter().zip(&pairs.at);
            words.any(|(word, offset)| at.checked_sub(*offset).is_some_and(|it| self.is_at(bytes, it, word)))
        };
        pairs.places(bytes).any(is_here)
    }

    /// The first place of one of them in a text: its index among the words, and where it begins.
    pub fn at(&self, text: &str) -> Option<(usize, usize)> {
        self.places(text).next()
    }

    /// The places of them in a text, as in [`Needles::at`]; of words that begin at one place the first.
    pub fn places(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        let pairs = self.pairs.get_or_init(|| self.pairs(|_| 0));
        let bytes = text.as_bytes();
        let word = |at: usize| Some((self.words.iter().position(|it| self.is_at(bytes, at, it))?, at));
        pairs.places(bytes).filter_map(word)
    }

    fn is_at(&self, bytes: &[u8], at: usize, word: &str) -> bool {
        let rest = bytes.get(at..).unwrap_or(&[]);
        match self.folded {
            true => rest.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word.as_bytes())),
            false => rest.starts_with(word.as_bytes()),
        }
    }

    /// The pairs of the words, each at the place that `choose` gives.
    fn pairs(&self, choose: impl Fn(&[u8]) -> usize) -> Pairs {
        let mut pairs = Pairs { bits: Box::new([0; 64]), at: Box::default() };
        pairs.at = self.words.iter().map(|it| choose(it.as_bytes())).collect();
        for (word, at) in self.words.iter().zip(&pairs.at) {
            let Some([a, b, ..]) = word.as_bytes().get(*at..) else { continue };
            let ways = |it: u8| [it, if self.folded { it ^ 32 } else { it }];
            for a in ways(*a) {
                if let Some(bits) = pairs.bits.get_mut(usize::from(a & 63)) {
                    ways(*b).into_iter().for_each(|b| *bits |= 1 << (b & 63));
                }
            }
        }
        pairs
    }
}

impl Pairs {
    /// Where two bytes stand that may be one of the pairs.
    fn places(&self, bytes: &[u8]) -> impl Iterator<Item = usize> {
        // The bytes that may follow the one before.
        let mut begun = 0u64;
        let mut next = 0;
        std::iter::from_fn(move || {
            while let Some(byte) = bytes.get(next) {
                let low = byte & 63;
                let hit = begun >> low & 1 == 1;
                begun = self.bits.get(usize::from(low)).copied().unwrap_or(0);
                next += 1;
                if hit {
                    return Some(next - 2);
                }
            }
            None
        })
    }
}

/// Where the two bytes of a word stand that are rarest in English.
fn rarest(word: &[u8]) -> usize {
    const COMMON: &[u8] = b" etaonirslhdcum";
    let rank = |it: &u8| COMMON.iter().position(|common| common.eq_ignore_ascii_case(it)).unwrap_or(COMMON.len());
    let pairs = word.windows(2).enumerate();
    pairs.max_by_key(|(_, it)| it.iter().map(rank).sum::<usize>()).map_or(0, |it| it.0)
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

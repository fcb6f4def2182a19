//! Words that a text is searched for all at once, so that most texts are told apart in one pass.

use std::sync::OnceLock;

/// Words of which a text may hold any. Each is at least two bytes; only ASCII has case.
#[derive(Debug)]
pub struct Needles {
    words: &'static [&'static str],
    folded: bool,
    steps: OnceLock<Steps>,
}

/// Horspool's table for several words: they are compared by their first bytes, as many as the shortest has.
#[derive(Debug)]
struct Steps {
    /// How many bytes that is.
    window: usize,
    /// For the last byte of a window how far on the next one begins; 0 where a word may begin with this one.
    by: Box<[u8; 256]>,
    /// A bit for each way in which two bytes may begin a word, by their low halves.
    begin: Box<[u64; 64]>,
}

impl Needles {
    /// These words, in this spelling.
    pub const fn new(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: false, steps: OnceLock::new() }
    }

    /// These words, without case.
    pub const fn folded(words: &'static [&'static str]) -> Needles {
        Needles { words, folded: true, steps: OnceLock::new() }
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
        let Steps { window, by, begin } = self.steps.get_or_init(|| self.steps());
        let bytes = text.as_bytes();
        let mut last = window - 1;
        std::iter::from_fn(move || {
            while let Some(byte) = bytes.get(last) {
                let step = usize::from(by.get(usize::from(*byte)).copied().unwrap_or(1));
                if step > 0 {
                    last += step;
                    continue;
                }
                let at = last + 1 - window;
                last += 1;
                let low = |at: usize| bytes.get(at).map_or(0, |it| it & 63);
                let begins = begin.get(usize::from(low(at))).is_some_and(|it| it >> low(at + 1) & 1 == 1);
                if begins && let Some(found) = self.word_at(bytes, at) {
                    return Some((found, at));
                }
            }
            None
        })
    }

    /// The word that begins at a byte.
    fn word_at(&self, bytes: &[u8], at: usize) -> Option<usize> {
        let rest = bytes.get(at..)?;
        self.words.iter().position(|it| match self.folded {
            true => rest.get(..it.len()).is_some_and(|own| own.eq_ignore_ascii_case(it.as_bytes())),
            false => rest.first() == it.as_bytes().first() && rest.starts_with(it.as_bytes()),
        })
    }

    fn steps(&self) -> Steps {
        let shortest = self.words.iter().map(|it| it.len()).min().unwrap_or(1);
        let window = shortest.clamp(1, usize::from(u8::MAX));
        let mut by = Box::new([window as u8; 256]);
        let bytes = self.words.iter().flat_map(|it| it.bytes().take(window).enumerate());
        for (at, byte) in bytes {
            let ways = if self.folded { [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] } else { [byte; 2] };
            for way in ways {
                if let Some(step) = by.get_mut(usize::from(way)) {
                    *step = (*step).min((window - 1 - at) as u8);
                }
            }
        }
        let mut begin = Box::new([0; 64]);
        for word in self.words {
            let [a, b, ..] = word.as_bytes() else { continue };
            let ways = |it: u8| [it, if self.folded { it ^ 32 } else { it }];
            for a in ways(*a) {
                if let Some(bits) = begin.get_mut(usize::from(a & 63)) {
                    ways(*b).into_iter().for_each(|b| *bits |= 1 << (b & 63));
                }
            }
        }
        Steps { window, by, begin }
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

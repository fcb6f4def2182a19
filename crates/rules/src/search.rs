//! A search for many words at once, which takes each byte of a text once (Aho and Corasick, 1975).
//!
//! It is built whenever the program starts, and general ones take longer for that than a hundred documents.

/// What is searched for: words, without case, and single bytes. Each has signs, which are bits.
pub(crate) struct Search {
    /// Bytes of one class are told apart by nothing that is searched for.
    classes: [u8; 256],
    /// By state and class, the state that follows, with [`SIGNED`] if it has signs. A state is the place of its
    /// first entry.
    next: Box<[u16; SIZE]>,
    /// By state, the signs of all that ends there.
    signs: Vec<u32>,
}

/// Entries of a state; more than there are classes.
const CLASSES: u16 = 64;

/// All entries that a `u16` can be the place of.
const SIZE: usize = 1 << 16;

/// States begin at multiples of [`CLASSES`].
const SIGNED: u16 = 1;

impl Search {
    /// A search for words of ASCII in lower case, and for bytes.
    pub(crate) fn new(words: &[(u32, Vec<u8>)], byte_signs: impl Fn(u8) -> u32) -> Search {
        let mut search = Search { classes: [0; 256], next: Box::new([0; SIZE]), signs: vec![0] };
        let mut count = 0;
        for byte in words.iter().flat_map(|it| &it.1) {
            if search.class(*byte) == 0 {
                count += 1;
                search.set_class(byte.to_ascii_lowercase(), count);
                search.set_class(byte.to_ascii_uppercase(), count);
            }
        }
        // Bytes that no word has are told apart by their signs alone.
        let mut others: Vec<(u32, u8)> = Vec::new();
        for byte in 0..=u8::MAX {
            let signs = byte_signs(byte);
            if signs != 0 && search.class(byte) == 0 {
                let known = others.iter().find(|it| it.0 == signs).map(|it| it.1);
                count += u8::from(known.is_none());
                search.set_class(byte, known.unwrap_or(count));
                others.push((signs, known.unwrap_or(count)));
            }
            if signs != 0 {
                search.add(signs, &[byte]);
            }
        }
        words.iter().for_each(|(signs, word)| search.add(*signs, word));
        search.link();
        search
    }

    /// The signs of all that a text holds.
    pub(crate) fn signs(&self, text: &str) -> u32 {
        let (mut found, mut state) = (0, 0);
        for byte in text.bytes() {
            let next = self.next(state, self.class(byte));
            state = next & !SIGNED;
            if next & SIGNED != 0 {
                found |= self.signs_of(state);
            }
        }
        found
    }

    fn class(&self, byte: u8) -> u8 {
        self.classes.get(usize::from(byte)).copied().unwrap_or(0)
    }

    fn set_class(&mut self, byte: u8, class: u8) {
        if let Some(own) = self.classes.get_mut(usize::from(byte)) {
            *own = class;
        }
    }

    fn next(&self, state: u16, class: u8) -> u16 {
        self.next.get(usize::from(state | u16::from(class))).copied().unwrap_or(0)
    }

    fn set_next(&mut self, state: u16, class: u8, to: u16) {
        if let Some(own) = self.next.get_mut(usize::from(state | u16::from(class))) {
            *own = to;
        }
    }

    fn signs_of(&self, state: u16) -> u32 {
        self.signs.get(usize::from(state / CLASSES)).copied().unwrap_or(0)
    }

    fn add_signs(&mut self, state: u16, signs: u32) {
        if let Some(own) = self.signs.get_mut(usize::from(state / CLASSES)) {
            *own |= signs;
        }
    }

    /// Adds a word to the tree of all words.
    fn add(&mut self, signs: u32, word: &[u8]) {
        let mut state = 0;
        for byte in word {
            let class = self.class(*byte);
            let mut to = self.next(state, class);
            if to == 0 {
                to = self.signs.len() as u16 * CLASSES;
                self.signs.push(0);
                self.set_next(state, class, to);
            }
            state = to;
        }
        self.add_signs(state, signs);
    }

    /// Lets each state go on, where its word does not, as the longest end of it that begins a word.
    fn link(&mut self) {
        // The states in the order of their depth, with those ends.
        let mut states: Vec<(u16, u16)> = vec![(0, 0)];
        let mut at = 0;
        while let Some((state, end)) = states.get(at).copied() {
            at += 1;
            for class in 0..CLASSES as u8 {
                let other = if state == 0 { 0 } else { self.next(end, class) };
                let to = self.next(state, class);
                if to == 0 {
                    self.set_next(state, class, other);
                    continue;
                }
                self.add_signs(to, self.signs_of(other));
                states.push((to, other & !SIGNED));
                if self.signs_of(to) != 0 {
                    self.set_next(state, class, to | SIGNED);
                }
            }
        }
    }

    /// Whether all that is searched for has room.
    #[cfg(test)]
    pub(crate) fn is_whole(&self) -> bool {
        self.signs.len() * usize::from(CLASSES) <= SIZE && self.classes.iter().all(|it| u16::from(*it) < CLASSES)
    }
}

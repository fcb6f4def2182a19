//! Counts in text: `all six widget endpoints`, `five roles`, `(6 tiers)`.

use syntax::inline::Slice;

/// A number of things.
pub(crate) struct Count<'a> {
    /// How many.
    pub(crate) number: usize,
    /// The number alone.
    pub(crate) digits: Slice<'a>,
    /// The number and its noun.
    pub(crate) whole: Slice<'a>,
    /// The words between the number and the noun, lower case.
    pub(crate) kind: Vec<String>,
    /// The noun, lower case, plural.
    pub(crate) noun: String,
    /// What follows the noun.
    pub(crate) after: Slice<'a>,
    /// Up to three words before the number in its sentence, nearest first, lower case.
    pub(crate) before: Vec<String>,
}

impl Count<'_> {
    /// Whether it is a limit and no count: `up to four`, `at least two`.
    pub(crate) fn is_limit(&self) -> bool {
        let word = |at: usize| self.before.get(at).map_or("", String::as_str);
        matches!(word(0), "least" | "most" | "than" | "about" | "over" | "under" | "maximum" | "minimum" | "or")
            || matches!((word(1), word(0)), ("up", "to"))
    }

    /// Whether it numbers one of several: `Step 5 onwards`.
    fn is_ordinal(&self) -> bool {
        const NAMES: [&str; 16] = [
            "step",
            "phase",
            "stage",
            "story",
            "epic",
            "task",
            "section",
            "chapter",
            "figure",
            "table",
            "level",
            "sprint",
            "week",
            "day",
            "milestone",
            "version",
        ];
        self.before.first().is_some_and(|it| NAMES.contains(&it.as_str()))
    }

    /// Whether all of them are meant: `all six`, `each of the six`, `all of the six`.
    pub(crate) fn is_of_all(&self) -> bool {
        let word = |at: usize| self.before.get(at).map_or("", String::as_str);
        matches!(word(0), "all")
            || word(0) == "the" && word(1) == "of" && matches!(word(2), "each" | "all" | "every")
            || word(0) == "the" && word(1) == "all"
    }

    /// Whether the words before it say how many there are: `has four`, `exposes five`, `consists of`.
    pub(crate) fn is_of_whole(&self) -> bool {
        let word = |at: usize| self.before.get(at).map_or("", String::as_str);
        matches!(
            word(0),
            "has"
                | "defines"
                | "exposes"
                | "comprises"
                | "provides"
                | "offers"
                | "declares"
                | "specifies"
                | "are"
                | "knows"
                | "introduces"
                | "adds"
                | "contains"
                | "runs"
        ) && word(1) != "which"
            || matches!((word(1), word(0)), ("consists", "of") | ("composed", "of") | ("into", _) | ("made", "of"))
            || word(0) == "into"
    }

    /// The number in the same form: a word for a word.
    pub(crate) fn written(&self, number: usize) -> String {
        let digits = self.digits.as_str();
        if digits.starts_with(|it: char| it.is_ascii_digit()) {
            return number.to_string();
        }
        match NUMBERS.get(number.wrapping_sub(2)) {
            Some(word) if digits.starts_with(char::is_uppercase) => {
                word.chars().next().map(|it| it.to_ascii_uppercase()).into_iter().chain(word.chars().skip(1)).collect()
            }
            Some(word) => (*word).to_owned(),
            None => number.to_string(),
        }
    }
}

const NUMBERS: [&str; 11] =
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

/// More are counted by nobody.
const MAX: usize = 99;

/// Words between a number and the last word of its noun.
const MAX_WORDS: usize = 3;

/// Bytes before a number that say what it is.
const LOOK_BACK: usize = 80;

/// The counts of a text, in order.
pub(crate) fn counts<'a>(text: Slice<'a>) -> Vec<Count<'a>> {
    let whole = text.as_str();
    let bytes = whole.as_bytes();
    let mut found = Vec::new();
    let mut previous = b' ';
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        // A word begins here, and its first letter is one of a number's.
        let begins = is_first(byte) && matches!(previous, b' ' | b'\n' | b'(' | b'*' | b'`' | b'_' | b'[');
        let number = match begins {
            true if byte.is_ascii_digit() => digits(bytes, at),
            true => named(bytes, at),
            false => None,
        };
        if let Some((number, len)) = number
            && let Some(count) = count(text, at, len, number)
            && !count.is_ordinal()
        {
            found.push(count);
        }
        previous = byte;
        at += 1;
    }
    found
}

/// Whether a number may begin with this byte.
fn is_first(byte: u8) -> bool {
    matches!(byte, b'1'..=b'9' | b't' | b'f' | b's' | b'e' | b'n' | b'T' | b'F' | b'S' | b'E' | b'N')
}

fn digits(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(at..)?;
    let len = rest.iter().take(4).take_while(|it| it.is_ascii_digit()).count();
    if len > 2 {
        return None;
    }
    let value = rest.iter().take(len).fold(0, |value, it| value * 10 + usize::from(it - b'0'));
    (2..=MAX).contains(&value).then_some((value, len))
}

fn named(bytes: &[u8], at: usize) -> Option<(usize, usize)> {
    let rest = bytes.get(at..)?;
    let [first, second, ..] = rest else { return None };
    let pair = [first | 32, second | 32];
    if !matches!(&pair, b"tw" | b"th" | b"te" | b"fo" | b"fi" | b"si" | b"se" | b"ei" | b"el" | b"ni") {
        return None;
    }
    NUMBERS.iter().enumerate().find_map(|(index, word)| {
        let own = rest.get(..word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()));
        (own && rest.get(word.len()).is_some_and(|it| *it == b' ')).then_some((index + 2, word.len()))
    })
}

fn count<'a>(text: Slice<'a>, at: usize, len: usize, number: usize) -> Option<Count<'a>> {
    let whole = text.as_str();
    let (mut from, mut kind) = (at + len, Vec::new());
    let mut noun = None;
    for _ in 0..MAX_WORDS {
        let rest = whole.get(from..)?;
        let gap = rest.len() - rest.trim_start_matches([' ', '*', '`', '\n']).len();
        if gap == 0 {
            break;
        }
        let rest = rest.get(gap..)?;
        let size = rest.find(|it: char| !it.is_alphabetic() && !matches!(it, '-' | '_')).unwrap_or(rest.len());
        let word = rest.get(..size)?.to_lowercase();
        if size == 0 {
            break;
        }
        from += gap + size;
        if is_plural(&word) {
            noun = Some(word);
            break;
        }
        if matches!(
            word.as_str(),
            "of" | "and" | "or" | "to" | "in" | "for" | "with" | "is" | "per" | "at" | "by" | "x"
        ) {
            break;
        }
        kind.push(word);
    }
    let noun = noun.filter(|it| !is_measure(it))?;
    let mut far = at.saturating_sub(LOOK_BACK);
    while !whole.is_char_boundary(far) {
        far += 1;
    }
    let sentence = whole.get(far..at)?;
    let start = sentence.rfind(['.', ';', '!', '?', ':', '\n']).map_or(0, |it| it + 1);
    let head = sentence.get(start..)?;
    let mut before: Vec<String> = Vec::new();
    for word in head.rsplit(|it: char| !it.is_alphanumeric() && !matches!(it, '-' | '\'')).filter(|it| !it.is_empty()) {
        before.push(word.to_lowercase());
        if before.len() == 3 {
            break;
        }
    }
    // `Epic 2 metrics`: a number of a thing, not of things. The first word of a sentence says nothing by
    // its capital.
    let last = head.trim_end().rsplit(' ').next().unwrap_or("");
    let capital = last.starts_with(char::is_uppercase);
    let is_digit = whole.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    if is_digit && capital && (head.trim() != last || is_numbered(&last.to_lowercase())) {
        return None;
    }
    Some(Count {
        number,
        digits: text.get(at..at + len),
        whole: text.get(at..from),
        kind,
        noun,
        after: text.from(from),
        before,
    })
}

/// Words that number what follows them.
fn is_numbered(word: &str) -> bool {
    matches!(
        word,
        "phase"
            | "epic"
            | "step"
            | "story"
            | "version"
            | "section"
            | "stage"
            | "level"
            | "tier"
            | "part"
            | "week"
            | "sprint"
            | "figure"
            | "table"
            | "task"
            | "day"
            | "page"
            | "line"
            | "option"
            | "layer"
    )
}

fn is_plural(word: &str) -> bool {
    word.len() > 3
        && word.ends_with('s')
        && !["ss", "us", "is", "as", "ous"].iter().any(|it| word.ends_with(it))
        && !matches!(
            word,
            "has"
                | "was"
                | "its"
                | "does"
                | "plus"
                | "always"
                | "minus"
                | "https"
                | "kubernetes"
                | "aws"
                | "cors"
                | "needs"
                | "requires"
                | "uses"
        )
}

/// Nouns of measures, which name no things, and of what is done again and again.
fn is_measure(noun: &str) -> bool {
    matches!(
        noun,
        "seconds"
            | "minutes"
            | "hours"
            | "days"
            | "weeks"
            | "months"
            | "years"
            | "times"
            | "points"
            | "percents"
            | "characters"
            | "chars"
            | "bytes"
            | "digits"
            | "retries"
            | "attempts"
            | "lines"
            | "requests"
            | "users"
            | "letters"
            | "decimals"
            | "words"
            | "milliseconds"
            | "secs"
            | "mins"
            | "hrs"
            | "pixels"
            | "nines"
            | "ones"
            | "cores"
            | "vcpus"
            | "cpus"
            | "threads"
            | "connections"
            | "calls"
    )
}

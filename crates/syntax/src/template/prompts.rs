//! What an author is meant to replace.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::document::{Document, inlines};
use crate::family::Family;
use crate::inline::{Inline, MarkKind};

/// What an author is meant to replace.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    /// Bracketed prompts, which are placeholders anywhere, with their brackets, in normal form.
    bracketed: FxHashSet<String>,
    /// First words of bracketed prompts (`What`, `Describe`), lower case.
    openers: FxHashSet<String>,
    /// Other prompts, in normal form, with the families in which they are placeholders. `None` is the
    /// header.
    bare: FxHashMap<String, FxHashSet<Option<Family>>>,
    /// Those of them that are placeholders in any section.
    anywhere: FxHashSet<String>,
    /// First words of these prompts, lower case, by how they begin, so that most texts are told apart at
    /// once.
    firsts: Vec<Vec<String>>,
    /// Bytes of the longest.
    longest: usize,
}

impl Prompts {
    /// Of a text in which each is marked.
    pub(super) fn marked(text: &str) -> Prompts {
        let mut prompts = Prompts::default();
        let mut family = None;
        for line in text.lines() {
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
    }

    /// Of a template that others wrote: what is marked, what stands in brackets or double braces, and lines
    /// that are emphasised or address the author. `document` is the text without marks.
    pub(super) fn of(text: &str, document: &Document) -> Prompts {
        let mut prompts =
            Prompts { openers: crate::template::Template::ours().prompts.openers.clone(), ..Prompts::default() };
        for prompt in text.split('⟦').skip(1).filter_map(|it| it.split('⟧').next()) {
            if prompt.starts_with('[') { prompts.add(prompt, None) } else { prompts.add_anywhere(prompt) }
        }
        let mut add = |inline: &Inline| {
            let all = inline.all();
            for (start, end) in enclosed(all.as_str()) {
                if !all.in_mark(start, MarkKind::Code) && !all.in_mark(start, MarkKind::Link) {
                    prompts.bracketed.insert(normal(all.as_str().get(start..end).unwrap_or("")));
                }
            }
            let mut end = 0;
            for line in inline.as_str().split('\n') {
                let start = end;
                end += line.len() + 1;
                let emphasised =
                    |kind| all.get(start..start + line.len()).trim().marked(kind).any(|it| it.as_str() == line.trim());
                if is_instruction(line) || (words(line) >= MIN_WORDS && emphasised(MarkKind::Emphasis)) {
                    prompts.add_anywhere(line.trim());
                }
            }
        };
        for section in &document.sections {
            add(&section.heading);
            inlines(&section.blocks, &mut add);
        }
        prompts
    }

    fn add_anywhere(&mut self, prompt: &str) {
        self.add(prompt, None);
        self.anywhere.insert(normal(prompt));
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
        if !text.starts_with('[') {
            return false;
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
    #[inline]
    pub fn may_begin(&self, text: &str) -> bool {
        let words = self.firsts.get(usize::from(beginning(text)));
        words.is_some_and(|it| !it.is_empty() && is_first(it, text))
    }

    /// Whether a text that stands by itself in a section of this family is a prompt.
    pub fn is_bare(&self, text: &str, family: Option<Family>) -> bool {
        text.len() <= self.longest
            && self.may_begin(text)
            && self
                .bare
                .get(&normal(text))
                .is_some_and(|it| it.contains(&family) || self.anywhere.contains(&normal(text)))
    }
}

/// Whether a text begins with one of these words.
fn is_first(words: &[String], text: &str) -> bool {
    let begins =
        |it: &String| text.as_bytes().get(..it.len()).is_some_and(|own| own.eq_ignore_ascii_case(it.as_bytes()));
    if !words.iter().any(begins) {
        return false;
    }
    let word = text.split(char::is_whitespace).next().unwrap_or("");
    let word = word.strip_suffix(':').unwrap_or(word);
    words.iter().any(|it| it.eq_ignore_ascii_case(word))
}

/// How many ways to begin are told apart.
const BEGINNINGS: usize = 1 << 10;

/// A number for the first two letters of a text, without case; less than [`BEGINNINGS`].
#[inline]
fn beginning(text: &str) -> u16 {
    let letter = |it: u8| if it.is_ascii_alphanumeric() { u16::from(it & 31) } else { 0 };
    match text.as_bytes() {
        [] => 0,
        [a] => letter(*a) << 5,
        [a, b, ..] => letter(*a) << 5 | letter(*b),
    }
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

/// The ranges of a text in brackets and in double braces, with them.
pub fn enclosed(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut from = 0;
    // Whether something may still be closed: what is not closed before the text ends closes no later one.
    let (mut brackets, mut braces) = (true, true);
    std::iter::from_fn(move || {
        loop {
            let start = from + memchr::memchr2(b'[', b'{', text.as_bytes().get(from..)?)?;
            let rest = text.get(start..)?;
            from = start + 1;
            let (closer, may_close) = if rest.starts_with('[') { ("]", &mut brackets) } else { ("}}", &mut braces) };
            if !*may_close || !rest.starts_with('[') && !rest.starts_with("{{") {
                continue;
            }
            match rest.find(closer) {
                Some(len) => {
                    from = start + len + closer.len();
                    return Some((start, from));
                }
                None => *may_close = false,
            }
        }
    })
}

/// Shorter lines are too easily what an author would write too.
const MIN_WORDS: usize = 3;

fn words(line: &str) -> usize {
    line.split_whitespace().count()
}

/// Whether a line of a template tells its author what to do.
fn is_instruction(line: &str) -> bool {
    let line = line.trim();
    let first = line.split_whitespace().next().unwrap_or("").trim_end_matches([',', ':']).to_lowercase();
    let asks = matches!(
        first.as_str(),
        "what" | "what's" | "why" | "how" | "who" | "which" | "where" | "when" | "is" | "are" | "does" | "do"
    );
    let tells = matches!(
        first.as_str(),
        "describe"
            | "explain"
            | "list"
            | "provide"
            | "specify"
            | "outline"
            | "summarize"
            | "summarise"
            | "identify"
            | "enter"
            | "insert"
            | "fill"
            | "define"
    );
    words(line) >= MIN_WORDS && (tells || (asks && line.ends_with('?')))
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

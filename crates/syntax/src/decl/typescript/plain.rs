//! The plain form: interfaces with one field in each line. Most fences hold nothing else, and the parser
//! of the whole language costs many times as much.

use std::ops::Range;

use source::{Spanned, Text};

use super::heads::Head;
use crate::decl::{Body, Declaration, Declarations, Language, Member, comments};
use crate::types::{Type, known_name};

/// Reads a fence of which every line is plain, as the parser of the whole language would.
pub(super) fn read(text: &Text, heads: &[Head]) -> Option<Declarations> {
    let src = text.as_str();
    if !src.starts_with(['e', 'i']) || src.contains("...") {
        return None;
    }
    let reader = Reader { text, heads };
    let mut found = Declarations::default();
    let mut open: Option<Declaration> = None;
    let mut next = 0;
    for line in src.split_inclusive('\n') {
        let start = next;
        next += line.len();
        let line = Line { text: line, start }.trim();
        match &mut open {
            _ if line.text.is_empty() => {}
            None => open = Some(reader.head(line)?),
            Some(declaration) if line.text == "}" => {
                declaration.span.end = text.span(line.range()).end;
                found.items.extend(open.take());
            }
            Some(Declaration { body: Body::Record(members), .. }) => members.push(reader.member(line)?),
            Some(_) => return None,
        }
    }
    (open.is_none() && found.items.len() == heads.len()).then_some(found)
}

/// Part of a line, and where it begins in the fence.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Line<'a> {
    fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn trim(self) -> Line<'a> {
        let blank = [' ', '\t', '\n'];
        let text = self.text.trim_start_matches(blank);
        Line { text: text.trim_end_matches(blank), start: self.start + self.text.len() - text.len() }
    }

    /// The parts before and after the first of a mark.
    fn split(self, mark: &str) -> Option<(Line<'a>, Line<'a>)> {
        let (before, after) = self.text.split_once(mark)?;
        let start = self.start + before.len() + mark.len();
        Some((Line { text: before, start: self.start }.trim(), Line { text: after, start }.trim()))
    }
}

struct Reader<'a> {
    text: &'a Text,
    heads: &'a [Head],
}

impl Reader<'_> {
    fn spanned(&self, line: Line<'_>) -> Spanned<String> {
        Spanned::new(line.text.to_owned(), self.text.span(line.range()))
    }

    /// `export interface Loan {`
    fn head(&self, line: Line<'_>) -> Option<Declaration> {
        let rest = line.text.strip_prefix("export ").unwrap_or(line.text).strip_prefix("interface ")?;
        let name = Line { text: rest.strip_suffix(" {")?, start: line.start + line.text.len() - rest.len() };
        is_type_name(name.text).then(|| Declaration {
            name: self.spanned(name),
            language: Language::TypeScript,
            body: Body::Record(Vec::new()),
            stored: false,
            extends: Vec::new(),
            table: Vec::new(),
            comments: Vec::new(),
            span: self.text.span(line.range()),
        })
    }

    /// `dueOn?: Date; // the last day`
    fn member(&self, line: Line<'_>) -> Option<Member> {
        let (name, rest) = line.split(":")?;
        let (ty, after) = rest.split(";")?;
        let (optional, name) = match name.text.strip_suffix('?') {
            Some(text) => (true, Line { text, ..name }),
            None => (false, name),
        };
        let comment = after.text.starts_with("// ") && !after.text.contains(['\r', '\u{2028}', '\u{2029}']);
        if !is_name(name.text) || WORDS.contains(&name.text) || !(after.text.is_empty() || comment) {
            return None;
        }
        let read = Spanned::new(self.ty(ty)?, self.text.span(ty.range()));
        let whole = self.text.span(name.start..ty.range().end);
        let mut member = Member::new(self.spanned(name), read, whole);
        member.optional = optional;
        if comment {
            member.comments = comments::lines(self.text, after.range());
        }
        Some(member)
    }

    fn ty(&self, line: Line<'_>) -> Option<Type> {
        if line.text.starts_with(['\'', '"']) {
            return self.words(line);
        }
        if let Some(text) = line.text.strip_suffix("[]") {
            return Some(Type::Array(Box::new(
                self.ty(Line { text, ..line }).filter(|it| !matches!(it, Type::Array(_)))?,
            )));
        }
        Some(match line.text {
            "string" => Type::Text(None),
            "number" => Type::Number,
            "boolean" => Type::Boolean,
            name if is_type_name(name) => {
                let declared = self.heads.iter().any(|it| it.name == name);
                let well_known = known_name(name).filter(|_| !declared);
                well_known.unwrap_or_else(|| Type::Named(self.spanned(line)))
            }
            _ => return None,
        })
    }

    /// `'open' | 'closed'`
    fn words(&self, line: Line<'_>) -> Option<Type> {
        let mut words = Vec::new();
        let mut rest = Some(line);
        while let Some(line) = rest {
            let (word, after) = line.split("|").map_or((line, None), |(word, after)| (word, Some(after)));
            let quote = word.text.chars().next()?;
            let inner = word.text.strip_prefix(['\'', '"'])?.strip_suffix(quote)?;
            if !is_name(inner) {
                return None;
            }
            words.push(self.spanned(Line { text: inner, start: word.start + 1 }));
            rest = after;
        }
        Some(Type::Enum(words))
    }
}

/// Words that say more of a field than its name.
const WORDS: [&str; 7] = ["readonly", "static", "get", "set", "new", "constructor", "async"];

fn is_name(text: &str) -> bool {
    !text.starts_with(|it: char| it.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

/// The name of a type that is not one of the language's own.
fn is_type_name(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_uppercase()) && is_name(text)
}

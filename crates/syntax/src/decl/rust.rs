//! Rust structs, and enumerations without contents.

use std::ops::Range;

use source::{Spanned, Text};

use super::lexed::Lexed;
use super::{Body, Declaration, Declarations, Language, Member};
use crate::code::Dialect;
use crate::types::Type;

/// Reads a fence.
pub(super) fn read(text: &Text) -> Declarations {
    if !["struct ", "enum ", "type "].iter().any(|it| text.as_str().contains(it)) {
        return Declarations::default();
    }
    let mut code = Lexed::new(text, Dialect::Braces);
    let mut found = Declarations::default();
    let mut at = 0;
    while at < code.toks.len() {
        let starts = code.starts_line(at) || code.toks.get(at).is_some_and(|it| it.is("pub"));
        if !starts {
            at = code.after(at);
            continue;
        }
        let start = at;
        let attributes = skip_attributes(&code, &mut at);
        let public = skip_visibility(&code, &mut at);
        let keyword = code.name_at(at).filter(|it| matches!(*it, "struct" | "enum" | "type"));
        let Some(keyword) = keyword.filter(|_| code.name_at(at + 1).is_some()) else {
            at = if at == start { code.after(at) } else { at };
            continue;
        };
        at = declaration(&mut code, start..at, keyword, public, attributes, &mut found).max(at + 1);
    }
    found
}

fn declaration(
    code: &mut Lexed<'_>,
    head: Range<usize>,
    keyword: &str,
    public: bool,
    attributes: Range<usize>,
    found: &mut Declarations,
) -> usize {
    let name = head.end + 1;
    code.at = name + 1;
    code.skip_angles();
    let case = attribute(code, attributes, "rename_all").map(|it| it.value);
    let case = case.as_deref();
    let body = match keyword {
        "type" => {
            if !code.eat("=") {
                return code.at;
            }
            let Some(ty) = code.ty() else { return code.at };
            Body::Alias(ty)
        }
        "struct" if code.is(0, "(") => {
            // `struct Id(Uuid);` is another name for what it holds.
            let close = code.closing(code.at).unwrap_or(code.toks.len());
            code.at += 1;
            let mut at = code.at;
            skip_visibility(code, &mut at);
            code.at = at;
            let ty = code.ty();
            let only = code.at == close;
            code.at = (close + 1).min(code.toks.len());
            match ty.filter(|_| only) {
                Some(ty) => Body::Alias(ty),
                None => return code.at,
            }
        }
        _ => {
            while code.tok(0).is_some_and(|it| !it.is("{") && !it.is(";")) {
                code.at += 1;
            }
            if !code.is(0, "{") {
                return code.at;
            }
            let open = code.at;
            let end = code.closing(open).unwrap_or(code.toks.len());
            let parts = parts(code, open + 1..end);
            let after = (end + 1).min(code.toks.len());
            let body =
                if keyword == "enum" { variants(code, &parts, case) } else { fields(code, &parts, public, case) };
            code.at = after;
            match body {
                Some(body) => body,
                None => return after,
            }
        }
    };
    found.items.push(Declaration {
        name: code.spanned(name),
        language: Language::Rust,
        stored: false,
        body,
        extends: Vec::new(),
        table: Vec::new(),
        comments: code.comments(head.start..name + 1),
        span: code.span(head.start..code.at),
    });
    code.at
}

/// Attributes from `at`, which is moved behind them.
fn skip_attributes(code: &Lexed<'_>, at: &mut usize) -> Range<usize> {
    let start = *at;
    while code.toks.get(*at).is_some_and(|it| it.is("#")) && code.closing(*at + 1).is_some() {
        *at = code.after(*at + 1);
    }
    start..*at
}

fn skip_visibility(code: &Lexed<'_>, at: &mut usize) -> bool {
    let found = code.toks.get(*at).is_some_and(|it| it.is("pub"));
    if found {
        *at += 1;
        if code.toks.get(*at).is_some_and(|it| it.is("(")) {
            *at = code.after(*at);
        }
    }
    found
}

/// The parts between commas that stand in no bracket and in no angle bracket.
fn parts(code: &Lexed<'_>, body: Range<usize>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut start, mut at, mut angles) = (body.start, body.start, 0usize);
    while at < body.end {
        let Some(tok) = code.toks.get(at) else { break };
        if tok.is("<") {
            angles += 1;
        } else if tok.is(">") {
            angles = angles.saturating_sub(1);
        } else if tok.is(",") && angles == 0 {
            found.push(start..at);
            start = at + 1;
        }
        at = code.after(at);
    }
    found.push(start..body.end.min(code.toks.len()));
    found.retain(|it| !it.is_empty());
    found
}

fn fields(code: &mut Lexed<'_>, parts: &[Range<usize>], public: bool, case: Option<&str>) -> Option<Body> {
    let mut members = Vec::new();
    let mut hidden = 0;
    for part in parts {
        let mut at = part.start;
        let attributes = skip_attributes(code, &mut at);
        let shown = skip_visibility(code, &mut at);
        let (Some(name), true) = (code.name_at(at), code.toks.get(at + 1).is_some_and(|it| it.is(":"))) else {
            continue;
        };
        if !shown && public {
            hidden += 1;
            continue;
        }
        let from = at + 2;
        code.at = from;
        let ty = match code.ty() {
            Some(ty) if code.at <= part.end => ty,
            _ => Type::Opaque(code.written(from..part.end).to_owned()),
        };
        let written = Spanned::new(cased(name, case), code.spanned(at).span);
        let ty = Spanned::new(ty, code.span(from..part.end));
        let mut member = Member::new(written, ty, code.span(part.clone()));
        if let Some(rename) = attribute(code, attributes.clone(), "rename").filter(|it| !it.value.is_empty()) {
            member.rename(rename);
        }
        member.optional = member.ty.value.is_nullable() || code.written(attributes).contains("default");
        member.comments = code.comments(part.clone());
        // A comment behind the comma is on the member's line.
        if code.toks.get(part.end).is_some_and(|it| it.is(",")) {
            member.comments = code.comments(part.start..part.end + 1);
        }
        members.push(member);
    }
    // What hides its fields is a part of a program.
    (!members.is_empty() || hidden == 0).then_some(Body::Record(members))
}

fn variants(code: &Lexed<'_>, parts: &[Range<usize>], case: Option<&str>) -> Option<Body> {
    let mut words = Vec::new();
    for part in parts {
        let mut at = part.start;
        let attributes = skip_attributes(code, &mut at);
        let Some(name) = code.name_at(at) else { continue };
        let bare = at + 1 == part.end || code.toks.get(at + 1).is_some_and(|it| it.is("="));
        if !bare {
            return None;
        }
        let rename = attribute(code, attributes, "rename");
        words.push(rename.unwrap_or_else(|| Spanned::new(cased(name, case), code.spanned(at).span)));
    }
    (!words.is_empty()).then_some(Body::Alias(Type::Enum(words)))
}

/// `#[serde(name = "value")]`
fn attribute(code: &Lexed<'_>, attributes: Range<usize>, name: &str) -> Option<Spanned<String>> {
    let is = |at: &usize| code.name_at(*at) == Some(name) && code.toks.get(at + 1).is_some_and(|it| it.is("="));
    code.unquoted(attributes.into_iter().find(is)? + 2)
}

fn cased(name: &str, case: Option<&str>) -> String {
    let Some(case) = case else { return name.to_owned() };
    let mut words: Vec<String> = vec![String::new()];
    for c in name.chars() {
        if c == '_' || (c.is_uppercase() && words.last().is_some_and(|it| !it.is_empty())) {
            words.push(String::new());
        }
        if c != '_'
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
    }
    let capital = |word: &String| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |it| it.to_uppercase().chain(letters).collect())
    };
    match case {
        "snake_case" => words.join("_"),
        "SCREAMING_SNAKE_CASE" => words.join("_").to_uppercase(),
        "kebab-case" => words.join("-"),
        "lowercase" => words.concat(),
        "UPPERCASE" => words.concat().to_uppercase(),
        "PascalCase" => words.iter().map(capital).collect(),
        "camelCase" => {
            let rest = words.iter().skip(1).map(capital);
            words.first().cloned().into_iter().chain(rest).collect()
        }
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decl::tests::{check, mutate};

    const ITEMS: &str = r#"
/// What was lent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Loan<'a> {
    pub id: LoanId,
    /// Shown in lists.
    pub book_title: String, // at most 80 characters
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    pub tags: Vec<&'a str>,
    pub prices: HashMap<String, f64>,
    pub due: chrono::DateTime<Utc>,
    #[serde(rename = "state")]
    pub status: Status,
    lock: Mutex<()>,
}

pub struct LoanId(pub Uuid);

#[serde(rename_all = "snake_case")]
enum Status { Open, HandedOut, #[serde(rename = "gone")] Lost }

pub enum Failure { Io(std::io::Error), Other }

pub struct Store {
    pool: Pool,
}

impl Store {
    pub fn get(&self, id: LoanId) -> Option<Loan> { None }
}
"#;

    #[test]
    fn items() {
        check(
            read,
            ITEMS,
            "
record Loan // What was lent.
  id: `LoanId`
  bookTitle: string // Shown in lists. / at most 80 characters
  note?: string or null
  tags: list of string
  prices: map to number
  due: datetime
  state: `Status`
alias LoanId = uuid
alias Status = one of `open`, `handed_out`, `gone`",
        );
    }

    #[test]
    fn damage_is_tolerated() {
        mutate(ITEMS, 400, read);
    }
}

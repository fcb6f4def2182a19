//! Code in a fence as tokens: enough to see which names it declares and uses, in any language with
//! braces and in Python. It never fails; what is no token is skipped.

use source::{Span, Text};

use crate::page::Fence;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A name or a keyword.
    Name,
    /// A number.
    Number,
    /// A string, with its quotes.
    Quoted,
    /// A comment, without its markers.
    Comment,
    /// Any other character.
    Mark,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// Where it starts in the fence's content.
    pub at: usize,
    /// Its line in the fence, from 0.
    pub line: u32,
}

impl Token<'_> {
    /// Where it stands in the file.
    pub fn span(&self, content: &Text) -> Span {
        content.span(self.at..self.at + self.text.len())
    }

    /// Whether it is this name or mark.
    pub fn is(&self, text: &str) -> bool {
        self.text == text && matches!(self.kind, Kind::Name | Kind::Mark)
    }
}

/// The languages whose declarations are alike enough to be read by their tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Braces, `//` and `/* */`.
    Braces,
    /// Indentation and `#`.
    Python,
}

/// How the code of a fence is written, if its language is known.
pub fn dialect(fence: &Fence) -> Option<Dialect> {
    match fence.lang.as_str() {
        "typescript" | "ts" | "tsx" | "javascript" | "js" | "jsx" | "go" | "golang" | "rust" | "rs" | "java"
        | "kotlin" | "csharp" | "cs" | "c#" | "swift" | "prisma" | "scala" | "dart" | "proto" | "protobuf" => {
            Some(Dialect::Braces)
        }
        "python" | "py" => Some(Dialect::Python),
        _ => None,
    }
}

/// The tokens of a text.
pub fn tokens(text: &str, dialect: Dialect) -> Vec<Token<'_>> {
    let bytes = text.as_bytes();
    let mut found = Vec::with_capacity(text.len() / 5);
    let (mut at, mut line) = (0, 0);
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let (kind, skip, len, cut) = match byte {
            b'\n' => {
                line += 1;
                at += 1;
                continue;
            }
            _ if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'/' if dialect == Dialect::Braces && rest.starts_with(b"//") => (Kind::Comment, 2, until(rest, b"\n"), 0),
            b'/' if dialect == Dialect::Braces && rest.starts_with(b"/*") => {
                let len = (until(rest.get(2..).unwrap_or(&[]), b"*/") + 4).min(rest.len());
                (Kind::Comment, 2, len, if rest.get(..len).is_some_and(|it| it.ends_with(b"*/")) { 2 } else { 0 })
            }
            b'#' if dialect == Dialect::Python => (Kind::Comment, 1, until(rest, b"\n"), 0),
            b'"' if dialect == Dialect::Python && rest.starts_with(b"\"\"\"") => {
                (Kind::Quoted, 0, (until(rest.get(3..).unwrap_or(&[]), b"\"\"\"") + 6).min(rest.len()), 0)
            }
            b'"' | b'`' => (Kind::Quoted, 0, quoted(rest, byte == b'`'), 0),
            // In Rust `'a` is a lifetime.
            b'\'' => match quoted(rest, false) {
                len if rest.get(..len).is_some_and(|it| len > 1 && it.ends_with(b"'")) => (Kind::Quoted, 0, len, 0),
                _ => (Kind::Mark, 0, 1, 0),
            },
            b'0'..=b'9' => (Kind::Number, 0, run(rest, |it| is_word(it) || it == b'.'), 0),
            _ if is_word(byte) => (Kind::Name, 0, run(rest, is_word), 0),
            _ => (Kind::Mark, 0, 1, 0),
        };
        let len = len.max(1);
        let end = (at + len).min(text.len());
        if let Some(own) = text.get(at + skip..end.saturating_sub(cut).max(at + skip)) {
            found.push(Token { kind, text: own, at: at + skip, line });
        }
        line += bytes.get(at..end).unwrap_or(&[]).iter().filter(|it| **it == b'\n').count() as u32;
        at = end;
    }
    found
}

/// Letters, digits, `_`, and every letter that is not ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}

fn run(rest: &[u8], is: impl Fn(u8) -> bool) -> usize {
    rest.iter().take_while(|it| is(**it)).count()
}

/// Bytes before `end`, or all.
fn until(rest: &[u8], end: &[u8]) -> usize {
    rest.windows(end.len()).position(|it| it == end).unwrap_or(rest.len())
}

/// Length of a string with its quotes; one that is not closed on its line ends there.
fn quoted(rest: &[u8], lines: bool) -> usize {
    let Some(quote) = rest.first() else { return 0 };
    let mut at = 1;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\n' if !lines => return at,
            _ if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str, dialect: Dialect) -> Vec<(Kind, &str)> {
        tokens(text, dialect).iter().map(|it| (it.kind, it.text)).collect()
    }

    #[test]
    fn code_is_split() {
        use Kind::{Comment, Mark, Name, Number, Quoted};
        assert_eq!(
            kinds("a.b = 'x // y'; // z\n/* w */ 12", Dialect::Braces),
            [
                (Name, "a"),
                (Mark, "."),
                (Name, "b"),
                (Mark, "="),
                (Quoted, "'x // y'"),
                (Mark, ";"),
                (Comment, " z"),
                (Comment, " w "),
                (Number, "12"),
            ]
        );
        assert_eq!(
            kinds("x = \"\"\"a\n'b\"\"\" # c", Dialect::Python),
            [(Name, "x"), (Mark, "="), (Quoted, "\"\"\"a\n'b\"\"\""), (Comment, " c")]
        );
        assert_eq!(kinds("&'a str", Dialect::Braces), [(Mark, "&"), (Mark, "'"), (Name, "a"), (Name, "str")]);
    }

    #[test]
    fn what_is_cut_off_is_read() {
        for text in ["/*", "/", "'", "\"a", "`", "\"\"\"", "é", "'é", "\\", "/* é", "\"\\"] {
            for dialect in [Dialect::Braces, Dialect::Python] {
                for token in tokens(text, dialect) {
                    assert_eq!(text.get(token.at..token.at + token.text.len()), Some(token.text), "{text}");
                }
            }
        }
    }
}

//! From text to the library's tree, with its errors in our words.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue, SourceInfo, operators};
use cel::parser::{Parser, PrattParser};
use source::Text;

use super::edit::Edits;
use super::lex::{self, Kind, Tokens};
use super::{Problem, Scope};

pub(super) struct Parsed {
    pub(super) tokens: Tokens,
    pub(super) expr: IdedExpr,
    pub(super) info: SourceInfo,
    pub(super) edits: Edits,
}

pub(super) fn parse(text: &Text, scope: &Scope) -> Result<Parsed, Problem> {
    let (tokens, edits) = qualified(lex::bounded(text)?, scope);
    let field = scope.fields.iter().any(|it| it.0 == tokens.word(0));
    if let Some((expr, info)) = comparison(&tokens).filter(|_| field) {
        return Ok(Parsed { tokens, expr, info, edits });
    }
    match Parser::new().parse_with_source_info(&tokens.text) {
        Ok((expr, info)) => Ok(Parsed { tokens, expr, info, edits }),
        Err(_) => Err(failure(text, &tokens, &edits)),
    }
}

/// Words that the language keeps from being names.
const RESERVED: [&str; 20] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// `amount >= 0`, as most constraints are: the library's parser costs a hundred times as much.
fn comparison(tokens: &Tokens) -> Option<(IdedExpr, SourceInfo)> {
    if tokens.len() != 3 || tokens.kind(0) != Some(Kind::Name) || !tokens.text.is_ascii() {
        return None;
    }
    let name = tokens.word(0);
    if RESERVED.contains(&name) {
        return None;
    }
    let func_name = match tokens.word(1) {
        "==" => operators::EQUALS,
        "!=" => operators::NOT_EQUALS,
        ">=" => operators::GREATER_EQUALS,
        "<=" => operators::LESS_EQUALS,
        ">" => operators::GREATER,
        "<" => operators::LESS,
        _ => return None,
    };
    let value = match tokens.kind(2)? {
        Kind::Int => LiteralValue::Int(tokens.word(2).parse::<i64>().ok()?.into()),
        Kind::Number => LiteralValue::Double(tokens.word(2).parse().ok().filter(|it: &f64| it.is_finite())?.into()),
        _ => return None,
    };
    let mut info = SourceInfo::default();
    info.source = tokens.text.clone();
    for (id, at) in (1..).zip(0..3) {
        let range = tokens.bytes(at, at);
        info.add_offset(id, range.start as u32, range.end as u32 - 1);
    }
    let name = IdedExpr { id: 1, expr: Expr::Ident(name.to_owned()) };
    let value = IdedExpr { id: 3, expr: Expr::Literal(value) };
    let call = CallExpr { func_name: func_name.to_owned(), target: None, args: vec![name, value] };
    Some((IdedExpr { id: 2, expr: Expr::Call(call) }, info))
}

/// Writes `has(x)` as `has(self.x)` where `x` is a field: the library's macro takes no bare name.
fn qualified(tokens: Tokens, scope: &Scope) -> (Tokens, Edits) {
    let mut edits = Edits::default();
    for at in 0..tokens.len() {
        let name = tokens.word(at + 2);
        if tokens.word(at) == "has"
            && tokens.word(at + 1) == "("
            && tokens.word(at + 3) == ")"
            && scope.fields.iter().any(|(it, _)| it == name)
        {
            edits.open(tokens.bytes(at + 2, at + 2).start, "self.");
        }
    }
    let written = edits.apply(&tokens.text, 0..tokens.text.len());
    if written == tokens.text {
        return (tokens, edits);
    }
    let inserted = edits.placed();
    let tokens = lex::tokens(&written).unwrap_or(tokens);
    (tokens, Edits::after(inserted))
}

/// The first error, in words, at the token that it is about.
fn failure(text: &Text, tokens: &Tokens, edits: &Edits) -> Problem {
    let error = PrattParser::new().parse(&tokens.text).err().and_then(|it| it.errors.into_iter().next());
    let (pos, message) = error.map_or(((1, 1), String::new()), |it| (it.pos, it.msg));
    let line = usize::try_from(pos.0 - 1).unwrap_or(0);
    let column = usize::try_from(pos.1 - 1).unwrap_or(0);
    let start: usize = tokens.text.split_inclusive('\n').take(line).map(str::len).sum();
    let offset = (start + column).min(tokens.text.len());
    let mut at = tokens.at(offset);
    let past = tokens.bytes(at, at).end <= offset;
    let name = |at: usize| tokens.kind(at) == Some(Kind::Name);
    let (message, help) = if tokens.len() == 0 {
        ("an expression is missing".to_owned(), None)
    } else if past {
        match message.split('\'').nth(1) {
            Some(closer @ (")" | "]" | "}")) => (format!("`{closer}` is missing"), None),
            _ if message.contains(":") && message.contains("conditional") => {
                ("`:` and the other value are missing".to_owned(), None)
            }
            _ => ("the expression ends too early".to_owned(), None),
        }
    } else if message.starts_with("reserved identifier") {
        let word = tokens.word(at);
        (format!("`{word}` is a reserved word"), Some(format!("write `self.{word}`")))
    } else if message.contains("macro") {
        ("`has` takes a field".to_owned(), Some("write `has(self.field)`".to_owned()))
    } else if message.contains("simple name") {
        ("a name for the item is missing".to_owned(), Some("write `list.all(item, …)`".to_owned()))
    } else {
        let word = tokens.word(at);
        let help = match word {
            "and" | "AND" => Some("write `&&`".to_owned()),
            "or" | "OR" => Some("write `||`".to_owned()),
            "is" | "equals" => Some("write `==`".to_owned()),
            "not" | "NOT" => Some("write `!`".to_owned()),
            _ if name(at) && at.checked_sub(1).is_some_and(name) => {
                let before = tokens.word(at - 1);
                at -= usize::from(before == "not" || before == "NOT");
                (before == "not" || before == "NOT").then(|| "write `!`".to_owned())
            }
            _ => None,
        };
        (format!("`{}` has no place here", tokens.word(at)), help)
    };
    let range = edits.origin(tokens.bytes(at, at));
    let span = if past { text.span(range).tail() } else { text.span(range) };
    Problem { span, message, help, syntax: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_is_read_as_by_the_library() {
        for (source, plain) in [
            ("amount >= 0", true),
            ("amount<100", true),
            (" a != 007 ", true),
            ("a == 1.5e3", true),
            ("a > 99999999999999999999", false),
            ("a > 1e999", false),
            ("a == 1u", false),
            ("a == 0x1F", false),
            ("a == b", false),
            ("package > 1", false),
            ("true == 1", false),
            ("a == -1", false),
            ("0 < a", false),
            ("a + 1", false),
            ("a > 1 // é", false),
        ] {
            let tokens = lex::tokens(source).expect("tokens");
            let found = comparison(&tokens);
            assert_eq!(found.is_some(), plain, "{source}");
            if let Some((expr, info)) = found {
                let (whole, places) = Parser::new().parse_with_source_info(source).expect("an expression");
                assert_eq!(expr, whole, "{source}");
                for id in 1..=4 {
                    assert_eq!(info.offset_for(id), places.offset_for(id), "{source} {id}");
                }
            }
        }
    }
}

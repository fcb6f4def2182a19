//! Lines that begin a declaration, found without parsing: they say whether a fence is worth parsing,
//! which names it declares, and where to cut it after a syntax error.

use std::ops::Range;

#[derive(Debug)]
pub(super) struct Head {
    pub(super) keyword: &'static str,
    pub(super) name: String,
    /// From the first word to the name.
    pub(super) range: Range<usize>,
    /// Columns before it.
    indent: usize,
}

/// Heads in order.
pub(super) fn find(src: &str) -> Vec<Head> {
    lines(src).filter_map(|(start, line)| head(start, line)).collect()
}

/// The parts of the text that hold one declaration each, comments before it included: from its head
/// to the next statement that is indented no deeper.
pub(super) fn pieces<'a>(src: &str, heads: &'a [Head]) -> Vec<(&'a Head, Range<usize>)> {
    let least = heads.iter().map(|it| it.indent).min().unwrap_or_default();
    let mut cuts: Vec<usize> = Vec::new();
    let mut leading = None;
    for (start, line) in lines(src) {
        let trimmed = line.trim_start();
        let is_leading = ["//", "/*", "*", "@"].iter().any(|it| trimmed.starts_with(it));
        if line.len() - trimmed.len() <= least && is_statement(trimmed) {
            cuts.push(leading.unwrap_or(start));
        }
        leading = if is_leading { leading.or(Some(start)) } else { None };
    }
    cuts.push(src.len());
    let mut pieces = Vec::new();
    for head in heads.iter().filter(|it| it.indent == least) {
        let after = cuts.partition_point(|it| *it <= head.range.start);
        let end = cuts.get(after).copied().unwrap_or(src.len());
        let start = after.checked_sub(1).and_then(|it| cuts.get(it)).copied().unwrap_or(0);
        pieces.push((head, start..end));
    }
    pieces
}

fn lines(src: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    src.split_inclusive('\n').map(move |line| {
        start += line.len();
        (start - line.len(), line)
    })
}

const MODIFIERS: [&str; 5] = ["export", "default", "declare", "abstract", "const"];
const STATEMENTS: [&str; 13] = [
    "interface",
    "type",
    "enum",
    "class",
    "namespace",
    "module",
    "function",
    "async",
    "const",
    "let",
    "var",
    "import",
    "export",
];

fn is_statement(line: &str) -> bool {
    let Some((word, rest)) = word(line) else { return false };
    let is_modifier = MODIFIERS.contains(&word) && rest.starts_with([' ', '\t']);
    let follows = || rest.trim_start().starts_with(|c: char| c.is_alphabetic() || "_${*".contains(c));
    is_modifier || (STATEMENTS.contains(&word) && rest.starts_with([' ', '\t']) && follows())
}

fn head(start: usize, line: &str) -> Option<Head> {
    let trimmed = line.trim_start();
    let indent = line.len() - trimmed.len();
    if let Some(schema) = schema(start + indent, trimmed) {
        return Some(Head { indent, ..schema });
    }
    let (mut first, mut rest) = word(trimmed)?;
    while MODIFIERS.contains(&first) {
        (first, rest) = word(rest.trim_start())?;
    }
    let keyword = ["interface", "type", "enum", "class"].into_iter().find(|it| *it == first)?;
    rest.starts_with([' ', '\t']).then_some(())?;
    let (name, rest) = word(rest.trim_start())?;
    let after = rest.trim_start();
    let goes_on = |marks: &[&str]| after.is_empty() || marks.iter().any(|it| after.starts_with(it));
    let fits = match keyword {
        "type" => goes_on(&["=", "<"]),
        "enum" => goes_on(&["{"]),
        _ => goes_on(&["{", "<", "extends ", "implements ", "//"]),
    };
    fits.then(|| Head {
        keyword,
        name: name.to_string(),
        range: start + indent..start + line.len() - rest.len(),
        indent,
    })
}

/// `export const LoanSchema = z.object({`, `const patch = LoanSchema.partial()`
fn schema(start: usize, line: &str) -> Option<Head> {
    let rest = line.strip_prefix("export ").unwrap_or(line);
    let rest = rest.strip_prefix("const ")?.trim_start();
    let (name, after) = word(rest)?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let fits = ["z.", "zod."].iter().any(|it| value.starts_with(it))
        || value.split_once('.').is_some_and(|(base, call)| {
            let derived = ["omit(", "pick(", "partial(", "extend(", "merge("].iter().any(|it| call.starts_with(it));
            derived && word(base).is_some_and(|it| it.1.is_empty())
        });
    let end = start + line.len() - after.len();
    fits.then(|| Head { keyword: "const", name: name.to_owned(), range: start..end, indent: 0 })
}

fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$')).unwrap_or(text.len());
    text.split_at_checked(end).filter(|(word, _)| !word.is_empty())
}

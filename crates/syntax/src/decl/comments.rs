//! Comments of declarations: their lines without markers, and holes that say "and so on".

use std::ops::Range;

use source::{Spanned, Text};

/// The lines of a comment (`//`, `--`, `/* … */`, `/** … */`) without markers and blanks. Lines that
/// stand for what was left out (`...`) and empty ones are dropped.
pub(super) fn lines(text: &Text, comment: Range<usize>) -> Vec<Spanned<String>> {
    let src = text.as_str();
    let mut found = Vec::new();
    let mut start = comment.start;
    for line in src.get(comment).unwrap_or_default().split('\n') {
        let inner = strip(line);
        let offset = start + line.len() - inner.len();
        start += line.len() + 1;
        let inner = inner.strip_suffix("*/").unwrap_or(inner);
        let inner = inner.trim_end_matches(|c: char| c.is_whitespace() || c == '*');
        if inner.contains(char::is_alphanumeric) && !is_hole(inner) {
            let range = offset..offset + inner.len();
            found.push(Spanned::new(inner.to_string(), text.span(range)));
        }
    }
    found
}

/// Whether the words stand for something left out: `...`, `… other fields`.
pub(super) fn is_hole(words: &str) -> bool {
    words.starts_with("...") || words.starts_with('…')
}

/// What follows the marker that the line begins with.
fn strip(line: &str) -> &str {
    let line = line.trim_start();
    let rest = match line.chars().next() {
        Some('/') => line.trim_start_matches('/').trim_start_matches(['*', '!']),
        Some('-') if line.starts_with("--") => line.trim_start_matches('-'),
        Some(marker @ ('*' | '#')) if !line.starts_with("*/") => line.trim_start_matches(marker),
        _ => line,
    };
    rest.trim_start()
}

/// The text with every `...` that stands in a member's place blanked, byte for byte. `None` if there is
/// nothing to blank.
pub(super) fn without_holes(src: &str) -> Option<String> {
    if !src.contains("...") && !src.contains('…') {
        return None;
    }
    let mut blanked = String::with_capacity(src.len());
    for line in src.split_inclusive('\n') {
        if is_hole(line.trim_start()) {
            blank(&mut blanked, line);
            continue;
        }
        let mut rest = line;
        while let Some((before, hole, after)) = next_hole(rest) {
            blanked.push_str(before);
            let named = after.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '$'));
            match named {
                true => blanked.push_str(hole),
                false => blank(&mut blanked, hole),
            }
            rest = after;
        }
        blanked.push_str(rest);
    }
    Some(blanked)
}

fn next_hole(line: &str) -> Option<(&str, &str, &str)> {
    let dots = line.find("...").map(|at| (at, 3));
    let at = dots.into_iter().chain(line.find('…').map(|at| (at, '…'.len_utf8()))).min()?;
    let (before, rest) = line.split_at_checked(at.0)?;
    let (hole, after) = rest.split_at_checked(at.1)?;
    Some((before, hole, after))
}

fn blank(out: &mut String, line: &str) {
    for c in line.chars() {
        match c {
            '\n' | '\r' => out.push(c),
            _ => out.extend(std::iter::repeat_n(' ', c.len_utf8())),
        }
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;

    #[test]
    fn lines_lose_their_markers_and_keep_their_place() {
        for (comment, expected) in [
            ("// one - two", &["one - two"] as &[&str]),
            ("-- größer als 0", &["größer als 0"]),
            ("/** the total */", &["the total"]),
            ("/**\n * first\n *\n * second\n */", &["first", "second"]),
            ("// ... other fields", &[]),
            ("// -1 to 1", &["-1 to 1"]),
            ("// -----", &[]),
            ("//", &[]),
            ("/**/", &[]),
        ] {
            let src = format!("é {comment}");
            let text = Text::verbatim(src.as_str(), FileId(0), 0);
            let found = lines(&text, 3..src.len());
            let words: Vec<&str> = found.iter().map(|it| it.value.as_str()).collect();
            let places: Vec<&str> = found.iter().map(|it| &src[it.span.range()]).collect();
            assert_eq!(words, expected);
            assert_eq!(places, expected);
        }
    }

    #[test]
    fn holes_are_blanked_in_place() {
        for (src, expected) in [
            ("a: b", None),
            ("a\n  ... more\nb", Some("a\n          \nb")),
            ("{ … }", Some("{     }")),
            ("f(...args) { ... }", Some("f(...args) {     }")),
        ] {
            assert_eq!(without_holes(src).as_deref(), expected);
        }
    }
}

//! Table columns by the words of their headers, never by position; cells that say yes, no or nothing.

use crate::inline::Slice;
use crate::page::{Row, Table};

/// A column's name and the headers that mean it, in normal form.
pub type Names = &'static [&'static str];

/// The first column whose header is one of these names.
pub fn column(table: &Table, names: Names) -> Option<usize> {
    // Earlier names are better.
    names.iter().find_map(|name| table.keys.iter().position(|it| it == name))
}

/// The cell of a row, trimmed; `None` if the column is not there.
pub fn cell(row: &Row, column: Option<usize>) -> Option<Slice<'_>> {
    Some(row.cells.get(column?)?.all().trim())
}

/// Whether a cell or a section says "nothing": `None`, `N/A`, `-`, `—`, `TBD`, `_pending_`, empty.
/// Without marks, `pending` is a word like another: the name of a state.
pub fn is_nothing(text: &str) -> bool {
    // A text that begins with a letter must begin with one of such a word.
    if text.bytes().next().is_some_and(|it| it.is_ascii_alphanumeric() && !matches!(it, b'n' | b'N' | b't' | b'T')) {
        return false;
    }
    let marked = text.trim().starts_with(['_', '*', '(', '[']);
    let text = text.trim().trim_matches(['_', '*', '`', '.', '(', ')', '[', ']']).trim();
    // The longest word that says nothing has fourteen letters.
    if text.len() > 16 && !text.starts_with(['_', '-', '—', '–', '.', '?']) {
        return false;
    }
    ["none", "n/a", "na", "tbd", "todo", "not applicable", "nil", "tba"].iter().any(|it| text.eq_ignore_ascii_case(it))
        || (marked && text.eq_ignore_ascii_case("pending"))
        || text.chars().all(|it| matches!(it, '_' | '-' | '—' | '–' | '.' | '?' | ' '))
}

/// Whether a text says that it is unfinished: `TBD`, `TODO`, `???`.
pub fn is_unfinished(text: &str) -> bool {
    let text = text.trim().trim_matches(['_', '*', '`', '.', '(', ')', '[', ']']).trim().to_lowercase();
    matches!(text.as_str(), "tbd" | "todo" | "???" | "tba" | "to be determined" | "to be defined" | "to be decided")
}

/// Yes/No, ✅/❌, Required/Optional, true/false, `Yes*`, `⚠️ Optional`.
pub fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_lowercase();
    if !lower.is_ascii() && lower.contains(['✅', '✓', '✔']) {
        return Some(true);
    }
    if !lower.is_ascii() && lower.contains(['❌', '✗', '✘']) {
        return Some(false);
    }
    let word: String = lower.chars().skip_while(|it| !it.is_alphabetic()).take_while(|it| it.is_alphabetic()).collect();
    match word.as_str() {
        "yes" | "y" | "required" | "true" | "mandatory" | "always" => Some(true),
        "no" | "n" | "optional" | "false" | "nullable" | "recommended" => Some(false),
        "not" if lower.contains("required") => Some(false),
        _ => None,
    }
}

//! Caret lines: expected findings under the text that they mark.
//!
//! ```text
//! **Status**: Aproved
//!             ^^^^^^^ warning: `Aproved` is no status
//! ```

use std::fmt::Write as _;

use source::{Diagnostic, Sources, Span};

/// A finding at a place: lines from 0, columns from 0 in Unicode scalar values.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// The line of the text without caret lines.
    pub line: usize,
    /// The first column.
    pub from: usize,
    /// One past the last column, at least `from + 1`.
    pub to: usize,
    /// `level: message`; empty where only the place is claimed.
    pub says: String,
}

impl Mark {
    /// Whether a finding is what this mark claims.
    pub fn claims(&self, found: &Mark) -> bool {
        (self.line, self.from, self.to) == (found.line, found.from, found.to)
            && (self.says.is_empty() || self.says == found.says)
    }

    fn caret_line(&self) -> String {
        let blanks = " ".repeat(self.from);
        let carets = "^".repeat(self.to - self.from);
        format!("{blanks}{carets} {}", self.says).trim_end().to_owned()
    }
}

/// A text without its caret lines, and what they claim.
pub fn take(text: &str) -> (String, Vec<Mark>) {
    let (mut plain, mut marks) = (String::new(), Vec::new());
    let mut count = 0;
    for line in text.split_inclusive('\n') {
        match caret_line(line, count) {
            Some(mark) => marks.push(mark),
            None => {
                plain.push_str(line);
                count += 1;
            }
        }
    }
    (plain, marks)
}

fn caret_line(line: &str, lines_before: usize) -> Option<Mark> {
    let from = line.len() - line.trim_start_matches(' ').len();
    let rest = line.get(from..)?;
    let carets = rest.len() - rest.trim_start_matches('^').len();
    let says = rest.get(carets..)?.trim_end();
    let known = says.is_empty() || ["error", "warning", "info"].iter().any(|it| says.trim_start().starts_with(it));
    (carets > 0 && known && lines_before > 0).then(|| Mark {
        line: lines_before - 1,
        from,
        to: from + carets,
        says: says.trim_start().to_owned(),
    })
}

/// What a finding marks: the first line of its primary span.
pub fn of(diagnostic: &Diagnostic, sources: &Sources, says: &dyn Fn(&Diagnostic) -> String) -> Mark {
    let span = diagnostic.primary.span;
    let at = sources.position(span);
    let words = sources.snippet(span);
    let width = words.lines().next().unwrap_or("").trim_end().chars().count().max(1);
    Mark { line: at.line - 1, from: at.column - 1, to: at.column - 1 + width, says: says(diagnostic) }
}

/// A text with caret lines under the lines that are marked.
pub fn put(text: &str, marks: &[Mark]) -> String {
    let mut out = String::new();
    for (index, line) in text.lines().enumerate() {
        let _ = writeln!(out, "{line}");
        for mark in marks.iter().filter(|it| it.line == index) {
            let _ = writeln!(out, "{}", mark.caret_line());
        }
    }
    out
}

/// Says where claims and findings differ; `None` if they are equal.
pub fn differ(text: &str, claimed: &[Mark], found: &[Mark]) -> Option<String> {
    let mut unclaimed = found.to_vec();
    let mut unmet = Vec::new();
    for mark in claimed {
        match unclaimed.iter().position(|it| mark.claims(it)) {
            Some(at) => drop(unclaimed.remove(at)),
            None => unmet.push(mark),
        }
    }
    if unclaimed.is_empty() && unmet.is_empty() {
        return None;
    }
    let mut out = String::new();
    let line = |mark: &Mark| text.lines().nth(mark.line).unwrap_or("").to_owned();
    for mark in unmet {
        let _ = writeln!(out, "  claimed, not found:\n    {}\n    {}", line(mark), mark.caret_line());
    }
    for mark in &unclaimed {
        let _ = writeln!(out, "  found, not claimed:\n    {}\n    {}", line(mark), mark.caret_line());
    }
    let _ = write!(out, "  what the rules find:\n{}", put(text, found));
    Some(out)
}

/// Whether two spans share a byte, or one of them is empty and lies in or at the other.
pub fn overlap(a: Span, b: Span) -> bool {
    let empty = a.start == a.end || b.start == b.end;
    a.file == b.file && (a.start < b.end && b.start < a.end || empty && a.start <= b.end && b.start <= a.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caret_lines_count_scalars_and_leave_the_text() {
        let (plain, marks) = take("é: x\n   ^ warning: `x` is odd\n^ info: y\nz ^ w\n");
        assert_eq!(plain, "é: x\nz ^ w\n");
        assert_eq!(marks[0], Mark { line: 0, from: 3, to: 4, says: "warning: `x` is odd".to_owned() });
        assert_eq!(marks[1].line, 0);
        assert_eq!(put(&plain, &marks), "é: x\n   ^ warning: `x` is odd\n^ info: y\nz ^ w\n");
    }

    #[test]
    fn a_mark_that_is_not_met_and_a_finding_that_is_not_claimed_differ() {
        let mark = |says: &str| Mark { line: 0, from: 0, to: 1, says: says.to_owned() };
        assert_eq!(differ("a\n", &[mark("info: x")], &[mark("info: x")]), None);
        assert_eq!(differ("a\n", &[mark("")], &[mark("info: x")]), None);
        assert!(differ("a\n", &[mark("info: x")], &[]).is_some());
        assert!(differ("a\n", &[], &[mark("info: x")]).is_some());
        assert!(differ("a\n", &[mark("info: x")], &[mark("info: x"), mark("info: x")]).is_some());
    }
}

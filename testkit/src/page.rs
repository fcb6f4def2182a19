//! Pages of fragments: Markdown whose fences of four backticks hold specifications and what is expected
//! of them.

use std::ops::Range;

/// A page, read.
#[derive(Debug)]
pub struct Page {
    /// The text of the heading of level one.
    pub title: String,
    /// The headings of level two, in order.
    pub sections: Vec<String>,
    /// The fragments, in order.
    pub fragments: Vec<Fragment>,
    /// What is wrong with the page itself.
    pub problems: Vec<String>,
}

/// One specification, or several that make one workspace, and what is expected of them.
#[derive(Debug)]
pub struct Fragment {
    /// The heading of level two that it stands under.
    pub section: String,
    /// The line of its first fence, from 1.
    pub line: usize,
    /// Paths and texts, with caret lines.
    pub files: Vec<(String, String)>,
    /// The full rendering of its findings.
    pub output: Option<Expected>,
    /// The text after the safe fixes.
    pub fixed: Option<Expected>,
}

/// An expected text and where it stands in the page, as a range of bytes.
#[derive(Debug)]
pub struct Expected {
    /// The text.
    pub text: String,
    /// Its bytes in the page.
    pub range: Range<usize>,
}

/// The path of a fragment that is not named.
pub const PATH: &str = "spec.md";

/// Reads a page.
pub fn read(text: &str) -> Page {
    let mut page = Page { title: String::new(), sections: Vec::new(), fragments: Vec::new(), problems: Vec::new() };
    // Whether a named fence would still join the fragment before.
    let mut open = false;
    let mut lines = text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    });
    let mut number = 0;
    while let Some((start, line)) = lines.next() {
        number += 1;
        let Some(info) = line.trim_end().strip_prefix("````") else {
            if let Some(title) = line.strip_prefix("# ") {
                title.trim().clone_into(&mut page.title);
            } else if let Some(section) = line.strip_prefix("## ") {
                page.sections.push(section.trim().to_owned());
            }
            open &= line.trim().is_empty();
            continue;
        };
        let first = number;
        let from = start + line.len();
        let mut to = from;
        let mut closed = false;
        for (at, line) in lines.by_ref() {
            number += 1;
            if line.trim_end() == "````" {
                closed = true;
                break;
            }
            to = at + line.len();
        }
        if !closed {
            page.problems.push(format!("line {first}: the fence is never closed"));
        }
        let content = text[from..to].to_owned();
        let expected = Expected { text: content.clone(), range: from..to };
        let last = page.fragments.last_mut();
        match (info.trim().split_once(' '), last) {
            (None, _) if info.trim() == "spec" => {
                page.fragment(first, PATH, content);
                open = false;
            }
            (Some(("spec", path)), Some(last)) if open => last.files.push((path.trim().to_owned(), content)),
            (Some(("spec", path)), _) => {
                page.fragment(first, path.trim(), content);
                open = true;
            }
            (None, Some(last)) if info.trim() == "output" && last.output.is_none() => {
                last.output = Some(expected);
                open = false;
            }
            (None, Some(last)) if info.trim() == "fixed" && last.fixed.is_none() => {
                last.fixed = Some(expected);
                open = false;
            }
            _ => page.problems.push(format!("line {first}: a fence `{}` has no place here", info.trim())),
        }
    }
    page
}

impl Page {
    fn fragment(&mut self, line: usize, path: &str, text: String) {
        let section = self.sections.last().cloned().unwrap_or_default();
        let files = vec![(path.to_owned(), text)];
        self.fragments.push(Fragment { section, line, files, output: None, fixed: None });
    }

    /// The fragments under a heading of level two.
    pub fn under<'a>(&'a self, section: &'a str) -> impl Iterator<Item = &'a Fragment> {
        self.fragments.iter().filter(move |it| it.section == section)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjacent_named_fences_are_one_workspace() {
        let text = "# a\n\n## Flagged\n\n````spec x.md\nX\n````\n\n````spec y.md\nY\n````\n\nThen:\n\n````spec x.md\nZ\n````\n````output\no\n````\n";
        let page = read(text);
        assert_eq!(page.title, "a");
        assert_eq!(page.fragments.iter().map(|it| it.files.len()).collect::<Vec<_>>(), [2, 1]);
        let output = page.fragments[1].output.as_ref().unwrap();
        assert_eq!((&output.text[..], &text[output.range.clone()]), ("o\n", "o\n"));
        assert!(page.problems.is_empty());
    }
}

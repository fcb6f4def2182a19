//! Which fixes can be made together, and what a text is after them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::{Edit, FileId, Fix, Sources};

/// Edits of one pass, by file: disjoint, and those of one fix all or none.
#[derive(Debug, Default)]
pub struct Edits<'a> {
    /// By where they start.
    files: BTreeMap<FileId, BTreeMap<u32, &'a Edit>>,
}

impl<'a> Edits<'a> {
    /// Takes a fix in, and says whether it could: not if an edit of it overlaps one that is in, begins where
    /// one begins, lies outside of its file or cuts a character.
    pub fn add(&mut self, fix: &'a Fix, sources: &Sources) -> bool {
        let mut added: Vec<&Edit> = Vec::new();
        for edit in &fix.edits {
            let inside = sources.get(edit.span.file).is_some_and(|it| it.text.get(edit.span.range()).is_some());
            if !inside || !self.is_free(edit) {
                for edit in added {
                    self.files.get_mut(&edit.span.file).map(|it| it.remove(&edit.span.start));
                }
                return false;
            }
            self.files.entry(edit.span.file).or_default().insert(edit.span.start, edit);
            added.push(edit);
        }
        !fix.edits.is_empty()
    }

    fn is_free(&self, edit: &Edit) -> bool {
        let Some(taken) = self.files.get(&edit.span.file) else { return true };
        let before = taken.range(..=edit.span.start).next_back();
        let after = taken.range(edit.span.start..).next();
        before.is_none_or(|(start, it)| *start < edit.span.start && it.span.end <= edit.span.start)
            && after.is_none_or(|(start, _)| *start >= edit.span.end && *start > edit.span.start)
    }

    /// The files that change, each with its new text. Line breaks are written as the file has them.
    pub fn apply<'s>(&'s self, sources: &'s Sources) -> impl Iterator<Item = (FileId, String)> + 's {
        self.files.iter().filter_map(|(id, edits)| {
            let old = &sources.get(*id)?.text;
            let mut text = String::with_capacity(old.len() + 64);
            let mut from = 0;
            for edit in edits.values() {
                text.push_str(old.get(from..edit.span.start as usize)?);
                text.push_str(&with_breaks_of(old, &edit.text));
                from = edit.span.end as usize;
            }
            text.push_str(old.get(from..)?);
            (text != *old).then_some((*id, text))
        })
    }
}

/// `new` with the line breaks of `old`, by its first one.
fn with_breaks_of<'t>(old: &str, new: &'t str) -> Cow<'t, str> {
    let crlf = || {
        memchr::memchr(b'\n', old.as_bytes())
            .is_some_and(|at| old.as_bytes().get(..at).is_some_and(|it| it.ends_with(b"\r")))
    };
    if !new.contains('\n') || !crlf() {
        return Cow::Borrowed(new);
    }
    Cow::Owned(new.replace("\r\n", "\n").replace('\n', "\r\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Applicability, SourceFile, Span};

    /// Applies fixes, given as edits of ranges, to a text; says which of them could be made.
    fn apply(text: &str, fixes: &[&[(usize, usize, &str)]]) -> (String, Vec<bool>) {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a.md", text));
        let edit = |(start, end, text): &(usize, usize, &str)| Edit {
            span: Span { file, start: *start as u32, end: *end as u32 },
            text: (*text).to_owned(),
        };
        let fix = |edits: &&[(usize, usize, &str)]| Fix {
            title: String::new(),
            applicability: Applicability::Safe,
            edits: edits.iter().map(edit).collect(),
        };
        let fixes: Vec<Fix> = fixes.iter().map(fix).collect();
        let mut edits = Edits::default();
        let made = fixes.iter().map(|it| edits.add(it, &sources)).collect();
        let changed = edits.apply(&sources).next().map_or(text.to_owned(), |it| it.1);
        (changed, made)
    }

    #[test]
    fn fixes_are_made_in_any_order() {
        assert_eq!(apply("one two", &[&[(4, 7, "zwei")], &[(0, 3, "eins")]]), ("eins zwei".into(), vec![true, true]));
        // One that ends where another begins does not overlap it.
        assert_eq!(apply("ab", &[&[(0, 1, "x")], &[(1, 2, "y")]]), ("xy".into(), vec![true, true]));
        assert_eq!(apply("ab", &[&[(2, 2, "!")], &[(0, 2, "x")]]), ("x!".into(), vec![true, true]));
    }

    #[test]
    fn what_overlaps_waits() {
        for (first, second) in
            [((0, 3), (2, 4)), ((2, 4), (0, 3)), ((0, 4), (1, 2)), ((1, 2), (0, 4)), ((1, 1), (1, 1)), ((1, 1), (1, 3))]
        {
            let (_, made) = apply("abcd", &[&[(first.0, first.1, "x")], &[(second.0, second.1, "y")]]);
            assert_eq!(made, [true, false], "{first:?} {second:?}");
        }
    }

    #[test]
    fn a_fix_is_made_whole_or_not() {
        let (text, made) = apply("abcd", &[&[(0, 1, "x")], &[(3, 4, "y"), (0, 1, "z")], &[(3, 4, "w")]]);
        assert_eq!((text.as_str(), made), ("xbcw", vec![true, false, true]));
    }

    #[test]
    fn what_does_not_fit_the_text_is_not_made() {
        assert_eq!(apply("aä", &[&[(2, 3, "x")], &[(3, 9, "x")], &[]]), ("aä".into(), vec![false, false, false]));
    }

    #[test]
    fn line_breaks_are_those_of_the_file() {
        assert_eq!(apply("a\r\nb", &[&[(4, 4, "\nc\r\nd")]]).0, "a\r\nb\r\nc\r\nd");
        assert_eq!(apply("a\nb", &[&[(3, 3, "\nc")]]).0, "a\nb\nc");
    }
}

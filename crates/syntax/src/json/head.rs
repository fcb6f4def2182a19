//! What stands between the bodies of a fence: comments, labels, HTTP heads.

use std::ops::Range;

use source::{Spanned, Text};

use super::{Body, Problem, body, scan};

const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// Reads all bodies, in one pass over the text.
pub(super) fn read(text: &Text) -> (Vec<Body>, Vec<Problem>) {
    let mut reader =
        Reader { text, bodies: Vec::new(), problems: Vec::new(), next: Next::default(), line: 0..0, wrong: false };
    let all = text.as_str();
    let mut at = 0;
    while at < all.len() {
        at = reader.line(at).max(at + 1);
    }
    reader.flush();
    (reader.bodies, reader.problems)
}

/// What is known of the next body.
#[derive(Default)]
struct Next {
    title: Option<Spanned<String>>,
    status: Option<Spanned<u16>>,
    request: Option<Spanned<String>>,
    /// Whether a head was read, so that there is a body without a value.
    head: bool,
}

struct Reader<'a> {
    text: &'a Text,
    bodies: Vec<Body>,
    problems: Vec<Problem>,
    next: Next,
    /// The line last looked at.
    line: Range<usize>,
    /// Whether what follows is shown as what is wrong.
    wrong: bool,
}

impl Reader<'_> {
    /// Reads what begins at `from`, outside of a body; gives the place after it.
    fn line(&mut self, from: usize) -> usize {
        let all = self.text.as_str();
        let rest = tail(all, from);
        let blank = |it: char| it.is_whitespace() || matches!(it, ',' | ';' | '\u{feff}' | '\u{200b}');
        let at = from + (rest.len() - rest.trim_start_matches(blank).len());
        let rest = tail(all, at);
        if self.line.end < at || self.line.end == 0 {
            let start = all.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
            self.line = start..at + rest.find('\n').unwrap_or(rest.len());
        }
        let end = self.line.end;
        let line = all.get(at..end).unwrap_or("").trim_end();
        if line.is_empty() {
            return end;
        }
        if rest.starts_with("/*") {
            let close = rest.find("*/").map_or(end, |it| at + it);
            self.title(at + 2..close);
            return close + 2;
        }
        if line.starts_with("//") || line.starts_with('#') {
            let mark = line.len() - line.trim_start_matches(['/', '#']).len();
            self.title(at + mark..end);
            return end;
        }
        if matches!(line.as_bytes().first(), Some(b'{' | b'[' | b'"' | b'\'')) {
            return self.body(at);
        }
        if starts(line) {
            self.head(at, line);
            return end;
        }
        if value_line(line) {
            return self.body(at);
        }
        if line.starts_with(['}', ']']) {
            let message = format!("this `{}` closes nothing", line.get(..1).unwrap_or(""));
            self.problems.push(Problem { span: self.text.span(at..at + 1), message });
            return at + 1;
        }
        if self.next.head && header(line) {
            return end;
        }
        let value = line.find(['{', '[']).filter(|it| !line.get(..*it).is_some_and(|it| it.contains('"')));
        let stop = value.unwrap_or(line.len());
        // `--data '{`: a command of the shell.
        if line.get(..stop).is_some_and(|it| it.ends_with('\'')) {
            return all.len();
        }
        self.title(at..at + stop);
        at + stop
    }

    fn body(&mut self, at: usize) -> usize {
        let scan = scan::scan(self.text.as_str(), at, self.line.clone());
        let value = match &scan.problem {
            Some(problem) => Err(problem.clone()),
            None => body::value(self.text, &scan),
        };
        let value = value.unwrap_or_else(|(range, message)| {
            if !self.wrong {
                self.problems.push(Problem { span: self.text.span(range), message });
            }
            None
        });
        let Next { title, status, request, .. } = std::mem::take(&mut self.next);
        self.bodies.push(Body { title, status, request, value, elided: scan.elided });
        scan.end
    }

    /// A request line or a status line.
    fn head(&mut self, at: usize, line: &str) {
        if self.next.head {
            self.flush();
        }
        self.next.head = true;
        if METHODS.contains(&line.split(' ').next().unwrap_or("")) {
            self.next.request = Some(Spanned::new(line.to_owned(), self.text.span(at..at + line.len())));
        } else {
            self.next.status = status(line)
                .map(|(status, place)| Spanned::new(status, self.text.span(at + place.start..at + place.end)));
        }
    }

    /// A comment or a label.
    fn title(&mut self, range: Range<usize>) {
        let part = self.text.as_str().get(range.clone()).unwrap_or("");
        let lead = part.len() - part.trim_start_matches([' ', '\t', '*', '\n', '\r']).len();
        let title = tail(part, lead).trim_end();
        if title.trim_matches(['-', '=', '*', ' ', '.', '…']).is_empty() {
            return;
        }
        self.wrong = super::is_counterexample(title);
        let after = tail(self.text.as_str(), range.end).trim_start();
        if self.next.head && !after.starts_with(['{', '[', '*']) {
            self.flush();
        }
        let at = range.start + lead;
        if starts(title) && self.next.request.is_none() && METHODS.contains(&title.split(' ').next().unwrap_or("")) {
            self.next.request = Some(Spanned::new(title.to_owned(), self.text.span(at..at + title.len())));
        }
        if let Some((status, place)) = status(title) {
            self.next.status = Some(Spanned::new(status, self.text.span(at + place.start..at + place.end)));
        } else if self.next.status.is_some() {
            return;
        }
        self.next.title = Some(Spanned::new(title.to_owned(), self.text.span(at..at + title.len())));
    }

    /// Makes a body of a head that has no value.
    fn flush(&mut self) {
        let Next { title, status, request, head } = std::mem::take(&mut self.next);
        if head {
            self.bodies.push(Body { title, status, request, value: None, elided: false });
        }
    }
}

fn tail(all: &str, at: usize) -> &str {
    all.get(at..).unwrap_or("")
}

/// Whether a line is the first of an HTTP head.
pub(super) fn starts(text: &str) -> bool {
    if text.starts_with("HTTP/") {
        return true;
    }
    let Some((method, target)) = text.split_once(' ') else { return false };
    let target = target.trim_start();
    METHODS.contains(&method) && (target.starts_with(['/', '{']) || target.starts_with("http"))
}

/// `Name: value`.
fn header(line: &str) -> bool {
    let Some((name, value)) = line.split_once(':') else { return false };
    let token = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    !name.is_empty() && name.chars().all(token) && !value.trim_start().starts_with(['{', '['])
}

/// A line that is one literal, perhaps with a comma or a comment.
fn value_line(line: &str) -> bool {
    let word = line.split([' ', ',', '\t']).next().unwrap_or("");
    let rest = tail(line, word.len()).trim_start_matches([' ', ',', '\t']);
    let alone = rest.is_empty() || rest.starts_with("//") || rest.starts_with('#');
    alone && scan::literal(word)
}

/// The first three-digit number of `text` that can be an HTTP status.
fn status(text: &str) -> Option<(u16, Range<usize>)> {
    let mut at = 0;
    for part in text.split(|it: char| !it.is_ascii_alphanumeric()) {
        let status = part.parse().ok().filter(|it| part.len() == 3 && (100..600).contains(it));
        if let Some(status) = status {
            return Some((status, at..at + 3));
        }
        at += part.len() + tail(text, at + part.len()).chars().next().map_or(0, char::len_utf8);
    }
    None
}

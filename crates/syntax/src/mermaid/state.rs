//! `stateDiagram` and `stateDiagram-v2`.

use std::ops::Range;

use source::Spanned;

use super::{Edge, Named, Node, Sheet, line_end, shown, skip_inline, tail};

/// Statements of one line that say nothing about states.
const IGNORED: &[&str] = &["acctitle", "class", "classdef", "click", "direction", "hide", "scale", "style"];

/// Reads the statements from byte `from`.
pub(super) fn read(sheet: &mut Sheet<'_>, from: usize) {
    let mut reader = Reader { open: Vec::new(), last_note_end: None, sheet };
    reader.last_note_end = reader.sheet.all.to_ascii_lowercase().rfind("end note");
    let mut at = from;
    while at < reader.sheet.all.len() {
        let end = line_end(reader.sheet.all, at);
        at = reader.line(at, end) + 1;
    }
    for composite in std::mem::take(&mut reader.open) {
        let help = "write `}` on a line of its own after the last inner state".to_owned();
        reader.sheet.problem(composite.brace, "this `{` is never closed", Some(help));
    }
}

struct Composite {
    name: String,
    brace: Range<usize>,
}

struct Reader<'s, 'a> {
    sheet: &'s mut Sheet<'a>,
    open: Vec<Composite>,
    last_note_end: Option<usize>,
}

impl Reader<'_, '_> {
    /// Reads the statements of a line; gives the place where reading goes on, at a line's end.
    fn line(&mut self, start: usize, end: usize) -> usize {
        let mut at = start;
        loop {
            at = skip_inline(self.sheet.all, at);
            let Some(rest) = self.sheet.all.get(at..end) else { return end };
            if rest.is_empty() || rest.starts_with("%%") || rest.starts_with('#') {
                return end;
            }
            if rest.starts_with([';', '}']) {
                if rest.starts_with('}') {
                    self.open.pop();
                }
                at += 1;
                continue;
            }
            if rest.starts_with("--") && !rest.trim_start_matches('-').starts_with('>') {
                let dashes = rest.len() - rest.trim_start_matches('-').len();
                at += dashes;
                continue;
            }
            if rest.starts_with(':') && !rest.starts_with(":::") {
                self.late_label(at + 1..end);
                return end;
            }
            let word = rest.split(|it: char| !it.is_alphanumeric()).next().unwrap_or("");
            let after = skip_inline(self.sheet.all, at + word.len());
            let spaced = after > at + word.len();
            let next = self.sheet.all.get(after..end).unwrap_or("");
            let folded = word.to_ascii_lowercase();
            if folded == "accdescr" {
                return self.description_block(at, end);
            }
            if !next.starts_with("--") && (spaced || next.starts_with(':')) && IGNORED.contains(&folded.as_str()) {
                let named = next.starts_with(':') && folded != "acctitle";
                if !named {
                    return end;
                }
            }
            if spaced && folded == "note" && !next.starts_with("--") && !next.starts_with(':') {
                return self.note(at, end);
            }
            at = if spaced && folded == "state" && !next.starts_with("--") && !next.starts_with(':') {
                self.state(after, end)
            } else {
                self.transition(at, end)
            };
        }
    }

    fn within(&self) -> Option<String> {
        self.open.last().map(|it| it.name.clone())
    }

    /// The node of this id, which stands in the innermost composite state that is open.
    fn node(&mut self, id: &str, range: Range<usize>) -> Option<&mut Named> {
        let open = self.open.last().filter(|it| it.name != id);
        let node = self.sheet.node(id, range)?;
        if let (None, Some(open)) = (&node.within, open) {
            node.within = Some(open.name.clone());
        }
        Some(node)
    }

    /// `: label` on the line after its arrow.
    fn late_label(&mut self, range: Range<usize>) {
        let label = self.label(range);
        if let Some(edge) = self.sheet.edges.last_mut().filter(|it| it.label.is_none()) {
            edge.label = label;
        }
    }

    /// `accDescr: …` or `accDescr { … }`.
    fn description_block(&self, at: usize, end: usize) -> usize {
        let line = self.sheet.all.get(at..end).unwrap_or("");
        if !line.contains('{') {
            return end;
        }
        let close = tail(self.sheet.all, at).find('}').map_or(end, |it| at + it);
        line_end(self.sheet.all, close.max(at))
    }

    fn note(&mut self, at: usize, end: usize) -> usize {
        let line = self.sheet.all.get(at..end).unwrap_or("");
        if line.contains(':') || line.contains('"') {
            return end;
        }
        if self.last_note_end.is_none_or(|it| it < end) {
            let help = "write the text after a colon, or close the note with `end note`".to_owned();
            self.sheet.problem(self.sheet.trimmed(at..end).1, "this note is never closed", Some(help));
            return end;
        }
        let mut line = end;
        while line < self.sheet.all.len() {
            let begin = line + 1;
            line = line_end(self.sheet.all, begin);
            let text = self.sheet.all.get(begin..line).unwrap_or("");
            if text.to_ascii_lowercase().contains("end note") {
                break;
            }
        }
        line
    }

    /// What follows the word `state`; gives the place after it.
    fn state(&mut self, at: usize, end: usize) -> usize {
        let rest = self.sheet.all.get(at..end).unwrap_or("");
        let (label, from) = if let Some(quoted) = rest.strip_prefix('"') {
            let Some(close) = quoted.find('"') else {
                self.sheet.problem(self.sheet.trimmed(at..end).1, "missing closing quote", None);
                return end;
            };
            let label = quoted.get(..close).map(shown);
            let after = skip_inline(self.sheet.all, at + close + 2);
            let next = self.sheet.all.get(after..end).unwrap_or("");
            let alias = next.get(..2).is_some_and(|it| it.eq_ignore_ascii_case("as"));
            if !alias || !next.get(2..).is_some_and(|it| it.starts_with(char::is_whitespace)) {
                let text = label.unwrap_or_default();
                let help = format!("write `state \"{text}\" as {}`", identifier(&text));
                self.sheet.problem(at..at + close + 2, "a quoted state needs an id", Some(help));
                return end;
            }
            (label, skip_inline(self.sheet.all, after + 2))
        } else {
            (None, at)
        };
        let rest = self.sheet.all.get(from..end).unwrap_or("");
        let stop = rest.find(['{', ';', '\n']).unwrap_or(rest.len()).min(colon(rest).unwrap_or(rest.len()));
        let stop = stop.min(comment(rest).unwrap_or(rest.len()));
        let head = rest.get(..stop).unwrap_or("");
        let marks = ["<<", "[["];
        let mark = marks.iter().filter_map(|it| head.find(it)).min();
        let (id, range) = self.name(from..from + mark.unwrap_or(stop));
        let branching = mark.is_some_and(|mark| {
            let word = head.get(mark + 2..).unwrap_or("").trim_end_matches(['>', ']', ' ', '\t', '\r']);
            ["choice", "fork", "join"].iter().any(|it| word.trim().eq_ignore_ascii_case(it))
        });
        let after = tail(rest, stop);
        let opens = after.starts_with('{');
        let mut label = label;
        let next = if after.starts_with(':') {
            let text = self.label(from + stop + 1..end);
            label = label.or(text.map(|it| it.value));
            end
        } else {
            from + stop
        };
        if let Some(node) = self.node(&id, range) {
            node.branching |= branching;
            node.composite |= opens;
            if label.as_ref().is_some_and(|it| *it != id) {
                node.label = label;
            }
        }
        if opens {
            self.open.push(Composite { name: id, brace: next..next + 1 });
            return next + 1;
        }
        if next < end && after.starts_with(['%', '#']) { end } else { next }
    }

    /// `A --> B : label`, `A : description`, `A`; gives the place after it.
    fn transition(&mut self, at: usize, end: usize) -> usize {
        let line = self.sheet.all.get(at..end).unwrap_or("");
        let part = line.get(..line.find(';').unwrap_or(line.len())).unwrap_or("");
        let stop = colon(part).unwrap_or(part.len());
        let stop = stop.min(comment(part).unwrap_or(stop));
        let stop = stop.min(closing(part).filter(|_| !self.open.is_empty()).unwrap_or(stop));
        let labelled = tail(line, stop).starts_with(':');
        let next = if labelled || tail(line, stop).starts_with(['%', '#', ' ']) && comment(part) == Some(stop) {
            end
        } else {
            at + stop
        };
        let head = line.get(..stop).unwrap_or("");
        let arrows = arrows(head, self.open.is_empty());
        if arrows.is_empty() {
            self.mention(at, head, labelled.then(|| at + stop + 1..end));
            return self.brace(at, head).unwrap_or(next);
        }
        let whole = at..at + line.trim_end().len().min(if labelled { line.len() } else { stop });
        let (_, whole) = self.sheet.trimmed(whole);
        let mut bounds: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        for arrow in &arrows {
            bounds.push(at + from..at + arrow.start);
            from = arrow.end;
        }
        bounds.push(at + from..at + stop);
        let label = if labelled { self.label(at + stop + 1..end) } else { None };
        let mut edges = Vec::new();
        for (index, arrow) in arrows.iter().enumerate() {
            let place = at + arrow.start..at + arrow.end;
            let written = head.get(arrow.clone()).unwrap_or("");
            let mut complete = true;
            if written != "-->" {
                let (message, help) = if written.contains(char::is_whitespace) {
                    ("a label cannot stand inside an arrow".to_owned(), "write `A --> B : label`")
                } else if written.starts_with('<') {
                    (format!("`{written}` is not an arrow of a state diagram"), "turn it round and write `-->`")
                } else {
                    (format!("`{written}` is not an arrow of a state diagram"), "write `-->`")
                };
                self.sheet.problem(place.clone(), message, Some(help.to_owned()));
            }
            let (Some(left), Some(right)) = (bounds.get(index).cloned(), bounds.get(index + 1).cloned()) else {
                continue;
            };
            if index > 0 {
                let help = "write each arrow on a line of its own".to_owned();
                self.sheet.problem(place.clone(), "a second arrow on the line", Some(help));
            } else if self.sheet.trimmed(left.clone()).0.is_empty() {
                self.sheet.problem(place.clone(), format!("no state stands before `{written}`"), None);
                complete = false;
            }
            if self.sheet.trimmed(right.clone()).0.is_empty() {
                self.sheet.problem(place.clone(), format!("no state stands after `{written}`"), None);
                complete = false;
            }
            let from = self.end(left, Node::Start);
            let to = self.end(right, Node::End);
            if !complete {
                continue;
            }
            let (from, to) = if written.starts_with('<') { (to, from) } else { (from, to) };
            let last = index + 1 == arrows.len();
            let label = if last { label.clone() } else { None };
            let within = self.within();
            edges.push(Edge { from, to, label, within, span: self.sheet.text.span(whole.clone()) });
        }
        self.sheet.edges.append(&mut edges);
        next
    }

    /// One end of an arrow.
    fn end(&mut self, range: Range<usize>, terminal: Node) -> Spanned<Node> {
        let (name, range) = self.name(range);
        let span = self.sheet.text.span(range.clone());
        if name == "[*]" {
            return Spanned::new(terminal, span);
        }
        self.hyphens(&name, range.clone());
        self.node(&name, range);
        Spanned::new(Node::Named(name), span)
    }

    /// A state without an arrow.
    fn mention(&mut self, at: usize, head: &str, description: Option<Range<usize>>) {
        let label = description.and_then(|it| self.label(it));
        let (name, range) = self.name(at..at + head.find('{').unwrap_or(head.len()));
        let simple = label.is_some() || !name.contains(char::is_whitespace);
        if name == "[*]" || !simple {
            return;
        }
        self.hyphens(&name, range.clone());
        let Some(node) = self.node(&name, range) else { return };
        if let Some(label) = label.filter(|it| it.value != name) {
            node.label.get_or_insert(label.value);
        }
    }

    /// Mermaid ends a state's name at `-`, unless the word `state` stands before it.
    fn hyphens(&mut self, name: &str, range: Range<usize>) {
        if !name.contains('-') {
            return;
        }
        let parts: Vec<&str> = name.split('-').collect();
        let plain = |it: &&str| it.chars().all(|it| it.is_alphanumeric() || it == '_') && !it.is_empty();
        if parts.iter().all(plain) && self.sheet.all.get(range.clone()) == Some(name) {
            let quoted = self.sheet.all.get(..range.start).is_some_and(|it| it.ends_with('"'));
            if !quoted {
                let help = format!("write `{}`", parts.join("_"));
                self.sheet.problem(range, "Mermaid cannot read `-` in the name of a state", Some(help));
            }
        }
    }

    /// `A {` without the word `state`.
    fn brace(&mut self, at: usize, head: &str) -> Option<usize> {
        let brace = head.find('{')?;
        let (name, _) = self.name(at..at + brace);
        let place = at + brace..at + brace + 1;
        let help = format!("write `state {name} {{`");
        self.sheet.problem(place.clone(), "a state with inner states begins with the word `state`", Some(help));
        if let Some(node) = self.sheet.index.get(&name).and_then(|it| self.sheet.nodes.get_mut(*it)) {
            node.composite = true;
        }
        self.open.push(Composite { name, brace: place.clone() });
        Some(place.end)
    }

    /// A state's name without its style class and its quotes.
    fn name(&self, range: Range<usize>) -> (String, Range<usize>) {
        let part = self.sheet.all.get(range.clone()).unwrap_or("");
        let len = if part.contains(':') { part.find(":::").unwrap_or(part.len()) } else { part.len() };
        let (name, range) = self.sheet.trimmed(range.start..range.start + len);
        match name.strip_prefix('"').and_then(|it| it.strip_suffix('"')) {
            Some(inner) => (inner.to_owned(), range.start + 1..range.end - 1),
            None => (name.to_owned(), range),
        }
    }

    /// A label, without a comment after it.
    fn label(&self, range: Range<usize>) -> Option<Spanned<String>> {
        let part = self.sheet.all.get(range.clone()).unwrap_or("");
        let len = if part.contains('%') { part.find(" %%").unwrap_or(part.len()) } else { part.len() };
        let part = part.get(..len).unwrap_or("").trim_end().trim_end_matches(';');
        let (label, range) = self.sheet.trimmed(range.start..range.start + part.len());
        (!label.is_empty()).then(|| Spanned::new(shown(label), self.sheet.text.span(range)))
    }
}

/// The first colon that is not part of `:::`.
fn colon(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + tail(text, from).find(':')?;
        if !tail(text, at).starts_with(":::") {
            return Some(at);
        }
        from = at + 3;
    }
}

/// Where a comment begins: `%%` or `#` after a blank.
fn comment(text: &str) -> Option<usize> {
    memchr::memchr2(b'%', b'#', text.as_bytes())?;
    let mut places = text.match_indices(['%', '#']).filter(|(at, _)| {
        let rest = tail(text, *at);
        let before = text.get(..*at).unwrap_or("");
        before.ends_with(char::is_whitespace) && (rest.starts_with('#') || rest.starts_with("%%"))
    });
    places.next().map(|(at, _)| at)
}

/// A `}` after a blank.
fn closing(text: &str) -> Option<usize> {
    let mut places = text.match_indices('}');
    places.find(|(at, _)| text.get(..*at).is_some_and(|it| it.ends_with(char::is_whitespace))).map(|(at, _)| at)
}

/// The arrows of a line before its label: each run of `-`, `.` and `>` that ends with `>` and each `<--`;
/// where `top`, also `--` without a head, which within a composite divides regions.
fn arrows(head: &str, top: bool) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Some(offset) = tail(head, at).find('-') {
        let start = at + offset;
        let run = tail(head, start);
        let dashes = run.len() - run.trim_start_matches(['-', '.']).len();
        let headed = tail(run, dashes).starts_with('>');
        let back = head.get(..start).is_some_and(|it| it.ends_with('<')) && !headed && dashes > 1;
        let line = run.get(..dashes).unwrap_or("");
        let end = start + dashes + usize::from(headed);
        if headed {
            found.push(start..end);
        } else if back {
            found.push(start - 1..end);
        } else if top && line.len() > 1 && line.bytes().all(|it| it == b'-') {
            let rest = tail(head, end);
            match rest.find("-->") {
                Some(more) if !rest.get(..more).is_some_and(|it| it.contains("--")) => {
                    found.push(start..end + more + 3);
                    at = end + more + 3;
                    continue;
                }
                Some(_) => {}
                None => found.push(start..end),
            }
        }
        at = end.max(start + 1);
    }
    found
}

/// A name that can stand as an id.
fn identifier(text: &str) -> String {
    let id: String = text.chars().filter(|it| it.is_alphanumeric() || *it == '_').collect();
    if id.is_empty() { "X".to_owned() } else { id }
}

//! `flowchart` and `graph`.

use std::ops::Range;

use source::Spanned;

use super::{Edge, Node, Sheet, line_end, shown, skip_blank, skip_inline, tail};

/// Lines that say nothing about nodes and edges.
const IGNORED: &[&str] = &["accTitle", "class", "classDef", "click", "direction", "linkStyle", "style"];

const DIRECTIONS: &[&str] = &["TB", "TD", "BT", "LR", "RL", "BR"];

/// Brackets of a node, longest first, and whether the shape is a branching.
const SHAPES: &[(&str, &[&str], bool)] = &[
    ("(((", &[")))"], false),
    ("((", &["))"], false),
    ("([", &["])"], false),
    ("(-", &["-)"], false),
    ("(", &[")"], false),
    ("[[", &["]]"], false),
    ("[(", &[")]"], false),
    ("[/", &["/]", "\\]"], false),
    ("[\\", &["\\]", "/]"], false),
    ("[", &["]"], false),
    ("{{", &["}}"], false),
    ("{", &["}"], true),
    (">", &["]"], false),
];

/// Reads the statements from byte `from`, which stands after the word `flowchart` or `graph`.
pub(super) fn read(sheet: &mut Sheet<'_>, from: usize) {
    let mut reader = Reader { open: Vec::new(), sheet };
    let mut at = reader.direction(from);
    while at < reader.sheet.all.len() {
        at = reader.statement(at).max(at + 1);
    }
    for subgraph in std::mem::take(&mut reader.open) {
        let help = "write `end` on a line of its own after its last node".to_owned();
        reader.sheet.problem(subgraph.word, "this `subgraph` is never closed", Some(help));
    }
}

struct Subgraph {
    name: String,
    word: Range<usize>,
}

struct Reader<'s, 'a> {
    sheet: &'s mut Sheet<'a>,
    open: Vec<Subgraph>,
}

/// An arrow as written, with its label.
struct Link {
    range: Range<usize>,
    label: Option<Spanned<String>>,
    end: usize,
}

type Group = Vec<Spanned<String>>;

impl<'a> Reader<'_, 'a> {
    /// The direction after the first word; gives the place after it.
    fn direction(&mut self, from: usize) -> usize {
        let end = line_end(self.sheet.all, from);
        let (line, range) = self.sheet.trimmed(from..end);
        let word = line.split([' ', '\t', ';']).next().unwrap_or("");
        let after = range.start + word.len();
        if word.is_empty() || DIRECTIONS.contains(&word) || ["<", ">", "^", "v"].contains(&word) {
            return after;
        }
        let alone = tail(line, word.len()).trim_matches([' ', '\t', ';']).is_empty();
        if alone && word.bytes().all(|it| it.is_ascii_alphabetic()) && word.len() < 12 {
            let upper = word.to_uppercase();
            let help = match DIRECTIONS.iter().find(|it| **it == upper) {
                Some(known) => format!("write `{known}`"),
                None => "write `TB`, `TD`, `BT`, `LR` or `RL`".to_owned(),
            };
            self.sheet.problem(range.start..after, format!("`{word}` is not a direction"), Some(help));
            return after;
        }
        range.start
    }

    /// Reads one statement; gives the place where reading goes on.
    fn statement(&mut self, from: usize) -> usize {
        let all = self.sheet.all;
        let at = skip_blank(all, from);
        let end = self.sheet.line_end(at);
        let line = all.get(at..end).unwrap_or("");
        if line.starts_with(';') {
            return at + 1;
        }
        if line.is_empty() || line.starts_with("%%") {
            return end;
        }
        let word = keyword(line);
        let next = tail(line, word.len()).trim_start();
        match word {
            "subgraph" => {
                self.subgraph(at, end);
                return end;
            }
            "end" => {
                if self.open.pop().is_none() {
                    let help = "write `End`: Mermaid reserves the word".to_owned();
                    let starts = link(all, skip_inline(all, at + 3)).is_some();
                    let (message, help) = match starts {
                        true => ("`end` cannot be a node", Some(help)),
                        false => ("this `end` closes no `subgraph`", None),
                    };
                    self.sheet.problem(at..at + 3, message, help);
                    return if starts { end } else { at + 3 };
                }
                return at + 3;
            }
            "accDescr" if next.starts_with('{') => {
                return tail(all, at).find('}').map_or(end, |it| at + it + 1);
            }
            "accDescr" => return end,
            _ => {}
        }
        let spaced = next.len() + word.len() < line.len() || next.starts_with(':');
        if IGNORED.contains(&word) && spaced && link(all, skip_inline(all, at + word.len())).is_none() {
            return end;
        }
        self.chain(at)
    }

    /// `subgraph id [title]`.
    fn subgraph(&mut self, at: usize, end: usize) {
        let word = at..at + "subgraph".len();
        let (line, range) = self.sheet.trimmed(word.end..end);
        let line = line.trim_end_matches(';');
        let bracket = line.find('[').filter(|_| !line.starts_with('"'));
        let (id, label) = match bracket {
            Some(open) => {
                let title = tail(line, open + 1).trim_end().trim_end_matches(']');
                (line.get(..open).unwrap_or("").trim_end(), Some(shown(title)))
            }
            None => (line, None),
        };
        let quoted = id.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        let (id, start) = (quoted.unwrap_or(id), range.start + usize::from(quoted.is_some()));
        if let Some(node) = self.sheet.node(id, start..start + id.len()) {
            node.composite = true;
            if let Some(label) = label.filter(|it| it != id) {
                node.label = Some(label);
            }
        }
        self.open.push(Subgraph { name: id.to_owned(), word });
    }

    /// `A & B --> C -->|label| D`.
    fn chain(&mut self, start: usize) -> usize {
        let all = self.sheet.all;
        let Some((mut left, mut at)) = self.group(start) else {
            return self.no_node(start);
        };
        loop {
            let place = next_link(all, at);
            let Some(begin) = place else { return self.separator(at, left.last()) };
            let link = match self.link(begin) {
                Ok(link) => link,
                Err(end) => return end,
            };
            let target = skip_comments(all, link.end);
            let written = all.get(link.range.clone()).unwrap_or("").to_owned();
            let line = all.get(target..self.sheet.line_end(target)).unwrap_or("");
            let word = keyword(line);
            let reserved = ["end", "subgraph"].contains(&word);
            let same_line = !all.get(link.end..target).is_some_and(|it| it.contains('\n'));
            if reserved && same_line {
                let help = format!(
                    "write `{}{}`: Mermaid reserves the word",
                    word.get(..1).unwrap_or("").to_uppercase(),
                    tail(word, 1)
                );
                let place = target..target + word.len();
                self.sheet.problem(place, format!("`{word}` cannot be a node"), Some(help));
                return line_end(all, target);
            }
            let group = if reserved || next_link(all, target) == Some(target) { None } else { self.group(target) };
            let Some((right, after)) = group else {
                self.sheet.problem(link.range.clone(), format!("no node stands after `{written}`"), None);
                return line_end(all, link.end);
            };
            let within = self.open.last().map(|it| it.name.clone());
            let span = self.sheet.text.span(start..after);
            for from in &left {
                for to in &right {
                    let node = |it: &Spanned<String>| Spanned::new(Node::Named(it.value.clone()), it.span);
                    let (from, to, label) = (node(from), node(to), link.label.clone());
                    self.sheet.edges.push(Edge { from, to, label, within: within.clone(), span });
                }
            }
            left = right;
            at = after;
        }
    }

    /// `A & B`; `None` if no node stands at `at`.
    fn group(&mut self, at: usize) -> Option<(Group, usize)> {
        let mut nodes = Vec::new();
        let (first, mut at) = self.node(at)?;
        nodes.push(first);
        loop {
            let amp = skip_inline(self.sheet.all, at);
            if !tail(self.sheet.all, amp).starts_with('&') {
                return Some((nodes, at));
            }
            let next = skip_blank(self.sheet.all, amp + 1);
            let same_line = !self.sheet.all.get(amp..next).is_some_and(|it| it.contains('\n'));
            match self.node(next).filter(|_| same_line || next < self.sheet.all.len()) {
                Some((node, after)) => {
                    nodes.push(node);
                    at = after;
                }
                None => {
                    self.sheet.problem(amp..amp + 1, "no node stands after `&`", None);
                    return Some((nodes, amp + 1));
                }
            }
        }
    }

    /// `id[label]:::class@{ … }`.
    fn node(&mut self, at: usize) -> Option<(Spanned<String>, usize)> {
        let all = self.sheet.all;
        let mut len = id_len(tail(all, at));
        let mut range = at..at + len;
        if len == 0 {
            let quoted = tail(all, at).strip_prefix('"')?;
            let inner = quoted.find('"').filter(|it| !quoted.get(..*it).is_some_and(|it| it.contains('\n')))?;
            let text = quoted.get(..inner).unwrap_or("");
            len = inner + 2;
            range = at + 1..at + 1 + inner;
            let id: String = text.chars().filter(|it| it.is_alphanumeric() || *it == '_').collect();
            let help = format!("write `{}[\"{text}\"]`", if id.is_empty() { "A" } else { &id });
            self.sheet.problem(at..at + len, "a node begins with an id, not with quotes", Some(help));
        }
        let id = all.get(range.clone()).unwrap_or("");
        let spanned = Spanned::new(id.to_owned(), self.sheet.text.span(range.clone()));
        self.sheet.node(id, range)?;
        let mut at = at + len;
        loop {
            let rest = tail(all, at);
            if let Some(class) = rest.strip_prefix(":::") {
                at += 3 + id_len(class);
            } else if rest.starts_with("@{") {
                at = self.properties(id, at);
            } else if let Some((open, closers, branching)) = shape(rest) {
                let (label, after) = self.shape(at, open, closers);
                if let Some(node) = self.sheet.index.get(id).and_then(|it| self.sheet.nodes.get_mut(*it)) {
                    node.branching |= branching;
                    node.label = label.map(shown).filter(|it| *it != id && !it.is_empty()).or(node.label.take());
                }
                at = after;
            } else {
                return Some((spanned, at));
            }
        }
    }

    /// `@{ shape: …, label: "…" }` at `at`.
    fn properties(&mut self, id: &str, at: usize) -> usize {
        let all = self.sheet.all;
        let mut quoted = false;
        let close = tail(all, at).char_indices().find(|(_, it)| {
            quoted ^= *it == '"';
            *it == '}' && !quoted
        });
        let Some((close, _)) = close else {
            self.sheet.problem(at + 1..at + 2, "this `{` is never closed", None);
            return line_end(all, at);
        };
        let body = all.get(at + 2..at + close).unwrap_or("");
        let value = |key: &str| {
            let (_, after) = body.split_once(&format!("{key}:"))?;
            let after = after.trim_start();
            match after.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => after.split([',', '\n']).next().map(str::trim),
            }
        };
        if let Some(node) = self.sheet.index.get(id).and_then(|it| self.sheet.nodes.get_mut(*it)) {
            node.branching |=
                value("shape").is_some_and(|it| ["diam", "decision", "diamond", "question"].contains(&it));
            node.label = value("label").map(shown).filter(|it| *it != id).or(node.label.take());
        }
        at + close + 1
    }

    /// The label in the brackets that open at `at`, and the place after them.
    fn shape(&mut self, at: usize, open: &str, closers: &[&str]) -> (Option<&'a str>, usize) {
        let all = self.sheet.all;
        let begin = at + open.len();
        let inner = tail(all, begin);
        let closes = |at: usize| closers.iter().find(|it| tail(inner, at).starts_with(**it)).copied();
        let wrong = match label_end(inner, open) {
            Ok(len) => match closes(len) {
                Some(closer) => {
                    let label = inner.get(..len);
                    if label.is_some_and(str::is_empty) {
                        let help = format!("write `{open}\" \"{closer}`");
                        self.sheet.problem(at..begin + closer.len(), "an empty label", Some(help));
                    }
                    return (label, begin + len + closer.len());
                }
                None => Some(len),
            },
            Err(()) => None,
        };
        let end = line_end(all, begin);
        let line = all.get(begin..end).unwrap_or("");
        let matching = balanced(line, closers);
        match (wrong.filter(|it| *it < line.len()), matching) {
            (Some(wrong), Some((len, closer))) => {
                let label = line.get(..len).unwrap_or("");
                let slash = if wrong < len { "" } else { tail(open, 1) };
                let plain = format!("{slash}{}", unquoted(label));
                let found = tail(line, wrong).chars().next().unwrap_or(' ');
                let (place, message) = if wrong < len {
                    let place = begin + wrong..begin + wrong + found.len_utf8();
                    (place, format!("`{found}` in a label that is not quoted as a whole"))
                } else {
                    (at..begin + len + closer.len(), format!("a label after `{open}` that is not quoted"))
                };
                let open = if wrong < len { open } else { open.get(..1).unwrap_or(open) };
                let closer = if wrong < len { closer } else { closer.get(closer.len() - 1..).unwrap_or(closer) };
                self.sheet.problem(place, message, Some(format!("write `{open}\"{plain}\"{closer}`")));
                (Some(label), begin + len + closer.len())
            }
            _ => {
                let help = closers.first().map(|it| format!("write `{it}` after the label"));
                self.sheet.problem(at..begin, format!("this `{open}` is never closed"), help);
                (None, end)
            }
        }
    }

    /// The arrow at `begin`, with its label; or, after a problem, the place where reading goes on.
    fn link(&mut self, begin: usize) -> Result<Link, usize> {
        let all = self.sheet.all;
        let begin = begin + edge_id(tail(all, begin));
        let end = self.sheet.line_end(begin);
        match link(all, begin) {
            Some(Token::Whole(after)) => self.piped(begin..after),
            Some(Token::Wrong(after, instead)) => {
                let written = all.get(begin..after).unwrap_or("");
                let message = format!("`{written}` is not an arrow of a flowchart");
                self.sheet.problem(begin..after, message, Some(format!("write `{instead}`")));
                self.piped(begin..after)
            }
            Some(Token::Open(after, stroke)) => {
                let Some((len, closing)) = closing_stroke(tail(all, after), stroke) else {
                    let written = all.get(begin..after).unwrap_or("");
                    let whole = match stroke {
                        '=' => "==>",
                        '.' => "-.->",
                        _ => "-->",
                    };
                    let help = format!("write `{whole}`, or close it after the label");
                    self.sheet.problem(
                        begin..after,
                        format!("`{written}` is only the first half of an arrow"),
                        Some(help),
                    );
                    return Err(end);
                };
                let (label, range) = self.sheet.trimmed(after..after + len);
                let label = label.strip_suffix(['<', 'x', 'o']).filter(|it| it.ends_with(' ')).unwrap_or(label);
                let label = (!label.is_empty()).then(|| Spanned::new(shown(label), self.sheet.text.span(range)));
                Ok(Link { range: begin..after + len + closing, label, end: after + len + closing })
            }
            None => Err(end),
        }
    }

    /// `|label|` after a whole arrow.
    fn piped(&mut self, range: Range<usize>) -> Result<Link, usize> {
        let all = self.sheet.all;
        let pipe = skip_inline(all, range.end);
        let Some(inner) = tail(all, pipe).strip_prefix('|') else {
            return Ok(Link { end: range.end, range, label: None });
        };
        let begin = pipe + 1;
        let mut len = label_end(inner, "|").ok();
        if !len.is_some_and(|it| tail(inner, it).starts_with('|')) {
            let line = all.get(begin..line_end(all, begin)).unwrap_or("");
            let close = line.find('|');
            match (close, len.filter(|it| *it < line.len())) {
                (Some(close), Some(wrong)) if wrong < close => {
                    let found = tail(line, wrong).chars().next().unwrap_or(' ');
                    let plain = unquoted(line.get(..close).unwrap_or(""));
                    let place = begin + wrong..begin + wrong + found.len_utf8();
                    let message = format!("`{found}` in a label that is not quoted as a whole");
                    self.sheet.problem(place, message, Some(format!("write `|\"{plain}\"|`")));
                    len = Some(close);
                }
                _ => {
                    let help = "write `|` after the label".to_owned();
                    self.sheet.problem(pipe..begin, "this `|` is never closed", Some(help));
                    return Err(line_end(all, begin));
                }
            }
        }
        let len = len.unwrap_or(0);
        if len == 0 {
            self.sheet.problem(pipe..begin + 1, "an empty label", Some("leave out `||`".to_owned()));
        }
        let (label, place) = self.sheet.trimmed(begin..begin + len);
        let label = (!label.is_empty()).then(|| Spanned::new(shown(label), self.sheet.text.span(place)));
        Ok(Link { range, label, end: begin + len + 1 })
    }

    /// The end of a statement; gives the place where reading goes on.
    fn separator(&mut self, at: usize, before: Option<&Spanned<String>>) -> usize {
        let all = self.sheet.all;
        let (line, range) = {
            let end = self.sheet.line_end(at);
            self.sheet.trimmed(at..end)
        };
        if line.is_empty() || line.starts_with(';') || line.starts_with("%%") {
            return range.start;
        }
        let id = before.map_or("", |it| it.value.as_str());
        let word = line.split(|it: char| it.is_whitespace() || "[](){}|;\"".contains(it)).next().unwrap_or("");
        let found = if word.is_empty() {
            line.chars().next().map_or("", |it| line.get(..it.len_utf8()).unwrap_or(""))
        } else {
            word
        };
        let place = range.start..range.start + found.len();
        let (message, help) = if line.starts_with([')', ']', '}']) {
            (format!("this `{found}` closes nothing"), None)
        } else if line.starts_with(':') {
            let help = "write the text of an arrow as `-->|text|`, of a node as `A[\"text\"]`".to_owned();
            ("a colon has no meaning in a flowchart".to_owned(), Some(help))
        } else if id == "//" || id == "#" {
            (format!("unexpected `{found}`"), Some("begin a comment with `%%`".to_owned()))
        } else if id_len(found) == found.len() {
            (
                format!("unexpected `{found}` after `{id}`"),
                Some("write an id as one word, an arrow between two nodes, and one statement per line".to_owned()),
            )
        } else {
            (format!("unexpected `{found}`"), None)
        };
        self.sheet.problem(place, message, help);
        line_end(all, at)
    }

    /// A line that begins with no node.
    fn no_node(&mut self, at: usize) -> usize {
        let all = self.sheet.all;
        let end = line_end(all, at);
        if let Some(Token::Whole(after) | Token::Open(after, _) | Token::Wrong(after, _)) = link(all, at) {
            let written = all.get(at..after).unwrap_or("");
            self.sheet.problem(at..after, format!("no node stands before `{written}`"), None);
            return end;
        }
        self.separator(at, None).max(end)
    }
}

enum Token {
    /// An arrow, to its end.
    Whole(usize),
    /// The first half of an arrow whose label stands in it, and the character that it is made of.
    Open(usize, char),
    /// What is an arrow elsewhere, and what to write instead.
    Wrong(usize, &'static str),
}

/// The arrow that begins at `at`.
fn link(all: &str, at: usize) -> Option<Token> {
    let rest = tail(all, at);
    for (wrong, instead) in [("->", "-->"), ("=>", "==>"), ("→", "-->"), ("⇒", "==>")] {
        if rest.starts_with(wrong) {
            return Some(Token::Wrong(at + wrong.len(), instead));
        }
    }
    let body = rest.strip_prefix(['<', 'x', 'o']).unwrap_or(rest);
    let prefix = rest.len() - body.len();
    let run = |stroke: char| body.len() - body.trim_start_matches(stroke).len();
    let head = |from: usize| usize::from(tail(body, from).starts_with(['>', 'x', 'o']));
    for stroke in ['-', '='] {
        let count = run(stroke);
        if count >= 2 {
            let end = at + prefix + count + head(count);
            return Some(if count + head(count) >= 3 { Token::Whole(end) } else { Token::Open(end, stroke) });
        }
    }
    if prefix == 0 && run('~') >= 3 {
        return Some(Token::Whole(at + run('~')));
    }
    let dotted = body.strip_prefix('-')?;
    let dots = dotted.len() - dotted.trim_start_matches('.').len();
    if dots == 0 {
        return None;
    }
    if tail(dotted, dots).starts_with('-') {
        return Some(Token::Whole(at + prefix + dots + 2 + head(dots + 2)));
    }
    Some(Token::Open(at + prefix + 2, '.'))
}

/// The length of a label within an arrow and of the second half after it.
fn closing_stroke(text: &str, stroke: char) -> Option<(usize, usize)> {
    let quoted = text.trim_start().strip_prefix('"').map(|it| (text.len() - it.len(), it));
    let from = quoted.and_then(|(start, it)| Some(start + it.find('"')? + 1)).unwrap_or(0);
    let rest = tail(text, from);
    if stroke == '.' {
        let dot = rest.find(".-")?;
        let before = rest.get(..dot).unwrap_or("").trim_end_matches('.');
        let len = before.strip_suffix('-').unwrap_or(before).len();
        let after = dot + 2;
        let head = usize::from(tail(rest, after).starts_with(['>', 'x', 'o']));
        return Some((from + len, after + head - len));
    }
    let len = rest.find(if stroke == '=' { "==" } else { "--" })?;
    let line = tail(rest, len);
    let count = line.len() - line.trim_start_matches(stroke).len();
    let head = usize::from(tail(line, count).starts_with(['>', 'x', 'o']));
    (count + head >= 3).then_some((from + len, count + head))
}

/// The place of the next arrow: on the same line, or the first thing on a later one.
fn next_link(all: &str, at: usize) -> Option<usize> {
    let here = skip_inline(all, at);
    if link(all, here + edge_id(tail(all, here))).is_some() {
        return Some(here);
    }
    if !tail(all, here).starts_with('\n') {
        return None;
    }
    let next = skip_comments(all, here);
    (tail(all, next).starts_with(['-', '=', '<', '~']) && link(all, next).is_some()).then_some(next)
}

/// The length of `e1@` before an arrow.
fn edge_id(text: &str) -> usize {
    let len = id_len(text);
    let named = len > 0 && tail(text, len).starts_with('@') && link(text, len + 1).is_some();
    if named { len + 1 } else { 0 }
}

/// The first place that is neither blank nor in a comment line.
fn skip_comments(all: &str, at: usize) -> usize {
    let mut at = at;
    loop {
        at = skip_blank(all, at);
        if !tail(all, at).starts_with("%%") {
            return at;
        }
        at = line_end(all, at);
    }
}

/// The word that a line begins with.
fn keyword(line: &str) -> &str {
    line.get(..id_len(line)).unwrap_or("")
}

/// The length of the id that `text` begins with.
fn id_len(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, it)) = chars.next() {
        let next = chars.peek().map(|(_, it)| *it);
        let part = match it {
            '-' => next.is_some_and(|it| !it.is_whitespace() && !matches!(it, '>' | '-' | '.')),
            '=' => !matches!(next, None | Some('=' | '>')),
            '→' | '⇒' => false,
            '&' => at > 0,
            _ if it.is_ascii() => it.is_ascii_alphanumeric() || "!#$%'*+.`?\\_/".contains(it),
            _ => !it.is_whitespace(),
        };
        if !part {
            return at;
        }
    }
    text.len()
}

/// The bracket that `text` begins with.
fn shape(text: &str) -> Option<(&'static str, &'static [&'static str], bool)> {
    SHAPES.iter().find(|(open, ..)| text.starts_with(open)).copied()
}

/// A label as it is written within quotes.
fn unquoted(label: &str) -> String {
    let label = label.trim();
    let inner = label.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    inner.unwrap_or(label).replace('"', "#quot;")
}

/// Where a label ends: after its quotes, or at the first character that cannot stand in it.
/// `Err` if there is no such place.
fn label_end(inner: &str, open: &str) -> Result<usize, ()> {
    let lead = inner.len() - inner.trim_start().len();
    if let Some(quoted) = tail(inner, lead).strip_prefix('"') {
        let close = quoted.find('"').ok_or(())?;
        let after = lead + close + 2;
        return Ok(skip_blank(inner, after));
    }
    if let Some(props) = inner.strip_prefix('|').filter(|_| open == "[") {
        return props.find([']', '\n']).map(|it| it + 1).ok_or(());
    }
    if open == "(-" {
        return inner.find("-)").ok_or(());
    }
    if open.starts_with("[/") || open.starts_with("[\\") {
        let end = inner.find(['[', ']', '(', ')', '{', '}']).ok_or(())?;
        let slash = inner.get(..end).is_some_and(|it| it.ends_with(['/', '\\']));
        return Ok(if slash { end - 1 } else { end });
    }
    inner.find(['[', ']', '(', ')', '{', '}', '|', '"']).ok_or(())
}

/// The length of a label on one line that holds balanced brackets, and what closes it. For `/]` and
/// `\]`, `]` alone is taken too.
fn balanced<'c>(line: &str, closers: &[&'c str]) -> Option<(usize, &'c str)> {
    let mut depth = 0usize;
    for (at, it) in line.char_indices() {
        if depth == 0 {
            let closer = closers.iter().find(|closer| {
                let last = closer.get(closer.len().saturating_sub(1)..).unwrap_or("");
                let slanted = closer.starts_with(['/', '\\']);
                tail(line, at).starts_with(**closer) || slanted && tail(line, at).starts_with(last)
            });
            if let Some(closer) = closer {
                let exact = tail(line, at).starts_with(*closer);
                return Some((at, if exact { closer } else { closer.get(closer.len() - 1..).unwrap_or(closer) }));
            }
        }
        match it {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

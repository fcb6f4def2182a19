//! YAML, and JSON as a part of it: one document as a tree in which each node keeps its place.
//!
//! An alias is the node that it names, not a copy, so that no text unfolds to more than it holds; a walk over
//! the tree must bound itself, since an alias may lead back to where it stands.

use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};
use source::{Span, Spanned, Text};

/// Collections are nested to this depth at most.
const DEPTH: usize = 64;

/// Why a text is no YAML: the first thing that its grammar does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where.
    pub span: Span,
    /// What is wrong: lower case, no full stop.
    pub message: String,
}

/// A document.
#[derive(Debug)]
pub struct Yaml<'a> {
    text: &'a Text,
    nodes: Vec<Node>,
}

/// Index of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Id(u32);

#[derive(Debug)]
struct Node {
    content: Content,
    at: Range<usize>,
}

#[derive(Debug)]
enum Content {
    /// A value, and whether it stands without quotes.
    Scalar(String, bool),
    List(Vec<Id>),
    /// Keys and values in turn.
    Map(Vec<Id>),
}

/// Reads the first document of a text; `Ok(None)` if there is none in it.
pub fn read(text: &Text) -> Result<Option<Yaml<'_>>, Invalid> {
    let options = granit_parser::options! { block_nesting_limit: DEPTH, flow_nesting_limit: DEPTH };
    let src = text.as_str();
    let mut yaml = Yaml { text, nodes: Vec::new() };
    // Collections that are open, and the nodes with a name.
    let mut open: Vec<Id> = Vec::new();
    let mut named: Vec<(usize, Id)> = Vec::new();
    for next in Parser::new_from_str_with_options(src, options) {
        let (event, span) = match next {
            Ok(next) => next,
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(src.len()).min(src.len());
                let end = src.get(at..).and_then(|it| it.chars().next()).map_or(at, |it| at + it.len_utf8());
                let message = error.info().split('\n').next().unwrap_or_default().to_lowercase();
                return Err(Invalid { span: text.span(at..end), message });
            }
        };
        let at = span.byte_range().unwrap_or(0..0);
        let (content, anchor, opens) = match event {
            Event::Scalar(value, style, anchor, _) => {
                (Content::Scalar(value.into_owned(), style == ScalarStyle::Plain), anchor, false)
            }
            Event::SequenceStart(_, anchor, _) => (Content::List(Vec::new()), anchor, true),
            Event::MappingStart(_, anchor, _) => (Content::Map(Vec::new()), anchor, true),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(node) = open.pop().and_then(|it| yaml.nodes.get_mut(it.0 as usize)) {
                    node.at.end = at.end.max(node.at.start);
                }
                continue;
            }
            Event::Alias(anchor) => {
                if let Some((_, id)) = named.iter().rfind(|it| it.0 == anchor) {
                    yaml.place(&open, *id);
                }
                continue;
            }
            Event::DocumentEnd => break,
            _ => continue,
        };
        let id = Id(yaml.nodes.len() as u32);
        yaml.nodes.push(Node { content, at });
        yaml.place(&open, id);
        if anchor != 0 {
            named.push((anchor, id));
        }
        if opens {
            open.push(id);
        }
    }
    Ok(Some(yaml).filter(|it| !it.nodes.is_empty()))
}

impl Yaml<'_> {
    fn place(&mut self, open: &[Id], id: Id) {
        let parent = open.last().and_then(|it| self.nodes.get_mut(it.0 as usize));
        if let Some(Content::List(items) | Content::Map(items)) = parent.map(|it| &mut it.content) {
            items.push(id);
        }
    }

    /// The outermost node.
    pub fn root(&self) -> Id {
        Id(0)
    }

    fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// A value, without quotes.
    pub fn scalar(&self, id: Id) -> Option<&str> {
        match &self.node(id)?.content {
            Content::Scalar(value, _) => Some(value),
            _ => None,
        }
    }

    /// Whether a node is nothing: `null`, `~` or empty, without quotes.
    pub fn is_null(&self, id: Id) -> bool {
        matches!(self.node(id), Some(Node { content: Content::Scalar(value, true), .. })
            if matches!(value.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// A value that says yes or no.
    pub fn flag(&self, id: Id) -> Option<bool> {
        match self.scalar(id)? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// A value and where it stands, without quotes.
    pub fn spanned(&self, id: Id) -> Option<Spanned<String>> {
        Some(Spanned::new(self.scalar(id)?.to_owned(), self.inside(id)))
    }

    /// Where a value stands, without quotes.
    fn inside(&self, id: Id) -> Span {
        let Some(node) = self.node(id) else { return self.text.span(0..0) };
        let written = self.text.as_str().get(node.at.clone()).unwrap_or("");
        let quoted = written.len() >= 2 && written.starts_with(['"', '\'']) && written.ends_with(['"', '\'']);
        let shrink = usize::from(quoted);
        self.text.span(node.at.start + shrink..node.at.end - shrink)
    }

    /// Where a node stands.
    pub fn span(&self, id: Id) -> Span {
        self.text.span(self.node(id).map_or(0..0, |it| it.at.clone()))
    }

    /// The items of a list; none for anything else.
    pub fn items(&self, id: Id) -> &[Id] {
        match self.node(id).map(|it| &it.content) {
            Some(Content::List(items)) => items,
            _ => &[],
        }
    }

    /// The keys and values of a map, with those that `<<` takes over from others; none for anything else.
    pub fn entries(&self, id: Id) -> impl Iterator<Item = (Id, Id)> {
        self.own(id).flat_map(|(key, value)| {
            let merges = self.scalar(key) == Some("<<");
            let (own, taken) = if merges { (None, Some(value)) } else { (Some((key, value)), None) };
            own.into_iter().chain(taken.into_iter().flat_map(|it| self.own(it)))
        })
    }

    fn own(&self, id: Id) -> impl Iterator<Item = (Id, Id)> {
        let items = match self.node(id).map(|it| &it.content) {
            Some(Content::Map(items)) => items.as_slice(),
            _ => &[],
        };
        items.chunks_exact(2).filter_map(|it| Some((*it.first()?, *it.last()?)))
    }

    /// The value of a key.
    pub fn get(&self, id: Id, key: &str) -> Option<Id> {
        self.entries(id).find(|it| self.scalar(it.0) == Some(key)).map(|it| it.1)
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use super::*;

    fn text(src: &str) -> Text {
        Text::verbatim(src, FileId(0), 0)
    }

    /// Each value with its path and the text at its place.
    fn show(src: &str) -> String {
        fn walk(yaml: &Yaml<'_>, src: &str, id: Id, path: &str, depth: u8, lines: &mut Vec<String>) {
            let Some(depth) = depth.checked_sub(1) else { return lines.push(format!("{path} …")) };
            if let Some(value) = yaml.spanned(id) {
                let null = if yaml.is_null(id) { " (null)" } else { "" };
                lines.push(format!("{path} = {} @ {:?}{null}", value.value, &src[value.span.range()]));
            }
            for (index, item) in yaml.items(id).iter().enumerate() {
                walk(yaml, src, *item, &format!("{path}[{index}]"), depth, lines);
            }
            for (key, value) in yaml.entries(id) {
                walk(yaml, src, value, &format!("{path}.{}", yaml.scalar(key).unwrap_or("?")), depth, lines);
            }
        }
        let text = text(src);
        match read(&text) {
            Ok(Some(yaml)) => {
                let mut lines = Vec::new();
                walk(&yaml, src, yaml.root(), "", 6, &mut lines);
                lines.join("\n")
            }
            Ok(None) => "nothing".to_owned(),
            Err(invalid) => format!("{} @ {:?}", invalid.message, invalid.span.range()),
        }
    }

    #[test]
    fn values_keep_their_places() {
        for (src, expected) in [
            ("a: 1\nb:\n  - 'x y'\n  - \"é\"\n", ".a = 1 @ \"1\"\n.b[0] = x y @ \"x y\"\n.b[1] = é @ \"é\""),
            ("{\"a\": [true, null]}", ".a[0] = true @ \"true\"\n.a[1] = null @ \"null\" (null)"),
            ("\u{feff}# c\r\na: b # c\r\n", ".a = b @ \"b\""),
            ("a:\nb: ~\nc: 'null'", ".a = ~ @ \"\" (null)\n.b = ~ @ \"~\" (null)\n.c = null @ \"null\""),
            ("a: &x 1\nb: *x", ".a = 1 @ \"1\"\n.b = 1 @ \"1\""),
            ("a: &x {k: 1}\nb: {<<: *x, l: 2}", ".a.k = 1 @ \"1\"\n.b.k = 1 @ \"1\"\n.b.l = 2 @ \"2\""),
            ("a: &x [*x]", ".a[0][0][0][0][0] …"),
            ("a: 1\n---\nb: 2\n", ".a = 1 @ \"1\""),
            ("", "nothing"),
        ] {
            assert_eq!(show(src), expected, "{src}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_where_it_is() {
        for (src, expected) in [
            ("a: b: c", "mapping values are not allowed in this context @ 4..5"),
            ("a: [1, 2", "unclosed bracket '[' @ 3..4"),
            ("a:\n\tb: 1\n", "4..5"),
            ("a: \"x", "3..4"),
            ("a: *b", "3..4"),
        ] {
            assert!(show(src).contains(expected), "{src}: {}", show(src));
        }
    }

    #[test]
    fn nothing_unfolds_and_nothing_is_nested_without_end() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..40 {
            let before = format!("*a{}", at - 1);
            bomb.push_str(&format!("a{at}: &a{at} [{}]\n", [before.as_str(); 8].join(", ")));
        }
        let bomb = text(&bomb);
        assert!(read(&bomb).unwrap().unwrap().nodes.len() < 1000);
        for deep in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
            assert!(read(&text(&deep)).is_err());
        }
    }
}

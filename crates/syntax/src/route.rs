//! `METHOD /path` wherever it stands, and the normal form of a path.

use std::ops::Range;

use crate::needles::Needles;

/// The methods that make a route.
pub const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/// A route found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The method, upper case.
    pub method: &'static str,
    /// Where the method stands in the text.
    pub method_at: Range<usize>,
    /// The path as written, with its query string.
    pub path: String,
    /// Where the path stands in the text.
    pub path_at: Range<usize>,
}

/// A path taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    /// Its segments.
    pub segments: Vec<Segment>,
    /// Names in its query string, with the values drawn there.
    pub query: Vec<(String, String)>,
}

/// A segment of a path.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// Fixed text.
    Fixed(String),
    /// `:id`, `{id}`, `{id:guid}`, `[id]`, `<id>`: the name.
    Parameter(String),
}

impl Path {
    /// Reads a path; `None` unless it begins with `/` (after `http(s)://host` or a `{{base}}`).
    pub fn read(text: &str) -> Option<Path> {
        let text = text.trim();
        let host = if text.contains(':') { text.find("://") } else { None };
        let text = match host {
            Some(at) => {
                let rest = text.get(at + 3..)?;
                rest.get(rest.find('/')?..)?
            }
            None => text,
        };
        if !text.starts_with('/') {
            return None;
        }
        let text = text.split('#').next().unwrap_or(text);
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let segments = path.split('/').filter(|it| !it.is_empty()).map(segment).collect();
        let query = query
            .split('&')
            .filter(|it| !it.is_empty())
            .map(|it| {
                let (name, value) = it.split_once('=').unwrap_or((it, ""));
                (name.trim_matches(['{', '}', '[', ']']).to_owned(), value.to_owned())
            })
            .collect();
        Some(Path { segments, query })
    }

    /// The form in which two spellings of one route are equal: `/orders/{}/lines`.
    pub fn key(&self) -> String {
        let mut key = String::with_capacity(self.segments.len() * 12);
        for segment in &self.segments {
            key.push('/');
            match segment {
                Segment::Fixed(text) => key.push_str(text),
                Segment::Parameter(_) => key.push_str("{}"),
            }
        }
        if key.is_empty() { "/".to_owned() } else { key }
    }

    /// The names of its parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|it| match it {
            Segment::Parameter(name) => Some(name.as_str()),
            Segment::Fixed(_) => None,
        })
    }
}

/// The segment of a path that opens a parameter and does not close it: `{id`.
pub fn unclosed(path: &str) -> Option<&str> {
    path.split(['/', '?']).find(|it| it.starts_with('{') && !it.contains('}'))
}

fn segment(text: &str) -> Segment {
    if text.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        return Segment::Fixed(text.to_owned());
    }
    // What is opened and not closed is meant as a parameter too.
    let inner = unclosed(text).and_then(|it| it.strip_prefix('{')).filter(|it| !it.is_empty());
    let inner = inner
        .or_else(|| text.strip_prefix(':'))
        .or_else(|| text.strip_prefix('{').and_then(|it| it.strip_suffix('}')))
        .or_else(|| text.strip_prefix('[').and_then(|it| it.strip_suffix(']')))
        .or_else(|| text.strip_prefix('<').and_then(|it| it.strip_suffix('>')))
        .or_else(|| text.strip_prefix("${").and_then(|it| it.strip_suffix('}')));
    match inner {
        // Flask writes `<int:id>`, ASP.NET `{id:guid}`.
        Some(name) if text.starts_with('<') => Segment::Parameter(name.rsplit(':').next().unwrap_or(name).to_owned()),
        Some(name) => {
            Segment::Parameter(name.split(':').next().unwrap_or(name).trim_start_matches(['*', '.']).to_owned())
        }
        None => Segment::Fixed(text.to_owned()),
    }
}

/// The routes `METHOD /path` in a text, in order. `GET | POST /x`, `GET/PUT /x` are several.
pub fn find(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    if !text.contains('/') || !mentions(text) {
        return found;
    }
    let mut at = 0;
    while let Some((methods, after)) = next_methods(text, at) {
        at = after;
        let rest = text.get(after..).unwrap_or("");
        let gap = rest.len() - rest.trim_start_matches([' ', '\t', '`', '*', ':', '|']).len();
        let path_text = rest.get(gap..).unwrap_or("");
        if gap == 0
            || !(path_text.starts_with('/') || path_text.starts_with("http://") || path_text.starts_with("https://"))
        {
            continue;
        }
        let len = path_len(path_text);
        let path = path_text.get(..len).unwrap_or("").to_owned();
        let path_at = after + gap..after + gap + len;
        for (method, method_at) in methods {
            found.push(Found { method, method_at, path: path.clone(), path_at: path_at.clone() });
        }
        at = path_at.end;
    }
    found
}

/// Whether the name of a method stands anywhere in a text.
pub fn mentions(text: &str) -> bool {
    NAMES.are_in(text)
}

static NAMES: Needles = Needles::new(&METHODS);

/// How many bytes at the start of `text` belong to a path.
fn path_len(text: &str) -> usize {
    let mut depth = 0usize;
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        // `node[GET /orders]`: what was opened before the path closes it.
        if depth == 0 && matches!(c, ']' | '}' | '>') {
            end = at;
            break;
        }
        match c {
            '{' | '<' | '[' => depth += 1,
            '}' | '>' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        // `/files/*` is a pattern; the marks of `**GET /files/**` are not.
        let rest = text.get(at..).unwrap_or("");
        if c == '*' && text.get(..at).is_some_and(|it| it.ends_with('/')) && !rest.starts_with("**") {
            continue;
        }
        let stops = c.is_whitespace() || matches!(c, '`' | '"' | '\'' | ')' | '(' | ',' | ';' | '*' | '→' | '—');
        if stops && (depth == 0 || c != ',') || (c == '|' && depth == 0 && !text.get(..at).unwrap_or("").contains('?'))
        {
            end = at;
            break;
        }
    }
    text.get(..end).map_or(end, |it| it.trim_end_matches(['.', ':', '!', '?']).len())
}

type Methods = Vec<(&'static str, Range<usize>)>;

/// The next run of methods (`GET`, `GET | POST`, `GET/PUT`) from byte `from`, and where it ends.
fn next_methods(text: &str, from: usize) -> Option<(Methods, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        // The first letters of the methods.
        if !matches!(byte, b'G' | b'P' | b'D' | b'H' | b'O') {
            at += 1;
            continue;
        }
        let boundary =
            at == 0 || bytes.get(at - 1).is_none_or(|it| !it.is_ascii_alphanumeric() && *it != b'_' && *it != b'-');
        if boundary && let Some(method) = method_at(text, at) {
            let mut methods = vec![(method, at..at + method.len())];
            let mut end = at + method.len();
            while let Some(next) = text.get(end..).and_then(separated) {
                let start = end + next;
                let Some(method) = method_at(text, start) else { break };
                methods.push((method, start..start + method.len()));
                end = start + method.len();
            }
            return Some((methods, end));
        }
        at += 1;
    }
    None
}

fn separated(rest: &str) -> Option<usize> {
    let trimmed = rest.trim_start_matches(' ');
    let after = trimmed.strip_prefix(['|', '/', ','])?.trim_start_matches(' ');
    Some(rest.len() - after.len())
}

fn method_at(text: &str, at: usize) -> Option<&'static str> {
    let rest = text.get(at..)?;
    METHODS.into_iter().find(|it| {
        rest.starts_with(it)
            && rest.as_bytes().get(it.len()).is_none_or(|next| !next.is_ascii_alphanumeric() && *next != b'_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_found() {
        for (text, expected) in [
            ("POST /api/orders", "POST /api/orders"),
            ("`GET /a/{id}` - read", "GET /a/{id}"),
            ("**GET /api/v1/pages/{id}/next/** and **GET /p**", "GET /api/v1/pages/{id}/next/, GET /p"),
            ("GET | POST | PUT /x.", "GET /x, POST /x, PUT /x"),
            ("GET/PUT /x", "GET /x, PUT /x"),
            ("BUDGET /x and GETTER /y", ""),
            ("GET    /api/v1/events   # list", "GET /api/v1/events"),
            ("GET /a?status=running|stopped&x=1", "GET /a?status=running|stopped&x=1"),
            ("PUT the thing into /tmp", ""),
            ("DELETE https://host.example/v1/x", "DELETE https://host.example/v1/x"),
            ("GET /users/<int:id>/x", "GET /users/<int:id>/x"),
            ("`GET /files/*` of all", "GET /files/*"),
            ("**GET /files/**", "GET /files/"),
        ] {
            let found: Vec<_> = find(text).iter().map(|it| format!("{} {}", it.method, it.path)).collect();
            assert_eq!(found.join(", "), expected, "{text}");
        }
    }

    #[test]
    fn spellings_of_a_path_are_one() {
        for path in ["/orders/:id/lines", "/orders/{id:guid}/lines/", "/orders/[x]/lines", "/orders/<int:id>/lines?a=1"]
        {
            assert_eq!(Path::read(path).map(|it| it.key()).as_deref(), Some("/orders/{}/lines"), "{path}");
        }
        assert_eq!(Path::read("https://h.example/v1/x").map(|it| it.key()).as_deref(), Some("/v1/x"));
        assert_eq!(Path::read("orders"), None);
        assert_eq!(Path::read("/orders/{id").map(|it| it.key()).as_deref(), Some("/orders/{}"));
        assert_eq!(unclosed("/orders/{id/lines"), Some("{id"));
        assert_eq!(unclosed("/orders/{id}?a={b}"), None);
    }
}

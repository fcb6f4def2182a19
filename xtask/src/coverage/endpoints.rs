//! Endpoints wherever a document mentions them, and those that the model has with that method and path.

use std::collections::BTreeMap;

use model::Spec;
use model::claim::Property;

use super::{Found, Line, lines};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

pub(super) fn scan(text: &str, spec: &Spec) -> Found {
    let mut mentioned: BTreeMap<(String, String), usize> = BTreeMap::new();
    let lines = lines(text);
    for (index, line) in lines.iter().enumerate() {
        for (method, path) in in_line(line).into_iter().chain(pair(&lines, index)) {
            if let Some(key) = key(path) {
                mentioned.entry((method.to_owned(), key)).or_insert(line.number);
            }
        }
    }
    let known: Vec<(&str, Vec<String>)> = spec
        .endpoints
        .iter()
        .filter_map(|it| Some((it.method.as_str(), key(&it.path)?.split('/').map(str::to_owned).collect())))
        .collect();
    let mut found = Found { all: mentioned.len(), misses: Vec::new() };
    for ((method, path), number) in mentioned {
        let segments: Vec<&str> = path.split('/').collect();
        if !known.iter().any(|it| it.0 == method && resolves(&segments, &it.1)) {
            let subject = format!("endpoint.{method}.{path}");
            let mut said = spec.claims().all.iter().filter(|it| it.subject.as_str() == subject);
            let how = match said.clone().next() {
                // What another system answers is read as that.
                Some(_) if said.any(|it| it.property == Property::Choice) => continue,
                Some(_) => "referred to",
                None => "not seen",
            };
            found.misses.push((number, format!("{method} {path} ({how})")));
        }
    }
    found.misses.sort();
    found
}

/// Whether a path is the declared one, an example of it, or the declared one without its prefix.
fn resolves(path: &[&str], declared: &[String]) -> bool {
    // A path begins with `/`, so the first segment is empty.
    let (path, declared) = (path.get(1..).unwrap_or(&[]), declared.get(1..).unwrap_or(&[]));
    if path.is_empty() || path.len() > declared.len() {
        return path.len() == declared.len();
    }
    let tail = declared.get(declared.len() - path.len()..).unwrap_or(&[]);
    path.iter().zip(tail).all(|(a, b)| a == b || *a == "{}" || b == "{}" || *a == "*" || b == "*")
}

/// `METHOD /path` on one line, whatever stands between them.
fn in_line<'a>(line: &Line<'a>) -> Vec<(&'static str, &'a str)> {
    let text = line.text;
    let mut found = Vec::new();
    let mut waiting: Vec<&'static str> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(rest) = text.get(at..) else { break };
        let before = text.get(..at).and_then(|it| it.chars().next_back());
        let fresh = before.is_none_or(|it| !it.is_alphanumeric() && !matches!(it, '_' | '-'));
        let word: String = rest.chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect();
        if let Some(method) = METHODS.into_iter().find(|it| fresh && *it == word) {
            waiting.push(method);
            at += word.len();
            continue;
        }
        let path = rest.starts_with('/') && before.is_none_or(|it| !it.is_alphanumeric());
        let url = rest.starts_with("http://") || rest.starts_with("https://");
        let separated = before.is_none_or(|it| " `*|:\"'".contains(it));
        if !waiting.is_empty() && separated && (url || path && rest.len() > 1 && !rest.starts_with("/ ")) {
            // `/files/*` is a pattern; the marks of `**GET /files/**` are not.
            let star = |it: &usize| {
                !rest.get(..*it).is_some_and(|it| it.ends_with('/'))
                    || rest.get(*it..).is_some_and(|it| it.starts_with("**"))
            };
            let stop = rest.match_indices('*').map(|it| it.0).find(star).unwrap_or(rest.len());
            let rest = rest.get(..stop).unwrap_or("");
            let end = rest.find([' ', '`', '"', '\'', ')', ',', ';', '\t', '(']).unwrap_or(rest.len());
            let end =
                rest.find('|').filter(|it| !rest.get(..*it).unwrap_or("").contains('?')).map_or(end, |it| it.min(end));
            let path = rest.get(..end).unwrap_or("");
            let another = METHODS.iter().any(|it| path == format!("/{it}"));
            if !another {
                found.extend(waiting.drain(..).map(|it| (it, path)));
                at += end.max(1);
                continue;
            }
        }
        let step = if word.is_empty() { rest.chars().next().map_or(1, char::len_utf8) } else { word.len() };
        // Only marks and separators may stand between a method and its path.
        if !word.is_empty() || !rest.starts_with([' ', '`', '*', '|', ':', '/', ',', '\t', '"', '\'']) {
            waiting.clear();
        }
        at += step;
    }
    found
}

/// `**Method**: POST` and `**Path**: /orders` within four lines.
fn pair<'a>(lines: &[Line<'a>], index: usize) -> Option<(&'static str, &'a str)> {
    let label = |line: &Line<'a>, names: &[&str]| {
        let bare = line.text.trim_start_matches([' ', '-', '*', '>']);
        let (key, value) = bare.split_once(':')?;
        let key = key.trim_matches(['*', ' ', '`']).to_lowercase();
        names.contains(&key.as_str()).then(|| value.trim_matches(['*', ' ', '`']))
    };
    let method = label(lines.get(index)?, &["method", "http method"])?;
    let method = METHODS.into_iter().find(|it| *it == method)?;
    let around = lines.get(index.saturating_sub(4)..(index + 5).min(lines.len()))?;
    let path = around.iter().find_map(|it| label(it, &["path", "url", "endpoint", "route"]))?;
    Some((method, path))
}

/// The path with `{}` for parameters, without query, host and a slash at the end.
fn key(path: &str) -> Option<String> {
    let path =
        path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |at| rest.get(at..).unwrap_or("")));
    let path = path.split(['?', '#']).next().unwrap_or("").trim_end_matches(['.', ':', '!', '/', ']']);
    let segments = path.split('/').skip(1).map(|it| {
        let parameter = it.starts_with([':', '{', '[', '<', '$']);
        if parameter { "{}" } else { it }
    });
    let key: String = segments.flat_map(|it| ["/", it]).collect();
    path.starts_with('/').then_some(key)
}

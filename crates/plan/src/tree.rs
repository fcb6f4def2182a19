//! Which route a request means.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use syntax::route::{Path, Segment};

/// Routes by segment; fixed segments come before parameters.
#[derive(Debug, Default)]
pub struct Tree {
    fixed: HashMap<String, Tree>,
    parameter: Option<Box<Tree>>,
    methods: BTreeMap<String, usize>,
}

/// What a path leads to.
#[derive(Debug)]
pub enum Match {
    /// A route, and the values of the path's parameters.
    Route(usize, Vec<String>),
    /// A path that other methods have, and one of its routes.
    OtherMethods(Vec<String>, usize),
    /// A path that cannot be decoded.
    Malformed,
    Nothing,
}

impl Tree {
    pub fn add(&mut self, path: &Path, method: &str, route: usize) {
        let mut at = self;
        for segment in &path.segments {
            at = match segment {
                Segment::Fixed(text) => at.fixed.entry(text.clone()).or_default(),
                Segment::Parameter(_) => at.parameter.get_or_insert_default(),
            };
        }
        // The first of two routes is served.
        at.methods.entry(method.to_owned()).or_insert(route);
    }

    /// Finds the route of a request; a slash at the end and `HEAD` for `GET` make no difference.
    pub fn find(&self, method: &str, path: &str) -> Match {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = Vec::new();
        for segment in path.split('/').filter(|_| !path.is_empty()) {
            let Some(text) = decode(segment) else { return Match::Malformed };
            segments.push(text);
        }
        let mut values = Vec::new();
        let wanted = if method == "HEAD" { "GET" } else { method };
        let mut others = BTreeMap::new();
        if let Some(route) = self.descend(wanted, &segments, &mut values, &mut others) {
            return Match::Route(route, values.into_iter().map(str::to_owned).collect());
        }
        let Some(route) = others.values().next().copied() else { return Match::Nothing };
        let mut methods: Vec<String> = others.into_keys().map(str::to_owned).collect();
        if methods.iter().any(|it| it == "GET") {
            methods.push("HEAD".to_owned());
        }
        methods.push("OPTIONS".to_owned());
        methods.sort();
        methods.dedup();
        Match::OtherMethods(methods, route)
    }

    fn descend<'a, 'b>(
        &'a self,
        method: &str,
        segments: &'b [Cow<'b, str>],
        values: &mut Vec<&'b str>,
        others: &mut BTreeMap<&'a str, usize>,
    ) -> Option<usize> {
        let Some((first, rest)) = segments.split_first() else {
            let found = self.methods.get(method).copied();
            if found.is_none() {
                others.extend(self.methods.iter().map(|(method, route)| (method.as_str(), *route)));
            }
            return found;
        };
        let first: &str = first;
        if let Some(below) = self.fixed.get(first) {
            let known = others.len();
            let found = below.descend(method, rest, values, others);
            // A path without parameters has the methods that stand at it, as OpenAPI has it.
            if found.is_some() || others.len() > known {
                return found;
            }
        }
        // Nothing between two slashes is no value.
        let below = self.parameter.as_ref().filter(|_| !first.is_empty())?;
        values.push(first);
        let found = below.descend(method, rest, values, others);
        if found.is_none() {
            values.pop();
        }
        found
    }
}

/// Undoes percent encoding. `None` if a percent sign does not stand before two hexadecimal digits, or the
/// result is not UTF-8.
pub fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let hex = |at: usize| after.get(at).and_then(|it| char::from(*it).to_digit(16));
        bytes.push((hex(0)? * 16 + hex(1)?) as u8);
        rest = after.get(2..)?;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_routes() {
        let mut tree = Tree::default();
        let routes = [
            ("GET", "/orders"),
            ("GET", "/orders/{id}"),
            ("GET", "/orders/open"),
            ("POST", "/orders/:id/pay"),
            ("PUT", "/orders/{id}"),
        ];
        for (index, (method, path)) in routes.iter().enumerate() {
            tree.add(&Path::read(path).unwrap(), method, index);
        }
        for (method, path, expected) in [
            ("GET", "/orders/", "Route(0, [])"),
            ("HEAD", "/orders/a%20b", "Route(1, [\"a b\"])"),
            ("GET", "/orders/open", "Route(2, [])"),
            ("POST", "/orders/open/pay", "Route(3, [\"open\"])"),
            ("GET", "/%6frders", "Route(0, [])"),
            ("DELETE", "/orders/7", "OtherMethods([\"GET\", \"HEAD\", \"OPTIONS\", \"PUT\"], 1)"),
            ("PUT", "/orders/7", "Route(4, [\"7\"])"),
            ("PUT", "/orders/open", "OtherMethods([\"GET\", \"HEAD\", \"OPTIONS\"], 2)"),
            ("GET", "/order", "Nothing"),
            ("GET", "/orders//", "Nothing"),
            ("POST", "/orders//pay", "Nothing"),
            ("GET", "/", "Nothing"),
            ("GET", "*", "Nothing"),
            ("GET", "", "Nothing"),
            ("GET", "/orders/%zz", "Malformed"),
            ("GET", "/orders/%f", "Malformed"),
            ("GET", "/orders/%ff", "Malformed"),
        ] {
            assert_eq!(format!("{:?}", tree.find(method, path)), expected, "{method} {path}");
        }
    }
}

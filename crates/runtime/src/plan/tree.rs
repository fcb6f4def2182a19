//! Which route a request means.

use std::collections::{BTreeMap, HashMap};

use syntax::route::{Path, Segment};

/// Routes by segment; fixed segments come before parameters.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    fixed: HashMap<String, Tree>,
    parameter: Option<Box<Tree>>,
    methods: BTreeMap<String, usize>,
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) enum Match {
    /// A route, and the values of the path's parameters.
    Route(usize, Vec<String>),
    /// A path that other methods have.
    OtherMethods(Vec<String>),
    Nothing,
}

impl Tree {
    pub(crate) fn add(&mut self, path: &Path, method: &str, route: usize) {
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
    pub(crate) fn find(&self, method: &str, path: &str) -> Match {
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let mut values = Vec::new();
        let wanted = if method == "HEAD" { "GET" } else { method };
        let mut others = Vec::new();
        if let Some(route) = self.descend(wanted, &segments, &mut values, &mut others) {
            return Match::Route(route, values);
        }
        if others.is_empty() {
            return Match::Nothing;
        }
        if others.iter().any(|it| it == "GET") {
            others.push("HEAD".to_owned());
        }
        others.push("OPTIONS".to_owned());
        others.sort();
        others.dedup();
        Match::OtherMethods(others)
    }

    fn descend(
        &self,
        method: &str,
        segments: &[&str],
        values: &mut Vec<String>,
        others: &mut Vec<String>,
    ) -> Option<usize> {
        let Some((first, rest)) = segments.split_first() else {
            let found = self.methods.get(method).copied();
            if found.is_none() {
                others.extend(self.methods.keys().cloned());
            }
            return found;
        };
        if let Some(found) = self.fixed.get(*first).and_then(|it| it.descend(method, rest, values, others)) {
            return Some(found);
        }
        let below = self.parameter.as_ref()?;
        values.push(decode(first));
        let found = below.descend(method, rest, values, others);
        if found.is_none() {
            values.pop();
        }
        found
    }
}

/// Undoes percent encoding; what is no encoding stays.
pub(crate) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|it| char::from(*it).to_digit(16));
        if *first == b'%'
            && let (Some(high), Some(low)) = (hex(0), hex(1))
        {
            bytes.push((high * 16 + low) as u8);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_routes() {
        let mut tree = Tree::default();
        for (index, (method, path)) in
            [("GET", "/orders"), ("GET", "/orders/{id}"), ("GET", "/orders/open"), ("POST", "/orders/:id/pay")]
                .iter()
                .enumerate()
        {
            tree.add(&Path::read(path).unwrap(), method, index);
        }
        for (method, path, expected) in [
            ("GET", "/orders/", "Route(0, [])"),
            ("HEAD", "/orders/a%20b", "Route(1, [\"a b\"])"),
            ("GET", "/orders/open", "Route(2, [])"),
            ("POST", "/orders/open/pay", "Route(3, [\"open\"])"),
            ("DELETE", "/orders/7", "OtherMethods([\"GET\", \"HEAD\", \"OPTIONS\"])"),
            ("GET", "/order", "Nothing"),
        ] {
            assert_eq!(format!("{:?}", tree.find(method, path)), expected, "{method} {path}");
        }
    }
}

//! A second target that is sent what the first is sent, and must answer alike.

use std::collections::HashMap;

use serde_json::Value;

use crate::client::{Answer, Client, Request, Trouble};
use crate::template::kind;

/// The second target, and what the two call the same things.
pub(crate) struct Mirror {
    client: Client,
    /// From the first's keys to the second's.
    names: HashMap<String, String>,
}

/// So many keys are remembered.
const MOST: usize = 200_000;

impl Mirror {
    pub(crate) fn new(client: Client) -> Mirror {
        Mirror { client, names: HashMap::new() }
    }

    /// Sends what was sent to the first, and says how the answers differ.
    pub(crate) fn send(&mut self, request: &Request, first: &Answer) -> Option<(String, String)> {
        let second = match self.client.send(&self.translated(request)) {
            Ok(second) => second,
            Err(Trouble::Closed) => return None,
            Err(trouble) => return Some((crate::session::told(first), trouble.to_string())),
        };
        if first.status != second.status {
            return Some((crate::session::told(first), crate::session::told(&second)));
        }
        let (Some(a), Some(b)) = (first.json(), second.json()) else {
            let same = first.body == second.body || first.json().is_none() && second.json().is_none();
            return (!same).then(|| (crate::session::told(first), crate::session::told(&second)));
        };
        let difference = self.compare(&a, &b, "$");
        difference.map(|(at, a, b)| (format!("{at} is {a}"), format!("{at} is {b}")))
    }

    /// A request with the second's keys in the place of the first's.
    fn translated(&self, request: &Request) -> Request {
        let mut own = request.clone();
        own.target = self.words(&request.target);
        own.body = request.body.as_ref().map(|it| match std::str::from_utf8(it) {
            Ok(text) => self.words(text).into_bytes(),
            Err(_) => it.clone(),
        });
        own
    }

    /// Each word of a text that is a key of the first becomes that of the second.
    fn words(&self, text: &str) -> String {
        let part = |it: char| it.is_alphanumeric() || matches!(it, '-' | '_');
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(part) {
            let (before, word) = rest.split_at(at);
            let end = word.find(|it| !part(it)).unwrap_or(word.len());
            let (word, after) = word.split_at(end);
            out.push_str(before);
            out.push_str(self.names.get(word).map_or(word, String::as_str));
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// Where two answers differ: the place and both values. Keys that differ are learned.
    fn compare(&mut self, a: &Value, b: &Value, at: &str) -> Option<(String, String, String)> {
        let differ = |a: &Value, b: &Value| {
            let short = |it: &Value| crate::session::excerpt(it.to_string().as_bytes());
            Some((at.to_owned(), short(a), short(b)))
        };
        match (a, b) {
            (Value::Object(first), Value::Object(second)) => {
                let missing = |name: &str| Some((format!("{at}.{name}"), "there".to_owned(), "missing".to_owned()));
                let more = |name: &str| Some((format!("{at}.{name}"), "missing".to_owned(), "there".to_owned()));
                for (name, value) in first {
                    match second.get(name) {
                        Some(other) => {
                            if let Some(found) = self.compare(value, other, &format!("{at}.{name}")) {
                                return Some(found);
                            }
                        }
                        None => return missing(name),
                    }
                }
                second.keys().find(|it| !first.contains_key(*it)).and_then(|it| more(it))
            }
            (Value::Array(first), Value::Array(second)) => {
                if first.len() != second.len() {
                    return Some((
                        at.to_owned(),
                        format!("a list of {}", first.len()),
                        format!("a list of {}", second.len()),
                    ));
                }
                first
                    .iter()
                    .zip(second)
                    .enumerate()
                    .find_map(|(index, (a, b))| self.compare(a, b, &format!("{at}[{index}]")))
            }
            (Value::String(first), Value::String(second)) if first != second => {
                let moment = |it: &str| plan::shape::moment(it).is_some();
                if moment(first) && moment(second) || self.names.get(first) == Some(second) {
                    return None;
                }
                // A key is one word, and each of the two makes its own.
                let word =
                    |it: &str| it.len() >= 8 && it.chars().all(|it| it.is_alphanumeric() || matches!(it, '-' | '_'));
                let name = model::names::key(at.rsplit('.').next().unwrap_or(at));
                let names_it =
                    name.ends_with("id") || name.contains("cursor") || name.contains("token") || name == "next";
                if word(first) && word(second) && names_it && !self.names.contains_key(first) && self.names.len() < MOST
                {
                    self.names.insert(first.clone(), second.clone());
                    return None;
                }
                // The words of an error are for people.
                let said =
                    matches!(name.as_str(), "message" | "detail" | "title" | "description" | "requestid" | "traceid");
                if said { None } else { differ(a, b) }
            }
            (Value::Number(first), Value::Number(second)) if first != second => {
                let name = model::names::key(at.rsplit('.').next().unwrap_or(at));
                if name == "id" || name.ends_with("id") {
                    self.names.insert(first.to_string(), second.to_string());
                    return None;
                }
                (first.as_f64() != second.as_f64()).then(|| differ(a, b)).flatten()
            }
            _ if kind(a) != kind(b) => differ(a, b),
            _ if a != b => differ(a, b),
            _ => None,
        }
    }
}

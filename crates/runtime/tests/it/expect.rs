//! Compares an answer with what is expected. In what is expected `"{name}"` stands for a value that is
//! remembered on first sight, `"*"` for any value, and a member `"...": "..."` for more members.

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) type Names = BTreeMap<String, String>;

/// Replaces remembered names in a text.
pub(crate) fn fill(text: &str, names: &Names) -> String {
    let mut text = text.to_owned();
    for (name, value) in names {
        text = text.replace(&format!("{{{name}}}"), value);
    }
    text
}

/// What differs, with where.
pub(crate) fn compare(expected: &Value, found: &Value, at: &str, names: &mut Names, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::String(text), found) if text == "*" => {
            let _ = found;
        }
        (Value::String(text), found) if text.starts_with('{') && text.ends_with('}') => {
            let name = text.trim_matches(['{', '}']).to_owned();
            let own = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            match names.get(&name) {
                Some(known) if *known != own => differences.push(format!("{at}: {name} was {known} and is {own}")),
                Some(_) => {}
                None => {
                    names.insert(name, own);
                }
            }
        }
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected.iter().filter(|it| it.0 != "...") {
                match found.get(key) {
                    Some(own) => compare(value, own, &format!("{at}.{key}"), names, differences),
                    None => differences.push(format!("{at}.{key} is missing")),
                }
            }
            if !expected.contains_key("...") {
                differences.extend(
                    found
                        .keys()
                        .filter(|it| !expected.contains_key(*it))
                        .map(|it| format!("{at}.{it} is not expected")),
                );
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            if expected.len() != found.len() {
                differences.push(format!("{at}: {} items expected, {} found", expected.len(), found.len()));
            }
            for (index, (a, b)) in expected.iter().zip(found).enumerate() {
                compare(a, b, &format!("{at}[{index}]"), names, differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{at}: {expected} expected, {found} found")),
    }
}

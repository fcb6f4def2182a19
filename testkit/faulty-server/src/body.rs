//! Bodies of requests: one JSON object, no key twice, no U+0000.

use std::collections::HashSet;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Map, Value};

use crate::faults::Faults;
use crate::record::Refused;

/// No body may be larger, in bytes.
pub(crate) const MOST: usize = 1024 * 1024;
/// No body may be nested more deeply.
const DEPTH: usize = 127;

/// Reads the object that a request carries.
pub(crate) fn read(headers: &HeaderMap, bytes: &[u8], faults: &Faults) -> Result<Map<String, Value>, Refused> {
    media_type(headers, faults)?;
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Refused::validation("the body must be JSON, and there is none"));
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Err(Refused::validation("the body must be UTF-8")) };
    let deep = depth(text) > DEPTH;
    if deep && faults.on("deep-json-500") {
        return Err(Refused::internal());
    }
    let value = serde_json::from_str::<Value>(text);
    let Ok(value) = value else {
        if faults.on("broken-json-500") && !deep {
            return Err(Refused::internal());
        }
        return Err(Refused::validation(if deep { "the body is nested too deeply" } else { "the body is not JSON" }));
    };
    if let Some(key) = twice(text).filter(|_| !faults.on("duplicate-keys-accepted")) {
        return Err(Refused::validation(&format!("the key `{key}` stands twice in one object")));
    }
    // An escaped one only: serde_json refuses it as it is.
    if text.contains("\\u0000") && holds_nul(&value) {
        if faults.on("nul-500") {
            return Err(Refused::internal());
        }
        return Err(Refused::validation("a text must not hold U+0000"));
    }
    if faults.on("emoji-500") && text_of(&value, &|it| it.chars().any(|it| u32::from(it) > 0xFFFF)) {
        return Err(Refused::internal());
    }
    if faults.on("long-text-500") && text_of(&value, &|it| it.len() > 5_000) {
        return Err(Refused::internal());
    }
    if faults.on("huge-integer-500") && number_of(&value, &|it| it.len() > 19) {
        return Err(Refused::internal());
    }
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Refused::validation("the body must be a JSON object")),
    }
}

fn media_type(headers: &HeaderMap, faults: &Faults) -> Result<(), Refused> {
    if faults.on("media-type-unchecked") {
        return Ok(());
    }
    if headers.get(CONTENT_ENCODING).is_some_and(|it| it != "identity") {
        return Err(Refused::media_type());
    }
    let Some(kind) = headers.get(CONTENT_TYPE) else { return Ok(()) };
    let kind = String::from_utf8_lossy(kind.as_bytes()).to_ascii_lowercase();
    let mut parts = kind.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let subtype = media.strip_prefix("application/").or(media.strip_prefix("text/")).unwrap_or_default();
    let charset = parts.find_map(|it| it.strip_prefix("charset="));
    let known = charset.is_none_or(|it| matches!(it.trim_matches('"'), "utf-8" | "utf8" | "us-ascii"));
    if (subtype == "json" || subtype.ends_with("+json")) && known { Ok(()) } else { Err(Refused::media_type()) }
}

/// How deeply brackets stand in each other, outside of texts.
fn depth(text: &str) -> usize {
    let (mut depth, mut most, mut quoted, mut escaped) = (0usize, 0, false, false);
    for it in text.bytes() {
        match it {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                most = most.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// A key that stands twice in one object of a text that is JSON.
fn twice(text: &str) -> Option<String> {
    // The keys of the objects that are open; `None` for a list.
    let mut open: Vec<Option<HashSet<String>>> = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((at, it)) = rest.next() {
        match it {
            '{' => open.push(Some(HashSet::new())),
            '[' => open.push(None),
            '}' | ']' => drop(open.pop()),
            '"' => {
                let mut end = at + 1;
                while let Some((next, it)) = rest.next() {
                    end = next + 1;
                    match it {
                        '\\' => drop(rest.next()),
                        '"' => break,
                        _ => {}
                    }
                }
                let after = text.get(end..).unwrap_or_default().trim_start();
                if let (true, Some(Some(keys))) = (after.starts_with(':'), open.last_mut()) {
                    let key: String = text.get(at..end).and_then(|it| serde_json::from_str(it).ok())?;
                    if !keys.insert(key.clone()) {
                        return Some(key);
                    }
                }
            }
            _ => {}
        }
    }
    None
}

fn holds_nul(value: &Value) -> bool {
    text_of(value, &|it| it.contains('\0'))
}

/// Whether a text, or a key, inside a value is such a one.
fn text_of(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Array(items) => items.iter().any(|it| text_of(it, is)),
        Value::Object(members) => members.iter().any(|(key, it)| is(key) || text_of(it, is)),
        _ => false,
    }
}

/// Whether a number inside a value is such a one, as it is written.
fn number_of(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Number(number) => is(&number.to_string()),
        Value::Array(items) => items.iter().any(|it| number_of(it, is)),
        Value::Object(members) => members.values().any(|it| number_of(it, is)),
        _ => false,
    }
}

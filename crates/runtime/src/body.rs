//! JSON as requests carry it: one value, no key twice, no U+0000.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// The key under which `serde_json` hands numbers over that keep their digits.
const NUMBER: &str = "$serde_json::private::Number";

/// Reads a body.
///
/// # Errors
/// What is wrong, in words for the caller.
pub(crate) fn read(bytes: &[u8]) -> Result<Value, String> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err("the body must be JSON, and there is none".to_owned());
    }
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(format!("the body is not UTF-8 (at byte {})", error.valid_up_to()));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict::deserialize(&mut reader).map_err(|it| words(&it))?;
    reader.end().map_err(|it| words(&it))?;
    Ok(value.0)
}

fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    if text.starts_with("the key ") || text.starts_with("a text ") {
        return text.split(" at line ").next().unwrap_or(&text).to_owned();
    }
    let why = if text.starts_with("recursion limit") { "is nested too deeply" } else { "is not JSON" };
    format!("the body {why} (line {}, column {})", error.line(), error.column())
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Strict, D::Error> {
        reader.deserialize_any(Reader).map(Strict)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Value, E> {
        if value.contains('\0') {
            return Err(E::custom("a text must not hold U+0000"));
        }
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element::<Strict>()? {
            list.push(item.0);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if key == NUMBER {
                let text: String = members.next_value()?;
                return text.parse::<Number>().map(Value::Number).map_err(A::Error::custom);
            }
            if key.contains('\0') {
                return Err(A::Error::custom("a text must not hold U+0000"));
            }
            if map.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key `{key}` stands twice in one object")));
            }
            map.insert(key, members.next_value::<Strict>()?.0);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn bodies() {
        for (text, expected) in [
            ("{\"a\":1e400,\"b\":[1.0,null,true]}", Ok("{\"a\":1e+400,\"b\":[1.0,null,true]}")),
            ("9007199254740993", Ok("9007199254740993")),
            ("{\"a\":1,\"a\":2}", Err("the key `a` stands twice in one object")),
            ("\"a\\u0000b\"", Err("a text must not hold U+0000")),
            ("{\"a\":}", Err("the body is not JSON (line 1, column 6)")),
            ("{} {}", Err("the body is not JSON (line 1, column 4)")),
            (" ", Err("the body must be JSON, and there is none")),
        ] {
            let found = read(text.as_bytes()).map(|it| it.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(read(deep.as_bytes()).unwrap_err(), "the body is nested too deeply (line 1, column 128)");
        assert_eq!(read(b"\"a\xff\"").unwrap_err(), "the body is not UTF-8 (at byte 2)");
    }
}

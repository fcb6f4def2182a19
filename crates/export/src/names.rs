//! Names in the forms that programs take.

use model::names::words;

use crate::contract::Operation;

/// `Create order` is `createOrder`.
pub(crate) fn operation(operation: &Operation) -> String {
    let named = operation.name.as_deref().map(camel).filter(|it| !it.is_empty());
    let does = || match &operation.record {
        Some(record) if !operation.verb.is_empty() => {
            let own = camel(&format!("{} {record}", operation.verb));
            Some(if operation.verb == "list" { format!("{own}s") } else { own })
        }
        _ => None,
    };
    let method = operation.method.to_lowercase();
    named.or_else(does).unwrap_or_else(|| {
        let path = operation.path.split('/').map(|it| match it.strip_prefix('{') {
            Some(name) => format!("by {name}"),
            None => it.to_owned(),
        });
        camel(&format!("{method} {}", path.collect::<Vec<_>>().join(" ")))
    })
}

/// The words of a text, of ASCII letters and digits, as one name.
pub(crate) fn camel(text: &str) -> String {
    let mut out = String::new();
    let ascii: String = text.chars().map(|it| if it.is_ascii_alphanumeric() { it } else { ' ' }).collect();
    for word in words(&ascii) {
        if out.is_empty() {
            out.push_str(&word);
        } else {
            out.push_str(&upper_first(&word));
        }
    }
    if out.starts_with(|it: char| it.is_ascii_digit()) { format!("n{out}") } else { out }
}

/// With its first letter in upper case.
pub(crate) fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The name, with a number behind it if it is taken.
pub(crate) fn distinct(name: String, taken: &mut Vec<String>) -> String {
    let mut found = name.clone();
    let mut number = 2;
    while taken.contains(&found) {
        found = format!("{name}{number}");
        number += 1;
    }
    taken.push(found.clone());
    found
}

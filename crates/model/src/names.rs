//! The forms in which two spellings of a name are equal.

use syntax::family::singular;

/// Without case, spaces, underscores, hyphens and quotes: `Ready for Pickup` = `READY_FOR_PICKUP`.
pub fn key(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    push_key(&mut folded, name);
    folded
}

/// Adds the [`key`] of a name to a text.
pub(crate) fn push_key(text: &mut String, name: &str) {
    let start = text.len();
    let mut rest = name;
    loop {
        let plain = rest.bytes().take_while(|it| it.is_ascii() && !is_quiet(*it)).count();
        let (run, after) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        text.push_str(run);
        let mut chars = after.chars();
        let Some(c) = chars.next() else { break };
        rest = chars.as_str();
        if !c.is_ascii() {
            text.extend(c.to_lowercase());
        }
    }
    // Most names have no capitals.
    if name.bytes().any(|it| it.is_ascii_uppercase()) {
        text.get_mut(start..).into_iter().for_each(str::make_ascii_lowercase);
    }
}

/// Bytes by which spellings of a name differ.
fn is_quiet(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b' ' | b'`' | b'"' | b'\'' | b'*' | b'\t')
}

/// Whether a name has a key, which is what [`key`] gives.
pub fn has_key(name: &str, key: &str) -> bool {
    if name == key {
        return true;
    }
    if let (Some(a), Some(b)) = (name.bytes().next(), key.bytes().next())
        && a.is_ascii_alphanumeric()
        && !a.eq_ignore_ascii_case(&b)
    {
        return false;
    }
    if !name.is_ascii() {
        return self::key(name) == key;
    }
    name.bytes().filter(|it| !is_quiet(*it)).map(|it| it.to_ascii_lowercase()).eq(key.bytes())
}

/// [`key`] in the singular: `order_lines` = `OrderLine`.
pub fn entity_key(name: &str) -> String {
    let folded = key(name);
    let single = singular(&folded);
    match single.len() == folded.len() - usize::from(!folded.is_empty()) {
        // `categories` is folded to `categorie` by the general rule.
        true if folded.ends_with("ies") && folded.len() > 4 => {
            format!("{}y", folded.strip_suffix("ies").unwrap_or(single))
        }
        true if ["sses", "xes", "ches", "shes"].iter().any(|it| folded.ends_with(it)) => {
            folded.strip_suffix("es").unwrap_or(single).to_owned()
        }
        // `heroes` is folded to `heroe`; `shoes` and `Shoe` then meet in `sho`.
        _ if single.ends_with("oe") => single.strip_suffix('e').unwrap_or(single).to_owned(),
        _ => single.to_owned(),
    }
}

/// The words of a name in lower case: `readyForPickup`, `READY_FOR_PICKUP` are `ready for pickup`.
pub fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous_lower = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            previous_lower = false;
            continue;
        }
        if c.is_uppercase() && previous_lower {
            words.push(std::mem::take(&mut word));
        }
        previous_lower = c.is_lowercase() || c.is_ascii_digit();
        word.extend(c.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Whether a name is that of a value's state: it ends so.
pub fn is_of_states(name: &str) -> bool {
    let name = name.as_bytes();
    ["status", "state", "phase", "stage"].iter().any(|it| {
        let end = name.len().checked_sub(it.len()).and_then(|at| name.get(at..));
        end.is_some_and(|end| end.eq_ignore_ascii_case(it.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_equal() {
        assert_eq!(key("Ready for Pickup"), key("READY_FOR_PICKUP"));
        assert_eq!(key("createdAt"), key("created_at"));
        for (name, other, expected) in [
            ("READY_FOR-PICKUP", "Ready for Pickup", true),
            ("`naïve Été`", "Naïve_été", true),
            ("ready", "ready for", false),
            ("ready for", "ready", false),
            ("ready", "", false),
        ] {
            assert_eq!(has_key(name, &key(other)), expected, "{name} {other}");
            assert_eq!(key(name) == key(other), expected, "{name} {other}");
        }
        for (a, b) in [
            ("order_lines", "OrderLine"),
            ("categories", "Category"),
            ("boxes", "Box"),
            ("Addresses", "address"),
            ("statuses", "Status"),
            ("heroes", "Hero"),
            ("shoes", "Shoe"),
            ("videos", "Video"),
        ] {
            assert_eq!(entity_key(a), entity_key(b), "{a} {b}");
        }
        assert_eq!(words("readyForPickup"), ["ready", "for", "pickup"]);
        assert_eq!(words("READY_FOR_PICKUP"), ["ready", "for", "pickup"]);
    }
}

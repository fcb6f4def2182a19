//! Dates and lengths of time inside string literals.

/// The RFC 3339 form of a date or a date and time: a date is its first moment, a missing zone is UTC.
/// `None` if the text is neither or no such day exists.
pub(super) fn timestamp(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let number = |from: usize, len: usize| -> Option<u32> {
        let digits = bytes.get(from..from + len)?;
        digits.iter().try_fold(0_u32, |sum, it| it.is_ascii_digit().then(|| sum * 10 + u32::from(*it - b'0')))
    };
    let is = |at: usize, accept: &[u8]| bytes.get(at).is_some_and(|it| accept.contains(it));
    let (year, month, day) = (number(0, 4)?, number(5, 2)?, number(8, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leap),
        _ => return None,
    };
    if !is(4, b"-") || !is(7, b"-") || day == 0 || day > days {
        return None;
    }
    let date = text.get(..10)?;
    if bytes.len() == 10 {
        return Some(format!("{date}T00:00:00Z"));
    }
    if !is(10, b"Tt ") || !is(13, b":") || number(11, 2)? > 23 || number(14, 2)? > 59 {
        return None;
    }
    let (clock, rest) = if is(16, b":") {
        if number(17, 2)? > 59 {
            return None;
        }
        let fraction =
            if is(19, b".") { 1 + bytes.iter().skip(20).take_while(|it| it.is_ascii_digit()).count() } else { 0 };
        if fraction == 1 {
            return None;
        }
        (text.get(11..19 + fraction)?.to_owned(), 19 + fraction)
    } else {
        (format!("{}:00", text.get(11..16)?), 16)
    };
    let zone = text.get(rest..)?;
    let zone = match zone {
        "" | "Z" | "z" => "Z",
        _ if zone.len() == 6 && is(rest, b"+-") && is(rest + 3, b":") => {
            if number(rest + 1, 2)? > 23 || number(rest + 4, 2)? > 59 {
                return None;
            }
            zone
        }
        _ => return None,
    };
    Some(format!("{date}T{clock}{zone}"))
}

/// Whether the text is a length of time as CEL writes it: `90m`, `1h30m`, `-1.5s`.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let digits = rest.trim_start_matches(|it: char| it.is_ascii_digit() || it == '.');
        let number = rest.get(..rest.len() - digits.len()).unwrap_or("");
        if number.parse::<f64>().is_err() {
            return false;
        }
        let unit = ["ms", "us", "ns", "h", "m", "s"].into_iter().find(|it| digits.starts_with(it));
        let Some(after) = unit.and_then(|it| digits.strip_prefix(it)) else {
            return false;
        };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps() {
        for (text, expected) in [
            ("2026-01-01", Some("2026-01-01T00:00:00Z")),
            ("2026-01-01T10:30", Some("2026-01-01T10:30:00Z")),
            ("2026-01-01 10:30:05", Some("2026-01-01T10:30:05Z")),
            ("2026-01-01T10:30:05.123Z", Some("2026-01-01T10:30:05.123Z")),
            ("2024-02-29T10:30:05+02:00", Some("2024-02-29T10:30:05+02:00")),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("tomorrow", None),
            ("2026-01-01T", None),
            ("2026-01-0é", None),
            ("", None),
        ] {
            assert_eq!(timestamp(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("90m", true),
            ("1h30m", true),
            ("-1.5s", true),
            ("24h", true),
            ("1 day", false),
            ("", false),
            ("h", false),
        ] {
            assert_eq!(is_duration(text), expected, "{text}");
        }
    }
}

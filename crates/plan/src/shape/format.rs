//! Formats of texts: UUID, email, URL, dates and times.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime};

/// `8-4-4-4-12` hexadecimal digits.
pub(super) fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, it)| match at {
            8 | 13 | 18 | 23 => it == b'-',
            _ => it.is_ascii_hexdigit(),
        })
}

/// One `@` between a local part and a domain, no spaces; at most 254 characters.
pub(super) fn email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let label = |it: &str| {
        !it.is_empty()
            && !it.starts_with('-')
            && !it.ends_with('-')
            && it.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let local_fits = !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|it| !it.is_whitespace() && !it.is_control() && !"@,;:\\\"<>()[]".contains(it));
    let literal = domain.starts_with('[') && domain.ends_with(']');
    text.len() <= 254 && local.len() <= 64 && (local_fits || quoted) && (literal || domain.split('.').all(label))
}

/// A scheme, `:`, and something without spaces after it.
pub(super) fn url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_fits = scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it));
    let host = rest.strip_prefix("//").is_none_or(|it| !it.is_empty() && !it.starts_with('/') || scheme == "file");
    scheme_fits && host && !rest.is_empty() && rest.chars().all(|it| !it.is_whitespace() && !it.is_control())
}

/// `2026-01-31`.
pub(super) fn date(text: &str) -> bool {
    text.len() == 10 && text.is_ascii() && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

/// `09:30`, `09:30:05`, `09:30:05Z`.
pub(super) fn time(text: &str) -> bool {
    let bare = text.trim_end_matches('Z');
    let bare = bare.find('+').and_then(|at| bare.get(..at)).unwrap_or(bare);
    bare.len() >= 5
        && (NaiveTime::parse_from_str(bare, "%H:%M:%S%.f").is_ok() || NaiveTime::parse_from_str(bare, "%H:%M").is_ok())
}

/// A point in time as RFC 3339 writes it; a date is its first moment.
pub fn moment_of_date(text: &str) -> Option<DateTime<FixedOffset>> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc().fixed_offset())
}

/// A point in time, as RFC 3339 writes it.
pub fn moment(text: &str) -> Option<DateTime<FixedOffset>> {
    if text.len() == 10 {
        return None;
    }
    (text.as_bytes().get(10).is_some_and(|it| matches!(it, b'T' | b't')))
        .then(|| DateTime::parse_from_rfc3339(text).ok())?
}

/// A moment as RFC 3339 in UTC, with milliseconds.
pub fn rfc3339(millis: i64) -> String {
    chrono::DateTime::from_timestamp_millis(millis)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats() {
        for (check, good, bad) in [
            (uuid as fn(&str) -> bool, "01a1e3b1-25c0-7d0f-a31c-a1ddba8db3bc", "01a1e3b1-25c0-7d0f-a31c"),
            (email, "ada.moreno@example.org", "ada@"),
            (email, "a@localhost", "a b@example.org"),
            (url, "https://example.org/a?b", "https://"),
            (url, "mailto:a@b", "example.org"),
            (date, "2024-02-29", "2026-02-29"),
            (time, "09:30", "24:00"),
            (time, "09:30:05.5Z", "9:3"),
            (|it| moment(it).is_some(), "2026-11-16T11:00:00Z", "2026-11-16"),
            (|it| moment(it).is_some(), "2026-11-16T11:00:00.25+02:00", "2026-11-16T11:00:00"),
            (|it| moment(it).is_some(), "1998-12-31T23:59:60Z", "2026-11-16T25:00:00Z"),
        ] {
            assert!(check(good), "{good}");
            assert!(!check(bad), "{bad}");
        }
    }
}

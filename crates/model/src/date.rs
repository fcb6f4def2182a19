//! Dates as documents write them: ISO first, then English long dates, with riders after them.

use jiff::civil::Date;

/// What a date text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A day.
    Day(Date),
    /// A month of a year.
    Month(i16, i8),
    /// Written as a date, but there is no such day: `2026-02-31`.
    Impossible,
}

/// Reads the date that a text begins with and says how many bytes it takes; `None` if it begins with
/// something else.
pub fn read(text: &str) -> Option<(Reading, usize)> {
    iso(text).or_else(|| english(text))
}

fn number(text: &str) -> Option<(i16, usize)> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    Some((text.get(..len)?.parse().ok()?, len))
}

fn day(year: i16, month: i16, day: i16) -> Reading {
    let date =
        i8::try_from(month).ok().zip(i8::try_from(day).ok()).and_then(|(month, day)| Date::new(year, month, day).ok());
    date.map_or(Reading::Impossible, Reading::Day)
}

/// `2026-11-23`, `2026/11/23`, `2026-11`.
fn iso(text: &str) -> Option<(Reading, usize)> {
    let (year, len) = number(text)?;
    if len != 4 || !(1900..=2200).contains(&year) {
        return None;
    }
    let separator = text.get(4..)?.chars().next().filter(|it| matches!(it, '-' | '/' | '.'))?;
    let (month, digits) = number(text.get(5..)?)?;
    if digits == 0 || digits > 2 {
        return None;
    }
    let end = 5 + digits;
    let rest = text.get(end..)?;
    let Some(tail) = rest.strip_prefix(separator) else {
        let ends = !rest.starts_with(|it: char| it.is_alphanumeric());
        let month = i8::try_from(month).ok()?;
        let reading = if (1..=12).contains(&month) { Reading::Month(year, month) } else { Reading::Impossible };
        return (ends && digits == 2).then_some((reading, end));
    };
    let (date, digits) = number(tail)?;
    (1..=2).contains(&digits).then(|| (day(year, month, date), end + 1 + digits))
}

/// `November 9, 2025`, `9 November 2025`, `Nov 9th, 2025`, `January 2026`.
fn english(text: &str) -> Option<(Reading, usize)> {
    let words: Vec<(&str, usize)> = text
        .split_inclusive(char::is_whitespace)
        .scan(0, |at, word| {
            *at += word.len();
            Some((word.trim_end(), *at - (word.len() - word.trim_end().len())))
        })
        .filter(|(word, _)| !word.is_empty())
        .take(3)
        .collect();
    let month = |index: usize| words.get(index).and_then(|(word, _)| month_of(word.trim_end_matches([',', '.'])));
    let value = |index: usize| {
        let (word, end) = words.get(index)?;
        let word = word.trim_end_matches([',', '.', ';', ')']);
        let digits = word.trim_end_matches(
            ["st", "nd", "rd", "th"].as_slice().iter().find(|it| word.ends_with(**it)).copied().unwrap_or("\0"),
        );
        Some((digits.parse::<i16>().ok()?, *end))
    };
    if let Some(month) = month(0) {
        return match (value(1)?, value(2)) {
            ((date, _), Some((year, end))) if year >= 1900 => Some((day(year, month, date), end)),
            ((year, end), _) if year >= 1900 => Some((Reading::Month(year, month as i8), end)),
            _ => None,
        };
    }
    let (date, month, (year, end)) = (value(0)?.0, month(1)?, value(2)?);
    (year >= 1900).then(|| (day(year, month, date), end))
}

fn month_of(word: &str) -> Option<i16> {
    let names = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = word.to_lowercase();
    let at = names.iter().position(|it| {
        *it == lower || (lower.len() == 3 && it.starts_with(&lower)) || lower == "sept" && *it == "september"
    })?;
    Some(at as i16 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let date = |y, m, d| Some(Reading::Day(jiff::civil::date(y, m, d)));
        for (text, expected) in [
            ("2026-11-23", date(2026, 11, 23)),
            ("2026-11-23 (Tech Stack Synced)", date(2026, 11, 23)),
            ("November 9, 2025", date(2025, 11, 9)),
            ("9 Nov 2025", date(2025, 11, 9)),
            ("January 2026", Some(Reading::Month(2026, 1))),
            ("2026-05", Some(Reading::Month(2026, 5))),
            ("2026-02-31", Some(Reading::Impossible)),
            ("2026-13-01", Some(Reading::Impossible)),
            ("February 30, 2026", Some(Reading::Impossible)),
            ("YYYY-MM-DD", None),
            ("v1.2", None),
            ("", None),
            ("Q3", None),
        ] {
            assert_eq!(read(text).map(|it| it.0), expected, "{text}");
        }
    }
}

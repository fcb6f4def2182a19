//! Single figures for calculation: a number, a range, with its units on both sides of `per`.
//!
//! Other than a [`super::Quantity`] a figure needs no unit, says what it was written in, and keeps how
//! exactly it was written.

use super::unit;

/// What a unit measures.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Base {
    /// Seconds.
    Time(f64),
    /// A power of 1,000 bytes, or of 1,024.
    Bytes(i32),
    /// A hundredth.
    Percent,
}

/// How units are taken: readers differ on these, and each is right somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Convention {
    /// K is 1,024 bytes.
    pub binary: bool,
    /// A day has eight hours, a week five days.
    pub working: bool,
}

/// All ways to take units.
pub const CONVENTIONS: [Convention; 3] = [
    Convention { binary: false, working: false },
    Convention { binary: true, working: false },
    Convention { binary: false, working: true },
];

/// A number with its unit.
#[derive(Debug, Clone)]
pub struct Figure<'a> {
    /// The number, thousands and millions applied.
    pub low: f64,
    /// The upper end of a range.
    pub high: Option<f64>,
    /// `~`, `about`, a `+` after it.
    pub about: bool,
    /// `<`, `≤`, `up to`, `max` before it.
    pub at_most: bool,
    /// The currency's sign.
    pub money: Option<char>,
    /// The unit as written, without what is counted.
    pub unit: &'a str,
    /// What `K` or `million` after the digits stands for.
    pub scale: f64,
    /// One in the last place that was written.
    pub step: f64,
    /// Whether digits stand after a point.
    pub decimal: bool,
    /// First byte, operators and signs among it.
    pub start: usize,
    /// First byte of the digits.
    pub digits: usize,
    /// One past the digits of the number.
    pub digits_end: usize,
    /// One past the last byte of the unit.
    pub end: usize,
    over: Option<Base>,
    under: Option<Base>,
}

impl Figure<'_> {
    /// The exponents of seconds and of bytes.
    pub fn dimension(&self) -> (i8, i8) {
        let of = |base: Option<Base>| match base {
            Some(Base::Time(_)) => (1, 0),
            Some(Base::Bytes(_)) => (0, 1),
            _ => (0, 0),
        };
        let (over, under) = (of(self.over), of(self.under));
        (over.0 - under.0, over.1 - under.1)
    }

    /// What one of its unit is in seconds and bytes.
    pub fn factor(&self, convention: Convention) -> f64 {
        let of = |base: Option<Base>| match base {
            Some(Base::Time(seconds)) if convention.working => match seconds as u64 {
                DAY => 8.0 * 3_600.0,
                WEEK => 40.0 * 3_600.0,
                _ => seconds,
            },
            Some(Base::Time(seconds)) => seconds,
            Some(Base::Bytes(power)) if convention.binary => 1_024f64.powi(power),
            Some(Base::Bytes(power)) => 1_000f64.powi(power),
            Some(Base::Percent) => 0.01,
            None => 1.0,
        };
        of(self.over) / of(self.under)
    }

    /// Whether it is a part of a hundred.
    pub fn is_percent(&self) -> bool {
        self.over == Some(Base::Percent)
    }

    /// Whether it is a duration, and no rate.
    pub fn is_duration(&self) -> bool {
        matches!(self.over, Some(Base::Time(_))) && self.under.is_none()
    }

    /// Whether it has no unit that is known.
    pub fn is_plain(&self) -> bool {
        self.over.is_none() && self.under.is_none() && self.money.is_none()
    }

    /// Whether months or years are among its units, whose lengths differ.
    pub fn is_calendar(&self) -> bool {
        [self.over, self.under].iter().any(|it| matches!(it, Some(Base::Time(seconds)) if *seconds > WEEK as f64))
    }
}

const DAY: u64 = 86_400;
const WEEK: u64 = 604_800;

/// Seconds of a word for time, months and years among them.
pub(super) fn seconds(word: &str) -> Option<f64> {
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "month" | "months" | "mo" => 30.0 * DAY as f64,
        "quarter" | "quarters" => 91.25 * DAY as f64,
        "year" | "years" | "yr" | "annum" => 365.0 * DAY as f64,
        "d" => DAY as f64,
        "hourly" => 3_600.0,
        "w" | "wk" | "wks" => WEEK as f64,
        other => unit::seconds(other)?,
    })
}

fn base(word: &str) -> Option<Base> {
    if let Some(seconds) = seconds(word) {
        return Some(Base::Time(seconds));
    }
    let bits = word.ends_with('b') && word.starts_with(|it: char| it.is_uppercase());
    let lower = word.to_ascii_lowercase();
    Some(match lower.as_str() {
        "b" if !bits => Base::Bytes(0),
        "byte" | "bytes" => Base::Bytes(0),
        "kb" | "kib" | "kilobytes" if !bits => Base::Bytes(1),
        "mb" | "mib" | "megabytes" if !bits => Base::Bytes(2),
        "gb" | "gib" | "gigabytes" if !bits => Base::Bytes(3),
        "tb" | "tib" | "terabytes" if !bits => Base::Bytes(4),
        "pb" | "pib" if !bits => Base::Bytes(5),
        _ => return None,
    })
}

/// The length of a word at the begin of a text.
fn word(text: &str) -> usize {
    text.find(|it: char| !it.is_alphabetic()).unwrap_or(text.len())
}

/// The length of white space at the begin of a text.
fn blank(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\u{a0}', '\t']).len()
}

/// Digits with separators: value, length, one in the last place.
fn number(text: &str) -> Option<(f64, usize, f64, bool)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|it| it.is_ascii_digit()).count();
    let mut len = digits(0);
    if len == 0 {
        return None;
    }
    if len <= 3 {
        while matches!(bytes.get(len), Some(b',' | b'_')) && digits(len + 1) == 3 {
            len += 4;
        }
    }
    let whole = len;
    let places = if bytes.get(len) == Some(&b'.') { digits(len + 1) } else { 0 };
    if places > 0 {
        len += 1 + places;
    }
    let plain: String = text.get(..len)?.chars().filter(|it| !matches!(it, ',' | '_')).collect();
    let zeros = plain.bytes().rev().take_while(|it| *it == b'0').count() as i32;
    let step = if places > 0 { 10f64.powi(-(places as i32)) } else { 10f64.powi(zeros.min(whole as i32 - 1)) };
    Some((plain.parse().ok()?, len, step, places > 0))
}

/// The factor of `K`, `M`, `million` after a number, and its length.
fn scale(text: &str) -> (f64, usize) {
    let gap = blank(text);
    let rest = text.get(gap..).unwrap_or("");
    let len = word(rest);
    let factor = match (rest.get(..len).unwrap_or(""), gap) {
        ("k" | "K", 0) => 1e3,
        ("M", 0) => 1e6,
        ("B", 0) => 1e9,
        ("thousand", _) => 1e3,
        ("million" | "mio" | "mn", _) => 1e6,
        ("billion" | "bn", _) => 1e9,
        _ => return (1.0, 0),
    };
    (factor, gap + len)
}

/// The figure whose digits begin at byte `at` of a text; `None` where they are part of a name, a version,
/// a date, a time of day.
pub fn at(text: &str, at: usize) -> Option<Figure<'_>> {
    let before = text.get(..at)?;
    let (mut start, mut money) = (at, None);
    let mut signs = before;
    if let Some(sign) = signs.chars().next_back().filter(|it| matches!(it, '$' | '€' | '£')) {
        money = Some(sign);
        start -= sign.len_utf8();
        signs = text.get(..start)?;
    }
    let glued = signs.chars().next_back();
    if glued.is_some_and(|it| it.is_alphanumeric() || matches!(it, '_' | '#' | '@' | '.' | ':' | '/' | '-')) {
        return None;
    }
    let (mut about, mut at_most) = (false, false);
    loop {
        let trimmed = signs.trim_end();
        let Some(sign) = trimmed.chars().next_back().filter(|it| matches!(it, '~' | '≈' | '<' | '≤')) else {
            break;
        };
        match sign {
            '~' | '≈' => about = true,
            _ => at_most = true,
        }
        start = trimmed.len() - sign.len_utf8();
        signs = text.get(..start)?;
    }
    if let Some(sign) = signs.chars().next_back().filter(|it| matches!(it, '$' | '€' | '£')) {
        money = Some(sign);
        start -= sign.len_utf8();
    }
    let rest = text.get(at..)?;
    let (mut low, mut len, step, mut decimal) = number(rest)?;
    let (digits, mut digits_end) = (at, at + len);
    let (mut by, scaled) = scale(rest.get(len..)?);
    len += scaled;
    let mut high = None;
    let mut step = step;
    // `5-10`, `5–10 h`, `5h-10h`, `5 to 10`.
    let tail = rest.get(len..)?;
    let own_unit = word(tail);
    let gap = if base(tail.get(..own_unit).unwrap_or("")).is_some() { own_unit } else { 0 };
    let joint = tail.get(gap..)?;
    let dash = ["-", "–", "—", " - ", " – ", " to "].iter().find(|it| joint.starts_with(**it)).map_or(0, |it| it.len());
    let next = joint.get(dash..)?;
    let sign = next.chars().next().filter(|it| matches!(it, '$' | '€' | '£' | '~')).map_or(0, char::len_utf8);
    if dash > 0
        && let Some((value, size, high_step, high_decimal)) = number(next.get(sign..)?)
    {
        let (factor, scaled) = scale(next.get(sign + size..)?);
        if by == 1.0 {
            by = factor;
        }
        high = Some(value * factor);
        step = high_step;
        decimal |= high_decimal;
        len += gap + dash + sign + size + scaled;
        digits_end = at + len - scaled;
    }
    low *= by;
    step *= by;
    let glued = text.get(at + len..)?.chars().next();
    if glued.is_some_and(|it| matches!(it, '.' | ':' | ',' | '-' | '/' | '_'))
        && text.get(at + len + 1..)?.starts_with(|it: char| it.is_ascii_digit())
    {
        return None;
    }
    let mut figure = Figure {
        low,
        high,
        about,
        at_most,
        money,
        unit: "",
        scale: by,
        step,
        decimal,
        start,
        digits,
        digits_end,
        end: at + len,
        over: None,
        under: None,
    };
    figure.read_unit(text)?;
    Some(figure)
}

impl<'a> Figure<'a> {
    /// Reads the unit after the number; `None` if what is glued to it makes it no number.
    fn read_unit(&mut self, text: &'a str) -> Option<()> {
        let from = self.end;
        let rest = text.get(from..)?;
        if rest.starts_with('+') {
            self.about = true;
            self.end += 1;
        }
        let rest = text.get(self.end..)?;
        let gap = blank(rest);
        let after = rest.get(gap..)?;
        if after.starts_with('%') {
            self.over = Some(Base::Percent);
            self.end += gap + 1;
            self.unit = "%";
            return Some(());
        }
        let len = word(after);
        let written = after.get(..len)?;
        let found = base(written);
        match found {
            Some(base) => {
                self.over = Some(base);
                self.end += gap + len;
            }
            // `3rd`, `2xx`, `p95`, `10x`.
            None if len > 0 && gap == 0 && !matches!(written, "x" | "X") => return None,
            None => {}
        }
        self.read_per(text);
        self.unit = text.get(from..self.end)?.trim();
        Some(())
    }

    /// Reads `/day`, `per second`, `requests/day`, `req per s`.
    fn read_per(&mut self, text: &str) {
        let mut at = self.end;
        let mut words = 0;
        loop {
            let rest = text.get(at..).unwrap_or("");
            let gap = blank(rest);
            let after = rest.get(gap..).unwrap_or("");
            let (per, slash) = match after.strip_prefix('/') {
                Some(_) => (true, 1),
                None if after.starts_with("per ") => (true, 4),
                None => (false, 0),
            };
            if per {
                let unit = after.get(slash..).unwrap_or("");
                let inner = blank(unit);
                let len = word(unit.get(inner..).unwrap_or(""));
                let name = unit.get(inner..inner + len).unwrap_or("");
                if let Some(base) = base(name).filter(|it| matches!(it, Base::Time(_))) {
                    self.under = Some(base);
                    self.end = at + gap + slash + inner + len;
                }
                return;
            }
            let len = word(after);
            let name = after.get(..len).unwrap_or("");
            if let Some(rate) = (self.over.is_none() && words == 0).then(|| rate_of(name)).flatten() {
                self.under = Some(rate);
                self.end = at + gap + len;
                return;
            }
            words += 1;
            if len == 0 || words > 3 || !name.starts_with(char::is_lowercase) {
                return;
            }
            at += gap + len;
        }
    }
}

/// `rps`, `rpm`.
fn rate_of(name: &str) -> Option<Base> {
    match name.to_ascii_lowercase().as_str() {
        "rps" | "qps" | "tps" => Some(Base::Time(1.0)),
        "rpm" => Some(Base::Time(60.0)),
        _ => None,
    }
}

/// At most so many first bytes of a text.
pub fn head(text: &str, mut len: usize) -> &str {
    len = len.min(text.len());
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    text.get(..len).unwrap_or("")
}

/// All figures of a text, in order.
pub fn figures(text: &str) -> Vec<Figure<'_>> {
    let mut found: Vec<Figure<'_>> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes.get(at..).and_then(|it| it.iter().position(u8::is_ascii_digit)) {
        at += offset;
        match self::at(text, at) {
            Some(figure) => {
                at = figure.end.max(at + 1);
                found.push(figure);
            }
            None => at += bytes.iter().skip(at).take_while(|it| it.is_ascii_alphanumeric()).count().max(1),
        }
    }
    found
}

/// The figure that a text is, but for words around it that are no figures.
pub fn only(text: &str) -> Option<Figure<'_>> {
    let mut found = figures(text).into_iter();
    let first = found.next()?;
    // A digit that no figure holds is a version, a date, a name.
    let (before, after) = (text.get(..first.start)?, text.get(first.end..)?);
    let stray = |it: &str| it.bytes().any(|it| it.is_ascii_digit());
    (found.next().is_none() && !stray(before) && !stray(after)).then_some(first)
}

/// A number written like another: as many decimals, thousands apart where they are.
pub fn written_like(value: f64, sample: &str) -> String {
    let places = sample.rsplit_once('.').map_or(0, |it| it.1.len());
    let whole = (value - value.round()).abs() < 0.005 * value.abs().max(1e-9);
    let places = if places == 0 && !whole && value.abs() < 100.0 { 1 } else { places };
    let plain = format!("{value:.places$}");
    let (digits, rest) = plain.split_at(plain.find('.').unwrap_or(plain.len()));
    if !sample.contains(',') && digits.len() <= 4 || digits.len() <= 3 {
        return plain;
    }
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 && digit.is_ascii_digit() && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_like_others() {
        for (value, sample, expected) in [
            (1000.0, "900", "1000"),
            (1000.0, "1,200", "1,000"),
            (11.574, "116", "11.6"),
            (11.574, "1.16", "11.57"),
            (1234567.0, "1000", "1,234,567"),
        ] {
            assert_eq!(written_like(value, sample), expected, "{value} {sample}");
        }
    }

    #[test]
    fn figures_with_their_units() {
        for (text, expected) in [
            ("24 assignments", vec!["24"]),
            ("20KB", vec!["20 KB"]),
            ("1M requests/day", vec!["1000000 requests/day"]),
            ("10 GB per day", vec!["10 GB per day"]),
            ("37-50h", vec!["37-50 h"]),
            ("$0.001 and ~$5", vec!["0.001", "5"]),
            ("1,250.5 ms", vec!["1250.5 ms"]),
            ("2 million users", vec!["2000000"]),
            ("v1.2.3, 2026-01-02, 10:30, E04-F01, p95, 3rd", vec![]),
            ("11.6/s", vec!["11.6 /s"]),
            ("99.9% uptime", vec!["99.9 %"]),
            ("500 rps", vec!["500 rps"]),
            ("8.76 h/year", vec!["8.76 h/year"]),
        ] {
            let read: Vec<String> = figures(text)
                .iter()
                .map(|it| {
                    let high = it.high.map_or(String::new(), |it| format!("-{it}"));
                    format!("{}{high} {}", it.low, it.unit).trim().to_owned()
                })
                .collect();
            assert_eq!(read, expected, "{text}");
        }
    }
}

//! Decimal numbers by their digits, so that none passes through a float unseen.

use std::cmp::Ordering;

/// `0.digits × 10^point`, the digits without leading or trailing zeros.
#[derive(Debug, PartialEq)]
pub struct Digits {
    negative: bool,
    digits: String,
    point: i64,
}

impl Digits {
    /// Which of two numbers is greater.
    pub fn compare(&self, other: &Digits) -> Ordering {
        let size = |it: &Digits| if it.digits.is_empty() { i64::MIN } else { it.point };
        // Without zeros at the ends the order of the digits is that of the texts.
        let magnitude = || size(self).cmp(&size(other)).then_with(|| self.digits.cmp(&other.digits));
        match (self.negative, other.negative) {
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
            (negative, _) => {
                if negative {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
        }
    }
}

/// Which of two numbers is greater, as they are written; `None` if one of them is none.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    match (a.parse::<i64>(), b.parse::<i64>()) {
        (Ok(a), Ok(b)) => Some(a.cmp(&b)),
        _ => Some(Digits::read(a)?.compare(&Digits::read(b)?)),
    }
}

/// Numbers beyond this many digits are not kept.
const MOST: i64 = 60;

impl Digits {
    /// Reads a number as JSON writes it; a leading `+` is not one.
    pub fn read(text: &str) -> Option<Digits> {
        let (negative, rest) = text.strip_prefix('-').map_or((false, text), |it| (true, it));
        let (mantissa, exponent) = match rest.find(['e', 'E']) {
            Some(at) => (rest.get(..at)?, rest.get(at + 1..)?.trim_start_matches('+').parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        if whole.is_empty() || !all.bytes().all(|it| it.is_ascii_digit()) || exponent.abs() > 100_000 {
            return None;
        }
        let leading = all.len() - all.trim_start_matches('0').len();
        let digits = all.trim_matches('0').to_owned();
        if digits.is_empty() {
            return Some(Digits { negative: false, digits, point: 0 });
        }
        Some(Digits { negative, digits, point: whole.len() as i64 + exponent - leading as i64 })
    }

    /// Digits after the point.
    pub fn scale(&self) -> i64 {
        (self.digits.len() as i64 - self.point).max(0)
    }

    /// Digits before the point, without leading zeros.
    pub fn whole(&self) -> i64 {
        self.point.max(0)
    }

    /// Digits in all, before and after the point.
    pub fn precision(&self) -> i64 {
        self.whole() + self.scale()
    }

    /// The whole number, if it is one that fits.
    pub fn integer(&self) -> Option<i64> {
        if self.scale() > 0 || self.point > 19 {
            return None;
        }
        let zeros = (self.point - self.digits.len() as i64).max(0) as usize;
        let sign = if self.negative { "-" } else { "" };
        format!("{sign}{}{}", if self.digits.is_empty() { "0" } else { &self.digits }, "0".repeat(zeros)).parse().ok()
    }

    /// The float that stands for exactly these digits when it is printed; `None` if there is none.
    pub fn float(&self, text: &str) -> Option<f64> {
        let value: f64 = text.parse().ok()?;
        let back = format!("{value:e}");
        (value.is_finite() && Digits::read(&back)? == *self).then_some(value)
    }

    /// Without an exponent; `None` if that would be too long.
    pub fn plain(&self) -> Option<String> {
        if self.precision() > MOST {
            return None;
        }
        let sign = if self.negative { "-" } else { "" };
        let len = self.digits.len() as i64;
        Some(if self.digits.is_empty() {
            "0".to_owned()
        } else if self.point <= 0 {
            format!("{sign}0.{}{}", "0".repeat(-self.point as usize), self.digits)
        } else if self.point >= len {
            format!("{sign}{}{}", self.digits, "0".repeat((self.point - len) as usize))
        } else {
            let (whole, fraction) = self.digits.split_at(self.point as usize);
            format!("{sign}{whole}.{fraction}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Digits;

    #[test]
    fn numbers_have_an_order() {
        let rising =
            ["-1e3", "-12.5", "-12.49", "-0.1", "0", "0.09", "0.1", "0.11", "1", "1.5", "9", "10", "10.01", "1e30"];
        for (at, a) in rising.iter().enumerate() {
            for (other, b) in rising.iter().enumerate() {
                assert_eq!(super::compare(a, b), Some(at.cmp(&other)), "{a} {b}");
            }
        }
        assert_eq!(super::compare("99999999.99", "99999999.990000000000000001"), Some(std::cmp::Ordering::Less));
        assert_eq!(super::compare("-0.0", "0"), Some(std::cmp::Ordering::Equal));
        assert_eq!(super::compare("x", "1"), None);
    }

    #[test]
    fn numbers_are_exact() {
        for (text, integer, plain) in [
            ("304", Some(304), Some("304")),
            ("304.0", Some(304), Some("304")),
            ("3.04e2", Some(304), Some("304")),
            ("304.5", None, Some("304.5")),
            ("-0.050", None, Some("-0.05")),
            ("0", Some(0), Some("0")),
            ("-0.0", Some(0), Some("0")),
            ("9223372036854775807", Some(i64::MAX), Some("9223372036854775807")),
            ("9223372036854775808", None, Some("9223372036854775808")),
            ("9007199254740993", Some(9_007_199_254_740_993), Some("9007199254740993")),
            ("1e400", None, None),
            ("100", Some(100), Some("100")),
        ] {
            let digits = Digits::read(text).unwrap();
            assert_eq!((digits.integer(), digits.plain().as_deref()), (integer, plain), "{text}");
        }
        let float = |text: &str| Digits::read(text).unwrap().float(text);
        assert_eq!(float("0.1"), Some(0.1));
        assert_eq!(float("1.50"), Some(1.5));
        assert_eq!(float("0.1000000000000000055511151231257827"), None);
        assert_eq!(float("1e400"), None);
    }
}

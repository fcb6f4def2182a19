//! Calculations that are written out with their result: `24 × 20 KB = 480 KB`, `1M/day = 11.6/s`,
//! `300,000 ms (5 minutes)`, `99.9 % (8.76 h of downtime per year)`.

use std::ops::Range;

use super::figure::{self, CONVENTIONS, Convention, Figure};

/// A calculation whose result is not what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// What is calculated.
    pub left: Range<usize>,
    /// The result that is written, with its unit.
    pub right: Range<usize>,
    /// The digits of the result.
    pub digits: Range<usize>,
    /// What comes out, in the unit of the result.
    pub value: f64,
}

/// The wrong calculations of a line of text. Those that cannot be decided are not among them.
pub fn wrong(text: &str) -> Vec<Wrong> {
    if !may_calculate(text) {
        return Vec::new();
    }
    let tokens = tokens(text);
    let mut found = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Equals => found.extend(equation(&tokens, index)),
            Token::Open => found.extend(restated(&tokens, index)),
            _ => {}
        }
    }
    found
}

/// Whether a text has a sign of equality or a bracket between two figures.
fn may_calculate(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(first) = bytes.iter().position(u8::is_ascii_digit) else { return false };
    let mut rest = bytes.get(first..).unwrap_or(&[]);
    while let Some(at) = rest.iter().position(|it| matches!(it, b'=' | b'(' | 0xE2)) {
        let sign = rest.get(at).copied();
        rest = rest.get(at + 1..).unwrap_or(&[]);
        // `≈` is three bytes.
        if sign == Some(0xE2) && !rest.starts_with(&[0x89, 0x88]) {
            continue;
        }
        let next =
            rest.iter().position(|it| it.is_ascii_alphanumeric() || matches!(it, b'.' | b',' | b')' | b'<' | b'>'));
        let next = next.and_then(|it| rest.get(it)).copied().unwrap_or(b' ');
        if next.is_ascii_digit() || sign == Some(b'(') && matches!(next, b'a' | b'c' | b'r') {
            return true;
        }
    }
    false
}

#[derive(Debug, Clone)]
enum Token<'a> {
    Figure(Box<Figure<'a>>),
    Plus,
    Minus,
    Times,
    Over,
    Of,
    Equals,
    Open,
    Close,
    Word(&'a str),
    /// Anything else: the end of a calculation.
    Stop,
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found: Vec<Token<'_>> = Vec::new();
    let mut at = 0;
    while let Some(first) = text.get(at..).and_then(|it| it.chars().next()) {
        let len = first.len_utf8();
        let spaced = text.get(..at).is_some_and(|it| it.ends_with(' '))
            && text.get(at + len..).is_some_and(|it| it.starts_with(' '));
        let token = match first {
            ' ' | '\t' | '\u{a0}' | '`' => {
                at += len;
                continue;
            }
            '0'..='9' => match figure::at(text, at) {
                Some(figure) => {
                    at = figure.end;
                    found.push(Token::Figure(Box::new(figure)));
                    continue;
                }
                None => {
                    let rest = text.get(at..).unwrap_or("");
                    at += rest
                        .find(|it: char| !it.is_alphanumeric() && !matches!(it, '.' | '-' | ':' | '_'))
                        .unwrap_or(rest.len())
                        .max(1);
                    found.push(Token::Stop);
                    continue;
                }
            },
            // Signs of a figure, which looks back for them.
            '~' | '$' | '€' | '£' => {
                at += len;
                continue;
            }
            '+' => Token::Plus,
            '-' | '−' | '–' if spaced || first == '−' => Token::Minus,
            '×' | '*' | '·' | '⋅' | '✕' => Token::Times,
            '÷' | '/' => Token::Over,
            '=' | '≈' => {
                let rest = text.get(at + len..).unwrap_or("");
                let back = text.get(..at).and_then(|it| it.chars().next_back());
                let double = rest.starts_with(['=', '>', '<']) || back.is_some_and(|it| "=<>!:+-".contains(it));
                if double { Token::Stop } else { Token::Equals }
            }
            '(' => Token::Open,
            ')' => Token::Close,
            _ if first.is_alphabetic() => {
                let rest = text.get(at..).unwrap_or("");
                let size = rest
                    .find(|it: char| !it.is_alphanumeric() && !matches!(it, '_' | '-' | '\'' | '’'))
                    .unwrap_or(rest.len());
                let word = rest.get(..size).unwrap_or("");
                let token = match word {
                    "x" | "X" => Token::Times,
                    "of" => Token::Of,
                    "times" => Token::Times,
                    "plus" => Token::Plus,
                    _ => Token::Word(word),
                };
                at += size;
                found.push(token);
                continue;
            }
            _ => Token::Stop,
        };
        found.push(token);
        at += len;
    }
    found
}

/// A value with the exponents of seconds and bytes; `None` as dimension where it has none in common.
#[derive(Debug, Clone, Copy)]
struct Value {
    number: f64,
    dimension: Option<(i8, i8)>,
}

/// How the figures of a calculation are taken.
#[derive(Debug, Clone, Copy)]
enum Taken {
    /// With their units.
    Units(Convention),
    /// As they are written.
    Bare,
}

impl Taken {
    fn value(self, figure: &Figure<'_>) -> Value {
        match self {
            Taken::Units(convention) => {
                Value { number: figure.low * figure.factor(convention), dimension: Some(figure.dimension()) }
            }
            Taken::Bare => Value { number: figure.low, dimension: Some((0, 0)) },
        }
    }
}

fn equation(tokens: &[Token<'_>], equals: usize) -> Option<Wrong> {
    let Some(Token::Figure(right)) = tokens.get(equals + 1) else { return None };
    // The result stands for itself.
    let mut after = equals + 2;
    while let Some(Token::Word(..)) = tokens.get(after) {
        after += 1;
    }
    let continues = matches!(
        tokens.get(after),
        Some(Token::Plus | Token::Minus | Token::Times | Token::Over | Token::Of | Token::Open)
    );
    if right.high.is_some() || right.at_most || continues && !closes(tokens, after) {
        return None;
    }
    // `8 engines × 10 s = 10 s (not 80 s)` knows what it says.
    if matches!(tokens.get(after..after + 2), Some([Token::Open, Token::Word("not" | "instead")])) {
        return None;
    }
    if matches!(tokens.get(equals.checked_sub(1)?), Some(Token::Close))
        && let Some(wrong) = chain(segment(tokens, equals), right)
    {
        return wrong;
    }
    let from = begin(tokens, equals)?;
    let left = tokens.get(from..equals)?;
    let operators = left
        .iter()
        .filter(|it| matches!(it, Token::Plus | Token::Minus | Token::Times | Token::Over | Token::Of))
        .count();
    let figures: Vec<&Figure<'_>> = left.iter().filter_map(figure_of).collect();
    let first = figures.first()?;
    if operators == 0 && (figures.len() != 1 || !is_converted(first, right)) {
        return None;
    }
    judge(left, &figures, right)
}

/// What stands between a sign of equality and the one before it.
fn segment<'t, 'a>(tokens: &'t [Token<'a>], equals: usize) -> &'t [Token<'a>] {
    let before = tokens.get(..equals).unwrap_or(&[]);
    let from = before.iter().rposition(|it| matches!(it, Token::Equals)).map_or(0, |it| it + 1);
    before.get(from..).unwrap_or(&[])
}

/// `Parser (6h) → Matcher (4h) = 10h`: figures of named steps, each alone in brackets. `None` if it is no
/// such chain.
fn chain(tokens: &[Token<'_>], right: &Figure<'_>) -> Option<Option<Wrong>> {
    let mut parts: Vec<&Figure<'_>> = Vec::new();
    let mut named = 0;
    let mut before = &Token::Stop;
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Figure(figure) => {
                let alone = matches!(before, Token::Open) && matches!(tokens.get(index + 1), Some(Token::Close));
                if !alone || figure.high.is_some() || figure.is_plain() || figure.unit.is_empty() {
                    return None;
                }
                parts.push(figure);
            }
            Token::Open if matches!(before, Token::Word(..)) => named += 1,
            Token::Times | Token::Over | Token::Minus | Token::Equals => return None,
            _ => {}
        }
        before = token;
    }
    if named != parts.len() || parts.len() < 2 {
        return None;
    }
    let (first, last) = (parts.first()?, parts.last()?);
    let plain = CONVENTIONS.first().copied()?;
    let total: f64 = parts.iter().map(|it| it.low * it.factor(plain)).sum();
    let value = total / right.factor(plain);
    let fits = parts.iter().all(|it| it.dimension() == right.dimension());
    let slack = if right.about { 0.2 * right.low } else { right.step.min(1.0) * 0.5 };
    if !fits || right.low == 0.0 || (value - right.low).abs() <= slack {
        return Some(None);
    }
    Some(Some(Wrong {
        left: first.start..last.end,
        right: right.start..right.end,
        digits: right.digits..right.digits_end,
        value: value / right.scale,
    }))
}

/// Whether a bracket after a result only explains it.
fn closes(tokens: &[Token<'_>], at: usize) -> bool {
    matches!(tokens.get(at), Some(Token::Open))
}

fn figure_of<'t, 'a>(token: &'t Token<'a>) -> Option<&'t Figure<'a>> {
    match token {
        Token::Figure(figure) => Some(figure),
        _ => None,
    }
}

/// Whether one figure is the other in another unit: rates and durations.
fn is_converted(left: &Figure<'_>, right: &Figure<'_>) -> bool {
    let dimension = left.dimension();
    dimension == right.dimension() && dimension.0 != 0 && !left.unit.eq_ignore_ascii_case(right.unit)
}

/// Where the calculation before a sign of equality begins.
fn begin(tokens: &[Token<'_>], equals: usize) -> Option<usize> {
    let mut at = equals;
    loop {
        at = operand(tokens, at)?;
        match at.checked_sub(1).and_then(|it| tokens.get(it)) {
            Some(Token::Plus | Token::Minus | Token::Times | Token::Over | Token::Of) => at -= 1,
            // A numbered thing: `Phase 2 + 3`.
            Some(Token::Word(word)) if word.starts_with(char::is_uppercase) => {
                return Some(at).filter(|it| {
                    !matches!(tokens.get(*it), Some(Token::Open))
                        && tokens
                            .get(*it)
                            .and_then(figure_of)
                            .is_none_or(|it| !it.is_plain() || it.decimal || it.low > 20.0)
                });
            }
            // What stands in brackets after a name is said of the name.
            Some(Token::Word(..)) if matches!(tokens.get(at), Some(Token::Open)) => return None,
            Some(Token::Close | Token::Equals) => {
                return Some(at).filter(|_| matches!(tokens.get(at - 1), Some(Token::Equals)));
            }
            _ => return Some(at),
        }
    }
}

/// Where the operand that ends before `end` begins: a figure, with what it counts, or a bracket.
fn operand(tokens: &[Token<'_>], end: usize) -> Option<usize> {
    let mut at = end.checked_sub(1)?;
    for _ in 0..4 {
        match tokens.get(at)? {
            Token::Figure(figure) if figure.high.is_none() && !figure.at_most => return Some(at),
            Token::Word(..) => at = at.checked_sub(1)?,
            Token::Close => {
                let mut depth = 0usize;
                loop {
                    match tokens.get(at)? {
                        Token::Close => depth += 1,
                        Token::Open => depth -= 1,
                        Token::Stop | Token::Equals => return None,
                        _ => {}
                    }
                    if depth == 0 {
                        return Some(at);
                    }
                    at = at.checked_sub(1)?;
                }
            }
            _ => return None,
        }
    }
    None
}

/// `1M requests/day (11.6 req/s)`: one figure alone in brackets, in another unit.
fn restated(tokens: &[Token<'_>], open: usize) -> Option<Wrong> {
    let before = open.checked_sub(1)?;
    // `1M requests per day altogether (…)`.
    let before = match tokens.get(before)? {
        Token::Word(..) => before.checked_sub(1)?,
        _ => before,
    };
    let own = tokens.get(before..=before)?;
    let left = figure_of(own.first()?)?;
    // `1 minute 30 seconds (90 s)`.
    if before.checked_sub(1).and_then(|it| tokens.get(it)).is_some_and(|it| figure_of(it).is_some()) {
        return None;
    }
    let mut at = open + 1;
    while let Some(token) = tokens.get(at) {
        match token {
            Token::Equals => at += 1,
            Token::Word("about" | "approx" | "approximately" | "roughly" | "ca") => at += 1,
            _ => break,
        }
    }
    let right = figure_of(tokens.get(at)?)?;
    at += 1;
    while let Some(Token::Word("requests" | "calls" | "messages" | "events" | "orders" | "req")) = tokens.get(at) {
        at += 1;
    }
    let alone = matches!(tokens.get(at), Some(Token::Close));
    if !alone || left.high.is_some() || right.high.is_some() || right.at_most || !is_converted(left, right) {
        return None;
    }
    judge(own, &[left], right)
}

/// Whether one of two durations may be the work and the other the days that it is spread over: `8 hours (2 days)`.
fn is_effort(left: &Figure<'_>, right: &Figure<'_>) -> bool {
    let days = |it: &Figure<'_>| match it.unit {
        "day" | "days" => Some(it.low),
        "week" | "weeks" => Some(it.low * 5.0),
        _ => None,
    };
    let hours = |it: &Figure<'_>| matches!(it.unit, "h" | "hr" | "hrs" | "hour" | "hours").then_some(it.low);
    let pair = hours(left).zip(days(right)).or_else(|| hours(right).zip(days(left)));
    pair.is_some_and(|(hours, days)| (1.0..=10.0).contains(&(hours / days)))
}

/// Calculates in each way that the units allow; wrong is what none of them bears out.
fn judge(left: &[Token<'_>], figures: &[&Figure<'_>], right: &Figure<'_>) -> Option<Wrong> {
    let mut result = None;
    let sums = left.iter().any(|it| matches!(it, Token::Plus | Token::Minus));
    if sums && figures.iter().any(|it| it.is_percent()) != figures.iter().all(|it| it.is_percent()) {
        return None;
    }
    if let ([_], [own]) = (left, figures)
        && is_effort(own, right)
    {
        return None;
    }
    let exact = !left.iter().any(|it| matches!(it, Token::Over))
        && figures.iter().all(|it| it.unit.is_empty() || it.unit == right.unit);
    let calendar = right.is_calendar() || figures.iter().any(|it| it.is_calendar());
    let about = right.about || figures.iter().any(|it| it.about);
    let near = |value: f64, written: f64, step: f64| {
        let slack = match (about, calendar, exact) {
            (true, ..) => 0.2 * written.abs(),
            (_, true, _) => 0.05 * written.abs(),
            (.., true) => 0.0,
            _ => 0.01 * written.abs(),
        };
        let rounding = match (exact && !right.decimal, step <= 1.0) {
            (true, _) => 0.5 * step.min(0.01 * written.abs()),
            (_, true) => 0.999 * step,
            _ => step.min(0.05 * written.abs()),
        };
        (value - written).abs() <= slack.max(rounding).max(1e-9 * written.abs())
    };
    for convention in CONVENTIONS {
        let taken = Taken::Units(convention);
        let Some(value) = calculate(left, taken) else { continue };
        if value.dimension != Some(right.dimension()) {
            continue;
        }
        let unit = right.factor(convention);
        let own = value.number / unit;
        if near(own, right.low, right.step) {
            return None;
        }
        result = result.or(Some(own));
    }
    let bare = calculate(left, Taken::Bare)?;
    if near(bare.number, right.low, right.step) {
        return None;
    }
    // Units that do not fit each other: only what has none, or one, can be decided.
    let mut units = figures.iter().map(|it| it.unit).filter(|it| !it.is_empty());
    if result.is_none() {
        let first = units.next();
        let one =
            units.all(|it| Some(it) == first) && (right.unit.is_empty() || first.is_none_or(|it| it == right.unit));
        let known = figures.iter().all(|it| it.is_plain()) || !right.unit.is_empty();
        if !one || !known {
            return None;
        }
        result = Some(bare.number);
    }
    let start = figures.first()?.start;
    Some(Wrong {
        left: start..figures.last()?.end,
        right: right.start..right.end,
        digits: right.digits..right.digits_end,
        value: result.filter(|it| it.is_finite())? / right.scale,
    })
}

/// Sums of products; brackets first.
fn calculate(tokens: &[Token<'_>], taken: Taken) -> Option<Value> {
    let mut at = 0;
    let value = sum(tokens, &mut at, taken, 0)?;
    (at >= tokens.len()).then_some(value)
}

/// Brackets deeper than this are not calculated.
const MAX_DEPTH: usize = 8;

fn sum(tokens: &[Token<'_>], at: &mut usize, taken: Taken, depth: usize) -> Option<Value> {
    let mut value = product(tokens, at, taken, depth)?;
    loop {
        let sign = match tokens.get(*at) {
            Some(Token::Plus) => 1.0,
            Some(Token::Minus) => -1.0,
            _ => return Some(value),
        };
        *at += 1;
        let next = product(tokens, at, taken, depth)?;
        if next.dimension != value.dimension {
            value.dimension = None;
        }
        value.number += sign * next.number;
    }
}

fn product(tokens: &[Token<'_>], at: &mut usize, taken: Taken, depth: usize) -> Option<Value> {
    let mut value = factor(tokens, at, taken, depth)?;
    loop {
        let over = match tokens.get(*at) {
            Some(Token::Times | Token::Of) => false,
            Some(Token::Over) => true,
            _ => return Some(value),
        };
        *at += 1;
        let next = factor(tokens, at, taken, depth)?;
        value.number = if over { value.number / next.number } else { value.number * next.number };
        value.dimension = value
            .dimension
            .zip(next.dimension)
            .map(|(a, b)| if over { (a.0 - b.0, a.1 - b.1) } else { (a.0 + b.0, a.1 + b.1) });
    }
}

fn factor(tokens: &[Token<'_>], at: &mut usize, taken: Taken, depth: usize) -> Option<Value> {
    let value = match tokens.get(*at)? {
        Token::Figure(figure) => {
            *at += 1;
            taken.value(figure)
        }
        Token::Open if depth < MAX_DEPTH => {
            *at += 1;
            let value = sum(tokens, at, taken, depth + 1)?;
            if !matches!(tokens.get(*at), Some(Token::Close)) {
                return None;
            }
            *at += 1;
            value
        }
        _ => return None,
    };
    while let Some(Token::Word(..)) = tokens.get(*at) {
        *at += 1;
    }
    Some(value)
}

/// An availability whose downtime is another: the percentage, the duration with its period, and the
/// downtime that follows from the percentage, in the unit of the duration.
pub fn wrong_downtime(text: &str) -> Option<Wrong> {
    if !["owntime", "ptime", "vailab"].iter().any(|it| text.contains(it)) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    if ["business", "planned", "maintenance", "office hours"].iter().any(|it| lower.contains(it)) {
        return None;
    }
    let figures = figure::figures(text);
    let mut shares =
        figures.iter().filter(|it| it.is_percent() && it.high.is_none() && (90.0..100.0).contains(&it.low));
    let share = shares.next()?;
    if shares.next().is_some() {
        return None;
    }
    let lost = 1.0 - share.low / 100.0;
    let plain = CONVENTIONS.first().copied()?;
    for figure in figures.iter().filter(|it| it.start > share.end && it.high.is_none()) {
        let (allowed, unit) = match figure.dimension() {
            // `8.76 h/year`.
            (0, 0) if !figure.is_percent() && figure.factor(plain) != 1.0 => {
                (figure.low * figure.factor(plain), figure.factor(plain))
            }
            // `8.76 hours of downtime per year`.
            (1, 0) if figure.is_duration() => {
                let Some(period) = period(text.get(figure.end..)?) else { continue };
                let unit = figure.factor(plain) / period;
                (figure.low * unit, unit)
            }
            _ => continue,
        };
        // Months have 28 to 31 days, and figures are rounded.
        let slack = if figure.decimal { 0.08 } else { (0.6 / figure.low).max(0.08) };
        if (allowed / lost - 1.0).abs() > slack {
            return Some(Wrong {
                left: share.start..share.end,
                right: figure.start..figure.end,
                digits: figure.digits..figure.digits_end,
                value: lost / unit,
            });
        }
    }
    None
}

/// Seconds of the period that a text names within its first words: ` of downtime per year`.
fn period(text: &str) -> Option<f64> {
    let sentence = figure::head(text, 96).split(['.', ';', ',']).next()?;
    let mut words = sentence.split(|it: char| !it.is_alphabetic()).filter(|it| !it.is_empty()).take(6);
    let mut per = sentence.trim_start().starts_with('/');
    words.find_map(|word| {
        let lower = word.to_ascii_lowercase();
        match lower.as_str() {
            "annually" | "yearly" => return Some(365.0 * 86_400.0),
            "monthly" => return Some(30.0 * 86_400.0),
            "weekly" => return Some(604_800.0),
            "per" | "a" | "each" | "every" | "downtime" => {
                per = true;
                return None;
            }
            _ => {}
        }
        let found = figure::seconds(&lower).filter(|it| per && *it >= 86_400.0);
        per = false;
        found
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        let found: Vec<String> =
            wrong(text).iter().chain(&wrong_downtime(text)).map(|it| format!("{:.2}", it.value)).collect();
        found.join(" ")
    }

    #[test]
    fn calculations_that_hold() {
        for text in [
            "24 assignments × 20KB = 480KB worst case",
            "1M requests/day = 11.6 req/s",
            "1M/day ≈ 12/s",
            "10 KB x 1M/day = 10 GB/day",
            "10 KB x 1M orders = 10 GB/day",
            "50 users x 20 requests/min = 1,000 requests/min",
            "$0.001 + $0.003 = $0.004",
            "5 days × 8h = 40h",
            "2 weeks × 5 days = 10 days",
            "512 KB × 1,024 = 512 MB",
            "(4 + 4) × 2 = 16",
            "30% of 200 = 60",
            "40% + 60% = 100%",
            "100 / 3 = 33",
            "60 minutes = 1 hour",
            "1 minute 30 seconds (90s)",
            "8 engines × 10s each = 10s total (not 80s)",
            "40 hours (1 week)",
            "8 hours (2 days)",
            "2 weeks (60h)",
            "300,000 ms (5 minutes)",
            "86,400 requests/day (1 req/s)",
            "160 samples = 10ms",
            "limit=25&offset=0",
            "x = 3 + 4",
            "n × 3 = 12",
            "Phase 2 + 3 = 6",
            "(m = 16, ef_construction = 64)",
            "5-6 days × 8 = 99",
            "3 servers × 4 GHz = 12 GHz",
            "a == 3 + 4 == 8",
            "timeout of 30 s (60 s in staging)",
            "99.9% uptime (8.76 hours downtime/year)",
            "99.9 % (43.8 min of downtime per month)",
            "99.95% availability, at most 22 minutes of downtime a month",
            "99.9% uptime during business hours (1 hour downtime per month)",
            "E04-F01 = 3 + 2",
            "120 ms + 80 ms = 0.2 s",
            "2,000 × 1.5 = 3K",
            "Parser (6h) → Matcher (4h) → Tests (14h) = 24 hours",
            "Parser (6h) = 12h",
        ] {
            assert_eq!(told(text), "", "{text}");
        }
    }

    #[test]
    fn calculations_that_do_not() {
        for (text, value) in [
            ("50 users x 20 = 900", "1000.00"),
            ("24 assignments × 20KB = 500KB", "480.00"),
            ("10 KB x 1M/day = 100 GB/day", "10.00"),
            ("1M requests/day = 116 req/s", "11.57"),
            ("1M requests/day (116 req/s)", "11.57"),
            ("12 + 8 + 5 = 26", "25.00"),
            ("120 ms + 80 ms + 30 ms = 200 ms", "230.00"),
            ("300,000 ms (3 minutes)", "5.00"),
            ("72 hours (2 days)", "3.00"),
            ("$0.001 + $0.003 = $0.005", "0.00"),
            ("30% of 200 users = 80 users", "60.00"),
            ("99.9% uptime (4.38 hours of downtime per year)", "8.76"),
            ("99.99% availability, that is 43.8 min downtime/month", "4.32"),
            ("3 × (2 + 2) = 10", "12.00"),
            ("2,000 × 1.5 = 4K", "3.00"),
            ("Parser (6h) → Matcher (4h) → Tests (14h) = 26 hours", "24.00"),
        ] {
            assert_eq!(told(text), value, "{text}");
        }
    }
}

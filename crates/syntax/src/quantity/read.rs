//! The grammar: operator, number, unit, percentile, conditions.

use std::ops::Range;

use source::Text;

use super::lex::{self, Kind, Token};
use super::unit;
use super::{Bound, Quantity, Unit};

/// Words that number what they precede, so that no quantity follows them.
const NUMBERED: [&str; 44] = [
    "http",
    "version",
    "step",
    "phase",
    "story",
    "section",
    "figure",
    "port",
    "rfc",
    "iso",
    "nfr",
    "requirement",
    "level",
    "epic",
    "issue",
    "priority",
    "day",
    "week",
    "sprint",
    "chapter",
    "rtx",
    "node",
    "python",
    "java",
    "status",
    "code",
    "error",
    "stage",
    "milestone",
    "task",
    "risk",
    "table",
    "part",
    "tier",
    "q",
    "option",
    "sha",
    "utf",
    "line",
    "page",
    "appendix",
    "year",
    "month",
    "question",
];

/// Words between a number and what is counted.
const ADJECTIVES: [&str; 12] = [
    "concurrent",
    "simultaneous",
    "parallel",
    "active",
    "consecutive",
    "total",
    "successful",
    "failed",
    "unique",
    "daily",
    "new",
    "http",
];

/// Words that are conditions by themselves.
const STATES: [&str; 13] = [
    "sustained",
    "peak",
    "average",
    "avg",
    "typical",
    "mean",
    "median",
    "burst",
    "cold",
    "warm",
    "idle",
    "cached",
    "steady",
];

/// Words that begin a condition.
const HEADS: [&str; 11] = ["for", "with", "under", "at", "per", "during", "across", "against", "over", "in", "on"];

/// Words that name what is measured, between a quantity and its conditions.
const MEASURES: [&str; 15] = [
    "response",
    "time",
    "latency",
    "overhead",
    "uptime",
    "coverage",
    "usage",
    "throughput",
    "target",
    "duration",
    "downtime",
    "errors",
    "error",
    "rate",
    "efficiency",
];

/// Words after a percentage that is measured from another value.
const RELATIVE: [&str; 16] = [
    "reduction",
    "increase",
    "improvement",
    "decrease",
    "faster",
    "slower",
    "growth",
    "drop",
    "more",
    "less",
    "higher",
    "lower",
    "smaller",
    "larger",
    "better",
    "savings",
];

/// Tokens that are looked back over.
const FAR: usize = 24;

struct Reader<'a> {
    text: &'a Text,
    tokens: Vec<Token>,
}

pub(super) fn read(text: &Text) -> Vec<Quantity> {
    placed(text).into_iter().map(|it| it.0).collect()
}

/// The quantities of a text, each with where it stands there, its operator and conditions included.
pub(super) fn placed(text: &Text) -> Vec<(Quantity, Range<usize>)> {
    quantities(&Reader { text, tokens: lex::tokens(text.as_str()) }, 0)
}

pub(super) fn read_under(label: &str, text: &Text) -> Vec<Quantity> {
    let mut tokens = lex::tokens(label);
    // Places in the label are none in the text; nothing of it becomes part of a span.
    for token in &mut tokens {
        (token.start, token.end) = (0, 0);
    }
    while tokens.last().is_some_and(|it| it.word == ":") {
        tokens.pop();
    }
    tokens.push(Token { kind: Kind::Sign, word: ":".to_owned(), start: 0, end: 0, glued: false });
    let own = tokens.len();
    tokens.extend(lex::tokens(text.as_str()));
    let reader = Reader { text, tokens };
    let mut found: Vec<Quantity> = quantities(&reader, own).into_iter().map(|it| it.0).collect();
    let percentiles: Vec<f64> = (0..own).filter_map(|at| Some(reader.percentile(at)?.0)).collect();
    let open = found.iter().filter(|it| it.percentile.is_none()).count();
    if open == found.len() && (percentiles.len() == 1 || percentiles.len() == open) {
        for (index, quantity) in found.iter_mut().enumerate() {
            quantity.percentile = percentiles.get(index).or(percentiles.first()).copied();
        }
    }
    let load = (0..own).map(|at| reader.word(at)).find(|it| STATES.contains(it));
    for quantity in &mut found {
        let said = quantity.conditions.iter().any(|it| STATES.iter().any(|state| it.contains(state)));
        quantity.conditions.extend(load.filter(|_| !said).map(str::to_owned));
    }
    found
}

/// The quantities of the tokens from one on.
fn quantities(reader: &Reader<'_>, own: usize) -> Vec<(Quantity, Range<usize>)> {
    let mut found = Vec::new();
    let (mut at, mut done) = (own, own);
    while at < reader.tokens.len() {
        if reader.kind(at) == Some(Kind::Number)
            && let Some((quantity, first, next)) = reader.quantity(at, done)
        {
            found.push((quantity, reader.range(first, next)));
            at = next;
            done = next;
        } else {
            at += 1;
        }
    }
    found
}

/// A number or a range of numbers and the place after it.
struct Amount {
    low: f64,
    high: Option<f64>,
    /// A `+` after it.
    open: bool,
    next: usize,
}

impl Reader<'_> {
    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|it| it.kind)
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |it| it.word.as_str())
    }

    fn written(&self, at: usize) -> &str {
        self.tokens.get(at).and_then(|it| self.text.as_str().get(it.start..it.end)).unwrap_or("")
    }

    fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|it| it.glued)
    }

    fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |it| self.word(it))
    }

    /// The quantity whose number is at `at`, its first token and the one after it; nothing before `done` belongs
    /// to it.
    fn quantity(&self, at: usize, done: usize) -> Option<(Quantity, usize, usize)> {
        let (mut bound, first) = self.operator(at, done);
        bound = bound.or_else(|| self.label_bound(first));
        let amount = self.amount(at)?;
        if self.is_part(at, first) {
            return None;
        }
        let (factor, mut unit, mut next) = self.unit(&amount, first < at || bound.is_some())?;
        let plus = self.word(next) == "+" && self.glued(next);
        next += usize::from(plus);
        if (amount.open || plus) && bound != Some(Bound::About) {
            bound = Some(Bound::AtLeast);
        }
        let number = self.text.span(self.range(at, amount.next));
        if unit == Unit::Percent && RELATIVE.contains(&self.word(next)) {
            unit = Unit::Change(self.word(next).to_owned());
            next += 1;
        }
        let mut percentile = self.percentile_before(first, done);
        let mut conditions = Vec::new();
        let last = next;
        for (words, which) in [
            (["or", "more"], Bound::AtLeast),
            (["or", "less"], Bound::AtMost),
            (["or", "fewer"], Bound::AtMost),
            (["or", "higher"], Bound::AtLeast),
            (["or", "better"], Bound::AtLeast),
        ] {
            if self.word(next) == words[0] && self.word(next + 1) == words[1] && bound.is_none() {
                bound = Some(which);
                next += 2;
            }
        }
        let after = match self.word(next) {
            "max" | "maximum" => Some(Bound::AtMost),
            "minimum" => Some(Bound::AtLeast),
            _ => None,
        };
        if bound.is_none() && after.is_some() {
            bound = after;
            next += 1;
        }
        let rate = matches!(unit, Unit::PerSecond(_));
        self.tail(&mut next, rate, &mut percentile, &mut conditions);
        let quantity = Quantity {
            bound: bound.unwrap_or(Bound::Exactly),
            value: amount.low * factor,
            upper: amount.high.map(|it| it * factor),
            unit,
            percentile,
            conditions,
            span: self.text.span(self.range(first, last)),
            number,
        };
        Some((quantity, first, next))
    }

    /// Whether a number is only a part of one: `10 000`, `1m 30s`, `per 1M tokens`.
    fn is_part(&self, at: usize, first: usize) -> bool {
        let number = |it: Option<usize>| it.is_some_and(|it| matches!(self.kind(it), Some(Kind::Number | Kind::Code)));
        let part = |word: &str| matches!(word, "d" | "m") || unit::seconds(word).is_some();
        let timed = part(self.word(at + 1));
        let after_part = timed && part(self.before(at, 1)) && number(at.checked_sub(2));
        let before_part = timed && number(Some(at + 2)) && part(self.word(at + 3));
        let price = first == at && self.before(at, 1) == "per";
        number(at.checked_sub(1)) || after_part || before_part || price
    }

    fn range(&self, from: usize, to: usize) -> Range<usize> {
        let start = self.tokens.get(from).map_or(0, |it| it.start);
        let end = to.checked_sub(1).and_then(|it| self.tokens.get(it)).map_or(start, |it| it.end);
        start..end.max(start)
    }

    /// What the words before a number say about it, and the first of them.
    fn operator(&self, at: usize, done: usize) -> (Option<Bound>, usize) {
        let mut first = at;
        let mut about = false;
        if self.before(first, 1) == "~" && first > done {
            first -= 1;
            about = true;
        }
        let back = |first: usize, count: usize| first.checked_sub(count).filter(|it| *it >= done);
        let colon = usize::from(matches!(self.before(first, 1), ":" | "of" | "=") && first > done + 1);
        let end = first - colon;
        let [three, two, one] = [3, 2, 1].map(|it| self.before(end, it));
        let of_three = match (three, two, one) {
            ("no" | "not", "more", "than") | ("less", "than", "or") => Some(Bound::AtMost),
            ("no" | "not", "less", "than") | ("no", "fewer", "than") => Some(Bound::AtLeast),
            _ => None,
        };
        let of_two = match (two, one) {
            ("less" | "fewer" | "lower" | "faster", "than") | ("at", "most") | ("up", "to") => Some(Bound::AtMost),
            ("more" | "greater" | "higher", "than") | ("at", "least") => Some(Bound::AtLeast),
            _ => None,
        };
        let of_one = match one {
            "<" | "<=" | "under" | "within" | "below" | "maximum" | "max" | "max." => Some(Bound::AtMost),
            ">" | ">=" | "minimum" | "min" | "above" | "over" | "exceed" | "exceeds" | "exceeding" => {
                Some(Bound::AtLeast)
            }
            "exactly" | "=" => Some(Bound::Exactly),
            "about" | "approximately" | "around" | "roughly" => Some(Bound::About),
            _ => None,
        };
        // `PORT=80`, `x += 1` and the end of `<br>` compare nothing.
        let sign = end.saturating_sub(1);
        let assigns = one == "=" && self.glued(sign);
        let closes = one == ">" && self.before(sign, 2) == "<" && self.glued(sign);
        let split = colon == 1 && one.len() < 3 && one != "=";
        let of_one = of_one.filter(|_| !assigns && !closes && !split);
        for (bound, count) in [(of_three, 3), (of_two, 2), (of_one, 1)] {
            if let (Some(bound), Some(start)) = (bound, back(end, count)) {
                return (Some(bound), start);
            }
        }
        if colon == 1 && self.before(first, 1) == "=" && first > done && !self.glued(first - 1) {
            return (Some(Bound::Exactly), first - 1);
        }
        (about.then_some(Bound::About), first)
    }

    /// What a label before a number says of it: `Maximum batch size: 1000`.
    fn label_bound(&self, first: usize) -> Option<Bound> {
        let colon = first.checked_sub(1).filter(|it| self.word(*it) == ":")?;
        let words = (colon.saturating_sub(5)..colon).rev();
        let mut words = words.take_while(|it| !matches!(self.word(*it), "|" | "," | ";" | ":" | "." | "(" | "→"));
        words.find_map(|it| match self.word(it) {
            "max" | "maximum" => Some(Bound::AtMost),
            "minimum" => Some(Bound::AtLeast),
            "min" if it.checked_sub(1).is_none_or(|it| self.kind(it) == Some(Kind::Sign)) => Some(Bound::AtLeast),
            _ => None,
        })
    }

    /// The number at `at`, its suffix and the other end of a range.
    fn amount(&self, at: usize) -> Option<Amount> {
        let (low, own, mut next) = self.number(at)?;
        let mut factor = own;
        let mut high = None;
        let dash = match self.word(next) {
            "-" | ".." => Some(next + 1),
            "to" => Some(next + 1),
            "and" if self.before(at, 1) == "between" => Some(next + 1),
            // `100ms-200ms`, `2%-4%`: the unit is that of the end.
            _ if matches!(self.word(next + 1), "-")
                && self.unit_word(next)
                && self.word(next + 2 + 1) == self.word(next) =>
            {
                Some(next + 2)
            }
            _ => None,
        };
        if let Some(dash) = dash
            && let Some((value, suffix, after)) = self.number(dash)
        {
            if suffix > factor && factor == 1.0 {
                factor = suffix;
            }
            let top = value * suffix;
            if top <= low * factor {
                return None;
            }
            (high, next) = (Some(top), after);
        }
        let open = self.word(next) == "+" && self.glued(next);
        next += usize::from(open);
        Some(Amount { low: low * factor, high, open, next })
    }

    fn unit_word(&self, at: usize) -> bool {
        unit::simple(self.word(at), self.written(at)).is_some()
    }

    fn number(&self, at: usize) -> Option<(f64, f64, usize)> {
        let token = self.tokens.get(at).filter(|it| it.kind == Kind::Number)?;
        let value: f64 = token.word.parse().ok()?;
        if self.glued(at + 1)
            && let Some(factor) = unit::suffix(self.written(at + 1))
        {
            return Some((value, factor, at + 2));
        }
        Some((value, 1.0, at + 1))
    }

    /// The unit after an amount: its factor, what it measures and the place after it.
    fn unit(&self, amount: &Amount, bounded: bool) -> Option<(f64, Unit, usize)> {
        let at = amount.next;
        let number = self.tokens.get(at.checked_sub(1)?)?;
        let start = self.first_of(at);
        let label = start.checked_sub(1).is_some_and(|it| NUMBERED.contains(&self.word(it)));
        if label && !bounded {
            return None;
        }
        let per_time = |at: usize| self.period(at);
        if self.word(at) == "/" || self.word(at) == "per" {
            if let Some((seconds, next)) = per_time(at) {
                return (bounded || self.word(at) == "/").then(|| (1.0 / seconds, each(""), next));
            }
            return bounded.then_some((1.0, Unit::Plain, at));
        }
        let tied = self.glued(at) && self.kind(at) == Some(Kind::Word);
        if let Some((factor, kind)) = unit::simple(self.word(at), self.written(at)) {
            let next = at + 1;
            // `429s` are responses.
            if tied && !bounded && self.word(at) == "s" && (400.0..600.0).contains(&amount.low) {
                return None;
            }
            if kind == Unit::Bytes
                && let Some((seconds, next)) = per_time(next)
            {
                return Some((factor / seconds, each("byte"), next));
            }
            return Some((factor, kind, next));
        }
        if tied && number.kind == Kind::Number {
            return None;
        }
        // `100 410 responses`: a status code says which ones.
        let coded = self.kind(at) == Some(Kind::Number);
        let status = self.word(at).len() == 3 && self.word(at).starts_with(['4', '5']);
        let named = matches!(self.word(at + 1), "s" | "responses" | "errors" | "requests");
        if coded && !(status && named) {
            return None;
        }
        let mut noun_at = at + usize::from(coded);
        let code = coded && self.glued(noun_at) && self.word(noun_at) == "s";
        let mut adjective = false;
        while ADJECTIVES.contains(&self.word(noun_at)) {
            (noun_at, adjective) = (noun_at + 1, true);
        }
        if adjective && let Some(factor) = unit::seconds(self.word(noun_at)) {
            return Some((factor, Unit::Seconds, noun_at + 1));
        }
        let word = self.word(noun_at);
        let noun = match unit::noun(word) {
            _ if code => self.word(at).to_owned(),
            noun if coded => format!("{} {noun}", self.word(at)),
            noun => noun,
        };
        if self.kind(noun_at) == Some(Kind::Word) {
            if let Some((seconds, next)) = per_time(noun_at + 1) {
                return Some((1.0 / seconds, each(&noun), next));
            }
            // `10 runs per IP per hour`.
            if self.word(noun_at + 1) == "per"
                && self.word(noun_at + 3) == "per"
                && let Some((seconds, _)) = per_time(noun_at + 3)
            {
                return Some((1.0 / seconds, each(&noun), noun_at + 1));
            }
        }
        let whole = amount.low.fract() == 0.0 && amount.high.is_none_or(|it| it.fract() == 0.0);
        let said = bounded || amount.open || amount.high.is_some() || adjective || self.is_large(amount);
        let countable = code || unit::is_plural(word) || unit::is_counted(word);
        if whole && countable && !self.glued(noun_at) | code && (said || unit::is_counted(&noun)) {
            return Some((1.0, Unit::Count(noun), noun_at + 1));
        }
        if adjective && amount.open {
            return Some((1.0, Unit::Plain, at));
        }
        if let Some(seconds) = self.label_rate(start) {
            return Some((1.0 / seconds.0, each(&seconds.1), at));
        }
        let ends = !self.glued(at) || self.kind(at) != Some(Kind::Word);
        (bounded && ends).then_some((1.0, Unit::Plain, at))
    }

    /// The token at which the amount that ends before `at` begins, with `~`.
    fn first_of(&self, at: usize) -> usize {
        let mut first = at;
        while let Some(before) = first.checked_sub(1)
            && at - before < FAR
            && (self.kind(before) == Some(Kind::Number)
                || matches!(self.word(before), "-" | "+" | "~" | "k" | "m" | "to" | ".."))
        {
            first = before;
        }
        first
    }

    fn is_large(&self, amount: &Amount) -> bool {
        amount.low >= 1_000.0
    }

    /// `/s`, `/ sec`, `per minute`, `per 15 minutes`: the seconds and the place after.
    fn period(&self, at: usize) -> Option<(f64, usize)> {
        if !matches!(self.word(at), "/" | "per" | "a" | "each") {
            return None;
        }
        if let Some(seconds) = unit::seconds(self.word(at + 1)) {
            return Some((seconds, at + 2));
        }
        let (value, factor, next) = self.number(at + 1)?;
        let seconds = unit::seconds(self.word(next))? * value * factor;
        (seconds > 0.0).then_some((seconds, next + 1))
    }

    /// `Orders/day: ~1000`: the seconds and the noun of a label before a number.
    fn label_rate(&self, first: usize) -> Option<(f64, String)> {
        let colon = first.checked_sub(1).filter(|it| self.word(*it) == ":")?;
        let noun_at = colon.checked_sub(3)?;
        let seconds = unit::seconds(self.word(colon - 1))?;
        let rate = matches!(self.word(colon - 2), "/" | "per") && self.kind(noun_at) == Some(Kind::Word);
        rate.then(|| (seconds, unit::noun(self.word(noun_at))))
    }

    /// A percentile between the end of the last quantity or clause and the operator.
    fn percentile_before(&self, first: usize, done: usize) -> Option<f64> {
        let mut at = first;
        while let Some(before) = at.checked_sub(1).filter(|it| *it >= done && first - it < FAR) {
            if matches!(self.word(before), "," | ";" | "|" | "→") {
                return None;
            }
            if let Some((value, _)) = self.percentile(before) {
                return Some(value);
            }
            at = before;
        }
        None
    }

    /// `p95`, `order.p99_latency`, `95th percentile`.
    fn percentile(&self, at: usize) -> Option<(f64, usize)> {
        let valid = |it: f64| (it > 0.0 && it < 100.0).then_some(it);
        if self.kind(at) == Some(Kind::Word) {
            let word = self.word(at);
            let whole = word.strip_prefix('p').and_then(|it| it.parse::<f64>().ok()).and_then(valid);
            let part = || {
                let parts = word.split(['_', '.']);
                parts.filter_map(|it| it.strip_prefix('p')?.parse::<f64>().ok().and_then(valid)).next_back()
            };
            return whole.or_else(part).map(|it| (it, at + 1));
        }
        let (value, _, next) = self.number(at)?;
        let ordinal = matches!(self.word(next), "th" | "st" | "nd" | "rd") && self.glued(next);
        (ordinal && self.word(next + 1) == "percentile").then_some((value, next + 2))
    }

    /// What follows a quantity and belongs to it.
    fn tail(&self, next: &mut usize, rate: bool, percentile: &mut Option<f64>, conditions: &mut Vec<String>) {
        loop {
            let mut at = *next;
            while MEASURES.contains(&self.word(at)) {
                at += 1;
            }
            // `100-500 receipts/block`, `8 hours downtime/year`; but `1-20 epics/features` are either.
            if self.word(at) == "/"
                && self.glued(at)
                && self.glued(at + 1)
                && self.kind(at + 1) == Some(Kind::Word)
                && !unit::is_plural(self.word(at + 1))
            {
                conditions.push(format!("per {}", self.word(at + 1)));
                *next = at + 2;
                continue;
            }
            let open = usize::from(self.word(at) == "(");
            let inner = at + open + usize::from(matches!(self.word(at + open), "at" | "for" | "the"));
            if percentile.is_none()
                && let Some((value, after)) = self.percentile(inner)
                && (open == 0 || matches!(self.word(after), ")" | "latency" | ","))
            {
                *percentile = Some(value);
                *next = after + usize::from(open == 1 && self.word(after) == ")");
                continue;
            }
            if open == 1 {
                let Some((words, after)) = self.bracket(at) else {
                    return;
                };
                conditions.push(words);
                *next = after;
                continue;
            }
            if STATES.contains(&self.word(at)) {
                let start = usize::from(matches!(self.word(at + 1), "start" | "starts" | "cache"));
                let mut after = at + 1 + start;
                if let Some((_, _, unit)) = self.number(after)
                    && unit::seconds(self.word(unit)).is_some()
                {
                    after = unit + 1;
                }
                let words = self.range(at, after);
                conditions.push(self.text.as_str().get(words).unwrap_or("").to_lowercase());
                *next = after;
                continue;
            }
            // `for 95% of requests` is a percentile.
            if self.word(at) == "for"
                && let Some((value, _, after)) = self.number(at + 1)
                && self.word(after) == "%"
                && self.word(after + 1) == "of"
                && percentile.is_none()
                && value > 0.0
                && value < 100.0
            {
                *percentile = Some(value);
                *next = after + 3;
                continue;
            }
            let Some(after) = self.condition(at) else {
                return;
            };
            if rate && self.period(at).is_some_and(|(_, end)| end == after) {
                *next = after;
                continue;
            }
            let range = self.range(at, after);
            conditions.push(self.text.as_str().get(range).unwrap_or("").to_lowercase());
            *next = after;
        }
    }

    /// The place after the condition that begins at `at`.
    fn condition(&self, at: usize) -> Option<usize> {
        let up = self.word(at) == "up" && self.word(at + 1) == "to";
        if !HEADS.contains(&self.word(at)) && !up {
            return None;
        }
        let stops = |it: usize| {
            matches!(
                self.word(it),
                "" | "," | ";" | "." | "(" | ")" | "|" | "→" | "—" | ":" | "=" | "/" | "<" | ">" | "<=" | ">="
            ) && !(self.word(it) == "/" && self.glued(it))
                || matches!(self.word(it), "and" | "or" | "but" | "via" | "per" | "is" | "of")
                || self.word(it) == "to" && self.before(it, 1) != "up"
                || self.word(it) == "-" && !(self.glued(it) && self.glued(it + 1))
                || it > at && HEADS.contains(&self.word(it))
                || self.word(it) == "+" && !self.glued(it)
        };
        let mut end = at + 1;
        while end < self.tokens.len() && end < at + 9 && !stops(end) {
            let dashes = self.kind(end) == Some(Kind::Number)
                && self.word(end + 1) == "-"
                && self.kind(end + 2) == Some(Kind::Number);
            end += if dashes { 3 } else { 1 };
        }
        let end = end.min(self.tokens.len());
        // `in lists` limits nothing; `in 1 hour` does. An operator makes a quantity of its own.
        let counted = self.kind(at + 1) == Some(Kind::Number);
        let timed = matches!(self.word(at), "in" | "over" | "on") && !counted;
        (end > at + 1 && !timed).then_some(end)
    }

    /// A parenthesis that is a condition: `(cold start without network)`.
    fn bracket(&self, open: usize) -> Option<(String, usize)> {
        let first = self.word(open + 1);
        let single = ["single", "estimated", "including", "excluding", "local", "cache"];
        if !STATES.contains(&first) && !HEADS.contains(&first) && !single.contains(&first) {
            return None;
        }
        let close = (open + 1..self.tokens.len().min(open + 12)).find(|it| self.word(*it) == ")")?;
        let words = self.range(open + 1, close);
        Some((self.text.as_str().get(words)?.to_lowercase(), close + 1))
    }
}

fn each(noun: &str) -> Unit {
    Unit::PerSecond(noun.to_owned())
}

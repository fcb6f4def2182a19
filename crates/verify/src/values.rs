//! Values for members: ones that fit, and ones at and just beyond each limit.

use plan::shape::{Kind, Limit, Member};
use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Number, Value, json};

/// The state that values are drawn from.
pub(crate) struct Draw {
    pub(crate) rng: fastrand::Rng,
    /// Told apart from what an earlier run left behind.
    pub(crate) salt: u64,
    count: u64,
}

impl Draw {
    pub(crate) fn new(seed: u64) -> Draw {
        Draw { rng: fastrand::Rng::with_seed(seed), salt: 0, count: 0 }
    }

    /// Draws other values from here on than any run before: what had to be new was there already.
    pub(crate) fn anew(&mut self) {
        self.salt = crate::records::millis() as u64 ^ self.rng.u64(..);
        self.rng.seed(self.salt);
    }

    /// Letters and digits that were not drawn before.
    pub(crate) fn token(&mut self, len: usize) -> String {
        self.count += 1;
        let mut number = self.rng.u64(..) ^ self.salt.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ self.count;
        let mut text = String::new();
        for _ in 0..len {
            let digit = number % 36;
            number = (number / 36) ^ (self.rng.u64(..) >> 32);
            text.push(char::from_digit(digit as u32, 36).unwrap_or('x'));
        }
        text
    }
}

/// The bounds of a member's length.
fn length(member: &Member) -> (u64, Option<u64>) {
    let mut bounds = (0, None);
    for (limit, _) in &member.limits {
        if let Limit::Length(least, most) = limit {
            bounds.0 = bounds.0.max(least.unwrap_or(0));
            bounds.1 = [bounds.1, *most].into_iter().flatten().min();
        }
    }
    if let Kind::Text(Some(most)) = member.kind {
        bounds.1 = Some(bounds.1.unwrap_or(u64::MAX).min(u64::from(most)));
    }
    bounds
}

/// The least and the most, and whether each is allowed itself.
type Bounds<'a> = (Option<&'a (String, bool)>, Option<&'a (String, bool)>);

fn bounds(member: &Member) -> Bounds<'_> {
    let mut found = (None, None);
    for (limit, _) in &member.limits {
        if let Limit::Range(least, most) = limit {
            found.0 = least.as_ref().or(found.0);
            found.1 = most.as_ref().or(found.1);
        }
    }
    found
}

fn pattern(member: &Member) -> Option<&str> {
    member.limits.iter().find_map(|it| match &it.0 {
        Limit::Pattern(pattern) => Some(pattern.as_str()),
        _ => None,
    })
}

/// A value that a member may have, as far as its own limits say. `like` is one that the document shows.
pub(crate) fn value(member: &Member, like: Option<&Value>, draw: &mut Draw) -> Value {
    if let Some(words) = member.limits.iter().find_map(|it| match &it.0 {
        Limit::OneOf(words) => Some(words),
        _ => None,
    }) && let Some(word) = draw.rng.choice(words)
    {
        return match member.kind {
            Kind::Integer | Kind::Number => serde_json::from_str(word).unwrap_or_else(|_| json!(word)),
            _ => json!(word),
        };
    }
    match &member.kind {
        Kind::Text(_) => text(member, like.and_then(Value::as_str), draw),
        Kind::Integer => json!(integer(member, draw)),
        Kind::Number => json!(integer(member, draw)),
        Kind::Decimal(_, as_text) => {
            let number = integer(member, draw).to_string();
            if *as_text { json!(number) } else { number.parse().map_or(json!(1), Value::Number) }
        }
        Kind::Boolean => json!(draw.rng.bool()),
        Kind::Date => json!(format!("2027-{:02}-{:02}", draw.rng.u8(1..=12), draw.rng.u8(1..=28))),
        Kind::Time => json!(format!("{:02}:{:02}", draw.rng.u8(0..24), draw.rng.u8(0..60))),
        Kind::DateTime => json!(format!(
            "2027-{:02}-{:02}T{:02}:{:02}:00Z",
            draw.rng.u8(1..=12),
            draw.rng.u8(1..=28),
            draw.rng.u8(0..24),
            draw.rng.u8(0..60)
        )),
        Kind::Duration => like.cloned().unwrap_or_else(|| json!("PT1H")),
        Kind::Uuid => json!(uuid(draw)),
        Kind::Email => {
            let most = length(member).1.unwrap_or(64).max(8) as usize;
            json!(format!("{}@a.example", draw.token(12.min(most.saturating_sub(10)).max(1))))
        }
        Kind::Url => json!(format!("https://a.example/{}", draw.token(10))),
        Kind::Ip => json!(format!("192.0.2.{}", draw.rng.u8(1..255))),
        Kind::Any => like.cloned().unwrap_or_else(|| json!(draw.token(8))),
        Kind::Enum(words) => draw.rng.choice(words).map_or(Value::Null, |it| json!(it)),
        Kind::Literals(values) => draw.rng.choice(values).cloned().unwrap_or(Value::Null),
        Kind::List(item) => {
            let (least, most) = length(member);
            let shown = like.and_then(Value::as_array).map_or(1, |it| it.len() as u64).max(1);
            let len = shown.clamp(least, most.unwrap_or(u64::MAX).max(least)).min(50);
            let first = like.and_then(Value::as_array).and_then(|it| it.first());
            Value::Array((0..len).map(|_| value(item, first, draw)).collect())
        }
        Kind::Map(item) => {
            let mut members = Map::new();
            members.insert(draw.token(5), value(item, None, draw));
            Value::Object(members)
        }
        Kind::Object(inner) => {
            let each = inner.iter().filter(|it| it.required || draw_one(like, &it.name)).cloned().collect::<Vec<_>>();
            let mut members = Map::new();
            for it in &each {
                members.insert(it.name.clone(), value(it, like.and_then(|like| like.get(&it.name)), draw));
            }
            Value::Object(members)
        }
    }
}

fn draw_one(like: Option<&Value>, name: &str) -> bool {
    like.and_then(|it| it.get(name)).is_some_and(|it| !it.is_null())
}

/// A version 4 UUID (RFC 9562, section 5.4).
fn uuid(draw: &mut Draw) -> String {
    let (high, low) = (draw.rng.u64(..), draw.rng.u64(..) ^ draw.salt);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        ((low >> 48) & 0x3fff) | 0x8000,
        low & 0xffff_ffff_ffff
    )
}

fn text(member: &Member, like: Option<&str>, draw: &mut Draw) -> Value {
    let (least, most) = length(member);
    if let Some(pattern) = pattern(member)
        && let Ok(hir) = regex_syntax::parse(pattern)
    {
        for _ in 0..20 {
            let mut out = String::new();
            write(&hir, &mut out, draw);
            let len = out.chars().count() as u64;
            if len >= least && most.is_none_or(|it| len <= it) {
                return json!(out);
            }
        }
    }
    let most = most.unwrap_or(60).min(10_000);
    let mut out = draw.token(8.min(most as usize).max(least.min(8) as usize));
    if let Some(like) = like {
        let room = (most as usize).saturating_sub(out.chars().count() + 1);
        let head: String = like.chars().take(room.min(30)).collect();
        if !head.is_empty() {
            out = format!("{head} {out}");
        }
    }
    while (out.chars().count() as u64) < least {
        out.push('x');
    }
    json!(out.chars().take(most as usize).collect::<String>())
}

/// Writes a text that a regular expression matches, as short as its repetitions allow.
fn write(hir: &Hir, out: &mut String, draw: &mut Draw) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => out.push_str(&String::from_utf8_lossy(&literal.0)),
        HirKind::Class(Class::Unicode(class)) => {
            // Among readable characters where it has some.
            let plain: Vec<char> = ('0'..='9').chain('a'..='z').chain('A'..='Z').collect();
            let inside = |it: &char| class.ranges().iter().any(|range| (range.start()..=range.end()).contains(it));
            let known: Vec<char> = plain.into_iter().filter(inside).collect();
            let first = class.ranges().first().map(|it| it.start());
            out.extend(draw.rng.choice(&known).copied().or(first));
        }
        HirKind::Class(Class::Bytes(class)) => out.extend(class.ranges().first().map(|it| char::from(it.start()))),
        HirKind::Repetition(many) => {
            let most = many.max.unwrap_or(many.min + 6).min(many.min + 6);
            for _ in 0..draw.rng.u32(many.min..=most.max(many.min)).min(2000) {
                write(&many.sub, out, draw);
            }
        }
        HirKind::Capture(inner) => write(&inner.sub, out, draw),
        HirKind::Concat(parts) => parts.iter().for_each(|it| write(it, out, draw)),
        HirKind::Alternation(choices) => {
            if let Some(it) = draw.rng.choice(choices) {
                write(it, out, draw);
            }
        }
    }
}

fn integer(member: &Member, draw: &mut Draw) -> i64 {
    let (least, most) = bounds(member);
    let parse = |it: &(String, bool)| it.0.parse::<f64>().ok();
    let mut low = least.and_then(|it| parse(it).map(|value| if it.1 { value.ceil() } else { value.floor() + 1.0 }));
    let mut high = most.and_then(|it| parse(it).map(|value| if it.1 { value.floor() } else { value.ceil() - 1.0 }));
    if let Kind::Decimal(Some((all, scale)), _) = &member.kind {
        let limit = 10_f64.powi((*all as i32 - *scale as i32).clamp(1, 15)) - 1.0;
        high = Some(high.unwrap_or(limit).min(limit));
    }
    if low.is_none() && high.is_some_and(|it| it < 1.0) {
        low = high.map(|it| it - 100.0);
    }
    let low = low.unwrap_or(1.0);
    let high = high.unwrap_or(low + 1000.0).max(low).min(low + 1_000_000.0);
    draw.rng.i64(low as i64..=high as i64)
}

/// A text like another that no record has yet, if its limits leave room for one.
pub(crate) fn fresh(member: &Member, like: Option<&Value>, draw: &mut Draw) -> Value {
    let wide = |it: &Member| bounds(it).1.is_none();
    match &member.kind {
        Kind::Integer | Kind::Number if wide(member) => {
            let low = bounds(member).0.and_then(|it| it.0.parse::<f64>().ok()).unwrap_or(0.0) as i64;
            json!(low + 1 + draw.rng.i64(0..1 << 40) + draw.salt as i64 % 1000)
        }
        _ => value(member, like, draw),
    }
}

/// A value to try in the place of one that fits.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Where it stands in the body.
    pub(crate) path: Vec<Step>,
    pub(crate) value: Option<Value>,
    /// What is tried: `one character more than allowed`.
    pub(crate) what: String,
}

/// A step into a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Name(String),
    Index(usize),
}

/// Values at and beyond each limit of a member that holds `base` at `path`.
pub(crate) fn candidates(member: &Member, base: &Value, path: &[Step], draw: &mut Draw, found: &mut Vec<Candidate>) {
    let mut add = |value: Value, what: String| found.push(Candidate { path: path.to_vec(), value: Some(value), what });
    add(Value::Null, "null".to_owned());
    let wrong: &[(Value, &str)] = match &member.kind {
        Kind::Text(_) | Kind::Date | Kind::Time | Kind::DateTime | Kind::Uuid | Kind::Email | Kind::Url | Kind::Ip => {
            &[(json!(12345), "a number"), (json!({}), "an object")]
        }
        Kind::Enum(_) => &[(json!(7), "a number")],
        Kind::Integer => &[(json!("12"), "a text"), (json!(1.5), "a fraction"), (json!(true), "true")],
        Kind::Number => &[(json!("12"), "a text"), (json!(true), "true")],
        Kind::Boolean => &[(json!("true"), "a text"), (json!(1), "1")],
        Kind::Decimal(..) => &[(json!("twelve"), "a word"), (json!(true), "true")],
        Kind::List(_) => &[(json!("x"), "a text"), (json!({}), "an object")],
        Kind::Object(_) | Kind::Map(_) => &[(json!("x"), "a text"), (json!([]), "a list")],
        Kind::Duration | Kind::Any | Kind::Literals(_) => &[],
    };
    for (value, what) in wrong {
        add(value.clone(), (*what).to_owned());
    }
    match &member.kind {
        Kind::Text(_) => {
            let (least, most) = length(member);
            for len in [least.checked_sub(1), Some(least), most, most.and_then(|it| it.checked_add(1))] {
                if let Some(len) = len.filter(|it| *it <= 20_000)
                    && (least > 0 || len > 0 || most.is_some())
                    && let Some(text) = of_length(member, base, len as usize, draw)
                {
                    add(json!(text), format!("a text of {len} characters"));
                }
            }
            let room = most.is_none_or(|it| it >= base.as_str().map_or(0, |it| it.chars().count() as u64) + 2);
            if let Some(own) = base.as_str().filter(|it| room && pattern(member).is_none() && !it.is_empty()) {
                add(json!(format!(" {own} ")), "a text with blanks around it".to_owned());
            }
            // A character is not a byte, nor two of another encoding's units.
            if let Some(most) = most.filter(|it| (2..=5000).contains(it))
                && pattern(member).is_none()
            {
                let mut text = "é🦉".repeat(most as usize / 2);
                if most % 2 == 1 {
                    text.push('é');
                }
                add(json!(text), format!("a text of {most} characters beyond ASCII"));
            }
            if pattern(member).is_some() {
                let own = base.as_str().unwrap_or("");
                for (text, what) in [
                    (format!("{own}!"), "a character more behind"),
                    (format!("!{own}"), "a character more before"),
                    (format!("{own}\n"), "a line break behind"),
                    (own.to_lowercase(), "in lower case"),
                    (own.to_uppercase(), "in upper case"),
                    ("?".to_owned(), "another text"),
                ] {
                    if text != own {
                        add(json!(text), what.to_owned());
                    }
                }
            }
        }
        Kind::Integer | Kind::Number | Kind::Decimal(..) => {
            let (least, most) = bounds(member);
            for (bound, sign) in [(least, -1), (most, 1)] {
                let Some((text, _)) = bound else { continue };
                for offset in [0, sign] {
                    if let Some(number) = moved(text, offset, &member.kind) {
                        add(number.clone(), format!("{number}"));
                    }
                }
            }
            if let Kind::Decimal(Some((all, scale)), as_text) = &member.kind {
                let text = format!("1.{}", "1".repeat(*scale as usize + 1));
                let large = format!("1{}", "0".repeat((*all - *scale.min(all)) as usize));
                for (text, what) in [(text, "a digit more after the point"), (large, "a digit more before the point")] {
                    let number = text.parse::<Number>().map(Value::Number);
                    add(if *as_text { json!(text) } else { number.unwrap_or_default() }, what.to_owned());
                }
            }
        }
        Kind::Enum(words) => {
            add(json!("no-such-word"), "a word that is not listed".to_owned());
            for word in words {
                add(json!(word), word.to_string());
            }
            if let Some(word) = words.first() {
                for other in [word.to_uppercase(), word.to_lowercase()] {
                    if !words.contains(&other) {
                        add(json!(other), format!("{other}, in another case than {word}"));
                    }
                }
            }
        }
        Kind::Date => {
            add(json!("2027-02-30"), "a day that does not exist".to_owned());
            add(json!("01/02/2027"), "a date of another form".to_owned());
        }
        Kind::DateTime => {
            add(json!("2027-02-30T10:00:00Z"), "a day that does not exist".to_owned());
            add(json!("tomorrow"), "a word".to_owned());
        }
        Kind::Time => add(json!("25:61"), "a time that does not exist".to_owned()),
        Kind::Uuid => add(json!("not-a-uuid"), "a word".to_owned()),
        Kind::Email => add(json!("nobody"), "a text without an @".to_owned()),
        Kind::Url => add(json!("nowhere"), "a word".to_owned()),
        Kind::Ip => add(json!("300.1.1.1"), "a number over 255".to_owned()),
        Kind::List(item) => {
            let (least, most) = length(member);
            let items = base.as_array().cloned().unwrap_or_default();
            for len in [least.checked_sub(1), most, most.and_then(|it| it.checked_add(1))].into_iter().flatten() {
                if let Some(first) = items.first().filter(|_| len <= 2000) {
                    add(Value::Array(vec![first.clone(); len as usize]), format!("a list of {len}"));
                }
            }
            if least > 0 || most.is_none() {
                add(json!([]), "an empty list".to_owned());
            }
            // Of an empty list, one with an item is looked at.
            match items.first() {
                Some(first) => {
                    let mut path = path.to_vec();
                    path.push(Step::Index(0));
                    candidates(item, first, &path, draw, found);
                }
                None if most.is_none_or(|it| it > 0) => {
                    let first = value(item, None, draw);
                    let mut inner = Vec::new();
                    candidates(item, &first, &[Step::Index(0)], draw, &mut inner);
                    for one in inner {
                        let mut list = Value::Array(vec![first.clone()]);
                        if place(&mut list, &one.path, one.value) {
                            let what = format!("a list with {}", one.what);
                            found.push(Candidate { path: path.to_vec(), value: Some(list), what });
                        }
                    }
                }
                None => {}
            }
        }
        Kind::Object(members) => {
            for member in members {
                let Some(inner) = base.get(&member.name) else { continue };
                let mut path = path.to_vec();
                path.push(Step::Name(member.name.clone()));
                if member.required {
                    found.push(Candidate { path: path.clone(), value: None, what: "left out".to_owned() });
                }
                candidates(member, inner, &path, draw, found);
            }
        }
        Kind::Duration | Kind::Boolean | Kind::Any | Kind::Literals(_) | Kind::Map(_) => {}
    }
    for (limit, _) in &member.limits {
        if let Limit::OneOf(words) = limit {
            found.push(Candidate {
                path: path.to_vec(),
                value: Some(json!("no-such-word")),
                what: "a word that is not listed".to_owned(),
            });
            found.extend(words.iter().map(|it| Candidate {
                path: path.to_vec(),
                value: Some(json!(it)),
                what: it.clone(),
            }));
        }
    }
}

/// A text of a length that breaks nothing else, if it can be had.
fn of_length(member: &Member, base: &Value, len: usize, draw: &mut Draw) -> Option<String> {
    if let Some(pattern) = pattern(member) {
        let regex = member.limits.iter().find_map(|it| match &it.0 {
            Limit::Pattern(regex) => Some(regex),
            _ => None,
        })?;
        let hir = regex_syntax::parse(pattern).ok()?;
        for _ in 0..50 {
            let mut out = String::new();
            write(&hir, &mut out, draw);
            if out.chars().count() == len && regex.is_match(&out) {
                return Some(out);
            }
        }
        return None;
    }
    let mut text: String = base.as_str().unwrap_or("").chars().filter(|it| !it.is_whitespace()).take(len).collect();
    let missing = len.saturating_sub(text.chars().count());
    text.push_str(&"x".repeat(missing));
    // What is shown before should not be what another record has.
    if len >= 12 {
        let token = draw.token(8);
        let keep: String = text.chars().take(len - 8).collect();
        text = format!("{keep}{token}");
    }
    Some(text)
}

/// A number beside a bound.
fn moved(text: &str, by: i32, kind: &Kind) -> Option<Value> {
    if let Ok(number) = text.parse::<i64>() {
        let value = number.checked_add(i64::from(by))?;
        return Some(match kind {
            Kind::Decimal(_, true) => json!(value.to_string()),
            _ => json!(value),
        });
    }
    let scale = text.split_once('.').map_or(0, |it| it.1.len());
    let value = text.parse::<f64>().ok()? + f64::from(by) * 10_f64.powi(-(scale as i32));
    let text = format!("{value:.scale$}");
    match kind {
        Kind::Decimal(_, true) => Some(json!(text)),
        Kind::Integer => None,
        _ => text.parse().ok().map(Value::Number),
    }
}

/// Puts a value into a body, or takes what stands there out.
pub(crate) fn place(body: &mut Value, path: &[Step], value: Option<Value>) -> bool {
    let Some((last, before)) = path.split_last() else {
        if let Some(value) = value {
            *body = value;
        }
        return true;
    };
    let mut at = body;
    for step in before {
        let inner = match step {
            Step::Name(name) => at.get_mut(name.as_str()),
            Step::Index(index) => at.get_mut(*index),
        };
        let Some(inner) = inner else { return false };
        at = inner;
    }
    match (last, value) {
        (Step::Name(name), Some(value)) => {
            let Some(members) = at.as_object_mut() else { return false };
            members.insert(name.clone(), value);
        }
        (Step::Name(name), None) => {
            let Some(members) = at.as_object_mut() else { return false };
            members.shift_remove(name);
        }
        (Step::Index(index), Some(value)) => {
            let Some(item) = at.get_mut(*index) else { return false };
            *item = value;
        }
        (Step::Index(index), None) => {
            let Some(items) = at.as_array_mut().filter(|it| *index < it.len()) else { return false };
            items.remove(*index);
        }
    }
    true
}

/// A path in words: `lines[0].quantity`.
pub(crate) fn words(path: &[Step]) -> String {
    let mut out = String::new();
    for step in path {
        match step {
            Step::Name(name) if out.is_empty() => out.push_str(name),
            Step::Name(name) => out.push_str(&format!(".{name}")),
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

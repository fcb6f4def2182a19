//! Go structs with their tags, named types and the constants that are their values.

use std::collections::HashMap;
use std::ops::Range;

use source::{Spanned, Text};

use super::lexed::Lexed;
use super::{Base, Body, Declaration, Declarations, Language, Member};
use crate::code::Dialect;
use crate::english::Rule;
use crate::types::Type;

/// Reads a fence.
pub(super) fn read(text: &Text) -> Declarations {
    if !text.as_str().contains("type ") {
        return Declarations::default();
    }
    let mut code = Lexed::new(text, Dialect::Braces);
    let mut found = Declarations::default();
    let values = constants(&code);
    let mut at = 0;
    while at < code.toks.len() {
        let starts = code.starts_line(at);
        if starts && code.toks.get(at).is_some_and(|it| it.is("type")) {
            // `type ( A struct {…} B struct {…} )`
            if code.toks.get(at + 1).is_some_and(|it| it.is("(")) {
                let end = code.closing(at + 1).unwrap_or(code.toks.len());
                let mut inner = at + 2;
                while inner < end {
                    inner = declaration(&mut code, inner, inner, &values, &mut found).max(inner + 1);
                }
                at = end;
            } else {
                at = declaration(&mut code, at, at + 1, &values, &mut found).max(at + 1);
                continue;
            }
        }
        // What stands in the body of a function declares nothing that anybody else sees.
        at = if code.toks.get(at).is_some_and(|it| it.is("{")) { code.after(at) } else { at + 1 };
    }
    found
}

/// Reads the declaration whose name is at `name`; gives the token after it.
fn declaration(
    code: &mut Lexed<'_>,
    start: usize,
    name: usize,
    values: &HashMap<&str, Vec<Spanned<String>>>,
    found: &mut Declarations,
) -> usize {
    if code.name_at(name).is_none() {
        return name;
    }
    code.at = name + 1;
    // `[T any]`
    if code.is(0, "[") && code.name(1).is_some() {
        code.skip_bracket("[");
    }
    code.eat("=");
    let mut stored = false;
    let mut extends = Vec::new();
    let body = if code.is(0, "struct") && code.is(1, "{") {
        let open = code.at + 1;
        let end = code.closing(open).unwrap_or(code.toks.len());
        let mut members = Vec::new();
        let mut hidden = 0;
        for line in lines(code, open + 1..end) {
            match field(code, line) {
                Field::Member(member, tags) => {
                    stored |= tags;
                    members.push(*member);
                }
                Field::Base(name) => extends.push(name),
                Field::Hidden => hidden += 1,
                Field::Nothing => {}
            }
        }
        stored |= extends.iter().any(|it: &Spanned<String>| it.value == "gorm.Model");
        code.at = (end + 1).min(code.toks.len());
        // What hides its fields is a part of a program.
        if members.is_empty() && hidden > 0 {
            return code.at;
        }
        Body::Record(members)
    } else if code.is(0, "interface") || code.is(0, "func") {
        return code.at;
    } else {
        let from = code.at;
        let Some(ty) = code.ty().filter(|_| code.toks.get(from).is_some_and(|it| it.line == code.last_line(name)))
        else {
            return name + 1;
        };
        let own = code.name_at(name).and_then(|it| values.get(it));
        Body::Alias(match own {
            Some(words) if matches!(ty, Type::Text(_)) => Type::Enum(words.clone()),
            _ => ty,
        })
    };
    found.items.push(Declaration {
        name: code.spanned(name),
        language: Language::Go,
        stored,
        body,
        extends: extends.into_iter().map(Base::whole).collect(),
        table: Vec::new(),
        comments: code.comments(start..name + 1),
        span: code.span(start..code.at),
    });
    code.at
}

/// Texts that constants give to values of a named type: `StatusOpen Status = "open"`.
fn constants<'a>(code: &Lexed<'a>) -> HashMap<&'a str, Vec<Spanned<String>>> {
    let mut found: HashMap<&str, Vec<Spanned<String>>> = HashMap::new();
    for at in 0..code.toks.len() {
        let is = |ahead: usize, text: &str| code.toks.get(at + ahead).is_some_and(|it| it.is(text));
        let line = code.starts_line(at) || at.checked_sub(1).is_some_and(|it| code.name_at(it) == Some("const"));
        // `Open Status = "open"`, `Open = Status("open")`
        let (ty, value) = match (code.name_at(at + 1), is(1, "=")) {
            (Some(ty), _) if line && is(2, "=") => (Some(ty), at + 3),
            (_, true) if line && is(3, "(") => (code.name_at(at + 2), at + 4),
            _ => continue,
        };
        if let (Some(ty), Some(value)) = (ty, code.unquoted(value)) {
            found.entry(ty).or_default().push(value);
        }
    }
    found
}

/// Lines of a body.
fn lines(code: &Lexed<'_>, body: Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = body.start;
    while at < body.end {
        let next = code.after(at).min(body.end);
        let separator = code.toks.get(at).is_some_and(|it| it.is(";"));
        match found.last_mut() {
            Some(last) if !code.starts_line(at) && !separator => last.end = next,
            _ if separator => found.push(next..next),
            _ => found.push(at..next),
        }
        at = next;
    }
    found.retain(|it| !it.is_empty());
    found
}

enum Field {
    /// A field, and whether its tags say how it is kept.
    Member(Box<Member>, bool),
    Base(Spanned<String>),
    Hidden,
    Nothing,
}

fn field(code: &mut Lexed<'_>, line: Range<usize>) -> Field {
    let Some(name) = code.name_at(line.start) else {
        // `*Base`
        let named = code.toks.get(line.start).is_some_and(|it| it.is("*")) && code.name_at(line.start + 1).is_some();
        return if named { Field::Base(code.spanned(line.start + 1)) } else { Field::Nothing };
    };
    let tag = line.clone().next_back().and_then(|it| code.unquoted(it));
    let end = if tag.is_some() { line.end - 1 } else { line.end };
    // `gorm.Model`, `Base`
    if line.start + 1 == end || code.toks.get(line.start + 1).is_some_and(|it| it.is(".")) {
        return Field::Base(Spanned::new(code.written(line.start..end).to_owned(), code.span(line.start..end)));
    }
    // `X, Y float64`
    let mut first = line.start + 1;
    while code.toks.get(first).is_some_and(|it| it.is(",")) && code.name_at(first + 1).is_some() {
        first += 2;
    }
    let tags = tag.as_ref().map(|it| Tags::read(&it.value));
    if tags.is_none() && name.starts_with(char::is_lowercase) {
        return Field::Hidden;
    }
    code.at = first;
    let nested = code.is(0, "struct") || (code.is(0, "[") && code.is(2, "struct"));
    let ty = match code.ty().filter(|_| !nested) {
        Some(ty) if code.at <= end => ty,
        _ => Type::Opaque(code.written(first..end).to_owned()),
    };
    let nullable = ty.is_nullable();
    let mut member = Member::new(
        code.spanned(line.start),
        Spanned::new(ty, code.span(first..end.max(first + 1))),
        code.span(line.clone()),
    );
    member.optional = nullable;
    member.comments = code.comments(line.clone());
    let (Some(tag), Some(tags)) = (&tag, tags) else { return Field::Member(Box::new(member), false) };
    let place = |part: &str| {
        let from = tag.value.find(part).unwrap_or(0) as u32 + tag.span.start;
        source::Span { start: from, end: from + part.len() as u32, ..tag.span }
    };
    let named = tags.json.or(tags.other).map(|it| it.split(',').next().unwrap_or("")).filter(|it| !it.is_empty());
    match named {
        Some("-") => member.say(Rule::WriteOnly, tag.span),
        Some(name) => member.rename(Spanned::new(name.to_owned(), place(name))),
        None => {}
    }
    let other = tags.other.and_then(|it| it.split(',').next());
    member.also.extend(other.filter(|it| tags.json.is_some() && !it.is_empty()).map(str::to_owned));
    if tags.json.is_some_and(|it| it.split(',').skip(1).any(|it| it.starts_with("omit"))) {
        member.optional = true;
    }
    for word in tags.validate.into_iter().flat_map(|it| it.split(',')) {
        validated(&mut member, word, &place);
    }
    for word in tags.gorm.into_iter().flat_map(|it| it.split(';')) {
        stored(&mut member, word.trim(), &place);
    }
    let kept = tags.gorm.is_some() || tags.stored;
    Field::Member(Box::new(member), kept)
}

/// The parts of a tag that say something of the value.
#[derive(Default)]
struct Tags<'a> {
    json: Option<&'a str>,
    /// Names in other encodings, and in a database.
    other: Option<&'a str>,
    validate: Option<&'a str>,
    gorm: Option<&'a str>,
    stored: bool,
}

impl<'a> Tags<'a> {
    fn read(mut tag: &'a str) -> Tags<'a> {
        let mut tags = Tags::default();
        while let Some((key, rest)) = tag.split_once(":\"") {
            let Some((value, rest)) = rest.split_once('"') else { break };
            match key.trim() {
                "json" => tags.json = Some(value),
                "db" | "bun" | "bson" | "dynamodbav" => {
                    tags.stored |= !matches!(key.trim(), "bson");
                    tags.other = tags.other.or(Some(value));
                }
                "yaml" | "form" | "uri" | "toml" | "mapstructure" | "xml" => tags.other = tags.other.or(Some(value)),
                "validate" | "binding" => tags.validate = Some(value),
                "gorm" => tags.gorm = Some(value),
                _ => {}
            }
            tag = rest;
        }
        tags
    }
}

/// A word of `validate:"required,min=1,max=80,oneof=a b"`.
fn validated(member: &mut Member, word: &str, place: &impl Fn(&str) -> source::Span) {
    let (key, value) = word.split_once('=').unwrap_or((word, ""));
    let span = place(word);
    let text = matches!(member.ty.value.bare(), Type::Text(_) | Type::Array(_) | Type::Map(_));
    let length = || value.parse::<u64>().ok();
    let number = || value.parse::<f64>().is_ok().then(|| value.to_owned());
    let range = |least: Option<(String, bool)>, most: Option<(String, bool)>| {
        (least.is_some() || most.is_some()).then_some(Rule::Range(least, most))
    };
    let rule = match key {
        "required" => {
            member.optional = false;
            member.not_null = Some(true);
            None
        }
        "omitempty" => {
            member.optional = true;
            None
        }
        "min" if text => length().map(|it| Rule::Length(Some(it), None)),
        "max" if text => length().map(|it| Rule::Length(None, Some(it))),
        "len" if text => length().map(|it| Rule::Length(Some(it), Some(it))),
        "min" | "gte" if !text => range(number().map(|it| (it, true)), None),
        "max" | "lte" if !text => range(None, number().map(|it| (it, true))),
        "gt" if !text => range(number().map(|it| (it, false)), None),
        "lt" if !text => range(None, number().map(|it| (it, false))),
        "oneof" => {
            let words = value.split_whitespace().map(|it| it.trim_matches('\''));
            Some(Rule::OneOf(words.map(|it| Spanned::new(it.to_owned(), place(it))).collect()))
        }
        "email" => Some(Rule::Format("email".into())),
        "url" | "uri" | "http_url" => Some(Rule::Format("url".into())),
        "uuid" | "uuid4" => Some(Rule::Format("uuid".into())),
        _ => None,
    };
    if let Some(rule) = rule {
        member.say(rule, span);
    }
}

/// A word of `gorm:"primaryKey;size:80;not null;default:draft"`.
fn stored(member: &mut Member, word: &str, place: &impl Fn(&str) -> source::Span) {
    let (key, value) = word.split_once(':').unwrap_or((word, ""));
    match key.to_ascii_lowercase().replace(['_', ' '], "").as_str() {
        "column" if !value.is_empty() => member.also.push(value.to_owned()),
        "primarykey" => member.primary_key = true,
        "notnull" => member.not_null = Some(true),
        "unique" => member.unique = true,
        "uniqueindex" if value.is_empty() => member.unique = true,
        "autoincrement" | "autocreatetime" | "autoupdatetime" => member.generated = true,
        "default" => {
            let shown = value.trim_matches('\'');
            member.default = Some(Spanned::new(shown.to_owned(), place(shown)));
        }
        "size" => {
            if let (Type::Text(limit), Ok(size)) = (&mut member.ty.value, value.parse()) {
                *limit = Some(size);
            }
        }
        "type" => {
            let length = value.split_once('(').and_then(|it| it.1.strip_suffix(')')?.parse().ok());
            match (&mut member.ty.value, value.split('(').next().unwrap_or("").trim()) {
                (Type::Text(limit), "varchar" | "char") => *limit = length.or(*limit),
                (ty @ Type::Text(_), "uuid") => *ty = Type::Uuid,
                _ => {}
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decl::tests::{check, mutate};

    const STRUCTS: &str = r#"package shelf

// Status of a loan.
type Status string

const (
	StatusOpen   Status = "open"
	StatusClosed Status = "closed"
)

// Loan is what was lent.
type Loan struct {
	gorm.Model
	ID        uuid.UUID  `json:"id" gorm:"type:uuid;primaryKey"`
	Title     string     `json:"title" validate:"required,min=1,max=80" gorm:"size:80;not null"` // shown in lists
	Note      *string    `json:"note,omitempty"`
	Days      int        `json:"days" validate:"gte=1,lte=30" gorm:"default:14"`
	Status    Status     `json:"status" validate:"oneof=open closed"`
	Tags      []string   `json:"tags"`
	Prices    map[string]float64 `json:"prices"`
	Due       time.Time  `json:"due"`
	Secret    string     `json:"-"`
	x, Y      int
	Raw       json.RawMessage
	Origin    struct {
		City string
	} `json:"origin"`
}

type Service struct {
	db *sql.DB
	mu sync.Mutex
}

type Store interface {
	Get(id string) (*Loan, error)
}

func (s *Service) Run() {
	type local struct{ A int }
}
"#;

    #[test]
    fn structs() {
        check(
            read,
            STRUCTS,
            "
alias Status = one of `open`, `closed` // Status of a loan.
stored Loan < gorm.Model // Loan is what was lent.
  id: uuid [key]
  title: string(80) [not null, length 1.., length ..80] // shown in lists
  note?: string or null
  days: integer = 14 [range =1.., range ..=30]
  status: `Status` [open|closed]
  tags: list of string
  prices: map to number
  due: datetime
  Secret: string [WriteOnly]
  Raw: json
  origin: `struct {
		City string
	}`",
        );
    }

    #[test]
    fn damage_is_tolerated() {
        mutate(STRUCTS, 400, read);
    }
}

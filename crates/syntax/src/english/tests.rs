use source::FileId;

use super::*;

fn text(value: &str) -> Text {
    Text::verbatim(value, FileId(0), 0)
}

fn joined(words: &[Spanned<String>]) -> String {
    words.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join("|")
}

fn shown(phrases: &[Phrase]) -> String {
    let one = |phrase: &Phrase| {
        let rule = match &phrase.rule {
            Rule::Unique(fields) if fields.is_empty() => "unique".to_owned(),
            Rule::Unique(fields) => format!("unique {}", joined(fields)),
            Rule::Length(least, most) => {
                let side = |it: &Option<u64>| it.map(|it| it.to_string()).unwrap_or_default();
                format!("length {}..{}", side(least), side(most))
            }
            Rule::Range(least, most) => {
                let side = |it: &Option<(String, bool)>, sign: &str| match it {
                    Some((number, true)) => format!(" {sign}= {number}"),
                    Some((number, false)) => format!(" {sign} {number}"),
                    None => String::new(),
                };
                format!("value{}{}", side(least, ">"), side(most, "<"))
            }
            Rule::Pattern(pattern) => format!("pattern {pattern}"),
            Rule::OneOf(words) => format!("one of {}", joined(words)),
            Rule::Default(value) => format!("default {}", value.value),
            Rule::Immutable => "immutable".to_owned(),
            Rule::ServerSet => "server".to_owned(),
            Rule::References(name, action) => {
                let action = action.as_ref().map(|it| format!(" {it}")).unwrap_or_default();
                format!("references {}{action}", name.value)
            }
            Rule::NonEmpty => "non-empty".to_owned(),
            Rule::Required(true) => "required".to_owned(),
            Rule::Required(false) => "optional".to_owned(),
            Rule::Nullable => "nullable".to_owned(),
            Rule::Compared { after, equal, other } => {
                let sign = if *after { ">" } else { "<" };
                format!("{sign}{} {}", if *equal { "=" } else { "" }, other.value)
            }
            Rule::RequiredWhen(field, value) => {
                format!("required when {} is {}", field.value, value.value)
            }
            Rule::AtLeastOneOf(fields) => format!("some of {}", joined(fields)),
            Rule::Format(name) => format!("format {name}"),
            Rule::WriteOnly => "write-only".to_owned(),
        };
        match &phrase.field {
            Some(field) => format!("{}: {rule}", field.value),
            None => rule,
        }
    };
    phrases.iter().map(one).collect::<Vec<_>>().join("; ")
}

const FIELD: &[(&str, &str)] = &[
    ("1-80 characters", "length 1..80"),
    ("1–80 chars", "length 1..80"),
    ("1 to 80 characters long", "length 1..80"),
    ("must be between 8 and 64 characters", "length 8..64"),
    ("Required, min 20 characters", "required; length 20.."),
    ("max 100 chars", "length ..100"),
    ("Max 1,000 characters", "length ..1000"),
    ("Max 100 IDs", ""),
    ("Max 100 items", "length ..100"),
    ("Default: 20, Max: 100", "default 20; value <= 100"),
    ("(default: 25, max: 100)", "default 25; value <= 100"),
    ("Server port (default: 8080)", "default 8080"),
    ("Page size (default: 25, max: 100).", "default 25; value <= 100"),
    ("Defaults to `text-embedding-3-small`.", "default text-embedding-3-small"),
    ("Default: now()", "default now()"),
    ("DEFAULT CURRENT_TIMESTAMP", "default CURRENT_TIMESTAMP"),
    ("NOT NULL, DEFAULT CURRENT_TIMESTAMP", "required; default CURRENT_TIMESTAMP"),
    ("NOT NULL, CHECK > 0", "required; value > 0"),
    ("PRIMARY KEY, AUTO_INCREMENT", "server"),
    ("default: []", "default []"),
    ("default: -1", "default -1"),
    ("Default is the current user", ""),
    ("default 20 minutes", ""),
    ("defaults to the owner", ""),
    ("1-10", "value >= 1 <= 10"),
    ("range: 1-10", "value >= 1 <= 10"),
    ("between 1 and 100", "value >= 1 <= 100"),
    ("0.0 to 1.0", "value >= 0.0 <= 1.0"),
    ("Rating, 1-10", ""),
    ("10-1", ""),
    ("\"pending\", \"trial\", \"cancelled\"", "one of pending|trial|cancelled"),
    ("\"pending\", \"trial\", \"provisioned\", \"cancelled\"", "one of pending|trial|provisioned|cancelled"),
    ("'a' | 'b'", "one of a|b"),
    ("'asc' or 'desc'", "one of asc|desc"),
    ("creating | running | stopped", "one of creating|running|stopped"),
    (
        "status values: creating | running | stopped | error | destroyed",
        "one of creating|running|stopped|error|destroyed",
    ),
    ("one of: a, b", "one of a|b"),
    ("One of draft, active, or done", "one of draft|active|done"),
    ("enum {A, B}", "one of A|B"),
    (
        "required, enum {CREDIT_CARD, DEBIT_CARD, BANK_TRANSFER}",
        "required; one of CREDIT_CARD|DEBIT_CARD|BANK_TRANSFER",
    ),
    ("Enum: Pending | Confirmed", "one of Pending|Confirmed"),
    ("one of: a, b, required", "one of a|b; required"),
    ("ISO 8601 timestamp", "format iso 8601"),
    ("ISO 8601", "format iso 8601"),
    ("ISO 8601 date", "format date"),
    ("RFC 3339 timestamp", "format iso 8601"),
    ("UUID v7 (time-sortable)", "format uuid"),
    ("UUID", "format uuid"),
    ("Format: YYYY-MM-DD", "format yyyy-mm-dd"),
    ("YYYY-MM-DD", "format yyyy-mm-dd"),
    ("must be a valid email", "format email"),
    ("valid URL", "format url"),
    ("unique", "unique"),
    ("Must be unique.", "unique"),
    ("unique per tenant", ""),
    ("required and unique", "required; unique"),
    ("immutable", "immutable"),
    ("Cannot be changed after creation", "immutable"),
    ("Cannot be modified after release", ""),
    ("references orders(id)", "references orders"),
    ("references orders(id) on delete cascade", "references orders cascade"),
    ("FOREIGN KEY → orders(id)", "references orders"),
    ("Ref: Users.User_Id", "references Users"),
    ("Ref: Users.User_Id, nullable", "references Users; nullable"),
    ("FK to customers (set null)", "references customers set null"),
    ("references the parent order", ""),
    ("must be positive", "value > 0"),
    ("> 0", "value > 0"),
    ("≥ 1", "value >= 1"),
    (">= 0", "value >= 0"),
    ("non-negative", "value >= 0"),
    ("non-empty", "non-empty"),
    ("must not be empty", "non-empty"),
    ("optional", "optional"),
    ("optional, max 1000", "optional; value <= 1000"),
    ("nullable", "nullable"),
    ("server-generated", "server"),
    ("set by the server", "server"),
    ("set by the service", "server"),
    ("Assigned by the API, immutable", "server; immutable"),
    ("assigned on creation", "server"),
    ("set on creation", ""),
    ("set by the author", ""),
    ("integer, 1-99", "format integer; value >= 1 <= 99"),
    ("int, 0-5, required", "value >= 0 <= 5; required"),
    ("chapter, 1-99", ""),
    ("auto-generated", "server"),
    ("generated", "server"),
    ("read-only", "server"),
    ("Regex: ^\\+?1?...$", "pattern ^\\+?1?...$"),
    ("pattern: `^[a-z]{2,5}$`", "pattern ^[a-z]{2,5}$"),
    ("matches /^[A-Z]+$/", "pattern ^[A-Z]+$"),
    ("pattern: kebab case", ""),
    ("write-only", "write-only"),
    ("never returned", "write-only"),
    ("hashed, never returned in responses", "write-only"),
    ("required, min size 1, max size 100", "required; length 1..; length ..100"),
    ("max length 80", "length ..80"),
    ("maxLength: 80", "length ..80"),
    ("10-5000 chars, required", "length 10..5000; required"),
    ("1-100 characters, alphanumeric + spaces", "length 1..100"),
    ("exactly 3 characters", "length 3..3"),
    ("up to 500 characters", "length ..500"),
    ("500 characters max", "length ..500"),
    ("required when status is cancelled", "required when status is cancelled"),
    ("must be after startDate", "> startDate"),
    ("must be after the party", ""),
    ("e.g., 'acme-corp'", ""),
    ("e.g. \"a\", \"b\"", ""),
    ("such as 'a', 'b'", ""),
    ("Coarse OS family: \"mac\", \"windows\", \"linux\".", "one of mac|windows|linux"),
    ("\"default\", \"backup\", etc.", ""),
    ("one of: a, b, ...", ""),
    ("EC injection into `user.id`, `user.eids`, `user.consent`", ""),
    ("UA contains `iPhone`, `iPad`, or `Android`", ""),
    ("`a.rs`, `b.rs`", ""),
    ("`asc`, `desc`", "one of asc|desc"),
    ("Default: 900 (15 min), Range: 0-86400", "default 900; value >= 0 <= 86400"),
    ("Default schema", ""),
    ("DEFAULT 10", "default 10"),
    ("completed → done", ""),
    ("minutes", ""),
    ("USD/month", ""),
    ("case-insensitive", ""),
    ("NULL means use position's rate", ""),
    ("Unique identifier", ""),
    ("Display name", ""),
    ("Hex color code", ""),
    ("Email", ""),
    ("Maximum batch size: 1000 mappings", ""),
    ("max 100 MB", ""),
    ("0-100%", ""),
    ("Key = current status", ""),
    ("max 100 chars unless premium", ""),
    ("max 100 chars, unless premium", ""),
    ("usually unique", ""),
    ("Required for admins", ""),
    ("max 10 for guests, required", ""),
    ("the required amount", ""),
    ("generated report", ""),
    ("optional notes from the user", ""),
    ("", ""),
];

#[test]
fn comments_and_descriptions() {
    let mut wrong = Vec::new();
    for (source, expected) in FIELD {
        let found = shown(&of_field(&text(source)));
        if found != *expected {
            wrong.push(format!("{source:?}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const NAMES: [&str; 16] = [
    "id",
    "name",
    "email",
    "tenantId",
    "macAddress",
    "customer",
    "number",
    "quantity",
    "status",
    "code",
    "startDate",
    "endDate",
    "customerId",
    "note",
    "title",
    "progress",
];

const ENTITY: &[(&str, &str)] = &[
    ("name is unique", "name: unique"),
    ("email must be unique", "email: unique"),
    ("`email` must be unique.", "email: unique"),
    ("Emails are unique", "email: unique"),
    ("(tenantId, macAddress) is unique", "unique tenantId|macAddress"),
    ("the pair customer and number is unique", "unique customer|number"),
    ("The combination of tenant id and MAC address must be unique", "unique tenantId|macAddress"),
    ("unique (tenantId, macAddress)", "unique tenantId|macAddress"),
    ("tenant_id and mac_address are unique together", "unique tenantId|macAddress"),
    ("name and email are unique", "name: unique; email: unique"),
    ("name and email are required", "name: required; email: required"),
    ("Quantities must be positive", "quantity: value > 0"),
    ("quantity must be between 1 and 100", "quantity: value >= 1 <= 100"),
    ("quantity must be at least 1", "quantity: value >= 1"),
    ("Progress must be 0.0 to 100.0", "progress: value >= 0.0 <= 100.0"),
    ("status must be one of: draft, active", "status: one of draft|active"),
    ("Status must be one of: draft, active, completed, archived", "status: one of draft|active|completed|archived"),
    ("name: 1-80 characters", "name: length 1..80"),
    ("name must be 1-80 characters", "name: length 1..80"),
    ("name must not be empty", "name: non-empty"),
    ("name must not exceed 80 characters", "name: length ..80"),
    ("email must be a valid email", "email: format email"),
    ("email must be a valid email address", "email: format email"),
    ("code matches ^[A-Z]{3}$", "code: pattern ^[A-Z]{3}$"),
    ("code matches `^[A-Z]{3}$`", "code: pattern ^[A-Z]{3}$"),
    ("code cannot be changed", "code: immutable"),
    ("code is immutable", "code: immutable"),
    ("code never changes", "code: immutable"),
    ("endDate must be after startDate", "endDate: > startDate"),
    ("End date must be on or after start date", "endDate: >= startDate"),
    ("customerId references Customer (cascade)", "customerId: references Customer cascade"),
    ("customerId references Customer", "customerId: references Customer"),
    ("note is required when status is cancelled", "note: required when status is cancelled"),
    ("note is required if status = \"cancelled\"", "note: required when status is cancelled"),
    ("At least one of name or status must be present", "some of name|status"),
    ("At least one of name, email or status must be set", "some of name|email|status"),
    ("at least one of name or `email`", "some of name|email"),
    ("Title is required", "title: required"),
    ("status defaults to draft", "status: default draft"),
    ("Title is required, 1-80 characters and unique", "title: required; title: length 1..80; title: unique"),
    ("total >= 0", ""),
    ("name is unique (case-insensitive)", ""),
    ("name is unique per tenant", ""),
    ("name is unique unless archived", ""),
    ("name is usually unique", ""),
    ("name is required except for drafts", ""),
    ("nickname is unique", ""),
    ("Title is required for drafts", ""),
    ("Expected delivery date must be after order date", ""),
    ("endDate must be after the party", ""),
    ("Cannot be modified after release", ""),
    ("(tenantId, macAddress) enforces a rule", ""),
    ("Maximum batch size: 1000 mappings", ""),
    ("Vendor required", ""),
    ("Title required", "title: required"),
    ("name", ""),
    ("", ""),
];

/// The first reader that understands a phrase: of items, of comments, of sentences about states, of figures.
fn of_phrase(source: &str) -> String {
    let fields = [&NAMES[..], &["expectedDeliveryDate", "orderDate", "vendor", "employeeId", "dayOfWeek"]].concat();
    let whole = text(source);
    let words = |it: &[Spanned<String>]| joined(it);
    let lifecycle = of_states(&whole).map(|it| match it {
        Lifecycle::Never { states, act, record } => {
            let record = record.filter(|it| it.tells).map(|it| format!(" ({})", it.name)).unwrap_or_default();
            format!("{} never from {}{record}", act.value, words(&states))
        }
        Lifecycle::Only { states, act, to, .. } => {
            let to = to.map(|it| format!(" to {}", it.value)).unwrap_or_default();
            format!("{}{to} only from {}", act.value, words(&states))
        }
        Lifecycle::Refused { states } => format!("refused but in {}", words(&states)),
        Lifecycle::Final { states } => format!("final {}", words(&states)),
        Lifecycle::Initial { state } => format!("initial {}", state.value),
        Lifecycle::Locked { after } => format!("locked after {}", after.value),
    });
    let figures = || {
        let found = crate::quantity::read(&whole);
        found.iter().map(|it| format!("{:?} {} {:?}", it.bound, it.value, it.unit)).collect::<Vec<_>>().join("; ")
    };
    let read = [shown(&of_entity(&whole, &fields)), shown(&of_field(&whole)), lifecycle.unwrap_or_default()];
    read.into_iter().find(|it| !it.is_empty()).unwrap_or_else(figures)
}

#[test]
fn phrases() {
    let table = include_str!("phrases.txt");
    crate::phrases::check(table, 0.8, of_phrase);
    let public = table.split("# About states").next().unwrap_or("");
    crate::phrases::check(public, 0.95, of_phrase);
}

#[test]
fn constraint_items() {
    let mut wrong = Vec::new();
    for (source, expected) in ENTITY {
        let found = shown(&of_entity(&text(source), &NAMES));
        if found != *expected {
            wrong.push(format!("{source:?}: {found:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn values_stand_where_they_are_written() {
    let source = "the note is required when status is `done`";
    let phrases = of_entity(&Text::verbatim(source, FileId(0), 100), &NAMES);
    let at = |span: Span| &source[span.start as usize - 100..span.end as usize - 100];
    let [Phrase { field: Some(field), rule: Rule::RequiredWhen(other, value), span }] = &phrases[..] else {
        unreachable!("{phrases:?}")
    };
    assert_eq!((at(field.span), at(other.span), at(value.span), at(*span)), ("note", "status", "done", source));

    let source = "Ref: Users.User_Id, one of “a”, 'b', default: now()";
    let phrases = of_field(&Text::verbatim(source, FileId(0), 0));
    let at = |span: Span| &source[span.range()];
    let [references, words, default] = &phrases[..] else { unreachable!("{phrases:?}") };
    assert_eq!(at(references.span), "Ref: Users.User_Id");
    let Rule::References(name, None) = &references.rule else { unreachable!() };
    assert_eq!(at(name.span), "Users");
    let Rule::OneOf(words) = &words.rule else { unreachable!() };
    assert_eq!(words.iter().map(|it| at(it.span)).collect::<Vec<_>>(), ["a", "b"]);
    let Rule::Default(value) = &default.rule else { unreachable!() };
    assert_eq!(at(value.span), "now()");
}

#[test]
fn broken_phrases_never_panic() {
    let pieces: Vec<char> = "()[]{}'\"`,.:;|/=<>≤–→ \n09aé-_0u".chars().collect();
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for round in 0..4_000 {
        let tables = [FIELD, ENTITY];
        let table = tables[round % 2];
        let mut chars: Vec<char> = table[next(table.len())].0.chars().collect();
        chars.extend(table[next(table.len())].0.chars());
        for _ in 0..=next(5) {
            let at = next(chars.len() + 1);
            match next(3) {
                0 if at < chars.len() => drop(chars.remove(at)),
                1 => chars.truncate(at),
                _ => chars.insert(at, pieces[next(pieces.len())]),
            }
        }
        let source: String = chars.into_iter().collect();
        for phrase in of_field(&text(&source)).into_iter().chain(of_entity(&text(&source), &NAMES)) {
            assert!(source.get(phrase.span.range()).is_some(), "{source}: {phrase:?}");
        }
    }
}

#[test]
fn long_text_takes_linear_time() {
    for piece in ["one of a, ", "max ", "(", "'", "a | ", "1-", "and ", "é", "required, "] {
        of_field(&text(&piece.repeat(5_000)));
        of_entity(&text(&piece.repeat(5_000)), &NAMES);
    }
}

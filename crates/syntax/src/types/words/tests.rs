use source::{FileId, Text};

use super::*;

fn read(words: &str) -> Option<TypeWords> {
    read_words(&Text::verbatim(words, FileId(0), 0))
}

#[test]
fn types() {
    for (words, expected) in [
        ("string", "string"),
        ("String?", "string or null"),
        ("`string`", "string"),
        ("String (UUID / device number)", "string"),
        ("String (UUID)", "uuid"),
        ("string (email)", "email"),
        ("String (Ref: Shops.Shop_Id, nullable)", "string or null"),
        ("String (Enum: Open | Shut)", "one of `Open`, `Shut`"),
        ("String (Enum: Open, Shut, required)", "one of `Open`, `Shut`"),
        ("String (Enum: Open | Shut | ...)", "string"),
        ("string (open | shut)", "one of `open`, `shut`"),
        ("enum(draft, paid)", "one of `draft`, `paid`"),
        ("enum {DRAFT, IN PRESS}", "one of `DRAFT`, `IN PRESS`"),
        ("ENUM('a','b')", "one of `a`, `b`"),
        ("Enum: draft, paid", "one of `draft`, `paid`"),
        ("one of draft, paid", "one of `draft`, `paid`"),
        ("enum (BoxSize)", "`BoxSize`"),
        ("'a' | 'b'", "one of `a`, `b`"),
        ("\"a\" | \"b\" | null", "one of `a`, `b` or null"),
        ("a | b", "one of `a`, `b`"),
        ("Open / Shut", "one of `Open`, `Shut`"),
        ("1 | 2 | 3", "one of `1`, `2`, `3`"),
        ("true | false", "boolean"),
        ("Guid", "uuid"),
        ("guid (required)", "uuid"),
        ("DateTimeOffset?", "datetime or null"),
        ("List<Crate>", "list of `Crate`"),
        ("List\\<Crate\\>", "list of `Crate`"),
        ("Crate[]", "list of `Crate`"),
        ("string[]", "list of string"),
        ("array of strings", "list of string"),
        ("string array", "list of string"),
        ("[string]", "list of string"),
        ("(string | null)[]", "list of (string or null)"),
        ("list[int]", "list of integer"),
        ("Optional[str]", "string or null"),
        ("Record<string, number>", "map to number"),
        ("Map<string, List<Crate>>", "map to list of `Crate`"),
        ("Page<Crate>", "`Page<Crate>`"),
        ("BIGINT", "integer"),
        ("VARCHAR(255)", "string(255)"),
        ("NVARCHAR(MAX)", "string"),
        ("DECIMAL(10,2)", "decimal(10,2)"),
        ("decimal (12, 4)", "decimal(12,4)"),
        ("NUMERIC", "decimal"),
        ("money", "decimal"),
        ("ObjectId", "string"),
        ("int32", "integer"),
        ("float", "number"),
        ("boolean", "boolean"),
        ("timestamp with time zone", "datetime"),
        ("timestamptz", "datetime"),
        ("Date", "datetime"),
        ("date", "date"),
        ("ISO 8601", "datetime"),
        ("ISO 8601 | null", "datetime or null"),
        ("string (ISO 8601 timestamp)", "datetime"),
        ("interval", "duration"),
        ("inet", "ip address"),
        ("jsonb", "json"),
        ("bytea", "bytes"),
        ("reference to Crate", "`Crate`"),
        ("FK → crates(id)", "`crates`"),
        ("Ref: Shops.Shop_Id", "`Shops`"),
        ("Crate", "`Crate`"),
        ("Crate reference", "`Crate`"),
        ("depot.box_size[]", "list of `box_size`"),
        ("int or null", "integer or null"),
        ("int | string", "`int | string`"),
        ("the number on the box", "`the number on the box`"),
        ("the number on the box (required)", "`the number on the box`"),
        ("{ a: string }", "`{ a: string }`"),
        ("(((", "`(((`"),
        ("… ?", "`… ?`"),
    ] {
        let ty = read(words).map(|it| it.ty.describe());
        assert_eq!(ty.as_deref(), Some(expected), "{words}");
    }
    for words in ["", "  ", "-", "—"] {
        assert_eq!(read(words), None, "{words}");
    }
}

#[test]
fn riders() {
    for (words, required, rest) in [
        ("string", None, &[] as &[&str]),
        ("String?", Some(false), &[]),
        ("string (required)", Some(true), &[]),
        ("string (required, max 80)", Some(true), &["max 80"]),
        ("string, optional, max 80", Some(false), &["max 80"]),
        ("string required", Some(true), &[]),
        ("string (10-500 chars, required)", Some(true), &["10-500 chars"]),
        ("String (Ref: Shops.Shop_Id, nullable)", Some(false), &["Ref: Shops.Shop_Id"]),
        ("String (UUID / device number)", None, &["UUID / device number"]),
        ("integer > 0", None, &["> 0"]),
        ("VARCHAR(80) NOT NULL", Some(true), &[]),
        ("string | null", Some(false), &[]),
        ("Crate (optional)", Some(false), &[]),
    ] {
        let found = read(words).map(|it| {
            let rest: Vec<String> = it.rest.into_iter().map(|it| it.value).collect();
            (it.required, rest)
        });
        let rest = rest.iter().map(|it| it.to_string()).collect();
        assert_eq!(found, Some((required, rest)), "{words}");
    }
}

#[test]
fn spans_are_of_the_words_meant() {
    for (words, at) in [
        ("  `VARCHAR(80)` NOT NULL", "VARCHAR(80)"),
        ("Größe (required)", "Größe"),
        ("enum(draft, paid)", "enum(draft, paid)"),
    ] {
        let span = read(words).map(|it| it.span.range()).unwrap();
        assert_eq!(&words[span], at);
    }
    for (words, at) in [
        ("'öffentlich' | \"zu\"", ["öffentlich", "zu"]),
        ("String (Enum: Öl | Gas)", ["Öl", "Gas"]),
        ("enum{IN PRESS, OUT}", ["IN PRESS", "OUT"]),
    ] {
        let Some(Type::Enum(found)) = read(words).map(|it| it.ty) else { panic!("{words}") };
        let found: Vec<&str> = found.iter().map(|it| &words[it.span.range()]).collect();
        assert_eq!(found, at);
    }
}

#[test]
fn no_words_are_too_strange() {
    let alphabet = [
        "enum",
        "(",
        ")",
        "<",
        ">",
        "[",
        "]",
        "|",
        "'",
        "\"",
        ",",
        ".",
        "…",
        "é",
        "List",
        "of",
        "string",
        "?",
        "null",
        ":",
        "{",
        "}",
        "one",
        "-",
        " ",
        "80",
        "reference",
        "to",
        "`",
        "\\",
    ];
    let mut state = 7u64;
    for _ in 0..20_000 {
        let mut words = String::new();
        for _ in 0..12 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            words.push_str(alphabet[(state >> 33) as usize % alphabet.len()]);
        }
        if let Some(found) = read(&words) {
            assert!(found.span.range().end <= words.len());
        }
    }
    assert!(read(&"(".repeat(100_000)).is_some());
    assert!(read(&"List<".repeat(100_000)).is_some());
}

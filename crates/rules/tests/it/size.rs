//! Documents that are empty, broken, deep or long: nothing panics and time grows with the text.

use testkit::{report, size};

const ENTITY: &str = "# Technical Specification: Parcels\n\n## Data Model\n\n### Parcel\n\n";
const API: &str = "# Technical Specification: Parcels\n\n## API\n\n### POST /parcels\n\n**Request**:\n\n";

fn headings(count: usize) -> String {
    (0..count).map(|it| format!("## Section {it}\n\n")).collect()
}

fn empty_sections(count: usize) -> String {
    (0..count).map(|_| "## Risks\n\n").collect()
}

fn rows(count: usize) -> String {
    let rows: String = (0..count).map(|it| format!("| field{it} | string | Yes | Words \\| words |\n")).collect();
    format!("{ENTITY}| Field | Type | Required | Description |\n|---|---|---|---|\n{rows}")
}

fn endpoints(count: usize) -> String {
    let one = |it| format!("### GET /parcels{it}/{{id}}\n\n**Errors**:\n\n- 404: none\n\n");
    format!("# Technical Specification: Parcels\n\n## API\n\n{}", (0..count).map(one).collect::<String>())
}

fn transitions(count: usize) -> String {
    let rows: String = (0..count).map(|it| format!("| s{it} | go | s{} |\n", it + 1)).collect();
    format!("# Parcels\n\n## State Transitions\n\n| From | Event | To |\n|---|---|---|\n{rows}")
}

fn lists(depth: usize) -> String {
    let items: String = (0..depth).map(|it| format!("{}- deep\n", "  ".repeat(it))).collect();
    format!("# Parcels\n\n## Overview\n\n{items}")
}

fn constraint(length: usize) -> String {
    let terms = vec!["weight > 1"; length / 14].join(" && ");
    format!("{ENTITY}| Field | Type |\n|---|---|\n| weight | number |\n\n**Constraints**:\n\n- `{terms}`\n")
}

fn json(depth: usize) -> String {
    format!("{API}```json\n{}1{}\n```\n", "{\"a\": [".repeat(depth), "]}".repeat(depth))
}

fn members(count: usize) -> String {
    let list: Vec<String> = (0..count).map(|it| format!("  \"field{it}\": {it}")).collect();
    format!("{API}```json\n{{\n{}\n}}\n```\n", list.join(",\n"))
}

fn brackets(count: usize) -> String {
    format!("# Parcels\n\n## Overview\n\n{}\n", "[a [b](c) `".repeat(count))
}

#[test]
fn odd_documents_are_read() {
    let unclosed = format!("{API}```json\n{{ \"a\": 1\n\n## Security\n\n");
    let cyclic = format!(
        "{ENTITY}```typescript\ntype A = B;\ntype B = C[];\ntype C = A | B;\ninterface Parcel {{\n  id: string;\n  a: A;\n  p: Parcel;\n}}\n```\n\n**Default**: x\n"
    );
    let crlf = rows(20).replace('\n', "\r\n");
    let cyclic_used = format!(
        "{cyclic}\n## API\n\n### POST /parcels\n\n```json\n{{ \"id\": \"x\", \"a\": [[[1]]], \"p\": {{ \"p\": {{ \"a\": 1 }} }} }}\n```\n"
    );
    let cases = [
        ("empty", String::new()),
        ("blank", "\n\n \n".to_owned()),
        ("BOM", "\u{feff}# Parcels\n\n**Status**: Draft\n".to_owned()),
        ("BOM alone", "\u{feff}".to_owned()),
        ("CRLF", crlf),
        ("carriage returns alone", rows(5).replace('\n', "\r")),
        ("null characters", rows(5).replace('f', "\0")),
        ("unclosed fence", unclosed),
        ("cyclic type aliases", cyclic),
        ("cyclic type aliases in an example", cyclic_used),
        ("no line break at the end", "# Parcels\n\n## API\n\n### GET /parcels".to_owned()),
        ("lists 500 deep", lists(500)),
        ("quotes 500 deep", format!("{} a\n", ">".repeat(500))),
        ("JSON 10,000 deep", json(10_000)),
        (
            "types 5,000 deep",
            format!(
                "{ENTITY}```typescript\ninterface Parcel {{ a: {}string{}; }}\n```\n",
                "Array<".repeat(5_000),
                ">".repeat(5_000)
            ),
        ),
        (
            "parentheses 5,000 deep",
            format!(
                "{ENTITY}| Field | Type |\n|---|---|\n| weight | number |\n\n**Constraints**:\n\n- `{}weight > 1{}`\n",
                "(".repeat(5_000),
                ")".repeat(5_000)
            ),
        ),
        ("an expression of 100 KB", constraint(100_000)),
        ("100,000 headings", (0..100_000).map(|it| format!("## S{it}\n\n")).collect()),
    ];
    let failures: Vec<String> = cases.into_iter().filter_map(|(name, text)| size::survives(name, text).err()).collect();
    report(&failures);
}

/// A name, a size and a document of that size.
type Growing = (&'static str, usize, fn(usize) -> String);

#[test]
fn time_grows_with_the_text() {
    let cases: [Growing; 9] = [
        ("headings", 2_500, headings),
        ("empty sections", 500, empty_sections),
        ("table rows", 1_000, rows),
        ("endpoints", 250, endpoints),
        ("transitions", 250, transitions),
        ("nested lists", 60, lists),
        ("expression", 5_000, constraint),
        ("members of a body", 1_000, members),
        ("brackets", 1_000, brackets),
    ];
    let failures: Vec<String> =
        cases.into_iter().filter_map(|(name, size, text)| size::grows_linearly(name, size, text).err()).collect();
    report(&failures);
}

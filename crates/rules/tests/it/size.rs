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

fn figures(count: usize) -> String {
    let one =
        "two nodes (three parts, 4 h) Node 18 default 2 99.9% uptime 1h = 1 × 2 (5 h) all four states 2026-01-02 to ";
    format!("# Parcels\n\n## Acceptance Criteria\n\n- budget of 2 s: {}\n", one.repeat(count))
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

/// A fence of some language under an entity.
fn fence(lang: &str, body: &str) -> String {
    format!("{ENTITY}```{lang}\n{body}\n```\n")
}

fn emphasis(count: usize) -> String {
    format!("# Parcels\n\n## Overview\n\n{}\n", "*a **b _c ".repeat(count))
}

fn unions(count: usize) -> String {
    let words: Vec<String> = (0..count).map(|it| format!("'state{it}'")).collect();
    fence("typescript", &format!("interface Parcel {{\n  status: {};\n}}", words.join(" | ")))
}

fn fences(count: usize) -> String {
    let one = |it| format!("```json\n{{ \"a\": {it} }}\n```\n\n");
    format!("{ENTITY}{}", (0..count).map(one).collect::<String>())
}

fn patterns(count: usize) -> String {
    let row = |it| format!("| f{it} | string | `^([a-z]+)*{it}$` pattern |\n");
    format!("{ENTITY}| Field | Type | Constraints |\n|---|---|---|\n{}", (0..count).map(row).collect::<String>())
}

fn long_pattern(length: usize) -> String {
    format!(
        "{ENTITY}| Field | Type | Constraints |\n|---|---|---|\n| f | string | Regex: `^{}$` |\n",
        "(a|b)?".repeat(length)
    )
}

fn tables(count: usize) -> String {
    let columns = "a | ".repeat(count);
    format!("{ENTITY}| {columns}\n| {}\n| {columns}\n", "--- | ".repeat(count))
}

fn quotes(count: usize) -> String {
    format!("# Parcels\n\n## Overview\n\n{}\n", "> said\n>> and said\n".repeat(count))
}

fn comments(count: usize) -> String {
    format!("# Parcels\n\n## Overview\n\n{}\n", "<!-- allow(stale-date): so <!-- a ".repeat(count))
}

fn references(count: usize) -> String {
    let definitions: String = (0..count).map(|it| format!("[r{it}]: file{it}.md#x\n")).collect();
    let uses: String = (0..count).map(|it| format!("[words][r{it}] ")).collect();
    format!("# Parcels\n\n## Overview\n\n{uses}\n\n{definitions}")
}

fn prisma(count: usize) -> String {
    let models = |it| format!("model Parcel{it} {{\n  id String @id\n  next Parcel{it}? @relation(fields: [id])\n}}\n");
    fence("prisma", &(0..count).map(models).collect::<String>())
}

fn python(count: usize) -> String {
    let class = |it| format!("class Parcel{it}(BaseModel):\n    id: str\n    size: int = Field(ge=1, le={it})\n\n");
    fence("python", &(0..count).map(class).collect::<String>())
}

fn go(count: usize) -> String {
    let one = |it| format!("type Parcel{it} struct {{\n\tID string `json:\"id\"`\n}}\n");
    fence("go", &(0..count).map(one).collect::<String>())
}

fn csharp(count: usize) -> String {
    let one = |it| format!("public record Parcel{it}(string Id, int? Size);\n");
    fence("csharp", &(0..count).map(one).collect::<String>())
}

fn zod(count: usize) -> String {
    let one = |it| format!("const parcel{it} = z.object({{ id: z.string().min(1), size: z.number().optional() }});\n");
    fence("typescript", &(0..count).map(one).collect::<String>())
}

fn relations(count: usize) -> String {
    let one = |it| {
        format!("    PARCEL{it} ||--o{{ PARCEL{} : has\n    PARCEL{it} {{\n        string id PK\n    }}\n", it + 1)
    };
    fence("mermaid", &format!("erDiagram\n{}", (0..count).map(one).collect::<String>()))
}

fn tables_in_sql(count: usize) -> String {
    let one = |it| format!("CREATE TABLE parcels{it} (id UUID PRIMARY KEY, size INT CHECK (size > {it}));\n");
    fence("sql", &(0..count).map(one).collect::<String>())
}

fn state_map(count: usize) -> String {
    let lines: Vec<String> = (0..count).map(|it| format!("  \"s{it}\": [\"s{}\", \"s0\"]", it + 1)).collect();
    format!("# Parcels\n\n## State Transitions\n\n```json\n{{\n{}\n}}\n```\n", lines.join(",\n"))
}

fn arrows(count: usize) -> String {
    let chain: Vec<String> = (0..count).map(|it| format!("S{it}")).collect();
    format!("# Parcels\n\n## State Transitions\n\n- {}\n", chain.join(" → "))
}

fn scenarios(count: usize) -> String {
    let one =
        |it| format!("- WHEN `POST /parcels{it}` is called with a missing name THEN the system SHALL return 400\n");
    let list: String = (0..count).map(one).collect();
    format!("{}\n## Acceptance Criteria\n\n{list}", endpoints(count))
}

fn matrix(count: usize) -> String {
    let rows: String = (0..count).map(|it| format!("| GET /parcels{it} | ✅ | ❌ |\n")).collect();
    format!("# Parcels\n\n## Security\n\n### Roles\n\n| Endpoint | admin | clerk |\n|---|---|---|\n{rows}")
}

fn alerts(count: usize) -> String {
    let rows: String = (0..count)
        .map(|it| format!("| a{it} | error rate > {it}% for 5 min or p95 > 500ms | Page on-call |\n"))
        .collect();
    format!("# Parcels\n\n## Monitoring\n\n### Alerts\n\n| Alert | Condition | Action |\n|---|---|---|\n{rows}")
}

fn targets(count: usize) -> String {
    let items: String =
        (0..count).map(|it| format!("- Latency {it}: p95 < {it} ms for 20 users at 1,000 req/s\n")).collect();
    format!("# Parcels\n\n## Performance\n\n### Targets\n\n{items}")
}

fn sums(count: usize) -> String {
    let rows: String = (0..count).map(|it| format!("| part {it} | 1 |\n")).collect();
    format!(
        "# Parcels\n\n## Effort\n\n| Part | Days |\n|---|---|\n{rows}| Total | {count} |\n\n{}\n",
        "1 + ".repeat(count)
    )
}

fn envelopes(count: usize) -> String {
    let one = |it| {
        format!(
            "### GET /parcels{it}\n\n**Response (400)**:\n\n```json\n{{ \"error\": {{ \"code\": \"E{it}\" }} }}\n```\n\n"
        )
    };
    format!(
        "# Technical Specification: Parcels\n\n## API\n\nAll errors use this shape:\n\n```json\n{{ \"error\": {{ \"code\": \"string\" }} }}\n```\n\n{}",
        (0..count).map(one).collect::<String>()
    )
}

fn contents(count: usize) -> String {
    let list: String = (0..count).map(|it| format!("- [Section {it}](#section-{it})\n")).collect();
    format!("# Parcels\n\n## Table of Contents\n\n{list}\n{}", headings(count))
}

/// A name, a size and a document of that size.
type Growing = (&'static str, usize, fn(usize) -> String);

#[test]
fn time_grows_with_the_text() {
    let cases: [Growing; 36] = [
        ("headings", 2_500, headings),
        ("empty sections", 500, empty_sections),
        ("table rows", 1_000, rows),
        ("endpoints", 250, endpoints),
        ("transitions", 500, transitions),
        ("nested lists", 60, lists),
        ("expression", 5_000, constraint),
        ("members of a body", 1_000, members),
        ("brackets", 1_000, brackets),
        ("figures on a line", 250, figures),
        ("emphasis", 1_000, emphasis),
        ("union of words", 1_000, unions),
        ("fences", 500, fences),
        ("patterns", 250, patterns),
        ("a long pattern", 250, long_pattern),
        ("table columns", 250, tables),
        ("quotes", 500, quotes),
        ("comments", 500, comments),
        ("link references", 500, references),
        ("Prisma", 250, prisma),
        ("Python", 250, python),
        ("Go", 250, go),
        ("C#", 500, csharp),
        ("Zod", 250, zod),
        ("entity diagram", 250, relations),
        ("SQL tables", 250, tables_in_sql),
        ("states in a map", 500, state_map),
        ("chain of states", 500, arrows),
        ("scenarios", 125, scenarios),
        ("role matrix", 250, matrix),
        ("alerts", 250, alerts),
        ("targets", 250, targets),
        ("sums", 500, sums),
        ("error bodies", 125, envelopes),
        ("contents", 500, contents),
        ("JSON bodies of one endpoint", 250, |it| format!("{API}{}", fences(it))),
    ];
    let failures: Vec<String> =
        cases.into_iter().filter_map(|(name, size, text)| size::grows_linearly(name, size, text).err()).collect();
    report(&failures);
}

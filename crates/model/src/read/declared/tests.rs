use source::FileId;

use crate::claim::Purpose;

/// One line for each record and alias: its purpose, its name, and its fields with their types; `?` where a
/// field need not be there.
fn show(text: &str) -> String {
    let spec = crate::workspace::read(FileId(0), "spec.md", &format!("# Technical Specification: Shelf\n\n{text}"));
    let mut lines = Vec::new();
    for entity in &spec.entities {
        let kind = match entity.purpose {
            _ if entity.kept => "kept",
            Purpose::Whole => "record",
            Purpose::Request => "request",
            Purpose::View => "view",
            Purpose::Local => "local",
            Purpose::Aside => "aside",
        };
        let fields: Vec<String> = entity
            .fields
            .iter()
            .map(|it| {
                let optional = if it.required { "" } else { "?" };
                let ty = it.ty.as_ref().map_or("no type".to_owned(), |it| it.value.describe());
                format!("{}{optional}: {ty}", it.name.value)
            })
            .collect();
        lines.push(format!("{kind} {} {}", entity.name.value, fields.join(", ")));
    }
    lines.extend(spec.aliases.iter().map(|it| format!("alias {} {}", it.name.value, it.ty.describe())));
    lines.join("\n")
}

fn fence(language: &str, code: &str) -> String {
    format!("```{language}\n{code}\n```\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(text), expected, "{text}");
}

#[test]
fn declarations_of_one_entity_are_merged() {
    let text = [
        "## Data Model\n\n".to_owned(),
        fence("prisma", "model Book {\n  id String @id @db.Uuid\n  title String @db.VarChar(80)\n  loans Loan[]\n}"),
        fence(
            "python",
            "class BookBase(BaseModel):\n    title: str\n\nclass BookCreate(BookBase):\n    tags: list[str]",
        ),
        fence("go", "type Book struct {\n\tTitle string `json:\"title\"`\n\tNote *string `json:\"note,omitempty\"`\n}"),
    ];
    check(
        &text.concat(),
        "kept Book id: uuid, title: string(80), note?: string or null\n\
         record BookBase title: string\n\
         request BookCreate title: string, tags: list of string",
    );
}

#[test]
fn members_are_taken_from_others() {
    let code = "interface Book extends Kept { title: string }\ninterface Kept { id: string }\n\
                type Draft = Omit<Book, 'id'> & { note: string };\ntype Patch = Partial<Book>;\n\
                interface Lost extends Elsewhere { a: string }\ninterface Circle extends Circle { b: string }";
    check(
        &format!("## Data Model\n\n{}", fence("ts", code)),
        "record Book id: string, title: string\n\
         record Kept id: string\n\
         record Draft title: string, note: string\n\
         record Patch id?: string, title?: string\n\
         record Lost a: string\n\
         record Circle b: string",
    );
}

#[test]
fn where_code_stands_says_what_it_declares() {
    let code = fence("ts", "interface Book { id: string }\nclass Shelf { size: number = 1 }\ntype Level = 'a' | 'b';");
    let table = fence("sql", "CREATE TABLE books (id UUID PRIMARY KEY);");
    check(
        &format!("## Data\n\n{code}"),
        "record Book id: string\nrecord Shelf size: number\nalias Level one of `a`, `b`",
    );
    check(&format!("## Component Breakdown\n\n{code}"), "local Book id: string\nalias Level one of `a`, `b`");
    check(&format!("## Thoughts\n\n{code}{table}"), "local Book id: string\nalias Level one of `a`, `b`");
    check(&format!("## Thoughts\n\n{table}"), "kept books id: uuid");
    check(&format!("## Component Breakdown\n\n{table}"), "local books id: uuid");
    check(&format!("## Testing Strategy\n\n{code}{table}"), "");
}

#[test]
fn circles_and_growth_end() {
    check(
        &format!(
            "## Data Model\n\n{}",
            fence("ts", "type A = B;\ntype B = A;\ninterface C { a: A; d: D }\ntype D = D[];")
        ),
        "record C a: `B`, d: list of list of list of list of list of list of list of list of list of `D`\n\
         alias A `B`\nalias B `A`\nalias D list of `D`",
    );
    let growing: Vec<String> = (0..40).map(|it| format!("type T{it} = {{ a: T{0}; b: T{0} }}[];", it + 1)).collect();
    show(&format!("## Data Model\n\n{}", fence("ts", &format!("{}\ninterface X {{ t: T0 }}", growing.join("\n")))));
}

#[test]
fn shapes_in_json() {
    let shape = r#"{
  "id": "uuid",
  "name": "string (required, max 80)",
  "state": "open | closed",
  "tags": ["string"],
  "due": "ISO 8601 (optional)"
}"#;
    check(
        &format!("## Data Model\n\n### Loan\n\n{}", fence("json", shape)),
        "kept Loan id?: uuid, name: string, state?: one of `open`, `closed`, tags?: no type, due?: datetime",
    );
    let example = r#"{ "id": "7f3c", "name": "Anna", "state": "open" }"#;
    check(&format!("## Data Model\n\n### Loan\n\n{}", fence("json", example)), "");
}

#[test]
fn a_value_may_be_one_of_several_records() {
    let text = "## Data Model\n\n```ts\ninterface Book { id: string }\ninterface Film { id: string }\n```\n\n### Loan\n\n\
                | Field | Type |\n|---|---|\n| what | `Book` or `Film` |\n| state | `open` or `closed` |\n";
    check(
        text,
        "record Book id: string\nrecord Film id: string\nkept Loan what?: no type, state?: one of `open`, `closed`",
    );
}

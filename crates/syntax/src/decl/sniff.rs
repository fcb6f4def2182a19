//! The language of a fence that names none, or one that is not that of what stands in it.

use super::Language;

/// The language of the declarations in a fence. Its own word counts, unless it says `text` or nothing,
/// or it says a language of programs over a schema of Prisma or SQL.
pub(super) fn language(word: &str, text: &str) -> Option<Language> {
    match word {
        "" | "text" | "txt" | "plaintext" | "plain" | "pseudo" | "pseudocode" | "schema" | "code" => sniff(text),
        "javascript" | "js" | "jsx" => has(text, "z.object(").then_some(Language::TypeScript),
        "graphql" | "dbml" | "proto" | "protobuf" => None,
        "typescript" | "ts" | "python" | "py" | "go" | "java" | "rust" | "csharp" => match first_line(text) {
            Some(line) if is_table(line) => Some(Language::Sql),
            Some(line) if is_model(line) => Some(Language::Prisma),
            _ => Language::of_word(word),
        },
        "mermaid" => text.trim_start().starts_with("erDiagram").then_some(Language::EntityDiagram),
        other => Language::of_word(other),
    }
}

/// The language of code by the first line that begins a declaration.
fn sniff(text: &str) -> Option<Language> {
    text.lines().map(str::trim).find_map(|line| {
        let (first, rest) = line.split_once(' ')?;
        let rest = rest.trim_start();
        let opens = line.ends_with('{');
        Some(match first {
            "interface" | "enum" if opens && !rest.contains('(') => Language::TypeScript,
            "export" if ["interface ", "type ", "enum ", "class "].iter().any(|it| rest.starts_with(it)) => {
                Language::TypeScript
            }
            "type" if rest.ends_with("struct {") => Language::Go,
            "type" if rest.contains(" = ") => Language::TypeScript,
            "model" if opens => Language::Prisma,
            "class" if line.ends_with("):") => Language::Python,
            "public" if rest.starts_with("record ") => Language::CSharp,
            "public" if rest.starts_with("class ") => match has(text, "get;") {
                true => Language::CSharp,
                false => Language::Java,
            },
            "pub" if rest.starts_with("struct ") => Language::Rust,
            _ if is_table(line) => Language::Sql,
            _ if line == "erDiagram" => Language::EntityDiagram,
            _ => return None,
        })
    })
}

fn has(text: &str, part: &str) -> bool {
    text.contains(part)
}

fn first_line(text: &str) -> Option<&str> {
    let comment = |it: &&str| !it.is_empty() && !["//", "--", "#", "/*", "*"].iter().any(|mark| it.starts_with(mark));
    text.lines().map(str::trim).find(comment)
}

fn is_table(line: &str) -> bool {
    let starts = |it: &str| line.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it));
    starts("create table ") || starts("create type ")
}

fn is_model(line: &str) -> bool {
    line.starts_with("model ") && line.ends_with('{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences() {
        use Language::{CSharp, EntityDiagram, Go, Java, Prisma, Python, Rust, Sql, TypeScript};
        for (word, text, expected) in [
            ("ts", "interface A {}", Some(TypeScript)),
            ("typescript", "// in schema.prisma\nmodel A {\n  id Int\n}", Some(Prisma)),
            ("", "-- lending\ncreate table loans (id int)", Some(Sql)),
            ("", "export interface A {", Some(TypeScript)),
            ("text", "type Loan struct {\n}", Some(Go)),
            ("", "model Loan {\n}", Some(Prisma)),
            ("", "class Loan(BaseModel):\n  id: int", Some(Python)),
            ("", "public class Loan {\n  public int Id { get; set; }\n}", Some(CSharp)),
            ("", "public class Loan {\n  private int id;\n}", Some(Java)),
            ("", "pub struct Loan {", Some(Rust)),
            ("mermaid", "erDiagram\n A { int id }", Some(EntityDiagram)),
            ("mermaid", "graph TD", None),
            ("", "GET /loans", None),
            ("", "a model of lending", None),
            ("json", "{}", None),
            ("js", "const A = z.object({})", Some(TypeScript)),
            ("js", "function a() {}", None),
        ] {
            assert_eq!(language(word, text), expected, "{word} {text}");
        }
    }
}

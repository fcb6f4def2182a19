//! Mermaid's entity relationship diagrams: entities with their attributes. Relations are drawn, not
//! declared: which column they stand on is not said.

use std::collections::HashMap;

use source::{Span, Spanned, Text};

use super::{Body, Declaration, Declarations, Language, Member, comments};
use crate::types::{Type, read_words};

/// Reads a diagram.
pub(super) fn read(text: &Text) -> Declarations {
    let mut found = Declarations::default();
    let src = text.as_str();
    if !src.trim_start().starts_with("erDiagram") && !src.contains("\nerDiagram") {
        return found;
    }
    let mut open: Option<Declaration> = None;
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut at = 0;
    for whole in src.split_inclusive('\n') {
        let start = at;
        at += whole.len();
        let indent = whole.len() - whole.trim_start().len();
        let line = whole.trim();
        let from = start + indent;
        if line.is_empty() || line.starts_with("%%") || comments::is_hole(line) {
            continue;
        }
        if line.starts_with('}') {
            if let Some(mut item) = open.take() {
                item.span = Span { end: text.span(from..from + 1).end, ..item.span };
                add(item, &mut found, &mut known);
            }
            continue;
        }
        if open.is_none() {
            // `ORDER {`, `o["Order"] {`; `ORDER { string id }` is not Mermaid's.
            let Some(head) = line.strip_suffix('{') else { continue };
            open = entity(text, head.trim_end(), from);
        } else if let Some(Declaration { body: Body::Record(members), .. }) = &mut open {
            match attribute(text, line, from) {
                Some(member) => members.push(member),
                None => found.unread.push(super::Unread {
                    span: text.span(from..from + line.len()),
                    why: "not a type and a name".into(),
                }),
            }
        }
    }
    if let Some(item) = open {
        add(item, &mut found, &mut known);
    }
    found
}

/// An entity may be opened twice.
fn add(item: Declaration, found: &mut Declarations, known: &mut HashMap<String, usize>) {
    let place = *known.entry(item.name.value.clone()).or_insert(found.items.len());
    match (found.items.get_mut(place).map(|it| &mut it.body), item.body) {
        (Some(Body::Record(members)), Body::Record(more)) => members.extend(more),
        (_, body) => found.items.push(Declaration { body, ..item }),
    }
}

fn entity(text: &Text, head: &str, from: usize) -> Option<Declaration> {
    let end = head.find('[').unwrap_or(head.len());
    let name = head.get(..end)?.trim().trim_matches('"');
    let plain = |it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '.' | ' ');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let at = from + head.find(name)?;
    let name_span = text.span(at..at + name.len());
    Some(Declaration {
        name: Spanned::new(name.rsplit('.').next().unwrap_or(name).to_owned(), name_span),
        language: Language::EntityDiagram,
        stored: true,
        body: Body::Record(Vec::new()),
        extends: Vec::new(),
        table: Vec::new(),
        comments: Vec::new(),
        span: text.span(from..from + head.len()),
    })
}

/// `type name PK,FK "comment"`; a type may carry brackets (`varchar(80)`, `string[]`).
fn attribute(text: &Text, line: &str, from: usize) -> Option<Member> {
    let offset = |part: &str| from + (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    let (rest, comment) = match line.split_once('"') {
        Some((rest, comment)) => (rest, Some(comment.trim_end().trim_end_matches('"'))),
        None => (line, None),
    };
    // Blanks inside of brackets belong to the type.
    let mut depth = 0usize;
    let split = rest.find(|c: char| {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && c.is_whitespace()
    })?;
    let (ty, rest) = rest.split_at_checked(split)?;
    let mut words = rest.split(|c: char| c.is_whitespace() || c == ',').filter(|it| !it.is_empty());
    let name = words.next()?;
    let plain = name.trim_start_matches('*');
    if plain.is_empty() || !plain.chars().all(|it| it.is_alphanumeric() || matches!(it, '_' | '-')) {
        return None;
    }
    let at = offset(plain);
    let written = text.slice(offset(ty)..offset(ty) + ty.len());
    let read = read_words(&written);
    let ty_value = match &read {
        Some(found) if !matches!(found.ty, Type::Enum(_)) => found.ty.clone(),
        _ => Type::Opaque(ty.to_owned()),
    };
    let ty_span = text.span(offset(ty)..offset(ty) + ty.len());
    let name = Spanned::new(plain.to_owned(), text.span(at..at + plain.len()));
    let mut member = Member::new(name, Spanned::new(ty_value, ty_span), text.span(from..from + line.len()));
    for word in words {
        match word {
            "PK" => member.primary_key = true,
            "UK" => member.unique = true,
            "FK" => {}
            _ => return None,
        }
    }
    if let Some(comment) = comment.map(str::trim).filter(|it| !it.is_empty()) {
        let at = offset(comment);
        member.comments.push(Spanned::new(comment.to_owned(), text.span(at..at + comment.len())));
    }
    Some(member)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decl::tests::{check, mutate};

    const DIAGRAM: &str = r#"erDiagram
    MEMBER ||--o{ LOAN : borrows
    %% the people
    MEMBER {
        uuid id PK
        varchar(80) name "shown in lists"
        string email UK
        shelf.level level
        string[] tags
    }
    LOAN["Loan of a book"] {
        int id PK, FK
        datetime due_at
        something
    }
    MEMBER {
        bool active
    }
"#;

    #[test]
    fn entities() {
        check(
            read,
            DIAGRAM,
            "
stored MEMBER
  id: uuid [key]
  name: string(80) // shown in lists
  email: string [unique]
  level: `level`
  tags: list of string
  active: boolean
stored LOAN
  id: integer [key]
  due_at: datetime
! not a type and a name @ \"something\"",
        );
    }

    #[test]
    fn damage_is_tolerated() {
        mutate(DIAGRAM, 400, read);
    }
}

//! Declarations of data in fences, and those that the model has as an entity, a shape or a name for a type.
//!
//! What does something is left out: classes of services, components, interfaces of functions only.

use std::collections::HashSet;

use model::Spec;
use model::names::entity_key;

use super::{Found, Line, lines};

pub(super) fn scan(text: &str, spec: &Spec) -> Found {
    let lines = lines(text);
    let mut known: HashSet<String> = HashSet::new();
    for name in spec.entities.iter().map(|it| &it.name.value).chain(spec.aliases.iter().map(|it| &it.name.value)) {
        known.insert(bare(name));
    }
    let mut found = Found::default();
    let mut seen = HashSet::new();
    let mut diagram = false;
    for (index, line) in lines.iter().enumerate() {
        let Some(lang) = line.fence.as_deref() else {
            diagram = false;
            continue;
        };
        diagram |= lang.starts_with("mermaid") && line.text.trim() == "erDiagram";
        let Some(name) = head(&lines, index, lang, diagram) else { continue };
        if !seen.insert(bare(name)) {
            continue;
        }
        found.all += 1;
        if !known.contains(&bare(name)) {
            found.misses.push((line.number, format!("{} ({lang})", line.text.trim())));
        }
    }
    found
}

/// A name as it is compared: `OrderSchema` of Zod is `Order`.
fn bare(name: &str) -> String {
    let key = entity_key(name);
    key.strip_suffix("schema").filter(|it| !it.is_empty()).map_or(key.clone(), str::to_owned)
}

fn head<'a>(lines: &[Line<'a>], index: usize, lang: &str, diagram: bool) -> Option<&'a str> {
    let line = lines.get(index)?.text.trim();
    let lower = line.to_lowercase();
    if let Some(at) = lower.find("create table ").filter(|it| *it == 0) {
        let rest = line.get(at + 13..)?.trim_start();
        let rest = rest
            .get(..13)
            .filter(|it| it.eq_ignore_ascii_case("if not exists"))
            .map_or(rest, |_| rest.get(13..).unwrap_or(""));
        let name = rest.trim_start().split([' ', '(']).next()?.rsplit('.').next()?;
        return Some(name.trim_matches(['"', '`', '[', ']'])).filter(|it| !it.is_empty());
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    let skip = ["export", "default", "declare", "public", "sealed", "abstract", "partial", "pub", "internal", "static"];
    let mut rest = words.iter().skip_while(|it| skip.contains(it));
    let (first, second) = (*rest.next()?, *rest.next()?);
    let name = second.split(['(', '{', '<', ':', '=', ';', ',']).next()?;
    let end = line.strip_prefix("}").is_none()
        && !name.is_empty()
        && name.chars().all(|it| it.is_alphanumeric() || it == '_');
    if !end || does_something(name) {
        return None;
    }
    let script = matches!(lang, "typescript" | "ts" | "tsx" | "" | "javascript" | "zod");
    match first {
        "interface" if script => has_field(lines, index).then_some(name),
        "type" if script && words.contains(&"=") => {
            let object = line.ends_with('{') && !line.contains("=>");
            (!object || has_field(lines, index))
                .then_some(name)
                .filter(|_| !line.contains("typeof") && !line.contains("=>"))
        }
        "enum" if line.ends_with('{') => Some(name),
        "model" if line.ends_with('{') => Some(name),
        "type" if line.ends_with("struct {") => has_field(lines, index).then_some(name),
        "struct" if lang.starts_with("rust") && line.ends_with('{') => {
            let open = lines.get(index + 1..)?.iter().take_while(|it| !it.text.trim().starts_with('}'));
            open.into_iter().any(|it| it.text.trim().starts_with("pub ")).then_some(name)
        }
        "record" if matches!(lang, "csharp" | "cs" | "java") => Some(name),
        "class" if matches!(lang, "csharp" | "cs") => {
            let below = lines.get(index + 1..(index + 30).min(lines.len()))?;
            let own = below.iter().take_while(|it| !it.text.contains("class ") && it.text.trim() != "}");
            own.into_iter().any(|it| it.text.contains("{ get")).then_some(name)
        }
        "class" if lang.starts_with("python") => {
            let bases = line.split_once('(').map_or("", |it| it.1);
            let data = ["BaseModel", "Base)", "Model)", "TypedDict", "Enum)", "NamedTuple", "SQLModel"];
            let above = lines.get(index.checked_sub(1)?)?.text.trim();
            (data.iter().any(|it| bases.contains(it)) || above.starts_with("@dataclass")).then_some(name)
        }
        "const" if line.contains("z.object(") || line.contains("z.enum(") => Some(name),
        _ if diagram && second == "{" => Some(first),
        _ => None,
    }
}

fn does_something(name: &str) -> bool {
    let ends = [
        "Service",
        "Controller",
        "Repository",
        "Props",
        "Provider",
        "Handler",
        "Manager",
        "Error",
        "Exception",
        "Tests",
        "Middleware",
        "Client",
        "Store",
        "Hook",
        "Engine",
        "Context",
        "Factory",
        "Adapter",
        "State",
        "Return",
    ];
    ends.iter().any(|it| name.ends_with(it))
}

/// Whether a field stands in the body that opens here.
fn has_field(lines: &[Line<'_>], index: usize) -> bool {
    let Some(head) = lines.get(index) else { return false };
    let indent = |it: &Line<'_>| it.text.len() - it.text.trim_start().len();
    let body = lines
        .get(index + 1..)
        .unwrap_or(&[])
        .iter()
        .take_while(|it| it.fence.is_some() && !(it.text.trim().starts_with('}') && indent(it) <= indent(head)));
    let mut one_line = head.text.contains('{') && head.text.contains('}') && head.text.contains(':');
    for line in body {
        let text = line.text.trim();
        let name = text.split([':', '?', ' ', '\t']).next().unwrap_or("");
        let field = !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || it == '_') && !text.contains('(');
        one_line |= field && (text.contains(':') || text.split_whitespace().count() > 1);
    }
    one_line
}

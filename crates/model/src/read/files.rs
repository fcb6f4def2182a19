//! File structure and key classes: names of what the source tree should hold.

use source::Text;
use syntax::Family;
use syntax::columns::{cell, column, is_nothing};
use syntax::document::Section;
use syntax::inline::Slice;
use syntax::needles::Needles;
use syntax::page::BlockKind;

use crate::claim::{Form, Property, Subject, Value};
use crate::read::{Reader, entries, fences_of, tables};

pub(super) fn read(reader: &mut Reader<'_>) {
    for section in &reader.doc.sections {
        if !section.blocks.iter().all(|it| matches!(it.kind, BlockKind::Paragraph(_))) {
            for fence in fences_of(section) {
                let plain =
                    matches!(fence.lang.as_str(), "" | "text" | "txt" | "plaintext" | "bash" | "sh" | "tree" | "shell");
                if plain && is_tree(fence.content.as_str()) {
                    tree(reader, &fence.content);
                }
            }
        }
        match section.own {
            Some(Family::Files) => listed(reader, section),
            Some(Family::KeyClasses) => classes(reader, section),
            _ => {}
        }
    }
}

const BRANCHES: &[&str] = &["├─", "└─", "+--"];
static BRANCH: Needles = Needles::new(BRANCHES);
static TREE: Needles = Needles::new(&["├─", "└─", "\n+--"]);

fn is_tree(text: &str) -> bool {
    TREE.are_in(text)
}

/// The lines of a drawn tree: how deep, the name, what is said of it, and where the name begins.
fn lines(text: &str) -> Vec<(usize, &str, &str, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let branch = BRANCH.at(line).and_then(|(word, at)| Some((at, BRANCHES.get(word)?.len())));
        let (depth, from) = match branch {
            Some((at, len)) => (line.get(..at).unwrap_or("").chars().count() / 2 + 1, at + len),
            None => (0, 0),
        };
        let rest = line.get(from..).unwrap_or("");
        let name = rest.trim_start_matches([' ', '│', '─', '\u{a0}']);
        let begin = start + from + (rest.len() - name.len());
        let name = name.trim_end();
        let end = name.find([' ', '\t', '#', '←', '(', ',']).unwrap_or(name.len());
        let (name, rider) = name.split_at_checked(end).unwrap_or((name, ""));
        if !name.is_empty() && (branch.is_some() || depth == 0 && name.ends_with('/')) {
            found.push((depth, name, rider.trim().trim_start_matches(['#', '←', '-', '–', '—', ' ']).trim(), begin));
        }
    }
    found
}

/// A tree of files and folders. Other trees, of commands and classes, have names without dots and slashes.
fn tree(reader: &mut Reader<'_>, text: &Text) {
    let lines = lines(text.as_str());
    let shaped = lines.iter().filter(|it| it.1.contains(['.', '/'])).count();
    if lines.len() < 2 || shaped * 2 < lines.len() {
        return;
    }
    let mut folders: Vec<(usize, &str)> = Vec::new();
    for (depth, name, rider, at) in lines {
        while folders.last().is_some_and(|it| it.0 >= depth) {
            folders.pop();
        }
        let mut path: String = folders.iter().map(|it| it.1).flat_map(|it| [it.trim_end_matches('/'), "/"]).collect();
        folders.push((depth, name));
        if matches!(name, "..." | "…" | "." | "./") {
            continue;
        }
        path.push_str(name);
        let span = text.span(at..at + name.len());
        let subject = Subject::of("file", &path);
        reader.say(&subject, Property::Declared, Value::Text(path), span, Form::Fence);
        if !rider.is_empty() {
            reader.say(&subject, Property::Description, Value::Text(rider.to_owned()), span, Form::Fence);
        }
    }
}

/// ``- `src/lamps.rs`: the lamps``, `| File | Purpose |`.
fn listed(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    let is_path = |it: &Slice<'_>| it.as_str().contains(['/', '.']) && !it.as_str().contains(' ');
    for entry in entries(doc.blocks_of(section.id)) {
        if let Some(path) = entry.whole.leading_code().filter(is_path) {
            reader.say_text(&Subject::of("file", path.as_str()), Property::Declared, path, entry.form);
        }
    }
    for (table, _) in tables(doc, section) {
        let path = column(table, &["file", "path", "location", "file path"]);
        for row in &table.rows {
            let Some(path) = cell(row, path).map(|it| it.codes().next().unwrap_or(it)).filter(is_path) else {
                continue;
            };
            reader.say_text(&Subject::of("file", path.as_str()), Property::Declared, path, Form::Table);
        }
    }
}

/// `Name | Location | Purpose`, `**Profiler**: what it does`, `### Class: Profiler`.
fn classes(reader: &mut Reader<'_>, section: &Section) {
    let doc = reader.doc;
    for (table, _) in tables(doc, section) {
        let name = column(table, &["name", "class", "function", "class function", "component"]);
        let place = column(table, &["location", "file", "path", "module"]);
        for row in &table.rows {
            let Some(name) = cell(row, name).filter(|it| !is_nothing(it.as_str())) else { continue };
            let name = name.codes().next().unwrap_or(name);
            let subject = Subject::of("class", name.as_str());
            reader.say_text(&subject, Property::Declared, name, Form::Table);
            if let Some(place) = cell(row, place).filter(|it| !is_nothing(it.as_str())) {
                reader.say_text(&subject, Property::Link, place.codes().next().unwrap_or(place), Form::Table);
            }
        }
    }
    for entry in entries(&section.blocks) {
        let word = |it: &Slice<'_>| !it.as_str().trim().is_empty() && !it.as_str().trim().contains(' ');
        let Some(name) = entry.name().filter(|it| word(it)) else { continue };
        reader.say_text(&Subject::of("class", name.as_str()), Property::Declared, name, entry.form);
    }
    for child in doc.children(section.id).filter(|it| it.own.is_none() || it.own == Some(Family::KeyClasses)) {
        reader.say_text(&Subject::of("class", child.name().as_str()), Property::Declared, child.name(), Form::Heading);
    }
}

#[cfg(test)]
mod tests {
    use source::FileId;

    use crate::claim::Property;

    #[test]
    fn trees_and_classes_are_read() {
        for (text, kind, expected) in [
            (
                "```\nsrc/\n├── lamps/\n│   ├── mod.rs      # all of them\n│   └── desk.rs     ← NEW\n└── main.rs\n```",
                "file",
                "src/, src/lamps/, src/lamps/mod.rs, src/lamps/desk.rs, src/main.rs",
            ),
            (
                "```text\n├── lamps.rs (interface)\n├── ...\n└── [room]/\n    └── page.tsx\n```",
                "file",
                "lamps.rs, [room]/, [room]/page.tsx",
            ),
            ("```\nlampctl\n├── list\n└── show\n```", "file", ""),
            ("### File Structure\n\n- `src/lamps.rs`: the lamps\n- nothing else", "file", "src/lamps.rs"),
            (
                "### File Structure\n\n| File | Purpose |\n|---|---|\n| `src/lamps.rs` | the lamps |",
                "file",
                "src/lamps.rs",
            ),
            (
                "### Key Classes\n\n| Name | Location | Purpose |\n|---|---|---|\n| `Lamp` | src/lamps.rs | one |",
                "class",
                "Lamp",
            ),
            ("### Key Classes/Functions\n\n- **Lamp**: one\n- `light()`: lights it", "class", "Lamp, light()"),
            ("### Key Classes\n\n#### Class: Lamp\n\nOne lamp.", "class", "Lamp"),
        ] {
            let text = format!("# Technical Specification: Lamps\n\n{text}\n");
            let spec = crate::workspace::read(FileId(0), "spec.md", &text);
            let about = |it: &str| it.split('.').next() == Some(kind);
            let claims =
                spec.claims().all.iter().filter(|it| it.property == Property::Declared && about(it.subject.as_str()));
            let found: Vec<&str> = claims.filter_map(|it| it.value.as_text()).collect();
            assert_eq!(found.join(", "), expected, "{text}");
        }
    }
}

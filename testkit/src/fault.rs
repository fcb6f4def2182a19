//! Faults seeded into the examples, one at a time: each must be found by its rule, at its place.

use std::fmt::Write as _;
use std::path::Path;

use jiff::civil::Date;
use rules::RULES;
use serde::Deserialize;
use source::render::concise;
use source::{Diagnostic, Level, Span};

use crate::{Checked, check, check_only, files, marks, read};

/// The day on which the examples are judged.
pub const TODAY: Date = jiff::civil::date(2026, 11, 23);

/// A fault; the header of the table says what its fields mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    kind: String,
    file: String,
    rule: String,
    find: String,
    replace: String,
    at: String,
    or_at: Option<String>,
    extra_file: Option<String>,
    extra_text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    fault: Vec<Fault>,
}

/// The examples of a directory, all rules over all of them.
pub fn check_examples(directory: &Path) -> Vec<String> {
    let found = check_all(&examples(directory));
    let crashed = found.crashed.iter().map(|(rule, said)| format!("{rule} crashed: {said}"));
    let told = found.diagnostics.iter().filter(|it| it.level > Level::Info).map(|it| concise(it, &found.sources));
    crashed.chain(told).collect()
}

/// Seeds each fault of a table into the examples of a directory; says which are not found.
pub fn check_faults(table: &Path, directory: &Path) -> Vec<String> {
    let table: Table = toml::from_str(&read(table)).unwrap_or_else(|why| panic!("{}: {why}", table.display()));
    let examples = examples(directory);
    let before = check_all(&examples);
    let known: Vec<(&str, &str, &str)> = before.diagnostics.iter().map(identity).collect();
    let mut failures: Vec<(&str, String)> = Vec::new();
    for (number, fault) in table.fault.iter().enumerate() {
        if let Some(why) = missed(fault, &examples, &known) {
            let title = format!("{}, fault {}: {} in {}\n{why}", fault.rule, number + 1, fault.kind, fault.file);
            failures.push((&fault.rule, title));
        }
    }
    failures.sort_by_key(|it| it.0);
    failures.into_iter().map(|it| it.1).collect()
}

fn examples(directory: &Path) -> Vec<(String, String)> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files(directory, "md").into_iter().map(|(path, text)| (name(&path), text)).collect()
}

fn check_all(documents: &[(String, String)]) -> Checked {
    check(&borrowed(documents), RULES, TODAY)
}

fn borrowed(documents: &[(String, String)]) -> Vec<(&str, &str)> {
    documents.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect()
}

fn identity(it: &Diagnostic) -> (&str, &str, &str) {
    (it.rule, it.address.as_str(), it.message.as_str())
}

/// Why a fault is not found; `None` if it is.
fn missed(fault: &Fault, examples: &[(String, String)], known: &[(&str, &str, &str)]) -> Option<String> {
    let mut documents = examples.to_vec();
    let Some((_, text)) = documents.iter_mut().find(|it| it.0 == fault.file) else {
        return Some(format!("  there is no example {}", fault.file));
    };
    if text.matches(&fault.find).count() != 1 {
        return Some("  the table is wrong: `find` does not stand exactly once".to_owned());
    }
    *text = text.replace(&fault.find, &fault.replace);
    if let (Some(path), Some(text)) = (&fault.extra_file, &fault.extra_text) {
        documents.push((path.clone(), text.clone()));
    }
    // A place is in the changed file, so only findings there can be right.
    let found = check_only(&borrowed(&documents), RULES, TODAY, &|it| it == fault.file);
    let places = [Some(&fault.at), fault.or_at.as_ref()].map(|it| it.map(|it| place(fault, it, &found)));
    let [Some(Ok(at)), or_at] = places else {
        return Some("  the table is wrong: `at` does not stand exactly once".to_owned());
    };
    let or_at = match or_at {
        None => None,
        Some(Ok(it)) => Some(it),
        Some(Err(())) => return Some("  the table is wrong: `or_at` does not stand exactly once".to_owned()),
    };
    let new: Vec<&Diagnostic> = found.diagnostics.iter().filter(|it| !known.contains(&identity(it))).collect();
    let hit = |it: &&&Diagnostic| {
        let primary = it.primary.span;
        let other = or_at.is_some_and(|or_at| {
            marks::overlap(primary, or_at) && it.labels.iter().any(|it| marks::overlap(it.span, at))
        });
        it.rule == fault.rule && (marks::overlap(primary, at) || other)
    };
    if new.iter().any(|it| hit(&it)) {
        return None;
    }
    let line = |span: Span| {
        let words = found.sources.snippet(span);
        let first = words.lines().find(|it| !it.trim().is_empty()).unwrap_or("");
        format!("{}:{}: {}", fault.file, found.sources.position(span).line, first.trim())
    };
    let mut out = format!("  expected at {}\n", line(at));
    if let Some(or_at) = or_at {
        let _ = writeln!(out, "  or at {}", line(or_at));
    }
    for it in &new {
        let _ = writeln!(out, "  gave {}", concise(it, &found.sources));
    }
    if new.is_empty() {
        out.push_str("  gave nothing\n");
    }
    for (rule, said) in &found.crashed {
        let _ = writeln!(out, "  {rule} crashed: {said}");
    }
    out.pop();
    Some(out)
}

/// The span of a text that stands exactly once in the changed file, or of its title.
fn place(fault: &Fault, words: &str, found: &Checked) -> Result<Span, ()> {
    let (id, file) = found.sources.iter().find(|it| it.1.path == fault.file).ok_or(())?;
    if words == "title" {
        let document = syntax::Document::read(id, &file.text);
        return Ok(document.title().ok_or(())?.heading.all().span());
    }
    let mut starts = file.text.match_indices(words);
    match (starts.next(), starts.next()) {
        (Some((start, _)), None) => Ok(Span::new(id, start..start + words.len())),
        _ => Err(()),
    }
}

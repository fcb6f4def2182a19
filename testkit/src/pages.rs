//! Rule pages and suites: what their fragments claim against what the rules find.

use std::path::Path;

use rules::{RULES, Rule};
use source::{Applicability, Diagnostic, Edits};

use crate::page::{Fragment, Page};
use crate::{Checked, TODAY, check, files, is_updating, marks, page, read, rules_for, stem};

/// Checks the pages of a directory, each against the rule that it is named after; says what is wrong.
pub fn check_pages(directory: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    for (path, text) in files(directory, "md") {
        let name = stem(&path);
        let Some(rule) = rules::rule(&name) else { continue };
        let page = page::read(&text);
        let mut wrong = outline(&page, rule);
        let mut unsafe_fix = false;
        for fragment in &page.fragments {
            let (found, all) = findings(fragment, &rules_for(rule), rule.name);
            wrong.extend(judge(fragment, &found, &says_level));
            unsafe_fix |= found
                .diagnostics
                .iter()
                .filter_map(|it| it.fix.as_ref())
                .any(|it| it.applicability != Applicability::Safe);
            let marked = fragment.files.iter().any(|(_, text)| !marks::take(text).1.is_empty());
            match fragment.section.as_str() {
                "Flagged" if !marked => {
                    wrong.push(format!("line {}: a fragment under Flagged marks nothing", fragment.line));
                }
                "Not flagged" if marked => {
                    wrong.push(format!("line {}: a fragment under Not flagged has a mark", fragment.line));
                }
                _ => {}
            }
            wrong.extend(all);
        }
        if unsafe_fix && !page.sections.iter().any(|it| it == "Fix safety") {
            wrong.push("`## Fix safety` is missing, and a fix of the rule is not safe".to_owned());
        }
        update(&path, &text, &page, &|it| findings(it, &rules_for(rule), rule.name).0);
        failures.extend(wrong.into_iter().map(|it| format!("{name}.md: {it}")));
    }
    failures
}

/// Checks suites: pages whose fragments are judged by all rules and whose marks name the rule, as in
/// `warning[broken-link]: there is no file`; info is not looked at.
pub fn check_suites(directory: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    for (path, text) in files(directory, "md") {
        let page = page::read(&text);
        let mut wrong = page.problems.clone();
        let run = |fragment: &Fragment| {
            let mut found = run(fragment, RULES);
            found.diagnostics.retain(|it| it.level > source::Level::Info);
            found
        };
        for fragment in &page.fragments {
            wrong.extend(judge(fragment, &run(fragment), &says_rule));
        }
        update(&path, &text, &page, &run);
        failures.extend(wrong.into_iter().map(|it| format!("{}.md: {it}", stem(&path))));
    }
    failures
}

fn says_level(it: &Diagnostic) -> String {
    format!("{}: {}", it.level.as_str(), it.message)
}

fn says_rule(it: &Diagnostic) -> String {
    format!("{}[{}]: {}", it.level.as_str(), it.rule, it.message)
}

/// What the form of a page lacks.
fn outline(page: &Page, rule: &Rule) -> Vec<String> {
    let mut wrong = page.problems.clone();
    if page.title != rule.name {
        wrong.push(format!("the title is `{}`", page.title));
    }
    if rule.doc.lines().next() != Some(&format!("# {}", rule.name)) {
        wrong.push("`doc` of the rule is another page".to_owned());
    }
    for section in ["Why it matters", "Flagged", "Not flagged"] {
        if !page.sections.iter().any(|it| it == section) {
            wrong.push(format!("`## {section}` is missing"));
        }
    }
    for section in ["Flagged", "Not flagged"] {
        if page.under(section).next().is_none() {
            wrong.push(format!("no fragment stands under `## {section}`"));
        }
    }
    if page.under("Flagged").next().is_some_and(|it| it.output.is_none()) {
        wrong.push("the first fragment under `## Flagged` has no output".to_owned());
    }
    wrong
}

fn run(fragment: &Fragment, rules: &[&'static Rule]) -> Checked {
    let plain: Vec<(&str, String)> =
        fragment.files.iter().map(|(path, text)| (path.as_str(), marks::take(text).0)).collect();
    let files: Vec<(&str, &str)> = plain.iter().map(|(path, text)| (*path, text.as_str())).collect();
    check(&files, rules, TODAY)
}

/// The findings of one rule, and what went wrong on the way.
fn findings(fragment: &Fragment, rules: &[&'static Rule], name: &str) -> (Checked, Vec<String>) {
    let mut found = run(fragment, rules);
    found.diagnostics.retain(|it| it.rule == name);
    let crashed = found.crashed.iter().map(|(rule, said)| format!("line {}: {rule} crashed: {said}", fragment.line));
    let crashed = crashed.collect();
    (found, crashed)
}

/// Where the findings on a fragment differ from what it claims.
fn judge(fragment: &Fragment, found: &Checked, says: &dyn Fn(&Diagnostic) -> String) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, file) in found.sources.iter() {
        let Some((path, text)) = fragment.files.get(id.0 as usize) else { continue };
        let own: Vec<marks::Mark> = found
            .diagnostics
            .iter()
            .filter(|it| it.primary.span.file == id)
            .map(|it| marks::of(it, &found.sources, says))
            .collect();
        if let Some(how) = marks::differ(&file.text, &marks::take(text).1, &own) {
            wrong.push(format!("line {}: {path}\n{how}", fragment.line));
        }
    }
    if is_updating() {
        return wrong;
    }
    if let Some(expected) = &fragment.output {
        let rendered = found.rendered();
        if expected.text != rendered {
            wrong.push(format!("line {}: the output is now\n{rendered}  (UPDATE=1 takes it over)", fragment.line));
        }
    }
    if let Some(expected) = &fragment.fixed {
        let fixed = fixed(found);
        if expected.text != fixed {
            wrong.push(format!("line {}: fixed, it is\n{fixed}", fragment.line));
        }
        let rules: Vec<&'static Rule> = found.diagnostics.iter().filter_map(|it| rules::rule(it.rule)).collect();
        let again = check(&[(page::PATH, &fixed)], &rules, TODAY);
        if self::fixed(&again) != fixed {
            wrong.push(format!("line {}: fixing twice changes more", fragment.line));
        }
    }
    wrong
}

/// The text of the first file after its safe fixes; a fix that overlaps one before it waits.
fn fixed(found: &Checked) -> String {
    let Some((id, file)) = found.sources.iter().next() else { return String::new() };
    let mut edits = Edits::default();
    for fix in found.diagnostics.iter().filter_map(|it| it.fix.as_ref()) {
        if fix.applicability == Applicability::Safe {
            edits.add(fix, &found.sources);
        }
    }
    edits.apply(&found.sources).find(|it| it.0 == id).map_or_else(|| file.text.clone(), |it| it.1)
}

/// Takes over what is printed now, if asked to.
fn update(path: &Path, text: &str, page: &Page, findings: &dyn Fn(&Fragment) -> Checked) {
    if !is_updating() {
        return;
    }
    let mut new = text.to_owned();
    for fragment in page.fragments.iter().rev() {
        if let Some(output) = &fragment.output {
            new.replace_range(output.range.clone(), &findings(fragment).rendered());
        }
    }
    if new != *text && read(path) == *text {
        std::fs::write(path, new).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    }
}

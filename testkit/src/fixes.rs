//! The fixes of the fragments of rule pages: each mends its finding, all together come to an end, nothing
//! else gets worse, and the rest of the text keeps its bytes.

use std::collections::BTreeMap;
use std::path::Path;

use rules::{RULES, Rule};
use source::{Applicability, Diagnostic, Edits, Fix, Level};

use crate::{Checked, TODAY, check, files, marks, page, stem};

/// Passes after which fixes must have come to an end.
const MAX_PASSES: usize = 20;

/// Checks the fixes of all pages of a directory; says what is wrong.
pub fn check_fixes(directory: &Path) -> Vec<String> {
    let mut failures = Vec::new();
    for (path, text) in files(directory, "md") {
        let name = stem(&path);
        let Some(rule) = rules::rule(&name) else { continue };
        for fragment in page::read(&text).fragments {
            let plain: Vec<(String, String)> =
                fragment.files.iter().map(|(path, text)| (path.clone(), marks::take(text).0)).collect();
            let wrong = judge(rule, &plain);
            failures.extend(wrong.into_iter().map(|it| format!("{name}.md: line {}: {it}", fragment.line)));
        }
    }
    failures
}

type Texts = [(String, String)];

fn judge(rule: &'static Rule, texts: &Texts) -> Vec<String> {
    let before = run(texts);
    let own: Vec<&Diagnostic> =
        before.diagnostics.iter().filter(|it| it.rule == rule.name && it.fix.is_some()).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    for it in &own {
        let Some(fix) = &it.fix else { continue };
        let after = run(&apply(texts, &before, [fix]));
        let same = |of: &Checked| of.diagnostics.iter().filter(|other| identity(other) == identity(it)).count();
        if same(&after) >= same(&before) {
            wrong.push(format!("`{}` does not mend `{}`", fix.title, it.message));
        }
    }
    let Some(fixed) = converged(rule, texts) else {
        wrong.push(format!("fixes go on after {MAX_PASSES} passes"));
        return wrong;
    };
    let after = run(&fixed);
    let (old, new) = (counts(&before), counts(&after));
    for (name, count) in new.iter().filter(|it| old.get(it.0).is_none_or(|old| old < it.1)) {
        let told = after.diagnostics.iter().filter(|it| it.rule == *name);
        let told: Vec<String> = told.map(|it| source::render::concise(it, &after.sources)).collect();
        wrong.push(format!(
            "{count} of {name} after the fixes: {}\n{}",
            told.join("; "),
            fixed.first().map_or("", |it| &it.1)
        ));
    }
    let crlf = |texts: &Texts| -> Vec<(String, String)> {
        texts.iter().map(|it| (it.0.clone(), it.1.replace('\n', "\r\n"))).collect()
    };
    if converged(rule, &crlf(texts)).as_deref() != Some(&crlf(&fixed)) {
        wrong.push("with CRLF, the fixes give another text".to_owned());
    }
    wrong
}

fn identity(it: &Diagnostic) -> (&str, &str) {
    (it.rule, &it.message)
}

fn run(texts: &Texts) -> Checked {
    let files: Vec<(&str, &str)> = texts.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    check(&files, RULES, TODAY)
}

/// The findings that are shown, by rule.
fn counts(of: &Checked) -> BTreeMap<&'static str, usize> {
    let mut found = BTreeMap::new();
    for it in of.diagnostics.iter().filter(|it| it.level > Level::Info) {
        *found.entry(it.rule).or_default() += 1;
    }
    found
}

fn apply<'a>(texts: &Texts, found: &Checked, fixes: impl IntoIterator<Item = &'a Fix>) -> Vec<(String, String)> {
    let mut edits = Edits::default();
    for fix in fixes {
        edits.add(fix, &found.sources);
    }
    let mut changed = texts.to_vec();
    for (file, text) in edits.apply(&found.sources) {
        if let Some(own) = changed.get_mut(file.0 as usize) {
            own.1 = text;
        }
    }
    changed
}

/// The texts after all fixes of a rule, again and again; `None` if that does not end.
fn converged(rule: &'static Rule, texts: &Texts) -> Option<Vec<(String, String)>> {
    let mut texts = texts.to_vec();
    for _ in 0..MAX_PASSES {
        let found = run(&texts);
        let fixes = found.diagnostics.iter().filter(|it| it.rule == rule.name).filter_map(|it| it.fix.as_ref());
        let fixes: Vec<&Fix> = fixes.filter(|it| it.applicability != Applicability::Display).collect();
        if fixes.is_empty() {
            return Some(texts);
        }
        texts = apply(&texts, &found, fixes);
    }
    None
}

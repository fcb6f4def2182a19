//! Rules, their files and their pages are the same set.

use std::collections::BTreeSet;

use rules::RULES;
use testkit::{directories, files, report, root, stem};

#[test]
fn names_pages_and_files_are_one_set() {
    let names: BTreeSet<String> = RULES.iter().map(|it| it.name.to_owned()).collect();
    let pages: BTreeSet<String> = files(&root().join("crates/rules/docs"), "md").iter().map(|it| stem(&it.0)).collect();
    let sources: BTreeSet<String> = directories(&root().join("crates/rules/src"))
        .iter()
        .flat_map(|it| files(it, "rs"))
        .map(|it| stem(&it.0).replace('_', "-"))
        .collect();
    let mut wrong = Vec::new();
    for (one, other, what) in [
        (&names, &pages, "a rule without a page"),
        (&pages, &names, "a page without a rule"),
        (&names, &sources, "a rule that is not named as its file"),
        (&sources, &names, "a file whose rule is not registered"),
    ] {
        wrong.extend(one.difference(other).map(|it| format!("{it}: {what}")));
    }
    report(&wrong);
}

#[test]
fn names_are_kebab_case_and_unique() {
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for rule in RULES {
        let words = |it: &str| !it.is_empty() && it.chars().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit());
        if !rule.name.split('-').all(words) {
            wrong.push(format!("{}: not kebab-case", rule.name));
        }
        if !seen.insert(rule.name) {
            wrong.push(format!("{}: registered twice", rule.name));
        }
        if rule.summary.ends_with('.') || rule.summary.starts_with(char::is_uppercase) || rule.summary.contains('\n') {
            wrong.push(format!("{}: the summary is one line, lower case, without a full stop", rule.name));
        }
    }
    report(&wrong);
}

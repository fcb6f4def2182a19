//! Sections that a document which follows the template lacks.

use model::Spec;
use source::Level;
use syntax::family::Families;
use syntax::template;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "missing-section",
    summary: "a section of the template is missing",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/missing-section.md"),
    check: Check::Spec(missing_section),
};

fn missing_section(sink: &mut Sink<'_>, spec: &Spec) {
    if !follows_template(spec) {
        return;
    }
    let doc = spec.document();
    let Some(title) = doc.title() else { return };
    let there: Families = doc.sections.iter().filter_map(|it| it.own).collect();
    let near = crate::page::misspelt_section::misspelt(spec);
    let missing: Vec<&str> = template::sections()
        .iter()
        .filter(|it| it.level == 2 && !there.contains(it.family) && !near.iter().any(|(_, name)| *name == it.name))
        .map(|it| it.name.as_str())
        .collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<String> = missing.iter().map(|it| format!("`{it}`")).collect();
    let verb = if missing.len() == 1 { "section" } else { "sections" };
    drop(
        sink.report(title.heading.all().span(), format!("{verb} missing: {}", names.join(", ")))
            .note("most sections of the template are here, so readers expect the others")
            .help("add them; `N/A` with a reason is an answer"),
    );
}

/// Whether at least half of the template's sections of level two are there.
pub(crate) fn follows_template(spec: &Spec) -> bool {
    let doc = spec.document();
    let sections = template::sections();
    // By the names of its sections, not by what they seem to be about.
    let own: Families = doc.sections.iter().filter(|it| it.level <= 2).filter_map(|it| it.title.family()).collect();
    let all = || sections.iter().filter(|it| it.level == 2);
    all().filter(|it| own.contains(it.family)).count() * 2 >= all().count()
}

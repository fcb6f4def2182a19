//! Sections that a document which follows the template lacks.

use source::Level;

use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "missing-section",
    summary: "a section of the template is missing",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/missing-section.md"),
    check: Check::Review(missing_section),
};

fn missing_section(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    let template = sink.context.template;
    let form = review.form(template);
    if !form.is_followed && !template.sections.iter().any(|it| it.always) {
        return;
    }
    let doc = spec.document();
    let Some(title) = doc.title() else { return };
    let near = crate::page::misspelt_section::misspelt(template, spec);
    let missing = |always: bool| -> Vec<String> {
        let missing = template.sections.iter().zip(&form.found).filter(|(it, found)| {
            it.level == 2 && it.always == always && !**found && !near.iter().any(|(_, name)| *name == it.name)
        });
        missing.map(|it| format!("`{}`", it.0.name)).collect()
    };
    let mut tell = |missing: Vec<String>, why: &str| {
        if !missing.is_empty() {
            let verb = if missing.len() == 1 { "section" } else { "sections" };
            drop(
                sink.report(title.heading.all().span(), format!("{verb} missing: {}", missing.join(", ")))
                    .note(why)
                    .help("add them; `N/A` with a reason is an answer"),
            );
        }
    };
    if form.is_followed {
        tell(missing(false), "most sections of the template are here, so readers expect the others");
    }
    tell(missing(true), "the project requires it of every document");
}

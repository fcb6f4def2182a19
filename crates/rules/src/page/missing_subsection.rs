//! Subsections that a section of the template lacks.

use model::Spec;
use source::Level;
use syntax::columns::is_nothing;
use syntax::document::inlines;
use syntax::family::Families;
use syntax::template;

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "missing-subsection",
    summary: "a subsection of the template is missing",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/missing-subsection.md"),
    check: Check::Spec(missing_subsection),
};

fn missing_subsection(sink: &mut Sink<'_>, spec: &Spec) {
    if !crate::page::missing_section::follows_template(spec) {
        return;
    }
    let doc = spec.document();
    let there: Families = doc.sections.iter().filter_map(|it| it.own).collect();
    for parent in template::sections().iter().filter(|it| it.level == 2) {
        let Some(section) = doc.sections.iter().find(|it| it.own == Some(parent.family)) else { continue };
        let missing: Vec<String> = template::sections()
            .iter()
            .filter(|it| it.level == 3 && it.under == parent.family && !there.contains(it.family))
            .map(|it| format!("`{}`", it.name))
            .collect();
        if missing.is_empty() {
            continue;
        }
        // `N/A` answers for all of it.
        let mut words = String::new();
        inlines(&section.blocks, &mut |it| words.push_str(it.as_str()));
        let answered = is_nothing(words.split(['.', ',', ':', '—']).next().unwrap_or("")) && !words.is_empty();
        if !answered {
            drop(sink.report(section.heading.all().span(), format!("not said here: {}", missing.join(", "))));
        }
    }
}

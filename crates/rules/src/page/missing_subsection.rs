//! Subsections that a section of the template lacks.

use source::Level;
use syntax::Section;
use syntax::columns::is_nothing;
use syntax::document::inlines;

use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "missing-subsection",
    summary: "a subsection of the template is missing",
    level: Level::Info,
    since: "0.1.0",
    doc: include_str!("../../docs/missing-subsection.md"),
    check: Check::Review(missing_subsection),
};

fn missing_subsection(sink: &mut Sink<'_>, review: &Review<'_>) {
    let template = sink.context.template;
    let form = review.form(template);
    if !form.is_followed {
        return;
    }
    let doc = review.spec.document();
    let mut missing_of: Vec<Vec<&str>> = vec![Vec::new(); template.sections.len()];
    for (it, _) in template.sections.iter().zip(&form.found).filter(|(it, there)| it.level == 3 && !**there) {
        if let Some(missing) = missing_of.get_mut(it.under) {
            missing.push(&it.name);
        }
    }
    let lacking = template.sections.iter().zip(missing_of).filter(|it| it.0.level == 2 && !it.1.is_empty());
    for (parent, missing) in lacking {
        let same = |it: &&Section| match parent.family {
            Some(family) => it.own == Some(family),
            None => it.title.whole == parent.key,
        };
        let Some(section) = doc.sections.iter().find(same) else { continue };
        // `N/A` answers for all of it.
        let mut words = String::new();
        inlines(&section.blocks, &mut |it| words.push_str(it.as_str()));
        let answered = is_nothing(words.split(['.', ',', ':', '—']).next().unwrap_or("")) && !words.is_empty();
        if !answered {
            let quoted: Vec<String> = missing.iter().map(|it| ["`", it, "`"].concat()).collect();
            drop(sink.report(section.heading.all().span(), format!("not said here: {}", quoted.join(", "))));
        }
    }
}

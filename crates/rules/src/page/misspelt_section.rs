//! Headings that are nearly the name of a section of the template.

use std::collections::HashSet;

use model::Spec;
use source::{Applicability, Edit, Level, Span, distance};
use syntax::template::{Required, Template};
use syntax::{Section, SectionId};

use crate::{Check, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "misspelt-section",
    summary: "a heading is nearly the name of a section",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/misspelt-section.md"),
    check: Check::Spec(misspelt_section),
};

fn misspelt_section(sink: &mut Sink<'_>, spec: &Spec) {
    for (span, name) in misspelt(sink.context.template, spec) {
        let written = sink.snippet(span);
        drop(
            sink.report(span, format!("`{written}` is not a section; did you mean `{name}`?"))
                .note("a section is recognised by the words of its heading, so this one is not read")
                .fix(format!("write `{name}`"), Applicability::Safe, vec![Edit { span, text: name.to_owned() }]),
        );
    }
}

/// Headings of no family that are nearly the name of one that the document lacks, with that name.
pub(crate) fn misspelt<'t>(template: &'t Template, spec: &Spec) -> Vec<(Span, &'t str)> {
    let doc = spec.document();
    let unknown = |it: &&Section| it.own.is_none() && (2..=6).contains(&it.level) && it.title.kind.is_none();
    let long = |it: &&Section| it.title.key().len() >= MIN_LEN;
    let candidates: Vec<&Section> = doc.sections.iter().filter(unknown).filter(long).collect();
    if candidates.is_empty() {
        return Vec::new();
    }
    let there = template.found(doc.sections.iter());
    let lacking = template.sections.iter().zip(there).filter(|(it, there)| !there && it.key.len() >= MIN_LEN);
    let lacking: Vec<&Required> = lacking.map(|it| it.0).collect();
    // What stands within a section names one of its things, unless sections stand there too: a persona
    // `Approvers` is no Approval.
    let holding: HashSet<SectionId> =
        doc.sections.iter().filter(|it| it.own.is_some()).filter_map(|it| it.parent).collect();
    let nested = |it: &Section| {
        let parent = it.parent.and_then(|it| doc.section(it)).filter(|it| it.level > 1);
        parent.is_some_and(|it| it.own.is_some() || !holding.contains(&it.id))
    };
    let mut found = Vec::new();
    for section in candidates {
        let written = section.title.key();
        let nested = nested(section);
        let near = lacking
            .iter()
            .filter(|it| it.level > 2 || !nested)
            .filter(|it| !is_derived(written, &it.key))
            .find(|it| distance(written, &it.key, slips(written, &it.key)).is_some_and(|it| it > 0));
        if let Some(near) = near {
            found.push((section.name().span(), near.name.as_str()));
        }
    }
    found
}

/// How many slips make one name of another: in a short word a second makes another word (`Staff`, `State`).
fn slips(a: &str, b: &str) -> usize {
    if !a.is_ascii() || FOREIGN.contains(&a) {
        return 0;
    }
    let differ = a.split(' ').zip(b.split(' ')).filter(|it| it.0 != it.1);
    let longest = differ.map(|it| it.0.len().max(it.1.len())).max().unwrap_or(0);
    if longest >= LONG { 2 } else { 1 }
}

/// Names of a section in other languages, as keys.
const FOREIGN: &[&str] = &["referenzen", "referencia", "referenser", "referentie", "referenza", "referinte"];

/// So many letters bear two slips.
const LONG: usize = 8;

/// Whether two words differ in their last letters alone, as `approver` and `approval` do.
fn is_derived(a: &str, b: &str) -> bool {
    let same = a.chars().zip(b.chars()).take_while(|it| it.0 == it.1).count();
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().skip(same).collect(), b.chars().skip(same).collect());
    let short = |it: &[char]| (2..=3).contains(&it.len());
    short(&a) && short(&b) && !a.iter().any(|it| b.contains(it))
}

/// Shorter names are too easily near to each other.
const MIN_LEN: usize = 6;

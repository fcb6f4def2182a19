//! The examples, whole and with one fault at a time.

use testkit::{fault, report, root};

#[test]
fn the_examples_are_clean() {
    report(&fault::check_examples(&root().join("examples")));
}

#[test]
fn each_fault_is_found_at_its_place() {
    report(&fault::check_faults(&root().join("testkit/suite/faults.toml"), &root().join("examples")));
}

#[test]
fn the_template_has_its_prompts_and_its_two_contradictions() {
    let text = syntax::template::text();
    let checked = testkit::check(&[("template.md", text.as_str())], rules::RULES, jiff::civil::date(2026, 6, 1));
    let told = checked.diagnostics.iter().filter(|it| it.level > source::Level::Info);
    let (prompts, others): (Vec<_>, Vec<_>) = told.partition(|it| it.rule == "placeholder-left");
    let others: Vec<String> = others.iter().map(|it| source::render::concise(it, &checked.sources)).collect();
    assert_eq!(
        others,
        [
            "template.md:120:1: warning[declarations-disagree]: the Fields table lacks `createdAt`, which the interface has",
            "template.md:210:24: warning[diagram-table-disagree]: the diagram calls the event from `State1` to `State2` `Event`, the table calls it `Event1`",
        ]
    );
    let doc = syntax::Document::read(source::FileId(0), &text);
    let section = |at: u32| doc.sections.iter().rfind(|it| it.level == 2 && it.span.start <= at).map(|it| it.span);
    let mut sections: Vec<_> = prompts.iter().map(|it| section(it.primary.span.start)).collect();
    let count = sections.len();
    sections.dedup();
    assert_eq!(sections.len(), count, "one finding for each section of level two");
}

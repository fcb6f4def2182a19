//! A project that was edited says what one says that was read anew.

use std::fmt::Write as _;

use jiff::civil::date;
use rules::{Context, OneThread, Project, RULES, Target};
use source::render::{Style, text};
use source::{FileId, SourceFile, Sources};
use testkit::random::Random;

/// Documents that refer to each other: routes, titles, headings and files are all named by others.
fn document(index: usize) -> String {
    let (next, other) = ((index + 1) % COUNT, (index + 3) % COUNT);
    format!(
        "# Technical Specification: Service {index}\n\n**Status**: Draft\n\n## Overview\n\nSee [the next](svc-{next}.md#api) and [below](#api).\n\n\
         ## System Context\n\n### Dependencies\n\n- Service {other}\n- [Service {next}](svc-{next}.md)\n\n\
         ## API\n\n### GET /things{index}\n\n### GET /things{next}/{{id}}\n\n**Response (200)**:\n\n```json\n{{ \"id\": \"x\" }}\n```\n"
    )
}

const COUNT: usize = 6;
const ROUNDS: usize = 400;

/// Lines that an edit may put in.
const LINES: [&str; 12] = [
    "# Technical Specification: Service 3",
    "# Technical Specification: Service 9",
    "## API",
    "## Interfaces",
    "### GET /things2",
    "### GET /things4/{id}",
    "- Service 1",
    "- Servise 2",
    "- [Service 4](svc-4.md)",
    "[there](svc-2.md#overview) and [gone](svc-7.md#api)",
    "<!-- allow(duplicate-endpoint): both are meant -->",
    "",
];

fn edited(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let at = random.below(lines.len());
    let line = LINES[random.below(LINES.len())];
    match random.below(4) {
        0 => drop(lines.remove(at)),
        1 => lines[at] = line,
        2 => lines.insert(at, line),
        _ => {
            let other = random.below(lines.len());
            lines.swap(at, other);
        }
    }
    lines.join("\n")
}

fn rendered(project: &Project, sources: &Sources) -> String {
    let mut out = String::new();
    for it in project.diagnostics(sources) {
        let _ = writeln!(out, "{}\n{}\n", it.address, text(it, sources, Style::Plain));
    }
    out
}

fn sources(texts: &[String]) -> Sources {
    let mut sources = Sources::default();
    for (index, text) in texts.iter().enumerate() {
        sources.add(SourceFile::new(format!("specs/svc-{index}.md"), text.as_str()));
    }
    sources
}

#[test]
fn an_edit_gives_what_a_fresh_run_gives() {
    let template = syntax::template::Template::ours();
    let context =
        Context { today: date(2026, 6, 1), target: &|_| Target::Missing, level: &|_, _| None, template, rules: RULES };
    let mut narrow = 0;
    for together in [true, false] {
        let mut random = Random(7);
        let start: Vec<String> = (0..COUNT).map(document).collect();
        let mut texts = start.clone();
        let mut edited_sources = sources(&texts);
        let mut project = Project::new(&context, &edited_sources, together, &OneThread);
        for round in 0..ROUNDS {
            let index = random.below(COUNT);
            // Documents are laid anew now and then, so that they do not end as rubble.
            texts[index] =
                if random.below(12) == 0 { start[index].clone() } else { edited(&texts[index], &mut random) };
            let file = FileId(index as u32);
            edited_sources.set(file, texts[index].clone());
            let affected = project.update(&context, &edited_sources, file);
            assert!(affected.contains(&file));
            narrow += usize::from(affected.len() < COUNT);
            let anew = Project::new(&context, &edited_sources, together, &OneThread);
            let (warm, fresh) = (rendered(&project, &edited_sources), rendered(&anew, &edited_sources));
            assert!(warm == fresh, "round {round} of {together}:\n--- warm\n{warm}\n--- fresh\n{fresh}");
        }
    }
    assert!(narrow > ROUNDS, "nearly every edit touched every document: {narrow}");
}

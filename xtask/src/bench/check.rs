//! What checking 1,000 specifications costs, by phase, beside reading their headings
//! and tables with the Markdown parser alone in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use model::Workspace;
use rules::{Context, RULES, Target};
use source::{FileId, SourceFile, Sources};

use crate::generate::document;

/// Documents that are measured.
const COUNT: usize = 1000;

/// Rounds; the fastest is told, since everything else that the machine does only adds time.
const ROUNDS: usize = 5;

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    if cfg!(debug_assertions) {
        eprintln!("bench: this is a debug build; `cargo run --release -p xtask -- bench` measures what users run");
    }
    let count = args.first().map_or(Ok(COUNT), |it| it.parse()).map_err(|_| "bench takes a number of documents")?;
    // Expressions are parsed recursively.
    let worker =
        std::thread::Builder::new().stack_size(64 << 20).spawn(move || measure(count)).map_err(|it| it.to_string())?;
    worker.join().map_err(|_| "the bench failed".to_owned())
}

fn measure(count: usize) {
    let mut sources = Sources::default();
    for index in 0..count {
        sources.add(SourceFile::new(format!("unit-{index:04}.md"), document(index, count)));
    }
    let bytes: usize = sources.iter().map(|it| it.1.text.len()).sum();
    println!("{count} specifications of {} bytes, one thread, best of {ROUNDS}\n", bytes / count.max(1));
    let texts: Vec<(FileId, &SourceFile)> = sources.iter().collect();
    let reference = best(|| texts.iter().map(|it| headings(&it.1.text)).sum::<usize>());
    let page = best(|| texts.iter().map(|it| syntax::Document::read(it.0, &it.1.text).sections.len()).sum::<usize>());
    let read = || texts.iter().map(|it| model::workspace::read(it.0, &it.1.path, &it.1.text)).collect::<Vec<_>>();
    let model = best(|| read().len());
    let specs = read();
    let start = Instant::now();
    let workspace = Workspace::new(specs, true);
    let index = start.elapsed();
    let context = Context {
        sources: &sources,
        workspace: &workspace,
        today: jiff::civil::date(2026, 11, 23),
        target: &|_| Target::Missing,
        level: &|_, _| None,
        rules: RULES,
    };
    let mut findings = 0;
    let rules = best(|| {
        findings = (0..count)
            .map(|it| rules::check(&context, it).diagnostics.iter().filter(|it| it.level > source::Level::Info).count())
            .sum();
        findings
    });
    let row = |name: &str, time: Duration| {
        let ratio = time.as_secs_f64() / reference.as_secs_f64();
        println!(
            "{name:34} {:8.1} ms {:8.3} ms each {ratio:6.2} x",
            time.as_secs_f64() * 1e3,
            time.as_secs_f64() * 1e3 / count.max(1) as f64
        );
    };
    row("Markdown events only (reference)", reference);
    row("page: sections, tables, fences", page);
    row("claims and model", model.saturating_sub(page));
    row("index over files", index);
    row("rules", rules);
    row("all", model + index + rules);
    println!("\n{findings} findings at error and warning (the documents are clean)");
}

fn best<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut fastest = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        black_box(work());
        fastest = fastest.min(start.elapsed());
    }
    fastest
}

/// The Markdown parser alone, with the options that the page is read with.
fn headings(text: &str) -> usize {
    let options = pulldown_cmark::Options::ENABLE_TABLES
        | pulldown_cmark::Options::ENABLE_TASKLISTS
        | pulldown_cmark::Options::ENABLE_GFM;
    pulldown_cmark::Parser::new_ext(text, options)
        .into_offset_iter()
        .filter(|it| matches!(it.0, pulldown_cmark::Event::Start(pulldown_cmark::Tag::Heading { .. })))
        .count()
}

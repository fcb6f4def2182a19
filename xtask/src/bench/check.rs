//! What checking 1,000 specifications costs, by phase, beside reading their headings
//! and tables with the Markdown parser alone in the same run.

use std::hint::black_box;
use std::time::{Duration, Instant};

use model::Summary;
use rules::{Context, OneThread, Project, RULES, Target};
use source::{FileId, SourceFile, Sources};
use syntax::template::Template;

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
    let worker = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || {
            measure(count);
            edits(MANY);
        })
        .map_err(|it| it.to_string())?;
    worker.join().map_err(|_| "the bench failed".to_owned())
}

fn measure(count: usize) {
    let sources = generated(count);
    let bytes: usize = sources.iter().map(|it| it.1.text.len()).sum();
    println!("{count} specifications of {} bytes, one thread, best of {ROUNDS}\n", bytes / count.max(1));
    let texts: Vec<(FileId, &SourceFile)> = sources.iter().collect();
    let reference = best(|| texts.iter().map(|it| headings(&it.1.text)).sum::<usize>());
    let page = best(|| texts.iter().map(|it| syntax::Document::read(it.0, &it.1.text).sections.len()).sum::<usize>());
    let read = |it: &(FileId, &SourceFile)| model::workspace::read(it.0, &it.1.path, &it.1.text);
    let model = best(|| texts.iter().map(|it| read(it).endpoints.len()).sum::<usize>());
    let context = context();
    let own = best(|| {
        let outcome = |it| {
            let spec = read(it);
            rules::check(&context, &sources, &spec, &Summary::of(&spec)).diagnostics.len()
        };
        texts.iter().map(outcome).sum::<usize>()
    });
    let mut findings = 0;
    let all = best(|| {
        let project = Project::new(&context, &sources, true, &OneThread);
        findings = project.diagnostics(&sources).iter().filter(|it| it.level > source::Level::Info).count();
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
    row("rules on each document", own.saturating_sub(model));
    row("index and rules across documents", all.saturating_sub(own));
    row("all", all);
    println!("\n{findings} findings at error and warning (the documents are clean)");
}

/// What an edit costs among many documents, and what they take.
fn edits(count: usize) {
    let context = context();
    let before = resident();
    let mut sources = generated(count);
    let mut project = Project::new(&context, &sources, true, &OneThread);
    let taken = resident().saturating_sub(before) as f64 / 1024.0;
    let mut times: Vec<f64> = Vec::new();
    for round in 0..EDITS {
        let index = round * count / EDITS;
        let file = FileId(index as u32);
        let text = document(index, count);
        // Every other edit moves all that follows and renames a field, the next takes it back.
        let text = if round % 2 == 0 { text.replacen("\n## ", "\nOne more line.\n\n## ", 1) } else { text };
        let start = Instant::now();
        sources.set(file, text);
        let affected = project.update(&context, &sources, file);
        let found: usize = affected.iter().map(|it| project.diagnostics_of(&sources, *it).len()).sum();
        black_box(found);
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times.get(((times.len() - 1) as f64 * share) as usize).copied().unwrap_or(0.0);
    println!("\n{count} specifications in one process: {taken:.0} MB resident");
    println!("from an edit to diagnostics, {EDITS} edits: median {:.2} ms, worst {:.2} ms", at(0.5), at(1.0));
}

/// Edits that are measured.
const EDITS: usize = 100;

/// Documents among which edits are measured.
const MANY: usize = 10_000;

fn generated(count: usize) -> Sources {
    let mut sources = Sources::default();
    for index in 0..count {
        sources.add(SourceFile::new(format!("unit-{index:04}.md"), document(index, count)));
    }
    sources
}

fn context() -> Context<'static> {
    let today = jiff::civil::date(2026, 11, 23);
    let template = Template::ours();
    Context { today, target: &|_| Target::Missing, level: &|_, _| None, template, rules: RULES }
}

/// Memory of this process that is resident, in KiB; zero where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
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

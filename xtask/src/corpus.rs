//! `cargo xtask corpus DIR`: findings per rule and document over real documents, each on its own, the
//! blocks that could not be read, and seeded samples to judge. With `--coverage` how much is read at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rules::{Context, OneThread, Project, RULES, Target};
use source::{Diagnostic, Level, SourceFile, Sources};
use syntax::template::Template;
use testkit::random::Random;

/// Rules whose findings depend on files around a document, which a corpus does not have.
const LINKS: [&str; 1] = ["broken-link"];

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let folder = args.first().ok_or("corpus needs a directory")?;
    let option = |name: &str| args.iter().position(|it| *it == name).and_then(|at| args.get(at + 1)).copied();
    let sample: usize = option("--sample").unwrap_or("0").parse().map_err(|_| "--sample takes a number")?;
    let seed: u64 = option("--seed").unwrap_or("1").parse().map_err(|_| "--seed takes a number")?;
    let only = option("--rule");
    let list = option("--verdicts");
    if let Some(path) = option("--tally") {
        return tally(path);
    }
    let all = args.contains(&"--all");
    let mut files: Vec<PathBuf> = Vec::new();
    let entries = std::fs::read_dir(folder).map_err(|it| format!("{folder}: {it}"))?;
    files.extend(
        entries.filter_map(Result::ok).map(|it| it.path()).filter(|it| it.extension().is_some_and(|it| it == "md")),
    );
    files.sort();
    if args.contains(&"--coverage") {
        return crate::coverage::run(files, option("--coverage").filter(|it| !it.starts_with("--")));
    }
    let start = Instant::now();
    // Expressions are parsed recursively.
    let worker = std::thread::Builder::new()
        .stack_size(64 << 20)
        .spawn(move || files.iter().filter_map(|it| check(it)).collect::<Vec<_>>());
    let documents = worker.map_err(|it| it.to_string())?.join().map_err(|_| "a document made the checker panic")?;
    let seconds = start.elapsed().as_secs_f64();
    report(&documents, seconds, all);
    let mut pool: Vec<(&Document, &Diagnostic)> = Vec::new();
    for document in &documents {
        let shown = document.findings.iter().filter(|it| it.level > Level::Info && !LINKS.contains(&it.rule));
        pool.extend(shown.filter(|it| only.is_none_or(|only| only == it.rule)).map(|it| (document, it)));
    }
    if let Some(rule) = only {
        pool = Vec::new();
        for document in &documents {
            pool.extend(document.findings.iter().filter(|it| it.rule == rule).map(|it| (document, it)));
        }
    }
    let picked = pick(pool, sample, seed);
    for (document, finding) in &picked {
        println!("{}\n", source::render::text(finding, &document.sources, source::render::Style::Plain));
    }
    match list {
        Some(path) => verdicts(path, &picked),
        None => Ok(()),
    }
}

/// What stands in the first column until somebody has read the finding.
const UNJUDGED: &str = "?";

/// Writes a line for each finding, whose first column is to be made `true` or `false` by who reads it.
fn verdicts(path: &str, picked: &[(&Document, &Diagnostic)]) -> Result<(), String> {
    let lines: Vec<String> = picked
        .iter()
        .map(|(document, finding)| {
            let place = source::render::concise(finding, &document.sources);
            format!("{UNJUDGED}\t{}\t{place}\n", finding.rule)
        })
        .collect();
    std::fs::write(path, lines.concat()).map_err(|it| format!("{path}: {it}"))
}

/// Counts the verdicts of a file that `--verdicts` has written, as the table of `docs/precision.md`.
fn tally(path: &str) -> Result<(), String> {
    let text = std::fs::read_to_string(path).map_err(|it| format!("{path}: {it}"))?;
    let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let mut columns = line.split('\t');
        let (verdict, rule) = (columns.next().unwrap_or(""), columns.next().unwrap_or(""));
        let entry = rules.entry(rule).or_default();
        match verdict {
            "true" => entry.0 += 1,
            "false" => entry.1 += 1,
            _ => return Err(format!("{path}:{}: `{verdict}` is neither `true` nor `false`", index + 1)),
        }
    }
    println!("| Rule | Judged | True | False |\n|------|-------:|-----:|------:|");
    for (rule, (right, wrong)) in &rules {
        println!("| `{rule}` | {} | {right} | {wrong} |", right + wrong);
    }
    let (right, wrong) = rules.values().fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
    println!("| all | {} | {right} | {wrong} |", right + wrong);
    Ok(())
}

struct Document {
    sources: Sources,
    findings: Vec<Diagnostic>,
    unread: usize,
    drawings: usize,
}

fn check(path: &Path) -> Option<Document> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let bytes = std::fs::read(path).ok()?;
    let mut sources = Sources::default();
    let id = sources.add(SourceFile::new(name.clone(), String::from_utf8_lossy(&bytes).into_owned()));
    let spec = model::workspace::read(id, &name, &sources.get(id)?.text);
    let (unread, drawings) = (spec.facts.problems.len(), spec.facts.drawings.len());
    drop(spec);
    let context = Context {
        today: jiff::civil::date(2026, 11, 23),
        target: &|_| Target::Missing,
        level: &|_, _| None,
        template: Template::ours(),
        rules: RULES,
    };
    let mut project = Project::new(&context, &sources, false, &OneThread);
    for (rule, path, why) in project.crashed() {
        eprintln!("{path}: rule {rule} failed: {why}");
    }
    let findings = project.take_diagnostics(&sources);
    Some(Document { sources, findings, unread, drawings })
}

fn report(documents: &[Document], seconds: f64, all: bool) {
    let mut rules: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut counts = Vec::new();
    for document in documents {
        let mut per_rule: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in &document.findings {
            *per_rule.entry(finding.rule).or_default() += 1;
        }
        for (rule, count) in &per_rule {
            let entry = rules.entry(rule).or_default();
            entry.0 += count;
            entry.1 += 1;
        }
        let shown = document.findings.iter().filter(|it| it.level > Level::Info && !LINKS.contains(&it.rule)).count();
        counts.push(shown);
        if all {
            let name = document.sources.iter().next().map_or("", |it| it.1.path.as_str());
            let list: Vec<String> = per_rule.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
            println!(
                "{name:44} {shown:4}  unread {:2}  drawings {:2}  {}",
                document.unread,
                document.drawings,
                list.join(", ")
            );
        }
    }
    println!("{:32} {:>8} {:>10}  level", "rule", "findings", "documents");
    for (rule, (count, documents)) in &rules {
        let level = rules::rule(rule).map_or("", |it| it.level.as_str());
        println!("{rule:32} {count:8} {documents:10}  {level}");
    }
    counts.sort_unstable();
    let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let most = counts.last().copied().unwrap_or(0);
    let unread: usize = documents.iter().map(|it| it.unread).sum();
    println!(
        "{} documents, {} findings at error and warning without links (median {median}, most {most}), {unread} unread blocks, {seconds:.2} s",
        documents.len(),
        counts.iter().sum::<usize>()
    );
}

/// A sample without repetition, the same for the same seed.
fn pick<T>(mut pool: Vec<T>, count: usize, seed: u64) -> Vec<T> {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut picked = Vec::new();
    while picked.len() < count && !pool.is_empty() {
        picked.push(pool.swap_remove(random.below(pool.len())));
    }
    picked
}

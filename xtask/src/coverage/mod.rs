//! `cargo xtask corpus DIR --coverage`: how much of what real documents hold is read, counted by crude
//! scans of the bare text that share no code with the readers, and compared with the model.
//!
//! The scans err: they take for a heading of a family, or for an endpoint, what a person would not, and
//! they overlook some. They are there to be read: each lists what it misses.

mod declarations;
mod endpoints;
mod headings;

use std::path::PathBuf;

use source::{SourceFile, Sources};

/// What one scan found in one document: all that there is, and the lines of what the model lacks.
#[derive(Default)]
struct Found {
    all: usize,
    misses: Vec<(usize, String)>,
}

/// A scan of the bare text, held against the model.
type Scan = fn(&str, &model::Spec) -> Found;

const SCANS: &[(&str, Scan)] =
    &[("headings", headings::scan), ("endpoints", endpoints::scan), ("declarations", declarations::scan)];

/// Prints what each scan found; `only` names one.
pub(crate) fn run(files: Vec<PathBuf>, only: Option<&str>) -> Result<(), String> {
    // Expressions are parsed recursively.
    let worker = std::thread::Builder::new().stack_size(64 << 20).spawn(move || {
        let read = files.iter().filter_map(|path| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
            let mut sources = Sources::default();
            let id = sources.add(SourceFile::new(name.clone(), text.clone()));
            let spec = model::workspace::read(id, &name, &text);
            Some((name, SCANS.iter().map(|it| it.1(&text, &spec)).collect::<Vec<_>>()))
        });
        read.collect::<Vec<_>>()
    });
    let documents = worker.map_err(|it| it.to_string())?.join().map_err(|_| "a document made the reader panic")?;
    for (index, (name, _)) in SCANS.iter().enumerate().filter(|it| only.is_none_or(|only| only == it.1.0)) {
        let (mut all, mut missed) = (0, 0);
        for (file, found) in &documents {
            let Some(found) = found.get(index) else { continue };
            all += found.all;
            missed += found.misses.len();
            for (line, text) in &found.misses {
                println!("{name}: {file}:{line}: {text}");
            }
        }
        let share = if all == 0 { 100.0 } else { (all - missed) as f64 * 100.0 / all as f64 };
        println!("{name}: {} of {all} read ({share:.1} %)", all - missed);
    }
    Ok(())
}

/// The lines of a text with where they begin, and the language of the fence that they stand in.
fn lines(text: &str) -> Vec<Line<'_>> {
    let mut found = Vec::new();
    let (mut at, mut fence): (usize, Option<(String, String)>) = (0, None);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_start().trim_start_matches("> ");
        let bar: String = bare.chars().take_while(|it| bare.starts_with(*it) && matches!(it, '`' | '~')).collect();
        let mut lang = fence.as_ref().map(|it| it.1.clone());
        if bar.len() >= 3 {
            match &fence {
                Some((open, _)) if bar.starts_with(open.as_str()) && bare.trim_end().len() == bar.len() => {
                    fence = None;
                }
                Some(_) => {}
                None => {
                    let info = bare.get(bar.len()..).unwrap_or("").trim().to_lowercase();
                    lang = Some(info.clone());
                    fence = Some((bar, info));
                }
            }
        }
        found.push(Line { number: index + 1, start: at, text: line.trim_end(), fence: lang });
        at += line.len();
    }
    found
}

/// A line of a file.
struct Line<'a> {
    number: usize,
    start: usize,
    text: &'a str,
    /// The language of the fence, where it stands in one or is its first or last.
    fence: Option<String>,
}

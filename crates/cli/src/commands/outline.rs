//! `truespec outline`: what was understood of a document.

use std::process::ExitCode;

use model::Spec;
use model::clause::{Standing, clauses};
use source::Sources;

use crate::args::{OutlineArgs, OutlineFormat};
use crate::error::{Failure, Kind};
use crate::{files, print, report};

pub(crate) fn run(args: &OutlineArgs) -> Result<ExitCode, Failure> {
    if args.spec.is_dir() {
        return Err(
            Failure::new(Kind::User, format!("`{}` is a directory", args.spec.display())).hint("name one document")
        );
    }
    let loaded = files::load(std::slice::from_ref(&args.spec))?;
    let spec = &loaded.spec()?;
    // Expressions are compiled recursively: the work is done on a thread with the stack for it. What cannot
    // be served has no routes.
    let served = files::on_all_cores(1, |_| runtime::preview(spec, &loaded.sources).ok()).pop().flatten();
    let served = served.unwrap_or_default();
    let text = match args.format {
        OutlineFormat::Json => report::outline_json::outline(spec, &loaded.sources, &served),
        OutlineFormat::Text if args.unenforced => unenforced(spec, &loaded.sources),
        OutlineFormat::Text => report::outline_text::outline(spec, &loaded.sources, &served),
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The clauses that nothing enforces or tests, by line.
fn unenforced(spec: &Spec, sources: &Sources) -> String {
    let mut out = String::new();
    for clause in clauses(spec).iter().filter(|it| matches!(it.standing, Standing::Text | Standing::Unread)) {
        let at = sources.position(clause.span);
        let words = sources.get(clause.span.file).and_then(|it| it.line(at.line)).unwrap_or("").trim();
        let short: String = words.chars().take(90).collect();
        out.push_str(&format!("{}:{}  {:6}  {short}\n", spec.path, at.line, clause.standing.as_str()));
    }
    out
}

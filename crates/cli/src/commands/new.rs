//! `truespec new`: a specification from the template.

use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::args::NewArgs;
use crate::config::{Config, shown};
use crate::error::{Failure, Kind};
use crate::{print, tell};

pub(crate) fn run(args: &NewArgs) -> Result<ExitCode, Failure> {
    let today = jiff::Zoned::now().date().to_string();
    let config = Config::near(args.path.parent().unwrap_or(Path::new(".")))?;
    let mut text = config.template_text().unwrap_or_else(syntax::template::text);
    let author = author();
    if let Some(title) = &args.title {
        text = text.replacen("[Component/Feature Name]", title, 1);
    }
    text = text.replacen("**Date**: YYYY-MM-DD", &format!("**Date**: {today}"), 1);
    text = text.replacen("**Status**: Draft | Review | Approved | Implemented", "**Status**: Draft", 1);
    if let Some(author) = &author {
        text = text.replacen("[Your Name]", author, 1);
    }
    let writer = author.as_deref().unwrap_or("[Name]");
    text =
        text.replacen("| YYYY-MM-DD | [Name] | Initial draft |", &format!("| {today} | {writer} | Initial draft |"), 1);
    let path = shown(&args.path);
    let file = std::fs::OpenOptions::new().write(true).create_new(true).open(&args.path);
    let mut file = file.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            Failure::new(Kind::User, format!("`{path}` is there already")).hint("name another file")
        }
        _ => Failure::new(Kind::User, format!("`{path}` cannot be written: {error}")),
    })?;
    file.write_all(text.as_bytes())
        .map_err(|error| Failure::new(Kind::User, format!("`{path}` cannot be written: {error}")))?;
    print(&format!("{path}\n"))?;
    tell(&format!("next: fill in the prompts, then `truespec check {path}`\n"));
    Ok(ExitCode::SUCCESS)
}

/// The author's name as git knows it.
fn author() -> Option<String> {
    let output = Command::new("git").args(["config", "user.name"]).output().ok()?;
    let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

//! The binary `truespec`: arguments, files, reports. What a document means is decided elsewhere.

#![deny(clippy::print_stderr)]

mod args;
mod baseline;
mod commands {
    pub(crate) mod check;
    pub(crate) mod explain;
    pub(crate) mod export;
    pub(crate) mod manual;
    pub(crate) mod new;
    pub(crate) mod outline;
    pub(crate) mod replay;
    pub(crate) mod run;
    pub(crate) mod token;
    pub(crate) mod verify;
}
mod config;
mod error;
mod files;
mod fix;
mod git;
mod outputs;
mod receipt;
mod report {
    pub(crate) mod github;
    pub(crate) mod json;
    pub(crate) mod junit;
    pub(crate) mod outline_json;
    pub(crate) mod outline_text;
    pub(crate) mod sarif;
    pub(crate) mod verify_html;
    pub(crate) mod verify_json;
    pub(crate) mod verify_junit;
    pub(crate) mod verify_plot;
    pub(crate) mod verify_text;
    pub(crate) mod verify_view;
}
mod since;
mod watch;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::error::{Failure, Kind};

/// Reading many documents is mostly allocation.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let result = match args.command {
        Command::Check(args) => commands::check::run(&args),
        Command::Outline(args) => commands::outline::run(&args),
        Command::New(args) => commands::new::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Export(args) => commands::export::run(&args),
        Command::Verify(args) => commands::verify::run(&args),
        Command::Replay(args) => commands::replay::run(&args),
        Command::Token(args) => commands::token::run(&args),
        Command::Completions(args) => commands::manual::completions(&args),
        Command::Man(args) => commands::manual::man(&args),
        Command::Run(args) => commands::run::run(&args),
    };
    match result {
        Ok(status) => status,
        Err(failure) => {
            tell(&format!("{failure}\n"));
            failure.status()
        }
    }
}

/// Writes to standard output. A reader that has gone away (`| head`) is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_if_read(text).map(drop)
}

/// As [`print()`], and says whether there is still somebody who reads it.
pub(crate) fn print_if_read(text: &str) -> Result<bool, Failure> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::new(Kind::User, format!("standard output cannot be written: {error}"))),
    }
}

/// Writes to standard error. That nobody reads it is no failure; `eprintln!` would panic.
pub(crate) fn tell(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

/// Whether to colour what is written to this stream.
pub(crate) fn coloured(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

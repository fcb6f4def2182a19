//! The files that `verify` writes: what can be known of them before a run, and those that are kept of its findings.

use std::fs::{self, OpenOptions};
use std::io::Error;
use std::path::Path;

use serde_json::Value;
use verify::Report;

use crate::args::VerifyArgs;
use crate::error::{Failure, Kind};
use crate::report::verify_text::file_name;

/// Looks whether what is to be written can be, so that no run is lost to a folder that is not there.
pub(crate) fn ready(args: &VerifyArgs) -> Result<(), Failure> {
    for file in args.output.iter().chain(&args.receipt) {
        writable(file).map_err(|it| unwritten(file, &it))?;
    }
    match &args.replays {
        Some(folder) => fs::create_dir_all(folder).map_err(|it| unkept(folder, &it)),
        None => Ok(()),
    }
}

fn writable(file: &Path) -> Result<(), Error> {
    match fs::metadata(file) {
        Ok(known) if known.is_dir() => Err(Error::from(std::io::ErrorKind::IsADirectory)),
        // Nothing of it is lost. Pipes and devices may wait for who reads them.
        Ok(known) if known.is_file() => OpenOptions::new().append(true).open(file).map(drop),
        Ok(_) => Ok(()),
        Err(_) => match file.parent().filter(|it| !it.as_os_str().is_empty()) {
            Some(folder) => fs::metadata(folder).and_then(|it| match it.is_dir() {
                true => Ok(()),
                false => Err(Error::from(std::io::ErrorKind::NotADirectory)),
            }),
            None => Ok(()),
        },
    }
}

pub(crate) fn write(file: &Path, text: &str) -> Result<(), Failure> {
    fs::write(file, text).map_err(|it| unwritten(file, &it))
}

fn unwritten(file: &Path, error: &Error) -> Failure {
    Failure::new(Kind::User, format!("`{}` cannot be written: {error}", file.display()))
}

fn unkept(folder: &Path, error: &Error) -> Failure {
    Failure::new(Kind::User, format!("replays cannot be written to `{}`: {error}", folder.display()))
}

/// Keeps each finding in a file of its own, and removes those that earlier runs on the same document left there.
pub(crate) fn replays(folder: &Path, report: &Report) -> Result<(), Failure> {
    let kept = || -> Result<(), Error> {
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let named = entry.file_name();
            let ours = named.to_str().is_some_and(named_by_us) && entry.file_type()?.is_file();
            if ours && is_replay_of(&entry.path(), &report.path) {
                fs::remove_file(entry.path())?;
            }
        }
        for (number, finding) in report.findings.iter().enumerate() {
            let text = verify::replay::file(&report.path, &report.target, finding);
            fs::write(folder.join(file_name(number + 1, finding)), text)?;
        }
        Ok(())
    };
    kept().map_err(|it| unkept(folder, &it))
}

/// Whether a name is one that [`file_name`] gives.
fn named_by_us(name: &str) -> bool {
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let parts = name.strip_suffix(".json").and_then(|it| it.split_once('-'));
    let parts = parts.and_then(|(number, rest)| Some((number, rest.rsplit_once("-line-")?)));
    parts.is_some_and(|(number, (probe, line))| {
        number.len() >= 3
            && digits(number)
            && digits(line)
            && probe.bytes().all(|it| it.is_ascii_lowercase() || it == b'-')
    })
}

/// Whether a file keeps a finding on a document.
fn is_replay_of(file: &Path, document: &str) -> bool {
    let Some(whole) = fs::read(file).ok().and_then(|it| serde_json::from_slice::<Value>(&it).ok()) else {
        return false;
    };
    whole.get("version") == Some(&Value::from(1))
        && whole.get("document").and_then(Value::as_str) == Some(document)
        && whole.get("probe").is_some_and(Value::is_string)
        && whole.get("steps").is_some_and(Value::is_array)
}

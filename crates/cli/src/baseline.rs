//! Findings that are known and not told again: a file of rules and addresses, which do not change when
//! lines move.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use source::{Diagnostic, Level};

use crate::error::{Failure, Kind};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    findings: Vec<Known>,
}

/// So many findings of a rule about one element.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    rule: String,
    address: String,
    count: usize,
}

/// What became of findings beside a baseline.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compared {
    /// Findings that were known and left out.
    pub(crate) known: usize,
    /// Findings of the baseline that are no more.
    pub(crate) gone: usize,
    /// Findings that are older than the revision that was named, and left out.
    pub(crate) older: usize,
}

/// The known findings: how many by rule and address.
#[derive(Debug)]
pub(crate) struct Baseline(BTreeMap<(String, String), usize>);

impl Baseline {
    /// Takes the known findings out. Of several by one rule about one element the first are the known ones.
    pub(crate) fn apply(&self, diagnostics: &mut Vec<Diagnostic>) -> Compared {
        let mut known = self.0.clone();
        let mut compared = Compared::default();
        diagnostics.retain(|it| match known.get_mut(&(it.rule.to_owned(), it.address.clone())) {
            Some(left) if *left > 0 && it.level > Level::Info => {
                *left -= 1;
                compared.known += 1;
                false
            }
            _ => true,
        });
        compared.gone = known.values().sum();
        compared
    }

    /// Reads a baseline.
    pub(crate) fn read(path: &Path) -> Result<Baseline, Failure> {
        let shown = path.display();
        let text = std::fs::read_to_string(path).map_err(|it| match it.kind() {
            std::io::ErrorKind::NotFound => Failure::new(Kind::User, format!("there is no baseline {shown}"))
                .hint("write it with --update-baseline"),
            _ => Failure::new(Kind::User, format!("the baseline {shown} cannot be read: {it}")),
        })?;
        let unusable = |why: String| {
            Failure::new(Kind::User, format!("the baseline {shown} cannot be used: {why}"))
                .hint("write it anew with --update-baseline")
        };
        let file: File = serde_json::from_str(&text).map_err(|it| unusable(it.to_string()))?;
        if file.version != 1 {
            return Err(unusable(format!("its version is {}, and this program writes 1", file.version)));
        }
        let mut known = BTreeMap::new();
        for it in file.findings {
            *known.entry((it.rule, it.address)).or_default() += it.count;
        }
        Ok(Baseline(known))
    }
}

/// Writes the findings at error and warning as known ones.
pub(crate) fn write(path: &Path, diagnostics: &[Diagnostic]) -> Result<usize, Failure> {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for it in diagnostics.iter().filter(|it| it.level > Level::Info) {
        *counts.entry((&it.address, it.rule)).or_default() += 1;
    }
    let total = counts.values().sum();
    let known = |((address, rule), count): ((&str, &str), usize)| Known {
        rule: rule.to_owned(),
        address: address.to_owned(),
        count,
    };
    let file = File { version: 1, findings: counts.into_iter().map(known).collect() };
    let mut text = serde_json::to_string_pretty(&file).unwrap_or_default();
    text.push('\n');
    std::fs::write(path, text)
        .map_err(|it| Failure::new(Kind::User, format!("the baseline {} cannot be written: {it}", path.display())))?;
    Ok(total)
}

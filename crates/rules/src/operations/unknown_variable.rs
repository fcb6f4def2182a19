//! Environment variables that the text speaks of and the list of variables does not have.

use model::claim::Subject;
use model::names::key;
use rustc_hash::FxHashSet;
use source::Level;
use syntax::inline::Slice;

use crate::codes::is_elsewhere;
use crate::texts::Holds;
use crate::{Check, Review, Rule, Sink};

pub(crate) static RULE: Rule = Rule {
    name: "unknown-variable",
    summary: "an environment variable is not in the list of variables",
    level: Level::Warning,
    since: "0.1.0",
    doc: include_str!("../../docs/unknown-variable.md"),
    check: Check::Review(unknown_variable),
};

/// With fewer variables a list may name only those that matter.
const MIN_LISTED: usize = 3;

fn unknown_variable(sink: &mut Sink<'_>, review: &Review<'_>) {
    let spec = review.spec;
    if spec.variables.len() < MIN_LISTED {
        return;
    }
    let doc = spec.document();
    let listed: FxHashSet<String> = spec.variables.iter().map(|it| key(&it.name.value)).collect();
    let mut told = FxHashSet::default();
    for text in review.texts().with_all(Holds::CODE.and(Holds::UNDERSCORE)) {
        let all = text.inline.all();
        for code in all.codes() {
            let Some((name, certain)) = variable(all, code) else { continue };
            let written = name.as_str();
            let known = listed.contains(&key(written))
                || spec.claims().about(&Subject::of("config", written)).next().is_some()
                || is_given(written)
                || review.texts().fences().iter().any(|it| it.content.as_str().contains(written));
            if known || told.contains(written) || is_elsewhere(doc, text.section) {
                continue;
            }
            let names = spec.variables.iter().map(|it| it.name.value.as_str());
            let near = source::nearest(written, names).filter(|it| is_misspelt(written, it));
            if !certain && near.is_none() {
                continue;
            }
            told.insert(written.to_owned());
            let mut finding = sink.report(name.span(), format!("`{written}` is not among the environment variables"));
            let place = spec.variables.iter().find(|it| near.is_none_or(|near| it.name.value == near));
            if let Some(place) = place {
                finding = finding.label(place.name.span, "the variables are listed here");
            }
            drop(finding.instead_of(written, near));
        }
    }
}

/// The name in a code span that may be a variable's, and whether it certainly is one.
fn variable<'a>(all: Slice<'a>, code: Slice<'a>) -> Option<(Slice<'a>, bool)> {
    let text = code.as_str();
    let read = text.strip_prefix("process.env.");
    let name = read.unwrap_or(text);
    let shaped = name.len() >= 6
        && name.contains('_')
        && name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.bytes().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == b'_');
    let before = all.as_str().get(..code.offset_in(all)).unwrap_or("").trim_end_matches(['`', ' ', '*']).to_lowercase();
    let said = ["environment variable", "env variable", "env var"].iter().any(|it| before.ends_with(it));
    shaped.then(|| (code.from(text.len() - name.len()), read.is_some() || said))
}

/// Whether two names differ in one letter, and not in what tells two variables apart.
fn is_misspelt(written: &str, listed: &str) -> bool {
    let (a, b) = (written.split('_'), listed.split('_'));
    if a.clone().count() != b.clone().count() {
        return false;
    }
    let mut differ = a.zip(b).filter(|it| it.0 != it.1);
    let (Some((a, b)), None) = (differ.next(), differ.next()) else { return false };
    let told_apart = |it: &str| it.len() < 3 || it.bytes().any(|it| it.is_ascii_digit()) || it.starts_with("HTTP");
    let lengths = a.len().abs_diff(b.len());
    let substituted = a.bytes().zip(b.bytes()).filter(|it| it.0 != it.1).count();
    let one = lengths == 0 && substituted == 1 || lengths == 1 && (a.starts_with(b) || b.starts_with(a));
    one && !told_apart(a) && !told_apart(b)
}

/// What the surroundings of a process set.
fn is_given(name: &str) -> bool {
    matches!(name, "NODE_ENV" | "RUST_LOG" | "GITHUB_TOKEN" | "NO_COLOR") || name.starts_with("GITHUB_")
}

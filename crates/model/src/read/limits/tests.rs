use source::FileId;
use syntax::quantity::{Bound, Unit};

use crate::workspace;

/// `limit /login: <= 5 attempt in 900 s [per ip]`: rates in the time that makes whole numbers of them.
fn shown(source: &str) -> String {
    let text = source.replace('⏎', "\n");
    let tests = text.contains('%');
    let section = if tests { "Testing Strategy" } else { "Rate Limiting" };
    let spec =
        workspace::read(FileId(0), "visits.md", &format!("# Technical Specification: X\n\n## {section}\n\n{text}\n"));
    let mut parts = Vec::new();
    for target in &spec.targets {
        for it in &target.quantities {
            let sign = match it.bound {
                Bound::AtMost => "<= ",
                Bound::AtLeast => ">= ",
                Bound::About => "~ ",
                Bound::Exactly => "",
            };
            let conditions: String = it.conditions.iter().map(|it| format!(" [{it}]")).collect();
            let figure = match &it.unit {
                Unit::PerSecond(noun) => {
                    let whole = |it: f64| (it - it.round()).abs() < 1e-6;
                    let period =
                        [1.0, 60.0, 900.0, 3_600.0, 86_400.0].into_iter().find(|period| whole(it.value * period));
                    let period = period.unwrap_or(1.0);
                    format!("{} {noun} in {period} s", (it.value * period * 1e6).round() / 1e6)
                }
                Unit::Percent => format!("{} %", it.value),
                other => format!("{} {other:?}", it.value),
            };
            parts.push(format!("{} {}: {sign}{figure}{conditions}", target.kind, target.text.value));
        }
    }
    parts.join("; ")
}

/// How public specifications limit rates and ask for coverage.
#[test]
fn phrases() {
    crate::phrases::check(include_str!("phrases.txt"), 0.95, shown);
}

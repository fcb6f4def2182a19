//! `truespec explain`: a rule's page, or the list of rules.

use std::fmt::Write;
use std::process::ExitCode;

use rules::RULES;

use crate::args::ExplainArgs;
use crate::error::{Failure, Kind};
use crate::print;

pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let Some(name) = &args.rule else {
        let width = RULES.iter().map(|it| it.name.len()).max().unwrap_or(0);
        let mut out = String::new();
        for rule in RULES {
            let _ = writeln!(out, "{:width$}  {:7}  {}", rule.name, rule.level.as_str(), rule.summary);
        }
        print(&out)?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(rule) = rules::rule(name) else {
        let failure = Failure::new(Kind::Usage, format!("there is no rule `{name}`"));
        let near = source::nearest(name, RULES.iter().map(|it| it.name));
        return Err(match near {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint("`truespec explain` lists the rules"),
        });
    };
    print(rule.doc)?;
    Ok(ExitCode::SUCCESS)
}

//! `truespec completions` and `truespec man`: what a shell and `man` need to know, from the definitions of the
//! command line.

use std::process::ExitCode;

use clap::{Command, CommandFactory};
use rules::RULES;

use crate::args::{Args, CompletionsArgs, ManArgs};
use crate::config::shown;
use crate::error::{Failure, Kind};
use crate::print;

pub(crate) fn completions(args: &CompletionsArgs) -> Result<ExitCode, Failure> {
    // A shell offers the names of rules; on the command line a wrong one has a better answer than a list.
    let names = clap::builder::PossibleValuesParser::new(RULES.iter().map(|it| it.name));
    let mut command = Args::command();
    command = command.mut_subcommand("explain", |it| it.mut_arg("rule", |it| it.value_parser(names)));
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command, "truespec", &mut text);
    print(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(args: &ManArgs) -> Result<ExitCode, Failure> {
    let mut command = Args::command();
    command.build();
    if let Some(folder) = &args.output {
        let unwritable = |it: std::io::Error| {
            Failure::new(Kind::User, format!("the pages cannot be written to `{}`: {it}", shown(folder)))
        };
        std::fs::create_dir_all(folder).map_err(unwritable)?;
        let subcommands: Vec<Command> = command.get_subcommands().cloned().collect();
        for (name, command) in std::iter::once((String::new(), command))
            .chain(subcommands.into_iter().map(|it| (format!("-{}", it.get_name()), it)))
        {
            std::fs::write(folder.join(format!("truespec{name}.1")), page(command, &name)?).map_err(unwritable)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let page = match &args.command {
        None => page(command, "")?,
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            let found = found.ok_or_else(|| {
                let failure = Failure::new(Kind::Usage, format!("there is no command `{name}`"));
                match source::nearest(name, command.get_subcommands().map(Command::get_name)) {
                    Some(near) => failure.hint(format!("did you mean `{near}`?")),
                    None => failure.hint("`truespec --help` lists the commands"),
                }
            })?;
            page(found, &format!("-{name}"))?
        }
    };
    print(&page)?;
    Ok(ExitCode::SUCCESS)
}

/// A page in the language of `man`, for a command or a part of it.
fn page(command: Command, part: &str) -> Result<String, Failure> {
    let mut text = Vec::new();
    let name = format!("truespec{part}");
    let version = env!("CARGO_PKG_VERSION");
    let man = clap_mangen::Man::new(command.version(version)).title(name).source(format!("truespec {version}"));
    man.render(&mut text).map_err(|it| Failure::new(Kind::Internal, format!("the page cannot be written: {it}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned() + EXIT_STATUS)
}

const EXIT_STATUS: &str = "\
.SH \"EXIT STATUS\"
.TP
0
Done; of what was found, nothing is an error.
.TP
1
There is an error, or a warning under \\fB\\-\\-deny warnings\\fR.
.TP
2
It could not be done: the command line, the configuration, or a file.
.TP
70
A defect of truespec.
";

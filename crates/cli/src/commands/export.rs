//! `truespec export`: what a document says, in the formats that other tools read.

use std::process::ExitCode;

use export::Contract;

use crate::args::ExportArgs;
use crate::error::{Failure, Kind};
use crate::{files, print};

/// A format: its name, and how a contract is written in it.
struct Target {
    name: &'static str,
    write: fn(&Contract) -> String,
}

const TARGETS: &[Target] = &[
    Target {
        name: "openapi",
        write: |it| {
            format!(
                "{:#}
",
                export::openapi(it)
            )
        },
    },
    Target { name: "html", write: |it| export::page(it, None) },
];

pub(crate) fn run(args: &ExportArgs) -> Result<ExitCode, Failure> {
    let Some(target) = TARGETS.iter().find(|it| it.name == args.target) else {
        let failure = Failure::new(Kind::Usage, format!("there is no export to `{}`", args.target));
        let names: Vec<&str> = TARGETS.iter().map(|it| it.name).collect();
        return Err(match source::nearest(&args.target, names.iter().copied()) {
            Some(near) => failure.hint(format!("did you mean `{near}`?")),
            None => failure.hint(format!("there is {}", names.join(", "))),
        });
    };
    if args.spec.is_dir() {
        return Err(
            Failure::new(Kind::Usage, format!("`{}` is a directory", args.spec.display())).hint("name one document")
        );
    }
    let settings = super::run::settings(&args.settings)?;
    let loaded = files::load(std::slice::from_ref(&args.spec))?;
    let spec = &loaded.spec()?;
    // Expressions are compiled recursively: the work is done on a thread with the stack for it.
    let contract = files::on_all_cores(1, |_| runtime::contract(spec, &loaded.sources, &settings)).pop();
    let contract = contract.ok_or_else(|| Failure::new(Kind::Internal, "the document was not compiled"))?;
    let text = (target.write)(&contract.map_err(|it| super::run::refused(&it))?);
    match &args.output {
        Some(path) => std::fs::write(path, text)
            .map_err(|it| Failure::new(Kind::User, format!("`{}` cannot be written: {it}", path.display())))?,
        None => print(&text)?,
    }
    Ok(ExitCode::SUCCESS)
}

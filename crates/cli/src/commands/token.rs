//! `truespec token`: credentials for trying out a document that asks for them.

use std::process::ExitCode;

use runtime::{Minted, Options};

use crate::args::TokenArgs;
use crate::commands::run::{database, environment, refused};
use crate::error::{Failure, Kind};
use crate::{files, print};

pub(crate) fn run(args: &TokenArgs) -> Result<ExitCode, Failure> {
    let loaded = files::load(std::slice::from_ref(&args.spec))?;
    if loaded.sources.iter().count() != 1 {
        return Err(Failure::new(Kind::Usage, "a token is for one document").hint("name one document"));
    }
    let spec = &loaded.spec()?;
    let private_key = match &args.key {
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| {
            Failure::new(Kind::User, format!("the key `{}` cannot be read: {error}", file.display()))
        })?),
        None => None,
    };
    let options = Options { environment: environment(), ..Options::new(database(&args.spec, args.db.as_deref())?) };
    let wanted = Minted { subject: args.sub.clone(), roles: args.roles.clone(), ttl: args.ttl, private_key };
    let token = runtime::token(spec, &options, &wanted).map_err(|it| refused(&it))?;
    print(&format!("{token}\n"))?;
    Ok(ExitCode::SUCCESS)
}

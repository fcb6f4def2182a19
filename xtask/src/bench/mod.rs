//! `cargo xtask bench`: what the program costs, beside a named reference in the same run.

mod check;
mod load;
mod serve;
mod verify;

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    match args {
        ["check", rest @ ..] => check::run(rest),
        ["serve", rest @ ..] => serve::run(rest),
        ["load", rest @ ..] => load::run(rest),
        ["verify", rest @ ..] => verify::run(rest),
        [] => {
            check::run(&[])?;
            println!();
            serve::run(&[])?;
            println!();
            load::run(&[])?;
            println!();
            verify::run(&[])
        }
        _ => Err("usage: cargo xtask bench [check [DOCUMENTS] | serve [SECONDS] | load [SECONDS] | verify]".to_owned()),
    }
}

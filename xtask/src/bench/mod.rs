//! `cargo xtask bench`: what the program costs, beside a named reference in the same run.

mod check;
mod serve;

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    match args {
        ["check", rest @ ..] => check::run(rest),
        ["serve", rest @ ..] => serve::run(rest),
        [] => {
            check::run(&[])?;
            println!();
            serve::run(&[])
        }
        _ => Err("usage: cargo xtask bench [check [DOCUMENTS] | serve [SECONDS]]".to_owned()),
    }
}

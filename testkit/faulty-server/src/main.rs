//! `faulty-server [--port N] [--fault NAME]… [--list]`: the workshop of `spec.md` with these faults on
//! 127.0.0.1, or the list of faults.
#![expect(clippy::print_stdout, reason = "it says where it listens, or what faults there are")]

use std::error::Error;

use faulty_server::{FAULTS, serve};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut port = 0u16;
    let mut names: Vec<String> = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--list" => {
                list();
                return Ok(());
            }
            "--port" => port = args.next().ok_or("--port needs a number")?.parse()?,
            "--fault" => names.push(args.next().ok_or("--fault needs a name; --list names them")?),
            _ => return Err("faulty-server [--port N] [--fault NAME]… [--list]".into()),
        }
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    serve(listener, &names).await?;
    Ok(())
}

/// A table of four columns.
fn list() {
    let rows = || FAULTS.iter().map(|it| [it.name, it.probe, it.summary, it.clause]);
    let width = |at: usize| rows().filter_map(|it| it.get(at).map(|it| it.chars().count())).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    for [name, probe, summary, clause] in rows() {
        println!("{name:first$}  {probe:second$}  {summary:third$}  {clause}");
    }
    println!("{} faults", FAULTS.len());
}

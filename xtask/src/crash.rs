//! `cargo xtask crash`: a service that is killed in the middle of its work loses nothing that it
//! acknowledged, and keeps nothing by half.
//!
//! Writers create parcels and move them on; after a while the process is killed, started again on the same
//! file, and every answer that was given is held against what is there. A trace of system calls, where
//! `strace` is installed, shows that an answer follows a sync.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::server::{Server, member, request};

const DOCUMENT: &str = "xtask/data/parcels.md";
/// Rounds, if none are asked for.
const ROUNDS: usize = 50;
const WRITERS: usize = 16;
/// The states of a parcel in their order.
const STATES: [&str; 3] = ["ready", "sent", "delivered"];

pub(crate) fn run(args: &[&str]) -> Result<(), String> {
    let rounds = args.first().map_or(Ok(ROUNDS), |it| it.parse()).map_err(|_| "crash takes a number of rounds")?;
    crate::step("cargo", &["build", "--release", "--quiet", "-p", "truespec"])?;
    let folder = std::env::temp_dir().join(format!("truespec-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|it| format!("{}: {it}", folder.display()))?;
    let done = crashes(&folder, rounds).and_then(|()| trace(&folder));
    drop(std::fs::remove_dir_all(&folder));
    done
}

/// What a parcel was acknowledged to be.
struct Parcel {
    label: String,
    state: usize,
}

fn crashes(folder: &Path, rounds: usize) -> Result<(), String> {
    let file = folder.join("parcels.db");
    let mut known: HashMap<String, Parcel> = HashMap::new();
    let mut server = Server::start(&mut Server::truespec(DOCUMENT, &file))?;
    let mut answers = 0;
    for round in 0..rounds {
        let stop = AtomicBool::new(false);
        let given = AtomicUsize::new(0);
        let address = server.address.clone();
        let made: Vec<HashMap<String, Parcel>> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (address, stop, given) = (&address, &stop, &given);
                    scope.spawn(move || write(address, round, writer, stop, given))
                })
                .collect();
            // Each round is killed at another moment.
            while given.load(Ordering::Relaxed) < 100 + round * 13 {
                std::thread::sleep(Duration::from_millis(1));
                if writers.iter().all(std::thread::ScopedJoinHandle::is_finished) {
                    break;
                }
            }
            server.kill();
            stop.store(true, Ordering::Relaxed);
            writers.into_iter().map(|it| it.join().unwrap_or_default()).collect()
        });
        answers += given.load(Ordering::Relaxed);
        let fresh: Vec<String> = made.iter().flat_map(HashMap::keys).cloned().collect();
        known.extend(made.into_iter().flatten());
        server = Server::start(&mut Server::truespec(DOCUMENT, &file))?;
        for id in &fresh {
            kept(&server.address, id, known.get(id))?;
        }
    }
    let mut stored = 0;
    let mut path = "/parcels?limit=100".to_owned();
    // Each record that is there is whole, acknowledged or not, and none that was acknowledged is missing.
    let mut missing = known.len();
    loop {
        let (_, body) = request(&server.address, "GET", &path, "")?;
        let mut last = "";
        for record in body.split('{').skip(1) {
            let id = member(record, "id").ok_or_else(|| format!("a record without id: {record}"))?;
            whole(record)?;
            stored += 1;
            missing -= usize::from(known.contains_key(id));
            last = id;
        }
        if last.is_empty() {
            break;
        }
        path = format!("/parcels?limit=100&cursor={last}");
    }
    if missing > 0 {
        return Err(format!("{missing} acknowledged parcels are not in the list"));
    }
    println!(
        "crash: {rounds} rounds, {WRITERS} writers, {answers} acknowledged writes, {} parcels acknowledged, {stored} kept: none lost, none by half",
        known.len()
    );
    Ok(())
}

/// Creates parcels and moves them on until the server is gone; what it acknowledged.
fn write(
    address: &str,
    round: usize,
    writer: usize,
    stop: &AtomicBool,
    given: &AtomicUsize,
) -> HashMap<String, Parcel> {
    let mut made = HashMap::new();
    for count in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let label = format!("p-{round}-{writer}-{count}");
        let body = format!("{{\"label\":\"{label}\",\"copy\":\"{label}\",\"weight\":{}}}", count % 1000 + 1);
        let Ok((201, answer)) = request(address, "POST", "/parcels", &body) else { break };
        let Some(id) = member(&answer, "id").map(str::to_owned) else { break };
        given.fetch_add(1, Ordering::Relaxed);
        made.insert(id.clone(), Parcel { label, state: 0 });
        for (state, event) in [(1, "send"), (2, "deliver")].into_iter().take(count % 3) {
            let Ok((200, _)) = request(address, "POST", &format!("/parcels/{id}/{event}"), "") else { return made };
            given.fetch_add(1, Ordering::Relaxed);
            made.entry(id.clone()).and_modify(|it| it.state = state);
        }
    }
    made
}

/// Whether a parcel is at least what was acknowledged: one step more may have been kept before the answer.
fn kept(address: &str, id: &str, parcel: Option<&Parcel>) -> Result<(), String> {
    let Some(parcel) = parcel else { return Ok(()) };
    let (status, body) = request(address, "GET", &format!("/parcels/{id}"), "")?;
    if status != 200 {
        return Err(format!("parcel {id} was acknowledged and is gone: {status} {body}"));
    }
    whole(&body)?;
    if member(&body, "label") != Some(&parcel.label) {
        return Err(format!("parcel {id} is another: {body}"));
    }
    let state = member(&body, "state").and_then(|it| STATES.iter().position(|state| *state == it));
    if !state.is_some_and(|it| it == parcel.state || it == parcel.state + 1) {
        return Err(format!("parcel {id} was acknowledged as {}: {body}", STATES[parcel.state]));
    }
    Ok(())
}

/// Whether a record has all of its members, and those that belong together agree.
fn whole(record: &str) -> Result<(), String> {
    let label = member(record, "label");
    let complete = label.is_some() && label == member(record, "copy") && record.contains("\"weight\":");
    if complete { Ok(()) } else { Err(format!("a record is kept by half: {record}")) }
}

/// That a sync stands between a request and its answer, by the system calls of the server.
fn trace(folder: &Path) -> Result<(), String> {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        println!("crash: `strace` is not installed; the order of system calls was not looked at");
        return Ok(());
    }
    let log = folder.join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-s", "64", "-e", "trace=read,recvfrom,write,writev,sendto,fsync,fdatasync", "-o"]).arg(&log);
    let served = Server::truespec(DOCUMENT, &folder.join("trace.db"));
    command.arg(served.get_program()).args(served.get_args());
    let mut server = Server::start(&mut command)?;
    let (status, _) = request(&server.address, "POST", "/parcels", r#"{"label":"p","copy":"p","weight":1}"#)?;
    server.kill();
    let log = std::fs::read_to_string(&log).map_err(|it| it.to_string())?;
    let asked = log.lines().position(|it| it.contains("\"POST /parcels"));
    let answered = log.lines().position(|it| it.contains("HTTP/1.1 201"));
    let synced = |from: usize, to: usize| {
        let between = log.lines().take(to).skip(from);
        between
            .filter(|it| (it.contains("fdatasync") || it.contains("fsync")) && it.trim_end().ends_with("= 0"))
            .count()
    };
    match (asked, answered) {
        (Some(from), Some(to)) if synced(from, to) > 0 => {
            println!("crash: {} syncs between a request and its answer ({status})", synced(from, to));
            Ok(())
        }
        (Some(_), Some(_)) => Err("the answer was given before a sync".to_owned()),
        _ => Err("the trace does not show the request and its answer".to_owned()),
    }
}

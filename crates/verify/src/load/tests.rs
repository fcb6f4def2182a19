use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::*;

/// A server that lives as long as the test: one thread for each connection.
struct Server {
    address: SocketAddr,
    served: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
}

/// What a server writes, and whether it closes the connection then without having said so.
struct Reply(Vec<u8>, bool);

fn reply(text: &str) -> Reply {
    Reply(text.as_bytes().to_vec(), false)
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

impl Server {
    /// Starts one that answers a path and the number of the request, from zero; `None` is the end of the server.
    fn start(answer: impl Fn(&str, usize) -> Option<Reply> + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (served, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let server = Server { address, served: served.clone(), over: over.clone() };
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, served, over) = (answer.clone(), served.clone(), over.clone());
                thread::spawn(move || {
                    drop(serve(stream, &*answer, &served, &over));
                    if over.load(Ordering::SeqCst) {
                        // Wakes the one that accepts.
                        drop(TcpStream::connect(address));
                    }
                });
            }
        });
        server
    }

    fn run(&self, plan: Plan) -> Run {
        self.try_run(plan).unwrap()
    }

    /// Kind `n` reads `/n`.
    fn try_run(&self, plan: Plan) -> Result<Run, Error> {
        let mut next = |kind: usize, out: &mut Vec<u8>| {
            request(out, "localhost", "GET", &format!("/{kind}"), &[("Accept", "*/*")], None);
            true
        };
        run(&Plan { address: self.address, ..plan }, &mut next, &mut |_| {})
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(
    stream: TcpStream,
    answer: &dyn Fn(&str, usize) -> Option<Reply>,
    served: &AtomicUsize,
    over: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut out = stream;
    loop {
        let mut first = String::new();
        if lines.read_line(&mut first)? == 0 || over.load(Ordering::SeqCst) {
            return Ok(());
        }
        let mut line = String::new();
        while lines.read_line(&mut line)? > 2 {
            line.clear();
        }
        let path = first.split(' ').nth(1).unwrap_or("");
        match answer(path, served.fetch_add(1, Ordering::SeqCst)) {
            Some(Reply(bytes, close)) => {
                out.write_all(&bytes)?;
                if close {
                    return Ok(());
                }
            }
            None => {
                over.store(true, Ordering::SeqCst);
                return Ok(());
            }
        }
    }
}

fn milliseconds(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn plan(pace: Pace, connections: usize, duration: u64) -> Plan {
    Plan {
        address: SocketAddr::from(([127, 0, 0, 1], 0)),
        connections,
        pace,
        weights: vec![1.0],
        warm_up: Duration::ZERO,
        duration: milliseconds(duration),
        timeout: milliseconds(5_000),
    }
}

fn even(rate: f64) -> Pace {
    Pace::Open(rate, Spacing::Even)
}

/// The server stands still for 400 ms of a second. Of what was meant to start meanwhile, the last waits no
/// time and the first all of it; counted from when a request is sent, two of 500 would be slow.
#[test]
fn a_stall_is_in_the_latencies_of_all_that_was_due() {
    let lock = Mutex::new(());
    let server = Server::start(move |_, count| {
        let held = lock.lock();
        if count == 100 {
            thread::sleep(milliseconds(400));
        }
        drop(held);
        Some(reply(OK))
    });
    let run = server.run(plan(even(500.0), 2, 1_000));
    assert_eq!((run.offered(&[0]), run.answered(&[0], 200, 201), run.ended), (500, 500, Ended::Done));
    let at = |percent| run.latencies(&[0]).percentile(percent).unwrap().value;
    assert!(at(70.0) > 0.08 && at(80.0) > 0.18 && at(90.0) > 0.28 && at(99.0) > 0.38, "{}", at(80.0));
}

#[test]
fn a_schedule_is_kept() {
    for spacing in [Spacing::Even, Spacing::Random(3)] {
        let server = Server::start(|_, _| Some(reply(OK)));
        let begin = Instant::now();
        let weights = vec![3.0, 0.0, 1.0];
        let warm_up = milliseconds(100);
        let run = server.run(Plan { weights, warm_up, ..plan(Pace::Open(400.0, spacing), 4, 500) });
        assert!(begin.elapsed() >= milliseconds(590), "{:?}", begin.elapsed());
        let answered = |kind: usize| run.answered(&[kind], 200, 201);
        if spacing == Spacing::Even {
            assert_eq!((run.offered(&[0, 1, 2]), answered(0), answered(1), answered(2)), (200, 150, 0, 50));
            assert_eq!(server.served.load(Ordering::SeqCst), 240);
        } else {
            assert!((140..260).contains(&run.offered(&[0, 2])), "{run:?}");
        }
        assert_eq!(run.failed(&[0, 1, 2]), 0);
        assert_eq!(run.latencies(&[0, 2]).len(), run.offered(&[0, 2]));
    }
}

#[test]
fn a_closed_loop_sends_when_it_was_answered() {
    let server = Server::start(|_, _| Some(reply(OK)));
    let run = server.run(plan(Pace::Closed, 3, 300));
    let answered = run.answered(&[0], 200, 201);
    assert_eq!(
        (answered, answered + run.failed(&[0])),
        (server.served.load(Ordering::SeqCst) as u64, run.offered(&[0]))
    );
    assert!(answered > 10 && run.held(&[0]).value > 30.0, "{answered} {run:?}");
}

#[test]
fn answers_end_in_all_ways() {
    let server = Server::start(|path, count| {
        Some(match path {
            "/0" => reply(OK),
            "/1" => reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"),
            "/2" => Reply(b"HTTP/1.1 200 OK\r\n\r\nto the end".to_vec(), true),
            "/3" => reply("HTTP/1.1 204 No Content\r\n\r\n"),
            // Longer than what is read at once.
            "/4" => reply(&format!("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n{}", "x".repeat(300_000))),
            // Closed without a word, as servers do with connections that were idle for long.
            _ => Reply(OK.as_bytes().to_vec(), count % 3 == 0),
        })
    });
    let run = server.run(Plan { weights: vec![1.0; 6], ..plan(even(300.0), 3, 500) });
    assert_eq!(run.failed(&[0, 1, 2, 3, 4, 5]), 0, "{run:?}");
    let statuses: Vec<(u16, u64)> = run.kinds.iter().flat_map(|it| it.statuses.clone()).collect();
    assert_eq!(statuses, [(200, 25), (200, 25), (200, 25), (204, 25), (200, 25), (200, 25)]);
}

#[test]
fn statuses_are_counted_and_failures_are_no_latencies() {
    let server = Server::start(|_, count| {
        Some(match count % 5 {
            0 => reply("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"),
            1 => reply("HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"),
            _ => reply(OK),
        })
    });
    let run = server.run(plan(even(500.0), 1, 200));
    assert_eq!(
        (run.answered(&[0], 500, 600), run.answered(&[0], 400, 500), run.answered(&[0], 200, 300)),
        (20, 20, 60)
    );
    assert_eq!((run.latencies(&[0]).len(), run.count(&[0])), (60, 100));
}

#[test]
fn what_was_measured_before_a_server_dies_is_kept() {
    let server = Server::start(|_, count| (count < 50).then(|| reply(OK)));
    let begin = Instant::now();
    let run = server.run(plan(even(200.0), 2, 30_000));
    let Ended::Died(after) = run.ended else { panic!("{run:?}") };
    assert!(after >= milliseconds(200) && begin.elapsed() < milliseconds(20_000), "{after:?}");
    assert_eq!((run.answered(&[0], 200, 201), run.latencies(&[0]).len()), (50, 50));
    assert!(run.kinds[0].faults.unconnected > 0 && run.failed(&[0]) < 1_000, "{:?}", run.kinds[0].faults);
}

#[test]
fn what_is_no_answer_is_a_fault() {
    let server = Server::start(|_, _| Some(reply("SSH-2.0-OpenSSH_9.2\r\n")));
    let run = server.run(plan(even(100.0), 1, 100));
    assert_eq!((run.kinds[0].faults.garbage, run.count(&[0]), run.latencies(&[0]).len()), (10, 10, 0));
    let server = Server::start(|_, _| Some(reply("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")));
    let run = server.run(plan(even(100.0), 1, 100));
    assert_eq!((run.kinds[0].faults.long, run.count(&[0])), (10, 10));
    let server = Server::start(|_, _| Some(Reply(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n...".to_vec(), true)));
    let run = server.run(plan(even(100.0), 1, 100));
    assert_eq!((run.kinds[0].faults.cut, run.count(&[0])), (10, 10));
}

#[test]
fn a_server_that_does_not_answer_costs_bounded_time() {
    let server = Server::start(|_, count| {
        if count > 0 {
            thread::sleep(milliseconds(60_000));
        }
        Some(reply(OK))
    });
    let begin = Instant::now();
    let run = server.run(Plan { timeout: milliseconds(150), ..plan(even(20.0), 1, 500) });
    assert!(begin.elapsed() < milliseconds(10_000), "{:?}", begin.elapsed());
    let faults = run.kinds[0].faults;
    assert!(faults.late > 0 && faults.late + faults.unfinished == 9 && run.offered(&[0]) == 10, "{faults:?}");
    // They are in the latencies with the time that they were waited for.
    assert!(run.latencies(&[0]).percentile(50.0).unwrap().value > 0.14);
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(matches!(reach(&address.to_string(), milliseconds(500)), Err(Error::Unreachable(..))));
    assert!(matches!(reach("no-such-host.invalid:80", milliseconds(500)), Err(Error::Unknown(_))));
    let plan = Plan { address, timeout: milliseconds(100), ..plan(even(20.0), 1, 60_000) };
    let told = run(&plan, &mut |_, _| true, &mut |_| {});
    assert!(matches!(told, Err(Error::Unreachable(..))), "{told:?}");
}

#[test]
fn a_run_ends_when_there_is_nothing_to_send() {
    let server = Server::start(|_, _| Some(reply(OK)));
    let mut left = 5;
    let mut next = |_: usize, out: &mut Vec<u8>| {
        request(out, "localhost", "POST", "/", &[], Some(b""));
        left -= 1;
        left >= 0
    };
    let plan = Plan { address: server.address, ..plan(even(100.0), 1, 60_000) };
    let run = run(&plan, &mut next, &mut |_| {}).unwrap();
    assert_eq!((run.ended, run.offered(&[0])), (Ended::Dry, 5));
}

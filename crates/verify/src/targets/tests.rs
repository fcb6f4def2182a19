use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use source::FileId;

use super::ask::{Rank, What};
use super::*;

const ORDERS: &str = "# Technical Specification: Orders

## Data Model

### Order

```typescript
interface Order {
  id: string;
  customerId: string;
  quantity: number;
  status: 'draft' | 'shipped';
}
```

### Customer

```typescript
interface Customer {
  id: string;
  name: string;
}
```

## API

### Create customer

POST /customers

### List customers

GET /customers

### Create order

POST /orders

### List orders

GET /orders

### Get order

GET /orders/{id}

### Health

GET /health

### Delete order

DELETE /orders/{id}

### Ship order

POST /orders/{id}/ship
";

fn spec(load: &str, targets: &str) -> Spec {
    let text = format!(
        "{ORDERS}\n## Performance Considerations\n\n### Expected Load\n{load}\n\n### Performance Targets\n{targets}\n"
    );
    model::workspace::read(FileId(0), "orders.md", &text)
}

fn route(spec: &Spec, endpoint: usize) -> String {
    let it = &spec.endpoints[endpoint];
    format!("{} {}", it.method, it.path)
}

fn shown(spec: &Spec, ask: &Ask) -> String {
    let routes: Vec<String> = ask.endpoints.iter().map(|it| route(spec, *it)).collect();
    let of = if routes.is_empty() { "all".to_owned() } else { routes.join(", ") };
    let rate = ask.demand.rate.map(|it| format!(" at {it}/s")).unwrap_or_default();
    let users = ask.demand.users.map(|it| format!(" with {it} users")).unwrap_or_default();
    let limit = (ask.limit * 1e9).round() / 1e9;
    let figure = match ask.what {
        What::Latency(rank, inferred) => {
            let rank = match rank {
                Rank::Percentile(it) => format!("p{it}"),
                Rank::Mean => "mean".to_owned(),
                Rank::Longest => "max".to_owned(),
            };
            format!("{rank}{} < {} ms of {of}", if inferred { "?" } else { "" }, limit * 1e3)
        }
        What::Throughput => format!("> {limit}/s of {of}"),
        What::Errors => format!("< {limit} % failing of {of}"),
        What::Users => format!("{limit} users"),
        What::Cpu => format!("< {limit} % processor"),
        What::Memory(false) => format!("< {limit} B of memory"),
        What::Memory(true) => format!("< {limit} % of memory"),
    };
    format!("{figure}{rate}{users}")
}

#[test]
fn clauses_ask_for_figures_of_endpoints() {
    let text = include_str!("phrases.txt");
    let mut wrong = String::new();
    for block in text.split("\n\n").filter(|it| it.starts_with("- ")) {
        let (clause, expected) = block.split_once('\n').unwrap();
        let expected: Vec<&str> = expected.lines().map(str::trim).collect();
        let spec = spec("", clause);
        let told: Vec<String> = spec
            .targets
            .iter()
            .flat_map(|it| ask::of(&spec, it))
            .map(|it| it.1.map_or_else(|why| format!("- {why}"), |it| shown(&spec, &it)))
            .collect();
        if told != expected {
            wrong += &format!("{clause}\n    {}\n", told.join("\n    "));
        }
    }
    assert!(wrong.is_empty(), "read otherwise:\n{wrong}");
}

fn loads(spec: &Spec) -> String {
    let asks: Vec<Ask> = spec.targets.iter().flat_map(|it| ask::of(spec, it)).filter_map(|it| it.1.ok()).collect();
    let usable: Vec<usize> = (0..spec.endpoints.len()).collect();
    let shown = demand::loads(spec, &usable, &asks).into_iter().map(|load| {
        let mix: Vec<String> = load.mix.iter().map(|it| format!("{} {:.1}", route(spec, it.0), it.1)).collect();
        format!("{} | {} connections, {} figures\n", mix.join(", "), load.connections, load.asks.len())
    });
    shown.collect()
}

#[test]
fn what_holds_under_one_load_is_measured_in_one_run() {
    let targets = "- Read latency: p95 < 50 ms\n- Write latency: p95 < 100 ms\n- Error rate: < 1%";
    let stated = "- Orders: 50 orders/second at peak\n- Requests: 400 requests/second at peak";
    assert_eq!(
        loads(&spec(stated, targets)),
        "POST /orders 50.0, GET /customers 106.7, GET /orders 106.7, GET /orders/{id} 106.7, POST /customers 10.0, \
         DELETE /orders/{id} 10.0, POST /orders/{id}/ship 10.0 | 80 connections, 5 figures\n"
    );
    assert_eq!(
        loads(&spec(
            "",
            "- GET /orders: p95 < 50 ms\n- Throughput: 500 requests/second\n- p99 latency < 80 ms at 100 req/s"
        )),
        "GET /orders 50.0 | 10 connections, 1 figures\n\
         GET /customers 166.7, GET /orders 166.7, GET /orders/{id} 166.7 | 100 connections, 1 figures\n\
         GET /customers 33.3, GET /orders 33.3, GET /orders/{id} 33.3 | 20 connections, 1 figures\n"
    );
    assert_eq!(
        loads(&spec("", "- Concurrent users: 100 concurrent users")),
        "GET /customers 33.3, GET /orders 33.3, GET /orders/{id} 33.3 | 100 connections, 1 figures\n"
    );
    assert_eq!(loads(&spec("", "- Startup time: < 2 s")), "");
}

/// A server of which each answer takes as long as it is told, by method.
fn server(answer: impl Fn(&str) -> (u64, u16) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = answer.clone();
            thread::spawn(move || drop(serve(stream, &*answer)));
        }
    });
    address
}

fn serve(stream: TcpStream, answer: &dyn Fn(&str) -> (u64, u16)) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut out = stream;
    loop {
        let (mut first, mut line, mut length) = (String::new(), String::new(), 0);
        if lines.read_line(&mut first)? == 0 {
            return Ok(());
        }
        while lines.read_line(&mut line)? > 2 {
            length = line.strip_prefix("Content-Length: ").and_then(|it| it.trim().parse().ok()).unwrap_or(length);
            line.clear();
        }
        lines.read_exact(&mut vec![0; length])?;
        let (wait, status) = answer(&first);
        if wait > 0 {
            thread::sleep(Duration::from_millis(wait));
        }
        write!(out, "HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\n{{}}")?;
    }
}

/// The verdicts of some targets on a server.
fn measured(spec: &Spec, address: SocketAddr, pid: Option<u32>) -> Vec<Measured> {
    measured_within(spec, address, pid, 3_000, 0)
}

/// The same within a budget, with requests each of which takes a time to make, in milliseconds.
fn measured_within(spec: &Spec, address: SocketAddr, pid: Option<u32>, budget: u64, makes: u64) -> Vec<Measured> {
    let counter = AtomicU64::new(0);
    let mut next = |endpoint: usize, out: &mut Vec<u8>| {
        if makes > 0 {
            thread::sleep(Duration::from_millis(makes));
        }
        let it = &spec.endpoints[endpoint];
        let own = counter.fetch_add(1, Ordering::Relaxed).to_string();
        let body = (it.method == "POST").then(|| format!("{{\"quantity\":{own}}}"));
        load::request(
            out,
            "localhost",
            &it.method,
            &it.path.replace("{id}", &own),
            &[],
            body.as_ref().map(String::as_bytes),
        );
        true
    };
    let authority = address.to_string();
    let usable = (0..spec.endpoints.len()).collect();
    let options = Options {
        authority: &authority,
        tls: false,
        pid,
        budget: Duration::from_millis(budget),
        timeout: Duration::from_secs(5),
        stop: crate::Stop::default(),
    };
    measure(spec, &mut Workload { usable, next: &mut next }, &options, &mut |_| {}).measured
}

fn verdicts(measured: &[Measured]) -> Vec<&Verdict> {
    measured.iter().map(|it| &it.verdict).collect()
}

#[test]
fn targets_are_met_and_missed() {
    let spec = spec(
        "- Requests: 60 requests/second",
        "- Read latency: p50 < 2 s\n- Write latency: p90 < 40 ms\n- Error rate: < 1%\n- CPU usage: < 99.9%\n- Memory usage: < 64 KB",
    );
    let address = server(|line| if line.starts_with("GET") { (0, 200) } else { (250, 201) });
    let told = measured(&spec, address, Some(std::process::id()));
    use Verdict::{Met, Missed};
    assert_eq!(verdicts(&told), [&Met, &Met, &Missed, &Met, &Met, &Missed], "{told:#?}");
    let figure = told[2].figure.clone().unwrap();
    assert!(figure.value >= 250.0 && figure.low > 40.0 && figure.samples >= 20 && figure.unit == "ms", "{figure:?}");
    assert!(
        figure.how.starts_with("POST /customers, POST /orders, DELETE /orders/{id} and 1 more; 12 of 60 requests/s")
    );
    assert!(told[2].series.last().is_some_and(|it| it.1 >= 250.0), "{:?}", told[2].series);
}

#[test]
fn failures_and_refusals_are_told_apart() {
    let spec = spec("", "- Read latency: p95 < 2 s\n- Error rate: < 5%");
    let count = AtomicU64::new(0);
    let address = server(move |_| (0, if count.fetch_add(1, Ordering::Relaxed).is_multiple_of(4) { 500 } else { 200 }));
    let told = measured(&spec, address, None);
    assert_eq!(verdicts(&told), [&Verdict::Met, &Verdict::Missed], "{told:#?}");
    assert!(told[1].figure.as_ref().is_some_and(|it| (it.value - 25.0).abs() < 3.0), "{told:#?}");
    let told = measured(&spec, server(|_| (0, 404)), None);
    let Verdict::Open(why) = &told[0].verdict else { panic!("{told:#?}") };
    assert!(why.contains("were refused, mostly with 404"), "{why}");
}

/// One request in 50 ms is all that it does.
#[test]
fn a_rate_that_is_not_held_is_missed() {
    let lock = std::sync::Mutex::new(());
    let address = server(move |_| {
        let held = lock.lock();
        thread::sleep(Duration::from_millis(50));
        drop(held);
        (0, 200)
    });
    let told = measured(&spec("", "- Throughput: 200 requests/second"), address, None);
    assert_eq!(verdicts(&told), [&Verdict::Missed], "{told:#?}");
    let figure = told[0].figure.clone().unwrap();
    assert!(figure.value < 25.0 && figure.least, "{figure:?}");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let spec = spec("", "- CPU usage: < 70%\n- p95 latency < 5 ms");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let told = measured(&spec, address, None);
    let why: Vec<String> = told
        .iter()
        .map(|it| match &it.verdict {
            Verdict::Open(why) => why.clone(),
            it => panic!("{it:?}"),
        })
        .collect();
    assert!(why[0].contains("--pid") && why[1].starts_with("no connection to 127.0.0.1:"), "{why:?}");
}

/// Twenty requests in a second, each of which takes 80 ms to make.
#[test]
fn the_time_to_make_a_request_is_not_in_its_latency() {
    let spec = spec("- Requests: 20 requests/second", "- Read latency: p50 < 300 ms");
    let told = measured_within(&spec, server(|_| (0, 200)), None, 3_000, 80);
    assert_eq!(verdicts(&told), [&Verdict::Met, &Verdict::Met], "{told:#?}");
}

/// Slow for the first run, and never again.
#[test]
fn what_one_run_misses_and_the_next_does_not_is_not_decided() {
    let spec = spec("", "- Read latency: p50 < 50 ms");
    let begin = std::time::Instant::now();
    let address = server(move |_| (if begin.elapsed().as_millis() < 2_800 { 150 } else { 0 }, 200));
    let told = measured_within(&spec, address, None, 5_800, 0);
    let Verdict::Open(why) = &told[0].verdict else { panic!("{told:#?}") };
    assert!(why.contains("in one run"), "{why}");
}

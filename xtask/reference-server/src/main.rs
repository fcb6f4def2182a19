//! The orders of `xtask/data/orders.md`, written by hand: what the service that is compiled from that
//! document is measured against. axum, one writer thread that commits in groups, reads where the request
//! is. It does what the document says and nothing more: no clause headers, no log, no cursor.
//!
//! `reference-server PORT FILE`
#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::cell::RefCell;
use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS orders (
  id TEXT PRIMARY KEY,
  customer_email TEXT NOT NULL CHECK (length(customer_email) BETWEEN 3 AND 254),
  status TEXT NOT NULL CHECK (status IN ('draft', 'placed', 'paid', 'shipped', 'cancelled')),
  quantity INTEGER NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
  total REAL NOT NULL CHECK (total >= 0),
  created_at TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT, WITHOUT ROWID";
const INSERT: &str = "INSERT INTO orders VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const SELECT: &str =
    "SELECT id, customer_email, status, quantity, total, created_at, version FROM orders WHERE id = ?1";
/// As the measured service sets its connections.
const SETTINGS: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;
  PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; PRAGMA mmap_size=268435456;";
/// At most so many writes share a commit.
const GROUP: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewOrder {
    customer_email: String,
    quantity: i64,
    total: f64,
}

impl NewOrder {
    fn is_valid(&self) -> bool {
        let email = &self.customer_email;
        let parts = email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !host.contains('@') && !email.contains(char::is_whitespace)
        });
        parts && (3..=254).contains(&email.chars().count()) && (1..=1000).contains(&self.quantity) && self.total >= 0.0
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    id: String,
    customer_email: String,
    status: String,
    quantity: i64,
    total: f64,
    created_at: String,
    version: i64,
}

#[derive(Serialize)]
struct Success<'a> {
    status: &'static str,
    data: &'a Order,
}

#[derive(Serialize)]
struct Failure<'a> {
    status: &'static str,
    message: &'a str,
}

struct Write {
    order: Order,
    done: oneshot::Sender<rusqlite::Result<Order>>,
}

struct App {
    file: String,
    writes: Sender<Write>,
}

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(port), Some(file)) = (args.next(), args.next()) else { return Err("reference-server PORT FILE".into()) };
    let connection = open(&file)?;
    connection.execute_batch(TABLE)?;
    let (writes, queue) = channel();
    std::thread::spawn(move || write(&connection, &queue));
    let app = Arc::new(App { file, writes });
    let router =
        Router::new().route("/api/v1/orders", post(create)).route("/api/v1/orders/{id}", get(read)).with_state(app);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port.parse()?)).await?;
    println!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|it| drop(it.set_nodelay(true)));
    axum::serve(listener, router).await?;
    Ok(())
}

fn open(file: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

/// Writes what is asked for, in groups, until nobody can ask any more.
fn write(connection: &Connection, queue: &Receiver<Write>) -> rusqlite::Result<()> {
    let mut begin = connection.prepare("BEGIN IMMEDIATE")?;
    let mut commit = connection.prepare("COMMIT")?;
    let mut insert = connection.prepare(INSERT)?;
    let mut answers = Vec::with_capacity(GROUP);
    while let Ok(first) = queue.recv() {
        begin.execute([])?;
        let mut next = Some(first);
        while let Some(Write { order: it, done }) = next {
            let kept = insert
                .execute(params![it.id, it.customer_email, it.status, it.quantity, it.total, it.created_at, it.version])
                .map(|_| it);
            answers.push((done, kept));
            next = if answers.len() < GROUP { queue.try_recv().ok() } else { None };
        }
        commit.execute([])?;
        for (done, kept) in answers.drain(..) {
            drop(done.send(kept));
        }
    }
    Ok(())
}

async fn create(State(app): State<Arc<App>>, body: Bytes) -> Response {
    let new: NewOrder = match serde_json::from_slice(&body) {
        Ok(new) => new,
        Err(error) => return refuse(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    if !new.is_valid() {
        return refuse(StatusCode::BAD_REQUEST, "The order is not valid");
    }
    let order = Order {
        id: uuid::Uuid::now_v7().to_string(),
        customer_email: new.customer_email,
        status: "draft".to_owned(),
        quantity: new.quantity,
        total: new.total,
        created_at: chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        version: 1,
    };
    let (done, answer) = oneshot::channel();
    if app.writes.send(Write { order, done }).is_err() {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong");
    }
    match answer.await {
        Ok(Ok(order)) => show(StatusCode::CREATED, &order),
        _ => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
    }
}

async fn read(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    match find(&app, &id) {
        Ok(Some(order)) => show(StatusCode::OK, &order),
        Ok(None) => refuse(StatusCode::NOT_FOUND, "There is no such order"),
        Err(_) => refuse(StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
    }
}

fn find(app: &App, id: &str) -> rusqlite::Result<Option<Order>> {
    READER.with_borrow_mut(|reader| {
        let connection = match reader {
            Some(connection) => connection,
            None => reader.insert(open(&app.file)?),
        };
        let mut select = connection.prepare_cached(SELECT)?;
        let order = |row: &rusqlite::Row<'_>| {
            Ok(Order {
                id: row.get(0)?,
                customer_email: row.get(1)?,
                status: row.get(2)?,
                quantity: row.get(3)?,
                total: row.get(4)?,
                created_at: row.get(5)?,
                version: row.get(6)?,
            })
        };
        select.query_row([id], order).optional()
    })
}

fn show(status: StatusCode, order: &Order) -> Response {
    json(status, &Success { status: "success", data: order })
}

fn refuse(status: StatusCode, message: &str) -> Response {
    json(status, &Failure { status: "error", message })
}

fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

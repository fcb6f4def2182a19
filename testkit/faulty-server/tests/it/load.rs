//! The faults that only load shows. What is asserted of time are lower bounds, so that a busy machine fails
//! nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::Server;

async fn part(server: &Server) -> String {
    let body = json!({ "sku": "BRK-00042", "name": "Brake pad", "unitPrice": "14.50", "stock": 60 });
    let answer = server.call("POST", "/api/v1/parts", Some(&body)).await;
    format!("/api/v1/parts/{}", answer.json()["data"]["id"].as_str().unwrap())
}

/// How long so many requests take one after the other.
async fn took(faults: &[&'static str], method: &str, count: usize) -> Duration {
    let server = Server::start(faults).await;
    let path = part(&server).await;
    let body = (method == "PATCH").then(|| json!({ "stock": 1 }));
    let began = Instant::now();
    for _ in 0..count {
        assert_eq!(server.call(method, &path, body.as_ref()).await.status, 200);
    }
    began.elapsed()
}

#[tokio::test]
async fn some_are_slow() {
    assert!(took(&["slow-reads"], "GET", 20).await >= Duration::from_millis(300));
    assert!(took(&["slow-writes"], "PATCH", 2).await >= Duration::from_millis(300));
    assert!(took(&["throughput-limited"], "GET", 10).await >= Duration::from_millis(200));
    assert!(took(&["processor-busy"], "GET", 10).await >= Duration::from_millis(90));
}

/// The statuses of requests that are sent at once.
async fn at_once(faults: &[&'static str], count: usize) -> Vec<u16> {
    let server = Arc::new(Server::start(faults).await);
    let path = part(&server).await;
    let each = (0..count).map(|_| {
        let (server, path) = (Arc::clone(&server), path.clone());
        tokio::spawn(async move { server.call("GET", &path, None).await.status })
    });
    let mut statuses = Vec::new();
    for task in each.collect::<Vec<_>>() {
        statuses.push(task.await.unwrap());
    }
    statuses
}

#[tokio::test]
async fn some_fail_at_once() {
    assert_eq!(at_once(&[], 8).await, [200; 8]);
    assert!(at_once(&["errors-under-load"], 8).await.contains(&503));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_is_kept() {
    let pages = || -> u64 {
        let text = std::fs::read_to_string("/proc/self/statm").unwrap();
        text.split(' ').nth(1).unwrap().parse().unwrap()
    };
    let before = pages();
    took(&["memory-grows"], "GET", 100).await;
    // A quarter of a MiB each; other tests may give back some of theirs meanwhile.
    assert!((pages() - before) * 4 >= 20 * 1024);
}

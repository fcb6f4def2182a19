//! The document's own examples, sent to the healthy server.

use std::collections::HashMap;

use faulty_server::SPEC;
use serde_json::{Map, Value, json};

use crate::client::Server;

/// An endpoint, as the document shows it.
struct Endpoint {
    method: String,
    path: String,
    request: Option<Value>,
    status: u16,
    response: Option<Value>,
}

fn endpoint(title: &str) -> Endpoint {
    let heading = format!(": {title}\n");
    let (_, after) = SPEC.split("#### Endpoint ").find_map(|it| it.split_once(&heading)).unwrap();
    let text = after.split("\n#### ").next().unwrap();
    let label = |name: &str| {
        let line = text.lines().find_map(|it| it.strip_prefix(&format!("**{name}**: "))).unwrap();
        line.trim_matches('`').to_owned()
    };
    let fence = |label: &str| -> Option<Value> {
        let (_, after) = text.split_once(label)?;
        let json = after.strip_prefix("\n```json\n")?.split("\n```").next()?;
        Some(serde_json::from_str(json).unwrap())
    };
    let (_, status) = text.split_once("(Success - ").unwrap();
    let status = status.split(')').next().unwrap();
    Endpoint {
        method: label("Method"),
        path: label("Path"),
        request: fence("**Request**:"),
        status: status.parse().unwrap(),
        response: fence(&format!("(Success - {status}):")),
    }
}

/// A server, and the ids that stand for those of the document.
struct Stage {
    server: Server,
    ids: HashMap<String, String>,
}

impl Stage {
    async fn new() -> Stage {
        Stage { server: Server::start(&[]).await, ids: HashMap::new() }
    }

    fn own(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (theirs, own)| text.replace(theirs.as_str(), own))
    }

    /// Sends the request of an endpoint and compares the answer with the one shown. `id` is the document's.
    async fn play(&mut self, title: &str, id: &str) {
        let shown = endpoint(title);
        let path = self.own(&shown.path.replace("{id}", id));
        let body: Option<Value> = shown.request.map(|it| serde_json::from_str(&self.own(&it.to_string())).unwrap());
        let answer = self.server.call(&shown.method, &path, body.as_ref()).await;
        assert_eq!(answer.status, shown.status, "{title}: {}", answer.body);
        let Some(expected) = shown.response else {
            assert_eq!(answer.body, "", "{title}");
            return;
        };
        let found = answer.json();
        if title.starts_with("Create ") {
            let id = |it: &Value| it["data"]["id"].as_str().unwrap().to_owned();
            self.ids.insert(id(&expected), id(&found));
        }
        let expected: Value = serde_json::from_str(&self.own(&expected.to_string())).unwrap();
        if expected["data"].is_array() {
            let records = |it: &Value| it["data"].as_array().unwrap().clone();
            // The list of the document holds records that nothing here has made.
            assert_eq!(timeless(&records(&found)[0]), timeless(&records(&expected)[0]), "{title}");
            assert_eq!(found["total"], json!(records(&found).len()), "{title}");
            assert_eq!(found["nextCursor"], Value::Null, "{title}");
        } else {
            assert_eq!(timeless(&found), timeless(&expected), "{title}");
        }
    }
}

/// A value with all times alike.
fn timeless(value: &Value) -> Value {
    match value {
        Value::String(text) if text.len() > 19 && text.ends_with('Z') && text.contains('T') => json!("a time"),
        Value::Array(items) => items.iter().map(timeless).collect(),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(key, it)| (key.clone(), timeless(it))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

const CUSTOMER: &str = "019aa1e2-4c00-7a31-8f10-2b6d5c9e0a11";
const DEVICE: &str = "019aa1e3-8a20-7b1c-a6d4-3e5f7a90b1c2";
const PART: &str = "019aa0c1-2f80-7d44-b3a7-9c1e0f2d4b55";
const JOB: &str = "019aa1e5-b340-7966-ac58-0d2f4e6b8a31";

#[tokio::test]
async fn records() {
    let mut stage = Stage::new().await;
    stage.play("Health", "").await;
    for (create, list, get, below, id) in [
        ("Create customer", "List customers", "Get customer", None, CUSTOMER),
        ("Create device", "List devices", "Get device", Some(("List devices of a customer", CUSTOMER)), DEVICE),
        ("Create part", "List parts", "Get part", None, PART),
        ("Create job", "List jobs", "Get job", Some(("List jobs of a device", DEVICE)), JOB),
    ] {
        stage.play(create, "").await;
        stage.play(list, "").await;
        stage.play(get, id).await;
        if let Some((title, parent)) = below {
            stage.play(title, parent).await;
        }
    }
    stage.play("Update customer", CUSTOMER).await;
    stage.play("Replace device", DEVICE).await;
    stage.play("Update part", PART).await;
    stage.play("Update job", JOB).await;
}

#[tokio::test]
async fn deletions() {
    let mut stage = Stage::new().await;
    stage.play("Create customer", "").await;
    stage.play("Create device", "").await;
    stage.play("Create part", "").await;
    stage.play("Delete device", DEVICE).await;
    stage.play("Delete part", PART).await;
    stage.play("Delete customer", CUSTOMER).await;
}

#[tokio::test]
async fn transitions() {
    let mut stage = Stage::new().await;
    for title in ["Create customer", "Create device", "Create part"] {
        stage.play(title, "").await;
    }
    for titles in [
        &["Quote job", "Approve job", "Start job", "", "Finish job", "Reopen job", "Finish job", "Hand over job"][..],
        &["Quote job", "Reject job"],
        &["Cancel job"],
    ] {
        stage.play("Create job", "").await;
        for title in titles {
            if title.is_empty() {
                let path = stage.own(&format!("/api/v1/jobs/{JOB}"));
                stage.server.call("PATCH", &path, endpoint("Update job").request.as_ref()).await;
            } else {
                stage.play(title, JOB).await;
            }
        }
        // The next job is another one.
        stage.ids.remove(JOB);
    }
}

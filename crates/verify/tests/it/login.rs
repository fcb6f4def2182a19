//! Signing in before a run.

use std::sync::Arc;
use std::time::Duration;

use verify::{Credential, LoginError, login};

use crate::bad_targets::{Answers, head, target};

/// Refuses the first request of a connection, whatever it is, and answers each other one with this.
fn second(answer: &'static str) -> Answers {
    use std::io::{Read, Write};
    Arc::new(move |_, mut stream| {
        let mut refused = false;
        while let Some(head) = head(&mut stream) {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|it| it.split("\r\n").next()?.parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            let taken = "HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n";
            let own = if std::mem::replace(&mut refused, true) { answer } else { taken };
            if stream.read_exact(&mut body).is_err() || stream.write_all(own.as_bytes()).is_err() {
                return;
            }
        }
    })
}

#[test]
fn the_last_answer_lets_in() {
    let token = "HTTP/1.1 200 OK\r\ncontent-length: 32\r\n\r\n{\"data\":{\"accessToken\":\"a.b.c\"}}";
    let cookie = "HTTP/1.1 204 No Content\r\nset-cookie: session=s1; HttpOnly; Path=/\r\nset-cookie: csrf=c1\r\n\r\n";
    let empty = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    let refused = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno";
    let steps = ["POST /users {\"email\":\"ada@example.org\"}", "POST /login {\"email\":\"ada@example.org\"}"];
    let steps = steps.map(str::to_owned);
    let step = "POST /login".to_owned();
    for (answer, expected) in [
        (token, Ok(Credential::Token("a.b.c".to_owned()))),
        (cookie, Ok(Credential::Header("Cookie".to_owned(), "session=s1; csrf=c1".to_owned()))),
        (empty, Err(LoginError::Empty(step.clone()))),
        (refused, Err(LoginError::Refused { step: step.clone(), answer: "401 no".to_owned() })),
    ] {
        let url = format!("http://{}", target(second(answer)));
        assert_eq!(login(&url, Duration::from_secs(5), &steps), expected, "{answer}");
    }
}

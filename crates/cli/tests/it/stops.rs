//! How a service ends when it is asked to.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::place::Place;

#[test]
fn a_service_that_is_asked_to_stop_ends_well() {
    for signal in ["TERM", "INT"] {
        let place = Place::new();
        let service = place.serve("run notes.md --port 0");
        // What answers also listens to signals.
        let mut stream = TcpStream::connect(format!("127.0.0.1:{}", service.port)).unwrap();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        // A connection that waits for nothing does not hold it up.
        assert_eq!(service.stop(signal), Some(0), "{signal}");
    }
}

//! A connection: what is to be written, and the answer that comes.

use std::io::{self, Read, Write};
use std::net::SocketAddr;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::answer::{Answer, Fault, Step};

/// A request that was sent, or is about to be. Times are nanoseconds since the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) kind: usize,
    /// When it was meant to start.
    pub(super) intended: u64,
    /// When it did.
    pub(super) at: u64,
    /// Whether it goes out for the second time.
    again: bool,
}

/// What a connection does.
#[derive(Debug)]
pub(super) enum State {
    /// It will be opened at a time.
    Down(u64),
    /// It is being opened, since a time.
    Opening(u64),
    /// It waits for a request, since a time.
    Idle(u64),
    /// It waits for an answer.
    Busy,
}

/// What happened to a connection.
#[derive(Debug)]
pub(super) enum Happened {
    /// Nothing that matters.
    Nothing,
    /// It is open; what had to be sent again is on its way.
    Open,
    /// It cannot be opened. The request is one that waited for it.
    Unopened(Option<Sent>),
    /// A request was answered with a status; whether the connection can take the next one.
    Answered(Sent, u16, bool),
    /// A request has no answer.
    Failed(Sent, Fault),
    /// The server closed it between requests, or before it saw one that may be sent again.
    Closed,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) state: State,
    /// What is written; the bytes of the request.
    pub(super) out: Vec<u8>,
    written: usize,
    socket: Option<TcpStream>,
    answer: Answer,
    /// The request that was sent, or waits to be sent again.
    sent: Option<Sent>,
    /// Whether it was answered on before.
    used: bool,
}

impl Connection {
    pub(super) fn new() -> Connection {
        Connection {
            state: State::Down(0),
            out: Vec::new(),
            written: 0,
            socket: None,
            answer: Answer::default(),
            sent: None,
            used: false,
        }
    }

    /// Begins to open it anew.
    pub(super) fn open(&mut self, address: SocketAddr, registry: &Registry, token: Token, now: u64) -> io::Result<()> {
        self.socket = None;
        let mut socket = TcpStream::connect(address)?;
        drop(socket.set_nodelay(true));
        registry.register(&mut socket, token, Interest::READABLE | Interest::WRITABLE)?;
        self.socket = Some(socket);
        self.used = false;
        self.state = State::Opening(now);
        Ok(())
    }

    /// Closes it. The request that it was about, if any.
    pub(super) fn close(&mut self) -> Option<Sent> {
        self.socket = None;
        self.state = State::Down(0);
        self.sent.take()
    }

    /// Whether a request waits for it, or for an answer on it.
    pub(super) fn is_due(&self) -> bool {
        self.sent.is_some()
    }

    /// Whether nothing was sent on it yet.
    pub(super) fn is_fresh(&self) -> bool {
        !self.used && self.sent.is_none()
    }

    /// The request that waits for an answer.
    pub(super) fn busy(&self) -> Option<Sent> {
        self.sent.filter(|_| matches!(self.state, State::Busy))
    }

    /// Sends what is in `out`.
    pub(super) fn send(&mut self, kind: usize, intended: u64, now: u64) -> Happened {
        self.start(Sent { kind, intended, at: now, again: false })
    }

    fn start(&mut self, sent: Sent) -> Happened {
        self.sent = Some(sent);
        self.state = State::Busy;
        self.written = 0;
        self.answer.clear();
        self.write()
    }

    fn write(&mut self) -> Happened {
        let Some(socket) = &mut self.socket else { return self.cut() };
        while let Some(rest) = self.out.get(self.written..).filter(|it| !it.is_empty()) {
            match socket.write(rest) {
                Ok(count) => self.written += count,
                Err(it) if it.kind() == io::ErrorKind::WouldBlock => break,
                Err(it) if it.kind() == io::ErrorKind::Interrupted => {}
                // What the server said before it closed may still be read.
                Err(_) => break,
            }
        }
        Happened::Nothing
    }

    /// Takes what the socket has.
    pub(super) fn ready(&mut self, event: &mio::event::Event, scratch: &mut [u8], now: u64) -> Happened {
        match self.state {
            State::Down(_) => Happened::Nothing,
            State::Opening(_) => self.opened(now),
            State::Idle(_) if event.is_readable() || event.is_read_closed() || event.is_error() => {
                self.close();
                Happened::Closed
            }
            State::Idle(_) => Happened::Nothing,
            State::Busy => {
                if event.is_writable() && self.written < self.out.len() {
                    self.write();
                }
                if event.is_readable() || event.is_read_closed() || event.is_error() {
                    return self.read(event.is_read_closed() || event.is_error(), scratch);
                }
                Happened::Nothing
            }
        }
    }

    fn opened(&mut self, now: u64) -> Happened {
        let Some(socket) = &self.socket else { return Happened::Unopened(self.close()) };
        match (socket.take_error(), socket.peer_addr()) {
            (Ok(None), Ok(_)) => {}
            (Ok(None), Err(it)) if it.kind() == io::ErrorKind::NotConnected => return Happened::Nothing,
            _ => return Happened::Unopened(self.close()),
        }
        self.state = State::Idle(now);
        if let Some(sent) = self.sent.take() {
            self.start(Sent { at: now, ..sent });
        }
        Happened::Open
    }

    fn read(&mut self, closed: bool, scratch: &mut [u8]) -> Happened {
        let to_head = self.out.starts_with(b"HEAD ");
        loop {
            let Some(socket) = &mut self.socket else { return self.cut() };
            let count = match socket.read(scratch) {
                Ok(0) => return self.ended(),
                Ok(count) => count,
                Err(it) if it.kind() == io::ErrorKind::WouldBlock => return Happened::Nothing,
                Err(it) if it.kind() == io::ErrorKind::Interrupted => continue,
                Err(_) => return self.cut(),
            };
            match self.answer.take(scratch.get(..count).unwrap_or(&[]), to_head) {
                Ok(Step::Done { status, keep, used }) => {
                    let Some(sent) = self.sent.take() else { return Happened::Nothing };
                    self.used = true;
                    return Happened::Answered(sent, status, keep && used == count && self.written == self.out.len());
                }
                Ok(Step::More) => {}
                Err(fault) => return self.fail(fault),
            }
            // A short read has emptied the socket, and the next bytes make another event.
            if count < scratch.len() && !closed && cfg!(unix) {
                return Happened::Nothing;
            }
        }
    }

    /// The server has ended the connection.
    fn ended(&mut self) -> Happened {
        match self.answer.end() {
            Ok(status) => match self.sent.take() {
                Some(sent) => Happened::Answered(sent, status, false),
                None => Happened::Closed,
            },
            Err(_) => self.cut(),
        }
    }

    /// The connection is gone. If it was kept open and not a byte was answered, the server most probably closed it
    /// while the request was on its way; a safe one goes out again then, once (RFC 9110, section 9.2.2), and
    /// its time goes on.
    fn cut(&mut self) -> Happened {
        let safe = self.out.starts_with(b"GET ") || self.out.starts_with(b"HEAD ");
        match self.sent {
            Some(sent) if safe && self.used && !sent.again && !self.answer.is_begun() => {
                self.close();
                self.sent = Some(Sent { again: true, ..sent });
                Happened::Closed
            }
            _ => self.fail(Fault::Cut),
        }
    }

    fn fail(&mut self, fault: Fault) -> Happened {
        match self.close() {
            Some(sent) => Happened::Failed(sent, fault),
            None => Happened::Closed,
        }
    }
}

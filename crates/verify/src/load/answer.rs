//! Reads answers as they come, as far as it takes to know their status and where they end. Bodies are
//! dropped.

/// A head that is longer is no answer.
const MAX_HEAD: usize = 64 * 1024;
/// A body that is longer is not waited for.
const MAX_BODY: u64 = 256 * 1024 * 1024;
/// Header fields of an answer.
const MAX_FIELDS: usize = 96;
/// A line of a chunk's size, its extensions among it, or a line of a trailer.
const MAX_LINE: usize = 16 * 1024;

/// An answer of which a part has come.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// What there is of a head that is not whole.
    head: Vec<u8>,
    status: u16,
    keep: bool,
    body: Body,
    /// Whether any byte of it has come.
    begun: bool,
    /// Bytes of body so far.
    size: u64,
}

/// How a body is delimited, and how far it is.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Body {
    /// The head has not ended.
    #[default]
    Ahead,
    /// So many bytes are to come.
    Length(u64),
    Chunked(Chunk),
    /// It ends with the connection.
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Chunk {
    /// The size so far, its digits, bytes of the line, and whether what follows are extensions.
    Size {
        size: u64,
        digits: u8,
        line: usize,
        over: bool,
    },
    Data(u64),
    /// The line break after the data.
    Break,
    /// Bytes of the line of the trailer that is being read, and bytes of the trailer.
    Trailer {
        line: usize,
        all: usize,
    },
}

impl Chunk {
    const START: Chunk = Chunk::Size { size: 0, digits: 0, line: 0, over: false };
}

/// What is known after some bytes.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// It goes on.
    More,
    /// It has ended, after so many of the bytes.
    Done {
        /// The status.
        status: u16,
        /// Whether the connection can be used again.
        keep: bool,
        /// Bytes that belonged to it.
        used: usize,
    },
}

/// Why something is no answer.
#[derive(Debug, PartialEq)]
pub(super) enum Fault {
    /// It is not HTTP/1.
    Garbage,
    /// It is longer than what is waited for.
    TooLong,
    /// The connection ended before the answer.
    Cut,
}

impl Answer {
    /// Forgets all, for the next answer.
    pub(super) fn clear(&mut self) {
        self.head.clear();
        // One long head does not keep its memory on all connections.
        self.head.shrink_to(4096);
        (self.status, self.keep, self.body, self.begun, self.size) = (0, false, Body::Ahead, false, 0);
    }

    /// Whether any byte of it has come.
    pub(super) fn is_begun(&self) -> bool {
        self.begun
    }

    /// Takes the next bytes. `to_head` is whether the request asked for a head only.
    pub(super) fn take(&mut self, bytes: &[u8], to_head: bool) -> Result<Step, Fault> {
        self.begun |= !bytes.is_empty();
        let mut used = 0;
        while self.body == Body::Ahead {
            let rest = bytes.get(used..).unwrap_or(&[]);
            let had = self.head.len();
            let read = if had == 0 {
                Head::read(rest)?
            } else {
                self.head.extend_from_slice(rest);
                Head::read(&self.head)?
            };
            let Some(head) = read else {
                if had == 0 {
                    self.head.extend_from_slice(rest);
                }
                return if self.head.len() > MAX_HEAD { Err(Fault::TooLong) } else { Ok(Step::More) };
            };
            used += head.len.saturating_sub(had);
            self.head.clear();
            // A word in between (`100 Continue`, `103 Early Hints`); the answer is still to come.
            if (100..200).contains(&head.status) {
                if head.status == 101 {
                    return Err(Fault::Garbage);
                }
                continue;
            }
            self.status = head.status;
            self.body = if to_head || matches!(head.status, 204 | 304) { Body::Length(0) } else { head.body };
            self.keep = head.keep && self.body != Body::Close;
        }
        let rest = bytes.get(used..).unwrap_or(&[]);
        let (ended, body) = self.body(rest)?;
        used += body;
        if !ended {
            return Ok(Step::More);
        }
        Ok(Step::Done { status: self.status, keep: self.keep, used })
    }

    /// What the end of the connection makes of it.
    pub(super) fn end(&self) -> Result<u16, Fault> {
        if self.body == Body::Close { Ok(self.status) } else { Err(Fault::Cut) }
    }

    /// Whether the body has ended, and how many of the bytes belong to it.
    fn body(&mut self, bytes: &[u8]) -> Result<(bool, usize), Fault> {
        let len = bytes.len() as u64;
        let (ended, used) = match &mut self.body {
            Body::Ahead => (false, 0),
            Body::Close => (false, bytes.len()),
            Body::Length(left) => {
                let taken = len.min(*left);
                *left -= taken;
                (*left == 0, taken as usize)
            }
            Body::Chunked(chunk) => chunk.take(bytes)?,
        };
        self.size += used as u64;
        let announced = if let Body::Length(left) = self.body { left } else { 0 };
        if self.size.saturating_add(announced) > MAX_BODY { Err(Fault::TooLong) } else { Ok((ended, used)) }
    }
}

impl Chunk {
    /// Whether the last chunk and its trailer have ended, and how many of the bytes were read.
    fn take(&mut self, bytes: &[u8]) -> Result<(bool, usize), Fault> {
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match self {
                Chunk::Data(left) => {
                    let taken = (*left).min((bytes.len() - at) as u64);
                    *left -= taken;
                    at += taken as usize;
                    if *left == 0 {
                        *self = Chunk::Break;
                    }
                    continue;
                }
                Chunk::Size { size, digits, line, over } => {
                    *line += 1;
                    let digit = char::from(*byte).to_digit(16).filter(|_| !*over);
                    match (digit, byte) {
                        (Some(digit), _) if *digits < 15 => {
                            *size = *size * 16 + u64::from(digit);
                            *digits += 1;
                        }
                        (None, b'\n') if *digits > 0 => {
                            *self = if *size == 0 { Chunk::Trailer { line: 0, all: 0 } } else { Chunk::Data(*size) };
                        }
                        (None, b';' | b' ' | b'\t' | b'\r') if *digits > 0 => *over = true,
                        (None, _) if *over && *line < MAX_LINE => {}
                        _ => return Err(Fault::Garbage),
                    }
                }
                Chunk::Break => match byte {
                    b'\r' => {}
                    b'\n' => *self = Chunk::START,
                    _ => return Err(Fault::Garbage),
                },
                Chunk::Trailer { line, all } => match byte {
                    b'\n' if *line == 0 => return Ok((true, at + 1)),
                    b'\n' => *line = 0,
                    b'\r' => {}
                    _ if *all >= MAX_LINE => return Err(Fault::TooLong),
                    _ => (*line, *all) = (*line + 1, *all + 1),
                },
            }
            at += 1;
        }
        Ok((false, at))
    }
}

/// What a head says.
struct Head {
    status: u16,
    keep: bool,
    body: Body,
    /// Its bytes.
    len: usize,
}

impl Head {
    /// Reads a head; `None` if it is not whole.
    fn read(bytes: &[u8]) -> Result<Option<Head>, Fault> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let mut answer = httparse::Response::new(&mut fields);
        let len = match answer.parse(bytes) {
            Ok(httparse::Status::Complete(len)) => len,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(Fault::Garbage),
        };
        let mut keep = answer.version == Some(1);
        let (mut length, mut chunked, mut coded) = (None, false, false);
        for field in answer.headers.iter() {
            let is = |name: &str| field.name.eq_ignore_ascii_case(name);
            match field.name.len() {
                10 if is("connection") => {
                    for word in words(field.value) {
                        keep =
                            (keep || word.eq_ignore_ascii_case(b"keep-alive")) && !word.eq_ignore_ascii_case(b"close");
                    }
                }
                14 if is("content-length") => {
                    // One number, or the same one again (RFC 9112, section 6.3).
                    for word in words(field.value) {
                        let number = std::str::from_utf8(word).ok().and_then(|it| it.parse::<u64>().ok());
                        let number = number.filter(|_| word.iter().all(u8::is_ascii_digit)).ok_or(Fault::Garbage)?;
                        if length.replace(number).is_some_and(|it| it != number) {
                            return Err(Fault::Garbage);
                        }
                    }
                }
                17 if is("transfer-encoding") => {
                    coded = true;
                    chunked = words(field.value).last().is_some_and(|it| it.eq_ignore_ascii_case(b"chunked"));
                }
                _ => {}
            }
        }
        let body = match (coded, length) {
            (true, _) if chunked => Body::Chunked(Chunk::START),
            (false, Some(length)) => Body::Length(length),
            _ => Body::Close,
        };
        Ok(Some(Head { status: answer.code.unwrap_or(0), keep, body, len }))
    }
}

/// The members of a list in a header field.
fn words(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|it| *it == b',').map(<[u8]>::trim_ascii).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps of an answer that comes in pieces of so many bytes.
    fn pieces(text: &str, size: usize, to_head: bool) -> Result<Option<(u16, bool)>, Fault> {
        let mut answer = Answer::default();
        let mut all = 0;
        for piece in text.as_bytes().chunks(size) {
            if let Step::Done { status, keep, used } = answer.take(piece, to_head)? {
                assert!(all + used == text.len() || to_head, "{used} of {text:?}");
                return Ok(Some((status, keep)));
            }
            all += piece.len();
        }
        answer.end().map(|_| None)
    }

    fn read(text: &str, to_head: bool) -> Result<Option<(u16, bool)>, Fault> {
        let whole = pieces(text, text.len(), to_head);
        for size in [1, 2, 3, 7, 16] {
            assert_eq!(pieces(text, size, to_head), whole, "in pieces of {size}: {text:?}");
        }
        whole
    }

    #[test]
    fn answers_end_where_they_say() {
        for (text, told) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Ok(Some((200, true)))),
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", Ok(Some((200, false)))),
            ("HTTP/1.1 204 No Content\r\n\r\n", Ok(Some((204, true)))),
            ("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Ok(Some((200, false)))),
            ("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", Ok(Some((200, true)))),
            ("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", Ok(Some((201, true)))),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\nA;x=\"1\"\r\n0123456789\r\n1\r\n!\r\n000\r\nETag: a\r\n\r\n",
                Ok(Some((200, true))),
            ),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n.", Ok(Some((200, true)))),
            ("HTTP/1.1 200 OK\r\n\r\nto the end", Ok(None)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello", Err(Fault::Cut)),
            ("HTTP/1.1 200 OK\r\nContent-Le", Err(Fault::Cut)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n..", Err(Fault::Garbage)),
            ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Err(Fault::Garbage)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", Err(Fault::Garbage)),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc", Err(Fault::Garbage)),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Err(Fault::Garbage)),
            ("SSH-2.0-OpenSSH_9.2\r\n", Err(Fault::Garbage)),
            ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", Err(Fault::TooLong)),
        ] {
            assert_eq!(read(text, false), told, "{text:?}");
        }
    }

    /// What becomes of bytes does not depend on the pieces in which they come, whatever they are.
    #[test]
    fn pieces_do_not_matter() {
        let whole = [
            &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"[..],
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nA: b\r\n\r\n",
        ];
        let mut random = fastrand::Rng::with_seed(5);
        let told = |bytes: &[u8], sizes: &mut dyn FnMut() -> usize| {
            let (mut answer, mut at) = (Answer::default(), 0);
            while at < bytes.len() {
                let piece = bytes.get(at..(at + sizes().max(1)).min(bytes.len())).unwrap_or(&[]);
                match answer.take(piece, false) {
                    Ok(Step::More) => at += piece.len(),
                    Ok(Step::Done { status, keep, used }) => return Ok((status, keep, at + used)),
                    Err(fault) => return Err(fault),
                }
            }
            answer.end().map(|it| (it, false, at))
        };
        for _ in 0..20_000 {
            let mut bytes = whole[random.usize(..2)].to_vec();
            for _ in 0..random.usize(..4) {
                let at = random.usize(..bytes.len());
                match random.u8(..3) {
                    0 => bytes[at] = random.u8(..),
                    1 => _ = bytes.remove(at),
                    _ => bytes.insert(at, *random.choice(b"0123456789\r\n :;aF").unwrap()),
                }
            }
            let expected = told(&bytes, &mut || usize::MAX / 2);
            let mut sizes = || random.usize(1..20);
            assert_eq!(told(&bytes, &mut sizes), expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn an_answer_to_head_has_no_body() {
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true), Ok(Some((200, true))));
    }

    #[test]
    fn heads_and_trailers_without_end_are_left() {
        let mut answer = Answer::default();
        let mut line = |text: &str| answer.take(text.as_bytes(), false);
        assert_eq!(line("HTTP/1.1 200 OK\r\n"), Ok(Step::More));
        let told =
            (0..100_000).map(|_| line("X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n")).find(|it| *it != Ok(Step::More));
        assert!(matches!(told, Some(Err(_))), "{told:?}");
        let mut answer = Answer::default();
        assert_eq!(answer.take(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", false), Ok(Step::More));
        let told = (0..100_000).map(|_| answer.take(b"X: yyyyyyyy\r\n", false)).find(|it| *it != Ok(Step::More));
        assert_eq!(told, Some(Err(Fault::TooLong)));
    }

    #[test]
    fn what_follows_an_answer_is_not_part_of_it() {
        let mut answer = Answer::default();
        let told = answer.take(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200", false);
        assert_eq!(told, Ok(Step::Done { status: 200, keep: true, used: 40 }));
    }
}

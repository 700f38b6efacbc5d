//! Sends the bytes of a request, and reads until the answer is complete. [`message`](super::message) says where an
//! answer ends.

use std::fmt;
use std::io;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{Answer, Connector};

/// The bytes of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sent {
    pub(crate) bytes: Vec<u8>,
    /// A `HEAD` request, whose answer has no body.
    pub(crate) is_head: bool,
    pub(crate) stop: Stop,
    /// The key that the request carries, which an answer must not repeat.
    pub(crate) secrets: Vec<String>,
}

/// When the client leaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Stop {
    /// When the answer is complete.
    #[default]
    AtEnd,
    /// As soon as the first bytes of the body are there.
    AtFirstByte,
}

/// How long the client waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waits {
    /// For the connection, and for each piece of the answer.
    pub(crate) idle: Duration,
    /// For the whole answer.
    pub(crate) total: Duration,
    /// The most bytes of an answer that are read.
    pub(crate) bytes: usize,
}

/// An answer as it came.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) received: Vec<u8>,
    /// After how many bytes each read ended, and when, counted from the end of the request.
    pub(crate) marks: Vec<(usize, Duration)>,
    pub(crate) ending: Ending,
    /// The answer can only be complete with so many bytes, and with this end. It is not read again before.
    least: usize,
    last: &'static [u8],
}

/// Why reading ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The answer is complete.
    Complete,
    /// The client left, as the case says.
    Left,
    /// The server closed the connection.
    Closed,
    /// The connection failed.
    Failed(String),
    /// The connection could not be opened.
    Unreachable(String),
    /// Nothing came for too long.
    Silent(Duration),
    /// The answer took too long.
    Slow(Duration),
    /// The answer has more bytes than are read.
    Large(usize),
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete => f.write_str("the answer is complete"),
            Self::Left => f.write_str("the client left, as the case says"),
            Self::Closed => f.write_str("the server closed the connection"),
            Self::Failed(error) => write!(f, "the connection broke: {error}"),
            Self::Unreachable(error) => write!(f, "the connection failed: {error}"),
            Self::Silent(time) => write!(f, "nothing came for {time:?}"),
            Self::Slow(time) => write!(f, "the answer was not complete after {time:?}"),
            Self::Large(bytes) => write!(f, "the answer has more than {bytes} bytes"),
        }
    }
}

/// Sends a request over a new connection.
pub(crate) async fn exchange(connector: &Connector, sent: &Sent, waits: Waits) -> Exchange {
    let mut exchange =
        Exchange { received: vec![], marks: vec![], ending: Ending::Complete, least: 0, last: b"" };
    exchange.ending = match timeout(waits.total, exchange.run(connector, sent, waits)).await {
        Ok(Ok(ending)) => ending,
        Ok(Err(error)) => Ending::Failed(error.to_string()),
        Err(_) => Ending::Slow(waits.total),
    };
    exchange
}

impl Exchange {
    /// An answer whose pieces came at these times.
    #[cfg(test)]
    pub(crate) fn received(pieces: &[(&str, Duration)]) -> Self {
        let (mut received, mut marks) = (Vec::new(), Vec::new());
        for (piece, time) in pieces {
            received.extend_from_slice(piece.as_bytes());
            marks.push((received.len(), *time));
        }
        Self { received, marks, ending: Ending::Closed, least: 0, last: b"" }
    }

    async fn run(
        &mut self,
        connector: &Connector,
        sent: &Sent,
        waits: Waits,
    ) -> io::Result<Ending> {
        let mut connection = match timeout(waits.idle, connector.connect()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Ok(Ending::Unreachable(error.to_string())),
            Err(_) => return Ok(Ending::Unreachable("no connection in time".to_owned())),
        };
        // A server may refuse a request before it has read all of it, so the answer counts more than this error.
        let written = connection.write_all(&sent.bytes).await;
        let flushed = connection.flush().await;
        let start = Instant::now();
        let mut buffer = vec![0; READ];
        loop {
            let Ok(read) = timeout(waits.idle, connection.read(&mut buffer)).await else {
                return Ok(Ending::Silent(waits.idle));
            };
            let bytes = match read {
                Ok(0) if self.received.is_empty() => return written.and(flushed).and(CLOSED),
                Ok(0) => return CLOSED,
                Ok(read) => buffer.get(..read).unwrap_or_default(),
                Err(error) if is_end(&error) && self.is_whole_if_closed(sent) => return CLOSED,
                Err(error) => return Err(error),
            };
            self.received.extend_from_slice(bytes);
            self.marks.push((self.received.len(), start.elapsed()));
            if let Some(ending) = self.is_over(sent, waits) {
                return Ok(ending);
            }
        }
    }

    fn is_over(&mut self, sent: &Sent, waits: Waits) -> Option<Ending> {
        if self.received.len() > waits.bytes {
            // What is wrong is known, and judging all of it would take long.
            self.received.truncate(SHOWN_OF_LARGE);
            return Some(Ending::Large(waits.bytes));
        }
        if self.received.len() < self.least || !self.received.ends_with(self.last) {
            return None;
        }
        let answer = Answer::read(&self.received, sent.is_head).ok()??;
        if answer.body.is_complete() {
            return Some(Ending::Complete);
        }
        if sent.stop == Stop::AtEnd {
            (self.least, self.last) = answer.end();
        }
        let leaves = sent.stop == Stop::AtFirstByte && !answer.body.bytes.is_empty();
        leaves.then_some(Ending::Left)
    }

    /// A TLS connection without the message that closes it looks like an error.
    fn is_whole_if_closed(&self, sent: &Sent) -> bool {
        let answer = Answer::read(&self.received, sent.is_head);
        matches!(answer, Ok(Some(answer)) if answer.body.ends_with_connection())
    }
}

fn is_end(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

const CLOSED: io::Result<Ending> = Ok(Ending::Closed);

const SHOWN_OF_LARGE: usize = 64 << 10;
const READ: usize = 64 << 10;

//! The kinds of faults. [`text`](super::text) reads and writes them, and [`damage`](super::damage) plays
//! them.

use std::time::Duration;

/// Something that a server does wrong in one answer.
///
/// A script sets it with [`Reply::fault`](crate::Reply::fault), any client on the same machine with the
/// header `x-chatwire-fault`, and [`MockServerBuilder::random_fault`](crate::MockServerBuilder::random_fault)
/// with a probability. Scripts, the header and the command line write a fault as text. Several are separated
/// by `;`:
///
/// | text | if the value is left out | the server |
/// | --- | --- | --- |
/// | `cut-after-bytes=N` | 0 | closes the connection after N bytes of the body |
/// | `cut-after-chunks=N` | 1 | closes the connection after N chunks |
/// | `stall-after-bytes=N` | 0 | sends N bytes of the body, and then nothing |
/// | `stall-after-chunks=N` | 1 | sends N chunks, and then nothing |
/// | `error-after-chunks=N` | 1 | sends N chunks, then an error, and ends the stream without `[DONE]` |
/// | `slow-first-byte=TIME` | `5s` | waits before the head of the answer |
/// | `byte-by-byte` | | sends the body in pieces of one byte |
/// | `split-utf8` | | sends the body in pieces that end inside of each longer character |
/// | `garbage` | | sends bytes that are neither UTF-8 nor JSON: as an event, or as the whole body |
/// | `wrong-content-type` | | calls the body `text/plain` |
/// | `missing-done` | | ends a stream without `[DONE]` |
/// | `huge-event=BYTES` | 1048576 | sends an event of this size; in a whole body, as many spaces |
/// | `html-error=STATUS` | 502 | answers with an HTML page |
/// | `redirect=URL` | `http://elsewhere.invalid/` | answers with a 307 to the URL |
///
/// A chunk is one event of a stream. A whole body counts as two chunks, its halves. If an answer has fewer
/// chunks or bytes than N, a cut or a stall comes before its end: before `[DONE]`, or before the last byte
/// of a whole body. For a request without `stream`, `error-after-chunks` answers with the error and the
/// status 500, and `missing-done` changes nothing. A time has units, such as `250ms`, `5s` or `1m 30s`.
///
/// A cut waits until the client's system has what came before it. If the client missed the head of the
/// answer, it would try again.
///
/// ```
/// use chatwire_mock::Fault;
///
/// let fault: Fault = "cut-after-bytes=100".parse()?;
/// assert_eq!(fault, Fault::CutAfterBytes(100));
/// assert_eq!(fault.to_string(), "cut-after-bytes=100");
/// # Ok::<(), chatwire_mock::ParseFaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Closes the connection after this many bytes of the body.
    CutAfterBytes(u64),
    /// Closes the connection after this many chunks.
    CutAfterChunks(u64),
    /// Sends nothing more after this many bytes of the body.
    StallAfterBytes(u64),
    /// Sends nothing more after this many chunks.
    StallAfterChunks(u64),
    /// Sends an error in the stream after this many chunks, and ends the stream without `[DONE]`.
    ErrorAfterChunks(u64),
    /// Waits before the head of the answer.
    SlowFirstByte(Duration),
    /// Sends the body in pieces of one byte.
    ByteByByte,
    /// Sends the body in pieces that end inside of each character of more than one byte.
    SplitUtf8,
    /// Sends bytes that are neither UTF-8 nor JSON.
    Garbage,
    /// Calls the body `text/plain`.
    WrongContentType,
    /// Ends a stream without `[DONE]`.
    MissingDone,
    /// Sends an event of this many bytes.
    HugeEvent(u64),
    /// Answers with this status and an HTML page.
    HtmlError(u16),
    /// Answers with a 307 to this URL.
    Redirect(String),
}

/// A text that does not name a [`Fault`]. `Display` says what is wrong with it, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseFaultError {
    pub(super) message: String,
}

impl std::fmt::Display for ParseFaultError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseFaultError {}

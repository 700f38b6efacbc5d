//! Takes the framing off a body by RFC 9112, section 6, and notes every mistake in it. [`message`](super::message)
//! reads the head before it.

use super::Answer;

/// A body without its framing, as far as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    /// For each piece of the body, where it begins in `bytes`, and how many bytes had arrived after the head when it
    /// was whole.
    pub(crate) pieces: Vec<(usize, usize)>,
    pub(crate) framing: Framing,
    /// What the framing does wrong.
    pub(crate) mistakes: Vec<String>,
    state: State,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    #[default]
    None,
    Length(u64),
    Chunked,
    /// The server closes the connection.
    Connection,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Complete,
    Incomplete,
    /// The framing is broken, so that the rest cannot be read.
    Broken,
}

impl Body {
    pub(crate) fn none(rest: &[u8]) -> Self {
        let mut body = Self::default();
        body.no_more(rest);
        body
    }

    /// Whether nothing more is to be read.
    pub(crate) fn is_complete(&self) -> bool {
        self.state != State::Incomplete
    }

    /// Whether the body has no other end than that of the connection.
    pub(crate) fn ends_with_connection(&self) -> bool {
        self.framing == Framing::Connection
    }

    /// What is missing if the connection ends here.
    pub(crate) fn missing(&self) -> Option<String> {
        if self.state != State::Incomplete || self.ends_with_connection() {
            return None;
        }
        Some(match self.framing {
            Framing::Length(length) => {
                format!(
                    "the body has {} of the {length} bytes that its head announces",
                    self.bytes.len()
                )
            }
            _ => "the body ends before its last chunk, which has the length 0".to_owned(),
        })
    }

    fn no_more(&mut self, rest: &[u8]) {
        if !rest.is_empty() {
            self.mistakes.push(format!("{} bytes follow the end of the answer", rest.len()));
        }
    }
}

/// Reads the body of an answer from the bytes after its head.
pub(super) fn read(answer: &Answer, rest: &[u8]) -> Body {
    let mut body = Body::default();
    let codings = answer.header("transfer-encoding");
    let length = answer.header("content-length");
    match (codings, length) {
        (Some(codings), length) => {
            if length.is_some() {
                body.mistakes
                    .push("the head has both `transfer-encoding` and `content-length`".to_owned());
            }
            if codings.eq_ignore_ascii_case("chunked") {
                read_chunks(&mut body, rest);
            } else {
                body.mistakes.push(format!("`transfer-encoding: {codings}` is not `chunked`"));
                until_close(&mut body, rest);
            }
        }
        (None, Some(length)) => match one_length(&length) {
            Some(length) => read_length(&mut body, rest, length),
            None => {
                body.mistakes.push(format!("`content-length: {length}` is not one number"));
                until_close(&mut body, rest);
            }
        },
        (None, None) => until_close(&mut body, rest),
    }
    body
}

/// The same length may be repeated.
fn one_length(value: &str) -> Option<u64> {
    let mut values = value.split(',').map(str::trim);
    let first = values.next()?;
    let is_number = !first.is_empty() && first.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && values.all(|value| value == first) { first.parse().ok() } else { None }
}

fn read_length(body: &mut Body, rest: &[u8], length: u64) {
    body.framing = Framing::Length(length);
    let have = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
    let (bytes, after) = rest.split_at(have);
    body.bytes = bytes.to_vec();
    body.state = if have as u64 == length { State::Complete } else { State::Incomplete };
    body.no_more(after);
}

fn until_close(body: &mut Body, rest: &[u8]) {
    body.framing = Framing::Connection;
    body.bytes = rest.to_vec();
    body.state = State::Incomplete;
}

fn read_chunks(body: &mut Body, rest: &[u8]) {
    body.framing = Framing::Chunked;
    body.state = State::Incomplete;
    let mut at = 0;
    loop {
        let left = rest.get(at..).unwrap_or_default();
        let Some((line, line_len)) = first_line(left) else {
            // A size has no more digits than this, so the line cannot become one.
            if left.len() > LONGEST_SIZE_LINE {
                broken(body, "a chunk begins with a line that is not a length", left);
            }
            return;
        };
        let Some(size) = chunk_size(line) else {
            return broken(body, "a chunk begins with a line that is not a length", line);
        };
        at += line_len;
        if size == 0 {
            return read_trailers(body, rest.get(at..).unwrap_or_default());
        }
        let left = rest.get(at..).unwrap_or_default();
        body.bytes.extend_from_slice(left.get(..size.min(left.len())).unwrap_or_default());
        match left.get(size..) {
            Some(after) if after.starts_with(b"\r\n") => {
                at += size + 2;
                body.pieces.push((body.bytes.len() - size, at));
            }
            Some(after) if after.len() >= 2 => {
                return broken(body, "a chunk does not end with CR LF", after);
            }
            _ => return,
        }
    }
}

fn read_trailers(body: &mut Body, mut rest: &[u8]) {
    while let Some((line, length)) = first_line(rest) {
        rest = rest.get(length..).unwrap_or_default();
        if line.is_empty() {
            body.state = State::Complete;
            return body.no_more(rest);
        }
    }
}

fn first_line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((bytes.get(..end)?, end + 2))
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|byte| *byte == b';').next()?.trim_ascii_end();
    let is_hex = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_hex)?;
    usize::from_str_radix(digits, 16).ok().filter(|size| *size < usize::MAX / 4)
}

fn broken(body: &mut Body, what: &str, bytes: &[u8]) {
    let shown: String = String::from_utf8_lossy(bytes).chars().take(20).collect();
    body.mistakes.push(format!("{what}: {shown:?}"));
    body.state = State::Broken;
}

const LONGEST_SIZE_LINE: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str, body: &str) -> Body {
        let received = format!("HTTP/1.1 200 OK\r\n{head}\r\n{body}");
        Answer::read(received.as_bytes(), false).unwrap().unwrap().body
    }

    #[test]
    fn lengths() {
        let body = read("content-length: 2\r\n", "ab");
        assert_eq!((body.bytes.as_slice(), body.is_complete()), (&b"ab"[..], true));
        let body = read("content-length: 3\r\n", "ab");
        assert_eq!(
            body.missing().unwrap(),
            "the body has 2 of the 3 bytes that its head announces"
        );
        assert_eq!(read("content-length: 1\r\n", "ab").mistakes.len(), 1);
        assert_eq!(read("content-length: 1, 2\r\n", "ab").mistakes.len(), 1);
        assert_eq!(read("content-length: +2\r\n", "ab").mistakes.len(), 1);
    }

    #[test]
    fn chunks() {
        let head = "transfer-encoding: chunked\r\n";
        let body = read(head, "2;x=y\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
        assert_eq!((body.bytes.as_slice(), body.is_complete()), (&b"abc"[..], true));
        assert_eq!(body.pieces, [(0, 11), (2, 17)]);
        assert!(read(head, "2\r\nab\r\n").missing().is_some());
        assert_eq!(read(head, "2\r\nabc\r\n").mistakes.len(), 1);
        assert_eq!(read(head, "z\r\nabc\r\n").mistakes.len(), 1);
        assert_eq!(read(head, "0\r\n\r\nmore").mistakes.len(), 1);
        assert_eq!(read("transfer-encoding: gzip\r\n", "").mistakes.len(), 1);
    }

    #[test]
    fn no_framing() {
        let body = read("", "abc");
        assert!(body.ends_with_connection() && !body.is_complete() && body.missing().is_none());
    }
}

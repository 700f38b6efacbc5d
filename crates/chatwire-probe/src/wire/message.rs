//! Reads the head of an answer, and finds its body. [`body`](super::body) knows the three ways in which a body is
//! framed.

use super::body::{self, Body, Framing};

/// An answer whose head is complete.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) version: u8,
    pub(crate) status: u16,
    /// The names as they came, and the values as text.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    /// How many bytes the head takes.
    pub(crate) head_len: usize,
}

impl Answer {
    /// Reads what has arrived. `Ok(None)` if the head is not complete yet.
    ///
    /// # Errors
    /// Returns why the head is not one of HTTP/1.1.
    pub(crate) fn read(received: &[u8], is_head_request: bool) -> Result<Option<Self>, String> {
        let mut skipped = 0;
        loop {
            let rest = received.get(skipped..).unwrap_or_default();
            let Some(answer) = read_one(rest, is_head_request)? else { return Ok(None) };
            // `100 Continue` and its like come before the answer.
            if !(100..200).contains(&answer.status) || answer.status == 101 {
                return Ok(Some(Self { head_len: skipped + answer.head_len, ..answer }));
            }
            skipped += answer.head_len;
        }
    }

    /// How many bytes the whole answer has at least, and with which bytes it ends.
    pub(super) fn end(&self) -> (usize, &'static [u8]) {
        match self.body.framing {
            Framing::Length(length) => {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                (self.head_len.saturating_add(length), b"")
            }
            Framing::Chunked => (0, b"\r\n"),
            Framing::Connection => (usize::MAX, b""),
            Framing::None => (0, b""),
        }
    }

    /// The values of a header, joined as RFC 9110 joins them.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.iter().filter(|(have, _)| have.eq_ignore_ascii_case(name));
        let values: Vec<&str> = values.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// Whether the body is an event stream, by its header.
    pub(crate) fn is_event_stream(&self) -> bool {
        let media = self.header("content-type").unwrap_or_default();
        media.split(';').next().is_some_and(|m| m.trim().eq_ignore_ascii_case("text/event-stream"))
    }
}

fn read_one(received: &[u8], is_head_request: bool) -> Result<Option<Answer>, String> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut head = httparse::Response::new(&mut headers);
    let head_len = match head.parse(received) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let headers: Vec<_> = head.headers.iter().map(text_header).collect();
    let status = head.code.unwrap_or(0);
    let mut answer = Answer {
        version: head.version.unwrap_or(1),
        status,
        headers,
        body: Body::default(),
        head_len,
    };
    let has_body = !is_head_request && status >= 200 && status != 204 && status != 304;
    let rest = received.get(head_len..).unwrap_or_default();
    answer.body = if has_body { body::read(&answer, rest) } else { Body::none(rest) };
    Ok(Some(answer))
}

fn text_header(header: &httparse::Header<'_>) -> (String, String) {
    (header.name.to_owned(), String::from_utf8_lossy(header.value).trim().to_owned())
}

const MOST_HEADERS: usize = 512;

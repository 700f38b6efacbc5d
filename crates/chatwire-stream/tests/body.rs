//! Tests the body that a server sends: its chunks, its keep-alive comments, and its end.
//! `way_back.rs` tests the content of the chunks.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use chatwire_stream::ChunkStream;
use chatwire_stream::encode::EventBody;
use chatwire_types::{ChatCompletionChunk, ErrorResponse};
use futures_core::Stream;

enum Step {
    Chunk,
    /// A chunk with an error beside its choices.
    Failed,
    Error,
    Pending,
}

struct Chunks(VecDeque<Step>);

impl Stream for Chunks {
    type Item = Result<ChatCompletionChunk, ErrorResponse>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.0.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Pending) => Poll::Pending,
            Some(Step::Chunk) => Poll::Ready(Some(Ok(ChatCompletionChunk::default().model("m")))),
            Some(Step::Failed) => Poll::Ready(Some(Ok(serde_json::from_str(FAILED).unwrap()))),
            Some(Step::Error) => Poll::Ready(Some(Err(serde_json::from_str(
                r#"{"error":{"message":"no"}}"#,
            )
            .unwrap()))),
        }
    }
}

/// The frames of a body whose timer is ready at once. `…` stands for a poll without a frame.
fn frames(steps: impl IntoIterator<Item = Step>, keep_alive: bool) -> Vec<String> {
    let body = EventBody::new(Chunks(steps.into_iter().collect()));
    let mut context = Context::from_waker(Waker::noop());
    if keep_alive {
        let mut body = body.keep_alive(Duration::from_secs(15), |_| std::future::ready(()));
        collect(|| Pin::new(&mut body).poll_next(&mut context).map(|next| next.map(Result::unwrap)))
    } else {
        let mut body = body;
        collect(|| Pin::new(&mut body).poll_next(&mut context).map(|next| next.map(Result::unwrap)))
    }
}

fn collect(mut next: impl FnMut() -> Poll<Option<bytes::Bytes>>) -> Vec<String> {
    let mut frames = Vec::new();
    loop {
        match next() {
            Poll::Pending => frames.push("…".to_owned()),
            Poll::Ready(Some(bytes)) => frames.push(String::from_utf8(bytes.to_vec()).unwrap()),
            Poll::Ready(None) => return frames,
        }
    }
}

const CHUNK: &str = "data: {\"model\":\"m\"}\n\n";

#[test]
fn chunks_and_the_end() {
    assert_eq!(
        frames([Step::Chunk, Step::Pending, Step::Chunk], false),
        [CHUNK, "…", CHUNK, "data: [DONE]\n\n"]
    );
    assert_eq!(frames([], false), ["data: [DONE]\n\n"]);
}

const FAILED: &str = r#"{"choices":[],"error":{"message":"no"}}"#;

#[test]
fn nothing_follows_an_error() {
    assert_eq!(
        frames([Step::Failed, Step::Pending, Step::Chunk], false),
        [format!("data: {FAILED}\n\n")]
    );
    assert_eq!(
        frames([Step::Chunk, Step::Error, Step::Chunk], false),
        [CHUNK, "data: {\"error\":{\"message\":\"no\"}}\n\n"]
    );
}

/// Each case: what a gateway receives, and what it sends to its clients.
#[test]
fn a_stream_is_passed_on_with_its_errors() {
    let error = |text: &str| format!("data: {{\"error\":{text}}}\n\n");
    let server_error =
        |text: &str| error(&format!(r#"{{"message":"{text}","type":"server_error"}}"#));
    let envelope = error(r#"{"message":"no","code":5}"#);
    let done = "data: [DONE]\n\n";
    for (upstream, expected) in [
        (format!("{CHUNK}data: null\n\n{CHUNK}{done}"), format!("{CHUNK}{CHUNK}{done}")),
        (format!("event: status\n{WORDS}{CHUNK}{done}"), format!("{WORDS}{CHUNK}{done}")),
        (envelope.clone(), envelope.clone()),
        (envelope.trim_start_matches("data: ").to_owned(), envelope),
        ("event: error\ndata: full\n\n".to_owned(), server_error("full")),
        (
            "event: error\ndata: {\"error\":{},\"message\":\"m\"}\n\n".to_owned(),
            server_error("m").replace("}}", "},\"message\":\"m\"}"),
        ),
        (
            "event: error\ndata:\n\n".to_owned(),
            server_error(
                "the upstream server reported an error without a message; send the request again",
            ),
        ),
        (String::new(), server_error("the stream ended early; send the request again")),
        (
            "event: error\ndata: <html>db-7</html>\n\n".to_owned(),
            server_error(
                "the upstream server reported an error without a message; send the request again",
            ),
        ),
        (
            "<html>db-7 is down</html>".to_owned(),
            server_error("the upstream server did not send an event stream"),
        ),
        (
            format!("{CHUNK}data: [\"db-7\"]\n\n{CHUNK}"),
            format!(
                "{CHUNK}{}",
                server_error("the upstream server sent an event that is not a chat chunk")
            ),
        ),
    ] {
        let mut body = EventBody::new(ChunkStream::new(Whole(Some(upstream.clone()))));
        let mut context = Context::from_waker(Waker::noop());
        let next =
            || Pin::new(&mut body).poll_next(&mut context).map(|next| next.map(Result::unwrap));
        assert_eq!(collect(next).concat(), expected, "{upstream}");
    }
}

/// A wrapper around the source that counts errors must see this one, too.
#[test]
fn an_error_beside_choices_is_taken_from_the_source() {
    let upstream = format!("data: {FAILED}\n\n{CHUNK}");
    let mut seen = Vec::new();
    let chunks = Seen(ChunkStream::new(Whole(Some(upstream))), &mut seen);
    let mut body = EventBody::new(chunks);
    let mut context = Context::from_waker(Waker::noop());
    let next = || Pin::new(&mut body).poll_next(&mut context).map(|next| next.map(Result::unwrap));
    assert_eq!(collect(next), [format!("data: {FAILED}\n\n")]);
    drop(body);
    assert_eq!(seen, [true, false], "a chunk and its error");
}

/// Records for each item whether it is a chunk.
struct Seen<'a, S>(S, &'a mut Vec<bool>);

impl<S: Stream<Item = Result<C, E>> + Unpin, C, E> Stream for Seen<'_, S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let item = Pin::new(&mut self.0).poll_next(context);
        if let Poll::Ready(Some(item)) = &item {
            self.1.push(item.is_ok());
        }
        item
    }
}

const WORDS: &str = "data: {\"message\":\"working\"}\n\n";

/// A body that arrives in one piece.
struct Whole(Option<String>);

impl Stream for Whole {
    type Item = Result<bytes::Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.take().map(|text| Ok(text.into())))
    }
}

#[test]
fn comments_are_sent_while_there_are_no_chunks() {
    assert_eq!(
        frames([Step::Chunk, Step::Pending, Step::Chunk], true),
        [CHUNK, ": keep-alive\n\n", CHUNK, "data: [DONE]\n\n"]
    );
}

/// A server asks this before it polls, because it must not poll a body that has ended.
#[cfg(feature = "http-body")]
#[test]
fn a_body_knows_its_end() {
    use http_body::Body;

    for steps in [[Step::Chunk, Step::Chunk], [Step::Chunk, Step::Error]] {
        let mut body = EventBody::new(Chunks(steps.into_iter().collect()));
        let mut context = Context::from_waker(Waker::noop());
        let mut bytes = Vec::new();
        while let Poll::Ready(Some(frame)) = Pin::new(&mut body).poll_frame(&mut context) {
            assert!(!bytes.ends_with(b"[DONE]\n\n"), "nothing follows");
            bytes.extend(frame.unwrap().into_data().unwrap());
            let is_last = bytes.ends_with(b"[DONE]\n\n") || bytes.ends_with(b"\"no\"}}\n\n");
            assert_eq!(body.is_end_stream(), is_last);
        }
        assert!(body.is_end_stream());
    }
}

#[cfg(feature = "axum")]
#[test]
fn a_response_has_its_headers() {
    use axum_core::response::IntoResponse;

    let response = EventBody::new(Chunks([Step::Chunk].into_iter().collect())).into_response();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(response.headers()["x-accel-buffering"], "no");
}

//! Tests `ChunkStream` and `ChunkReader`: order, end, cancellation, timeouts.
//! `outcomes` and `streams.rs` test the content of the chunks.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::cell::Cell;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io::{Error, Read};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use chatwire_stream::{
    ChunkDecoder, ChunkReader, ChunkStream, CompletionError, Done, Incomplete, StreamError, Timer,
};
use chatwire_types::ChatCompletionChunk;
use futures_core::Stream;

const HI: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// What a body does at one poll. After the last step, it ends.
enum Step {
    Bytes(&'static str),
    Pending,
    Fail,
}

/// A body that follows a script, counts the reads, and records when it is dropped.
struct Body {
    steps: VecDeque<Step>,
    reads: Rc<Cell<usize>>,
    dropped: Rc<Cell<bool>>,
}

impl Body {
    fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let steps = steps.into_iter().collect();
        Self { steps, reads: Rc::default(), dropped: Rc::default() }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.reads.set(self.reads.get() + 1);
        match self.steps.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Bytes(text)) => Poll::Ready(Some(Ok(Bytes::from_static(text.as_bytes())))),
            Some(Step::Pending) => Poll::Pending,
            Some(Step::Fail) => Poll::Ready(Some(Err(Error::other("reset")))),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.dropped.set(true);
    }
}

/// Polls again and again; the scripted bodies and timers need no waker.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("never ready");
}

#[test]
fn lends_chunks_to_the_end() {
    block_on(async {
        let body = Body::new([Step::Pending, Step::Bytes(HI), Step::Pending, Step::Bytes(DONE)]);
        let dropped = Rc::clone(&body.dropped);
        let mut chunks = ChunkStream::new(body);
        assert!(chunks.next().await.unwrap().unwrap().choices.is_some());
        assert_eq!(chunks.done(), None);
        assert!(chunks.next().await.is_none());
        assert!(chunks.next().await.is_none());
        assert_eq!(chunks.done(), Some(Done::Marker));
        assert!(dropped.get(), "the body is let go at the end");
    });
}

/// A client can reuse the connection if it has seen the end of the body.
#[test]
fn looks_once_for_the_end_after_done() {
    for after in [None, Some(Step::Pending), Some(Step::Bytes(HI))] {
        block_on(async {
            let body = Body::new([Step::Bytes(HI), Step::Bytes(DONE)].into_iter().chain(after));
            let (reads, dropped) = (Rc::clone(&body.reads), Rc::clone(&body.dropped));
            let mut chunks = ChunkStream::new(body);
            assert!(chunks.next().await.unwrap().is_ok());
            assert!(chunks.next().await.is_none());
            assert_eq!(reads.get(), 3);
            assert!(dropped.get(), "it does not wait for the end");
        });
    }
}

#[test]
fn gives_owned_chunks() {
    block_on(async {
        let mut chunks = ChunkStream::new(Body::new([Step::Bytes(HI), Step::Bytes(STOP)]));
        let mut seen = Vec::new();
        while let Some(chunk) = poll_fn(|context| Pin::new(&mut chunks).poll_next(context)).await {
            seen.push(chunk.unwrap());
        }
        assert_eq!(seen.len(), 2);
        assert_eq!(chunks.done(), Some(Done::FinishReason));
    });
}

#[test]
fn reads_only_when_asked() {
    block_on(async {
        let both = Box::leak(format!("{HI}{HI}").into_boxed_str());
        let body = Body::new([Step::Bytes(both), Step::Bytes(HI), Step::Bytes(DONE)]);
        let (reads, dropped) = (Rc::clone(&body.reads), Rc::clone(&body.dropped));
        let mut chunks = ChunkStream::new(body);
        for expected in [1, 1, 2] {
            assert!(chunks.next().await.unwrap().is_ok());
            assert_eq!(reads.get(), expected);
        }
        drop(chunks);
        assert!(dropped.get(), "dropping the chunks drops the body");
    });
}

#[test]
fn a_broken_connection_keeps_its_error_and_what_arrived() {
    block_on(async {
        let body = Body::new([Step::Bytes(HI), Step::Fail, Step::Bytes(HI)]);
        let incomplete = ChunkStream::new(body).completion().await.unwrap_err();
        assert_eq!(incomplete.partial.text().as_deref(), Some("Hi"));
        assert!(matches!(incomplete.error, CompletionError::Stream(StreamError::Transport(_))));
        let source = std::error::Error::source(&incomplete).unwrap();
        assert_eq!(source.to_string(), "reset");
    });
}

/// The data before the break is read first: a chunk without its blank line, or an error.
#[test]
fn data_before_a_break_is_not_lost() {
    let chunk = HI.trim_end();
    for (words, chunks, expected) in [
        (chunk, 1, "Transport"),
        (&HI[..20], 0, "Transport"),
        // The answer is complete, so the break loses nothing.
        (STOP, 1, "Ok"),
        ("data: [DONE]", 0, "Ok"),
        ("data: [DO", 0, "Transport"),
        ("dat", 0, "Transport"),
        ("data: {\"error\":{\"message\":\"full\"}}\n", 0, "Api"),
        ("error: full", 0, "Api"),
        ("{\"error\":{\"message\":\"full\"}}", 0, "NotEventStream"),
        ("<html>502", 0, "NotEventStream"),
    ] {
        let seen = (chunks, expected.to_owned());
        let body = Body::new([Step::Bytes(words), Step::Fail]);
        assert_eq!(block_on(last_words(ChunkStream::new(body))), seen, "{words}");
        let body = Body::new([Step::Bytes(words), Step::Pending]);
        let timer = |_: Duration| std::future::ready(());
        let silent = ChunkStream::new(body).idle_timeout(Duration::from_secs(5), timer);
        let expected = if expected == "Transport" { "IdleTimeout" } else { expected };
        assert_eq!(block_on(last_words(silent)), (chunks, expected.to_owned()), "{words}");
        let broken = ChunkReader::new(words.as_bytes().chain(Broken));
        assert_eq!(count(broken), seen, "{words}");
    }
}

/// After a failure status, the beginning of the body is more useful than the broken connection.
#[test]
fn a_failure_that_breaks_off_is_not_an_event_stream() {
    for (words, expected) in [("upstream", "NotEventStream"), ("", "Transport"), (HI, "Transport")]
    {
        let body = Body::new([Step::Bytes(words), Step::Fail]);
        let decoder = ChunkDecoder::new().response(502, None);
        let stream = ChunkStream::with_decoder(body, decoder);
        assert_eq!(block_on(last_words(stream)).1, expected, "{words}");
    }
}

async fn last_words<T: Timer>(mut stream: ChunkStream<Body, T>) -> (usize, String) {
    let mut items = Vec::new();
    while let Some(chunk) = stream.next().await {
        items.push(chunk.cloned());
    }
    count(items)
}

/// The number of chunks, and the name of the error after them.
fn count(
    items: impl IntoIterator<Item = Result<ChatCompletionChunk, StreamError>>,
) -> (usize, String) {
    let (mut chunks, mut end) = (0, "Ok".to_owned());
    for item in items {
        assert_eq!(end, "Ok", "nothing comes after an error");
        match item {
            Ok(_) => chunks += 1,
            Err(error) => end = format!("{error:?}").split('(').next().unwrap().to_owned(),
        }
    }
    (chunks, end)
}

struct Broken;

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(Error::other("reset"))
    }
}

#[test]
fn silence_ends_the_stream_when_there_is_a_limit() {
    let limit = Duration::from_secs(5);
    // A timer that is ready at its third poll.
    let timer = |duration: Duration| {
        assert_eq!(duration, limit);
        let mut polls = 0;
        poll_fn(move |_| {
            polls += 1;
            if polls > 2 { Poll::Ready(()) } else { Poll::Pending }
        })
    };
    let comment = || Step::Bytes(": alive\n");
    let pause = || [Step::Pending, Step::Pending, comment()];
    block_on(async {
        let steps = pause().into_iter().chain(pause()).chain([Step::Bytes(HI), Step::Bytes(DONE)]);
        let mut chunks =
            ChunkStream::new(Body::new(steps)).idle_timeout(limit, timer).chunk_timeout(None);
        assert!(chunks.completion().await.is_ok());

        let body = Body::new([Step::Bytes(HI), Step::Pending, Step::Pending, Step::Pending]);
        let dropped = Rc::clone(&body.dropped);
        let mut chunks = ChunkStream::new(body).idle_timeout(limit, timer).chunk_timeout(None);
        assert!(chunks.next().await.unwrap().is_ok());
        let error = chunks.next().await.unwrap().unwrap_err();
        assert!(matches!(error, StreamError::IdleTimeout(timeout) if timeout.after == limit));
        let words = "; send the request again, or set a longer `idle_timeout`";
        assert_eq!(error.to_string(), format!("the stream was silent for {limit:?}{words}"));
        assert!(dropped.get());
        assert!(chunks.next().await.is_none());
    });
}

#[test]
fn a_completion_needs_every_event() {
    let complete = |body: &'static str| {
        block_on(ChunkStream::new(Body::new([Step::Bytes(body)])).completion())
    };
    let with = |data: &str| &*Box::leak(format!("data: {data}\n\n{HI}{STOP}").into_boxed_str());
    assert!(complete(with("null")).is_ok(), "null carries nothing");
    assert!(complete(with(" null ")).is_ok(), "with and without space around it");
    let incomplete = complete(with("[1]")).unwrap_err();
    assert!(matches!(incomplete.error, CompletionError::Stream(StreamError::Undecodable(_))));
    assert_eq!(incomplete.partial.text().as_deref(), Some("Hi"), "the rest was read");
    let two = Box::leak(format!("data: [1]\n\ndata: [2]\n\n{HI}{STOP}").into_boxed_str());
    let CompletionError::Stream(StreamError::Undecodable(first)) = complete(two).unwrap_err().error
    else {
        panic!()
    };
    assert_eq!(first.raw, b"[1]", "the first of several errors");
    let incomplete = complete("").unwrap_err();
    assert!(matches!(incomplete.error, CompletionError::Stream(StreamError::Truncated(_))));
}

#[test]
fn reads_from_a_blocking_reader() {
    let body = format!("{HI}{HI}{STOP}{DONE}");
    for size in [1, 7, 10_000] {
        let mut chunks = ChunkReader::new(Slow { body: body.as_bytes(), size });
        assert_eq!(chunks.by_ref().filter(Result::is_ok).count(), 3);
        assert_eq!(chunks.done(), Some(Done::Marker));
    }
    let completion = ChunkReader::new(body.as_bytes()).completion().unwrap();
    assert_eq!(completion.text().as_deref(), Some("HiHi"));
    let cut = ChunkReader::new(HI.as_bytes()).completion().unwrap_err();
    assert!(matches!(cut.error, CompletionError::Stream(StreamError::Truncated(_))));
    let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1";
    let cut = ChunkReader::new(format!("{HI}{STOP}{usage}").as_bytes()).completion().unwrap_err();
    assert_eq!(cut.partial.text().as_deref(), Some("Hi"));
    assert!(
        matches!(cut.error, CompletionError::Stream(StreamError::Truncated(cut)) if cut.rest == usage.as_bytes()[6..])
    );
}

/// A completion of the rest would look like the whole answer.
#[test]
fn a_completion_is_of_the_whole_stream() {
    let read = |body: &'static str| {
        let mut chunks = ChunkReader::new(body.as_bytes());
        drop(chunks.next_chunk());
        chunks.completion()
    };
    let stream = |body: &'static str| {
        block_on(async {
            let mut chunks = ChunkStream::new(Body::new([Step::Bytes(body)]));
            drop(chunks.next().await);
            chunks.completion().await
        })
    };
    let error = "data: {\"error\":\"no\"}\n\n";
    for first in [HI, "data: [1]\n\n", error, "<html>"] {
        for last in [STOP, HI, error, "data: {"] {
            let body = &*Box::leak(format!("{first}{HI}{last}").into_boxed_str());
            for incomplete in [read(body), stream(body)] {
                let Incomplete { partial, error, .. } = incomplete.unwrap_err();
                assert!(matches!(error, CompletionError::AlreadyRead), "{body}: {error:?}");
                assert_eq!(partial.text(), None);
            }
        }
    }
    // The completion lacks nothing without these events.
    for first in ["data: null\n\n", ": comment\n\n", "event: ping\ndata: 1\n\n"] {
        let body = &*Box::leak(format!("{first}{STOP}").into_boxed_str());
        let begun = |body: &'static str| {
            let mut chunks = ChunkReader::new(body.as_bytes());
            if first.contains("null") {
                drop(chunks.next_chunk());
            }
            chunks.completion()
        };
        assert!(begun(body).is_ok(), "{body}");
    }
}

#[test]
fn a_completion_can_be_read_once() {
    let body = &*Box::leak(format!("{HI}{STOP}{DONE}").into_boxed_str());
    let mut read = ChunkReader::new(body.as_bytes());
    let first = read.completion().unwrap();
    let again = read.completion().unwrap_err();
    assert!(matches!(again.error, CompletionError::AlreadyRead));
    block_on(async {
        let mut streamed = ChunkStream::new(Body::new([Step::Bytes(body)]));
        assert_eq!(streamed.completion().await.unwrap(), first);
        let again = streamed.completion().await.unwrap_err();
        assert!(matches!(again.error, CompletionError::AlreadyRead));
    });
}

/// The chunks that the dropped future had read are lost. Later chunks can be read.
#[test]
fn the_future_of_a_completion_is_dropped() {
    let more = || [Step::Bytes(HI), Step::Pending, Step::Bytes(HI)];
    let mut chunks = ChunkStream::new(Body::new(more()));
    {
        let mut completion = pin!(chunks.completion());
        let mut context = Context::from_waker(Waker::noop());
        assert!(completion.as_mut().poll(&mut context).is_pending());
    }
    block_on(async {
        let again = chunks.completion().await.unwrap_err();
        assert!(matches!(again.error, CompletionError::AlreadyRead));
        assert_eq!(chunks.next().await.unwrap().unwrap().text().as_deref(), Some("Hi"));
    });
}

struct Slow<'a> {
    body: &'a [u8],
    size: usize,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let size = self.size.min(buffer.len());
        Read::read(&mut self.body.take(size as u64), buffer).inspect(|read| {
            self.body = self.body.get(*read..).unwrap_or_default();
        })
    }
}

//! Tests how long a stream waits, and for what, with a clock that the body moves.
//! `adapters.rs` tests everything else around a body.

// A test may fail by panicking.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::cell::Cell;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use chatwire_stream::{ChunkDecoder, ChunkStream, StreamError};
use chatwire_types::{CreateChatCompletionRequest, Message, StreamOptions};
use futures_core::Stream;

const HI: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n";
const EMPTY: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n";
const STOP: &str = "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\n";
const SECOND: &str = "data: {\"choices\":[{\"index\":1,\"finish_reason\":\"stop\"}]}\n\n";
const USAGE: &str = "data: {\"choices\":[],\"usage\":{\"total_tokens\":1}}\n\n";
const PING: &str = ": ping\n\n";

/// A body that sends each text after a pause of some seconds, and the last one for ever.
struct Body {
    steps: Vec<(u64, &'static str)>,
    next: usize,
    clock: Rc<Cell<u64>>,
    /// How often the body was polled in the pause before the next text. The first poll starts the timers, and
    /// the second one moves the clock.
    polls: u64,
}

impl Stream for Body {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (seconds, text) = self.steps[self.next];
        if seconds > 0 && self.polls < 2 {
            self.clock.set(self.clock.get() + seconds * self.polls);
            self.polls += 1;
            return Poll::Pending;
        }
        self.polls = 0;
        self.next = (self.next + 1).min(self.steps.len() - 1);
        Poll::Ready(Some(Ok(Bytes::from_static(text.as_bytes()))))
    }
}

/// Reads a stream to its end. Returns how it ended, and after how many seconds.
fn run(decoder: ChunkDecoder, steps: &[(u64, &'static str)]) -> (String, u64) {
    let clock = Rc::new(Cell::new(0));
    let body = Body { steps: steps.to_vec(), next: 0, clock: clock.clone(), polls: 0 };
    let timer = |duration: Duration| {
        let (clock, end) = (clock.clone(), clock.get() + duration.as_secs());
        poll_fn(move |_| if clock.get() >= end { Poll::Ready(()) } else { Poll::Pending })
    };
    let mut stream = ChunkStream::with_decoder(body, decoder)
        .idle_timeout(Duration::from_secs(100), timer)
        .chunk_timeout(Duration::from_secs(300))
        .end_timeout(Duration::from_secs(5));
    let is_flood = steps.last().is_some_and(|(seconds, _)| *seconds == 0);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100_000 {
        let end = match Pin::new(&mut stream).poll_next(&mut context) {
            Poll::Ready(None) => format!("{:?}", stream.done().unwrap()),
            Poll::Ready(Some(Err(StreamError::IdleTimeout(timeout)))) => match timeout.had_bytes {
                true => "no chunk".to_owned(),
                false => "silence".to_owned(),
            },
            // Time also passes while a body has bytes at every moment.
            _ => {
                clock.set(clock.get() + u64::from(is_flood));
                continue;
            }
        };
        return (end, clock.get());
    }
    panic!("the stream waits for ever");
}

#[track_caller]
fn check(steps: &[(u64, &'static str)], expected: &str, after: u64) {
    check_with(ChunkDecoder::new(), steps, expected, after);
}

#[track_caller]
fn check_with(decoder: ChunkDecoder, steps: &[(u64, &'static str)], expected: &str, after: u64) {
    let (end, seconds) = run(decoder, steps);
    assert_eq!(end, expected);
    assert!((after..after + 20).contains(&seconds), "{seconds} s, expected {after} s");
}

#[test]
fn bytes_without_a_chunk_do_not_keep_a_stream_open() {
    for text in [
        PING,
        "\n",
        "data:\n\n",
        "foo: bar\n",
        "data: x\n\n",
        "data: null\n\n",
        "event: ping\ndata: {}\n\n",
        "d",
        EMPTY,
    ] {
        check(&[(0, HI), (0, text)], "no chunk", 300);
        check(&[(0, HI), (10, text)], "no chunk", 300);
    }
}

#[test]
fn each_part_of_the_answer_starts_the_wait_again() {
    let steps = [
        (90, HI),
        (90, PING),
        (90, PING),
        (90, PING),
        (20, HI),
        (90, STOP),
        (0, "data: [DONE]\n\n"),
    ];
    check(&steps, "Marker", 470);
    check(&[(0, HI), (99, PING), (101, HI)], "silence", 200);
}

#[test]
fn a_complete_answer_does_not_wait_for_its_end() {
    // The connection stays open, with and without pings.
    check(&[(0, HI), (0, STOP), (1000, "")], "FinishReason", 1000);
    check(&[(0, HI), (0, STOP), (1, PING)], "FinishReason", 5);
    check(&[(0, HI), (0, STOP), (0, EMPTY)], "FinishReason", 5);
    // The end comes in time.
    check(&[(0, HI), (0, STOP), (4, "data: [DONE]\n\n")], "Marker", 4);
    // Another part of the answer starts the wait again.
    check(&[(0, HI), (0, STOP), (4, USAGE), (4, "data: [DONE]\n\n")], "Marker", 8);
    // An incomplete answer waits for its rest.
    check(&[(0, HI), (40, STOP), (0, "data: [DONE]\n\n")], "Marker", 40);
}

#[test]
fn the_answer_has_what_the_request_asks_for() {
    let request = || CreateChatCompletionRequest::new("m", [Message::user("Hi")]);
    let usage = request().stream_options(StreamOptions::new().include_usage(true));
    let decoder = || ChunkDecoder::new().for_request(&usage);
    check_with(decoder(), &[(0, STOP), (40, USAGE), (1, PING)], "FinishReason", 45);
    // A server that does not know the option never sends the usage.
    check_with(decoder(), &[(0, STOP), (1, PING)], "FinishReason", 300);
    let two = request().n(2);
    let decoder = || ChunkDecoder::new().for_request(&two);
    check_with(decoder(), &[(0, STOP), (40, SECOND), (1, PING)], "FinishReason", 45);
}

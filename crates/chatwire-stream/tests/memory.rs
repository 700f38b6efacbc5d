//! Tests the memory of streams: one large event, many idle streams, and encoding. `tests/bench` measures time
//! and allocations.
//!
//! There is one test, because the allocator counts for the whole program.

// A test may fail by panicking.
#![allow(clippy::indexing_slicing, clippy::unwrap_used)]

use std::alloc::System;
use std::io::Read;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use chatwire_sse::Decoder;
use chatwire_stream::encode::{ChunkEncoder, SplitText};
use chatwire_stream::{Accumulator, ChunkDecoder, ChunkReader, ChunkStream};
use chatwire_types::ChatCompletion;
use futures_core::Stream;
use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait as _};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<System> = PeakMemAlloc::system();

/// A debug build is slow, so it tries a smaller event.
const LARGE: usize = if cfg!(debug_assertions) { 1 << 20 } else { 8 << 20 };
/// The memory beside the event: the decoder, one chunk, one read.
const BESIDE: usize = 16 << 10;
/// With this number of streams, other memory is a few bytes for each.
const STREAMS: usize = 300;
const EVENTS: usize = 30;

#[test]
fn memory() {
    one_event_costs_no_more_than_twice_its_size();
    one_chunk_costs_no_more_than_twice_its_event();
    many_objects_in_one_event_cost_no_more_than_twice_it();
    one_error_costs_no_more_than_twice_its_event();
    wrong_utf8_costs_no_more();
    one_large_chunk_after_the_other_costs_no_more();
    the_text_of_a_chunk_costs_no_more();
    the_end_of_a_long_answer_costs_nothing();
    the_end_of_long_lists_costs_nothing();
    idle_streams_are_small();
    idle_readers_are_small();
    a_long_chunk_leaves_nothing();
    the_chunks_of_a_long_answer_are_there_one_by_one();
    the_body_of_a_long_answer_costs_no_more_than_room_to_grow();
    a_list_is_copied_once();
}

fn one_event_costs_no_more_than_twice_its_size() {
    let body = [&b"data: "[..], &vec![b'x'; LARGE], b"\n\n"].concat();
    for read in [1460, 16 << 10, 1 << 20] {
        let (length, peak) = peak(|| {
            let mut decoder = Decoder::new();
            let mut length = 0;
            for piece in body.chunks(read) {
                let mut input = piece;
                while let Some(event) = decoder.next(&mut input).unwrap() {
                    length = event.data.len();
                }
            }
            length
        });
        assert_eq!(length, LARGE);
        check(&format!("an event in reads of {read}"), peak, LARGE + LARGE / 8 + BESIDE);
    }
}

fn one_chunk_costs_no_more_than_twice_its_event() {
    for (kind, piece) in [("plain text", "x"), ("some escapes", ESCAPES), ("many escapes", "x\\n")]
    {
        let body = format!("data: {}\n\n", chunk(&piece.repeat(LARGE / piece.len())));
        for (name, read) in WAYS {
            let peak = peak_of(body.as_bytes(), read);
            check(&format!("a chunk of {kind}, {name}"), peak, 2 * LARGE + BESIDE);
        }
    }
}

/// One escape in a hundred letters.
const ESCAPES: &str = "Streams are read in pieces of any size, and every byte \
    of them is read at most once or twice.\\n";

fn many_objects_in_one_event_cost_no_more_than_twice_it() {
    let line = format!("data: {}\n", chunk(&"x".repeat(1000)));
    let body = line.repeat(LARGE / line.len()) + "\n";
    check("an event of many chunks", peak_of(body.as_bytes(), borrowed), 2 * LARGE + BESIDE);
    let body = format!("data: {}\ndata: [DONE]\n\n", chunk(&"x".repeat(LARGE)));
    for (name, read) in WAYS {
        let what = format!("an event of a chunk and the end, {name}");
        check(&what, peak_of(body.as_bytes(), read), 2 * LARGE + BESIDE);
    }
}

fn one_error_costs_no_more_than_twice_its_event() {
    let text = ESCAPES.repeat(LARGE / ESCAPES.len());
    for event in [
        format!("data: {{\"error\":{{\"message\":\"{text}\"}}}}\n\n"),
        format!("data: {{\"error\":\"{text}\"}}\n\n"),
        format!("data: {{\"error_msg\":\"{text}\"}}\n\n"),
        format!("data: [{{\"error\":{{\"message\":\"{text}\"}}}}]\n\n"),
        format!("data: {{\"error\":{{\"message\":\"{text}\"}}}}\ndata: {{}}\n\n"),
        format!("event: error\ndata: {text}\n\n"),
        format!("data: {{{text}\n\n"),
        format!(
            "data: {{\"error\":{{\"message\":\"short\"}},\"choices\":[{}]}}\n\n",
            choice(&text)
        ),
        format!("data: {{\"error\":{{\"message\":\"{text}\"}},\"choices\":[]}}\n\n"),
        format!("data: [{{\"message\":\"{text}\"}}]\n\n"),
        format!("data: [\"{text}\"]\n\n"),
    ] {
        check_error(event.as_bytes());
    }
    // Memory holds the chunk, its copy in the answer, and the data at the same time.
    let beside = format!("data: {{\"error\":\"short\",\"choices\":[{}]}}\n\n", choice(&text));
    let (errors, peak) = peak(|| {
        let mut accumulator = Accumulator::new();
        errors(beside.as_bytes(), |decoder, piece| {
            Some(decoder.next(piece)?.map(|chunk| accumulator.push(chunk)).is_err())
        })
    });
    assert_eq!(errors, 1);
    check("an error beside a chunk that is added", peak, 3 * LARGE + BESIDE);
}

#[track_caller]
fn check_error(event: &[u8]) {
    let (errors, peak) =
        peak(|| errors(event, |decoder, piece| Some(decoder.next(piece)?.is_err())));
    let start = event[..40].escape_ascii();
    assert_eq!(errors, 1, "{start}");
    check(&format!("the error of {start}…"), peak, 2 * LARGE + BESIDE);
}

/// The number of errors in an event. `next` returns whether the next item is one.
fn errors(
    event: &[u8],
    mut next: impl FnMut(&mut ChunkDecoder, &mut &[u8]) -> Option<bool>,
) -> usize {
    let mut decoder = ChunkDecoder::new();
    let mut errors = 0;
    for mut piece in event.chunks(16 << 10) {
        while let Some(is_error) = next(&mut decoder, &mut piece) {
            errors += usize::from(is_error);
        }
    }
    errors
}

/// Tests data with few invalid bytes. Each of them becomes three bytes of text.
fn wrong_utf8_costs_no_more() {
    let text = ("x".repeat(10_000) + "\x7f").repeat(LARGE / 10_000);
    for event in
        [format!("data: {}\n\n", chunk(&text)), format!("data: {}\ndata: [DONE]\n\n", chunk(&text))]
    {
        let event = with_wrong_utf8(&event);
        for (name, read) in WAYS {
            check(&format!("wrong UTF-8, {name}"), peak_of(&event, read), 2 * LARGE + BESIDE);
        }
    }
    for event in [
        format!("data: {{\"error\":{{\"message\":\"{text}\"}}}}\n\n"),
        format!("event: error\ndata: {text}\n\n"),
        format!("data: {{{text}\n\n"),
        format!(
            "data: {{\"error\":{{\"message\":\"short\"}},\"choices\":[{}]}}\n\n",
            choice(&text)
        ),
    ] {
        check_error(&with_wrong_utf8(&event));
    }
}

fn with_wrong_utf8(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| if byte == b'\x7f' { 0xff } else { byte }).collect()
}

/// Memory holds the previous chunk until the next event is complete, and the buffer into which that event
/// grows.
fn one_large_chunk_after_the_other_costs_no_more() {
    let body = format!("data: {}\n\n", chunk(&("x".repeat(LARGE) + "\x7f"))).repeat(3);
    for body in [body.replace('\x7f', "y").into_bytes(), with_wrong_utf8(&body)] {
        for (name, read) in &WAYS[..1] {
            let peak = peak_of(&body, *read);
            check(&format!("large chunks, {name}"), peak, 2 * LARGE + LARGE / 8);
        }
    }
}

fn the_text_of_a_chunk_costs_no_more() {
    let body = format!("data: {}\n\n", chunk(&"x".repeat(LARGE)));
    let (length, peak) = peak(|| {
        let mut decoder = ChunkDecoder::new().keep_raw(true);
        for mut piece in body.as_bytes().chunks(16 << 10) {
            while let Some(chunk) = decoder.next(&mut piece) {
                chunk.unwrap();
            }
        }
        decoder.raw().len()
    });
    assert_eq!(length + "data: \n\n".len(), body.len());
    check("a chunk and its text", peak, 2 * LARGE + BESIDE);
}

/// Tests also unknown keys, and a whole message beside each delta.
fn the_end_of_a_long_answer_costs_nothing() {
    let unknown = [
        ("\"created\":", "\"mood\":{\"good\":1},\"created\":"),
        ("\"delta\":", "\"mood\":1,\"message\":{\"role\":\"assistant\"},\"delta\":"),
        ("\"content\":\"", "\"mood\":1,\"content\":\""),
        ("\"content\":[", "\"mood\":1,\"content\":["),
    ];
    let body = logprobs().repeat(100);
    let body = unknown.iter().fold(body, |body, (key, keys)| body.replace(key, keys));
    let accumulator = added(&mut ChunkDecoder::new(), body.as_bytes());
    let (completion, peak) = peak(|| accumulator.into_completion());
    let choice = &completion.choices.unwrap()[0];
    let (logprobs, message) = (choice.logprobs.as_ref().unwrap(), choice.message.as_ref().unwrap());
    assert_eq!(logprobs.content.as_ref().unwrap().len(), 100 * EVENTS);
    for extra in [&completion.extra, &choice.extra, &message.extra, &logprobs.extra] {
        assert!(extra.contains_key("mood"));
    }
    check("the end of a long answer", peak, BESIDE);
}

/// Tests also keys whose values do not fit their field.
fn the_end_of_long_lists_costs_nothing() {
    let logprobs = logprobs().replace("\"index\":0", "\"index\":\"0\"").repeat(100);
    let annotations = plain(0).replace("content", "mood");
    let annotations =
        "{\"type\":\"url_citation\",\"url_citation\":{\"url\":\"https://a.example\"}}"
            .replace("{\"url\"", &format!("{{{annotations},\"url\""));
    let annotations = events(|_| format!("\"annotations\":[{annotations}]")).repeat(100);
    for end in [
        r#""delta":{},"logprobs":[],"finish_reason":false"#,
        r#""delta":{"role":0},"message":{"content":""}"#,
        r#""delta":{},"message":null"#,
    ] {
        let end = format!("data: {{\"choices\":[{{\"index\":\"0\",{end}}}]}}\n\n");
        for (what, items) in [("log-probabilities", &logprobs), ("annotations", &annotations)] {
            let body = format!("{items}{end}");
            let accumulator = added(&mut ChunkDecoder::new(), body.as_bytes());
            let (completion, peak) = peak(|| accumulator.into_completion());
            let choice = &completion.choices.unwrap()[0];
            let annotations = choice.message.as_ref().unwrap().annotations.as_ref();
            let tokens = choice.logprobs.as_ref().and_then(|known| known.content.as_ref());
            let items = annotations.map_or(0, Vec::len).max(tokens.map_or(0, Vec::len));
            assert_eq!(items, 100 * EVENTS, "{what} {end}");
            check(&format!("the end of long {what}"), peak, BESIDE);
        }
    }
}

/// The stream continues with short chunks and needs no more memory than before.
fn a_long_chunk_leaves_nothing() {
    let short = events(plain);
    let long = format!("data: {}\n\n", chunk(&"x".repeat(1 << 20)));
    let like_short = events(|index| {
        plain(index).replace("content\":\"", &format!("content\":\"{}", "x".repeat(10_000)))
    });
    for long in [&long, &like_short[..12_000]] {
        let long = long.split_inclusive("\n\n").next().unwrap();
        let body = [short.as_str(), long, &short[..short.len() - 1]].concat();
        for (name, read) in WAYS {
            let left = left(|| {
                let mut decoder = ChunkDecoder::new();
                body.as_bytes().chunks(1460).for_each(|piece| drop(read(&mut decoder, piece)));
                decoder
            });
            check(&format!("a stream after a long chunk, {name}"), left, 4095);
        }
        let left = left(|| {
            let mut decoder = ChunkDecoder::new().keep_raw(true);
            body.as_bytes().chunks(1460).for_each(|piece| drop(borrowed(&mut decoder, piece)));
            decoder
        });
        check("a stream after a long chunk, which keeps the text of the last", left, 4607);
    }
}

fn the_chunks_of_a_long_answer_are_there_one_by_one() {
    for (text, pieces) in CUTS {
        let long = answer(&text.repeat(20_000), "}]}");
        let (chunks, peak) = peak(|| ChunkEncoder::new().split(pieces).iter(&long).count());
        assert!(chunks > 20_000);
        check(&format!("the chunks of a long answer, {pieces:?}"), peak, 4096);
    }
}

fn the_body_of_a_long_answer_costs_no_more_than_room_to_grow() {
    for (text, pieces) in CUTS {
        let long = answer(&text.repeat(20_000), "}]}");
        let (body, peak) = peak(|| ChunkEncoder::new().split(pieces).body(&long));
        check(&format!("the body of a long answer, {pieces:?}"), peak, 2 * body.len() + 4096);
    }
}

const CUTS: [(&str, SplitText); 2] = [(" word", SplitText::Words), ("é", SplitText::Characters(1))];

/// Memory holds the copy and the body, whose capacity may be twice its length.
fn a_list_is_copied_once() {
    let numbers = format!("[{}]", vec!["12345"; 100_000].join(","));
    let size = 100_000 * size_of::<i64>();
    for end in [
        format!(r#","token_ids":{numbers}}}]}}"#),
        format!(r#"}}],"prompt_token_ids":{numbers}}}"#),
    ] {
        let long = answer("Hi", &end);
        let (body, peak) = peak(|| ChunkEncoder::new().body(&long));
        assert!(body.len() > numbers.len());
        let what = format!("the body of an answer with{}", &end[..20]);
        check(&what, peak, size + 2 * body.len() + 4096);
    }
}

/// An answer with a text. `end` is the rest of its JSON after the text.
fn answer(text: &str, end: &str) -> ChatCompletion {
    let json = format!(
        r#"{{"id":"c","model":"gpt-4o-mini","created":1763650000,"choices":[{{"index":0,
            "finish_reason":"stop","message":{{"role":"assistant","content":"{text}"}}{end}"#
    );
    serde_json::from_str(&json).unwrap()
}

/// Tests streams in the middle of an answer.
fn idle_streams_are_small() {
    for Load { name, body, chunks, most } in loads() {
        let body: &'static [u8] = body.leak();
        for read in [body.len(), 1460, 300] {
            // All streams are kept, so the peak is their memory.
            let (streams, peak) =
                peak(|| (0..STREAMS).map(|_| idle(body, read, chunks)).collect::<Vec<_>>());
            let each = peak / streams.len();
            check(&format!("an idle stream of `{name}` in reads of {read}"), each, most);
        }
    }
}

/// A reader that waits is inside the `read` of its source. Therefore each source runs the next reader.
fn idle_readers_are_small() {
    for Load { name, body, most, .. } in loads() {
        for read in [body.len(), 1460, 300] {
            let more = READERS;
            let ((), peak) = peak(|| Waiting { body: &body, rest: &body, read, more }.wait());
            let each = peak / READERS + size_of::<ChunkReader<()>>();
            check(&format!("an idle reader of `{name}` in reads of {read}"), each, most);
        }
    }
}

/// There are few, because they share one stack.
const READERS: usize = 100;

struct Waiting<'a> {
    body: &'a [u8],
    rest: &'a [u8],
    read: usize,
    more: usize,
}

impl Waiting<'_> {
    fn wait(self) {
        if self.more > 0 {
            let mut chunks = ChunkReader::new(self);
            let mut seen = 0;
            while let Some(chunk) = chunks.next_chunk() {
                seen += usize::from(chunk.is_ok());
            }
            // The end of the body ends the last event.
            assert_eq!(seen, EVENTS);
        }
    }
}

impl Read for Waiting<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let Self { body, read, more, .. } = *self;
        if self.rest.is_empty() {
            Self { body, rest: body, read, more: more - 1 }.wait();
        }
        Read::read(&mut Read::take(&mut self.rest, read as u64), into)
    }
}

/// The peak of the allocated bytes during some work.
fn peak<T>(work: impl FnOnce() -> T) -> (T, usize) {
    ALLOCATOR.reset_peak_memory();
    let value = work();
    (value, ALLOCATOR.get_peak_memory())
}

fn check(what: &str, bytes: usize, most: usize) {
    println!("{what}: {bytes} bytes, of at most {most}");
    assert!(bytes <= most, "{what} costs {bytes} bytes, more than {most}");
}

/// The bytes that are still allocated after some work. A probe makes the peak come after the work.
fn left<T>(work: impl FnOnce() -> T) -> usize {
    const PROBE: usize = 256 << 20;
    let (_, peak) = peak(|| {
        let value = work();
        drop(std::hint::black_box(Vec::<u8>::with_capacity(PROBE)));
        value
    });
    peak - PROBE
}

/// Reads a piece of a body. Returns the answer if it is kept.
type Way = fn(&mut ChunkDecoder, &[u8]) -> Accumulator;

const WAYS: [(&str, Way); 2] = [("borrowed", borrowed), ("added", added)];

fn borrowed(decoder: &mut ChunkDecoder, mut piece: &[u8]) -> Accumulator {
    while let Some(chunk) = decoder.next(&mut piece) {
        chunk.unwrap();
    }
    Accumulator::new()
}

fn added(decoder: &mut ChunkDecoder, mut piece: &[u8]) -> Accumulator {
    let mut accumulator = Accumulator::new();
    while let Some(chunk) = decoder.next(&mut piece) {
        accumulator.push(chunk.unwrap());
    }
    accumulator
}

fn peak_of(body: &[u8], read: Way) -> usize {
    let (answers, peak) = peak(|| {
        let mut decoder = ChunkDecoder::new();
        body.chunks(16 << 10).map(|piece| read(&mut decoder, piece)).last()
    });
    assert!(answers.is_some());
    peak
}

fn idle(body: &'static [u8], read: usize, expected: usize) -> ChunkStream<Reads> {
    let mut stream = ChunkStream::new(Reads { rest: body, read });
    let mut chunks = 0;
    let mut context = Context::from_waker(Waker::noop());
    while let Poll::Ready(chunk) = pin!(stream.next()).poll(&mut context) {
        chunk.unwrap().unwrap();
        chunks += 1;
    }
    assert_eq!(chunks, expected);
    stream
}

/// A body that neither continues nor ends after `rest`.
struct Reads {
    rest: &'static [u8],
    read: usize,
}

impl Stream for Reads {
    type Item = Result<Bytes, std::io::Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.rest.is_empty() {
            return Poll::Pending;
        }
        let (piece, rest) = self.rest.split_at(self.read.min(self.rest.len()));
        self.rest = rest;
        Poll::Ready(Some(Ok(Bytes::copy_from_slice(piece))))
    }
}

fn chunk(text: &str) -> String {
    format!("{{\"choices\":[{}]}}", choice(text))
}

fn choice(text: &str) -> String {
    format!(r#"{{"delta":{{"content":"{text}"}}}}"#)
}

/// About 10 KB of an answer, like the loads of the benchmarks.
fn events(delta: impl Fn(usize) -> String) -> String {
    let event = |index| {
        let padding = &"rXq0vLwZ8sT1mYkB5nHd"[..1 + index * 5 % 14];
        format!(
            "data: {{\"id\":\"chatcmpl-Cj8SkQ2bq0VfN3oJd4RkzE7Yx000\",\
             \"object\":\"chat.completion.chunk\",\"created\":1763650000,\
             \"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\
             \"system_fingerprint\":\"fp_560af6e559\",\"choices\":[{{\"index\":0,\
             \"delta\":{{{}}},\"logprobs\":null,\"finish_reason\":null}}],\
             \"obfuscation\":\"{padding}\"}}\n\n",
            delta(index)
        )
    };
    (0..EVENTS).map(event).collect()
}

/// Streams in the middle of an answer, and the maximum memory of each while it waits.
struct Load {
    name: &'static str,
    body: Vec<u8>,
    chunks: usize,
    most: usize,
}

/// With one byte missing, a stream keeps nearly a whole event.
fn loads() -> Vec<Load> {
    let load = |name, body: String, missing, most| {
        let body = body.as_bytes()[..body.len() - missing].to_vec();
        Load { name, body, chunks: EVENTS - missing, most }
    };
    vec![
        load("plain", events(plain), 1, 3072),
        load("tools", events(tools), 1, 3072),
        load("two turns", turns(2), 1, 3072),
        load("eight turns", turns(8), 1, 3072),
        load("reasoning, then content", events(reasoning), 1, 4095),
        load("log-probabilities", logprobs(), 0, 4095),
        // The next event alone is 700 bytes.
        load("log-probabilities, in an event", logprobs(), 1, 4864),
    ]
}

/// This number of choices take turns.
fn turns(choices: usize) -> String {
    let body = events(plain);
    let events = body.split_inclusive("\n\n").enumerate();
    let event = |(turn, event): (usize, &str)| {
        event.replacen("\"index\":0", &format!("\"index\":{}", turn % choices), 1)
    };
    events.map(event).collect()
}

/// Each token has log-probabilities of itself and of five alternatives.
fn logprobs() -> String {
    let entry = |place: usize, index: usize| {
        let token = [" the", " of", "ing", " model", " a"][(index + place) % 5];
        let logprob = -0.013_452 * (index + 1) as f64 - place as f64;
        format!(r#""token":"{token}","logprob":{logprob},"bytes":{:?}"#, token.as_bytes())
    };
    let body = events(plain);
    let event = |(index, event): (usize, &str)| {
        let top: Vec<_> = (0..5).map(|place| format!("{{{}}}", entry(place, index))).collect();
        let token = format!("{{{},\"top_logprobs\":[{}]}}", entry(0, index), top.join(","));
        event.replace("null,\"finish", &format!("{{\"content\":[{token}]}},\"finish"))
    };
    body.split_inclusive("\n\n").enumerate().map(event).collect()
}

/// One of four tokens has escapes or UTF-8.
fn plain(index: usize) -> String {
    let tokens =
        [" the", "ing", " \\\"quoted\\\"", " model", ",", " answer", " 日本", " streaming"];
    format!(r#""content":"{}""#, tokens[index % tokens.len()])
}

/// There are so few content chunks at the end that the template of the reasoning is still kept.
fn reasoning(index: usize) -> String {
    let delta = plain(index);
    if index < EVENTS - 7 {
        delta.replace("content", "reasoning_content") + r#","content":null"#
    } else {
        delta
    }
}

fn tools(index: usize) -> String {
    let pieces = [r#"{\"ci"#, r#"ty\":"#, r#"\"Os"#, "lo", r#"\","#, " unit", "s: "];
    let piece = pieces[index % pieces.len()];
    format!(r#""tool_calls":[{{"index":0,"function":{{"arguments":"{piece}"}}}}]"#)
}

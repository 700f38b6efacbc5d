//! The contenders: each reads the same reads and reports what it saw, so that none can leave out
//! work. [`crate::measure`] takes the times.

use std::hint::black_box;

use async_openai::types::chat::CreateChatCompletionStreamResponse as TheirChunk;
use bytes::Bytes;
use chatwire_sse::Decoder;
use chatwire_stream::{Accumulator, ChunkDecoder};
use chatwire_types::ChatCompletionChunk;
use eventsource_stream::Eventsource as _;
use futures_util::{StreamExt as _, stream};

use crate::derived;
use crate::loads::Reads;
use crate::theirs;

/// What a contender saw: the number of events or chunks, and the bytes of data or text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    pub events: u64,
    pub bytes: u64,
    pub errors: u64,
}

pub struct Contender {
    pub name: &'static str,
    pub run: fn(&Reads) -> Seen,
}

pub const FLOOR: &str = "memchr floor";
pub const ASYNC_OPENAI: &str = "async-openai stack";

/// A benchmark and its contenders.
#[derive(Clone, Copy, PartialEq)]
pub enum Bench {
    Framing,
    Typed,
    Completion,
}

impl Bench {
    pub const ALL: [Self; 3] = [Self::Framing, Self::Typed, Self::Completion];

    pub fn name(self) -> &'static str {
        match self {
            Self::Framing => "framing",
            Self::Typed => "typed",
            Self::Completion => "completion",
        }
    }

    /// The contenders for async-openai and for the floor have the same names in all benchmarks.
    pub fn contenders(self) -> Vec<Contender> {
        let of = |name, run| Contender { name, run };
        match self {
            Self::Framing => vec![
                of(FLOOR, floor),
                of("chatwire, borrowed", borrowed),
                of("chatwire, slices to keep", slices),
                of("sse-core", sse_core),
                of("sse-stream", sse_stream),
                of("sseer", sseer),
                // async-openai reads events with eventsource-stream.
                of(ASYNC_OPENAI, eventsource_stream),
            ],
            Self::Typed => vec![
                of(FLOOR, floor),
                of("chatwire, lent", lent),
                of("chatwire, owned", owned),
                of("chatwire, parsed in full", parsed),
                of("serde_json derive, no unknown keys", derive),
                of(ASYNC_OPENAI, async_openai),
            ],
            Self::Completion => vec![
                of(FLOOR, floor),
                of("chatwire", completion),
                of(ASYNC_OPENAI, async_openai_completion),
            ],
        }
    }
}

fn floor(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    for read in reads.iter().flatten() {
        let mut rest = &read[..];
        while let Some(end) = memchr::memchr(b'\n', rest) {
            seen.events += 1;
            rest = &rest[end + 1..];
        }
        black_box(rest);
    }
    seen
}

fn borrowed(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut decoder = Decoder::new();
        for read in reads {
            let mut input = &read[..];
            while let Ok(Some(event)) = decoder.next(&mut input) {
                seen.events += 1;
                seen.bytes += black_box(event).data.len() as u64;
            }
        }
    }
    seen
}

fn slices(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut decoder = Decoder::new();
        for read in reads {
            let mut input = read.clone();
            while let Ok(Some(event)) = decoder.next_bytes(&mut input) {
                seen.events += 1;
                seen.bytes += black_box(event).data().len() as u64;
            }
        }
    }
    seen
}

fn sse_core(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    let limit = std::num::NonZeroUsize::new(64 << 20).unwrap();
    for reads in reads {
        let mut decoder = sse_core::SseDecoder::with_limit(limit);
        for read in reads {
            let mut input = read.clone();
            while let Some(event) = decoder.next(&mut input) {
                if let Ok(sse_core::SseEvent::Message(event)) = black_box(event) {
                    seen.events += 1;
                    seen.bytes += event.data.len() as u64;
                }
            }
        }
    }
    seen
}

type Infallible = std::convert::Infallible;

fn body(reads: &[Bytes]) -> impl futures_util::Stream<Item = Result<Bytes, Infallible>> + Unpin {
    stream::iter(reads.iter().cloned().map(Ok))
}

fn sse_stream(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut events = sse_stream::SseStream::from_bytes_stream(body(reads));
        futures_util::FutureExt::now_or_never(async {
            while let Some(Ok(event)) = events.next().await {
                seen.events += 1;
                seen.bytes += black_box(event).data.map_or(0, |data| data.len()) as u64;
            }
        });
    }
    seen
}

fn sseer(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut events = sseer::event_stream::EventStream::new(body(reads));
        futures_util::FutureExt::now_or_never(async {
            while let Some(Ok(event)) = events.next().await {
                seen.events += 1;
                seen.bytes += black_box(event).data.len() as u64;
            }
        });
    }
    seen
}

fn eventsource_stream(reads: &Reads) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut events = body(reads).eventsource();
        futures_util::FutureExt::now_or_never(async {
            while let Some(Ok(event)) = events.next().await {
                seen.events += 1;
                seen.bytes += black_box(event).data.len() as u64;
            }
        });
    }
    seen
}

/// Runs our chunk decoder over all reads. `next` returns one chunk as the length of its text.
fn chunks(
    reads: &Reads,
    next: impl Fn(&mut ChunkDecoder, &mut &[u8]) -> Option<Option<u64>>,
) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut decoder = ChunkDecoder::new();
        for read in reads {
            let mut input = &read[..];
            while let Some(text) = next(&mut decoder, &mut input) {
                seen.count(text);
            }
        }
    }
    seen
}

impl Seen {
    fn count(&mut self, text: Option<u64>) {
        match text {
            Some(bytes) => {
                self.events += 1;
                self.bytes += bytes;
            }
            None => self.errors += 1,
        }
    }
}

fn text(chunk: &ChatCompletionChunk) -> u64 {
    black_box(chunk).text().map_or(0, |text| text.len() as u64)
}

fn lent(reads: &Reads) -> Seen {
    chunks(reads, |decoder, input| Some(decoder.next(input)?.ok().map(text)))
}

fn owned(reads: &Reads) -> Seen {
    chunks(reads, |decoder, input| {
        let failed = decoder.next(input)?.is_err();
        Some((!failed).then(|| text(&decoder.take())))
    })
}

/// Runs our framing and another decoder of the data.
fn data(reads: &Reads, decode: impl Fn(&[u8]) -> Option<u64>) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut decoder = Decoder::new();
        for read in reads {
            let mut input = &read[..];
            while let Ok(Some(event)) = decoder.next(&mut input) {
                if event.data != b"[DONE]" {
                    seen.count(decode(event.data));
                }
            }
        }
    }
    seen
}

fn parsed(reads: &Reads) -> Seen {
    data(reads, |data| {
        let chunk = serde_json::from_str(str::from_utf8(data).ok()?).ok();
        chunk.as_ref().map(text)
    })
}

fn derive(reads: &Reads) -> Seen {
    data(reads, |data| {
        let chunk: derived::ChatCompletionChunk = black_box(serde_json::from_slice(data)).ok()?;
        let text = chunk.choices.and_then(|choices| choices.into_iter().next()?.delta?.content);
        Some(text.map_or(0, |text| text.len() as u64))
    })
}

fn async_openai(reads: &Reads) -> Seen {
    theirs(reads, |_, chunk| {
        let text = chunk.choices.first().and_then(|choice| choice.delta.content.as_ref());
        text.map_or(0, |text| text.len() as u64)
    })
}

/// async-openai's stack without its task and channel: eventsource-stream, then its chunk type.
fn theirs(reads: &Reads, each: impl Fn(&mut theirs::Joined, TheirChunk) -> u64) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut events = body(reads).eventsource();
        let mut joined = theirs::Joined::default();
        futures_util::FutureExt::now_or_never(async {
            while let Some(Ok(event)) = events.next().await {
                if event.data == "[DONE]" {
                    break;
                }
                let chunk = serde_json::from_str(&event.data).ok().map(black_box);
                seen.count(chunk.map(|chunk| each(&mut joined, chunk)));
            }
        });
        seen.bytes += black_box(joined).text_length();
    }
    seen
}

fn completion(reads: &Reads) -> Seen {
    completions(reads, |decoder, input, accumulator| {
        let chunk = decoder.next(input)?;
        Some(chunk.map(|chunk| accumulator.push(black_box(chunk))).is_ok())
    })
}

fn completions(
    reads: &Reads,
    next: impl Fn(&mut ChunkDecoder, &mut &[u8], &mut Accumulator) -> Option<bool>,
) -> Seen {
    let mut seen = Seen::default();
    for reads in reads {
        let mut decoder = ChunkDecoder::new();
        let mut accumulator = Accumulator::new();
        for read in reads {
            let mut input = &read[..];
            while let Some(added) = next(&mut decoder, &mut input, &mut accumulator) {
                seen.count(added.then_some(0));
            }
        }
        let completion = black_box(accumulator.into_completion());
        let messages = completion.choices.iter().flatten().filter_map(|one| one.message.as_ref());
        let texts = messages.filter_map(|message| message.content.as_ref()?.text());
        seen.bytes += texts.map(|text| text.len() as u64).sum::<u64>();
    }
    seen
}

fn async_openai_completion(reads: &Reads) -> Seen {
    theirs(reads, |joined, chunk| {
        joined.push(chunk);
        0
    })
}

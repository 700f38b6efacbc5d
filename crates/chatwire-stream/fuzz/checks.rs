//! What must hold for any bytes. The first byte says how the others are cut; libFuzzer and the
//! bounded tests in `tests/fuzz.rs` bring the bytes.

use chatwire_sse::Decoder;
use chatwire_stream::encode::ChunkEncoder;
use chatwire_stream::{Accumulator, ChatEvents, ChunkDecoder};
use chatwire_types::{ChatCompletion, ChatCompletionChunk};

fn pieces(data: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let (first, body) = data.split_first().unwrap_or((&0, data));
    (body.chunks(usize::from(*first % 64) + 1).collect(), body)
}

type Events = Vec<Option<(Vec<u8>, Vec<u8>, Vec<u8>, Option<u64>)>>;

fn events(pieces: &[&[u8]], limit: usize) -> Events {
    let mut decoder = Decoder::new().max_event_size(Some(limit));
    let mut events = Vec::new();
    for piece in pieces {
        let mut input = *piece;
        loop {
            match decoder.next(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => {
                    assert!(event.data.len() <= limit);
                    let texts = (event.data.to_vec(), event.name.to_vec(), event.id.to_vec());
                    events.push(Some((texts.0, texts.1, texts.2, event.retry)));
                }
                Err(_) => events.push(None),
            }
        }
        assert!(decoder.buffered() <= limit);
    }
    events
}

/// Events are the same for every cut, and nothing over the bound is kept.
pub(crate) fn decoder(data: &[u8]) {
    let (pieces, body) = pieces(data);
    assert_eq!(events(&pieces, usize::MAX), events(&[body], usize::MAX));
    assert_eq!(events(&pieces, 32), events(&[body], 32));
}

fn read(pieces: &[&[u8]]) -> (Vec<ChatCompletionChunk>, Vec<String>) {
    let mut decoder = ChunkDecoder::new().keep_raw(true);
    let (mut chunks, mut errors) = (Vec::new(), Vec::new());
    let mut has_halves = false;
    for piece in pieces {
        let mut input = *piece;
        while let Some(next) = decoder.next(&mut input) {
            match next.cloned() {
                Ok(chunk) => {
                    // What was not parsed again is what parsing gives.
                    has_halves |= decoder.raw().to_ascii_lowercase().contains("\\ud");
                    let parsed = serde_json::from_str(decoder.raw());
                    // A half of a surrogate pair may wait for the next chunk.
                    assert!(has_halves || parsed.ok().as_ref() == Some(&chunk));
                    chunks.push(chunk);
                }
                Err(error) => errors.push(format!("{error:?} {error}")),
            }
        }
    }
    while let Some(next) = decoder.finish() {
        match next {
            Ok(chunk) => chunks.push(chunk.clone()),
            Err(error) => errors.push(format!("{error:?} {error}")),
        }
    }
    assert!(decoder.is_over());
    (chunks, errors)
}

/// Chunks are the same for every cut, and what parsing each alone gives.
pub(crate) fn chunks_of(data: &[u8]) -> Vec<ChatCompletionChunk> {
    let (pieces, body) = pieces(data);
    let whole = read(&[body]);
    assert_eq!(read(&pieces), whole);
    whole.0
}

/// As [`chunks_of`].
pub(crate) fn chunks(data: &[u8]) {
    chunks_of(data);
}

/// Whatever the chunks say, they make a completion. What a stream cannot say of it is lost on the way
/// back; what has come back once comes back again.
pub(crate) fn accumulator(data: &[u8]) {
    let mut accumulator = Accumulator::new();
    let mut events = ChatEvents::new();
    for chunk in chunks_of(data) {
        accumulator.push(&chunk);
        events.push(&chunk);
    }
    let completion = accumulator.completion();
    assert_eq!(accumulator.into_completion(), completion);
    assert_eq!(events.finish().1, completion);
    let once = back(&completion);
    assert_eq!(back(&once), once);
}

fn back(completion: &ChatCompletion) -> ChatCompletion {
    let mut accumulator = Accumulator::new();
    let body = ChunkEncoder::new().include_usage(true).body(completion);
    let (mut decoder, mut input) = (ChunkDecoder::new(), &body[..]);
    while let Some(chunk) = decoder.next(&mut input) {
        chunk.into_iter().for_each(|chunk| accumulator.push(chunk));
    }
    accumulator.into_completion()
}

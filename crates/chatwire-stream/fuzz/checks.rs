//! Checks properties that hold for any bytes. The first byte decides how the others are cut. libFuzzer and
//! `tests/fuzz.rs` provide the bytes.

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

/// Checks that every cut gives the same events, and that no more than the limit is kept.
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
                    // A chunk that was decoded with a template equals the parsed one.
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

/// Checks that every cut gives the same chunks, and that each equals its parsed text.
pub(crate) fn chunks_of(data: &[u8]) -> Vec<ChatCompletionChunk> {
    let (pieces, body) = pieces(data);
    let whole = read(&[body]);
    assert_eq!(read(&pieces), whole);
    whole.0
}

/// Does the same as [`chunks_of`].
pub(crate) fn chunks(data: &[u8]) {
    chunks_of(data);
}

/// Checks that any chunks make a completion. Encoding it may lose some values, but encoding the result again
/// loses nothing more.
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
    let once = encode_and_join(&completion);
    assert_eq!(encode_and_join(&once), once);
}

fn encode_and_join(completion: &ChatCompletion) -> ChatCompletion {
    let mut accumulator = Accumulator::new();
    let body = ChunkEncoder::new().include_usage(true).body(completion);
    let (mut decoder, mut input) = (ChunkDecoder::new(), &body[..]);
    while let Some(chunk) = decoder.next(&mut input) {
        chunk.into_iter().for_each(|chunk| accumulator.push(chunk));
    }
    accumulator.into_completion()
}

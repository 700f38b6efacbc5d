//! Tests `take` and `raw`: what a decoder keeps of the last chunk. `adapters.rs` tests how chunks are read.

use chatwire_stream::ChunkDecoder;
use chatwire_types::ChatCompletionChunk;

use super::{HI, STOP};

/// Whether a chunk can be taken.
fn leaves_a_chunk(decoder: &mut ChunkDecoder) -> bool {
    decoder.take() != ChatCompletionChunk::default()
}

#[test]
fn only_a_chunk_that_was_lent_can_be_taken() {
    let body = format!("data: {HI}\n\n").repeat(3);
    let mut decoder = ChunkDecoder::new();
    let mut input = body.as_bytes();
    while let Some(chunk) = decoder.next(&mut input) {
        assert!(chunk.is_ok());
        assert!(leaves_a_chunk(&mut decoder));
        assert!(!leaves_a_chunk(&mut decoder), "the second time");
    }
}

#[test]
fn a_skipped_event_leaves_the_chunk() {
    for nothing in [": c\n\n", "event: ping\ndata: {}\n\n", "data:\n\n"] {
        let body = format!("data: {HI}\n\n{nothing}");
        let (mut decoder, mut input) = (ChunkDecoder::new(), body.as_bytes());
        assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
        assert!(decoder.next(&mut input).is_none());
        assert!(leaves_a_chunk(&mut decoder), "{nothing:?}");
    }
}

#[test]
fn no_chunk_is_left_after_an_error_or_the_end() {
    let large = "x".repeat(200);
    for (end, is_error) in [
        ("", true),
        (large.as_str(), true),
        ("nonsense\n\n", true),
        ("{\"error\":\"e\"}\n\n", true),
        ("[DONE]\n\n", false),
    ] {
        let body = format!("data: {HI}\n\ndata: {end}");
        let (mut decoder, mut input) =
            (ChunkDecoder::new().max_event_size(Some(100)), body.as_bytes());
        assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
        let step = decoder.next(&mut input).map(|chunk| chunk.map(drop));
        let step = step.or_else(|| decoder.finish().map(|chunk| chunk.map(drop)));
        assert_eq!(step.is_some_and(|step| step.is_err()), is_error, "{end:?}");
        assert!(!leaves_a_chunk(&mut decoder), "{end:?}");
    }
    let lines = format!("data: {HI}\ndata: nonsense\n\n");
    let (mut decoder, mut input) = (ChunkDecoder::new(), lines.as_bytes());
    assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
    assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_err()));
    assert!(!leaves_a_chunk(&mut decoder), "after a line that is not a chunk");
}

#[test]
fn the_text_of_a_chunk_can_be_kept() {
    let body = format!("data: {HI}\ndata: {STOP}\n\n");
    let mut decoder = ChunkDecoder::new().keep_raw(true);
    let mut input = body.as_bytes();
    for expected in [HI, STOP] {
        assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
        assert_eq!(decoder.raw(), expected);
    }
}

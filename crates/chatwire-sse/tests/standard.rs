//! Tests random bodies in random pieces against the standard's algorithm, and the decoder's limits.
//! `vectors.rs` tests the shared vectors.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::unwrap_used)]

use crate::support::{Outcome, cut, decode, literal};
use chatwire_sse::{Decoder, Event, write_comment, write_event};
use proptest::prelude::*;

/// Bodies made of the bytes that matter to the format.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        6 => prop::sample::select(vec![
            &b"data"[..], b"data:", b"data: ", b"event", b"event:", b"id", b"id: ", b"retry:",
            b"retry: 10", b":", b" ", b"\n", b"\n\n", b"\r", b"\r\n", b"\r\n\r\n", b"\0",
            b"\xEF\xBB\xBF", b"\xEF", b"\xBB", b"\xBF", b"dat", b"x", b"+5", b"[DONE]",
            "é😀".as_bytes(), b"\xF0\x9F", b"99999999999999999999", b"data: {\"a\":1}\n\n",
        ]).prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    prop::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn any_cut_gives_the_events_of_the_standard(
        body in body(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        for flush in [false, true] {
            let expected = expected(&body, flush);
            prop_assert_eq!(&decode(cut(&body, &cuts), flush), &expected);
            prop_assert_eq!(&decode(body.chunks(1), flush), &expected);
        }
    }

    /// The decoder returns LF for every line end that the encoder was given.
    #[test]
    fn a_written_event_is_read_back(
        data in body(), name in body(), id in body(), retry in any::<Option<u64>>(),
    ) {
        let before_line_end = |text: &[u8]| -> Vec<u8> {
            text.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap().to_vec()
        };
        let mut event = Event::new(&data);
        (event.name, event.id, event.retry) = (&name, &id, retry);
        let mut bytes = Vec::new();
        write_comment(&mut bytes, &String::from_utf8_lossy(&data));
        write_event(&mut bytes, &event);
        let mut decoder = Decoder::new();
        let read = decoder.next(&mut &bytes[..]).unwrap().unwrap();
        let lines = data.to_vec();
        let lines = replace(&replace(&lines, b"\r\n", b"\n"), b"\r", b"\n");
        prop_assert_eq!(read.data, &lines[..]);
        prop_assert_eq!(read.name, before_line_end(&name));
        let id = if id.contains(&0) { Vec::new() } else { before_line_end(&id) };
        prop_assert_eq!((read.id, read.retry), (&id[..], retry));
    }

    #[test]
    fn a_limit_gives_the_same_for_any_cut(
        body in body(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        limit in 0usize..24,
    ) {
        prop_assert_eq!(bounded(cut(&body, &cuts), limit), bounded([&body[..]], limit));
    }
}

fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(after) => {
                replaced.extend_from_slice(to);
                rest = after;
            }
            None => {
                replaced.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    replaced
}

/// If the end of the stream completes no event, its unfinished lines are dropped.
fn expected(body: &[u8], flush: bool) -> Outcome {
    let plain = literal(body, false);
    let flushed = literal(body, flush);
    if flushed.events.len() > plain.events.len() { flushed } else { plain }
}

/// The data of each event, `None` for an event that was too large. Checks that no more than the limit is kept.
fn bounded<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    limit: usize,
) -> (Vec<Option<Vec<u8>>>, Vec<u8>) {
    let mut decoder = Decoder::new().max_event_size(Some(limit));
    let mut seen = Vec::new();
    for piece in pieces {
        let mut input = piece;
        loop {
            match decoder.next(&mut input) {
                Ok(None) => break,
                Ok(Some(event)) => seen.push(Some(event.data.to_vec())),
                Err(_) => seen.push(None),
            }
            assert!(decoder.buffered() <= limit);
        }
        assert!(decoder.buffered() <= limit);
    }
    let id = decoder.last_event_id().to_vec();
    (seen, id)
}

#[test]
fn a_large_event_is_dropped_and_the_next_one_comes() {
    let mut decoder = Decoder::new().max_event_size(Some(8));
    let mut input = &b"data: 123456789\nid: 1\n\ndata: ok\n\n"[..];
    let error = decoder.next(&mut input).expect_err("nine bytes");
    assert_eq!(error.limit, 8);
    assert_eq!(decoder.next(&mut input).unwrap().unwrap().data, b"ok");
    assert_eq!(decoder.last_event_id(), b"");
}

#[test]
fn line_feeds_between_data_lines_count_towards_the_limit() {
    let mut decoder = Decoder::new().max_event_size(Some(100));
    let body = "data\n".repeat(102);
    assert!(decoder.next(&mut body.as_bytes()).is_err());
}

#[test]
fn whole_events_are_not_copied() {
    let body = b"data: one\n\nevent: a\ndata: two\n\n";
    let mut decoder = Decoder::new();
    let mut input = &body[..];
    let mut seen = 0;
    while let Some(event) = decoder.next(&mut input).unwrap() {
        assert!(body.as_ptr_range().contains(&event.data.as_ptr()));
        seen += 1;
    }
    assert_eq!(seen, 2);
}

#[test]
fn restart_keeps_id_and_retry() {
    let mut decoder = Decoder::new();
    let mut input = &b"id: 7\nretry: 3\ndata: a\n\ndata: b"[..];
    while decoder.next(&mut input).unwrap().is_some() {}
    decoder.restart();
    let mut input = &b"\xEF\xBB\xBFdata: c\n\n"[..];
    let event = decoder.next(&mut input).unwrap().unwrap();
    assert_eq!((event.data, event.id, event.retry), (&b"c"[..], &b"7"[..], None));
    assert_eq!(decoder.retry(), Some(3));
}

/// Each case: the body, the event that `finish` returns, and the state at the start of the next stream: the
/// last event id, the retry time of the decoder, and the retry time of the first event.
#[test]
fn a_new_stream_starts_after_finish() {
    type Case = (&'static [u8], Option<&'static [u8]>, &'static [u8], Option<u64>, Option<u64>);
    let cases: [Case; 10] = [
        (b"retry: 10\n", None, b"", Some(10), None),
        (b"retry: 10", None, b"", None, None),
        (b"data: a\nretry: 10", Some(b"a"), b"", Some(10), None),
        (b"id: 5", None, b"", None, None),
        (b"id: 5\n", None, b"", None, None),
        (b"id: 5\n\n", None, b"5", None, None),
        (b"id: 4\n\nid: 5\nevent: x\n", None, b"4", None, None),
        (b"id: 5\ndata: a", Some(b"a"), b"5", None, None),
        (b"data: a\nid: 5", Some(b"a"), b"5", None, None),
        (b"data: a\n\nid: 5", None, b"", None, None),
    ];
    for (body, last, id, retry, next_retry) in cases {
        let name = String::from_utf8_lossy(body);
        let mut decoder = Decoder::new();
        let mut input = body;
        while decoder.next(&mut input).unwrap().is_some() {}
        assert_eq!(decoder.finish().unwrap().map(|event| event.data), last, "{name}");
        assert_eq!((decoder.last_event_id(), decoder.retry()), (id, retry), "{name}");
        assert!(decoder.finish().unwrap().is_none(), "{name}");
        let event = decoder.next(&mut &b"\xEF\xBB\xBFdata: next\n\n"[..]).unwrap().unwrap();
        let seen = (event.data, event.name, event.id, event.retry);
        assert_eq!(seen, (&b"next"[..], &b""[..], id, next_retry), "{name}");
    }
}

#[test]
fn an_id_does_not_count_towards_later_events() {
    let mut decoder = Decoder::new().max_event_size(Some(8));
    let mut input = &b"id: 1234567\ndata: a\n\ndata: 12345678\n\ndata: 12\nid: 1234567\n\n"[..];
    assert_eq!(decoder.next(&mut input).unwrap().unwrap().id, b"1234567");
    assert_eq!(decoder.next(&mut input).unwrap().unwrap().data, b"12345678");
    assert!(decoder.next(&mut input).is_err());
}

#[test]
fn a_huge_event_in_small_reads_takes_linear_time() {
    // If every read copied what is kept, a million reads would copy 8 TB.
    let size = 1 << 24;
    let body = [&b"data: "[..], &vec![b'x'; size], b"\n\n"].concat();
    let seen = decode(body.chunks(16), false);
    assert_eq!(seen.events[0].data.len(), size);
}

#[test]
fn debug_shows_the_state_of_the_stream() {
    let mut decoder = Decoder::new();
    assert!(decoder.next(&mut &b"id: 5\nretry: 10\ndata: x\n\ndata: ab"[..]).unwrap().is_some());
    assert!(decoder.next(&mut &b"data: ab"[..]).unwrap().is_none());
    assert_eq!(
        format!("{decoder:?}"),
        "Decoder { buffered: 2, last_event_id_len: 1, retry: Some(10), .. }"
    );
}

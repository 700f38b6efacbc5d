//! Tests events that are not a chunk: the error holds their bytes, and the stream continues.
//! [`super::other_bodies`] tests bodies that are not an event stream.

use chatwire_stream::{ChunkDecoder, StreamError};

use super::{HI, STOP, check, run};

#[test]
fn undecodable_data_does_not_end_the_stream() {
    for data in ["null", "[]", "1", "{\"id\":}", "nonsense"] {
        check(
            &format!("data: {data}\n\ndata: {HI}\n\ndata: [DONE]\n\n"),
            &format!("undecodable({data}) chunk Some(Marker)"),
        );
    }
}

#[test]
fn several_objects_in_one_event() {
    check(
        &format!("data: {HI}\ndata: {HI}\ndata: {STOP}\ndata: [DONE]\n\n"),
        "chunk chunk chunk Some(Marker)",
    );
    check(&format!("data: {HI}\ndata: {STOP}"), "chunk chunk Some(FinishReason)");
    check(
        &format!("data: {HI}\ndata: nonsense\ndata: {HI}\ndata: {{\"cho"),
        "chunk undecodable(nonsense) chunk truncated(2 [0] {\"cho) None",
    );
    check(&format!("data: {HI}\ndata: {{\"error\":\"e\"}}\ndata: {HI}\n\n"), "chunk api(e) None");
    let pretty = "data: {\"choices\": [\ndata:   {\"index\": 0,\ndata: \"finish_reason\": \"stop\"}\ndata: ]}\n\n";
    check(pretty, "chunk Some(FinishReason)");
}

#[test]
fn the_choices_in_a_list_with_other_values_count() {
    let choices = r#"{"choices":[null,{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    check(&format!("data: {choices}\n\n"), "chunk Some(FinishReason)");
}

#[test]
fn an_event_over_the_limit_ends_the_stream() {
    let small = || ChunkDecoder::new().max_event_size(Some(60));
    let body = format!("data: {HI}\n\ndata: {}\n\ndata: {HI}\n\n", "x".repeat(61));
    assert_eq!(run(small, body.as_bytes()), "chunk large(60) None");
}

/// An event with this number of objects, as a hostile server could send it.
fn objects(count: usize) -> String {
    let others = "{},".repeat(count - 2);
    format!("data: {{\"choices\":[],\"z\":[{others}{{}}]}}\n\n")
}

#[test]
fn an_event_with_too_many_objects_is_not_parsed() {
    let most = 256 * 1024;
    let mut decoder = ChunkDecoder::new();
    assert!(decoder.next(&mut objects(most).as_bytes()).is_some_and(|chunk| chunk.is_ok()));
    let body = objects(most + 1) + &format!("data: {HI}\n\n");
    let mut input = body.as_bytes();
    let Some(Err(error)) = decoder.next(&mut input) else { panic!("too many") };
    let expected =
        "the stream sent an event that is not a chat chunk: it has more than 262144 JSON objects";
    assert!(error.to_string().starts_with(expected), "{error}");
    let StreamError::Undecodable(event) = error else { panic!("the stream continues") };
    assert_eq!(event.raw.len(), objects(most + 1).len() - "data: \n\n".len());
    assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
    let code = "{ \\\" { ".repeat(most);
    let text = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{code}\"}}}}]}}\n\n");
    assert!(decoder.next(&mut text.as_bytes()).is_some_and(|chunk| chunk.is_ok()));
}

#[test]
fn an_error_with_too_many_objects_has_an_empty_envelope() {
    let body = format!("event: error\n{}", objects(256 * 1024 + 1));
    let Some(Err(StreamError::Api(error))) = ChunkDecoder::new().next(&mut body.as_bytes()) else {
        panic!("an API error")
    };
    assert!(error.response.extra.is_empty() && error.raw.len() > 512 * 1024);
}

#[test]
fn invalid_utf8_does_not_end_the_stream() {
    let body =
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xFF\"}}]}\n\ndata: [DONE]\n\n";
    assert_eq!(run(ChunkDecoder::new, body), "chunk Some(Marker)");
}

/// The bytes that the error of a body holds.
fn raw_of(body: &[u8]) -> Vec<u8> {
    let mut decoder = ChunkDecoder::new();
    let mut input = body;
    let error = match decoder.next(&mut input) {
        Some(chunk) => chunk.map(drop),
        None => decoder.finish().unwrap().map(drop),
    };
    match error.unwrap_err() {
        StreamError::Api(error) => error.raw,
        StreamError::Undecodable(event) => event.raw,
        StreamError::Truncated(cut) => cut.rest,
        other => panic!("{other:?}"),
    }
}

#[test]
fn errors_hold_the_original_bytes() {
    for data in [
        &b"{\"a\":\"\xFF\",}"[..],
        b"  nope  ",
        b"{\"error\":\"\xFF\"} ",
        b" [{\"error\":\"\xFF\"}]",
        b" {\"a\":\"\xFF\",}\t",
    ] {
        assert_eq!(raw_of(&[b"data: ", data, b"\n\n"].concat()), data);
        assert_eq!(raw_of(&[b"event: error\ndata: ", data, b"\n\n"].concat()), data);
    }
    let cut = "data: {\"choices\":[{\"delta\":{\"content\":\"\u{1F600}".as_bytes();
    for end in cut.len() - 3..=cut.len() {
        assert_eq!(raw_of(&cut[..end]), cut[6..end]);
    }
    let mut lines = &b"data: {\"choices\":[]}\ndata:  {\"a\":\"\xFF\",} \n\n"[..];
    let mut decoder = ChunkDecoder::new();
    assert!(decoder.next(&mut lines).is_some_and(|chunk| chunk.is_ok()));
    let Some(Err(StreamError::Undecodable(line))) = decoder.next(&mut lines) else { panic!() };
    assert_eq!(line.raw, b" {\"a\":\"\xFF\",} ");
}

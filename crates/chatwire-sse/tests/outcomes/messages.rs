//! The words in which each error says what happened and what to do. Of a body that is something else,
//! they are in [`super::other_bodies`]; of an idle stream, in `adapters.rs`.

use chatwire_sse::accumulate::MAX_PARTS;
use chatwire_sse::{Accumulator, ChunkDecoder, StreamError};

use super::{HI, STOP};

/// The last error of a body.
fn error_of(body: &str) -> StreamError {
    let mut decoder = ChunkDecoder::new().max_event_size(Some(1000));
    let mut input = body.as_bytes();
    let mut errors = Vec::new();
    while let Some(chunk) = decoder.next(&mut input) {
        errors.extend(chunk.err());
    }
    while let Some(chunk) = decoder.finish() {
        errors.extend(chunk.err());
    }
    errors.pop().unwrap()
}

#[test]
fn messages_say_what_happened_and_what_to_do() {
    for (body, expected) in [
        (
            format!("data: {HI}\n\n"),
            "the stream ended after 1 chunk without `[DONE]` and without a finish reason for choice 0; \
             send the request again, or allow a missing finish with `end_policy` if this server never \
             sends one",
        ),
        (
            "data: {\"choi".to_owned(),
            "the stream ended after 0 chunks without `[DONE]`, in the middle of an event; \
             send the request again",
        ),
        (
            "data: {\"error\":{\"message\":\"no more tokens\"}}\n\n".to_owned(),
            "the server reported an error in the stream: no more tokens",
        ),
        (
            "event: error\n\ndata:\n\nevent: error\ndata:\n\n".to_owned(),
            "the server reported an error in the stream and did not say which; \
             send the request again",
        ),
        (
            format!("data: {STOP}\n\ndata: [1]\n\n"),
            "an event of the stream is no chunk: expected an object, found a list: [1]; \
             check that the server speaks this API",
        ),
        (
            format!("data: {}\n\n", "x".repeat(1001)),
            "one event of the stream is larger than 1000 bytes; \
             raise the decoder's max_event_size if such events are wanted",
        ),
    ] {
        assert_eq!(error_of(&body).to_string(), expected, "{body}");
    }
}

/// What `unwrap` and `main` show.
#[test]
fn bytes_are_shown_as_text() {
    for (body, expected) in [
        ("data: {\"error\":\"no\"}\n\n", r#"raw: "{\"error\":\"no\"}""#),
        ("data: [1]\n\ndata: [DONE]\n\n", r#"raw: "[1]""#),
        ("data: {\"choi", r#"rest: "{\"choi""#),
        ("<html>", r#"body: "<html>""#),
    ] {
        let shown = format!("{:?}", error_of(body));
        assert!(shown.contains(expected), "{shown}");
    }
}

#[test]
fn too_many_choices_are_said_to_be() {
    let mut accumulator = Accumulator::new();
    for index in 0..=MAX_PARTS {
        let chunk = format!(r#"{{"choices":[{{"index":{index}}}]}}"#);
        accumulator.push(&serde_json::from_str(&chunk).unwrap());
    }
    assert_eq!(
        accumulator.check().unwrap_err().to_string(),
        "the stream has more than 1024 choices, or tool calls in one choice, as no real answer has; \
         check that the server is the one you mean"
    );
}

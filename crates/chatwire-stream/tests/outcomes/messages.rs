//! Tests the message of each error. [`super::other_bodies`] tests those of a body that is not an event
//! stream, and `adapters.rs` that of an idle stream.

use chatwire_stream::accumulate::MAX_PARTS;
use chatwire_stream::{
    Accumulator, ChunkDecoder, ChunkReader, CompletionError, StreamError, TooManyParts,
};
use chatwire_types::{ErrorBody, ErrorResponse};

use super::{HI, STOP};

/// The last error of a body, with a limit of 1000 bytes on one event.
fn error_of(body: &str) -> StreamError {
    last_error(ChunkDecoder::new().max_event_size(Some(1000)), body)
}

fn last_error(mut decoder: ChunkDecoder, body: &str) -> StreamError {
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
            "the server reported an error in the stream without a message; \
             send the request again",
        ),
        (
            format!("data: {STOP}\n\ndata: [1]\n\n"),
            "the stream sent an event that is not a chat chunk: expected an object, found a list: [1]; \
             check that the server supports this API",
        ),
        (
            format!("data: {}\n\n", "x".repeat(1001)),
            "the stream sent an event of more than 1000 bytes; \
             raise the decoder's `max_event_size` if you expect such events",
        ),
    ] {
        assert_eq!(error_of(&body).to_string(), expected, "{body}");
    }
}

#[test]
fn errors_without_a_body_have_messages() {
    let broken = std::io::Error::other("db-7 is down");
    assert_eq!(
        StreamError::from(broken).to_string(),
        "the connection failed: db-7 is down; send the request again"
    );
    let cut = ChunkReader::new(&b"data: {"[..]).completion().unwrap_err();
    assert_eq!(cut.to_string(), cut.error.to_string());
    assert_eq!(
        CompletionError::AlreadyRead.to_string(),
        "part of the stream was read before `completion` was called, so the completion would lack \
         that part; push each chunk into an `Accumulator` instead"
    );
}

/// The message for the clients of a gateway has no details of the upstream server and no advice about settings.
#[test]
fn clients_do_not_see_the_upstream_server() {
    let message = |error: StreamError| match ErrorResponse::from(error).error {
        Some(ErrorBody::Object(error)) => error.message.unwrap(),
        other => panic!("{other:?}"),
    };
    let in_json = |text: &str| format!("data: {{\"object\":\"error\",\"host\":\"{text}\"}}\n\n");
    for (error, expected) in [
        (std::io::Error::other("db-7").into(), "the connection to the upstream server failed"),
        (error_of(&format!("data: {HI}\n\n")), "the stream ended early"),
        (error_of("db-7"), "the upstream server did not send an event stream"),
        (error_of("data: [\"db-7\"]\n\n"), "the stream ended early"),
        (
            error_of(&format!("data: {}\n\n", "db-7".repeat(1000))),
            "the upstream server sent an event that is too large",
        ),
        (error_of(&in_json("db-7")), "the upstream server reported an error without a message"),
        (error_of("event: error\ndata: no more tokens\n\n"), "no more tokens"),
        (error_of("event: error\ndata: no\ndata: more\n\n"), "the upstream server reported"),
    ] {
        let shown = format!("{error:?}");
        let said = message(error);
        assert!(said.starts_with(expected) && !said.contains("db-7"), "{said}: {shown}");
    }
}

#[test]
fn clients_get_an_error_without_the_chunk_beside_it() {
    let body = "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"trace\":7,\
        \"error\":{\"message\":\"no\"},\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n";
    let incomplete = ChunkReader::new(body.as_bytes()).completion().unwrap_err();
    let told = ErrorResponse::from(incomplete);
    assert_eq!(serde_json::to_string(&told).unwrap(), r#"{"error":{"message":"no"},"trace":7}"#);
}

#[test]
fn a_clone_of_an_error_holds_the_same() {
    for body in
        ["data: {\"error\":\"no\"}\n\n", "data: [1]\n\ndata: [DONE]\n\n", "data: {", "<html>"]
    {
        let error = error_of(body);
        assert_eq!(format!("{:?}", error.clone()), format!("{error:?}"));
    }
    let broken = StreamError::from(std::io::Error::other("reset"));
    let source = std::error::Error::source(&broken).unwrap().to_string();
    assert_eq!(std::error::Error::source(&broken.clone()).unwrap().to_string(), source);
}

#[test]
fn an_error_has_code_type_and_param() {
    for (error, expected) in [
        (r#"{"error":{"type":"t","code":529,"param":"p"}}"#, (Some("529"), Some("t"), Some("p"))),
        (r#"{"error":"no","code":"c","type":"t"}"#, (Some("c"), Some("t"), None)),
        (
            r#"{"object":"error","message":"m","code":40,"param":"p"}"#,
            (Some("40"), None, Some("p")),
        ),
        (r#"{"error":{"message":"m","code":null,"type":""}}"#, (None, None, None)),
    ] {
        let StreamError::Api(found) = error_of(&format!("data: {error}\n\n")) else {
            panic!("{error}");
        };
        let code = found.code();
        assert_eq!(
            (code.as_deref(), found.error_type(), found.param().as_deref()),
            expected,
            "{error}"
        );
    }
}

fn too_many() -> TooManyParts {
    let mut accumulator = Accumulator::new();
    for index in 0..=MAX_PARTS {
        let chunk = format!(r#"{{"choices":[{{"index":{index}}}]}}"#);
        accumulator.push(&serde_json::from_str(&chunk).unwrap());
    }
    accumulator.ensure_complete().unwrap_err()
}

#[test]
fn debug_shows_bytes_as_text() {
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

/// The error keeps all of the data, and shows one line.
#[test]
fn large_errors_have_short_messages() {
    let long = "some words ".repeat(100_000);
    for (body, said) in [
        (format!("data: {{\"error\":{{\"message\":\"{long}\"}}}}\n\n"), "some words some"),
        (format!("data: {{\"error\":\"no\",\"why\":[\"{long}\"]}}\n\n"), "no"),
        (format!("event: error\ndata: {long}\n\n"), "some words some"),
        (format!("event: error\ndata: {{\"z\":\"{long}\"}}\n\n"), "some words some"),
        (format!("data: {long}\n\ndata: [DONE]\n\n"), "some words some"),
        (format!("data: \"{long}\"\n\ndata: [DONE]\n\n"), "found a string: \"some words"),
        (format!("data: {{\"choices\":\"{long}"), "in the middle of an event"),
        (format!("{{\"error\":\"{long}"), "not an event stream: {\"error\":\"some"),
        (format!("{{\"error\":\"{}\"}}", &long[..990]), "with an error: some words"),
    ] {
        let error = last_error(ChunkDecoder::new(), &body);
        let shown = error.to_string();
        assert!(shown.contains(said) && shown.chars().count() < 700, "{shown}");
        for shown in [format!("{error:?}"), format!("{error:#?}")] {
            assert!(shown.contains("some words") && shown.len() < 3000, "{shown}");
        }
    }
}

#[test]
fn debug_shows_the_size_of_large_data() {
    let long = "é".repeat(1000);
    let StreamError::Api(error) =
        last_error(ChunkDecoder::new(), &format!("event: error\ndata: a{long}\n\n"))
    else {
        panic!("an API error")
    };
    let (message, start) = ("é".repeat(499), "é".repeat(511));
    assert_eq!(
        format!("{error:?}"),
        format!("ApiError {{ message: \"a{message}…\", raw: \"a{start}\"… (2001 bytes), .. }}")
    );
    assert_eq!(error.message(), format!("a{long}"));
}

#[test]
fn too_many_choices_have_a_message() {
    assert_eq!(
        too_many().to_string(),
        "the stream has more than 1024 choices, or more than 1024 tool calls in one choice; check \
         the address of the server"
    );
}

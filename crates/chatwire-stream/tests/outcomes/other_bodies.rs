//! Tests bodies that are not an event stream, by status, content type and text. [`super::undecodable`] tests
//! events that are not a chunk.

use chatwire_stream::{ChunkDecoder, ChunkReader, Done, NotEventStream, StreamError};

use super::{HI, STOP, check, run};

#[test]
fn bodies_that_are_not_an_event_stream() {
    check("{\"id\":\"c\"}", "other({\"id\":\"c\"}) None");
    check("<html>data: x\n\n</html>", "other(<html>data: x\n\n</html>) None");
    check("upstream is down", "other(upstream is down) None");
    let labelled = || ChunkDecoder::new().response(502, Some("text/html"));
    assert_eq!(
        run(labelled, b"Bad gateway\n\ndata: 1\n\n"),
        "other(Bad gateway\n\ndata: 1\n\n) None"
    );
    for label in ["text/plain", "application/json", "text/event-stream"] {
        let labelled = || ChunkDecoder::new().response(200, Some(label));
        assert_eq!(
            run(labelled, format!("\u{FEFF}data: {STOP}\n\n").as_bytes()),
            "chunk Some(FinishReason)"
        );
    }
}

#[test]
fn status_and_content_type_decide_on_an_empty_body() {
    let empty = |status, label| run(|| ChunkDecoder::new().response(status, label), b"\n");
    assert_eq!(empty(200, Some("application/json")), "other(\n) None");
    assert_eq!(empty(204, None), "other(\n) None");
    assert_eq!(empty(200, Some("text/event-stream")), "truncated(0 [] ) None");
    let mut decoder = ChunkDecoder::new().response(204, None);
    let Some(Err(error)) = decoder.finish() else { panic!("an error") };
    assert_eq!(
        error.to_string(),
        "the answer is not an event stream, status 204: nothing; \
         check the address, that the request has `\"stream\": true`, and that the server supports it"
    );
}

#[test]
fn a_body_without_an_event_after_a_failure_status() {
    for (status, label, body) in [
        (500, None, ""),
        (429, Some("text/event-stream"), ""),
        (503, None, "\n\n"),
        (401, None, "id: bad key"),
        (302, Some("text/event-stream"), "retry: 5\n\n"),
        (500, Some("text/event-stream"), ": internal error"),
        (500, Some("text/plain"), "event: error\n\n"),
        (500, Some("text/plain"), " data: {}"),
        (500, Some("text/plain"), "data: out of me"),
        (502, Some("text/html"), "database error"),
    ] {
        let expected = format!("other({body}) None");
        assert_eq!(run(|| ChunkDecoder::new().response(status, label), body.as_bytes()), expected);
        let mut decoder = ChunkDecoder::new().response(status, label);
        assert!(decoder.next(&mut body.as_bytes()).is_none());
        let Some(Err(StreamError::NotEventStream(other))) = decoder.finish() else { panic!() };
        assert_eq!((other.status, other.content_type.as_deref()), (Some(status), label));
    }
    let run_500 = |body: &str| run(|| ChunkDecoder::new().response(500, None), body.as_bytes());
    assert_eq!(run_500(&format!("data: {STOP}\n\n")), "chunk Some(FinishReason)");
    assert_eq!(run_500(&format!("data: {HI}\n\n")), "chunk truncated(1 [0] ) None");
    assert_eq!(run_500("data: {\"error\":\"e\"}"), "api(e) None");
    let long = format!(": {}\n", "x".repeat(5000));
    assert_eq!(run_500(&long), format!("other({}) None", &long[..1024]));
    check(" data: {}", "other( data: {}) None");
    check(": alive", "truncated(0 [] ) None");
}

#[test]
fn messages_do_not_steer_the_terminal() {
    for body in [
        "\u{1b}]0;title\u{7} and a long page of text to go with it",
        "data: \u{1b}[2J is not what a chunk looks like\n\n",
        "data: {\"error\":\"\\u001b[2J\"}\n\n",
    ] {
        let mut decoder = ChunkDecoder::new();
        let mut input = body.as_bytes();
        let error = match decoder.next(&mut input) {
            Some(chunk) => chunk.map(drop),
            None => decoder.finish().unwrap().map(drop),
        };
        let message = error.unwrap_err().to_string();
        assert!(message.contains("\\u{1b}") && !message.contains('\u{1b}'), "{message:?}");
    }
}

#[test]
fn the_error_shows_the_body() {
    let mut decoder = ChunkDecoder::new().response(200, Some("application/json"));
    let body = [&br#"{"error":{"message":"no stream"},"#[..], &[b' '; 5000]].concat();
    // The decoder waits for the whole body, because it may be an answer.
    assert!(decoder.next(&mut &body[..]).is_none());
    let Some(Err(error)) = decoder.finish() else { panic!("an error") };
    assert!(error.is_terminal());
    let StreamError::NotEventStream(other) = error else { panic!("another body") };
    assert_eq!(other.body.len(), 1024);
    assert_eq!(
        other.to_string(),
        "the answer is not an event stream, status 200, content type application/json: \
         {\"error\":{\"message\":\"no stream\"},; check the address, that the request has `\"stream\": true`, and that the \
         server supports it"
    );
}

/// The error for a body that is not an event stream.
fn other(body: &str) -> NotEventStream {
    let mut decoder = ChunkDecoder::new();
    let mut input = body.as_bytes();
    let step = decoder.next(&mut input).map(|step| step.map(drop));
    match step.or_else(|| decoder.finish().map(|step| step.map(drop))) {
        Some(Err(StreamError::NotEventStream(other))) => *other,
        step => panic!("{step:?} of {body}"),
    }
}

#[test]
fn a_body_may_be_an_error_envelope() {
    for (body, message) in [
        (r#"{"error":{"message":"m"}}"#, Some("m")),
        (r#"[{"error":{"message":"m"}}]"#, Some("m")),
        ("\u{FEFF} {\"error\":\"m\"}\r\n", Some("m")),
        (r#"{"message":"Too many requests"}"#, Some("Too many requests")),
        (r#"{"code":1002,"msg":"no quota"}"#, Some("no quota")),
        (r#"{"errors":[{"message":"m"}],"success":false}"#, Some("m")),
        (r#"{"status":"449","msg":"m","body":null}"#, Some("m")),
        (r#"{"id":"x","message":"m","code":400}"#, Some("m")),
        (r#"{"ret":1,"msg":"m"}"#, Some("m")),
        (r#"{"detail":"m","type":"about:blank"}"#, Some("m")),
        (r#"{"message":null,"detail":"m"}"#, Some("m")),
        (r#"{"Response":{"Error":{"Code":"c","Message":"m"}}}"#, Some("m")),
        (r#"{"error":{"message":"m \ud83d"}}"#, Some("m \u{FFFD}")),
        (&format!(r#"{{"error":{{"message":"m","details":"{}"}}}}"#, "x".repeat(2000)), Some("m")),
        (r#"{"choices":[{"text":"Hi"}]}"#, None),
        (r#"["m"]"#, None),
        ("{}", None),
        ("<html>", None),
    ] {
        let found = other(body).api_error().map(|error| error.message());
        assert_eq!(found.as_deref(), message, "{body}");
    }
}

/// Some servers ignore `stream`.
#[test]
fn a_whole_answer_is_returned_as_chunks() {
    let answer = r#"{"id":"c1","choices":[{"index":0,"message":{"role":"assistant","content":"Hi there"},"finish_reason":"stop"}],"k":1}"#;
    let long = "x".repeat(5000);
    for body in [
        answer.to_owned(),
        format!("\u{FEFF}\r\n {answer}\n"),
        format!("{answer}\n\ndata: [DONE]\n\n"),
        answer.replace("Hi there", &long),
    ] {
        for size in [1, 2, 3, 100, body.len()] {
            let mut decoder = ChunkDecoder::new().response(200, Some("application/json"));
            let mut text = String::new();
            for mut piece in body.as_bytes().chunks(size) {
                assert!(decoder.next(&mut piece).is_none());
            }
            while let Some(chunk) = decoder.finish() {
                text.extend(chunk.unwrap().text());
            }
            assert!(text == "Hi there" || text == long, "{text}");
            assert_eq!(decoder.done(), Some(Done::WholeAnswer));
        }
        let completion = ChunkReader::new(body.as_bytes()).completion().unwrap();
        assert_eq!(completion.extra.get("k"), Some(&1.into()));
        assert_eq!(completion.object, None, "the completion is unchanged");
    }
}

#[test]
fn an_error_beside_a_whole_answer_comes_last() {
    for key in [r#""k":1"#, r#""k":"\ud83d""#] {
        let body = format!(
            r#"{{"choices":[{{"message":{{"content":"Hi"}},"finish_reason":"stop"}}],"error":{{"message":"m"}},{key}}}"#
        );
        let error = ChunkReader::new(body.as_bytes()).completion().unwrap_err();
        assert_eq!(error.partial.text().as_deref(), Some("Hi"));
        assert!(error.to_string().contains("error in the stream: m"), "{error}");
        let mut reader = ChunkReader::new(body.as_bytes());
        while reader.next_chunk().is_some() {}
        assert_eq!(reader.decoder().done(), None);
    }
}

#[test]
fn other_json_is_not_a_whole_answer() {
    let answer = r#"{"choices":[{"message":{"content":"Hi"}}]}"#;
    let failed = || ChunkDecoder::new().response(500, None);
    assert!(run(failed, answer.as_bytes()).starts_with("other("));
    let small = || ChunkDecoder::new().max_event_size(Some(10));
    assert!(run(small, answer.as_bytes()).starts_with("other("));
    for body in [&answer[..30], "{}", r#"{"choices":[]}"#, &format!("{answer}{answer}")] {
        assert!(run(ChunkDecoder::new, body.as_bytes()).starts_with("other("), "{body}");
    }
}

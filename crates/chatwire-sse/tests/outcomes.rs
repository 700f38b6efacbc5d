//! What becomes of a body: its chunks, its errors and how it ends, for every way of cutting it.
//! What the chunks add up to is in `accumulate.rs`.

// A test may fail by panicking.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use chatwire_sse::{Accumulator, ChunkDecoder, Done, EndPolicy, StreamError};
use chatwire_types::{ChatCompletionChunk, ErrorBody, ErrorCode};
use proptest::prelude::*;

const HI: &str = r#"{"choices":[{"index":0,"delta":{"content":"Hi"}}]}"#;
const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// One line: `chunk` for each chunk, the name and short form of each error, and how it ended.
fn run(decoder: impl Fn() -> ChunkDecoder, body: &[u8]) -> String {
    let whole = run_in(decoder(), std::iter::once(body));
    for size in 1..=3 {
        assert_eq!(run_in(decoder(), body.chunks(size)), whole, "by {size}");
    }
    for cut in 0..=body.len() {
        let (head, tail) = body.split_at(cut);
        assert_eq!(run_in(decoder(), [head, tail].into_iter()), whole, "cut at {cut}");
    }
    whole
}

fn run_in<'a>(mut decoder: ChunkDecoder, pieces: impl Iterator<Item = &'a [u8]>) -> String {
    let mut line = Vec::new();
    for piece in pieces {
        let mut input = piece;
        while let Some(chunk) = decoder.next(&mut input) {
            line.push(chunk.map_or_else(|error| describe(&error), |_| "chunk".to_owned()));
        }
        assert!(input.is_empty());
    }
    while let Some(chunk) = decoder.finish() {
        line.push(chunk.map_or_else(|error| describe(&error), |_| "chunk".to_owned()));
    }
    assert!(decoder.is_over());
    line.push(format!("{:?}", decoder.done()));
    line.join(" ")
}

fn describe(error: &StreamError) -> String {
    match error {
        StreamError::Api(error) => format!("api({})", error.message()),
        StreamError::Truncated(error) => {
            let rest = String::from_utf8_lossy(&error.rest);
            format!("truncated({} {:?} {rest})", error.chunks, error.unfinished)
        }
        StreamError::NotEventStream(error) => format!("other({})", error.text()),
        StreamError::Undecodable(event) => {
            format!("undecodable({})", String::from_utf8_lossy(&event.raw))
        }
        StreamError::EventTooLarge(error) => format!("large({})", error.limit),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(run(ChunkDecoder::new, body.as_bytes()), expected, "{body:?}");
}

#[test]
fn ends() {
    check(&format!("data: {HI}\n\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    check(&format!("data:{HI}\r\n\r\ndata:  [DONE] \r\n\r\n"), "chunk Some(Marker)");
    check(&format!("data: {HI}\r\rdata: [DONE]"), "chunk Some(Marker)");
    check(&format!("data: {HI}\n\ndata: {STOP}\n\n"), "chunk chunk Some(FinishReason)");
    check(&format!("data: {HI}\n\ndata: {STOP}"), "chunk chunk Some(FinishReason)");
    check(&format!("data: [DONE]\n\ndata: {HI}\n\n"), "Some(Marker)");
    check(&format!("data: {STOP}\n\ndata: [DO"), "chunk Some(FinishReason)");
    check(&format!("data: {STOP}\n\ndata: [DONE"), "chunk Some(FinishReason)");
    check(&format!("\u{FEFF}data: {STOP}\n\n"), "chunk Some(FinishReason)");
    for name in ["ping", "keepalive", "error", "done"] {
        check(&format!("data: {HI}\n\nevent: {name}\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    }
}

#[test]
fn truncation() {
    check("", "truncated(0 [] ) None");
    check(": still thinking\n\n", "truncated(0 [] ) None");
    check(&format!("data: {HI}\n\n"), "chunk truncated(1 [0] ) None");
    check(
        &format!("data: {HI}\n\ndata: {{\"choices\":[{{\"ind"),
        "chunk truncated(1 [0] {\"choices\":[{\"ind) None",
    );
    check(
        &format!("data: {STOP}\n\ndata: {{\"choices\":[],\"usage\":{{\"prompt_to"),
        "chunk truncated(1 [] {\"choices\":[],\"usage\":{\"prompt_to) None",
    );
    check(&format!("data: {STOP}\n\ndata: [DUN"), "chunk truncated(1 [] [DUN) None");
    check(&format!("data: {STOP}\ndata: {{\"us"), "chunk truncated(1 [] {\"us) None");
    check(&format!("data: {STOP}\n\ndata: null"), "chunk undecodable(null) Some(FinishReason)");
    let two = r#"{"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":""}]}"#;
    check(&format!("data: {two}\n\n"), "chunk truncated(1 [1] ) None");
}

#[test]
fn allowed_missing_finish() {
    let lenient = || ChunkDecoder::new().end_policy(EndPolicy::AllowMissingFinish);
    let check = |body: &str, expected: &str| assert_eq!(run(lenient, body.as_bytes()), expected);
    check(&format!("data: {HI}\n\n"), "chunk Some(Allowed)");
    check(&format!("data: {STOP}\n\n"), "chunk Some(FinishReason)");
    check("", "truncated(0 [] ) None");
    check(&format!("data: {HI}\n\ndata: {{"), "chunk truncated(1 [0] {) None");
    check(&format!("data: {STOP}\n\ndata: {{"), "chunk truncated(1 [] {) None");
}

#[test]
fn events_that_say_nothing() {
    let quiet = ": OPENROUTER PROCESSING\n\nevent: x\n\nid: 1\n\nretry: 5\n\ndata:\n\ndata\n\n\
        data:   \n\nevent: ping\ndata: now\n\nevent: keepalive\ndata: \"\"\n\nnonsense\n\n";
    check(&format!("{quiet}data: {HI}\n\n{quiet}data: [DONE]\n\n"), "chunk Some(Marker)");
}

#[test]
fn errors_in_the_stream() {
    let sent = r#"{"error":{"message":"no","code":400}}"#;
    check(&format!("data: {HI}\n\ndata: {sent}\n\ndata: [DONE]\n\n"), "chunk api(no) None");
    check("event: error\ndata: {\"message\":\"bare\"}\n\n", "api(bare) None");
    check("event: error\ndata: plain text\n\n", "api(plain text) None");
    check("event: Error\ndata: plain text\n\n", "api(plain text) None");
    check("data: {\"error\":\"text\",\"error_type\":\"x\"}\n\n", "api(text) None");
    check("data: {\"object\":\"error\",\"message\":\"old\"}\n\n", "api(old) None");
    check("data: {\"error\":{\"message\":\"cut\"}}", "api(cut) None");
    check("data: [{\"error\":{\"code\":503,\"message\":\"full\"}}]\n\n", "api(full) None");
    check("data: {\"detail\":\"oops\"}\n\n", "api(oops) None");
    check("data: {\"message\":\"full\",\"code\":503}\n\n", "api(full) None");
    check("data: {\"message\":\"full\",\"type\":\"ServerError\"}\n\n", "api(full) None");
    for life in [r#"{"message":"wait","code":0}"#, r#"{"type":"status","message":"wait"}"#] {
        check(&format!("data: {life}\n\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    }
    for nothing in ["null", "\"\"", "{}", "false", "0", "0.0", "[]"] {
        let chunk =
            format!(r#"{{"choices":[{{"index":0,"finish_reason":"stop"}}],"error":{nothing}}}"#);
        check(&format!("data: {chunk}\n\n"), "chunk Some(FinishReason)");
    }
    let beside = r#"{"choices":[{"index":0,"delta":{"content":"Hi"}}],"error":{"message":"late"}}"#;
    check(&format!("data: {beside}\n\ndata: {HI}\n\n"), "chunk api(late) None");
    check(&format!("data: {beside}"), "chunk api(late) None");
}

#[test]
fn errors_in_the_envelopes_of_others() {
    for error in [
        r#"{"statusCode":429,"message":"no"}"#,
        r#"{"throttlingException":{"message":"no"}}"#,
        r#"{"modelStreamErrorException":{"originalMessage":"x","message":"no"}}"#,
        r#"{"__type":"ThrottlingException","message":"no"}"#,
        r#"{"__type":"com.amazon#AccessDenied","Message":"no"}"#,
        r#"{"success":false,"errors":[{"code":1,"message":"no"}],"messages":[],"result":null}"#,
        r#"{"errors":["no"]}"#,
        r#"{"errors":{"message":"no"}}"#,
        r#"{"error_code":17,"error_msg":"no"}"#,
        r#"{"error_code":17,"message":"no"}"#,
        r#"{"base_resp":{"status_code":1004,"status_msg":"no"}}"#,
        r#"{"id":"c","created":1,"choices":null,"base_resp":{"status_code":1,"status_msg":"no"}}"#,
        r#"{"errorMessage":"no","errorType":"Runtime.ExitError"}"#,
        r#"{"code":1302,"msg":"no"}"#,
        r#"{"message":"no"}"#,
        r#"{"detail":"no"}"#,
        r#"{"error_message":"no"}"#,
        r#"{"title":"no","status":429}"#,
        r#"{"message":"no","request_id":"r"}"#,
        r#"{"type":"error","errorText":"no"}"#,
        r#"{"type":"status","status":"error","message":"no"}"#,
        r#"{"code":"InvalidApiKey","message":"no","request_id":"r"}"#,
        r#"{"Error":{"Message":"no"}}"#,
    ] {
        check(&format!("data: {error}\n\ndata: [DONE]\n\n"), "api(no) None");
    }
    check("data: {\"success\":false}\n\n", "api({\"success\":false}) None");
    check("event: exception\ndata: {\"message\":\"no\"}\n\n", "api(no) None");
    let groq = r#"{"choices":[],"x_groq":{"error":"over_capacity"}}"#;
    check(&format!("data: {groq}\n\n"), "chunk api(over_capacity) None");
    let failed = r#"{"choices":[{"delta":{}}],"base_resp":{"status_code":9,"status_msg":"no"}}"#;
    check(&format!("data: {failed}\n\n"), "chunk api(no) None");
}

/// However often chunks of the same form came without an error.
#[test]
fn an_error_is_seen_in_a_chunk_like_others() {
    for (good, bad) in [
        (r#""base_resp":{"status_code":0}"#, r#""base_resp":{"status_code":1004}"#),
        (
            r#""base_resp":{"status_code":0,"status_msg":""}"#,
            r#""base_resp":{"status_code":7,"status_msg":"no"}"#,
        ),
        (r#""x_groq":{"id":"a","error":""}"#, r#""x_groq":{"id":"a","error":"no"}"#),
        (r#""error":"""#, r#""error":"no""#),
        (r#""error":0"#, r#""error":5"#),
        (r#""error":{}"#, r#""error":{"code":5}"#),
        (r#""object":"""#, r#""object":"error""#),
    ] {
        for count in 1..12 {
            let chunk = |part: &str| {
                format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"Hi\"}}}}],{part}}}\n\n")
            };
            let body = chunk(good).repeat(count) + &chunk(bad);
            let result = run_in(ChunkDecoder::new(), std::iter::once(body.as_bytes()));
            assert!(result.contains("chunk api("), "{bad} after {count}: {result}");
        }
    }
}

/// Without a blank line after it, too, what cannot be the beginning of a chunk is no cut.
#[test]
fn last_words_that_are_no_cut() {
    let answer = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    for last in
        ["\"[DONE]\"", "[done]", "DONE", "true", "[]", "[DONE];", "[DONE]\ndata: [DONE]", "[DO"]
    {
        let body = format!("data: {answer}\n\ndata: {last}");
        let result = run(ChunkDecoder::new, body.as_bytes());
        assert!(result.ends_with("Some(FinishReason)"), "{last}: {result}");
    }
    for last in ["{\"usage\":{", "[{\"error\":"] {
        let body = format!("data: {answer}\n\ndata: {last}");
        let result = run(ChunkDecoder::new, body.as_bytes());
        assert!(result.contains("truncated("), "{last}: {result}");
    }
}

#[test]
fn words_that_are_no_error() {
    for chunk in [
        r#"{"type":"ping","message":"still here"}"#,
        r#"{"type":"keepalive","detail":"x"}"#,
        r#"{"type":"heartbeat","code":7,"message":"x"}"#,
        r#"{"status":"queued","message":"third in line"}"#,
        r#"{"code":200,"msg":"success"}"#,
        r#"{"success":true,"errors":[],"message":"ok"}"#,
        r#"{"error_code":0,"error_msg":"ok"}"#,
        r#"{"type":"Keep_Alive","message":"x"}"#,
        r#"{"event":"status","message":"searching"}"#,
        r#"{"type":"thinking","message":"hm"}"#,
        r#"{"level":"info","message":"x"}"#,
        r#"{"status":"loading","message":"x"}"#,
        r#"{"status":"OK","message":"fine"}"#,
        r#"{"status":"ok","detail":"ready"}"#,
        r#"{"error":false,"message":"ok"}"#,
        r#"{"errors":[],"message":"ok"}"#,
        r#"{"errorCode":"0","errorMsg":"x"}"#,
        r#"{"code":"00000","msg":"ok"}"#,
        r#"{"code":0,"msg":"","detail":{"logid":"2024"}}"#,
        r#"{"message":"Hello","role":"assistant"}"#,
        r#"{"base_resp":{"status_code":0,"status_msg":"success"},"message":"x"}"#,
        r#"{"choices":[],"base_resp":{"status_code":"0"}}"#,
        r#"{"choices":[],"base_resp":{"status_code":200}}"#,
        r#"{"choices":[],"error":{"message":"","type":"","param":"","code":null}}"#,
        r#"{"choices":[],"error":{"code":0,"message":""}}"#,
        r#"{"object":"chat.completion.status","created":1,"model":"m","detail":"warming up"}"#,
        r#"{"message":""}"#,
        r#"{"message":{"role":"assistant"}}"#,
        r#"{"errors":[]}"#,
        r#"{"throttlingException":null}"#,
        r#"{"id":"c","message":"a note"}"#,
        r#"{"model":"m","message":"a note"}"#,
        r#"{"object":"chat.completion.chunk","message":"a note"}"#,
        r#"{"usage":{},"message":"a note"}"#,
        r#"{"timings":{},"message":"a note"}"#,
        r#"{"choices":[],"message":"a note","errors":["x"],"code":5}"#,
        r#"{"choices":[],"base_resp":{"status_code":0,"status_msg":""}}"#,
        r#"{"choices":[],"x_groq":{"id":"x","error":null}}"#,
        r#"{"choices":[],"x_groq":{"id":"x","error":""}}"#,
        r#"{}"#,
    ] {
        check(&format!("data: {chunk}\n\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    }
    for name in ["tool.progress", "status_message", "messages/metadata"] {
        for said in
            [r#"{"message":"looking"}"#, r#"{"code":"a","message":"b"}"#, r#"{"detail":"x"}"#]
        {
            let named = format!("event: {name}\ndata: {said}\n\n");
            check(&format!("{named}data: [DONE]\n\n"), "chunk Some(Marker)");
        }
    }
}

#[test]
fn an_error_keeps_envelope_and_bytes() {
    let body = br#"data: {"error":{"message":"m","code":429,"metadata":{"a":1}},"x":2}"#;
    let mut decoder = ChunkDecoder::new();
    assert!(decoder.next(&mut &body[..]).is_none());
    let Some(Err(StreamError::Api(error))) = decoder.finish() else { panic!("an API error") };
    assert_eq!(error.raw, &body[6..]);
    assert_eq!(error.response.extra.get("x"), Some(&2.into()));
    let Some(ErrorBody::Object(inner)) = &error.response.error else { panic!("an object") };
    assert_eq!(inner.code, Some(ErrorCode::Number(429)));
    assert!(inner.extra.contains_key("metadata"));
}

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
fn bodies_that_are_no_event_stream() {
    check("{\"id\":\"c\"}", "other({\"id\":\"c\"}) None");
    check("<html>data: x\n\n</html>", "other(<html>data: x\n\n</html>) None");
    check("upstream is down", "other(upstream is down) None");
    check("error: {\"code\":500}\n\n", "other(error: {\"code\":500}\n\n) None");
    let labelled = || ChunkDecoder::new().response(502, Some("text/html"));
    assert_eq!(
        run(labelled, b"Bad gateway\n\ndata: 1\n\n"),
        "other(Bad gateway\n\ndata: 1\n\n) None"
    );
    for label in ["text/plain", "application/json", "text/event-stream"] {
        let labelled = || ChunkDecoder::new().response(200, Some(label));
        assert_eq!(
            run(labelled, format!("data: {STOP}\n\n").as_bytes()),
            "chunk Some(FinishReason)"
        );
    }
}

#[test]
fn an_empty_body_is_judged_by_status_and_label() {
    let empty = |status, label| run(|| ChunkDecoder::new().response(status, label), b"\n");
    assert_eq!(empty(200, Some("application/json")), "other(\n) None");
    assert_eq!(empty(204, None), "other(\n) None");
    assert_eq!(empty(200, Some("text/event-stream")), "truncated(0 [] ) None");
    let mut decoder = ChunkDecoder::new().response(204, None);
    let Some(Err(error)) = decoder.finish() else { panic!("an error") };
    assert_eq!(
        error.to_string(),
        "the answer is not an event stream, status 204: nothing; \
         check the address and that the server supports `stream`"
    );
}

#[test]
fn a_status_of_failure_is_told_when_no_event_came() {
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
fn the_choices_of_a_spoilt_list_count() {
    let spoilt = r#"{"choices":[null,{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    check(&format!("data: {spoilt}\n\n"), "chunk Some(FinishReason)");
}

#[test]
fn what_is_there_instead_is_told() {
    let mut decoder = ChunkDecoder::new().response(200, Some("application/json"));
    let body = [&br#"{"error":{"message":"no stream"},"#[..], &[b' '; 5000]].concat();
    let Some(Err(error)) = decoder.next(&mut &body[..]) else { panic!("an error") };
    assert!(error.is_terminal());
    let StreamError::NotEventStream(other) = error else { panic!("another body") };
    assert_eq!(other.body.len(), 1024);
    assert_eq!(
        other.to_string(),
        "the answer is not an event stream, status 200, content type application/json: \
         {\"error\":{\"message\":\"no stream\"},; check the address and that the server supports `stream`"
    );
    for mut body in [&br#"{"error":{"message":"m"}}"#[..], br#"[{"error":{"message":"m"}}]"#] {
        let mut decoder = ChunkDecoder::new();
        assert!(decoder.next(&mut body).is_none());
        let Some(Err(StreamError::NotEventStream(other))) = decoder.finish() else { panic!() };
        assert!(other.api_error().is_some());
    }
}

#[test]
fn an_event_over_the_bound_ends_the_stream() {
    let small = || ChunkDecoder::new().max_event_size(Some(60));
    let body = format!("data: {HI}\n\ndata: {}\n\ndata: {HI}\n\n", "x".repeat(61));
    assert_eq!(run(small, body.as_bytes()), "chunk large(60) None");
}

/// An event with so many objects, as a hostile server would send it.
fn objects(count: usize) -> String {
    let others = "{},".repeat(count - 2);
    format!("data: {{\"choices\":[],\"z\":[{others}{{}}]}}\n\n")
}

#[test]
fn more_objects_than_any_chunk_has_are_not_parsed() {
    let most = 256 * 1024;
    let mut decoder = ChunkDecoder::new();
    assert!(decoder.next(&mut objects(most).as_bytes()).is_some_and(|chunk| chunk.is_ok()));
    let body = objects(most + 1) + &format!("data: {HI}\n\n");
    let mut input = body.as_bytes();
    let Some(Err(error)) = decoder.next(&mut input) else { panic!("too many") };
    assert!(
        error.to_string().starts_with(
            "an event of the stream is no chunk: it has more than 262144 JSON objects"
        )
    );
    let StreamError::Undecodable(event) = error else { panic!("the stream goes on") };
    assert_eq!(event.raw.len(), objects(most + 1).len() - "data: \n\n".len());
    assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
    let code = "{ \\\" { ".repeat(most);
    let text = format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{code}\"}}}}]}}\n\n");
    assert!(decoder.next(&mut text.as_bytes()).is_some_and(|chunk| chunk.is_ok()));
}

#[test]
fn an_error_with_too_many_objects_is_its_bytes() {
    let body = format!("event: error\n{}", objects(256 * 1024 + 1));
    let Some(Err(StreamError::Api(error))) = ChunkDecoder::new().next(&mut body.as_bytes()) else {
        panic!("an API error")
    };
    assert!(error.response.extra.is_empty() && error.raw.len() > 512 * 1024);
}

#[test]
fn broken_text_does_not_end_the_stream() {
    let body =
        b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xFF\"}}]}\n\ndata: [DONE]\n\n";
    assert_eq!(run(ChunkDecoder::new, body), "chunk Some(Marker)");
}

/// What an error holds of a body of one event.
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
fn errors_hold_the_bytes_that_came() {
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

/// Whether a chunk is there to be taken.
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
    let mut accumulator = Accumulator::new();
    let (mut decoder, mut input) = (ChunkDecoder::new(), body.as_bytes());
    while decoder.next_into(&mut input, &mut accumulator).is_some() {
        assert!(!leaves_a_chunk(&mut decoder), "after one that was added");
    }
    let mut decoder = ChunkDecoder::new();
    assert!(decoder.next_into(&mut STOP_AT_END.as_bytes(), &mut accumulator).is_none());
    assert!(decoder.finish_into(&mut accumulator).is_some());
    assert!(!leaves_a_chunk(&mut decoder), "after one that was added at the end");
}

const STOP_AT_END: &str = "data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}";

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
    assert!(!leaves_a_chunk(&mut decoder), "after a line that is no chunk");
}

#[test]
fn messages_say_what_and_how_to_go_on() {
    let body = format!("data: {HI}\n\n");
    let mut decoder = ChunkDecoder::new();
    let mut input = body.as_bytes();
    assert!(decoder.next(&mut input).is_some_and(|chunk| chunk.is_ok()));
    let Some(Err(error)) = decoder.finish() else { panic!("truncated") };
    assert_eq!(
        error.to_string(),
        "the stream ended after 1 chunk without `[DONE]` and without a finish reason for choice 0; \
         send the request again, or allow a missing finish if this server never sends one"
    );
    assert_eq!(decoder.done(), None::<Done>);
    let mut decoder = ChunkDecoder::new();
    assert!(decoder.next(&mut &b"data: {\"choi"[..]).is_none());
    let Some(Err(error)) = decoder.finish() else { panic!("truncated") };
    assert_eq!(
        error.to_string(),
        "the stream ended after 0 chunks without `[DONE]`, in the middle of an event; \
         send the request again"
    );
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

/// Pieces of which good and bad bodies are made.
const PIECES: [&str; 23] = [
    "data: ",
    "data:",
    "\n",
    "\n\n",
    "\r\n\r\n",
    "\r",
    HI,
    STOP,
    "[DONE]",
    "event: error\n",
    "event: ping\n",
    "event: Error\n",
    ": x\n",
    "null",
    "{",
    "}",
    "<",
    "text",
    "\u{FEFF}",
    "é😀",
    "{\"error\":{\"message\":\"m\"}}",
    "{\"error\":1}",
    "{\"choices\":[],\"error\":\"e\"}",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_body_means_the_same_for_any_cut(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..16),
    ) {
        run(ChunkDecoder::new, pieces.concat().as_bytes());
    }
}

//! Tests which data is an error of the service, and which only looks like one. [`super::undecodable`] tests
//! data that is not JSON.

use chatwire_stream::{ChunkDecoder, StreamError};
use chatwire_types::{ErrorBody, ErrorCode};

use super::{HI, STOP, check, run, run_in};

#[test]
fn errors_in_the_stream() {
    let sent = r#"{"error":{"message":"no","code":400}}"#;
    check(&format!("data: {HI}\n\ndata: {sent}\n\ndata: [DONE]\n\n"), "chunk api(no) None");
    check("event: error\ndata: {\"message\":\"bare\"}\n\n", "api(bare) None");
    check("event: error\ndata: plain text\n\n", "api(plain text) None");
    check("event: Error\ndata: plain text\n\n", "api(plain text) None");
    check("event: error\ndata:\n\ndata: [DONE]\n\n", "api() None");
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

/// llama.cpp writes `error: {…}`, and other servers omit the `data:`.
#[test]
fn errors_on_lines_that_are_not_a_field() {
    let full = r#"{"code":500,"message":"full"}"#;
    for error in [
        format!("error: {full}\n\n"),
        format!("error:{full}\r\ndata: [DONE]\r\n\r\n"),
        format!("{{\"error\":{full}}}\n\ndata: {HI}\n\n"),
        format!(": x\nid: 5\nerror: {full}"),
        "error: full\n".to_owned(),
    ] {
        check(&format!("data: {HI}\n\n{error}"), "chunk api(full) None");
    }
    check(&format!("error: {full}\n\ndata: {HI}\n\n"), "api(full) None");
    check(&format!("data: {HI}\nerror: {full}\n\ndata: {HI}\n\n"), "chunk api(full) None");
    check(&format!("data: {HI}\nerror: {full}"), "chunk api(full) None");
    check(&format!("event: error\n{{\"error\":{full}}}"), "api(full) None");
    check(&format!("data: {HI}\n\nerror: {{\"code\":50"), "chunk api({\"code\":50) None");
    for other in
        ["error", "error:", "error: null", "errors: x", "error : x", "{}", "{", "{\"a\":1}"]
    {
        check(&format!("data: {HI}\n\n{other}\n\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    }
}

/// Other lines of the block, and the meaning of its event, make no difference.
#[test]
fn errors_on_lines_inside_an_event() {
    let boom = "error: boom\n";
    let stop = format!("data: {STOP}\n");
    let long = "x".repeat(4100);
    for (body, expected) in [
        (format!("{stop}{boom}: keep\n\n"), "chunk api(boom) None"),
        (format!("{stop}{boom}foo: bar\n\n"), "chunk api(boom) None"),
        (format!("{stop}error: null\n{boom}\n"), "chunk api(boom) None"),
        (format!("{stop}{boom}error: null\nerror: later\n\n"), "chunk api(boom) None"),
        (format!("{stop}\n{boom}data: [DONE]\n\n"), "chunk api(boom) None"),
        (format!("{stop}\nevent: ping\ndata: {{}}\n{boom}"), "chunk api(boom) None"),
        (format!("{stop}\ndata:\n{boom}"), "chunk api(boom) None"),
        (format!("{stop}\ndata: {{\"cho\n{boom}"), "chunk api(boom) None"),
        (format!("{stop}\ndata: [DONE]\n\n{boom}\n"), "chunk Some(Marker)"),
        (format!("{stop}data: [DONE]\n{boom}\n"), "chunk api(boom) None"),
        (format!("{stop}{boom}data: [DONE]"), "chunk api(boom) None"),
        (format!("event: error\ndata: bad\n{boom}\n"), "api(bad) None"),
        (format!("{stop}errors {long}\n{boom}\n"), "chunk api(boom) None"),
        (format!("{stop}{{\"q\":\"{long}\n{boom}\n"), "chunk api(boom) None"),
        (format!("{stop}{{{}\nerror: null\n\n", &long[..4086]), "chunk Some(FinishReason)"),
    ] {
        check(&body, expected);
    }
    let failed = || ChunkDecoder::new().response(500, None);
    assert_eq!(run(failed, boom.as_bytes()), "other(error: boom\n) None");
    assert_eq!(run(failed, format!("data: [DONE]\n{boom}").as_bytes()), "api(boom) None");
    let body = [format!("data: {HI}\n\n").as_bytes(), b"{\"error\":\"\xFF\"}\n\n"].concat();
    assert_eq!(run(ChunkDecoder::new, &body), "chunk api(\u{FFFD}) None");
}

#[test]
fn errors_on_lines_are_kept_up_to_4_kib() {
    let body = format!("data: {HI}\n\nerror: {}\n\ndata: [DONE]\n\n", "x".repeat(1 << 20));
    let expected = format!("chunk api({}) None", "x".repeat(4096 - "error: ".len()));
    for size in [1000, 1 << 16, 1 << 21] {
        assert_eq!(run_in(ChunkDecoder::new(), body.as_bytes().chunks(size)), expected);
    }
}

#[test]
fn errors_in_other_envelopes() {
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

/// A template must not hide an error.
#[test]
fn an_error_is_found_in_a_chunk_like_earlier_ones() {
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

#[test]
fn messages_that_are_not_an_error() {
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
        // If a key comes twice, the last value counts.
        r#"{"error":{"detail":500,"detail":[]}}"#,
        r#"{"choices":[],"error":{"reason":"x","reason":""}}"#,
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

/// The caller may keep the error for long, and the lines beside it may be large.
#[test]
fn an_error_on_a_line_keeps_no_more_than_its_bytes() {
    let chunk = format!(r#"{{"choices":[{{"delta":{{"content":"{}"}}}}]}}"#, "x".repeat(100_000));
    let error = r#"{"error":{"message":"m"}}"#;
    for body in
        [format!("data: {chunk}\ndata: {error}\n\n"), format!("data: {error}\ndata: {chunk}\n\n")]
    {
        let mut decoder = ChunkDecoder::new();
        let mut input = body.as_bytes();
        let mut results = std::iter::from_fn(|| decoder.next(&mut input).map(|chunk| chunk.err()));
        let found = results.find_map(|error| error).unwrap();
        let StreamError::Api(found) = found else { panic!("an API error") };
        assert_eq!(found.raw, error.as_bytes());
        assert_eq!(found.raw.capacity(), error.len());
    }
}

#[test]
fn any_number_of_unknown_keys_takes_linear_time() {
    // If each key were compared with all others, there would be 2 billion comparisons.
    let keys: String = (0..50_000).map(|n| format!("\"k{n}\":{n},")).collect();
    for (end, expected) in [("\"model\":\"m\"", "chunk"), ("\"error_msg\":\"m\"", "api(m)")] {
        let body = format!("data: {{{keys}{end}}}\n\n");
        let found = run_in(ChunkDecoder::new(), std::iter::once(body.as_bytes()));
        assert!(found.starts_with(expected), "{found}");
    }
}

//! Tests how a body can end: complete, cut off, or without what the policy requires. [`super::api_errors`]
//! tests errors that end it.

use chatwire_stream::{ChunkDecoder, EndPolicy};

use super::{HI, STOP, check, run};

#[test]
fn ends() {
    check(&format!("data: {HI}\n\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    check(&format!("data:{HI}\r\n\r\ndata:  [DONE] \r\n\r\n"), "chunk Some(Marker)");
    check(&format!("data: {HI}\r\rdata: [DONE]"), "chunk Some(Marker)");
    check(&format!("data: {HI}\n\ndata: \"[DONE]\"\n\ndata: {HI}\n\n"), "chunk Some(Marker)");
    check(&format!("data: {HI}\n\ndata: {STOP}\n\n"), "chunk chunk Some(FinishReason)");
    check(&format!("data: {HI}\n\ndata: {STOP}"), "chunk chunk Some(FinishReason)");
    check(&format!("data: [DONE]\n\ndata: {HI}\n\n"), "Some(Marker)");
    check(&format!("data: {STOP}\n\ndata: [DO"), "chunk Some(FinishReason)");
    check(&format!("data: {STOP}\n\ndata: [DONE"), "chunk Some(FinishReason)");
    check(&format!("\u{FEFF}data: {STOP}\n\n"), "chunk Some(FinishReason)");
    check("data: [DONE]\ndata: [DONE]\n\n", "Some(Marker)");
    check(&format!("data: {HI}\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    check("data: {\"a\ndata: [DONE]\n\n", "undecodable({\"a) Some(Marker)");
    for name in ["ping", "keepalive", "error", "done"] {
        check(&format!("data: {HI}\n\nevent: {name}\ndata: [DONE]\n\n"), "chunk Some(Marker)");
    }
}

#[test]
fn truncation() {
    check("", "truncated(0 [] ) None");
    check(": still thinking\n\n", "truncated(0 [] ) None");
    check(&format!("data: {HI}\n\n"), "chunk truncated(1 [0] ) None");
    let six = format!("data: {HI}\n\n").repeat(6);
    check(&six, "chunk chunk chunk chunk chunk chunk truncated(6 [0] ) None");
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
    check(
        &format!("data: {STOP}\n\ndata: \"[DONE]\" x"),
        "chunk undecodable(\"[DONE]\" x) Some(FinishReason)",
    );
    let two = r#"{"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":""}]}"#;
    check(&format!("data: {two}\n\n"), "chunk truncated(1 [1] ) None");
    // Some servers write the word `null` in place of a null.
    let null = HI.replace("}}]}", "},\"finish_reason\":\"null\"}]}");
    check(&format!("data: {null}\n\n"), "chunk truncated(1 [0] ) None");
    check(&format!("data: {}\n\n", two.replace(":1", ":\"1\"")), "chunk truncated(1 [1] ) None");
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
fn events_that_are_skipped() {
    let quiet = ": OPENROUTER PROCESSING\n\nevent: x\n\nid: 1\n\nretry: 5\n\ndata:\n\ndata\n\n\
        data:   \n\nevent: ping\ndata: now\n\nevent: keepalive\ndata: \"\"\n\nnonsense\n\n";
    check(&format!("{quiet}data: {HI}\n\n{quiet}data: [DONE]\n\n"), "chunk Some(Marker)");
}

/// Data that cannot be the beginning of a chunk was not cut off, also without a blank line after it.
#[test]
fn last_events_that_were_not_cut_off() {
    let answer = r#"{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"#;
    for last in ["\"[DO", "\"[done]\"", "[done]", "DONE", "true", "[]", "[DONE];", "[DO"] {
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

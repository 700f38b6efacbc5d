//! Tests texts that are cut between the halves of a surrogate pair. `accumulate.rs` tests other chunks.

use chatwire_stream::{ChunkDecoder, ChunkReader};

/// Checks the text of the completion, and the number of halves that were replaced.
#[track_caller]
fn check(events: &[&str], text: &str, replaced: u64) {
    let mut body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    body += "data: [DONE]\n\n";
    for size in [1, 7, body.len()] {
        let mut reader = ChunkReader::with_decoder(body.as_bytes(), ChunkDecoder::new());
        let mut joined = String::new();
        while let Some(chunk) = reader.next_chunk() {
            joined.extend(chunk.unwrap().text());
        }
        let found = (joined.as_str(), reader.decoder().lone_surrogates());
        assert_eq!(found, (text, replaced), "{size}");
    }
    assert_eq!(
        ChunkReader::new(body.as_bytes()).completion().unwrap().text().as_deref(),
        Some(text)
    );
}

fn content(text: &str) -> String {
    format!(r#"{{"choices":[{{"index":0,"delta":{{"content":"{text}"}}}}]}}"#)
}

#[test]
fn halves_in_two_chunks_are_joined() {
    check(&[&content("ok \\ud83d"), &content("\\ude00 done")], "ok \u{1F600} done", 0);
    check(&[&content("ok \\uD83D"), &content(""), &content("\\uDE00")], "ok \u{1F600}", 0);
    let plain = content("plain \\ud83d\\ude00");
    check(
        &[&plain, &plain, &content("\\ud83d"), &content("\\ude00"), &plain],
        "plain \u{1F600}plain \u{1F600}\u{1F600}plain \u{1F600}",
        0,
    );
    let three = [content("a\\ud83d"), content("\\ude00b\\ud83d"), content("\\ude01c")];
    check(&[&three[0], &three[1], &three[2]], "a\u{1F600}b\u{1F601}c", 0);
}

#[test]
fn a_half_without_the_other_is_replaced_and_counted() {
    check(&[&content("a\\ude00b")], "a\u{FFFD}b", 1);
    check(&[&content("a\\ud83d"), &content("b")], "a\u{FFFD}b", 1);
    check(&[&content("a\\ud83d")], "a\u{FFFD}", 1);
    check(&[&content("a\\ud83d\\ud83d"), &content("\\ude00")], "a\u{FFFD}\u{1F600}", 1);
    check(&[&content("\\\\ud83d"), &content("x")], "\\ud83dx", 0);
    check(&[&content("\\\\\\ud83d"), &content("\\ude00")], "\\\u{1F600}", 0);
}

/// A half waits for the text of its own choice and key.
#[test]
fn halves_of_several_texts_do_not_mix() {
    let choice = |index: i64, text: &str| {
        format!(
            r#"{{"choices":[{{"index":{index},"delta":{{"content":"{text}","reasoning":"{text}"}}}}]}}"#
        )
    };
    let body: String =
        [choice(0, "a\\ud83d"), choice(1, "b\\ud83d"), choice(0, "\\ude00"), choice(1, "\\ude01")]
            .iter()
            .map(|event| format!("data: {event}\n\n"))
            .collect();
    let completion = ChunkReader::new((body + "data: [DONE]\n\n").as_bytes()).completion().unwrap();
    let json = serde_json::to_value(completion).unwrap();
    for (index, text) in [(0, "a\u{1F600}"), (1, "b\u{1F601}")] {
        let message = &json["choices"][index]["message"];
        assert_eq!((&message["content"], &message["reasoning"]), (&text.into(), &text.into()));
    }
}

#[test]
fn a_whole_answer_may_have_a_half() {
    let body = r#"{"choices":[{"message":{"content":"a\ud83d b"}}]}"#;
    let completion = ChunkReader::new(body.as_bytes()).completion().unwrap();
    assert_eq!(completion.text().as_deref(), Some("a\u{FFFD} b"));
    let mut reader = ChunkReader::new(body.as_bytes());
    while reader.next_chunk().is_some() {}
    assert_eq!(reader.decoder().lone_surrogates(), 1);
}

/// The place of a piece in its list says nothing if the piece has an index.
#[test]
fn a_half_waits_for_its_own_tool_call() {
    let call = |index: &str, text: &str| {
        format!(
            r#"{{"choices":[{{"index":"0","delta":{{"tool_calls":[{{"index":{index},"function":{{"arguments":"{text}"}}}}]}}}}]}}"#
        )
    };
    let events = [
        call("0", "a\\ud83d"),
        call("1", "b\\ud83d"),
        call("\"0\"", "\\ude00"),
        call("1", "c"),
        call("0", "d\\ud83d"),
    ];
    let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let completion = ChunkReader::new((body + "data: [DONE]\n\n").as_bytes()).completion().unwrap();
    let json = serde_json::to_value(completion).unwrap();
    let calls = &json["choices"][0]["message"]["tool_calls"];
    assert_eq!(calls[0]["function"]["arguments"], "a\u{1F600}d\u{FFFD}");
    assert_eq!(calls[1]["function"]["arguments"], "b\u{FFFD}c");
}

#[test]
fn a_half_outside_of_choices_is_replaced_at_once() {
    let body = "data: {\"id\":\"a\\ud83d\",\"choices\":[]}\n\ndata: [DONE]\n\n";
    let mut reader = ChunkReader::new(body.as_bytes());
    let chunk = reader.next_chunk().unwrap().unwrap();
    assert_eq!(chunk.id.as_deref(), Some("a\u{FFFD}"));
    assert_eq!(reader.decoder().lone_surrogates(), 1);
}

#[test]
fn a_half_in_a_token_or_a_key_is_replaced_at_once() {
    let token = |text: &str| {
        format!(r#"{{"choices":[{{"index":0,"logprobs":{{"content":[{{"token":"{text}"}}]}}}}]}}"#)
    };
    let events = [token("\\ud83d"), token("b"), r#"{"choices":[],"k\ud83d":1}"#.to_owned()];
    let body: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    let body = body + "data: [DONE]\n\n";
    let mut reader = ChunkReader::new(body.as_bytes());
    let mut chunk =
        || serde_json::to_value(reader.next_chunk().unwrap().unwrap()).unwrap().to_string();
    assert!(chunk().contains("\"token\":\"\u{FFFD}\""));
    assert!(chunk().contains(r#""token":"b""#));
    assert!(chunk().contains("\"k\u{FFFD}\":1"));
    assert_eq!(reader.decoder().lone_surrogates(), 2);
}

#[test]
fn a_half_before_an_error_is_counted() {
    let body = format!("data: {}\n\ndata: {{\"error\":\"e\"}}\n\n", content("a\\ud83d"));
    let mut reader = ChunkReader::new(body.as_bytes());
    while reader.next_chunk().is_some() {}
    assert_eq!(reader.decoder().lone_surrogates(), 1);
}

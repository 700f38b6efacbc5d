//! Tests the nulls that mean something else than an absent key (`x-keep-null` in the document).
//! `payloads.rs` tests everything else that survives a turn through the types.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use chatwire_types::{
    AssistantMessage, ChatCompletion, ChatCompletionChunk, CreateChatCompletionRequest, Message,
    Path, ResponseMessage, ToolCall, Unknown,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Checks that a value comes back as it was, directly and by way of JSON in memory.
#[track_caller]
fn check<T: DeserializeOwned + Serialize>(json: &str) {
    let value: T = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
    let value: T = serde_json::from_value(serde_json::to_value(&value).unwrap()).unwrap();
    assert_eq!(serde_json::to_string(&value).unwrap(), json);
}

#[test]
fn null_and_absent_stay_apart() {
    for json in [
        r#"{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function"}]}"#,
        r#"{"role":"assistant","tool_calls":[{"id":"a","type":"function"}]}"#,
        r#"{"role":"tool","content":null,"tool_call_id":"a"}"#,
        r#"{"role":"tool","tool_call_id":"a"}"#,
        r#"{"role":"function","name":"f","content":null}"#,
        r#"{"role":"function","name":"f"}"#,
        // A mandatory key does not fit, so the unknown arm keeps the object.
        r#"{"role":"function","content":null,"name":5}"#,
    ] {
        check::<Message>(json);
        let request = format!(r#"{{"model":"m","messages":[{json}]}}"#);
        check::<CreateChatCompletionRequest>(&request);
    }
    for json in [
        r#"{"choices":[{"index":0,"delta":{"content":null},"finish_reason":null}],"usage":null}"#,
        r#"{"choices":[{"index":0,"delta":{}}]}"#,
    ] {
        check::<ChatCompletionChunk>(json);
    }
    check::<ChatCompletion>(r#"{"choices":[{"message":{"role":"assistant","content":null}}]}"#);
}

#[test]
fn a_tool_message_with_null_is_a_tool_message() {
    let json = r#"{"role":"tool","content":null,"tool_call_id":"a"}"#;
    let message: Message = serde_json::from_str(json).unwrap();
    assert!(matches!(message, Message::Tool(_)));
    assert_eq!(message.text(), None);
}

#[test]
fn the_last_of_repeated_keys_counts() {
    for (json, expected) in [
        (r#"{"content":"a","content":null}"#, r#"{"content":null}"#),
        (r#"{"content":null,"content":"a"}"#, r#"{"content":"a"}"#),
        (r#"{"content":null,"content":5}"#, r#"{"content":5}"#),
        (r#"{"content":5,"content":null}"#, r#"{"content":null}"#),
    ] {
        let message: ResponseMessage = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), expected, "{json}");
    }
}

#[test]
fn the_null_of_an_answer_goes_into_the_next_turn() {
    for content in ["", r#","content":null"#] {
        let call = r#"{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#;
        let json = format!(r#"{{"role":"assistant"{content},"tool_calls":[{call}]}}"#);
        let mut answer: ResponseMessage = serde_json::from_str(&json).unwrap();
        assert_eq!(serde_json::to_string(&Message::from(answer.clone())).unwrap(), json);
        // It is documented, so nothing removes it.
        answer.strip_unknown();
        assert_eq!(serde_json::to_string(&Message::from(answer)).unwrap(), json);
    }
}

#[test]
fn a_program_may_write_null() {
    let message = AssistantMessage::new().tool_calls([ToolCall::from(serde_json::json!({}))]);
    assert!(!message.is_content_null());
    let message = message.content_or_null();
    assert!(message.is_content_null());
    assert_eq!(
        serde_json::to_string(&message).unwrap(),
        r#"{"role":"assistant","content":null,"tool_calls":[{}]}"#
    );
    // A value takes the place of the null.
    let message = message.content("a");
    assert!(!message.is_content_null());
    assert!(serde_json::to_string(&message).unwrap().contains(r#""content":"a""#));
}

/// vLLM sends such nulls, and JSON Schemas have them.
#[test]
fn a_null_in_any_json_is_a_value() {
    let json = r#"{"choices":[],"kv_transfer_params":{"remote_host":null,"ports":[null,1]}}"#;
    check::<ChatCompletion>(json);
    let completion: ChatCompletion = serde_json::from_str(json).unwrap();
    let parameters = completion.kv_transfer_params.as_ref().unwrap();
    assert_eq!(parameters.get("remote_host"), Some(&serde_json::Value::Null));
    completion.visit_unknown(&mut Path::new(), &mut |path, _| panic!("{path} is not understood"));
    // Other maps and lists take no null, so the whole value stays in `extra`.
    let json = r#"{"choices":[],"metadata":{"a":"b","c":null}}"#;
    check::<ChatCompletion>(json);
    let completion: ChatCompletion = serde_json::from_str(json).unwrap();
    assert!(completion.metadata.is_none() && completion.extra.get("metadata").is_some());
}

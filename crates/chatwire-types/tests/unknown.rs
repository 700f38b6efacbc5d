//! Tests that what the document does not know is decoded, kept in its place, and encoded unchanged.
//! `hostile.rs` tests known keys with values of the wrong kind.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test has no other way to say so")]

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, Content, CreateChatCompletionRequest, ErrorResponse,
    FindingKind, FinishReason, Message, Path, Role, ToolCall, Unknown,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decodes, encodes to the same text, and lists what is unknown.
#[track_caller]
fn check<T: Serialize + DeserializeOwned + Unknown>(
    text: &str,
    expected: &[(&str, FindingKind)],
) -> T {
    let typed: T = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&typed).unwrap(), text);
    let mut found = Vec::new();
    typed.visit_unknown(&mut Path::new(), &mut |path, finding| {
        found.push((path.to_string(), finding.kind));
    });
    let expected: Vec<_> =
        expected.iter().map(|(path, kind)| ((*path).to_owned(), *kind)).collect();
    assert_eq!(found, expected);
    typed
}

#[test]
fn an_unknown_enum_value() {
    let completion: ChatCompletion = check(
        r#"{"choices":[{"finish_reason":"x-vendor"},{"finish_reason":""}]}"#,
        &[
            ("choices[0].finish_reason", FindingKind::UnknownValue),
            ("choices[1].finish_reason", FindingKind::UnknownValue),
        ],
    );
    let reason = completion.first_choice().unwrap().finish_reason.clone().unwrap();
    assert!(matches!(&reason, FinishReason::Unknown(value) if value.as_str() == "x-vendor"));
    assert_eq!(reason, "x-vendor");
}

#[test]
fn unknown_keys_in_their_order() {
    let chunk: ChatCompletionChunk = check(
        r#"{"id":"c","zeta":{"b":1,"a":2},"alpha":null}"#,
        &[("zeta", FindingKind::UnknownKey), ("alpha", FindingKind::UnknownKey)],
    );
    assert_eq!(chunk.extra.get("zeta"), Some(&json!({"b": 1, "a": 2})));
    assert_eq!(chunk.extra.keys().collect::<Vec<_>>(), ["zeta", "alpha"]);
}

#[test]
fn an_unknown_message_role() {
    let request: CreateChatCompletionRequest = check(
        r#"{"model":"m","messages":[{"role":"x-vendor","content":"x"},{"content":"no role"}]}"#,
        &[
            ("messages[0]", FindingKind::UnknownVariant),
            ("messages[1]", FindingKind::UnknownVariant),
        ],
    );
    let Some([Message::Unknown(unknown), _]) = request.messages.as_deref() else { panic!() };
    assert_eq!(unknown.as_json()["role"], "x-vendor");
}

#[test]
fn an_unknown_tool_call_type() {
    let completion: ChatCompletion = check(
        r#"{"choices":[{"message":{"tool_calls":[{"id":"call_1","type":"x-vendor","x-vendor":{"x":1}}]}}]}"#,
        &[("choices[0].message.tool_calls[0]", FindingKind::UnknownVariant)],
    );
    assert!(matches!(completion.tool_calls(), [ToolCall::Unknown(_)]));
}

#[test]
fn a_tool_call_without_a_type_is_the_call_of_a_function() {
    let text =
        r#"{"choices":[{"message":{"tool_calls":[{"id":"call_1","function":{"name":"f"}}]}}]}"#;
    let completion: ChatCompletion = check(text, &[]);
    assert_eq!(completion.tool_calls()[0].as_function().unwrap().type_, None);
}

#[test]
fn a_known_key_of_another_shape_is_kept_under_its_name() {
    let request: CreateChatCompletionRequest = check(
        r#"{"model":"m","stop":[null],"temperature":"hot"}"#,
        &[("stop", FindingKind::UnknownVariant), ("temperature", FindingKind::Deviation)],
    );
    assert_eq!(request.temperature, None);
    // A value that the program sets replaces the one that came.
    let text = serde_json::to_string(&request.temperature(0.5)).unwrap();
    assert_eq!(text.matches("temperature").count(), 1);
}

#[test]
fn a_key_that_comes_twice_has_its_last_value() {
    let back = |text: &str| {
        let completion: ChatCompletion = serde_json::from_str(text).unwrap();
        serde_json::to_string(&completion).unwrap()
    };
    assert_eq!(back(r#"{"id":"a","id":"b"}"#), r#"{"id":"b"}"#);
    assert_eq!(back(r#"{"id":"a","id":7}"#), r#"{"id":7}"#);
    assert_eq!(back(r#"{"id":7,"id":"a"}"#), r#"{"id":"a"}"#);
    assert_eq!(back(r#"{"id":7,"id":null}"#), "{}");
    // The same holds for an unknown key, which keeps its first position.
    assert_eq!(back(r#"{"vendor":1,"b":1,"vendor":2}"#), r#"{"vendor":2,"b":1}"#);

    let call = r#"{"choices":[{"message":{"tool_calls":[{"type":"custom","type":"function"}]}}]}"#;
    let completion: serde_json::Value = serde_json::from_str(&back(call)).unwrap();
    let kept = completion.pointer("/choices/0/message/tool_calls/0/type");
    assert_eq!(kept.and_then(Value::as_str), Some("function"));
}

#[test]
fn content_is_text_parts_or_anything() {
    let content = |json: Value| serde_json::from_value::<Content>(json).unwrap();
    assert!(matches!(content(json!("a")), Content::Text(_)));
    assert!(matches!(content(json!([{"type": "text", "text": "a"}])), Content::Parts(_)));
    assert!(matches!(content(json!({"answer": 42})), Content::Unknown(_)));
    assert_eq!(
        serde_json::to_value(content(json!({"answer": 42}))).unwrap(),
        json!({"answer": 42})
    );
}

#[test]
fn errors_of_every_shape() {
    for text in [
        r#"{"error":{"message":"m","code":400}}"#,
        r#"{"error":{"message":null,"type":"t"}}"#,
        r#"{"error":"m"}"#,
        r#"{"detail":"m"}"#,
        r#"{"error":{"code":"c","metadata":{"raw":"x"}},"user_id":"u"}"#,
    ] {
        let error: ErrorResponse = serde_json::from_str(text).unwrap();
        let back = serde_json::to_string(&error).unwrap();
        assert_eq!(back.len(), text.replace(r#""message":null,"#, "").len(), "{text}\n{back}");
    }
}

#[test]
fn numbers_and_key_order_go_out_as_they_came() {
    check::<CreateChatCompletionRequest>(
        r#"{"model":"m","temperature":0.7,"top_p":0.1,"seed":9223372036854775807}"#,
        &[],
    );
    check::<CreateChatCompletionRequest>(
        r#"{"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"z":1,"a":2.50001}}}}"#,
        &[],
    );
    check::<ChatCompletion>(
        r#"{"choices":[{"logprobs":{"content":[{"token":"a","logprob":-0.0006247395}]}}]}"#,
        &[],
    );
}

#[test]
fn the_only_errors_are_of_json_and_of_the_outermost_shape() {
    let error = |text: &str| serde_json::from_str::<ChatCompletion>(text).unwrap_err().to_string();
    assert_eq!(error("[]"), "expected an object, found a list");
    assert_eq!(error("null"), "expected an object, found null");
    assert_eq!(error("{\n  \"id\": \"c\",\n}"), "trailing comma at line 3 column 1");

    let error = serde_json::from_str::<chatwire_types::FunctionTool>(
        r#"{"type":"function","function":{"name":5}}"#,
    );
    let error = error.unwrap_err().to_string();
    assert!(error.starts_with("function.name: expected a string, found a number"), "{error}");
}

#[test]
fn stripping_leaves_what_strict_servers_take() {
    let mut request: CreateChatCompletionRequest = serde_json::from_str(
        r#"{"model":"m","messages":[{"role":"x-vendor","content":"x"},{"role":"user","content":"y","vendor":1}],
            "service_tier":"x-vendor","vendor":2}"#,
    )
    .unwrap();
    request.strip_unknown();
    assert_eq!(
        serde_json::to_string(&request).unwrap(),
        r#"{"model":"m","messages":[{"role":"user","content":"y"}]}"#
    );
}

#[test]
fn enums_and_unions_read_from_text_and_json() {
    assert_eq!(Role::from("assistant"), Role::Assistant);
    assert_eq!(Role::from("x-vendor").to_string(), "x-vendor");
    let message = Message::from(json!({"role": "user", "content": "hi"}));
    assert_eq!(message, Message::user("hi"));
}

/// Also runs with `--features serde_json/arbitrary_precision`, where each number is an object with
/// one key.
#[test]
fn numbers_are_numbers_and_objects_are_objects() {
    let back = |text: &str| {
        let typed: ChatCompletion = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&typed).unwrap(), text);
    };
    back(r#"{"choices":[{"message":1.5,"logprobs":-0.5}]}"#);
    back(r#"{"choices":[{"message":{"role":"assistant","$serde_json::private::Number":"5"}}]}"#);
    back(r#"{"$serde_json::private::Number":"5","vendor":1}"#);
    back(r#"{"id":"a","$serde_json::private::Number":"5"}"#);
    back(r#"{"$serde_json::private::Number":7}"#);
    // With that feature, this object cannot be told from a number.
    if serde_json::from_str::<serde_json::Number>("1e999").is_err() {
        back(r#"{"$serde_json::private::Number":"5"}"#);
        back(r#"{"choices":[{"message":{"$serde_json::private::Number":"5"}}]}"#);
    }
    let text = r#"{"metadata":{"$serde_json::private::Number":"5","a":"b"}}"#;
    let request: CreateChatCompletionRequest = check(text, &[]);
    assert_eq!(request.metadata.unwrap().len(), 2);
}

#[test]
fn of_several_tags_the_last_counts() {
    let message = |text: &str| -> Message {
        let message = serde_json::from_str(text).unwrap();
        let encoded = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<Message>(&encoded).unwrap(), message);
        message
    };
    let system = Message::system("a");
    assert_eq!(message(r#"{"role":"user","role":"system","content":"a"}"#), system);
    assert_eq!(message(r#"{"role":"user","content":"a","role":"system"}"#), system);
    assert_eq!(message(r#"{"role":"new","content":"a","role":"system"}"#), system);
    assert_eq!(message(r#"{"role":7,"role":"user","content":"a","role":"system"}"#), system);
    let unknown = message(r#"{"role":"system","content":"a","role":"new"}"#);
    assert!(matches!(unknown, Message::Unknown(_)), "{unknown:?}");

    // The arms of this union may lack their tag, so any of them would take the last one.
    let call = |text| serde_json::from_str::<ToolCall>(text).unwrap();
    assert!(call(r#"{"type":"custom","type":"function"}"#).as_function().is_some());
    assert!(call(r#"{"type":"custom","type":null}"#).as_function().is_some());
    assert!(call(r#"{"type":"function","type":"custom"}"#).as_function().is_none());
    assert!(matches!(call(r#"{"type":"function","type":7}"#), ToolCall::Unknown(_)));
}

#[test]
fn an_integer_that_no_float_can_be_is_kept() {
    check::<CreateChatCompletionRequest>(
        r#"{"model":"m","temperature":9007199254740993}"#,
        &[("temperature", FindingKind::Deviation)],
    );
}

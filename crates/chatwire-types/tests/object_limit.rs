//! Tests the limit on the number of JSON objects in one value. `hostile.rs` tests values of wrong
//! shapes.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use chatwire_types::{
    ChatCompletion, ChatCompletionChunk, CreateChatCompletionRequest, DEFAULT_MAX_OBJECTS,
    ErrorResponse, Message, with_max_objects,
};
use serde::de::DeserializeOwned;

/// Checks that the value has exactly this number of objects.
#[track_caller]
fn check<T: DeserializeOwned>(json: &str, objects: usize) {
    let read = |max| with_max_objects(max, || serde_json::from_str::<T>(json));
    assert!(read(objects).is_ok(), "{json}: {}", read(objects).err().unwrap());
    let error = read(objects - 1).err().unwrap().to_string();
    let expected = format!("it has more than {} JSON objects", objects - 1);
    assert!(error.starts_with(&expected), "{json}: {error}");
}

#[test]
fn every_object_counts_once() {
    check::<ChatCompletion>("{}", 1);
    check::<ChatCompletion>(r#"{"choices":[{},{"message":{}}]}"#, 4);
    // Unknown keys, and values of another shape.
    check::<ChatCompletion>(r#"{"vendor":[{},{"a":{}}],"choices":{"a":{}},"id":[{}]}"#, 7);
    check::<ChatCompletion>(r#"{"choices":[{},5,{}]}"#, 3);
    check::<ErrorResponse>(r#"{"error":{"a":{}},"errors":[{},{}]}"#, 5);
    check::<ChatCompletionChunk>(r#"{"choices":[{"delta":{"tool_calls":[{},{}]}}]}"#, 5);
    // Text is not counted.
    check::<ChatCompletion>(r#"{"id":"{{{{","{":"{"}"#, 1);
}

#[test]
fn an_object_that_is_read_again_counts_once() {
    // The tag comes last, so the keys before it are buffered.
    check::<Message>(r#"{"content":[{"text":"a","type":"text"},{}],"role":"user"}"#, 3);
    // The tag is repeated, so the object is read again.
    check::<Message>(r#"{"role":"user","content":[{},{}],"role":"system"}"#, 3);
    // A key of a map is repeated.
    check::<CreateChatCompletionRequest>(r#"{"logit_bias":{"a":{},"b":1,"a":2}}"#, 3);
}

/// Small values count, where each takes far more memory than its text. A small limit shows it in less time than the
/// default one.
#[test]
fn many_small_values_are_refused() {
    const LIMIT: usize = DEFAULT_MAX_OBJECTS / 32;
    let values = 4 * LIMIT + 1024;
    let read =
        |json: &str| with_max_objects(LIMIT, || serde_json::from_str::<ChatCompletion>(json));
    for (before, item, after, count) in [
        (r#"{"vendor":["#, "0", "]}", values),
        (r#"{"vendor":["#, "[0]", "]}", values / 6),
        (r#"{"tool_calls":["#, "0", "]}", values),
        (r#"{"error":{"vendor":["#, "0", "]}}", values),
        (r#"{"choices":[{"message":{"tool_calls":["#, "0", "]}}]}", values / 2),
        (r#"{"choices":[{"message":{"content":["#, "0", "]}}]}", values / 2),
    ] {
        let json = |count| format!("{before}{}{after}", vec![item; count].join(","));
        let error = read(&json(count + 1)).unwrap_err();
        assert!(error.to_string().contains("raise `max_objects`"), "{before}: {error}");
        assert!(read(&json(count / 10)).is_ok(), "{before}");
    }
    let keys = |count| (0..count).map(|key| format!("\"{key}\":0")).collect::<Vec<_>>().join(",");
    let object = |count| format!("{{{}}}", keys(count));
    assert!(read(&object(values / 2)).is_ok());
    assert!(read(&object(values / 2 + 1)).is_err());
    // Texts and numbers of a documented list take little more than in JSON.
    let ids = vec!["123"; values + 1].join(",");
    let json = format!(r#"{{"prompt_token_ids":[{ids}]}}"#);
    let read = || serde_json::from_str::<ChatCompletionChunk>(&json);
    assert!(with_max_objects(LIMIT, read).is_ok());
}

#[test]
fn the_default_refuses_a_megabyte_of_objects() {
    let json = |count: usize| format!(r#"{{"choices":[{}]}}"#, vec!["{}"; count].join(","));
    let read = |count| serde_json::from_str::<ChatCompletion>(&json(count));
    assert!(read(DEFAULT_MAX_OBJECTS - 1).is_ok());
    let error = read(DEFAULT_MAX_OBJECTS).unwrap_err().to_string();
    assert!(error.contains("raise `max_objects`"), "{error}");
    let all = with_max_objects(usize::MAX, || read(DEFAULT_MAX_OBJECTS));
    assert!(all.is_ok());
    let values = 4 * DEFAULT_MAX_OBJECTS + 1024;
    let numbers = format!(r#"{{"vendor":[{}]}}"#, vec!["0"; values + 1].join(","));
    assert!(serde_json::from_str::<ChatCompletion>(&numbers).is_err());
}

#[test]
fn each_value_counts_for_itself() {
    let json = format!("[{}]", [r#"{"choices":[{}]}"#; 3].join(","));
    let read = |max| with_max_objects(max, || serde_json::from_str::<Vec<ChatCompletion>>(&json));
    assert!(read(2).is_ok());
    assert!(read(1).is_err());
    // The limit inside a limit ends with it.
    with_max_objects(2, || {
        with_max_objects(1, || assert!(read(1).is_err()));
        check::<ChatCompletion>(r#"{"a":{}}"#, 2);
    });
}

#[test]
fn a_value_in_memory_has_no_limit() {
    let json = serde_json::json!({"role": "user", "content": [{}, {}]});
    let message = with_max_objects(1, || Message::from(json.clone()));
    assert_eq!(serde_json::to_value(message).unwrap(), json);
}

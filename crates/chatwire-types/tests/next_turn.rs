//! What the message of an answer becomes in the next request. The cases are in `data/next_turn.json`.

#![allow(clippy::unwrap_used, reason = "a test has no other way to say so")]

use chatwire_types::{AssistantMessage, Message, ResponseMessage};
use serde_json::{Value, json};

#[test]
fn every_answer_of_the_table_goes_back_as_it_should() {
    let table: Vec<Value> = serde_json::from_str(include_str!("data/next_turn.json")).unwrap();
    for case in table {
        let answer: ResponseMessage = serde_json::from_value(case["answer"].clone()).unwrap();
        let expected = case.get("next").unwrap_or(&case["answer"]);
        let assistant = AssistantMessage::from(answer.clone());
        assert_eq!(json!(assistant), *expected, "{}", case["name"]);
        assert_eq!(json!(Message::from(answer)), *expected, "{}", case["name"]);
    }
}

/// The first case has every documented key but `audio`, which is a key of both types as well.
#[test]
fn documented_keys_find_their_fields() {
    let table: Vec<Value> = serde_json::from_str(include_str!("data/next_turn.json")).unwrap();
    let answer: ResponseMessage = serde_json::from_value(table[0]["answer"].clone()).unwrap();
    assert!(answer.extra.is_empty());
    assert!(AssistantMessage::from(answer).extra.is_empty());
}

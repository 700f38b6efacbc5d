//! Runs `chatwire chat` with servers of other projects: a real llama.cpp with a scripted model, and a
//! mock of the official API. Start them with `../shared/peers/up.sh`, and set `CHATWIRE_PEERS=1`.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::io::Write;
use std::process::Output;

use chatwire::{ChatCompletion, Client, CreateChatCompletionRequest, StreamOptions, ToolCall};
use serde_json::{Value, json};
use support::{chatwire, check};

const LLAMA: &str = "http://127.0.0.1:4107/v1";
const AIMOCK: &str = "http://127.0.0.1:4103/v1";

fn peers_are_up() -> bool {
    let up = std::env::var_os("CHATWIRE_PEERS").is_some();
    if !up {
        // Not with `eprintln`, because a test runner captures that.
        let mut stderr = std::io::stderr();
        writeln!(stderr, "skipped: CHATWIRE_PEERS is not set").unwrap();
    }
    up
}

fn chat(base_url: &str, key: &str, model: &str, more: &[&str]) -> Output {
    let args = ["chat", "--base-url", base_url, "--api-key", key, "--model", model];
    chatwire(&[&args, more].concat())
}

#[test]
fn llama_server_answers_in_both_forms() {
    if !peers_are_up() {
        return;
    }
    // It is sampled, and now and then takes another of the sentences that it knows.
    let known = [
        "Hello there! Café 😀 I am a tiny model.",
        "Hello there.",
        "It is sunny in Paris, 21 C today",
    ];
    for how in [&["Say this is a test"][..], &["Say this is a test", "--no-stream"]] {
        let run = chat(LLAMA, "sk-test", "tiny", how);
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(known.contains(&stdout.trim_end()), "{stdout}");
        let run = chat(LLAMA, "sk-test", "tiny", &[how, &["--n", "2"]].concat());
        let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
        let (first, second) = stdout.trim_end().split_once("\n[2] ").unwrap();
        assert!(known.contains(&first.strip_prefix("[1] ").unwrap()), "{stdout}");
        assert!(known.contains(&second), "{stdout}");
    }
    let run = chat(LLAMA, "sk-wrong", "tiny", &["hi"]);
    check(&run, 1, "", &["error: 401 Unauthorized: Invalid API Key"]);
}

#[test]
fn aimock_answers_and_fails_as_it_should() {
    if !peers_are_up() {
        return;
    }
    let text = "Hello! How can I help you today? Café 😀\n";
    for how in [&["Say hello"][..], &["Say hello", "--no-stream"]] {
        check(&chat(AIMOCK, "sk-test", "gpt-4o-mini", how), 0, text, &["usage: "]);
    }
    let ask = |model: &str| chat(AIMOCK, "sk-test", model, &["Say hello"]);
    check(&ask("slow"), 0, "Slow answer.\n", &[]);
    check(&ask("mock-429"), 1, "", &["error: 429 Too Many Requests: Rate limited"]);
    check(&ask("mock-cut"), 1, "This tex\n", &["error: the answer broke off"]);
    let run = chat(AIMOCK, "sk-wrong", "gpt-4o-mini", &["Say hello"]);
    check(&run, 1, "", &["error: 401 Unauthorized: Invalid API key"]);
}

/// The server returns 429, then 503, and then an answer to every request.
#[test]
fn aimock_is_flaky_only_for_a_while() {
    if !peers_are_up() {
        return;
    }
    let run = chat(AIMOCK, "sk-test", "flaky", &["Say hello"]);
    check(&run, 0, "Third time lucky.\n", &[]);
}

/// Message, tool calls, finish reason and usage do not depend on streaming.
#[tokio::test]
async fn a_streamed_answer_is_the_plain_one() {
    if !peers_are_up() {
        return;
    }
    let weather = json!([{"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]
    }}}]);
    let schema = json!({"type": "json_schema", "json_schema": {"name": "s", "schema": {
        "type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"]
    }}});
    let both = "both: weather in Paris and Oslo";
    // Server, model, message, what else is asked, why it ends.
    let cases = [
        (LLAMA, "tiny", "Say hello", json!({}), "stop"),
        (LLAMA, "tiny", "Say hello", json!({"n": 2}), "stop"),
        (LLAMA, "tiny", "Say hello", json!({"response_format": schema}), "stop"),
        (LLAMA, "tiny", "count", json!({"max_tokens": 9}), "length"),
        (LLAMA, "tiny", "count", json!({"stop": [" four"]}), "stop"),
        (LLAMA, "tiny", "think about it", json!({}), "stop"),
        (LLAMA, "tiny", "the weather in Paris", json!({"tools": weather}), "tool_calls"),
        (LLAMA, "tiny", both, json!({"tools": weather, "parallel_tool_calls": true}), "tool_calls"),
        (AIMOCK, "gpt-4o-mini", "Say hello", json!({}), "stop"),
        (AIMOCK, "gpt-4o-mini", "Say hello", json!({"n": 2}), "stop"),
        (AIMOCK, "gpt-4o-mini", "Say hello", json!({"response_format": schema}), "stop"),
        (AIMOCK, "mock-length", "Say hello", json!({}), "length"),
        (AIMOCK, "mock-think", "Say hello", json!({}), "stop"),
        (AIMOCK, "mock-blocks", "Say hello", json!({"tools": weather}), "tool_calls"),
        (AIMOCK, "gpt-4o-mini", "the weather in Paris", json!({"tools": weather}), "tool_calls"),
    ];
    for (server, model, message, more, reason) in cases {
        let name = format!("{model} {message} {more}");
        let mut request = json!({
            "model": model, "messages": [{"role": "user", "content": message}],
            "max_tokens": 64, "temperature": 0,
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let request: CreateChatCompletionRequest = serde_json::from_value(request).unwrap();
        let client = Client::builder().base_url(server).api_key("sk-test").build().unwrap();
        let plain = client.chat(&request).await.unwrap().into_inner();
        let request = request.stream_options(StreamOptions::new().include_usage(true));
        let mut stream = client.stream(&request).await.unwrap();
        let streamed = stream.completion().await.unwrap();
        assert!(plain.usage.is_some(), "{name}");
        for choice in plain.choices.as_ref().unwrap() {
            assert_eq!(choice.finish_reason.as_ref().unwrap().as_str(), reason, "{name}");
        }
        assert_eq!(to_compare(streamed), to_compare(plain), "{name}");
    }
}

/// Choices and usage without the values that differ between requests: ids of calls are random, and
/// llama-server uses the cache of earlier requests. A message without text has empty content in one form
/// and no content in the other.
fn to_compare(mut completion: ChatCompletion) -> Value {
    if let Some(usage) = &mut completion.usage {
        usage.prompt_tokens_details = None;
    }
    for choice in completion.choices.iter_mut().flatten() {
        let message = choice.message.as_mut().unwrap();
        message.content = message.content.take().filter(|content| *content != "".into());
        for call in message.tool_calls.iter_mut().flatten() {
            if let ToolCall::Function(call) = call {
                call.id = None;
            }
        }
    }
    json!({"choices": completion.choices, "usage": completion.usage})
}

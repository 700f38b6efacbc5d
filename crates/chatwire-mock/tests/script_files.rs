//! Tests scripts in files. `scripts/wrong` has a file for each mistake, with the error beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use std::path::{Path, PathBuf};

use chatwire_mock::{MockServer, Script};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

async fn start(file: &str) -> MockServer {
    let script = Script::read(folder().join(file)).unwrap();
    MockServer::builder().script(script).start().await.unwrap()
}

async fn post(server: &MockServer, prompt: &str, extra: Value) -> reqwest::Response {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": prompt}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let url = format!("{}/chat/completions", server.base_url());
    reqwest::Client::new().post(url).header("x-tenant", "blue").json(&body).send().await.unwrap()
}

async fn message(server: &MockServer, prompt: &str, extra: Value) -> Value {
    let completion: Value = post(server, prompt, extra).await.json().await.unwrap();
    completion["choices"][0]["message"].clone()
}

#[tokio::test]
async fn calls_and_conditions() {
    let server = start("weather.yaml").await;
    let tools = json!([{"type": "function", "function": {"name": "get_weather"}}]);
    let extra = json!({"model": "gpt-4o", "temperature": 0, "tools": tools});
    for number in 1..=4 {
        let message = message(&server, "The WEATHER in Paris?", extra.clone()).await;
        if matches!(number, 2 | 4) {
            assert_eq!(message["content"], "I know nothing else.", "request {number}");
            continue;
        }
        assert_eq!(message["reasoning_content"], "The user wants the weather.");
        let calls = &message["tool_calls"];
        assert_eq!(calls[0]["function"]["arguments"], r#"{"city":"Paris"}"#);
        let custom = json!({"id": "call_7", "type": "custom", "custom": {"name": "run_code", "input": "print(1)"}});
        assert_eq!(calls[1], custom);
        assert_eq!(calls[2]["function"]["arguments"], "{\"city\": ");
    }
    assert_eq!(
        message(&server, "weather in Rome", json!({})).await["content"],
        "I know nothing else."
    );
}

#[tokio::test]
async fn errors_waits_and_faults() {
    let server = start("weather.yaml").await;
    let slow = post(&server, "busy?", json!({})).await;
    assert_eq!(
        (slow.status().as_u16(), &slow.headers()["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    assert_eq!(slow.headers().get_all("x-many").iter().count(), 2);
    assert_eq!(slow.headers()["x-chatwire-rule"], "busy");
    let error = json!({"message": "Slow down.", "type": "requests", "param": null, "code": "slow"});
    assert_eq!(slow.json::<Value>().await.unwrap()["error"], error);
    assert_eq!(post(&server, "busy?", json!({})).await.status(), 503);
    let cut = post(&server, "busy?", json!({"stream": true})).await;
    assert!(cut.status() == 200 && cut.text().await.is_err());
    let broken = post(&server, "busy?", json!({"stream": true})).await.text().await.unwrap();
    assert!(broken.contains(r#""message":"It broke.""#) && !broken.contains("[DONE]"), "{broken}");
}

#[tokio::test]
async fn bodies() {
    let server = start("weather.yaml").await;
    let mut bodies = Vec::new();
    for _ in 0..5 {
        let answer = post(&server, "bodies", json!({})).await;
        let status = answer.status().as_u16();
        bodies.push((status, answer.text().await.unwrap()));
    }
    let stream =
        std::fs::read_to_string(folder().join("../recordings/hi-stream.stream.sse")).unwrap();
    let expected = [(200, "null"), (202, "[1,2]"), (200, "plain\n"), (200, &stream)];
    for (body, (status, text)) in bodies.iter().zip(expected) {
        assert_eq!((body.0, body.1.as_str()), (status, text));
    }
    assert!(bodies[4].1.contains(r#""vendor":1"#), "{}", bodies[4].1);
    let streamed = post(&server, "bodies", json!({"stream": true})).await.text().await.unwrap();
    assert!(streamed.contains(r#""content":"Whole""#) && streamed.ends_with("data: [DONE]\n\n"));
}

#[tokio::test]
async fn refusals() {
    let server = start("weather.yaml").await;
    let completion: Value = post(&server, "refuse", json!({})).await.json().await.unwrap();
    let choice = &completion["choices"][0];
    assert_eq!(
        (&choice["message"]["refusal"], &choice["message"]["content"]),
        (&json!("No."), &Value::Null)
    );
    assert_eq!(choice["message"]["annotations"], json!([]));
    assert_eq!(
        (&choice["finish_reason"], &choice["logprobs"]["refusal"]),
        (&json!("content_filter"), &json!([]))
    );
}

#[tokio::test]
async fn json_with_tabs_and_escapes() {
    let server = start("tabs.json").await;
    assert_eq!(message(&server, "Hi", json!({})).await["content"], "café 😀");
}

#[tokio::test]
async fn aliases_repeat_parts() {
    let script = "rules:\n- when: &all {model: m}\n  reply: &hi {text: Hi, headers: {x-a: 1}}\n\
                  - when: *all\n  replies: [*hi, {error: 503}]\n";
    let server =
        MockServer::builder().script(Script::parse(script).unwrap()).start().await.unwrap();
    assert_eq!(message(&server, "Hello", json!({})).await["content"], "Hi");
}

/// The script in the documentation of `Script::read`.
#[test]
fn the_documented_script_is_valid() {
    let page = include_str!("../src/script/file.rs");
    let lines = page.lines().skip_while(|line| !line.contains("```yaml")).skip(1);
    let lines = lines.take_while(|line| !line.contains("```"));
    let lines = lines
        .map(|line| line.trim_start().trim_start_matches("///").strip_prefix(' ').unwrap_or(""));
    let script = lines.collect::<Vec<_>>().join("\n");
    assert!(script.starts_with("rules:") && script.lines().count() > 20, "{script}");
    drop(Script::parse(&script).unwrap());
}

#[test]
fn mistakes_are_explained() {
    let write = std::env::var_os("UPDATE_SCRIPT_ERRORS").is_some();
    let files = std::fs::read_dir(folder().join("wrong")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "yaml"));
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let error = Script::read(&file).expect_err(&file.display().to_string()).to_string();
        let shown = error.replace(&file.parent().unwrap().display().to_string(), "FOLDER") + "\n";
        let expected = file.with_extension("txt");
        if write {
            std::fs::write(&expected, &shown).unwrap();
        }
        assert_eq!(shown, std::fs::read_to_string(&expected).unwrap(), "{}", file.display());
    }
    let error = Script::read("no/such/script.yaml").unwrap_err().to_string();
    assert!(error.starts_with("the script no/such/script.yaml cannot be read: "), "{error}");
}

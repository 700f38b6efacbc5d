//! Tests scripts as a client sees them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use std::time::{Duration, Instant};

use chatwire_mock::{Fault, MockServer, Pattern, Reply, Rule, Script};
use serde_json::{Value, json};

async fn start(script: impl Into<Script>) -> MockServer {
    MockServer::builder().script(script).start().await.unwrap()
}

async fn post(server: &MockServer, prompt: &str, extra: Value) -> reqwest::Response {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": prompt}]});
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let url = format!("{}/chat/completions", server.base_url());
    reqwest::Client::new().post(url).header("x-tenant", "blue").json(&body).send().await.unwrap()
}

async fn ask(server: &MockServer, prompt: &str, extra: Value) -> Value {
    post(server, prompt, extra).await.json().await.unwrap()
}

async fn text(server: &MockServer, prompt: &str) -> String {
    let completion = ask(server, prompt, json!({})).await;
    completion["choices"][0]["message"]["content"].as_str().unwrap_or_default().to_owned()
}

fn tool(name: &str) -> Value {
    json!([{"type": "function", "function": {"name": name}}])
}

#[tokio::test]
async fn the_first_rule_that_matches_answers() {
    let script = Script::new()
        .rule(Rule::new().last_message("*rain*").model("m*").reply("Rain."))
        .rule(Rule::new().last_message(Pattern::regex("(?i)^sun").unwrap()).reply("Sun."))
        .rule(Rule::new().header("x-tenant", "blue").last_message("blue").reply("Blue."))
        .rule(Rule::new().header("X-Tenant", "red").reply("Red."))
        .rule(Rule::new().tool("get_*").reply("Tool."))
        .rule(Rule::new().body(json!({"temperature": 0, "stream": null})).reply("Cold."))
        .rule(Rule::new().reply("Other."));
    let server = start(script).await;
    for (prompt, expected) in
        [("Much rain", "Rain."), ("Sunny", "Sun."), ("blue", "Blue."), ("red", "Other.")]
    {
        assert_eq!(text(&server, prompt).await, expected);
    }
    for (extra, expected) in
        [(json!({"tools": tool("get_x")}), "Tool."), (json!({"temperature": 0}), "Cold.")]
    {
        assert_eq!(ask(&server, "Hi", extra).await["choices"][0]["message"]["content"], expected);
    }
}

#[tokio::test]
async fn sequences() {
    let refuse = Reply::new().error(429, "Slow down.").header("retry-after", "1");
    let restart = Reply::new().error(503, json!({"message": "We restart.", "code": "restart"}));
    let server = start(Rule::new().reply(refuse).reply(restart).reply("Done.")).await;
    let first = post(&server, "Hi", json!({})).await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (429, &"1".parse().unwrap())
    );
    let error = json!({"message": "Slow down.", "type": "requests", "param": null, "code": "rate_limit_exceeded"});
    assert_eq!(first.json::<Value>().await.unwrap()["error"], error);
    let second = post(&server, "Hi", json!({"stream": true})).await;
    assert_eq!(second.status(), 503);
    let error =
        json!({"message": "We restart.", "type": "server_error", "param": null, "code": "restart"});
    assert_eq!(second.json::<Value>().await.unwrap()["error"], error);
    for _ in 0..2 {
        assert_eq!(text(&server, "Hi").await, "Done.");
    }
}

#[tokio::test]
async fn the_number_counts_requests_that_meet_the_conditions() {
    let script = Script::new()
        .rule(Rule::new().nth(3).reply("Third of all."))
        .rule(Rule::new().last_message("a").nth(1).nth(3).reply("First or third a."))
        .rule(Rule::new().reply("Other."));
    let server = start(script).await;
    let mut answers = Vec::new();
    for prompt in ["b", "a", "a", "a", "a"] {
        answers.push(text(&server, prompt).await);
    }
    let expected = ["Other.", "First or third a.", "Third of all.", "First or third a.", "Other."];
    assert_eq!(answers, expected);
}

#[tokio::test]
async fn a_request_without_a_rule_learns_what_it_misses() {
    let script = Script::new()
        .rule(Rule::new().name("tools").model("gpt-*").tool("look_up").reply("A"))
        .rule(Rule::new().name("once").last_message("Hi").nth(2).reply("B"))
        .rule(
            Rule::new().header("x-key", "1").header("x-tenant", "red").last_role("tool").reply("C"),
        )
        .rule(Rule::new().body(json!({"messages": [{"role": "system"}]})).reply("D"));
    let server = start(script).await;
    let answer = post(&server, "Hi", json!({})).await;
    assert_eq!(answer.status(), 404);
    let error = answer.json::<Value>().await.unwrap()["error"].clone();
    assert_eq!(error["code"], "no_rule_matched");
    assert_eq!(
        error["message"],
        "No rule of the script matches this request. It misses 'once': it is request 1 of this kind, not 2; \
         'rule 4': `messages[0].role` is \"user\", not \"system\"; \
         'tools': the model is 'm', not 'gpt-*', there are no tools, and not 'look_up'; \
         'rule 3': the role of the last message is 'user', not 'tool', there is no header `x-key`, the header \
         `x-tenant` is not 'red'. \
         Correct the request, or add a rule without conditions at the end."
    );
}

#[tokio::test]
async fn what_the_model_says() {
    let reply = Reply::new()
        .text("Hi")
        .reasoning("I greet.")
        .tool_call("look_up", json!({"city": "Paris"}))
        .tool_call("broken", "{\"city\": ")
        .tool_call_id("call_7")
        .custom_tool_call("run", "1 + 1")
        .usage("prompt_tokens", 7)
        .message("annotations", json!([]));
    let refusal = Reply::new().refusal("No.").finish_reason("content_filter");
    let server = start(Rule::new().reply(reply).reply(refusal)).await;
    let completion = ask(&server, "Hi", json!({})).await;
    let message = &completion["choices"][0]["message"];
    let expected = json!({
        "role": "assistant", "content": "Hi", "refusal": null, "reasoning_content": "I greet.",
        "annotations": [],
        "tool_calls": [
            {"id": "call_mock1_0", "type": "function",
             "function": {"name": "look_up", "arguments": "{\"city\":\"Paris\"}"}},
            {"id": "call_7", "type": "function", "function": {"name": "broken", "arguments": "{\"city\": "}},
            {"id": "call_mock1_2", "type": "custom", "custom": {"name": "run", "input": "1 + 1"}},
        ],
    });
    assert_eq!(message, &expected);
    assert_eq!(completion["usage"]["prompt_tokens"], 7);
    let completion = ask(&server, "Hi", json!({"logprobs": true})).await;
    let choice = &completion["choices"][0];
    assert_eq!(
        (&choice["message"]["refusal"], &choice["finish_reason"]),
        (&json!("No."), &json!("content_filter"))
    );
    assert_eq!(choice["logprobs"]["refusal"][0]["token"], "No");
}

#[tokio::test]
async fn a_text_is_sent_as_it_is_unless_a_call_must_be() {
    let server = start(Rule::new().reply("Sunny.")).await;
    let format = json!({"response_format": {"type": "json_object"}, "n": 2});
    let completion = ask(&server, "JSON", format).await;
    for choice in completion["choices"].as_array().unwrap() {
        assert_eq!(choice["message"]["content"], "Sunny.");
    }
    let must = json!({"tools": tool("look_up"), "tool_choice": "required"});
    let message = ask(&server, "Hi", must).await["choices"][0]["message"].clone();
    assert_eq!(
        (&message["content"], &message["tool_calls"][0]["function"]["name"]),
        (&Value::Null, &json!("look_up"))
    );
}

#[tokio::test]
async fn the_server_makes_up_what_a_reply_leaves_out() {
    let script = Rule::new()
        .name("thinker")
        .reply(Reply::new())
        .reply(Reply::new().reasoning("Hm.").usage("total_tokens", 1));
    let server = MockServer::builder().script(script.clone()).start().await.unwrap();
    assert_eq!(text(&server, "Say yes").await, "Yes!");
    let answer = post(&server, "Say yes", json!({})).await;
    assert_eq!(answer.headers()["x-chatwire-rule"], "thinker");
    let completion: Value = answer.json().await.unwrap();
    let message = &completion["choices"][0]["message"];
    assert_eq!(
        (&message["content"], &message["reasoning_content"]),
        (&json!("Yes!"), &json!("Hm."))
    );
    assert_eq!(completion["usage"]["total_tokens"], 1);
    let server = MockServer::builder().answer("Fixed.").script(script).start().await.unwrap();
    for _ in 0..2 {
        assert_eq!(text(&server, "Say yes").await, "Fixed.");
    }
}

#[tokio::test]
async fn other_bodies() {
    let completion = json!({"id": "x", "object": "chat.completion", "created": 1, "model": "other", "vendor": 1,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "One two"}, "finish_reason": "stop"}]});
    let typed = serde_json::from_value(completion.clone()).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings/hi-stream.stream.sse");
    let server = start(
        Rule::new()
            .reply(Reply::new().completion(&typed))
            .reply(Reply::new().completion(&typed))
            .reply(
                Reply::new().json(json!([1, null])).status(202).header("content-type", "text/json"),
            )
            .reply(Reply::new().bytes("text/plain", "Héllo"))
            .reply(Reply::new().file(file)),
    )
    .await;
    assert_eq!(ask(&server, "Hi", json!({})).await, completion);
    let stream = post(&server, "Hi", json!({"stream": true})).await.text().await.unwrap();
    assert!(
        stream.contains(r#""content":"One""#) && stream.ends_with("data: [DONE]\n\n"),
        "{stream}"
    );
    let answer = post(&server, "Hi", json!({})).await;
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (202, &"text/json".parse().unwrap())
    );
    assert_eq!(answer.text().await.unwrap(), "[1,null]");
    let answer = post(&server, "Hi", json!({})).await;
    assert_eq!(answer.headers()["content-type"], "text/plain");
    assert_eq!(answer.text().await.unwrap(), "Héllo");
    let answer = post(&server, "Hi", json!({})).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
    assert_eq!(answer.bytes().await.unwrap(), std::fs::read(file).unwrap());
}

#[tokio::test]
async fn waits_and_faults() {
    let wait = Duration::from_millis(60);
    let server = start(
        Rule::new()
            .reply(Reply::new().text("a b c").delay(wait))
            .reply(Reply::new().text("a b c").chunk_delay(wait))
            .reply(Reply::new().text("a b c").fault(Fault::CutAfterChunks(2)))
            .reply(Reply::new().text("a b c").error_after(2, "It broke."))
            .reply(Reply::new().text("a b c").error_after(2, json!({"code": "broke"}))),
    )
    .await;
    let begin = Instant::now();
    post(&server, "Hi", json!({})).await.error_for_status().unwrap();
    assert!(begin.elapsed() >= wait);
    let begin = Instant::now();
    let stream = post(&server, "Hi", json!({"stream": true})).await.text().await.unwrap();
    assert!(begin.elapsed() >= wait * 5 && stream.ends_with("data: [DONE]\n\n"));
    let cut = post(&server, "Hi", json!({"stream": true})).await;
    assert_eq!(cut.status(), 200);
    assert!(cut.text().await.is_err());
    let broken = post(&server, "Hi", json!({"stream": true})).await.text().await.unwrap();
    let events: Vec<_> = broken.split("\n\n").collect();
    assert_eq!(events.len(), 4, "{events:?}");
    assert!(events[2].contains(r#""message":"It broke.""#));
    let broken = post(&server, "Hi", json!({})).await;
    assert_eq!(broken.status(), 500);
    assert_eq!(broken.json::<Value>().await.unwrap()["error"]["code"], "broke");
}

#[tokio::test]
async fn a_header_sets_the_content_type_of_a_body() {
    let events = "data: 1\n\ndata: 2\n\ndata: 3\n\n";
    let reply =
        Reply::new().bytes("text/plain", events).header("content-type", "text/event-stream");
    let server =
        start(Rule::new().reply(reply.clone()).reply(reply.error_after(1, "It broke."))).await;
    assert_eq!(post(&server, "Hi", json!({})).await.text().await.unwrap(), events);
    let broken = post(&server, "Hi", json!({})).await.text().await.unwrap();
    assert!(
        broken.starts_with("data: 1\n\ndata: {\"error\":") && !broken.contains("data: 2"),
        "{broken}"
    );
}

#[tokio::test]
async fn other_tools_are_named() {
    let server = start(Rule::new().tool("look_up").reply("A")).await;
    let error = ask(&server, "Hi", json!({"tools": tool("get_weather")})).await["error"].clone();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("the tools are 'get_weather', and not 'look_up'"), "{message}");
}

/// The faults of a script are those of the header, which `faults.rs` tests.
#[tokio::test]
async fn every_fault_can_be_in_a_script() {
    let outcome = async |fault: &str, patience: Duration| {
        let reply = Reply::new().text("é 😀").fault(fault.parse().unwrap());
        let server = start(Rule::new().reply(reply)).await;
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let client = client.timeout(patience).build().unwrap();
        let message = json!({"role": "user", "content": "Hi"});
        let body = json!({"model": "m", "messages": [message], "stream": true});
        let url = format!("{}/chat/completions", server.base_url());
        match client.post(url).json(&body).send().await {
            Err(error) if error.is_timeout() => "late".to_owned(),
            Err(error) => error.to_string(),
            Ok(answer) => {
                let status = answer.status().as_u16();
                let media = answer.headers().get("content-type").cloned();
                let is_stream =
                    media.is_some_and(|media| media.as_bytes().starts_with(b"text/event"));
                match answer.bytes().await {
                    Err(error) if error.is_timeout() => format!("{status} stalled"),
                    Err(_) => format!("{status} cut"),
                    Ok(body) => {
                        let body = String::from_utf8_lossy(&body);
                        let (has_done, has_error) =
                            (body.contains("[DONE]"), body.contains("\"error\""));
                        let is_odd = body.contains('\u{fffd}') || body.len() > 5000;
                        format!("{status} {is_stream} {has_done} {has_error} {is_odd}")
                    }
                }
            }
        }
    };
    let check = async |fault: &str, expected: &str| {
        let mut shown = outcome(fault, Duration::from_millis(300)).await;
        // A busy machine may be slower than this patience.
        if shown != expected {
            shown = outcome(fault, Duration::from_secs(3)).await;
        }
        assert_eq!(shown, expected, "{fault}");
    };
    check("cut-after-bytes=9", "200 cut").await;
    check("cut-after-chunks=1", "200 cut").await;
    check("stall-after-bytes=9", "200 stalled").await;
    check("stall-after-chunks=1", "200 stalled").await;
    check("error-after-chunks=1", "200 true false true false").await;
    check("slow-first-byte=5s", "late").await;
    check("byte-by-byte", "200 true true false false").await;
    check("split-utf8", "200 true true false false").await;
    check("garbage", "200 true true false true").await;
    check("wrong-content-type", "200 false true false false").await;
    check("missing-done", "200 true false false false").await;
    check("huge-event=6000", "200 true true false true").await;
    check("html-error=502", "502 false false false false").await;
    check("redirect=http://127.0.0.2:9/", "307 false false false false").await;
}

#[tokio::test]
async fn wrong_replies_are_refused_at_the_start() {
    let check = async |reply: Reply, expected: &str| {
        let rule = Rule::new().name("greet").reply("Hi").reply(reply);
        let error = MockServer::builder().script(rule).start().await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        assert_eq!(
            error.to_string(),
            format!("the script cannot be played: reply 2 of 'greet' is wrong: {expected}")
        );
    };
    check(
        Reply::new().text("Hi").error(500, "Broken."),
        "it has what the model says and an error, and an answer can have only one of them: keep one, or write \
         two replies",
    )
    .await;
    check(Reply::new().status(42), "42 is not the status of an answer: write one from 200 to 999")
        .await;
    check(
        Reply::new().header("a b", "c"),
        "'a b' is not the name of a header: write one such as 'retry-after'",
    )
    .await;
    check(
        Reply::new().header("content-length", "7"),
        "the header `content-length` belongs to the connection, which sets it: leave it out",
    )
    .await;
    check(
        Reply::new().error(400, 7),
        "the error is 7: write its message, or an object with the key `message`",
    )
    .await;
    check(
        Reply::new().file("/no/such/file"),
        "/no/such/file cannot be read: No such file or directory (os error 2)",
    )
    .await;
}

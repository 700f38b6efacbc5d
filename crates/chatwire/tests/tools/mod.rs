//! Chats with tools: what runs, what the model is told, and how a chat ends.

#![cfg(feature = "schemars")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod aimock;
mod llama_server;
mod script;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chatwire::prelude::*;
use chatwire::stream::ChatEvent;
use chatwire::tools::{Json, ToolEvent};
use chatwire::{
    CustomTool, CustomToolDefinition, FunctionDefinition, FunctionTool, ToolCall, ToolChoiceMode,
};
use chatwire_mock::MockServer;
use schemars::JsonSchema;
use script::{calls, custom_call, says, start};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{Barrier, Mutex};
use tokio::time::timeout;

/// The weather in a city.
#[derive(Deserialize, JsonSchema)]
struct GetWeather {
    city: String,
    #[serde(default)]
    unit: Unit,
}

#[derive(Default, Debug, Deserialize, JsonSchema)]
enum Unit {
    #[default]
    Celsius,
    Fahrenheit,
}

#[derive(Deserialize, JsonSchema)]
struct Empty {}

fn request(prompt: &str) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest::new("m", [Message::user(prompt)])
}

fn weather() -> Tools<'static> {
    Tools::new()
        .with("get_weather", async |args: GetWeather| format!("{}: 18 {:?}", args.city, args.unit))
}

#[tokio::test]
async fn two_rounds() {
    let (client, requests) = start(vec![
        calls(&[("a", "get_weather", r#"{"city":"Oslo","unit":null}"#)]),
        calls(&[("b", "get_weather", r#"{"city":"Rome","unit":"Fahrenheit"}"#)]),
        says("Warm."),
    ])
    .await;
    let conversation = client.chat_with_tools(request("?"), &weather()).await.unwrap();
    assert_eq!(conversation.text().as_deref(), Some("Warm."));
    assert_eq!((conversation.turns, conversation.usage.total_tokens), (3, Some(45)));
    assert_eq!(requests.results(2), ["Oslo: 18 Celsius", "Rome: 18 Fahrenheit"]);
    let tool = &requests.get(0)["tools"][0]["function"];
    assert_eq!(
        (&tool["description"], &tool["strict"]),
        (&json!("The weather in a city."), &json!(true))
    );
    let roles: Vec<_> = conversation.messages().iter().map(|message| message.role()).collect();
    let roles: Vec<_> = roles.iter().map(|role| role.as_ref().unwrap().as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "tool", "assistant", "tool", "assistant"]);

    // It can go on, and the tools are in the request once.
    let mut next = conversation.request;
    next.push(Message::user("And now?"));
    let conversation = client.chat_with_tools(next, &weather()).await.unwrap();
    assert_eq!(conversation.messages().len(), 8);
    assert_eq!(requests.get(3)["tools"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn calls_of_one_answer_run_at_the_same_time() {
    let cities = [("a", "meet", r#"{"city":"A"}"#), ("b", "meet", r#"{"city":"B"}"#)];
    let (client, requests) = start(vec![calls(&cities), says("Done.")]).await;
    let barrier = Barrier::new(2);
    let order = Mutex::new(Vec::new());
    let tools = Tools::new().with("meet", async |args: GetWeather| {
        barrier.wait().await;
        if args.city == "A" {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        order.lock().await.push(args.city.clone());
        Json(args.city)
    });
    let chat = client.chat_with_tools(request("?"), &tools);
    timeout(Duration::from_secs(10), chat).await.unwrap().unwrap();
    // The results keep the order of the calls.
    assert_eq!(requests.results(1), [r#""A""#, r#""B""#]);
    assert_eq!(*order.lock().await, ["B", "A"]);
}

#[tokio::test]
async fn the_model_is_told_what_went_wrong() {
    let (client, requests) = start(vec![
        calls(&[
            ("a", "fails", "{}"),
            ("b", "get_whether", "{}"),
            ("c", "get_weather", r#"{"town":"Oslo"}"#),
            ("d", "get_weather", r#"{"city":"#),
            ("e", "get_weather", r#"{"city":["Oslo"]}"#),
        ]),
        says("Sorry."),
    ])
    .await;
    let tools = weather().with("fails", async |_: Empty| Err::<String, _>("no network"));
    let conversation = client.chat_with_tools(request("?"), &tools).await.unwrap();
    assert_eq!(conversation.turns, 2);
    let again = "Call `get_weather` again with all arguments, as its schema describes them.";
    assert_eq!(
        requests.results(1),
        [
            "The tool failed: no network".to_owned(),
            "There is no tool `get_whether`. The tools are `get_weather`, `fails`.".to_owned(),
            format!(
                "The arguments of `get_weather` are wrong at `.`: missing field `city` at line 1 column \
                 15. {again}"
            ),
            "The arguments of `get_weather` are not JSON: EOF while parsing a value at line 1 column 8. \
             Call `get_weather` again with one JSON object."
                .to_owned(),
            format!(
                "The arguments of `get_weather` are wrong at `city`: invalid type: sequence, expected a \
                 string at line 1 column 8. {again}"
            ),
        ]
    );
}

#[tokio::test]
async fn the_turns_are_bounded() {
    let call = calls(&[("a", "get_weather", r#"{"city":"Oslo"}"#)]);
    let (client, requests) = start(vec![call]).await;
    let error = client.chat_with_tools(request("?"), &weather()).await.unwrap_err();
    assert!(matches!(error, ToolsError::TooManyTurns { .. }), "{error}");
    assert_eq!(requests.count(), 10);
    let error = client.chat_with_tools(request("?"), &weather().max_turns(2)).await.unwrap_err();
    assert!(error.to_string().contains("after 2 turns; raise `max_turns`"), "{error}");
    assert_eq!((requests.count(), error.conversation().unwrap().messages().len()), (12, 5));
}

#[tokio::test]
async fn custom_tools() {
    let tool = || CustomTool::new(CustomToolDefinition::new("run_code"));
    let (client, requests) = start(vec![custom_call("run_code", "1 + 1"), says("2.")]).await;
    let tools = Tools::new().with_custom(tool(), async |code: String| format!("{code} = 2"));
    let conversation = client.chat_with_tools(request("?"), &tools).await.unwrap();
    assert_eq!(requests.results(1), ["1 + 1 = 2"]);
    assert!(conversation.pending.is_empty());

    // A tool that only the request has is answered by the caller.
    let (client, requests) = start(vec![custom_call("run_code", "1 + 1"), says("2.")]).await;
    let own = request("?").tools([tool()]);
    let mut conversation = client.chat_with_tools(own, &weather()).await.unwrap();
    let pending = conversation.pending.remove(0);
    assert!(matches!(pending, ToolCall::Custom(_)));
    conversation.request.push(Message::tool(pending.id().unwrap(), "two"));
    let conversation = client.chat_with_tools(conversation.request, &weather()).await.unwrap();
    assert_eq!(conversation.text().as_deref(), Some("2."));
    assert_eq!(requests.results(1), ["two"]);
}

#[tokio::test]
async fn calls_that_are_cut_off_do_not_run() {
    let mut answer = calls(&[("a", "never", "{}")]);
    answer["choices"][0]["finish_reason"] = json!("length");
    let (client, _) = start(vec![answer]).await;
    let tools =
        Tools::new().with("never", async |_: Empty| -> String { panic!("it must not run") });
    let error = client.chat_with_tools(request("?"), &tools).await.unwrap_err();
    assert!(matches!(error, ToolsError::Cut { .. }), "{error}");
    let ToolsError::Cut { conversation, .. } = error else { return };
    assert_eq!((conversation.messages().len(), conversation.completion.tool_calls().len()), (1, 1));
}

#[tokio::test]
async fn a_forced_call_is_forced_once() {
    let call = calls(&[("", "get_weather", r#"{"city":"Oslo"}"#)]);
    let (client, requests) = start(vec![call, says("Cold.")]).await;
    let forced = request("?").tool_choice(ToolChoiceMode::Required);
    let conversation = client.chat_with_tools(forced, &weather()).await.unwrap();
    assert_eq!(requests.get(0)["tool_choice"], "required");
    assert_eq!(requests.get(1).get("tool_choice"), None);
    assert!(conversation.request.tool_choice.is_some());
    // A call without an id got one.
    let messages = &requests.get(1)["messages"];
    assert_eq!(messages[1]["tool_calls"][0]["id"], "call_1_0");
    assert_eq!(messages[2]["tool_call_id"], "call_1_0");
}

#[tokio::test]
async fn nothing_is_sent_without_a_schema() {
    let (client, requests) = start(vec![says("")]).await;
    let tools = weather().with("map", async |_: HashMap<String, u8>| ());
    let error = client.chat_with_tools(request("?"), &tools).await.unwrap_err();
    assert!(matches!(error, ToolsError::Schema(_)) && requests.count() == 0);
}

#[tokio::test]
async fn a_stream_tells_what_happens() {
    let server = MockServer::start().await.unwrap();
    let client = Client::builder().base_url(server.base_url()).build().unwrap();
    let tools = weather().with("get_time", async |_: Empty| "noon");
    let mut stream = client.stream_with_tools(request("Use the tools"), &tools);
    let (mut opened, mut results, mut text) = (Vec::new(), Vec::new(), String::new());
    while let Some(event) = stream.next().await {
        match event.unwrap() {
            ToolEvent::Chat { turn: 0, event: ChatEvent::ToolCallOpened { name, .. } } => {
                opened.extend(name);
            }
            ToolEvent::Chat { turn: 1, event: ChatEvent::ContentDelta { delta, .. } } => {
                text += &delta;
            }
            ToolEvent::Result(result) => results.push(result.content.text().unwrap().into_owned()),
            _ => {}
        }
    }
    assert_eq!(opened, ["get_weather", "get_time"]);
    assert_eq!(results, ["Paris: 18 Celsius", "noon"]);
    assert_eq!(text, "The tool says: noon");
    let streamed = stream.finish().await.unwrap();
    let whole = client.chat_with_tools(request("Use the tools"), &tools).await.unwrap();
    assert_eq!(streamed.turns, whole.turns);
    assert_eq!(streamed.messages().len(), whole.messages().len());
    assert_eq!(streamed.text(), whole.text());

    let refused = request("hi").temperature(9.0);
    let mut stream = client.stream_with_tools(refused, &tools);
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, ToolsError::Request { .. }), "{error}");
    assert!(stream.next().await.is_none());
    assert!(stream.finish().await.is_err());
}

/// Each call runs a copy of what the closure owns.
#[tokio::test]
async fn closures_own_what_they_use() {
    let call = ("a", "get_weather", r#"{"city":"Oslo"}"#);
    let (client, requests) = start(vec![calls(&[call, ("b", call.1, call.2)]), says("!")]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (own, prefix) = (seen.clone(), "in ".to_owned());
    let tools = Tools::new().with("get_weather", async move |args: GetWeather| {
        tokio::task::yield_now().await;
        own.lock().await.push(args.city.clone());
        format!("{prefix}{}", args.city)
    });
    let chat = tokio::spawn(async move { client.chat_with_tools(request("?"), &tools).await });
    assert!(chat.await.unwrap().is_ok());
    assert_eq!(requests.results(1), ["in Oslo", "in Oslo"]);
    assert_eq!(*seen.lock().await, ["Oslo", "Oslo"]);
}

#[test]
fn requests_take_what_becomes_a_tool() {
    let function = || FunctionTool::new(FunctionDefinition::new("find"));
    let custom = CustomTool::new(CustomToolDefinition::new("run_code"));
    let names = |request: CreateChatCompletionRequest| {
        let tools = request.tools.unwrap_or_default();
        let name = |tool: &Tool| serde_json::to_value(tool).unwrap().to_string();
        tools.iter().map(name).collect::<String>()
    };
    let request = || request("?");
    assert!(names(request().tools([function()])).contains("find"));
    assert!(names(request().tools(vec![Tool::from(function())])).contains("find"));
    assert!(names(request().tools([Tool::from(function()), custom.into()])).contains("run_code"));
    assert!(names(request().tools(&weather())).contains("get_weather"));
}

/// The chat can run as a task of its own.
#[tokio::test]
async fn the_future_is_send() {
    let (client, _) = start(vec![says("Hi.")]).await;
    let task = tokio::spawn(async move {
        let tools = weather();
        let conversation = client.chat_with_tools(request("?"), &tools).await;
        client.stream_with_tools(request("?"), &tools).finish().await.unwrap();
        conversation
    });
    assert!(task.await.unwrap().is_ok());
}

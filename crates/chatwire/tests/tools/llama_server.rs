//! The tool loop against a llama-server with the model of `tests/peers/servers`: a question with `both` gets a call for
//! Paris and one for Oslo, any other question a call for Paris, and results of tools get the final answer.
//! `tests/peers/run.py llama-server` starts it, and sets `CHATWIRE_LLAMA_SERVER` to its base URL and `OPENAI_API_KEY`.

use std::io::{self, Write as _};

use chatwire::prelude::*;
use schemars::JsonSchema;
use serde::Deserialize;

const ANSWER: &str = "The sun shines on Paris";

/// The weather in a city. The model fills in no other argument.
#[derive(Deserialize, JsonSchema)]
struct City {
    city: String,
}

async fn weather(args: City) -> Result<String, String> {
    match args.city.as_str() {
        "Paris" => Ok("Paris: 21 °C".to_owned()),
        city => Err(format!("the station of {city} does not answer")),
    }
}

/// The roles of a conversation, one letter each: user, assistant, tool.
fn roles(messages: &[Message]) -> String {
    let letter = |message: &Message| match message {
        Message::User(_) => 'u',
        Message::Assistant(_) => 'a',
        Message::Tool(_) => 't',
        _ => '?',
    };
    messages.iter().map(letter).collect()
}

#[tokio::test]
async fn two_rounds_with_parallel_calls_and_a_failing_tool() {
    let Some(base_url) = std::env::var_os("CHATWIRE_LLAMA_SERVER") else {
        // Not with `eprintln`, because a test runner captures that.
        writeln!(io::stderr(), "skipped: CHATWIRE_LLAMA_SERVER is not set").unwrap();
        return;
    };
    let key = std::env::var("OPENAI_API_KEY").unwrap_or_else(|_| "sk-test".to_owned());
    let client =
        Client::builder().base_url(base_url.to_string_lossy()).api_key(key).build().unwrap();
    let tools = Tools::new().with("get_weather", weather);
    let request = CreateChatCompletionRequest::new(
        "scripted",
        [Message::user("The weather in both cities?")],
    );

    let first = client.chat_with_tools(request.clone(), &tools).await.unwrap();
    assert_eq!(first.text().as_deref().map(str::trim), Some(ANSWER));
    assert_eq!(roles(first.messages()), "uatta");
    let failed = serde_json::to_string(&first.messages()[3]).unwrap();
    assert!(failed.contains("the station of Oslo does not answer"), "{failed}");

    let streamed = client.stream_with_tools(request.clone(), &tools).finish().await.unwrap();
    assert_eq!(streamed.text().as_deref().map(str::trim), Some(ANSWER));
    assert_eq!(roles(streamed.messages()), "uatta");

    // The conversation goes on.
    let mut next = CreateChatCompletionRequest::new("scripted", first.messages().to_vec());
    next.push(Message::user("And in Paris alone?"));
    let second = client.chat_with_tools(next, &tools).await.unwrap();
    assert_eq!(second.text().as_deref().map(str::trim), Some(ANSWER));
    assert_eq!(roles(second.messages()), "uattauata");
}
